INSERT INTO item (id, f) VALUES (1, 'a'), (2, 'b');
