INSERT INTO users (email, login) VALUES ('a', 'b'), ('c', NULL);
