INSERT INTO logs VALUES ('x', 1, 2, 3), ('y', 1, 2, 3), ('z', 1, 2, 3), ('z', 11, 2, 3);
INSERT INTO heir VALUES (1, 2, 3);
