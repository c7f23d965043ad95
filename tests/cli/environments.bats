#!/usr/bin/env bats
# Do several databases of one project go along with each other?
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
    prints_exactly "aaaa0000 (head), first
bbbb0000 (head), first"
    ok -n 'b*' current
    prints_exactly "bbbb0000 (head), first"
    same "$(sqlite3 "$USERS_FILE" "SELECT revision FROM cmig_version")" aaaa0000
    same "$(sql "SELECT revision FROM cmig_version")" bbbb0000
    ok -n '*' current --json
    json 'd["version"] == 1 and list(d["environments"]) == ["users", "billing"] and d["environments"]["billing"]["current"][0]["revision"] == "bbbb0000"'
    ok -n '*' downgrade base
    ok -n '*' upgrade --sql
    prints "CREATE TABLE invoices" "CREATE TABLE users"
}

@test "the first failure ends it, and is named" {
    two_databases
    echo 'upgrade: [{execute: "SELEC 1"}]' >tail
    sed -i '/^upgrade/,$d' users/migrations/aaaa0000_first.yaml
    cat tail >>users/migrations/aaaa0000_first.yaml
    fails 1 -n '*' upgrade
    says "environment 'users'" "cannot apply revision aaaa0000" "hint: Not begun: billing."
    same "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'cmig_version'")" 0
    fails 1 -n '*' upgrade --json
    json 'd["error"]["status"] == 1 and list(d["environments"]) == ["users"] and d["environments"]["users"]["steps"] == []'
    fails 2 -n 'bill?ng' current --check-heads
    says "environment 'billing'"
}

@test "what several environments cannot mean" {
    ok init -t multidb
    fails 78 upgrade
    says "say -n users, or -n '*' for all of them"
    fails 78 -n nowhere upgrade
    says "there is no environment 'nowhere'"
    fails 78 -n 'x*' upgrade
    says "no environment of the configuration matches 'x*'"
    fails 64 -n '*' --url sqlite:///x.db upgrade
    says "--url names one database"
    fails 64 -n users --all-environments upgrade
    says "one of them"
    ok -n '*' version
}
