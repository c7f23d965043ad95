#!/bin/sh
# Builds packages of this checkout.
#
#   sh packaging/build.sh [--output DIR] KIND...
#
# KIND is source, tarball, deb, rpm, npm, wheel, image or formula.
#
# The packages are written to DIR, by default dist/. `npm`, `wheel` and `image` contain the program of `tarball`, which
# is built first if it is not in DIR. The same checkout gives the same bytes, except for `rpm` and `image`: files get
# the time $SOURCE_DATE_EPOCH, by default that of the last commit.
#
# $PACKAGE_OPTIONS are further options of Meson for the tarball, $RPMBUILD_OPTIONS of rpmbuild, and $IMAGE_OPTIONS of
# $CONTAINER_TOOL (podman or docker); dpkg-buildpackage reads $DEB_BUILD_OPTIONS. $SOURCE_URL is the address of the
# source archive, for the formula.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
output=$root/dist

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

while :; do
    case ${1:-} in
    --output) [ $# -gt 1 ] || usage; mkdir -p "$2"; output=$(cd "$2" && pwd); shift 2 ;;
    -*) usage ;;
    *) break ;;
    esac
done
[ $# -gt 0 ] || usage

umask 022
export LC_ALL=C.UTF-8 TZ=UTC
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$root/meson.build")
: "${SOURCE_DATE_EPOCH:=$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/meson.build")}"
export SOURCE_DATE_EPOCH
platform=linux-$(uname -m)
source=$output/cmig-$version.tar.gz
tarball=$output/cmig-$version-$platform.tar.gz
work=$(mktemp -d "${TMPDIR:-/tmp}/cmig-package-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$output"

show_log() {
    tail -n 30 "$work/log" >&2
    exit 1
}

# A file of packaging/ with the version and the like filled in.
fill_in() { # FILE [SED-COMMAND...]
    sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(date -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')/" -e "${2:-}" -e "${3:-}" \
        "$root/packaging/$1"
}

# Sorted, without the builder's names and times.
pack() { # DIRECTORY NAME, the archive on standard output
    tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw --mtime="@$SOURCE_DATE_EPOCH" \
        --format=ustar -cf - "$2" | gzip -9n
}

# ---- the source ----

# The files of the checkout, or of an unpacked source archive.
copy_source() { # DIRECTORY
    mkdir -p "$1"
    if [ -e "$root/.git" ]; then
        git -C "$root" ls-files -z
    else
        (cd "$root" && find . -path ./dist -prune -o -path './build*' -prune -o -type f -print0)
    fi | tar -C "$root" --null -T - -cf - | tar -C "$1" -xf -
}

build_source() {
    copy_source "$work/source/cmig-$version"
    pack "$work/source" "cmig-$version" >"$source.part"
    mv "$source.part" "$source"
    echo "$source"
}

unpack_source() { # DIRECTORY
    [ -d "$work/source" ] || build_source >/dev/null
    mkdir -p "$1"
    tar -C "$1" -xf "$source"
}

# ---- a directory that may be put anywhere ----

# The licences of the libraries that are parts of the program.
copy_licences() { # DIRECTORY
    mkdir -p "$1"
    for package in libsqlite3-0 libyaml-0-2 libgit2-dev libhttp-parser-dev libpcre2-dev zlib1g; do
        cp "/usr/share/doc/$package/copyright" "$1/$package"
    done
}

build_tarball() {
    unpack_source "$work/tarball"
    cd "$work/tarball/cmig-$version"
    # shellcheck disable=SC2086
    meson setup build --buildtype=release --strip --prefix=/ -Dlibrary=false -Dgit=static -Dprefer_static=true \
        -Dtests=false ${PACKAGE_OPTIONS:-} >"$work/log" 2>&1 || show_log
    ninja -C build >>"$work/log" 2>&1 || show_log
    name=cmig-$version-$platform
    DESTDIR=$work/$name meson install -C build --no-rebuild --quiet
    doc=$work/$name/share/doc/cmig
    mkdir -p "$doc"
    cp README.md CHANGELOG.md LICENSE "$doc"
    copy_licences "$doc/licences"
    pack "$work" "$name" >"$tarball.part"
    mv "$tarball.part" "$tarball"
    echo "$tarball"
}

# The program, unpacked into $program.
program() {
    program=$work/cmig-$version-$platform
    [ -d "$program" ] || { [ -e "$tarball" ] && tar -C "$work" -xf "$tarball"; } || build_tarball >&2
}

# ---- Debian and RPM ----

build_deb() {
    unpack_source "$work/deb"
    cd "$work/deb/cmig-$version"
    cp -R packaging/debian debian
    cat >debian/changelog <<EOF
cmig ($version-1) unstable; urgency=medium

  * /usr/share/doc/cmig/changelog.gz lists the changes.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $(date -Rd "@$SOURCE_DATE_EPOCH")
EOF
    cp "$source" "../cmig_$version.orig.tar.gz"
    dpkg-buildpackage --build=binary --no-sign >"$work/log" 2>&1 || show_log
    cp ../*.deb ../*.changes ../*.buildinfo "$output"
    ls "$output"/*_"$version"*.deb
}

build_rpm() {
    unpack_source "$work/rpm/SOURCES"
    mkdir -p "$work/rpm/SPECS"
    cp "$source" "$work/rpm/SOURCES"
    fill_in rpm/cmig.spec >"$work/rpm/SPECS/cmig.spec"
    # shellcheck disable=SC2086
    rpmbuild -bb --define "_topdir $work/rpm" ${RPMBUILD_OPTIONS:-} "$work/rpm/SPECS/cmig.spec" >"$work/log" 2>&1 || show_log
    find "$work/rpm/RPMS" -name '*.rpm' -exec cp {} "$output" \;
    ls "$output"/*.rpm
}

# ---- packages of other languages, and containers, with the program of the tarball ----

build_npm() {
    program
    mkdir -p "$work/npm/package"
    cp -R "$program/bin" "$program/share/doc/cmig/." "$work/npm/package"
    fill_in npm/package.json "s/@CPU@/$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/" \
        >"$work/npm/package/package.json"
    cp "$root/packaging/npm/README.md" "$work/npm/package"
    (cd "$work/npm/package" && npm pack --silent --pack-destination "$output")
}

build_wheel() {
    program
    python3 "$root/packaging/wheel/build.py" "$version" "$program" "$output"
}

build_image() {
    program
    copy_source "$work/image"
    mkdir "$work/image/dist"
    cp "$tarball" "$work/image/dist"
    # shellcheck disable=SC2086
    "${CONTAINER_TOOL:-$(command -v podman || echo docker)}" build --quiet --tag "cmig:$version" ${IMAGE_OPTIONS:-} \
        --file "$work/image/packaging/docker/Dockerfile" "$work/image"
}

build_formula() {
    [ -e "$source" ] || build_source >&2
    fill_in homebrew/cmig.rb "s|@URL@|${SOURCE_URL:-file://$source}|" "s/@SHA256@/$(sha256sum "$source" | cut -c1-64)/" \
        >"$output/cmig.rb"
    echo "$output/cmig.rb"
}

for kind; do
    case $kind in
    source | tarball | deb | rpm | npm | wheel | image | formula) (build_"$kind") ;;
    *) usage ;;
    esac
done
