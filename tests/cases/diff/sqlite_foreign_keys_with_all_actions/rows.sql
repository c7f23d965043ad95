INSERT INTO parent VALUES (1, 'x');
INSERT INTO child VALUES (1, 1, 'x', NULL), (2, NULL, NULL, 1), (3, 1, 'x', 2);
