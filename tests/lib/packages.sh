#!/bin/sh
# Installs the Debian packages that this machine lacks.
#
#   packages.sh build    packages for building cmig
#   packages.sh tests    those, and packages for the tests
#   packages.sh versions those, and what other servers need (npm fetches them) and packages are built with
set -eu

build="gcc libc6-dev meson ninja-build pkg-config libsqlite3-dev libyaml-dev libpq-dev libmariadb-dev libgit2-dev libpg-query-dev"
tests="$build bats chromium clang etcd-server g++ git libclang-rt-14-dev libcmocka-dev gcovr graphviz haproxy mandoc
    mariadb-server openssl patroni pgbouncer pgpool2 postgresql postgresql-contrib python3-alembic python3-django
    python3-jsonschema python3-psycopg2 python3-pymysql python3-sqlalchemy python3-websocket python3-yaml sqlite3
    util-linux valgrind"
packaging="build-essential debhelper dpkg-dev faketime lintian man-db mmdebstrap pre-commit python3-venv rpm rpm2cpio cpio rpmlint ruby"

installed() { # npm need not be Debian's
    [ "$1" != npm ] || ! command -v npm >/dev/null || return 0
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

case ${1:-} in
build) wanted=$build ;;
tests) wanted=$tests ;;
versions) wanted="$tests libaio1 libnuma1 npm $packaging" ;;
*) echo "usage: packages.sh build|tests|versions" >&2; exit 64 ;;
esac

missing=
for package in $wanted; do
    installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command="apt-get install --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
    echo "these packages of Debian, or their equivalents, are missing:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null; }; then
        echo "packages are missing; run this as root, then try again:" >&2
        echo "  $command" >&2
        exit 1
    fi
    as_root=sudo
fi

# apt and dpkg print hundreds of lines, which only matter if they fail.
log=$(mktemp "${TMPDIR:-/tmp}/cmig-packages.XXXXXX")
apt() {
    DEBIAN_FRONTEND=noninteractive $as_root apt-get "$@" >>"$log" 2>&1 && return
    tail -n 15 "$log" >&2
    echo "'apt-get $1' failed; is there a network? Its output is in $log" >&2
    exit 1
}
echo "installing:$missing" >&2
apt update -qq
# shellcheck disable=SC2086
apt install -y -qq --no-install-recommends $missing
rm "$log"
