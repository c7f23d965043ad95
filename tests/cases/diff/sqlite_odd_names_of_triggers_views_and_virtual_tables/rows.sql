INSERT INTO "Order" VALUES (1, 'x', 'zwölf'), (2, 'y', NULL);
