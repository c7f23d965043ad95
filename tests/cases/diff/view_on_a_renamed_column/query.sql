SELECT id, name FROM named ORDER BY id;
