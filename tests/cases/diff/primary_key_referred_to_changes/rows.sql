INSERT INTO owners VALUES (1, 10), (2, 20); INSERT INTO items VALUES (1, 1), (2, 2);
