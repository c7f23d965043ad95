# Revisions that are half applied: what is recorded of them, who may continue, and what is said.

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
        empty_revision aaaa null
        for text in 'COMMIT;' 'SELECT 1; begin;' $'-- a comment\n/* another */ ROLLBACK;' 'END;' \
            'START TRANSACTION' "PREPARE TRANSACTION 'x'" 'ABORT'; do
            sql_file bbbb aaaa "$text"
            fails 78 upgrade head
            says "the SQL of a revision cannot begin or end a transaction" "migrations/bbbb.sql:" "Nothing was changed." \
                "each revision runs in a transaction of its own"
            fails 78 upgrade --sql head
            prints_exactly ""
            sql_file bbbb aaaa "$text" "" "transaction: false"
            fails 78 upgrade head
            says "with 'transaction: false' each statement is committed by itself"
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

@test "a half-applied revision is shown, and is no clean state" {
    for database in $DATABASES; do
        half_applied "$database"
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
        ! sql "SELECT * FROM cmig_progress" 2>/dev/null
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

@test "a stamp ends a half-applied revision, and says so" {
    for database in $DATABASES; do
        for target in head aaaa base "--purge aaaa"; do
            half_applied "$database"
            ok stamp $target
            says "revision bbbb is half applied: 2 of 3 operations; the record of that is removed"
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

@test "a script removes the record of a half-applied revision" {
    for database in $DATABASES; do
        half_applied "$database"
        for script in "downgrade aaaa:base --sql" "stamp aaaa:base --sql" "upgrade aaaa:head --sql" "upgrade head --sql --idempotent"; do
            ok $script
            prints "DROP TABLE IF EXISTS cmig_progress"
        done
        ok downgrade aaaa:base --sql
        sql "$out"
        later
        ok upgrade
        same "$(sql "SELECT count(x) FROM t")" 0
    done
}

@test "an outdated record is never acted upon" {
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
        ! sql "SELECT * FROM cmig_progress" 2>/dev/null
    done
}

@test "a record that cmig 0.1.0 left is not misread" {
    for database in $DATABASES; do
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
        says "cannot take back revision bbbb" "2 of 3 operations of the downgrade of revision bbbb are applied" \
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
