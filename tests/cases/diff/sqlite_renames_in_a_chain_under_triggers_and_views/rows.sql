INSERT INTO a VALUES (1, 'x', 'y'), (2, 'xx', NULL);
INSERT INTO b VALUES (5, 1), (6, NULL);
