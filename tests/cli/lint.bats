#!/usr/bin/env bats
# cmig lint: output, configuration, comments, git, sizes of tables. tests/lint.py runs the rules themselves.
load helper

# A project that no server is asked for: users exist, and revision b drops a column and adds an index.
lint_project() { # [LINE...]
    mkdir migrations
    printf '%s\n' 'url: postgresql://nowhere/lint' "$@" >cmig.yaml
    revision_file aaaa0000 null <<<'upgrade:
  - create_table: {name: users, columns: [{name: id, type: bigint, nullable: false}, {name: age, type: integer}]}'
    revision_file bbbb0000 aaaa0000 <<<'upgrade:
  - create_index: {table: users, name: i, columns: [id]}
  - drop_column: {table: users, name: age}
downgrade:
  - add_column: {table: users, name: age, type: integer}
  - drop_index: {table: users, name: i}'
}

git_() {
    git -c user.name=T -c user.email=t@example.org -c init.defaultBranch=main -c commit.gpgsign=false "$@" >/dev/null
}

valid_json() { # SCHEMA-FILE: what was printed
    python3 -c 'import json, sys, jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])))' "$1" <<<"$out"
}

@test "findings are lines with place, level, text, rule and a hint; warnings end with 0, errors with 2" {
    lint_project
    ok lint
    prints_exactly "migrations/bbbb0000.yaml:5:5: warning: nobody can write to table 'users' while index 'i' is built [create-index-blocking]
    hint: Set 'online: true' or 'concurrently: true' on the operation; in SQL, write CONCURRENTLY in a revision with 'transaction: false'.
migrations/bbbb0000.yaml:6:5: warning: the values of column 'age' of table 'users' are lost, and the downgrade brings back the column without them [drop-column]
    hint: Deploy programs that do not use the column first, and keep a copy of its values if they matter."
    ok lint aaaa0000
    prints_exactly ""
    says "lint found nothing"
    ok lint aaaa0000:bbbb0000 --dialect mysql
    [[ $out != *create-index-blocking* && $out == *drop-column* ]]
    fails 64 lint --dialect oracle
    says "unknown dialect 'oracle'" "Expected one of sqlite"
    fails 1 lint cccc0000

    printf '%s\n' 'lint: {rules: {drop-column: error, create-index-blocking: off}}' >>cmig.yaml
    fails 2 lint
    prints "error: the values of column 'age'"
    says "lint found 1 error"
    [[ $out != *create-index-blocking* ]]
    fails 2 lint --json
    python3 - "$out" <<'PY'
import json, sys
found = json.loads(sys.argv[1])
assert found["error"]["status"] == 2, found
assert [(one["rule"], one["level"], one["file"], one["line"], one["column"], one["revision"]) for one in found["findings"]] == [
    ("drop-column", "error", "migrations/bbbb0000.yaml", 6, 5, "bbbb0000")], found
PY
    printf '%s\n' 'url: postgresql://nowhere/lint' 'lint:' '  rules:' '    drop-colum: off' >cmig.yaml
    fails 78 lint
    says "cmig.yaml:4:" "unknown rule 'drop-colum'" "Did you mean 'drop-column'?"
    printf '%s\n' 'url: postgresql://nowhere/lint' 'lint: {rules: {drop-column: fatal}}' >cmig.yaml
    fails 78 lint
    says "rule 'drop-column': unknown level 'fatal'" "off, note, warning, error"
    printf '%s\n' 'url: postgresql://nowhere/lint' 'lint: {rules: {invalid-allow: off}}' >cmig.yaml
    fails 78 lint
    says "the level of rule 'invalid-allow' cannot be changed"
    printf '%s\n' 'url: postgresql://nowhere/lint' 'lint: {small_rows: -1}' >cmig.yaml
    fails 78 lint
    says "key 'small_rows': expected a number of rows"
    : >cmig.yaml
    fails 78 lint
    says "--dialect"
}

@test "the formats of CI systems, of lint and of check" {
    lint_project 'lint: {rules: {drop-column: error}}'
    fails 2 lint --format github
    prints "::warning file=migrations/bbbb0000.yaml,line=5,col=5,title=create-index-blocking::nobody can write" \
        "::error file=migrations/bbbb0000.yaml,line=6,col=5,title=drop-column::the values" "%0ADeploy programs"
    expected=$out
    GITHUB_ACTIONS=true fails 2 lint
    same "$out" "$expected"
    fails 2 lint --format gitlab
    python3 - "$out" <<'PY'
import json, sys
one, other = json.loads(sys.argv[1])
assert one["severity"] == "minor" and other["severity"] == "major", one
assert one["fingerprint"] != other["fingerprint"] and one["check_name"] == "create-index-blocking"
assert one["location"] == {"path": "migrations/bbbb0000.yaml", "lines": {"begin": 5}}, one
PY
    expected=$out
    GITLAB_CI=true fails 2 lint
    same "$out" "$expected"
    GITLAB_CI=true fails 2 lint --format text
    prints "[drop-column]"
    fails 2 lint --format junit
    python3 - "$out" <<'PY'
import sys, xml.etree.ElementTree as tree
suite = tree.fromstring(sys.argv[1].encode())[0]
assert suite.get("tests") == "2" and suite.get("failures") == "2", suite.attrib
assert [one.get("classname") for one in suite] == ["create-index-blocking", "drop-column"]
PY
    fails 2 lint --format sarif
    valid_json "$TESTS/lib/sarif.schema.json"
    prints '"ruleId": "drop-column"' '"uri": "migrations/bbbb0000.yaml"' '"startLine": 6'
    for format in github gitlab junit sarif; do
        ok lint aaaa0000 --format $format # nothing found
        [ $format != sarif ] || valid_json "$TESTS/lib/sarif.schema.json"
    done

    project sqlite
    users_model 'name: text'
    fails 2 check --format sarif
    valid_json "$TESTS/lib/sarif.schema.json"
    prints '"ruleId": "difference"' '"uri": "models/model.yaml"'
    fails 2 check --format github
    prints "::error file=models/model.yaml,line="
    fails 2 check
    [[ $out != *::error* ]]
    fails 64 check --drift --format github
    says "--format cannot be combined with --drift"
}

@test "rules are listed and explained" {
    ok lint --list-rules
    prints "create-index-blocking            warning  PostgreSQL"
    ok lint --explain copy-table
    prints "Rule: copy-table" "Level: warning" "MariaDB" "all rows are copied"
    fails 64 lint --explain copy-tabel
    says "unknown rule 'copy-tabel'" "Did you mean 'copy-table'?"
    ok lint --list-rules --json
    python3 -c 'import json, sys; assert all(r["why"].endswith(".") and r["safe"].endswith(".") for r in json.load(sys.stdin)["rules"])' <<<"$out"
}

@test "each environment is linted for its own database" {
    lint_project
    printf '%s\n' 'environments:' '  one: {url: postgresql://nowhere/x}' '  two: {url: sqlite:///nowhere.db}' >cmig.yaml
    ok lint -n '*'
    [[ $out == "environment one:"*create-index-blocking*"environment two:"* ]]
    [[ ${out##*environment two:} != *create-index-blocking* ]]
    ok lint -n '*' --format github
    [[ $out != *environment* ]]
}

@test "--base leaves out what a commit already has" {
    lint_project
    fails 1 lint --base main
    says "cannot read 'main'" "is not in a git repository"
    git_ init .
    git_ add -A
    git_ commit -m one
    revision_file cccc0000 bbbb0000 <<<$'upgrade:\n  - drop_table: users\ndowngrade: []'
    ok lint --base main
    [[ $out == *drop-table* && $out != *drop-column* ]]
    git_ add -A
    git_ commit -m two
    ok lint --base main
    prints_exactly ""
    ok lint --base main~1
    prints drop-table
    sed -i 's/name: i,/name: j,/' migrations/bbbb0000.yaml
    ok lint --base main # an edited file is new again
    prints "index 'j'"
    ok lint aaaa0000 --base main
    prints_exactly ""
    fails 64 lint --base nothing
    says "git does not know 'nothing'"
}

@test "sizes of tables silence what is cheap for small ones" {
    for database in sqlite postgresql mysql; do
        project "$database"
        users_model 'age: integer'
        ok revision --autogenerate -m users --rev-id aaaa0000
        ok upgrade
        sql "INSERT INTO users (age) VALUES (1), (2), (3)"
        [ "$database" = sqlite ] || sql "ANALYZE ${DATABASE/mysql/TABLE} users" >/dev/null 2>&1 || sql "ANALYZE users"
        ok inspect --stats
        prints "users: {rows: 3, bytes: "
        echo "$out" >stats.yaml
        ok inspect --stats --json
        prints '"rows": 3'
    done
    fails 64 inspect --stats -o models
    cd "$BATS_TEST_TMPDIR"
    lint_project
    printf 'tables:\n  users: {rows: 20000, bytes: 8192}\n' >stats.yaml
    ok lint --stats stats.yaml
    prints create-index-blocking drop-column
    ok lint --stats stats.yaml --small 20000
    [[ $out != *create-index-blocking* && $out == *drop-column* ]]
    printf 'lint: {small_rows: 30000}\n' >>cmig.yaml
    ok lint --stats stats.yaml
    [[ $out != *create-index-blocking* ]]
    echo 'tables: {users: {rows: many}}' >stats.yaml
    fails 78 lint --stats stats.yaml
    says "stats.yaml:1:" "key 'rows': expected a number"
    echo '[]' >stats.yaml
    fails 78 lint --stats stats.yaml
    says "Write it with 'cmig inspect --stats'"
}

@test "a comment above the keys allows a rule in the whole file; SQL files beside a revision have their own" {
    lint_project
    sed -i '1i # cmig-lint: allow drop-column, nobody reads it' migrations/bbbb0000.yaml
    ok lint
    [[ $out != *drop-column* && $out == *create-index-blocking* ]]
    revision_file cccc0000 bbbb0000 <<<$'upgrade:\n  - execute: {file: more.sql}\ndowngrade: []'
    mkdir migrations/sql
    sed -i 's/more.sql/sql\/more.sql/' migrations/cccc0000.yaml
    printf '%s\n' "SELECT '-- cmig-lint: nothing', \$\$ -- cmig-lint: allow nothing \$\$;" 'DROP TABLE one;' '' '-- cmig-lint: allow drop-table, old' 'DROP TABLE two;' >migrations/sql/more.sql
    try lint cccc0000
    prints "migrations/sql/more.sql:2:1: warning: the rows of table 'one' are lost"
    [[ $out != *"'two'"* && $out != *invalid-allow* ]]
    rm migrations/sql/more.sql
    fails 78 lint cccc0000
    says "migrations/cccc0000.yaml:5:5: execute" "cannot read SQL file 'migrations/sql/more.sql'"
}

@test "revision --autogenerate tells what lint would say of the new file" {
    project postgresql
    users_model 'age: integer'
    ok revision --autogenerate -m users
    [[ $err != *lint* ]]
    ok upgrade
    users_model
    ok revision --autogenerate -m less --rev-id bbbb0000
    says "migrations/bbbb0000_less.yaml:" "the values of column 'age' of table 'users' are lost" "[drop-column]"
    ok lint bbbb0000
    prints "[drop-column]"
}

# from|to|using: pairs of types, each on a table of its own
TYPES='character varying(10)|character varying(20)
character varying(20)|character varying(10)
character varying(20)|character varying
character varying(20)|text
text|character varying
text|character varying(20)
text|text|c || '"''"'
text|text|c
character varying(5)|text|c::text
character(3)|character(5)
character(3)|text
numeric(10,2)|numeric(12,2)
numeric(10,2)|numeric(10,3)
numeric(10,2)|numeric(8,2)
numeric(10,2)|numeric
numeric|numeric(10,2)
integer|bigint
bigint|integer
smallint|integer
integer|oid
integer|numeric
real|double precision
timestamp without time zone|timestamp with time zone
timestamp with time zone|timestamp without time zone
timestamp(3) without time zone|timestamp(6) without time zone
timestamp(6) with time zone|timestamp(3) with time zone
time(0) without time zone|time without time zone
interval(3)|interval(6)
bit varying(3)|bit varying(8)
bit varying(8)|bit varying(3)
cidr|inet
inet|cidr
jsonb|text
date|timestamp without time zone
date|text
uuid|text
text[]|character varying[]
integer[]|bigint[]'

# of a new column
DEFAULTS='3
now()
CURRENT_TIMESTAMP
random()
clock_timestamp()
gen_random_uuid()
lower('"'A'"')::varchar(5)
'"'{}'"'::jsonb
'"'now'"'::timestamptz
(array[1, 2])[1]
(1 + 2) * 3
coalesce(NULL, 1)
to_char(now(), '"'YYYY'"')
statement_timestamp()
txid_current()'

@test "what lint says of types and defaults is what PostgreSQL does" {
    project postgresql
    python3 - "$URL" "$TYPES" "$DEFAULTS" <<'PY'
import json, os, subprocess, sys
url, types, defaults = sys.argv[1], sys.argv[2].splitlines(), sys.argv[3].splitlines()
before, up, sql = [], [], ["SET timezone = 'Europe/Berlin';"]
for n, line in enumerate(types):
    source, to, using = (line.split("|", 2) + [""])[:3]
    before.append({"create_table": {"name": "t%d" % n, "columns": [{"name": "c", "type": {"postgresql": source}}]}})
    change = {"table": "t%d" % n, "name": "c", "type": {"postgresql": to}}
    up.append({"alter_column": {**change, "using": using} if using else change})
    cast = " USING " + using if using else ""
    sql.append("CREATE TABLE t%d (c %s);" % (n, source))
    sql.append("CREATE INDEX i%d ON t%d %s;" % (n, n, "USING gin (c)" if source == "jsonb" else "(c)"))
    sql.append("SELECT pg_relation_filenode('t%d') AS t, pg_relation_filenode('i%d') AS i \\gset" % (n, n))
    if source == "jsonb":
        sql.append("DROP INDEX i%d;" % n)
    sql.append("ALTER TABLE t%d ALTER c TYPE %s%s;" % (n, to, cast))
    sql.append("SELECT 't%d', pg_relation_filenode('t%d') <> :t, pg_relation_filenode(to_regclass('i%d')) <> :i;" % (n, n, n))
for n, default in enumerate(defaults):
    before.append({"create_table": {"name": "d%d" % n, "columns": [{"name": "a", "type": "integer"}]}})
    up.append({"add_column": {"table": "d%d" % n, "name": "c", "type": "text", "default": {"sql": "(%s)::text" % default}}})
    sql.append("CREATE TABLE d%d (a int); SELECT pg_relation_filenode('d%d') AS t \\gset" % (n, n))
    sql.append("ALTER TABLE d%d ADD c text DEFAULT (%s)::text;" % (n, default))
    sql.append("SELECT 'd%d', pg_relation_filenode('d%d') <> :t, false;" % (n, n))
for revision, parent, operations in (("a", None, before), ("b", "a", up)):
    with open("migrations/%s.yaml" % revision, "w") as file:
        json.dump({"revision": revision, "down_revision": parent, "message": revision, "upgrade": operations}, file)
rows = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url], input="\n".join(sql), text=True,
                      capture_output=True, check=False)
assert rows.returncode == 0, rows.stderr
lint = subprocess.run([*os.environ["CMIG_TEST_PROGRAM"].split(), "lint", "b", "--json"], capture_output=True, text=True, check=False)
said = {}
for one in json.loads(lint.stdout)["findings"]:
    if one["rule"] in ("change-column-type", "add-column-rewrite"):
        table = next(word.strip(",'") for word in one["text"].split("table ")[1].split())
        said[table.rstrip("':")] = one["text"]
wrong = []
for row in rows.stdout.splitlines():
    table, rewritten, rebuilt = row.split("|")
    text = said.get(table, "")
    spec = (types if table[0] == "t" else defaults)[int(table[1:])]
    if (rewritten == "t") != ("rewritten" in text):
        wrong.append("%s: rewritten %s, but lint says: %s" % (spec, rewritten, text))
    elif rewritten == "f" and (rebuilt == "t") != ("built again" in text):
        wrong.append("%s: index rebuilt %s, but lint says: %s" % (spec, rebuilt, text))
assert not wrong, "\n".join(wrong)
PY
}

@test "lint: the place of a statement within a text, and the safe form of a version" {
    project postgresql
    revision_file r1 null <<<$'upgrade:\n  - create_table: {name: t, columns: {id: {type: bigint, primary_key: true}, a: text}}\ndowngrade: []'
    revision_file r2 r1 <<'EOF'
upgrade:
  - execute: |
      SELECT 'é'; CREATE INDEX i ON t (a);
      DROP INDEX i;
  - alter_column: {table: t, name: a, nullable: false}
downgrade: []
EOF
    ok lint r2
    prints "migrations/r2.yaml:6:19: warning: nobody can write to table 't' while index 'i' is built" \
        "migrations/r2.yaml:7:7: note: dropping index 'i'" "create a check 'column IS NOT NULL'"
    printf 'lint: {versions: {postgresql: 18}}\n' >>cmig.yaml
    ok lint r2
    prints "add a constraint that is NOT NULL and NOT VALID"
    for bad in 'postgresql: 11' 'postgresql: x' 'mariadb: 10.5' 'mariadb: 10.x'; do
        sed -i "s/^lint:.*/lint: {versions: {$bad}}/" cmig.yaml
        fails 78 lint
        says "cmig.yaml:2:"
    done
}

@test "lint --downgrade: what a downgrade costs" {
    project postgresql
    revision_file r1 null <<<$'upgrade:\n  - create_table: {name: t, columns: {id: {type: bigint, primary_key: true}, a: text, b: bigint}}\ndowngrade:\n  - drop_table: t'
    revision_file r2 r1 <<'EOF'
upgrade:
  - alter_column: {table: t, name: a, nullable: true}
  - drop_index: {table: t, name: i, concurrently: true}
downgrade:
  - create_index: {table: t, name: i, columns: [a]}
  - alter_column: {table: t, name: a, nullable: false}
  - execute: |
      ALTER TABLE t ALTER b TYPE int;
  # cmig-lint: allow add-check, the table is small
  - create_check_constraint: {table: t, name: k, sql: b > 0}
EOF
    ok lint r2
    [[ $out != *unused-allow* ]]
    [[ $out != *r2.yaml:8* ]]
    ok lint --downgrade
    prints "r2.yaml:8:5: warning: nobody can write to table 't' while index 'i' is built" "r2.yaml:9:5: warning: all rows of table 't'" \
        "r2.yaml:11:7: warning: column 'b' changes from bigint to integer"
    [[ $out != *drop-table* && $out != *add-check* && $out != *unused-allow* ]]
}

@test "lint: a version of MariaDB that copies without blocking" {
    project mysql 'lint: {versions: {mariadb: 10.11}}'
    revision_file r1 null <<<$'upgrade:\n  - create_table: {name: t, columns: {id: {type: bigint, primary_key: true}, a: integer}}\ndowngrade: []'
    revision_file r2 r1 <<<$'upgrade:\n  - alter_column: {table: t, name: a, type: bigint}\ndowngrade: []'
    ok lint r2
    prints "warning: changing column 'a' from int to bigint copies table 't' and blocks writes"
    sed -i 's/10.11/11.4/' cmig.yaml
    ok lint r2
    prints "note: changing column 'a' from int to bigint copies table 't' [copy-table]" "since version 11.2"
}
