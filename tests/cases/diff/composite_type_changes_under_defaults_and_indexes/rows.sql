INSERT INTO sensor (id) VALUES (1), (2);
