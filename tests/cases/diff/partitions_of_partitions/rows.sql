INSERT INTO logs VALUES ('2026-03-01', 1, 'a'), ('2026-04-01', 9, 'b');
