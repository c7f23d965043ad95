#!/bin/sh
# Runs once, when the container creates its database: the role that owns it is not a superuser.
psql -v ON_ERROR_STOP=1 -v password="$(cat "${SECRETS:-/run/secrets}/app_password")" \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" --no-psqlrc <<'END'
CREATE ROLE app LOGIN PASSWORD :'password';
CREATE DATABASE app OWNER app;
END
