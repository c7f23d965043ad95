#!/usr/bin/env bats
# Backfills reach every row that they select: what keeps rows as they are is an error, and keys may be of any type.
load helper

# Applies one operation, which is the revision 222222222222.
one_operation() { # OPERATION
    revision_file 222222222222 null <<<"upgrade:
  - $1
downgrade: []"
}

rows_of() { # sqlite|postgresql
    project "$1"
    sql "CREATE TABLE t (id integer PRIMARY KEY, n integer)"
    sql "INSERT INTO t (id) SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6"
}

# A trigger that skips the update of one row.
skip_row() { # sqlite|postgresql ID
    if [ "$1" = sqlite ]; then
        sql "CREATE TRIGGER keep BEFORE UPDATE ON t WHEN OLD.id = $2 BEGIN SELECT RAISE(IGNORE); END"
        return
    fi
    sql "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.id = $2) EXECUTE FUNCTION keep()"
}

drop_trigger() { # sqlite|postgresql
    if [ "$1" = sqlite ]; then sql "DROP TRIGGER keep"; else sql "DROP TRIGGER keep ON t"; fi
}

@test "a trigger that skips rows stops a backfill, which continues after its last complete batch" {
    for database in $DATABASES; do
        [ "$database" != mysql ] || continue # see the next test: no trigger can skip a row there
        rows_of "$database"
        skip_row "$database" 4
        one_operation 'backfill: {table: t, set: {n: "coalesce(n, 0) + 1"}, batch: 2}'
        fails 1 upgrade head
        says "backfill t" "1 of the 2 rows of a batch were not updated" "Triggers or constraints of the table may prevent updates: keep."
        same "$(sql "SELECT count(n) FROM t")" 2
        drop_trigger "$database"
        ok upgrade head
        same "$(sql "SELECT count(*), sum(n) FROM t")" "6|6"
    done
}

@test "rows that 'where' excludes are no concern of a backfill" {
    for database in $DATABASES; do
        [ "$database" != mysql ] || continue
        rows_of "$database"
        skip_row "$database" 4
        one_operation 'backfill: {table: t, set: {n: "1"}, where: id <> 4 -- kept, batch: 4}'
        ok upgrade head
        same "$(sql "SELECT count(n) FROM t")" 5
    done
}

@test "MariaDB: a trigger that puts old values back stops a backfill" {
    project mysql
    sql "CREATE TABLE t (id int PRIMARY KEY, n int, note varchar(10)); INSERT INTO t (id) VALUES (1), (2), (3), (4), (5), (6);
        CREATE TRIGGER keep BEFORE UPDATE ON t FOR EACH ROW SET NEW.n = if(OLD.id = 4, OLD.n, NEW.n), NEW.note = if(OLD.id = 4, OLD.note, NEW.note)"
    one_operation "backfill: {table: t, set: {n: 'coalesce(n, 0) + 1', note: \"'x'\"}, batch: 2}"
    fails 1 upgrade head
    says "backfill t" "1 of the 2 rows of a batch were not updated" "Triggers or constraints of the table may prevent updates: keep."
    same "1-1 2-1 3- 4- 5- 6-" "$(sql "SELECT group_concat(id, '-', coalesce(n, '') ORDER BY id SEPARATOR ' ') FROM t")"
    # A trigger that changes other columns, or the new value, is no obstacle; nor are rows that have the value already.
    sql "DROP TRIGGER keep; UPDATE t SET n = 1, note = 'x' WHERE id = 5; CREATE TRIGGER keep BEFORE UPDATE ON t FOR EACH ROW SET NEW.note = 'y'"
    one_operation "backfill: {table: t, set: {n: '1', note: \"'x'\"}, batch: 2}"
    ok stamp base
    ok upgrade head
    same "1-y 1-y 1-y 1-y 1-y 1-y" "$(sql "SELECT group_concat(n, '-', note ORDER BY id SEPARATOR ' ') FROM t")"
}

@test "MariaDB: batches follow all columns of a key, whatever its values" {
    project mysql
    sql "CREATE TABLE t (a int, b varchar(30), n int, PRIMARY KEY (a, b));
        INSERT INTO t (a, b) SELECT seq DIV 10, concat('k', seq, ', it''s \\\\ \"', char(96)) FROM seq_1_to_60;
        CREATE TABLE f (x float, y int, n int, PRIMARY KEY (x, y)); INSERT INTO f (x, y) SELECT (seq DIV 5) / 10, seq FROM seq_1_to_30"
    revision_file 222222222222 null <<'Y'
upgrade:
  - backfill: {table: t, set: {n: "coalesce(n, 0) + 1"}, batch: 7}
  - backfill: {table: f, set: {n: "coalesce(n, 0) + 1"}, batch: 10}
downgrade: []
Y
    ok upgrade head
    same "60 30" "$(sql "SELECT concat((SELECT sum(n = 1) FROM t), ' ', (SELECT sum(n = 1) FROM f))")"
}

@test "a trigger of the last rows, and one of a partition, are found, too" {
    rows_of postgresql
    skip_row postgresql 6
    one_operation 'backfill: {table: t, set: {n: "1"}, batch: 4}'
    fails 1 upgrade head
    says "1 of the 2 rows of a batch were not updated"
    project postgresql
    sql "CREATE TABLE t (id integer PRIMARY KEY, n integer) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (4); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (4) TO (9);
        INSERT INTO t (id) SELECT generate_series(1, 6)"
    sql "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE UPDATE ON t2 FOR EACH ROW WHEN (OLD.id = 5) EXECUTE FUNCTION keep()"
    one_operation 'backfill: {table: t, set: {n: "1"}}'
    fails 1 upgrade head
    says "1 of the 6 rows of a batch were not updated"
}

@test "a constraint of SQLite that ignores conflicts does not hide rows from a backfill" {
    project sqlite
    sql "CREATE TABLE t (id integer PRIMARY KEY, n integer, UNIQUE (n) ON CONFLICT IGNORE); INSERT INTO t VALUES (1, 1), (2, 2)"
    one_operation 'backfill: {table: t, set: {n: "7"}}'
    fails 1 upgrade head
    says "1 of the 2 rows of a batch were not updated" "may prevent updates: ON CONFLICT IGNORE."
    same "$(sql "SELECT sum(n) FROM t")" 3
}

@test "a backfill of a view updates what its trigger updates" {
    for database in sqlite postgresql; do
        [[ $DATABASES == *$database* ]] || continue
        rows_of "$database"
        sql "CREATE VIEW v AS SELECT id, n FROM t"
        if [ "$database" = sqlite ]; then
            sql "CREATE TRIGGER v_update INSTEAD OF UPDATE ON v BEGIN UPDATE t SET n = NEW.n WHERE id = NEW.id AND id <> 3; SELECT RAISE(IGNORE); END"
        else
            sql "CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE t SET n = NEW.n WHERE id = NEW.id AND id <> 3; RETURN NULL; END';
                CREATE TRIGGER v_update INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION up()"
        fi
        one_operation 'backfill: {table: v, key: id, set: {n: "1"}, batch: 4}'
        ok upgrade head
        same "$(sql "SELECT count(n) FROM t")" 5
    done
}

@test "a rule or row security that keeps rows from a backfill is an error before the first statement" {
    rows_of postgresql
    revision_file 222222222222 null <<'Y'
upgrade:
  - create_table: {name: other, columns: {id: integer}}
  - backfill: {table: t, set: {n: "1"}}
downgrade: []
Y
    sql "CREATE RULE keep AS ON UPDATE TO t WHERE OLD.id = 3 DO INSTEAD NOTHING"
    fails 1 upgrade head
    says "cannot backfill all rows of 't': rule keep replaces updates" "Disable the rule while the revision runs." "Nothing was changed."
    same "$(sql "SELECT to_regclass('other')")" ""
    sql "ALTER TABLE t DISABLE RULE keep"

    local owner=owner_of_${URL##*/}
    sql "CREATE ROLE $owner LOGIN; ALTER SCHEMA public OWNER TO $owner; ALTER TABLE t OWNER TO $owner;
        ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY few ON t USING (id < 4)"
    echo "url: ${URL/:\/\/*@/://$owner@}" >cmig.yaml
    fails 1 upgrade head
    says "cannot backfill all rows of 't': row security hides rows from role $owner" "BYPASSRLS"
    revision_file 222222222222 null <<'Y'
upgrade:
  - add_column: {table: t, name: u, type: uuid, default: {sql: gen_random_uuid()}, online: true}
downgrade: []
Y
    fails 1 upgrade head
    says "row security hides rows"
    same "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'u'")" 0
    sql "CREATE POLICY whole ON t TO $owner USING (true)"
    ok upgrade head
    same "$(sql "SELECT count(DISTINCT u) FROM t")" 6
    sql "DROP OWNED BY $owner CASCADE; DROP ROLE $owner"
}

# Each key in batches of two; the number of a row counts how often it was updated.
@test "a backfill follows keys of every type, and of several columns" {
    project postgresql
    sql "CREATE TYPE mood AS ENUM ('z', 'b', 'c', 'a', 'm'); CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
        CREATE COLLATION IF NOT EXISTS backwards (provider = icu, locale = 'de-u-co-phonebk')"
    while IFS='|' read -r type values; do
        sql "CREATE TABLE k (k $type PRIMARY KEY, n integer DEFAULT 0); INSERT INTO k (k) VALUES $values"
        one_operation 'backfill: {table: k, set: {n: n + 1}, batch: 2}'
        ok upgrade head
        same "$(sql "SELECT count(*), min(n), max(n) FROM k")" "5|1|1"
        sql "DROP TABLE k; TRUNCATE cmig_version"
    done <<'Y'
"char"|('a'), ('b'), ('c'), (''''), ('\')
uuid|(gen_random_uuid()), (gen_random_uuid()), (gen_random_uuid()), (gen_random_uuid()), (gen_random_uuid())
numeric|('NaN'), (1.5), (-3.25e40), (0.1), (1e-30)
text COLLATE backwards|('ä'), ('ad'), ('Af'), ('z'), ('it''s \ it')
text COLLATE "C"|(''), ('a'), ('B'), (E'\n'), (' ')
char(4)|('a'), ('b'), ('c d'), (''), ('abcd')
name|('a'), ('b'), ('c d'), (''), ('abcd')
timestamptz|('infinity'), ('2020-01-01'), ('2020-10-25 02:30 Europe/Berlin'), ('2020-10-25 00:30Z'), ('0044-03-15 BC')
bytea|('\x'), ('\x00'), ('\x00ff'), ('\x27'), ('\x5c')
mood|('z'), ('a'), ('b'), ('c'), ('m')
positive|(3), (1), (4), (1.5), (9)
boolean[]|('{}'), ('{t}'), ('{f}'), ('{NULL}'), ('{t,f}')
inet|('::1'), ('10.0.0.0/8'), ('10.0.0.1'), ('0.0.0.0'), ('ff::')
interval|('1 month'), ('29 days'), ('31 days'), ('-1 s'), ('0')
int4range|('empty'), ('[1,2)'), ('(,3]'), ('[5,)'), ('[1,9)')
double precision|('NaN'), ('-Infinity'), (0.1), (0.30000000000000004), (1e300)
bit varying(8)|(B''), (B'0'), (B'1'), (B'01'), (B'11111111')
Y
}

@test "a key of several columns makes batches within equal values of the first column" {
    for database in $DATABASES; do
        project "$database"
        without=
        [ "$database" != sqlite ] || without="WITHOUT ROWID"
        sql "CREATE TABLE k (a varchar(9), b integer, n integer DEFAULT 0, PRIMARY KEY (a, b)) $without"
        sql "INSERT INTO k (a, b) VALUES ('x', 1), ('x', 2), ('x', 3), ('x', 4), ('x', 5), ('it''s', 9), ('y', 1)"
        one_operation 'backfill: {table: k, set: {n: n + 1}, batch: 2}'
        ok upgrade head
        says "backfill of k: 7 rows"
        same "$(sql "SELECT count(*), min(n), max(n) FROM k")" "7|1|1"
    done
}

@test "a script for PostgreSQL makes batches of a key of several columns, and refuses what a run refuses" {
    project postgresql
    revision_file 111111111111 null <<'Y'
upgrade:
  - create_table:
      name: k
      columns: {a: {type: integer, primary_key: true}, "b c": {type: text, primary_key: true}, n: {type: integer, default: 0}}
downgrade: [drop_table: k]
Y
    revision_file 222222222222 111111111111 <<<$'upgrade: [{backfill: {table: k, set: {n: n + 1}, where: n < 1, batch: 100}}]\ndowngrade: []'
    ok upgrade 111111111111
    sql "INSERT INTO k SELECT i / 1000, 'it''s ' || i FROM generate_series(1, 5000) i; ANALYZE k"
    ok upgrade 111111111111:222222222222 --sql
    printf '%s\n' "$out" >script.sql

    sql "CREATE RULE keep AS ON UPDATE TO k DO INSTEAD NOTHING"
    if script script.sql >script.out 2>&1; then false; fi
    grep -q "cannot backfill all rows of k: rule keep replaces updates" script.out
    sql "DROP RULE keep ON k"
    sql "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER keep BEFORE UPDATE ON k FOR EACH ROW WHEN (OLD.a = 3) EXECUTE FUNCTION keep()"
    if script script.sql >script.out 2>&1; then false; fi
    grep -q "of the 100 rows of a batch were not updated" script.out
    sql "DROP TRIGGER keep ON k"
    script script.sql
    same "$(sql "SELECT count(*), min(n), max(n) FROM k")" "5000|1|1"
}
