-- revision: '11'
-- down_revision: '09'
-- message: SQL in a transaction
-- depends_on: '10'
-- upgrade
CREATE TABLE new (id bigint PRIMARY KEY, parent bigint REFERENCES new (id), extra int); -- safe: foreign-key-without-index
CREATE TABLE newer (id bigint PRIMARY KEY, parent bigint REFERENCES new (id)); -- expect: foreign-key-without-index
CREATE INDEX ix_new_parent_id ON public.new (parent, id); -- safe: create-index-blocking
INSERT INTO new SELECT id FROM users; -- safe: backfill-in-transaction
CREATE INDEX ON users (age); -- expect: create-index-blocking
CREATE INDEX CONCURRENTLY i2 ON users (age); -- expect: concurrently-in-transaction
ALTER TABLE users ADD COLUMN e1 int NOT NULL DEFAULT 3, ADD COLUMN e2 int CHECK (e2 > 0); -- expect: add-check # safe: add-required-column
ALTER TABLE users ADD e3 uuid DEFAULT gen_random_uuid() UNIQUE; -- expect: add-column-rewrite, add-unique-constraint
ALTER TABLE "users" ALTER COLUMN age TYPE bigint; -- safe: change-column-type
ALTER TABLE users ALTER COLUMN age SET DATA TYPE int; -- expect: change-column-type
ALTER TABLE users ALTER a2 SET NOT NULL; -- safe: set-not-null
ALTER TABLE users ALTER a6 SET NOT NULL; -- expect: set-not-null
ALTER TABLE users ADD CONSTRAINT q CHECK (age > 1) NOT VALID; -- safe: add-check
ALTER TABLE users VALIDATE CONSTRAINT q; -- expect: validate-in-same-transaction
ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (total) REFERENCES users (id); -- expect: add-foreign-key
ALTER TABLE users ADD COLUMN e4 bigint REFERENCES new (id); -- safe: add-foreign-key
ALTER TABLE new RENAME COLUMN extra TO spare; -- safe: rename-column
ALTER TABLE new DROP COLUMN spare; -- safe: drop-column
ALTER TABLE users RENAME TO people; -- expect: rename-table
ALTER TABLE people RENAME COLUMN name TO called; -- expect: rename-column
ALTER TABLE people DROP COLUMN called CASCADE; -- expect: drop-column, cascade
UPDATE people SET age = 3; -- expect: unbatched-update, backfill-in-transaction
DELETE FROM people; -- expect: truncate
DELETE FROM people WHERE id = 1; -- safe: truncate
TRUNCATE people CASCADE; -- expect: truncate, cascade
TRUNCATE new; -- safe: truncate
DROP TABLE people; -- expect: drop-table
REFRESH MATERIALIZED VIEW busy; -- expect: refresh-blocking
REFRESH MATERIALIZED VIEW CONCURRENTLY busy; -- safe: refresh-blocking, concurrently-in-transaction
CREATE MATERIALIZED VIEW calm AS SELECT 1; REFRESH MATERIALIZED VIEW calm; -- safe: refresh-blocking
ALTER TABLE labels OWNER TO somebody; LOCK TABLE labels; -- expect: lock-table
LOCK TABLE new; -- safe: lock-table
CLUSTER labels; -- expect: rewrite-table
ALTER TABLE labels SET UNLOGGED; -- expect: rewrite-table
REINDEX INDEX ix_users_mail; -- expect: reindex-blocking
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'; -- expect: rename-enum-value
ALTER SCHEMA old RENAME TO new; -- expect: rename-schema
ALTER SCHEMA old OWNER TO somebody; -- safe: rename-schema
ALTER DOMAIN short ADD CONSTRAINT c CHECK (VALUE <> ''); -- expect: change-domain
ALTER DOMAIN short ADD CONSTRAINT d CHECK (VALUE <> '') NOT VALID; -- safe: change-domain
CREATE DOMAIN long AS text CHECK (VALUE <> ''); -- expect: domain-constraint
CREATE DOMAIN plain AS text; -- safe: domain-constraint
DROP DATABASE other; -- expect: drop-database
DROP FUNCTION other(); -- expect: drop-object # safe: drop-database
DO $$ BEGIN PERFORM 1; END $$; -- expect: unparsed
SELECT 1; -- safe: unparsed, refused-sql, syntax-error
CRATE TABLE t (a int); -- expect: unparsed, syntax-error
WITH gone AS (DELETE FROM newer WHERE id = 1 RETURNING *) SELECT * FROM gone; -- safe: unparsed
-- downgrade
SELECT 1;
