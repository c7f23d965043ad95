INSERT INTO place VALUES (1, 'a'), (2, 'b');
INSERT INTO place_box VALUES (1, 0.1, 2.5, -3, 4), (2, 10, 20, 30.125, 40);
