INSERT INTO item VALUES (1, 'a'), (2, NULL);
INSERT INTO freed VALUES (1, 'a');
