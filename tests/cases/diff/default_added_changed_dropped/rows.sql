INSERT INTO items VALUES (1, 'one', 1, 2, 'c');
