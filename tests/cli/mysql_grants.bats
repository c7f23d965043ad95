#!/usr/bin/env bats
# MariaDB: privileges of users and roles.

load helper

# Accounts belong to the server: other tests may create the same ones at the same time.
accounts() {
    sql "CREATE USER IF NOT EXISTS 'bats_app'@'%'; CREATE USER IF NOT EXISTS 'bats odd@name'@'10.0.%'; CREATE ROLE IF NOT EXISTS bats_role"
}

# All privileges in the database, with the objects that they are for.
privileges() {
    sql "SELECT user, host, table_name, table_priv, column_priv FROM mysql.tables_priv WHERE db = DATABASE() ORDER BY 1, 2, 3"
    sql "SELECT user, host, table_name, column_name, column_priv FROM mysql.columns_priv WHERE db = DATABASE() ORDER BY 1, 2, 3, 4"
    sql "SELECT user, host, routine_name, routine_type, proc_priv FROM mysql.procs_priv WHERE db = DATABASE() ORDER BY 1, 2, 3, 4"
}

# Accounts outlive the database of a test, and their privileges would be for the next one of its name.
teardown() {
    sql "SELECT DISTINCT concat('REVOKE ALL PRIVILEGES ON ', table_name, ' FROM ''', user, '''', if(host = '', '', concat('@''', host, '''')), ';')
        FROM mysql.tables_priv WHERE db = DATABASE()" >revokes
    sql "$(cat revokes)"
    drop_databases
}

@test "grants go up and down with the models" {
    project mysql "manage: grants"
    accounts
    model <<'Y'
tables:
  t:
    columns: {id: {type: int, primary_key: true}, name: string(20), note: {type: string(20), nullable: true}}
    grants: {bats_app: [select, delete], "bats odd@name@10.0.%": {select: [id, name]}, bats_role: [insert with grant option, show view with grant option]}
views: {v: {sql: SELECT id FROM t, grants: {bats_app: [select]}}}
functions: {f(): {sql: "CREATE FUNCTION f() RETURNS int RETURN 1", grants: {bats_role: [execute]}}}
procedures: {p(): {sql: "CREATE PROCEDURE p() SELECT 1", grants: {bats_app: all}}}
Y
    ok revision --autogenerate -m one
    ok upgrade
    ok check --strict
    ok revision --autogenerate -m again
    same "1" "$(ls migrations | wc -l)"
    # Privileges on a scratch database would outlive it.
    ok verify
    same "" "$(sql "SELECT DISTINCT db FROM mysql.tables_priv WHERE db LIKE 'cmig\\_scratch%'
        AND db NOT IN (SELECT schema_name FROM information_schema.schemata)")"
    local before
    before=$(privileges)
    same "8" "$(wc -l <<<"$before")"
    ok inspect
    prints "bats odd@name@10.0.%: {select: [id, name]}" "bats_role: [insert with grant option, show view with grant option]" \
        "bats_app: [execute, alter routine]"
    model <<<"$out"
    ok check --strict
    # What the models no longer list is revoked, and restored by the downgrade.
    sed -i 's/bats_app: \[select, delete\]/bats_app: [update]/; /odd@name/d; /insert with grant/d; /bats_app: .execute/d' models/model.yaml
    sed -i 's/^\( *\)grants:$/\1grants:/' models/model.yaml
    fails 2 check
    prints "'bats_app' has select, delete in the database, update in the models"
    ok revision --autogenerate -m two
    ok upgrade
    ok check --strict
    same "" "$(privileges | grep -e Grant -e odd)"
    ok downgrade -1
    same "$before" "$(privileges)"
    ok downgrade base
    same "" "$(privileges)"
}

@test "grants follow what is renamed, and end with what is dropped" {
    project mysql "manage: [grants]"
    accounts
    sql "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE VIEW v AS SELECT 1 AS one; CREATE FUNCTION f() RETURNS int RETURN 1;
        CREATE SEQUENCE q; GRANT SELECT ON q TO bats_role; GRANT SELECT, INSERT ON t TO bats_app WITH GRANT OPTION;
        GRANT SELECT (a, b), UPDATE (a) ON t TO bats_role; GRANT SHOW VIEW ON v TO bats_app; GRANT EXECUTE ON FUNCTION f TO bats_app; INSERT INTO t VALUES (1, 2, 3)"
    local before
    before=$(privileges)
    ok inspect
    model <<<"$out"
    sed -i 's/^  t:/  t2:\n    renamed_from: t/; s/^      a: {/      a2: {renamed_from: a, /; s/^      a: \(.*\)$/      a2: {type: \1, renamed_from: a}/; s/\[a, b\]/[a2, b]/; s/\[a\]/[a2]/' models/model.yaml
    sed -i 's/^  v: /  w: /; s/^  q: {/  r: {renamed_from: q, /' models/model.yaml
    ok revision --autogenerate -m renamed
    ok upgrade
    ok check
    same "1" "$(privileges | grep -c -w a2)"
    same "" "$(privileges | grep -e '|t|' -e '|v|')"
    same "1|2|3" "$(sql "SELECT * FROM t2")"
    ok downgrade base
    same "$before" "$(privileges)"
    rm migrations/*
    echo "{tables: {t: {columns: {id: {type: integer, primary_key: true, autoincrement: false}, b: {type: integer, nullable: true}}, grants: {bats_role: {select: [b]}}}}, sequences: {}, views: {}, functions: {}}" >models/model.yaml
    ok revision --autogenerate -m fewer
    ok upgrade
    ok check
    same "2" "$(privileges | wc -l)"
    ok downgrade base
    same "$before" "$(privileges)"
}

@test "grants that models cannot have here, and accounts that do not exist, are refused" {
    project mysql "manage: [grants, owners]"
    accounts
    while IFS='|' read -r grants message; do
        model <<<"{tables: {t: {columns: {id: int}, owner: somebody, grants: $grants}}}"
        fails 78 check
        says "$message"
    done <<'T'
{bats_app: [truncate]}|table 't': unknown privilege 'truncate'
{bats_app: [select, update with grant option]}|table 't': this database gives 'bats_app' the grant option for all privileges or for none
{bats_nobody: [select]}|models/model.yaml:1:60: user or role 'bats_nobody' does not exist
{bats_app@nowhere: [select]}|user or role 'bats_app@nowhere' does not exist
T
    says "Create it first: cmig does not create users and roles."
    revision_file aaaa null <<'Y'
upgrade: [{grant: {"on": table, name: t, to: bats_nobody, privileges: [select]}}]
Y
    fails 78 upgrade
    says "user or role 'bats_nobody' does not exist" "aaaa.yaml:4:12"
    revision_file aaaa null <<<'upgrade: [{grant: {"on": table, name: t, to: bats_app, privileges: [truncate]}}]'
    fails 78 upgrade
    says "MariaDB has no privilege 'truncate' on a table" "Nothing was changed."
    revision_file aaaa null <<<'upgrade: [{grant: {"on": function, name: f(), to: public, privileges: [execute]}}]'
    fails 78 upgrade
    says "on MariaDB, a grant on a function to every role is no operation" "Write the GRANT with 'execute'."
    rm migrations/*
    sed -i /manage/d cmig.yaml
    model <<<"{tables: {t: {columns: {id: int}, grants: {bats_app: [select]}}}}"
    fails 78 check
    says "table 't' has 'grants', but grants are not managed"
}

@test "privileges on the database, and of every role on routines, are named" {
    project mysql "manage: grants"
    accounts
    sql "CREATE FUNCTION f() RETURNS int RETURN 1; GRANT EXECUTE ON FUNCTION f TO PUBLIC"
    sql "$(sql "SELECT concat('GRANT SELECT ON \`', replace(DATABASE(), '_', '\\\\_'), '\`.* TO bats_app')")"
    ok inspect
    says "not modelled, ignored: grants 'f()': to every role" "not modelled, ignored: grants 'bats_app': on the database"
    model <<<"$out"
    ok check
    sql "$(sql "SELECT concat('REVOKE SELECT ON \`', replace(DATABASE(), '_', '\\\\_'), '\`.* FROM bats_app')"); REVOKE EXECUTE ON FUNCTION f FROM PUBLIC"
}

@test "grants of every role on tables and views go up and down with the models" {
    project mysql "manage: grants"
    model <<'Y'
tables: {t: {columns: {id: int, name: string(20)}, grants: {public: [select]}}}
views: {v: {sql: SELECT id FROM t, grants: {public: [select]}}}
Y
    ok revision --autogenerate -m one
    ok upgrade
    ok check --strict
    local before
    before=$(privileges)
    same $'PUBLIC||t|Select|\nPUBLIC||v|Select|' "$before"
    ok inspect
    prints "public: [select]"
    model <<<"$out"
    ok check --strict
    sed -i 's/public: \[select\]/public: [select, insert, delete]/' models/model.yaml
    ok revision --autogenerate -m two
    ok upgrade
    ok check --strict
    ok downgrade -1
    same "$before" "$(privileges)"
    ok downgrade base
    same "" "$(privileges)"
}

@test "scripts contain grants; a user that may not read them is told" {
    project mysql "manage: grants"
    accounts
    model <<<"{tables: {t: {columns: {id: int}, grants: {bats_app: [select], bats_role: {update: id}}}}}"
    ok revision --autogenerate -m one
    ok upgrade --sql
    prints 'GRANT SELECT ON `t` TO `bats_app`' 'GRANT UPDATE (`id`) ON `t` TO `bats_role`'
    mysql "$URL" <<<"$out"
    ok check
    low=${URL/root@/bats_app@}
    sql "GRANT SELECT ON cmig_version TO bats_app; GRANT SELECT ON cmig_history TO bats_app; GRANT SELECT ON cmig_progress TO bats_app"
    fails 1 --url "$low" check
    says "'manage: [grants]' needs the privilege SELECT on the tables of the database mysql."
}
