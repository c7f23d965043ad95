SELECT name FROM items;
