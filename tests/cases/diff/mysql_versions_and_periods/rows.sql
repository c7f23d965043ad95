INSERT INTO becomes_versioned (n) VALUES (1), (2);
INSERT INTO changes (n, seen) VALUES (1, '2020-01-01'), (2, NULL);
INSERT INTO explicit (id, code) VALUES (1, 'a'), (2, 'b');
INSERT INTO history VALUES (1), (2);
INSERT INTO bookings VALUES (1, '2020-01-01', '2020-01-05'), (1, '2020-01-05', '2020-01-06');
INSERT INTO leases VALUES (1, '2020-01-01', '2020-01-05');
