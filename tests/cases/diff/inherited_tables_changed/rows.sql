INSERT INTO base VALUES (1, 2, 'x'); INSERT INTO kid VALUES (2, 3, 'y', 4, 'z'); INSERT INTO "both" VALUES (3, 4, 'w', 'o');
