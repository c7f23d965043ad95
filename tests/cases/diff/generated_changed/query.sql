SELECT c FROM items;
