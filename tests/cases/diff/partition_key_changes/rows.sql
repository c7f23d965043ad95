INSERT INTO users VALUES (1, 5), (2, 5);
INSERT INTO events (user_id, day, kind) VALUES (1, '2025-03-01', 'a'), (1, '2026-03-01', 'b'), (2, '2024-03-01', 'c'), (NULL, '2025-03-01', 'd');
INSERT INTO notes VALUES (1, 2, '2026-03-01');
INSERT INTO logs VALUES ('x', 1), ('y', 50), ('z', 9), ('z', 11);
INSERT INTO parts SELECT i, 'v' || i FROM generate_series(1, 20) i;
INSERT INTO old_2025 VALUES ('2025-05-05', 1);
INSERT INTO tree VALUES ('2026-05-05', 2), ('2025-05-06', 3);
