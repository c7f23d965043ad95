#!/usr/bin/env bats
# Operations on each database, and rejecting what a database does not support before anything runs.
load helper

# A table `a` with 25 rows, applied.
table_of_rows() { # sqlite|postgresql|mysql
    project "$1"
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table:
      name: a
      columns: {id: {type: integer, primary_key: true}, x: integer, y: integer, t: text}
      uniques: [[x]]
      checks: [x < y]
  - create_index: {table: a, columns: [y], unique: true, name: ix_y}
  - execute:
      postgresql: insert into a select g, g, g + 1, 't' from generate_series(1, 25) g
      mysql: insert into a select seq, seq, seq + 1, 't' from seq_1_to_25
      sqlite: with recursive g(g) as (select 1 union all select g + 1 from g where g < 25) insert into a select g, g, g + 1, 't' from g
downgrade:
  - drop_table: a
Y
    ok upgrade head
}

one_operation() { # OPERATION
    revision_file 222222222222 111111111111 <<<"upgrade:
  - $1
downgrade: []"
}

program() { # NAME, its text from standard input
    cat >"migrations/$1"
    chmod +x "migrations/$1"
}

# ---- what is refused ---------------------------------------------------------------------------------------------

refuses() { # OPERATION TEXT...
    one_operation "$1"
    shift
    fails 78 upgrade head
    says "migrations/222222222222.yaml:5:" "$@"
    ok current
    prints 111111111111
}

@test "what no database supports is rejected with its place" {
    for database in $DATABASES; do
        table_of_rows "$database"
        refuses 'creat_index: {table: a}' "unknown operation 'creat_index'" "Did you mean 'create_index'?"
        refuses 'alter_column: {table: a, name: t, typ: text}' "unknown key 'typ'" "Did you mean 'type'?"
        refuses 'set_comment: {on: indx, table: a, name: ix_y}' "set_comment does not support 'indx'"
        refuses 'set_comment: {on: constraint, name: c, comment: x}' "a comment on a constraint needs its 'table'"
        refuses 'add_column: {table: a, name: n, type: integer, after: x, first: true}' "'after' or 'first', not both"
        refuses 'add_column: {table: a, name: n, type: string(x)}' "type 'string' takes a length" "Nothing was changed."
        [ "$database" = mysql ] || refuses 'create_index: {table: a, columns: [{column: t, length: 5}]}' "no index on part of a column"
        refuses "alter_table: {table: a, $database: {strct: true}}" "has no option 'strct' for a table"
        refuses "add_column: {table: a, name: n, type: text, $database: {storag: plain}}" "no option 'storag' for a column"
        refuses 'bulk_insert: {table: a}' "bulk_insert needs 'rows' or 'file'"
        refuses 'bulk_insert: {table: a, file: a.csv}' "file 'a.csv' of bulk_insert does not exist" "Nothing was changed."
        refuses 'bulk_insert: {table: a, file: a.xml}' "unknown row file format 'a.xml'"
        refuses 'execute: {file: no.sql}' "file 'no.sql' of execute does not exist"
        refuses 'backfill: {table: a, set: {x: 1}, batch: 0}' "'batch' must be a positive number of rows, not 0"
        refuses 'backfill: {table: a, set: {x: 1}, key: x}' "backfill cannot set its key 'x'"
        refuses 'run: []' "run needs a program"
    done
}

@test "what SQLite does not support is rejected with its place" {
    table_of_rows sqlite
    refuses 'create_sequence: {name: s}' "SQLite has no sequences" 'only: [postgresql]'
    refuses 'create_exclude_constraint: {table: a, columns: [{column: x, op: "="}]}' "no exclusion constraints"
    refuses 'create_index: {table: a, columns: [t], using: gin}' "SQLite has no index method 'gin'"
    refuses 'create_index: {table: a, columns: [t], include: [x]}' "SQLite has no INCLUDE columns"
    refuses 'create_unique_constraint: {table: a, columns: [t], name: u, deferrable: true}' "no deferrable constraints"
    refuses 'create_table: {name: s.b, columns: {id: integer}}' "SQLite has no schema 's'"
}

@test "SQLite: an error in a table names the operation" {
    table_of_rows sqlite
    while IFS='|' read -r status operation message; do
        one_operation "$operation"
        fails "$status" upgrade head
        says "migrations/222222222222.yaml:5:" "$message"
        [[ $err != *damaged* ]] || report "says what is not so"
    done <<'T'
1|create_check_constraint: {table: a, name: c, sql: "x >"}|table 'a' would become invalid: near ")": syntax error
1|create_check_constraint: {table: a, name: c, sql: "x IN (SELECT 1)"}|subqueries prohibited in CHECK constraints
1|create_unique_constraint: {table: a, name: c, columns: [t]}|UNIQUE constraint failed: a.t
78|validate_constraint: {table: a, name: nix}|constraint 'nix' does not exist
1|create_foreign_key: {table: a, name: f, columns: [x], references: a.t}|must exist and be the primary key or UNIQUE
T
    one_operation 'add_column: {table: a, name: X, type: integer, if_not_exists: true}'
    ok upgrade head
}

@test "what PostgreSQL does not support is rejected with its place" {
    table_of_rows postgresql
    refuses 'add_column: {table: a, name: n, type: integer, after: x}' "no position for a new column other than the last" 'only: [sqlite, mysql]'
    refuses 'create_foreign_key: {table: a, columns: [x], references: a.id, match: partial}' "no MATCH PARTIAL"
}

# ---- constraints and columns -------------------------------------------------------------------------------------

@test "a constraint without a name is dropped by its definition" {
    for database in $DATABASES; do
        table_of_rows "$database"
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - create_table: {name: b, columns: {id: {type: integer, primary_key: true}, a_id: {type: integer, references: a.id}}}
  - drop_constraint: {table: b, type: foreign_key, columns: [a_id]}
  - drop_constraint: {table: a, type: unique, columns: [x]}
  - drop_constraint: {table: a, type: check, sql: x < y}
downgrade: []
Y
        ok upgrade head
        ok inspect
        [ "$database" != mysql ] || out=${out/uniques:$'\n'      ix_y/} # a unique index is the same there
        [[ $out != *checks* && $out != *uniques* && $out != *foreign* ]] || report "constraints are left"
        sql "INSERT INTO a VALUES (99, 1, 0, 't')"
    done
}

@test "an index becomes a constraint" {
    for database in $DATABASES; do
        table_of_rows "$database"
        one_operation 'create_unique_constraint: {table: a, columns: [y], name: u, using_index: ix_y}'
        ok upgrade head
        ok inspect
        [[ $out != *indexes:* ]] || report "the index is left"
        prints 'u'
    done
}

@test "SQLite: a string in double quotes is one" {
    table_of_rows sqlite
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - create_check_constraint: {table: a, name: c, sql: '"t" <> "q"'}
  - create_index: {table: a, name: i, columns: [{sql: 'coalesce("t", "q")'}], where: 't <> "it''s"'}
  - create_table: {name: b, columns: {t: text, u: {type: text, generated: {sql: 'coalesce(t, "q")'}}}, checks: {c: 't <> "q"'}}
  - create_unique_constraint: {table: a, name: u, columns: [t, x]}
downgrade: []
Y
    ok upgrade head
    [[ $(dump) == *"CHECK (\"t\" <> 'q')"*"CHECK (t <> 'q')"* && $(dump) == *"coalesce(t, 'q')"* &&
        $(dump) == *"(coalesce(\"t\", 'q')) WHERE t <> 'it''s'"* ]] || report "$(dump)"
}

@test "an object that others need is not dropped without cascade" {
    for database in sqlite postgresql; do # MariaDB leaves views that read nothing
        project "$database"
        sql "CREATE TABLE a (id integer PRIMARY KEY, n integer UNIQUE);
            CREATE TABLE b (x integer REFERENCES a(id), y integer CONSTRAINT key REFERENCES a(n), z integer);
            CREATE VIEW v AS SELECT id, n FROM a; CREATE VIEW w AS SELECT id FROM v; CREATE VIEW u AS SELECT z FROM b;
            INSERT INTO a VALUES (1, 2); INSERT INTO b VALUES (1, 2, 3)"
        while IFS='|' read -r operation message; do
            one_operation "$operation"
            revision_file 111111111111 null </dev/null
            fails 1 upgrade head
            says "migrations/222222222222.yaml:5:" "$message"
        done <<'T'
drop_table: a|v
drop_view: v|w
drop_column: {table: a, name: n}|v
create_view: {name: x, sql: SELECT nix FROM a}|nix
T
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - drop_view: w
  - drop_view: v
  - drop_table: a
Y
        fails 1 upgrade head
        says "operation 3 of 3, drop_table a"
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - drop_column: {table: a, name: n, cascade: true}
  - create_view: {name: v, sql: SELECT id FROM a}
  - create_view: {name: w, sql: SELECT id FROM v}
  - drop_view: {name: v, cascade: true}
Y
        ok upgrade head
        same "$(sql "SELECT * FROM b CROSS JOIN a CROSS JOIN u")" "1|2|3|1|3"
        revision_file 333333333333 222222222222 <<<'upgrade: [{drop_table: {name: a, cascade: true}}]'
        ok upgrade head
        same "$(sql "SELECT * FROM b CROSS JOIN u")" "1|2|3|3"
        ok inspect
        [[ $out != *references* && $out != *" v:"* && $out != *" w:"* ]] || report "something is left"
    done
}

@test "SQLite puts a new column at the given position" {
    table_of_rows sqlite
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - add_column: {table: a, name: z, type: integer, default: 5, after: x}
  - add_column: {table: a, name: f, type: integer, first: true}
downgrade: []
Y
    ok upgrade head
    same "$(sql "SELECT * FROM a WHERE id = 3")" "|3|3|5|4|t"
}

# ---- rows --------------------------------------------------------------------------------------------------------

rows_files() {
    printf '\xef\xbb\xbfid,t,x\r\n101,"a, ""q""\nb\\t",1001\r\n102,"",\n\n103,,1003\n' >migrations/rows.csv
    printf '[{"id": 110, "x": 5000, "t": "\\u00e9\\ud83d\\ude00"},\n{"id": 111, "t": "{\\"a\\": [1]}"},\n\n{"id": 112, "y": null}]\n' \
        >migrations/rows.json
    printf '{"id": 120}\n{"id": 121, "t": {"k": [1, "}"]}}\n' >migrations/rows.jsonl
}

@test "rows come from files next to the revision, in a script as well" {
    for database in $DATABASES; do
        table_of_rows "$database"
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - bulk_insert: {table: a, file: rows.csv}
  - bulk_insert: {table: a, file: rows.json}
  - bulk_insert: {table: a, file: rows.jsonl}
downgrade:
  - execute: DELETE FROM a WHERE id > 100
Y
        rows_files
        wanted='101|1001||a, "q"
b\t
102|||
103|1003||
110|5000||é😀
111|||{"a": [1]}
112|||
120|||
121|||{"k": [1, "}"]}'
        ok upgrade head
        same "$(sql "SELECT id, x, y, t FROM a WHERE id > 100 ORDER BY id")" "$wanted"
        same "$(sql "SELECT id FROM a WHERE id > 100 AND t = ''")" 102
        ok downgrade -1
        ok upgrade 111111111111:head --sql
        sql "$out"
        same "$(sql "SELECT id, x, y, t FROM a WHERE id > 100 ORDER BY id")" "$wanted"
    done
}

@test "an error in a file of rows has its line" {
    for database in $DATABASES; do
        table_of_rows "$database"
        one_operation 'bulk_insert: {table: a, file: rows.csv}'
        while IFS='|' read -r status content message; do
            printf "$content" >migrations/rows.csv
            fails "$status" upgrade head
            says "$message" "bulk_insert a"
            [[ $err == *"Everything was rolled back"* || $err == *"Nothing was changed"* ]] || report "was it rolled back?"
        done <<'T'
78|id,t\n101,a\n102,b,c\n|migrations/rows.csv:3: 3 values for 2 columns
78|id,t\n101,a\n102,"b\n|migrations/rows.csv:3: a quote opened here is never closed
78|id,t\n101,a"b\n|migrations/rows.csv:2: a quote inside a value
78|id,t\n101,"a"b\n|migrations/rows.csv:2: 'b' after the closing quote of a value
78|id,t\n101,\xff\n|migrations/rows.csv:2: a value that is not UTF-8
78|id,id\n|migrations/rows.csv:1: duplicate column 'id'
78|id,,t\n|migrations/rows.csv:1: column 2 has no name
78||migrations/rows.csv:1: the file is empty
1|id,t\n101,"a\nb"\n\n7,x\n|migrations/rows.csv:5: in this row
1|id,nix\n101,a\n|nix
T
        same "$(sql "SELECT count(*) FROM a")" 25
    done
}

@test "an error in a JSON file of rows has its line" {
    for database in $DATABASES; do
        table_of_rows "$database"
        one_operation 'bulk_insert: {table: a, file: rows.json}'
        while IFS='|' read -r status content message; do
            printf "$content" >migrations/rows.json
            fails "$status" upgrade head
            says "migrations/rows.json:$message"
        done <<'T'
78|[{"id": 101},\n{"id": 0x2}]|2: '0x2' is not a JSON value
78|[{"id": 101}\n{"id": 102}]|2: expected ',' or ']', not '{'
78|{"id": 101}\n{"id": 102\n|3: expected ',' or '}', but the file ends
78|[{"id": 101, "id": 5}]|1: duplicate column 'id'
78|[{"id": 101, "t": "a\n"}]|1: a string that begins here is never closed
78|[{"id": 101, "t": "\\ud800"}]|1: an incomplete surrogate pair
78|[{"id": 101, "t": [1}]|1: expected ']', not '}'
78|[{"id": 101}] x|1: expected nothing after the list, not 'x'
1|{"id": 101}\n{"id": 101}\n|2: in this row
T
    done
}

# Rows are sent by COPY, or by INSERT if one of them has an expression or there are few.
many_rows() { # TABLE [ROW...]
    echo "upgrade:"
    echo "  - bulk_insert:"
    echo "      table: $1"
    echo "      rows:"
    for i in $(seq 1001 1150); do
        echo "        - {id: $i, x: $i, t: \"a\\tb\\\\N\\n$i\", y: null}"
    done
    shift
    [ $# = 0 ] || printf '        - %s\n' "$@"
    echo "downgrade: []"
}

@test "many rows of an operation" {
    for database in $DATABASES; do
        for last in '{id: 7000, x: -5, t: "\\.", y: 1}' '{id: 7000, x: {sql: 0 - 5}, t: "\\.", y: 1}' '{t: "\\.", id: 7000, y: 1, x: -5}'; do
            table_of_rows "$database"
            many_rows a "$last" >rows.yaml
            revision_file 222222222222 111111111111 <rows.yaml
            ok upgrade head
            wanted="151|$(seq 1001 1150 | paste -sd+ | bc)"
            same "$(sql "SELECT count(*), sum(x) + 5 FROM a WHERE id > 100")" "$wanted"
            same "$(sql "SELECT count(*) FROM a WHERE t LIKE 'a%' AND length(t) = 10 AND y IS NULL")" 150
            same "$(sql "SELECT x, t, y FROM a WHERE id = 7000")" '-5|\.|1'
            ok downgrade -1
            sql "DELETE FROM a WHERE id > 100"
            ok upgrade 111111111111:head --sql
            sql "$out"
            same "$(sql "SELECT count(*), sum(x) + 5 FROM a WHERE id > 100")" "$wanted"
        done
        many_rows a "{id: 7000, x: many}" >rows.yaml
        ok downgrade -1
        sql "DELETE FROM a WHERE id > 100"
        revision_file 222222222222 111111111111 <rows.yaml
        [ "$database" = sqlite ] || fails 1 upgrade head
        [ "$database" = sqlite ] || says "bulk_insert a" "$([ "$database" = mysql ] && echo 1366 || echo 22P02)" "Everything was rolled back"
    done
    many_rows a '{id: 7001, x: 1, t: t, y: many}' >rows.yaml
    revision_file 222222222222 111111111111 <rows.yaml
    fails 1 upgrade head
    says "bulk_insert a" "row 151 of 151"
    sql "CREATE VIEW v AS SELECT * FROM a"
    many_rows v >rows.yaml
    revision_file 222222222222 111111111111 <rows.yaml
    ok upgrade head
    same "$(sql "SELECT count(*) FROM a WHERE id > 100")" 150
}

# ---- existing objects --------------------------------------------------------------------------------------------

@test "nothing happens to objects that already exist" {
    project postgresql
    sql "CREATE TABLE a (id integer, n integer); CREATE INDEX ix_a ON a (id)"
    before=$(dump)
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table:
      name: a
      if_not_exists: true
      comment: no
      postgresql: {cluster_on: ix_other}
      columns: {id: {type: integer, comment: no, index: {name: ix_other}}}
      checks: {c: {sql: id > 0, not_valid: true}}
  - add_column: {table: a, name: n, type: integer, comment: no, index: {name: ix_a}, if_not_exists: true}
  - create_index: {table: a, name: ix_a, columns: [n], comment: no, if_not_exists: true}
downgrade: []
Y
    ok upgrade head
    same "$(dump)" "$before"
    sql "DROP TABLE a, cmig_version, cmig_history"
    ok upgrade head
    same "$(sql "SELECT obj_description('a'::regclass), indisclustered FROM pg_index WHERE indexrelid = 'ix_other'::regclass")" "no|t"
    same "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 'a'")" 2
    for key in "unique: true" "references: a.id" "check: n > 0"; do
        for database in $DATABASES; do
            project "$database"
            revision_file 111111111111 null <<<"upgrade: [{add_column: {table: a, name: n, type: integer, if_not_exists: true, $key}}]"
            fails 78 upgrade head
            says "yaml:4:74: a column with 'if_not_exists' cannot have a constraint"
        done
    done
}

# ---- columns -----------------------------------------------------------------------------------------------------

@test "SQLite drops a table after thousands that refer to it" {
    project sqlite
    awk 'BEGIN {
        print "revision: \047111111111111\047\ndown_revision: null\nupgrade:"
        print "  - create_table: {name: p, columns: {id: {type: integer, primary_key: true}}}"
        for (i = 0; i < 1200; i++) print "  - create_table: {name: t" i ", columns: {p: {type: integer, references: p.id}}}"
        print "downgrade:"
        for (i = 1200; i--;) print "  - drop_table: t" i
        print "  - drop_table: p" }' >migrations/many.yaml
    sed '/drop_table: t7$/d; s/111111111111/222222222222/' migrations/many.yaml >one_left
    ok upgrade head
    ok downgrade base
    [ "$(sql "SELECT count(*) FROM sqlite_schema WHERE name IN ('p', 't7')")" = 0 ]
    mv one_left migrations/many.yaml
    ok upgrade head
    fails 1 downgrade base
    says "table 't7' still refers to table 'p'"
}

@test "a column that changes several times in a revision" {
    project postgresql
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table: {name: users, columns: {id: {type: bigint, primary_key: true}, email: text, age: integer}}
  - execute: INSERT INTO users (email, age) VALUES ('abc', 7)
downgrade: []
Y
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - alter_column: {table: users, name: email, type: integer, using: length(email), default: 4}
  - rename_column: {table: users, name: email, new_name: mail}
  - rename_table: {name: users, new_name: people}
  - alter_column: {table: people, name: mail, type: boolean}
  - alter_column: {table: people, name: mail, type: "numeric(10,2)", nullable: false, default: 2.5}
  - alter_column: {table: people, name: age, identity: always, nullable: false}
  - alter_column: {table: people, name: age, identity: null}
  - alter_column: {table: people, name: age, identity: by default}
downgrade: []
Y
    ok upgrade head
    sql "INSERT INTO people DEFAULT VALUES"
    same "$(sql "SELECT * FROM people ORDER BY id")" '1|1.00|7
2|2.50|8'
    after=$(dump)
    database postgresql
    sed -i "1s|.*|url: $URL|" cmig.yaml
    ok upgrade head --sql
    sql "$out"
    same "$(dump)" "$after"
}

@test "the expression of a column with dependents, in a script as well" {
    project postgresql
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table: {name: a, columns: {id: {type: bigint, primary_key: true}, n: integer}, indexes: {i: [n]}}
downgrade: []
Y
    revision_file 222222222222 111111111111 <<<$'upgrade: [{alter_column: {table: a, name: n, generated: id + 1}}]\ndowngrade: []'
    ok upgrade +1
    fails 1 upgrade head
    says "the column must be recreated, and index i would be lost"
    ok upgrade 111111111111:head --sql
    ! sql "$out" 2>error
    grep -q "the column must be recreated, and index i would be lost" error
}

# ---- between transactions ----------------------------------------------------------------------------------------

@test "a backfill runs in batches, and continues where it was interrupted" {
    for database in $DATABASES; do
        table_of_rows "$database"
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - add_column: {table: a, name: z, type: integer}
  - create_check_constraint: {table: a, name: not_yet, sql: z < 300}
  - backfill: {table: a, set: {z: "coalesce(z, 0) + x * 10", t: {sql: {postgresql: "'p'", sqlite: "'s'", mysql: "'m'"}}}, where: "y > 3 -- all but two", batch: 4}
  - alter_column: {table: a, name: z, default: 0}
downgrade: []
Y
        sql "UPDATE a SET x = 1000, y = 1001 WHERE id = 20"
        fails 1 upgrade head
        says "backfill a" "2 of 4 operations of revision 222222222222 are applied, and a part of operation 3"
        ok current
        prints 111111111111
        same "$(sql "SELECT count(z) FROM a")" 14 # of the rows 1 to 16; batches count those that the condition leaves out, too
        ok inspect
        [[ $out != *progress* ]] || report "the progress is shown"
        sql "UPDATE a SET x = 20, y = 21 WHERE id = 20"
        ok upgrade head
        says "continuing with operation 3 of 4"
        same "$(sql "SELECT count(*) FROM a WHERE z = x * 10 AND t <> 't'")" 23
        fails 0 current --check-heads
        no_progress
    done
}

@test "a backfill follows keys of every kind, and updates rows without one" {
    for database in $DATABASES; do
        project "$database"
        sql "CREATE TABLE k (r double precision PRIMARY KEY, u double precision, w text, n integer DEFAULT 0)"
        sql "INSERT INTO k (r, u, w) VALUES (0.1, NULL, 'it''s'), (0.30000000000000004, 2, ''), (0.3, 2, NULL), (1e300, 3, 'Z'), (-5, NULL, 'é')"
        revision_file 111111111111 null <<'Y'
upgrade:
  - backfill: {table: k, set: {n: n + 1}, batch: 1}
  - backfill: {table: k, set: {n: n + 10}, batch: 2, key: u}
  - backfill: {table: k, set: {n: n + 100}, batch: 1, key: w}
downgrade:
  - backfill: {table: k, set: {nix: n}, where: n < 0}
Y
        ok upgrade head
        says "backfill of k: 5 rows"
        same "$(sql "SELECT DISTINCT n FROM k")" 111
        fails 1 downgrade -1
        says "backfill k" "nix"
    done
}

@test "a backfill in a script for SQLite is one statement" {
    table_of_rows sqlite
    one_operation 'backfill: {table: a, set: {t: "upper(t)"}, where: "t = lower(t)"}'
    ok upgrade 111111111111:head --sql
    prints "UPDATE a SET t = upper(t) WHERE t = lower(t);"
    sql "$out"
    same "$(sql "SELECT DISTINCT t FROM a")" T
}

@test "a backfill in a script for PostgreSQL commits each batch" {
    table_of_rows postgresql
    sql "CREATE TABLE seen (id integer, xid text DEFAULT txid_current());
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (new.id); RETURN new; END';
        CREATE TRIGGER see AFTER UPDATE ON a FOR EACH ROW EXECUTE FUNCTION see()"
    one_operation 'backfill: {table: a, set: {t: "upper(t)"}, where: "t = lower(t) -- not yet", batch: 10}'
    ok upgrade 111111111111:head --sql
    psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f - <<<"$out"
    same "$(sql "SELECT DISTINCT t FROM a")" T
    same "$(sql "SELECT count(*) FROM seen GROUP BY xid ORDER BY min(id)" | xargs)" "10 10 5"
    ok current
    prints 222222222222
}

@test "a backfill in a script for PostgreSQL follows the given key, and updates rows without one" {
    table_of_rows postgresql
    sql "UPDATE a SET y = NULL WHERE x IN (3, 20)"
    one_operation 'backfill: {table: a, set: {t: "x || t"}, key: y, batch: 7}'
    ok upgrade 111111111111:head --sql
    psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f - <<<"$out"
    same "$(sql "SELECT count(*) FROM a WHERE t = x || 't'")" 25
}

@test "a backfill needs a key" {
    table_of_rows postgresql
    sql "CREATE TABLE b (n integer)"
    one_operation 'backfill: {table: b, set: {n: 1}}'
    fails 1 upgrade head
    says "table 'b' has no primary key to form batches by" "key: created_at"
}

@test "a program runs between transactions with the URL in its environment" {
    for database in $DATABASES; do
        table_of_rows "$database"
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - add_column: {table: a, name: z, type: integer}
  - run: [./fill.sh, one, "two words"]
  - alter_column: {table: a, name: z, nullable: false}
downgrade:
  - run: ./fill.sh
  - drop_column: {table: a, name: z}
Y
        program fill.sh <<'P'
#!/bin/sh
echo "$# words in $(basename "$PWD"): $2, $CMIG_REVISION $CMIG_DIRECTION"
[ "$CMIG_URL" = "$DATABASE_URL" ] || exit 4
[ "$CMIG_DIRECTION" = upgrade ] || exit 0
"$TESTS/lib/sql.sh" "$CMIG_URL" 'UPDATE a SET z = 1'
exit ${FILL_STATUS:-0}
P
        FILL_STATUS=3 fails 1 upgrade head
        prints_exactly ""
        says "2 words in migrations: two words, 222222222222 upgrade" "'./fill.sh' failed with exit status 3" \
            "1 of 3 operations of revision 222222222222 are applied"
        ok upgrade head
        says "continuing with operation 2 of 3"
        same "$(sql "SELECT sum(z) FROM a")" 25
        ok downgrade -1
        says "222222222222 downgrade"
        ok upgrade 111111111111:head --sql
        prints "-- run ./fill.sh one two words"
        says "the script does not run './fill.sh one two words'"
        rm migrations/fill.sh
        fails 1 upgrade head
        says "cannot run './fill.sh'"
    done
}

@test "an index that was built concurrently is checked" {
    table_of_rows postgresql
    sql "UPDATE a SET t = id"
    sql "UPDATE a SET t = 'same' WHERE id IN (3, 7)"
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - add_column: {table: a, name: z, type: integer}
  - create_index: {table: a, columns: [t], unique: true, name: ix_t, concurrently: true, comment: hello}
  - create_index: {table: a, columns: [z], name: ix_z, concurrently: true}
downgrade:
  - drop_index: {table: a, name: ix_z, concurrently: true}
  - drop_index: {table: a, name: ix_t, concurrently: true}
  - drop_column: {table: a, name: z}
Y
    fails 1 upgrade head
    says "postgresql 23505" "The server left index 'ix_t' invalid" "The next run rebuilds it; or run 'DROP INDEX CONCURRENTLY ix_t'." \
        "1 of 3 operations of revision 222222222222 are applied"
    same "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_t'::regclass")" f
    sql "UPDATE a SET t = id"
    ok upgrade head
    says "continuing with operation 2 of 3" "index 'ix_t' is not valid, since an earlier build of it failed"
    same "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_t'::regclass")" t
    same "$(sql "SELECT obj_description('ix_t'::regclass)")" hello
    ok downgrade -1
    ok upgrade 111111111111:head --sql
    # Only the statement that lifts lock_timeout is between them.
    [[ $out == *$'COMMIT;\nDO '*$'\nCREATE UNIQUE INDEX CONCURRENTLY'*$'BEGIN;\n'*$'COMMIT;\nDO '*$'\nCREATE INDEX CONCURRENTLY'* ]] || report "borders"
    psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f "$BATS_TEST_TMPDIR/out"
    ok current --check-heads
}

# A transaction that concurrent work on indexes waits for, until the file `go` is there.
hold_snapshot() {
    rm -f go
    mkfifo hold 2>/dev/null || true
    psql -X -q -d "$URL" <hold >/dev/null &
    holder=$!
    exec 7>hold
    echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM a;" >&7
    wait_until sql_says "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'" 1
}

release_snapshot() {
    echo "COMMIT;" >&7
    exec 7>&-
    wait "$holder"
}

sql_says() { # SQL ANSWER
    [ "$(sql "$1")" = "$2" ]
}

@test "a run that is killed while an index is built or dropped: the next one finds the result" {
    table_of_rows postgresql
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - create_index: {table: a, columns: [t], name: ix_t, concurrently: true, comment: hello}
downgrade:
  - drop_index: {table: a, name: ix_t, concurrently: true}
Y
    for direction in "upgrade head" "downgrade -1"; do
        hold_snapshot
        "${CMIG[@]}" $direction 7>&- &
        pid=$!
        wait_until sql_says "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '% INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'" 1
        kill -KILL $pid
        wait $pid || true
        release_snapshot
        wait_until sql_says "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '% INDEX CONCURRENTLY%' AND state <> 'idle' AND pid <> pg_backend_pid()" 0
        ok $direction
        says "the server finished the work of an earlier, interrupted run"
    done
    same "$(sql "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_t'")" 0
    ok upgrade head
    same "$(sql "SELECT indisvalid, obj_description(indexrelid) FROM pg_index WHERE indexrelid = 'ix_t'::regclass")" "t|hello"
}

@test "a revision outside of a transaction reports what was applied" {
    for database in $DATABASES; do
        table_of_rows "$database"
        revision_file 222222222222 111111111111 'transaction: false' <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: integer}}
  - backfill: {table: a, set: {t: "'new'"}, batch: 10}
  - execute: INSERT INTO missing VALUES (1)
downgrade: []
Y
        fails 1 upgrade head
        says "execute INSERT INTO missing" "2 of 3 operations of revision 222222222222 are applied; " "The version table says 111111111111."
        same "$(sql "SELECT count(*) FROM one")" 0
        same "$(sql "SELECT DISTINCT t FROM a")" new
    done
}

@test "one transaction for the run ends where a revision leaves it" {
    for database in $DATABASES; do
        project "$database" "transaction: run"
        revision_file 111111111111 null <<<$'upgrade: [{create_table: {name: a, columns: {id: integer}}}]\ndowngrade: []'
        revision_file 222222222222 111111111111 <<<$'upgrade: [{run: "true"}]\ndowngrade: []'
        revision_file 333333333333 222222222222 <<<$'upgrade: [{execute: SELECT nonsense}]\ndowngrade: []'
        fails 1 upgrade head
        says "2 of 3 revisions were applied, the database is at 222222222222."
        ok current
        prints 222222222222
    done
}

# ---- enums -------------------------------------------------------------------------------------------------------

@test "altering an enum knows what earlier operations did to its columns" {
    project postgresql
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_enum: {name: mood, values: [sad, ok]}
  - create_table: {name: a, columns: {id: integer, m: {type: enum(mood), default: sad}, gone: {type: enum(mood), default: sad}}}
  - execute: INSERT INTO a VALUES (1, 'sad', 'sad')
downgrade: []
Y
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - add_column: {table: a, name: n, type: "enum(mood)[]", default: {sql: "'{ok}'"}}
  - add_column: {table: a, name: o, type: enum(mood), default: sad}
  - alter_column: {table: a, name: gone, type: text}
  - alter_column: {table: a, name: m, default: ok, new_name: k}
  - rename_enum: {name: mood, new_name: feeling}
  - alter_enum:
      name: feeling
      existing_values: [sad, ok]
      values: [low, fine]
      columns: [a.k, a.n, a.o]
      rename: {sad: low}
      replace: {ok: fine}
downgrade: []
Y
    sed -i 's/{ok}/{}/' migrations/222222222222.yaml
    ok upgrade head
    sql "INSERT INTO a (id) VALUES (2)"
    wanted='1|low|sad|{}|low
2|fine|sad|{}|low'
    same "$(sql "SELECT id, k, gone, n, o FROM a ORDER BY id")" "$wanted"
    after=$(dump)
    database postgresql
    sed -i "1s|.*|url: $URL|" cmig.yaml
    ok upgrade head --sql
    sql "$out"
    same "$(dump)" "$after"
}

@test "one transaction for the run: the next revision can use a value that one adds to an enum" {
    project postgresql "transaction: run"
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_enum: {name: mood, values: [sad, ok]}
  - create_table: {name: a, columns: {id: integer, m: {type: enum(mood), default: sad}, t: text}}
  - execute: INSERT INTO a VALUES (1, 'sad', 'tired')
downgrade: []
Y
    ok upgrade head
    revision_file 222222222222 111111111111 <<<$'upgrade: [{alter_enum: {name: mood, values: [sad, ok, glad]}}]\ndowngrade: []'
    revision_file 333333333333 222222222222 <<<$'upgrade: [{execute: "UPDATE a SET m = \'glad\'"}]\ndowngrade: []'
    revision_file 444444444444 333333333333 <<<$'upgrade: [{alter_enum: {name: mood, values: [sad, tired, ok, glad]}}]\ndowngrade: []'
    revision_file 555555555555 444444444444 <<<$'upgrade: [{alter_column: {table: a, name: t, type: enum(mood)}}]\ndowngrade: []'
    revision_file 666666666666 555555555555 <<<$'upgrade: [{execute: SELECT nonsense}]\ndowngrade: []'
    fails 1 upgrade head
    says "Everything was rolled back; the database is at 111111111111, as before."
    rm migrations/666666666666.yaml
    ok upgrade head
    same "$(sql "SELECT id, m, t FROM a")" "1|glad|tired"
}

@test "an object that is not modelled is not dropped with a column" {
    project postgresql
    sql "CREATE TABLE p (id integer PRIMARY KEY, a integer, b integer, c integer, d integer, e integer);
        CREATE TABLE kid (own text) INHERITS (p);
        INSERT INTO kid VALUES (1, 2, 3, 4, 5, 6, 'x');
        CREATE TABLE q (a integer, b integer); CREATE MATERIALIZED VIEW m AS SELECT b FROM q;
        CREATE POLICY pol ON p USING (c > 0);
        CREATE STATISTICS s ON d, e FROM p;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER t AFTER UPDATE OF d ON p EXECUTE FUNCTION f()"
    while IFS='|' read -r operation message hint; do
        revision_file 111111111111 null <<<"upgrade: [{$operation}]"
        fails 1 upgrade head
        says "$message" "$hint" "database is at base"
    done <<'T'
drop_column: {table: p, name: a}|column 'p.a' is inherited: table kid would lose it|'cascade: true'
drop_column: {table: q, name: b}|materialized view m depends on column b of table q|'execute'
drop_column: {table: p, name: c}|policy pol on table p|'execute'
drop_column: {table: p, name: e}|statistics object s|'execute'
alter_column: {table: p, name: c, type: bigint}|policy pol on table p|'execute'
alter_column: {table: p, name: d, type: bigint}|trigger t on table p|'execute'
alter_column: {table: q, name: b, type: bigint}|materialized view m depends on column "b"|database is at base
T
    revision_file 111111111111 null <<'Y'
upgrade:
  - drop_column: {table: p, name: a, cascade: true}
  - alter_column: {table: p, name: e, type: bigint}
  - execute: DROP POLICY pol ON p
  - drop_column: {table: p, name: c}
Y
    ok upgrade head
    same "$(sql "SELECT * FROM kid")" "1|3|5|6|x"
}

@test "SQLite: how the values of a key are generated, and from which start" {
    project sqlite
    sql "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT); INSERT INTO a VALUES (5, 'x'), (90, 'y');
        DELETE FROM a WHERE id = 90; CREATE TABLE b (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO b VALUES (7, '1')"
    before=$(dump)
    revision_file 111111111111 null <<'Y'
upgrade:
  - alter_column: {table: a, name: id, sqlite: {autoincrement: null}}
  - alter_column: {table: b, name: id, autoincrement: false}
downgrade:
  - alter_column: {table: a, name: id, sqlite: {autoincrement: true}}
  - alter_column: {table: b, name: id, autoincrement: true}
Y
    ok upgrade head
    [[ $(dump) == *"id INTEGER PRIMARY KEY,"*"id INT PRIMARY KEY NOT NULL,"* ]] || report "$(dump)"
    ! sql "INSERT INTO b (t) VALUES ('x')" 2>/dev/null
    sql "INSERT INTO a VALUES (50, 'z')"
    ok downgrade base
    sql "INSERT INTO a (t) VALUES ('new'); INSERT INTO b (t) VALUES ('new')"
    same "$(sql "SELECT max(a.id), max(b.id) FROM a, b")" "91|8"
}

@test "SQLite: encoding, page size, journal and numbers of a database stay as they are" {
    database sqlite
    sql "PRAGMA encoding = 'UTF-16le'; PRAGMA page_size = 512; PRAGMA auto_vacuum = 1; PRAGMA journal_mode = wal;
        PRAGMA application_id = 4242; PRAGMA user_version = 77; CREATE TABLE a (t TEXT COLLATE NOCASE);
        INSERT INTO a VALUES ('é😀')" >/dev/null
    mkdir migrations
    echo "url: $URL" >cmig.yaml
    revision_file 111111111111 null <<'Y'
upgrade:
  - alter_column: {table: a, name: t, type: integer}
  - create_unique_constraint: {table: a, name: u, columns: [t]}
  - bulk_insert: {table: a, rows: [{t: "ü"}, {t: "12"}]}
  - backfill: {table: a, set: {t: t || 'x'}, batch: 1}
  - add_column: {table: a, name: n, type: integer, default: 5}
downgrade: []
Y
    ok upgrade head
    same "$(sql "PRAGMA encoding; PRAGMA page_size; PRAGMA auto_vacuum; PRAGMA journal_mode; PRAGMA application_id; PRAGMA user_version; PRAGMA integrity_check" | tr '\n' ' ')" \
        "UTF-16le 512 1 wal 4242 77 ok "
    same "$(sql "SELECT * FROM a")" $'é😀x|5\nüx|5\n12x|5'
}

@test "SQLite: a table is not left half rebuilt outside of a transaction" {
    table_of_rows sqlite
    before=$(dump)
    revision_file 222222222222 111111111111 'transaction: false' <<'Y'
upgrade:
  - execute: INSERT INTO a VALUES (100, 100, 101, 'u')
  - create_unique_constraint: {table: a, name: u, columns: [t]}
downgrade: []
Y
    fails 1 upgrade head
    says "UNIQUE constraint failed: a.t" "1 of 2 operations of revision 222222222222 are applied"
    same "$(dump)" "$before"
    same "$(sql "SELECT count(*) FROM a")" 26
    sql "UPDATE a SET t = id; DELETE FROM a WHERE id = 100"
    ok upgrade head
    [[ $(dump) == *"CONSTRAINT u UNIQUE (t)"* ]] || report "$(dump)"
}

@test "SQLite: triggers of a view follow its name" {
    project sqlite
    sql "CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT); CREATE VIEW v AS SELECT id, t FROM a;
        CREATE TRIGGER \"on\" INSTEAD OF UPDATE OF t /* on v */ ON v WHEN new.t <> 'on v' BEGIN UPDATE a SET t = new.t; END;
        INSERT INTO a VALUES (1, 'x')"
    before=$(dump)
    revision_file 111111111111 null <<<$'upgrade: [{rename_view: {name: v, new_name: on w}}]\ndowngrade: [{rename_view: {name: on w, new_name: v}}]'
    ok upgrade head
    sql "UPDATE \"on w\" SET t = 'y'"
    same "$(sql "SELECT * FROM a")" "1|y"
    ok downgrade base
    same "$(dump)" "$before"
}

@test "the users of a column are queried after revisions that are still running" {
    for transaction in revision run none; do
        project postgresql "transaction: $transaction"
        revision_file 111111111111 null <<<"upgrade: [{create_table: {name: a, columns: {b: integer, c: integer, d: integer}}}]"
        revision_file 222222222222 111111111111 <<<'upgrade: [{drop_column: {table: a, name: b}}]'
        revision_file 333333333333 222222222222 <<<'upgrade: [{execute: CREATE POLICY m ON a USING (c > 0)}]'
        revision_file 444444444444 333333333333 <<<'upgrade: [{drop_column: {table: a, name: c}}]'
        fails 1 upgrade head
        says "cannot apply revision 444444444444" "column 'a.c' is used by objects that cmig does not model: policy m on table a"
        [ $transaction = run ] && says "database is at base" || says "3 of 4 revisions were applied"
        revision_file 333333333333 222222222222 <<<'upgrade: [{execute: SELECT 1 / 0}]'
        revision_file 444444444444 333333333333 <<<'upgrade: [{drop_column: {table: a, name: d}}]'
        [ $transaction = run ] || sql "DROP POLICY m ON a; UPDATE cmig_version SET revision = '222222222222'"
        fails 1 upgrade head
        says "cannot apply revision 333333333333" "22012"
    done
}

@test "keys that an operation would ignore are refused, with their place" {
    project postgresql
    while IFS='|' read -r operation message hint; do
        revision_file aaaa null <<<"upgrade: [$operation]"$'\ndowngrade: []'
        fails 78 upgrade
        says 'migrations/aaaa.yaml:4:' "$message" "$hint"
    done <<'END'
create_schema: {name: s, if_exists: true}|unknown key 'if_exists' in create_schema|
create_schema: {name: s, cascade: true}|unknown key 'cascade' in create_schema|
drop_schema: {name: s, if_not_exists: true}|unknown key 'if_not_exists' in drop_schema|
create_table: {name: t, renamed_from: u, columns: {a: text}}|'renamed_from' is a key of models|operation rename_table
create_table: {name: t, columns: {a: {type: text, renamed_from: b}}}|column 'a': 'renamed_from'|operation rename_column
add_column: {table: t, name: a, type: text, renamed_from: b}|'renamed_from' is a key of models|operation rename_column
create_enum: {name: e, values: [a], renamed_from: f}|'renamed_from' is a key of models|operation rename_enum
create_domain: {name: d, sql: CREATE DOMAIN d AS text, if_not_exists: true}|a domain is created by its own SQL|in the SQL
drop_virtual_table: {name: v, cascade: true}|with its dependents|
END
    revision_file aaaa null <<'END'
upgrade:
  - create_schema: {name: s, if_not_exists: true}
  - create_extension: {name: plpgsql, if_not_exists: true}
downgrade:
  - drop_schema: {name: s, if_exists: true, cascade: true}
END
    ok upgrade
    ok downgrade base
}
