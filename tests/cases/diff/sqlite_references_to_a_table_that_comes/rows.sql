PRAGMA foreign_keys = off;
INSERT INTO orders VALUES (1, NULL);
