INSERT INTO log (body) VALUES ('b');
