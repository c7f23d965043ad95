#!/bin/sh
# A temporary pair of PostgreSQL servers that Patroni manages, with HAProxy before them, for the tests.
#
#   patroni.sh start DIR     makes and starts it, prints the URL of HAProxy, which leads to the primary
#   patroni.sh failover DIR  makes the standby the primary, as an administrator does
#   patroni.sh crash DIR     ends Patroni and the server of the primary at once
#   patroni.sh stop DIR      stops everything of DIR and removes its directory
#
# No role needs a password. DIR must be reachable by the user postgres when this is run by root.
set -eu
command=${1:?start, failover, crash or stop}
dir=${2:?a directory}
bin=$(pg_config --bindir)
PATH=$PATH:/usr/sbin

user=postgres
. "$(dirname "$0")/throwaway.sh"

# In the background; the number of its process is then in DIR/NAME.pid.
run() { # NAME PROGRAM [ARG...]
    name=$1
    shift
    (
        exec >"$name.log" 2>&1 </dev/null 3>&-
        as_server sh -c 'echo $$ >"$1.pid"; shift; exec "$@"' sh "$name" "$@"
    ) &
}

wait_for() { # PROGRAM [ARG...]
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "patroni.sh: waited in vain for: $*" >&2
    tail -n 20 ./*.log >&2
    return 1
}

node() { # NAME PORT REST_PORT ETCD_PORT
    cat >"$1.yml" <<END
scope: cmig
name: $1
restapi: {listen: "127.0.0.1:$3", connect_address: "127.0.0.1:$3"}
etcd3: {host: "127.0.0.1:$4"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    postgresql:
      use_pg_rewind: false
      parameters: {fsync: "off", full_page_writes: "off", max_connections: 50, shared_buffers: 16MB, jit: "off"}
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, no-sync]
  pg_hba: [host all all 127.0.0.1/32 trust, host replication all 127.0.0.1/32 trust]
postgresql:
  listen: 127.0.0.1:$2
  connect_address: 127.0.0.1:$2
  data_dir: $dir/$1
  bin_dir: $bin
  pgpass: $dir/$1.pgpass
  authentication: {superuser: {username: postgres}, replication: {username: postgres}}
  parameters: {unix_socket_directories: "$dir"}
END
}

# The health check of Patroni: only the primary answers with 200.
proxy() { # PORT PORT1 REST_PORT1 PORT2 REST_PORT2
    cat >haproxy.cfg <<END
global
    maxconn 200
defaults
    mode tcp
    timeout connect 2s
    timeout client 10m
    timeout server 10m
    timeout check 1s
listen primary
    bind 127.0.0.1:$1
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 300ms fall 2 rise 1 on-marked-down shutdown-sessions
    server n1 127.0.0.1:$2 check port $3
    server n2 127.0.0.1:$4 check port $5
END
}

is_synchronous() { # PORT
    [ "$(psql -X -A -t -d "postgresql://postgres@127.0.0.1:$1/postgres" -c 'SELECT sync_state FROM pg_stat_replication')" = sync ]
}

# HAProxy takes both servers for healthy until its first checks, and uses them in turn.
leads_to_primary() { # PORT
    for _ in 1 2 3 4 5 6; do
        [ "$(psql -X -A -t -d "postgresql://postgres@127.0.0.1:$1/postgres" -c 'SELECT pg_is_in_recovery()')" = f ] || return
    done
}

start() {
    mkdir -p "$dir"
    chmod 755 "$dir"
    [ "$(id -u)" != 0 ] || chown postgres "$dir"
    cd "$dir"
    # shellcheck disable=SC2046
    set -- $(free_ports 7)
    run etcd etcd --data-dir etcd --listen-client-urls "http://127.0.0.1:$1" --advertise-client-urls "http://127.0.0.1:$1" \
        --listen-peer-urls "http://127.0.0.1:$2" --initial-advertise-peer-urls "http://127.0.0.1:$2" \
        --initial-cluster "default=http://127.0.0.1:$2" --unsafe-no-fsync
    wait_for python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$1/health')"
    node n1 "$3" "$4" "$1"
    node n2 "$5" "$6" "$1"
    proxy "$7" "$3" "$4" "$5" "$6"
    run n1 patroni n1.yml
    wait_for psql -X -d "postgresql://postgres@127.0.0.1:$3/postgres" -c 'CREATE TEMPORARY TABLE t (a int)'
    run n2 patroni n2.yml
    wait_for is_synchronous "$3"
    run haproxy haproxy -db -f haproxy.cfg
    wait_for leads_to_primary "$7"
    echo "postgresql://postgres@127.0.0.1:$7/postgres"
}

# "n1" or "n2"
leader() {
    as_server patronictl -c n1.yml list -f json | python3 -c 'import json, sys
print(*[m["Member"] for m in json.load(sys.stdin) if m["Role"] == "Leader"])'
}

failover() {
    cd "$dir"
    case $(leader) in n1) other=n2 ;; *) other=n1 ;; esac
    as_server patronictl -c n1.yml failover cmig --candidate "$other" --force >failover.log 2>&1
}

end() { # NAME
    [ ! -f "$dir/$1.pid" ] || kill -KILL "$(cat "$dir/$1.pid")" 2>/dev/null || true
    [ ! -f "$dir/$1/postmaster.pid" ] || kill -QUIT "$(head -n 1 "$dir/$1/postmaster.pid")" 2>/dev/null || true
}

crash() {
    cd "$dir"
    end "$(leader)"
}

stop() {
    for name in haproxy n1 n2 etcd; do
        end $name
    done
    sleep 1
    rm -rf "$dir"
}

case $command in
start | failover | crash | stop) "$command" ;;
*) echo "usage: patroni.sh start|failover|crash|stop DIR" >&2; exit 64 ;;
esac
