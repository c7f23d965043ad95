INSERT INTO item VALUES (1, 5, ROW('1', 'b', 'c'));
