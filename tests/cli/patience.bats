#!/usr/bin/env bats
# Locks of other sessions are waited for briefly and tried again, and lost connections are replaced.

load helper

teardown() {
    exec 8>&- 2>/dev/null || true
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    stop_pair
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
        # Nothing is tried again with 'retry_for: 0s' or 'retries: 0'.
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

# A revision of which parts are committed before a statement wants the table.
parts_revision() {
    revision_file bbbb aaaa <<'Y'
upgrade:
- create_table: {name: n, columns: {id: {type: integer, primary_key: true}, x: integer}}
- execute: INSERT INTO n VALUES (1, 0)
- backfill: {table: n, set: {x: x + 1}}
- create_index: {table: n, name: ix, columns: [x], concurrently: true}
- execute: INSERT INTO n VALUES (2, 2)
- add_column: {table: held, name: b, type: integer}
- backfill: {table: n, set: {x: x + 1}}
downgrade: []
Y
}

@test "a revision that is committed in parts repeats only the part that could not get a lock" {
    for database in postgresql mysql; do
        project "$database" "lock: {table: $(limit_of $database)}"
        sql 'CREATE TABLE held (a integer)'
        sql 'INSERT INTO held VALUES (1)'
        empty_revision aaaa null
        parts_revision
        hold
        begin --json upgrade
        wait_until has_said 'revision bbbb could not get a lock after ' 2
        release
        finish 0
        json "d['retries'] >= 2 and len(d['steps']) == 2"
        same '1 2|2 3' "$(sql 'SELECT id, x FROM n ORDER BY id' | tr '|' ' ' | paste -sd '|')"
        same 'a b' "$(columns_of held)"
        same 2 "$(sql 'SELECT count(*) FROM cmig_history')"
        no_progress
    done
}

@test "a revision that is committed in parts remains half applied at the limit, and the next run continues it" {
    for database in postgresql mysql; do
        project "$database" "lock: {table: $(limit_of $database), retry_for: 1s}"
        sql 'CREATE TABLE held (a integer)'
        sql 'INSERT INTO held VALUES (1)'
        empty_revision aaaa null
        parts_revision
        hold
        fails 75 upgrade
        says 'operations of revision bbbb are applied' 'Before it, 1 of 2 revisions was applied.' 'The version table says aaaa.' \
            "Run 'cmig upgrade bbbb' to continue it"
        same a "$(columns_of held)"
        release
        ok upgrade
        says 'continuing with operation'
        same '1 2|2 3' "$(sql 'SELECT id, x FROM n ORDER BY id' | tr '|' ' ' | paste -sd '|')"
        same 'a b' "$(columns_of held)"
    done
}

@test "a retry repeats neither applied revisions nor a relative target" {
    for database in postgresql mysql; do
        project "$database" "lock: {table: $(limit_of $database)}"
        sql 'CREATE TABLE held (a integer)'
        sql 'INSERT INTO held VALUES (1)'
        revision_file aaaa null <<<$'upgrade: [{create_table: {name: t_aaaa, columns: {a: integer}}}]\ndowngrade: [{drop_table: t_aaaa}]'
        revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: held, name: b, type: integer}}]\ndowngrade: [{drop_column: {table: held, name: b}}]'
        revision_file cccc bbbb <<<$'upgrade: [{create_table: {name: t_cccc, columns: {a: integer}}}]\ndowngrade: [{drop_table: t_cccc}]'
        for words in 'upgrade +2|bbbb' 'upgrade +1|cccc' 'downgrade -2|aaaa'; do
            hold
            [[ $words != 'upgrade +1'* ]] || release
            begin ${words%|*}
            [[ $words == 'upgrade +1'* ]] || { wait_until has_said 'could not get a lock' 2; release; }
            finish 0
            same "${words#*|}" "$(sql 'SELECT revision FROM cmig_version')"
        done
        same a "$(columns_of held)"
    done
}

@test "with 'transaction: run' everything that was rolled back is applied again" {
    project postgresql 'lock: {table: 300ms}' 'transaction: run'
    sql 'CREATE TABLE held (a integer)'
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}, {execute: INSERT INTO t VALUES (1)}]\ndowngrade: []'
    revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: held, name: b, type: integer}}]\ndowngrade: []'
    hold
    begin --json upgrade
    wait_until has_said 'revision bbbb could not get a lock, and was rolled back with 1 revision before it; retrying' 2
    release
    finish 0
    json "[s['revision'] for s in d['steps']] == ['aaaa', 'bbbb'] and d['planned'] == 2"
    same 1 "$(sql 'SELECT count(*) FROM t')"
    same 2 "$(sql 'SELECT count(*) FROM cmig_history')"
}

@test "an index that is built concurrently waits without a limit, and the session is named" {
    project postgresql 'lock: {table: 300ms, retries: 0}'
    sql 'CREATE TABLE held (a integer)'
    empty_revision aaaa null
    revision_file bbbb aaaa <<<$'upgrade: [{create_index: {table: held, name: ix, columns: [a], concurrently: true}}]\ndowngrade: []'
    hold
    echo 'INSERT INTO held VALUES (1);' >&8
    begin upgrade
    wait_until has_said 'waiting for a lock'
    release
    finish 0
    says "application 'the-holder', keeps a transaction open"
    same t "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass")"
}

# ---- lost connections --------------------------------------------------------------------------------------------

cut_at() { # before|after N WORD...
    local program=cut.py
    [ "$DATABASE" = postgresql ] || program=cut_mysql.py
    status=0
    python3 "$TESTS/lib/$program" "$URL" "$1" "$2" "${CMIG[@]}" "${@:3}" >out 2>err </dev/null || status=$?
    slurp out <out
    slurp err <err
    ran="cmig ${*:3}, cut $1 commit $2"
}

@test "a run whose connection is lost at any commit continues, and does all of it once" {
    for database in postgresql mysql; do
        for when in before after; do
            for n in $(seq 1 3 60); do
                project "$database"
                sql 'CREATE TABLE held (a integer)'
                empty_revision aaaa null
                parts_revision
                empty_revision cccc bbbb
                cut_at "$when" "$n" --json upgrade
                [ "$status" = 0 ] || report "should have succeeded"
                same '1 2|2 3' "$(sql 'SELECT id, x FROM n ORDER BY id' | tr '|' ' ' | paste -sd '|')"
                same 'a b' "$(columns_of held)"
                same 'aaaa bbbb cccc' "$(sql 'SELECT revision FROM cmig_history ORDER BY id' | xargs)"
                json "d['rows'] == ['cccc'] and [s['revision'] for s in d['steps']] == ['aaaa', 'bbbb', 'cccc']"
                no_progress
                drop_databases
                made=() made_mysql=()
                [[ $err == *'connected again'* ]] || break
            done
            # The last one was beyond the last commit.
            [ "$n" -gt 4 ] && json "d['reconnects'] == 0"
        done
    done
}

@test "after a lost connection a relative target is not counted again" {
    for when in before after; do
        project postgresql
        chain 4
        ok upgrade
        cut_at "$when" 1 downgrade -1
        [ "$status" = 0 ] || report "should have succeeded"
        same r003000000 "$(sql 'SELECT revision FROM cmig_version')"
        cut_at "$when" 1 downgrade -2
        [ "$status" = 0 ] || report "should have succeeded"
        same r001000000 "$(sql 'SELECT revision FROM cmig_version')"
        cut_at "$when" 1 upgrade +1
        [ "$status" = 0 ] || report "should have succeeded"
        same r002000000 "$(sql 'SELECT revision FROM cmig_version')"
        cut_at "$when" 1 stamp head
        [ "$status" = 0 ] || report "should have succeeded"
        same r004000000 "$(sql 'SELECT revision FROM cmig_version')"
    done
}

@test "a session that an administrator ends is not replaced" {
    project postgresql
    empty_revision aaaa null
    revision_file bbbb aaaa <<<$'upgrade: [{execute: SELECT pg_sleep(60)}]\ndowngrade: []'
    begin upgrade
    wait_until is_sleeping
    sql "SELECT pg_terminate_backend(pid) FROM ($SLEEPERS) AS s" >/dev/null
    finish 69
    [[ $err != *'connected again'* ]] || report 'should not have continued'
    says 'Revision bbbb was rolled back; 1 of 2 revisions was applied, the database is at aaaa'
}

SLEEPERS="SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()"

is_sleeping() {
    [ -n "$(sql "$SLEEPERS")" ]
}

# ---- failover ----------------------------------------------------------------------------------------------------

# A server, and a standby that follows it: $PRIMARY and $STANDBY are their URLs, $URL is that of whichever can be written to.
pair() {
    PAIR=$BATS_FILE_TMPDIR/pair
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
    PRIMARY=$(sh "$TESTS/lib/postgresql.sh" start "$PAIR/a")
    STANDBY=$(sh "$TESTS/lib/postgresql.sh" standby "$PAIR/b" "$PRIMARY")
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/project-XXXX")
    cd "$PROJECT"
    mkdir models migrations
    local one=${PRIMARY#*@} two=${STANDBY#*@}
    echo "url: postgresql://postgres@${one%%/*},${two%%/*}/postgres?target_session_attrs=read-write" >cmig.yaml
    URL=$PRIMARY DATABASE=postgresql
    wait_until is_replicating
}

stop_pair() {
    [ -n "${PAIR:-}" ] || return 0
    for server in a b; do sh "$TESTS/lib/postgresql.sh" stop "$PAIR/$server" || true; done
    PAIR=
}

is_replicating() {
    [ "$(psql -X -A -t -d "$PRIMARY" -c 'SELECT state FROM pg_stat_replication')" = streaming ]
}

# What is reported as committed is on both servers.
is_synchronous() {
    [ "$(psql -X -A -t -d "$PRIMARY" -c 'SELECT sync_state FROM pg_stat_replication')" = sync ]
}

synchronous() {
    psql -X -q -d "$PRIMARY" -c "ALTER DATABASE postgres SET synchronous_commit = on" \
        -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c 'SELECT pg_reload_conf()' >/dev/null
    wait_until is_synchronous
}

fail_over() {
    sh "$TESTS/lib/postgresql.sh" crash "$PAIR/a"
    sh "$TESTS/lib/postgresql.sh" promote "$PAIR/b"
    URL=$STANDBY
}

# N revisions, each with a table and a row, and a statement of its own in one of them.
many() { # N AT SQL
    local i parent=null id
    for i in $(seq "$1"); do
        id=$(printf 'r%03d' "$i")
        revision_file "$id" "$parent" <<Y
upgrade:
- create_table: {name: t_$id, columns: {a: integer}}
- execute: INSERT INTO t_$id VALUES (1)$([ "$i" != "$2" ] || echo "; $3")
downgrade: []
Y
        parent=$id
    done
}

all_once() { # N
    local i id
    for i in $(seq "$1"); do
        id=$(printf 'r%03d' "$i")
        same 1 "$(sql "SELECT count(*) FROM t_$id")"
    done
    same "$1 $1" "$(sql 'SELECT count(*), count(DISTINCT revision) FROM cmig_history' | tr '|' ' ')"
    same "$(printf 'r%03d' "$1")" "$(sql 'SELECT revision FROM cmig_version')"
}

is_past() { # REVISION
    [ "$(sql "SELECT max(revision) >= '$1' FROM cmig_version")" = t ]
}

@test "a failover in the middle of fifty revisions: everything is applied once" {
    for at in statement anywhere; do
        pair
        synchronous
        if [ $at = statement ]; then
            many 50 25 "SELECT pg_sleep(CASE WHEN inet_server_port() = $(sql 'SELECT inet_server_port()') THEN 60 ELSE 0 END)"
        else
            many 50 0
            sed -i 's/INSERT/SELECT pg_sleep(0.02); INSERT/' migrations/*.yaml
        fi
        begin --json --wait 60s upgrade
        [ $at = statement ] && wait_until is_sleeping || wait_until is_past r010
        fail_over
        finish 0
        json "d['reconnects'] >= 1 and d['rows'] == ['r050'] and [s['revision'] for s in d['steps']] == ['r%03d' % i for i in range(1, 51)]"
        says 'the connection was lost; connecting again' 'connected again; the database is at r0'
        [[ $err != *'the server lost'* ]] || report 'nothing should have been lost'
        all_once 50
        stop_pair
    done
}

@test "steps that the server had reported as committed, and lost in a failover, are applied again" {
    pair
    sql 'CREATE TABLE go (a integer)'
    many 30 10 "DO \$\$BEGIN WHILE NOT EXISTS (SELECT FROM go) LOOP PERFORM pg_sleep(0.1); END LOOP; END\$\$"
    sed -i 's/^- execute: INSERT INTO t_r020.*/&; SELECT pg_sleep(CASE WHEN pg_is_in_recovery() OR inet_server_port() <> '"$(sql 'SELECT inet_server_port()')"' THEN 0 ELSE 60 END)/' migrations/r020.yaml
    begin --json --wait 60s upgrade
    wait_until is_past r009
    # The standby receives nothing more.
    has_caught_up() { [ "$(psql -X -A -t -d "$STANDBY" -c "SELECT max(revision) FROM cmig_version")" = r009 ]; }
    wait_until has_caught_up
    psql -X -q -d "$STANDBY" -c "ALTER SYSTEM SET primary_conninfo = ''" -c 'SELECT pg_reload_conf()' >/dev/null
    is_alone() { [ -z "$(psql -X -A -t -d "$PRIMARY" -c 'SELECT 1 FROM pg_stat_replication')" ]; }
    wait_until is_alone
    sql 'INSERT INTO go VALUES (1)'
    wait_until is_past r019
    fail_over
    sql 'INSERT INTO go VALUES (1)'
    finish 0
    says 'the server lost 10 steps that had been committed: the database is at r009, not at r019'
    json "[s['revision'] for s in d['steps']] == ['r%03d' % i for i in range(1, 31)] and d['planned'] == 30"
    # The lost steps are announced again.
    same '1 2 2 2 1' "$(for i in r009 r010 r011 r019 r021; do grep -c -- "-> $i" err; done | xargs)"
    all_once 30
}

@test "a statement at which the server crashes twice is not sent a third time" {
    pair
    psql -X -q -d "$PRIMARY" -c 'ALTER DATABASE postgres SET synchronous_commit = on'
    many 3 2 'SELECT pg_sleep(60)'
    crash_backend() {
        local sleeper
        sleeper=$(sql "$SLEEPERS")
        kill -9 "$sleeper"
        is_over() { ! kill -0 "$sleeper" 2>/dev/null; }
        wait_until is_over
    }
    begin --wait 60s upgrade
    wait_until is_sleeping
    crash_backend
    wait_until has_said 'connected again; the database is at r001'
    wait_until is_sleeping
    crash_backend
    finish 69
    same 1 "$(grep -c 'connected again' err)"
    says 'cannot apply revision r002' 'Revision r002 was rolled back; 1 of 3 revisions was applied, the database is at r001'
}
