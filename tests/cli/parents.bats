#!/usr/bin/env bats
# Tables that inherit get other parents.

load helper

# What the server knows of all tables. Whether a column is also the heir's own is not part of it: no SQL sets that.
shape() {
    sql "SELECT attrelid::regclass::text, attname, atttypid::regtype, attnotnull, pg_get_expr(d.adbin, d.adrelid)
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
            WHERE attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                AND relname NOT LIKE 'cmig%') AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2;
        SELECT inhrelid::regclass::text, string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
            FROM pg_inherits GROUP BY 1 ORDER BY 1;
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), coninhcount FROM pg_constraint
            WHERE conrelid <> 0 AND conrelid::regclass::text NOT LIKE 'cmig%' ORDER BY 1, 2;
        SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'cmig%' ORDER BY 1, 2"
}

before() {
    model <<'Y'
tables:
  base:
    columns: {id: {type: integer, nullable: false}, m: {type: integer, default: 1}, "n": {type: string(20), nullable: false}}
    checks: {m_positive: m > 0}
  other: {columns: {m: {type: integer, default: 1}, x: {type: date, comment: a day}}, checks: {x_late: "x > '2020-01-01'"}}
  third: {inherits: [base], columns: {t: integer}, checks: {t_big: t > 5}}
  leaves: {inherits: [base], columns: {own: integer}, not_null: [m], defaults: {m: 3}, indexes: [[m]]}
  comes: {columns: {id: {type: integer, nullable: false}, m: integer, own: integer}}
  moves: {inherits: [base], columns: {own: integer}}
  stays: {inherits: [base, other], columns: {own: integer}}
  turns: {inherits: [other, base], columns: {own: integer}}
  grandchild: {inherits: [third], columns: {g: integer}}
Y
}

after() {
    model <<'Y'
tables:
  base:
    columns: {id: {type: integer, nullable: false}, m: {type: integer, default: 1}, "n": {type: string(20), nullable: false}, new: {type: integer, default: 7}}
    checks: {m_positive: m > 0}
  other: {columns: {m: {type: integer, default: 1}, x: {type: date, comment: a day}}, checks: {x_late: "x > '2020-01-01'"}}
  third: {inherits: [base], columns: {t: integer}, checks: {t_big: t > 5}}
  leaves:
    columns: {id: {type: integer, nullable: false}, m: {type: integer, nullable: false, default: 3}, "n": {type: string(20), nullable: false}, own: integer}
    checks: {m_positive: m > 0}
    indexes: [[m]]
  comes: {inherits: [base, other], columns: {own: integer}, not_null: [m], defaults: {m: null}}
  moves: {inherits: [third], columns: {own: integer}}
  stays: {inherits: [base], columns: {own: integer, x: date}}
  turns: {inherits: [base, other], columns: {own: integer}}
  grandchild: {columns: {id: {type: integer, nullable: false}, "n": {type: string(20), nullable: false}, t: bigint, g: integer}}
Y
}

@test "tables get other parents, and keep their rows, columns and checks" {
    project postgresql
    after
    ok revision --autogenerate -m direct
    ok upgrade
    wanted=$(shape)
    project postgresql
    before
    ok revision --autogenerate -m first
    ok upgrade
    old=$(shape)
    sql "$(cat <<'S'
INSERT INTO base VALUES (1, 1, 'b');
INSERT INTO leaves VALUES (2, 2, 'l', 2);
INSERT INTO moves VALUES (3, 2, 'm', 2);
INSERT INTO stays VALUES (4, 2, 's', '2021-01-01', 2);
INSERT INTO turns VALUES (5, '2021-01-01', 2, 't', 2);
INSERT INTO grandchild VALUES (6, 2, 'g', 9, 2);
S
)"
    after
    fails 2 check
    prints "moves: inherits from (base) in the database, from (third) in the models"
    ok revision --autogenerate --no-rename -m parents
    ok upgrade
    same "$wanted" "$(shape)"
    same 2,2,l,2 "$(sql "SELECT concat_ws(',', id, m, n, own) FROM leaves")"
    same 9 "$(sql 'SELECT t FROM grandchild')"
    ok check
    ok revision --autogenerate -m nothing
    [ "$(ls migrations | wc -l)" = 2 ] || report "not clean"
    ok downgrade -1
    same "$old" "$(shape)"
    before
    ok upgrade
    same "$wanted" "$(shape)"
    # A column of the heir's own, which models leave to the parent, is compared all the same.
    after
    sql 'ALTER TABLE comes ALTER m DROP NOT NULL; ALTER TABLE moves ALTER n SET DEFAULT 1'
    fails 2 check
    prints "comes.m: nullable true in the database, false in the models" "moves.n: default 1 in the database, none"
}

@test "add_parent and drop_parent by hand, offline too" {
    project postgresql
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table: {name: p, columns: {a: {type: integer, nullable: false}}, checks: {a_small: a < 9}}
  - create_table: {name: c, columns: {a: {type: integer, nullable: false}, b: text}, checks: {a_small: a < 9}}
  - add_parent: {table: c, parent: p}
  - add_column: {table: p, name: later, type: text}
downgrade:
  - drop_parent: {table: c, parent: p}
  - alter_column: {table: c, name: later, type: string(5)}
  - drop_table: c
  - drop_table: p
Y
    ok upgrade
    same p "$(sql "SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = 'c'::regclass")"
    ok downgrade base
    ok upgrade --sql
    [[ $out == *'ALTER TABLE c INHERIT p;'* ]] || report "no SQL"
    ok downgrade 111111111111:base --sql
    [[ $out == *'ALTER TABLE c NO INHERIT p;'* ]] || report "no SQL"
    database sqlite
    fails 78 --url "$URL" upgrade
    says "SQLite has neither partitions nor inherited tables"
}
