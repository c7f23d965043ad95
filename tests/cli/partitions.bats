#!/usr/bin/env bats
# Partitioned tables, partitions and inherited tables.

load helper

teardown() {
    drop_databases
}

@test "what a change of the partition key cannot do is refused" {
    project postgresql
    sql "CREATE TABLE t (a int, b int) PARTITION BY RANGE (a); CREATE TABLE p PARTITION OF t DEFAULT; CREATE TABLE h (v t);
        CREATE TABLE u (a int, b text); CREATE FUNCTION of_u(u) RETURNS int LANGUAGE sql AS 'SELECT 1'"
    while IFS='|' read -r tables message; do
        model <<<"{tables: {h: {columns: {v: {type: t}}}, $tables}}"
        fails 78 revision --autogenerate --no-rename -m x
        says "$message"
    done <<'T'
t: {partition_by: list (b), columns: {a: integer, b: integer}}, u: {columns: {a: integer, b: text}}|the models list no partition for its rows
t: {columns: {a: integer, b: integer}}, u: {columns: {a: integer, b: text}}|a column of another table holds its rows
t: {columns: {a: integer, b: bigint}}, u: {columns: {a: integer, b: text}}|the type of column 'b' changes, too
t: {columns: {a: integer, c: {type: integer, renamed_from: b}}}, u: {columns: {a: integer, b: text}}|it is renamed, or one of its columns is
t: {columns: {c: text}}, u: {columns: {a: integer, b: text}}|none of its columns stays
t: {partition_by: range (a), columns: {a: bigint, b: integer}}, u: {columns: {a: integer, b: text}}|cannot drop column 'a' of table 't', or change its type: it is part of the partition key
t: {partition_by: range (a), columns: {a: integer, b: integer}}, u: {partition_by: list (a), columns: {a: integer, b: text}, partitions: {u1: {default: true}}}|function 'of_u(u)' takes its rows
T
    model <<<'{tables: {t: {partition_by: {range: a}, columns: {a: integer, b: integer}}, h: {columns: {v: {type: t}}}, u: {columns: {a: integer, b: text}}}}'
    ok check
}

@test "an enum of the partition key is extended, but not recreated" {
    project postgresql
    kinds() {
        model <<<"{enums: {k: [$1]}, tables: {t: {partition_by: list (k), columns: {k: enum(k)}, partitions: {t1: {default: true}}}}}"
    }
    kinds "a, b"
    ok revision --autogenerate -m one
    ok upgrade
    kinds "b"
    fails 78 revision --autogenerate -m two
    says "cannot drop column 'k' of table 't', or change its type: it is part of the partition key"
    kinds "a, c, b"
    ok revision --autogenerate -m two
    ok upgrade
    ok check
}

# The rows, and all that the database knows of the table and that models need not list.
state() {
    sql "SELECT * FROM t ORDER BY id; SELECT tgname, tgenabled, pg_get_triggerdef(oid), obj_description(oid) FROM pg_trigger WHERE tgrelid = 't'::regclass AND NOT tgisinternal;
        SELECT tablename, policyname, qual FROM pg_policies; SELECT rulename, definition FROM pg_rules WHERE tablename = 't';
        SELECT stxname, stxrelid::regclass FROM pg_statistic_ext; SELECT prrelid::regclass FROM pg_publication_rel;
        SELECT relname, relacl, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('t', 'v') ORDER BY 1;
        SELECT attname, attacl FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0;
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ('t'::regclass, 'r'::regclass) AND conparentid = 0
            AND contype <> 'n' ORDER BY 1;
        SELECT last_value, is_called FROM t_id_seq; SELECT pg_get_serial_sequence('t', 'id')"
}

@test "a table whose partition key changes keeps what models do not list, under forced row security, too" {
    is_postgresql 13 || return 0
    project postgresql
    sql "CREATE ROLE cmig_$$; CREATE TABLE t (id serial PRIMARY KEY, d date NOT NULL, \"odd Name\" text);
        INSERT INTO t (d) VALUES ('2026-01-01'), ('2025-01-01'); CREATE TABLE r (t_id int REFERENCES t); INSERT INTO r VALUES (2);
        GRANT SELECT ON t TO cmig_$$ WITH GRANT OPTION; GRANT UPDATE (\"odd Name\") ON t TO cmig_$$;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER trg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t DISABLE TRIGGER trg;
        COMMENT ON TRIGGER trg ON t IS 'c'; CREATE RULE ru AS ON UPDATE TO t WHERE false DO INSTEAD NOTHING;
        ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (d > '2025-06-01');
        CREATE STATISTICS st ON d, id FROM t; CREATE VIEW v AS SELECT * FROM t; GRANT SELECT ON v TO cmig_$$;
        CREATE ROLE cmig_o_$$ SUPERUSER; ALTER TABLE t OWNER TO cmig_o_$$; ALTER TABLE r OWNER TO cmig_o_$$; ALTER VIEW v OWNER TO cmig_o_$$"
    sql "SET client_min_messages = error; CREATE PUBLICATION pub FOR TABLE t"
    model <<'Y'
tables:
  t:
    partition_by: range (id)
    columns: {id: {type: integer, autoincrement: true}, d: {type: date, nullable: false}, odd Name: text}
    primary_key: {columns: [id], name: t_pkey}
    partitions: {t1: {from: [1], to: [2]}, t2: {default: true}}
    postgresql: {row_security: true, force_row_security: true}
  r: {columns: {t_id: {type: integer, references: t.id}}}
views: {v: SELECT * FROM t}
Y
    old=$(state)
    ok revision --autogenerate -m key
    grep -q 'copies all rows; the tables are locked' migrations/*.yaml || report "$(cat migrations/*.yaml)"
    ok upgrade
    ok check
    same "$old" "$(state)"
    same "t1 t2" "$(sql "SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY id) FROM t")"
    ok downgrade base
    same "$old" "$(state)"
    ok upgrade
    sql "SET client_min_messages = error; DROP OWNED BY cmig_$$; REASSIGN OWNED BY cmig_o_$$ TO CURRENT_USER; DROP ROLE cmig_$$, cmig_o_$$"
}

@test "invalid models of partitions are rejected" {
    project postgresql
    while IFS='|' read -r tables message; do
        model <<<"tables: {$tables}"
        fails 78 check
        says "$message"
    done <<'T'
t: {partition_by: range (a), columns: {a: integer}, partitions: {p: {}}}|a partition needs one bound
t: {partition_by: range (a), columns: {a: integer}, partitions: {p: {from: [1], in: [2]}}}|a partition needs one bound
t: {columns: {a: integer}, partitions: {p: DEFAULT}}|a table with `partitions` needs `partition_by`
t: {partition_by: {rnge: a}, columns: {a: integer}}|unknown partitioning method 'rnge'
p: {partition_of: t, bound: DEFAULT}|the parent of table 'p' does not exist: 't'
t: {columns: {a: integer}}, p: {partition_of: t, bound: DEFAULT}|table 't' has partitions, but no `partition_by`
t: {columns: {a: integer}}, p: {partition_of: t}|a partition needs a `bound`
t: {partition_by: list (a), columns: {a: integer}}, p: {partition_of: t, bound: DEFAULT, columns: {a: integer}}|a partition has the columns of its parent, and no others
t: {columns: {a: integer}, not_null: [a]}|`not_null` lists columns of parents, and this table has none
t: {columns: {a: integer}}, h: {inherits: [t], not_null: [b]}|table 'h' has no column 'b'
t: {columns: {a: integer}}, h: {inherits: [t], columns: {b: integer}, not_null: [b]}|column 'b' of table 'h' is its own
t: {inherits: [u], columns: {a: integer}}, u: {inherits: [t]}|is its own ancestor
t: {partition_by: range (a), columns: {a: integer}, partitions: {p: {default: true, indexes: {i: [x]}}}}|table 'p' has no column 'x'
t: {partition_by: range (a), columns: {a: integer}, partitions: {p: {from: [1], to: [5]}, q: {from: [4], to: [9]}}}|the database does not accept partition 'q'
t: {partition_by: range (x), columns: {a: integer}}|the database does not accept 'partition_by' of table 't'
T
}

@test "a child's own NOT NULL is read, and its numbers from the parent's sequence are no difference" {
    project postgresql
    sql "CREATE TABLE t (id serial, a int, b text) PARTITION BY LIST (b);
        CREATE TABLE t_x PARTITION OF t (a NOT NULL) FOR VALUES IN ('x');
        CREATE TABLE t_y PARTITION OF t (PRIMARY KEY (a, b)) FOR VALUES IN ('y');
        CREATE TABLE u (id serial, a int); CREATE TABLE heir () INHERITS (u);
        ALTER TABLE heir ALTER a SET NOT NULL"
    ok inspect
    prints "heir: {inherits: [u], not_null: [a]}" "not_null: [a]"
    says_exactly ""
    model <<<"$out"
    ok check
    sql "ALTER TABLE t_x ALTER a DROP NOT NULL; ALTER TABLE t_y DROP CONSTRAINT t_y_pkey"
    fails 2 check
    prints "t_x.a: nullable true in the database, false in the models" "t_y: primary key 't_y_pkey' is not in the"
}

@test "a key that a partition lacks is created again" {
    project postgresql
    sql "CREATE TABLE t (a int NOT NULL, b int NOT NULL) PARTITION BY LIST (b);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); INSERT INTO t VALUES (1, 1), (2, 1);
        ALTER TABLE ONLY t ADD CONSTRAINT t_a_b_key UNIQUE (a, b); CREATE UNIQUE INDEX t_1_a_b_key ON t_1 (a, b)"
    model <<<'{tables: {t: {partition_by: list (b), columns: {a: {type: integer, nullable: false},
        b: {type: integer, nullable: false}}, uniques: {t_a_b_key: [a, b]}, partitions: {t_1: {in: [1]}}}}}'
    fails 2 check
    prints "unique constraint 't_a_b_key' is invalid in the database: not all partitions have it"
    ok revision --autogenerate -m x
    ok upgrade
    ok check
    same "t t" "$(sql "SELECT string_agg(indisvalid::text::\"char\", ' ') FROM pg_index
        WHERE indrelid IN ('t'::regclass, 't_1'::regclass)")"
    ok downgrade base
    same 2 "$(sql "SELECT count(*) FROM t")"
}

@test "SQLite has no partitions, and no inherited tables" {
    project sqlite
    model <<<'{tables: {t: {partition_by: range (a), columns: {a: integer}, partitions: {p: DEFAULT}}}}'
    ok revision --autogenerate -m x
    says "SQLite has no partitions: a table with 'partition_by' is a plain table there"
    ok upgrade
    ok check
    same t "$(sql "SELECT group_concat(name) FROM sqlite_master WHERE name IN ('t', 'p')")"
    model <<<'{tables: {t: {columns: {a: integer}}, u: {inherits: [t]}}}'
    fails 78 check
    says "table 'u' inherits from 't': SQLite has no inherited tables"
    rm migrations/*
    revision_file 111111111111 null <<<'upgrade: [{attach_partition: {table: t, partition: u, bound: DEFAULT}}]'
    fails 78 upgrade --sql
    says "SQLite has neither partitions nor inherited tables" "only: [postgresql]"
}

@test "partitions that the models do not list, or that are excluded, are left alone" {
    project postgresql
    sql "CREATE TABLE t (a int NOT NULL, b int) PARTITION BY RANGE (a); CREATE TABLE t_p1 PARTITION OF t DEFAULT;
        CREATE TABLE l (a int NOT NULL) PARTITION BY LIST (a); CREATE TABLE l_1 PARTITION OF l FOR VALUES IN (1);
        CREATE TABLE l_tmp PARTITION OF l FOR VALUES IN (2); CREATE TABLE x (a int) PARTITION BY LIST (a);
        CREATE TABLE x_1 PARTITION OF x DEFAULT"
    echo 'exclude: ["*_tmp", x]' >>cmig.yaml
    model <<'Y'
tables:
  t: {partition_by: range (a), columns: {a: {type: integer, nullable: false}, b: integer}}
  l: {partition_by: list (a), columns: {a: {type: integer, nullable: false}}, partitions: {l_1: {in: [1]}}}
Y
    ok check
    ok check --strict
    sed -i 's/b: integer/b: bigint/' models/model.yaml
    ok revision --autogenerate -m widen
    ok upgrade
    ok check
    sed -i 's/partitions: .*/partitions: {}}/' models/model.yaml
    fails 2 check
    prints "l_1: the table is not in the models"
    ok inspect
    [[ $out != *l_tmp* && $out != *x_1* ]] || report "excluded"
}

@test "a half-applied revision that attached a partition can be reverted" {
    project postgresql
    sql "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE p (a int);
        CREATE TABLE q (a int); INSERT INTO q VALUES (1), (1)"
    revision_file 111111111111 null <<'Y'
upgrade:
  - attach_partition: {table: t, partition: p, bound: {in: [1]}}
  - create_index: {table: q, name: i, columns: [a], unique: true, concurrently: true}
downgrade:
  - drop_index: {table: q, name: i}
  - detach_partition: {table: t, partition: p}
Y
    fails 1 upgrade
    same t "$(sql "SELECT relispartition FROM pg_class WHERE relname = 'p'")"
    ok downgrade base
    same f "$(sql "SELECT relispartition FROM pg_class WHERE relname = 'p'")"
}

# Models have no place for them: they are restored by statements.
@test "statistics targets of the indexes of a replaced table are kept" {
    is_postgresql 14 || return 0 # statistics on expressions
    project postgresql
    sql "CREATE TABLE m (id int NOT NULL, k text NOT NULL, v int) PARTITION BY LIST (k);
        CREATE TABLE m1 PARTITION OF m FOR VALUES IN ('a'); CREATE STATISTICS s1 ON (id % 10), v FROM m;
        CREATE STATISTICS s2 (ndistinct) ON k, v FROM m; ALTER STATISTICS s2 SET STATISTICS 77;
        CREATE INDEX ix ON m ((v + 1), (id * 2)); ALTER INDEX ix ALTER COLUMN 1 SET STATISTICS 123;
        CREATE INDEX ix1 ON m1 ((v + 3)); ALTER INDEX ix1 ALTER COLUMN 1 SET STATISTICS 99"
    targets() {
        sql "SELECT attrelid::regclass, attnum, attstattarget FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
            WHERE relkind IN ('i', 'I') AND attstattarget >= 0 AND relname LIKE 'ix%' ORDER BY relname, 2"
        sql "SELECT stxname, stxstattarget FROM pg_statistic_ext ORDER BY 1"
    }
    before=$(targets)
    ok inspect
    model <<<"$out"
    sed -i "s/LIST (k)/RANGE (id)/; s/FOR VALUES IN ('a')/FOR VALUES FROM (0) TO (10)/" models/model.yaml
    ok revision --autogenerate -m ranges
    ok upgrade
    same "$before" "$(targets)"
    ok check
    ok downgrade -1
    same "$before" "$(targets)"
    # So does the downgrade of a dropped index.
    ok upgrade
    sed -i '/ix: /d' models/model.yaml
    ok revision --autogenerate -m index
    ok upgrade
    ok downgrade -1
    same "$before" "$(targets)"
}

@test "names of partitions' indexes: by hand, in scripts, and where they are wrong" {
    project postgresql
    sql "CREATE TABLE t (a int, b int) PARTITION BY LIST (a); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);
        CREATE INDEX t_b ON t (b); CREATE INDEX t_half ON ONLY t (a, b)"
    ok inspect
    model <<<"$out"
    ok check
    ok revision --baseline
    ok stamp head
    revision_file 222222222222 "$(basename migrations/*.yaml | cut -c1-12)" <<'Y'
upgrade:
  - rename_partition_index: {table: t_1, name: t_b, new_name: Odd "name's}
  - create_index: {table: t_1, name: t_1_half, columns: [a, b], attach_to: t_half}
downgrade:
  - rename_partition_index: {table: t_1, name: t_b, new_name: t_1_b_idx}
  - execute: "DROP INDEX t_half; CREATE INDEX t_half ON ONLY t (a, b)"
Y
    ok upgrade
    same 't_1_half "Odd ""name'"'"'s"' "$(sql "SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid::regclass::text DESC)
        FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid AND relkind = 'i'")"
    ok downgrade -1
    ok diff models database
    ok upgrade --sql
    prints "ALTER INDEX t_half ATTACH PARTITION t_1_half"
    rm migrations/222222222222*
    sed -i 's/FOR VALUES IN (1)/{in: [1], index_names: {nothing: x}}/' models/model.yaml
    fails 78 revision --autogenerate -m x
    says "no parent of partition 't_1' has an index or key 'nothing'" "Correct the name in 'index_names'."
    model <<<'{tables: {t: {columns: {a: integer}, index_names: {b: c}}}}'
    fails 78 check
    says "\`index_names\` names indexes of a partition, and this table is none"
    project sqlite
    revision_file 111111111111 null <<<'upgrade: [{rename_partition_index: {table: t, name: u, new_name: v}}]'
    fails 78 upgrade --sql
    says "SQLite has neither partitions nor inherited tables"
}
