-- revision: '1'
-- message: statements
-- transaction: false
-- upgrade
PRAGMA foreign_keys = OFF; -- expect: disable-checks
PRAGMA foreign_keys(0); -- expect: disable-checks
PRAGMA ignore_check_constraints = 1; -- expect: disable-checks
PRAGMA foreign_keys = ON; -- safe: disable-checks
DROP VIEW IF EXISTS v; -- expect: drop-object
-- downgrade
