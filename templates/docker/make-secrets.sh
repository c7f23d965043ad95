#!/bin/sh
# Makes the passwords of the database in compose.yaml, and the URLs that contain them. What is there is kept.
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
# Containers see the files with this mode, under other user ids; the directory keeps people of this machine out.
chmod 644 secrets/*
