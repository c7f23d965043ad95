INSERT INTO items VALUES (1, 'ex', 'why');
