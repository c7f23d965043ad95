INSERT INTO items (id, name, note, seen, size) VALUES (1, 'one', 'a b', '2026-01-01 00:00:00', 's'), (7, 'it''s', NULL, '2026-01-02 00:00:00', 'm');
