INSERT INTO users (id, email) VALUES (1, 'a'); INSERT INTO posts (id, author_id, title) VALUES (1, 1, 'x');
