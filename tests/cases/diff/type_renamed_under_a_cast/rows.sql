INSERT INTO shop.people VALUES (1, ROW('a', 'b'));
