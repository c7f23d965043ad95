INSERT INTO rooms VALUES (1, 2, 'open', 3), (2, 3, 'closed', 4);
