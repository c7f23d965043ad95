INSERT INTO logs_b VALUES ('b', 1), ('b', 2);
