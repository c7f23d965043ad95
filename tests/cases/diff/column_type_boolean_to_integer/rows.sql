INSERT INTO items VALUES (1, true), (2, NULL), (3, false);
