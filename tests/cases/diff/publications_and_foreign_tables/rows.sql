INSERT INTO item (id, name, price, "Odd n") VALUES (1, 'a', 10, 'x'), (2, 'b', NULL, NULL);
