INSERT INTO items VALUES (1, 5, 'one'), (2, 6, NULL);
