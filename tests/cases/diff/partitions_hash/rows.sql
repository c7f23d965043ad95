INSERT INTO keys SELECT n, 'v' || n FROM generate_series(1, 10) n;
