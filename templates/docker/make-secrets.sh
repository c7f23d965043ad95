#!/bin/sh
# Creates the passwords of the database in compose.yaml, and the URLs that contain them. Existing files are kept.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
for name in superuser_password app_password; do
    [ -s secrets/$name ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >secrets/$name
done
password=$(cat secrets/app_password)
printf 'postgresql://app:%s@db/app\n' "$password" >secrets/database_url
[ -e .env ] || printf 'DATABASE_URL=postgresql://app:%s@localhost/app\n' "$password" >.env
# Containers read the files under other user ids, so anyone may read them; the directory keeps other users out.
chmod 644 secrets/*
# The container of the database reads its script, too, which a strict umask may have kept from it.
chmod a+r db/create-app.sh
