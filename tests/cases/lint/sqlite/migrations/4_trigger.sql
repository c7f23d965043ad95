-- revision: '4'
-- down_revision: '3'
-- message: a trigger
-- upgrade
CREATE TRIGGER t AFTER INSERT ON users BEGIN -- safe: truncate, unbatched-update
    UPDATE users SET a = 1;
    DELETE FROM logs;
END;
DELETE FROM logs WHERE id = 1; -- expect: backfill-in-transaction
DROP TABLE [users]; -- expect: drop-table
-- downgrade
CREATE TABLE users (id INTEGER PRIMARY KEY);
