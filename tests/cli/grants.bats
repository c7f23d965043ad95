#!/usr/bin/env bats
# Owners and privileges.

load helper

# Roles belong to the server: other tests may create the same ones at the same time.
roles() { # NAME...
    local role
    for role; do
        psql -X -q -d "$URL" -c "CREATE ROLE \"${role//\"/\"\"}\"" 2>/dev/null || true
    done
}

@test "keys that are not managed are rejected" {
    project postgresql
    roles bats_app
    model <<<"tables: {t: {columns: {id: int}, grants: {bats_app: [select]}}}"
    fails 78 check
    says "models/model.yaml:1:42: table 't' has 'grants', but grants are not managed"
    says "Add 'manage: [grants]' to cmig.yaml, or remove the key."
    model <<<"tables: {t: {columns: {id: int}, owner: bats_app}}"
    fails 78 check
    says "table 't' has 'owner', but owners are not managed"
    echo "manage: [grant]" >>cmig.yaml
    fails 78 check
    says "key 'manage': unknown word 'grant'"
    says "Expected 'grants', 'owners' or both"
}

@test "SQLite has neither: no difference" {
    project sqlite
    model <<<"tables: {t: {columns: {id: int}, owner: nobody, grants: {nobody: [select]}}}"
    ok revision --autogenerate -m one
    ok upgrade
    ok check
}

@test "owners and grants that a model cannot have" {
    project postgresql "manage: [grants, owners]"
    while IFS='|' read -r grants message; do
        model <<<"{tables: {t: {columns: {id: int}, grants: $grants}}, enums: {e: {values: [a], grants: $grants}}}"
        fails 78 check
        says "$message"
    done <<'T'
[select]|expected roles and their privileges, found a list
{a: [read]}|enum 'e': unknown privilege 'read'
{a: {usage: [id]}}|enum 'e': only tables and views have privileges on columns
{public: [usage with grant option]}|enum 'e': a grant option cannot be given to public
T
    model <<<"tables: {t: {columns: {id: int}, grants: {a: {delete: id}}}}"
    fails 78 check
    says "table 't': privilege 'delete' cannot be on columns"
    model <<<"tables: {t: {columns: {id: int}, grants: {a: {select: nmae}}}}"
    fails 78 check
    says "table 't' has no column 'nmae'"
}

@test "a role that does not exist is refused before the first statement" {
    project postgresql "manage: [grants, owners]"
    model <<<"tables: {t: {columns: {id: int}, grants: {bats_nobody: [select]}}}"
    fails 78 revision --autogenerate -m one
    says "models/model.yaml:1:42: role 'bats_nobody' does not exist"
    says "Create it first: cmig does not create roles."
    cat >migrations/aaaaaaaaaaaa_one.yaml <<'Y'
revision: aaaaaaaaaaaa
down_revision: null
upgrade:
  - create_table: {name: t, columns: {id: int}}
  - change_owner: {"on": table, name: t, to: bats_nobody}
downgrade:
  - drop_table: t
Y
    fails 78 upgrade
    says "role 'bats_nobody' does not exist"
    same "" "$(sql "SELECT relname FROM pg_class WHERE relname = 't'")"
    sed -i 's/change_owner:.*/grant: {"on": table, name: t, to: postgres, privileges: [create view]}/' migrations/aaaaaaaaaaaa_one.yaml
    fails 78 upgrade
    says "PostgreSQL has no privilege 'create view' on a table"
}

@test "privileges that the models do not grant are revoked, and restored by the downgrade" {
    project postgresql "manage: grants"
    roles bats_app "bats Odd\"role"
    sql 'CREATE TABLE t (id int, "a b" text); GRANT SELECT, UPDATE ON t TO bats_app WITH GRANT OPTION;
        GRANT SELECT ("a b") ON t TO "bats Odd""role"; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
        REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION f() TO bats_app'
    ok inspect
    same "" "$err"
    prints "bats Odd\"role: {select: [a b]}"
    prints "bats_app: [select with grant option, update with grant option]"
    prints "grants: {bats_app: [execute], public: []}"
    model <<<"$out"
    ok check
    local before
    before=$(sql "SELECT relacl FROM pg_class WHERE relname = 't' UNION ALL SELECT attacl FROM pg_attribute WHERE attacl IS NOT NULL
        AND attrelid = 't'::regclass UNION ALL SELECT proacl FROM pg_proc WHERE proname = 'f'")
    sed -i '/bats/d; /grants:/d' models/model.yaml
    fails 2 check
    prints "'bats_app' has select with grant option, update with grant option in the database, nothing in the models"
    ok revision --autogenerate -m revoked
    ok upgrade
    ok check
    same "0" "$(sql "SELECT count(*) FROM pg_class, aclexplode(relacl) x WHERE relname = 't' AND grantee <> relowner")"
    ok downgrade base
    same "$before" "$(sql "SELECT relacl FROM pg_class WHERE relname = 't' UNION ALL SELECT attacl FROM pg_attribute WHERE attacl IS NOT NULL
        AND attrelid = 't'::regclass UNION ALL SELECT proacl FROM pg_proc WHERE proname = 'f'")"
}

@test "privileges that another role granted are named, and keep their grantor's privilege" {
    project postgresql "manage: [grants, owners]"
    roles bats_app bats_other
    sql "CREATE TABLE t (id int); GRANT SELECT ON t TO bats_app WITH GRANT OPTION;
        SET ROLE bats_app; GRANT SELECT ON t TO bats_other; RESET ROLE; CREATE TABLE u (id int); REVOKE DELETE ON u FROM CURRENT_USER"
    ok inspect
    says "not modelled, ignored: grants 't': granted by bats_app"
    says "not modelled, ignored: grants 'u': owner"
    model <<<"$out"
    ok check
    sed -i '/bats_app: \[select/d; s/grants: {bats_app: .*/grants: {}/' models/model.yaml
    fails 78 revision --autogenerate -m revoked
    says "table 't': cannot revoke select from 'bats_app', which granted it to other roles"
    says "As 'bats_app', revoke what it granted, or list the privilege in the models."
}

@test "the default schema is left alone unless models list it" {
    project postgresql "manage: [grants, owners]"
    roles bats_app
    sql "GRANT CREATE ON SCHEMA public TO bats_app"
    model <<<"{complete: true, tables: {t: {columns: {id: int}}}}"
    ok revision --autogenerate -m one
    ok upgrade
    ok check
    model <<<"{complete: true, schemas: {public: {grants: {public: usage}}}, tables: {t: {columns: {id: int}}}}"
    ok revision --autogenerate -m two
    ok upgrade
    ok check
    same "0" "$(sql "SELECT count(*) FROM pg_namespace, aclexplode(nspacl) x JOIN pg_roles r ON r.oid = x.grantee
        WHERE nspname = 'public' AND rolname = 'bats_app'")"
    ok downgrade -1
    same "1" "$(sql "SELECT count(*) FROM pg_namespace, aclexplode(nspacl) x JOIN pg_roles r ON r.oid = x.grantee
        WHERE nspname = 'public' AND rolname = 'bats_app'")"
}

@test "the sequence of a serial column, and that of an identity column" {
    project postgresql "manage: grants"
    roles bats_app
    sql "CREATE TABLE t (id serial PRIMARY KEY); GRANT USAGE ON SEQUENCE t_id_seq TO bats_app;
        CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY); GRANT USAGE ON SEQUENCE i_id_seq TO bats_app"
    ok inspect
    same "not modelled, ignored: grants 'i_id_seq': sequence of an identity column" "$err"
    model <<<"$out"
    ok check
    sed -i 's/, grants: {bats_app: \[usage\]}//; /grants:/d' models/model.yaml
    ok revision --autogenerate -m revoked
    same "1" "$(grep -c -- "- revoke:" migrations/*revoked.yaml)"
    ok upgrade
    ok check
    ok downgrade base
    same "1" "$(sql "SELECT count(*) FROM pg_class, aclexplode(relacl) x JOIN pg_roles r ON r.oid = x.grantee
        WHERE relname = 't_id_seq' AND rolname = 'bats_app'")"
}

@test "default privileges do not add to the grants of new objects" {
    project postgresql "manage: [grants, owners]"
    roles bats_app bats_other
    sql "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO bats_app; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT UPDATE ON TABLES TO bats_app;
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO bats_other"
    model <<'Y'
enums: {e: [a, b]}
functions: {f(): {sql: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"}, g(): {sql: "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'", grants: {public: []}}}
tables: {t: {columns: {id: int}, grants: {bats_app: [select, delete], bats_other: [update]}}, u: {columns: {id: int}}}
views: {v: SELECT 1 AS one}
Y
    ok revision --autogenerate -m one
    ok upgrade
    ok check
    says "not modelled, ignored: default privileges 'postgres': tables in public"
    ok revision --autogenerate -m again
    same "1" "$(ls migrations | wc -l)"
    echo "{functions: {}, enums: {}, views: {}, tables: {}}" >models/model.yaml
    ok revision --autogenerate -m gone
    ok upgrade
    ok downgrade -1
    ok inspect
    prints "default_privileges:"
    prints "grants: {bats_app: [select, delete], bats_other: [update]}"
}

@test "default privileges that models list" {
    project postgresql "manage: grants"
    roles bats_app 'bats in "x' bats_maker
    model <<'Y'
default_privileges:
  - {for: bats_maker, in: public, tables: {bats_app: [select, insert with grant option]}}
  - {for: 'bats in "x', functions: {public: []}, schemas: {bats_app: all}}
  - {for: postgres, tables: {bats_app: [select]}, functions: {public: []}}
tables: {t: {columns: {id: int}}}
functions: {f(): "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"}
Y
    fails 2 check
    prints "models/model.yaml:2:43: default privileges on tables 'bats_maker in public': 'bats_app' has nothing in the database, select, insert with grant option in the models"
    ok revision --autogenerate -m one
    ok upgrade
    ok check --strict
    ok revision --autogenerate -m again
    same "1" "$(ls migrations | wc -l)"
    # Neither new object has what it would get by default.
    same "0" "$(sql "SELECT count(*) FROM pg_class, aclexplode(relacl) x WHERE relname = 't' AND grantee <> relowner")"
    same "1" "$(sql "SELECT count(*) FROM pg_proc, aclexplode(proacl) x WHERE proname = 'f' AND grantee = 0")"
    ok inspect
    prints '- {for: bats in "x, functions: {public: []}, schemas: {bats_app: [usage, create]}}'
    model <<<"$out"
    ok check --strict
    ok downgrade base
    same "0" "$(sql "SELECT count(*) FROM pg_default_acl")"
    ok upgrade
    ok check --strict
    model <<<"{default_privileges: [], tables: {t: {columns: {id: int}}}}"
    ok revision --autogenerate -m none
    ok upgrade
    same "0" "$(sql "SELECT count(*) FROM pg_default_acl")"
    ok downgrade -1
    same "5" "$(sql "SELECT count(*) FROM pg_default_acl")"
    ok upgrade
    # What is wrong with them.
    model <<<"{default_privileges: [{for: postgres, in: nowhere, tables: {}}]}"
    fails 78 check
    says "models/model.yaml:1:23: default privileges of 'postgres' are for schema 'nowhere', which is not under management"
    model <<<"{default_privileges: [{for: postgres, in: public, schemas: {bats_app: usage}}]}"
    fails 78 check
    says "default privileges of 'postgres in public': schemas do not belong to a schema"
    model <<<"{default_privileges: [{for: postgres}, {for: postgres}]}"
    fails 78 check
    says "default privileges of 'postgres' are listed twice"
    model <<<"{default_privileges: [{for: bats_nobody, tables: {bats_app: select}}]}"
    fails 78 check
    says "role 'bats_nobody' does not exist"
    model <<<"{default_privileges: [{for: postgres, tables: {bats_app: usage}}]}"
    fails 78 check
    says "default privileges on tables 'postgres': unknown privilege 'usage'"
    ok current
    revision_file aaaaaaaaaaaa "${out%% *}" <<'Y'
upgrade: [{change_owner: {"on": default privileges on tables, name: postgres, to: bats_app}}]
Y
    fails 78 upgrade
    says "default privileges on tables need 'privileges', and have no owner"
    rm migrations/aaaaaaaaaaaa*
    sed -i /manage/d cmig.yaml
    fails 78 check
}
