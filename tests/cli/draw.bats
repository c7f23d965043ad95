#!/usr/bin/env bats
# draw: diagrams of schemas and of changes.
load helper

shop() {
    model <<'END'
tables:
  users:
    columns:
      id: {type: integer, primary_key: true}
      email: {type: string(80), nullable: false, unique: true}
      boss: {type: integer, references: users.id}
  orders:
    columns:
      id: {type: integer, primary_key: true}
      buyer: {type: integer, nullable: false, references: users.id}
  items:
    columns:
      order_id: {type: integer, primary_key: true, references: orders.id}
      line: {type: integer, primary_key: true}
  alone:
    columns: {id: {type: integer, primary_key: true}}
END
}

odd_names() {
    model <<'END'
tables:
  '"a<b>&''"""': {columns: {"x\"y<z>": {type: text, comment: "a & b <c>"}, "Ünï 列": {type: integer, primary_key: true}}}
  order: {columns: {select: {type: integer, primary_key: true}}}
  '"two words"': {columns: {id: {type: integer, primary_key: true}, "the one": {type: integer, references: order.select}}}
  '"]]>--><script>alert(1)</script>"': {columns: {"a%b\\c": {type: text}}}
END
}

lacks() { # TEXT
    [[ $out != *"$1"* ]] || report "prints: $1"
}

well_formed() { # FILE
    python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$1"
}

@test "each format of models, without a database" {
    for database in $DATABASES; do
        project "$database"
        shop
        ok draw
        prints 'erDiagram'
        prints '"users" }o--o| "users" : "boss"'
        prints '"orders" }o--|| "users" : "buyer"'
        prints ' id PK'
        for format in svg html dot mmd; do
            ok draw --output "a schema.$format"
            prints_exactly "a schema.$format"
        done
        well_formed "a schema.svg"
        dot -Tsvg "a schema.dot" >/dev/null
        same "$(cat "a schema.mmd")" "$("${CMIG[@]}" draw --format mermaid)"
        ok draw --output "A SCHEMA.SVG"
        cmp "A SCHEMA.SVG" "a schema.svg"
        same "$(cat "a schema.svg")" "$("${CMIG[@]}" draw --format svg)"
        grep -q 'id="cmig-t-orders"' "a schema.svg"
        grep -q 'data-from="cmig-t-items" data-to="cmig-t-orders"' "a schema.svg"
        grep -q '<li data-from="cmig-t-items" data-to="cmig-t-orders">order_id</li>' "a schema.html"
    done
}

@test "the same schema in a database, a commit and revisions" {
    for database in $DATABASES; do
        project "$database"
        shop
        git init -q -b main .
        git add -A
        git -c user.name=ann -c user.email=ann@example.org commit -qm first
        ok revision --autogenerate -m first --rev-id aaaa
        ok upgrade
        users_model 'name: text'
        ok draw database
        drawn=$out
        for source in "$URL" main git:main revisions revisions:aaaa; do
            ok draw "$source"
            same "$drawn" "$out"
        done
        ok draw
        prints ' name '
    done
}

@test "names with quotes, markup, spaces and other scripts" {
    for database in $DATABASES; do
        project "$database"
        odd_names
        for format in svg html dot; do
            ok draw -o "odd.$format"
        done
        well_formed odd.svg
        dot -Tsvg odd.dot >odd.dot.svg
        grep -q 'alert(1)' odd.dot.svg
        ! grep -q '<script>alert' odd.html odd.svg || false
        ok draw
        prints 't1["]]#62;--#62;#60;script#62;alert(1)#60;/script#62;"]'
        prints '"two words" }o--o| "order" : "the one"'
    done
}

@test "models are drawn as written, whatever the database keeps" {
    project sqlite
    model <<'END'
enums: {mood: [sad, happy]}
tables:
  t:
    comment: Persons & others
    columns:
      id: {type: bigint, primary_key: true}
      how: {type: enum(mood), comment: Today}
END
    for option in "" --offline; do
        # shellcheck disable=SC2086
        ok draw $option
        prints 'bigint id PK' 'enum(mood) how' '"mood"["mood (enum)"] {'
        # shellcheck disable=SC2086
        ok draw $option --format svg
        prints 'Persons &amp; others' 'Today'
    done
}

@test "some of the tables" {
    project sqlite
    shop
    ok draw --tables 'o*' --tables alone
    prints '"orders" {'
    prints '"alone" {'
    prints 'buyer FK "→ users"'
    lacks '"users" {'
    ok draw --around items
    prints '"orders" {'
    lacks '"users" {'
    ok draw --around items --depth 2
    prints '"users" {'
    lacks '"alone"'
    ok draw --columns keys
    prints 'email UK'
    ok draw --columns none
    lacks 'email'
    prints '"orders" }o--|| "users" : "buyer"'
}

@test "wrong options" {
    project sqlite
    shop
    fails 64 draw --tables 'user'
    says "no table, view or enum matches 'user'"
    says "Did you mean 'users'?"
    fails 64 draw --around order
    says "no table, view or enum has the name 'order'"
    says "Did you mean 'orders'?"
    fails 64 draw --depth 2
    says "--depth needs --around or --changed-only"
    fails 64 draw --changed-only
    says "--changed-only needs --changes"
    echo "environments: {a: {url: '$URL'}, b: {url: '$URL'}}" >>cmig.yaml
    fails 64 --all-environments draw --output a.svg
    says "--output cannot be combined with several environments"
    fails 64 draw --scratch-url sqlite:// --offline
    says "--scratch-url cannot be combined with --offline"
    fails 64 draw --output picture.png
    says "cannot tell the format from the name 'picture.png'"
    says "Add --format, or end the name with .svg, .html, .dot or .mmd."
    fails 64 draw nothing
    says "'nothing' is not an environment, path or git ref"
    fails 1 draw --output missing/a.svg
    says "missing/a.svg"
    [ ! -e picture.png ]
}

@test "an empty schema" {
    for database in $DATABASES; do
        project "$database"
        sql "CREATE TABLE t (id integer PRIMARY KEY)"
        sql "DROP TABLE t"
        for format in svg html dot mmd; do
            ok draw database -o "empty.$format"
        done
        well_formed empty.svg
        grep -q 'no tables' empty.svg
        dot -Tsvg empty.dot >/dev/null
        same erDiagram "$(cat empty.mmd)"
        fails 64 draw database --tables 'a*'
        says "The schema is empty."
    done
}

@test "a directory without models is warned of once" {
    project sqlite
    rm -f models/*
    ok draw
    same 1 "$(grep -c 'no model files' <<<"$err")"
    same erDiagram "$out"
}

@test "what changes is marked" {
    for database in $DATABASES; do
        project "$database"
        shop
        cp models/model.yaml old.yaml
        model <<'END'
tables:
  people:
    renamed_from: users
    columns:
      id: {type: integer, primary_key: true}
      mail: {type: string(120), nullable: false, unique: true, renamed_from: email}
      boss: {type: integer, references: people.id}
  orders:
    columns:
      id: {type: integer, primary_key: true}
      note: {type: text, index: false}
    indexes:
      ix_note: [id, note]
  alone:
    columns: {id: {type: integer, primary_key: true}}
  invoices:
    columns:
      id: {type: integer, primary_key: true}
      order_id: {type: integer, nullable: false, references: orders.id}
END
        [ "$database" != mysql ] || sed -i 's/\[id, note\]/[id]/' models/model.yaml
        ok draw --changes models:old.yaml
        prints '"people"["~ people (was users)"] {'
        prints 'string(120) mail UK "~ changed, was string(80)"'
        prints '"invoices"["+ invoices"] {'
        prints '"items"["− items"] {'
        prints 'note "+ added, nullable"'
        prints 'buyer FK "− dropped"'
        prints '"orders" }o--|| "people" : "− buyer"'
        prints '"invoices" }o--|| "orders" : "+ order_id"'
        prints '"people" }o--o| "people" : "boss"'
        prints '"alone" {'
        ok draw --changes models:old.yaml --changed-only models
        lacks '"alone"'
        ok draw --changes models:old.yaml -o changes.svg
        well_formed changes.svg
        grep -q '<g class="box table added" id="cmig-t-invoices"' changes.svg
        grep -q '<g class="box table dropped" id="cmig-t-items"' changes.svg
        grep -q '<text class="sign added" [^>]*>+</text>' changes.svg
        ok draw --changes models:old.yaml -o changes.dot
        dot -Tsvg changes.dot | grep -q '− items'
        ok draw --changes models
        lacks '+'
        lacks '~'
    done
}

@test "a trigger that is new" {
    project sqlite
    for name in old new; do
        sqlite3 $name.db "CREATE TABLE t (id integer PRIMARY KEY); CREATE TABLE u (id integer PRIMARY KEY)"
    done
    sqlite3 new.db "CREATE TRIGGER touch AFTER INSERT ON t BEGIN DELETE FROM u; END"
    ok draw --changes sqlite:///old.db sqlite:///new.db --format svg
    prints '<g class="box table changed" id="cmig-t-t"' 'trigger touch' '<g class="box table" id="cmig-t-u"'
}

@test "views, enums, partitions and inheritance" {
    project postgresql
    sql "CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE events (id bigint, at date NOT NULL, how mood, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY RANGE (at);
        CREATE TABLE events_2a PARTITION OF events_2 DEFAULT;
        CREATE TABLE logs (id bigint PRIMARY KEY, event bigint, at date, FOREIGN KEY (event, at) REFERENCES events);
        CREATE TABLE special_logs (extra text) INHERITS (logs);
        CREATE VIEW happy AS SELECT id FROM events WHERE how = 'happy';
        CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM happy;"
    ok draw database
    prints '"events"["events (3 partitions)"] {'
    lacks '"events_1'
    prints '"mood"["mood (enum)"] {'
    prints '"happy"["happy (view)"]'
    prints '"counts"["counts (materialized view)"]'
    prints '"logs" }o--o| "events" : "event, at"'
    prints '"happy" }o..|| "events" : "reads"'
    prints '"counts" }o..|| "happy" : "reads"'
    prints '"special_logs" }o..|| "logs" : "inherits"'
    ok draw database -o all.svg
    well_formed all.svg
}

@test "references across schemas, and to what is not managed" {
    project postgresql "schemas: [public, app]"
    sql "CREATE SCHEMA app; CREATE SCHEMA other;
        CREATE TABLE other.hidden (id int PRIMARY KEY);
        CREATE TABLE app.users (id int PRIMARY KEY);
        CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES app.users, h int REFERENCES other.hidden);"
    ok draw database
    prints '"posts" }o--o| "app.users" : "author"'
    prints 'h FK "nullable, → other.hidden"'
    ok draw database --tables 'app.*'
    lacks '"posts"'
}

@test "what a view of the models reads" {
    project postgresql "schemas: [public, app]"
    model <<'END'
schemas: [app]
tables:
  users: {columns: {id: {type: integer, primary_key: true}}}
  posts: {columns: {id: {type: integer, primary_key: true}}}
  app.users: {columns: {id: {type: integer, primary_key: true}}}
views:
  all_users: {sql: "SELECT u.id FROM app.users u JOIN \"posts\" USING (id)"}
  own_users: {sql: "SELECT id FROM public.users -- app.users"}
  twice: {sql: "SELECT a.id FROM \"posts\" a JOIN POSTS b USING (id) JOIN app.Users USING (id)"}
END
    ok draw
    same 2 "$(grep -c '"twice" }o' <<<"$out")"
    prints '"twice" }o..|| "posts"' '"twice" }o..|| "app.users"'
    prints '"all_users" }o..|| "app.users"' '"all_users" }o..|| "posts"' '"own_users" }o..|| "users"'
    lacks '"all_users" }o..|| "users"'
    lacks '"own_users" }o..|| "app.users"'
}

@test "a table and an enum of one name" {
    project mysql
    model <<'END'
tables:
  mood: {columns: {id: {type: integer, primary_key: true}, how: enum(mood)}}
  t2: {columns: {id: {type: integer, primary_key: true}}}
enums:
  mood: [sad, happy]
END
    ok draw
    prints '"mood" {' 't3["mood (enum)"] {'
}

@test "a schema in groups" {
    project sqlite
    {
        echo tables:
        for i in $(seq 60); do
            echo "  part$((i / 10))_t$i: {columns: {id: {type: integer, primary_key: true}, a: {type: integer, references: part$((i / 10))_t$i.id}}}"
        done
    } | model
    ok draw -o groups.svg
    well_formed groups.svg
    grep -q '>part3 · 10</text>' groups.svg
}

@test "the document of --json" {
    project sqlite
    shop
    ok draw --json
    json 'd["format"] == "mermaid" and d["diagram"].startswith("erDiagram\n")'
    ok draw --json -o s.svg
    json 'd["format"] == "svg" and d["path"] == "s.svg"'
}

@test "models in SQL" {
    for database in $DATABASES; do
        project "$database"
        echo 'CREATE TABLE t (id integer NOT NULL, PRIMARY KEY (id));' >models/t.sql
        ok draw
        prints '"t" {'
    done
}

@test "a file or a database without a project" {
    for database in $DATABASES; do
        project "$database"
        shop
        rm cmig.yaml
        ok draw models:models/model.yaml --dialect "$database"
        prints '"orders" }o--|| "users" : "buyer"'
        sql "CREATE TABLE t (id integer PRIMARY KEY)"
        ok draw "$URL"
        prints '"t" {'
        fails 69 draw "${URL}_missing"
        prints_exactly ""
        fails 78 draw models/model.yaml
        says "Or name a database system with --dialect."
        fails 78 draw
        says "no cmig.yaml here"
    done
}

@test "the picture in README" {
    project sqlite
    python3 - "$TESTS/../README.md" models/shop.yaml <<'END'
import re, sys
models = re.findall(r"```yaml file=models/shop.yaml\n(.*?)```", open(sys.argv[1], encoding="utf-8").read(), re.S)
open(sys.argv[2], "w").write(models[-1])
END
    ok draw --output shop.svg
    cmp shop.svg "$TESTS/../docs/shop.svg"
}

@test "a full disk" {
    project sqlite
    shop
    status=0
    "${CMIG[@]}" draw >/dev/full 2>messages || status=$?
    same 1 "$status"
    grep -q 'No space left' messages
}
