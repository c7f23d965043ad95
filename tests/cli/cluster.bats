#!/usr/bin/env bats
# A Galera cluster of three MariaDB servers: revisions run once, whichever nodes the programs use.
load helper

setup_file() {
    export CLUSTER
    CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/cmig-galera-XXXXXX")
    chmod 755 "$CLUSTER" # the servers run as another user
    sh "$(dirname "$BATS_TEST_FILENAME")/../lib/galera.sh" start "$CLUSTER/nodes" >"$CLUSTER/urls"
}

teardown_file() {
    sh "$(dirname "$BATS_TEST_FILENAME")/../lib/galera.sh" stop "$CLUSTER/nodes"
    rm -rf "$CLUSTER"
}

# The database of this test is on all nodes, whose URLs are in $NODES.
cluster_project() { # [LINE...]
    local urls
    mapfile -t urls <"$CLUSTER/urls"
    CMIG_TEST_MYSQL_URL=${urls[0]}
    project mysql "$@"
    NODES=()
    for url in "${urls[@]}"; do
        NODES+=("${url%/*}/${URL##*/}")
    done
}

# The same, when a node has applied what the others did.
sql_on() { # NODE TEXT
    mysql "${NODES[$1]}" <<<"SET wsrep_sync_wait = 15; $2" | tr '\t' '|'
}

# A revision whose first statement runs until it is killed.
napping_revision() {
    revision_file aaaa null <<<$'upgrade: [{execute: "CREATE TABLE a (id int PRIMARY KEY)"}, {execute: "INSERT INTO a SELECT /* napping */ sleep(60)"}]\ndowngrade: []'
}

napping() { # NODE
    mysql "${NODES[$1]}" <<<"SELECT id FROM information_schema.processlist WHERE info LIKE '%/* napping */%' AND id <> connection_id()"
}

@test "Galera: a project goes up, down and up again, each time on another node" {
    cluster_project
    model <<'Y'
tables:
  users: {columns: {id: {type: integer, primary_key: true}, email: {type: string(80), unique: true}}}
  posts:
    columns:
      id: {type: integer, primary_key: true}
      author: {type: integer, references: users.id}
      title: {type: string(80), index: true}
views:
  titles: SELECT title FROM posts
Y
    ok --url "${NODES[0]}" revision --autogenerate -m first
    ok --url "${NODES[0]}" upgrade head
    ok --url "${NODES[1]}" check
    sql_on 2 "INSERT INTO users VALUES (1, 'a'); INSERT INTO posts VALUES (1, 1, 'b')"
    sed -i 's/id: {type: integer, primary_key: true}, email/&: {type: string(90), unique: true}, name/' models/model.yaml
    ok --url "${NODES[1]}" revision --autogenerate -m second
    ok --url "${NODES[2]}" upgrade head
    ok --url "${NODES[1]}" downgrade -1
    ok --url "${NODES[2]}" upgrade head
    ok --url "${NODES[0]}" check
    same '1|a|NULL' "$(sql_on 1 'SELECT * FROM users')"
    same 1 "$(sql_on 1 'SELECT count(*) FROM cmig_lock')"
    ok --url "${NODES[0]}" inspect
    [[ $out != *cmig_lock* ]] || report "the table of the lock is inspected"
    ok --url "${NODES[1]}" downgrade base
}

@test "Galera: twenty upgrades at once on all nodes: all succeed, each revision ran once" {
    cluster_project 'lock: {timeout: 2m}'
    local parent=null pids=() i
    for i in $(seq 5); do
        revision_file "r$i$i$i$i" "$parent" <<Y
upgrade:
  - create_table: {name: t$i, columns: {id: {type: integer, primary_key: true}, n: integer}}
  - execute: INSERT INTO t$i (n) VALUES (1); UPDATE t$i SET n = n + 1
  - add_column: {table: t$i, name: extra, type: string(20)}
downgrade:
  - drop_table: t$i
Y
        parent=r$i$i$i$i
    done
    for i in $(seq 20); do
        "${CMIG[@]}" --url "${NODES[i % 3]}" upgrade head >"out$i" 2>&1 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || { cat out*; false; }; done
    for i in 0 1 2; do
        same $'r1111|1\nr2222|1\nr3333|1\nr4444|1\nr5555|1' \
            "$(sql_on $i 'SELECT revision, count(*) FROM cmig_history GROUP BY revision ORDER BY revision')"
        same '1|2' "$(sql_on $i 'SELECT count(*), max(n) FROM t3')"
    done
}

@test "Galera: a live holder of the lock on another node is named, a killed one and one on a dead node lose it" {
    cluster_project 'lock: {timeout: 300ms}'
    napping_revision
    "${CMIG[@]}" --url "${NODES[2]}" upgrade head >out1 2>&1 &
    local run=$! node
    wait_until eval '[ -n "$(napping 2)" ]'
    fails 75 --url "${NODES[0]}" upgrade head
    says "another cmig holds the lock" "its holder is connection" "of node n3, user 'root@127.0.0.1'"
    kill -KILL "$run"
    wait "$run" || true
    napping 2 | while read -r id; do mysql "${NODES[2]}" <<<"KILL $id"; done
    rm migrations/aaaa.yaml
    revision_file aaaa null <<<$'upgrade: [{execute: "CREATE TABLE a (id int PRIMARY KEY)"}, {execute: "INSERT INTO a VALUES (1)"}]\ndowngrade: []'
    wait_until "${CMIG[@]}" --url "${NODES[0]}" stamp base
    sql_on 0 'DROP TABLE IF EXISTS a; DELETE FROM cmig_progress'
    ok --url "${NODES[1]}" upgrade head

    # The transaction of the lock is killed, and its holder notices before it goes on.
    cluster_project 'lock: {timeout: 300ms}'
    revision_file aaaa null <<<$'upgrade: [{execute: "DO /* napping */ sleep(2)"}, {create_table: {name: late, columns: {id: integer}}}]\ndowngrade: []'
    "${CMIG[@]}" --url "${NODES[2]}" upgrade head >out1 2>&1 &
    run=$!
    wait_until eval '[ -n "$(napping 2)" ]'
    mysql "${NODES[2]}" <<<"SELECT t.trx_mysql_thread_id FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.command = 'Sleep' AND p.db = DATABASE()" |
        while read -r id; do mysql "${NODES[2]}" <<<"KILL $id"; done
    status=0
    wait "$run" || status=$?
    [ "$status" != 0 ] || { cat out1; false; }
    grep -q "the lock of the cluster was lost" out1 || { cat out1; false; }
    same '' "$(sql_on 1 "SHOW TABLES LIKE 'late'")"

    # A node that dies with the holder.
    cluster_project 'lock: {timeout: 300ms}'
    napping_revision
    "${CMIG[@]}" --url "${NODES[2]}" upgrade head >out1 2>&1 &
    run=$!
    wait_until eval '[ -n "$(napping 2)" ]'
    fails 75 --url "${NODES[0]}" upgrade head
    kill -KILL "$(cat "$CLUSTER/nodes/n3/pid")"
    wait "$run" || true
    wait_until "${CMIG[@]}" --url "${NODES[0]}" stamp base
}
