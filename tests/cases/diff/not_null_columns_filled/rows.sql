INSERT INTO items VALUES (1, 'one', 'x', 3), (2, NULL, 'second', NULL), (7, 'it''s', NULL, 4), (8, NULL, NULL, NULL);
