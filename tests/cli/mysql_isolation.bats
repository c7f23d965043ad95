#!/usr/bin/env bats
# MariaDB: what the SQL of one revision leaves in the session does not change the next one, or cmig's own tables.

load helper

sql_revision() { # ID PARENT SQL
    printf -- '-- revision: %s\n-- down_revision: %s\n-- upgrade\n%s\n' "$1" "$2" "$3" >"migrations/$1.sql"
}

@test "MariaDB: a setting of one revision does not apply to the next" {
    project mysql
    for set in "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'" "SET SESSION sql_mode = ''; SET foreign_key_checks = 0; SET unique_checks = 0" \
        "SET NAMES latin1" "SET time_zone = '+09:00'" "SET autocommit = 0" "SET default_storage_engine = MyISAM; SET sql_select_limit = 1"; do
        database mysql
        printf '%s\n' "url: $URL" >cmig.yaml
        rm -f migrations/*
        sql_revision aaaa null "$set;"
        revision_file bbbb aaaa <<'Y'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true, autoincrement: false}, v: string(10), at: timestamp}}
  - execute: INSERT INTO t VALUES (1, "é\"\\", from_unixtime(0)), (2, 'x', from_unixtime(0))
  - execute: CREATE TABLE c (t int, FOREIGN KEY (t) REFERENCES t (id))
Y
        ok upgrade
        ok current
        prints bbbb
        same '1|é"\|1970-01-01 00:00:00' "$(sql "SELECT id, v, at FROM t WHERE id = 1")"
        same "InnoDB|2" "$(sql "SELECT engine, (SELECT count(*) FROM t) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 't'")"
        revision_file cccc bbbb <<<'upgrade: [{execute: INSERT INTO c VALUES (99)}]'
        fails 1 upgrade
        says "foreign key constraint fails"
    done
}

@test "MariaDB: a temporary table of the same name is not mistaken for cmig's table" {
    for table in version history progress; do
        project mysql
        empty_revision aaaa null
        ok upgrade
        sql_revision bbbb aaaa "CREATE TEMPORARY TABLE cmig_$table (revision text);"
        empty_revision cccc bbbb
        ok upgrade
        ok current
        prints cccc
        same 3 "$(sql "SELECT count(*) FROM cmig_history")"
    done
}

@test "MariaDB: the lock is held after a revision that releases it" {
    project mysql
    sql_revision aaaa null "SELECT release_all_locks();"
    sql_revision bbbb aaaa "CREATE TABLE t AS SELECT count(*) AS n FROM information_schema.processlist WHERE id = (SELECT is_used_lock('nothing'));"
    ok upgrade
    ok current
    prints bbbb
}

@test "the output of mariadb-dump is a revision, with rows and without" {
    project mysql
    sql "CREATE TABLE p (id int PRIMARY KEY AUTO_INCREMENT, v text, b blob) COMMENT 'it''s';
        CREATE TABLE c (id int, p int, FOREIGN KEY (p) REFERENCES p (id)); CREATE VIEW w AS SELECT v FROM p;
        INSERT INTO p (v, b) VALUES ('a;b\\\\ \"''', x'00ff'), (NULL, NULL); INSERT INTO c VALUES (1, 1)"
    mysql "$URL" <<'S'
DELIMITER //
CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW BEGIN SET NEW.v = concat(NEW.v, ';'); END//
CREATE PROCEDURE r() BEGIN SELECT 1; SELECT 2; END//
S
    local before rows from=$URL
    before=$(dump)
    rows=$(sql "SELECT id, v, hex(b) FROM p")
    for option in --no-data --skip-extended-insert; do
        mysql_program mariadb-dump "$from" --routines --hex-blob $option >all.sql
        URL=$from
        database mysql
        printf '%s\n' "url: $URL" >cmig.yaml
        sql_revision aaaa null "$(cat all.sql)"
        ok upgrade
        same "$before" "$(dump)"
        [ $option = --no-data ] || same "$rows" "$(sql "SELECT id, v, hex(b) FROM p")"
    done
}

@test "MariaDB: on_update and a missing trigger" {
    project mysql
    model <<'Y'
tables:
  posts:
    columns:
      id: {type: integer, primary_key: true}
      title: string(20)
      at: {type: timestamp, nullable: false, default: {func: now}, on_update: {func: now}}
Y
    ok revision --autogenerate -m posts
    ok upgrade
    ok check --strict
    sql "INSERT INTO posts (id, title, at) VALUES (1, 'a', '2001-01-01')"
    model <<'Y'
tables:
  articles:
    renamed_from: posts
    columns:
      id: {type: integer, primary_key: true}
      title: string(200)
      changed: {type: timestamp, nullable: false, default: {func: now}, on_update: {func: now}, renamed_from: at}
Y
    ok revision --autogenerate -m changes
    ok upgrade
    ok check --strict
    sql "UPDATE articles SET title = 'b'"
    same "1" "$(sql "SELECT changed > '2002-01-01' FROM articles")"
    ok downgrade -1
    sql "UPDATE posts SET at = '2001-01-01'; UPDATE posts SET title = 'c'"
    same "1" "$(sql "SELECT at > '2002-01-01' FROM posts")"
    ok upgrade
    sed -i 's/, on_update: {[^}]*}//' models/model.yaml
    ok revision --autogenerate -m ends
    grep -q 'name: changed, on_update: null' migrations/*ends.yaml
    ok upgrade
    ok check --strict
    sql "UPDATE articles SET changed = '2001-01-01'; UPDATE articles SET title = 'e'"
    same "0" "$(sql "SELECT changed > '2002-01-01' FROM articles")"
    ok downgrade -1
    same "1" "$(dump | grep -c 'ON UPDATE')"
}
