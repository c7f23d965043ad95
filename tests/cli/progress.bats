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
