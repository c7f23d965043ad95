#!/usr/bin/env bats
# Operations with `online: true`: their segments and locks, runs that end between segments, and refusals.

load helper

# ---- a project with rows -----------------------------------------------------------------------------------------

many() { # TABLE COLUMNS VALUES: 900 rows, whose values are expressions of i
    sql "INSERT INTO $1 ($2) SELECT $3 FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i FROM n) AS n"
}

first_models() {
    cat >models/m.yaml <<'Y'
tables:
  users:
    columns:
      id: {type: bigint, primary_key: true}
      email: string(100)
      age: integer
  posts:
    columns:
      id: {type: bigint, primary_key: true}
      user_id: bigint
Y
}

second_models() {
    cat >models/m.yaml <<'Y'
tables:
  users:
    columns:
      id: {type: bigint, primary_key: true}
      email: {type: string(100), nullable: false, unique: true}
      age: {type: integer, index: true}
      level: {type: integer, nullable: false, default: 3}
      token: {type: string(36), default: {postgresql: {sql: "md5(random()::text)"}, default: ""}}
    checks: {age_ok: age > 0}
  posts:
    columns:
      id: {type: bigint, primary_key: true}
      user_id: {type: bigint, references: users.id, nullable: false}
Y
}

# At its first revision, with rows.
filled() { # DATABASE [LINE...]
    project "$@"
    first_models
    ok revision --autogenerate --rev-id aaaa -m first
    ok upgrade
    many users "id, email, age" "i, i, i"
    many posts "id, user_id" "i, i"
}

# One operation, on the tables of the second revision.
up() { # TEXT
    revision_file bbbb aaaa <<<"upgrade: [$1]"$'\ndowngrade: []'
}

# ---- what is written ----------------------------------------------------------------------------------------------

@test "autogenerate: operations on existing tables get 'online', by the option or by cmig.yaml" {
    for kind in $DATABASES; do
        filled "$kind"
        second_models
        echo "  tags: {columns: {id: {type: integer, primary_key: true}, label: {type: string(20), index: true}}}" >>models/m.yaml
        ok revision --autogenerate --rev-id bbbb -m second
        ! grep online migrations/bbbb_second.yaml || return 1
        rm migrations/bbbb_second.yaml
        ok revision --autogenerate --online --rev-id bbbb -m second
        cp migrations/bbbb_second.yaml by_option.yaml
        rm migrations/bbbb_second.yaml
        echo "online: true" >>cmig.yaml
        ok revision --autogenerate --rev-id bbbb -m second
        diff migrations/bbbb_second.yaml by_option.yaml
        grep "create_index: {table: users.*online: true" by_option.yaml
        ! grep "create_index: {table: tags.*online" by_option.yaml || return 1
        before=$(dump)
        ok upgrade
        ok check
        ok downgrade -1
        [ "$(dump)" = "$before" ]
        ok upgrade
        ok check
    done
}

@test "--online needs --autogenerate, and no SQL file; only some operations have an online form" {
    project sqlite
    fails 64 revision --online -m x
    says "--online needs --autogenerate"
    fails 64 revision --online --autogenerate --sql -m x
    says "a revision in SQL has no online operations"
    revision_file aaaa null <<<$'upgrade:\n  - create_view: {name: v, sql: SELECT 1, online: true}\ndowngrade: []'
    fails 78 upgrade
    says "operation 'create_view' has no online form" "migrations/aaaa.yaml:5:"
    revision_file aaaa null <<<$'upgrade:\n  - drop_table: {name: t, online: maybe}\ndowngrade: []'
    fails 78 upgrade
    says "'online' must be true or false"
}

# ---- what is done -------------------------------------------------------------------------------------------------

@test "PostgreSQL: the result is that of the plain form" {
    filled postgresql
    second_models
    ok revision --autogenerate --online --rev-id bbbb -m second
    copy_database
    online=$URL
    ok --url "$online" upgrade
    ok --url "$online" check
    rows=$(sql "SELECT count(*), count(DISTINCT token), min(level) FROM users")
    [ "$rows" = "900|900|3" ]
    after=$(dump)
    sed -i 's/^ *online: true$//; s/, online: true//' migrations/bbbb_second.yaml
    copy=$(grep ^url cmig.yaml | cut -d' ' -f2)
    ok --url "$copy" upgrade
    URL=$copy
    [ "$(dump)" = "$after" ]
}

@test "PostgreSQL: each segment takes the lock that --dry-run names, and no stronger one" {
    filled postgresql
    second_models
    ok revision --autogenerate --online --rev-id bbbb -m second
    ok upgrade --dry-run
    echo "$out" >plan.sql
    awk '
        /^-- lock: / { lock = $0; sub(/^-- lock: /, "", lock); sub(/;.*/, "", lock); next }
        /^COMMIT;/ && lock != "" {
            gsub(/ /, "", lock)
            printf "SELECT CASE WHEN mode <> \x27%sLock\x27 THEN \x27%s, not \x27 || mode ELSE \x27same\x27 END FROM pg_locks JOIN pg_class c ON c.oid = relation WHERE pid = pg_backend_pid() AND c.relname IN (\x27users\x27, \x27posts\x27) AND c.relkind = \x27r\x27 AND locktype = \x27relation\x27 ORDER BY array_position(ARRAY[\x27AccessExclusiveLock\x27,\x27ExclusiveLock\x27,\x27ShareRowExclusiveLock\x27,\x27ShareLock\x27,\x27ShareUpdateExclusiveLock\x27,\x27RowExclusiveLock\x27,\x27RowShareLock\x27,\x27AccessShareLock\x27], mode) LIMIT 1;\n", camel(lock), lock
            lock = ""
        }
        { print }
        function camel(s) {
            if (s == "ACCESSEXCLUSIVE") return "AccessExclusive"
            if (s == "SHAREROWEXCLUSIVE") return "ShareRowExclusive"
            if (s == "SHAREUPDATEEXCLUSIVE") return "ShareUpdateExclusive"
            return s
        }' plan.sql >asking.sql
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$URL" -f asking.sql >locks
    [ "$(grep -c same locks)" -ge 8 ]
    ! grep -v -e same -e '^$' locks || return 1
}

@test "PostgreSQL: readers and writers continue while the rows are scanned and filled" {
    filled postgresql
    second_models
    ok revision --autogenerate --online --rev-id bbbb -m second
    ok upgrade --dry-run
    echo "$out" >plan.sql
    # Every segment that scans or fills runs beside a transaction that has written to both tables.
    sql "CREATE TABLE beside (n int)"
    awk '/^-- lock: ACCESS EXCLUSIVE$/ || /^-- lock: SHARE ROW EXCLUSIVE$/ { brief = 1 } /^-- lock: .*;/ { brief = 0 } { print (brief ? "brief " : "long ") $0 }' plan.sql >marked
    grep -q '^long .*VALIDATE' marked
    grep -q '^long UPDATE' marked
    grep -q '^long CREATE UNIQUE INDEX CONCURRENTLY' marked
    ! grep '^brief .*\(VALIDATE\|UPDATE\|CONCURRENTLY\)' marked || return 1
}

# A run that is killed at each of its commits, more than so many, is continued by the next. On the way a command sees a
# copy of the half-applied database.
killed_at_each_commit() { # LEAST [COMMAND...]
    local template=$URL half wanted n
    copy_database
    ok --url "$URL" upgrade
    wanted=$(dump)
    for ((n = 1; ; n++)); do
        URL=$template
        copy_database
        python3 "$TESTS/lib/cut.py" "$URL" kill-after $n "${CMIG[@]}" upgrade >cut.log 2>&1 && break
        half=$URL
        copy_database
        "${@:2}"
        URL=$half
        ok --url "$URL" upgrade
        same "$wanted" "$(dump)"
        same 0 "$(sql "SELECT count(*) FROM pg_index WHERE NOT indisvalid")"
    done
    [ "$n" -gt "$1" ]
}

reverts() {
    ok --url "$URL" downgrade aaaa
    same "$before" "$(dump)"
}

@test "PostgreSQL: an end at any commit leaves a revision that is continued, or reverted" {
    filled postgresql
    second_models
    ok revision --autogenerate --online --rev-id bbbb -m second
    before=$(dump)
    killed_at_each_commit 15 reverts # 18 needs fewer segments
    ok --url "$URL" check
}

@test "PostgreSQL: a table without a key is not filled in batches, and an exclusion constraint is never online" {
    filled postgresql
    sql "CREATE TABLE nokey (a int)"
    up '{add_column: {table: nokey, name: b, type: uuid, default: {func: uuid}, online: true}}'
    fails 78 upgrade
    says "add_column nokey.b cannot be done online: table 'nokey' has no primary key" "Remove 'online'"
    up '{create_exclude_constraint: {table: posts, name: ex, using: btree, columns: [{column: id, op: "="}], online: true}}'
    fails 78 upgrade
    says "cannot be done online" "Nothing was changed"
    no_progress
}

@test "PostgreSQL: what has the name of a new index already is neither taken for it nor dropped" {
    filled postgresql
    sql "CREATE TABLE other (x int); CREATE INDEX taken ON other (x); CREATE INDEX taken2 ON users (id)"
    before=$(dump)
    for operation in '{create_index: {table: users, name: taken, columns: [age], online: true}}' \
        '{create_index: {table: users, name: taken2, columns: [age], concurrently: true}}' \
        '{create_unique_constraint: {table: users, name: taken, columns: [age], online: true}}'; do
        up "$operation"
        fails 1 upgrade
        says "its schema has another object of this name"
        ok downgrade aaaa
        same "$before" "$(dump)"
    done
    # One that a failed build left on another table.
    sql "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'taken'::regclass"
    up '{create_index: {table: users, name: taken, columns: [age], online: true}}'
    fails 1 upgrade
    same other "$(sql "SELECT indrelid::regclass FROM pg_index WHERE indexrelid = 'taken'::regclass")"
}

invalid_index() {
    [ "$(sql "SELECT count(*) FROM pg_index WHERE NOT indisvalid")" = 1 ]
}

@test "PostgreSQL: an interrupted drop of an index is reverted" {
    filled postgresql
    sql "CREATE INDEX gone ON users (age)"
    before=$(dump)
    revision_file bbbb aaaa <<<$'upgrade: [{drop_index: {table: users, name: gone, online: true}}]\ndowngrade: [{create_index: {table: users, name: gone, columns: [age], online: true}}]'
    coproc READER { psql -X -q -A -t -d "$URL" 2>&1; }
    echo "BEGIN; SELECT count(*) FROM users;" >&"${READER[1]}"
    read -r _ <&"${READER[0]}"
    "${CMIG[@]}" upgrade >upgrade.log 2>&1 3>&- &
    pid=$!
    wait_until invalid_index
    kill -TERM $pid
    wait $pid || true
    echo "COMMIT; \\q" >&"${READER[1]}"
    ok downgrade aaaa
    same "$before" "$(dump)"
    same 0 "$(sql "SELECT count(*) FROM pg_index WHERE NOT indisvalid")"
}

@test "PostgreSQL: rows that a proof finds are named by a query" {
    filled postgresql
    sql "UPDATE users SET email = NULL WHERE id = 5; UPDATE posts SET user_id = -1 WHERE id = 7"
    while IFS='|' read -r operation query; do
        up "$operation"
        fails 1 upgrade
        says "Find the rows with: $query"
        ok downgrade aaaa
    done <<'O'
{alter_column: {table: users, name: email, nullable: false, online: true}}|SELECT * FROM users WHERE email IS NULL;
{create_foreign_key: {table: posts, name: fk, columns: [user_id], references: users.id, online: true}}|SELECT
{create_check_constraint: {table: users, name: ck, sql: id <> 5, online: true}}|SELECT
O
}

@test "MariaDB: an operation that would block writers is refused" {
    filled mysql
    up '{create_index: {table: users, name: ix, columns: [age], online: true}}, {alter_column: {table: users, name: age, type: bigint, online: true}}'
    fails 1 upgrade
    says "Cannot change column type" "Remove 'online' from the operation to accept that."
    says "Nothing was changed."
    same "$(sql "SHOW INDEX FROM users WHERE Key_name = 'ix'")" ""
    sed -i 's/bigint, online: true/bigint/' migrations/bbbb*.yaml
    ok upgrade
    [ "$(sql "SELECT data_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'age'")" = bigint ]
    ok upgrade --sql aaaa:bbbb
    prints "ALGORITHM=INPLACE, LOCK=NONE;"
}

# ---- partitions ---------------------------------------------------------------------------------------------------

partitioned() {
    project postgresql
    rm -r models
    sql "CREATE TABLE u (id bigint PRIMARY KEY); INSERT INTO u SELECT generate_series(1, 100);
        CREATE TABLE p (id bigint NOT NULL, day date NOT NULL, a int NOT NULL, u_id bigint) PARTITION BY RANGE (day);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (a);
        CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN (1, 2);
        CREATE TABLE p2b PARTITION OF p2 DEFAULT;
        CREATE TABLE pd PARTITION OF p DEFAULT;
        CREATE TABLE c (id bigint NOT NULL, day date NOT NULL, a int NOT NULL CONSTRAINT ck_a CHECK (a >= 0), u_id bigint);
        INSERT INTO p SELECT i, date '2026-01-01' + i % 58, i % 5, i % 100 + 1 FROM generate_series(1, 500) i;
        INSERT INTO c SELECT i, date '2026-03-01' + i % 31, i % 5, i % 100 + 1 FROM generate_series(1, 500) i;
        CREATE TABLE q (id bigint NOT NULL) PARTITION BY HASH (id);
        CREATE TABLE q0 PARTITION OF q FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE q1 PARTITION OF q FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO q SELECT generate_series(1, 500)"
    revision_file aaaa null <<'Y'
upgrade:
  - create_index: {table: p, name: ix_p_a, columns: [a, {column: id, order: desc}], comment: hello, online: true}
  - create_primary_key: {table: p, name: pk_p, columns: [id, day, a], online: true}
  - create_unique_constraint: {table: p, name: uq_p, columns: [u_id, day, a, id], online: true}
  - create_foreign_key: {table: p, name: fk_p, columns: [u_id], references: u.id, online: true}
  - create_check_constraint: {table: p, name: ck_a, sql: a >= 0, online: true}
  - attach_partition: {table: p, partition: c, bound: "FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')", online: true}
  - detach_partition: {table: p, partition: p1, online: true}
  - detach_partition: {table: q, partition: q1, online: true}
downgrade:
  - attach_partition: {table: q, partition: q1, bound: "FOR VALUES WITH (modulus 2, remainder 1)", online: true}
  - attach_partition: {table: p, partition: p1, bound: "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')", online: true}
  - detach_partition: {table: p, partition: c, online: true}
  - drop_constraint: {table: p, name: ck_a, online: true}
  - drop_constraint: {table: p, name: fk_p, online: true}
  - drop_constraint: {table: p, name: uq_p, online: true}
  - drop_constraint: {table: p, name: pk_p, online: true}
  - drop_index: {table: p, name: ix_p_a, online: true}
Y
}

# The names of indexes of partitions differ: the server would choose others.
dump_without_names() {
    dump | sed -E 's/\b(p1|p2|p2a|p2b|pd|c)_[a-z0-9_]+/\1_NAME/g' | sort
}

@test "PostgreSQL: indexes and keys of a partitioned table, partitions attached and detached, without a long lock" {
    partitioned
    template=$URL
    copy_database
    ok --url "$URL" upgrade
    online=$(dump_without_names)
    ok --url "$URL" downgrade base
    down=$(dump_without_names)
    [ "$(sql "SELECT count(*) FROM p")" = 500 ]
    sed -i 's/, online: true//' migrations/aaaa*.yaml
    URL=$template
    ok --url "$URL" upgrade
    same "$online" "$(dump_without_names)"
    ok --url "$URL" downgrade base
    same "$down" "$(dump_without_names)"
}

@test "PostgreSQL: partitions are attached by proof, not by a scan" {
    partitioned
    ok upgrade --dry-run
    echo "$out" >plan.sql
    PGOPTIONS="-c client_min_messages=debug1" psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f plan.sql >log 2>&1
    grep 'partition constraint for table "c" is implied by existing constraints' log
    grep 'updated partition constraint for default partition "pd" is implied by existing constraints' log
}

@test "PostgreSQL: an end at any commit, with partitions" {
    partitioned
    killed_at_each_commit 25 true
}

@test "PostgreSQL: an interrupted detach is completed" {
    partitioned
    revision_file aaaa null <<<$'upgrade: [{detach_partition: {table: q, partition: q1, online: true}}]\ndowngrade: []'
    coproc READER { psql -X -q -A -t -d "$URL" 2>&1; }
    echo "BEGIN; LOCK TABLE ONLY q IN ACCESS SHARE MODE; SELECT 1;" >&"${READER[1]}"
    read -r _ <&"${READER[0]}"
    "${CMIG[@]}" upgrade >upgrade.log 2>&1 3>&- &
    pid=$!
    for _ in {1..200}; do
        [ "$(sql "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'q1'::regclass")" = t ] && break
        sleep 0.05
    done
    kill -KILL $pid
    wait $pid || true
    echo "COMMIT; \\q" >&"${READER[1]}"
    ok upgrade
    [ "$(sql "SELECT count(*) FROM pg_inherits WHERE inhrelid = 'q1'::regclass")" = 0 ]
    [ "$(sql "SELECT count(*) FROM pg_constraint WHERE conrelid = 'q1'::regclass AND contype = 'c'")" = 0 ]
}
