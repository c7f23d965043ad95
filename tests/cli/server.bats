#!/usr/bin/env bats
# Servers that are too old, unsuitable, or have unusual settings.

load helper

# ---- versions ----------------------------------------------------------------------------------------------------

@test "features that need a newer server are rejected with their place, before anything runs" {
    ! is_postgresql 18 || return 0
    project postgresql
    server=$(sql "SELECT split_part(current_setting('server_version'), ' ', 1)")
    model <<'END'
tables:
  items:
    columns:
      id: {type: integer, primary_key: true}
      twice: {type: integer, generated: {sql: id * 2, stored: false}}
END
    fails 78 check
    says "model.yaml:5:7: a generated column that is not stored needs PostgreSQL 18 or later, but the server is PostgreSQL $server" \
        "Write 'generated: {sql: …, stored: true}'"
    model <<'END'
tables:
  items:
    columns:
      id: {type: integer, primary_key: true}
    checks:
      positive:
        sql: id > 0
        postgresql: {not_enforced: true}
END
    fails 78 revision --autogenerate -m first
    says "model.yaml:8:22: option 'not_enforced' needs PostgreSQL 18"
    revision_file aaaaaaaaaaaa null <<'END'
upgrade:
  - create_table: {name: other, columns: {id: integer}}
  - create_unique_constraint:
      table: other
      columns: [id]
      postgresql: {without_overlaps: true}
downgrade: []
END
    fails 78 upgrade
    says "aaaaaaaaaaaa.yaml:6:5: operation 2 of 2" "option 'without_overlaps' needs PostgreSQL 18" 'Nothing was changed'
    [ -z "$(sql "SELECT * FROM pg_tables WHERE tablename = 'other'")" ]
    ok upgrade --sql
    prints 'UNIQUE (id WITHOUT OVERLAPS)'
}

@test "what a publication selects needs PostgreSQL 15" {
    ! is_postgresql 15 || return 0
    project postgresql
    sql "CREATE TABLE t (a int PRIMARY KEY, b int)"
    for selected in 'TABLE t (a)' 'TABLE t WHERE (a > 1)' 'TABLES IN SCHEMA public'; do
        revision_file aaaaaaaaaaaa null <<<"upgrade: [{create_publication: {name: p, sql: CREATE PUBLICATION p FOR $selected}}]"$'\ndowngrade: []'
        fails 78 upgrade
        says "aaaaaaaaaaaa.yaml:4:32: a publication of schemas, or of columns or rows of a table needs PostgreSQL 15 or later" 'Nothing was changed'
    done
    revision_file aaaaaaaaaaaa null <<<$'upgrade: [{create_publication: {name: p, sql: CREATE PUBLICATION p FOR TABLE t}}]\ndowngrade: []'
    ok upgrade
}

@test "a column that must be recreated keeps its comment, and drops nothing else" {
    ! is_postgresql 17 || return 0
    project postgresql
    revision_file aaaaaaaaaaaa null <<'END'
upgrade:
  - create_table:
      name: items
      columns:
        id: integer
        twice: {type: integer, nullable: false, generated: id * 2, comment: computed}
      indexes: {ix_twice: [twice]}
downgrade: []
END
    revision_file bbbbbbbbbbbb aaaaaaaaaaaa <<<$'upgrade: [{alter_column: {table: items, name: twice, generated: id + id}}]\ndowngrade: []'
    fails 1 upgrade
    says 'the column must be recreated, and index ix_twice would be lost' 'Drop it before this operation'
    rm migrations/bbbbbbbbbbbb.yaml
    revision_file bbbbbbbbbbbb aaaaaaaaaaaa <<'END'
upgrade:
  - drop_index: {table: items, name: ix_twice}
  - alter_column: {table: items, name: twice, generated: id + id}
downgrade: []
END
    ok upgrade
    same '(id + id)|t|computed' "$(sql "SELECT pg_get_expr(d.adbin, d.adrelid), a.attnotnull, col_description(a.attrelid, a.attnum)
        FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE attrelid = 'items'::regclass")"
}

# ---- servers that cannot be written to ---------------------------------------------------------------------------

teardown_file() {
    [ ! -d "$BATS_FILE_TMPDIR/standby" ] || sh "$TESTS/lib/postgresql.sh" stop "$BATS_FILE_TMPDIR/standby"
}

@test "a standby is read, its texts are compared literally, and nothing is changed on it" {
    project postgresql
    users_model 'name: {type: string(20), check: "name IN (lower(name)) OR name NOT LIKE upper(name)"}' 'at: {type: timestamptz, default: {func: now}}'
    ok revision --autogenerate -m one --rev-id aaaaaaaaaaaa
    ok upgrade
    empty_revision bbbbbbbbbbbb aaaaaaaaaaaa
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
    is_installed_postgresql || return 0
    standby=$(sh "$TESTS/lib/postgresql.sh" standby "$BATS_FILE_TMPDIR/standby" "$CMIG_TEST_POSTGRESQL_URL")
    standby=${standby%/*}/${URL##*/}
    primary=$URL

    ok --url "$standby" current
    prints aaaaaaaaaaaa
    ok --url "$standby" status
    prints "Pending:"$'\n'"  bbbbbbbbbbbb"
    ok --url "$standby" diff
    says 'the database is read-only: expressions were compared as text'
    ok --url "$standby" upgrade --dry-run -v
    prints "SET revision = 'bbbbbbbbbbbb'"
    for words in upgrade 'downgrade -1' 'stamp head'; do
        fails 1 --url "$standby" $words
        says "is read-only" 'Use the URL of the primary: this server is a standby.'
    done
    ok --url "$primary" upgrade
    wait_until "${CMIG[@]}" --url "$standby" current --check-heads
    ok --url "$standby" upgrade
    says 'nothing to do'
    ok --url "$standby" check
}

@test "an error about a read-only session says what made it read-only" {
    project postgresql
    chain 1
    sql "ALTER DATABASE ${URL##*/} SET default_transaction_read_only = on"
    fails 1 upgrade
    says "is read-only" "'default_transaction_read_only' is on"
}

@test "a change of a published table is told, since subscribers do not get it" {
    project postgresql
    sql 'CREATE TABLE posts (id int PRIMARY KEY); CREATE TABLE "Other One" (id int PRIMARY KEY); CREATE TABLE quiet (id int)'
    sql 'CREATE PUBLICATION p FOR TABLE posts; CREATE PUBLICATION "q r" FOR TABLE posts, "Other One"'
    revision_file aaaa null <<<$'upgrade: [{add_column: {table: posts, name: a, type: text}}, {add_column: {table: posts, name: b, type: text}}, {add_column: {table: Other One, name: a, type: text}}]\ndowngrade: [{drop_column: {table: posts, name: a}}]'
    revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: quiet, name: a, type: text}}, {bulk_insert: {table: posts, rows: [{id: 1}]}}]\ndowngrade: [{drop_column: {table: quiet, name: a}}]'
    ok upgrade --dry-run
    says 'warning: logical replication does not carry these changes to subscribers: posts (p, q r), "Other One" (q r)'
    ok upgrade aaaa
    says 'subscribers: posts (p, q r), "Other One" (q r)'
    ok upgrade
    [[ $err != *subscribers* ]] || report "no published table was changed"
    ok downgrade base
    says 'subscribers: posts (p, q r)'
    sql 'DROP PUBLICATION p; DROP PUBLICATION "q r"; CREATE PUBLICATION p FOR ALL TABLES'
    rm migrations/*
    revision_file cccc null <<<$'upgrade: [{create_table: {name: new, columns: {a: integer}}}]\ndowngrade: []'
    ok stamp base --purge
    ok upgrade
    says 'subscribers: new (p)'
}

# ---- poolers -----------------------------------------------------------------------------------------------------

# Starts a PgBouncer before the server, and sets $POOL to its URL of the project's database.
pool() { # session|transaction|statement
    local dir=$BATS_TEST_TMPDIR/pool-$1 port as=()
    local server=${CMIG_TEST_POSTGRESQL_URL%/*}
    mkdir -p "$dir"
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    echo '"postgres" ""' >"$dir/users"
    cat >"$dir/ini" <<END
[databases]
* = host=127.0.0.1 port=${server##*:} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
auth_file = $dir/users
pool_mode = $1
pidfile = $dir/pid
logfile = $dir/log
END
    if [ "$(id -u)" = 0 ]; then
        chown -R postgres "$dir"
        as=(runuser -u postgres --)
    fi
    "${as[@]}" "$(PATH=$PATH:/usr/sbin command -v pgbouncer)" -q -d "$dir/ini" 3>&-
    POOL=postgresql://postgres@127.0.0.1:$port/${URL##*/}
    wait_until psql -X -d "$POOL" -c 'SELECT 1'
}

teardown() {
    for pid in "$BATS_TEST_TMPDIR"/pool-*/pid; do
        [ ! -f "$pid" ] || kill "$(cat "$pid")"
    done
    drop_databases
}

@test "a pool with a session for each client makes no difference" {
    project postgresql
    pool session
    users_model 'name: {type: string(20), check: name <> upper(name)}'
    ok --url "$POOL" revision --autogenerate -m one
    ok --url "$POOL" upgrade
    ok --url "$POOL" check
    ok --url "$POOL" downgrade base
    [ -z "$(sql "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")" ]
}

@test "a pool that switches sessions between transactions can be read, but not migrated through" {
    project postgresql "lock: {timeout: 10s}"
    users_model 'name: {type: string(20), check: name <> upper(name)}'
    ok revision --autogenerate -m one --rev-id aaaaaaaaaaaa
    for mode in statement transaction; do
        pool $mode
        ok --url "$POOL" current
        fails 78 --url "$POOL" upgrade
        says 'the connection pooler switches sessions between transactions' "'pool_mode = session' in PgBouncer"
        # The session that the next client gets is unchanged.
        same 0 "$(psql -X -A -t -d "$POOL" -c 'SHOW lock_timeout')"
    done
    ok upgrade
    ok --url "$POOL" upgrade
    says 'nothing to do'
    ok --url "$POOL" check
}

# ---- roles that may not do everything ----------------------------------------------------------------------------

# A role that may do nothing by itself: $ROLE is the URL of the project's database for it.
role() {
    sql "DO \$\$ BEGIN CREATE ROLE cmig_bats_limited LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END \$\$"
    ROLE=${URL/postgres@/cmig_bats_limited@}
}

@test "a role without privileges reads what it may, and gets an error for the rest" {
    project postgresql
    users_model 'name: {type: string(20), check: name <> upper(name)}'
    role
    ok --url "$ROLE" revision --autogenerate -m one --rev-id aaaaaaaaaaaa
    sql 'REVOKE CREATE ON SCHEMA public FROM public'
    fails 1 --url "$ROLE" upgrade
    says 'create_table users' 'permission denied for schema public' 'Everything was rolled back'
    ok upgrade
    ok --url "$ROLE" inspect
    fails 1 --url "$ROLE" current
    says 'permission denied for table cmig_version'
    sql 'GRANT SELECT ON cmig_version TO cmig_bats_limited'
    ok --url "$ROLE" current
    ok --url "$ROLE" check
    ok --url "$ROLE" upgrade
    for words in 'check --strict' 'upgrade --strict' log; do
        fails 1 --url "$ROLE" $words
        says 'permission denied for table cmig_history'
    done
    sql 'GRANT ALL ON cmig_version, cmig_history TO cmig_bats_limited'
    users_model 'name: {type: string(30), check: name <> upper(name)}'
    ok revision --autogenerate -m two --rev-id bbbbbbbbbbbb
    fails 1 --url "$ROLE" upgrade
    says 'must be owner of table users' 'at aaaaaaaaaaaa, as before'
}

@test "without the privilege for temporary tables, texts are compared literally" {
    project postgresql
    users_model 'name: {type: string(20), check: name <> upper(name)}'
    role
    ok revision --autogenerate -m one
    ok upgrade
    sql "GRANT SELECT ON cmig_version TO cmig_bats_limited; REVOKE TEMP ON DATABASE ${URL##*/} FROM public"
    ok --url "$ROLE" check
    says 'the role cannot create temporary tables (TEMP on the database): expressions were compared as text'
    users_model "name: {type: string(20), check: name <> lower(name)}"
    fails 2 --url "$ROLE" check
    prints "users: check 'ck_users_name' differs"
}

# ---- settings ----------------------------------------------------------------------------------------------------

# Objects that the server prints differently, depending on session settings.
texts_model() {
    model <<'END'
enums: {mood: [happy, "it's ok", 'back\slash', größe]}
tables:
  texts:
    columns:
      id: {type: bigint, primary_key: true}
      s: {type: string(20), default: 'a\b''c'}
      f: {type: double, default: 0.1}
      sum: {type: double, default: {sql: "0.1::float8 + 1e-7::real"}}
      d: {type: date, default: {sql: "date '2026-03-04' + 1"}}
      at: {type: timestamptz, default: '2026-03-04 05:06:07+02'}
      i: {type: interval, default: {sql: "interval '1 year 2 mons 3 days 04:05:06' * 2"}}
      b: {type: binary, default: {sql: "'\\x00ff'::bytea"}}
      m: {type: enum(mood), default: größe}
      price: {type: money, default: {sql: "'12.50'"}}
    checks:
      few: s in ('a', 'b\c', 'it''s') or s ~ '^\d+$'
      late: at > '2020-01-01 00:00:00+00' and i < interval '100 years 1 day'
      bytes: b <> '\x01' and f <> 0.30000000000000004 and s like 'a\_%'
    indexes:
      - {columns: [{sql: lower(s)}], where: "d > '2026-01-02'", name: ix}
views:
  v: SELECT id, i + interval '1 day' AS i2, '\x0102'::bytea AS k, date '2026-02-01' AS q FROM texts WHERE s IN ('a', 'b\c')
END
}

# Created and compared under the settings of the database, then without them, and the reverse.
agrees_under() { # SETTING...
    local name=${URL##*/} setting
    for setting; do sql "ALTER DATABASE $name SET $setting"; done
    ok upgrade
    ok check
    sql "ALTER DATABASE $name RESET ALL"
    ok check
    ok downgrade base
    ok upgrade
    for setting; do sql "ALTER DATABASE $name SET $setting"; done
    ok check
    ok downgrade base
    sql "ALTER DATABASE $name RESET ALL"
}

@test "settings of sessions make no differences" {
    project postgresql
    texts_model
    ok revision --autogenerate -m one
    agrees_under 'standard_conforming_strings = off' 'escape_string_warning = off' 'quote_all_identifiers = on'
    agrees_under "datestyle = 'SQL, DMY'" 'intervalstyle = iso_8601' 'bytea_output = escape' 'extra_float_digits = -15' \
        "timezone = 'Asia/Kolkata'" 'transform_null_equals = on'
    agrees_under 'search_path = nowhere, public' "statement_timeout = '1min'" "lock_timeout = '1min'" \
        "idle_in_transaction_session_timeout = '1min'" 'default_transaction_isolation = serializable'
}

@test "encodings and collations of the database make no differences" {
    for encoding in LATIN1 SQL_ASCII; do
        project postgresql
        psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DROP DATABASE IF EXISTS ${URL##*/}" \
            -c "CREATE DATABASE ${URL##*/} TEMPLATE template0 ENCODING $encoding LC_COLLATE 'C' LC_CTYPE 'C'"
        texts_model
        ok revision --autogenerate -m one
        ok upgrade
        ok check
        ok inspect
        prints 'größe'
    done
}

@test "a role that may not create in the schema is told what to grant" {
    local role=cmig_bats_poor_$$
    project postgresql
    sql "CREATE ROLE $role; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    revision_file a null <<<$'upgrade: [create_table: {name: t, columns: {a: text}}]\ndowngrade: []'
    PGOPTIONS="-c role=$role" try upgrade
    sql "DROP ROLE $role"
    [ "$status" = 1 ] || report "should have failed"
    says "postgresql 42501" "hint: Ask its owner to run: GRANT USAGE, CREATE ON SCHEMA public TO"
}

@test "PostgreSQL 18: a NOT NULL of another name that is not validated is validated online" {
    is_postgresql 18 || return 0
    project postgresql
    sql "CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer, c integer CONSTRAINT named NOT NULL);
        ALTER TABLE t ADD CONSTRAINT mine NOT NULL a NOT VALID;
        ALTER TABLE t ADD CONSTRAINT t_b_not_null NOT NULL b NOT VALID; INSERT INTO t VALUES (1, 2, 3, 4)"
    revision_file 111111111111 null <<'Y'
upgrade:
  - alter_column: {table: t, name: a, nullable: false, online: true}
  - alter_column: {table: t, name: b, nullable: false, online: true}
  - create_unique_constraint: {table: t, columns: [a], name: uq_a, online: true}
  - alter_column: {table: t, name: c, nullable: false, online: true}
downgrade: []
Y
    ok upgrade
    same "$(sql "SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'n' ORDER BY 1")" \
        $'mine|t\nnamed|t\nt_b_not_null|t\nt_id_not_null|t'
    sql "CREATE TABLE other (id integer PRIMARY KEY, a integer CONSTRAINT other_a_not_null CHECK (a > 0))"
    revision_file 222222222222 111111111111 <<'Y'
upgrade:
  - alter_column: {table: other, name: a, nullable: false, online: true}
downgrade: []
Y
    fails 78 upgrade
    says "its form needs the name 'other_a_not_null', which a constraint has"
}

# ---- servers that are nearly PostgreSQL --------------------------------------------------------------------------

@test "a server that says it is another one is read, and changed only if it has what that needs" {
    project postgresql
    revision_file aaaaaaaaaaaa null <<<$'upgrade: [{execute: "CREATE TABLE a (id int)"}]\ndowngrade: []'
    says_it_is() {
        sql "CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS \$\$SELECT '$1'\$\$"
    }
    says_it_is 'PostgreSQL 15.2-YB-2.25.0.0-b489 on x86_64-pc-linux-gnu'
    ok status
    prints 'YugabyteDB (PostgreSQL '
    fails 1 upgrade
    says 'is read-only' 'hint: cmig does not change YugabyteDB, which lacks locks that prevent concurrent runs'
    same "" "$(sql "SELECT to_regclass('cmig_version')")"
    says_it_is 'PostgreSQL 12.12 (Greenplum Database 7.1.0 build commit:abc)'
    ok upgrade
    says 'warning: cmig has not been tested with Greenplum'
}
