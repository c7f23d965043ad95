INSERT INTO parent (id, at) VALUES (1, '2001-01-01');
INSERT INTO child (id, at, x) VALUES (2, '2002-01-01', 2);
INSERT INTO plain (id, at, x) VALUES (3, '2003-01-01', 3);
