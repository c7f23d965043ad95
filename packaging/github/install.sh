#!/bin/sh
# Installs cmig for the following steps of a GitHub job: from $TARBALL, or from the source of this action.
set -eu
into=${RUNNER_TEMP:?}/cmig
source=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$into"
mkdir -p "$into"

case ${TARBALL:-} in
"")
    sh "$source/tests/lib/packages.sh" build
    sh "$source/packaging/build.sh" --output "$into/dist" tarball
    archive=$(ls "$into"/dist/cmig-*-linux-*.tar.gz)
    ;;
*://*)
    [ "${SHA256:-}" ] || { echo "the input 'sha256' is missing: a tarball from a URL needs its checksum" >&2; exit 1; }
    archive=$into/cmig.tar.gz
    curl --fail --silent --show-error --location --output "$archive" "$TARBALL"
    ;;
*) archive=$TARBALL ;;
esac
[ -z "${SHA256:-}" ] || echo "$SHA256  $archive" | sha256sum --check --quiet

tar -xf "$archive" -C "$into" --strip-components=1
echo "$into/bin" >>"${GITHUB_PATH:?}"
echo "version=$("$into/bin/cmig" --version | sed 's/^cmig //')" >>"${GITHUB_OUTPUT:?}"
