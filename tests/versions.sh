#!/bin/sh
# Tests cmig with a PostgreSQL other than the installed one, or with MySQL.
#
#   sh tests/versions.sh VERSION|BIN|URL [CASE...]
#
# VERSION is a major version from 12, which tests/lib/postgresql_version.sh fetches. BIN is a directory with initdb,
# postgres and pg_ctl. From either a temporary server is started. URL is that of a server on which databases may be
# created, of PostgreSQL or MySQL; tests/lib/mysql_version.sh starts one of MySQL. Runs the database's diff cases, and the
# tests of the command line that depend most on the server; or only the named cases. The program is $CMIG_TEST_PROGRAM or build/src/cmig. If pg_dump ($PG_DUMP) is older than the server, the
# catalogue is read instead. The result is TAP.
set -eu
cd "$(dirname "$0")/.."
server=${1:?a version, a directory of programs, or a URL}
shift
export CMIG_TEST_PROGRAM="${CMIG_TEST_PROGRAM:-$PWD/build/src/cmig}" PYTHONDONTWRITEBYTECODE=1
work=

finish() {
    [ -z "$work" ] || sh tests/lib/postgresql.sh stop "$work/server"
    [ -z "$work" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

case $server in
*://*) ;;
*)
    work=$(mktemp -d)
    chmod 755 "$work"
    if [ -d "$server" ]; then
        server=$(CMIG_TEST_POSTGRESQL_BIN=$server sh tests/lib/postgresql.sh start "$work/server")
    else
        server=$(sh tests/lib/postgresql_version.sh start "$server" "$work/server")
    fi
    ;;
esac
database=postgresql
case $server in
mysql://*) database=mysql CMIG_TEST_MYSQL_URL=$server ;;
*) CMIG_TEST_POSTGRESQL_URL=$server ;;
esac
export CMIG_TEST_POSTGRESQL_URL CMIG_TEST_MYSQL_URL CMIG_TEST_DATABASES=$database

status=0
python3 tests/diff.py --cmig "$CMIG_TEST_PROGRAM" "--$database" "$server" --dialect $database "$@" || status=$?
[ $# = 0 ] || exit $status
if [ $database = postgresql ]; then
    log=$(mktemp)
    sh tests/lib/bats.sh "$log" 1 tests/cli/flow.bats tests/cli/server.bats tests/cli/unmodelled.bats tests/cli/objects.bats \
        tests/cli/partitions.bats || status=$?
    rm -f "$log"
else # the other tests have what only MariaDB has
    bats --formatter tap -f 'recorded$|is continued where|fail is not taken|is waited for|ten upgrades|made by hand' \
        tests/cli/mysql.bats tests/cli/mysql_objects.bats || status=$?
fi
exit $status
