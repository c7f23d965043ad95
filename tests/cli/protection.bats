#!/usr/bin/env bats
# What cmig does not model on PostgreSQL: restored by a downgrade, kept by alter_enum, or the reason for a refusal.
load helper

role() { # NAME
    sql "DO \$\$ BEGIN CREATE ROLE $1 LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END \$\$"
}

dump() { # the lines of the schema, with owners and privileges, in any order
    pg_dump -s -d "$URL" --exclude-table='cmig_*' | grep -v '^--\|restrict\|^SET \|^SELECT ' | sed 's/,$//' | sort
}

@test "a downgrade restores what cmig does not model of a dropped table, view and column" {
    project postgresql 'schemas: [public, app]'
    role cmig_bats_keep
    role "\"cmig bats 'Keep\""
    sql "CREATE SCHEMA app;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE PUBLICATION \"Pub 1\"; CREATE PUBLICATION pub2;
        CREATE TABLE app.\"Odd 'Täble\" (id serial PRIMARY KEY, \"own er\" text, b int, c int);
        COMMENT ON TABLE app.\"Odd 'Täble\" IS 'it''s';
        ALTER TABLE app.\"Odd 'Täble\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY \"P 1\" ON app.\"Odd 'Täble\" AS RESTRICTIVE FOR UPDATE TO cmig_bats_keep, \"cmig bats 'Keep\"
            USING (\"own er\" = current_user) WITH CHECK (b > 0);
        CREATE POLICY p2 ON app.\"Odd 'Täble\" USING (true);
        COMMENT ON POLICY p2 ON app.\"Odd 'Täble\" IS 'policy';
        CREATE STATISTICS app.\"St 1\" (dependencies) ON b, c FROM app.\"Odd 'Täble\";
        COMMENT ON STATISTICS app.\"St 1\" IS 'statistics';
        CREATE RULE \"R 1\" AS ON DELETE TO app.\"Odd 'Täble\" DO INSTEAD NOTHING;
        CREATE TRIGGER \"T 1\" BEFORE UPDATE OF b ON app.\"Odd 'Täble\" FOR EACH ROW WHEN (NEW.c > 1) EXECUTE FUNCTION touch();
        CREATE TRIGGER t2 BEFORE INSERT ON app.\"Odd 'Täble\" FOR EACH ROW EXECUTE FUNCTION touch();
        COMMENT ON TRIGGER t2 ON app.\"Odd 'Täble\" IS 'trigger';
        ALTER TABLE app.\"Odd 'Täble\" DISABLE TRIGGER \"T 1\", ENABLE ALWAYS TRIGGER t2, ENABLE REPLICA RULE \"R 1\";
        GRANT SELECT ON app.\"Odd 'Täble\" TO PUBLIC; GRANT INSERT (b), UPDATE (c) ON app.\"Odd 'Täble\" TO cmig_bats_keep;
        GRANT ALL ON app.\"Odd 'Täble\" TO \"cmig bats 'Keep\" WITH GRANT OPTION;
        GRANT USAGE ON SEQUENCE app.\"Odd 'Täble_id_seq\" TO cmig_bats_keep;
        ALTER PUBLICATION \"Pub 1\" ADD TABLE app.\"Odd 'Täble\"; 
        CREATE TABLE owned (a int); ALTER TABLE owned OWNER TO cmig_bats_keep; REVOKE DELETE ON owned FROM cmig_bats_keep;
        ALTER PUBLICATION pub2 ADD TABLE owned;
        CREATE TABLE kept (a int, b text); GRANT SELECT (b) ON kept TO cmig_bats_keep;
        CREATE VIEW v AS SELECT a FROM kept; GRANT SELECT ON v TO cmig_bats_keep; COMMENT ON COLUMN v.a IS 'column';
        CREATE TRIGGER tv INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION touch();
        INSERT INTO kept VALUES (1, 'x')"
    dump >before
    model <<<'{schemas: [app], tables: {kept: {columns: {a: integer}}}}'
    ok revision --autogenerate --no-rename -m gone
    ok upgrade head
    ok check
    ok downgrade base
    dump >after
    same "$(cat before)" "$(cat after)"
    ok upgrade head
    ok downgrade base
    dump >after
    same "$(cat before)" "$(cat after)"
}

@test "a recreated enum keeps its owner, its grants and the defaults over it" {
    project postgresql
    role cmig_bats_keep
    role cmig_bats_other
    sql "CREATE TYPE \"Mo od\" AS ENUM ('sad', 'ok', 'a,b', 'it''s'); COMMENT ON TYPE \"Mo od\" IS 'mine';
        CREATE TYPE plain AS ENUM ('a', 'b', 'c');
        GRANT CREATE ON SCHEMA public TO cmig_bats_keep;
        ALTER TYPE \"Mo od\" OWNER TO cmig_bats_keep; REVOKE ALL ON TYPE \"Mo od\" FROM PUBLIC;
        GRANT USAGE ON TYPE \"Mo od\" TO cmig_bats_other WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO cmig_bats_other;
        ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
        CREATE TABLE t (id int, m \"Mo od\" DEFAULT 'ok', list \"Mo od\"[] DEFAULT '{\"a,b\",it''s,ok}',
            made \"Mo od\"[] DEFAULT ARRAY['ok'::\"Mo od\"], word text DEFAULT ('it''s'::\"Mo od\")::text,
            none \"Mo od\"[] DEFAULT '{}', p plain DEFAULT 'a', ps plain[] DEFAULT '{a,b}');
        INSERT INTO t (id) VALUES (1)"
    cat >models/model.yaml <<'Y'
enums: {Mo od: {values: [ok, 'a,b', it's], comment: mine}, plain: [b, a]}
tables:
  t:
    columns:
      id: integer
      m: {type: enum(Mo od), default: ok}
      list: {type: '"Mo od"[]', default: {sql: "'{\"a,b\",it''s,ok}'::\"Mo od\"[]"}}
      made: {type: '"Mo od"[]', default: {sql: "ARRAY['ok'::\"Mo od\"]"}}
      word: {type: text, default: {sql: "('it''s'::\"Mo od\")::text"}}
      none: {type: '"Mo od"[]', default: {sql: "'{}'::\"Mo od\"[]"}}
      p: {type: enum(plain), default: a}
      ps: {type: 'plain[]', default: {sql: "'{a,b}'::plain[]"}}
Y
    dump >before
    ok revision --autogenerate --no-rename -m less
    ok upgrade head
    ok check
    same "$(grep -v "'sad'\|'[abc]'\|AS ENUM\|^);" before)" "$(dump | grep -v "'sad'\|'[abc]'\|AS ENUM\|^);")"
    ok downgrade base
    same "$(cat before)" "$(dump)"
    sql "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM cmig_bats_other; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO PUBLIC"
}

@test "an enum that unmodelled objects use is refused before anything runs" {
    project postgresql
    sql "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int, m e)"
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table: {name: first, columns: {a: integer}}
  - alter_enum: {name: e, values: [b, a]}
Y
    while IFS='|' read -r create drop words; do
        sql "$create"
        fails 1 upgrade head
        says "enum 'e' must be recreated" "$words" "Drop it with an 'execute' before this operation"
        same "" "$(sql "SELECT relname FROM pg_class WHERE relname = 'first'")"
        sql "$drop"
    done <<'T'
CREATE FUNCTION f(e) RETURNS int LANGUAGE sql AS 'SELECT 1'|DROP FUNCTION f|function f(e)
CREATE FUNCTION g(e[]) RETURNS int LANGUAGE sql AS 'SELECT 1'|DROP FUNCTION g|function g(e[])
CREATE DOMAIN d AS e|DROP DOMAIN d|type d
CREATE TYPE pair AS (x e, y int)|DROP TYPE pair|composite type pair
CREATE POLICY p ON t USING (m = 'a')|DROP POLICY p ON t|policy p on table t
CREATE CAST (e AS integer) WITH INOUT|DROP CAST (e AS integer)|cast from e to integer
CREATE RULE r AS ON UPDATE TO t WHERE NEW.m = 'a' DO INSTEAD NOTHING|DROP RULE r ON t|rule r on table t
T
    ok upgrade head
}

@test "the server's advice to cascade is not passed on" {
    project postgresql 'schemas: [public, s]'
    sql "CREATE SCHEMA s; CREATE TABLE s.x (a int); CREATE TABLE t (a int PRIMARY KEY); CREATE VIEW v AS SELECT a FROM t;
        CREATE TYPE e AS ENUM ('a'); CREATE SEQUENCE q;
        CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE MATERIALIZED VIEW mv AS SELECT a FROM v;
        CREATE MATERIALIZED VIEW ms AS SELECT a FROM s.x; CREATE FUNCTION f(e) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TABLE \"Other\" (a int DEFAULT nextval('q')); CREATE MATERIALIZED VIEW g AS SELECT a, count(*) FROM t GROUP BY a"
    for operation in 'drop_table: t' 'drop_view: v' 'drop_schema: s' 'drop_enum: e' 'drop_sequence: q'; do
        revision_file 111111111111 null <<<"upgrade: [{$operation}]"
        fails 1 upgrade head
        says "2BP01" "Drop the dependent objects with an 'execute' before this operation"
        [[ $err != *CASCADE* ]] || report "advises CASCADE"
    done
}

@test "a column that other tables inherit is dropped from them too, and the revision says so" {
    project postgresql
    sql "CREATE TABLE \"Par\" (id int PRIMARY KEY, a int, b int); CREATE TABLE chi (c text) INHERITS (\"Par\");
        CREATE TABLE grand () INHERITS (chi); INSERT INTO grand VALUES (1, 2, 3, 'x')"
    model <<<'{tables: {Par: {columns: {id: {type: integer, autoincrement: false}, n: integer, b: integer}, primary_key: {name: Par_pkey, columns: [id]}}}}'
    ok revision --autogenerate --no-rename -m inherited
    same 2 "$(grep -c 'also in the tables that inherit it: chi, grand' migrations/*)"
    ok upgrade head
    ok check
    ok downgrade base
    same "id|b|a" "$(sql "SELECT string_agg(attname, '|' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '\"Par\"'::regclass AND attnum > 0 AND NOT attisdropped")"
}

@test "a change that an unmodelled object prevents is refused when the revision is written" {
    project postgresql
    sql "CREATE TABLE t (a int, b text, c text); CREATE POLICY p ON t USING (b = current_user);
        CREATE RULE r AS ON UPDATE TO t WHERE NEW.c = 'x' DO INSTEAD NOTHING"
    for column in b c; do
        model <<<"{tables: {t: {columns: $(sed "s/$column: text/$column: string(20)/" <<<'{a: integer, b: text, c: text}')}}}"
        fails 1 revision --autogenerate --no-rename -m narrow
        says "column 't.$column' is used by objects that cmig does not model" "'execute'"
        same "" "$(ls migrations)"
    done
}
