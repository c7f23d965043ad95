INSERT INTO logs VALUES ('x', 1, 2, 3, 4), ('y', 1, 2, 3, NULL), ('z', 1, 2, 3, 4), ('z', 11, 2, 3, NULL);
INSERT INTO heir VALUES (1, 2, 3);
