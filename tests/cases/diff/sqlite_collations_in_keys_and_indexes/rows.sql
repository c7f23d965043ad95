INSERT INTO p VALUES ('A', 'x'), ('b', 'X');
