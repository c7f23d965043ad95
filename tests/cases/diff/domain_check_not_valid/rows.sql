INSERT INTO item (id, other) VALUES (1, 2), (5, 4);
