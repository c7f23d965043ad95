INSERT INTO books (id, title, size) VALUES (1, 'one', 2), (2, 'two', 3);
