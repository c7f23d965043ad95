INSERT INTO g (id, a) VALUES (1, 5), (4, 8);
