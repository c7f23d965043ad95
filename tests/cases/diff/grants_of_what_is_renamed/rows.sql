INSERT INTO item (id, n) VALUES (1, 1), (2, 2);
