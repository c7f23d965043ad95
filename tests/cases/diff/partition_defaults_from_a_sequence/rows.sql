INSERT INTO node (kind) VALUES ('other'); INSERT INTO plain (kind) VALUES ('plain'); INSERT INTO bare VALUES (5, 'bare');
