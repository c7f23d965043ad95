INSERT INTO item (id, name, price, c) VALUES (1, 'a', 10, 'y');
