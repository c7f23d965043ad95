INSERT INTO users (id, age) VALUES (1, 18); INSERT INTO posts (id, author_id, title) VALUES (1, 1, 'Hello');
