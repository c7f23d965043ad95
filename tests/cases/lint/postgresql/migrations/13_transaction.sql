-- revision: '13'
-- down_revision: '12'
-- message: its own transaction
-- upgrade
SELECT 1;
COMMIT; -- expect: refused-sql
-- downgrade
SELECT 1;
