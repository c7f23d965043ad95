INSERT INTO items (id, name, day) VALUES (1, 'one', '2026-01-01'), (2, 'two', '2026-01-01'), (3, 'it''s', '2026-01-02');
