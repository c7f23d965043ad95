# What the tests of the command line share.
#
# CMIG_TEST_PROGRAM is the program, perhaps after the command that runs it; CMIG_TEST_POSTGRESQL_URL and
# CMIG_TEST_MYSQL_URL are databases of servers whose users may create others. Each test has a directory of its own, and a
# database of its own when it asks for one.

export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
: "${CMIG_TEST_PROGRAM:?the program to test}" "${CMIG_TEST_POSTGRESQL_URL:?a PostgreSQL server}"
read -ra CMIG <<<"$CMIG_TEST_PROGRAM"
export TESTS
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DATABASES=${CMIG_TEST_DATABASES:-sqlite postgresql mysql}

setup() {
    unset "${!PG@}" "${!DATABASE_URL@}" CMIG_CONFIG GITHUB_ACTIONS GITLAB_CI NO_COLOR CLICOLOR_FORCE
    export HOME=$BATS_TEST_TMPDIR/home CMIG_NOW=2026-11-20T10:00:00Z
    mkdir -p "$HOME"
    cd "$BATS_TEST_TMPDIR"
    made=() made_mysql=()
}

drop_database() { # NAME [OPTION]
    PGOPTIONS='-c client_min_messages=error' psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DROP DATABASE IF EXISTS $1${2:-}"
}

drop_databases() {
    for name in "${made_mysql[@]}"; do
        mysql "$CMIG_TEST_MYSQL_URL" <<<"DROP DATABASE IF EXISTS $name" || true
    done
    for name in "${made[@]}"; do
        drop_database "$name" " WITH (FORCE)" 2>/dev/null || drop_database "$name" || true # PostgreSQL 12 has no FORCE
    done
}

teardown() {
    drop_databases
}

# ---- databases ---------------------------------------------------------------------------------------------------

# A new empty database: its URL is then in $URL, its kind in $DATABASE.
database() { # sqlite|postgresql|mysql
    DATABASE=$1
    if [ "$1" = sqlite ]; then
        FILE=$BATS_TEST_TMPDIR/db${#made[@]}$RANDOM.db
        URL=sqlite:///$FILE
        return
    fi
    local name=cmig_bats_${BATS_SUITE_TEST_NUMBER:-0}_$$_${#made[@]}
    if [ "$1" = mysql ]; then
        name+=_${#made_mysql[@]}
        mysql "${CMIG_TEST_MYSQL_URL:?a MariaDB server}" <<<"CREATE DATABASE $name"
        made_mysql+=("$name")
        URL=${CMIG_TEST_MYSQL_URL%/*}/$name
        return
    fi
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "CREATE DATABASE $name"
    made+=("$name")
    URL=${CMIG_TEST_POSTGRESQL_URL%/*}/$name
}

# A new directory with cmig.yaml, models/ and migrations/ for a new database, to work in. Lines for cmig.yaml come from
# the further words.
project() { # sqlite|postgresql [LINE...]
    database "$1"
    shift
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/project-XXXX")
    cd "$PROJECT"
    mkdir models migrations
    printf '%s\n' "url: $URL" "$@" >cmig.yaml
}

# A program of MariaDB, with a URL that has a user, a host, a port and a database.
mysql_program() { # PROGRAM URL [OPTION...]
    [[ $2 =~ ^[a-z+]+://([^@]*)@([^:]*):([0-9]*)/([^?]*) ]]
    "$1" --no-defaults -u"${BASH_REMATCH[1]}" -h"${BASH_REMATCH[2]}" -P"${BASH_REMATCH[3]}" "${@:3}" "${BASH_REMATCH[4]}"
}

mysql() { # URL
    mysql_program mariadb "$1" --comments -N -B --raw --default-character-set=utf8mb4
}

# Without the version tables, the sessions' settings, and the numbers that were given out.
mysql_dump() { # URL
    local name=${1##*/}
    mysql_program mariadb-dump "$1" --no-data --compact --routines --events --default-character-set=utf8mb4 \
        --ignore-table="$name".{cmig,alembic}_version{,_history,_progress} --ignore-table="$name".cmig_{history,progress} |
        sed -E "/^\/\*!5?[0-9]+ SET [a-z@]/d; s/ AUTO_INCREMENT=[0-9]+//; s/ STARTS '[^']*'//; s/\`$name\`\\.//g"
}

# Runs a script in the database's own program.
script() { # FILE
    case $DATABASE in
    sqlite) sqlite3 -bail "$FILE" <"$1" ;;
    postgresql) psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f "$1" ;;
    mysql) mysql "$URL" <"$1" ;;
    esac
}

# A copy of the database with its rows; it is then in $URL, $FILE.
copy_database() {
    local url=$URL file=$FILE
    case $DATABASE in
    sqlite)
        database sqlite
        cp "$file" "$FILE"
        ;;
    postgresql)
        database postgresql
        psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DROP DATABASE ${URL##*/}" -c "CREATE DATABASE ${URL##*/} TEMPLATE ${url##*/}"
        ;;
    mysql)
        database mysql
        mysql_program mariadb-dump "$url" --routines --events | mysql "$URL"
        ;;
    esac
}

# Runs SQL in the database; rows are printed with | between the values.
sql() { # TEXT
    if [ "$DATABASE" = sqlite ]; then
        sqlite3 -bail "$FILE" <<<"$1"
    elif [ "$DATABASE" = mysql ]; then
        mysql "$URL" <<<"$1" | awk -F '\t' -v OFS='|' '{ $1 = $1; for (i = 1; i <= NF; i++) if ($i == "NULL") $i = ""; print }'
    else
        psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$URL" -c "$1"
    fi
}

# Whether the server is of this version of PostgreSQL, or newer.
is_postgresql() { # MAJOR
    [ "$(psql -X -q -A -t -d "$CMIG_TEST_POSTGRESQL_URL" -c 'SHOW server_version_num')" -ge "${1}0000" ]
}

# Whether the server's version is the installed one: pg_dump reads no newer server, pg_basebackup no other one.
is_installed_postgresql() {
    [[ $(psql -X -q -A -t -d "$CMIG_TEST_POSTGRESQL_URL" -c 'SHOW server_version') == \
        "$(pg_dump --version | grep -oE '[0-9]+' | head -n 1)".* ]]
}

# A name as cmig writes it into SQL.
name() { # NAME
    if [ "$DATABASE" = mysql ]; then echo "\`$1\`"; else echo "$1"; fi
}

# The same where a text needs quotes.
quoted() { # NAME
    if [ "$DATABASE" = mysql ]; then echo "\`$1\`"; else echo "\"$1\""; fi
}

# No revision is half applied. On MariaDB the table remains, since dropping it would commit.
no_progress() {
    local rows
    rows=$(sql "SELECT * FROM cmig_progress" 2>/dev/null) || return 0
    [ "$DATABASE" = mysql ] && [ -z "$rows" ]
}

# The schema by the database's own words, without cmig's tables.
dump() {
    if [ "$DATABASE" = sqlite ]; then
        sqlite3 "$FILE" "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND tbl_name NOT LIKE 'cmig%' ORDER BY type, name"
    elif [ "$DATABASE" = mysql ]; then
        mysql_dump "$URL"
    else
        PYTHONPATH=$TESTS/lib python3 -c 'import sys; from databases import dump; print(dump(sys.argv[1], by_name=True))' "$URL"
    fi
}

# ---- files -------------------------------------------------------------------------------------------------------

# A model from standard input.
model() { # [FILE]
    local text
    slurp text
    printf '%s\n' "$text" >"models/${1:-model.yaml}"
}

users_model() { # [COLUMN LINE...]
    {
        printf '%s\n' 'tables:' '  users:' '    columns:' '      id: {type: integer, primary_key: true}'
        for line; do
            echo "      $line"
        done
    } | model
}

# A revision by hand: its operations come from standard input, as `upgrade:` and `downgrade:`; nothing there: empty.
revision_file() { # ID PARENT [KEY LINE...]
    local id=$1 parent=$2
    shift 2
    {
        printf '%s\n' "revision: $id" "down_revision: $parent" "message: step $id" "$@"
        if [ -t 0 ]; then echo 'upgrade: []'; else cat; fi
    } >"migrations/$id.yaml"
}

empty_revision() { # ID PARENT [KEY LINE...]
    revision_file "$@" <<<$'upgrade: []\ndowngrade: []'
}

# A chain of N empty revisions r001000000, …
chain() { # N
    local parent=null id
    for i in $(seq "$1"); do
        id=$(printf 'r%03d000000' "$i")
        empty_revision "$id" "$parent"
        parent=$id
    done
}

# ---- running -----------------------------------------------------------------------------------------------------

# Runs cmig without a terminal: what it printed is in $out and $err, its status in $status.
try() {
    status=0
    "${CMIG[@]}" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
    slurp out <"$BATS_TEST_TMPDIR/out"
    slurp err <"$BATS_TEST_TMPDIR/err"
    ran="cmig $*"
}

# Standard input into a variable, as $(cat) has it, without a process.
slurp() { # VARIABLE
    local slurped # a name that no caller has
    IFS= read -r -d '' slurped || true
    while [[ $slurped == *$'\n' ]]; do slurped=${slurped%$'\n'}; done
    printf -v "$1" %s "$slurped"
}

report() {
    printf '%s\n' "$@" "$ran: status $status" '-- stdout' "$out" '-- stderr' "$err"
    return 1
}

ok() {
    try "$@"
    [ "$status" = 0 ] || report "should have succeeded"
}

fails() { # STATUS WORD...
    local wanted=$1
    shift
    try "$@"
    [ "$status" = "$wanted" ] || report "should have ended with $wanted"
}

# The last one's standard error, or its standard output, contains each of the texts.
says() {
    local text
    for text; do
        [[ $err == *"$text"* ]] || report "does not say: $text" || return
    done
}

prints() {
    local text
    for text; do
        [[ $out == *"$text"* ]] || report "does not print: $text" || return
    done
}

prints_exactly() {
    [ "$out" = "$1" ] || report "does not print exactly: $1"
}

says_exactly() {
    [ "$err" = "$1" ] || report "does not say exactly: $1"
}

same() { # EXPECTED ACTUAL
    [ "$1" = "$2" ] || { diff <(echo "$1") <(echo "$2"); return 1; }
}

# Standard output is one JSON document; the expression of Python over it, `d`, holds.
json() { # EXPRESSION
    python3 -c 'import json, sys; d = json.load(sys.stdin); sys.exit(0 if eval(sys.argv[1]) else 1)' "$1" <<<"$out" ||
        report "JSON: $1"
}

# Waits until a command succeeds; half a minute at most.
wait_until() {
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "waited in vain: $*"
    return 1
}
