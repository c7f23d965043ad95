#!/usr/bin/env bats
# Renames of objects that a model gives as SQL: what is refused, what options say, and what is kept.
load helper

functions() { # NAME... as "new" or "new<old"
    local name
    echo "functions:"
    for name; do
        echo "  ${name%<*}(integer):"
        case $name in
        *'<'*) echo "    renamed_from: ${name#*<}" ;;
        esac
        echo "    sql: CREATE FUNCTION ${name%<*}(n integer) RETURNS integer LANGUAGE sql RETURN n"
    done
}

# The project has the functions that are named.
started() { # NAME...
    project postgresql
    model < <(functions "$@")
    ok revision --autogenerate -m one
    ok upgrade
}

names() {
    sql "SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
}

@test "a rename that was made long ago, or of an object that never existed, is ignored without a message" {
    started a
    model < <(functions 'b<a')
    fails 2 check
    prints "models/model.yaml:2:3: function 'b(integer)': called 'a' in the database"
    ok revision --autogenerate -m two
    ok upgrade
    same b "$(names)"
    ok check
    ok revision --autogenerate -m three
    says "nothing"
    model < <(functions 'b<elsewhere' 'c<elsewhere')
    ok revision --autogenerate -m four
    grep -q 'create_function' migrations/*four.yaml
    ok upgrade
    ok check
    ok downgrade base
    same "" "$(names)"
}

@test "cycles, two renames of one, and both in the database are refused; options decide" {
    started a b
    model < <(functions 'a<b' 'b<a')
    fails 78 revision --autogenerate -m two
    says "models/model.yaml:2:3: the 'renamed_from' keys of the functions 'a(integer)', 'b(integer)' form a cycle" \
        "write the revision with --rename b=a --rename a=b"
    sql "CREATE FUNCTION of_a() RETURNS integer LANGUAGE sql RETURN a(1); CREATE OR REPLACE FUNCTION b(n integer) RETURNS integer LANGUAGE sql RETURN 2"
    model < <(functions 'a' 'b')
    sed -i '/FUNCTION a/s/RETURN n/RETURN 2/' models/model.yaml
    echo '  of_a(): CREATE FUNCTION of_a() RETURNS integer LANGUAGE sql RETURN b(1)' >>models/model.yaml
    ok revision --autogenerate -m two --rename 'a=b' --rename 'b=a'
    [ "$(grep -c rename_function migrations/*two.yaml)" = 6 ] || report "$(cat migrations/*two.yaml)"
    ! grep -q replace_function migrations/*two.yaml
    ok upgrade
    same 2 "$(sql 'SELECT a(1)')"
    same 1 "$(sql 'SELECT b(1)')"
    ok check
    ok downgrade -1
    same 1 "$(sql 'SELECT a(1)')"
    started a
    model < <(functions 'b<a' 'c<a')
    fails 78 revision --autogenerate -m two
    says "function 'b(integer)' and function 'c(integer)' are both renamed from 'a(integer)'"
    started a b
    model < <(functions 'b<a')
    fails 2 revision --autogenerate -m two
    says "function 'b(integer)' is renamed from 'a(integer)', and the database has both" "--rename a=b"
    ok revision --autogenerate -m two --no-rename
    grep -q 'drop_function: a(integer)' migrations/*two.yaml
}

@test "a function keeps its arguments, and some kinds have no renames" {
    started a
    model < <(functions 'b<a(text)')
    fails 78 check
    says "models/model.yaml:2:3: function 'b(integer)' is renamed from 'a(text)', which is not the name of a function with the same arguments" \
        "Give the name alone"
    model < <(functions 'b<a(integer)')
    ok revision --autogenerate -m two
    grep -q 'rename_function: {name: a(integer), new_name: b}' migrations/*two.yaml || report "$(cat migrations/*two.yaml)"
    sed -i 's/new_name: b/new_name: "b(text)"/' migrations/*two.yaml
    fails 78 upgrade
    says "'b(text)' is not the name of a function with the same arguments"
    for kind in operators casts access_methods; do
        model <<<"$kind: {\"x(integer)\": {sql: CREATE x, renamed_from: y}}"
        fails 78 check
        says "unknown key 'renamed_from'"
    done
}

@test "an object that cannot keep its SQL under its new name is recreated, with its grants and owner" {
    started a
    sql "COMMENT ON FUNCTION a IS 'counts'; REVOKE ALL ON FUNCTION a FROM PUBLIC; GRANT EXECUTE ON FUNCTION a TO pg_monitor"
    model < <(functions 'b<a')
    sed -i 's/RETURNS integer/RETURNS bigint/; /renamed_from/i\    comment: counts' models/model.yaml
    ok revision --autogenerate -m two
    ok upgrade
    same '{postgres=X/postgres,pg_monitor=X/postgres}|counts' \
        "$(sql "SELECT proacl, obj_description(oid, 'pg_proc') FROM pg_proc WHERE proname = 'b'")"
    ok check
    ok downgrade -1
    same '{postgres=X/postgres,pg_monitor=X/postgres}|counts' \
        "$(sql "SELECT proacl, obj_description(oid, 'pg_proc') FROM pg_proc WHERE proname = 'a'")"
}

@test "into another schema and back" {
    project postgresql "schemas: [public, app]"
    model <<<$'schemas: [app]\nfunctions: {a(integer): CREATE FUNCTION a(n integer) RETURNS integer LANGUAGE sql RETURN n}\ntables: {t: {columns: {n: {type: integer, default: {sql: a(1)}}}}}'
    ok revision --autogenerate -m one
    ok upgrade
    sql "INSERT INTO t DEFAULT VALUES"
    model <<<$'schemas: [app]\nfunctions: {app.b(integer): {renamed_from: public.a, sql: "CREATE FUNCTION app.b(n integer) RETURNS integer LANGUAGE sql RETURN n"}}\ntables: {t: {columns: {n: {type: integer, default: {sql: app.b(1)}}}}}'
    ok revision --autogenerate -m two
    grep -q 'rename_function: {name: a(integer), new_name: app.b}' migrations/*two.yaml || report "$(cat migrations/*two.yaml)"
    [ "$(grep -c '^  - ' migrations/*two.yaml)" = 2 ] || report "$(cat migrations/*two.yaml)"
    ok upgrade
    ok check
    ok downgrade -1
    same 1 "$(sql 'SELECT a(n) FROM t')"
}

@test "a revision written for PostgreSQL renames triggers on SQLite, too" {
    project sqlite
    model <<<'tables: {t: {columns: {a: integer}, triggers: {old: {sql: {sqlite: CREATE TRIGGER old AFTER INSERT ON t BEGIN SELECT 1; END}}}}}'
    ok revision --autogenerate -m one
    ok upgrade
    printf '%s\n' 'revision: bbbb' "down_revision: $(basename migrations/*one.yaml | cut -d_ -f1)" 'upgrade:' \
        '  - rename_function: {name: f(), new_name: g}' '  - rename_trigger: {name: old, table: t, new_name: new}' \
        'downgrade:' '  - rename_trigger: {name: new, table: t, new_name: old}' '  - rename_function: {name: g(), new_name: f}' \
        >migrations/bbbb_two.yaml
    ok upgrade --sql "$(basename migrations/*one.yaml | cut -d_ -f1):bbbb"
    prints 'DROP TRIGGER old;' 'CREATE TRIGGER new AFTER INSERT'
    ok upgrade
    same new "$(sql "SELECT name FROM sqlite_schema WHERE type = 'trigger'")"
    ok downgrade -1
    same old "$(sql "SELECT name FROM sqlite_schema WHERE type = 'trigger'")"
    sql 'DROP TRIGGER old'
    fails 1 upgrade
    says "trigger 'old' does not exist" "rename_trigger old on t to new"
}

@test "triggers that change their names with one another" {
    for kind in $DATABASES; do
        project "$kind"
        model <<'YAML'
tables:
  t:
    columns: {id: {type: integer, primary_key: true}, n: integer}
    triggers:
      a: {sql: {sqlite: CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET n = 1; END, mysql: CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 1, postgresql: CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()}}
      b: {sql: {sqlite: CREATE TRIGGER b AFTER DELETE ON t BEGIN UPDATE t SET n = 2; END, mysql: CREATE TRIGGER b BEFORE UPDATE ON t FOR EACH ROW SET NEW.n = 2, postgresql: CREATE TRIGGER b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()}}
YAML
        ok revision --autogenerate -m one
        ok upgrade
        before=$(dump)
        sed -i 's/TRIGGER a/TRIGGER c/g; s/TRIGGER b/TRIGGER a/g; s/TRIGGER c/TRIGGER b/g; s/^      a:/      c:/; s/^      b:/      a:/; s/^      c:/      b:/' models/model.yaml
        sed 's/{sql:/{renamed_from: x, sql:/; /^      a:/s/from: x/from: b/; /^      b:/s/from: x/from: a/' models/model.yaml >models/circle.yaml
        mv models/model.yaml model.yaml
        fails 78 revision --autogenerate -m two
        says "the 'renamed_from' keys of the triggers 'a', 'b' form a cycle" "--rename t.b=a --rename t.a=b"
        mv model.yaml models/circle.yaml
        ok revision --autogenerate -m two --rename t.a=b --rename t.b=a
        [ "$(grep -c rename_trigger migrations/*two.yaml)" = 6 ] || report "$(cat migrations/*two.yaml)"
        [ "$(grep -c '^  - ' migrations/*two.yaml)" = 6 ] || report "$(cat migrations/*two.yaml)"
        ok upgrade
        ok check
        ok downgrade -1
        # MariaDB keeps the words that create a trigger.
        [ "$(tr -d '`' <<<"$before")" = "$(dump | tr -d '`')" ] || report "$(diff <(echo "$before") <(dump))"
    done
}

@test "a domain that is renamed and cannot be altered is refused while a table uses it" {
    project postgresql
    model <<<$'domains: {d: CREATE DOMAIN d AS integer}\ntables: {t: {columns: {a: d}}}'
    ok revision --autogenerate -m one
    ok upgrade
    model <<<$'domains: {e: {renamed_from: d, sql: CREATE DOMAIN e AS bigint}}\ntables: {t: {columns: {a: e}}}'
    fails 78 revision --autogenerate -m two
    says "models/model.yaml:1:11: domain 'e' cannot be changed in place, nor recreated: column 't.a' is of it"
    model <<<$'domains: {e: {renamed_from: d, sql: CREATE DOMAIN e AS integer DEFAULT 3}}\ntables: {t: {columns: {a: e}}}'
    ok revision --autogenerate -m two
    ok upgrade
    ok check
    sql 'INSERT INTO t DEFAULT VALUES'
    same 3 "$(sql 'SELECT a FROM t')"
    ok downgrade -1
}

@test "a virtual table under another name and with other columns, and a view with a trigger" {
    project sqlite
    model <<'YAML'
virtual_tables: {docs: "CREATE VIRTUAL TABLE docs USING fts5(title, body)"}
tables: {t: {columns: {a: text}}}
views:
  v: {sql: SELECT title FROM docs, triggers: {ins: CREATE TRIGGER ins INSTEAD OF INSERT ON v BEGIN INSERT INTO docs(title) VALUES (NEW.title); END}}
YAML
    ok revision --autogenerate -m one
    ok upgrade
    sql "INSERT INTO docs VALUES ('a', 'one'); INSERT INTO v VALUES ('b')"
    before=$(dump)
    model <<'YAML'
virtual_tables: {texts: {renamed_from: docs, sql: "CREATE VIRTUAL TABLE texts USING fts5(title, body, tags)"}}
tables: {t: {columns: {a: text}}}
views:
  w: {renamed_from: v, sql: SELECT title FROM texts, triggers: {added: {renamed_from: ins, sql: CREATE TRIGGER added INSTEAD OF INSERT ON w BEGIN INSERT INTO texts(title) VALUES (NEW.title); END}}}
YAML
    ok revision --autogenerate -m two
    grep -q rename_virtual_table migrations/*two.yaml && grep -q rename_view migrations/*two.yaml &&
        grep -q rename_trigger migrations/*two.yaml || report "$(cat migrations/*two.yaml)"
    ok upgrade
    ok check
    sql "INSERT INTO w VALUES ('c')"
    same $'a\nb\nc' "$(sql 'SELECT title FROM texts ORDER BY 1')"
    ok downgrade -1
    same $'a\nb\nc' "$(sql 'SELECT title FROM docs ORDER BY 1')"
    [ "$(tr -d '"' <<<"$before")" = "$(dump | tr -d '"')" ] || report "$(diff <(echo "$before") <(dump))"
}
