#!/usr/bin/env bats
# Locks of other sessions are waited for briefly and tried again, and lost connections are replaced.

load helper

teardown() {
    exec 8>&- 2>/dev/null || true
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for dir in "${servers[@]}"; do sh "$TESTS/lib/postgresql.sh" stop "$dir" || true; done
    drop_databases
}

# A session that reads the table `held` in an open transaction, until `release`.
hold() {
    rm -f hold
    mkfifo hold
    if [ "$DATABASE" = mysql ]; then
        mysql "$URL" <hold >/dev/null 2>&1 3>&- &
    else
        PGAPPNAME=the-holder psql -X -q -d "$URL" <hold >/dev/null 2>&1 3>&- &
    fi
    started+=($!)
    exec 8>hold
    echo "BEGIN; SELECT count(*), 'a secret' FROM held;" >&8
    wait_until is_held
}

release() {
    echo 'COMMIT;' >&8
    exec 8>&-
}

is_held() {
    if [ "$DATABASE" = mysql ]; then
        # The transaction has begun once it is visible as one that has read.
        [ "$(sql "SELECT count(*) FROM information_schema.innodb_trx")" != 0 ]
    else
        [ "$(sql "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity USING (pid) WHERE relation = 'held'::regclass AND granted AND application_name = 'the-holder'")" = 1 ]
    fi
}

# Runs cmig in the background; its messages are in the file `err`, and `finish` waits for its end.
begin() { # WORD...
    ran="cmig $*"
    "${CMIG[@]}" "$@" >out 2>err </dev/null 3>&- 8>&- &
    pid=$!
    started+=($pid)
}

finish() { # STATUS
    status=0
    wait "$pid" || status=$?
    slurp out <out
    slurp err <err
    [ "$status" = "$1" ] || report "should have ended with $1"
}

has_said() { # TEXT [TIMES]
    [ "$(grep -cF -- "$1" err)" -ge "${2:-1}" ]
}

columns_of() { # TABLE
    if [ "$DATABASE" = mysql ]; then
        sql "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '$1' ORDER BY ordinal_position" | xargs
    else
        sql "SELECT attname FROM pg_attribute WHERE attrelid = '$1'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum" | xargs
    fi
}

# A reader that gives up when it waits much longer than statements of cmig do.
read_held() {
    if [ "$DATABASE" = mysql ]; then
        sql "SET lock_wait_timeout = 5; SELECT count(*) FROM held"
    else
        PGOPTIONS='-c lock_timeout=3s' sql 'SELECT count(*) FROM held'
    fi
}

limit_of() { # DATABASE
    [ "$1" = mysql ] && echo 1s || echo 300ms
}

# ---- locks -------------------------------------------------------------------------------------------------------

@test "a table that a reader holds: other readers proceed, and the upgrade succeeds afterwards" {
    for database in postgresql mysql; do
        project "$database" "lock: {table: $(limit_of $database)}"
        sql 'CREATE TABLE held (a integer)'
        sql 'INSERT INTO held VALUES (1)'
        empty_revision aaaa null
        revision_file bbbb aaaa <<'Y'
upgrade:
- create_table: {name: before, columns: {a: integer}}
- add_column: {table: held, name: b, type: integer}
- execute: INSERT INTO held VALUES (2, 3)
downgrade: []
Y
        hold
        begin --json upgrade
        wait_until has_said 'waiting for a lock'
        # They queue after the statement that waits, and are let through when it gives up.
        for _ in 1 2 3 4; do same 1 "$(read_held)"; done
        wait_until has_said 'revision bbbb could not get a lock' 2
        is_held
        same 1 "$(read_held)"
        release
        finish 0
        json "d['retries'] >= 2 and d['waited_ms'] > 0 and d['rows'] == ['bbbb'] and d['reconnects'] == 0"
        same '2 3' "$(sql 'SELECT a, b FROM held WHERE a = 2' | tr '|' ' ')"
        same 'a b' "$(columns_of held)"
        # The same session is named once, and its literals are not.
        same 1 "$(grep -c 'waiting for a lock' err)"
        [[ $err != *secret* ]]
        if [ "$database" = postgresql ]; then
            says "application 'the-holder', holds a lock on held" 'it is idle in transaction' 'SELECT count(*), ? FROM held' \
                'revision bbbb could not get a lock, and was rolled back; retrying in'
        else
            says 'the lock may be held by connection' 'revision bbbb could not get a lock after 1 of 3 operations; retrying in'
        fi
        no_progress
    done
}

@test "at the limit the status is 75, the schema is as before, and the session is named" {
    for database in postgresql mysql; do
        project "$database" "lock: {table: $(limit_of $database), retry_for: 2s}"
        sql 'CREATE TABLE held (a integer)'
        sql 'INSERT INTO held VALUES (1)'
        empty_revision aaaa null
        revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: held, name: b, type: integer}}]\ndowngrade: []'
        hold
        fails 75 --json upgrade
        json "d['retries'] > 0 and d['waited_ms'] >= 1900 and d['rows'] == ['aaaa'] and len(d['steps']) == 1"
        says 'cannot apply revision bbbb' 'The run tried again' "set 'lock: {retry_for: 10m}'"
        [[ $err != *secret* ]]
        same a "$(columns_of held)"
        same aaaa "$(sql 'SELECT revision FROM cmig_version')"
        if [ "$database" = postgresql ]; then
            says "application 'the-holder', holds a lock on held" 'Revision bbbb was rolled back; 1 of 2 revisions was applied'
        else
            says 'the lock may be held by connection'
        fi
        # Nothing is tried again where that was not wanted.
        for limit in 'retry_for: 0s' 'retries: 0'; do
            sed -i "s/retry_for: 2s\|retries: 0\|retry_for: 0s/$limit/" cmig.yaml
            fails 75 --json upgrade
            json "d['retries'] == 0"
        done
        release
        ok upgrade
        same 'a b' "$(columns_of held)"
    done
}
