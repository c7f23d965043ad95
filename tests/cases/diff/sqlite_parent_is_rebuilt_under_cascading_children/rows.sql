INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (1, 1), (2, 2);
INSERT INTO node VALUES (1, NULL, 'r'), (2, 1, 's'), (3, 3, 't');
