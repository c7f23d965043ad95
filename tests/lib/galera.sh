#!/bin/sh
# A temporary Galera cluster of three MariaDB servers for the tests: below a directory, on free loopback ports.
#
#   galera.sh start DIR   makes and starts it, prints the URL of each node
#   galera.sh stop DIR    stops the servers of DIR and removes its directory
#
# The user root is let in without a password. DIR must be reachable by the user mysql when this is run by root.
set -eu
command=${1:?start or stop}
dir=${2:?a directory}
provider=/usr/lib/galera/libgalera_smm.so

user=mysql
. "$(dirname "$0")/throwaway.sh"

# Small buffers and no durability. A node that joins gets its data from another one.
run_node() { # NAME ADDRESS PORT CLUSTER_PORT IST_PORT SST_PORT [OPTION...]
    name=$1 address=$2 port=$3 cluster=$4 ist=$5 sst=$6
    shift 6
    (
        exec >>"$dir/$name/log" 2>&1 </dev/null
        as_server mariadbd --no-defaults --datadir="$dir/$name/data" --socket="$dir/$name/socket" \
            --pid-file="$dir/$name/pid" --bind-address=127.0.0.1 --port="$port" --skip-name-resolve --skip-log-bin \
            --performance-schema=OFF --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF \
            --innodb-flush-method=nosync --innodb-buffer-pool-size=32M --innodb-log-file-size=16M \
            --key-buffer-size=1M --aria-pagecache-buffer-size=8M --character-set-server=utf8mb4 --binlog-format=ROW \
            --innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-provider="$provider" --wsrep-cluster-name=cmig \
            --wsrep-node-name="$name" --wsrep-node-address="127.0.0.1:$cluster" --wsrep-sst-method=rsync \
            --wsrep-sst-receive-address="127.0.0.1:$sst" --wsrep-cluster-address="$address" \
            --wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$cluster;ist.recv_addr=127.0.0.1:$ist;gcache.size=8M;evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S" "$@"
    ) &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
        if [ "$(mariadb --no-defaults -N -B --socket="$dir/$name/socket" --user=root \
            -e "SHOW STATUS LIKE 'wsrep_ready'" 2>/dev/null)" = "wsrep_ready	ON" ]; then
            echo "mysql://root@127.0.0.1:$port/mysql"
            return
        fi
        sleep 0.1
    done
    cat "$dir/$name/log" >&2
    return 1
}

start() {
    mkdir -p "$dir/n1/data" "$dir/n2/data" "$dir/n3/data"
    chmod 755 "$dir"
    [ "$(id -u)" != 0 ] || chown -R mysql "$dir"
    cd "$dir"
    as_server mariadb-install-db --no-defaults --datadir="$dir/n1/data" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve --innodb-log-file-size=16M --innodb-flush-method=nosync >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; return 1; }
    # shellcheck disable=SC2046
    set -- $(free_ports 12)
    run_node n1 gcomm:// "$1" "$2" "$3" "$4" --wsrep-new-cluster
    run_node n2 "gcomm://127.0.0.1:$2" "$5" "$6" "$7" "$8"
    run_node n3 "gcomm://127.0.0.1:$2" "$9" "${10}" "${11}" "${12}"
}

stop() {
    for pid in "$dir"/n?/pid; do
        [ -f "$pid" ] || continue
        kill -KILL "$(cat "$pid")" 2>/dev/null || true
        while kill -0 "$(cat "$pid")" 2>/dev/null; do
            sleep 0.1
        done
    done
    rm -rf "$dir"
}

case $command in
start) start ;;
stop) stop ;;
*) echo "usage: galera.sh start DIR | stop DIR" >&2; exit 64 ;;
esac
