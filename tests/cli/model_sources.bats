#!/usr/bin/env bats
# Models that are not files: programs that print them, and databases.
load helper

# A program that prints the statements of standard input, which it first checks its surroundings for.
printer() { # FILE
    local text
    slurp text
    printf '#!/bin/sh\n%s\n' "$text" >"$1"
    chmod +x "$1"
}

two_columns="CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL);"

@test "a program prints the models: change it, autogenerate, upgrade, with rows" {
    for database in $DATABASES; do
        project "$database"
        printf '%s\n' "url: $URL" 'models: {program: [sh, schema.sh], format: sql}' >cmig.yaml
        printer schema.sh <<<"echo '$two_columns'"
        ok revision --autogenerate -m first
        ok upgrade
        sql "INSERT INTO users (id, name) VALUES (1, 'ann'), (2, 'bob')"
        ok check
        printer schema.sh <<<"echo 'CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, age INTEGER DEFAULT 3);'"
        fails 2 check
        ok revision --autogenerate -m second
        ok upgrade
        ok check
        same "1|ann|3
2|bob|3" "$(sql 'SELECT * FROM users ORDER BY id')"
        ok downgrade -1
        same "1|ann
2|bob" "$(sql 'SELECT * FROM users ORDER BY id')"
    done
}

@test "a program that prints YAML, beside files" {
    for database in $DATABASES; do
        project "$database" 'models: [models, {program: ./print, format: yaml}]'
        model <<<'tables: {teams: {columns: {id: {type: integer, primary_key: true}}}}'
        printer print <<'END'
cat <<YAML
tables:
  users:
    columns:
      id: {type: integer, primary_key: true}
      team: {type: integer, references: teams.id}
YAML
END
        ok revision --autogenerate -m first
        prints migrations/
        ok upgrade
        ok check
        ok check --offline
        printf '%s\n' "url: $URL" 'models: [{program: [printf, "a: ["], format: yaml}]' >cmig.yaml
        fails 78 check
        says "cmig.yaml:2:10: cannot read the models from 'printf a: ['" "printf a: [:"
    done
}

@test "what a program is told, and where it runs" {
    for database in $DATABASES; do
        project "$database" 'models: {program: [./print, "a b"]}' 'environments: {staging: {}}'
        printer print <<'END'
pwd -P >said
printf '%s\n' "$1" "$CMIG_DIALECT" "$CMIG_ENVIRONMENT" >>said
cat >>said # standard input is empty
echo "words on standard error" >&2
echo "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY);"
END
        mkdir below
        cd below
        try -n staging check <<<"not for the program"
        says "words on standard error"
        same "$(cd "$PROJECT" && pwd -P)
a b
$database
staging" "$(cat "$PROJECT/said")"
    done
}

@test "a program that fails" {
    project sqlite
    while IFS='|' read -r program message; do
        printf '%s\n' "url: $URL" "models: {program: $program}" >cmig.yaml
        fails 78 check
        says "cmig.yaml:2:9: cannot read the models from" "$message"
        fails 78 check --offline
        says "$message"
    done <<'END'
[sh, -c, 'echo "CREATE TABLE t (a);"; exit 3']|the program 'sh' failed with exit status 3
[sh, -c, 'kill -9 $$']|the program 'sh' was killed by signal 9
['true']|the program 'true' prints nothing
[no-such-program]|cannot run the program 'no-such-program': no such program
END
    printf '%s\n' "url: $URL" "models: {program: [echo, 'CREATE TABLE t (a']}" >cmig.yaml
    fails 78 check
    says "echo CREATE TABLE t (a:1:1"
}

@test "invalid sources of models" {
    project sqlite
    while IFS='|' read -r models message; do
        printf '%s\n' "url: $URL" "models: $models" >cmig.yaml
        fails 78 check
        says "cmig.yaml:2:" "$message"
    done <<'END'
{format: sql}|models that are not files must have either 'program' or 'url'
{program: x, url: "sqlite:///x.db"}|models that are not files must have either 'program' or 'url'
[{url: "sqlite:///x.db", format: sql}]|key 'format' needs 'program'
{program: [""]}|key 'program': the name is empty
{program: x, format: xml}|format
{programs: x}|programs
[[a]]|found a list
[{url: "mysql://localhost/x"}]|is a database of MariaDB/MySQL, not of SQLite
END
    printf '%s\n' "url: $URL" 'models: "sqlite:///missing.db"' >cmig.yaml
    fails 69 check
    says "cmig.yaml:2:9: cannot read the models from 'sqlite:///missing.db'" "no such file"
}

@test "another database is the model, and only read" {
    for database in $DATABASES; do
        database "$database"
        local file=${FILE:-} url=$URL
        sql "$two_columns"
        sql "CREATE TABLE teams (id INTEGER NOT NULL PRIMARY KEY)"
        before=$(dump)
        project "$database" "models: $url" 'exclude: [teams]'
        ok revision --autogenerate -m first
        ok upgrade
        ok check
        sql "INSERT INTO users (id, name) VALUES (1, 'ann')"
        ok check --offline
        says "the models were not checked: they are read from a database"
        FILE=$file URL=$url
        same "$before" "$(dump)"
    done
}

@test "environments that share files may have different models" {
    project sqlite 'environments: {one: {models: {program: [sh, one.sh]}}, other: {models: {program: [sh, other.sh]}}}'
    printer one.sh <<<"echo '$two_columns'"
    ok -n one revision --autogenerate -m first
    grep -qxF '    only: [one]' migrations/*.yaml
}

# ---- init --models -----------------------------------------------------------------------------------------------

@test "init writes the line and the glue of a framework" {
    while IFS='|' read -r name line files; do
        rm -rf "$name"
        ok init --models "$name" "$name"
        grep -qxF -- "$line" "$name/cmig.yaml"
        [ ! -e "$name/models" ]
        for file in $files; do [ -s "$name/$file" ]; done
        ! grep -q MODELS <<<"$out"
    done <<'END'
sqlalchemy|  - program: [python3, cmig_models.py]|cmig_models.py
django|  - program: [python3, cmig_models.py]|cmig_models.py
prisma|  - program: [npx, prisma, migrate, diff, --from-empty, --to-schema, prisma/schema.prisma, --script]|
drizzle|  - program: [npx, drizzle-kit, export]|
rails|models: [db/structure.sql]|
END
    says "next: cd rails, check the line 'models' of cmig.yaml"
    fails 64 init -t sqlalchemy other
    fails 64 init -t multidb --models django other
    ok init --models ./rails path
    grep -qx 'models: \[./rails\]' path/cmig.yaml
}

@test "a dump of Rails" {
    for database in $DATABASES; do
        database "$database"
        rm -rf app
        ok init --models rails app
        mkdir app/db
        printf '%s\n' 'CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40));' \
            'CREATE TABLE schema_migrations (version VARCHAR(100) NOT NULL PRIMARY KEY);' \
            "INSERT INTO schema_migrations (version) VALUES ('20240101000000');" >app/db/structure.sql
        cd app
        export DATABASE_URL=$URL
        ok revision --autogenerate -m first
        ok upgrade
        ok check
        unset DATABASE_URL
        [[ $(dump) != *schema_migrations* ]]
        cd ..
    done
}

@test "SQLAlchemy: change a class, autogenerate, upgrade; SQLAlchemy sees no difference" {
    for database in $DATABASES; do
        database "$database"
        python3 "$TESTS/frameworks.py" --cmig "${CMIG[*]}" sqlalchemy "$URL"
    done
}

@test "Django: change a class, autogenerate, upgrade; Django's own tables are the same" {
    for database in $DATABASES; do
        database "$database"
        local url=$URL
        database "$database"
        python3 "$TESTS/frameworks.py" --cmig "${CMIG[*]}" django "$url" "$URL"
    done
}
