#!/usr/bin/env bats
# SQL of objects and views in files beside the models.
load helper

body='CREATE FUNCTION f(n integer) RETURNS integer LANGUAGE sql RETURN n'

@test "errors in a file have its place, and a remedy" {
    project postgresql
    model <<<'functions: {f(int): {file: sql/f.sql}}'
    mkdir models/sql
    fails 78 check
    says "models/model.yaml:1:13: function 'f(int)'" "cannot read SQL 'models/sql/f.sql': no such file" "relative to the model's directory"
    mkdir models/sql/f.sql
    fails 78 check
    says "cannot read SQL 'models/sql/f.sql': is a directory" "models/model.yaml:1:13"
    rmdir models/sql/f.sql
    for text in '' $'\n\n' '-- nothing yet' $'\xEF\xBB\xBF\r\n'; do
        printf '%s' "$text" >models/sql/f.sql
        fails 78 check
        says "models/sql/f.sql:1:1: the file contains no SQL for function 'f(int)'" "models/model.yaml:1:13: the file is named here" "Write the SQL into it"
    done
    printf 'CREATE \xff' >models/sql/f.sql
    fails 78 check
    says "not UTF-8" "line 1, column 8"
    printf '%s\n' "-- it counts" "" "$body;" "-- and another" "  ${body//f(/g(};" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:5:3: function 'f(integer)': a second statement follows" "models/model.yaml:1:13: its file is named here" "a file of its own"
    printf '%s\n' "$body;" "COMMENT ON FUNCTION f(integer) IS 'x'" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:2:1: function 'f(integer)': a second statement follows" "keys of the model"
    printf '%s\n' "-- ä" "  ${body//f(/\"G\"(}" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:2:19: function 'f(integer)': its SQL creates 'G'" "Use the same name"
    echo "${body//f(/app.f(}" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:1:17: function 'f(integer)': its SQL creates it in schema 'app'" "Use the same schema"
    printf '%s\n' "" " CREATE PROCEDURE f(n integer) LANGUAGE sql BEGIN ATOMIC END" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:2:2: function 'f(integer)': its SQL must begin with CREATE function" "Write the whole statement"
    echo "${body//integer)/text)}" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:1:1: the database does not accept function 'f(integer)'" "with other arguments"
    echo "CREATE FUNCTION f(n integer) RETURNS nothing LANGUAGE sql RETURN n" >models/sql/f.sql
    fails 78 check
    says "models/sql/f.sql:1:1: the database does not accept function 'f(integer)'" 'type "nothing" does not exist'
    model <<<'functions: {f(int): {file: sql/f.sql, sql: CREATE FUNCTION f(int)}}'
    fails 78 check
    says "takes 'sql' or 'file', not both"
}

@test "a byte order mark, line ends and comments are not part of the text" {
    project postgresql
    model <<<'functions: {f(int): {file: f.sql}}'
    printf '\xEF\xBB\xBF-- counts\r\nCREATE FUNCTION f(n integer) RETURNS integer LANGUAGE plpgsql AS $$\r\nBEGIN\r\n  RETURN n;\r\nEND $$;\r\n\r\n-- the end; really\r\n' >models/f.sql
    ok revision --autogenerate -m one
    ok upgrade
    same 0 "$(sql "SELECT strpos(prosrc, chr(13)) FROM pg_proc WHERE proname = 'f'")"
    ok check
    LC_ALL=C sed -i 's/\r$//; 1s/^...//' models/f.sql
    ok check
    sed -i 's/^-- .*//; $d' models/f.sql
    ok check
}

@test "a changed file becomes a replacement, and is restored by the downgrade" {
    project postgresql
    mkdir models/sql
    model <<'YAML'
functions: {f(int): {file: sql/f.sql, comment: counts}}
domains: {even: {file: sql/even.sql}}
tables:
  t:
    columns: {id: {type: bigint, primary_key: true}, a: integer}
    postgresql: {row_security: true}
    policies: {own: {file: sql/own.sql}}
    rules: {kept: {file: sql/kept.sql}}
    triggers: {up: {file: sql/up.sql}}
views:
  few: {file: sql/few.sql, comment: some}
  every: {file: sql/every.sql, materialized: true, indexes: {ix_every: [id]}}
YAML
    printf '%s\n' 'CREATE FUNCTION f(n integer) RETURNS integer LANGUAGE plpgsql AS $$' 'BEGIN' '  RETURN n;' 'END $$;' >models/sql/f.sql
    echo 'CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0)' >models/sql/even.sql
    echo 'CREATE POLICY own ON t USING (a > 0);' >models/sql/own.sql
    echo 'CREATE RULE kept AS ON DELETE TO t DO INSTEAD NOTHING;' >models/sql/kept.sql
    printf '%s\n' '-- nothing' 'CREATE TRIGGER up BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()' >models/sql/up.sql
    printf '%s\n' 'SELECT id,' '    a' 'FROM t' 'WHERE a > 0;' '-- some' >models/sql/few.sql
    printf '%s\n' 'SELECT id, a FROM t' >models/sql/every.sql
    ok revision --autogenerate -m one
    ok upgrade
    ok check
    sql "INSERT INTO t VALUES (1, 1), (2, -1)"
    before=$(dump)
    sed -i 's/RETURN n/RETURN n + 1/' models/sql/f.sql
    sed -i 's/a > 0/a > 1/' models/sql/own.sql models/sql/few.sql
    sed -i 's/BEFORE/AFTER/' models/sql/up.sql
    sed -i 's/DELETE/UPDATE/' models/sql/kept.sql
    sed -i 's/FROM t/FROM t WHERE a <> 0/' models/sql/every.sql
    sed -i 's/= 0/= 0 AND VALUE > 0/' models/sql/even.sql
    ok revision --autogenerate -m two
    for op in replace_function replace_policy replace_trigger replace_rule replace_view replace_domain; do
        [ "$(grep -c "$op" migrations/*two.yaml)" = 2 ] || report "$op: $(cat migrations/*two.yaml)"
    done
    grep -qx '          RETURN n + 1;' migrations/*two.yaml || report "$(cat migrations/*two.yaml)"
    grep -qx '          RETURN n;' migrations/*two.yaml || report "$(cat migrations/*two.yaml)"
    ok upgrade
    ok check
    ok downgrade -1
    [ "$before" = "$(dump)" ] || report "$(diff <(echo "$before") <(dump))"
    ok upgrade
    ok inspect --output models2 --split table
    mv models models1
    mv models2 models
    ok check
    ok revision --autogenerate -m three
    says "nothing"
}

@test "a view's file holds the query alone" {
    project sqlite
    model <<<$'tables: {t: {columns: {a: integer}}}\nviews: {few: {file: few.sql}}'
    echo 'CREATE VIEW few AS SELECT a FROM t' >models/few.sql
    fails 78 check
    says "models/few.sql:1:1: view 'few': its file begins with CREATE" "models/model.yaml:2:9: its file is named here" "only the query"
    printf '%s\n' 'SELECT a FROM t;' '  SELECT 1' >models/few.sql
    fails 78 check
    says "models/few.sql:2:3: view 'few': its query is followed by more SQL"
    model <<<$'tables: {t: {columns: {a: integer}}}\nviews: {few: {file: few.sql, sql: SELECT 1}}'
    fails 78 check
    says "a view takes 'sql' or 'file', not both"
    model <<<$'tables: {t: {columns: {a: integer}}}\nviews: {few: {comment: x}}'
    fails 78 check
    says "a view needs a query"
}

@test "a file, or a text, for each database" {
    for kind in sqlite postgresql; do
        project "$kind"
        model <<'YAML'
functions: {up(): {file: {postgresql: up.function.sql}}}
tables:
  t:
    columns: {id: {type: integer, primary_key: true}, a: text}
    triggers:
      up: {file: {sqlite: up.sqlite.sql, postgresql: up.postgresql.sql}}
views:
  few: {file: {default: few.sql, sqlite: few.sqlite.sql}}
  lengths: {sql: {sqlite: SELECT length(a) AS n FROM t, postgresql: SELECT char_length(a) AS n FROM t}}
YAML
        echo 'CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := upper(NEW.a); RETURN NEW; END $$' >models/up.function.sql
        echo 'CREATE TRIGGER up BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION up()' >models/up.postgresql.sql
        printf '%s\n' 'CREATE TRIGGER up AFTER INSERT ON t BEGIN' '  UPDATE t SET a = CASE WHEN 1 THEN upper(a) END WHERE id = NEW.id;' 'END;' >models/up.sqlite.sql
        echo "SELECT a FROM t WHERE a ~ 'A'" >models/few.sql
        echo "SELECT a FROM t WHERE a LIKE '%A%'" >models/few.sqlite.sql
        ok revision --autogenerate -m one
        grep -q 'AFTER INSERT ON t BEGIN' migrations/*one.yaml && grep -q 'BEFORE INSERT ON t FOR' migrations/*one.yaml || report "$(cat migrations/*one.yaml)"
        ok upgrade
        sql "INSERT INTO t VALUES (1, 'a')"
        same A "$(sql 'SELECT a FROM few')"
        ok check
        # The downgrade is right for the other database, too.
        sed -i 's/upper/lower/' models/up.sqlite.sql models/up.function.sql
        ok revision --autogenerate -m two
        ok upgrade
        ok check
        [ "$kind" != sqlite ] || [ "$(grep -c 'EXECUTE FUNCTION up()' migrations/*two.yaml)" = 2 ] || report "$(cat migrations/*two.yaml)"
        ok downgrade -1
        sql "INSERT INTO t VALUES (2, 'b')"
        same B "$(sql 'SELECT a FROM t WHERE id = 2')"
    done
    rm models/up.sqlite.sql
    fails 78 check
    says "models/model.yaml:6:7: trigger 'up on t'" "cannot read SQL 'models/up.sqlite.sql': no such file"
    sed -i 's/sqlite: up/oracle: up/' models/model.yaml
    fails 78 check
    says "unknown dialect 'oracle'"
}

@test "a file that an object names is no model of its own" {
    project postgresql 'models: [models, models/*.sql]'
    model <<<'functions: {f(int): {file: f.sql}}'
    echo "$body" >models/f.sql
    ok revision --autogenerate -m one
    ok upgrade
    ok check
    model <<<$'functions: {f(int): {file: f.sql}}\nviews: {one: {file: {postgresql: one.sql}}}'
    echo "SELECT 1 AS n" >models/one.sql
    ok revision --autogenerate -m two
    ok upgrade
    ok check
}
