INSERT INTO item VALUES (1, 'a', 10), (2, 'b', NULL);
