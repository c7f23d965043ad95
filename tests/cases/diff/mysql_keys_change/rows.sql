INSERT INTO links VALUES ('x', 'y', 1), ('z', 'w', 2);
INSERT INTO numbered (kind, parent) VALUES ('a', NULL), ('b', 1);
INSERT INTO numberless VALUES ('a'), ('b');
INSERT INTO plain VALUES (4), (9);
INSERT INTO quick VALUES (1, 2, 3);
