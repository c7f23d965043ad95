INSERT INTO owners VALUES (1, 'o'); INSERT INTO items (id, owner_id, name) VALUES (1, 1, 'x'), (2, 1, 'yy');
