INSERT INTO t (title) VALUES ('a');
INSERT INTO f VALUES ('kept');
