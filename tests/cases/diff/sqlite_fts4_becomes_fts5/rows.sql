INSERT INTO mail (docid, subject, body) VALUES (3, 's', 'dear sir');
