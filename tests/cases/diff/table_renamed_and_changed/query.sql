SELECT id, name, size FROM things ORDER BY id;
