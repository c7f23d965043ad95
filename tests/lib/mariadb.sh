#!/bin/sh
# A temporary MariaDB server for the tests: below a directory, on a free loopback port, without durability.
#
#   mariadb.sh start DIR [OPTION...]  makes and starts it, with further options of mariadbd; prints its URL
#   mariadb.sh stop DIR   stops the server of DIR and removes its directory
#
# The user root is let in without a password. DIR must be reachable by the user mysql when this is run by root.
set -eu
command=${1:?start or stop}
dir=${2:?a directory}
shift 2

user=mysql
. "$(dirname "$0")/throwaway.sh"

# Small buffers and no durability: a server that lives for one run of the tests. It must not hold the output of this
# script open, which its caller reads to the end.
run_server() {
    (
        exec >>"$dir/server.log" 2>&1 </dev/null
        as_server mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/socket" --pid-file="$dir/pid" \
            --bind-address=127.0.0.1 --port="$port" --skip-name-resolve --skip-log-bin --performance-schema=OFF \
            --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF --innodb-flush-method=nosync \
            --innodb-buffer-pool-size=32M --innodb-log-file-size=16M --key-buffer-size=1M --aria-pagecache-buffer-size=8M \
            --max-connections=200 --table-open-cache=2000 --character-set-server=utf8mb4 "$@"
    ) &
    server=$!
}

answers() {
    mariadb-admin --no-defaults --socket="$dir/socket" --user=root ping >/dev/null 2>&1
}

launch() {
    # Another process may take the port in between.
    for _ in 1 2 3 4 5; do
        port=$(free_ports 1)
        run_server "$@"
        while kill -0 "$server" 2>/dev/null; do
            if answers; then
                echo "mysql://root@127.0.0.1:$port/mysql"
                return
            fi
            sleep 0.1
        done
    done
    cat "$dir/server.log" >&2
    return 1
}

start() {
    mkdir -p "$dir/data"
    chmod 755 "$dir"
    [ "$(id -u)" != 0 ] || chown -R mysql "$dir"
    cd "$dir"
    as_server mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve --innodb-log-file-size=16M --innodb-flush-method=nosync >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; return 1; }
    launch "$@"
}

stop() {
    if [ -f "$dir/pid" ]; then
        pid=$(cat "$dir/pid")
        kill -KILL "$pid" 2>/dev/null || true
        while kill -0 "$pid" 2>/dev/null; do
            sleep 0.1
        done
    fi
    rm -rf "$dir"
}

case $command in
start) start "$@" ;;
stop) stop ;;
*) echo "usage: mariadb.sh start DIR [OPTION...] | stop DIR" >&2; exit 64 ;;
esac
