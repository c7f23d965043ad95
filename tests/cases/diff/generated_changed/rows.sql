INSERT INTO items (id, a, b) VALUES (1, 2, 3);
