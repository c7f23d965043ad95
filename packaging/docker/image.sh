#!/bin/sh
# Puts all files of the image into a directory: cmig, the libraries it needs or opens, certificates and a user.
#
#   sh packaging/docker/image.sh DIRECTORY
#
# It runs in the first stage of the Dockerfile, as root on a Debian with nothing installed.
set -eu
image=$1
cd "$(dirname "$0")/../.."

apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates libmariadb3 libpq5 >/dev/null
if ! ls dist/cmig-*-"linux-$(uname -m)".tar.gz >/dev/null 2>&1; then
    sh tests/lib/packages.sh build
    sh packaging/build.sh tarball
fi

mkdir -p "$image/usr" "$image/etc/ssl/certs" "$image/tmp" "$image/work"
chmod 1777 "$image/tmp"
tar -xf dist/cmig-*-"linux-$(uname -m)".tar.gz -C "$image/usr" --strip-components=1
rm -rf "$image/usr/share/man" "$image/usr/share/bash-completion" "$image/usr/share/fish" "$image/usr/share/zsh"
cp /etc/ssl/certs/ca-certificates.crt "$image/etc/ssl/certs"
echo 'cmig:x:65532:65532::/tmp:/sbin/nologin' >"$image/etc/passwd"
echo 'cmig:x:65532:' >"$image/etc/group"

# The libraries, at their places, and what authenticates to MariaDB.
libraries=/usr/lib/$(uname -m)-linux-gnu
for file in "$image/usr/bin/cmig" "$libraries/libpq.so.5" "$libraries/libmariadb.so.3" \
    "$libraries"/libmariadb3/plugin/*.so; do
    case $file in /usr/*) echo "$file" ;; esac
    ldd "$file" | awk '$2 == "=>" { print $3 } $1 ~ "^/" { print $1 }'
done | sort -u | while read -r file; do
    mkdir -p "$image$(dirname "$file")"
    cp -L "$file" "$image$file"
done
