SELECT id, name, `Size`, label, length FROM items ORDER BY id;
