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
    for move in "SET LOCAL search_path = other" "SELECT set_config('search_path', '', false)" \
        "SET SCHEMA 'other'"; do
        project postgresql
        sql "CREATE SCHEMA other"
        sql_revision aaaa null "$move;"
        sql_revision bbbb aaaa "$move;"
        revision_file cccc bbbb <<<$'upgrade: [{create_table: {name: zz, columns: {id: integer, x: integer}}}, {backfill: {table: zz, key: id, set: {x: "1"}}}]\ndowngrade: [drop_table: zz]'
        ok upgrade aaaa
        ok upgrade bbbb
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
    same "cccc aaaa t1" "$(sql "SELECT t.revision || ' ' || u.revision || ' ' || (SELECT schemaname FROM pg_tables WHERE tablename = 'last') FROM t1.cmig_version t, \"T-2\".cmig_version u")"
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

@test "a temporary object of the same name is not mistaken for cmig's table" {
    for database in sqlite postgresql; do
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

# ---- the session ---------------------------------------------------------------------------------------------------

# One run, one transaction and a script end in the same way: the query gives $2. The revisions are those of the directory.
gives_in_every_way() { # QUERY WANTED [SQL BEFORE]
    local way
    for way in revision run script; do
        database "$DATABASE"
        [ -z "${3:-}" ] || sql "$3"
        printf '%s\n' "url: $URL" "transaction: ${way/script/revision}" >cmig.yaml
        if [ $way = script ]; then
            ok upgrade --sql
            feed
        else
            ok upgrade
        fi
        same "$way: $2" "$way: $(sql "$1")"
    done
}

feed() {
    if [ "$DATABASE" = sqlite ]; then
        sqlite3 -bail "$FILE" <<<"$out"
    else
        PGOPTIONS='-c client_min_messages=error' psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$URL" -f - <<<"$out"
    fi
}

@test "PostgreSQL: a setting of one revision does not apply to the next" {
    local set role=cmig_isolation_$$
    project postgresql
    sql "CREATE ROLE $role"
    for set in "SET search_path = other; SET statement_timeout = 0; SET row_security = off; SET TimeZone = 'Asia/Tokyo';
            SET standard_conforming_strings = off; SET session_replication_role = replica; SET LOCAL lock_timeout = 1;
            SELECT set_config('my.setting', 'x', false); CREATE TEMP TABLE seen (s text); PREPARE p AS SELECT 1;
            DECLARE c CURSOR WITH HOLD FOR SELECT 1; SET ROLE $role" \
        "SET SESSION AUTHORIZATION $role" "RESET ALL; SELECT set_config('role', '$role', false)"; do
        sql_revision aaaa null "$set;"
        sql_revision bbbb aaaa "CREATE TABLE seen AS SELECT current_user AS u, session_user AS s, current_schemas(false) AS path,
            (SELECT string_agg(name || setting, ' ') FROM pg_settings WHERE source = 'session' AND name IN
            ('statement_timeout', 'row_security', 'TimeZone', 'session_replication_role', 'my.setting')) AS settings,
            (SELECT count(*) FROM pg_prepared_statements WHERE name = 'p') AS prepared,
            (SELECT count(*) FROM pg_cursors WHERE is_holdable) AS cursors;"
        gives_in_every_way "SELECT * FROM public.seen" "postgres|postgres|{public}||0|0" "CREATE SCHEMA other"
    done
    sql "DROP ROLE $role"
}

@test "PostgreSQL: a role without any right, and one of the connection" {
    local role=cmig_isolation_$$
    project postgresql
    sql "CREATE ROLE $role; CREATE ROLE ${role}_owner; GRANT CREATE ON SCHEMA public TO ${role}_owner"
    sql_revision aaaa null "SET ROLE $role;"
    sql_revision bbbb aaaa "CREATE TABLE seen AS SELECT current_user AS u;"
    PGOPTIONS="-c role=${role}_owner" ok upgrade
    same "${role}_owner" "$(sql "SELECT u FROM seen")"
    same "${role}_owner" "$(sql "SELECT tableowner FROM pg_tables WHERE tablename = 'seen'")"
    sql "DROP OWNED BY ${role}_owner; DROP ROLE $role, ${role}_owner"
}

@test "PostgreSQL: settings made before a script are restored after each revision" {
    project postgresql
    sql "CREATE SCHEMA app"
    sql_revision aaaa null "SET search_path = ''; SET statement_timeout = 0; CREATE TABLE public.t (a int);"
    sql_revision bbbb aaaa "CREATE TABLE seen AS SELECT current_setting('statement_timeout') AS s;"
    ok upgrade --sql
    out="SET search_path = app; SET statement_timeout = '7s'; $out" feed
    same "bbbb 7s" "$(sql "SELECT (SELECT revision FROM app.cmig_version) || ' ' || (SELECT s FROM app.seen)")"
}

@test "PostgreSQL: the lock is held after a revision that releases it" {
    local release
    for release in "SELECT pg_advisory_unlock_all()" "DISCARD ALL"; do
        project postgresql
        sql_revision aaaa null "$release;"
        [ "$release" = "DISCARD ALL" ] && sed -i '3i -- transaction: false' migrations/aaaa.sql
        sql_revision bbbb aaaa "CREATE TABLE seen AS SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();"
        ok upgrade
        same 1 "$(sql "SELECT n FROM seen")"
        [[ $err != *"own a lock"* ]] || report "warns of the lock"
    done
    # If another cmig acquires it in the meantime, the run ends.
    project postgresql
    sql_revision aaaa null "CREATE TABLE t (a int); SELECT pg_advisory_unlock_all();" \
        "CREATE EXTENSION dblink; SELECT dblink_connect('dbname=' || current_database() || ' user=postgres port=' || current_setting('port') || ' host=127.0.0.1');" \
        "SELECT * FROM dblink('SELECT pg_try_advisory_lock($((0x636d6967)), hashtext(''public.cmig_version''))') AS r (x bool);"
    fails 75 upgrade
    says "another cmig has taken it" "migrations/aaaa.sql"
    ok current
    prints_exactly ""
}

@test "SQLite: a PRAGMA or a temporary object of one revision is gone in the next" {
    project sqlite
    sql_revision aaaa null "CREATE TABLE p (v CHECK (v > 0)); PRAGMA ignore_check_constraints = ON; PRAGMA case_sensitive_like = 1; PRAGMA recursive_triggers(1);" \
        "pragma Reverse_Unordered_Selects = yes; PRAGMA main.cell_size_check = on; PRAGMA trusted_schema = 0;" \
        "PRAGMA writable_schema = ON; PRAGMA legacy_alter_table = ON; PRAGMA full_column_names = 1;" \
        "PRAGMA cache_size = 17; CREATE TEMP TABLE seen (a INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TEMP VIEW w AS SELECT 1 AS v;" \
        "CREATE VIRTUAL TABLE temp.p USING fts5(v); CREATE TEMP TRIGGER \"a b\" AFTER INSERT ON main.p BEGIN DELETE FROM p; END;" \
        "PRAGMA query_only = 1;"
    sql_revision bbbb aaaa "CREATE TABLE seen AS SELECT 'a' LIKE 'A' AS l, (SELECT group_concat(name) FROM sqlite_temp_schema WHERE name NOT LIKE 'sqlite%') AS t,
        (SELECT * FROM pragma_ignore_check_constraints) AS i, (SELECT * FROM pragma_recursive_triggers) AS r, (SELECT * FROM pragma_reverse_unordered_selects) AS u,
        (SELECT * FROM pragma_cell_size_check) AS c, (SELECT * FROM pragma_trusted_schema) AS s, (SELECT * FROM pragma_writable_schema) AS w,
        (SELECT * FROM pragma_legacy_alter_table) AS a, (SELECT * FROM pragma_query_only) AS q, (SELECT * FROM pragma_full_column_names) AS f, (SELECT * FROM pragma_cache_size) AS z;" \
        "INSERT INTO p VALUES (7);"
    gives_in_every_way "SELECT * FROM seen; SELECT v FROM p; SELECT count(*) FROM cmig_history" \
        $'1||0|0|0|0|1|0|0|0|0|-2000\n7\n2'
}

@test "SQLite: an attached database is detached in the next revision" {
    project sqlite
    sql_revision aaaa null "ATTACH ':memory:' AS other; CREATE TABLE other.x (a);"
    sql_revision bbbb aaaa "SELECT * FROM x;"
    fails 1 upgrade
    says "no such table: x"
    ok current
    prints aaaa
}

# ---- dumps ---------------------------------------------------------------------------------------------------------

# A revision from a dump on standard input.
dump_revision() { # ID PARENT
    { printf -- '-- %s\n' "revision: $1" "down_revision: $2" upgrade; cat; printf '\n-- downgrade\n'; } >"migrations/$1.sql"
}

@test "the output of pg_dump is a revision, with rows and without" {
    local option wanted
    project postgresql
    sql "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'it''s');
        CREATE TABLE public.t (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n text DEFAULT ';', m app.mood, b bytea);
        CREATE TABLE app.\"odd;name\" (t_id integer REFERENCES public.t, \"\\restrict x\" text);
        CREATE FUNCTION app.f() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
        CREATE FUNCTION app.g() RETURNS trigger LANGUAGE plpgsql AS E'BEGIN /*\n\\\\restrict not a command */\nRETURN NEW;\nEND';
        CREATE TRIGGER tr BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION app.g();
        CREATE VIEW v AS SELECT n FROM t; COMMENT ON TABLE t IS 'a; b'; CREATE INDEX ix ON t (lower(n));
        ALTER TABLE t DISABLE TRIGGER tr;
        INSERT INTO t (n, m, b) VALUES (E'a\tb\\\\c\nd', 'it''s', '\\x00ff'), (NULL, NULL, NULL), ('\\.', 'sad', ''), ('\\restrict x', 'sad', 'x');
        INSERT INTO app.\"odd;name\" VALUES (1, 'COMMIT;')"
    SOURCE=$URL
    for option in --schema-only --inserts --format=plain; do
        database postgresql
        printf '%s\n' "url: $URL" "version_table: $([ $option = --inserts ] && echo public.)cmig_version" >cmig.yaml
        { echo '\restrict abc123'; pg_dump -d "$SOURCE" "$option"; echo '\unrestrict abc123'; } | dump_revision aaaa null
        sql_revision bbbb aaaa "CREATE TABLE later (a integer);"
        ok upgrade
        ok current
        prints bbbb
        same public "$(sql "SELECT schemaname FROM pg_tables WHERE tablename = 'later'")"
        wanted=$(pg_dump -d "$SOURCE" "$option" | grep -Ev '^.(un)?restrict')
        same "$wanted" "$(pg_dump -d "$URL" "$option" -T 'cmig_*' -T later | grep -Ev '^.(un)?restrict')"
        ok upgrade --sql
        database postgresql
        feed >/dev/null
        same "$wanted" "$(pg_dump -d "$URL" "$option" -T 'cmig_*' -T later | grep -Ev '^.(un)?restrict')"
    done
}

@test "a failing row of a dump is named, and commands of psql are refused with a hint" {
    local line
    project postgresql
    empty_revision 1111 null
    sql_revision aaaa 1111 "CREATE TABLE t (a integer);" "COPY t (a) FROM stdin;" 1 x '\.' "SELECT 1;"
    fails 1 upgrade
    says "migrations/aaaa.sql:6:1" "COPY t, line 2, column a" "22P02"
    sql_revision aaaa 1111 "COPY t (a) FROM stdin;" 1
    fails 78 upgrade
    says "migrations/aaaa.sql:5:1" "the rows of COPY FROM STDIN are not terminated" "pg_dump --inserts"
    for line in "connect other|pg_dump writes it with --create" "i x.sql|'execute' with 'file'" "copy t FROM x|COPY" "! touch pwned|Remove the line"; do
        sql_revision aaaa 1111 "SELECT 1;" "\\${line%%|*}"
        fails 78 upgrade
        says "migrations/aaaa.sql:6:1" "a psql command" "${line#*|}"
        fails 78 upgrade --sql
        prints_exactly ""
    done
    sql_revision aaaa 1111 "BEGIN; CREATE TABLE t (a integer); INSERT INTO t VALUES (1); COMMIT;"
    ok upgrade
    same 1 "$(sql "SELECT a FROM t")"
}

@test "the output of .dump is a revision, of a database and of a table" {
    local query="SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'cmig%' ORDER BY 1, 2"
    project sqlite
    sqlite3 x.db "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT DEFAULT ';'); INSERT INTO t (n) VALUES ('a;' || char(10) || 'COMMIT;'); DELETE FROM t; INSERT INTO t (n) VALUES ('b''');
        CREATE VIRTUAL TABLE ft USING fts5(body); INSERT INTO ft VALUES ('hello world'); CREATE VIRTUAL TABLE r USING rtree(id, a, b);
        CREATE TABLE log (a, b BLOB, PRIMARY KEY (a)) WITHOUT ROWID; INSERT INTO log VALUES (1, x'00ff');
        CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id, 'x'); SELECT 1; END; CREATE VIEW \"v;w\" AS SELECT n FROM t; CREATE INDEX ix ON t (n); ANALYZE"
    sqlite3 x.db .dump | dump_revision aaaa null
    sql_revision bbbb aaaa "INSERT INTO ft VALUES ('another hello'); INSERT INTO t (n) VALUES ('c');"
    ok upgrade
    ok current
    prints bbbb
    same "2|b' 3|c" "$(sqlite3 "$FILE" "SELECT id, n FROM t" | xargs -d '\n')"
    same 2 "$(sqlite3 "$FILE" "SELECT count(*) FROM ft WHERE ft MATCH 'hello'")"
    same "$(sqlite3 x.db "$query")" "$(sqlite3 "$FILE" "$query")"
    same ok "$(sqlite3 "$FILE" "PRAGMA integrity_check")"
    ok upgrade --sql
    sqlite3 -bail y.db <<<"$out"
    same "$(sqlite3 x.db "$query")" "$(sqlite3 y.db "$query")"
    same 2 "$(sqlite3 y.db "SELECT count(*) FROM ft WHERE ft MATCH 'hello'")"

    sqlite3 x.db '.dump log' >log.sql
    rm migrations/*
    dump_revision aaaa null <log.sql
    ok --url sqlite:///z.db upgrade
    same "1|00FF" "$(sqlite3 z.db "SELECT a, hex(b) FROM log LIMIT 1")"

    # One that ended with errors is not complete.
    printf '%s\n' 'PRAGMA foreign_keys=OFF;' 'BEGIN TRANSACTION;' 'CREATE TABLE x (a);' 'ROLLBACK; -- due to errors' | dump_revision bbbb aaaa
    fails 78 --url sqlite:///z.db upgrade
}

# ---- what the messages say -----------------------------------------------------------------------------------------

@test "a revision that changes cmig's own tables is an error" {
    local kind statement words
    for database in sqlite postgresql; do
        project "$database"
        empty_revision aaaa null
        ok upgrade
        while IFS='|' read -r kind words statement; do
            [ "$kind" = both ] || [ "$kind" = "$database" ] || continue
            sql_revision bbbb aaaa "$statement;"
            fails 1 upgrade
            says "migrations/bbbb.sql:" "the revision $words" "hint: Remove the statement"
            [[ $err != *"another program"* ]] || report "blames another program"
        done <<'END'
both|dropped, renamed or changed the version table|DROP TABLE cmig_version
both|dropped, renamed or changed the version table|ALTER TABLE cmig_version RENAME TO other
both|dropped, renamed or changed the version table|ALTER TABLE cmig_version RENAME COLUMN revision TO r
both|dropped, renamed or changed the history table|DROP TABLE cmig_history
postgresql|dropped, renamed or changed the version table|DROP SCHEMA public CASCADE
postgresql|dropped, renamed or changed the version table|CREATE SCHEMA s; ALTER TABLE cmig_version SET SCHEMA s
both|changed the rows of the version table|DELETE FROM cmig_version
both|changed the rows of the version table|UPDATE cmig_version SET revision = 'zzzz'
both|changed the rows of the version table|INSERT INTO cmig_version VALUES ('bbbb')
END
        ok current
        prints aaaa
        rm migrations/bbbb.sql
        revision_file bbbb aaaa <<<$'upgrade: [drop_table: cmig_version]\ndowngrade: []'
        fails 1 upgrade
        says "migrations/bbbb.yaml:1:11: revision bbbb" "the revision dropped, renamed or changed the version table"
    done
}

# A trigger that keeps every row of a table out, as it is, or in.
swallow() { # TABLE
    if [ "$DATABASE" = sqlite ]; then
        for event in INSERT UPDATE DELETE; do
            sql "CREATE TRIGGER tg_$event BEFORE $event ON $1 BEGIN SELECT RAISE(IGNORE); END"
        done
    else
        sql "CREATE OR REPLACE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER tg_all BEFORE INSERT OR UPDATE OR DELETE ON $1 FOR EACH ROW EXECUTE FUNCTION swallow()"
    fi
}

@test "a trigger on cmig's tables that swallows rows is named" {
    for database in sqlite postgresql; do
        for table in version history; do
            project "$database"
            empty_revision aaaa null
            revision_file bbbb aaaa <<<$'upgrade: [{create_table: {name: t, columns: {id: integer}}}]\ndowngrade: [{drop_table: t}]'
            ok upgrade aaaa
            swallow cmig_$table
            fails 1 upgrade
            says "the $table table '" "cmig_$table' has triggers: tg_" "Everything was rolled back; the database is at aaaa"
            fails 1 downgrade base
            says "the $table table '" "has triggers: tg_"
        done
    done
}
