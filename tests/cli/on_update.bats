#!/usr/bin/env bats
# Columns that an UPDATE sets, unless the statement sets them itself.
load helper

posts_model() {
    model <<'Y'
tables:
  posts:
    columns:
      id: {type: integer, primary_key: true}
      title: {type: text, unique: true}
      updated_at: {type: timestamptz, default: {func: now}, on_update: {func: now}}
      version: {type: integer, default: 1, on_update: {sql: NEW.version + 1}}
Y
}

# A row of posts: whether its time is later than 2001, and its version.
row() {
    sql "SELECT CAST(updated_at AS text) > '2002', version FROM posts WHERE id = ${1:-1}" | tr tf 10
}

@test "an UPDATE sets the columns, unless it gives them a value" {
    for database in sqlite postgresql; do
        project "$database"
        posts_model
        ok revision --autogenerate -m posts
        ok upgrade
        ok check --strict
        sql "INSERT INTO posts (id, title, updated_at) VALUES (1, 'a', '2001-01-01'), (2, 'b', '2001-01-01')"
        same "0|1" "$(row)"
        sql "UPDATE posts SET title = 'c' WHERE id = 1"
        same "1|2 0|1" "$(row) $(row 2)"
        sql "UPDATE posts SET title = 'd', updated_at = '2001-02-02' WHERE id = 1"
        same "0|3" "$(row)"
        sql "UPDATE posts SET title = 'e', version = 10 WHERE id = 1"
        same "1|10" "$(row)"
        sql "UPDATE posts SET title = 'f', version = 20, updated_at = '2001-02-02' WHERE id = 1"
        same "0|20" "$(row)"
        sql "INSERT INTO posts (id, title) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET title = excluded.title"
        same "1|21" "$(row)"
        sql "UPDATE posts SET id = id + 10"
        same "1|22 1|2" "$(row 11) $(row 12)"
    done
}

@test "on SQLite triggers may be recursive, and other triggers may update the row" {
    project sqlite
    posts_model
    ok revision --autogenerate -m posts
    ok upgrade
    sql "INSERT INTO posts (id, title, updated_at) VALUES (1, 'a', '2001-01-01')"
    sql "PRAGMA recursive_triggers = ON; UPDATE posts SET title = 'b'; UPDATE posts SET title = 'c'"
    same "1|3" "$(row)"
    sql "PRAGMA recursive_triggers = ON; UPDATE posts SET title = 'd', updated_at = '2001-01-01'"
    same "0|4" "$(row)"
    sql "CREATE TRIGGER upper AFTER UPDATE OF title ON posts WHEN NEW.title <> upper(NEW.title) BEGIN
        UPDATE posts SET title = upper(NEW.title) WHERE id = NEW.id; END; UPDATE posts SET title = 'e'"
    same "E" "$(sql 'SELECT title FROM posts')"
    same "1" "$(row | cut -d'|' -f1)"
}

@test "on SQLite other triggers see a change before the time of it" {
    project sqlite
    model <<'Y'
tables:
  posts:
    columns:
      id: {type: integer, primary_key: true}
      title: text
    triggers:
      changed: |
        CREATE TRIGGER changed AFTER UPDATE ON posts BEGIN
          INSERT INTO words (words, rowid, title) VALUES ('delete', OLD.id, OLD.title);
          INSERT INTO words (rowid, title) VALUES (NEW.id, NEW.title);
        END
      created: |
        CREATE TRIGGER created AFTER INSERT ON posts BEGIN
          INSERT INTO words (rowid, title) VALUES (NEW.id, NEW.title);
        END
virtual_tables:
  words: CREATE VIRTUAL TABLE words USING fts5(title, content='posts', content_rowid='id')
Y
    ok revision --autogenerate -m posts
    ok upgrade
    sql "INSERT INTO posts (title) VALUES ('apple'), ('pear')"
    sed -i "s/title: text/&\n      at: {type: timestamptz, on_update: {func: now}}/" models/model.yaml
    ok revision --autogenerate -m at
    ok upgrade
    ok check --strict
    sed -i "s/title: text/title: {type: string(80), nullable: false}/" models/model.yaml
    ok revision --autogenerate -m rebuild
    ok upgrade
    ok check --strict
    sql "UPDATE posts SET title = 'plum' WHERE id = 1; INSERT INTO words (words) VALUES ('integrity-check')"
    same "1" "$(sql "SELECT id FROM posts WHERE at > '2002'")"
    same "1|0" "$(sql "SELECT (SELECT count(*) FROM words('plum')), (SELECT count(*) FROM words('apple'))")"
}

@test "it survives renames, rebuilds and other changes, and ends when the models say so" {
    for database in sqlite postgresql; do
        project "$database"
        posts_model
        ok revision --autogenerate -m posts
        ok upgrade
        sql "INSERT INTO posts (id, title, updated_at) VALUES (1, 'a', '2001-01-01')"
        model <<'Y'
tables:
  articles:
    renamed_from: posts
    columns:
      id: {type: integer, primary_key: true}
      title: {type: string(200), nullable: false, check: title <> ''}
      changed: {type: timestamp, default: {func: now}, on_update: {func: now}, renamed_from: updated_at}
      revision: {type: bigint, default: 1, on_update: {sql: NEW.revision + 1}, renamed_from: version}
      extra: text
Y
        ok revision --autogenerate -m changes
        ok upgrade
        ok check --strict
        sql "UPDATE articles SET title = 'b'"
        same "2" "$(sql "SELECT revision FROM articles WHERE CAST(changed AS text) > '2002'")"
        sql "UPDATE articles SET extra = 'x'"
        same "3" "$(sql "SELECT revision FROM articles")"
        ok downgrade -1
        sql "UPDATE posts SET title = 'c', updated_at = '2001-01-01'"
        same "0|4" "$(row)"
        sql "UPDATE posts SET title = 'd'"
        same "1|5" "$(row)"
        ok upgrade
        sed -i 's/, on_update: {[^}]*}//' models/model.yaml
        ok revision --autogenerate -m ends
        grep -q 'name: changed, on_update: null' migrations/*ends.yaml
        ok upgrade
        ok check --strict
        sql "UPDATE articles SET title = 'e'"
        same "5" "$(sql "SELECT revision FROM articles")"
        ok downgrade base
        same "" "$(dump | grep -i 'on update' || true)"
    done
}

@test "inspect prints on_update as a key of the column" {
    for database in sqlite postgresql; do
        project "$database" 'exclude: ["trigger:*", "function:*"]'
        posts_model
        ok revision --autogenerate -m posts
        ok upgrade
        ok check --strict
        says "models and database agree"
        ok inspect
        says_exactly ""
        prints "on_update: {func: now}" "on_update: {sql: NEW.version + 1}"
        [[ $out != *" on update"* ]] || report "names the trigger"
        before=$(dump)
        project "$database"
        model <<<"$out"
        ok revision --autogenerate -m again
        ok upgrade
        same "$before" "$(dump)"
        ok upgrade --sql base:head
        # The same tables as a model in SQL.
        sed -n '/^CREATE TABLE posts/,/^CREATE TABLE.* \(main\.\)\?cmig_version/p' <<<"$out" | sed '$d' >schema.sql
        rm models/*
        mv schema.sql models/
        grep -q 'CREATE TRIGGER "posts.version on update"' models/schema.sql
        sed -i 's/^models:.*//; s/^url/models: [models\/schema.sql]\nurl/' cmig.yaml
        ok check --strict
    done
}

@test "its function has whatever grants functions get, and no message names them" {
    project postgresql
    sql "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM public"
    posts_model
    ok revision --autogenerate -m posts
    ok upgrade
    sql "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO public"
    for manage in '' 'manage: [grants, owners]'; do
        echo "$manage" >>cmig.yaml
        ok check --strict
        says "models and database agree"
        ok inspect
        says_exactly ""
        sql "INSERT INTO posts (title, updated_at) VALUES ('a$manage', '2001-01-01'); UPDATE posts SET title = title || 'b'"
    done
    same "1|3" "$(row)"
}

@test "a trigger that was changed by hand differs, and is replaced" {
    for database in sqlite postgresql; do
        project "$database"
        posts_model
        ok revision --autogenerate -m posts
        ok upgrade
        before=$(dump)
        if [ "$database" = sqlite ]; then
            sql 'ALTER TABLE posts ADD COLUMN extra text'
            sed -i 's/^      version:/      extra: text\n&/' models/model.yaml
        else
            sql 'ALTER TABLE posts DISABLE TRIGGER "posts.version on update"'
        fi
        fails 2 check
        prints "on_update none in the database, NEW.version + 1 in the models"
        ok revision --autogenerate -m again
        ok upgrade
        ok check
        [ "$database" = sqlite ] || same "$before" "$(dump)"
        # Where all triggers are listed, too.
        sed -i '1s/^/complete: true\n/' models/model.yaml
        if [ "$database" = sqlite ]; then
            sql 'DROP TRIGGER "posts.version on update";
                CREATE TRIGGER "posts.version on update" AFTER UPDATE ON posts BEGIN SELECT 1; END'
        else
            sql 'CREATE OR REPLACE FUNCTION "posts.version on update"() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$'
        fi
        fails 2 check
        ok revision --autogenerate -m third
        ok upgrade
        ok check --strict
        ok downgrade -1
        ok upgrade
        ok check --strict
    done
}

@test "it is refused where it cannot be, at its line" {
    for database in $DATABASES; do
        project "$database"
        users_model "at: {type: timestamptz, on_update: now()}"
        fails 78 check
        says "models/model.yaml:5:" "on_update 'now()' of column 'at' is a string, not an expression" "Write {func: now}"
        users_model "at: {type: timestamptz, on_update: {func: nwo}}"
        fails 78 check
        says "models/model.yaml:5:" "unknown function 'nwo'"
        users_model "at: {type: integer, on_update: soon}"
        fails 78 check
        says "on_update 'soon' of column 'at' is not a value of type integer"
        users_model "at: {type: integer, generated: id + 1, on_update: 1}"
        fails 78 check
        says "models/model.yaml:5:" "column 'at' is generated and has on_update"
        users_model "at: {type: integer, identity: always, on_update: 1}"
        fails 78 check
        says "models/model.yaml:5:" "column 'at' has an identity and on_update"
        users_model "n: integer"
        revision_file aaaaaaaaaaaa null <<'Y'
upgrade:
  - create_table: {name: users, columns: {id: integer, at: {type: timestamptz, on_update: now()}}}
Y
        fails 78 upgrade
        says "on_update 'now()' of column 'at' is a string, not an expression"
    done
    project postgresql
    while IFS= read -r column; do
        users_model "$column"
        fails 78 revision --autogenerate -m users
        says "models/model.yaml:5:" "the database does not accept 'on_update' of column 'at'" "${column##*# }"
    done <<'Y'
at: {type: integer, on_update: {sql: nwo()}} # function nwo() does not exist
at: {type: integer, on_update: {sql: NEW.xid + 1}} # column new.xid does not exist
at: {type: integer, on_update: {sql: NEW.id + }} # syntax error
at: {type: integer, on_update: {func: now}} # cannot cast type timestamp with time zone to integer
at: {type: interval, on_update: 1 zork} # invalid input syntax for type interval: "1 zork"
Y
    same "" "$(ls migrations)"
    users_model "n: integer" "at: {type: integer, on_update: {sql: NEW.n}}"
    ok revision --autogenerate -m users
    ok upgrade
    users_model "at: {type: integer, on_update: {sql: NEW.n}}"
    fails 78 revision --autogenerate -m again
    says "models/model.yaml:5:" "column new.n does not exist"
    rm migrations/*
    project postgresql
    model <<'Y'
functions:
  '"t.at on update"()': CREATE FUNCTION "t.at on update"() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$
tables:
  t: {columns: {id: integer, at: {type: timestamptz, on_update: {func: now}}}}
Y
    fails 78 check
    says "models/model.yaml:2:" "function 't.at on update' has the name of the function that sets column 'at' on UPDATE"
    project sqlite
    users_model "at: {type: integer, on_update: {sql: NEW.xid + 1}}"
    fails 78 revision --autogenerate -m users
    says "models/model.yaml:5:7: SQLite does not accept on_update of column 'at'" "no such column: NEW.xid"
    users_model "at: {type: integer, on_update: {sql: NEW.id + }}"
    fails 78 revision --autogenerate -m users
    says "models/model.yaml:5:7: SQLite does not accept on_update of column 'at'" 'near "WHERE": syntax error'
    users_model "at: {type: integer, on_update: {sql: (SELECT count(*) FROM other)}}"
    ok revision --autogenerate -m users
    rm migrations/*
    model <<<'tables: {t: {columns: {at: {type: timestamp, on_update: {func: now}}}}}'
    fails 78 check
    says "models/model.yaml:1:" "column 'at' of table 't' cannot have on_update: the table has no other column"
    model <<<'tables: {t: {columns: {rowid: text, _rowid_: text, oid: text, at: {type: timestamp, on_update: {func: now}}}}}'
    fails 78 check
    says "SQLite has no name for a row, since columns are called rowid, _rowid_ and oid"
}

@test "operations written by hand" {
    for database in sqlite postgresql; do
        project "$database"
        revision_file aaaaaaaaaaaa null <<'Y'
upgrade:
  - create_table: {name: t, columns: {id: integer, at: {type: timestamptz, on_update: {func: now}}}}
  - create_table: {name: t, columns: {id: integer, at: {type: timestamptz, on_update: {func: now}}}, if_not_exists: true}
  - add_column: {table: t, name: n, type: integer, on_update: 1}
  - rename_column: {table: t, name: n, new_name: m}
  - alter_column: {table: t, name: m, new_name: o, on_update: 2}
  - alter_column: {table: t, name: at, on_update: null}
  - create_table: {name: u, columns: {id: integer, at: {type: timestamptz, on_update: {func: now}}}}
  - rename_table: {name: u, new_name: v}
  - create_table: {name: u, columns: {id: integer, at: {type: timestamptz, on_update: {func: today}}}}
  - drop_table: v
  - bulk_insert: {table: t, rows: [{id: 1}]}
  - execute: UPDATE t SET id = 5
downgrade:
  - drop_table: t
  - drop_table: u
Y
        ok upgrade
        same "5|2" "$(sql 'SELECT id, o FROM t')"
        model <<'Y'
complete: true
tables:
  t: {columns: {id: integer, at: timestamptz, o: {type: integer, on_update: 2}}}
  u: {columns: {id: integer, at: {type: timestamptz, on_update: {func: today}}}}
Y
        ok check --strict
        before=$(dump)
        ok upgrade --sql base:head
        script=$out
        ok downgrade base
        ok downgrade --sql head:base
        same "" "$(dump | grep -i 'on update' || true)"
        project "$database"
        if [ "$database" = sqlite ]; then
            sqlite3 -bail "$FILE" <<<"$script"
        else
            psql -X -q -v ON_ERROR_STOP=1 -d "$URL" <<<"$script"
        fi
        same "$before" "$(dump)"
    done
}

@test "an expression may call a function of the models, and read a table" {
    project postgresql "schemas: [public, app]"
    model <<'Y'
schemas: [app]
functions:
  app.next(integer): CREATE FUNCTION app.next(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + 1'
tables:
  app.t: {columns: {id: integer, n: {type: integer, default: 1, on_update: {sql: "app.next(NEW.n) + (SELECT count(*) FROM app.u)"}}}}
  app.u: {columns: {id: integer}}
Y
    ok revision --autogenerate -m all
    ok upgrade
    ok check --strict
    sql "INSERT INTO app.t (id) VALUES (1); UPDATE app.t SET id = 2"
    same "2|2" "$(sql 'SELECT * FROM app.t')"
    ok inspect
    prints "on_update: {sql: app.next(NEW.n) + (SELECT count(*) FROM app.u)}"
}

@test "partitions have that of their parent" {
    is_postgresql 13 || return 0
    project postgresql
    model <<'Y'
tables:
  log:
    columns: {id: integer, at: {type: timestamptz, on_update: {func: now}}}
    partition_by: {list: [id]}
    partitions: {log_1: {in: [1]}, log_2: {in: [2]}}
Y
    ok revision --autogenerate -m log
    ok upgrade
    ok check --strict
    sql "INSERT INTO log VALUES (1, '2001-01-01'), (1, '2001-01-01'); UPDATE log_1 SET id = 1; UPDATE log SET id = 2"
    same "2" "$(sql "SELECT count(*) FROM log_2 WHERE at > '2002-01-01'")"
    # What somebody gave a partition by hand is named.
    sql "CREATE FUNCTION \"log_1.at on update\"() RETURNS trigger LANGUAGE plpgsql AS \$\$
BEGIN
    IF NEW.\"at\"::text IS NOT DISTINCT FROM OLD.\"at\"::text THEN
        NEW.\"at\" := now();
    END IF;
    RETURN NEW;
END
\$\$; CREATE TRIGGER \"log_1.at on update\" BEFORE UPDATE ON log_1 FOR EACH ROW EXECUTE FUNCTION \"log_1.at on update\"()"
    ok inspect
    says "on_update of column at"
}
