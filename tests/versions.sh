#!/bin/sh
# Tests cmig with a PostgreSQL other than the installed one.
#
#   sh tests/versions.sh BIN|URL [CASE...]
#
# BIN is a directory with initdb, postgres and pg_ctl of version 12 or later, from which a temporary server is started.
# URL is that of a server on which databases may be created. Runs PostgreSQL's diff cases, or the named ones, with
# $CMIG_TEST_PROGRAM or build/src/cmig. If pg_dump ($PG_DUMP) is older than the server, the catalogue is read instead.
set -eu
cd "$(dirname "$0")/.."
server=${1:?a directory of programs, or a URL}
shift
program=${CMIG_TEST_PROGRAM:-$PWD/build/src/cmig}
work=

finish() {
    [ -z "$work" ] || sh tests/lib/postgresql.sh stop "$work/server"
    [ -z "$work" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

if [ -d "$server" ]; then
    work=$(mktemp -d)
    chmod 755 "$work"
    server=$(CMIG_TEST_POSTGRESQL_BIN=$server sh tests/lib/postgresql.sh start "$work/server")
fi
PYTHONDONTWRITEBYTECODE=1 python3 tests/diff.py --cmig "$program" --postgresql "$server" --dialect postgresql "$@"
