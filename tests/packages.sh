#!/bin/bash
# Builds the packages of packaging/, installs each on a bare system, and uses it for a first migration. Prints TAP.
#
#   packages.sh [--packages DIR] [PART...]
#
# The parts are functions below; without names, all of them run. --packages takes packages that were built before. The
# test builds them without optimisation. The bare system is a Debian of mmdebstrap, from the machine's package sources;
# as root only.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
packages=
if [ "${1:-}" = --packages ]; then
    packages=$(cd "$2" && pwd)
    shift 2
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/cmig-packages-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
chmod 755 "$work"
[ "$packages" ] || { packages=$work/packages && mkdir "$packages"; }
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$root/meson.build")
tarball=$packages/cmig-$version-linux-$(uname -m).tar.gz
PATH=/usr/bin:$PATH:/usr/sbin:/sbin # Debian's Python
export PACKAGE_OPTIONS="-Doptimization=0 -Dwerror=true" DEB_BUILD_OPTIONS=noopt
export RPMBUILD_OPTIONS="--nodeps --with noopt" # Debian's packages have other names

# A package, built if it is not there.
package() { # KIND PATTERN
    compgen -G "$packages/$2" >/dev/null || sh "$root/packaging/build.sh" --output "$packages" "$1"
}

# The first migration, in an empty directory, of a database on SQLite or of $DATABASE_URL.
first_migration='
set -eu
rm -rf shop
cmig init shop
cd shop
export DATABASE_URL="${DATABASE_URL:-sqlite:///shop.db}"
cmig revision --autogenerate -m "first tables"
cmig upgrade
cmig check
cmig downgrade base
'

first_migration_with() { # DIRECTORY-OF-PROGRAM
    mkdir -p "$work/empty"
    (cd "$work/empty" && env -i PATH="$1:/usr/bin:/bin" HOME="$work/empty" sh -c "$first_migration")
}

# ---- the parts ----

tarball() {
    package tarball "${tarball##*/}"
    mkdir "$work/any where" && tar -xf "$tarball" -C "$work/any where" --strip-components=1
    first_migration_with "$work/any where/bin"
    # Manual pages are found beside the program.
    [ "$(PATH=$work/any\ where/bin:$PATH man -w cmig.yaml)" = "$work/any where/share/man/man5/cmig.yaml.5" ]
}

# With the C library alone, in a directory that is the whole system.
empty_system() {
    package tarball "${tarball##*/}"
    system=$work/system
    mkdir -p "$system/tmp" && tar -xf "$tarball" -C "$system" --strip-components=1
    ldd "$system/bin/cmig" | awk '$2 == "=>" { print $3 } $1 ~ "^/" { print $1 }' >"$work/libraries"
    [ "$(sed 's/.*\///' "$work/libraries" | sort | tr '\n' ' ')" = "ld-linux-x86-64.so.2 libc.so.6 libm.so.6 " ]
    while read -r file; do
        mkdir -p "$system${file%/*}" && cp -L "$file" "$system$file"
    done <"$work/libraries"
    run_there() { chroot "$system" /bin/cmig -c /shop/cmig.yaml --url sqlite:////shop/shop.db "$@"; }
    chroot "$system" /bin/cmig init /shop
    run_there revision --autogenerate -m first
    run_there upgrade
    run_there check
    status=0
    chroot "$system" /bin/cmig -c /shop/cmig.yaml --url postgresql://localhost/x current 2>"$work/err" || status=$?
    [ "$status" = 69 ] && grep -q "Install libpq" "$work/err"
}

# libgit2 is a part of the program: it reads the commits of a repository.
git_inside() {
    package tarball "${tarball##*/}"
    mkdir "$work/git" && tar -xf "$tarball" -C "$work/git" --strip-components=1
    cp -R "$root/migrations" "$work/project" && cd "$work/project" && rm -f ./*.db
    git init -q . && git add -A && git -c user.name=x -c user.email=x@localhost commit -qm first
    "$work/git/bin/cmig" check --base HEAD
    "$work/git/bin/cmig" diff git:HEAD models
}

npm_package() {
    package npm "cmig-$version.tgz"
    mkdir "$work/npm" && cd "$work/npm"
    HOME=$work/npm npm install --silent --offline --no-audit --no-fund "$packages/cmig-$version.tgz"
    [ "$(HOME=$work/npm npx --offline cmig --version)" = "cmig $version" ]
    first_migration_with "$work/npm/node_modules/.bin"
}

wheel() {
    package wheel "cmig-$version-*.whl"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --no-index --disable-pip-version-check "$packages/cmig-$version"-*.whl
    first_migration_with "$work/venv/bin"
    "$work/venv/bin/pip" show --files cmig | grep man1/cmig.1
    "$work/venv/bin/pip" uninstall --quiet --yes cmig
    [ ! -e "$work/venv/bin/cmig" ]
}

formula() {
    package formula cmig.rb
    ruby -c "$packages/cmig.rb"
    ! grep '@[A-Z]*@"' "$packages/cmig.rb"
}

debian_packages() {
    package deb "cmig_$version-1_*.deb"
    # The project has no mail address, and no bug report asks Debian for the package.
    lintian --allow-root --fail-on error,warning "$packages/cmig_$version-1"_*.changes \
        --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs
}

# A Debian with nothing installed but apt.
debian_system() {
    package deb "cmig_$version-1_*.deb"
    # shellcheck disable=SC2046
    mmdebstrap --quiet --variant=apt "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$work/debian" \
        $(ls /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null)
    cp "$packages"/*_"$version"-1_*.deb "$work/debian/tmp"
    chroot "$work/debian" sh -c "apt-get update -qq && apt-get install -y -qq gcc libc6-dev pkg-config /tmp/cmig_*.deb \
        /tmp/libcmig0_*.deb /tmp/libcmig-dev_*.deb" </dev/null
    chroot "$work/debian" sh -c "cd /tmp && $first_migration"
    cp "$root/tests/example/device.c" "$work/debian/tmp"
    chroot "$work/debian" sh -c 'cd /tmp && gcc -o device device.c $(pkg-config --cflags --libs cmig) && ldd device' |
        grep /libcmig.so.0
    if [ "${CMIG_TEST_POSTGRESQL_URL:-}" ]; then
        url=$(dirname "$CMIG_TEST_POSTGRESQL_URL")/packages_$$
        chroot "$work/debian" cmig --url "$url" create-database
        DATABASE_URL=$url chroot "$work/debian" sh -c "cd /tmp && $first_migration"
        chroot "$work/debian" cmig --url "$url" drop-database --yes
    fi
    chroot "$work/debian" apt-get remove -y -qq cmig libcmig0 >/dev/null
    [ ! -e "$work/debian/usr/bin/cmig" ]
}

rpm_packages() {
    package rpm "cmig-$version-1*.rpm"
    rpmlint -c "$root/packaging/rpm/rpmlint.toml" "$packages"/*.rpm >"$work/rpmlint" || { cat "$work/rpmlint"; false; }
    mkdir "$work/rpm" && cd "$work/rpm"
    rpm2cpio "$packages/cmig-$version-1".*.rpm | cpio -idm --quiet
    first_migration_with "$work/rpm/usr/bin"
}

# A second build, elsewhere and at another time, gives the same bytes.
reproducible() {
    package tarball "${tarball##*/}"
    package npm "cmig-$version.tgz"
    package wheel "cmig-$version-*.whl"
    package deb "cmig_$version-1_*.deb"
    mkdir "$work/second" "$work/elsewhere"
    CCACHE_DISABLE=1 TMPDIR=$work/elsewhere faketime -f '+40d' sh "$root/packaging/build.sh" --output "$work/second" \
        tarball npm wheel deb
    for file in "$work"/second/*.gz "$work"/second/*.tgz "$work"/second/*.whl "$work"/second/*.deb; do
        cmp "$file" "$packages/${file##*/}"
    done
}

# What other systems read.
descriptions() {
    python3 "$root/tests/lib/descriptions.py" "$root"
}

github_action() {
    package tarball "${tarball##*/}"
    python3 "$root/tests/lib/action.py" "$root" "$tarball" "$work"
}

pre_commit() {
    package tarball "${tarball##*/}"
    mkdir "$work/hooks" "$work/hooks-program" && tar -xf "$tarball" -C "$work/hooks-program" --strip-components=1
    cp "$root/.pre-commit-hooks.yaml" "$work/hooks"
    export HOME=$work/hooks GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@localhost GIT_COMMITTER_NAME=x
    export GIT_COMMITTER_EMAIL=x@localhost PATH=$work/hooks-program/bin:$PATH
    cd "$work/hooks" && git init -q . && git add -A && git commit -qm hooks
    cp -R "$root/migrations" "$work/hooked" && cd "$work/hooked" && rm -f ./*.db
    echo 'tables: {spaces: {columns:   {a: integer}}}' >models/spaces.yaml
    git init -q . && git add -A && git commit -qm first
    ! pre-commit try-repo "$work/hooks" cmig-fmt --all-files || return 1
    rm models/spaces.yaml && git add -A && git commit -qm formatted
    for hook in cmig-fmt cmig-check cmig-lint; do
        pre-commit try-repo "$work/hooks" "$hook" --all-files
    done
    echo 'tables: {x: {colums: {}}}' >models/typo.yaml && git add -A
    ! pre-commit try-repo "$work/hooks" cmig-check --all-files
}

# ---- the test ----

all="descriptions tarball empty_system git_inside npm_package wheel formula github_action pre_commit
    debian_packages debian_system rpm_packages reproducible"
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all
echo "1..$#"
n=0 failed=0
for part; do
    n=$((n + 1))
    (set -e; "$part") >"$work/log" 2>&1 </dev/null
    # In a condition, `set -e` would have no effect.
    if [ $? = 0 ]; then
        echo "ok $n - $part"
    else
        echo "not ok $n - $part"
        sed 's/^/# /' "$work/log"
        failed=1
    fi
done
exit $failed
