INSERT INTO items VALUES (1, 'one', 5, 12.25), (2, NULL, NULL, NULL);
