INSERT INTO people (id, mood) VALUES (1, 'sad'), (2, 'happy'), (3, 'happy');
