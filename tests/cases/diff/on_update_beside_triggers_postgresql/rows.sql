INSERT INTO t (id, at, n) VALUES (1, '2001-01-01', 5);
