INSERT INTO log (id, day, updated_at) VALUES (1, '2001-05-05', '2001-01-01'), (2, '2002-05-05', NULL);
INSERT INTO log_3 (id, day, updated_at) VALUES (3, '2003-05-05', '2003-01-01');
