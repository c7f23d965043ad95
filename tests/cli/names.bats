#!/usr/bin/env bats
# Names that clash are refused when the revision is written, and settings of a session make no difference.
load helper

long=abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghijklmnop

@test "a name over the limit of PostgreSQL" {
    project postgresql
    model <<<"tables: {t: {columns: {$long: integer}}}"
    fails 78 revision --autogenerate -m x
    says_exactly "cmig: models/model.yaml:1:24: column '$long' has a name of 70 bytes
  hint: PostgreSQL allows names of up to 63 bytes."
    model <<<"tables: {t: {columns: {x: {type: text, index: true}, ${long:0:60}: {type: text, index: true}}}}"
    ok revision --autogenerate -m generated
    ok upgrade
    ok check
}

@test "MariaDB counts the characters of names, and has long values of enums" {
    project mysql
    name=$(printf 'é%.0s' {1..64})
    model <<<"tables: {$name: {columns: {a: enum(e), $name: integer}}}
enums: {e: [x, $long$long]}"
    ok revision --autogenerate -m x
    ok upgrade
    ok check
    model <<<"tables: {é$name: {columns: {a: integer}}}"
    fails 78 revision --autogenerate -m y
    says "has a name of 65 characters" "hint: MariaDB allows names of up to 64 characters."
    fails 78 check --offline # no server says which it is
    says "has a name of 65 characters" "hint: MariaDB/MySQL allows names of up to 64 characters."
}

@test "a name that two indexes have" {
    for kind in sqlite postgresql; do # on MariaDB indexes of two tables may have one name
        project "$kind"
        model <<<'tables: {t: {columns: {x: text}, indexes: {i: [x]}}, u: {columns: {x: text}, indexes: {i: [x]}}}'
        fails 78 revision --autogenerate -m x
        says_exactly "cmig: models/model.yaml:1:88: index 'i' of table 'u' has the name of index 'i' of table 't'
  models/model.yaml:1:44: the first definition
  hint: Tables, views, sequences and indexes of a schema, and the indexes of its keys, share one namespace."
    done
}

@test "a name of an object that cmig does not model" {
    project postgresql
    sql 'CREATE SCHEMA beside; CREATE TABLE beside.base (a int); CREATE TABLE p () INHERITS (beside.base);
        CREATE DOMAIN d AS text; CREATE TYPE c AS (x int)'
    model <<<'{tables: {p: {columns: {a: integer}}}}'
    fails 78 revision --autogenerate -m x
    says_exactly "cmig: models/model.yaml:1:11: cannot create table 'p': the database has an inherited table of that name, which cmig does not model
  hint: Choose another name, or add 'p' to 'exclude' in cmig.yaml to leave the inherited table alone."
    model <<<'{views: {p: SELECT 1 AS a}}'
    fails 78 check
    says "cannot create view 'p': the database has an inherited table of that name"
    model <<<'{enums: {d: [a]}}'
    fails 78 diff
    says "cannot create enum 'd': the database has a domain of that name"
    model <<<'{sequences: {c: {}}}'
    fails 78 diff
    says "cannot create sequence 'c': the database has a type of that name"
    model <<<'{sequences: {d: {}}}'
    fails 78 diff
    says "cannot create sequence 'd': the database has a domain of that name"
    model <<<'{tables: {t: {columns: {a: integer}, indexes: {d: [a]}}}}'
    ok revision --autogenerate -m x
    ok upgrade
    ok check
}

@test "renames in a cycle" {
    for kind in $DATABASES; do
        project "$kind"
        sql "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t VALUES (1, 'A', 'B')"
        ok inspect
        sed "s/^      a: text/      a: {type: text, renamed_from: b}/; s/^      b: text/      b: {type: text, renamed_from: a}/" \
            <<<"$out" | model
        fails 78 check
        says "the 'renamed_from' keys of the columns 'a', 'b' form a cycle" "--rename t.b=a --rename t.a=b"
        ok revision --autogenerate -m swap --rename t.b=a --rename t.a=b
        ok upgrade
        [ "$(sql 'SELECT a, b FROM t')" = 'B|A' ]
        ok downgrade -1
        [ "$(sql 'SELECT a, b FROM t')" = 'A|B' ]
    done
}

@test "settings that change what PostgreSQL prints" {
    project postgresql
    sql "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE \"order\" (a text DEFAULT 'x', d date DEFAULT '2020-02-01',
        i interval DEFAULT '1 day 2 hours', b bytea DEFAULT '\\x0102', f float8 DEFAULT 0.1, m mood DEFAULT 'ok',
        p money DEFAULT 1, z timestamptz DEFAULT '2020-02-01 10:00+01', CHECK (f < 1.1), CHECK (d > '2020-01-02'));
        CREATE INDEX i ON \"order\" (lower(a)) WHERE m = 'ok'; CREATE VIEW v AS SELECT a, d FROM \"order\""
    ok inspect
    model <<<"$out"
    first=$out
    export PGOPTIONS='-c quote_all_identifiers=on -c DateStyle=German -c IntervalStyle=iso_8601 -c bytea_output=escape -c extra_float_digits=-5 -c TimeZone=Asia/Tokyo -c search_path=public,pg_catalog'
    ok check
    ok inspect
    same "$first" "$out"
    ok revision --autogenerate -m none
    says "nothing to do"
}

@test "an index that a concurrent build left invalid" {
    project postgresql
    sql 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)'
    sql 'CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)' 2>/dev/null || true
    model <<<'{tables: {t: {columns: {a: integer}, indexes: {i: {columns: [a], unique: true}}}}}'
    fails 2 check
    prints "index 'i' is invalid in the database: a concurrent build failed or is still running"
}

@test "the index of a partitioned table that a partition does not have" {
    project postgresql
    sql 'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
        CREATE INDEX i ON ONLY t (a)'
    ok inspect
    prints 'i: {columns: [a], on_only: true}'
    local whole=${out/, on_only: true/}
    model <<<"$out"
    ok check
    model <<<"$whole"
    fails 2 check
    prints "index 'i' is invalid in the database: not all partitions have it"
    ok revision --autogenerate -m whole
    ok upgrade
    ok check
    same "t,t" "$(sql "SELECT string_agg(indisvalid::text::char, ',') FROM pg_index WHERE indrelid IN ('t'::regclass, 't1'::regclass)")"
}

@test "spellings of a flag that inspect prints" {
    is_postgresql 13 || return 0
    project postgresql
    sql "CREATE TABLE t (a text) WITH (autovacuum_enabled = off, autovacuum_vacuum_scale_factor = '1e-1')"
    for word in on off yes no t f 1 0 TRUE; do
        sql "CREATE VIEW \"v$word\" WITH (security_barrier = '$word') AS SELECT a FROM t"
        sql "CREATE INDEX \"i$word\" ON t (a) WITH (deduplicate_items = '$word')"
    done
    ok inspect
    model <<<"$out"
    ok check
    ok revision --autogenerate -m none
    says "nothing to do"
    database postgresql
    ok --url "$URL" revision --autogenerate -m all
    ok --url "$URL" upgrade
    ok --url "$URL" check
}

@test "PostgreSQL: a name that moves from one kind of object to another" {
    local -A models=(
        [table]='tables: {x: {columns: {id: {type: integer, primary_key: true}}}, o: {columns: {id: integer}}}'
        [view]=$'views: {x: {sql: select 1 as a}}\ntables: {o: {columns: {id: integer}}}'
        [index]='tables: {o: {columns: {id: integer}, indexes: [{name: x, columns: [id]}]}}'
        [key]='tables: {o: {columns: {id: integer}, uniques: [{name: x, columns: [id]}]}}'
        [sequence]=$'sequences: {x: {}}\ntables: {o: {columns: {id: {type: integer, default: {sql: "nextval(\'x\')"}}}}}'
        [enum]=$'enums: {x: [a, b]}\ntables: {o: {columns: {id: integer, e: enum(x)}}}'
    )
    local pair from to before
    for pair in "sequence table" "sequence key" "sequence enum" "enum view" "enum index" "enum sequence" "table sequence" "key enum"; do
        read -r from to <<<"$pair"
        project postgresql
        model <<<"${models[$from]}"
        ok revision --autogenerate -m one
        ok upgrade
        before=$(dump)
        model <<<"${models[$to]}"
        ok revision --autogenerate -m two
        ok upgrade
        ok check
        ok downgrade -1
        same "$before" "$(dump)"
    done
}

@test "SQLite: a constraint and an index of one name" {
    project sqlite
    model <<<'tables: {a: {columns: {id: integer}, uniques: [{name: x, columns: [id]}]}, b: {columns: {id: integer}, indexes: [{name: x, columns: [id]}]}}'
    ok revision --autogenerate -m one
    ok upgrade
    ok check
}

@test "the options that a message names can be copied to a shell" {
    project sqlite
    model <<<'tables: {"Order Lines": {columns: {id: {type: bigint, primary_key: true}, o'\''clock: text}}}'
    ok revision --autogenerate -m one
    ok upgrade
    model <<<'tables: {"Order Lines": {columns: {id: {type: bigint, primary_key: true}, time: text}}}'
    fails 2 revision --autogenerate -m two
    says "Use --rename 'Order Lines.o'\\''clock=Order Lines.time', or"
    ok diff
    prints "--- # with --rename 'Order Lines.o'\\''clock=Order Lines.time'"
    ok diff --json
    json 'd["readings"][0]["options"] == ["--rename", "Order Lines.o\x27clock=Order Lines.time"]'
    ok revision --autogenerate --rename 'Order Lines.o'\''clock=Order Lines.time' -m two
    ok upgrade
    ok check
}
