INSERT INTO user VALUES (1, 'a');
INSERT INTO message (user_id, text) VALUES (1, 'hello there'), (1, 'bye');
