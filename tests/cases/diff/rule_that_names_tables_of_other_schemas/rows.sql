INSERT INTO shop.journal VALUES (1, 'a');
INSERT INTO shop.move VALUES (1, 1, 'a');
