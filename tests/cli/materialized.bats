#!/usr/bin/env bats
# Materialized views on PostgreSQL, and what they are on SQLite and MariaDB. Comparisons are cases below tests/cases/diff.
load helper

role() { # NAME
    sql "DO \$\$ BEGIN CREATE ROLE $1 LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END \$\$"
}

dump() { # the schema with owners and privileges, without cmig's tables
    pg_dump -s -d "$URL" --exclude-table='cmig_*' | grep -v '^--\|restrict\|^SET \|^SELECT ' | sed '/^$/d'
}

stats() { # QUERY [MORE]
    model <<Y
tables: {t: {columns: {a: integer, b: text}}}
views:
  "The Stats":
    sql: $1
    materialized: true
    indexes: {ix_a: {columns: [a], unique: true, comment: by a}}
    postgresql: {cluster_on: ix_a}
${2:-}
Y
}

@test "a recreated materialized view keeps its owner, grants, comments, settings and statistics" {
    project postgresql
    role cmig_bats_keep
    sql "GRANT CREATE ON SCHEMA public TO cmig_bats_keep"
    stats "SELECT a, count(*) AS n FROM t GROUP BY a" '  reader: SELECT a FROM "The Stats"'
    ok revision --autogenerate -m first
    ok upgrade
    sql "COMMENT ON COLUMN \"The Stats\".n IS 'it''s'; GRANT SELECT ON \"The Stats\", reader TO cmig_bats_keep;
        GRANT SELECT (n) ON \"The Stats\" TO PUBLIC; CREATE STATISTICS \"St\" ON a, n FROM \"The Stats\";
        ALTER MATERIALIZED VIEW \"The Stats\" ALTER COLUMN n SET STATISTICS 50, ALTER n SET (n_distinct = 7);
        ALTER MATERIALIZED VIEW \"The Stats\" OWNER TO cmig_bats_keep; GRANT SELECT ON t TO cmig_bats_keep;
        INSERT INTO t VALUES (1, 'x'), (1, 'y'), (2, 'z')"
    before=$(dump)
    stats "SELECT a, count(*) AS n FROM t WHERE a > 1 GROUP BY a" '  reader: SELECT a FROM "The Stats"'
    ok revision --autogenerate -m second
    ok upgrade
    ok check
    same "2|1" "$(sql 'SELECT * FROM "The Stats"')"
    same "$(grep -v WHERE <<<"$before")" "$(dump | grep -v WHERE)"
    ok downgrade -1
    same "$before" "$(dump)"
    # After it was dropped, it is restored with all of them.
    model <<<'{tables: {t: {columns: {a: integer, b: text}}}}'
    rm migrations/*_second.yaml
    ok revision --autogenerate --no-rename -m none
    ok upgrade
    ok downgrade -1
    same "$before" "$(dump)"
    drop_databases
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DROP ROLE cmig_bats_keep" 2>/dev/null || true
    made=()
}

@test "an excluded materialized view that reads a recreated enum is recreated with its indexes" {
    project postgresql "exclude: ['view:m*']"
    sql "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id int PRIMARY KEY, m e); INSERT INTO t VALUES (1, 'a');
        CREATE MATERIALIZED VIEW mv WITH (fillfactor = 70, toast.autovacuum_enabled = off) AS SELECT id, m, 'x'::text AS x FROM t; CREATE UNIQUE INDEX \"Ix\" ON mv (id);
        CREATE MATERIALIZED VIEW me AS SELECT m FROM mv WITH NO DATA; CREATE INDEX iy ON me (m) WHERE m > 'a';
        COMMENT ON INDEX iy IS 'half'; COMMENT ON MATERIALIZED VIEW me IS 'it''s'; ALTER MATERIALIZED VIEW mv CLUSTER ON \"Ix\""
    ok inspect
    [[ $out != *views* && $err != *mv* ]] || report "it is excluded"
    before=$(dump | grep -v "'[abc]'")
    revision_file 111111111111 null <<<'upgrade: [{alter_enum: {name: e, values: [b, a]}}]'
    ok upgrade
    same "$before" "$(dump | grep -v "'[abc]'")"
    same "1|a|x" "$(sql "SELECT * FROM mv")"
}

@test "operations on a materialized view by hand, in a run, in a script, and as plain views" {
    for kind in sqlite mysql postgresql; do
        project "$kind" 'naming: {index: "ix_{table}_{columns}"}'
        revision_file 111111111111 null <<'Y'
upgrade:
  - create_table: {name: t, columns: {a: integer, b: text}}
  - bulk_insert: {table: t, rows: [{a: 1, b: x}, {a: 2, b: y}]}
  - create_view: {name: m, sql: SELECT a FROM t, materialized: true, indexes: [[a]], comment: first}
downgrade: [{drop_view: m}, {drop_table: t}]
Y
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - create_index: {table: m, name: i, columns: [a], unique: true}
  - rename_index: {table: m, name: ix_m_a, new_name: j}
  - set_comment: {on: view, name: m, comment: second}
  - set_comment: {on: index, table: m, name: j, comment: other}
  - rename_view: {name: m, new_name: M 2}
  - drop_index: {table: M 2, name: i}
  - set_comment: {on: view, name: M 2, comment: null}
downgrade:
  - rename_view: {name: M 2, new_name: m}
  - rename_index: {table: m, name: j, new_name: ix_m_a}
  - set_comment: {on: index, table: m, name: ix_m_a, comment: null}
  - set_comment: {on: view, name: m, comment: first}
Y
        ok upgrade 111111111111
        [ "$kind" != postgresql ] || first=$(dump)
        ok upgrade 222222222222
        [ "$kind" != postgresql ] || second=$(dump)
        ok downgrade -1
        [ "$kind" != postgresql ] || same "$first" "$(dump)"
        ok downgrade base
        [ "$kind" = postgresql ] || continue
        ok upgrade base:222222222222 --sql
        psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -c 'DROP TABLE cmig_version, cmig_history' -f - <<<"$out" >/dev/null || report "the script fails"
        same "$second" "$(dump)"
        ok downgrade 222222222222:base --sql
        psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f - <<<"$out" >/dev/null || report "the script fails"
        same "" "$(sql "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'cmig%'")"
    done
}

@test "replace_view makes one kind of view into the other, and keeps what reads it" {
    for kind in sqlite mysql postgresql; do
        project "$kind"
        revision_file 111111111111 null <<'Y'
upgrade:
  - create_table: {name: t, columns: {a: integer, b: text}}
  - create_view: {name: v, sql: SELECT a FROM t}
  - create_view: {name: r, sql: SELECT a FROM v}
Y
        revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - replace_view: {name: v, sql: "SELECT a, b FROM t", materialized: true, with_data: false, indexes: {k: [b]}}
Y
        revision_file 333333333333 222222222222 <<<'upgrade: [{replace_view: {name: v, sql: "SELECT a, b FROM t", materialized: true}}]'
        revision_file 444444444444 333333333333 <<<'upgrade: [{replace_view: {name: v, sql: "SELECT a, b FROM t"}}]'
        ok upgrade 222222222222
        [ "$kind" != postgresql ] || same "m|f|t" "$(sql "SELECT relkind, relispopulated, relhasindex FROM pg_class WHERE relname = 'v'")"
        ok upgrade 333333333333
        [ "$kind" != postgresql ] || same "m|t|f" "$(sql "SELECT relkind, relispopulated, relhasindex FROM pg_class WHERE relname = 'v'")"
        ok upgrade 444444444444
        same "0" "$(sql "SELECT count(*) FROM r")"
    done
}

@test "errors in the model of a materialized view" {
    project postgresql
    while IFS='|' read -r view message; do
        model <<<"{tables: {t: {columns: {a: integer}}}, views: {m: $view}}"
        fails 78 check
        says "models/model.yaml:1:" "$message"
    done <<'T'
{sql: SELECT a FROM t, indexes: [[a]]}|'indexes' needs 'materialized: true'
{sql: SELECT a FROM t, with_data: false}|'with_data' needs 'materialized: true'
{sql: SELECT a FROM t, materialized: maybe}|materialized
{sql: SELECT a FROM t, materialized: true, indexes: {t: [a]}}|index 't' has the name of table 't'
T
    while IFS='|' read -r view message; do
        model <<<"{tables: {t: {columns: {a: integer}}}, views: {m: $view}}"
        fails 78 revision --autogenerate -m x
        says "models/model.yaml:1:" "$message"
    done <<'T'
{sql: SELECT a FROM t, materialized: true, indexes: {i: [{sql: nothing(a)}]}}|the database does not accept index 'i'
{sql: SELECT a FROM t, materialized: true, indexes: {i: {columns: [a], where: b > 1}}}|the database does not accept index 'i'
T
    same "" "$(ls migrations)"
    revision_file 111111111111 null <<<'upgrade: [{create_table: {name: t, columns: {a: integer}}}, {create_view: {name: m, sql: SELECT a FROM t, materialized: true, indexes: {i: [a]}}}, {create_index: {table: m, name: i, columns: [a]}}]'
    fails 1 upgrade
    says 'relation "i" already exists'
}

@test "a baseline has materialized views once, and inspect prints models that create them again" {
    database postgresql
    sql "CREATE SCHEMA app; CREATE TABLE t (a int, b text);
        CREATE FUNCTION one(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT \$1 + 1';
        CREATE MATERIALIZED VIEW m (\"X y\", b) WITH (fillfactor = 70, autovacuum_enabled = off) AS SELECT one(a), b FROM t;
        CREATE UNIQUE INDEX \"I x\" ON m (lower(b) text_pattern_ops, \"X y\" DESC NULLS LAST) INCLUDE (b) WHERE \"X y\" > 1;
        CREATE INDEX ON m USING hash (b); COMMENT ON MATERIALIZED VIEW m IS 'it''s';
        COMMENT ON COLUMN m.b IS 'its b'; CREATE STATISTICS st ON \"X y\", b FROM m;
        ALTER MATERIALIZED VIEW m ALTER b SET STATISTICS 50, ALTER b SET (n_distinct = 7), ALTER b SET STORAGE EXTERNAL;
        CREATE VIEW v AS SELECT b FROM m; CREATE MATERIALIZED VIEW app.\"N.o\" AS SELECT b FROM v WITH NO DATA"
    before=$(dump)
    mkdir project
    cd project
    printf 'url: %s\nschemas: [public, app]\nmodels: [models]\nmigrations: [migrations]\n' "$URL" >cmig.yaml
    mkdir models migrations
    ok inspect
    says "comment 'm': b" "column settings 'm': b"
    same 2 "$(wc -l <<<"$err")"
    printf '%s\n' "$out" >models/m.yaml
    ok check
    ok revision --autogenerate -m nothing
    same "" "$(ls migrations)"
    cd ..
    mkdir baseline
    cd baseline
    ok --url "$URL" init --from-database .
    same 1 "$(grep -c 'materialized: true' migrations/*)"
    database postgresql
    ok --url "$URL" upgrade
    same "$(grep -v 'N.o\|SCHEMA app\|SELECT v.b\|FROM public.v\|WITH NO DATA' <<<"$before")" \
        "$(dump | grep -v 'WITH NO DATA')"
}
