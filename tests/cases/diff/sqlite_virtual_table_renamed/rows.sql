INSERT INTO item (id, body) VALUES (1, 'one'), (2, 'two');
INSERT INTO words VALUES ('a'), ('b');
