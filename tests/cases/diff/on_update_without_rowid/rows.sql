INSERT INTO a (x, y, n, at) VALUES (1, 'a', 2, 'then'), (2, 'b', NULL, NULL);
INSERT INTO becomes_plain (x, n, at) VALUES (1, 2, 'then');
INSERT INTO key_changes (x, y, n, at) VALUES (1, 2, 3, 'then');
INSERT INTO named (rowid, n, at) VALUES ('r', 1, 'then');
INSERT INTO strict (id, n, at) VALUES (1, 2, 'then');
