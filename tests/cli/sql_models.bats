#!/usr/bin/env bats
# Models in SQL: what runs, what is skipped, what is rejected, and where it is loaded.
load helper

# A project whose model is the SQL of standard input.
sql_project() { # sqlite|postgresql|mysql [LINE...]
    local kind=$1 text
    shift
    project "$kind" 'models: [schema.sql]' "$@"
    slurp text
    printf '%s\n' "$text" >schema.sql
}

# A change of the SQL is a revision, and nothing is left to do after it.
walks() {
    ok revision --autogenerate -m "$1"
    ok upgrade
    ok check
    says "models and database agree"
    ok revision --autogenerate -m nothing
    says "nothing to do"
}

scratches() { # PID
    if [ "$DATABASE" = mysql ]; then
        sql "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'cmig\\_scratch\\_$1\\_%'"
        return
    fi
    psql -X -A -t -d "$CMIG_TEST_POSTGRESQL_URL" -c "SELECT datname FROM pg_database WHERE datname LIKE 'cmig\_scratch\_$1\_%'"
}

dump_of() { # URL [OPTION...]
    [[ $1 =~ @([^:]*):([0-9]*)/(.*)$ ]]
    mariadb-dump --no-defaults -uroot -h"${BASH_REMATCH[1]}" -P"${BASH_REMATCH[2]}" --routines --events --skip-dump-date \
        "${@:2}" "${BASH_REMATCH[3]}"
}

# The schema, without what a dump keeps of the session that created an object.
schema_of_dump() {
    [ "$DATABASE" = mysql ] || { dump; return; }
    dump_of "$URL" --no-data --skip-comments --ignore-table="${URL##*/}".cmig_{version,history,progress} |
        sed -E '/^\/\*!50[0-9]+ SET /d; s/DEFINER=[^ ]*//; s/`|AUTO_INCREMENT=[0-9]+ //g'
}

odd_sql() { # KIND
    if [ "$1" = mysql ]; then
        cat <<'S'
CREATE TABLE `Odd ``T` (id int PRIMARY KEY, `select` varchar(20) DEFAULT 'it\'s' CHECK (`select` <> ';'), `ä ö` text);
CREATE TABLE notes (id int PRIMARY KEY, odd int, CONSTRAINT fk_odd FOREIGN KEY (odd) REFERENCES `Odd ``T` (id) ON DELETE CASCADE, UNIQUE (odd, id));
CREATE INDEX some_notes ON notes (odd DESC);
CREATE VIEW few AS SELECT id, `select` AS word FROM `Odd ``T` WHERE id IN (1, 2);
S
        return
    fi
    cat <<'S'
CREATE TABLE "Odd ""T" (id integer PRIMARY KEY, "select" varchar(20) DEFAULT 'it''s' CHECK ("select" <> ';'), "ä ö" text);
CREATE TABLE notes (id integer PRIMARY KEY, odd integer REFERENCES "Odd ""T" (id) ON DELETE CASCADE, UNIQUE (odd, id));
CREATE INDEX some_notes ON notes (odd) WHERE odd > 0;
CREATE VIEW few AS SELECT id, "select" AS word FROM "Odd ""T" WHERE id IN (1, 2);
S
}

@test "a schema in SQL is a model on every database, and rows are kept" {
    for kind in sqlite postgresql mysql; do
        local odd='"Odd ""T"'
        sql_project "$kind" < <(odd_sql "$kind")
        walks first
        [ "$kind" != mysql ] || odd='`Odd ``T`'
        sql "INSERT INTO $odd VALUES (1, 'a', 'b'); INSERT INTO notes (id, odd) VALUES (1, 1)"
        before=$(schema_of_dump)
        sed -i -E 's/, odd (int|integer)\b/, title text, odd \1/; s/IN \(1, 2\)/IN (1, 2, 3)/' schema.sql
        walks second
        [ "$(sql "SELECT count(*) FROM notes WHERE odd = 1")" = 1 ] || report "the row is gone"
        ok downgrade -1
        same "$before" "$(schema_of_dump)"
        ok upgrade
        ok check
        ok downgrade base
        [[ $(schema_of_dump) != *notes* ]] || report "$(schema_of_dump)"
    done
}

@test "triggers, functions and enums come out as the server prints them" {
    sql_project postgresql <<'S'
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id bigserial PRIMARY KEY, m mood DEFAULT 'ok', n numeric(10, 2));
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN -- a ; in a body
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE MATERIALIZED VIEW totals AS SELECT m, sum(n) FROM t GROUP BY m WITH NO DATA;
CREATE UNIQUE INDEX ON totals (m);
COMMENT ON TABLE t IS 'a comment';
S
    walks first
    sed -i 's/-- a ; in a body/PERFORM 1;/' schema.sql
    ok diff
    prints "replace_function"
    walks second
    # What the database has and the SQL does not is a difference, of every kind.
    sql "CREATE DOMAIN extra AS text"
    fails 2 check
    prints "domain 'extra': not in the models"

    sql_project sqlite <<'S'
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT);
CREATE TRIGGER touch AFTER INSERT ON t BEGIN UPDATE t SET n = ';'; SELECT 1; END;
S
    walks first
}

@test "a dump is a model: pg_dump -s, and sqlite3's .schema and .dump" {
    database postgresql
    sql 'CREATE SCHEMA "Other S"; CREATE TYPE mood AS ENUM ($$a$$); CREATE TABLE t (id serial PRIMARY KEY, m mood, CHECK (id IN (1, 2)));
        CREATE TABLE "Other S".u (id int REFERENCES t); GRANT SELECT ON t TO PUBLIC;
        CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$SELECT $1$$'
    pg_dump -s -d "$URL" >"$BATS_TEST_TMPDIR/dump.sql"
    from=$(dump)
    sql_project postgresql 'schemas: [public, Other S]' <"$BATS_TEST_TMPDIR/dump.sql"
    walks first
    says "skipped: models in SQL have neither"
    [ "$(dump | grep -v -e GRANT)" = "$(grep -v -e GRANT <<<"$from")" ] || report "$(dump)"

    database sqlite
    sql "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO t (a) VALUES ('x'); ANALYZE; PRAGMA user_version = 3"
    sqlite3 "$FILE" .schema >"$BATS_TEST_TMPDIR/schema.sql"
    sqlite3 "$FILE" .dump | grep -v -e sqlite_sequence -e sqlite_stat -e writable_schema -e ANALYZE >"$BATS_TEST_TMPDIR/dump.sql"
    for file in schema dump; do
        sql_project sqlite <"$BATS_TEST_TMPDIR/$file.sql"
        walks first
    done
    says "schema.sql:4:1: a statement about rows was skipped: a model describes no rows"
}

@test "files of SQL and of YAML are one model, and a file that an object names is not read twice" {
    for kind in sqlite postgresql mysql; do
        project "$kind"
        mkdir models/sql
        echo 'CREATE TABLE a (id integer PRIMARY KEY);' >models/1.sql
        echo 'CREATE TABLE b (id integer REFERENCES a);' >models/sql/2.sql
        model <<'Y'
tables:
  c: {columns: {id: {type: integer, references: a.id}}}
views:
  v: SELECT id FROM b
Y
        if [ "$kind" = postgresql ]; then
            printf 'functions:\n  f(integer): {file: sql/f.sql}\n' >>models/model.yaml
            echo "CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';" >models/sql/f.sql
        fi
        walks first
        # Beside YAML the SQL lists only the kinds that it has.
        if [ "$kind" = postgresql ]; then
            sql "CREATE DOMAIN extra AS text"
            ok check
        fi
        model twice.yaml <<<'tables: {b: {columns: {id: integer}}}'
        fails 78 check
        says "models/sql/2.sql:1:1: table 'b' is defined twice" "models/twice.yaml:1:10: the first definition"
    done
}

@test "statements other than definitions are rejected with their place and a remedy" {
    sql_project postgresql <<<''
    rejects() { # TEXT STATUS WORDS...
        printf '%b\n' "$1" >schema.sql
        try check
        [ "$status" = "$2" ] || report "$1: $out $err"
        says "${@:3}"
    }
    rejects '\\connect other\nCREATE TABLE a (id int);' 78 "schema.sql:1:1" "psql" "pg_dump writes it with --create"
    rejects 'CREATE TABLE a (id int);\nCOPY a (id) FROM stdin;\n1\n\\.' 78 "schema.sql:2:1: 'COPY' cannot be part of a model" "pg_dump --schema-only"
    rejects ' CREATE DATABASE x;' 78 "schema.sql:1:2: 'CREATE DATABASE' cannot be part of a model" "without --create"
    rejects 'CREATE ROLE x;' 78 "'CREATE ROLE' cannot be part of a model" "contents of one database"
    rejects 'ALTER SYSTEM SET work_mem = 1;' 78 "'ALTER SYSTEM' cannot be part of a model"
    rejects 'LISTEN x;' 78 "schema.sql:1:1: 'LISTEN X' cannot be part of a model" "does not describe the schema"
    rejects '(SELECT 1);' 78 "schema.sql:1:1: not an SQL statement"
    rejects 'CREATE SCHEMA other; CREATE TABLE other.t (id int);' 78 "schema 'other', which is not under management" "'schemas' in cmig.yaml"
    rejects "CREATE TABLE a (x text DEFAULT 'abc);" 78 "schema.sql:1:1: cannot load the model" "never closed"
    rejects 'CREATE TABLE a (\n  id int,\n  x nonsense\n);' 78 "schema.sql:3:5: cannot load the model" 'type "nonsense" does not exist'
    rejects 'DROP TABLE nope;' 78 "schema.sql:1:1: cannot load the model" 'table "nope" does not exist'
    rejects 'CREATE TABLE a (owner int);\nALTER TABLE a RENAME COLUMN nope TO b;' 78 'column "nope" does not exist'
    # Nothing remains: neither a role nor a database.
    rejects "DO \$\$ BEGIN CREATE ROLE cmig_leaked_role; END \$\$;\nDROP TABLE nope;" 78 'table "nope"'
    [ -z "$(sql "SELECT 1 FROM pg_roles WHERE rolname = 'cmig_leaked_role'")" ] || report "the role was created"
    rejects "DO \$\$ BEGIN CREATE ROLE cmig_leaked_role; END \$\$;" 0 ""
    [ -z "$(sql "SELECT 1 FROM pg_roles WHERE rolname = 'cmig_leaked_role'")" ] || report "the role was created"

    sql_project sqlite <<<"ATTACH 'x.db' AS x;"
    rejects "ATTACH 'x.db' AS x;" 78 "'ATTACH' cannot be part of a model"
    rejects 'CREATE TABLE a (\n  id int,\n  x y z (\n);' 78 "schema.sql:" "cannot load the model"
    [ ! -e x.db ]
    rm schema.sql
    fails 78 check
    says "model file or directory 'schema.sql' does not exist"
}

@test "a role without CREATEDB names an empty database, in which nothing stays" {
    sql_project postgresql < <(odd_sql postgresql)
    walks first
    local url=$URL role=cmig_bats_role_$$ scratch
    sql "CREATE ROLE $role LOGIN; GRANT SELECT ON cmig_version TO $role; GRANT CREATE ON SCHEMA public TO $role"
    low=${URL/\/\/*@/\/\/$role@}
    fails 1 --url "$low" check
    says "cannot load models in SQL: no scratch database" "permission denied to create database" "'scratch_url'"
    database postgresql
    sql "GRANT CREATE ON SCHEMA public TO $role"
    scratch=$URL
    printf 'url: %s\nmodels: [schema.sql]\nscratch_url: %s\n' "$low" "${scratch/\/\/*@/\/\/$role@}" >cmig.yaml
    ok check
    [ -z "$(psql -X -A -t -d "$scratch" -c "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")" ]
    psql -X -q -d "$scratch" -c 'CREATE TABLE in_use (id int)'
    fails 78 check
    says "of scratch_url is not empty: it contains in_use"
    sed -i "s|^scratch_url.*|scratch_url: $low|" cmig.yaml
    fails 78 check
    says "of scratch_url is the database that is compared"
    sed -i "s|^scratch_url.*|scratch_url: sqlite:///x.db|" cmig.yaml
    fails 78 check
    says "'scratch_url' is a database of SQLite, not of PostgreSQL"
    psql -X -q -d "$url" -c "DROP OWNED BY $role"
    psql -X -q -d "$scratch" -c "DROP OWNED BY $role" -c "DROP ROLE $role"
}

@test "a scratch database that a killed run left behind is dropped by a later run, and a new one is not" {
    for kind in postgresql mysql; do
        sql_project "$kind" <<<'CREATE TABLE a (id int);'
        local new=cmig_scratch_$$_$(date +%s)000000 old=cmig_scratch_$$_1000000
        sql "CREATE DATABASE $old"
        sql "CREATE DATABASE $new"
        if [ "$kind" = mysql ]; then made_mysql+=("$new" "$old"); else made+=("$new" "$old"); fi
        ok revision --autogenerate -m first
        says "scratch database '$old', left by an earlier run, was dropped"
        [ "$(scratches $$)" = "$new" ] || report "$(scratches $$)"
        # A run leaves none of its own, also when the SQL fails.
        for text in 'CREATE TABLE a (id int);' 'CREATE TABLE a (id nonsense);'; do
            echo "$text" >schema.sql
            "${CMIG[@]}" check >/dev/null 2>&1 &
            local run=$!
            wait "$run" || true
            [ -z "$(scratches "$run")" ] || report "$(scratches "$run")"
        done
    done
}

# ---- MariaDB -----------------------------------------------------------------------------------------------------

real_schema() {
    sql "$(cat <<'S'
CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, n varchar(20) DEFAULT 'it''s' COMMENT 'x; y', j json, e enum('x','y'), KEY k (n(5) DESC));
CREATE TABLE `B c` (id int PRIMARY KEY, a_id int, d decimal(10,2) CHECK (d > 0), g int AS (id + 1) STORED,
    CONSTRAINT fk FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE) COLLATE utf8mb4_bin;
CREATE VIEW v AS SELECT a.id, b.d FROM a JOIN `B c` b ON b.a_id = a.id WHERE a.e IN ('x');
CREATE VIEW `before` AS SELECT id FROM v;
CREATE SEQUENCE s START 5;
INSERT INTO a (n) VALUES ('1'), ('2');
DELIMITER //
CREATE DEFINER=nobody@nowhere TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN /* c; */ SET NEW.n = lower(NEW.n); END//
CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC BEGIN IF x > 1 THEN RETURN 1; END IF; RETURN 2; END//
CREATE PROCEDURE p(OUT y int) SQL SECURITY INVOKER BEGIN SELECT count(*) INTO y FROM a; END//
CREATE EVENT e ON SCHEDULE EVERY 1 HOUR ON COMPLETION PRESERVE DO BEGIN DELETE FROM a WHERE id < 0; END//
S
)"
}

@test "MySQL: mariadb-dump of a database is its model, and creates it elsewhere" {
    database mysql
    real_schema
    local from=$URL
    dump_of "$from" >"$BATS_TEST_TMPDIR/dump.sql"
    sql_project mysql <"$BATS_TEST_TMPDIR/dump.sql"
    ok --url "$from" check
    says "a statement about rows was skipped: a model describes no rows"
    ok --url "$from" revision --autogenerate -m nothing
    says "nothing to do"
    walks first
    local there
    there=$(schema_of_dump)
    URL=$from
    same "$(schema_of_dump)" "$there"
    # phpMyAdmin encloses a dump in a transaction and writes keys separately.
    cat >schema.sql <<'S'
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `A` (`id` int(11) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
ALTER TABLE `A` ADD PRIMARY KEY (`id`);
ALTER TABLE `A` MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;
COMMIT;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!80013 SET PERSIST x = 1 */;
S
    fails 2 check
    prints "schema.sql:6:1: A: the table is not in the database"
}

@test "MySQL: a model in SQL reaches no other database, and no event of it runs" {
    database mysql
    sql "CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY)"
    local other=${URL##*/}
    sql_project mysql <<<''
    rejects() { # TEXT WORDS...
        printf '%s\n' "$1" >schema.sql
        fails 78 check
        says "${@:2}"
    }
    local outside="objects of database '$other'"
    rejects "DROP TABLE IF EXISTS \`$other\`.\`log\`;" "schema.sql:1:22: a model cannot create, alter or drop $outside" "without its database"
    rejects "CREATE OR REPLACE TABLE $other . log (id int);" "schema.sql:1:25:" "$outside"
    rejects "/*!50003 CREATE*/ /*!50017 DEFINER=a@b */ /*!50003 TRIGGER t BEFORE INSERT ON $other.log FOR EACH ROW SET @a = 1 */;" "$outside"
    rejects "CREATE TABLE x (id int); ALTER TABLE x ADD d decimal(3,1) DEFAULT 1.5, RENAME TO $other.y;" "$outside"
    rejects "CREATE INDEX i ON $other.log (id);" "$outside"
    rejects "CREATE SCHEMA x;" "'CREATE SCHEMA' cannot be part of a model" "without --databases"
    rejects "USE $other;" "schema.sql:1:1: 'USE' cannot be part of a model"
    rejects "CREATE OR REPLACE USER x;" "'CREATE USER' cannot be part of a model"
    rejects "SET @@global.max_connections = 3;" "'SET GLOBAL' cannot be part of a model"
    rejects "SET sql_mode = '', GLOBAL max_connections = 3;" "schema.sql:1:20: a model cannot set variables of the server"
    rejects "ALTER EVENT e DISABLE;" "with CREATE EVENT"
    printf '%s\n' 'CREATE TABLE a (id int, n int DEFAULT (1.5));' "CREATE VIEW v AS SELECT l.id FROM $other.log l;" \
        "CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO $other.log VALUES ();" \
        "SET STATEMENT time_zone = 'SYSTEM' FOR CREATE EVENT e2 ON SCHEDULE EVERY 1 SECOND DO INSERT INTO $other.log VALUES ();" >schema.sql
    sql "SET GLOBAL event_scheduler = ON"
    ok revision --autogenerate -m first
    grep -q "EVENT .e. ON SCHEDULE EVERY 1 SECOND ON COMPLETION" migrations/*_first.yaml || report "$(cat migrations/*_first.yaml)"
    ok verify
    same 0 "$(sql "SELECT count(*) FROM $other.log")"
    sql "SET GLOBAL event_scheduler = OFF"
    ok upgrade
    ok check
}

@test "MySQL: a user that may create no database is told the grant, or names an empty one, which is empty again" {
    sql_project mysql < <(odd_sql mysql)
    walks first
    local user=cmig_$$ name=${URL##*/} low=${URL/\/\/*@/\/\/cmig_$$@} spare
    sql "CREATE USER $user; GRANT ALL ON $name.* TO $user"
    fails 1 --url "$low" check
    says "cannot load models in SQL: no scratch database (mysql 1044" "GRANT ALL ON \`cmig\_scratch\_%\`.* TO '$user'@'%'" "'scratch_url'"
    database mysql
    spare=$URL
    sql "GRANT ALL ON ${URL##*/}.* TO $user; ALTER DATABASE CHARACTER SET latin1"
    printf 'url: %s\nmodels: [schema.sql]\nscratch_url: %s\n' "$low" "${spare/\/\/*@/\/\/$user@}" >cmig.yaml
    ok check
    echo 'CREATE TABLE extra (id nonsense);' >>schema.sql
    fails 78 check
    sed -i '$d' schema.sql
    same '' "$(sql 'SHOW TABLES')"
    # What a killed run leaves has a mark, and no rows.
    sql 'CREATE TABLE cmig_scratch (id int); CREATE TABLE half (id int); CREATE VIEW v AS SELECT 1'
    ok check
    same '' "$(sql 'SHOW TABLES')"
    sql 'CREATE TABLE cmig_scratch (id int); CREATE TABLE in_use (id int); INSERT INTO in_use VALUES (1)'
    fails 78 check
    says "of scratch_url is not empty: it contains in_use"
    sed -i "s|^scratch_url.*|scratch_url: $low|" cmig.yaml
    fails 78 check
    says "of scratch_url is the database that is compared"
    # A baseline is tried as well.
    sql "GRANT ALL ON \`cmig\\_scratch\\_%\`.* TO $user; DROP TABLE $name.cmig_version, $name.cmig_history"
    ok --url "$low" init --from-database new
    says "the baseline was applied to a scratch database and compared"
    ok -c new/cmig.yaml --url "$low" check
    sql "DROP USER $user"
}

@test "init starts with models in SQL" {
    mkdir new
    ok init --models schema.sql new
    [ ! -e new/models ] && grep -q '^models: \[schema.sql\]$' new/cmig.yaml || report "$(cat new/cmig.yaml)"
    echo 'CREATE TABLE a (id integer PRIMARY KEY);' >new/schema.sql
    ok -c new/cmig.yaml --url "sqlite:///$PWD/x.db" revision --autogenerate -m first
    fails 64 init --models a -t multidb other
    says "--models cannot be combined with template 'multidb'"
    fails 64 --url sqlite:///x.db init --models a --from-database other
    says "--models cannot be combined with"
}

@test "models in SQL have no owners and grants, which then cannot be managed" {
    sql_project postgresql 'manage: [grants]' < <(odd_sql postgresql)
    fails 78 check
    says "schema.sql:1:1: models in SQL cannot contain owners and grants, which 'manage' in cmig.yaml requires"
}
