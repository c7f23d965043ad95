INSERT INTO plain (note, tags) VALUES ('a', 'k => v'), ('b', NULL);
