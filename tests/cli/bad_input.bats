#!/usr/bin/env bats
# Invalid input: each message is compared, nothing is lost, and the next run works.
load helper

# These models are invalid. The other arguments must be in the message.
bad_model() { # TEXT SAID...
    printf '%s\n' "$1" >models/model.yaml
    shift
    fails 78 revision --autogenerate -m x
    says "$@"
    same "$(ls migrations)" ""
}

# Other users may go to the project and read it.
reachable() {
    local folder=$PROJECT
    while [ "$folder" != / ] && [ "$folder" != "${TMPDIR:-/tmp}" ]; do
        chmod 755 "$folder"
        folder=$(dirname "$folder")
    done
}

# ---- YAML ---------------------------------------------------------------------------------------------------------

@test "a password that is not escaped is rejected before a part of it can be printed" {
    project postgresql
    for password in 'sec@ret' 'sec/ret' 'sec?ret' 'sec#ret' 'a:sec@ret@x'; do
        fails 78 --url "postgresql://me:$password@127.0.0.1:1/app" status
        says "has a character that must be escaped" "Write %40 for @"
        ! [[ $err == *sec* || $err == *ret@* ]] || report "a piece of the password is printed"
    done
    for url in 'postgresql://me:sec%40ret@127.0.0.1:1/app' 'postgresql://127.0.0.1:1/a@b' 'postgresql://127.0.0.1:1,127.0.0.1:2/app?user=me@x' 'postgresql://[::1]:1/a@b'; do
        fails 69 --url "$url" status
    done
}

@test "keys: unknown, misspelt, duplicate, missing" {
    for database in $DATABASES; do
        project "$database"
        bad_model $'users:\n  columns: {id: bigint}' "models/model.yaml:1:1: unknown key 'users' in model" \
            "Put table 'users' under the key 'tables'."
        bad_model $'tables:\n  a: {id: {type: bigint}}' "models/model.yaml:2:7: unknown key 'id' in table" \
            "Put column 'id' under the key 'columns'."
        bad_model $'tables:\n  a: {columns: {b: {type: bigint, references: {table: c, column: d}}}}' \
            "unknown key 'table' in reference" "Write table and column together: 'TABLE.COLUMN'."
        bad_model $'tabels: {}' "models/model.yaml:1:1: unknown key 'tabels' in model" "Did you mean 'tables'?"
        bad_model $'tables:\n  t:\n    columns:\n      id: {type: integer, nulable: false}' \
            "models/model.yaml:4:27: unknown key 'nulable' in column" "Did you mean 'nullable'?"
        bad_model $'tables:\n  t:\n    columns: {id: integer}\n  t:\n    columns: {id: integer}' \
            "models/model.yaml:4:3:" "'t'"
        bad_model $'tables:\n  t:\n    columns:\n      id: {nullable: false}' "models/model.yaml:4:11:" "type"
        bad_model $'tables: {t: {columns: {id: integer, id: text}}}' "models/model.yaml:1:37: duplicate key 'id'; the first is in line 1, column 24"
    done
}

@test "wrong kinds of value" {
    project sqlite
    bad_model $'tables: [1, 2]' "models/model.yaml:1:10: table: expected a mapping, found '1'"
    bad_model $'tables:\n  t:\n    columns:\n      id: {type: integer, nullable: maybe}' "models/model.yaml:4:37: key 'nullable': expected true or false, found 'maybe'"
    bad_model $'tables:\n  t:\n    columns: [id]' "models/model.yaml:3:15: a column needs a name"
    bad_model $'just text' "models/model.yaml:1:1:" "expected a mapping"
    bad_model $'- 1' "models/model.yaml:1:1:" "expected a mapping"
}

@test "tab indentation" {
    project sqlite
    bad_model $'tables:\n\tt: {}' "models/model.yaml:2:1:" "a tab is used for indentation; YAML allows only spaces"
}

@test "broken YAML" {
    project sqlite
    bad_model $'tables: {t: {columns: {id: integer}' "models/model.yaml:"
    bad_model $'tables: *nowhere' "models/model.yaml:1:9:" "alias '*nowhere' has no anchor '&nowhere' before it"
    bad_model $'tables: {}\n---\ntables: {}' "models/model.yaml:2:1:" "a second document begins; a file can contain only one"
}

@test "an alias bomb" {
    project sqlite
    {
        echo 'definitions:'
        echo '  a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
        for i in $(seq 9); do
            echo "  a$i: &a$i [*a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1))]"
        done
        echo 'tables: {}'
    } >models/model.yaml
    fails 78 revision --autogenerate -m x
    says "models/model.yaml:" "aliases expand this file beyond"
}

@test "deep nesting" {
    project sqlite
    python3 -c 'print("definitions: " + "[" * 100000 + "]" * 100000)' >models/model.yaml
    fails 78 revision --autogenerate -m x
    says "models/model.yaml:1:"
}

# ---- files --------------------------------------------------------------------------------------------------------

@test "a file that is not UTF-8" {
    project sqlite
    printf 'tables: {t\xff: {columns: {id: integer}}}\n' >models/model.yaml
    fails 78 revision --autogenerate -m x
    says "models/model.yaml" "UTF-8"
}

@test "an empty file, and one with a comment only" {
    project sqlite
    : >models/model.yaml
    try revision --autogenerate -m x
    echo "$status $err"
    [ "$status" = 0 ] || says "models/model.yaml" "empty"
    echo '# nothing yet' >models/model.yaml
    try revision --autogenerate -m x
    [ "$status" = 0 ] || says "models/model.yaml" "empty"
    : >cmig.yaml
    DATABASE_URL=$URL ok ensure-version
    DATABASE_URL=$URL ok current
    echo 'url: sqlite:///x.db' >cmig.yaml
    : >migrations/empty.yaml
    fails 78 heads
    says "migrations/empty.yaml" "empty"
}

@test "a directory where a file should be" {
    project sqlite
    mkdir models/sub.yaml
    echo 'models: [models/sub.yaml]' >>cmig.yaml
    try revision --autogenerate -m x
    mkdir -p migrations/dir.yaml
    fails 78 heads
    says "cannot read revision 'migrations/dir.yaml': is a directory"
    rmdir migrations/dir.yaml
    fails 78 -c models current
    says "models" "directory"
}

@test "a file that cannot be read" {
    project sqlite
    echo 'url: sqlite://' >cmig.yaml
    users_model
    chmod 000 models/model.yaml
    if [ "$(id -u)" = 0 ]; then
        # Root reads everything; somebody else must not.
        reachable
        status=0
        runuser -u nobody -- "${CMIG[@]}" revision --autogenerate -m x >/dev/null 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
        err=$(cat "$BATS_TEST_TMPDIR/err") out= ran="cmig as nobody"
        [ "$status" = 78 ] || report "status"
    else
        fails 78 revision --autogenerate -m x
    fi
    says "models/model.yaml" "permission denied"
}

@test "50 MB" {
    project sqlite
    head -c 52428800 /dev/zero | tr '\0' '#' >models/model.yaml
    fails 78 revision --autogenerate -m x
    says "models/model.yaml" "large"
    rm models/model.yaml
    head -c 52428800 /dev/zero | tr '\0' '#' >migrations/big.yaml
    fails 78 upgrade head
    says "migrations/big.yaml"
}

# ---- models -------------------------------------------------------------------------------------------------------

@test "references to what does not exist" {
    for database in $DATABASES; do
        project "$database"
        bad_model $'tables:\n  users: {columns: {id: {type: integer, primary_key: true}}}\n  t:\n    columns:\n      u: {type: integer, references: usres.id}' \
            "models/model.yaml:5:" "referenced table 'usres' does not exist" "Did you mean 'users'?"
        bad_model $'tables:\n  users: {columns: {id: {type: integer, primary_key: true}}}\n  t:\n    columns:\n      u: {type: integer, references: users.ident}' \
            "models/model.yaml:5:" "referenced table 'users' has no column 'ident'"
        bad_model $'tables:\n  t:\n    columns: {id: integer, name: text}\n    indexes: [[nam]]' \
            "models/model.yaml:4:" "table 't' has no column 'nam'" "Did you mean 'name'?"
        bad_model $'tables:\n  t:\n    columns: {id: integer}\n    primary_key: [idd]' "models/model.yaml:4:" "table 't' has no column 'idd'"
        bad_model $'tables:\n  t:\n    columns: {m: enum(moods)}\nenums: {mood: [a]}' "models/model.yaml:3:" "enum 'moods' does not exist" "mood"
    done
}

@test "a type that the database does not know" {
    project postgresql
    bad_model $'tables:\n  t:\n    columns:\n      a: integr' "models/model.yaml:4:" "integr"
    bad_model $'tables:\n  t:\n    columns:\n      a: string(x)' "models/model.yaml:4:7: column 'a' of table 't'" "type 'string' takes a length, not 'x'"
    bad_model $'tables:\n  t:\n    columns:\n      a: numeric(5,2,1)' "models/model.yaml:4:"
    project sqlite
    bad_model $'tables:\n  t:\n    columns:\n      a: string(x)' "models/model.yaml:4:7: column 'a' of table 't'" "type 'string' takes a length, not 'x'"
    bad_model $'tables:\n  t:\n    columns:\n      a: "text[]"' "models/model.yaml:4:"
}

@test "SQL texts that the database does not understand" {
    for database in $DATABASES; do
        project "$database"
        bad_model $'tables:\n  t:\n    columns: {id: integer}\n    checks:\n      c: id >>> ' "models/model.yaml:5:"
        bad_model $'tables:\n  t:\n    columns:\n      id: {type: integer, default: {sql: "1 +"}}' "models/model.yaml:4:"
        bad_model $'tables: {t: {columns: {id: integer}}}\nviews:\n  v: SELECT , FROM t' "models/model.yaml:3:"
        # The same revision may create the objects that a view reads.
        printf '%s\n' 'tables: {t: {columns: {id: integer}}}' 'views: {v: SELECT id FROM nowhere}' >models/model.yaml
        ok revision --autogenerate -m x --rev-id aaaa
        fails 1 upgrade head
        says "nowhere"
        rm migrations/*
    done
}

@test "a table in two files" {
    project sqlite
    users_model
    cp models/model.yaml models/other.yaml
    fails 78 revision --autogenerate -m x
    says "models/other.yaml:2:3: table 'users' is defined twice" "models/model.yaml:2:3: the first definition"
}

@test "what the dialect does not support" {
    project sqlite
    bad_model $'sequences: {s: {}}' "models/model.yaml:1:" "SQLite has no sequences"
    bad_model $'tables:\n  a.t: {columns: {id: integer}}' "models/model.yaml:2:" "SQLite has no schemas"
    bad_model $'tables:\n  t:\n    columns: {id: integer}\n    sqlite: {strickt: true}' "models/model.yaml:4:" "strickt" "Did you mean 'strict'?"
}

# ---- revisions ----------------------------------------------------------------------------------------------------

refused_by_every_command() { # SAID...
    for command in heads history "upgrade head" current "downgrade base" check "revision -m x" "show head" branches "stamp head"; do
        # shellcheck disable=SC2086
        fails 78 $command
        says "$@"
    done
}

@test "two revisions with one id" {
    project sqlite
    empty_revision aaaa null
    cp migrations/aaaa.yaml migrations/other.yaml
    refused_by_every_command "migrations/aaaa.yaml" "migrations/other.yaml" "'aaaa'"
}

@test "a missing parent" {
    project sqlite
    empty_revision aaaa null
    empty_revision bbbb aaab
    refused_by_every_command "migrations/bbbb.yaml:2:" "'aaab'"
}

@test "a cycle" {
    project sqlite
    empty_revision aaaa cccc
    empty_revision bbbb aaaa
    empty_revision cccc bbbb
    refused_by_every_command "migrations/aaaa.yaml" "migrations/bbbb.yaml" "migrations/cccc.yaml" "cycle"
}

@test "a file that is not a revision" {
    project sqlite
    echo 'tables: {}' >migrations/x.yaml
    fails 78 heads
    says "migrations/x.yaml" "revision"
    rm migrations/x.yaml
    echo 'SELECT 1;' >migrations/x.sql
    fails 78 heads
    says "migrations/x.sql"
    rm -r migrations
    fails 78 heads
    says "migrations"
}

@test "operations: unknown, with unknown keys, not for this database" {
    for database in $DATABASES; do
        project "$database"
        empty_revision aaaa null
        revision_file bbbb aaaa <<<$'upgrade:\n  - creat_table: {name: t}\ndowngrade: []'
        fails 78 upgrade head
        says "migrations/bbbb.yaml:5:5:" "creat_table" "Did you mean 'create_table'?"
        revision_file bbbb aaaa <<<$'upgrade:\n  - drop_table: {nam: t}\ndowngrade: []'
        fails 78 upgrade head
        says "migrations/bbbb.yaml:5:" "'nam'" "Did you mean 'name'?"
        ok current
        prints_exactly ""
    done
    project sqlite
    revision_file aaaa null <<<$'upgrade:\n  - create_sequence: {name: s}\ndowngrade: []'
    try upgrade head
    [ "$status" != 0 ]
    says "migrations/aaaa.yaml:5:"
}

@test "a version row without a file" {
    for database in $DATABASES; do
        project "$database"
        chain 2
        ok upgrade head
        sql "UPDATE cmig_version SET revision = 'feedfeed'"
        for command in "upgrade head" current check "downgrade base" "revision --autogenerate -m x"; do
            # shellcheck disable=SC2086
            fails 65 $command
            says "'feedfeed'"
        done
        same "$(sql "SELECT revision FROM cmig_version")" feedfeed
    done
}

@test "unknown targets" {
    project sqlite
    chain 3
    fails 1 upgrade r00x
    says "unknown revision 'r00x'"
    fails 1 upgrade +9
    fails 1 downgrade -9
    fails 1 upgrade zzzz@head
    says "zzzz"
}

# ---- databases ----------------------------------------------------------------------------------------------------

@test "a database that is not there" {
    project postgresql
    chain 1
    fails 69 --url "${URL%/*}/not_there" upgrade head
    says 'database "not_there" does not exist' "hint: Run 'cmig create-database' first."
    fails 69 --url postgresql://postgres@127.0.0.1:1/x upgrade head
    says "127.0.0.1"
    [[ $err != *$'\t'* ]] || report "a tab in the message"
    fails 69 --url postgresql://postgres@host.invalid/x upgrade head
    says "host.invalid"
    fails 69 --url sqlite:////nowhere/at/all.db upgrade head
    says "/nowhere/at/all.db"
}

@test "invalid URLs" {
    project sqlite
    for url in nonsense "oracle://x" "postgresql:/x" ""; do
        try --url "$url" current
        [ "$status" = 64 ] || [ "$status" = 78 ] || report "status"
    done
    try --url oracle://x/y current
    says "oracle"
    # A letter away from one that is supported, and another database.
    fails 78 --url mssql://x/y current
    says "unknown database 'mssql' in the URL" "hint: Start the URL with one of"
    fails 78 --url postgersql://x/y current
    says "hint: Did you mean 'postgresql'?"
}

@test "a wrong password" {
    project postgresql
    chain 1
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DO \$\$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
    fails 69 --url "${URL/postgres@/guarded:wrong@}" upgrade head
    says 'password authentication failed for user "guarded"'
    PGPASSWORD=right try --url "${URL/postgres@/guarded@}" current
    [ "$status" = 0 ] || report "right password"
}

@test "a read-only database" {
    project postgresql
    chain 2
    ok upgrade +1
    url="$URL?options=-c%20default_transaction_read_only%3Don"
    ok --url "$url" current
    prints r001000000
    fails 1 --url "$url" upgrade head
    says "read-only"
    ok current
    prints r001000000

    project postgresql
    echo 'tables: {t: {columns: {id: integer, v: {type: text, check: "v IN (1::text, lower(v))"}}}}' >models/m.yaml
    ok revision --autogenerate -m one
    ok upgrade head
    ok --url "$URL?options=-c%20default_transaction_read_only%3Don" check

    project sqlite
    chain 2
    ok upgrade +1
    reachable
    chmod 444 "$FILE"
    if [ "$(id -u)" = 0 ]; then
        status=0
        runuser -u nobody -- "${CMIG[@]}" upgrade head >/dev/null 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
        err=$(cat "$BATS_TEST_TMPDIR/err") out= ran="cmig as nobody"
        [ "$status" = 1 ] || report "status"
    else
        fails 1 upgrade head
    fi
    says "read-only"
    ok current
    prints r001000000
}

@test "a role without privileges" {
    project postgresql
    chain 1
    psql -X -q -d "$URL" -c "DO \$\$ BEGIN CREATE ROLE weak LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
    fails 1 --url "${URL/postgres@/weak@}" upgrade head
    says "42501" "permission denied"
    ok upgrade head
}

@test "a file that is not an SQLite database" {
    project sqlite
    chain 1
    head -c 5000 /dev/urandom >"$FILE"
    before=$(sha1sum "$FILE")
    try upgrade head
    [ "$status" = 1 ] || [ "$status" = 69 ] || report "status"
    says "$FILE" "not a database"
    same "$(sha1sum "$FILE")" "$before"
    mkdir "$BATS_TEST_TMPDIR/folder.db"
    fails 69 --url "sqlite:///$BATS_TEST_TMPDIR/folder.db" upgrade head
    says "folder.db"
}

@test "a full disk" {
    project sqlite
    empty_revision aaaa null
    revision_file bbbb aaaa <<'END'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}, v: text}}
  - execute: "INSERT INTO t SELECT i, hex(randomblob(500)) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n)"
downgrade:
  - drop_table: t
END
    ok upgrade aaaa
    # What is written beyond the limit fails as it does on a full disk.
    status=0
    (
        trap '' XFSZ
        ulimit -f 100
        exec "${CMIG[@]}" upgrade head
    ) >/dev/null 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
    err=$(cat "$BATS_TEST_TMPDIR/err") out= ran="cmig upgrade head with a full disk"
    [ "$status" = 1 ] || report "status"
    says "bbbb"
    ok current
    prints aaaa
    ok upgrade head
    same "$(sql "SELECT count(*) FROM t")" 2000

    # a revision file
    users_model
    status=0
    (
        trap '' XFSZ
        ulimit -f 0
        exec "${CMIG[@]}" revision -m x --rev-id cccc
    ) >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" </dev/null || status=$?
    [ "$status" = 1 ]
    same "$(ls -A migrations | wc -l)" 2
}

@test "a database that another program changed" {
    for database in $DATABASES; do
        project "$database"
        users_model 'name: text'
        ok revision --autogenerate -m one --rev-id aaaa
        ok upgrade head
        sql "DROP TABLE users"
        fails 2 check
        fails 1 downgrade base
        says "aaaa" "users"
        ok current
        prints aaaa
    done
}

@test "the version row changes only as expected" {
    for database in $DATABASES; do
        project "$database"
        chain 2
        ok upgrade +1
        revision_file zzzz r002000000 <<<$'upgrade: [{execute: "DELETE FROM cmig_version"}]\ndowngrade: []'
        fails 1 upgrade head
        says "zzzz"
        ok current
        prints r002000000
    done
}

# ---- configuration ------------------------------------------------------------------------------------------------

@test "an invalid cmig.yaml" {
    project sqlite
    echo 'urll: x' >cmig.yaml
    fails 78 current
    says "cmig.yaml:1:1: unknown key 'urll'" "Did you mean 'url'?"
    printf 'url: sqlite:///x.db\nlock: {timeout: soon}\n' >cmig.yaml
    fails 78 current
    says "cmig.yaml:2:" "soon"
    printf 'url: sqlite:///x.db\ntransaction: sometimes\n' >cmig.yaml
    fails 78 current
    says "cmig.yaml:2:" "sometimes"
    printf 'url: [a, b]\n' >cmig.yaml
    fails 78 current
    says "cmig.yaml:1:6"
    printf 'url: sqlite://\nmodels: [nowhere]\n' >cmig.yaml
    fails 78 check
    says "nowhere"
}

@test "what SQLite cannot combine is rejected with its place" {
    project sqlite
    odd() {
        printf 'tables:\n  t:\n    columns:\n      %s\n    sqlite: {%s: true}\n' "$1" "$2" >models/m.yaml
    }
    odd 'id: {type: text, primary_key: true, sqlite: {autoincrement: true}}' without_rowid
    fails 78 revision --autogenerate -m one
    says "models/m.yaml:4:7: column 'id' of table 't' cannot be AUTOINCREMENT"
    odd 'id: {type: {sqlite: DATE}, primary_key: true}' strict
    fails 78 revision --autogenerate -m one
    says "models/m.yaml:4:7: column 'id' of the STRICT table 't' cannot be of type 'DATE'"
    odd 'id: integer' without_rowid
    fails 78 revision --autogenerate -m one
    says "models/m.yaml:2:3: table 't' has neither a rowid nor a primary key"
    printf 'tables:\n  t:\n' >models/m.yaml
    fails 78 revision --autogenerate -m one
    says "models/m.yaml:2:3: table 't' has no columns" "hint: SQLite needs at least one."
    rm models/m.yaml
    echo '{revision: aaaa0000, down_revision: null, upgrade: [create_table: {name: t, columns: {}}], downgrade: []}' \
        >migrations/aaaa0000.yaml
    fails 78 upgrade
    says "table 't' has no columns" "Nothing was changed."
}

@test "a file that may not grow is an error, and nothing is lost" {
    project sqlite
    echo 'tables: {t: {columns: {id: {type: integer, primary_key: true}, v: text}}}' >models/m.yaml
    ok revision --autogenerate -m one
    ok upgrade head
    sql "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5000) INSERT INTO t SELECT i, hex(zeroblob(50)) FROM s"
    echo 'tables: {t: {columns: {id: {type: integer, primary_key: true}, v: {type: text, collation: NOCASE}}}}' >models/m.yaml
    ok revision --autogenerate -m two
    (
        ulimit -f 800
        fails 1 upgrade head
        says "Everything was rolled back"
    )
    same "$(sql "SELECT count(*) FROM t")" 5000
    ok upgrade head
    ok check
    same "$(sql "SELECT count(*) FROM t")" 5000
}

# Thirty revisions, a table each; further operations of the seventeenth come from standard input.
thirty() {
    local parent=null id sql
    for i in $(seq 30); do
        id=r$((100 + i))
        sql="CREATE TABLE t$i (a integer);"
        [ "$i" != 17 ] || sql="$sql $(cat)"
        printf '%s\n' "-- revision: $id" "-- down_revision: $parent" "-- upgrade" "$sql" "-- downgrade" "DROP TABLE t$i;" >"migrations/$id.sql"
        parent=$id
    done
}

@test "after a failing revision nothing is done, even if later ones were already sent" {
    for database in $DATABASES; do
        project "$database"
        # The first fails at once, the second, which SQLite does not mind, when its transaction is to end.
        for text in "INSERT INTO t17 VALUES (1 / (SELECT count(*) FROM t17)); INSERT INTO nowhere VALUES (1);" \
            "CREATE TABLE p (a integer PRIMARY KEY); CREATE TABLE c (a integer REFERENCES p (a) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1);"; do
            case $database$text in sqlite*DEFERRABLE*) continue ;; esac
            thirty <<<"$text"
            fails 1 upgrade head
            says "cannot apply revision r117" "upgrade r115 -> r116" "upgrade r116 -> r117"
            if [ "$database" = mysql ]; then
                says "16 of 30 revisions were applied. The version table says r116."
                sql "DROP TABLE IF EXISTS c, p, t17"
                ok stamp r116
            else
                says "16 of 30 revisions were applied, the database is at r116."
            fi
            case $err in *r117\ -\>*) report "announced what never began" ;; esac
            same "$(sql "SELECT revision FROM cmig_version")" r116
            same "$(sql "SELECT count(*) FROM cmig_history WHERE direction = 'upgrade'")" 16
            same "$(dump | grep -c "CREATE TABLE")" 16
            thirty <<<"SELECT 1;"
            ok upgrade head
            same "$(dump | grep -c "CREATE TABLE")" 30
            ok downgrade base
            same "$(dump | grep -c "CREATE TABLE")" 0
            sql "DROP TABLE cmig_history"
        done
    done
}

@test "for keys and operations of other tools cmig's are suggested" {
    project sqlite
    column() { # KEY HINT
        model <<<"tables: {t: {columns: {a: {type: text, $1: x}}}}"
        fails 78 check
        says "unknown key '$1' in column" "hint: $2"
    }
    column server_default "Did you mean 'default'?"
    column auto_now "Write 'on_update: {func: now}'."
    column onupdate "Did you mean 'on_update'?"
    column foreign_key "Did you mean 'references'?"
    column foreignKey "Did you mean 'references'?"
    column fk "Did you mean 'references'?"
    column pk "Did you mean 'primary_key'?"
    column "null" "Did you mean 'nullable'?"
    column not_null "Write 'nullable: false'."
    column required "Write 'nullable: false'."
    column length "The length is part of the type"
    model <<<'tables: {t: {columns: {a: text}, autoincrement: true}}'
    fails 78 check
    says "Write 'autoincrement' in the column"
    model <<<'tables: {t: {columns: {a: text}, indexes: {i: {columns: [a], index_type: hash}}}}'
    fails 78 check
    says "Did you mean 'using'?"
    model <<<'tables: {}'
    for pair in create_column=add_column drop_fk=drop_constraint add_index=create_index; do
        printf 'revision: a\ndown_revision: null\nupgrade: [%s: {}]\ndowngrade: []\n' "${pair%=*}" >migrations/a.yaml
        fails 78 upgrade
        says "unknown operation '${pair%=*}'" "Did you mean '${pair#*=}'?"
    done
}
