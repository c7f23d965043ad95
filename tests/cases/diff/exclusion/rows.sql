INSERT INTO items VALUES (1, '[1,3)', 1), (2, '[3,5)', 2);
