#!/usr/bin/env bats
# PostgreSQL servers behind HAProxy and pgpool-II: which server answers must make no difference.
load helper

setup_file() {
    is_installed_postgresql || return 0 # the servers are of the installed version
    export PAIR=$BATS_FILE_TMPDIR/pair
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
}

teardown() {
    [ ! -d "$PAIR" ] || sh "$TESTS/lib/patroni.sh" stop "$PAIR"
    [ ! -f "$BATS_TEST_TMPDIR/pgpool/pid" ] || kill "$(cat "$BATS_TEST_TMPDIR/pgpool/pid")"
    [ ! -d "$BATS_FILE_TMPDIR/standby" ] || sh "$TESTS/lib/postgresql.sh" stop "$BATS_FILE_TMPDIR/standby"
    drop_databases
}

is_past() { # REVISION
    [ "$(sql "SELECT max(revision) >= '$1' FROM cmig_version")" = t ]
}

@test "Patroni and HAProxy: a failover in the middle of fifty revisions" {
    is_installed_postgresql || return 0
    URL=$(sh "$TESTS/lib/patroni.sh" start "$PAIR") DATABASE=postgresql
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/project-XXXX")
    cd "$PROJECT"
    mkdir models migrations
    printf '%s\n' "url: $URL" 'models: []' >cmig.yaml
    local parent=null id
    local nap='DO $$BEGIN FOR i IN 1..600 LOOP EXIT WHEN EXISTS (SELECT FROM go); PERFORM pg_sleep(0.1); END LOOP; END$$'
    sql 'CREATE TABLE go (a int)'
    for i in $(seq 50); do
        id=$(printf 'r%03d' "$i")
        revision_file "$id" "$parent" <<<"upgrade: [{create_table: {name: t_$id, columns: {a: integer}}}, {execute: \"INSERT INTO t_$id VALUES (1)$([ "$i" != 25 ] || echo "; $nap")\"}]"$'\ndowngrade: []'
        parent=$id
    done
    "${CMIG[@]}" --wait 60s upgrade >out 2>err 3>&- &
    wait_until is_past r024
    sh "$TESTS/lib/patroni.sh" failover "$PAIR"
    wait_until sql 'INSERT INTO go VALUES (1)'
    status=0
    wait $! || status=$?
    err=$(cat err) out=$(cat out) ran=upgrade
    [ "$status" = 0 ] || report "should have succeeded"
    says 'the connection was lost; connecting again' 'done: 50 steps'
    same "50|50" "$(sql 'SELECT count(*), count(DISTINCT revision) FROM cmig_history')"
    same 50 "$(sql "SELECT sum((xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || relname, false, true, '')))[1]::text::int) FROM pg_class WHERE relname LIKE 't\_r%'")"
    same "" "$(sql "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")"
}

# A pgpool-II before the server, and a standby that gets all queries which only read: $POOL is its URL of the database.
pgpool() {
    local dir=$BATS_TEST_TMPDIR/pgpool port as=()
    local server=${CMIG_TEST_POSTGRESQL_URL%/*}
    STANDBY=$(sh "$TESTS/lib/postgresql.sh" standby "$BATS_FILE_TMPDIR/standby" "$CMIG_TEST_POSTGRESQL_URL")
    mkdir -p "$dir"
    chmod 755 "$BATS_TEST_TMPDIR"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    touch "$dir/pcp.conf" "$dir/pool_passwd"
    cat >"$dir/pgpool.conf" <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
pcp_socket_dir = '$dir'
pcp_listen_addresses = ''
backend_clustering_mode = 'streaming_replication'
backend_hostname0 = '127.0.0.1'
backend_port0 = ${server##*:}
backend_weight0 = 0
backend_hostname1 = '127.0.0.1'
backend_port1 = $(sed -E 's/.*:([0-9]+).*/\1/' <<<"$STANDBY")
backend_weight1 = 1
num_init_children = 4
load_balance_mode = on
sr_check_user = 'postgres'
sr_check_period = 0
health_check_period = 0
pid_file_name = '$dir/pid'
logdir = '$dir'
END
    if [ "$(id -u)" = 0 ]; then
        chown -R postgres "$dir"
        as=(runuser -u postgres --)
    fi
    "${as[@]}" "$(PATH=$PATH:/usr/sbin command -v pgpool)" -n -f "$dir/pgpool.conf" -F "$dir/pcp.conf" >"$dir/log" 2>&1 3>&- &
    POOL=postgresql://postgres@127.0.0.1:$port/${URL##*/}
    wait_until psql -X -d "$POOL" -c 'SELECT 1'
}

@test "pgpool-II: a standby that is behind is not taken for the database" {
    is_installed_postgresql || return 0
    project postgresql
    pgpool
    users_model
    ok --url "$POOL" revision --autogenerate -m one --rev-id aaaa
    ok --url "$POOL" upgrade
    psql -X -q -d "$STANDBY" -c 'SELECT pg_wal_replay_pause()' >/dev/null
    ok --url "$POOL" downgrade base
    same "" "$(sql 'SELECT * FROM cmig_version')"
    ok --url "$POOL" current
    prints_exactly ""
    ok --url "$POOL" upgrade
    says 'done: 1 step'
    ok --url "$POOL" check
    same aaaa "$(sql 'SELECT * FROM cmig_version')"
    same "" "$(sql "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")"
}
