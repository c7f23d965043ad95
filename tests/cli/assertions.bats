#!/usr/bin/env bats
# Assertions: what they stop and report, in runs, scripts and verify.
load helper

# A table with eight rows, three of which have no email; applied.
users() { # sqlite|postgresql|mysql
    project "$1"
    revision_file r1 null <<'Y'
upgrade:
  - create_table:
      name: users
      columns: {id: {type: integer, primary_key: true}, email: {type: varchar(200)}}
  - execute: |
      INSERT INTO users VALUES (1, 'a'), (2, NULL), (3, 'c'), (4, NULL), (5, 'e'), (6, NULL), (7, 'g'), (8, 'h')
downgrade: [drop_table: users]
Y
    ok upgrade
}

assertion() { # SQL [MESSAGE]
    revision_file r2 r1 <<Y
upgrade:
  - assert:
      sql: $1
      message: ${2:-m}
  - add_column: {table: users, name: added, type: integer}
downgrade:
  - drop_column: {table: users, name: added}
Y
}

holds() { # SQL
    assertion "$1"
    ok upgrade r2
    ok downgrade r1
}

stops() { # SQL TEXT...
    assertion "$1"
    fails 1 upgrade r2
    says "assertion failed: m" "migrations/r2.yaml:5:5: operation 1 of 2, assert m" "${@:2}"
    same "$(sql "SELECT revision FROM cmig_version")" r1
}

@test "an assertion holds without rows, or with one true value" {
    for database in $DATABASES; do
        users "$database"
        holds "SELECT id FROM users WHERE id > 8"
        holds "SELECT count(*) = 8 FROM users"
        holds "SELECT NOT EXISTS (SELECT id, email FROM users WHERE id > 8) AS fine"
        holds "WITH x AS (SELECT id FROM users) SELECT max(id) < 9 FROM x"
    done
}

@test "otherwise the revision fails with the message, the rows and the place" {
    for database in $DATABASES; do
        users "$database"
        stops "SELECT id, email FROM users WHERE email IS NULL ORDER BY id" \
            $'\n  id = 2, email = NULL\n  id = 4, email = NULL\n  id = 6, email = NULL\n' \
            "hint: Correct the rows and run the command again. Find them with: SELECT id, email FROM users WHERE email IS NULL ORDER BY id;"
        stops "SELECT id FROM users ORDER BY id" "  id = 5" "  and 3 more"
        [[ $err != *"id = 6"* ]]
        # a column, whatever its value, is a row
        stops "SELECT id FROM users WHERE id = 1" "id = 1"
        stops "SELECT count(*) = 7 FROM users"
        stops "SELECT id > 0 FROM users WHERE id < 3" # two rows
        stops "SELECT id > 0, id > 0 FROM users WHERE id = 1"
        stops "SELECT nullif(1, 1) = 1"
        sql "UPDATE users SET email = 'x' WHERE email IS NULL"
        sql "DELETE FROM users WHERE id > 1"
        assertion "SELECT id FROM users WHERE email IS NULL"
        ok upgrade r2
    done
}

@test "values are shown in one line, shortened, and without control characters" {
    for database in $DATABASES; do
        users "$database"
        esc=$(printf '\033[31m')
        sql "UPDATE users SET email = 'a
b${esc}$(printf 'x%.0s' {1..100})' WHERE id = 1"
        stops "SELECT email FROM users WHERE id = 1" "email = a b?[31m$(printf 'x%.0s' {1..52})…"
        [[ $err != *$esc* ]]
    done
}

@test "what precedes a failing assertion is rolled back, or recorded" {
    for database in $DATABASES; do
        users "$database"
        revision_file r2 r1 <<'Y'
upgrade:
  - add_column: {table: users, name: added, type: integer}
  - assert: {sql: SELECT id FROM users WHERE email IS NULL, message: no email}
  - add_column: {table: users, name: more, type: integer}
downgrade:
  - drop_column: {table: users, name: more}
  - drop_column: {table: users, name: added}
Y
        fails 1 upgrade
        says "assertion failed: no email" "operation 2 of 3"
        if [ "$database" = mysql ]; then
            says "1 of 3 operations of revision r2 are applied"
            ok downgrade r1
            fails 1 upgrade
        else
            says "Everything was rolled back; the database is at r1, as before."
        fi
        sql "DELETE FROM users WHERE email IS NULL"
        ok upgrade
        sql "SELECT added, more FROM users"
        no_progress
    done
}

@test "an invalid query is refused, or fails with the server's message" {
    for database in $DATABASES; do
        users "$database"
        for text in "SELECT 1; SELECT 2" "DELETE FROM users" "SELECT 1) OR (1"; do
            assertion "$text"
            fails 78 upgrade
            says "migrations/r2.yaml:5:5" "the SQL of an assertion is not one query" "Nothing was changed."
        done
        assertion "SELECT count(*) FROM users"
        fails 78 upgrade
        says "selects a number of rows, which is neither true nor false" "hint: Compare it, as in SELECT count(*) = 0"
        assertion "SELECT nothing FROM users"
        fails 1 upgrade
        says "nothing" "migrations/r2.yaml:5:5"
        revision_file r2 r1 <<<'upgrade: [assert: {sql: SELECT 1}]'
        fails 78 upgrade
        says "message"
    done
}

@test "SQL by database: the others ignore the operation" {
    for database in $DATABASES; do
        users "$database"
        revision_file r2 r1 <<Y
upgrade:
  - assert:
      sql: $(sed "s/$database: SELECT nonsense/$database: SELECT id FROM users WHERE id = 1/" <<<'{sqlite: SELECT nonsense, postgresql: SELECT nonsense, mysql: SELECT nonsense}')
      message: here
  - assert: {sql: SELECT nonsense, message: there, only: [$(sed "s/$database,\?//; s/,$//" <<<sqlite,postgresql,mysql)]}
downgrade: []
Y
        fails 1 upgrade
        says "assertion failed: here" "id = 1"
        sql "DELETE FROM users"
        ok upgrade
    done
}

@test "a value of -x in an assertion" {
    for database in $DATABASES; do
        users "$database"
        assertion '"SELECT count(*) < ${x:most} FROM users"'
        fails 1 -x most=5 upgrade
        says "assertion failed: m"
        ok -x most=50 upgrade
    done
}

@test "a script evaluates assertions" {
    for database in $DATABASES; do
        for query in "SELECT id AS found, email FROM users WHERE email IS NULL" \
            "SELECT count(*) = 5 FROM users -- \$cmig\$" \
            "SELECT lower(email) FROM users WHERE id < 3"; do
            users "$database"
            assertion "|-
        $query"
            for option in "" --idempotent; do
                ok upgrade --sql r1:r2 $option
                echo "$out" >script.sql
                run script script.sql
                [ "$status" != 0 ]
                [[ $output == *"assertion failed: m"* ]]
                same "$(sql "SELECT revision FROM cmig_version")" r1
            done
        done
        for query in "SELECT count(*) = 8 FROM users" "SELECT id FROM users WHERE id = 9" "WITH x AS (SELECT 8 AS n) SELECT n = 8 FROM x"; do
            users "$database"
            assertion "$query"
            ok upgrade --sql r1:r2
            echo "$out" >script.sql
            script script.sql
            same "$(sql "SELECT revision FROM cmig_version")" r2
        done
    done
}

@test "a dry run shows the query" {
    for database in $DATABASES; do
        users "$database"
        assertion "SELECT count(*) = 8 FROM users" "eight"
        ok upgrade --dry-run
        prints $'-- assert: eight\nSELECT count(*) = 8 FROM users;'
    done
}

@test "an assertion may come between changes of one table" {
    for database in $DATABASES; do
        users "$database"
        revision_file r2 r1 <<'Y'
upgrade:
  - add_column: {table: users, name: a, type: integer}
  - add_column: {table: users, name: b, type: integer}
  - assert: {sql: SELECT a FROM users WHERE a IS NOT NULL, message: a}
  - add_column: {table: users, name: c, type: integer}
  - alter_column: {table: users, name: c, type: bigint}
  - assert: {sql: SELECT c FROM users WHERE c IS NOT NULL, message: c}
downgrade:
  - drop_column: {table: users, name: c}
  - drop_column: {table: users, name: b}
  - drop_column: {table: users, name: a}
Y
        ok upgrade
        ok downgrade r1
        sed -i 's/^revision: r2$/revision: r2\ntransaction: false/' migrations/r2.yaml
        ok upgrade
        ok downgrade r1
    done
}

@test "verify notes assertions that do not hold for its rows" {
    for database in $DATABASES; do
        users "$database"
        assertion "SELECT id FROM users WHERE id > 0"
        ok verify
        prints "note: migrations/r2.yaml:5:5: the assertion does not hold here: m"
        same "$(grep -c 'note:' <<<"$out")" 1
        ok verify --data 3
        assertion "SELECT nonsense FROM users"
        fails 1 verify
    done
}

@test "an assertion in the text of a revision without a file" {
    for database in $DATABASES; do
        users "$database"
        revision_file r2 r1 <<'Y'
upgrade: []
downgrade:
  - assert: {sql: SELECT id FROM users WHERE id = 8, message: eight}
Y
        ok upgrade
        rm migrations/r2.yaml
        fails 1 downgrade r1
        says "assertion failed: eight" "id = 8"
        sql "DELETE FROM users WHERE id = 8"
        ok downgrade r1
        revision_file r2 r1 <<<'upgrade: []
downgrade: [assert: {sql: "SELECT ${x:secret} WHERE 1 = 0", message: m}]'
        ok upgrade
        rm migrations/r2.yaml
        fails 78 downgrade r1 -x secret=1
        says "it takes a value of -x"
    done
}

# ---- those that autogenerate writes --------------------------------------------------------------------------------

# Tables in which each of the changes of new_models fails; applied by the first revision.
old_models() { # sqlite|postgresql|mysql
    project "$1" "assertions: true"
    cat >models/m.yaml <<'Y'
tables:
  teams:
    columns: {id: {type: integer, primary_key: true}}
  users:
    columns:
      id: {type: integer, primary_key: true}
      email: {type: varchar(100)}
      name: {type: varchar(100)}
      age: {type: bigint}
      team: {type: integer}
      size: {type: "numeric(12,4)"}
Y
    ok revision --autogenerate -m first
    ok upgrade
    [[ $(cat migrations/*) != *assert* ]]
}

new_models() {
    cat >models/m.yaml <<'Y'
tables:
  teams:
    columns: {id: {type: integer, primary_key: true}}
  users:
    columns:
      id: {type: integer, primary_key: true}
      email: {type: varchar(100), nullable: false}
      name: {type: varchar(10)}
      age: {type: smallint}
      team: {type: integer}
      size: {type: "numeric(6,2)"}
    uniques: [{name: uq_name, columns: [name, age]}]
    indexes: [{name: ix_email, columns: [email], unique: true}]
    foreign_keys: [{name: fk_team, columns: [team], references: teams}]
    checks: [{name: ck_age, sql: age >= 0}]
Y
}

# Removes rows, and the record of the assertions that held, where there is one.
undo() { # SQL
    sql "$1"
    [ "$DATABASE" != mysql ] || ok downgrade "$(sql "SELECT revision FROM cmig_version")"
}

@test "autogenerate writes assertions for operations that existing rows may make fail" {
    for database in $DATABASES; do
        old_models "$database"
        new_models
        sql "INSERT INTO users (id, email) VALUES (7, 'x')"
        ok revision --autogenerate -m second --rev-id r2
        sql "DELETE FROM users"
        for text in "SELECT id FROM users WHERE email IS NULL" \
            "SELECT name, age, count(*) FROM users WHERE name IS NOT NULL AND age IS NOT NULL GROUP BY name, age HAVING count(*) > 1" \
            "SELECT email, count(*) FROM users WHERE email IS NOT NULL GROUP BY email HAVING count(*) > 1" \
            "SELECT id, team FROM users AS child WHERE child.team IS NOT NULL AND NOT EXISTS (SELECT 1 FROM teams AS parent WHERE parent.id = child.team)" \
            "SELECT id, age FROM users WHERE NOT (age >= 0)"; do
            tr -s ' \n' ' ' <migrations/r2_*.yaml | grep -qF "$text" || { cat migrations/r2_*; echo "lacks $text"; false; }
        done
        same "$(grep -c 'assert:' migrations/r2_*.yaml)" "$([ "$database" = sqlite ] && echo 5 || echo 8)"
        sql "INSERT INTO users (id) VALUES (1)"
        fails 1 upgrade
        says "assertion failed: rows of table 'users' have no value in 'email'" "id = 1"
        undo "DELETE FROM users"
        sql "INSERT INTO users (id, email, team) VALUES (1, 'a', 5)"
        fails 1 upgrade
        says "assertion failed: rows of table 'users' refer to missing rows of table 'teams'" "id = 1, team = 5"
        undo "DELETE FROM users"
        sql "INSERT INTO users (id, email, age) VALUES (1, 'a', -5)"
        fails 1 upgrade
        says "assertion failed: rows of table 'users' violate the new check 'ck_age'" "id = 1, age = -5"
        undo "DELETE FROM users"
        sql "INSERT INTO users (id, email) VALUES (1, 'a'), (2, 'a'), (3, 'c')"
        fails 1 upgrade
        says "assertion failed: rows of table 'users' have the same 'email'" "email = a, "
        undo "DELETE FROM users"
        sql "INSERT INTO users (id, email, name, age) VALUES (1, 'a', 'n', 1), (2, 'b', 'n', 1), (3, 'c', NULL, 1), (4, 'd', NULL, 1)"
        fails 1 upgrade
        says "assertion failed: rows of table 'users' have the same 'name, age'" "name = n, age = 1, "
        undo "DELETE FROM users"
        if [ "$database" != sqlite ]; then
            sql "INSERT INTO users (id, email, name) VALUES (1, 'a', '12345678901'), (2, 'b', 'éééééééééé'), (3, 'c', '1234567890    ')"
            fails 1 upgrade
            says "assertion failed: values of 'name' in table 'users' do not fit into" "id = 1, name = 12345678901"
            [[ $err != *"id = 2"* && $err != *"id = 3"* ]]
            undo "DELETE FROM users WHERE id = 1"
            sql "INSERT INTO users (id, email, age) VALUES (1, 'a', 32768), (5, 'e', 32767)"
            fails 1 upgrade
            says "assertion failed: values of 'age' in table 'users' do not fit into smallint" "id = 1, age = 32768"
            [[ $err != *"id = 5"* ]]
            undo "DELETE FROM users WHERE id = 1"
            sql "INSERT INTO users (id, email, size) VALUES (1, 'a', 9999.995), (6, 'f', 9999.994)"
            fails 1 upgrade
            says "assertion failed: values of 'size' in table 'users' do not fit into" "id = 1, size = 9999.9950"
            [[ $err != *"id = 6"* ]]
            undo "DELETE FROM users WHERE id = 1"
        fi
        # rows that pass the assertions fit
        sql "INSERT INTO users (id, email) VALUES (9, 'i')"
        ok upgrade
        ok check
        ok downgrade -1
        no_progress
    done
}

@test "no assertions unless they are requested, and none in SQL" {
    for database in $DATABASES; do
        old_models "$database"
        new_models
        ok revision --autogenerate -m a --no-assert --rev-id a2
        [[ $(cat migrations/a2*) != *assert* ]]
        rm migrations/a2*
        sed -i '/^assertions/d' cmig.yaml
        ok revision --autogenerate -m a --rev-id a3
        [[ $(cat migrations/a3*) != *assert* ]]
        rm migrations/a3*
        ok revision --autogenerate --assert --rev-id a4
        [[ $(cat migrations/a4*) == *assert* ]]
        grep -q '^message: create_\|^message: alter_' migrations/a4*
        rm migrations/a4*
        fails 64 revision --autogenerate --assert --sql
        says "--assert and --no-assert need --autogenerate, and a YAML file"
        fails 64 revision --assert
        fails 64 revision --autogenerate --assert --no-assert
    done
}

@test "assertions of autogenerate use the names before renames, and leave out new and filled columns" {
    for database in $DATABASES; do
        project "$database" "assertions: true"
        cat >models/m.yaml <<'Y'
tables:
  a:
    columns:
      id: {type: integer, primary_key: true}
      x: {type: integer}
      "Strange Name": {type: integer}
      filled: {type: integer}
Y
        ok revision --autogenerate -m first
        ok upgrade
        sql "INSERT INTO a (id) VALUES (1)"
        cat >models/m.yaml <<'Y'
tables:
  b:
    columns:
      id: {type: integer, primary_key: true}
      y: {type: integer, nullable: false}
      "Strange Name": {type: integer, nullable: false}
      filled: {type: integer, nullable: false}
      new: {type: integer, unique: true}
    uniques: [[y]]
    checks: [y > 0, new > 0]
Y
        ok revision --autogenerate -m second --rev-id r2 --rename a=b --rename b.x=y --fill b.filled=1 \
            --fill b.y=2 --fill "b.Strange Name=3"
        [[ $(cat migrations/r2*) != *assert* || $(cat migrations/r2*) == *"FROM a "* ]]
        ok upgrade
        ok check
        ok downgrade -1
        rm migrations/r2*
        sql "UPDATE a SET x = id"
        sql "UPDATE a SET filled = 1"
        case $database in
        mysql) sql "UPDATE a SET \`Strange Name\` = 1" ;;
        *) sql 'UPDATE a SET "Strange Name" = 1' ;;
        esac
        ok revision --autogenerate -m third --rev-id r3 --rename a=b --rename b.x=y
        tr -s ' \n' ' ' <migrations/r3* | grep -qF "SELECT id FROM a WHERE x IS NULL"
        tr -s ' \n' ' ' <migrations/r3* | grep -qF "SELECT x, count(*) FROM a WHERE x IS NOT NULL GROUP BY x HAVING count(*) > 1"
        grep -q "^ *$database: .*Strange Name" migrations/r3* || grep -q "{$database: .*Strange Name" migrations/r3*
        [[ $(cat migrations/r3*) != *"FROM a WHERE NOT"* ]]
        ok upgrade
        ok check
    done
}
