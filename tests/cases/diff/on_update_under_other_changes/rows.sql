INSERT INTO author (id) VALUES (7);
INSERT INTO post (id, title, updated_at, day, old, author_id) VALUES (1, 'a', '2001-01-01 00:00:00', 'x', 1, 7), (2, 'b', '2002-02-02 00:00:00', NULL, NULL, NULL);
