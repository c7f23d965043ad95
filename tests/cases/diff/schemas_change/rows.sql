INSERT INTO audit.log (body) VALUES ('a'); INSERT INTO log (body) VALUES ('b');
