# Half-applied revisions: their record, who may continue them, and messages.

load helper

sql_file() { # ID PARENT UP [DOWN] [KEY LINE...]
    local id=$1 parent=$2 up=$3 down=${4:-}
    shift $(($# < 4 ? $# : 4))
    {
        printf -- '-- %s\n' "revision: $id" "down_revision: $parent" "$@"
        printf -- '-- upgrade\n%s\n-- downgrade\n%s\n' "$up" "$down"
    } >"migrations/$id.sql"
}

# ---- what a revision may contain ---------------------------------------------------------------------------------

@test "SQL that begins or ends a transaction is refused before the first statement" {
    for database in $DATABASES; do
        project "$database"
        why="each revision runs in a transaction of its own" alone="with 'transaction: false' each statement is committed by itself"
        [ "$database" != mysql ] || why="on MariaDB each statement of a revision is committed by itself" alone=$why
        empty_revision aaaa null
        for text in 'COMMIT;' 'SELECT 1; begin;' $'-- a comment\n/* another */ ROLLBACK;' 'END;' \
            'START TRANSACTION' "PREPARE TRANSACTION 'x'" 'ABORT' 'BEGIN; SELECT 1; COMMIT; BEGIN;' 'BEGIN; SELECT 1; ROLLBACK;'; do
            sql_file bbbb aaaa "$text"
            fails 78 upgrade head
            says "the SQL of a revision cannot begin or end a transaction" "migrations/bbbb.sql:" "Nothing was changed." \
                "$why"
            fails 78 upgrade --sql head
            prints_exactly ""
            sql_file bbbb aaaa "$text" "" "transaction: false"
            fails 78 upgrade head
            says "$alone"
        done
        sql_file bbbb aaaa 'SELECT 1' 'COMMIT'
        ok upgrade head
        fails 78 downgrade base
        says "migrations/bbbb.sql:6:1"
        rm migrations/bbbb.sql
        sql "DELETE FROM cmig_version"
        printf 'SELECT 1;\nCOMMIT;\n' >migrations/x.txt
        revision_file bbbb aaaa <<<$'upgrade: [{execute: {file: x.txt}}]\ndowngrade: []'
        fails 78 upgrade head
        says "migrations/x.txt:2:1"
        revision_file bbbb aaaa <<<$'upgrade: [{execute: "SAVEPOINT a; RELEASE SAVEPOINT a"}]\ndowngrade: []'
        if [ "$database" = mysql ]; then # no transaction is open
            fails 78 upgrade head
            continue
        fi
        ok upgrade head
        revision_file cccc bbbb "transaction: false" <<<$'upgrade: [{execute: "SAVEPOINT a"}]\ndowngrade: []'
        fails 78 upgrade head
    done
    project sqlite
    sql_file aaaa null "CREATE TABLE t (a); CREATE TRIGGER commit_t AFTER INSERT ON t BEGIN DELETE FROM t; END; SELECT 'COMMIT'"
    ok upgrade head
}

# ---- one attempt -------------------------------------------------------------------------------------------------

# aaaa creates t; bbbb stops at its third operation of three until table `later` exists.
half_applied() { # DATABASE [LINE...]
    project "$@"
    revision_file aaaa null <<'Y'
upgrade: [create_table: {name: t, columns: {id: {type: integer, primary_key: true}}}]
downgrade: [drop_table: t]
Y
    revision_file bbbb aaaa <<'Y'
upgrade:
  - add_column: {table: t, name: x, type: integer}
  - backfill: {table: t, set: {x: id}}
  - execute: INSERT INTO later VALUES (1)
downgrade: [drop_column: {table: t, name: x}]
Y
    fails 1 upgrade head
    says "cannot apply revision bbbb" "2 of 3 operations of revision bbbb are applied" \
        "Before it, 1 of 2 revisions was applied." "The version table says aaaa." \
        "Run 'cmig upgrade bbbb' to continue it, or 'cmig downgrade aaaa' to revert it."
}

later() {
    sql "CREATE TABLE later (a integer)"
}

@test "a half-applied revision is shown, and is not a clean state" {
    for database in $DATABASES; do
        half_applied "$database"
        ok log
        [[ $(sed -n 2p <<<"$out") =~ ^"-  "\ +"upgrade  bbbb ".*"2 of 3 operations" ]] || report "does not list it"
        ok log --json
        json 'd["half_applied"]["revision"] == "bbbb" and [s["revision"] for s in d["log"]] == ["aaaa"]'
        ok log aaaa
        [[ $out != *bbbb* ]] || report "lists another revision"
        ok status
        prints "Half applied:" "  bbbb: 2 of 3 operations applied"
        ok --json status
        json 'd["half_applied"] == {"revision": "bbbb", "direction": "upgrade", "applied": 2, "operations": 3, "in_part": False, "outdated": False}'
        ok current
        says "revision bbbb is half applied: 2 of 3 operations"
        ok --json current
        json 'd["half_applied"]["revision"] == "bbbb"'
        ok history -i
        prints "bbbb (head) (half applied)"
        fails 2 current --check-heads
        says "revision bbbb is half applied" "cmig upgrade bbbb"
        fails 2 check
        fails 1 --json upgrade
        json 'd["steps"] == [] and d["planned"] == 1 and d["rows"] == ["aaaa"]'
        says "continuing with operation 3 of 3" "2 of 3 operations of revision bbbb are applied"
        later
        ok upgrade
        same "$(sql "SELECT count(*) FROM later")" 1
        fails 0 current --check-heads
        ok --json status
        json 'd["half_applied"] is None'
        no_progress
    done
}

@test "a half-applied revision whose applied operations were edited is not continued" {
    for database in $DATABASES; do
        half_applied "$database"
        later
        sed -i 's/INSERT INTO later VALUES (1)/INSERT INTO later VALUES (7)/' migrations/bbbb.yaml
        sed -i 's/name: x, type: integer/name: x, type: bigint/' migrations/bbbb.yaml
        for way in upgrade "downgrade base"; do
            fails 1 $way
            says "the file of revision bbbb was edited since it was half applied" "cmig stamp aaaa"
        done
        sed -i 's/name: x, type: bigint/name: x, type: integer/' migrations/bbbb.yaml
        ok upgrade
        same "$(sql "SELECT a FROM later")" 7
    done
}

@test "a stamp removes the record of a half-applied revision, and says so" {
    for database in $DATABASES; do
        for target in head aaaa base "--purge aaaa"; do
            half_applied "$database"
            ok stamp $target
            says "revision bbbb is half applied: 2 of 3 operations; its record is removed"
            ! sql "SELECT * FROM cmig_progress" 2>/dev/null
            ok --json status
            json 'd["half_applied"] is None'
        done
        # what is applied by hand and stamped runs from its first operation when it was reverted
        half_applied "$database"
        later
        ok stamp head
        ok downgrade aaaa
        ok upgrade
        same "$(sql "SELECT count(x) FROM t")" 0
    done
}

# What removes a record: on MariaDB DROP TABLE would commit.
removal() {
    if [ "$DATABASE" = mysql ]; then echo "DELETE FROM "; else echo "DROP TABLE IF EXISTS "; fi
}

@test "a script removes the record of a half-applied revision" {
    for database in $DATABASES; do
        half_applied "$database"
        for script in "downgrade aaaa:base --sql" "stamp aaaa:base --sql" "upgrade aaaa:head --sql" "upgrade head --sql --idempotent"; do
            ok $script
            prints "$(removal)" cmig_progress
        done
        ok downgrade aaaa:base --sql
        sql "$out"
        later
        ok upgrade
        same "$(sql "SELECT count(x) FROM t")" 0
    done
}

@test "an outdated record is never used" {
    for database in $DATABASES; do
        # by another tool, which knows the version table only; by one that knows the history as well
        for change in "UPDATE cmig_version SET revision = 'bbbb'" "DELETE FROM cmig_version" \
            "INSERT INTO cmig_history (revision, parents, direction, started, outcome) VALUES ('aaaa', '', 'upgrade', '2026-11-20', 'done')"; do
            half_applied "$database"
            later
            sql "$change"
            for command in "upgrade head" "downgrade base" "upgrade aaaa" "downgrade -1"; do
                fails 1 $command
                says "revision bbbb was left half applied at aaaa, but the database has moved since" "cmig stamp REVISION"
            done
            fails 2 current --check-heads
            ok status
            prints "bbbb: the record is outdated"
        done
        ok stamp --purge aaaa
        no_progress
    done
}

@test "a record that cmig 0.1.0 left is not misread" {
    for database in sqlite postgresql; do
        half_applied "$database"
        sql "DROP TABLE cmig_progress"
        sql "CREATE TABLE cmig_progress (revision varchar(255) NOT NULL, direction varchar(20) NOT NULL, operation integer NOT NULL, digest varchar(20) NOT NULL, state text)"
        sql "INSERT INTO cmig_progress VALUES ('bbbb', 'upgrade', 1, 'abcdef01', 'done')"
        for command in "upgrade head" "downgrade base"; do
            fails 1 $command
            says "revision bbbb was left half applied by an earlier release of cmig" "cmig stamp REVISION"
        done
        ok status
        ok --json current
        json 'd["half_applied"]["outdated"]'
        sql "DELETE FROM cmig_progress"
        sed -i 's/type: integer}/type: integer, if_not_exists: true}/' migrations/bbbb.yaml
        fails 1 upgrade head
        says "2 of 3 operations of revision bbbb are applied"
    done
}

@test "a half-done downgrade is continued before anything else happens" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<'Y'
upgrade: [create_table: {name: t, columns: {id: {type: integer, primary_key: true}, z: integer}}]
downgrade: [drop_table: t]
Y
        revision_file bbbb aaaa <<'Y'
upgrade: [add_column: {table: t, name: y, type: integer}]
downgrade:
  - drop_column: {table: t, name: y}
  - backfill: {table: t, set: {z: id}}
  - execute: INSERT INTO later VALUES (1)
Y
        ok upgrade
        fails 1 downgrade aaaa
        says "cannot revert revision bbbb" "2 of 3 operations of the downgrade of revision bbbb are applied" \
            "Run 'cmig downgrade -1' to continue it."
        for command in "upgrade head" "upgrade bbbb"; do
            fails 1 $command
            says "revision bbbb is half downgraded: 2 of 3 operations" "cmig downgrade -1"
        done
        fails 2 current -c
        fails 2 check
        ok current
        prints "bbbb (head) (half downgraded)"
        ok status
        prints "Half downgraded:" "  bbbb: 2 of 3 operations applied"
        later
        ok downgrade base
        says "continuing with operation 3 of 3"
        ok upgrade
    done
}

# ---- reverting ---------------------------------------------------------------------------------------------------

@test "a half-applied revision is reverted by a downgrade" {
    for database in $DATABASES; do
        for target in aaaa -1 base; do
            half_applied "$database"
            sql "INSERT INTO t (id) VALUES (1)"
            ok downgrade "$target" --dry-run
            [[ $out != *cmig_* ]] || report "prints bookkeeping"
            ok downgrade "$target" --dry-run -v
            prints "$(removal)" cmig_progress
            ok downgrade "$target"
            says "revert the applied part of aaaa -> bbbb" || says "revert the applied part of bbbb -> aaaa"
            ! sql "SELECT x FROM t" 2>/dev/null
            no_progress
            [ "$target" = base ] || same "$(sql "SELECT revision FROM cmig_version; SELECT id FROM t" | xargs)" "aaaa 1"
            later
            ok upgrade
            sql "SELECT x FROM t"
        done
    done
}

@test "what a half-applied revision created, changed and renamed is undone, in every form of the revision" {
    for database in sqlite postgresql; do
        for keys in "" "transaction: false"; do
            project "$database"
            revision_file aaaa null <<'Y'
upgrade: [create_table: {name: t, columns: {id: {type: integer, primary_key: true}, "Old one": text}}]
downgrade: [drop_table: t]
Y
            revision_file bbbb aaaa ${keys:+"$keys"} <<'Y'
upgrade:
  - create_table: {name: "Odd 'one'", columns: {id: {type: integer, primary_key: true}, t_id: integer}}
  - bulk_insert: {table: "Odd 'one'", rows: [{id: 1, t_id: 1}]}
  - add_column: {table: t, name: x, type: integer}
  - create_index: {table: t, name: ix_x, columns: [x], concurrently: true}
  - create_check_constraint: {table: t, name: positive, sql: x > 0}
  - rename_column: {table: t, name: "Old one", new_name: select}
  - create_view: {name: v, sql: select x from t}
  - backfill: {table: t, set: {x: "7"}}
  - alter_column: {table: t, name: x, nullable: false}
  - execute: SELECT 1; SELECT nonsense
downgrade: []
Y
            ok upgrade aaaa
            sql "INSERT INTO t (id) VALUES (1)"
            before=$(dump | tr -d '"')
            fails 1 upgrade
            [ -z "$keys" ] || {
                says "9 of 10 operations of revision bbbb are applied, and a part of operation 10"
                fails 1 downgrade aaaa
                says "cannot revert half-applied revision bbbb" "cannot be undone: migrations/bbbb.yaml:15:5: operation 10 of 10, execute" \
                    "cmig stamp aaaa"
                continue
            }
            ok downgrade aaaa
            same "$before" "$(dump | tr -d '"')"
            same "$(sql "SELECT count(*) FROM t")" 1
        done
    done
}

@test "what a half-applied revision dropped and changed is restored as in its downgrade" {
    for database in sqlite postgresql; do
        project "$database"
        revision_file aaaa null <<'Y'
upgrade:
  - create_table:
      name: t
      columns: {id: {type: integer, primary_key: true}, k: {type: integer, default: 3}, "Old one": string(20), gone: {type: text}}
      indexes: {ix_gone: [gone]}
      checks: {k_small: k < 100}
  - create_table: {name: other, columns: {id: {type: integer, primary_key: true}}}
  - create_view: {name: v, sql: select k from t}
downgrade: [drop_view: v, drop_table: other, drop_table: t]
Y
        revision_file bbbb aaaa <<'Y'
upgrade:
  - drop_view: v
  - drop_index: {table: t, name: ix_gone}
  - drop_constraint: {table: t, name: k_small, type: check}
  - alter_column: {table: t, name: k, nullable: false, default: 4}
  - alter_column: {table: t, name: Old one, type: string(40)}
  - drop_column: {table: t, name: gone}
  - drop_table: other
  - add_column: {table: t, name: x, type: integer}
  - backfill: {table: t, set: {x: "1"}}
  - create_index: {table: t, name: ix_x, columns: [x], concurrently: true}
  - create_check_constraint: {table: t, name: never, sql: x > 1}
downgrade:
  - drop_constraint: {table: t, name: never, type: check}
  - drop_index: {table: t, name: ix_x, concurrently: true}
  - drop_column: {table: t, name: x}
  - create_table: {name: other, columns: {id: {type: integer, primary_key: true}}}
  - add_column: {table: t, name: gone, type: text}
  - alter_column: {table: t, name: Old one, type: string(20)}
  - alter_column: {table: t, name: k, nullable: true, default: 3}
  - create_check_constraint: {table: t, name: k_small, sql: k < 100}
  - create_index: {table: t, name: ix_gone, columns: [gone]}
  - create_view: {name: v, sql: select k from t}
Y
        ok upgrade aaaa
        sql "INSERT INTO t (id, k) VALUES (1, 7)"
        before=$(dump)
        fails 1 upgrade
        says " of 11 operations of revision bbbb are applied"
        ok downgrade -1
        same "$before" "$(dump)"
        same "$(sql "SELECT id, k FROM v, other RIGHT JOIN t USING (id)" 2>/dev/null || sql "SELECT id, k FROM t")" "1|7"
        fails 1 upgrade
        sql "DELETE FROM t"
        ok upgrade
        ok downgrade -1
        same "$before" "$(dump)"
        # a downgrade that does more than answer is not taken apart
        echo "  - execute: SELECT 1" >>migrations/bbbb.yaml
        sql "INSERT INTO t (id, k) VALUES (1, 7)"
        fails 1 upgrade
        fails 1 downgrade -1
        says "cannot revert half-applied revision bbbb" "operation 7 of 11, drop_table other"
    done
}

@test "what cannot be undone keeps a half-applied revision, with all of it named" {
    for database in $DATABASES; do
        project "$database"
        sql "CREATE TABLE t (id integer PRIMARY KEY, x integer); CREATE TABLE mine (id integer)"
        empty_revision aaaa null
        revision_file bbbb aaaa <<'Y'
upgrade:
  - create_table: {name: mine, columns: {id: integer}, if_not_exists: true}
  - backfill: {table: t, set: {x: id}}
  - run: "false"
downgrade: [{execute: DROP TABLE t}]
Y
        fails 1 upgrade
        says "2 of 3 operations of revision bbbb are applied, and operation 3 was begun and may be applied, too"
        fails 1 downgrade aaaa
        says "operation 1 of 3, create_table mine" "operation 2 of 3, backfill t" "operation 3 of 3, run"
        sql "SELECT * FROM mine; SELECT * FROM t"
    done
}

@test "settings of the session apply when a revision is continued" {
    for database in sqlite postgresql; do
        project "$database"
        sql "CREATE TABLE seen (s text)"
        if [ "$database" = sqlite ]; then
            set="PRAGMA case_sensitive_like = ON" ask="CASE WHEN 'A' LIKE 'a' THEN 'no' ELSE 'yes' END"
        else
            set="SET search_path = pg_temp, public; SET LOCAL search_path = none; SET application_name = 'mine'"
            ask="CASE WHEN current_setting('search_path') = 'pg_temp, public' AND current_setting('application_name') = 'mine' THEN 'yes' ELSE 'no' END"
        fi
        for text in "$set; INSERT INTO seen VALUES ('1'); INSERT INTO seen SELECT $ask FROM later" \
            "$set|INSERT INTO seen VALUES ('1')|INSERT INTO seen SELECT $ask FROM later"; do
            sql "DROP TABLE IF EXISTS later; DELETE FROM seen" 2>/dev/null
            {
                echo upgrade:
                tr '|' '\n' <<<"$text" | sed 's/.*/  - {execute: "&"}/'
                echo 'downgrade: []'
            } | revision_file aaaa null "transaction: false"
            fails 1 upgrade
            sql "CREATE TABLE later (a integer); INSERT INTO later VALUES (1)"
            ok upgrade --dry-run
            prints "${set%%;*}" "FROM later"
            [[ $out != *"VALUES ('1')"* ]] || report "prints what is applied"
            ok upgrade
            same "$(sql "SELECT s FROM seen ORDER BY s" | xargs)" "1 yes"
            ok downgrade base
        done
    done
}

# ---- interruptions at every commit -------------------------------------------------------------------------------

# Runs cmig so that it ends at its n-th commit, before or after that is done: SQLite in this process, PostgreSQL by the
# connection, which leaves the server the same.
cut_run() { # [kill-]before|[kill-]after N WORD...
    local when=$1 n=$2
    shift 2
    if [ "$DATABASE" = sqlite ]; then
        [ -e "$BATS_TEST_TMPDIR/cut.so" ] || "${CC:-cc}" -shared -fPIC -o "$BATS_TEST_TMPDIR/cut.so" "$TESTS/lib/cut.c"
        # the sanitizer's library must be the first
        local first
        first=$(ldd "${CMIG[-1]}" | awk '/libasan/ { print $3 }')
        CUT_AT=$n CUT_WHEN=$when LD_PRELOAD="${first:+$first }$BATS_TEST_TMPDIR/cut.so" try "$@"
    else
        python3 "$TESTS/lib/cut.py" "$URL" "$when" "$n" "${CMIG[@]}" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" && status=0 || status=$?
        err=$(cat "$BATS_TEST_TMPDIR/err")
    fi
}

# Ends each run at its first commit that records more than the run before did, until one is done.
run_in_pieces() { # before|after WORD...
    local when=$1 i first n recorded= now
    shift
    first=$([ "$when" = after ] && echo 1 || echo 2)
    [ "$DATABASE" = sqlite ] || when=kill-$when
    n=$first
    for i in $(seq 60); do
        cut_run "$when" $n "$@"
        [ "$status" != 0 ] || return 0
        now=$(sql "SELECT * FROM cmig_progress" 2>&1) || now=
        [[ $err != *"Everything was rolled back"* ]] || [ -z "$now" ] || report "claims too much"
        [ "$now" = "$recorded" ] && n=$((n + 1)) || n=$first
        recorded=$now
    done
    report "does not end"
}

pieces_revision() { # [KEY LINE]
    revision_file bbbb aaaa ${1:+"$1"} <<Y
upgrade:
  - create_table: {name: n, columns: {id: {type: integer, primary_key: true}, k: integer}}
  - execute: INSERT INTO seen VALUES ('one'); INSERT INTO seen VALUES ('two')
  - backfill: {table: t, set: {x: "coalesce(x, 0) + 1"}, batch: 2}
  - create_index: {table: t, name: ix, columns: [x], concurrently: true}
  - execute: INSERT INTO seen VALUES ('three')
  - add_column: {table: n, name: late, type: integer}
downgrade:
  - drop_column: {table: n, name: late}
  - drop_index: {table: t, name: ix, concurrently: true}
  - execute: INSERT INTO seen VALUES ('four')
  - backfill: {table: t, set: {x: x - 1}, batch: 2}
  - drop_table: n
  - execute: INSERT INTO seen VALUES ('five'); INSERT INTO seen VALUES ('six')
Y
    [ -z "${1:-}" ] || sed -i "s/VALUES ('three')/VALUES ('three'); VACUUM; INSERT INTO seen VALUES ('late')/" migrations/bbbb.yaml
}

@test "a run that ends at any boundary is continued, and nothing is done twice" {
    for database in sqlite postgresql; do
        for keys in "" "transaction: false"; do
            for when in before after; do
                project "$database"
                sql "CREATE TABLE seen (s text); CREATE TABLE t (id integer PRIMARY KEY, x integer); INSERT INTO t (id) VALUES (1), (2), (3), (4), (5)"
                empty_revision aaaa null
                pieces_revision "$keys"
                ok upgrade aaaa
                run_in_pieces "$when" upgrade head
                same "$(sql "SELECT s FROM seen ORDER BY s" | xargs)" "${keys:+late }one three two"
                same "$(sql "SELECT sum(x), count(*) FROM t; SELECT count(late) FROM n" | xargs)" "5|5 0"
                fails 0 current --check-heads
                sql "DELETE FROM seen"
                run_in_pieces "$when" downgrade aaaa
                same "$(sql "SELECT s FROM seen ORDER BY s" | xargs)" "five four six"
                same "$(sql "SELECT sum(x), count(*) FROM t" | xargs)" "0|5"
                ok --json status
                json 'd["half_applied"] is None and d["rows"] == ["aaaa"]'
                same "$(sql "SELECT count(*) FROM cmig_history")" 3
            done
        done
    done
}

# ---- states and messages -----------------------------------------------------------------------------------------

# aaaa, bbbb and cccc create a table each; the last one then fails, upwards with $1, downwards (of aaaa) with $2.
three() { # DATABASE TRANSACTION UP DOWN
    project "$1" "transaction: $2"
    local parent=null id
    for id in aaaa bbbb cccc; do
        revision_file "$id" "$parent" <<Y
upgrade: [{create_table: {name: t_$id, columns: {id: integer}}}$([ "$id" != cccc ] || echo ", {execute: $3}")]
downgrade: [{drop_table: t_$id}$([ "$id" != aaaa ] || echo ", {execute: $4}")]
Y
        parent=$id
    done
}

tables() {
    if [ "$DATABASE" = sqlite ]; then
        sql "SELECT name FROM sqlite_schema WHERE name LIKE 't!_%' ESCAPE '!' ORDER BY 1" | xargs
    else
        sql "SELECT relname FROM pg_class WHERE relname LIKE 't!_%' ESCAPE '!' ORDER BY 1" | xargs
    fi
}

@test "a failed run reports the state of the database: by transaction and direction" {
    for database in sqlite postgresql; do
        for row in \
            "revision|2|bbbb|t_aaaa t_bbbb|Revision cccc was rolled back; 2 of 3 revisions were applied, the database is at bbbb.|2|aaaa|t_aaaa|Revision aaaa was rolled back; 2 of 3 revisions were reverted, the database is at aaaa." \
            "run|0|||Everything was rolled back; the database is at base, as before.|0|cccc|t_aaaa t_bbbb t_cccc|Everything was rolled back; the database is at cccc, as before." \
            "none|2|bbbb|t_aaaa t_bbbb t_cccc|1 of 2 operations of revision cccc are applied; what followed was rolled back. Before it, 2 of 3 revisions were applied. The version table says bbbb.|2|aaaa||1 of 2 operations of the downgrade of revision aaaa are applied; what followed was rolled back. Before it, 2 of 3 revisions were reverted. The version table says aaaa."; do
            IFS='|' read -r transaction up_steps up_rows up_tables up_says down_steps down_rows down_tables down_says <<<"$row"
            three "$database" "$transaction" "SELECT nonsense" "SELECT nonsense"
            fails 1 --json upgrade
            says "cannot apply revision cccc" "$up_says"
            json "len(d['steps']) == $up_steps and d['planned'] == 3 and ' '.join(d['rows']) == '$up_rows'"
            same "$up_tables" "$(tables)"
            sed -i 's/, {execute: SELECT nonsense}//' migrations/cccc.yaml
            ok upgrade
            fails 1 --json downgrade base
            says "cannot revert revision aaaa" "$down_says"
            json "len(d['steps']) == $down_steps and d['planned'] == 3 and ' '.join(d['rows']) == '$down_rows'"
            same "$down_tables" "$(tables)"
            sed -i 's/, {execute: SELECT nonsense}//' migrations/aaaa.yaml
            ok downgrade base
            same "" "$(tables)"
        done
    done
}

@test "the message of a run that lost its connection" {
    for row in \
        "revision|t_aaaa t_bbbb|Revision cccc was rolled back; 2 of 3 revisions were applied, the database is at bbbb" \
        "run||Everything was rolled back; the database is at base" \
        "none|t_aaaa t_bbbb t_cccc|hint: 1 of 2 operations of revision cccc are applied"; do
        IFS='|' read -r transaction left text <<<"$row"
        three postgresql "$transaction" "SELECT pg_terminate_backend(pg_backend_pid())" "SELECT 1"
        fails 69 upgrade
        says "cannot apply revision cccc" "$text"
        same "$left" "$(tables)"
    done
}

@test "an error with the code of a refused login is not a lost connection" {
    three postgresql revision "DO \$\$BEGIN RAISE EXCEPTION 'mine' USING ERRCODE = '28000'; END\$\$" "SELECT 1"
    fails 1 upgrade
    says "mine" "Revision cccc was rolled back; 2 of 3 revisions were applied, the database is at bbbb"
    [[ $err != *"connection is lost"* ]]
    same "t_aaaa t_bbbb" "$(tables)"
}

@test "a run whose commit was not answered continues, or reports what is unknown" {
    for row in \
        "revision before 2|0|t_aaaa t_bbbb t_cccc|connected again; the database is at aaaa|the database is at cccc" \
        "revision after 3|0|t_aaaa t_bbbb t_cccc|connected again; the database is at cccc|done: 3 steps" \
        "revision gone 3|69|t_aaaa t_bbbb t_cccc|cannot apply revision|revisions were applied for certain, and the database was last seen at" \
        "run before 1|0|t_aaaa t_bbbb t_cccc|connected again; the database is at base|done: 3 steps" \
        "run after 1|0|t_aaaa t_bbbb t_cccc|connected again; the database is at cccc|done: 3 steps" \
        "none gone 2|69|t_aaaa t_bbbb|cannot apply revision bbbb|1 of 3 revisions was applied for certain"; do
        IFS='|' read -r run wanted left error outcome <<<"$row"
        read -r transaction when n <<<"$run"
        three postgresql "$transaction" "SELECT 1" "SELECT 1"
        cut_run "$when" "$n" --json upgrade
        same "$wanted" "$status"
        says "$error" "$outcome"
        same "$left" "$(tables)"
        ok upgrade
        same "t_aaaa t_bbbb t_cccc" "$(tables)"
    done
}

@test "the message of an interrupted run" {
    for row in \
        "revision|t_aaaa t_bbbb|2 of 3 revisions were applied, the database is at bbbb" \
        "run||Everything was rolled back; the database is at base" \
        "none|t_aaaa t_bbbb t_cccc|1 of 2 operations of revision cccc are applied"; do
        IFS='|' read -r transaction left text <<<"$row"
        three postgresql "$transaction" "SELECT pg_sleep(60)" "SELECT 1"
        "${CMIG[@]}" upgrade >out 2>err </dev/null &
        pid=$!
        wait_until sql_says "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()" 1
        kill -TERM $pid
        wait $pid && status=0 || status=$?
        err=$(cat err)
        same 143 "$status"
        says "cannot apply revision cccc" "terminated" "$text"
        same "$left" "$(tables)"
    done
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<<$'upgrade: [{run: [sh, -c, "kill -TERM $PPID; sleep 60"]}]\ndowngrade: []'
        fails 143 upgrade
        says "0 of 1 operations of revision aaaa are applied, and operation 1 was begun and may be applied, too"
    done
}

sql_says() { # SQL ANSWER
    [ "$(sql "$1")" = "$2" ]
}

@test "an index that an interrupted run left invalid is named" {
    project postgresql
    sql "CREATE TABLE t (a integer)"
    for keys in "" "transaction: false"; do
        if [ -z "$keys" ]; then
            revision_file aaaa null <<<$'upgrade: [{create_index: {table: t, name: "Odd ix", columns: [a], concurrently: true}}]\ndowngrade: []'
        else
            revision_file aaaa null "$keys" <<<$'upgrade: [{execute: CREATE INDEX CONCURRENTLY "Odd ix" ON t (a)}]\ndowngrade: []'
        fi
        rm -f hold
        mkfifo hold
        psql -X -q -d "$URL" <hold >/dev/null &
        holder=$!
        exec 7>hold
        echo "BEGIN; INSERT INTO t VALUES (1);" >&7
        wait_until sql_says "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'" 1
        "${CMIG[@]}" upgrade >out 2>err </dev/null 7>&- &
        pid=$!
        wait_until sql_says "SELECT count(*) FROM pg_class WHERE relname = 'Odd ix'" 1
        kill -TERM $pid
        wait $pid && status=0 || status=$?
        err=$(cat err)
        out=
        same 143 "$status"
        [ -n "$keys" ] || says "The server left index 'Odd ix' invalid" "DROP INDEX CONCURRENTLY \"Odd ix\""
        [ -z "$keys" ] || says "Not valid in this database: \"Odd ix\"" "DROP INDEX CONCURRENTLY"
        echo "COMMIT;" >&7
        exec 7>&-
        wait $holder
        [ -z "$keys" ] || sql "DROP INDEX \"Odd ix\""
        ok upgrade
        same "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"Odd ix\"'::regclass")" t
        ok stamp base
        sql "DROP INDEX \"Odd ix\""
    done
}
