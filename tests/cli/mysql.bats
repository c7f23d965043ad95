# What MariaDB's server alone shows: statements that commit by themselves, its locks, its scripts, its objects.

load helper

# ---- running -----------------------------------------------------------------------------------------------------

@test "MySQL: revisions go up and down, and are recorded" {
    project mysql
    users_model 'email: {type: string(80), nullable: false, unique: true}' 'seen: timestamp'
    ok revision --autogenerate -m first --rev-id aaaaaaaaaaaa
    ok upgrade head
    ok check
    prints_exactly ''
    says 'models and database agree'
    revision_file bbbbbbbbbbbb aaaaaaaaaaaa <<'Y'
upgrade:
  - bulk_insert:
      table: users
      rows:
        - {id: 1, email: "it's \\ a"}
        - {id: 2, email: b}
  - execute: |
      DELIMITER //
      CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW BEGIN
        SET NEW.email = lower(NEW.email);
      END//
      DELIMITER ;
      INSERT INTO users (email) VALUES ('C;');
  - backfill: {table: users, set: {seen: "'2026-01-01'"}, batch: 2}
downgrade:
  - execute: DROP TRIGGER t; DELETE FROM users
Y
    ok upgrade head
    same $'1|it\'s \\ a|2026-01-01 00:00:00\n2|b|2026-01-01 00:00:00\n3|c;|2026-01-01 00:00:00' "$(sql 'SELECT * FROM users')"
    ok current
    prints bbbbbbbbbbbb
    ok history
    prints aaaaaaaaaaaa
    ok downgrade base
    same $'upgrade|aaaaaaaaaaaa\nupgrade|bbbbbbbbbbbb\ndowngrade|bbbbbbbbbbbb\ndowngrade|aaaaaaaaaaaa' \
        "$(sql 'SELECT direction, revision FROM cmig_history ORDER BY id')"
    same '' "$(sql "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT LIKE 'cmig%'")"
    ok stamp aaaaaaaaaaaa
    same aaaaaaaaaaaa "$(sql 'SELECT * FROM cmig_version')"
}

# The third operation fails until table `later` exists.
half_applied() {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - add_column: {table: one, name: extra, type: string(20)}
  - execute: INSERT INTO one (extra) VALUES ('x'); INSERT INTO later VALUES (1)
  - create_index: {table: one, name: ix_extra, columns: [extra]}
downgrade:
  - drop_table: one
Y
    fails 1 upgrade head
    says "mysql 1146" "2 of 4 operations of revision aaaa are applied, and a part of operation 3" "each statement was committed separately" \
        "Run 'cmig upgrade aaaa' to continue it, or 'cmig downgrade base' to revert it"
}

@test "MySQL: an UPDATE sets a column that has on_update" {
    project mysql
    users_model 'name: string(20)' 'seen: {type: timestamp, on_update: {func: now}}'
    ok revision --autogenerate -m first
    ok upgrade
    sql "INSERT INTO users (name, seen) VALUES ('a', '2001-01-01'), ('b', '2001-01-01')"
    sql "UPDATE users SET name = 'c' WHERE name = 'a'; UPDATE users SET name = 'd', seen = '2002-02-02' WHERE name = 'b'"
    same $'c|0|2026\nd|1|2002' "$(sql "SELECT name, seen = '2002-02-02', if(seen > '2026-01-01', 2026, year(seen)) FROM users ORDER BY name")"
    ok inspect
    prints "on_update: {func: now}"
    sql "ALTER TABLE users MODIFY seen datetime(6) ON UPDATE current_timestamp(6)"
    ok inspect
    prints "mysql: datetime(6)" "on_update: {func: now}"
    users_model 'name: {type: string(20), on_update: x}'
    fails 78 check
    says "models/model.yaml:5:7: on_update of column 'name' is 'x': MariaDB sets only a timestamp, and only to the current time"
}

@test "MySQL: a failed revision is continued where it stopped" {
    half_applied
    ok status
    prints 'Half applied'
    sql 'CREATE TABLE later (id int)'
    ok upgrade head
    says 'continuing with operation 3 of 4, statement 2'
    same '1|x' "$(sql 'SELECT * FROM one')"
    same aaaa "$(sql 'SELECT * FROM cmig_version')"
    same '' "$(sql 'SELECT * FROM cmig_progress')"
}

@test "MySQL: what made an operation fail is not taken for its result by the next run" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}, a: integer}}
downgrade: []
Y
    ok upgrade
    sql 'CREATE TABLE other (x int); CREATE INDEX ix ON t (id)'
    # After a statement that lint cannot read, nothing is foreseen.
    for op in 'create_table: {name: other, columns: {y: integer}}' 'rename_table: {name: t, new_name: other}' \
        'create_index: {table: t, name: ix, columns: [a]}'; do
        revision_file bbbb aaaa <<<$'upgrade:\n  - execute: DO 0\n  - '"$op"$'\ndowngrade: []'
        for attempt in 1 2 3; do
            fails 1 upgrade
            says 'mysql 10' '1 of 2 operations of revision bbbb are applied'
        done
        same '||0' "$(sql 'SELECT ifnull(state, ""), "", part FROM cmig_progress')"
        ok stamp aaaa
    done
    revision_file bbbb aaaa <<<$'upgrade: [{execute: DO 0}, {create_index: {table: t, name: ix, columns: [a]}}]\ndowngrade: []'
    fails 1 upgrade
    sql 'DROP INDEX ix ON t'
    ok upgrade
    same a "$(sql "SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = 'ix'")"
}

@test "MySQL: a failed revision is reverted from where it stopped" {
    project mysql
    sql 'CREATE TABLE later (id varchar(9) PRIMARY KEY)' # of another type than the key
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - add_column: {table: one, name: later_id, type: integer}
  - create_foreign_key: {table: one, name: fk, columns: [later_id], references: later.id}
downgrade:
  - drop_table: one
Y
    fails 1 upgrade head
    says '1 of 3 operations of revision aaaa are applied' 'operation 3 of 3, create_foreign_key one.fk'
    ok downgrade base
    same '' "$(sql "SHOW TABLES LIKE 'one'")"
    same '' "$(sql 'SELECT * FROM cmig_progress')"
}

many_statements() {
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - add_column: {table: one, name: extra, type: string(20), nullable: false}
  - create_index: {table: one, name: ix_extra, columns: [extra]}
  - rename_column: {table: one, name: extra, new_name: more}
  - alter_column: {table: one, name: more, type: string(30), default: x}
  - execute: INSERT INTO one (more) VALUES ('once')
  - drop_index: {table: one, name: ix_extra}
  - add_column: {table: one, name: gone, type: integer}
  - drop_column: {table: one, name: gone}
  - rename_table: {name: one, new_name: two}
  - create_check_constraint: {table: two, name: long, sql: length(more) > 1}
downgrade:
  - drop_table: two
Y
}

@test "MySQL: a run that ends at any statement is continued, and nothing is done twice" {
    for n in $(seq 1 2 60); do
        project mysql
        many_statements
        when=$((n / 2 % 2)) # before a statement, or after it
        python3 "$TESTS/lib/cut_mysql.py" "$URL" "kill-$([ $when = 0 ] && echo before || echo after)" "$n" "${CMIG[@]}" upgrade head \
            >out 2>err && cut=0 || cut=$?
        ok upgrade head
        same once "$(sql 'SELECT more FROM two')"
        same aaaa "$(sql 'SELECT * FROM cmig_version')"
        same 'more|varchar(30)|NO||x|' "$(sql "SHOW COLUMNS FROM two LIKE 'more'")"
        same 1 "$(sql 'SELECT count(*) FROM cmig_history')"
        same 'long' "$(sql 'SELECT constraint_name FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()')"
        drop_databases
        [ "$cut" != 0 ] || break
    done
    [ "$cut" = 0 ] && [ "$n" -gt 20 ]
}

# ---- other sessions ----------------------------------------------------------------------------------------------

@test "MySQL: an interruption kills the statement on the server" {
    project mysql
    revision_file aaaa null <<<$'upgrade: [{execute: "SELECT /* napping */ sleep(20)"}]\ndowngrade: []'
    "${CMIG[@]}" upgrade head 2>err &
    pid=$!
    wait_until eval '[ -n "$(sql "SELECT 1 FROM information_schema.processlist WHERE info LIKE '"'%napping *%'"' AND id <> connection_id()")" ]'
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" = 143 ] || { cat err; false; }
    same '' "$(sql "SELECT id FROM information_schema.processlist WHERE info LIKE '%napping *%' AND id <> connection_id()")"
    same '' "$(sql 'SELECT * FROM cmig_version' 2>/dev/null)"
}

@test "MySQL: another cmig that holds the lock is waited for, and named" {
    project mysql 'lock: {timeout: 300ms}'
    empty_revision aaaa null
    sql "SELECT get_lock(concat('cmig:', sha1(concat(DATABASE(), '.', 'cmig_version'))), 0); SELECT /* holding */ sleep(20)" &
    holder=$!
    wait_until eval '[ -n "$(sql "SELECT 1 FROM information_schema.processlist WHERE info LIKE '"'%holding *%'"' AND id <> connection_id()")" ]'
    fails 75 upgrade head
    says 'another cmig holds the lock' "the holder is connection"
    sql "SELECT id FROM information_schema.processlist WHERE info LIKE '%holding *%' AND id <> connection_id()" |
        while read -r id; do sql "KILL $id"; done
    wait "$holder" || true
    ok upgrade head
}

@test "MySQL: ten upgrades at once: all succeed, each revision ran once" {
    project mysql
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {id: integer}}}, {execute: "INSERT INTO t VALUES (1)"}]\ndowngrade: []'
    pids=()
    for i in $(seq 10); do
        "${CMIG[@]}" upgrade head >"out$i" 2>&1 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || { cat out*; false; }; done
    same 1 "$(sql 'SELECT count(*) FROM t')"
    same 1 "$(sql 'SELECT count(*) FROM cmig_history')"
}

@test "MySQL: a table that another session uses is not waited for without end" {
    project mysql 'lock: {table: 1s, retries: 0}'
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {id: integer}}}]\ndowngrade: []'
    ok upgrade head
    revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: t, name: n, type: integer}}]\ndowngrade: []'
    sql "START TRANSACTION; SELECT * FROM t; SELECT /* reading */ sleep(20)" &
    holder=$!
    wait_until eval '[ -n "$(sql "SELECT 1 FROM information_schema.processlist WHERE info LIKE '"'%reading *%'"' AND id <> connection_id()")" ]'
    fails 75 upgrade head
    says 'mysql 1205' 'try again'
    sql "SELECT id FROM information_schema.processlist WHERE info LIKE '%reading *%' AND id <> connection_id()" |
        while read -r id; do sql "KILL $id"; done
    wait "$holder" || true
    ok upgrade head
}

@test "MySQL: what is wrong with a connection ends with 69 or 78" {
    project mysql
    fails 69 --url "${URL%/*}/no_such_database" current
    says "mysql 1049" "hint: Run 'cmig create-database' first."
    fails 69 --url "mysql://nobody:secret@${URL#*@}" current
    says 'mysql 1045'
    [[ $err != *secret* ]]
    fails 69 --url mysql://root@127.0.0.1:1/app current
    says 'mysql 2002'
    fails 78 --url "$URL?ssl_caa=x" current
    says "unknown parameter 'ssl_caa'" "Did you mean 'ssl_ca'?"
    fails 78 --url "${URL%/*}" current
    says 'names no database'
    for scheme in mariadb mysql+pymysql mysql+mysqldb mariadb+mariadbconnector; do
        ok --url "$scheme://${URL#*://}?charset=utf8mb4" current
    done
}

# ---- inspection, and what is refused --------------------------------------------------------------------------------

@test "MySQL: a database made by hand is inspected, agrees, and can be created again" {
    project mysql
    sql "ALTER DATABASE COLLATE utf8mb4_unicode_ci;
CREATE TABLE a (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, t tinyint, m mediumint(5) unsigned zerofill,
  b bit(8) DEFAULT b'101', c char(3) CHARACTER SET ascii, v varchar(100) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  v2 varchar(20), tx mediumtext, y year,
  ts timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp, ts2 timestamp(3) NULL,
  s set('x','y') DEFAULT 'x,y', e enum('a','b''c') NOT NULL DEFAULT 'a', bl longblob, vb varbinary(20),
  p point NOT NULL, g geometry, ip inet6, j json DEFAULT '{}', d double(10,2), f float, n numeric, k int DEFAULT (1+2),
  vi int AS (id + 1) VIRTUAL INVISIBLE, FULLTEXT KEY ft (v2, tx), SPATIAL KEY sp (p), KEY pre (v(10), t DESC),
  KEY h (t) COMMENT 'hey', UNIQUE KEY u2 (v(5)), CHECK (t > 0)) ROW_FORMAT = dynamic COMMENT = 'made by hand';
CREATE TABLE my (x int, KEY (x)) ENGINE = MyISAM COLLATE latin1_swedish_ci;
CREATE TABLE child (id bigint PRIMARY KEY, a_id int unsigned, b int CHECK (b IN (1, 2)),
  CONSTRAINT fk FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE VIEW vw AS SELECT a.id, count(*) n FROM a JOIN child c ON c.a_id = a.id GROUP BY a.id"
    ok inspect
    echo "$out" >models/model.yaml
    ok check
    before=$(sql 'SHOW CREATE TABLE a; SHOW CREATE TABLE my; SHOW CREATE TABLE child')
    sql 'DROP VIEW vw; DROP TABLE child, a, my'
    ok revision --autogenerate -m first --rev-id aaaaaaaaaaaa
    ok upgrade head
    ok check
    sorted() { sed 's/\\n/\n/g' <<<"$1" | sed 's/,$//' | sort; }
    same "$(sorted "$before")" "$(sorted "$(sql 'SHOW CREATE TABLE a; SHOW CREATE TABLE my; SHOW CREATE TABLE child')")"
    ok downgrade base
    same '' "$(sql "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT LIKE 'cmig%'")"
}

@test "MySQL: an enum is not a number, whatever its values contain" {
    project mysql
    printf 'enums: {kind: [printer, mint]}\ntables: {t: {columns: {k: {type: enum(kind), primary_key: true}}}}\n' \
        >models/model.yaml
    ok revision --autogenerate -m first
    ok upgrade
    ok check
    says 'models and database agree'
    same "k|enum('printer','mint')|NO|PRI||" "$(sql 'SHOW COLUMNS FROM t')"
}

@test "MySQL: what served a foreign key goes or stays with the key when a column is dropped" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table:
      name: p
      columns: {a: {type: integer, nullable: false}, b: {type: integer, nullable: false}}
      primary_key: [a, b]
  - create_table:
      name: c
      columns: {a: integer, b: integer, d: integer, x: integer, y: integer}
      foreign_keys: [{name: two, columns: [a, b], references: "p(a, b)"}, {name: one, columns: [x], references: p(a)}]
      indexes: [{name: both, columns: [x, y]}]
  - drop_column: {table: c, name: b}
  - drop_column: {table: c, name: y}
downgrade: []
Y
    ok upgrade
    same 'one|x' "$(sql "SELECT index_name, column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'c'")"
    ok inspect
    echo "$out" >models/model.yaml
    [[ $out != *indexes* ]]
    ok check
}

@test "MySQL: a constraint that does not exist is renamed with a warning only if there is a primary key" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}}}
  - create_table: {name: u, columns: {id: integer}}
  - rename_constraint: {table: t, name: t_pkey, new_name: pk_t}
  - rename_constraint: {table: u, name: nothing, new_name: other}
downgrade: []
Y
    fails 1 upgrade
    says "aaaa.yaml:7:5: table 't' has no constraint 't_pkey': taken for the primary key" \
        "aaaa.yaml:8:5: operation 4 of 4" "constraint 'nothing' does not exist"
}

@test "MySQL: an index that replaces another for a foreign key goes again, and comes again" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: p, columns: {id: {type: integer, primary_key: true}}}
  - create_table:
      name: c
      columns: {a: integer, b: integer}
      foreign_keys: [{name: fk, columns: [a], references: p.id}]
      indexes: [{name: ix, columns: [a, b]}]
downgrade: []
Y
    revision_file bbbb aaaa <<'Y'
upgrade: [{drop_index: {table: c, name: ix}}]
downgrade: [{create_index: {table: c, name: ix, columns: [a, b]}}]
Y
    indexes="SELECT group_concat(index_name ORDER BY index_name, seq_in_index) FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'c'"
    for attempt in 1 2; do
        ok upgrade
        same fk "$(sql "$indexes")"
        ok downgrade -1
        same ix,ix "$(sql "$indexes")"
    done
    revision_file bbbb aaaa <<'Y'
upgrade: [{drop_index: {table: c, name: ix}}, {create_unique_constraint: {table: c, name: u, columns: [a]}}]
downgrade: []
Y
    ok upgrade
    same u "$(sql "$indexes")"
}

@test "MySQL: what is not modelled is named" {
    project mysql
    sql "DELIMITER //
SET sql_mode = 'ORACLE'//
CREATE PACKAGE pkg AS PROCEDURE p; END//"
    ok inspect
    echo "$out" >models/model.yaml
    says "package 'pkg'"
    ok check
}

@test "MySQL: partitions, versions and periods are read, and the server prints what a model spells otherwise" {
    project mysql
    sql "CREATE TABLE t (id int PRIMARY KEY, at date, KEY (at)) PARTITION BY HASH (id) PARTITIONS 2;
CREATE TABLE v (id int, s int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME INTERVAL 1 WEEK STARTS '2026-01-01 00:00:00' PARTITIONS 3;
CREATE TABLE p (id int, a date, b date, PERIOD FOR \`the term\`(a, b), PRIMARY KEY (id, \`the term\` WITHOUT OVERLAPS), CONSTRAINT c CHECK (a < b));
CREATE TABLE r (d date) PARTITION BY RANGE (to_days(d)) (PARTITION p1 VALUES LESS THAN (to_days('2020-01-01')), PARTITION \`order\` VALUES LESS THAN MAXVALUE)"
    ok inspect
    echo "$out" >models/model.yaml
    prints 'partition_by: hash (`id`) partitions 2' 'interval 7 day starts timestamp' 'without_system_versioning: true' \
        '`the term` (a, b)' 'without_overlaps: the term' 'c: "`a` < `b`"' '`order` values less than (maxvalue)'
    ok check
    sed -i 's/hash (`id`)/HASH( ID )/; s/(737790)/(to_days("2020-01-01"))/; s/7 day starts/1 WEEK STARTS/' models/model.yaml
    ok check
    same 0 "$(sql "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'cmig\\_scratch%'")"
    sed -i 's/(to_days("2020-01-01"))/(to_days(nonsense))/' models/model.yaml
    fails 78 check
    says "the database does not accept table 'r'"
    printf '%s\n' 'tables:' '  t: {columns: {id: integer}, mysql: {partitions: p values less than (1)}}' >models/model.yaml
    fails 78 check
    says "model.yaml:2:3: table 't' has partitions, but no 'partition_by'"
}

@test "MySQL: a revision says which partitions it drops, and what ends with versions" {
    project mysql
    sql "CREATE TABLE r (d int) PARTITION BY RANGE (d) (PARTITION p1 VALUES LESS THAN (1), PARTITION p2 VALUES LESS THAN (2), PARTITION p3 VALUES LESS THAN MAXVALUE);
CREATE TABLE v (id int) WITH SYSTEM VERSIONING; INSERT INTO r VALUES (0), (1), (7)"
    printf '%s\n' 'tables:' '  r:' '    columns: {d: integer}' '    mysql:' '      partition_by: range (d)' \
        '      partitions: p2 values less than (2), p2a values less than (7), p3 values less than (maxvalue)' \
        '  v: {columns: {id: integer}}' >models/model.yaml
    ok revision --autogenerate -m roll --rev-id aaaa
    same 2 "$(grep -c -x -e '  # drops partition p1 and its rows' -e '  # destroys the earlier versions of rows' migrations/aaaa_roll.yaml)"
    ok upgrade
    ok check
    same $'1\n7' "$(sql 'SELECT d FROM r ORDER BY d')"
    ok downgrade base
    same 'p1,p2,p3' "$(sql "SELECT group_concat(partition_name ORDER BY partition_ordinal_position) FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = 'r'")"
    same $'1\n7' "$(sql 'SELECT d FROM r ORDER BY d')"
}

@test "MySQL: what cannot be done is refused before the first statement" {
    project mysql
    for op in 'create_sequence: {name: s, type: integer}' 'create_sequence: {name: s, owned_by: t.c}' 'create_trigger: {name: t, table: one, sql: x}' 'create_schema: other' \
        'create_index: {table: one, name: i, columns: [{sql: lower(a)}]}' \
        'create_index: {table: one, name: i, columns: [a], where: a > 1}' \
        'create_table: {name: two, columns: {id: {type: integer, primary_key: true}}, checks: {c: id > 0}}' \
        'alter_column: {table: one, name: a, type: integer, using: a + 1}'; do
        revision_file aaaa null <<<$'upgrade:\n  - create_table: {name: one, columns: {a: integer}}\n  - '"$op"$'\ndowngrade: []'
        fails 78 upgrade head
        says 'Nothing was changed' 'aaaa.yaml:6:5' MariaDB
    done
    same '' "$(sql "SHOW TABLES LIKE 'one'")"
    revision_file aaaa null <<<$'upgrade: [{execute: "USE other"}]\ndowngrade: []'
    fails 78 upgrade head
    says 'cannot change to another database'
    fails 78 upgrade --sql head
    says 'cannot change to another database'
}

@test "MySQL: rows have times as in ISO 8601, by a run and by a script; the history says how long a step took" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}, at: timestamp, t: text, b: binary}}
  - bulk_insert:
      table: one
      rows:
        - {id: 1, at: "2026-11-20T10:00:00Z", t: "2026-11-20T10:00:00Z"}
        - {id: 2, at: "2026-11-20T10:00:00.25+02:00", b: '\x00ff'}
        - {id: 3, at: "2026-11-20T10:00:00"}
  - execute: DO sleep(0.05)
downgrade:
  - drop_table: one
Y
    ok upgrade head
    wanted=$'1|2026-11-20 10:00:00|2026-11-20T10:00:00Z|\n2|2026-11-20 08:00:00||00FF\n3|2026-11-20 10:00:00||'
    same "$wanted" "$(sql "SELECT id, date_format(at, '%Y-%m-%d %H:%i:%s'), t, hex(b) FROM one")"
    same 1 "$(sql 'SELECT duration_ms BETWEEN 50 AND 50000 FROM cmig_history')"
    ok upgrade --sql
    database mysql
    mysql "$URL" <<<"$out"
    same "$wanted" "$(sql "SELECT id, date_format(at, '%Y-%m-%d %H:%i:%s'), t, hex(b) FROM one")"
}

@test "MariaDB: a text with a check for JSON and another collation is not JSON" {
    project mysql
    sql "CREATE TABLE t (a json, b longtext CHECK (json_valid(b)), c longtext COLLATE utf8mb4_bin CHECK (json_valid(c)),
        d longtext COLLATE utf8mb4_unicode_ci CHECK (json_valid(d))) COLLATE utf8mb4_general_ci"
    local before
    before=$(mysql_dump "$URL")
    ok inspect
    model <<<"$out"
    prints "a: json" "c: json"
    ok check --strict
    sql "DROP TABLE t"
    ok revision --autogenerate -m again
    ok upgrade
    ok check --strict
    same "$before" "$(mysql_dump "$URL")"
}
