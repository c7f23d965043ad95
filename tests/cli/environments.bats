#!/usr/bin/env bats
# Several databases in one project.
load helper

# Two environments, of one kind of database each.
two_databases() {
    database sqlite
    export USERS_DATABASE_URL=$URL USERS_FILE=$FILE
    database postgresql
    export BILLING_DATABASE_URL=$URL
    ok init -t multidb several
    cd several
    ok -n users revision --autogenerate -m first --rev-id aaaa0000
    prints_exactly users/migrations/aaaa0000_first.yaml
    ok -n billing revision --autogenerate -m first --rev-id bbbb0000
    prints_exactly billing/migrations/bbbb0000_first.yaml
}

@test "the template, every environment in turn" {
    two_databases
    says_exactly ""
    ok -n '*' upgrade
    says "environment users:
upgrade base -> aaaa0000, first" "environment billing:
upgrade base -> bbbb0000, first"
    ok --all-environments check
    ok -n '*' current --check-heads
    prints_exactly "environment users:
aaaa0000 (head), first
environment billing:
bbbb0000 (head), first"
    ok -n 'b*' current
    prints_exactly "environment billing:
bbbb0000 (head), first"
    same "$(sqlite3 "$USERS_FILE" "SELECT revision FROM cmig_version")" aaaa0000
    same "$(sql "SELECT revision FROM cmig_version")" bbbb0000
    ok -n '*' current --json
    json 'd["version"] == 1 and list(d["environments"]) == ["users", "billing"] and d["environments"]["billing"]["current"][0]["revision"] == "bbbb0000"'
    ok -n '*' inspect
    prints "--- # environment users
complete: true
tables:" "--- # environment billing
complete: true
tables:"
    ok -n '*' downgrade base
    ok -n '*' upgrade --sql
    prints "CREATE TABLE invoices" "CREATE TABLE users" "-- environment billing"
}

@test "the first failure ends the run, and is named" {
    two_databases
    echo 'upgrade: [{execute: "SELEC 1"}]' >tail
    sed -i '/^upgrade/,$d' users/migrations/aaaa0000_first.yaml
    cat tail >>users/migrations/aaaa0000_first.yaml
    fails 1 -n '*' upgrade
    says "environment 'users'" "cannot apply revision aaaa0000" "hint: Not started: billing." "With --keep-going"
    same "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'cmig_version'")" 0
    fails 1 -n '*' upgrade --json
    json 'd["error"]["status"] == 1 and list(d["environments"]) == ["users"] and d["not_begun"] == ["billing"]'
    json 'd["environments"]["users"]["steps"] == [] and d["environments"]["users"]["error"]["status"] == 1'
    fails 2 -n 'bill?ng' current --check-heads
    says "environment 'billing'"
}

@test "a command that only reads continues after a failure, and ends with the worst status" {
    two_databases
    fails 2 -n '*' check
    says "environment 'users'
  the database is not at head aaaa0000" "environment 'billing'
  the database is not at head bbbb0000" "cmig: 'check' failed in 2 of 2 environments: users (status 2), billing (status 2)"
    fails 2 -n '*' check --json
    json 'd["error"]["status"] == 2 and [e["error"]["status"] for e in d["environments"].values()] == [2, 2] and d["not_begun"] == []'
    ok -n '*' upgrade
    sqlite3 "$USERS_FILE" "CREATE TABLE extra (a)"
    fails 2 -n '*' check
    prints_exactly "environment users:
extra: the table is not in the models
environment billing:"
    says "models and database agree" "cmig: 'check' failed in 1 of 2 environments: users (status 2)"
    ok -n '*' diff
    prints_exactly "environment users:
- drop_table: extra
environment billing:"
    ok -n '*' diff --sql
    prints "-- environment users" "DROP TABLE extra" "-- environment billing"
    ok -n '*' status
    prints "environment users:
Database: sqlite:" "environment billing:
Database: postgresql:"
    ok -n '*' log
    prints "environment users:
Started " "environment billing:
Started "
    ok -n '*' history --format dot
    prints "// environment users:
digraph" "// environment billing:
digraph"
    # A failure is worse than a difference, though its status is less.
    sql "ALTER TABLE cmig_history RENAME blob TO b"
    fails 1 -n '*' check
    says "users (status 2), billing (status 1)"
    sql "ALTER TABLE cmig_history RENAME b TO blob"
    # A server that cannot be reached is worse than a difference; it has a document with the error.
    export BILLING_DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing
    for words in check current status diff log; do
        fails 69 -n '*' $words
        prints "environment users:"
        says "environment 'billing'
  cannot open database" "billing (status 69)"
        fails 69 -n '*' $words --json
        json 'd["error"]["status"] == 69 and list(d["environments"]) == ["users", "billing"] and d["environments"]["billing"]["error"]["status"] == 69'
    done
    # A configuration that lacks the variable of one environment does not keep the others from running.
    sed -i 's/\${BILLING_DATABASE_URL[^}]*}/${NOT_SET}/' cmig.yaml
    fails 78 -n '*' current
    prints "aaaa0000 (head), first"
    says "billing (status 78)"
}

@test "--keep-going continues after a failed upgrade, downgrade or stamp" {
    two_databases
    sqlite3 "$USERS_FILE" "CREATE TABLE users (a)"
    fails 1 -n '*' upgrade --keep-going
    says "environment 'users'
  cannot apply revision aaaa0000" "'upgrade' failed in 1 of 2 environments: users (status 1)"
    [[ $err != *"Not started"* ]] || report "all were begun"
    same "$(sql "SELECT revision FROM cmig_version")" bbbb0000
    sqlite3 "$USERS_FILE" "DROP TABLE users"
    ok -n '*' upgrade --keep-going
    sqlite3 "$USERS_FILE" "DROP TABLE users"
    fails 1 -n '*' downgrade base --keep-going --json
    json 'd["environments"]["users"]["error"]["status"] == 1 and d["environments"]["billing"]["rows"] == [] and d["not_begun"] == []'
    same "$(sql "SELECT count(*) FROM cmig_version")" 0
    echo nonsense >"$USERS_FILE"
    fails 69 -n '*' stamp head
    says "Not started: billing."
    fails 69 -n '*' stamp head --keep-going
    same "$(sql "SELECT revision FROM cmig_version")" bbbb0000
}

@test "tenants in schemas of one database" {
    project postgresql
    sql "CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA c"
    for tenant in a b c; do
        echo "  $tenant: {url: '$URL?options=-csearch_path%3D$tenant', version_table: $tenant.cmig_version}"
    done | { echo environments:; cat; } >cmig.yaml
    users_model
    ok -n a revision --autogenerate -m users --rev-id aaaa0000
    # One of them cannot be upgraded: the others can.
    sql "CREATE TABLE b.users (id integer)"
    fails 1 -n '*' upgrade
    says "environment 'b'" "Not started: c."
    fails 2 -n '*' check
    says "'check' failed in 2 of 3 environments: b (status 2), c (status 2)"
    fails 1 -n '*' upgrade --keep-going
    says "environment 'b'" "'upgrade' failed in 1 of 3 environments: b (status 1)"
    same "$(sql "SELECT count(*) FROM a.users, c.users")" 0
    ok -n '*' current
    prints_exactly "environment a:
aaaa0000 (head), users
environment b:
environment c:
aaaa0000 (head), users"
    ok -n '*' log
    same "$(grep -c upgrade <<<"$out")" 2
    fails 2 -n '*' current --check-heads
    says "b (status 2)"
}

@test "options that several environments do not allow" {
    ok init -t multidb
    fails 78 upgrade
    says "Use -n users, or -n '*' for all environments"
    fails 78 -n nowhere upgrade
    says "unknown environment 'nowhere'"
    fails 78 -n 'x*' upgrade
    says "no environment of the configuration matches 'x*'"
    fails 64 -n '*' --url sqlite:///x.db upgrade
    says "--url cannot be combined with several environments"
    fails 64 -n users --all-environments upgrade
    says "cannot be combined with -n"
    ok -n '*' version
}

# One history for a SQLite database `lite` and a PostgreSQL database `big` that have nothing in common, and a second
# SQLite one with the models of the first.
shared_history() {
    database sqlite
    LITE=$FILE
    local lite=$URL twin=$BATS_TEST_TMPDIR/twin.db
    database postgresql
    mkdir shared shared/models shared/more shared/migrations
    cd shared
    printf '%s\n' "environments:" "  lite: {url: '$lite', models: [models]}" "  big: {url: '$URL', models: [more]}" \
        "  twin: {url: 'sqlite:///$twin', models: [models]}" >cmig.yaml
    printf 'tables:\n  users:\n    columns:\n      id: {type: integer, primary_key: true}\n      name: text\n' >models/m.yaml
    printf 'tables:\n  bills:\n    columns:\n      id: {type: integer, primary_key: true}\n      amount: integer\n' >more/m.yaml
}

@test "one history for several databases, written by autogenerate" {
    shared_history
    ok -n '*' revision --autogenerate -m first --rev-id aaaa0000
    prints_exactly "migrations/aaaa0000_first.yaml"
    same "$(grep -o 'only: .*' migrations/aaaa0000_first.yaml)" 'only: [lite, twin]
only: [big]
only: [lite, twin]
only: [big]'
    ok -n '*' upgrade
    ok -n '*' check
    same "$(sql "SELECT relname FROM pg_class WHERE relname IN ('users', 'bills')")" bills
    same "$(sqlite3 "$LITE" "SELECT name FROM sqlite_schema WHERE name IN ('users', 'bills')")" users

    # What SQLite does by a rebuild; rows stay.
    sqlite3 "$LITE" "INSERT INTO users VALUES (1, 'Ada')"
    sed -i 's/name: text/name: {type: string(20), nullable: false, unique: true}/' models/m.yaml
    ok -n lite revision --autogenerate -m second --rev-id bbbb0000
    grep -q 'alter_column: {table: users, name: name, .*only: \[lite, twin\]}' migrations/bbbb0000_second.yaml
    ok -n '*' upgrade --dry-run -v
    prints "-- environment lite" "-- environment big" "cmig_version SET revision = 'bbbb0000'"
    ok -n lite upgrade --sql aaaa0000:head --dialect sqlite
    prints "UNIQUE (name)"
    ok -n big upgrade --sql aaaa0000:head
    [[ $out != *UNIQUE* ]]
    ok -n '*' upgrade
    ok -n '*' check
    same "$(sqlite3 "$LITE" "SELECT name FROM users")" Ada
    ok -n '*' revision --autogenerate -m third
    says "nothing to do"
    ok -n '*' downgrade base
    ok -n '*' upgrade
    ok -n '*' check
    ok -n '*' revision -m empty --rev-id cccc0000 --json
    same "$(ls migrations | wc -l)" 3
    json 'list(d["environments"]) == ["lite", "big", "twin"] and d["environments"]["big"]["revision"] == "cccc0000"'
}

@test "an .sql file is for the environments that it was written for" {
    shared_history
    fails 1 -n '*' revision --autogenerate --sql
    says "environment 'big'" "cannot write one .sql file for several databases" "Name one of them with -n"
    [ -z "$(ls migrations)" ]
    ok -n big revision --autogenerate --sql -m first --rev-id aaaa0000
    grep -qxF -- '-- only: [big]' migrations/aaaa0000_first.sql
    ok -n '*' upgrade
    same "$(sqlite3 "$LITE" "SELECT count(*) FROM sqlite_schema WHERE name = 'bills'")" 0
    same "$(sql "SELECT count(*) FROM bills")" 0
    ok show head
    prints "Upgrade (only big):"
    ok show head --json
    json 'd["revisions"][0]["only"] == ["big"]'
    ok -n '*' downgrade base
}

@test "the same models in every environment need no only" {
    shared_history
    sed -i 's/models: \[more\]/models: [models]/' cmig.yaml
    ok -n '*' revision --autogenerate -m first --rev-id aaaa0000
    ! grep only migrations/aaaa0000_first.yaml
    ok -n '*' upgrade
    ok -n '*' check
    # Without an environment of its own a database cannot be named.
    sed -i 's/name: text/name: string(30)/' models/m.yaml
    printf 'url: sqlite:///top.db\nmodels: [more]\n' >>cmig.yaml
    ok upgrade
    ok revision --autogenerate -m top --no-rename
    says "the revision will also run in environments that have other models: lite, big, twin"
}

@test "only names databases and environments, and a revision may be for some as a whole" {
    shared_history
    cat >migrations/a.yaml <<'END_'
revision: aaaa0000
upgrade:
  - create_table: {name: t, columns: {a: integer}, only: [lite, postgresql]}
  - execute: "INSERT INTO t VALUES (1)"
    only: bigg
downgrade: [{drop_table: {name: t, only: [lite, postgresql]}}]
END_
    fails 78 -n lite upgrade
    says "migrations/a.yaml:5:11: 'only' names neither a database nor an environment: 'bigg'" "Did you mean 'big'?"
    same "$(sqlite3 "$LITE" "SELECT count(*) FROM sqlite_schema")" 0
    sed -i 's/bigg/big/' migrations/a.yaml
    # Here it does nothing, and can be reverted although it has no downgrade.
    printf '%s\n' "revision: bbbb0000" "down_revision: aaaa0000" "only: [twin]" "transaction: false" "upgrade: [{execute: SELEC 1}]" >migrations/b.yaml
    printf '%s\n' "-- revision: cccc0000" "-- down_revision: bbbb0000" "-- only: postgresql" "-- upgrade" "DO \$\$ BEGIN END \$\$;" "-- downgrade" >migrations/c.sql
    ok -n lite upgrade
    ok -n big upgrade
    fails 1 -n twin upgrade
    says "cannot apply revision bbbb0000"
    same "$(sqlite3 "$LITE" "SELECT count(*) FROM t")|$(sql "SELECT count(*) FROM t")" "0|1"
    fails 1 -n twin downgrade --sql head:aaaa0000
    says "has no downgrade"
    ok -n lite downgrade base
    ok -n big downgrade base
    printf '%s\n' "revision: dddd0000" "down_revision: cccc0000" "only: [lite, sqllite]" "upgrade: []" >migrations/d.yaml
    fails 78 -n big upgrade
    says "migrations/d.yaml:3:14: 'only' names neither" "Did you mean 'sqlite'?"
}
