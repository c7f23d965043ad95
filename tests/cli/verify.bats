#!/usr/bin/env bats
# verify: revisions are tried in a scratch database.
load helper

two_revisions() {
    users_model 'name: {type: string(20), nullable: false}' 'born: date'
    revision_file r1 null <<'EOF'
upgrade:
  - create_table: {name: users, columns: {id: {type: integer, primary_key: true}, name: {type: string(20), nullable: false}}}
downgrade:
  - drop_table: users
EOF
    revision_file r2 r1 <<'EOF'
upgrade:
  - add_column: {table: users, name: born, type: date}
downgrade:
  - drop_column: {table: users, name: born}
EOF
}

@test "revisions go up, down and up again, and the configured database is not touched" {
    for database in $DATABASES; do
        project "$database"
        two_revisions
        ok verify --data 3
        prints_exactly $'verified      r1, step r1\nverified      r2, step r2'
        says "2 revisions verified on" "models and revisions agree"
        [ "$database" != sqlite ] || [ ! -e "$FILE" ]
        [[ $(dump) != *CREATE* ]]
        ok verify r2
        prints_exactly "verified      r2, step r2"
        ok verify --json
        json '(d["revisions"][1]["result"], d["models_compared"], d["differences"], d["untried"]) == ("verified", True, [], 0)'
    done
}

@test "what a downgrade forgets is named, and later revisions are still tried" {
    for database in $DATABASES; do
        project "$database"
        two_revisions
        sed -i 's/  - drop_column.*/  - execute: "SELECT 1"/' migrations/r2.yaml
        empty_revision r3 r2
        revision_file r4 r3 <<<'upgrade: []'
        fails 2 verify --junit report.xml
        prints_exactly $'verified      r1, step r1\ndiffers       r2, step r2
    after the downgrade: tables.users.columns.born is new\nverified      r3, step r3\nno downgrade  r4, step r4'
        says "1 of 4 revisions did not pass on"
        same "$(python3 -c 'import xml.etree.ElementTree as x; s = x.parse("report.xml").getroot()[0]
print(s.get("tests"), s.get("failures"), [c.get("name") for c in s if len(c)])')" "5 1 ['r2']"
    done
}

@test "a revision that fails with rows, and those after it" {
    for database in $DATABASES; do
        project "$database"
        two_revisions
        sed -i 's/born, type: date/born, type: date, nullable: false/' migrations/r2.yaml
        empty_revision r3 r2
        fails 1 verify --data 2
        prints "verified      r1, step r1" "failed        r2, step r2" "cannot apply revision r2 'step r2'"
        says "1 of 3 revisions did not pass on" "hint: 1 revision after it could not be tried."
    done
}

@test "models that the revisions do not lead to" {
    for database in $DATABASES; do
        project "$database"
        two_revisions
        users_model 'name: {type: string(20), nullable: false}' 'born: {type: date, nullable: false}'
        fails 2 verify
        says "models and revisions differ: 1 difference" "hint: Run 'cmig revision --autogenerate"
        prints "models/model.yaml:6:7: users.born"
        ok verify r1
    done
}

@test "branches, a merge and a dependency are each reverted alone" {
    for database in $DATABASES; do
        project "$database"
        empty_revision base00 null
        empty_revision left00 base00
        empty_revision right0 base00
        empty_revision merge0 "[left00, right0]"
        empty_revision other0 null "depends_on: [merge0]"
        ok verify
        same "$(sort <<<"$out" | sed 's/  *step.*//' | tr '\n' ' ')" \
            "verified      base00, verified      left00, verified      merge0, verified      other0, verified      right0, "
    done
}

@test "rows of every type, and of tables that refer to one another" {
    for database in $DATABASES; do
        project "$database"
        revision_file r1 null <<'EOF'
upgrade:
  - create_table:
      name: posts
      columns: {id: {type: bigint, primary_key: true}, slug: {type: string(3), nullable: false, unique: true},
        price: {type: "numeric(6,2)", nullable: false}, at: {type: timestamptz, nullable: false}, day: {type: date, nullable: false},
        hour: {type: time, nullable: false}, is_on: {type: boolean, nullable: false}, key: {type: uuid, nullable: false, unique: true},
        data: {type: json, nullable: false}, raw: {type: binary, nullable: false}, parent_id: {type: bigint, references: posts.id}}
  - create_table:
      name: comments
      columns: {post_id: {type: bigint, primary_key: true, references: posts.id}, n: {type: integer, primary_key: true, autoincrement: false}}
downgrade:
  - drop_table: comments
  - drop_table: posts
EOF
        # Rows would break it.
        revision_file r2 r1 <<'EOF'
upgrade:
  - create_check_constraint: {table: comments, name: few, sql: "n < 40"}
downgrade:
  - drop_constraint: {table: comments, name: few, type: check}
EOF
        fails 1 verify --data 40
        prints "failed        r2, step r2"
        ok verify --data 39
        [[ $err != *"did not get"* ]]
    done
}

@test "a table whose rows the database rejects is named" {
    project sqlite
    revision_file r1 null <<'EOF'
upgrade:
  - create_table: {name: odd, columns: {n: {type: integer, nullable: false}}, checks: [{name: small, sql: "n < 0"}]}
downgrade:
  - drop_table: odd
EOF
    empty_revision r2 r1
    ok verify --data 5
    says "table 'odd' did not get 5 rows"
}

@test "databases: another dialect, another server, and none that may be created" {
    project sqlite
    two_revisions
    ok verify --dialect postgresql
    says "warning: no postgresql server: 2 revisions rendered only, not run"
    prints_exactly ""
    ok verify --scratch-url "$CMIG_TEST_POSTGRESQL_URL"
    says "2 revisions verified on PostgreSQL"
    fails 64 verify --dialect oracle
    says "unknown dialect 'oracle'"
    fails 64 verify current:head
    says "'current:head' is relative to a database, which is not read"

    project postgresql
    two_revisions
    ok verify --dialect sqlite
    says "2 revisions verified on SQLite"
    sql "CREATE ROLE small_$$ LOGIN"
    fails 1 verify --scratch-url "${URL/postgres@/small_$$@}"
    says "cannot create a scratch database" "hint: Use a role that may create databases, or name another server with --scratch-url."
    sql "DROP ROLE small_$$"
}

@test "a program gets the URL of the scratch database, and does not run for one in memory" {
    for database in $DATABASES; do
        project "$database"
        revision_file r1 null <<'EOF'
upgrade:
  - run: [sh, -c, 'echo "$DATABASE_URL" >>urls']
downgrade: []
EOF
        ok verify
        if [ "$database" = sqlite ]; then
            prints "note: its program did not run: it cannot open a database in memory"
            [ ! -e migrations/urls ]
        else
            same "$(grep -c cmig_scratch_ migrations/urls)" 2
        fi
    done
}

@test "blame: the revisions that made a column what it is, through renames" {
    for database in $DATABASES; do
        project "$database"
        two_revisions
        revision_file r3 r2 <<'EOF'
upgrade:
  - rename_table: {name: users, new_name: people}
  - rename_column: {table: people, name: born, new_name: birthday}
downgrade:
  - rename_column: {table: people, name: birthday, new_name: born}
  - rename_table: {name: people, new_name: users}
EOF
        revision_file r4 r3 "author: Ada" <<'EOF'
upgrade:
  - alter_column: {table: people, name: birthday, nullable: false}
downgrade:
  - alter_column: {table: people, name: birthday, nullable: true}
EOF
        ok blame people.birthday
        same "$(grep -v '^ ' <<<"$out")" $'r4 (head), step r4\nr3, step r3\nr2, step r2'
        prints "    Ada" "tables.people.columns.birthday" "tables.users.columns.born is new"
        ok blame people
        same "$(grep -v '^ ' <<<"$out")" $'r4 (head), step r4\nr3, step r3\nr2, step r2\nr1, step r1'
        ok blame people.id --json
        json '[r["revision"] for r in d["revisions"]] == ["r3", "r1"]'
        fails 1 blame peple
        says "no revision creates or changes 'peple'"
    done
}

@test "check --drift: what was changed by hand, and who touched it last" {
    for database in $DATABASES; do
        project "$database"
        two_revisions
        empty_revision r3 r2
        ok upgrade r2
        ok check --drift
        says "the database is as its revisions leave it"
        sql "ALTER TABLE users ADD COLUMN nick varchar(5); ALTER TABLE users DROP COLUMN born; CREATE TABLE by_hand (id integer NOT NULL PRIMARY KEY)"
        fails 2 check --drift
        prints "tables.users.columns.nick is new (last changed by revision r1)" \
            "tables.users.columns.born is missing (last changed by revision r2)"
        [[ $out == *$'tables.by_hand is new\n'* || $out == *"tables.by_hand is new" ]]
        says "the database differs from what its revisions give: 3 differences" "hint: Someone changed it by hand"
        fails 2 check --drift --json
        json 'sorted(x["revision"] or "" for x in d["drift"]) == ["", "r1", "r2"]'
        fails 64 check --drift --offline
    done
}

@test "blame and --drift: names with dots and blanks, and columns that never existed" {
    for database in $DATABASES; do
        project "$database"
        revision_file r1 null <<'EOF'
upgrade:
  - create_table: {name: users, columns: {id: {type: integer, primary_key: true}, "a.b": integer}}
downgrade:
  - drop_table: users
EOF
        revision_file r2 r1 <<'EOF'
upgrade:
  - create_table: {name: users x, columns: {id: {type: integer, primary_key: true}, "c d": integer}}
  - add_column: {table: users, name: id.x, type: integer}
  - add_column: {table: users, name: id x, type: integer}
downgrade: []
EOF
        ok blame users
        prints_exactly $'r2 (head), step r2\n    tables.users.columns.id.x is new\n    tables.users.columns.id x is new
r1, step r1\n    tables.users is new'
        ok blame users.id
        prints_exactly $'r1, step r1\n    tables.users is new'
        ok blame users.a.b
        prints_exactly $'r1, step r1\n    tables.users is new'
        ok blame "users x.c d"
        prints_exactly $'r2 (head), step r2\n    tables.users x is new'
        ok blame users.id.x
        prints_exactly $'r2 (head), step r2\n    tables.users.columns.id.x is new'
        fails 1 blame users.nope
        says "no revision creates or changes 'users.nope'"
        ok upgrade
        sql "ALTER TABLE users ADD COLUMN id_x integer"
        fails 2 check --drift
        prints_exactly "tables.users.columns.id_x is new (last changed by revision r1)"
    done
}

@test "rows for renamed and recreated tables, and for those with defaults only" {
    for database in $DATABASES; do
        project "$database"
        revision_file r1 null <<'EOF'
upgrade:
  - create_table: {name: users, columns: {id: {type: integer, primary_key: true}, n: {type: integer, nullable: false, unique: true}}}
  - create_table: {name: numbers, columns: {id: {type: integer, primary_key: true}}}
downgrade:
  - drop_table: numbers
  - drop_table: users
EOF
        revision_file r2 r1 <<'EOF'
upgrade:
  - rename_table: {name: users, new_name: people}
downgrade:
  - rename_table: {name: people, new_name: users}
EOF
        revision_file r3 r2 <<'EOF'
upgrade:
  - create_table: {name: users, columns: {k: {type: integer, nullable: false}}}
downgrade:
  - drop_table: users
EOF
        revision_file r4 r3 <<'EOF'
upgrade:
  - create_check_constraint: {table: users, name: few, sql: "k < 3"}
downgrade:
  - drop_constraint: {table: users, name: few, type: check}
EOF
        fails 1 verify --data 3
        prints "verified      r3, step r3" "failed        r4, step r4"
        [[ $err != *"did not get"* ]]
        ok verify --data 2
    done
}

@test "a table that must refer to itself, once though the scratch database is created again" {
    for database in $DATABASES; do
        project "$database"
        revision_file r1 null <<'EOF'
upgrade:
  - create_table: {name: staff, columns: {id: {type: integer, primary_key: true}, boss: {type: integer, nullable: false, references: staff.id}}}
downgrade:
  - drop_table: staff
EOF
        revision_file r2 r1 <<'EOF'
upgrade:
  - add_column: {table: staff, name: z, type: integer}
downgrade:
  - execute: SELECT 1
EOF
        empty_revision r3 r2
        fails 2 verify --data 2
        same "$(grep -c "table 'staff' did not get 2 rows: column 'boss' must refer to a row of its own table" <<<"$err")" 1
    done
}

@test "--junit: revisions that were not tried, those of another dialect, and several environments" {
    project sqlite "environments: {a: {}, b: {}}"
    empty_revision r1 null
    revision_file r2 r1 <<<$'upgrade: [execute: SELEKT]\ndowngrade: []'
    empty_revision r3 r2
    fails 1 -n a verify --junit report.xml
    [[ $(<report.xml) == *'tests="3" failures="1" errors="0" skipped="1"'*'name="r3"'* ]]
    ok -n a verify --dialect postgresql --junit other.xml
    [[ $(<other.xml) == *'tests="3" failures="0" errors="0" skipped="3"'*'message="rendered only, not run"'* ]]
    fails 64 -n '*' verify --junit report.xml
    says "--junit cannot be combined with several environments"
}

@test "Ctrl-C while rows are inserted" {
    for database in postgresql mysql; do
        project "$database"
        revision_file r1 null <<'EOF'
upgrade:
  - create_table: {name: users, columns: {id: {type: bigint, primary_key: true}, n: {type: bigint, nullable: false}}}
  - run: [sh, -c, "echo >>upgrades"]
downgrade:
  - drop_table: users
EOF
        empty_revision r2 r1
        PROGRAM_LINE=$(printf '%q ' "${CMIG[@]}") python3 - <<'EOF'
import os, shlex, signal, subprocess, time
def default():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
p = subprocess.Popen(shlex.split(os.environ["PROGRAM_LINE"]) + ["verify", "--data", "100000000"],
                     stderr=subprocess.PIPE, text=True, preexec_fn=default)
while p.poll() is None and (not os.path.exists("migrations/upgrades") or os.path.getsize("migrations/upgrades") < 2):
    time.sleep(0.01)
time.sleep(0.3)
p.send_signal(signal.SIGINT)
error = p.communicate(timeout=30)[1]
assert p.returncode == 130 and "interrupted" in error, (p.returncode, error)
EOF
    done
}

@test "rows with enums, and with arrays of them" {
    project postgresql
    revision_file r1 null <<'EOF'
upgrade:
  - create_enum: {name: mood, values: [low, high]}
  - create_table: {name: t, columns: {m: {type: enum(mood), nullable: false}, ms: {type: "enum(mood)[]", nullable: false}}}
downgrade:
  - drop_table: t
  - drop_enum: mood
EOF
    revision_file r2 r1 <<'EOF'
upgrade:
  - create_unique_constraint: {table: t, name: one, columns: [m]}
downgrade:
  - drop_constraint: {table: t, name: one, type: unique}
EOF
    fails 1 verify --data 3
    prints "failed        r2, step r2"
    [[ $err != *"did not get"* ]]
    ok verify --data 2
}

@test "blame: a function without its arguments" {
    project postgresql
    revision_file r1 null <<'EOF'
upgrade:
  - execute: CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
  - execute: CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g(a text) RETURNS int LANGUAGE sql AS 'SELECT 1'
downgrade: []
EOF
    ok blame f
    prints "functions.f() is new"
    fails 1 blame g
    says "'g' names several functions: g(integer), g(text)" "hint: Name its arguments, as in 'cmig blame \"g(integer)\"'."
    ok blame "g(text)"
    fails 1 blame h
}

@test "a failure in a scratch database has no hints for real ones" {
    for database in $DATABASES; do
        project "$database"
        revision_file r1 null <<<$'upgrade:\n  - execute: INSERT INTO nowhere VALUES (1)\ndowngrade: []'
        fails 1 verify
        prints "cannot apply revision r1"
        [[ $out != *"rolled back"* && $out != *"Nothing was changed"* && $out != *"cmig upgrade"* ]] || report "hints"
    done
}

@test "a connection that is lost while revisions are tried" {
    for database in postgresql mysql; do
        project "$database"
        empty_revision r1 null
        if [ "$database" = postgresql ]; then
            revision_file r2 r1 <<<$'upgrade:\n  - execute: SELECT pg_terminate_backend(pg_backend_pid())\ndowngrade: []'
        else
            revision_file r2 r1 <<<$'upgrade:\n  - execute: KILL CONNECTION_ID()\ndowngrade: []'
        fi
        fails 69 verify
        prints_exactly "verified      r1, step r1"
        mkdir migrations/tests
        printf 'cases:\n  - {name: a, at: r2}\n' >migrations/tests/a.yaml
        fails 69 test
    done
}
