INSERT INTO post (id, title, changed, version) VALUES (1, 'a', '2001-01-01', 5), (2, NULL, NULL, NULL);
INSERT INTO tag (id, name, updated_at) VALUES (1, 'tag', '2004-01-01');
INSERT INTO topic (id, name, updated_at) VALUES (1, 'topic', '2004-01-01');
