#!/usr/bin/env bats
# test: cases of revisions run in scratch databases.
load helper

names_revisions() {
    mkdir migrations/tests
    revision_file aaaa1 null <<'E'
upgrade:
  - create_table: {name: users, columns: {id: {type: integer, primary_key: true}, name: {type: string(20), nullable: false}, is_on: boolean}}
downgrade:
  - drop_table: users
E
    revision_file bbbb2 aaaa1 <<'E'
upgrade:
  - rename_column: {table: users, name: name, new_name: title}
  - execute: UPDATE users SET title = upper(title)
downgrade:
  - execute: UPDATE users SET title = lower(title)
  - rename_column: {table: users, name: title, new_name: name}
E
}

cases() { # [FILE]
    local text
    slurp text
    printf '%s\n' "$text" >"migrations/tests/${1:-cases.yaml}"
}

@test "rows before, after the upgrade and after the downgrade; the configured database is not touched" {
    for database in $DATABASES; do
        project "$database"
        names_revisions
        cases <<'E'
cases:
  - name: titles are in capitals
    at: bbbb
    rows:
      users: [{id: 1, name: ada, is_on: true}, {id: 2, name: grace, is_on: null}]
    sql: INSERT INTO users (id, name, is_on) VALUES (3, 'alan', false)
    upgrade:
      - sql: SELECT id, title, is_on FROM users
        rows: [[3, ALAN, false], [1, ADA, true], [2, GRACE, null]]
      - sql: |
          INSERT INTO users (id, title) VALUES (4, 'KURT');
          INSERT INTO users (id, title) VALUES (5, 'EMMY');
      - sql: INSERT INTO users (id, title) VALUES (5, 'EMMY')
        fails: "1"
    downgrade:
      - sql: SELECT name FROM users ORDER BY id DESC
        rows: [[emmy], [kurt], [alan], [grace], [ada]]
      - sql: SELECT id AS n, name FROM users WHERE id = 1
        rows: [{name: ada}]
  - name: the table
    at: aaaa1
    upgrade:
      - sql: SELECT * FROM users
        rows: []
    downgrade: []
E
        ok test
        prints_exactly $'passed   aaaa1: the table\npassed   bbbb2: titles are in capitals'
        says "2 cases passed on"
        [ "$database" != sqlite ] || [ ! -e "$FILE" ]
        [[ $(dump) != *CREATE* ]]
        ok test -v bbbb2
        prints "after the upgrade, 3 rows: SELECT id, title, is_on FROM users" "after the downgrade, 1 row: SELECT id AS n"
        says "1 case passed on"
    done
}

@test "rows that differ are shown with the place of the query" {
    for database in $DATABASES; do
        project "$database"
        names_revisions
        cases <<'E'
cases:
  - name: two of three
    at: bbbb2
    rows: {users: [{id: 1, name: a}, {id: 2, name: b}]}
    upgrade:
      - sql: SELECT id, title FROM users
        rows:
          - [2, B]
          - {id: 3, title: null}
      - sql: SELECT id FROM users ORDER BY id
        rows: [[2], [1]]
      - sql: SELECT id, title FROM users WHERE id = 1
        rows: [[1]]
      - sql: SELECT id FROM users WHERE id = 1
        rows: [{title: A}]
E
        fails 2 test --junit report.xml
        prints_exactly 'failed   bbbb2: two of three
    migrations/tests/cases.yaml:6:9: after the upgrade, the rows differ
      SELECT id, title FROM users
        [2, B]
      - {id: 3, title: null}
      + [1, A]
    migrations/tests/cases.yaml:10:9: after the upgrade, the rows differ
      SELECT id FROM users ORDER BY id
      - [2]
      + [1]
      - [1]
      + [2]
    migrations/tests/cases.yaml:13:16: after the upgrade, the row has 1 value, and the query 2 columns: id, title
      SELECT id, title FROM users WHERE id = 1
    migrations/tests/cases.yaml:15:16: after the upgrade, the query has no column '"'title'"', only id
      SELECT id FROM users WHERE id = 1'
        says "1 of 1 case failed on"
        same "$(python3 -c 'import xml.etree.ElementTree as x; s = x.parse("report.xml").getroot()[0]
print(s.get("tests"), s.get("failures"), s[0].get("name"), s[0][0].get("message"))')" \
            "1 1 two of three after the upgrade, the rows differ"
        fails 2 test --json
        json '[(c["result"], c["revision"], len(c["problems"]), c["problems"][0]["line"]) for c in d["cases"]] == [("failed", "bbbb2", 4, 6)]'
    done
}

@test "values are compared by what they mean" {
    for database in $DATABASES; do
        project "$database"
        names_revisions
        cases <<'E'
cases:
  - name: numbers, booleans, strings and nulls
    at: aaaa1
    upgrade:
      - sql: SELECT 1.50, 100, 0.01, -2, 1e2, 0
        rows: [[1.5, 1e2, 1.0e-2, -2.0, 100, 0.0]]
      - sql: SELECT 1 = 1, 1 = 2, NULL, '', '1', 'null'
        rows: [[true, false, null, "", "1", "null"]]
      - sql: {default: "SELECT 'a', x'00ff'", postgresql: "SELECT 'a', '\\x00ff'::bytea"}
        rows: [[a, '\x00ff']]
  - name: they are not the same
    at: aaaa1
    upgrade:
      - {sql: "SELECT '1'", rows: [[1]]}
      - {sql: "SELECT NULL", rows: [[""]]}
      - {sql: "SELECT 1.5", rows: [[1.51]]}
      - {sql: "SELECT ''", rows: [[null]]}
      - {sql: "SELECT 1 = 1", rows: [[false]]}
      - {sql: "SELECT -1", rows: [[1]]}
E
        fails 2 test
        prints "passed   aaaa1: numbers, booleans, strings and nulls"
        same "$(grep -c 'the rows differ' <<<"$out")" 6
        prints '      - [1]'$'\n''      + ["1"]'
    done
}

@test "expected and unexpected errors" {
    for database in $DATABASES; do
        project "$database"
        names_revisions
        revision_file cccc3 bbbb2 <<'E'
upgrade:
  - create_unique_constraint: {table: users, name: uq_title, columns: [title]}
downgrade:
  - drop_constraint: {table: users, name: uq_title, type: unique}
E
        cases <<'E'
cases:
  - name: duplicates are refused
    at: cccc3
    rows: {users: [{id: 1, name: ada}, {id: 2, name: ADA}]}
    sql: UPDATE users SET title = name
    only: [sqlite]
  - name: duplicates
    at: cccc3
    sql: INSERT INTO users (id, title) VALUES (1, 'x'), (2, 'x')
    upgrade:
      fails: cannot apply revision cccc3
      expect:
        - {sql: SELECT count(*) FROM users, rows: [[2]]}
  - name: another error
    at: cccc3
    sql: INSERT INTO users (id, title) VALUES (1, 'x'), (2, 'x')
    upgrade: {fails: no such thing}
  - name: no error
    at: cccc3
    upgrade: {fails: something}
  - name: a statement
    at: cccc3
    upgrade:
      - {sql: SELECT 1, fails: something}
      - sql: SELECT nothing FROM nowhere
  - name: two queries
    at: cccc3
    upgrade:
      - {sql: SELECT 1; SELECT 2, rows: [[2]]}
E
        fails 2 test cccc3
        prints "passed   cccc3: duplicates"$'\n' "the error does not contain 'no such thing'" \
            "cases.yaml:20:14: the upgrade succeeded, but should have failed with 'something'" \
            "cases.yaml:24:9: after the upgrade, the statement succeeded" \
            "cases.yaml:25:9: after the upgrade, a statement failed" \
            "cases.yaml:29:9: after the upgrade, 'rows' needs one query"
        if [ "$database" = sqlite ]; then
            prints "failed   cccc3: duplicates are refused" "cases.yaml:2:5: cannot insert the rows before the upgrade"
        else
            prints "skipped  cccc3: duplicates are refused"
        fi
    done
}

@test "cases of several revisions, of branches, and one that begins earlier" {
    for database in $DATABASES; do
        project "$database"
        names_revisions
        revision_file left0 aaaa1 <<<$'upgrade:\n  - create_table: {name: lefts, columns: {id: integer}}\ndowngrade:\n  - drop_table: lefts'
        revision_file next0 left0 <<<$'upgrade:\n  - execute: INSERT INTO lefts (id) SELECT id FROM users\ndowngrade: []'
        cases <<'E'
cases:
  - name: the branch has no titles
    at: next0
    rows: {users: [{id: 7, name: x}]}
    upgrade: [{sql: SELECT id FROM lefts, rows: [[7]]}]
  - name: both steps
    from: aaaa1
    at: next0
    rows: {users: [{id: 8, name: x}]}
    upgrade: [{sql: SELECT id FROM lefts, rows: [[8]]}]
    downgrade:
      - {sql: SELECT id FROM lefts, fails: lefts}
      - {sql: SELECT name FROM users, rows: [[x]]}
  - name: rows of one case are not in another
    at: next0
    upgrade: [{sql: SELECT id FROM lefts, rows: []}]
  - name: the other branch
    at: bbbb2
    upgrade: [{sql: SELECT title FROM users, rows: []}]
E
        ok test
        says "4 cases passed"
        ok test left0:next0 migrations/tests/*.yaml
        says "3 cases passed"
    done
}

@test "no cases, and files and revisions that do not exist" {
    project sqlite
    names_revisions
    rmdir migrations/tests
    ok test
    says "no test cases in 'migrations/tests'"
    mkdir migrations/tests
    ok test bbbb2
    says "no test cases for bbbb2"
    ok test --json
    json 'd["cases"] == []'
    fails 78 test other.yaml
    says "no file of test cases matches 'other.yaml'"
    fails 64 test current
    fails 1 test zzzz
    printf 'tests: [cases/*.yaml]\n' >>cmig.yaml
    ok test
    says "no test cases in 'cases/*.yaml'"
    mkdir cases
    printf 'cases:\n  - {name: a, at: aaaa1}\n' >cases/a.yaml
    ok test
    says "1 case passed"
}

@test "malformed files are refused, with the place" {
    project sqlite
    names_revisions
    malformed() { # TEXT MESSAGE
        cases <<<"$1"
        fails 78 test
        says "$2"
    }
    malformed $'cases:\n  - {name: a, att: aaaa1}' "cases.yaml:2:15: unknown key 'att' in case"
    says "Did you mean 'at'?"
    malformed $'cases:\n  - {at: aaaa1}' "key 'name' is missing"
    malformed $'cases:\n  - {name: a, at: zzzz}' "cases.yaml:2:5: key 'at' of case 'a'"
    malformed $'cases:\n  - {name: a, at: aaaa1, from: bbbb2}' "revision aaaa1 does not descend from bbbb2"
    malformed $'cases:\n  - {name: a, at: heads, only: postgres}' "'only' names neither a database nor an environment: 'postgres'"
    malformed $'cases:\n  - {name: a, at: aaaa1}\n  - {name: a, at: bbbb2}' "cases.yaml:3:5: case 'a' is defined twice"
    malformed $'cases:\n  - {name: a, at: aaaa1, rows: [1]}' "'rows' must be a mapping from table to rows, not a list"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: [{sql: SELECT 1, rows: 1}]}' "'rows' must be a list of rows, not"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: [{sql: SELECT 1, rows: [1]}]}' "a row must be a list of values, or a mapping"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: [{sql: SELECT 1, rows: [[[1]]]}]}' "a value of a row must be a scalar, not a list"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: [{sql: SELECT 1, rows: [], fails: x}]}' "a statement has either 'rows' or 'fails'"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: [{sql: SELECT 1, ordered: true}]}' "'ordered' needs 'rows'"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: {fails: x}, downgrade: []}' "an upgrade that must fail cannot be followed by a downgrade"
    malformed $'cases:\n  - {name: a, at: aaaa1, upgrade: [{sql: "${x"}]' ":"
    ok schema test
    json 'd["title"] == "cmig test cases" and "expectation" in d["$defs"]'
}

@test "rows of several tables, in their order" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa1 null <<<$'upgrade:\n  - create_table: {name: p, columns: [{name: id, type: integer, primary_key: true, autoincrement: false}]}\n  - create_table: {name: c, columns: [{name: id, type: integer, primary_key: true, autoincrement: false}, {name: p_id, type: integer, references: p.id}]}\ndowngrade: []'
        empty_revision bbbb2 aaaa1
        mkdir migrations/tests
        cases <<<$'cases:\n  - {name: a, at: bbbb2, rows: {p: [{id: 1}, {id: 2}], c: [{id: 3, p_id: 2}]}, upgrade: [{sql: SELECT id FROM p, rows: [[1], [2]]}, {sql: SELECT p_id FROM c, rows: [[2]]}]}'
        ok test
        cases <<<$'cases:\n  - {name: a, at: bbbb2, rows: {nosuch: [{id: 1}], p: [{id: 1}]}}'
        fails 2 test
        prints nosuch
    done
}

@test "directories of cases are not read as revisions" {
    project sqlite 'recursive: true'
    names_revisions
    cases <<<$'cases:\n  - {name: a, at: aaaa1}'
    ok heads
    prints_exactly "bbbb2 (head), step bbbb2"
    ok test
    says "1 case passed"
}

@test "a revision before that of the case that fails, and no rights to create databases" {
    for database in $DATABASES; do
        project "$database"
        names_revisions
        revision_file cccc3 bbbb2 <<<$'upgrade:\n  - execute: INSERT INTO nowhere VALUES (1)\ndowngrade: []'
        empty_revision dddd4 cccc3
        cases <<<$'cases:\n  - {name: a, at: dddd4}\n  - {name: b, at: bbbb2}'
        fails 2 test
        prints "passed   bbbb2: b" "failed   dddd4: a" "cases.yaml:2:5: cannot apply a revision" "nowhere"
    done
    project sqlite
    names_revisions
    cases <<<$'cases:\n  - {name: a, at: aaaa1}'
    fails 64 test --dialect postgresql
    says "no postgresql server to run test cases on" "hint: Name one with --scratch-url."
    local role=cmig_cases_$$
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "CREATE ROLE $role LOGIN CREATEDB"
    ok test --dialect postgresql --scratch-url "$(sed "s,//[^@]*@,//$role@," <<<"$CMIG_TEST_POSTGRESQL_URL")"
    says "1 case passed on PostgreSQL"
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DROP ROLE $role" # which no database keeps
}
