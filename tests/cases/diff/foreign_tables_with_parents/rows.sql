INSERT INTO part_a VALUES (1, 'a'); INSERT INTO base VALUES (1, 'a');
