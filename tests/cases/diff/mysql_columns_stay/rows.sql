INSERT INTO child VALUES (1, 'x');
INSERT INTO odd (short, packed, label) VALUES (1, 'aaa', 'A'), (0, NULL, 'a');
