INSERT INTO "a.b" (id, c) VALUES (1, '2001-01-01');
INSERT INTO a (id, "b.c", c) VALUES (1, '2001-01-01', 'x');
INSERT INTO "say ""hi""" (id, "it's ""at""") VALUES (1, '2001-01-01');
INSERT INTO "order" (id, "select") VALUES (1, '2001-01-01');
INSERT INTO "Größe" (id, "Länge") VALUES (1, '2001-01-01');
