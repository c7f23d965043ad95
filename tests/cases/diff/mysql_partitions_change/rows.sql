INSERT INTO events (id, day, n) VALUES (1, '2023-05-05', 1), (2, '2024-05-05', 2), (3, '2025-05-05', 3), (4, '2030-01-01', 4);
INSERT INTO rolling VALUES (12, 'a'), (15, 'b');
INSERT INTO regions VALUES (3, 'x'), (1, NULL), (2, 'it''s \\ a');
INSERT INTO spread VALUES (1), (2), (3);
INSERT INTO hashed VALUES (1, 2), (3, 4), (NULL, 5);
INSERT INTO plain (Created) VALUES ('2020-01-01'), (NULL);
INSERT INTO lists VALUES (3), (1), (NULL), (17);
