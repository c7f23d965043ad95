-- revision: 1f3a9c2b7d4e
-- down_revision: [a1b2, c3d4]
-- message: add users
-- transaction: false
-- upgrade
CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; /* a /* nested */ one */
DO $body$ BEGIN RAISE NOTICE 'x;y'; END $body$; SELECT E'\'', U&"d\0061t", "q""q";
COPY t FROM STDIN;
\d
COMMIT;
-- downgrade
DROP TABLE users;
