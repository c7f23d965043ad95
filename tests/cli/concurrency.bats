#!/usr/bin/env bats
# Several runs at once, and runs that are stopped in the middle.
load helper

# A chain of revisions that do something, so that running one twice would fail.
working_chain() { # N
    local parent=null id i
    for i in $(seq "$1"); do
        id=$(printf 'r%03d000000' "$i")
        revision_file "$id" "$parent" <<END
upgrade:
  - create_table: {name: t$i, columns: {id: {type: integer, primary_key: true}, v: text}}
  - execute: INSERT INTO t$i VALUES ($i, 'x')
downgrade:
  - drop_table: t$i
END
        parent=$id
    done
}

@test "twenty upgrades at once: all succeed, each revision ran once" {
    for database in $DATABASES; do
        project "$database"
        working_chain 8
        pids=()
        for i in $(seq 20); do
            "${CMIG[@]}" upgrade head >"out.$i" 2>&1 </dev/null &
            pids+=($!)
        done
        for i in $(seq 20); do
            wait "${pids[$((i - 1))]}" || { cat "out.$i"; false; }
        done
        same "$(sql "SELECT count(*), count(DISTINCT revision) FROM cmig_history")" "8|8"
        same "$(sql "SELECT revision FROM cmig_version")" r008000000
        ok upgrade head
        says "nothing to do"
    done
}

# Revisions that leave their transactions; the program of the last ends once all others are waiting.
leaving_chain() { # REPLICAS
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: a, columns: {id: {type: integer, primary_key: true}, v: {type: integer, default: 0}}}
  - bulk_insert: {table: a, rows: [{id: 1}, {id: 2}, {id: 3}, {id: 4}, {id: 5}]}
  - backfill: {table: a, set: {v: v + 1}, batch: 2}
downgrade: []
Y
    revision_file bbbb aaaa 'transaction: false' <<'Y'
upgrade:
  - create_table: {name: b, columns: {id: integer}}
  - backfill: {table: a, set: {v: v + 1}, batch: 1}
downgrade: []
Y
    revision_file cccc bbbb <<Y
upgrade:
  - execute: INSERT INTO b VALUES (1)
  - run: [./wait.sh, "$1"]
  - execute: INSERT INTO b VALUES (3)
downgrade: []
Y
    cat >migrations/wait.sh <<'P'
#!/bin/sh
for _ in $(seq 600); do
    [ "$(cat ../out.* | grep -c 'waiting for another cmig')" != "$1" ] || break
    sleep 0.05
done
"$TESTS/lib/sql.sh" "$CMIG_URL" 'INSERT INTO b VALUES (2)'
P
    chmod +x migrations/wait.sh
}

@test "twenty upgrades at once, of revisions that leave their transactions" {
    for database in $DATABASES; do
        project "$database" 'lock: 5m' # a slow machine under sanitizers takes its time
        leaving_chain 19
        pids=()
        for i in $(seq 20); do
            "${CMIG[@]}" upgrade head >"out.$i" 2>&1 </dev/null &
            pids+=($!)
        done
        for i in $(seq 20); do
            wait "${pids[$((i - 1))]}" || { cat "out.$i"; false; }
        done
        same "$(sql "SELECT count(*), count(DISTINCT revision) FROM cmig_history")" "3|3"
        same "$(sql "SELECT count(*), sum(v) FROM a")" "5|10"
        same "$(sql "SELECT id FROM b ORDER BY id")" $'1\n2\n3'
        same "$(cat out.* | grep -c 'nothing to do')" 19
    done
    same "$(find . -name '*-cmig')" ""
}

waits_for_a_cmig() {
    grep -q 'waiting for another cmig' out.1
}

@test "SQLite: all paths of a file share one lock, which ends with the process and leaves nothing behind" {
    project sqlite "lock: {timeout: 300ms}"
    revision_file aaaa null <<<$'upgrade: [{run: [./wait.sh]}]\ndowngrade: []'
    printf '#!/bin/sh\nuntil [ -e ../go ] || [ ! -e wait.sh ]; do sleep 0.05; done\n' >migrations/wait.sh
    chmod +x migrations/wait.sh
    printf '%s\n' "url: $URL" >patient.yaml
    mkdir elsewhere
    ln -s "$FILE" elsewhere/link.db
    "${CMIG[@]}" upgrade head >/dev/null 2>&1 </dev/null &
    holder=$!
    wait_until sqlite3 -bail -readonly "$FILE" "SELECT * FROM cmig_progress"
    fails 75 --url "sqlite:///$PROJECT/elsewhere/link.db" upgrade head
    says "another cmig holds the lock and did not release it within 300 ms" "the holder is process $holder"
    fails 75 --url "sqlite:///$PROJECT/elsewhere/../../$(basename "$FILE")" stamp head
    "${CMIG[@]}" -c patient.yaml upgrade head >out.1 2>&1 </dev/null &
    waiting=$!
    wait_until waits_for_a_cmig
    kill -9 "$holder"
    wait "$holder" || true
    touch go
    wait "$waiting" || { cat out.1; false; }
    ok upgrade head
    says "nothing to do"
    same "$(ls "$FILE"*)" "$FILE"
    touch "$FILE-cmig"
    chmod 400 "$FILE-cmig"
    ok downgrade base
    same "$(ls "$FILE"*)" "$FILE"
}

@test "kill -9 at random moments: the next run finishes" {
    for database in $DATABASES; do
        project "$database"
        working_chain 40
        for i in 1 2 3 4 5 6 7 8; do
            "${CMIG[@]}" upgrade head >/dev/null 2>&1 </dev/null &
            pid=$!
            sleep "0.0$((RANDOM % 9))"
            kill -9 "$pid" 2>/dev/null || true
            wait "$pid" 2>/dev/null || true
        done
        ok upgrade head
        same "$(sql "SELECT count(*), count(DISTINCT revision) FROM cmig_history")" "40|40"
        same "$(sql "SELECT revision FROM cmig_version")" r040000000
        ok downgrade base
        same "$(dump | grep -c 'CREATE TABLE' || true)" 0
    done
}

slow_revision() {
    if [ "$DATABASE" = sqlite ]; then
        slow="INSERT INTO done_by SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT i FROM n)"
    elif [ "$DATABASE" = mysql ]; then
        slow="SELECT sleep(600)"
    else
        slow="SELECT pg_sleep(600)"
    fi
    empty_revision aaaa null
    revision_file bbbb aaaa <<END
upgrade:
  - create_table: {name: done_by, columns: {id: {type: integer, primary_key: true}}}
  - execute: "$slow"
downgrade: []
END
}

slow_is_running() {
    if [ "$DATABASE" = sqlite ]; then
        # The write lock is held as long as the revision runs.
        ! sqlite3 "$FILE" 'PRAGMA busy_timeout = 1; BEGIN IMMEDIATE; ROLLBACK' 2>/dev/null
    elif [ "$DATABASE" = mysql ]; then
        [ "$(sql "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%sleep(600)' AND id <> connection_id() AND db = DATABASE()")" != 0 ]
    else
        [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()")" != 0 ]
    fi
}

# Programs in the background ignore SIGINT, and so does everything that a test run in the background starts.
interrupted() { # SIGNAL STATUS
    env --default-signal=INT "${CMIG[@]}" upgrade head >out 2>err </dev/null &
    pid=$!
    wait_until slow_is_running
    kill -s "$1" "$pid"
    status=0
    wait "$pid" || status=$?
    out=$(cat out) err=$(cat err) ran="cmig upgrade head, then SIG$1"
    [ "$status" = "$2" ] || report "should have ended with $2"
}

@test "SIGINT and SIGTERM cancel the statement and roll back" {
    for database in $DATABASES; do
        project "$database"
        slow_revision
        interrupted INT 130
        if [ "$database" = mysql ]; then # the first operation is committed
            says "bbbb" "1 of 2 operations of revision bbbb are applied" "The version table says aaaa"
        else
            says "bbbb" "at aaaa"
            same "$(dump | grep -c 'CREATE TABLE' || true)" 0
        fi
        ! slow_is_running
        ok current
        prints aaaa
        interrupted TERM 143
        ! slow_is_running
        ok current
        prints aaaa
    done
}

@test "a server that drops the connection in the middle" {
    project postgresql
    slow_revision
    "${CMIG[@]}" upgrade head >out 2>err </dev/null &
    pid=$!
    wait_until slow_is_running
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    status=0
    wait "$pid" || status=$?
    out=$(cat out) err=$(cat err) ran="cmig upgrade head, terminated"
    [ "$status" = 1 ] || [ "$status" = 69 ] || report "status"
    says "bbbb" "terminating connection"
    ok current
    prints aaaa
}

@test "a locked database: wait, then 75 with the holder" {
    project sqlite "lock: {timeout: 1s}"
    working_chain 1
    ok ensure-version
    mkfifo hold
    sqlite3 "$FILE" <hold &
    holder=$!
    exec 8>hold
    echo 'BEGIN IMMEDIATE;' >&8
    wait_until slow_is_running
    fails 75 upgrade head
    says "locked"
    echo 'ROLLBACK;' >&8
    exec 8>&-
    wait "$holder"
    ok upgrade head

    project postgresql "lock: {timeout: 1s}"
    slow_revision
    "${CMIG[@]}" upgrade head >/dev/null 2>&1 </dev/null &
    holder=$!
    wait_until slow_is_running
    fails 75 upgrade head
    says "another cmig"
    kill "$holder"
    wait "$holder" || true
    fails 75 --url "$URL" upgrade nothing || true
}

@test "a table locked by another session" {
    project postgresql "lock: {timeout: 1s, retry_for: 2s}"
    working_chain 1
    ok upgrade head
    revision_file zzzz r001000000 <<<$'upgrade: [{add_column: {table: t1, name: x, type: text}}]\ndowngrade: [{drop_column: {table: t1, name: x}}]'
    mkfifo hold
    psql -X -q -d "$URL" <hold >/dev/null &
    holder=$!
    exec 8>hold
    echo 'BEGIN; LOCK TABLE t1;' >&8
    wait_until sql_lock_held
    fails 75 upgrade head
    says "t1"
    echo 'ROLLBACK;' >&8
    exec 8>&-
    wait "$holder"
    ok upgrade head
}

sql_lock_held() {
    [ "$(sql "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 't1'::regclass")" = 1 ]
}

@test "--wait waits for a server that starts, and stops at once on a wrong password" {
    project postgresql
    chain 1
    begin=$SECONDS
    fails 69 --wait 1s --url postgresql://postgres@127.0.0.1:1/x current
    [ $((SECONDS - begin)) -ge 1 ]
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DO \$\$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
    begin=$SECONDS
    fails 69 --wait 60s --url "${URL/postgres@/guarded:wrong@}" current
    says "password authentication failed"
    [ $((SECONDS - begin)) -lt 30 ]
    ok --wait 60s current
    fails 69 --wait 60s --url "${URL%/*}/not_there" current
    says "not_there"
    [ $((SECONDS - begin)) -lt 30 ]
}

@test "concurrent autogenerates leave whole files" {
    project sqlite
    users_model
    ok ensure-version
    pids=()
    for i in $(seq 8); do
        "${CMIG[@]}" revision --autogenerate -m "same" --rev-id "aaaa000$i" >/dev/null 2>&1 </dev/null &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || true
    done
    ! ls -A migrations | grep -v '^aaaa000[1-8]_same.yaml$'
    for file in migrations/*; do
        grep -q '^downgrade:' "$file"
    done
}
