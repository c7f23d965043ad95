#!/usr/bin/env bats
# Files that inspect writes.
load helper

odd_objects() {
    sql 'CREATE TABLE users (id integer PRIMARY KEY, "Name" varchar(20) DEFAULT '"'x'"');
        CREATE TABLE "models" (id integer);
        CREATE TABLE "con" (id integer);
        CREATE TABLE "a/../b c" (id integer);
        CREATE TABLE "Straße" (id integer);
        CREATE TABLE "users.x" (id integer);
        CREATE VIEW few AS SELECT id FROM users WHERE id > 1'
    [ "$DATABASE" = sqlite ] || sql 'CREATE SCHEMA "S 1"; CREATE TABLE "Users" (id serial PRIMARY KEY);
        CREATE TABLE "S 1".users (id integer REFERENCES users); CREATE TYPE mood AS ENUM ($$a$$, $$b$$);
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEW;
END $$;
        CREATE FUNCTION "F 1"(a integer, b text) RETURNS integer LANGUAGE sql AS $$
SELECT 1 $$; COMMENT ON FUNCTION touch() IS $$a comment$$;
        CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE TABLE days (d date) PARTITION BY RANGE (d);
        CREATE TABLE days_2020 PARTITION OF days FOR VALUES FROM ($$2020-01-01$$) TO ($$2021-01-01$$)'
}

@test "the files of every division are models of the same database, and are written again unchanged" {
    for kind in sqlite postgresql; do
        project "$kind" 'schemas: [public, S 1]'
        [ "$kind" = postgresql ] || sed -i /schemas/d cmig.yaml
        odd_objects
        before=$(dump)
        for split in none schema table; do
            rm -rf models
            ok inspect --output models --split "$split"
            files=$(find models -type f | sort)
            [ "$(sort <<<"$out")" = "$files" ] || report "$out"
            # One name in the file system is one in any other.
            [ "$(tr A-Z a-z <<<"$files" | sort -u | wc -l)" = "$(wc -l <<<"$files")" ] || report "$files"
            ok check
            says "models and database agree"
            ok inspect --output models --split "$split"
            [ -z "$out" ] || report "$out"
            says "already up to date"
            ok inspect
            cp -r models "models-$split"
        done
        [ -e models/tables/users.yaml ] && [ -e models/views/few.yaml ] || report "$files"
        [ "$kind" = sqlite ] || grep -q 'touch(): {comment: a comment, file: functions/touch.sql}' models/functions.yaml ||
            report "$(cat models/functions.yaml)"
        for split in none schema table; do
            database "$kind"
            rm -rf models migrations
            mkdir migrations
            cp -r "models-$split" models
            ok --url "$URL" revision --autogenerate -m all
            ok --url "$URL" upgrade
            [ "$(dump)" = "$before" ] || [ "$kind" = sqlite ] || report "$(diff <(echo "$before") <(dump))"
            ok --url "$URL" check
        done
    done
}

@test "a file with other contents is not replaced without --force, and other models are named" {
    project sqlite
    sql 'CREATE TABLE users (id integer PRIMARY KEY); CREATE TABLE posts (id integer)'
    ok inspect -o models --split table
    sed -i 's/integer/bigint/' models/tables/users.yaml
    sql 'DROP TABLE posts; CREATE TABLE notes (id integer)'
    fails 1 inspect -o models --split table
    says "1 file in 'models' would be replaced" "models/tables/users.yaml" "--force replaces them"
    [ ! -e models/tables/notes.yaml ] && grep -q bigint models/tables/users.yaml || report "it was written"
    ok inspect -o models --split table --force
    [ "$out" = $'models/tables/notes.yaml\nmodels/tables/users.yaml' ] || report "$out"
    says "'models/tables/posts.yaml' is not part of these models"
    rm models/tables/posts.yaml
    ok check
    ok --json inspect -o models --split table
    grep -q '"files": \[\]' <<<"$out" || report "$out"
    fails 64 inspect --split table
    says "--split needs --output"
    fails 64 inspect --force
    says "--force needs --output"
    fails 1 inspect -o cmig.yaml
    says "'cmig.yaml' is not a directory"
    fails 64 inspect -o x --split half
    says "must be one of none, schema, table"
}

@test "SQL of several lines gets a file beside its table or view" {
    project postgresql
    sql 'CREATE TABLE users (id integer);
        CREATE VIEW few AS SELECT id FROM users WHERE id < 9;
        CREATE VIEW "Few" AS SELECT 1 AS one;
        CREATE RULE touch AS ON INSERT TO users DO ALSO (NOTIFY a; NOTIFY b);
        CREATE RULE "In" AS ON INSERT TO few DO INSTEAD (NOTIFY a; NOTIFY b)'
    ok inspect -o models --split table
    [ "$(head -1 models/views/few.sql)" = 'SELECT users.id' ] || [ "$(head -1 models/views/few.sql)" = 'SELECT id' ] ||
        report "$out $(cat models/views/few.*)"
    grep -q 'file: few.sql' models/views/few.yaml || report "$(cat models/views/few.yaml)"
    grep -q 'file: users.touch.sql' models/tables/users.yaml || report "$(cat models/tables/users.yaml)"
    ls models/views/few.in-*.sql && [ "$(ls models/views/few-*)" = "$(ls models/views/few-*.yaml)" ] || report "$out"
    ok check
}

@test "init --from-database divides the models, with a baseline that has no downgrade" {
    for kind in sqlite postgresql; do
        database "$kind"
        sql 'CREATE TABLE users (id integer PRIMARY KEY); CREATE VIEW few AS SELECT id FROM users'
        rm -rf new
        ok --url "$URL" init --from-database --split table new
        [ -e new/models/tables/users.yaml ] && [ -e new/models/views/few.yaml ] || report "$out"
        says "the baseline was applied to a scratch database and compared"
        ok -c new/cmig.yaml --url "$URL" check
        try -c new/cmig.yaml --url "$URL" downgrade base
        [ "$status" != 0 ]; [ -n "$(sql 'SELECT 1 FROM users' 2>&1 | grep -v 1 || echo kept)" ] || report "$out $err"
    done
    fails 64 init --split table other
    says "--split needs --from-database"
}
