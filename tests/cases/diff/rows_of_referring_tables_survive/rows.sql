INSERT INTO parents VALUES (1, 'a'), (2, 'b'); INSERT INTO children VALUES (1, 1), (2, 2), (3, 1); INSERT INTO grandchildren VALUES (1, 1), (2, 3);
