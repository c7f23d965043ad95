#!/usr/bin/env bats
# Finding the configuration, and the values of its keys.
load helper

at_aaaa() { # WORD... : `current` with them finds the prepared database
    ok "$@" current
    prints aaaa
}

prepared() {
    project sqlite
    empty_revision aaaa null
    ok upgrade head
}

@test "cmig.yaml is found in the directories above" {
    prepared
    mkdir -p deep/er
    cd deep/er
    at_aaaa
    cd /
    fails 78 current
    says "cmig.yaml"
    CMIG_CONFIG=$PROJECT/cmig.yaml at_aaaa
    at_aaaa -c "$PROJECT/cmig.yaml"
    fails 78 -c "$PROJECT/nowhere.yaml" current
    says "nowhere.yaml"
}

@test "relative paths are relative to the file" {
    project sqlite
    empty_revision aaaa null
    echo 'url: sqlite:///here.db' >cmig.yaml
    mkdir below
    cd below
    ok upgrade head
    test -f ../here.db
}

@test "variables" {
    prepared
    echo "url: \${WHERE}" >cmig.yaml
    WHERE=$URL at_aaaa
    fails 78 current
    says "cmig.yaml:1" "WHERE"
    echo "url: \${WHERE:-$URL}" >cmig.yaml
    at_aaaa
    WHERE= at_aaaa
    echo 'url: ${WHERE:?say where}' >cmig.yaml
    fails 78 current
    says "say where"
    printf '%s\n' "$URL" >secret
    echo 'url: ${file:secret}' >cmig.yaml
    at_aaaa
    echo 'url: ${file:nowhere}' >cmig.yaml
    fails 78 current
    says "nowhere"
    echo 'url: "sqlite:///${x:name}"' >cmig.yaml
    at_aaaa -x "name=$FILE"
    fails 78 current
    says "name"
}

@test "environments" {
    prepared
    printf '%s\n' 'url: sqlite:///nothing.db' 'environments:' "  production: {url: '$URL'}" >cmig.yaml
    at_aaaa -n production
    fails 78 -n prodction current
    says "prodction" "production"
}

@test "--url overrides everything" {
    prepared
    echo 'url: sqlite:///nothing.db' >cmig.yaml
    DATABASE_URL=sqlite:///other.db at_aaaa --url "$URL"
}

@test "DATABASE_URL and DATABASE_URL_FILE if the file has no url" {
    prepared
    echo 'models: [models]' >cmig.yaml
    DATABASE_URL=$URL at_aaaa
    printf '%s' "$URL" >secret
    DATABASE_URL_FILE=secret at_aaaa
    fails 78 current
    says "DATABASE_URL" "--url"
}

@test ".env sets variables that are not set, and --no-env-file ignores it" {
    prepared
    echo 'models: [models]' >cmig.yaml
    printf '%s\n' '# a comment' '' "export DATABASE_URL=\"$URL\"" 'EVIL=$(touch evil)' >.env
    at_aaaa
    test ! -e evil
    DATABASE_URL=sqlite:///other.db ok status
    prints other.db
    fails 78 --no-env-file current
}

@test "libpq's own variables, service files and password files work" {
    project postgresql
    empty_revision aaaa null
    ok upgrade head
    hostport=${URL#*@}
    hostport=${hostport%%/*}
    echo 'url: postgresql://' >cmig.yaml
    PGHOST=${hostport%:*} PGPORT=${hostport#*:} PGUSER=postgres PGDATABASE=${URL##*/} at_aaaa
    printf '%s\n' '[here]' "host=${hostport%:*}" "port=${hostport#*:}" user=postgres "dbname=${URL##*/}" >service.conf
    PGSERVICEFILE=$PWD/service.conf PGSERVICE=here at_aaaa
    printf '%s\n' "PGHOST=${hostport%:*}" "PGPORT=${hostport#*:}" PGUSER=postgres "PGDATABASE=${URL##*/}" >.env
    at_aaaa
    at_aaaa --url "postgresql+psycopg2://postgres@$hostport/${URL##*/}"
    at_aaaa --url "postgres://postgres@$hostport/${URL##*/}?application_name=x"
}

@test "url_command gives a URL" {
    prepared
    echo "url_command: [sh, -c, 'echo \"$URL\"']" >cmig.yaml
    at_aaaa
}

@test "passwords are never printed" {
    project postgresql
    empty_revision aaaa null
    hostport=${URL#*@}
    secret="s3cr%40t"
    with="postgresql://guarded:$secret@${hostport%%/*}/${URL##*/}"
    try --url "$with" current
    [ "$status" = 69 ]
    [[ $err$out != *s3cr* ]] || report "the password is printed"
    try --url "postgresql://guarded:$secret@127.0.0.1:1/x" -v current
    [ "$status" = 69 ]
    [[ $err$out != *s3cr* ]]
    try --url "postgresql://guarded@127.0.0.1:1/x?password=$secret" -v current
    [[ $err$out != *s3cr* ]]
    try --url "postgresql://guarded:$secret@[bad/x" -v current
    [ "$status" != 0 ]
    [[ $err$out != *s3cr* ]]
    url=${URL/postgres@/postgres:$secret@}
    ok --url "$url" upgrade head
    for command in current status "current -v" "upgrade head" "current --json" "status --json"; do
        # shellcheck disable=SC2086
        ok --url "$url" $command
        [[ $err$out != *s3cr* ]] || report "the password is printed"
    done
}

@test "several version locations, also recursive" {
    project sqlite "migrations: [migrations, more]" "recursive: true"
    mkdir -p more/deep
    empty_revision aaaa null
    empty_revision bbbb aaaa
    mv migrations/bbbb.yaml more/deep/
    ok upgrade head
    ok current
    prints bbbb
    ok revision -m x --rev-id cccc --version-path more
    test -f more/cccc_x.yaml
}

@test "schemas of the models are among those under management" {
    project postgresql
    echo "schemas: {aux: {comment: beside}}" >models/a.yaml
    fails 78 check
    says "models/a.yaml:1:11: schema 'aux' is not under management" "Add 'aux' to 'schemas'"
    echo "schemas: [public, aux]" >>cmig.yaml
    ok revision --autogenerate -m aux
    ok upgrade head
    ok check
}

@test "file_template puts files into directories only where they are read" {
    project sqlite 'file_template: "{year}/{rev}"'
    fails 78 revision -m one
    says "file_template '{year}/{rev}' puts revisions into subfolders, which are not read" "recursive: true"
    test ! -e migrations/2026
    echo "recursive: true" >>cmig.yaml
    ok revision -m one --rev-id aaaa
    ok heads
    prints aaaa
}

@test "file_template and naming" {
    project sqlite 'file_template: "{slug}-{rev}"' 'naming: {index: "i_{table}_{columns}"}'
    users_model 'email: {type: text, index: true}'
    ok revision --autogenerate -m "Two Words" --rev-id aaaa
    test -f migrations/two_words-aaaa.yaml
    grep -q 'i_users_email' migrations/*.yaml
    ok upgrade head
    ok check
}

@test "a version table that the search path hides is found" {
    project postgresql
    chain 2
    ok upgrade head
    sql "CREATE SCHEMA tenant; CREATE SCHEMA \"Other\""
    export PGOPTIONS="-c search_path=tenant"
    for command in "upgrade head" current status "stamp head" "downgrade base" check; do
        fails 78 $command
        says "version table 'cmig_version' is not in the search path, but in schema public" \
            "'version_table: public.cmig_version'" "'cmig ensure-version' to give schema 'tenant'"
    done
    ok ensure-version
    ok upgrade head
    PGOPTIONS="-c search_path=\"Other\"" fails 78 current
    says "but in schema public, tenant"
    unset PGOPTIONS
    ok downgrade base
    sql "DROP TABLE cmig_version"
    fails 78 current
    echo "version_table: tenant.cmig_version" >>cmig.yaml
    ok current --check-heads
}

@test "a naming pattern is checked when the file is read" {
    project sqlite
    naming() { # PATTERN TEXT...
        printf 'url: %s\nnaming:\n  index: %s\n' "$URL" "$1" >cmig.yaml
        shift
        fails 78 heads
        says "cmig.yaml:3:10: naming: index" "$@"
    }
    naming '"ix_{tabel}"' "naming pattern 'ix_{tabel}': unknown token '{tabel}'" "Did you mean '{table}'?"
    naming '"ix_{table"' "no '}' for a '{'"
    naming '""' "a naming pattern cannot be empty"
    naming '"ix_%(column_0_label)s"' "'%(column_0_label)s' is not one of cmig's tokens" "Write {table}_{column_0}."
    naming '"ix_%(mine)s"' "cmig.yaml(5) compares the tokens with Alembic's."
}

@test "every token of naming, names that are too long, and names that already exist" {
    for database in sqlite postgresql; do
        project "$database" 'naming: {index: "{schema}_{table}_{column_0}_i", unique: "{table}-{name} u", check: const, primary_key: "x{column}",' \
            '  foreign_key: "{table}_{columns}_{referred_schema}{referred_table}_{referred_columns}_{referred_column}_{referred_column_0}"}'
        model <<'END'
tables:
  orders:
    columns:
      id: {type: integer, primary_key: true}
      user_id: {type: integer, references: users.id, index: true}
      state: {type: text, unique: true, check: state <> ''}
      a_column_whose_name_is_quite_long_indeed_and_more_so: {type: integer, unique: true, index: true}
      another_column_whose_name_is_quite_long_indeed_and_m: {type: integer, check: another_column_whose_name_is_quite_long_indeed_and_m > 0}
    uniques: [[a_column_whose_name_is_quite_long_indeed_and_more_so, another_column_whose_name_is_quite_long_indeed_and_m]]
    indexes: [[{sql: lower(state)}]]
  users:
    columns: {id: {type: integer, primary_key: true}, state: {type: text, index: true}, name: {type: text, unique: true}}
END
        ok revision --autogenerate -m all
        ok upgrade
        ok check
        ok revision --autogenerate -m again
        says "nothing to do"
        dump >names
        for name in 'CONSTRAINT xid ' 'CONSTRAINT xid_1 ' 'CONSTRAINT const ' 'CONSTRAINT const_1 ' \
            'CONSTRAINT "users-name u" ' 'CONSTRAINT orders_user_id_users_id_id_id ' 'INDEX _orders_lower_state_i ' 'INDEX _users_state_i '; do
            grep -q "$name" names || { cat names; echo "no $name"; return 1; }
        done
        if [ "$database" = postgresql ]; then
            same "$(grep -c 'CONSTRAINT "orders-a_column_whose_name_is_quite_long_indeed_and_m[a-z_]*_[0-9a-f]\{8\}" UNIQUE' names)" 1
        fi
        ok downgrade base
    done
}

@test "slug_length, and every token of file_template" {
    project sqlite 'slug_length: 12' 'recursive: true' 'file_template: "{year}/{month}/{day}-{hour}{minute}{second}-{epoch}-{date}-{rev}-{slug}"'
    ok revision -m "add a table for users" --rev-id aaaa
    prints_exactly migrations/2026/11/20-100000-1795168800-2026-11-20-aaaa-add_a_table.yaml
    ok heads
    prints aaaa
    for length in 0 -1 201; do
        printf 'slug_length: %s\n' "$length" >cmig.yaml
        fails 78 heads
        says "cmig.yaml:1:14: key 'slug_length': expected a number from 1 to 200"
    done
}
