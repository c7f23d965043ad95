SELECT id, b, `select` FROM things ORDER BY id;
