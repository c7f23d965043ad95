INSERT INTO item (id, name, mood) VALUES (1, 'a', 'sad'), (2, 'b', 'happy');
