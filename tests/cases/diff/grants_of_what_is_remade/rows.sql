INSERT INTO item (id, name, mood) VALUES (1, 'a', 'ok'), (2, 'b', NULL);
