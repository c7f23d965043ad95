INSERT INTO pairs VALUES (1, 2, NULL), (1, 3, 'n'); INSERT INTO loose VALUES (4), (NULL);
