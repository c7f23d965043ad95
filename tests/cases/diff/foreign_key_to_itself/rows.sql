INSERT INTO items VALUES (1, 'root', NULL), (2, 'child', 1), (3, 'grandchild', 2);
