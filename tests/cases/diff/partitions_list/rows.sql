INSERT INTO orders VALUES (1, 'fi'), (2, 'it'), (3, 'se');
