INSERT INTO t (id, at) VALUES (1, '2001-01-01');
INSERT INTO app.t (id, at) VALUES (2, '2002-01-01');
INSERT INTO "Other".t (id, at) VALUES (3, '2003-01-01');
