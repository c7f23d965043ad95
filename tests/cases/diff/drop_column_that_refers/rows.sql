INSERT INTO owners VALUES (1), (2); INSERT INTO items VALUES (1, 1, 'a'), (2, 2, 'b');
