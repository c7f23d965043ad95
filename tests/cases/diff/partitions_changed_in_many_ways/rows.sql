INSERT INTO a (n, m, v) VALUES (1, 'glad', 'A'); INSERT INTO b VALUES (1, 'glad'); INSERT INTO b_kid VALUES (2, 'glad', 'glad');
