INSERT INTO first VALUES (1, 'was a', 'was b', 'sad');
INSERT INTO second VALUES (7, 'high');
