#!/usr/bin/env bats
# Virtual tables of SQLite: what is refused, and what is left alone.

load helper

alter() { # the stored SQL of a table, as another program with other modules would have left it
    sqlite3 "$FILE" "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '$1', '$2')"
}

one_operation() { # OPERATION
    revision_file 111111111111 null <<<"upgrade:
  - $1
downgrade: []"
}

@test "the contents of a contentless index are not lost" {
    project sqlite
    sql "CREATE VIRTUAL TABLE f USING fts5(a, content=''); INSERT INTO f (rowid, a) VALUES (1, 'word')"
    echo "virtual_tables: {f: \"CREATE VIRTUAL TABLE f USING fts5(a, b, content='')\"}" >models/m.yaml
    fails 78 revision --autogenerate -m x
    says "models/m.yaml:1:18: cannot change virtual table 'f': a contentless index does not have the rows" \
        "hint: Give the new table another name and have the application fill it"
    one_operation 'replace_virtual_table: {name: f, sql: "CREATE VIRTUAL TABLE f USING fts5(a, b)"}'
    fails 78 upgrade
    says "cannot change virtual table 'f': a contentless index does not have the rows"
    same "$(sql "SELECT rowid FROM f WHERE f MATCH 'word'")" 1
}

@test "a table of a module that SQLite does not have" {
    project sqlite
    sql "CREATE VIRTUAL TABLE f USING fts5(a); CREATE TABLE t (a TEXT); CREATE TABLE f_more (a TEXT)"
    alter fts5 nowhere
    ok inspect
    says "not modelled, ignored: virtual table 'f': SQLite" "does not have its module 'nowhere'" \
        "not modelled, ignored: table 'f_more': perhaps of virtual table 'f'"
    same "" "$(grep f_ <<<"$out")"
    printf '%s\n' "$out" >models/m.yaml
    ok check
    sed -i 's/a: text/a: text\n      b: text/' models/m.yaml
    echo "virtual_tables: {f: CREATE VIRTUAL TABLE f USING nowhere(a)}" >models/f.yaml
    ok revision --autogenerate -m more
    ok upgrade
    ok check
    echo "virtual_tables: {f: 'CREATE VIRTUAL TABLE f USING nowhere(a, b)'}" >models/f.yaml
    fails 78 revision --autogenerate -m x
    says "models/f.yaml:1:18: virtual table 'f' needs module 'nowhere', which SQLite"
    one_operation 'drop_virtual_table: f'
    sed -i '/down_revision/s/: .*/: '"$(sql 'SELECT revision FROM cmig_version')"'/' migrations/111111111111.yaml
    fails 78 upgrade
    says "virtual table 'f' needs module 'nowhere', which SQLite"
    same "$(sql "SELECT sql FROM sqlite_schema WHERE name = 'f'")" "CREATE VIRTUAL TABLE f USING nowhere(a)"
}

@test "a table of a module that SQLite does not have is not changed" {
    project sqlite
    one_operation 'replace_virtual_table: {name: f, sql: "CREATE VIRTUAL TABLE f USING fts5(b)"}'
    sql "CREATE VIRTUAL TABLE f USING fts5(a)"
    sqlite3 "$FILE" "PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE f USING elsewhere(a)' WHERE name = 'f'"
    fails 78 upgrade
    says "virtual table 'f' needs module 'elsewhere', which SQLite"
}

@test "a statement that does not create the virtual table" {
    project sqlite
    echo "virtual_tables: {f: CREATE TABLE f (a)}" >models/m.yaml
    fails 78 check
    says "virtual table 'f': its SQL must begin with CREATE virtual table"
    rm models/m.yaml
    one_operation 'create_virtual_table: {name: f, sql: "CREATE VIRTUAL TABLE g USING fts5(a)"}'
    fails 78 upgrade
    says "the SQL must be CREATE VIRTUAL TABLE f USING …"
    one_operation 'drop_virtual_table: f'
    fails 1 upgrade
    says "virtual table 'f' does not exist"
    one_operation 'drop_virtual_table: {name: f, if_exists: true}'
    ok upgrade
}

@test "virtual tables that models do not list, and excluded ones" {
    project sqlite
    sql "CREATE VIRTUAL TABLE f USING fts5(a)"
    echo "tables: {}" >models/m.yaml
    ok check
    says "not modelled, ignored: virtual table 'f'"
    echo "tables: {f: {columns: {a: text}}}" >models/m.yaml
    fails 78 revision --autogenerate -m x
    says "cannot create table 'f': the database has a virtual table of that name, which cmig does not model"
    echo "virtual_tables: {f: 'CREATE VIRTUAL TABLE f USING fts5(a)'}" >>models/m.yaml
    fails 78 check
    says "'f'"
    echo "virtual_tables: {}" >models/m.yaml
    fails 2 check
    prints "virtual table 'f': not in the models"
    echo 'exclude: ["virtual table:f"]' >>cmig.yaml
    ok check
}
