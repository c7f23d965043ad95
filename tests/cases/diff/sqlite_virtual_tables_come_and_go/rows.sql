INSERT INTO docs VALUES (1, 'First', 'red apples'), (2, 'Second', 'green pears'), (9, 'it''s', NULL);
