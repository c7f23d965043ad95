INSERT INTO docs VALUES (1, 'First', 'red apples'), (2, 'Second', 'green pears');
INSERT INTO s(s) VALUES ('rebuild');
