#!/bin/sh
# Tests cmig with a PostgreSQL other than the installed one.
#
#   sh tests/versions.sh BIN|URL [CASE...]
#
# BIN is a folder with initdb, postgres and pg_ctl of any version from 12 on: a server of it is started and stopped.
# URL is that of a server where databases may be made. Runs PostgreSQL's diff cases, or those that are named, with
# $CMIG_TEST_PROGRAM or build/src/cmig. Where pg_dump ($PG_DUMP) is older than the server the catalogue is read instead.
set -eu
cd "$(dirname "$0")/.."
server=${1:?a folder of programs, or a URL}
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
