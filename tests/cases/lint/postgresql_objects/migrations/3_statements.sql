-- revision: '3'
-- down_revision: '2'
-- message: statements
-- upgrade
ALTER TABLE users DISABLE TRIGGER ALL; -- expect: disable-triggers
ALTER TABLE public.users ENABLE TRIGGER ALL; -- safe: disable-triggers
SET LOCAL session_replication_role = 'replica'; -- expect: disable-checks
SET session_replication_role TO DEFAULT; -- safe: disable-checks
SET lock_timeout = 0; -- expect: disable-timeout
SET LOCAL statement_timeout TO '0'; -- expect: disable-timeout
SET lock_timeout TO '2s'; -- safe: disable-timeout
ALTER TABLE users REPLICA IDENTITY FULL; -- expect: replica-identity
ALTER TABLE users REPLICA IDENTITY USING INDEX users_pkey; -- safe: replica-identity
ALTER TYPE moods ADD VALUE 'glad'; -- expect: enum-value-order
ALTER TYPE moods ADD VALUE 'bad' BEFORE 'sad'; -- safe: enum-value-order
CREATE EXTENSION IF NOT EXISTS pg_trgm; -- expect: create-extension
ALTER EXTENSION pg_trgm UPDATE; -- safe: create-extension
ALTER FUNCTION one() RENAME TO two; -- expect: rename-object
ALTER VIEW names SET SCHEMA app; -- expect: rename-object
ALTER TABLE users RENAME CONSTRAINT ck_name TO ck_names; -- safe: rename-object
ALTER TABLE users ALTER COLUMN id DROP IDENTITY; -- expect: change-identity
ALTER TABLE users ALTER COLUMN name SET DEFAULT 'y'; -- expect: change-default # safe: change-identity
ALTER TABLE users ALTER COLUMN name DROP DEFAULT; -- expect: change-default
ALTER TABLE users ALTER COLUMN name SET STATISTICS 7; -- safe: change-default
CREATE OR REPLACE VIEW names AS SELECT name AS n FROM users; -- expect: replace-object
CREATE VIEW more AS SELECT 1; -- safe: replace-object
REVOKE SELECT ON users FROM somebody; -- expect: revoke
DROP MATERIALIZED VIEW IF EXISTS totals; -- expect: drop-object
ALTER TABLE users DROP CONSTRAINT ck_names; -- expect: drop-constraint
CREATE VIEW a_name_that_is_much_longer_than_the_sixty_three_bytes_which_are_kept AS SELECT 1; -- expect: identifier-too-long
CREATE VIEW "sixty_three_bytes_are_allowed_but_not_one_more_as_with_this_one" AS SELECT 1; -- safe: identifier-too-long
SELECT 'a_name_that_is_much_longer_than_the_sixty_three_bytes_which_are_kept'; -- safe: identifier-too-long
CREATE TABLE loose (a int); -- expect: table-without-key
CREATE TABLE tight (a bigint PRIMARY KEY); -- safe: table-without-key
-- downgrade
SELECT 1;
