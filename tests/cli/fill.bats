#!/usr/bin/env bats
# Values for rows in which a column becomes NOT NULL, and queries that find rows that violate a new constraint.
load helper

# A table with rows, and models that want NOT NULL columns.
filled_project() { # DATABASE [LINE...]
    project "$@"
    users_model 'name: text' 'old: text'
    ok revision --autogenerate -m one --rev-id aaaa0000
    ok upgrade
    sql "INSERT INTO users (id, name, old) VALUES (1, 'a', 'x'), (2, NULL, 'y')"
    before=$(dump)
    users_model 'name: {type: text, nullable: false}' 'role: {type: text, nullable: false}'
}

# SQLite keeps the words, not the layout, of a table that was rebuilt, and quotes the name of a renamed one.
same_schema() {
    same "$(tr -d ' \n"' <<<"$before")" "$(dump | tr -d ' \n"')"
}

revision_of() { # ID
    echo migrations/"$1"_*
}

# As a person at a terminal, who gives this answer.
ask() { # ANSWER WORD...
    status=0
    python3 - "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 <<'END' || status=$?
import os, pty, sys
answer, words = sys.argv[1], os.environ["CMIG_TEST_PROGRAM"].split() + sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(words[0], words)
text, at = b"", 0
while True:
    try:
        more = os.read(fd, 4096)
    except OSError:
        break
    if not more:
        break
    text += more
    while text.count(b"edit the revision): ") > at:
        at += 1
        os.write(fd, (answer.split("|")[min(at, len(answer.split("|"))) - 1] + "\n").encode())
sys.stdout.write(text.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    slurp out <"$BATS_TEST_TMPDIR/out"
    err=$out ran="cmig $*"
}

@test "without a value the revision has a placeholder, with which it does not run" {
    for database in sqlite postgresql; do
        filled_project "$database"
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000
        says "rows of 'users' have no value for 'role'" '--fill users.role=SQL' '--fill users.name=SQL'
        [ "$(grep -c 'backfill: .*FILL_ME_IN' "$(revision_of bbbb0000)")" = 2 ]
        for words in '' --dry-run '--sql aaaa0000:head'; do
            # shellcheck disable=SC2086
            fails 78 upgrade $words
            says "$(revision_of bbbb0000):10:36: 'FILL_ME_IN' is a placeholder" 'Nothing was changed.'
        done
        same_schema
        sed -i "/users, set: {name/s/FILL_ME_IN/old/; s/{role: FILL_ME_IN}/{role: \"coalesce(name, '') || 'z'\"}/" \
            "$(revision_of bbbb0000)"
        ok upgrade
        ok check
        same '1|a|az
2|y|yz' "$(sql 'SELECT id, name, role FROM users ORDER BY id')"
        ok downgrade -1
        same_schema
        ok upgrade
        ok check
    done
}

@test "a placeholder in SQL is refused where it stands" {
    for database in $DATABASES; do
        filled_project "$database" 'format: sql'
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.name=old
        line=$(grep -n FILL_ME_IN "$(revision_of bbbb0000)" | cut -d: -f1)
        fails 78 upgrade
        says "$(revision_of bbbb0000):$line:" "'FILL_ME_IN' is a placeholder"
        same_schema
        sed -i "s/FILL_ME_IN/'r' -- not FILL_ME_IN\n/" "$(revision_of bbbb0000)"
        ok upgrade
        ok check
        same 'y|r' "$(sql 'SELECT name, role FROM users WHERE id = 2')"
        ok downgrade -1
        same_schema
    done
}

@test "a placeholder in an execute is refused, and a string that contains the word is not" {
    project sqlite
    revision_file aaaa null <<'END'
upgrade:
  - create_table: {name: t, columns: {a: text}}
  - execute: INSERT INTO t VALUES ('FILL_ME_IN')
  - execute: UPDATE t SET a = fill_me_in
downgrade: [drop_table: t]
END
    fails 78 upgrade
    says 'migrations/aaaa.yaml:7:5'
    sed -i 's/= fill_me_in/= a/' migrations/aaaa.yaml
    ok upgrade
}

@test "--fill gives the value, also for odd names and schemas, and in the way back" {
    for database in sqlite postgresql; do
        filled_project "$database"
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.name=old \
            --fill "users.role='a=b.c'"
        [[ $err != *FILL* && $err != *--fill* ]]
        ok upgrade
        same 'y|a=b.c' "$(sql 'SELECT name, role FROM users WHERE id = 2')"
        users_model 'name: text'
        model odd.yaml <<'END'
tables:
  '"odd.table"':
    columns: {id: {type: integer, primary_key: true}, a: integer}
END
        ok revision --autogenerate --no-rename -m three --rev-id cccc0000 --fill users.role=name
        [[ $err != *FILL* && $err != *--fill* ]]
        ok upgrade
        sql 'INSERT INTO "odd.table" VALUES (1, NULL)'
        ok downgrade -1
        same 'y|y' "$(sql 'SELECT name, role FROM users WHERE id = 2')"
        ok upgrade
        sql 'INSERT INTO "odd.table" VALUES (1, NULL)'
        sed -i 's/a: integer}/a: {type: integer, nullable: false}, "b=""c": {type: integer, nullable: false}, b: {type: integer, nullable: false}}/; s/"b=""c"/'"'b=\"c'/" models/odd.yaml
        ok revision --autogenerate --no-rename -m four --rev-id dddd0000 --fill odd.table.a=1 \
            --fill 'odd.table.b="c=2' --fill '"odd.table"."b"=3'
        ok upgrade
        ok check
        same '1|1|2|3' "$(sql 'SELECT id, a, "b=""c", b FROM "odd.table"')"
    done
    project postgresql 'schemas: [public, app]'
    model <<'END'
schemas: [app]
tables:
  app.t: {columns: {id: {type: integer, primary_key: true}}}
  u: {columns: {id: {type: integer, primary_key: true}}}
END
    ok revision --autogenerate -m one
    ok upgrade
    sql 'INSERT INTO app.t VALUES (1); INSERT INTO u VALUES (1)'
    sed -i 's/true}}}/true}, n: {type: integer, nullable: false}}}/' models/model.yaml
    fails 64 revision --autogenerate --fill t.n=1 --fill u.n=1 -m two
    says "nothing needs --fill 't.n=1'"
    ok revision --autogenerate --fill app.t.n=1 --fill public.u.n=2 -m two
    ok upgrade
    same '1|2' "$(sql 'SELECT t.n, u.n FROM app.t, u')"
}

@test "with several environments, rows of any of their databases count" {
    mkdir migrations models
    printf 'environments:\n  one: {url: "sqlite:///one.db"}\n  two: {url: "sqlite:///two.db"}\n' >cmig.yaml
    model <<<'tables: {t: {columns: {id: {type: integer, primary_key: true}}}}'
    ok -n '*' revision --autogenerate -m one --rev-id aaaa0000
    ok -n '*' upgrade
    sqlite3 two.db 'INSERT INTO t VALUES (1)'
    model <<<'tables: {t: {columns: {id: {type: integer, primary_key: true}, n: {type: integer, nullable: false}}}}'
    ok -n one revision --autogenerate -m two --rev-id bbbb0000
    [ "$(grep -c 'backfill' "$(revision_of bbbb0000)")" = 0 ]
    rm migrations/bbbb*
    ok -n '*' revision --autogenerate -m two --rev-id bbbb0000
    says "rows of 't' have no value for 'n'"
    [ "$(grep -c 'backfill: .*FILL_ME_IN' "$(revision_of bbbb0000)")" = 1 ]
    rm migrations/bbbb*
    ok -n '*' revision --autogenerate -m two --rev-id bbbb0000 --fill t.n=7
    ok -n '*' upgrade
    same 7 "$(sqlite3 two.db 'SELECT n FROM t')"
    # A database that cannot be read may have rows.
    model <<<'tables: {t: {columns: {id: {type: integer, primary_key: true}, n: integer, m: {type: integer, nullable: false}}}}'
    sqlite3 two.db 'DELETE FROM t'
    sed -i 's/two.db/no\/two.db/' cmig.yaml
    ok -n '*' revision --autogenerate -m three --rev-id cccc0000
    says "warning: cannot tell whether rows of environment 'two' lack a value: cannot open database 'sqlite:///no/two.db'"
    [ "$(grep -c 'backfill: .*FILL_ME_IN' "$(revision_of cccc0000)")" = 1 ]
}

@test "a --fill that no column needs is refused, and nothing is written" {
    for database in $DATABASES; do
        filled_project "$database"
        for column in users.id users.nam role users users.old other.role; do
            fails 64 revision --autogenerate --no-rename --fill "$column=1"
            says "$column=1"
        done
        fails 64 revision --autogenerate --no-rename --fill users.name= --fill users.role=1
        says 'TABLE.COLUMN=SQL'
        fails 64 revision --autogenerate --no-rename --fill users.role=1 --fill users.role=2
        says "twice for 'users.role'"
        fails 64 revision --fill users.role=1
        says '--fill needs --autogenerate'
        [ "$(ls migrations)" = "$(basename "$(revision_of aaaa0000)")" ]
    done
}

@test "on a terminal the value is asked for" {
    for database in $DATABASES; do
        filled_project "$database"
        ask "old| 'writer' " revision --autogenerate --no-rename -m two --rev-id bbbb0000
        [ "$status" = 0 ]
        prints "Column 'users.name' is NOT NULL, and rows have no value for it." "Column 'users.role'"
        # In the order of the operations: the new column first.
        ok upgrade
        same '2|writer|y' "$(sql 'SELECT id, name, role FROM users WHERE id = 2')"
        ok downgrade -1
        sql "UPDATE users SET name = NULL, old = 'y' WHERE id = 2"
        rm migrations/bbbb*
        ask '' revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.role=old
        prints "Column 'users.name'" 'replace FILL_ME_IN'
        [[ $out != *"Column 'users.role'"* ]]
        [ "$(grep -c 'set: .*FILL_ME_IN' "$(revision_of bbbb0000)")" = 1 ]
    done
}

@test "where no row lacks a value the revision has one operation" {
    for database in sqlite postgresql; do
        filled_project "$database"
        sql "UPDATE users SET name = 'n'"
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.role=old
        grep -q 'alter_column: {table: users, name: name, nullable: false}' "$(revision_of bbbb0000)"
        [ "$(grep -c backfill "$(revision_of bbbb0000)")" = 1 ]
        rm migrations/bbbb*
        sql 'DELETE FROM users'
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000
        [[ $err != *FILL* && $err != *--fill* ]]
        grep -q 'add_column: {table: users, name: role, type: text, nullable: false}' "$(revision_of bbbb0000)"
        # On another database there may be rows.
        sql "INSERT INTO users VALUES (1, 'a', 'x')"
        fails 1 upgrade
        says "hint: Add the column as nullable, give the rows a value with 'backfill'"
        same_schema
    done
}

@test "a revision with values runs on the other database" {
    filled_project sqlite
    ok revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.name=old --fill users.role=name
    files=$PWD/migrations
    project postgresql "migrations: $files"
    users_model 'name: {type: text, nullable: false}' 'role: {type: text, nullable: false}'
    ok upgrade aaaa0000
    sql "INSERT INTO users (id, name, old) VALUES (1, 'a', 'x'), (2, NULL, 'y')"
    ok upgrade
    ok check
    same 'y|y' "$(sql 'SELECT name, role FROM users WHERE id = 2')"
    ok downgrade -1
}

@test "the query of a failed operation finds the rows that break it" {
    rows="CREATE TABLE p (id integer PRIMARY KEY);
          CREATE TABLE \"T x\" (id integer PRIMARY KEY, a integer, b text, \"C d\" integer);
          INSERT INTO \"T x\" VALUES (1, 1, 'x', NULL), (2, 1, 'x', 3), (3, NULL, 'y', NULL);"
    while IFS=';' read -r operation answer; do
        for database in sqlite postgresql; do
            project "$database"
            sql "$rows"
            revision_file aaaa null <<<"upgrade: [$operation]"$'\ndowngrade: []'
            fails 1 upgrade
            query=$(sed -n 's/.*hint: Find the rows with: //p' <<<"$err")
            same "$answer" "$(sql "$query")"
        done
    done <<'END'
alter_column: {table: T x, name: a, nullable: false};3||y|
create_unique_constraint: {table: T x, name: u, columns: [a, b]};1|x|2
create_index: {table: T x, name: u, columns: [{sql: lower(b)}], unique: true, where: id > 0};x|2
create_foreign_key: {table: T x, name: f, columns: [C d], references: p(id)};2|1|x|3
create_check_constraint: {table: T x, name: f, sql: id < 3};3||y|
END
    project postgresql
    sql 'CREATE TABLE t (a integer, b integer); INSERT INTO t VALUES (1, NULL), (1, 2)'
    revision_file aaaa null <<<$'upgrade: [create_primary_key: {table: t, columns: [b]}]\ndowngrade: []'
    fails 1 upgrade
    says 'SELECT * FROM t WHERE b IS NULL;'
    revision_file aaaa null <<<$'upgrade: [create_primary_key: {table: t, columns: [a]}]\ndowngrade: []'
    fails 1 upgrade
    says 'SELECT a, count(*) FROM t WHERE a IS NOT NULL GROUP BY a HAVING count(*) > 1;'
    sql "CREATE TABLE x (id integer, r int4range); INSERT INTO x VALUES (1, '[1,5)'), (2, '[4,9)'), (3, '[20,21)')"
    revision_file aaaa null <<<$'upgrade: [create_exclude_constraint: {table: x, name: e, columns: [{column: r, op: "&&"}]}]\ndowngrade: []'
    fails 1 upgrade
    same '1|[1,5)|2|[4,9)' "$(sql "$(sed -n 's/.*hint: Find the rows with: //p' <<<"$err")")"
}

@test "SQLite names the operation that rows break, among several of one table" {
    project sqlite
    sql "CREATE TABLE t (id integer PRIMARY KEY, a text); INSERT INTO t VALUES (1, NULL), (2, 'x'), (3, 'x')"
    revision_file aaaa null <<'END'
upgrade:
  - add_column: {table: t, name: b, type: text}
  - alter_column: {table: t, name: a, nullable: false}
downgrade: []
END
    fails 1 upgrade
    says 'migrations/aaaa.yaml:6:5: operation 2 of 2, alter_column t.a' 'WHERE a IS NULL;'
}

@test "a value that is NULL for some row stops the revision, which continues or is reverted" {
    for database in sqlite postgresql; do
        filled_project "$database"
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.role=name --fill "users.name='n'"
        sql "UPDATE users SET name = 'm' WHERE id = 2"
        sed -i 's/role: name/role: "nullif(name, '"'m'"')"/' "$(revision_of bbbb0000)"
        fails 1 upgrade
        says 'SELECT * FROM users WHERE role IS NULL;' "Run 'cmig upgrade bbbb0000' to continue it"
        same 2 "$(sql 'SELECT id FROM users WHERE role IS NULL')"
        sql "UPDATE users SET role = 'r' WHERE role IS NULL"
        ok upgrade
        ok check
        ok downgrade -1
        same_schema
    done
    for database in sqlite postgresql; do
        filled_project "$database"
        users_model 'name: text' 'role: {type: text, nullable: false}'
        ok revision --autogenerate --no-rename -m two --rev-id bbbb0000 --fill users.role=name
        fails 1 upgrade
        ok downgrade -1
        same_schema
    done
}
