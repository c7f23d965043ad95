INSERT INTO logged DEFAULT VALUES; INSERT INTO unlogged DEFAULT VALUES; INSERT INTO changing DEFAULT VALUES;
SELECT nextval('becomes_unlogged'), nextval('becomes_logged'), nextval('becomes_logged');
