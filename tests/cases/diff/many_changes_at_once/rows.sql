INSERT INTO users VALUES (1, 'a', 20, 'n'), (2, 'b', NULL, NULL); INSERT INTO posts (id, author_id, title) VALUES (1, 1, 'one'), (2, 2, 'two'); INSERT INTO old VALUES (1, 1);
