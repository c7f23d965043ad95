INSERT INTO logs VALUES (1, 'a', 1, 'x'), (2, 'b', 2, 'y');
