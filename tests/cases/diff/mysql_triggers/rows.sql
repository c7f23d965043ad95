INSERT INTO item (id, name, price) VALUES (1, 'a', 10), (2, 'b', NULL);
INSERT INTO doomed (id) VALUES (-3);
