#!/usr/bin/env bats
# Creating and dropping whole databases.
load helper

# The URL of a database that does not exist, with an odd name, and how it is printed.
unmade() { # sqlite|postgresql|mysql
    project "$1"
    case $1 in
    sqlite) URL=sqlite:///$PWD/new%20one.db ;;
    *) URL="${URL%/*}/New%20${URL##*/}" ;;
    esac
    echo "url: '$URL'" >cmig.yaml
}

gone() {
    if [ "$DATABASE" = sqlite ]; then
        [ "$(ls)" = $'cmig.yaml\nmigrations\nmodels' ]
    else
        fails 69 current
        says "hint: Run 'cmig create-database' first."
    fi
}

@test "a database is created, migrated and dropped, each of it again without harm" {
    for database in $DATABASES; do
        unmade "$database"
        users_model
        gone
        ok create-database
        says "was created"
        ok create-database --json
        prints '"created": false'
        ok revision --autogenerate -m x
        ok upgrade head
        ok create-database
        says "already exists"
        fails 64 drop-database
        says "drop-database needs --yes" "and all of its rows are dropped"
        ok check
        ok drop-database --yes
        says "was dropped"
        rm -f migrations/*
        gone
        ok drop-database --yes --json
        prints '"dropped": false'
    done
}

@test "a new database has the settings that were asked for" {
    for database in $DATABASES; do
        unmade "$database"
        case $database in
        sqlite)
            fails 64 create-database --encoding UTF-16
            says "an SQLite database has no encoding but UTF-8"
            gone
            ;;
        postgresql)
            ok create-database --owner postgres --encoding LATIN1 --collation C
            same "$(psql -X -A -t -d "$URL" -c "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database
                WHERE datname = current_database()")" "LATIN1|C|C"
            ok drop-database --yes
            fails 1 create-database --owner "cmig bats no role"
            says 'postgresql 42704: role "cmig bats no role" does not exist'
            ok create-database --template template1
            ok drop-database --yes
            ;;
        mysql)
            ok create-database --encoding latin1 --collation latin1_bin
            same "$(mysql "$CMIG_TEST_MYSQL_URL" <<<"SELECT default_collation_name FROM information_schema.schemata
                WHERE schema_name LIKE 'New cmig_bats_${BATS_SUITE_TEST_NUMBER:-0}_$$%'")" latin1_bin
            ok drop-database --yes
            fails 64 create-database --owner root
            says "has no owner"
            ;;
        esac
    done
}

@test "a database that others use is dropped with --force only" {
    for database in $DATABASES; do
        unmade "$database"
        ok create-database
        case $database in
        sqlite)
            sqlite3 "new one.db" "CREATE TABLE t (a)"
            mkfifo orders
            sqlite3 "new one.db" <orders >held &
            exec 4>orders
            echo "BEGIN IMMEDIATE; SELECT 'held';" >&4
            ;;
        postgresql)
            mkfifo orders
            psql -X -q -A -t -d "$URL" <orders >held 2>&1 &
            exec 4>orders
            echo "SELECT 'held';" >&4
            ;;
        mysql)
            mkfifo orders
            mysql_program mariadb "${CMIG_TEST_MYSQL_URL}" -n -N <orders >held 2>&1 &
            exec 4>orders
            echo "USE \`$(basename "${URL//%20/ }")\`; SELECT 'held';" >&4
            ;;
        esac
        holder=$!
        until grep -q held held; do sleep 0.05; done
        fails "$([ "$database" = sqlite ] && echo 75 || echo 1)" drop-database --yes
        says "use --force"
        ok drop-database --yes --force
        exec 4>&-
        wait "$holder" || true
        rm -f orders held
        gone
    done
}

@test "neither the server's own databases are dropped, nor one without a name" {
    for database in $DATABASES; do
        [ "$database" != sqlite ] || continue
        database "$database"
        for name in postgres template1 mysql information_schema; do
            [ "${name%1}" = template ] || [ "$name" = postgres ] && [ "$database" = mysql ] && continue
            [ "${name%1}" != template ] && [ "$name" != postgres ] && [ "$database" = postgresql ] && continue
            fails 64 --url "${URL%/*}/$name" drop-database --yes --force
            says "'$name' is a database of the server itself"
        done
        for command in "drop-database --yes" create-database; do
            fails 78 --url "${URL%/*}/" $command
            says "the database URL names no database"
        done
    done
}

@test "what is no database of SQLite is not dropped" {
    mkdir migrations
    echo "url: sqlite:///notes.txt" >cmig.yaml
    printf 'These are notes, and not a database, of more than a hundred bytes: %0100d\n' 1 >notes.txt
    cp notes.txt kept
    fails 69 drop-database --yes --force
    says "cannot drop database 'sqlite:///notes.txt'"
    cmp notes.txt kept
    echo "url: 'sqlite://'" >cmig.yaml
    fails 64 create-database
    says "a database in memory is neither created nor dropped"
}

@test "drop-database asks on a terminal" {
    project sqlite
    ok create-database
    printf 'n\n' | command script -qec "${CMIG[*]} drop-database" typed >/dev/null || true
    grep -q "Drop database 'sqlite:///.*' with all of its rows? \[y/N\]" typed
    [ -e "$FILE" ]
    printf 'y\n' | command script -qec "${CMIG[*]} drop-database" typed >/dev/null
    [ ! -e "$FILE" ]
}
