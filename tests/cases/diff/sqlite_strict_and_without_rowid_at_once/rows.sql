INSERT INTO kv VALUES ('a', 1, x'00ff'), ('a', 2, NULL);
