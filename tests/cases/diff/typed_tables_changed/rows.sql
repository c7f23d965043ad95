INSERT INTO item VALUES (1, 'a'), (2, NULL);
INSERT INTO again VALUES (1, 'a');
