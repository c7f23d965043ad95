SELECT x, y FROM items;
