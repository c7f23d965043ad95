#!/bin/sh
# Runs once, when the container makes its database: the role that owns it is no superuser.
psql -v ON_ERROR_STOP=1 -v password="$(cat "${SECRETS:-/run/secrets}/app_password")" \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" --no-psqlrc <<'END'
CREATE ROLE app LOGIN PASSWORD :'password';
CREATE DATABASE app OWNER app;
END
