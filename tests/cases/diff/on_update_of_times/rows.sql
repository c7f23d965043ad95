INSERT INTO kept (id, a, at) VALUES (1, 'x', '2001-01-01 00:00:00');
INSERT INTO changed (id, a, added) VALUES (1, 'x', '2001-01-01 00:00:00');
INSERT INTO named (id, a) VALUES (1, 'x');
