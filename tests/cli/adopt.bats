#!/usr/bin/env bats
# Adopting databases that were created by other means: nothing is lost and nothing differs.
load helper

# A project for an existing database: its model is the output of inspect.
adopt() { # sqlite|postgresql SQL [LINE...]
    local text=$2 database=$1
    shift 2
    project "$database" "$@"
    sql "$text"
    ok inspect
    model <<<"$out"
    inspected=$err
    ok check
    says "models and database agree"
    ok revision --autogenerate -m none
    says "nothing to do"
}

# An empty database gets the schema of the models, is inspected as the same, and is emptied again.
made_anew() { # [SQL that the database has beforehand]
    local file=$FILE url=$URL models
    models=$(cat models/model.yaml)
    database "$DATABASE"
    [ $# = 0 ] || sql "$1"
    ok --url "$URL" revision --autogenerate -m all
    ok --url "$URL" upgrade
    ok --url "$URL" check
    ok --url "$URL" inspect
    same "$models" "$out"
    ok --url "$URL" downgrade base
    ok --url "$URL" upgrade
    rm migrations/*
    FILE=$file URL=$url
}

@test "a foreign key to a table that the models do not have" {
    adopt postgresql 'create schema beside; create table beside.base (id int); create table m (id int, d date, primary key (id, d)) inherits (beside.base);
        create table t (id int primary key, m int, d date, foreign key (m, d) references m)'
    [[ $inspected = *"inherited table 'm'"* ]]
    grep -q 'references: {table: m, columns: \[id, d\], external: true}' models/model.yaml
    made_anew 'create schema beside; create table beside.base (id int); create table m (id int, d date, primary key (id, d)) inherits (beside.base)'
    sed -i 's/, external: true//' models/model.yaml
    fails 78 check
    says "referenced table 'm' does not exist" "external: true"
    sed -i 's/columns: \[id, d\]}/external: true}/' models/model.yaml
    ok check
}

@test "on SQLite a foreign key may refer to nothing, and rows to what is not there" {
    adopt sqlite 'create table a (x integer references nowhere, y integer references b (other), z references b,
        foreign key (x, y) references b, foreign key (x) references b (id), foreign key (y) references c (n));
        create table b (id integer, c integer, primary key (id, c)); create table c (n integer); create unique index i on c (n); insert into a values (1, 2, 3)'
    made_anew
    cp models/model.yaml before.yaml
    sed -i 's/x: integer/x: {type: text, nullable: false}/' models/model.yaml
    ok revision --autogenerate -m change
    ok upgrade
    ok check
    ok downgrade base
    ok inspect
    same "$(cat before.yaml)" "$out"
    [ "$(sql 'select * from a')" = "1|2|3" ]
}

@test "the statistics target of an index's expression is not its operator class" {
    adopt postgresql 'create table t (a text); create index i on t (lower(a)); alter index i alter column 1 set statistics 100'
    [[ $inspected = *"index statistics 'i'"* ]]
    made_anew
}

@test "objects on a view that is recreated stay on it" {
    adopt postgresql "create role cmig_reader_$$; create table t (id int primary key, a int, b int); create view v as select id, a, b from t;
        create view w as select a from v; create function f() returns trigger language plpgsql as 'begin return new; end';
        create trigger i instead of update on v for each row execute function f(); create rule r as on delete to w do instead nothing;
        comment on column v.a is 'it''s'; comment on column v.b is 'goes'; alter view v alter column a set default 5;
        grant select on v to public; grant update (a), select (b) on v to cmig_reader_$$; alter view w owner to cmig_reader_$$"
    for what in "comment 'v': a" "grants 'v'"; do
        [[ $inspected = *"$what"* ]]
    done
    pg_dump -s -d "$URL" | grep -E 'v|w' | sort >before.sql
    sed -i 's/  a: integer/  a: bigint/' models/model.yaml
    ok revision --autogenerate -m change
    ok upgrade
    ok check
    diff before.sql <(pg_dump -s -d "$URL" --exclude-table='cmig_*' | grep -E 'v|w' | sort) >changed || true
    ! grep -E 'COMMENT|GRANT|TRIGGER|RULE|DEFAULT|OWNER' changed
    sed -i 's/ b / /; s/, *b$//; s/t\.a,/t.a/; /^ *t\.b$/d' models/model.yaml
    ok revision --autogenerate -m fewer
    ok upgrade
    [ "$(sql "select count(*) from pg_description where objoid = 'v'::regclass and objsubid > 0")" = 1 ]
    ok downgrade base
    ok upgrade
    sql "drop owned by cmig_reader_$$ cascade; drop role cmig_reader_$$"
}

@test "SQLite: a collation that only the application has" {
    project sqlite
    python3 - "$FILE" <<'P'
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.create_collation("unicase", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
c.executescript("""create table t (id integer primary key, name text collate unicase, note text); create index i on t (name);
    create table u (id integer primary key, x text); insert into t values (1, 'b', 'x'), (2, 'A', 'y'); insert into u values (1, 'z')""")
P
    ok inspect
    model <<<"$out"
    ok check
    made_anew
    sed -i 's/x: text/x: {type: string(5), nullable: false}/; s/note: text/remark: {type: text, renamed_from: note}/' models/model.yaml
    ok revision --autogenerate -m fine
    ok upgrade
    ok check
    ok downgrade base
    ok upgrade
    sed -i 's/remark: {type: text, renamed_from: note}/remark: {type: blob}/' models/model.yaml
    fails 1 revision --autogenerate -m sorts
    says "cannot write a revision that the database would reject" "ordered by collation 'unicase'" "Make this change in the application"
    ok revision -m sorts
    printf '%s\n' "{revision: 'ffffffffffff', down_revision: $(ls migrations | sed -n 's/^\([0-9a-f]*\)_fine.*/\1/p'), message: sorts," \
        "upgrade: [{alter_column: {table: t, name: remark, type: blob}}], downgrade: []}" >"$(ls migrations/*sorts.yaml)"
    fails 1 upgrade
    says "ordered by collation 'unicase'" "Make this change in the application" "Everything was rolled back"
    [ "$(sql "select id, remark from t not indexed")" = "1|x
2|y" ]
}

@test "what is inspected does not depend on the session's time zone" {
    adopt postgresql "create table t (at timestamptz default '2020-01-01 00:00+02', check (at > '2019-01-01 00:00+05'))"
    for zone in Asia/Tokyo America/Lima; do
        PGTZ=$zone ok inspect
        same "$(cat models/model.yaml)" "$out"
        PGTZ=$zone ok check
    done
}

# ---- init --from-database, --baseline-sql, revision --baseline -----------------------------------------------------

shop() { # a schema that has something unmodelled, and a row
    if [ "$DATABASE" = mysql ]; then
        sql "create table doc (id int primary key auto_increment, title varchar(80)); create index i on doc (title); insert into doc values (1, 'a');
            create trigger tg before update on doc for each row set new.title = concat(new.title, ';');
            create table flyway_schema_history (installed_rank serial primary key)"
    elif [ "$DATABASE" = sqlite ]; then
        sql "create table doc (id integer primary key, title text); create index i on doc (lower(title)); insert into doc values (1, 'a');
            create trigger tg after update on doc begin select 1; end; create table flyway_schema_history (installed_rank integer primary key)"
    else
        sql "create table doc (id serial primary key, title varchar(80)); create unique index i on doc (lower(title)); insert into doc values (1, 'a');
            create function tf() returns trigger language plpgsql as 'begin return new; end'; create trigger tg before update on doc for each row execute function tf();
            create table flyway_schema_history (installed_rank serial primary key)"
    fi
}

triggers() {
    if [ "$DATABASE" = sqlite ]; then
        sql "select count(*) from sqlite_schema where type = 'trigger'"
    elif [ "$DATABASE" = mysql ]; then
        sql "select count(*) from information_schema.triggers where trigger_schema = database()"
    else
        sql "select count(*) from pg_trigger where not tgisinternal"
    fi
}

@test "the schemas of a database that --schema and --all-schemas adopt" {
    database postgresql
    sql 'CREATE SCHEMA shop; CREATE SCHEMA "Odd one"; CREATE TABLE shop.item (id int PRIMARY KEY); CREATE TABLE "Odd one".t (a int);
        CREATE TABLE here (id int PRIMARY KEY, item int REFERENCES shop.item)'
    fails 1 --url "$URL" init --from-database none
    says "not adopted: schemas Odd one, shop; --schema and --all-schemas adopt others than the default one"
    fails 1 --url "$URL" init --from-database --schema shop --schema gone none
    says "schema 'gone' does not exist"
    ok --url "$URL" init --from-database --no-stamp --schema shop one
    says "not adopted: schema Odd one;"
    grep -qx 'schemas: \[public, shop\]' one/cmig.yaml
    ok --url "$URL" init --from-database --all-schemas all
    grep -qx 'schemas: \[public, Odd one, shop\]' all/cmig.yaml
    ok -c all/cmig.yaml check
    old=$URL
    database postgresql
    ok -c all/cmig.yaml --url "$URL" upgrade
    ok -c all/cmig.yaml --url "$URL" check
    same "Odd one.t public.here shop.item" "$(sql "SELECT string_agg(nspname || '.' || relname, ' ' ORDER BY nspname) FROM pg_class c
        JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname !~ '^pg_|information' AND relname !~ 'cmig'")"
    fails 64 --url sqlite:///x.db init --all-schemas new
    says "--all-schemas needs --from-database"
    sqlite3 x.db 'CREATE TABLE t (a)'
    fails 64 --url "sqlite:///$PWD/x.db" init --from-database --schema a new
    says "SQLite has no schemas to choose"
}

@test "a database becomes a project by one command" {
    for database in $DATABASES; do
        database "$database"
        shop
        ok --url "$URL" init --from-database "$database"
        prints "$database/cmig.yaml" "$database/models/schema.yaml" "_baseline.yaml" "$database/.gitignore"
        grep -qx .env "$database/.gitignore"
        says "excluded: table 'flyway_schema_history' belongs to Flyway" "applied to a scratch database and compared"
        cd "$database"
        export DATABASE_URL=$URL
        ok check
        ok current --check-heads
        prints "(head), baseline"
        ok upgrade
        says "nothing to do: already at"
        for target in base -1; do
            fails 1 downgrade $target
            says "has no downgrade"
        done
        same "$(sql 'select id, title from doc')" "1|a"
        old=$URL
        database "$database"
        DATABASE_URL=$URL
        ok upgrade
        ok check
        same "$(triggers)" 1
        # The first database has a project now.
        fails 1 --url "$old" init --from-database ../again
        says "the database is already at revision" "of a project"
        fails 1 --url "$old" init --from-database .
        says "already exists" "cmig revision --baseline"
        unset DATABASE_URL
        cd ..
    done
    fails 69 --url sqlite:///gone.db init --from-database new
    fails 64 --url sqlite:///gone.db init --from-database --from-alembic x.ini new
    fails 64 --url sqlite:///gone.db init --from-database -t docker new
    fails 64 init --no-stamp new
    [ ! -e new ]
}

@test "a script becomes models and a baseline" {
    database sqlite
    printf '%s\n' 'PRAGMA foreign_keys=OFF;' 'BEGIN TRANSACTION;' 'CREATE TABLE t (a int, b text);' "INSERT INTO t VALUES (1, 'x;y');" \
        'CREATE TRIGGER tg AFTER INSERT ON t BEGIN UPDATE t SET a = 2; END;' 'COMMIT;' >dump.sql
    # An empty or missing database is left to upgrade.
    ok --url "$URL" init --baseline-sql dump.sql one
    says "next: cmig upgrade"
    [ ! -e "$FILE" ]
    cd one
    grep -q 'a:' models/schema.yaml
    ok --url "$URL" upgrade
    ok --url "$URL" check
    same "$(sql 'select * from t')" "1|x;y"
    same "$(triggers)" 1
    fails 1 --url "$URL" downgrade base
    cd ..
    # One that has the schema is stamped, one that differs is not.
    database sqlite
    sqlite3 "$FILE" <dump.sql
    ok --url "$URL" init --baseline-sql dump.sql two
    says "stamp ->"
    (cd two && ok --url "$URL" check)
    database sqlite
    sql 'create table t (a int, c text)'
    fails 2 --url "$URL" init --baseline-sql dump.sql three
    says "differs from 'dump.sql' and was not stamped" "the database differs from the script: "
    fails 1 --url "$URL" init --baseline-sql <(echo 'create tabel t') four
    says "does not work in an empty database" "Nothing was written"
    [ ! -e four ]

    database postgresql
    printf 'create schema if not exists public;\ncreate function f() returns int language sql as $$ select 1; $$;\nbegin; create table t (a int default f()); commit;\n' >dump.sql
    ok --url "$URL" init --baseline-sql dump.sql five
    (cd five && ok --url "$URL" upgrade && ok --url "$URL" check)

    # What mariadb-dump writes of a database, rows and bodies included.
    database mysql
    shop
    sql "create view v as select id from doc; create function f(a int) returns int deterministic return a + 1"
    before=$(dump) url=$URL
    mysql_program mariadb-dump "$URL" --routines >dump.sql
    ok --url "$URL" init --baseline-sql dump.sql six
    says "stamp ->"
    database mysql
    cd six
    ok --url "$URL" upgrade
    ok --url "$URL" check
    same "1|a" "$(sql 'select * from doc')"
    same "$before" "$(dump)"
    ok --url "$url" check
}

@test "a baseline in a project that exists, and autogenerate without one" {
    for database in $DATABASES; do
        project "$database" 'exclude: [flyway_schema_history]'
        shop
        ok inspect
        grep -v '^not modelled' <<<"$out" >models/schema.yaml
        sed -i '/flyway/,$d' models/schema.yaml
        ok check
        ok revision --autogenerate -m none
        says "no revision creates what the database already contains; run 'cmig revision --baseline'"
        ok revision --baseline
        ok stamp head
        ok check
        fails 1 downgrade base
        fails 1 revision --baseline
        says "a baseline must be the first revision"
        database "$database"
        ok --url "$URL" upgrade
        ok --url "$URL" check
        same "$(triggers)" 1
    done
    project sqlite
    shop
    ok revision --baseline --sql
    says "add to cmig.yaml: exclude: [flyway_schema_history]"
    database sqlite
    ok --url "$URL" upgrade
    same "$(triggers)" 1
    fails 64 revision --baseline --autogenerate
}

@test "a revision that was stamped does not drop tables that it did not create" {
    for database in $DATABASES; do
        project "$database"
        sql "create table doc (id integer primary key); insert into doc values (1)"
        users_model 'x: integer'
        other=$URL file=${FILE:-}
        database "$database"
        ok --url "$URL" revision --autogenerate -m users --rev-id aaaa
        printf '%s\n' 'revision: bbbb' 'down_revision: aaaa' 'upgrade: []' 'downgrade: []' >migrations/bbbb.yaml
        printf '%s\n' '-- revision: cccc' '-- down_revision: bbbb' '-- upgrade' 'create table doc (id int);' '-- downgrade' 'DROP  TABLE doc;' >migrations/cccc.sql
        URL=$other FILE=$file
        ok --url "$URL" stamp head
        fails 1 --url "$URL" downgrade -1
        says "revision cccc was stamped, never applied here: its downgrade would drop tables that it did not create" "cmig stamp" "--drop-stamped"
        ok --url "$URL" stamp bbbb
        ok --url "$URL" downgrade -1
        fails 1 --url "$URL" downgrade base
        says "revision aaaa 'users' was stamped"
        same "$(sql 'select * from doc')" 1
        # Applied revisions are reverted, and those given explicitly.
        ok --url "$URL" stamp base
        ok --url "$URL" upgrade aaaa
        ok --url "$URL" downgrade base
        ok --url "$URL" stamp head
        ok --url "$URL" downgrade bbbb --drop-stamped
        fails 1 --url "$URL" upgrade nowhere
    done
}

@test "a table that already exists: the hint is stamp" {
    for database in $DATABASES; do
        project "$database"
        sql "create table t (a text)"
        revision_file aaaa null <<<$'upgrade: [create_table: {name: t, columns: {a: text}}]'
        fails 1 upgrade
        says "already exists" "run 'cmig stamp aaaa' to record it as applied"
        # A row is no reason to take the revision for applied.
        sql "create unique index u on t (a); insert into t values ('x')"
        revision_file aaaa null <<<$'upgrade: [execute: "insert into t values (\'x\')"]'
        fails 1 upgrade
        [[ $err != *"cmig stamp"* ]] || report "suggests stamp"
    done
}

# ---- what is checked without a database --------------------------------------------------------------------------

@test "an SQLite file that does not exist is an empty database to commands that only read" {
    project sqlite
    users_model 'x: integer'
    ok status
    prints "Current: none"
    ok diff
    prints create_table
    fails 2 check
    ok current
    says "no revision is applied"
    [ ! -e "$FILE" ]
    for command in check diff status current; do
        fails 69 --url sqlite:///nowhere/x.db $command
        says "directory 'nowhere' does not exist"
    done
}

@test "an error in the models is reported before connecting to a database" {
    project sqlite
    echo '{tables: {t: {colums: {a: text}}}}' | model
    for command in check diff "revision --autogenerate -m x"; do
        fails 78 --url postgresql://nobody@127.0.0.1:1/none $command
        says "models/model.yaml:1:" "colums"
    done
}

@test "check --offline checks models and revisions without a database" {
    project postgresql
    export DATABASE_URL=postgresql://localhost:1/none
    users_model 'x: integer'
    ok check --offline
    says_exactly "models and revisions are valid; nothing was compared with a database"
    revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}, {run: [true]}]\ndowngrade: []'
    ok check --offline
    says_exactly "models and revisions are valid; nothing was compared with a database"
    ok check --offline --json
    json 'd == {"version": 1}'
    revision_file bbbb aaaa <<<$'upgrade: [{add_column: {table: u, name: x, type: text}}]\ndowngrade: []'
    for dialect in sqlite mariadb; do
        fails 1 check --offline --dialect "$dialect"
        says "migrations/bbbb.yaml:4:" "table 'u' does not exist"
    done
    revision_file bbbb aaaa <<<$'upgrade: [{add_colum: {table: t, name: x, type: text}}]\ndowngrade: []'
    fails 78 check --offline
    says "migrations/bbbb.yaml:4:" "unknown operation 'add_colum'"
    rm migrations/bbbb.yaml
    users_model 'x: {type: integer, references: nowhere.id}'
    fails 78 check --offline
    says "referenced table 'nowhere' does not exist"
    # Models in SQL need a server, or SQLite, where they run in memory.
    rm models/*
    echo 'CREATE TABLE t (a integer, CHECK (b > 1))' >models/t.sql
    ok check --offline
    says_exactly "cmig: warning: the models were not checked: models in SQL need a server
revisions are valid; nothing was compared with a database"
    fails 78 check --offline --dialect sqlite
    says "no such column: b"
    fails 64 check --offline --strict
    fails 64 check --dialect sqlite
    says "--dialect needs --offline"
    unset DATABASE_URL
    [ ! -e app.db ]
}

@test "files and directories that are not read are named" {
    project sqlite
    mkdir migrations/20240101_init migrations/sql models/UP
    echo 'create table t (a int);' | tee migrations/20240101_init/migration.sql migrations/sql/x.sql >migrations/b.SQL
    touch migrations/c.yaml.bak migrations/README.md models/x.YAML
    ok upgrade
    says "directory 'migrations/20240101_init' is not read: 'recursive: true'" "directory 'migrations/sql'" "'migrations/b.SQL' is not read" "'migrations/c.yaml.bak'"
    [[ $err != *README* ]]
    empty_revision aaaa null
    ok upgrade
    says "20240101_init"
    [[ $err != *migrations/sql* ]]
    users_model
    ok revision --autogenerate -m x
    says "'models/x.YAML' is not read"
    rm -r migrations/*
    for line in '-- migrate:up|dbmate' '-- +goose Up|goose'; do
        printf '%s\ncreate table t (a int);\n' "${line%|*}" >migrations/1.sql
        fails 78 heads
        says "looks like one of ${line#*|}" "cmig import PATH"
    done
    mv migrations/1.sql migrations/V1__x.sql
    echo 'create table t (a int);' >migrations/V1__x.sql
    fails 78 heads
    says "Flyway"
}

@test "PostgreSQL: an id that Alembic's version table cannot hold" {
    project postgresql 'version_table: {name: alembic_version, column: version_num}'
    sql "create table alembic_version (version_num varchar(32) primary key)"
    long=this_id_has_more_than_thirty_two_characters
    empty_revision "$long" null
    ok upgrade
    same "$(sql 'select version_num from alembic_version')" "$long"
    empty_revision "${long}_2" "$long"
    ok upgrade
    ok upgrade --sql --dialect postgresql
    psql -q -v ON_ERROR_STOP=1 -d "$URL" -c "drop table alembic_version, alembic_version_history; create table alembic_version (version_num varchar(32) primary key)"
    psql -q -v ON_ERROR_STOP=1 -d "$URL" <<<"$out"
    same "$(sql 'select version_num from alembic_version')" "${long}_2"
}
