INSERT INTO owners VALUES (1, 'a'), (2, 'b'); INSERT INTO items VALUES (1, 1), (2, 2), (3, NULL);
