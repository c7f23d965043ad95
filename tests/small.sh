#!/bin/sh
# Checks that a cmig without PostgreSQL, MySQL and git does everything else, and reports what it lacks. Usage: small.sh PROGRAM
set -eux
cmig=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$root/migrations/." "$work"
rm -f "$work"/*.db
cd "$work"
"$cmig" upgrade head
"$cmig" check
"$cmig" downgrade base
"$cmig" upgrade head
status=0
"$cmig" --url postgresql://localhost/x current 2>err || status=$?
cat err
test "$status" = 64 || test "$status" = 78 || test "$status" = 1
grep -qi 'postgresql' err
status=0
"$cmig" --url mysql://root@localhost/x current 2>err || status=$?
cat err
test "$status" = 78
grep -q "unknown database 'mysql'" err
