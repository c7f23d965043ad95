#!/bin/sh
# From a clone to a migrated database: installs the packages that building needs, builds cmig into build/, and upgrades
# the sample project in this folder. The database is the SQLite file migrations/blog.db, or the one that DATABASE_URL
# names. It can be run again at any time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=$root/build

say() {
    printf '\n== %s\n' "$*"
}

cmig() {
    printf '\n$ cmig %s\n' "$*"
    "$build/src/cmig" -c "$here/cmig.yaml" "$@"
}

say "Packages for building"
sh "$root/tests/lib/packages.sh" build

say "Building cmig in $build"
if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$root" --buildtype=release -Dtests=false
fi
ninja -C "$build"

say "The sample project in $here"
cmig upgrade head
cmig current
cmig check

say "Done. The program is $build/src/cmig; 'ninja -C $build install' installs it."
