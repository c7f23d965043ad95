INSERT INTO items VALUES (1, 'one', 5), (2, NULL, 6);
