SELECT b.x, a.y FROM a, b;
