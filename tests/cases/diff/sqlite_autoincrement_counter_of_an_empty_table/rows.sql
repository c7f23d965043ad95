INSERT INTO items VALUES (9, 'b'); DELETE FROM items;
