#!/bin/sh
# Checks that `meson install` yields a working installation. Usage: run.sh BUILD-FOLDER EMPTY-FOLDER
#
# Installs below a folder, compiles the C and the C++ example against that with pkg-config alone, and runs them on the
# sample project.
set -eux
build=$1
into=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

mkdir -p "$into"
DESTDIR=$into meson install -C "$build" --no-rebuild --quiet
prefix=$into/usr/local
pc=$(dirname "$(find "$into" -name cmig.pc)")
export PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$into
LD_LIBRARY_PATH=$(dirname "$pc")
export LD_LIBRARY_PATH

for file in bin/cmig include/cmig.h share/man/man1/cmig.1 share/man/man3/cmig.3 share/man/man5/cmig.yaml.5 \
    share/man/man5/cmig-models.5 share/man/man5/cmig-revision.5 share/man/man5/cmig-test.5 share/man/man7/cmig-tutorial.7 \
    share/bash-completion/completions/cmig share/zsh/site-functions/_cmig share/fish/vendor_completions.d/cmig.fish; do
    test -e "$prefix/$file" || test -e "$prefix/$file.gz" || { echo "$file is not installed" >&2; exit 1; }
done
# A user of the library need not link the libraries that are loaded at run time.
test -z "$(pkg-config --print-requires cmig)"

cd "$into"
# shellcheck disable=SC2046
gcc -std=c17 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags cmig) -o device "$here/device.c" $(pkg-config --libs cmig)
# shellcheck disable=SC2046
g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags cmig) -o device++ "$here/device.cpp" $(pkg-config --libs cmig)

# Nothing of a private header is needed, and the interface is that of programs that were compiled before. After a
# deliberate change, libcmig.abi is replaced by what is printed here.
# shellcheck disable=SC2046
gcc -std=c17 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags cmig) -o abi "$here/abi.c"
{
    nm -D --defined-only "$LD_LIBRARY_PATH"/libcmig.so | awk '$2 == "T" { print $3 }'
    ./abi
} >libcmig.abi
diff "$here/libcmig.abi" libcmig.abi

cp -R "$root/migrations" sample
rm -f sample/*.db
head=$("$prefix/bin/cmig" -c sample/cmig.yaml heads | cut -d' ' -f1)
for _ in 1 2; do
    ./device "$into/sample" "$into/device.db" >out
    test "$(cat out)" = "at $head"
done
./device++ "$into/sample" "$into/device.db"
test "$("$prefix/bin/cmig" -c sample/cmig.yaml --url "sqlite:///$into/device.db" current | cut -d' ' -f1)" = "$head"
# Revisions that are not on the disk.
# shellcheck disable=SC2046
gcc -std=c17 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags cmig) -o memory "$here/memory.c" $(pkg-config --libs cmig)
for _ in 1 2; do
    ./memory memory.db
    test "$(sqlite3 memory.db 'SELECT text FROM notes')" = "the first"
done
# The program's own connection, which stays as it was.
# shellcheck disable=SC2046
gcc -std=c17 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags cmig) \
    $(env -u PKG_CONFIG_SYSROOT_DIR pkg-config --cflags sqlite3 libpq) -o handle "$here/handle.c" \
    $(pkg-config --libs cmig) $(env -u PKG_CONFIG_SYSROOT_DIR pkg-config --libs sqlite3 libpq)
for _ in 1 2; do
    ./handle "a handle.db"
    test "$(sqlite3 "a handle.db" 'SELECT text FROM notes')" = "the first"
done
if test -n "${CMIG_TEST_POSTGRESQL_URL:-}"; then
    psql -Xq "$CMIG_TEST_POSTGRESQL_URL" -c 'DROP DATABASE IF EXISTS cmig_handle' -c 'CREATE DATABASE cmig_handle'
    ./handle "${CMIG_TEST_POSTGRESQL_URL%/*}/cmig_handle"
    ./handle "${CMIG_TEST_POSTGRESQL_URL%/*}/cmig_handle"
fi
# A failure is told, not printed by the library, and ends nothing.
status=0
./device "$into/nowhere" "$into/device.db" 2>err || status=$?
test "$status" = 78
grep -q nowhere err
