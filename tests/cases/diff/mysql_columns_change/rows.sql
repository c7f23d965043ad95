INSERT INTO goods (a, b, z) VALUES (1, 10, 'q'), (2, 21, NULL);
