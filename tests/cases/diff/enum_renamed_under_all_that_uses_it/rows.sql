INSERT INTO t (id, st) VALUES (1, 'a');
