#!/usr/bin/env bats
#
# A revision cannot reach cmig's bookkeeping or its neighbours: the version, history and progress tables are found where
# the connection began, whatever user SQL does to the session.

load helper

# A revision in SQL; the statements are the further words, one line each. It goes down without a statement.
sql_revision() { # ID PARENT LINE...
    local id=$1 parent=$2
    shift 2
    {
        printf -- '-- %s\n' "revision: $id" "down_revision: $parent" "message: step $id" upgrade
        printf '%s\n' "$@"
        echo '-- downgrade'
    } >"migrations/$id.sql"
}

# ---- the version, history and progress tables ----------------------------------------------------------------------

@test "a revision that moves the search path does not move cmig's tables" {
    local move
    for move in "SET search_path = other, public" "SET LOCAL search_path = other" "SET SCHEMA 'other'" \
        "SELECT set_config('search_path', '', false)" "DO 'BEGIN SET search_path = other; END'" \
        "ALTER ROLE CURRENT_USER SET search_path = other" "CREATE SCHEMA IF NOT EXISTS mine; SET search_path TO mine, other"; do
        project postgresql
        sql "CREATE SCHEMA other"
        sql_revision aaaa null "$move;"
        sql_revision bbbb aaaa "$move;"
        revision_file cccc bbbb <<<$'upgrade: [{create_table: {name: zz, columns: {id: integer, x: integer}}}, {backfill: {table: zz, key: id, set: {x: "1"}}}]\ndowngrade: [drop_table: zz]'
        ok upgrade aaaa
        sql "ALTER ROLE CURRENT_USER RESET search_path"
        ok upgrade bbbb
        sql "ALTER ROLE CURRENT_USER RESET search_path"
        ok upgrade
        same "public.cmig_history public.cmig_version public.zz" \
            "$(sql "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")"
        ok downgrade base
        ok current
        prints_exactly ""
    done
}

@test "each tenant's tables are moved by its own run" {
    project postgresql
    sql 'CREATE SCHEMA t1; CREATE SCHEMA "T-2"; CREATE TABLE public.keep (a int)'
    empty_revision aaaa null
    sql_revision bbbb aaaa 'SET search_path = "T-2"; CREATE TABLE z (a int);'
    sql_revision cccc bbbb 'CREATE TABLE last (a int);'
    for path in t1,public '\"T-2\",public'; do
        PGOPTIONS="-c search_path=$path" ok ensure-version
        PGOPTIONS="-c search_path=$path" ok upgrade aaaa
    done
    PGOPTIONS="-c search_path=t1,public" ok upgrade
    same "cccc aaaa" "$(sql "SELECT t.revision || ' ' || u.revision FROM t1.cmig_version t, \"T-2\".cmig_version u")"
    same "3 1" "$(sql 'SELECT (SELECT count(*) FROM t1.cmig_history) || $$ $$ || (SELECT count(*) FROM "T-2".cmig_history)')"

    # The table of a schema further down the path is the one that is found, also once there is one before it.
    project postgresql
    sql "CREATE SCHEMA app"
    empty_revision aaaa null
    sql_revision bbbb aaaa "CREATE TABLE app.cmig_version (revision text); INSERT INTO app.cmig_version VALUES ('aaaa');"
    ok upgrade aaaa
    PGOPTIONS="-c search_path=app,public" ok upgrade
    same "bbbb" "$(sql 'SELECT revision FROM public.cmig_version')"
}

@test "a temporary object of the same name is not taken for cmig's table" {
    for database in $DATABASES; do
        for object in "TABLE %s (revision text)" "VIEW %s AS SELECT 'aaaa' AS revision"; do
            project "$database"
            empty_revision aaaa null
            ok upgrade
            sql_revision bbbb aaaa "$(for t in version history; do
                # shellcheck disable=SC2059
                printf "CREATE TEMP $object; " "cmig_$t"
            done)"
            revision_file cccc bbbb <<<$'upgrade: [{create_table: {name: zz, columns: {id: integer, x: integer}}}, {execute: "CREATE TEMP TABLE cmig_progress (a int)"}, {backfill: {table: zz, key: id, set: {x: "1"}}}]\ndowngrade: []'
            ok upgrade
            ok current
            prints cccc
            same 3 "$(sql "SELECT count(*) FROM cmig_history")"
        done
    done
}
