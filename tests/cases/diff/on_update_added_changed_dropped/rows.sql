INSERT INTO changed (id, name, added, changed, dropped, gone) VALUES (1, 'a', '2001-01-01', 5, '2002-01-01', '2003-01-01'), (2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO gone (id, at) VALUES (1, '2004-01-01');
INSERT INTO kept (id, at) VALUES (1, '2005-01-01');
