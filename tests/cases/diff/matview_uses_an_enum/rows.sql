INSERT INTO people VALUES (1, 'ok'), (2, 'ok'), (3, 'happy');
