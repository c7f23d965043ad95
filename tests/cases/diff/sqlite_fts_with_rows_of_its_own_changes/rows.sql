INSERT INTO notes (rowid, title, text, old) VALUES (4, 'a', 'walking home', 'x'), (7, 'b', NULL, 'y');
INSERT INTO notes (notes, rank) VALUES ('rank', 'bm25(2.0, 1.0, 1.0)');
