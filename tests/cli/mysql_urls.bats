#!/usr/bin/env bats
# MariaDB: what the parameters of a URL mean.
load helper

teardown() {
    drop_databases
    [ -z "${server:-}" ] || { sh "$TESTS/lib/mariadb.sh" stop "$server/db"; rm -r "$server"; }
}

# The key and the certificate of a server on this machine, which are its own authority.
certificate() { # DIR
    mkdir -p "$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null
    chmod 755 "$1"
    chmod 644 "$1"/*.pem
}

@test "MySQL: a URL says how the connection is protected, in the words of any driver" {
    project mysql
    plain=$URL
    for parameter in ssl=true ssl_mode=REQUIRED ssl-mode=VERIFY_CA sslMode=trust tls=true tls=skip-verify useSSL=true sslaccept=strict ssl_ca=/ca.pem ssl_cert=/c.pem; do
        fails 69 --url "$plain?$parameter" current
    done
    for parameter in ssl_mode=preferred tls=preferred tls=false ssl_disabled=1 'useSSL=false&allowPublicKeyRetrieval=true&serverTimezone=UTC' 'charset=utf8mb4&parseTime=True&loc=Local'; do
        ok --url "$plain?$parameter" current
    done
    fails 78 --url "$plain?trustStore=/x.jks" current
    says "cannot use parameter 'trustStore'" "ssl_ca=PATH"
    fails 78 --url "$plain?tls=custom" current
    says "invalid value 'custom' of parameter 'tls'" ssl_ca=PATH
    fails 78 --url "$plain?ssl=%7B%22ca%22%3A1%7D" current
    says "invalid value '{\"ca\":1}' of parameter 'ssl'"
    ok -v --url "$plain?sql_mode=ANSI" current
    says "debug: parameter 'sql_mode' of the database URL is ignored"

    server=$(mktemp -d)
    chmod 755 "$server"
    certificate "$server/tls"
    own=$(sh "$TESTS/lib/mariadb.sh" start "$server/db" --ssl-cert="$server/tls/cert.pem" --ssl-key="$server/tls/key.pem" 3>&-)
    port=${own##*:} port=${port%/*}
    url=mysql://root@localhost:$port/mysql
    encrypted() { # WANTED PARAMETERS
        revision_file aaaa null <<<$'upgrade: [{execute: "CREATE TABLE seen AS SELECT variable_value AS cipher FROM information_schema.session_status WHERE variable_name = \'ssl_cipher\'"}]\ndowngrade: [{drop_table: seen}]'
        ok --url "$url?$2" upgrade head
        [ "$(mysql "$own" <<<"SELECT cipher <> '' FROM seen")" = "$1" ] || report "$2: encrypted is not $1"
        ok --url "$url?$2" downgrade base
    }
    encrypted 0 charset=utf8mb4
    encrypted 0 ssl_mode=disabled
    encrypted 1 ssl_mode=preferred
    encrypted 1 ssl=true
    encrypted 1 "ssl_ca=$server/tls/cert.pem"
    encrypted 1 "sslMode=verify-full&serverSslCert=$server/tls/cert.pem"
    # A certificate is for one host, and without an authority none is valid.
    fails 69 --url "${url/localhost/127.0.0.1}?ssl_ca=$server/tls/cert.pem" current
    ok --url "${url/localhost/127.0.0.1}?ssl_mode=required" current
    fails 69 --url "$url?ssl_mode=verify_identity" current
    fails 69 --url "$url?tls=true" current
}
