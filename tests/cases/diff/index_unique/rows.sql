INSERT INTO items VALUES (1, 1, 'x', 'X'), (2, NULL, NULL, 'Y'), (3, 3, 'z', NULL);
