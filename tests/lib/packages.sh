#!/bin/sh
# Installs the Debian packages that this machine lacks.
#
#   packages.sh build    what building cmig needs
#   packages.sh tests    that, and what the tests need
set -eu

build="gcc libc6-dev meson ninja-build pkg-config libsqlite3-dev libyaml-dev libpq-dev libmariadb-dev libgit2-dev"
tests="$build bats clang g++ git libclang-rt-14-dev libcmocka-dev gcovr mandoc mariadb-server pgbouncer postgresql postgresql-contrib python3-alembic
    python3-jsonschema python3-psycopg2 python3-pymysql python3-sqlalchemy python3-yaml sqlite3 util-linux valgrind"

installed() {
    for name in $(echo "$1" | tr '|' ' '); do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] && return 0
    done
    return 1
}

case ${1:-} in
build) wanted=$build ;;
tests) wanted=$tests ;;
*) echo "usage: packages.sh build|tests" >&2; exit 64 ;;
esac

missing=
for package in $wanted; do
    installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "please install:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null; }; then
        echo "packages are missing and only root can install them; run as root:" >&2
        echo "  apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing:$missing" >&2
$as_root apt-get update -qq >&2
for package in $missing; do
    # of several names, the one that this release of Debian has
    for name in $(echo "$package" | tr '|' ' '); do
        if apt-cache show "$name" >/dev/null 2>&1; then
            chosen="${chosen:-} $name"
            break
        fi
    done
done
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $chosen >&2
