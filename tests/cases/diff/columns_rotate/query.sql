SELECT a, b, c FROM items;
