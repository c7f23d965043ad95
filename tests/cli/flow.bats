#!/usr/bin/env bats
# The main workflow from start to end, on each database.
load helper

@test "from an empty directory to a migrated database and back" {
    for database in $DATABASES; do
        project "$database"
        users_model 'name: {type: string(80), nullable: false}'
        ok revision --autogenerate -m "add users" --rev-id 111111111111
        prints_exactly migrations/111111111111_add_users.yaml
        ok upgrade head
        prints_exactly ""
        sql "INSERT INTO users VALUES (1, 'Ada')"
        ok check
        ok current
        prints "111111111111 (head)"

        users_model 'name: {type: string(80), nullable: false}' 'email: {type: string(255), unique: true}'
        fails 2 check
        ok revision --autogenerate -m "add email" --rev-id 222222222222
        ok upgrade head
        ok check
        same "$(sql "SELECT id, name, email FROM users")" "1|Ada|"

        ok downgrade -1
        ok current
        prints "111111111111"
        same "$(sql "SELECT * FROM users")" "1|Ada"
        ok downgrade base
        prints_exactly ""
        ok current
        prints_exactly ""
        same "$(sql "SELECT count(*) FROM cmig_version")" 0
        ok upgrade head
        ok check
    done
}

@test "a second autogenerate finds nothing and writes nothing" {
    for database in $DATABASES; do
        project "$database"
        users_model 'email: {type: string(255), unique: true, default: "it''s"}'
        ok revision --autogenerate -m one
        ok upgrade head
        ok revision --autogenerate -m two
        prints_exactly ""
        says "nothing"
        same "$(ls migrations | wc -l)" 1
        ok revision --autogenerate --allow-empty -m three
        same "$(ls migrations | wc -l)" 2
    done
}

@test "autogenerate refuses a database that is not at head" {
    for database in $DATABASES; do
        project "$database"
        users_model
        ok revision --autogenerate -m one
        fails 2 revision --autogenerate -m two
        says "cmig upgrade head"
        same "$(ls migrations | wc -l)" 1
    done
}

@test "the sample project goes up, down and up again" {
    for database in $DATABASES; do
        database "$database"
        cp -R "$TESTS/../migrations" "sample-$database"
        cd "sample-$database"
        rm -f -- *.db
        revisions=$(ls versions | wc -l)
        [ "$revisions" -ge 5 ]
        ok --url "$URL" upgrade head
        ok --url "$URL" check
        full=$(dump)
        sql "INSERT INTO users (id, email, name) VALUES (1, 'a@example.org', 'Ada')"
        sql "INSERT INTO posts (id, author_id, title, slug, status) VALUES (1, 1, 'One', 'one', 'published')"
        sql "INSERT INTO comments (id, post_id, author_id, body) VALUES (1, 1, 1, 'Well')"
        sql "INSERT INTO tags (id, name) VALUES (1, 'C'); INSERT INTO post_tags VALUES (1, 1)"
        same "$(sql "SELECT title, author FROM published_posts")" "One|Ada"
        same "$(sql "SELECT count(*) FROM posts WHERE created_at IS NOT NULL AND published_at IS NULL")" 1
        ! sql "INSERT INTO posts (author_id, title, slug) VALUES (1, '', 'two')"
        ! sql "INSERT INTO posts (author_id, title, slug, status) VALUES (1, 'Two', 'two', 'unknown')"
        [ "$database" = mysql ] || ! sql "INSERT INTO tags (name) VALUES ('c')"
        ok --url "$URL" downgrade -1
        ok --url "$URL" upgrade head
        same "$(sql "SELECT title, author FROM published_posts")" "One|Ada"
        ok --url "$URL" downgrade base
        same "$(dump | grep -c 'CREATE TABLE' || true)" 0
        ok --url "$URL" upgrade head
        same "$(dump)" "$full"
        ok --url "$URL" check
        same "$(sql "SELECT count(*) FROM cmig_history")" $((revisions * 3 + 2))
        cd ..
    done
}

@test "two developers, two heads, a merge" {
    for database in $DATABASES; do
        project "$database"
        users_model
        ok revision --autogenerate -m base --rev-id aaaa00000000
        ok upgrade head

        # Ada adds a table, Ben a column, each from the same state.
        ok revision -m "ada" --rev-id bbbb00000000 --head aaaa00000000
        cat >migrations/bbbb00000000_ada.yaml <<'END'
revision: bbbb00000000
down_revision: aaaa00000000
message: ada
upgrade:
  - create_table: {name: posts, columns: {id: {type: integer, primary_key: true}}}
downgrade:
  - drop_table: posts
END
        cat >migrations/cccc00000000_ben.yaml <<'END'
revision: cccc00000000
down_revision: aaaa00000000
message: ben
upgrade:
  - add_column: {table: users, name: nick, type: string(20)}
downgrade:
  - drop_column: {table: users, name: nick}
END
        ok heads
        same "$(wc -l <<<"$out")" 2
        fails 2 upgrade head
        says "bbbb00000000" "cccc00000000" "cmig merge"
        ok current
        prints "aaaa00000000"
        fails 2 revision -m "who follows" --autogenerate
        says "cmig merge"

        ok upgrade heads
        ok current
        same "$(wc -l <<<"$out")" 2
        ok merge -m "both" --rev-id dddd00000000 heads
        ok heads
        prints "dddd00000000"
        same "$(wc -l <<<"$out")" 1
        ok upgrade head
        same "$(sql "SELECT revision FROM cmig_version")" dddd00000000
        sql "INSERT INTO users (nick) VALUES ('x'); INSERT INTO posts (id) VALUES (1)"

        fails 1 downgrade -1
        says "'-1' is ambiguous: revision 'dddd00000000' has 2 parents" "'bbbb00000000' (ada)"
        ok downgrade bbbb00000000
        same "$(sql "SELECT revision FROM cmig_version ORDER BY 1" | tr '\n' ' ')" "bbbb00000000 cccc00000000 "
        ok downgrade aaaa00000000
        same "$(sql "SELECT revision FROM cmig_version")" aaaa00000000
        ok upgrade head
        ok downgrade base
        ok upgrade head
        same "$(sql "SELECT revision FROM cmig_version")" dddd00000000
        rm models/*
        ok inspect
        echo "$out" | model
        ok check
    done
}

@test "a rename without a terminal is not guessed" {
    for database in $DATABASES; do
        project "$database"
        users_model 'name: {type: string(20), nullable: false}'
        ok revision --autogenerate -m one
        ok upgrade head
        sql "INSERT INTO users VALUES (1, 'Ada')"
        users_model 'title: {type: string(20), nullable: false}'
        fails 2 revision --autogenerate -m two
        says "--rename" "users.name" "--no-rename"
        same "$(ls migrations | wc -l)" 1
        ok diff
        says_exactly "cannot tell whether column 'users.name' was renamed to 'title'"
        prints "--- # with --rename users.name=users.title
- rename_column: {table: users, name: name, new_name: title}
--- # with --no-rename" "drop_column: {table: users, name: name}"
        ok diff --sql
        prints "-- with --rename users.name=users.title" "RENAME COLUMN $(name name) TO $(name title)" "-- with --no-rename"
        ok diff --json
        json '(d["upgrade"], d["downgrade"]) == (None, None)'
        json '[(r["options"], list(r["upgrade"][0])) for r in d["readings"]] == [(["--rename", "users.name=users.title"], ["rename_column"]), (["--no-rename"], ["add_column"])]'
        ok diff --rename users.name=users.title
        prints_exactly "- rename_column: {table: users, name: name, new_name: title}"
        ok diff --no-rename --json
        json 'd["readings"] == [] and len(d["upgrade"]) == 2'
        ok revision --autogenerate -m two --rename users.name=title
        ok upgrade head
        same "$(sql "SELECT title FROM users")" Ada
        ok downgrade -1
        same "$(sql "SELECT name FROM users")" Ada
    done
}

@test "of several possible renames diff takes the first, and drops the rest" {
    for database in $DATABASES; do
        project "$database"
        model <<<'tables: {t: {columns: {id: {type: integer, primary_key: true}, a: text, b: text}}, u: {columns: {id: {type: integer, primary_key: true}, x: text}}}'
        ok revision --autogenerate -m one
        ok upgrade
        model <<<'tables: {t: {columns: {id: {type: integer, primary_key: true}, c: text}}, v: {columns: {id: {type: integer, primary_key: true}, x: text}}}'
        ok diff
        says "table 'u' was renamed to 'v'" "column 't.a' was renamed to 'c'" "column 't.b' was renamed to 'c'"
        prints "--- # with --rename t.a=t.c --rename u=v
" "--- # with --no-rename"
        ok diff --rename t.b=t.c
        prints "--- # with --rename t.b=t.c --rename u=v
" "--- # with --rename t.b=t.c --no-rename"
        words=$(sed -n 's/^--- # with \(.* --rename u=v\)$/\1/p' <<<"$out")
        # shellcheck disable=SC2086
        ok revision --autogenerate -m two $words
        ok upgrade
        ok check
    done
}

@test "inspect gives models that check clean" {
    for database in $DATABASES; do
        database "$database"
        cp -R "$TESTS/../migrations" "inspected-$database"
        cd "inspected-$database"
        rm -f -- *.db
        ok --url "$URL" upgrade head
        ok --url "$URL" inspect
        rm models/*
        echo "$out" >models/all.yaml
        ok --url "$URL" check
        # and give the same schema in an empty database
        full=$(dump)
        database "$database"
        rm versions/*
        ok --url "$URL" revision --autogenerate -m all
        ok --url "$URL" upgrade head
        ok --url "$URL" check
        if [ "$database" = sqlite ]; then
            same "$(dump | wc -l)" "$(wc -l <<<"$full")"
        else
            same "$(dump | grep . | sort)" "$(grep . <<<"$full" | sort)"
        fi
        cd ..
    done
}

@test "autogenerated files mark operations that destroy data" {
    for database in $DATABASES; do
        project "$database"
        users_model 'note: text'
        ok revision --autogenerate -m one --rev-id 111111111111
        ok upgrade head
        users_model
        ok revision --autogenerate -m two --rev-id 222222222222
        grep -q '# .*data\|# .*rows\|# .*lost' migrations/222222222222_two.yaml
    done
}

@test "the same input gives the same bytes" {
    for database in $DATABASES; do
        project "$database"
        cp "$TESTS/cases/diff/empty_to_full/after.yaml" models/
        sed -i "s/where: \(.*\)}/where: {default: \1, mysql: null}}/; s/where: \([^{]*\)$/where: {default: \1, mysql: null}/" models/after.yaml
        ok revision --autogenerate -m one --rev-id 111111111111
        first=$(cat migrations/*)
        rm migrations/*
        ok revision --autogenerate -m one --rev-id 111111111111
        same "$(cat migrations/*)" "$first"
    done
}

@test "a restored dump is no difference" {
    is_installed_postgresql || return 0
    database postgresql
    cp -R "$TESTS/../migrations" restored
    cd restored
    ok --url "$URL" upgrade head
    pg_dump "$URL" >dump.sql
    database postgresql
    psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f dump.sql >/dev/null
    ok --url "$URL" check
    ok --url "$URL" downgrade base
    ok --url "$URL" upgrade head
}

@test "strings in double quotes stay the same when SQLite writes them in single ones" {
    project sqlite
    cat >models/m.yaml <<'END'
tables:
  kinds: {columns: {id: {type: integer, primary_key: true}, kind: {type: text, check: 'kind IN ("small", "large")'}}}
  other: {columns: {id: {type: integer, primary_key: true}, old: text}}
views:
  letters: SELECT id, "a" AS letter FROM kinds WHERE kind = "small"
END
    ok revision --autogenerate -m one
    ok upgrade head
    sql "INSERT INTO kinds VALUES (1, 'small')"
    ok check
    sed -i 's/old: text/new: {type: text, renamed_from: old}/' models/m.yaml
    ok revision --autogenerate -m two --rev-id 222222222222
    ok upgrade head
    ok check
    sed -i '/kinds:/s/, kind: .*/}}/; /views:/,$d' models/m.yaml
    ok revision --autogenerate -m three
    ok upgrade head
    ok downgrade 222222222222
    same "$(sql "SELECT * FROM letters")" ""
}

@test "SQLite: a downgrade restores the triggers of dropped objects" {
    project sqlite
    sql "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE log (id INTEGER PRIMARY KEY);
        CREATE VIEW w AS SELECT id FROM a;
        CREATE TRIGGER t1 AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.id); -- it's
            UPDATE a SET v = 'x;y' WHERE id = new.id; END;
        CREATE TRIGGER t2 INSTEAD OF INSERT ON w BEGIN INSERT INTO a (id) VALUES (new.id); END;
        CREATE TRIGGER t3 AFTER DELETE ON log BEGIN SELECT 1; END"
    triggers=$(sql "SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
    model <<<'tables: {log: {columns: {id: {type: integer, primary_key: true}}}}'
    ok revision --autogenerate -m drop
    ok upgrade head
    same "$(sql "SELECT name FROM sqlite_schema WHERE type = 'trigger'")" t3
    ok downgrade base
    same "$(sql "SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")" "$triggers"
    sql "INSERT INTO w VALUES (7)"
    same "$(sql "SELECT * FROM a, log")" "7|x;y|7"
}

@test "SQLite: empty names are no models, names with quotes are" {
    project sqlite
    sql 'CREATE TABLE "" (a INTEGER); CREATE TABLE ec (a INTEGER, "" TEXT); CREATE TABLE "v""q" ("x""y" INTEGER);
        CREATE INDEX "i""x" ON "v""q" ("x""y");
        CREATE VIEW "vw""q" AS SELECT "x""y" FROM "v""q"'
    ok inspect
    says "table '\"\"': with an empty name" "table 'ec': with an empty name"
    model <<<"$out"
    ok check
    revision_file 111111111111 null <<'Y'
upgrade:
  - alter_column: {table: '"v""q"', name: x"y, type: text}
  - rename_view: {name: '"vw""q"', new_name: '"w"""'}
downgrade:
  - rename_view: {name: '"w"""', new_name: '"vw""q"'}
  - alter_column: {table: '"v""q"', name: x"y, type: integer}
Y
    ok upgrade head
    ok downgrade base
    ok diff
    prints_exactly ""
    revision_file 111111111111 null <<<"upgrade: [{drop_table: 'v\"q'}]"
    fails 78 upgrade head
    says "'v\"q' is not a name" "put a part with a dot or a double quote in double quotes"
}
