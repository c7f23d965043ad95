INSERT INTO owners VALUES (1, 'a'); INSERT INTO items VALUES (1, 'x', 1), (2, 'y', NULL);
