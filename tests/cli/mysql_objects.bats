# Triggers, routines and events of MariaDB, of which a model has the SQL.

load helper

# What the server has of them, one line each.
objects_there() {
    sql "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_order, action_statement, sql_mode, definer
FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY trigger_name;
SELECT routine_name, routine_type, dtd_identifier, routine_definition, is_deterministic, sql_data_access, security_type, routine_comment, sql_mode, definer
FROM information_schema.routines WHERE routine_schema = DATABASE() ORDER BY routine_name;
SELECT event_name, event_definition, interval_value, starts, status, on_completion, time_zone, sql_mode, definer
FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY event_name"
}

made_by_hand() {
    sql "SET sql_mode = DEFAULT, time_zone = 'SYSTEM';
CREATE TABLE t (id int PRIMARY KEY, a varchar(40));
CREATE TRIGGER one BEFORE INSERT ON t FOR EACH ROW SET NEW.a = concat(NEW.a, '1');
CREATE TRIGGER two BEFORE INSERT ON t FOR EACH ROW PRECEDES one SET NEW.a = concat(NEW.a, '2');
CREATE DEFINER = nobody@localhost TRIGGER three BEFORE INSERT ON t FOR EACH ROW SET NEW.a = concat(NEW.a, 'it\'s');
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
CREATE DEFINER = 'no body'@'%' PROCEDURE p(INOUT x decimal(8,2), \"y\" text) COMMENT 'it''s' SQL SECURITY INVOKER SET x = \"x\" + length('\\');
SET sql_mode = '';
CREATE FUNCTION f(a int unsigned, e enum('a,b','c')) RETURNS varchar(10) CHARACTER SET latin1 DETERMINISTIC RETURN 'x';
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO DELETE FROM t WHERE id < 0"
}

@test "MariaDB: objects made by hand are inspected, agree, and can be created again" {
    project mysql
    made_by_hand
    before=$(objects_there)
    ok inspect
    echo "$out" >models/model.yaml
    prints 'f(int unsigned, enum):' 'p(decimal, text):' 'DEFINER = `nobody`@`localhost`' "SET STATEMENT sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES' FOR" \
        "time_zone = 'SYSTEM'"
    says ''
    ok check
    sql 'DROP TABLE t; DROP PROCEDURE p; DROP FUNCTION f; DROP EVENT ev'
    ok revision --autogenerate -m first
    ok upgrade head
    ok check
    # idle words of the server's own sql_mode are left out
    plain() { sed 's/NO_AUTO_CREATE_USER,//' <<<"$1"; }
    same "$(plain "$before")" "$(plain "$(objects_there)")"
    sql "INSERT INTO t VALUES (1, 'x')" 2>err || true
    grep -q 'nobody' err # the definer counts, and does not exist
    ok downgrade base
    same '' "$(objects_there)"
}

@test "MariaDB: an event without STARTS is no difference, and its start is kept" {
    project mysql
    model <<'Y'
tables: {t: {columns: {id: integer}}}
events:
  daily: CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO DELETE FROM t
  once: CREATE EVENT once ON SCHEDULE AT current_timestamp + INTERVAL 1 DAY DO DELETE FROM t
Y
    ok revision --autogenerate -m first --rev-id aaaa
    ok upgrade head
    sleep 1
    ok check
    before=$(sql 'SHOW CREATE EVENT daily; SHOW CREATE EVENT once')
    ok revision --autogenerate -m nothing
    says 'nothing'
    sed -i 's/EVERY 1 DAY/EVERY 2 DAY/' models/model.yaml
    fails 2 check
    prints "event 'daily': its SQL differs"
    ok revision --autogenerate -m second
    ok upgrade head
    ok check
    ok downgrade aaaa
    same "$before" "$(sql 'SHOW CREATE EVENT daily; SHOW CREATE EVENT once')"
}

@test "MariaDB: a trigger of a dropped table comes back in the downgrade, also where models list no triggers" {
    for lists in yes no; do
        project mysql
        sql "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY);
DELIMITER //
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW IF NEW.id < 0 THEN SET NEW.id = 0; END IF//"
        [ "$lists" = yes ] && echo 'triggers: {}' >models/none.yaml
        model <<<$'tables: {u: {columns: {id: {type: {mysql: int}, primary_key: true, autoincrement: false}}}}'
        ok revision --autogenerate -m drop
        ok upgrade head
        same '' "$(objects_there)"
        ok downgrade base
        same 'tr|t' "$(sql "SELECT trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema = DATABASE()")"
        sql 'INSERT INTO t VALUES (-3)'
        same 0 "$(sql 'SELECT * FROM t')"
        drop_databases
    done
}

@test "MariaDB: objects are renamed, triggers in their place" {
    project mysql
    model <<'Y'
tables:
  t:
    columns: {id: integer, a: string(40)}
    triggers:
      one: CREATE TRIGGER one BEFORE INSERT ON t FOR EACH ROW SET NEW.a = concat(NEW.a, '1')
      two: CREATE TRIGGER two BEFORE INSERT ON t FOR EACH ROW SET NEW.a = concat(NEW.a, '2')
functions: {f(int): CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1}
procedures: {p(): CREATE PROCEDURE p() SET @x = 1}
events: {e: CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t}
Y
    ok revision --autogenerate -m first --rev-id aaaa
    ok upgrade head
    before=$(objects_there)
    model <<'Y'
tables:
  t:
    columns: {id: integer, a: string(40)}
    triggers:
      uno: {renamed_from: one, sql: "CREATE TRIGGER uno BEFORE INSERT ON t FOR EACH ROW SET NEW.a = concat(NEW.a, '1')"}
      two: CREATE TRIGGER two BEFORE INSERT ON t FOR EACH ROW SET NEW.a = concat(NEW.a, '2')
functions: {g(int): {renamed_from: f, sql: CREATE FUNCTION g(a INT) RETURNS INT DETERMINISTIC RETURN a + 1}}
procedures: {q(): {renamed_from: p, sql: CREATE PROCEDURE q() SET @x = 1}}
events: {ev: {renamed_from: e, sql: CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO DELETE FROM t}}
Y
    ok revision --autogenerate -m second
    same 4 "$(grep -c '^  - rename_' migrations/*second* | head -1)" || grep rename_ migrations/*
    ok upgrade head
    ok check
    sql "INSERT INTO t VALUES (1, '')"
    same '12|2' "$(sql 'SELECT a, g(1) FROM t')"
    ok downgrade aaaa
    same "$before" "$(objects_there)"
}

@test "MariaDB: SQL that the server does not accept is refused with its place" {
    project mysql
    refused() { # LINE WORDS...
        fails 78 check
        says "models/model.yaml:$1" "${@:2}"
        same '' "$(sql "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()")"
    }
    model <<<$'tables:\n  t:\n    columns: {id: integer}\n    triggers:\n      bad: CREATE TRIGGER bad BEFORE INSERT ON t FOR EACH ROW SET NEW.nope = 1'
    refused 5:7 "the database does not accept trigger 'bad on t'" "Unknown column 'nope' in 'NEW'"
    model <<<$'tables:\n  t:\n    columns: {id: integer}\n    triggers:\n      bad: CREATE TRIGGER bad BEFORE INSERT ON u FOR EACH ROW SET @x = 1'
    refused 5:7 "its SQL creates it on table 'u'"
    model <<<$'functions:\n  f(): CREATE FUNCTION f() RETURNS INT RETRN 1'
    refused 2:3 "the database does not accept function 'f()'" 'mysql 1064'
    model <<<$'functions:\n  f(int): CREATE FUNCTION f(a BIGINT) RETURNS INT DETERMINISTIC RETURN 1'
    refused 2:3 'its SQL has the parameters (bigint)' "Name it 'f(bigint)' in the model."
    model <<<$'procedures:\n  p(): |\n    CREATE PROCEDURE p() SELECT 1;\n    CREATE PROCEDURE q() SELECT 1'
    refused 2:3 "the database does not accept procedure 'p()'"
    model <<<$'procedures:\n  p(): "DELIMITER //\\nCREATE PROCEDURE p() SELECT 1//"'
    refused 2: 'its SQL must begin with CREATE procedure'
    model <<<$'events:\n  e: CREATE EVENT e ON SCHEDULE EVERY 1 FORTNIGHT DO SELECT 1'
    refused 2:3 "the database does not accept event 'e'"
    model <<<$'events:\n  e: CREATE EVENT e DO SELECT 1'
    refused 2:3 'its SQL is not CREATE EVENT … ON SCHEDULE … DO …'
}

@test "MariaDB: a user who cannot create databases compares triggers by their text" {
    project mysql
    user=cmig_$$
    sql "CREATE USER $user@'127.0.0.1'; GRANT ALL ON ${URL##*/}.* TO $user@'127.0.0.1'"
    sed -i "s|root@|$user@|" cmig.yaml
    model <<'Y'
tables:
  t:
    columns: {id: integer}
    triggers:
      tr: create trigger tr before insert on t for each row set new.id = 1
functions: {f(int): CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1}
Y
    ok revision --autogenerate -m first
    ok upgrade head
    ok check
    ok downgrade base
    sql "DROP USER $user@'127.0.0.1'"
}

@test "MariaDB: objects that are excluded, or of kinds that no model lists, are left alone" {
    project mysql
    made_by_hand
    printf '%s\n' 'exclude: ["trigger:one", "procedure:*", "event:*"]' >>cmig.yaml
    ok inspect
    [[ $out == *two:* && $out != *one:* && $out != *procedures* && $out != *events* ]]
    echo "$out" >models/model.yaml
    ok check
    sed -i '/^exclude/d' cmig.yaml
    fails 2 check
    prints "trigger 'one on t': not in the models"
    printf 'tables: {t: {columns: {id: {type: integer, primary_key: true, autoincrement: false}, a: string(40)}}}\n' >models/model.yaml
    ok check
    says "trigger 'one'" "procedure 'p'" "function 'f'" "event 'ev'"
    echo 'complete: true' >>models/model.yaml
    fails 2 check
    prints "trigger 'one on t': not in the models" "procedure 'p(decimal, text)': not in the models" "event 'ev': not in the models"
    before=$(objects_there)
    ok revision --autogenerate -m drop
    ok upgrade head
    same '' "$(objects_there)"
    ok downgrade base
    same "$before" "$(objects_there | sed 's/STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE/STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE/')"
}

@test "MariaDB: scripts create objects, idempotent ones too" {
    project mysql
    made_by_hand
    ok inspect
    echo "$out" >models/model.yaml
    before=$(objects_there)
    sql 'DROP TABLE t; DROP PROCEDURE p; DROP FUNCTION f; DROP EVENT ev'
    ok revision --autogenerate -m first
    plain() { sed 's/NO_AUTO_CREATE_USER,//' <<<"$1"; }
    ok upgrade --sql --idempotent head
    for again in 1 2; do
        sql "$out" >script.out 2>&1
        same '' "$(grep ERROR script.out)"
        same "$(plain "$before")" "$(plain "$(objects_there)")"
    done
    ok check
    ok downgrade head:base --sql
    sql "$out"
    same '' "$(objects_there)"
    ok upgrade --sql base:head
    sql "$out"
    same "$(plain "$before")" "$(plain "$(objects_there)")"
}

@test "MariaDB: what a user may not read is named, and neither dropped nor created" {
    project mysql
    sql "$(cat <<'S'
CREATE TABLE a (id int PRIMARY KEY, n int DEFAULT 3 CHECK (n > 0), KEY k (n));
CREATE TABLE b (id int PRIMARY KEY, a int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE ON UPDATE SET NULL);
CREATE VIEW v AS SELECT id FROM a;
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;
CREATE FUNCTION f() RETURNS int RETURN 1;
CREATE PROCEDURE p() SELECT 1;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM a;
S
)"
    ok inspect
    printf '%s\n' "$out" >models/model.yaml
    ok check
    local name=${URL##*/} user=cmig_$$ low=${URL/\/\/*@/\/\/cmig_$$@} text
    sql "CREATE USER $user, ${user}_more; GRANT SELECT ON $name.* TO $user"
    ok --url "$low" check
    says "warning: not compared: view 'v': its query cannot be read without the privilege SHOW VIEW" "models and database agree"
    for text in "triggers '$name': this user may not see all of them, which needs the privilege TRIGGER" "functions '$name'" \
        "procedures '$name'" "events '$name'"; do
        says "warning: not compared: $text"
    done
    ok --url "$low" revision --autogenerate -m none
    says "nothing to do"
    # What can be read is compared.
    sql "ALTER TABLE b DROP FOREIGN KEY fk; ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES a (id)"
    fails 2 --url "$low" check
    says "1 difference"
    sql "ALTER TABLE b DROP FOREIGN KEY fk"
    sql "ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE ON UPDATE SET NULL"
    # Of routines of another user only the names.
    sql "GRANT ALL ON $name.* TO $user"
    ok --url "$low" check
    says_exactly "cmig: warning: not compared: function 'f': its SQL cannot be read with the privileges of this user
cmig: warning: not compared: procedure 'p': its SQL cannot be read with the privileges of this user
models and database agree"
    # With privileges on some tables the others cannot be told from missing ones.
    sql "REVOKE ALL ON $name.* FROM $user; GRANT SELECT ON $name.a TO $user"
    ok --url "$low" inspect
    says "not compared: tables '$name': this user may not see all of them, which needs a privilege on each of them"
    # A role counts.
    sql "CREATE OR REPLACE ROLE ${user}_role; GRANT ALL ON $name.* TO ${user}_role; GRANT ${user}_role TO ${user}_more; SET DEFAULT ROLE ${user}_role FOR ${user}_more"
    ok --url "${low/cmig_$$/cmig_$$_more}" check
    [[ $err != *triggers* ]] || report "triggers are not compared"
    sql "DROP USER $user, ${user}_more; DROP ROLE ${user}_role"
}

@test "MariaDB: what the judge of a killed run left is no difference, and is dropped, not that of a live one" {
    project mysql
    model <<'Y'
tables: {a: {columns: {id: {type: integer, primary_key: true}}}}
views: {v: "SELECT id FROM a WHERE id IN (1,2)"}
Y
    ok revision --autogenerate -m first
    ok upgrade head
    sql "CREATE VIEW cmig_scratch_view_999999999 AS SELECT 1; CREATE FUNCTION cmig_scratch_object_999999999() RETURNS int RETURN 1; CREATE VIEW cmig_scratch_view_999999998 AS SELECT 1"
    sql "DO get_lock('cmig_scratch:999999998', 0); SELECT /* judging */ sleep(20)" &
    local holder=$!
    wait_until eval '[ -n "$(sql "SELECT 1 FROM information_schema.processlist WHERE info LIKE '"'%/* judging */%'"' AND id <> connection_id()")" ]'
    ok check
    says "VIEW cmig_scratch_view_999999999, left by an earlier run, was dropped" \
        "FUNCTION cmig_scratch_object_999999999, left by an earlier run, was dropped" "models and database agree"
    same $'cmig_scratch_view_999999998\nv' "$(sql "SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE() ORDER BY 1")"
    sql "SELECT id FROM information_schema.processlist WHERE info LIKE '%/* judging */%' AND id <> connection_id()" |
        while read -r id; do sql "KILL $id"; done
    wait "$holder" || true
}

@test "MariaDB: a baseline creates packages, which are not modelled" {
    database mysql
    sql "$(cat <<'S'
SET sql_mode = ORACLE;
CREATE TABLE a (id int PRIMARY KEY);
DELIMITER //
CREATE PACKAGE emp AS FUNCTION f RETURN int; END//
CREATE PACKAGE BODY emp AS FUNCTION f RETURN int AS BEGIN RETURN 'it''s' || "x"; END; END//
S
)"
    ok --url "$URL" init --from-database new
    says "the baseline was applied to a scratch database and compared"
    local there='SELECT routine_type, routine_name, routine_definition, sql_mode FROM information_schema.routines WHERE routine_schema = DATABASE()' was
    was=$(sql "$there")
    database mysql
    ok -c new/cmig.yaml --url "$URL" upgrade head
    same "$was" "$(sql "$there")"
}

@test "packages are created and dropped by SQL, and named" {
    project mysql
    revision_file aaaa null <<'Y'
upgrade:
  - execute: |
      SET sql_mode = oracle;
      DELIMITER //
      CREATE PACKAGE p AS
        FUNCTION f RETURN int;
      END//
      CREATE PACKAGE BODY p AS
        FUNCTION f RETURN int AS BEGIN RETURN 7; END;
      END//
      DELIMITER ;
downgrade:
  - execute: SET sql_mode = oracle; DROP PACKAGE p
Y
    ok upgrade
    same 7 "$(sql "SET sql_mode = oracle; SELECT p.f()")"
    ok inspect
    says "not modelled, ignored: package 'p'" "not modelled, ignored: package body 'p'"
    ok downgrade base
    ok inspect
    prints_exactly "complete: true"
}
