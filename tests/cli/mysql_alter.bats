# Changes of one table are one ALTER TABLE on MariaDB, done in place where the server can.

load helper

two_revisions() {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table:
      name: posts
      columns: {id: {type: integer, primary_key: true}, title: string(100), old: integer, n: integer}
      indexes: [{name: ix_old, columns: [old]}]
  - create_table: {name: users, columns: {id: {type: integer, primary_key: true}}}
downgrade: []
Y
    ok upgrade
    sql 'INSERT INTO posts (title, old, n) VALUES ("a", 1, 1), ("b", 2, 2); INSERT INTO users VALUES (1)'
    revision_file bbbb aaaa <<'Y'
upgrade:
  - drop_index: {table: posts, name: ix_old}
  - add_column: {table: posts, name: user_id, type: integer}
  - alter_column: {table: posts, name: n, nullable: false}
  - drop_column: {table: posts, name: old}
  - create_unique_constraint: {table: posts, name: uq_title, columns: [title]}
  - create_check_constraint: {table: posts, name: ck_n, sql: n > 0}
  - create_foreign_key: {table: posts, name: fk_user, columns: [user_id], references: users.id}
  - create_table_comment: {table: posts, comment: entries}
  - rename_column: {table: posts, name: title, new_name: head}
  - create_index: {table: posts, name: ix_n, columns: [n]}
downgrade:
  - drop_index: {table: posts, name: ix_n}
  - rename_column: {table: posts, name: head, new_name: title}
  - drop_table_comment: posts
  - drop_constraint: {table: posts, name: fk_user, type: foreign_key}
  - drop_constraint: {table: posts, name: ck_n, type: check}
  - drop_constraint: {table: posts, name: uq_title, type: unique}
  - add_column: {table: posts, name: old, type: integer, after: title}
  - alter_column: {table: posts, name: n, nullable: true}
  - drop_column: {table: posts, name: user_id}
  - create_index: {table: posts, name: ix_old, columns: [old]}
Y
}

table_text() {
    sql 'SHOW CREATE TABLE posts'
}

@test "MySQL: changes of a table are one statement, up, down and in scripts" {
    two_revisions
    before=$(table_text)
    ok upgrade --dry-run
    same 3 "$(grep -c '^ALTER TABLE' <<<"$out")"
    ok upgrade
    says "table 'posts', of about 2 rows, is copied, and writes to it wait until then"
    after=$(table_text)
    ok downgrade -1
    same "$before" "$(table_text)"
    ok upgrade --sql --idempotent head
    printf '%s\n' "$out" >up.sql
    sql "$(<up.sql)"
    same "$after" "$(table_text)"
    sql "$(<up.sql)"
    same bbbb "$(sql 'SELECT * FROM cmig_version')"
}

@test "MySQL: a statement of several operations fails as a whole, and the message names the one that failed" {
    two_revisions
    before=$(table_text)
    sql 'UPDATE posts SET n = -1 WHERE id = 2'
    fails 1 upgrade
    says 'bbbb.yaml:10:5: operation 6 of 10, create_check_constraint posts.ck_n' '0 of 10 operations of revision bbbb are applied'
    same "$before" "$(table_text)"
    sql 'UPDATE posts SET n = 1, title = "same"'
    fails 1 upgrade
    says 'bbbb.yaml:9:5: operation 5 of 10, create_unique_constraint posts.uq_title'
    sql 'UPDATE posts SET n = NULL, title = id'
    fails 1 upgrade
    says 'operation 3 of 10, alter_column posts.n' 'has rows without a value'
    sql 'UPDATE posts SET n = 3'
    # a script that fails at the same place leaves a record that a run understands
    ok upgrade --sql --idempotent head
    printf '%s\n' "$out" >up.sql
    sql 'UPDATE posts SET n = -1'
    run sql "$(<up.sql)"
    [[ $output == *'ck_n'* ]]
    same 'together 8|0' "$(sql "SELECT substring_index(state, ' ', 2), operation FROM cmig_progress")"
    ok status
    prints '0 of 10 operations applied'
    sql 'UPDATE posts SET n = 3'
    ok upgrade
    says 'continuing with operation 1 of 10'
}

@test "MySQL: a run that ended with its statement under way finds out whether that was applied" {
    two_revisions
    ok upgrade
    # as if it had ended between the statement and its record
    ok downgrade -1
    sql 'UPDATE posts SET n = -1'
    ok upgrade --sql --idempotent head
    printf '%s\n' "$out" >up.sql
    run sql "$(<up.sql)"
    sql 'UPDATE posts SET n = 1'
    sql "$(sed -n '/^ALTER TABLE .posts. DROP INDEX/,/;$/p' up.sql)"
    ok status
    prints '8 of 10 operations applied'
    sql "$(<up.sql)"
    same bbbb "$(sql 'SELECT * FROM cmig_version')"
    ok downgrade -1
    sql 'UPDATE posts SET n = -1'
    run sql "$(<up.sql)"
    sql 'UPDATE posts SET n = 1'
    sql "$(sed -n '/^ALTER TABLE .posts. DROP INDEX/,/;$/p' up.sql)"
    ok upgrade
    says "operations 1 to 8 were begun as one statement, and table 'posts' has changed since: they count as applied" \
        'continuing with operation 9 of 10'
    same bbbb "$(sql 'SELECT * FROM cmig_version')"
    # a script does not do a part of such a statement
    ok downgrade -1
    sql 'UPDATE posts SET n = -1'
    run sql "$(<up.sql)"
    sql 'UPDATE posts SET n = 1; ALTER TABLE posts DROP INDEX ix_old; UPDATE cmig_progress SET operation = 1, state = NULL'
    run sql "$(<up.sql)"
    [[ $output == *'half applied in another way'* ]]
}

@test "MySQL: a wait for a table names who may hold its lock" {
    two_revisions
    sql "START TRANSACTION; SELECT id FROM posts; SELECT 'cmig-holder' FROM (SELECT sleep(60)) s" >/dev/null 2>&1 &
    holder() { sql "SELECT id FROM information_schema.processlist WHERE info LIKE '%cmig-holder%sleep%' AND id <> connection_id() AND db = DATABASE()"; }
    is_held() { [ -n "$(holder)" ]; }
    wait_until is_held
    printf 'lock: {table: 1s, retry_for: 2s}\n' >>cmig.yaml
    fails 75 upgrade
    says 'mysql 1205' "the lock may be held by connection $(holder) of the server, user 'root'"
    sql "KILL $(holder)"
    ok upgrade
}

@test "MySQL: a revision with an operation that the server cannot do online is refused as a whole" {
    two_revisions
    while IFS='|' read -r operation reason; do
        revision_file bbbb aaaa <<<"upgrade:
  - add_column: {table: users, name: early, type: integer}
  - add_column: {table: posts, name: late, type: text, online: true}
  - $operation
downgrade: []"
        fails 1 upgrade
        says "migrations/bbbb.yaml:7:5" "cannot be done online" "$reason" "Remove 'online' from the operation to accept that." "Nothing was changed."
        same "$(sql "SHOW TABLES" | grep -v '^cmig_' | paste -sd' ')" "posts users"
        same "$(sql "SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND column_name IN ('early', 'late')")" 0
        same "$(sql "SHOW TABLES LIKE 'cmig_rehearsal'")" ""
    done <<'Y'
alter_column: {table: posts, name: n, type: bigint, online: true}|Cannot change column type
create_index: {table: posts, columns: [late], name: ft, using: fulltext, online: true}|LOCK=NONE is not supported
Y
    # Operations are tried after those before them.
    revision_file bbbb aaaa <<'Y'
upgrade:
  - create_index: {table: posts, columns: [title], name: ft, using: fulltext}
  - drop_index: {table: posts, name: ft}
  - add_column: {table: posts, name: m, type: integer, online: true}
  - create_index: {table: posts, columns: [m], name: ix_m, online: true}
  - create_table: {name: other, columns: {id: {type: integer, primary_key: true}}}
  - create_index: {table: other, columns: [id], name: ix_id, online: true}
downgrade: []
Y
    ok upgrade
    same "$(sql "SELECT count(*) FROM posts")" 2
}
