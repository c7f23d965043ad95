#!/usr/bin/env bats
# Scripts for the program of MariaDB, whose statements commit by themselves: where they stop, they and cmig continue.

load helper

# As people run it: without --comments, which removes comments from what is sent.
feed() {
    [[ $URL =~ ^[a-z+]+://([^@]*)@([^:]*):([0-9]*)/(.*)$ ]]
    mariadb --no-defaults -N -B -u"${BASH_REMATCH[1]}" -h"${BASH_REMATCH[2]}" -P"${BASH_REMATCH[3]}" "${BASH_REMATCH[4]}"
}

contents() {
    dump_mysql
    sql "SELECT revision FROM cmig_version"
    sql "SELECT revision, direction, text, outcome, message FROM cmig_history ORDER BY id"
    sql "SELECT * FROM one ORDER BY id"
    sql "SELECT count(*) FROM cmig_progress"
}

dump_mysql() {
    PYTHONPATH=$TESTS/lib python3 -c '
import sys
from databases import Mariadb
database = Mariadb.__new__(Mariadb)
from urllib.parse import urlsplit
parts = urlsplit(sys.argv[1])
database.name = parts.path[1:]
database.place = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password or ""}
print(database.snapshot())' "$URL"
}

# The lines at which statements end: those with a semicolon, outside of strings, where that is the delimiter, and those
# that restore it.
statement_ends() { # FILE
    python3 - "$1" <<'PY'
import sys
quotes, in_block = 0, False
for number, line in enumerate(open(sys.argv[1], newline="\n"), 1):
    quotes += line.count("'")
    in_block = in_block or line == "DELIMITER //\n"
    if quotes % 2 == 0 and (line == "DELIMITER ;\n" or not in_block and line.endswith(";\n")):
        print(number)
    in_block = in_block and line != "DELIMITER ;\n"
PY
}

# Operations of every sort: DDL, rows, a text of several statements, a backfill.
revisions() {
    revision_file aaaa null <<'Y'
upgrade:
  - create_table:
      name: one
      columns: {id: {type: integer, primary_key: true}, a: {type: string(40)}}
  - bulk_insert:
      table: one
      rows: [{id: 1, a: "it's \\ a\r\nb"}, {id: 2, a: null}]
  - add_column: {table: one, name: b, type: string(20)}
  - execute: |
      INSERT INTO one (id, a) VALUES (3, 'x; y -- z'); -- a comment
      CREATE INDEX ix_b ON one (b);
      INSERT INTO one (id, a) VALUES (4, '//')
downgrade:
  - drop_table: one
Y
    revision_file bbbb aaaa <<'Y'
upgrade:
  - backfill: {table: one, set: {b: "concat('b', id)"}, batch: 2}
  - alter_column: {table: one, name: b, nullable: false}
  - create_table: {name: two, columns: {id: {type: integer, primary_key: true}}}
  - execute: |
      DELIMITER //
      CREATE TRIGGER t BEFORE INSERT ON one FOR EACH ROW BEGIN
        -- kept; as it is
        SET NEW.a = lower(NEW.a);
      END//
      DELIMITER ;
downgrade:
  - execute: DROP TRIGGER t
  - drop_table: two
  - alter_column: {table: one, name: b, nullable: true}
Y
}

@test "a script for MariaDB does what a run does" {
    project mysql
    revisions
    ok upgrade head
    wanted=$(contents)
    for flag in "" --idempotent; do
        database mysql
        ok upgrade --sql $flag
        script=$out
        feed <<<"$script"
        same "$wanted" "$(contents)"
        [ -n "$flag" ] || continue
        feed <<<"$script"
        same "$wanted" "$(contents)"
        ok --url "$URL" check || true
        ok downgrade --sql --idempotent head:base
        feed <<<"$out"
        same "" "$(sql "SELECT * FROM cmig_version")"
        feed <<<"$out"
        same "$(sql "SELECT count(*) FROM cmig_history")" 4
    done
}

@test "an idempotent script for MariaDB continues after every statement" {
    project mysql
    revisions
    ok upgrade head
    wanted=$(contents)
    ok upgrade --sql --idempotent
    printf '%s\n' "$out" >script.sql
    mapfile -t ends < <(statement_ends script.sql)
    [ "${#ends[@]}" -gt 40 ]
    for n in "${ends[@]}"; do
        database mysql
        head -n "$n" script.sql | feed
        feed <script.sql || { echo "after line $n"; false; }
        same "$wanted" "$(contents)"
    done
}

@test "a run continues a script for MariaDB that was stopped" {
    project mysql
    revisions
    ok upgrade head
    wanted=$(contents)
    ok upgrade --sql
    printf '%s\n' "$out" >script.sql
    mapfile -t ends < <(statement_ends script.sql)
    for n in "${ends[@]}"; do
        database mysql
        head -n "$n" script.sql | feed
        ok --url "$URL" upgrade head
        same "$wanted" "$(contents)"
    done
}

@test "a script for MariaDB stops at the first error, and records where" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - execute: CREATE TABLE three (id integer); INSERT INTO later VALUES (1)
  - add_column: {table: one, name: extra, type: string(20)}
downgrade:
  - drop_table: one
Y
    for flag in "" --idempotent; do
        database mysql
        ok upgrade --sql $flag
        ! feed <<<"$out" 2>err || false
        grep -q "ERROR 1146 (42S02).*later" err
        fails 1 --url "$URL" upgrade head
        says "mysql 1146" "1 of 3 operations of revision aaaa are applied, and a part of operation 2"
        sql "CREATE TABLE later (id integer)"
        ok --url "$URL" upgrade head
        same "$(sql "SELECT count(*) FROM later")" 1
        sql "DROP TABLE later"
    done
}

@test "a script for MariaDB checks the version rows before it changes anything" {
    project mysql
    revisions
    ok upgrade --sql aaaa:bbbb
    ! feed <<<"$out" 2>err || false
    grep -q "revision aaaa is not applied" err
    same "$(sql "SHOW TABLES LIKE 'two'")" ""
    ok upgrade --sql base:head
    up=$out
    ok upgrade head
    wanted=$(contents)
    ! feed <<<"$up" 2>err || false
    grep -q "revision aaaa is already applied" err
    same "$wanted" "$(contents)"
    ok check || true
    ok downgrade base
    ok downgrade --sql bbbb:aaaa
    ! feed <<<"$out" 2>err || false
    grep -q "revision bbbb is not applied" err
}

@test "a script for MariaDB waits for the lock" {
    project mysql 'lock: {timeout: 300ms}'
    revisions
    ok upgrade --sql
    script=$out
    sql "SELECT get_lock(concat('cmig:', sha1(concat(DATABASE(), '.', 'cmig_version'))), 0); SELECT /* holding */ sleep(20)" &
    holder=$!
    wait_until eval '[ -n "$(sql "SELECT 1 FROM information_schema.processlist WHERE info LIKE '"'%holding *%'"' AND id <> connection_id()")" ]'
    ! feed <<<"$script" 2>err || false
    grep -q "another cmig holds the lock" err
    sql "SELECT id FROM information_schema.processlist WHERE info LIKE '%holding *%' AND id <> connection_id()" |
        while read -r id; do sql "KILL $id"; done
    wait "$holder" || true
    feed <<<"$script"
    ok current
    prints bbbb
}

@test "idempotent scripts for MariaDB that run at once do everything once" {
    project mysql
    revisions
    ok upgrade --sql --idempotent
    for i in 1 2 3 4; do
        feed <<<"$out" >"out$i" 2>&1 &
        pids[i]=$!
    done
    for i in 1 2 3 4; do
        wait "${pids[i]}" || { cat "out$i"; false; }
    done
    same "$(sql "SELECT count(*) FROM cmig_history")" 2
}

@test "a stamp for MariaDB as a script" {
    project mysql
    revisions
    ok stamp --sql base:aaaa
    feed <<<"$out"
    ok current
    prints aaaa
    ok stamp --sql aaaa:head
    feed <<<"$out"
    ! feed <<<"$out" 2>err || false
    grep -q "revision aaaa is not applied" err
    ok current
    prints bbbb
    ok ensure-version --sql
    feed <<<"$out"
}
