#!/usr/bin/env bats
# Importing the migrations of other tools: five migrations of each, on each database.
load helper

# ---- the migrations ----------------------------------------------------------------------------------------------

# The SQL of a migration, as a person would write it for the database.
up() { # NUMBER
    case $1-$DATABASE in
    1-*)
        echo "-- It's the first; see up and down below"
        echo "CREATE TABLE users (id integer PRIMARY KEY, email varchar(80) NOT NULL, changes integer NOT NULL DEFAULT 0);"
        echo "INSERT INTO users (id, email) VALUES (1, 'ann;@example.org'), (2, '-- bob');"
        ;;
    2-postgresql)
        cat <<'SQL'
CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  -- a comment; with a semicolon, and it's fine
  IF NEW.email <> OLD.email THEN
    NEW.changes := OLD.changes + 1;
  END IF;
  RETURN NEW;
END;
$body$;
CREATE TRIGGER users_change BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION count_change();
SQL
        ;;
    2-sqlite)
        cat <<'SQL'
CREATE TRIGGER users_change AFTER UPDATE OF email ON users
BEGIN
  -- a comment; with a semicolon
  UPDATE users SET changes = CASE WHEN changes IS NULL THEN 1 ELSE changes + 1 END WHERE id = new.id;
END;
SQL
        ;;
    2-mysql)
        # Clients of these tools send it as one statement; mariadb needs another delimiter.
        [ -z "${CLIENT-}" ] || echo "DELIMITER //"
        cat <<'SQL'
CREATE TRIGGER users_change BEFORE UPDATE ON users FOR EACH ROW
BEGIN
  -- a comment; with a semicolon
  IF NEW.email <> OLD.email THEN
    SET NEW.changes = OLD.changes + 1;
  END IF;
END;
SQL
        [ -z "${CLIENT-}" ] || printf '//\nDELIMITER ;\n'
        ;;
    3-*)
        echo "CREATE TABLE posts ("
        echo "  id integer PRIMARY KEY,"
        echo "  author integer NOT NULL,"
        echo "  FOREIGN KEY (author) REFERENCES users (id)"
        echo ");"
        echo "UPDATE users SET email = 'ann@example.org' WHERE id = 1;"
        ;;
    4-postgresql) echo "CREATE INDEX CONCURRENTLY users_email ON users (email);" ;;
    4-*) echo "CREATE INDEX users_email ON users (email);" ;;
    5-*) echo "CREATE VIEW authors AS SELECT email FROM users WHERE id IN (SELECT author FROM posts);" ;;
    esac
}

down() { # NUMBER
    case $1-$DATABASE in
    1-*) echo "DROP TABLE users;" ;;
    2-postgresql) printf 'DROP TRIGGER users_change ON users;\nDROP FUNCTION count_change();\n' ;;
    2-*) echo "DROP TRIGGER users_change;" ;;
    3-*) echo "DROP TABLE posts;" ;;
    4-mysql) echo "DROP INDEX users_email ON users;" ;;
    4-*) echo "DROP INDEX users_email;" ;;
    5-*) echo "DROP VIEW authors;" ;;
    esac
}

names=(_ create_users count_changes add_posts index_emails authors)

# A database to which the first of them were applied.
migrated() { # COUNT
    local i CLIENT=1
    database "$DATABASE"
    export DATABASE_URL=$URL
    for ((i = 1; i <= $1; i++)); do
        up "$i" >"$BATS_TEST_TMPDIR/up.sql"
        script "$BATS_TEST_TMPDIR/up.sql"
    done
}

# What the database contains, without the tools' tables.
content() { # TABLE
    local row
    [ -z "$1" ] || sql "DROP TABLE $1"
    [ "$1" != drizzle.__drizzle_migrations ] || sql "DROP SCHEMA drizzle"
    dump | tr -d '\r'
    sql "SELECT id, email, changes FROM users ORDER BY id"
}

begin() { # sqlite|postgresql|mysql
    DATABASE=$1
    migrated 5
    wanted=$(content "")
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/import-XXXX")
    cd "$PROJECT"
}

# The import of a database at the second migration; its id, the tool's table and the options are given.
continues() { # ID TABLE [OPTION...]
    local id=$1 table=$2
    shift 2
    ok import --dry-run "$@"
    [ ! -e cmig.yaml ]
    ok import "$@"
    says "5 revisions ran in a scratch database" "stamp -> $id"
    ok current
    [[ $out == "$id"* ]]
    ok upgrade
    ok check
    says "models and database agree"
    same "$(content "$table")" "$wanted"
    ok verify
    fails 1 import "$@"
    says "'cmig.yaml' already exists"
    ok upgrade
}

# Another database, which has all five, or only the first.
stamps() { # ID TOOL
    ok import --from "$2" --stamp
    says "stamp -> $1"
    ok current
    [[ $out == "$1"* ]]
    fails 1 import --from "$2" --stamp
    says "the database is already at revision $1"
}

# ---- tools -------------------------------------------------------------------------------------------------------

@test "dbmate" {
    for database in $DATABASES; do
        begin "$database"
        mkdir -p db/migrations
        for i in 1 2 3 4 5; do
            {
                if [ "$i" = 4 ]; then echo "-- migrate:up transaction:false"; else echo "-- migrate:up"; fi
                up "$i"
                printf '\n-- migrate:down\n'
                down "$i"
            } | if [ "$i" = 3 ]; then sed 's/$/\r/'; else cat; fi >"db/migrations/2024010${i}000000_${names[i]}.sql"
        done
        migrated 2
        sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
        sql "INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')"
        continues 20240102000000 schema_migrations
        grep -qF 'exclude: [schema_migrations]' cmig.yaml
        grep -qF -- '-- transaction: false' migrations/20240104000000_index_emails.sql
        migrated 5
        sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
        sql "INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000'), ('20240103000000'), ('20240104000000'), ('20240105000000')"
        stamps 20240105000000 dbmate
        # A hole, and a migration without a file.
        migrated 1
        sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
        sql "INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240103000000')"
        fails 2 import --from dbmate --stamp
        says "migration '20240103000000' is applied, but '20240102000000' before it is not" "dbmate up"
        sql "INSERT INTO schema_migrations VALUES ('20240102000000'), ('20230101000000')"
        fails 65 import --from dbmate --stamp
        says "the database has migration '20230101000000', which has no file"
    done
}

@test "golang-migrate" {
    for database in $DATABASES; do
        begin "$database"
        mkdir migrations
        for i in 1 2 3 4 5; do
            { if [ "$i" = 3 ]; then echo "BEGIN;"; fi && up "$i" && if [ "$i" = 3 ]; then echo "COMMIT;"; fi; } >"migrations/00000${i}_${names[i]}.up.sql"
            down "$i" >"migrations/00000${i}_${names[i]}.down.sql"
        done
        migrated 2
        fails 64 import migrations
        says "may belong to golang-migrate, sqlx, knex"
        sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
        sql "INSERT INTO schema_migrations VALUES (2, true)"
        fails 2 import --from golang-migrate
        says "migration '2' is dirty, according to table 'schema_migrations'" "Repair it with golang-migrate" "Nothing was written."
        [ ! -e cmig.yaml ]
        sql "UPDATE schema_migrations SET dirty = false"
        continues 000002 schema_migrations migrations
        [ -e revisions/000005_authors.sql ]
        migrated 5
        sql "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
        sql "INSERT INTO schema_migrations VALUES (5, false)"
        stamps 000005 golang-migrate
    done
}

@test "goose" {
    for database in $DATABASES; do
        begin "$database"
        mkdir migrations
        for i in 1 2 3 4 5; do
            {
                [ "$i" != 4 ] || echo "-- +goose NO TRANSACTION"
                printf -- '-- +goose Up\n-- +goose StatementBegin\n'
                up "$i"
                printf -- '-- +goose StatementEnd\n\n-- +goose Down\n'
                down "$i"
            } >"migrations/0000${i}_${names[i]}.sql"
        done
        migrated 2
        sql "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL)"
        sql "INSERT INTO goose_db_version VALUES (1, 0, true), (2, 1, true), (3, 2, true), (4, 3, true), (5, 3, false)"
        continues 00002 goose_db_version
        migrated 1
        sql "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL)"
        sql "INSERT INTO goose_db_version VALUES (1, 0, true)"
        ok import --from goose --stamp
        says "table 'goose_db_version' names no applied migration: the database was not stamped"
        sql "INSERT INTO goose_db_version VALUES (2, 1, true)"
        stamps 00001 goose
    done
}

@test "goose: programs and variables are refused, with their places" {
    database sqlite
    mkdir migrations
    printf -- '-- +goose Up\nCREATE TABLE t (a int);\n' >migrations/1_a.sql
    echo 'package main' >migrations/2_b.go
    fails 78 import --dialect sqlite migrations
    says "migrations/2_b.go: this migration of goose is a program, not SQL"
    rm migrations/2_b.go
    printf -- '-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE u (a int);\n' >migrations/2_b.sql
    fails 78 import --dialect sqlite migrations
    says "migrations/2_b.sql:2:1: goose would change the text after this line"
    printf 'CREATE TABLE u (a int);\n' >migrations/2_b.sql
    fails 78 import --dialect sqlite migrations
    says "migrations/2_b.sql: no line '-- +goose Up'"
    printf -- '-- +goose Up\nCREATE TABLE u (a int);\n-- +goose Up\n' >migrations/2_b.sql
    fails 78 import --dialect sqlite migrations
    says "migrations/2_b.sql:3:1: duplicate line '-- +goose Up'"
    printf -- '-- +goose Up\nCREATE TABLE u (a int);\nCREATE TABLE u (a text);\n' >migrations/2_b.sql
    fails 1 import --dialect sqlite migrations
    says "they fail in an empty database" "migrations/2_b.sql:3" "Nothing was written."
    printf -- '-- +goose Up\n\nCREATE TABLE u (a text DEFAULT '"'open);\n" >migrations/2_b.sql
    fails 1 import --dialect sqlite migrations
    says "migrations/2_b.sql:3"
    [ ! -e cmig.yaml ]
    printf -- '-- +goose Up\nCREATE TABLE u (a int);\n' >migrations/2_b.sql
    cp migrations/2_b.sql migrations/02_c.sql
    fails 78 import --dialect sqlite migrations
    says "migrations/2_b.sql: '02' is already the version of 'migrations/02_c.sql'"
}

@test "sql-migrate" {
    for database in $DATABASES; do
        begin "$database"
        mkdir migrations
        for i in 1 2 3 4 5; do
            {
                if [ "$i" = 4 ]; then echo "-- +migrate Up notransaction"; else echo "-- +migrate Up"; fi
                up "$i"
                echo "-- +migrate Down"
                down "$i"
            } >"migrations/$i-${names[i]}.sql"
        done
        migrated 2
        sql "CREATE TABLE gorp_migrations (id varchar(255) NOT NULL PRIMARY KEY, applied_at timestamp NULL)"
        sql "INSERT INTO gorp_migrations (id) VALUES ('1-create_users.sql'), ('2-count_changes.sql')"
        continues 2_count_changes gorp_migrations
    done
}

@test "tern" {
    [[ $DATABASES == *postgresql* ]] || return 0
    begin postgresql
    mkdir migrations
    for i in 1 2 3 4 5; do
        {
            [ "$i" != 4 ] || echo "---- tern: disable-tx ----"
            up "$i"
            [ "$i" = 3 ] || printf '\n---- create above / drop below ----\n\n'
            [ "$i" = 3 ] || down "$i"
        } >"migrations/00${i}_${names[i]}.sql"
    done
    migrated 2
    sql "CREATE TABLE schema_version (version integer NOT NULL); INSERT INTO schema_version VALUES (2)"
    ok import --from tern --dry-run
    says "stamped with 002"
    continues 002 schema_version --from tern
    [[ $(<revisions/003_add_posts.sql) != *"-- downgrade"* ]]
}

@test "tern: templates are refused" {
    mkdir migrations
    printf 'CREATE TABLE t (a int);\n---- create above / drop below ----\nDROP TABLE {{ .prefix }}t;\n' >migrations/001_t.sql
    fails 78 import --from tern --dialect sqlite migrations
    says "migrations/001_t.sql:3:12: cannot import the placeholder '{{ .prefix }}'"
}

@test "sqlx" {
    for database in $DATABASES; do
        begin "$database"
        mkdir migrations
        for i in 1 2 3 4 5; do
            { if [ "$i" = 4 ]; then echo "-- no-transaction"; fi && up "$i"; } >"migrations/2024010${i}_${names[i]}.up.sql"
            down "$i" >"migrations/2024010${i}_${names[i]}.down.sql"
        done
        migrated 2
        blob=blob
        [ "$database" != postgresql ] || blob=bytea
        sql "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean NOT NULL, checksum $blob NOT NULL)"
        for i in 1 2; do
            sum=$(sha384sum <"migrations/2024010${i}_${names[i]}.up.sql" | cut -d' ' -f1)
            hex="X'$sum'"
            [ "$database" != postgresql ] || hex="'\\x$sum'"
            sql "INSERT INTO _sqlx_migrations VALUES (2024010$i, true, $hex)"
        done
        cp migrations/20240102_count_changes.up.sql kept
        echo "-- edited" >>migrations/20240102_count_changes.up.sql
        fails 2 import
        says "migrations/20240102_count_changes.up.sql: the file was edited after it was applied"
        mv kept migrations/20240102_count_changes.up.sql
        continues 20240102 _sqlx_migrations
    done
}

@test "Refinery" {
    for database in $DATABASES; do
        begin "$database"
        mkdir migrations
        for i in 1 2 3 4 5; do
            up "$i" >"migrations/V${i}__${names[i]}.sql"
        done
        migrated 2
        sql "CREATE TABLE refinery_schema_history (version integer PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255))"
        sql "INSERT INTO refinery_schema_history VALUES (1, 'create_users', '', ''), (2, 'count_changes', '', '')"
        continues V2 refinery_schema_history
        [[ $(<revisions/V1_create_users.sql) != *"-- downgrade"* ]]
    done
}

@test "Diesel" {
    for database in $DATABASES; do
        begin "$database"
        touch diesel.toml
        for i in 1 2 3 4 5; do
            mkdir -p "migrations/2024-01-0$i-000000_${names[i]}"
            up "$i" >"migrations/2024-01-0$i-000000_${names[i]}/up.sql"
            down "$i" >"migrations/2024-01-0$i-000000_${names[i]}/down.sql"
        done
        echo 'run_in_transaction = false' >migrations/2024-01-04-000000_index_emails/metadata.toml
        migrated 2
        sql "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NULL)"
        sql "INSERT INTO __diesel_schema_migrations (version) VALUES ('20240101000000'), ('20240102000000')"
        continues 20240102000000 __diesel_schema_migrations
    done
}

@test "Prisma" {
    for database in $DATABASES; do
        begin "$database"
        mkdir -p prisma/migrations
        touch prisma/migrations/migration_lock.toml
        for i in 1 2 3 4 5; do
            mkdir "prisma/migrations/2024010${i}000000_${names[i]}"
            { echo "-- CreateTable" && up "$i"; } >"prisma/migrations/2024010${i}000000_${names[i]}/migration.sql"
        done
        migrated 2
        sql "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamp NULL, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamp NULL, started_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, applied_steps_count integer NOT NULL DEFAULT 0)"
        for i in 1 2; do
            sum=$(sha256sum <"prisma/migrations/2024010${i}000000_${names[i]}/migration.sql" | cut -d' ' -f1)
            sql "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('$i', '$sum', '2024-01-01 10:00:00', '2024010${i}000000_${names[i]}')"
        done
        sql "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('3', '', '20240103000000_add_posts')"
        fails 2 import
        says "'prisma/migrations' belongs to Prisma" "migration '20240103000000_add_posts' did not finish" "prisma migrate deploy"
        sql "UPDATE _prisma_migrations SET rolled_back_at = '2024-01-01 10:00:00' WHERE id = '3'"
        continues 20240102000000_count_changes _prisma_migrations
    done
}

@test "Drizzle" {
    for database in $DATABASES; do
        begin "$database"
        mkdir -p drizzle/meta
        echo '{}' >drizzle/meta/_journal.json
        for i in 1 2 3 4 5; do
            { up "$i" && echo "--> statement-breakpoint"; } >"drizzle/000$((i - 1))_${names[i]}.sql"
        done
        migrated 2
        table=__drizzle_migrations
        [ "$database" != postgresql ] || table=drizzle.$table
        [ "$database" != postgresql ] || sql "CREATE SCHEMA drizzle"
        sql "CREATE TABLE $table (id integer PRIMARY KEY, hash text NOT NULL, created_at bigint)"
        sql "INSERT INTO $table VALUES (1, '', 1704067200000), (2, '', 1704153600000)"
        continues 0001_count_changes "$table"
    done
}

@test "Knex and node-pg-migrate" {
    for database in $DATABASES; do
        begin "$database"
        mkdir migrations
        for i in 1 2 3 4 5; do
            up "$i" >"migrations/2024010${i}_${names[i]}.up.sql"
            down "$i" >"migrations/2024010${i}_${names[i]}.down.sql"
            echo 'exports.up = run;' >"migrations/2024010${i}_${names[i]}.js"
        done
        migrated 2
        sql "CREATE TABLE knex_migrations (id integer PRIMARY KEY, name varchar(255), batch integer, migration_time timestamp NULL)"
        sql "INSERT INTO knex_migrations (id, name, batch) VALUES (1, '20240101_create_users.js', 1), (2, '20240102_count_changes.js', 1)"
        continues 20240102_count_changes knex_migrations
        rm -r cmig.yaml models revisions
        for i in 1 2 3 4 5; do
            { echo "-- Up Migration" && up "$i" && echo "-- Down Migration" && down "$i"; } >"migrations/2024010${i}_${names[i]}.sql"
            rm "migrations/2024010${i}_${names[i]}".{up.sql,down.sql,js}
        done
        migrated 2
        sql "CREATE TABLE pgmigrations (id integer PRIMARY KEY, name varchar(255), run_on timestamp NULL)"
        sql "INSERT INTO pgmigrations (id, name) VALUES (1, '20240101_create_users'), (2, '20240102_count_changes')"
        continues 20240102_count_changes pgmigrations
        echo 'exports.up = (knex) => knex.schema;' >migrations/20240106_more.js
        rm cmig.yaml
        migrated 0
        fails 78 import --from knex
        says "migrations/20240106_more.js: this migration of Knex is a program"
    done
}

@test "Rails" {
    for database in $DATABASES; do
        begin "$database"
        mkdir db
        for i in 1 2 3 4 5; do
            CLIENT=1 up "$i" | sed 's/ CONCURRENTLY//'
        done | grep -v 'INSERT INTO\|UPDATE users SET email' >db/structure.sql
        {
            [ "$database" != mysql ] || echo "CREATE TABLE \`schema_migrations\` (\`version\` varchar(255) NOT NULL, PRIMARY KEY (\`version\`));"
            [ "$database" = mysql ] || echo 'CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);'
            printf "INSERT INTO %s (version) VALUES\n('20240102000000'),\n('20240101000000');\n" "$(quoted schema_migrations)"
        } >>db/structure.sql
        migrated 5
        sql "CREATE TABLE schema_migrations (version varchar(255) NOT NULL PRIMARY KEY)"
        sql "INSERT INTO schema_migrations VALUES ('20240102000000')"
        fails 2 import
        says "'db/structure.sql' belongs to Rails" "migration '20240102000000' is applied, but '20240101000000' before it is not"
        sql "INSERT INTO schema_migrations VALUES ('20240101000000')"
        ok import
        says "stamp -> 20240102000000"
        grep -qF 'replaces: ["20240101000000"]' migrations/*.sql
        ok check
        migrated 0
        ok upgrade
        ok check
    done
}

@test "plain SQL: a directory and a script" {
    for database in $DATABASES; do
        begin "$database"
        mkdir sql
        for i in 1 2 3 4 5; do
            up "$i" >"sql/$i.sql"
        done
        mv sql/5.sql sql/10.sql
        migrated 0
        ok import sql
        says "'sql' belongs to plain SQL"
        ok upgrade
        ok heads
        [[ $out == 10* ]]
        same "$(content "")" "$wanted"
        rm -r cmig.yaml models migrations
        for i in 1 3; do up "$i"; done >schema.sql
        migrated 0
        ok import schema.sql
        ok upgrade
        ok check
        same "$(sql "SELECT count(*) FROM users")" 2
    done
}

@test "PostgreSQL: without a scratch database" {
    [[ $DATABASES == *postgresql* ]] || return 0
    begin postgresql
    mkdir migrations
    for i in 1 2; do { echo "-- migrate:up" && up $i; } >migrations/$i.sql; done
    migrated 1
    sql "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)"
    sql "INSERT INTO schema_migrations VALUES ('1')"
    role=import_$$
    sql "CREATE ROLE $role LOGIN"
    sql "ALTER DATABASE ${URL##*/} OWNER TO $role"
    sql "GRANT ALL ON SCHEMA public TO $role"
    sql "ALTER TABLE users OWNER TO $role"
    sql "ALTER TABLE schema_migrations OWNER TO $role"
    run_as=$(sed "s|//[^@]*@|//$role@|" <<<"$URL")
    ok --url "$run_as" import
    says "warning: the revisions were not tested: no scratch database" "no models were written" "stamp -> 1"
    ok --url "$run_as" upgrade
    sql "REASSIGN OWNED BY $role TO CURRENT_USER"
    sql "DROP OWNED BY $role"
    sql "DROP ROLE $role"
}

@test "without a database" {
    mkdir migrations
    printf -- '-- migrate:up\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\nCOMMIT;\n' >migrations/1_f.sql
    fails 64 import
    says "import needs a database" "--dialect postgresql"
    fails 64 import --dialect oracle
    fails 78 import --dialect postgresql
    says "cannot import 'migrations/1_f.sql'" "migrations/1_f.sql:3:1" "Nothing was written."
    sed -i '/COMMIT/d' migrations/1_f.sql
    ok import --dialect postgresql
    says "warning: the revisions were not tested: no scratch database (no database was given)"
    prints_exactly "cmig.yaml
revisions/1_f.sql"
    fails 64 import --from nothing --stamp
    says "unknown tool 'nothing'"
    fails 64 import --stamp
    says "--stamp needs --from, and no path"
}

# ---- Flyway ------------------------------------------------------------------------------------------------------

# Flyway's table, with rows VERSION|DESCRIPTION|TYPE|FILE|SUCCESS. Checksums are those of the files.
flyway_table() { # ROW...
    local row rank=0 version description type file success sum
    sql "CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, success boolean NOT NULL)"
    for row; do
        IFS='|' read -r version description type file success <<<"$row"
        sum=NULL
        [ ! -e "sql/$file" ] || sum=$(/usr/bin/python3 -c 'import sys, zlib
crc = 0
for line in open(sys.argv[1], encoding="utf-8-sig", newline="").read().splitlines():
    crc = zlib.crc32(line.encode(), crc)
print(crc - (1 << 32) if crc >> 31 else crc)' "sql/$file")
        [ -z "$version" ] || version="'$version'"
        rank=$((rank + 1))
        sql "INSERT INTO flyway_schema_history VALUES ($rank, ${version:-NULL}, '$description', '$type', '$file', $sum, ${success:-true})"
    done
}

flyway_project() {
    mkdir -p sql/more
    for i in 1 2 3; do
        { printf '\xef\xbb\xbf' && up "$i"; } | if [ "$i" = 1 ]; then sed 's/$/\r/'; else cat; fi >"sql/V1_${i}__${names[i]}.sql"
        down "$i" >"sql/U1.${i}__undo.sql"
    done
    up 4 >sql/more/V1_10__index_emails.sql
    case $DATABASE in
    postgresql) echo 'CREATE OR REPLACE VIEW authors AS SELECT email FROM ${table} WHERE id IN (SELECT author FROM posts);' ;;
    mysql) echo 'CREATE OR REPLACE VIEW authors AS SELECT email FROM ${table} WHERE id IN (SELECT author FROM posts);' ;;
    sqlite) printf 'DROP VIEW IF EXISTS authors;\nCREATE VIEW authors AS SELECT email FROM ${table} WHERE id IN (SELECT author FROM posts);\n' ;;
    esac >"sql/R__Authors of posts.sql"
}

@test "Flyway" {
    for database in $DATABASES; do
        begin "$database"
        flyway_project
        migrated 2
        flyway_table '1.1|create users|SQL|V1_1__create_users.sql' '1.2|count|SQL|V1_2__count_changes.sql' '1.3|add|SQL|V1_3__add_posts.sql|false'
        touch flyway.conf
        fails 2 import sql -x table=users
        says "'sql' belongs to Flyway" "migration '1.3' failed" "flyway migrate"
        sql "DELETE FROM flyway_schema_history WHERE version = '1.3'"
        fails 78 import sql
        says "no '-x table=...' was given"
        sum=$(sql "SELECT checksum FROM flyway_schema_history WHERE version = '1.2'")
        sql "UPDATE flyway_schema_history SET checksum = 1 WHERE version = '1.2'"
        fails 2 import sql -x table=users
        says "sql/V1_2__count_changes.sql: the file was edited after it was applied"
        sql "UPDATE flyway_schema_history SET checksum = $sum WHERE version = '1.2'"
        ok import sql -x table=users
        says "stamp -> V1.2" "placeholders became variables; give their values with -x: table"
        prints migrations/V1.1_create_users.sql migrations/V1.10_index_emails.sql migrations/R_Authors_of_posts.sql
        ok upgrade -x table=users
        ok check
        same "$(content flyway_schema_history)" "$wanted"
        grep -qF '${x:table}' migrations/R_Authors_of_posts.sql
        # All are applied, and so is the repeatable one; then its file has changed.
        rm -r cmig.yaml models migrations
        migrated 5
        flyway_table '1.1|create users|SQL|V1_1__create_users.sql' '1.2|count|SQL|V1_2__count_changes.sql' '1.3|add|SQL|V1_3__add_posts.sql' \
            '|Authors of posts|SQL|R__Authors of posts.sql' '1.10|index|SQL|more/V1_10__index_emails.sql'
        ok import sql -x table=users
        says "stamp -> R_Authors_of_posts"
        rm -r cmig.yaml models migrations
        sql "DROP TABLE cmig_version"
        sql "DROP TABLE cmig_history"
        echo '-- changed' >>"sql/R__Authors of posts.sql"
        ok import sql -x table=users
        says "stamp -> V1.10"
        ok upgrade -x table=users
        same "$(content flyway_schema_history)" "$wanted"
    done
}

@test "Flyway: its own placeholders, and settings of a migration" {
    DATABASE=postgresql
    begin postgresql
    migrated 0
    mkdir -p app/db/migration
    printf '%s\n' 'CREATE TABLE ${flyway:defaultSchema}.t (a int);' "COMMENT ON TABLE t IS 'by \${flyway:user}';" >app/db/migration/V1__t.sql
    echo 'CREATE INDEX CONCURRENTLY i ON t (a);' >app/db/migration/V2__i.sql
    echo "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''\${name} \${x:name}''::text';" >app/db/migration/V3__f.sql
    printf '# outside\nexecuteInTransaction = false\n' >app/db/migration/V2__i.sql.conf
    echo 'placeholderReplacement=false' >app/db/migration/V3__f.sql.conf
    fails 78 import app
    says "'app' contains no migrations of a known tool" "Did you mean 'app/db/migration'?"
    ok import --from flyway app/db/migration -x flyway.defaultSchema=public -x flyway.user=ann
    says 'placeholders became variables; give their values with -x: flyway.defaultSchema, flyway.user'
    grep -qF 'transaction: false' migrations/V2_i.sql
    ok upgrade -x flyway.defaultSchema=public -x flyway.user=ann
    same 'by ann' "$(sql "SELECT obj_description('t'::regclass)")"
    same '${name} ${x:name}' "$(sql 'SELECT f()')"
}

@test "Flyway: undone migrations, baselines, Java" {
    for database in $DATABASES; do
        begin "$database"
        flyway_project
        rm sql/R__*
        migrated 1
        flyway_table '1.1|create users|SQL|V1_1__create_users.sql' '1.2|count|SQL|V1_2__count_changes.sql' '1.2|undo|UNDO_SQL|U1.2__undo.sql'
        ok import --from flyway sql --dry-run
        says "the database would be stamped with V1.1"
        touch sql/V2__Code.java
        fails 78 import --from flyway sql
        says "sql/V2__Code.java: this migration of Flyway is a program, not SQL"
        rm sql/V2__Code.java
        # A database that Flyway's own baseline command took over.
        migrated 2
        flyway_table '1.2|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>'
        ok import --from flyway sql --dry-run
        says "the database would be stamped with V1.2"
        # A baseline migration replaces the first two.
        for i in 1 2; do CLIENT=1 up $i; done >sql/B1.2__both.sql
        ok import --from flyway sql
        says "baseline 'sql/B1.2__both.sql' replaces 2 older migrations" "stamp -> B1.2"
        ok upgrade
        grep -qF 'replaces: [V1.1, V1.2]' migrations/B1.2_both.sql
        migrated 1
        flyway_table '1.1|create users|SQL|V1_1__create_users.sql'
        fails 2 import --from flyway --stamp
        says "the database is at migration '1.1', which is older than the baseline"
        migrated 0
        ok upgrade
        ok check
    done
}

@test "Prisma: BEGIN and COMMIT around a part of a file" {
    DATABASE=postgresql
    begin postgresql
    migrated 0
    mkdir -p prisma/migrations/20240101_init prisma/migrations/20240102_enum
    echo 'provider = "postgresql"' >prisma/migrations/migration_lock.toml
    cat >prisma/migrations/20240101_init/migration.sql <<'SQL'
-- CreateEnum
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');

-- CreateTable
CREATE TABLE "User" ("id" TEXT NOT NULL, "role" "Role" NOT NULL DEFAULT 'ADMIN', CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
INSERT INTO "User" VALUES ('ann');
SQL
    cat >prisma/migrations/20240102_enum/migration.sql <<'SQL'
-- AlterEnum
BEGIN;
CREATE TYPE "Role_new" AS ENUM ('ADMIN', 'GUEST');
ALTER TABLE "User" ALTER COLUMN "role" DROP DEFAULT;
ALTER TABLE "User" ALTER COLUMN "role" TYPE "Role_new" USING ("role"::text::"Role_new");
ALTER TYPE "Role" RENAME TO "Role_old";
ALTER TYPE "Role_new" RENAME TO "Role";
DROP TYPE "Role_old";
COMMIT;

-- AlterTable
ALTER TABLE "User" ADD COLUMN "email" TEXT;
SQL
    ok import
    ok upgrade
    same 'ADMIN' "$(sql 'SELECT role FROM "User"')"
    ok check
}

@test "structure.sql with numbers as versions" {
    DATABASE=postgresql
    begin postgresql
    migrated 0
    mkdir db
    cat >db/structure.sql <<'SQL'
CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp);
CREATE TABLE books (id bigint PRIMARY KEY);
INSERT INTO "schema_migrations" (version) VALUES (20180217063210), (20180218174349);
SQL
    sql "$(cat db/structure.sql)"
    ok import
    says 'stamp -> 20180218174349'
    ok check
}
