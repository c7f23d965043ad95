INSERT INTO items VALUES (1, 'a'), (50, 'b'); DELETE FROM items WHERE id = 50;
