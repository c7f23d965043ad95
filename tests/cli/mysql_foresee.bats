#!/usr/bin/env bats
# MariaDB: operations that must fail are rejected before the first statement of the run, which could not be rolled back.

load helper

# A table, a view and a first revision that creates another table; the next revisions are applied after it.
start() {
    project mysql
    sql "CREATE TABLE old (a int PRIMARY KEY, n int, KEY ix_n (n), CONSTRAINT ck CHECK (n > 0)); CREATE VIEW v AS SELECT 1 AS one"
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
downgrade: []
Y
}

second() { # OPERATION...
    printf 'upgrade:\n  - create_table: {name: two, columns: {id: {type: integer, primary_key: true}}}\n' >second
    printf '  - %s\n' "$@" >>second
    printf 'downgrade: []\n' >>second
    revision_file bbbb aaaa <second
}

nothing_changed() {
    says "revision bbbb 'step bbbb' cannot run on MariaDB" "Nothing was changed."
    same "" "$(sql "SHOW TABLES WHERE Tables_in_${URL##*/} NOT IN ('old', 'v')")"
}

@test "MariaDB: what an operation names must exist" {
    start
    while IFS='|' read -r op message; do
        second "$op"
        fails 1 upgrade
        says "$message"
        nothing_changed
    done <<'E'
add_column: {table: three, name: x, type: integer}|table 'three' does not exist
add_column: {table: old, name: N, type: integer}|column 'N' of table 'old' already exists
drop_column: {table: old, name: x}|column 'x' of table 'old' does not exist
alter_column: {table: two, name: x, nullable: false}|column 'x' of table 'two' does not exist
rename_column: {table: old, name: n, new_name: a}|column 'a' of table 'old' already exists
create_index: {table: old, name: i, columns: [x]}|column 'x' of table 'old' does not exist
create_index: {table: old, name: ix_n, columns: [n]}|index 'ix_n' of table 'old' already exists
drop_index: {table: old, name: i}|index 'i' of table 'old' does not exist
drop_constraint: {table: old, name: c}|constraint 'c' of table 'old' does not exist
create_primary_key: {table: old, columns: [n]}|table 'old' already has a primary key
create_foreign_key: {table: two, name: f, columns: [id], references: three}|table 'three' does not exist
create_foreign_key: {table: two, name: f, columns: [id], references: old.x}|column 'x' of table 'old' does not exist
create_table: {name: old, columns: {id: integer}}|table 'old' already exists
create_table: {name: v, columns: {id: integer}}|view 'v' already exists
rename_table: {name: two, new_name: old}|table 'old' already exists
drop_table: three|table 'three' does not exist
drop_view: w|view 'w' does not exist
drop_trigger: {name: t, table: old}|trigger 't on old' does not exist
drop_procedure: p()|procedure 'p()' does not exist
bulk_insert: {table: three, rows: [{a: 1}]}|table 'three' does not exist
backfill: {table: old, set: {x: "1"}}|column 'x' of table 'old' does not exist
grant: {on: table, name: three, to: root@localhost, privileges: [select]}|table 'three' does not exist
create_table: {name: t, columns: {id: integer}, mysql: {engine: NoEngine}}|the server does not have the storage engine 'NoEngine'
E
}

@test "MariaDB: what revisions before an operation do counts, and so does their SQL" {
    start
    sql "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, p int, q int, UNIQUE (q), FOREIGN KEY (p) REFERENCES parent (id), CHECK (q > 0))"
    second 'rename_table: {name: one, new_name: three}' 'add_column: {table: three, name: a, type: integer}' \
        'rename_column: {table: three, name: a, new_name: b}' 'create_index: {table: three, name: i, columns: [b]}' \
        'rename_index: {table: three, name: i, new_name: k}' 'drop_index: {table: three, name: k}' \
        'drop_column: {table: three, name: b}' 'drop_constraint: {table: child, name: child_ibfk_1}' \
        'drop_index: {table: child, name: p}' 'drop_index: {table: child, name: q}' 'drop_constraint: {table: child, name: CONSTRAINT_1}' \
        'drop_constraint: {table: old, name: old_pkey}' 'create_view: {name: w, sql: SELECT 1 AS one}' 'drop_view: w' \
        'execute: CREATE TABLE own (a int); CREATE VIEW own_v AS SELECT 1 AS one' 'add_column: {table: own, name: b, type: integer}' \
        'drop_column: {table: own, name: a}' 'drop_view: own_v' 'drop_table: {name: nothing, if_exists: true}' \
        'execute: "CREATE PROCEDURE fill() BEGIN CREATE TABLE hidden (a int); END"' 'execute: CALL fill()' 'drop_table: hidden' 'drop_table: old'
    ok upgrade
    revision_file cccc bbbb <<'Y'
upgrade:
  - execute: CREATE TEMPORARY TABLE scratch (a int); INSERT INTO scratch VALUES (1); DROP TEMPORARY TABLE scratch
  - execute: SET foreign_key_checks = 0
  - create_table: {name: early, columns: {id: {type: integer, primary_key: true}, late: {type: integer, references: late.id}}}
  - create_table: {name: late, columns: {id: {type: integer, primary_key: true}}}
downgrade: []
Y
    revision_file dddd cccc <<<$'upgrade:\n  - create_table: {name: scratch, columns: {a: integer}}\ndowngrade: []'
    ok upgrade
    rm migrations/cccc.yaml migrations/dddd.yaml
    second 'execute: ALTER TABLE one ADD b int' 'add_column: {table: one, name: b, type: integer}'
    ok stamp --purge aaaa
    sql "DROP TABLE two; CREATE TABLE one (id int)"
    fails 1 upgrade
    says "column 'b' of table 'one' already exists" "Nothing was changed."
}

@test "MariaDB: SQL in any form that the server takes counts" {
    start
    sql "CREATE FUNCTION f(x varchar(10)) RETURNS int RETURN 1; CREATE TABLE child (id int PRIMARY KEY, o int, CONSTRAINT fk_o FOREIGN KEY (o) REFERENCES old (a))"
    second 'execute: CREATE TABLE l LIKE old' 'rename_table: {name: l, new_name: l2}' 'drop_column: {table: l2, name: n}' \
        'execute: SET STATEMENT max_statement_time = 10 FOR ALTER TABLE old ADD q int' 'drop_column: {table: old, name: q}' \
        'execute: ALTER ONLINE TABLE old ADD q int' 'drop_column: {table: old, name: q}' \
        'execute: ALTER IGNORE TABLE old ADD q int' 'drop_column: {table: old, name: q}' \
        'execute: CREATE TABLE m (q int) SELECT n FROM old' 'drop_column: {table: m, name: n}' \
        'execute: DROP TABLES two' 'create_table: {name: two, columns: {id: integer, k: integer}}' \
        'execute: ALTER TABLE two ADD INDEX (k)' 'drop_index: {table: two, name: k}' \
        'execute: ALTER TABLE child DROP FOREIGN KEY fk_o' 'drop_index: {table: child, name: fk_o}' \
        'execute: DROP INDEX `PRIMARY` ON child' 'create_primary_key: {table: child, columns: [id]}' \
        'execute: "CREATE TABLE c (a int CHECK (a > 0), b int)"' 'drop_constraint: {table: c, name: a}' \
        'execute: "/*!50100 ALTER TABLE old ADD q int */"' 'drop_column: {table: old, name: q}'
    ok upgrade
    revision_file cccc bbbb <<<$'upgrade:\n  - drop_function: f(varchar(10))\n  - drop_index: {table: child, name: PRIMARY}\ndowngrade: []'
    ok upgrade
}

@test "MariaDB: an account must exist, unless SQL of the run creates it" {
    start
    for op in 'grant: {on: table, name: two, to: cmig_nobody, privileges: [select]}' \
        'revoke: {on: table, name: two, from: cmig_nobody@localhost, privileges: [select]}'; do
        second "$op"
        fails 78 upgrade
        says "user or role 'cmig_nobody" "does not exist"
        nothing_changed
    done
    second "execute: CREATE USER IF NOT EXISTS 'cmig_foreseen'@'%'" 'grant: {on: table, name: two, to: cmig_foreseen, privileges: [select]}' \
        'revoke: {on: table, name: two, from: cmig_foreseen, privileges: [select]}' "execute: DROP USER 'cmig_foreseen'@'%'"
    ok upgrade
}

@test "MariaDB: a privilege that the user lacks is named before anything runs" {
    start
    local user=cmig_few_$$
    sql "CREATE OR REPLACE USER $user@'%' IDENTIFIED BY 'x'; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON ${URL##*/}.* TO $user@'%'"
    sed -i "s,root@,$user:x@," cmig.yaml
    while IFS='|' read -r op privilege; do
        second "$op"
        fails 1 upgrade
        says "the user does not have the privilege $privilege on database '${URL##*/}'" "GRANT $privilege ON"
        nothing_changed
    done <<'E'
add_column: {table: two, name: x, type: integer}|ALTER
create_view: {name: w, sql: SELECT 1 AS one}|CREATE VIEW
create_function: {name: f(), sql: "CREATE FUNCTION f() RETURNS int RETURN 1"}|CREATE ROUTINE
create_trigger: {name: t, table: two, sql: "CREATE TRIGGER t BEFORE INSERT ON two FOR EACH ROW SET NEW.id = 1"}|TRIGGER
create_event: {name: e, sql: CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 0}|EVENT
E
    second 'bulk_insert: {table: two, rows: [{id: 1}]}'
    ok upgrade
    sql "DROP USER $user@'%'"
}
