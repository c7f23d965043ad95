INSERT INTO node (kind) VALUES ('x'); INSERT INTO plain (kind) VALUES ('plain');
