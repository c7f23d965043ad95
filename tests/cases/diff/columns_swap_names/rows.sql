INSERT INTO items VALUES (1, 'ex', 17);
