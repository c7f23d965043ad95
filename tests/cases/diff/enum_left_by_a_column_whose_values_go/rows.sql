INSERT INTO tickets (state, label) VALUES ('new', 'closed'), ('open', NULL), ('open', 'new');
