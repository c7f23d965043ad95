-- revision: '15'
-- down_revision: '14'
-- message: allowed in SQL
-- upgrade
-- cmig-lint: allow drop-table, it was empty
DROP TABLE labels; -- safe: drop-table
DROP TABLE labels2; -- cmig-lint: allow drop-table, it was empty # safe: drop-table
DROP TABLE labels3; -- expect: drop-table
-- downgrade
SELECT 1;
