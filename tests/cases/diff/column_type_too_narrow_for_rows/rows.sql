INSERT INTO items VALUES (1, 'longer than three');
