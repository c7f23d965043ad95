INSERT INTO feature VALUES (1, 'a'), (2, 'a'), (3, 'a'); INSERT INTO heir VALUES (1, 'c', 1);
