INSERT INTO t (id) VALUES (1);
INSERT INTO t VALUES (2, '{ok}', '{{sad}}', NULL);
