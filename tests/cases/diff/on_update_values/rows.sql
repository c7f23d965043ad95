INSERT INTO t (id, n, s, m) VALUES (1, 1, 'a', 'sad');
