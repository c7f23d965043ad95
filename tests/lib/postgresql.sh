#!/bin/sh
# A temporary PostgreSQL server for the tests: below a directory, on a free loopback port, without durability.
#
#   postgresql.sh start DIR        creates and starts it, and prints its URL
#   postgresql.sh standby DIR URL  the same, as a read-only copy of a server that follows it
#   postgresql.sh promote DIR      makes a standby a server that can be written to
#   postgresql.sh crash DIR        ends the server of DIR at once, as if it had failed
#   postgresql.sh stop DIR         stops the server of DIR and removes its directory
#
# No role needs a password, except for one called "guarded". The server refuses to run as root: if root runs this
# script, DIR must be accessible to the user postgres. CMIG_TEST_POSTGRESQL_BIN is the directory of the server's
# programs, if they are not the installed ones.
set -eu
command=${1:?start, standby, promote, crash or stop}
dir=${2:?a directory}

bin=${CMIG_TEST_POSTGRESQL_BIN:-$(pg_config --bindir 2>/dev/null || true)}
[ -x "$bin/initdb" ] || bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$bin/initdb" ]; then
    echo "postgresql.sh: no PostgreSQL server is installed" >&2
    exit 1
fi

# Sessions are short, and there are thousands: most of what one costs the machine are page faults and the set-up of OpenSSL.
export GLIBC_TUNABLES=glibc.malloc.hugetlb=1 OPENSSL_CONF=/dev/null

user=postgres
. "$(dirname "$0")/throwaway.sh"

prepare() {
    mkdir -p "$dir/data"
    chmod 755 "$dir"
    chmod 700 "$dir/data"
    [ "$(id -u)" != 0 ] || chown -R postgres "$dir"
    cd "$dir"
}

launch() {
    # Another process may take the port in between.
    for _ in 1 2 3 4 5; do
        port=$(free_ports 1)
        if as_server "$bin/pg_ctl" -D "$dir/data" -w -s -l "$dir/server.log" -o "-p $port -k $dir \
            -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
            -c max_connections=200 -c max_locks_per_transaction=1024 -c autovacuum=off -c jit=off -c shared_buffers=64MB" start >&2; then
            echo "postgresql://postgres@127.0.0.1:$port/postgres"
            return
        fi
    done
    cat "$dir/server.log" >&2
    return 1
}

start() {
    prepare
    as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log"
    as_server sed -i '1i host all guarded all scram-sha-256' "$dir/data/pg_hba.conf"
    launch
}

standby() {
    prepare
    as_server "$bin/pg_basebackup" -d "$1" -D "$dir/data" -R -c fast --no-sync
    launch
}

promote() {
    cd "$dir"
    as_server "$bin/pg_ctl" -D "$dir/data" -s -w promote
}

crash() {
    [ ! -f "$dir/data/postmaster.pid" ] || (cd "$dir" && as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -s -w stop)
}

stop() {
    crash
    rm -rf "$dir"
}

case $command in
start) start ;;
standby) standby "${3:?the URL of its primary}" ;;
promote) promote ;;
crash) crash ;;
stop) stop ;;
*) echo "usage: postgresql.sh start DIR | standby DIR URL | promote DIR | crash DIR | stop DIR" >&2; exit 64 ;;
esac
