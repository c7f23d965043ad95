SELECT id, title FROM items ORDER BY id;
