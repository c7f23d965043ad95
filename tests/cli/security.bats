#!/usr/bin/env bats
# What an attacker, a mistake or another project could make cmig do: text from the database, scripts, URLs, odd files.

load helper

# A row of the history table for a revision without a file, which the version table says is applied.
history_says() { # ID PARENT TEXT
    sql "UPDATE cmig_version SET revision = '$1'"
    sql "INSERT INTO cmig_history (revision, parents, direction, started, outcome, path, text)
         VALUES ('$1', '$2', 'upgrade', CURRENT_TIMESTAMP, 'done', 'migrations/$1.${4:-yaml}', '${3//\'/\'\'}')"
}

# ---- text from the history table ---------------------------------------------------------------------------------

@test "a text from the history table runs no program and reads no file" {
    for database in $DATABASES; do
        project "$database"
        empty_revision aaaa null
        ok upgrade
        echo 'DROP TABLE nothing' >x.sql
        printf 'a\n1\n' >x.csv
        sql 'CREATE TABLE loot (a text)'
        sql "UPDATE cmig_version SET revision = 'evil'"
        for op in "run: [touch, $PWD/pwned]" "bulk_insert: {table: loot, file: $PWD/x.csv}" "execute: {file: $PWD/x.sql}" \
            'execute: "SELECT ${x:secret}"'; do
            sql "DELETE FROM cmig_history WHERE revision = 'evil'"
            history_says evil aaaa $'revision: evil\ndown_revision: aaaa\nupgrade: []\ndowngrade:\n  - '"$op"
            for words in "downgrade -1" "downgrade -1 --dry-run" "downgrade base --from-history"; do
                fails 78 -x secret=1 $words
                says 'in the text of a lost revision, from the history table' 'Restore the file'
                prints_exactly ''
            done
        done
        [ ! -e pwned ]
        same 0 "$(sql 'SELECT count(*) FROM loot')"
        same evil "$(sql 'SELECT revision FROM cmig_version')"
    done
}

@test "a text from the history table attaches no file" {
    project sqlite
    empty_revision aaaa null
    ok upgrade
    for statement in "ATTACH '$PWD/new.db' AS n" "VACUUM INTO '$PWD/new.db'"; do
        sql "DELETE FROM cmig_history WHERE revision = 'evil'"
        history_says evil aaaa "-- revision: evil
-- down_revision: aaaa
-- transaction: false
-- upgrade
-- downgrade
$statement;" sql
        fails 1 downgrade -1
        [[ $err == *authoriz* ]]
        [ ! -e new.db ]
    done
    sql "DELETE FROM cmig_history WHERE revision = 'evil'"
    history_says evil aaaa $'-- revision: evil\n-- down_revision: aaaa\n-- transaction: false\n-- upgrade\n-- downgrade\nVACUUM;' sql
    ok downgrade -1
}

@test "revisions of another project are reverted on request only" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {id: integer}}}]\ndowngrade: [{drop_table: t}]'
        empty_revision bbbb aaaa
        ok upgrade
        sql 'INSERT INTO t VALUES (1)'
        rm migrations/*
        empty_revision zzzz null
        for words in "downgrade base" "downgrade -1" "downgrade base --dry-run"; do
            fails 65 $words
            says 'bbbb' 'may belong to another project' '--from-history'
        done
        same 1 "$(sql 'SELECT count(*) FROM t')"
        fails 64 downgrade --from-history --sql zzzz:base
        # One file below is enough to know the project again.
        empty_revision aaaa null
        rm migrations/zzzz.yaml
        ok downgrade -1
        says 'revision bbbb has no file'
        rm migrations/aaaa.yaml
        empty_revision zzzz null
        ok downgrade base --from-history
        fails 1 upgrade nowhere
        same '' "$(sql 'SELECT revision FROM cmig_version')"
        dump | { ! grep -q 'CREATE TABLE'; }
    done
}

# ---- scripts -----------------------------------------------------------------------------------------------------

@test "no text escapes from its comment in a script" {
    for dialect in $DATABASES; do
        project sqlite
        printf 'a\n1\n' >$'migrations/x\n\\! touch pwned\n.shell touch pwned\n.csv'
        printf '%s\n' 'revision: aaaa' 'down_revision: null' 'message: "one\r\\! touch pwned\n.shell touch pwned"' 'upgrade:' \
            '- create_table: {name: t, columns: {a: integer}}' \
            '- run: [sh, -c, "echo\nDROP TABLE customers;\r\\! touch pwned\n.shell touch pwned"]' \
            '- bulk_insert: {table: t, file: "x\n\\! touch pwned\n.shell touch pwned\n.csv"}' 'downgrade: []' >migrations/aaaa.yaml
        for words in '' --idempotent; do
            ok upgrade --sql --dialect "$dialect" $words
            { ! grep '^DROP TABLE customers' <<<"$out"; }
            # Within the text of the history row such a line is part of a string.
            database "$dialect"
            echo "$out" >all.sql
            script all.sql >/dev/null
            [ ! -e pwned ]
            same 1 "$(sql 'SELECT a FROM t')"
        done
    done
}

@test "a script contains no command of its program, and is rejected before its first line" {
    project sqlite
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {id: integer}}}]\ndowngrade: []'
    bad() { # DIALECT SQL TEXT
        printf -- '-- revision: bbbb\n-- down_revision: aaaa\n-- upgrade\n%b\n-- downgrade\n' "$2" >migrations/bbbb.sql
        for words in '' --idempotent --json; do
            try upgrade --sql --dialect "$1" $words
            [ "$status" = 1 ] || [ "$status" = 78 ] || report 'should have been refused'
            [[ $err$out == *"$3"* ]] || report "does not say: $3"
            [[ $out != *'CREATE TABLE'* ]] || report 'printed a part'
        done
    }
    for command in '.shell touch pwned' '.read x' '#x'; do
        for before in '' 'SELECT 1; -- c\n' 'SELECT 1;\n\n' 'SELECT 1; /* c */\n' "SELECT ';';\n" 'SELECT 1 /* ; */;\n/*\n*/'; do
            bad sqlite "$before$command" 'sqlite3 shell command'
        done
    done
    bad sqlite 'SELECT 1; /* open' 'never closed'
    bad sqlite "SELECT 1; SELECT 'open" 'never closed'
    for before in '' 'SELECT 1;\n' '-- c\r' 'SELECT $$a$$' '/* /* */ */'; do
        bad postgresql "$before\\\\\\\\! touch pwned" 'psql command'
    done
    bad postgresql "SELECT 'open" 'never closed'
    bad postgresql 'SELECT $a$open$b$' 'never closed'
    bad postgresql 'SELECT 1 /* /* */' 'never closed'
    [ ! -e pwned ]
}

@test "an expression of a model is not a command of the program either" {
    project sqlite
    for text in '1 \\! touch pwned' "1);\\n.shell touch pwned\\n--" "1 /*"; do
        printf 'revision: aaaa\ndown_revision: null\nupgrade:\n- create_table: {name: t, columns: {a: {type: integer, default: {sql: "%s"}}}}\n' \
            "$text" >migrations/aaaa.yaml
        for dialect in $DATABASES; do
            try upgrade --sql --dialect "$dialect"
            [ "$status" = 0 ] || { prints_exactly ''; continue; }
            { [ "$dialect" = sqlite ] && sqlite3 x.db <<<"$out" || psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" <<<"ROLLBACK; $out"; } >/dev/null 2>&1 || true
        done
    done
    [ ! -e pwned ]
}

# ---- URLs --------------------------------------------------------------------------------------------------------

@test "no form of a URL prints its password" {
    project sqlite
    printf 'S3cret-file' >secret
    for url in 'postgres//u:S3cret@h/db' 'u:S3cret@h/db' 'postgresql:u:S3cret@h/db' 'postgresql:/u:S3cret@h/db' \
        'sqlite://u:S3cret@h/x.db' 'S3cret' 'S3cret:x' 'postgresql://u:S3cret' 'postgresql://u:S3cret/db' \
        'postgresql://u:a@S3cret@h/db' 'postgresql://u:a/S3cret@h/db' 'postgresql://u:a?S3cret@h/db' 'postgresql://u:a#S3cret@h/db' \
        'postgresql://u:12/S3cret@h/db' 'postgresql://u:S3cret@h:x/db' 'postgresql://h:5432,S3cret:x/db' 'postgresql://u:S3cret@[::1/db' \
        'postgresql://h/db?password=S3cret&bogus=1' 'postgresql://h/db?password=a&S3cret' 'postgresql://h/db?password=a=S3cret' \
        'postgresql://h/db?%%70assword=S3cret' 'postgresql://h/db?sslpassword=S3cret&x=%%zz' 'postgresql://u:S3cret%%zz@h/db' \
        'mysql://u:S3cret@h/db' 'mongodb://u:S3cret@h/db' 'http:u:S3cret@h' 'sqlite:///x.db?key=S3cret' 'sqlite:///x.db?S3cret' \
        "host=127.0.0.1 port=1 password=abc&S3cret" "host=127.0.0.1 port=1 password=abc\\ S3cret" "host=127.0.0.1 port=1 password='a b\\'S3cret'" \
        "password=S3cret host=127.0.0.1 port=1" "password = S3cret bogus=1" "host=h password=my S3cret" "host=h password='S3cret" \
        "host=127.0.0.1 port=1 sslpassword=S3cret" ' password=S3cret host=127.0.0.1 port=1' 'PASSWORD=S3cret host=h'; do
        url=${url//%%/%}
        for words in 'current' 'status' 'upgrade'; do
            try --url "$url" $words
            [ "$status" != 0 ] || report 'should have failed'
            [[ $out$err != *S3cret* ]] || report "printed: $url"
        done
        try --json --url "$url" current
        [[ $out$err != *S3cret* ]] || report "printed: $url"
        echo 'models: [models]' >cmig.yaml
        DATABASE_URL=$url try current
        [[ $out$err != *S3cret* ]] || report "printed: $url"
        echo "$url" >secret
        for line in 'url: ${file:secret}' 'url_command: [cat, secret]'; do
            echo "$line" >cmig.yaml
            try current
            [[ $out$err != *S3cret* ]] || report "printed: $url"
            [[ $err == *secret* || $err == *cat* || $err == *refused* || $err == *resolve* || $err == *translate* || $err == *'Unknown server host'* ]] || report 'no source'
        done
    done
    # Not even where nobody expects a URL.
    for words in 'upgrade' 'show' 'downgrade --sql'; do
        try $words postgresql://u:S3cret@h/db
        [[ $out$err != *S3cret* ]] || report "printed by $words"
    done
}

# ---- files that are not regular ones -----------------------------------------------------------------------------

@test "only regular files are read" {
    project sqlite
    sql 'CREATE TABLE z (a)'
    mkfifo fifo
    hangs_not() { # FILE WORD...
        local file=$1
        shift
        try "$@"
        [ "$status" = 78 ] || [ "$status" = 69 ] || report "status $status"
        [[ $err == *"$file"* && $err == *'not a regular file'* ]] || report "does not name $file"
    }
    CMIG=(timeout 10 "${CMIG[@]}")
    while read -r name command; do
        mkfifo "$name"
        hangs_not "$name" "$command"
        rm "$name"
    done <<<$'migrations/x.sql heads\nmigrations/x.yaml heads\nmodels/x.yaml diff\n.env heads'
    ln -s /dev/zero migrations/x.sql
    hangs_not migrations/x.sql heads
    rm migrations/x.sql
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}, {bulk_insert: {table: t, file: ../fifo.csv}}]\ndowngrade: []'
    mkfifo fifo.csv
    hangs_not fifo.csv upgrade
    revision_file aaaa null <<<$'upgrade: [{execute: {file: ../fifo}}]\ndowngrade: []'
    hangs_not fifo upgrade
    rm migrations/aaaa.yaml
    hangs_not fifo -c fifo heads
    hangs_not fifo --url sqlite:///fifo current
    DATABASE_URL_FILE=fifo hangs_not fifo -c /dev/null current
    # What was given already open is read.
    ok -c <(printf '%s\n' "url: $URL" "migrations: [$PWD/migrations]" "models: [$PWD/models]") status
}

@test "a FIFO as the configuration of git is not read" {
    project sqlite
    git init -q .
    rm .git/config
    mkfifo .git/config
    CMIG=(timeout 10 "${CMIG[@]}")
    empty_revision aaaa null
    ok upgrade
    ok revision -m x
}

@test "programs start with default signals" {
    project sqlite
    echo 'url_command: [sh, -c, "yes sqlite:///app.db | head -n 1"]' >cmig.yaml
    touch app.db
    ok status
    [[ $err != *roken* ]]
}

# ---- SQLite's URLs -----------------------------------------------------------------------------------------------

@test "the parameters of an SQLite URL are honoured or refused" {
    project sqlite
    revision_file aaaa null <<<$'upgrade: [{execute: DROP TABLE t}]\ndowngrade: []'
    sqlite3 app.db 'CREATE TABLE t (a)'
    for url in 'sqlite:///file:app.db?mode=ro&uri=true' 'sqlite:///app.db?mode=ro' 'sqlite:///app.db?immutable=1' \
        "sqlite:///file://$PWD/app.db?uri=true&mode=ro" "sqlite:///file:$PWD/app.db?mode=ro&uri=1" \
        "sqlite:////$PWD/app.db?timeout=0.5&mode=ro"; do
        fails 1 --url "$url" upgrade
        says 'is read-only'
        ok --url "$url" inspect
        prints '  t:'
    done
    for url in 'sqlite:///new.db?mode=rw' 'sqlite:///new.db?mode=ro'; do
        fails 69 --url "$url" upgrade
        says 'no such file'
    done
    for parameter in bogus=1 mode=read mod=ro cache=x nolock=maybe timeout=long mode= Mode=ro; do
        fails 78 --url "sqlite:///app.db?$parameter" upgrade
        says "${parameter%%=*}"
    done
    fails 69 --url 'sqlite:///app.db?vfs=none' upgrade
    ok --url 'sqlite:///file:app.db?uri=true&mode=rw&check_same_thread=false&timeout=1&cache=private' upgrade
    same 0 "$(sqlite3 app.db "SELECT count(*) FROM sqlite_schema WHERE name = 't'")"
    ok --url 'sqlite:///new%20one.db?mode=rwc' ensure-version
    [ -e 'new one.db' ]
}

@test "a database in memory is announced" {
    project sqlite
    empty_revision aaaa null
    for url in sqlite:// sqlite:///:memory: 'sqlite:///file:x?mode=memory&uri=true' 'sqlite:///x.db?mode=memory'; do
        ok --url "$url" upgrade
        says 'the database is in memory and is lost when this command ends'
        ok --url "$url" upgrade --dry-run
        same '' "$(grep memory <<<"$err")"
    done
    [ ! -e x.db ]
}
