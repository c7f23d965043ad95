INSERT INTO items VALUES ('a', 'x'), ('b', 'y');
