INSERT INTO shop.move (id, state, note) VALUES (1, 'paid', 'x'), (2, 'draft', NULL);
