INSERT INTO item (id, email, work, "both", during) VALUES (1, 'a@b', 'c@d', ROW('e@f', 1), '[1,3)'), (2, NULL, 'c@d', NULL, NULL);
