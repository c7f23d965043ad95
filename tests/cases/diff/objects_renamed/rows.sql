INSERT INTO item (id, name, note) VALUES (1, 'a', 'one word'), (2, 'B', NULL);
