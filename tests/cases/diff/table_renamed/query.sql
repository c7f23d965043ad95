SELECT id, name FROM things ORDER BY id;
