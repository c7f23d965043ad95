#!/usr/bin/env bats
# Many databases, or schemas of tenants, with one command.
load helper

teardown() {
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    drop_databases
}

two_revisions() {
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: notes, columns: {id: {type: integer, nullable: false}}, primary_key: [id]}}]\ndowngrade: [{drop_table: notes}]'
    revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: notes, name: body, type: string(200)}}]\ndowngrade: [{drop_column: {table: notes, name: body}}]'
}

# A project for N SQLite files.
files_project() { # N [LINE...]
    local n=$1
    shift
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/project-XXXX")
    cd "$PROJECT"
    mkdir migrations devices
    for i in $(seq -w "$n"); do
        : >"devices/d$i.db"
    done
    printf '%s\n' 'models: []' 'targets: {files: "devices/*.db"}' "$@" >cmig.yaml
    two_revisions
}

rows_of() { # FILE
    sqlite3 "$1" "SELECT revision FROM cmig_version" 2>/dev/null || true
}

@test "files: up, down, the table at the end, and one that cannot be read" {
    files_project 5
    echo 'not a database, but a text that is long enough for a page of one' >devices/d3.db
    fails 69 upgrade
    says "devices/d1.db: upgrade base -> aaaa, step aaaa" "cmig: devices/d3.db: " \
        "4 done, 0 unchanged, 1 failed, 0 not tried" "  failed (" "cmig: 'upgrade' failed in 1 of 5 targets"
    for i in 1 2 4 5; do
        same bbbb "$(rows_of devices/d$i.db)"
    done
    rm devices/d3.db
    ok upgrade head
    says "4 targets in " "0 done, 4 unchanged, 0 failed, 0 not tried"
    [[ $err != *"already"* ]] || report "says what is the same everywhere"
    ok current --jobs 1
    prints_exactly "devices/d1.db: bbbb (head), step bbbb
devices/d2.db: bbbb (head), step bbbb
devices/d4.db: bbbb (head), step bbbb
devices/d5.db: bbbb (head), step bbbb"
    ok downgrade aaaa --only 'devices/d[12].db'
    says "2 targets in "
    ok status --summary
    prints_exactly "2 targets  aaaa, 1 revision behind
  devices/d1.db, devices/d2.db
2 targets  bbbb, at head"
    fails 2 current --check-heads
    says "devices/d1.db: " "'current' failed in 2 of 4 targets"
    ok log --limit 1 --only devices/d4.db
    prints "devices/d4.db: " bbbb
    ok stamp base --only devices/d4.db
    same "" "$(rows_of devices/d4.db)"
}

@test "one whose schema differs from the others is named" {
    files_project 4
    ok upgrade
    sqlite3 devices/d2.db "CREATE TABLE extra (x)"
    ok status --summary
    prints_exactly "4 targets  bbbb, at head
  devices/d2.db: schema differs from the others"
    ok status --summary --json
    local end=${out##*$'\n'}
    out=$end
    json 'd["event"] == "end" and d["summary"][0]["remarks"] == {"devices/d2.db": "schema differs from the others"}'
}

@test "JSON: a line for each target, and one for the end" {
    files_project 3
    ok upgrade --json
    [ "$(wc -l <<<"$out")" = 4 ] || report "not four lines"
    out="[$(paste -sd, <<<"$out")]"
    json '{e["target"] for e in d[:3]} == {"devices/d%d.db" % i for i in (1, 2, 3)} and all(e["status"] == 0 and len(e["result"]["steps"]) == 2 for e in d[:3])'
    json 'd[3]["event"] == "end" and (d[3]["targets"], d[3]["done"], d[3]["unchanged"], d[3]["failed"], d[3]["not_tried"], d[3]["status"]) == (3, 3, 0, 0, 0, 0)'
    rm migrations/*
    revision_file cccc null <<<$'upgrade: []\ndowngrade: []'
    fails 65 upgrade --json --jobs 2
    out="[$(paste -sd, <<<"$out")]"
    json 'd[3]["failed"] == 3 and d[3]["status"] == 65 and all("bbbb" in e["error"] for e in d[:3])'
}

@test "--canary and --max-failures stop the rest, and --resume goes on" {
    files_project 6
    revision_file cccc bbbb <<<$'upgrade: [{execute: "INSERT INTO missing VALUES (1)"}]\ndowngrade: []'
    fails 1 upgrade --canary 2 --jobs 2
    says "0 done, 0 unchanged, 2 failed, 4 not tried" "hint: 4 were not tried. Continue with --resume."
    same "" "$(rows_of devices/d3.db)"
    fails 1 upgrade --max-failures 3 --jobs 1
    says "3 failed, 3 not tried"
    sqlite3 devices/d1.db "CREATE TABLE missing (x)"
    sqlite3 devices/d4.db "CREATE TABLE missing (x)"
    fails 1 upgrade --jobs 1
    says "2 done, 0 unchanged, 4 failed"
    for i in 2 3 5 6; do
        sqlite3 devices/d$i.db "CREATE TABLE missing (x)"
    done
    fails 64 downgrade base --resume
    says "the last run was 'cmig upgrade'"
    ok upgrade --resume
    says "6 targets in " "4 done, 0 unchanged, 2 done before, 0 failed"
    ok upgrade --resume
    says "0 done, 0 unchanged, 6 done before"
    fails 64 upgrade --resume --dry-run
    says '--resume cannot be combined with --dry-run'
    # A target that was done is not done if there are new revisions, or another phase.
    fails 64 upgrade --resume --phase expand
    says 'the revisions or the phase have changed since the last run'
    empty_revision dddd cccc
    fails 64 upgrade --resume
    says 'the revisions or the phase have changed since the last run'
    ok upgrade
    same dddd "$(rows_of devices/d6.db)"
    empty_revision eeee dddd
    ok upgrade --dry-run
    says "6 would change, 0 unchanged"
    fails 64 upgrade --resume
    ok upgrade
    says "6 done"
    XDG_STATE_HOME=$PWD/elsewhere fails 64 upgrade --resume
    says "no earlier run to continue"
}

@test "groups run in their order, with a program and a pause between them" {
    files_project 0 'rollout: {groups: [{name: first, after: [./seen, first]}, {name: second, pause: 1s, after: [./seen, second]}]}'
    mkdir first second others
    touch first/a.db second/b.db others/c.db
    cat >targets <<'T'
targets:
  - {files: "others/*.db"}
  - {files: "second/*.db", group: second}
  - {files: "first/*.db", group: first}
T
    sed -i '/^targets/d' cmig.yaml
    cat targets >>cmig.yaml
    printf '#!/bin/sh\necho "$1: $(ls */*.db | while read f; do sqlite3 $f "SELECT count(*) FROM notes" 2>/dev/null; done | wc -l)" >>seen.txt\n' >seen
    chmod +x seen
    ok upgrade
    same "first: 1
second: 2" "$(cat seen.txt)"
    says "waiting 1s after group 'second'"
    rm seen.txt
    ok status
    ok downgrade base --dry-run
    ok upgrade
    [ ! -e seen.txt ] || report "ran without a change"
    ok downgrade aaaa
    printf '#!/bin/sh\nexit 3\n' >seen
    fails 1 upgrade
    says "group 'first'" "2 not tried"
    same aaaa "$(rows_of others/c.db)"
}

@test "tenants are schemas of one database" {
    for kind in postgresql mysql; do
        project $kind
        two_revisions
        if [ $kind = postgresql ]; then
            sql 'CREATE SCHEMA "One Two"; CREATE SCHEMA "q""x"; CREATE SCHEMA shared; CREATE TABLE public.tenants (name text, active boolean)'
            sql "INSERT INTO public.tenants VALUES ('One Two', true), ('q\"x', true), ('gone', false)"
            tenants=("One Two" 'q"x')
        else
            base=${URL##*/}
            tenants=("${base}_a b" "${base}_ü")
            for tenant in "${tenants[@]}"; do
                sql "CREATE DATABASE \`$tenant\`"
                made_mysql+=("\`$tenant\`")
            done
            sql "CREATE TABLE tenants (name varchar(80), active boolean)"
            sql "INSERT INTO tenants VALUES ('${tenants[0]}', true), ('${tenants[1]}', true), ('gone', false)"
        fi
        printf '%s\n' "url: $URL" 'models: []' 'targets: {query: "SELECT name FROM tenants WHERE active ORDER BY name", schema: "{1}"}' >cmig.yaml
        ok upgrade head --jobs 4
        says "${tenants[0]}: upgrade base -> aaaa" "2 done"
        ok current
        prints "${tenants[1]}: bbbb (head)"
        fails 1 --url "$URL" current --check-heads 2>/dev/null || true
        same 2 "$(sql "SELECT count(*) FROM information_schema.tables WHERE table_name = 'notes'")"
        same 2 "$(sql "SELECT count(*) FROM information_schema.tables WHERE table_name = 'cmig_version'")"
        ok upgrade
        says "2 unchanged"
        # models are compared within the schema of each tenant
        printf '%s\n' 'tables: {notes: {columns: {id: {type: integer, primary_key: true}, body: string(200)}}}' >models.yaml
        [ $kind = mysql ] || sed -i 's/^models.*/models: models.yaml/' cmig.yaml
        [ $kind = mysql ] || ok check
        # one that does not exist fails alone
        sql "UPDATE tenants SET active = true"
        ok downgrade base --only "${tenants[0]}"
        try upgrade
        [ "$status" = 69 ] || report "not 69"
        says "gone: " "1 done, 1 unchanged, 1 failed"
        if [ $kind = postgresql ]; then
            says "schema 'gone' does not exist"
            same "" "$(sql "SELECT to_regclass('public.cmig_version')")"
        fi
    done
}

@test "URLs, lines of a file, and what a program prints" {
    files_project 0
    cat >list <<'T'
# the north
north sqlite:///north.db
sqlite:///south.db   # a comment
T
    printf '#!/bin/sh\necho east; echo west\n' >print
    chmod +x print
    cat >cmig.yaml <<'T'
models: []
targets:
  - sqlite:///one.db
  - {url: "sqlite:///two.db", name: second}
  - {file: list}
  - {program: [./print], url: "sqlite:///{1}.db", name: "{1} side"}
T
    ok upgrade
    ok current --jobs 1
    prints_exactly "one.db: bbbb (head), step bbbb
second: bbbb (head), step bbbb
north: bbbb (head), step bbbb
south.db: bbbb (head), step bbbb
east side: bbbb (head), step bbbb
west side: bbbb (head), step bbbb"
    for name in one two north south east west; do
        same bbbb "$(rows_of $name.db)"
    done
    # a command for one database takes the first, and says so
    ok inspect
    says "in target 'one.db', the first of 6"
    ok upgrade --sql
    ok --url sqlite:///seventh.db upgrade
    says_exactly "upgrade base -> aaaa, step aaaa
upgrade aaaa -> bbbb, step bbbb
$(tail -n 1 <<<"$err")"
    fails 64 --url sqlite:///seventh.db current --only x
    says "--only needs 'targets' in cmig.yaml"
    fails 64 upgrade --only nroth
    says "no target matches 'nroth'" "Did you mean 'north'?"
}

@test "a name is one line without control characters or a password" {
    files_project 0
    touch $'devices/new\nline.db' $'devices/esc\e[31m.db' $'devices/bad\xff.db' 'devices/q"%s{1}.db'
    ok upgrade
    [[ $err != *$'\e'* ]] || report "sends control characters to a terminal"
    says "devices/new?line.db: done" "devices/esc?[31m.db: done" "devices/bad?.db: done" 'devices/q"%s{1}.db: done'
    ok current --only 'devices/new*'
    prints_exactly "devices/new?line.db: bbbb (head), step bbbb"
    ok upgrade --resume
    says "0 done, 0 unchanged, 4 done before"
    printf '%s\n' 'postgresql://u:geheim@127.0.0.1:1/x' 'postgresql://127.0.0.1:1/x?user=u&password=geheim' >list
    printf '%s\n' 'models: []' 'targets: {file: list, url: "{1}", name: "{1}"}' >cmig.yaml
    for option in --json -v; do
        fails 69 upgrade $option
        [[ $err$out != *geheim* ]] || report "prints a password"
    done
}

@test "hooks and programs of revisions get the name of the target" {
    files_project 2 'hooks: {before_run: [sh, -c, "echo $CMIG_HOOK $CMIG_TARGET >>log"], after_step: {sql: "INSERT INTO who VALUES ({target})"}}'
    revision_file aaaa null <<<$'upgrade: [{execute: "CREATE TABLE who (name text)"}, {run: [sh, -c, "echo run $CMIG_TARGET >>../log"]}]\ndowngrade: []'
    rm migrations/bbbb.yaml
    ok upgrade --jobs 1
    same "before_run devices/d1.db
run devices/d1.db
before_run devices/d2.db
run devices/d2.db" "$(cat log)"
    same devices/d2.db "$(sqlite3 devices/d2.db 'SELECT name FROM who')"
    CMIG_TARGET=stale ok --url sqlite:///one.db upgrade
    same "before_run
run" "$(tail -n 2 log)"
    same "|null" "$(sqlite3 one.db 'SELECT name, typeof(name) FROM who')"
}

@test "mistakes in the configuration have their place" {
    files_project 1
    while IFS='|' read -r line text; do
        printf '%s\n' 'models: []' "$line" >cmig.yaml
        fails 78 upgrade
        says "cmig.yaml:2" "$text"
    done <<'T'
targets: {fils: "*.db"}|unknown key 'fils'
targets: {files: "*.db", query: SELECT 1}|only one of 'files', 'query', 'file' and 'program'
targets: [{name: x}]|a target needs 'url' or 'schema', or a list of them
targets: {files: "none/*.db"}|targets: there are none
targets: {file: "nofile"}|nofile
targets: {program: [./noprogram]}|noprogram
targets: [sqlite:///a.db, sqlite:///a.db]|duplicate target name 'a.db'
targets: {url: "sqlite:///a.db", schema: x}|SQLite has no schemas
targets: {url: "sqlite:///a.db", group: x}|unknown group 'x'
targets: {query: SELECT 1}|no database was given
targets: {url: "sqlite:///{9}.db", file: cmig.yaml}|a row has no value for {9}
rollout: {jobs: 0}|key 'jobs': expected a number from 1 to 256
rollout: {groups: [{name: a, pause: soon}]}|invalid duration 'soon'
T
    printf '%s\n' 'models: []' 'targets: {url: "sqlite:///devices/d1.db", query: "SELECT missing"}' >cmig.yaml
    fails 1 upgrade
    says "cmig.yaml:2:10: cannot query the targets" "no such column: missing"
    printf '%s\n' '# the first' sqlite:///a.db nonsense >list
    printf '%s\n' 'models: []' 'targets: {file: list}' >cmig.yaml
    fails 78 upgrade
    says "cmig.yaml:2:10: targets, line 3" "invalid database URL"
    printf '%s\n' 'models: []' "targets: {url: 'sqlite:///{1}.db', query: \"SELECT 'a' UNION ALL SELECT NULL\"}" 'url: sqlite:///devices/d1.db' >cmig.yaml
    fails 78 upgrade
    says "row 2" "a row has no value for {1}"
    printf '%s\n' 'models: []' 'targets: ["postgresql://user:geheim@localhost:1/x", "postgresql://user:geheim@localhost:2/x?password=geheim"]' >cmig.yaml
    fails 69 upgrade
    says "x: " "localhost:2/x: "
    [[ $err$out != *geheim* ]] || report "prints a password"
}

# Enough of them for a signal in the middle.
many_files() {
    files_project "$1"
    revision_file cccc bbbb <<<$'upgrade: [{execute: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) INSERT INTO notes (id) SELECT i FROM n"}]\ndowngrade: []'
}

@test "an interrupted run and a killed one go on to the end" {
    many_files 60
    for signal in INT KILL; do
        env --default-signal=INT "${CMIG[@]}" upgrade --jobs 2 >/dev/null 2>err 3>&- &
        started+=($!)
        wait_until grep -q 'done: 3 steps' err
        kill -$signal $!
        status=0
        wait $! || status=$?
        [ "$signal" = KILL ] || same 130 "$status"
        [ "$signal" = KILL ] || grep -q 'not tried' err
    done
    ok upgrade --resume
    for file in devices/*; do
        same "cccc|40000" "$(sqlite3 "$file" "SELECT (SELECT revision FROM cmig_version), (SELECT count(*) FROM notes)")"
    done
}

@test "a limit per server, and more targets than connections" {
    project postgresql
    two_revisions
    sql 'CREATE TABLE public.tenants AS SELECT $$t$$ || i AS name FROM generate_series(1, 40) i'
    for i in $(seq 40); do echo "CREATE SCHEMA t$i;"; done >schemas.sql
    script schemas.sql
    printf '%s\n' "url: $URL" 'models: []' 'rollout: {jobs: 20, per_server: 2}' 'targets: {query: "SELECT name FROM public.tenants", schema: "{1}"}' >cmig.yaml
    revision_file cccc bbbb <<<$'upgrade: [{execute: "INSERT INTO notes SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = \'cmig\'"}]\ndowngrade: []'
    ok upgrade
    says "40 done"
    for i in 1 20 40; do
        [ "$(sql "SELECT id FROM t$i.notes")" -le 2 ] || report "more than two connections"
    done
    same 40 "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'cmig_version'")"
}

@test "a server without free connections" {
    local role=cmig_few_$$
    project postgresql
    sql "CREATE ROLE $role LOGIN CONNECTION LIMIT 0"
    fails 69 --url "${URL/postgres@/$role@}" current
    sql "DROP ROLE $role"
    says 'too many connections' 'use fewer connections with --per-server'
}

@test "several environments, of which one has targets" {
    files_project 2
    printf '%s\n' 'models: []' 'rollout: {jobs: 1}' 'environments: {many: {targets: {files: "devices/*.db"}}, one: {url: "sqlite:///one.db"}}' >cmig.yaml
    ok -n '*' upgrade
    ok -n '*' current
    prints "environment many:
devices/d1.db: bbbb (head)" "environment one:
bbbb (head)"
    ok -n '*' current --json
    json '[e["event"] for e in d["environments"]["many"]["targets"]] == ["target", "target", "end"] and d["environments"]["one"]["current"][0]["revision"] == "bbbb"'
}
