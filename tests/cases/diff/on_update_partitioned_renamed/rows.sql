INSERT INTO log (id, at) VALUES (1, '2001-05-05'), (2, NULL);
