SELECT sum FROM items;
