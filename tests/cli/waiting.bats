#!/usr/bin/env bats
# Servers that stay silent, locks of other sessions, and connections that are lost.

load helper

teardown() {
    for pid in "${started[@]}"; do
        kill -CONT "$pid" 2>/dev/null || true
        kill "$pid" 2>/dev/null || true
    done
    drop_databases
}

# A server that falls silent at a stage: its port is then in $PORT.
silent_server() { # STAGE
    python3 "$TESTS/lib/silent_server.py" "$1" >port 3>&- &
    started+=($!)
    wait_until test -s port
    PORT=$(cat port)
}

# Runs cmig in the background, which SIGINT reaches; a signal must end it within seconds.
ends_by() { # SIGNAL STATUS WORD...
    local signal=$1 wanted=$2 pid begin
    shift 2
    env --default-signal=INT "${CMIG[@]}" "$@" >/dev/null 2>err 3>&- &
    pid=$!
    started+=($pid)
    sleep 1
    begin=$(date +%s%N)
    kill -"$signal" $pid
    status=0
    wait $pid || status=$?
    err=$(cat err)
    [ "$status" = "$wanted" ] || report "$signal: status $status"
    [ $((($(date +%s%N) - begin) / 1000000)) -lt 6000 ] || report "$signal: too late"
}

@test "a server that stays silent is not waited for longer than --wait, nor after an interruption" {
    project postgresql
    for stage in tcp ssl startup auth query; do
        silent_server "$stage"
        for url in "postgresql://u:p@127.0.0.1:$PORT/x" "postgresql://u:p@127.0.0.1:$PORT,127.0.0.1:$PORT/x" \
            "host=127.0.0.1 port=$PORT user=u password=p"; do
            begin=$SECONDS
            fails 69 --url "$url" --wait 1s current
            [ $((SECONDS - begin)) -lt 8 ] || report "$stage: too late"
        done
        begin=$SECONDS
        fails 69 --url "postgresql://u:p@127.0.0.1:$PORT/x?connect_timeout=2" current
        [ $((SECONDS - begin)) -lt 8 ] || report "$stage: too late"
        says 'not answer'
        ends_by INT 130 --url "postgresql://u:p@127.0.0.1:$PORT,127.0.0.1:$PORT/x" current
        ends_by TERM 143 --url "postgresql://u:p@127.0.0.1:$PORT/x" --wait 60s current
        rm port
    done
    # A silent host of a list does not keep the others from being tried.
    silent_server tcp
    server=${CMIG_TEST_POSTGRESQL_URL#*@}
    ok --url "postgresql://postgres@127.0.0.1:$PORT,${server%%/*}/postgres?connect_timeout=2" current
}

@test "lock.timeout is not lock_timeout, and the user's setting stays" {
    project postgresql 'lock: {timeout: 30s}'
    printf -- '-- revision: aaaa\n-- down_revision: null\n-- upgrade\nCREATE TABLE seen AS SELECT name, setting FROM pg_settings WHERE name IN (%s);\n-- downgrade\nDROP TABLE seen;\n' \
        "'lock_timeout', 'statement_timeout', 'tcp_keepalives_idle'" >migrations/aaaa.sql
    seen() { sql "SELECT setting FROM seen WHERE name = '$1'"; }
    again() { "$@" downgrade base; "$@" upgrade; }
    ok upgrade
    same 2000 "$(seen lock_timeout)"
    same 0 "$(seen statement_timeout)"
    echo 'lock: {table: 7s}' >>cmig.yaml
    sed -i '/timeout: 30s/d' cmig.yaml
    again ok
    same 7000 "$(seen lock_timeout)"
    for value in 500 0; do
        PGOPTIONS="-c lock_timeout=$value -c tcp_keepalives_idle=99 -c statement_timeout=60000" again ok
        same "$value 60000" "$(seen lock_timeout) $(seen statement_timeout)"
        again ok --url "$URL?options=-c%20lock_timeout%3D$value"
        same "$value" "$(seen lock_timeout)"
    done
    sql "ALTER DATABASE ${URL##*/} SET lock_timeout = 400"
    again ok
    same 400 "$(seen lock_timeout)"
    ok downgrade base
    ok upgrade --sql
    psql -X -q -v ON_ERROR_STOP=1 -d "$URL" <<<"$out" >/dev/null
    same 400 "$(seen lock_timeout)"
    sql "ALTER DATABASE ${URL##*/} RESET lock_timeout"
    ok downgrade base
    sql 'DROP TABLE cmig_version, cmig_history'
    ok upgrade --sql
    psql -X -q -v ON_ERROR_STOP=1 -d "$URL" <<<"$out" >/dev/null
    same 7000 "$(seen lock_timeout)"
}

@test "a lock on a table is waited for briefly, retried, and its holder is named" {
    project postgresql 'lock: {table: 300ms, retries: 1}'
    sql 'CREATE TABLE held (a integer)'
    empty_revision aaaa null
    revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: held, name: b, type: integer}}]\ndowngrade: []'
    # keeps the lock until its input ends
    mkfifo input
    PGAPPNAME=the-holder psql -X -q -d "$URL" <input >/dev/null 3>&- &
    exec 8>input
    echo 'BEGIN; LOCK TABLE held IN ACCESS SHARE MODE;' >&8
    is_held() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'held'::regclass AND granted")" = 1 ]; }
    wait_until is_held
    fails 75 upgrade
    says 'revision bbbb could not get a lock, and was rolled back; retrying in' \
        "application 'the-holder', holds a lock on held" 'cannot apply revision bbbb' 'The run tried again 1 time'
    same aaaa "$(sql 'SELECT revision FROM cmig_version')"
    echo 'lock: {table: 1s, retries: 20}' >>cmig.yaml
    sed -i '/300ms/d' cmig.yaml
    (sleep 2; echo 'COMMIT;' >&8) 3>&- &
    ok upgrade
    same 1 "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'held'::regclass AND attname = 'b'")"
    exec 8>&-
}

@test "row security and rules on cmig's tables are errors" {
    project postgresql
    empty_revision aaaa null
    empty_revision bbbb aaaa
    ok upgrade aaaa
    role=cmig_bats_role_$$
    sql "CREATE ROLE $role; GRANT ALL ON ALL TABLES IN SCHEMA public TO $role"
    for setup in '' "CREATE POLICY p ON cmig_version FOR SELECT USING (true)"; do
        sql "ALTER TABLE cmig_version ENABLE ROW LEVEL SECURITY; $setup"
        for words in current upgrade status 'downgrade base' 'stamp base'; do
            PGOPTIONS="-c role=$role" fails 1 $words
            says "row security hides rows of table 'cmig_version' from role '$role'"
        done
    done
    ok current
    sql "ALTER TABLE cmig_version DISABLE ROW LEVEL SECURITY; CREATE RULE nothing AS ON UPDATE TO cmig_version DO INSTEAD NOTHING"
    fails 1 upgrade
    says "rule 'nothing' of table 'cmig_version' changes the rows that cmig writes there"
    sql "DROP RULE nothing ON cmig_version; REVOKE SELECT ON cmig_version FROM $role"
    PGOPTIONS="-c role=$role" fails 1 current
    says 'permission denied'
    sql "DROP OWNED BY $role; DROP ROLE $role"
}

@test "an interruption takes effect while the server is silent, and the outcome is not guessed" {
    project postgresql
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}, {execute: SELECT pg_sleep(2)}]\ndowngrade: [{drop_table: t}]'
    server=${CMIG_TEST_POSTGRESQL_URL#*@}
    server=${server%%/*}
    python3 "$TESTS/lib/proxy.py" "${server%:*}" "${server#*:}" >port 3>&- &
    proxy=$!
    started+=($proxy)
    wait_until test -s port
    PORT=$(cat port)
    is_sleeping() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'")" = 1 ]; }
    is_gone() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cmig' AND datname = current_database()")" = 0 ]; }
    for signal in 'INT 130' 'TERM 143'; do
        env --default-signal=INT "${CMIG[@]}" --url "postgresql://postgres@127.0.0.1:$PORT/${URL##*/}" upgrade 2>err 3>&- &
        pid=$!
        started+=($pid)
        wait_until is_sleeping
        kill -STOP "$proxy"
        begin=$SECONDS
        kill -"${signal% *}" $pid
        status=0
        wait $pid || status=$?
        err=$(cat err)
        [ "$status" = "${signal#* }" ] || report 'status'
        [ $((SECONDS - begin)) -lt 6 ] || report 'too late'
        says 'It is unknown whether the last commit took effect'
        [[ $err != *'rolled back'* ]]
        kill -CONT "$proxy"
        wait_until is_gone
        ok upgrade
        ok downgrade base
    done
}

@test "after a session that the server ends nothing is guessed, and no lock remains" {
    project postgresql
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}]\ndowngrade: [{drop_table: t}]'
    revision_file bbbb aaaa <<'END'
upgrade:
  - execute: SELECT pg_terminate_backend(pg_backend_pid())
downgrade: []
END
    fails 69 upgrade
    says 'cannot apply revision bbbb' '1 of 2 revisions'
    same aaaa "$(sql 'SELECT revision FROM cmig_version')"
    same 0 "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")"
    ok current
    prints aaaa
}
