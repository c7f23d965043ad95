-- revision: '12'
-- down_revision: '11'
-- message: SQL without a transaction
-- transaction: false
-- upgrade
CREATE INDEX CONCURRENTLY ix_labels_word ON labels (word); -- expect: not-repeatable # safe: concurrently-in-transaction
DROP INDEX CONCURRENTLY IF EXISTS ix_labels_word; -- safe: not-repeatable, drop-index-blocking
REINDEX INDEX CONCURRENTLY other; -- safe: reindex-blocking
ALTER TABLE events DETACH PARTITION events_2 CONCURRENTLY; -- safe: detach-partition
UPDATE labels SET word = 'x' WHERE word = 'y'; -- safe: backfill-in-transaction
ALTER TABLE labels ADD COLUMN IF NOT EXISTS z int; -- safe: not-repeatable
-- downgrade
SELECT 1;
