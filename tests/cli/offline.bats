#!/usr/bin/env bats
# Scripts for administrators who run SQL themselves: they do the same as a run.

load helper

# Runs the script that was printed last as people do.
feed() {
    if [ "$DATABASE" = sqlite ]; then
        sqlite3 -bail "$FILE" <<<"$out"
    elif [ "$DATABASE" = mysql ]; then
        mysql "$URL" <<<"$out"
    else
        psql -X -q -v ON_ERROR_STOP=1 -v id=0 -v v=0 -d "$URL" -f - <<<"$out"
    fi
}

# cmig's own tables, without times.
own_rows() {
    sql "SELECT revision FROM cmig_version ORDER BY 1"
    sql "SELECT revision, parents, direction, $(quoted blob), path, text, outcome, message, tag FROM cmig_history ORDER BY id"
}

@test "offline a rebuild knows what user SQL created" {
    project sqlite
    cat >migrations/aaaa.sql <<'END'
-- revision: aaaa
-- down_revision: null
-- message: by hand
-- upgrade
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); -- with a trigger
CREATE INDEX t_b ON t (b) WHERE b > ';';
CREATE TRIGGER t_ai AFTER INSERT ON t BEGIN
    UPDATE t SET b = 'seen' WHERE id = new.id;
END;
-- downgrade
DROP TABLE t;
END
    revision_file bbbb aaaa <<'END'
upgrade:
  - alter_column: {table: t, name: a, type: string(10), nullable: false, default: x}
downgrade:
  - alter_column: {table: t, name: a, type: text, nullable: true, default: null}
END
    ok upgrade head
    online=$(dump | tr -d \")
    database sqlite
    ok upgrade --sql
    feed
    same "$(dump | tr -d \")" "$online"
    ok downgrade --sql bbbb:aaaa
    feed
    ok upgrade --sql aaaa:bbbb
    feed
    same "$(dump | tr -d \")" "$online"
    same "$(sql "INSERT INTO t (a) VALUES ('a'); SELECT b FROM t")" seen
}

@test "offline a rebuild leaves rows, views and references as a run does" {
    project sqlite
    cat >migrations/aaaa.sql <<'END'
-- revision: aaaa
-- down_revision: null
-- message: by hand
-- upgrade
CREATE TABLE "Or der" (id INTEGER PRIMARY KEY AUTOINCREMENT, up INTEGER REFERENCES "Or der", a TEXT CHECK (a <> ''));
CREATE TABLE full (id INTEGER PRIMARY KEY, a TEXT, "Or der" INTEGER REFERENCES "Or der" (id));
CREATE VIEW v AS SELECT o.a, f.a AS b FROM "Or der" o, full f;
CREATE TRIGGER tr INSTEAD OF INSERT ON v BEGIN INSERT INTO full (a) VALUES (new.a); END;
INSERT INTO full VALUES (7, 'x', NULL);
-- downgrade
DROP VIEW v;
DROP TABLE full;
DROP TABLE "Or der";
END
    revision_file bbbb aaaa <<'END'
upgrade:
  - alter_column: {table: Or der, name: a, type: string(9), nullable: false}
  - alter_column: {table: full, name: a, type: string(9), nullable: false, default: y}
  - create_index: {table: Or der, name: i, columns: [a]}
downgrade:
  - drop_index: {table: Or der, name: i}
  - alter_column: {table: full, name: a, type: text, nullable: true, default: null}
  - alter_column: {table: Or der, name: a, type: text, nullable: true}
END
    revision_file cccc bbbb <<'END'
upgrade:
  - rename_column: {table: Or der, name: up, new_name: above}
  - create_unique_constraint: {table: full, name: u, columns: [a]}
downgrade:
  - drop_constraint: {table: full, name: u}
  - rename_column: {table: Or der, name: above, new_name: up}
END
    ok upgrade head
    online=$(dump | tr -d \")
    database sqlite
    ok upgrade --sql
    feed
    same "$(dump | tr -d \")" "$online"
    ok downgrade --sql head:aaaa
    feed
    ok upgrade --sql aaaa:head
    feed
    same "$(dump | tr -d \")" "$online"
    ok lint
    ok verify
}

@test "user SQL that needs the database is in the script, and acts on nothing else before" {
    project sqlite
    revision_file aaaa null <<'END'
upgrade:
  - execute: |
      SELECT no_such_function();
      CREATE TABLE kept (id INTEGER);
  - execute: "ATTACH 'other.db' AS other"
downgrade: []
END
    revision_file bbbb aaaa <<'END'
upgrade:
  - alter_column: {table: kept, name: id, type: bigint}
downgrade: []
END
    ok upgrade --sql
    says "migrations/aaaa.yaml" "no such function: no_such_function" "not authorized"
    prints "CREATE TABLE _cmig_new_kept" "SELECT no_such_function();"
    [ ! -e other.db ]
}

@test "a script has the same transactions as the run" {
    for database in sqlite postgresql; do # MariaDB commits each statement
        project "$database" "transaction: run"
        empty_revision aaaa null
        empty_revision bbbb aaaa
        empty_revision cccc bbbb "transaction: false"
        empty_revision dddd cccc
        ok upgrade --sql
        same "$(sed 's/main\.cmig/cmig/' <<<"$out" | grep -Eo '^( {4})?(BEGIN|COMMIT|INSERT INTO cmig_version|UPDATE cmig_version|-- .* -> ....)' | sed 's/^ *//' | tr '\n' ' ')" \
            "-- base -> aaaa BEGIN INSERT INTO cmig_version -- aaaa -> bbbb UPDATE cmig_version COMMIT -- bbbb -> cccc BEGIN UPDATE cmig_version COMMIT -- cccc -> dddd BEGIN UPDATE cmig_version COMMIT "
        feed
        ok current
        prints dddd
    done
}

# ---- ranges ------------------------------------------------------------------------------------------------------

# Two branches that meet, the second of which needs something of the first.
two_branches() {
    empty_revision aaaa null "branch_labels: [one]"
    empty_revision bbbb aaaa
    empty_revision cccc bbbb
    empty_revision x111 null "branch_labels: [two]"
    empty_revision x222 x111 "depends_on: [bbbb]"
    empty_revision mmmm "[cccc, x222]"
}

# The statements on version rows in the script that was printed last, in short.
moves() {
    sed -nE "s/^ *INSERT INTO (main\.)?cmig_version \(revision\) VALUES \('(.*)'\);/+\2/p
        s/^ *DELETE FROM (main\.)?cmig_version WHERE revision = '(.*)';/-\2/p
        s/^ *UPDATE (main\.)?cmig_version SET revision = '(.*)' WHERE revision = '(.*)';/\3>\2/p
        s/^ *DELETE FROM (main\.)?cmig_version;/all/p" <<<"$out" | xargs
}

@test "a range in every form" {
    project sqlite
    two_branches
    while IFS='|' read -r words expected; do
        eval "ok $words --sql --dialect postgresql"
        same "$words: $(moves)" "$words: $expected"
    done <<'END'
upgrade|+aaaa aaaa>bbbb +x111 -x111 bbbb>x222 +cccc -cccc x222>mmmm
upgrade :bbbb|+aaaa aaaa>bbbb
upgrade base:aaaa|+aaaa
upgrade aaaa:cccc|aaaa>bbbb bbbb>cccc
upgrade aaaa:+1|aaaa>bbbb
upgrade cccc:|+x111 x111>x222 -cccc x222>mmmm
upgrade 'x111 bbbb:mmmm'|-x111 bbbb>x222 +cccc -cccc x222>mmmm
upgrade one@bbbb:one@bbbb+1|bbbb>cccc
upgrade mmmm:heads|
downgrade heads:base|+cccc mmmm>x222 -cccc +x111 x222>bbbb -x111 bbbb>aaaa -aaaa
downgrade mmmm:x222|+cccc mmmm>x222
downgrade bbbb:|bbbb>aaaa -aaaa
downgrade cccc:-1|cccc>bbbb
downgrade 'cccc x222:bbbb'|-cccc
stamp cccc|+cccc
stamp aaaa x111|+aaaa +x111
stamp aaaa:cccc|aaaa>cccc
stamp cccc:aaaa|cccc>aaaa
stamp aaaa:base|-aaaa
stamp aaaa:+1|aaaa>bbbb
stamp --purge base|all
stamp --purge cccc x222|all +cccc +x222
END
}

@test "an impossible range is rejected" {
    project sqlite
    two_branches
    while IFS='|' read -r words expected; do
        eval "fails 64 $words --sql"
        says "$expected"
    done <<'END'
upgrade bbbb:aaaa|'aaaa' is not above 'bbbb': it is already applied there
downgrade head|a downgrade script needs FROM:TO
upgrade current:head|--sql connects to no database, so 'current:head' is unknown
stamp current+1|--sql connects to no database
stamp x111 aaaa:cccc|only the first of several revisions may be a range, not 'aaaa:cccc'
stamp --purge aaaa:cccc|--purge cannot be combined with a range
upgrade head --dialect oracle|unknown dialect 'oracle'
ensure-version --sql --dialect db2|Expected one of sqlite, postgresql, mysql.
upgrade head --dry-run|--sql cannot be combined with --dry-run
END
    fails 1 upgrade --sql nope:head
    says "unknown revision 'nope'"
    fails 1 downgrade --sql aaaa:bbbb
    says "it is not below an applied revision"
    fails 64 upgrade --dialect sqlite
    says "needs --sql"
}

@test "a script notices that the database is at another revision" {
    for database in $DATABASES; do
        project "$database"
        two_branches
        ok upgrade --sql base:aaaa
        feed
        ok upgrade --sql bbbb:cccc
        before=$(sql "SELECT count(*) FROM cmig_history")
        ! feed 2>err || false
        grep -q "revision bbbb is not applied, or others descend from it" err
        ok current
        prints aaaa
        same "$(sql "SELECT count(*) FROM cmig_history")" "$before"
    done
}

# ---- scripts that skip what is applied ---------------------------------------------------------------------------

# The branches with something in each revision, a trigger and texts that are hard to quote among it.
branches_with_tables() {
    revision_file aaaa null "branch_labels: [one]" <<'END'
upgrade:
  - create_table: {name: a, columns: {id: {type: integer, primary_key: true}, v: text}}
  - bulk_insert: {table: a, rows: [{id: 1, v: "it's\n.quit\n\\q 'x'; -- :x"}]}
downgrade:
  - drop_table: a
END
    revision_file bbbb aaaa <<'END'
upgrade:
  - execute:
      sqlite: |
        CREATE TRIGGER a_ai AFTER INSERT ON a BEGIN
          UPDATE a SET v = 'seen; ''' WHERE id = new.id;
        END
      postgresql: |
        CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.v = 'seen; '''; RETURN new; END $$;
        CREATE TRIGGER a_ai BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION seen()
downgrade:
  - execute: {sqlite: DROP TRIGGER a_ai, postgresql: DROP TRIGGER a_ai ON a; DROP FUNCTION seen}
END
    revision_file cccc bbbb <<'END'
upgrade:
  - alter_column: {table: a, name: v, type: string(40), nullable: false, default: "'"}
downgrade:
  - alter_column: {table: a, name: v, type: text, nullable: true, default: null}
END
    revision_file x111 null "branch_labels: [two]" <<'END'
upgrade:
  - create_table: {name: x, columns: {id: {type: integer, primary_key: true}}}
downgrade:
  - drop_table: x
END
    revision_file x222 x111 "depends_on: [bbbb]" "transaction: false" <<'END'
upgrade:
  - add_column: {table: x, name: a_id, type: integer, references: a.id}
downgrade:
  - drop_column: {table: x, name: a_id}
END
    revision_file mmmm "[cccc, x222]" <<'END'
upgrade:
  - execute: INSERT INTO a (id) VALUES (2)
downgrade:
  - execute: DELETE FROM a WHERE id = 2
END
}

# What the database contains. A table that SQLite rebuilt differs in quotes and layout from one that was edited in place.
contents() {
    dump | tr -d '"[:space:]'
    sql "SELECT revision FROM cmig_version ORDER BY 1"
    sql "SELECT id, v FROM a ORDER BY id" || true
}

@test "an idempotent script applies what is pending, at any current revision" {
    for database in sqlite postgresql; do # see mysql_scripts.bats
        project "$database"
        branches_with_tables
        ok upgrade --sql --idempotent
        up=$out
        ok downgrade --sql --idempotent head:base
        down=$out
        ok upgrade head
        wanted=$(contents)
        for start in base aaaa bbbb cccc x111 x222 "aaaa x111" "cccc x111" "cccc x222" mmmm; do
            database "$database"
            for at in $start; do
                ok --url "$URL" upgrade "$at"
            done
            out=$up
            feed
            same "$start: $(contents)" "$start: $wanted"
            same "$(sql "SELECT count(*) FROM cmig_history")" 6
            out=$down
            feed
            ok --url "$URL" current
            prints_exactly ""
        done
        ok --url "$URL" upgrade x222
        out=$down
        feed
        ok --url "$URL" current
        prints_exactly ""
        same "$(sql "SELECT count(*) FROM cmig_history")" 20
    done
}

@test "an idempotent script ends at an error" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<'END'
upgrade:
  - execute: CREATE TABLE t (id integer)
  - execute: INSERT INTO t VALUES (no_such_column)
downgrade: []
END
        revision_file bbbb aaaa <<'END'
upgrade:
  - execute: CREATE TABLE u (id integer)
downgrade: []
END
        ok upgrade --sql --idempotent
        if [ "$database" = sqlite ]; then
            ! sqlite3 "$FILE" <<<"$out" || false
        else
            ! psql -X -q -d "$URL" -f - <<<"$out" || false
        fi
        ok current
        prints_exactly ""
        same "$(dump | grep -c 'CREATE TABLE')" 0
    done
}

@test "an idempotent script for SQLite runs nothing of a step that it cannot write to a file" {
    project sqlite
    revision_file aaaa null <<'END'
upgrade:
  - execute: CREATE TABLE t (id integer)
downgrade: []
END
    ok upgrade --sql --idempotent
    script=$out
    ! TMPDIR=$PWD/nowhere sqlite3 "$FILE" <<<"$out" 2>err || false
    # The message of the script, with a shortened path; or only that of sh, if it ended before the script wrote to it.
    grep -qE "cannot (write|create)" err
    ok current
    prints_exactly ""
    mkdir tmp
    TMPDIR=$PWD/tmp sqlite3 "$FILE" <<<"$script"
    ok current
    prints aaaa
    rmdir tmp
}

@test "idempotent scripts that run at once do everything once" {
    for database in $DATABASES; do
        project "$database"
        branches_with_tables
        # SQLite has no lock but the transaction
        [ "$database" = postgresql ] || sed -i '/^transaction: false/d' migrations/x222.yaml
        ok upgrade --sql --idempotent
        for i in 1 2 3 4; do
            feed >"out$i" 2>&1 &
            pids[i]=$!
        done
        for i in 1 2 3 4; do
            wait "${pids[i]}" || { cat "out$i"; false; }
        done
        same "$(sql "SELECT count(*) FROM cmig_history")" 6
        ok current
        prints mmmm
    done
}

# ---- commands of the programs ------------------------------------------------------------------------------------

@test "texts pass through psql and sqlite3 unchanged" {
    for database in sqlite postgresql; do # see mysql_scripts.bats
        project "$database"
        printf '{"id": 10, "v": "a\\r\\nb\\\\.\\n.quit\\n/\\ngo\\n\\\\q :v '"''"' ; \\u00e9 \\ud83d\\ude00 $$"}\n' >migrations/rows.json
        printf 'id,v\r\n11,"a\r\nb ''; :v \\N"\r\n12,\r\n' >migrations/rows.csv
        revision_file aaaa null "branch_labels: [l]" <<'END'
upgrade:
  - create_table:
      name: "o'dd :v \\d"
      columns: {id: {type: integer, primary_key: true}, v: {type: text, default: "d'\n.quit\n-- ;\r\n/\n"}}
      checks: {"c'k": "id > 0"}
  - bulk_insert:
      table: "o'dd :v \\d"
      rows: [{id: 1, v: "\\. \r\n.quit\n;\r\ngo\n/\n\\! false\n:v :'v' :\"v\""}]
  - bulk_insert: {table: "o'dd :v \\d", file: rows.json}
  - bulk_insert: {table: "o'dd :v \\d", file: rows.csv}
  - execute: "INSERT INTO \"o'dd :v \\d\" (id) VALUES (2); /* .quit\n.quit */ -- done;"
  - execute: "-- only a comment"
  - execute: "INSERT INTO \"o'dd :v \\d\" VALUES (3, '\r\n.quit;\r\n\\q')\n-- the end;"
  - execute:
      sqlite: "UPDATE \"o'dd :v \\d\" SET v = 8\n/\n2 WHERE id = 3\n;\n"
      postgresql: "UPDATE \"o'dd :v \\d\" SET v = (ARRAY['a', 'b', 'c'])[id:id]::text || $x$ :'v' \\ ; $x$ || E'\\'; :v' WHERE id = 3;"
downgrade:
  - drop_table: "o'dd :v \\d"
END
        ok upgrade head --tag "it's"
        wanted=$(dump; sql 'SELECT id, v FROM "o'"'"'dd :v \d" ORDER BY id'; sql "SELECT text, message, tag FROM cmig_history")
        [[ $wanted == *"it's"* ]]
        for flag in "" --idempotent; do
            database "$database"
            # shellcheck disable=SC2086
            ok upgrade --sql --tag "it's" $flag
            feed
            same "$(dump; sql 'SELECT id, v FROM "o'"'"'dd :v \d" ORDER BY id'; sql "SELECT text, message, tag FROM cmig_history")" "$wanted"
        done
        ok downgrade --sql l@head:base
        feed
        same "$(sql "SELECT count(*) FROM cmig_version")" 0
    done
}

@test "a revision as SQL is right for other databases than the one it was compared with" {
    project sqlite
    users_model "name: text"
    ok revision --autogenerate -m first --rev-id aaaa
    ok upgrade head
    users_model "name: {type: text, nullable: false}"
    ok diff --sql
    prints "CREATE TABLE _cmig_new_users"
    ok revision --autogenerate --sql -m second --rev-id bbbb
    ! grep -E 'writable_schema|schema_version' migrations/bbbb_second.sql || false
    database sqlite
    ok --url "$URL" upgrade aaaa
    sql "INSERT INTO users (id) VALUES (1)"
    fails 1 --url "$URL" upgrade head
    says "NOT NULL constraint failed"
    sql "UPDATE users SET name = 'x'"
    ok --url "$URL" upgrade head
    ok --url "$URL" check
}
