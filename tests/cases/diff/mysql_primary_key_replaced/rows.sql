INSERT INTO friends VALUES (1, 2), (2, 1);
