#!/usr/bin/env bats
# Continuing an Alembic project, on each database.
load helper

alembic() {
    /usr/bin/python3 -m alembic "$@" 2>"$BATS_TEST_TMPDIR/alembic.err" || {
        cat "$BATS_TEST_TMPDIR/alembic.err"
        return 1
    }
}

# SQLAlchemy's name of the database.
alembic_url() {
    case $DATABASE in
    sqlite) echo "sqlite:///app.db" ;;
    postgresql) echo "postgresql+psycopg2:${URL#*:}" ;;
    mysql) echo "mysql+pymysql:${URL#*:}?charset=utf8mb4" ;;
    esac
}

# A file of Alembic's: the text after its keys comes from standard input.
python_revision() { # ID "LITERAL OF PARENT" MESSAGE [LINE...]
    {
        printf '"""%s\n\nRevision ID: %s\n"""\nfrom typing import Sequence, Union\n\nfrom alembic import op\nimport sqlalchemy as sa\n\n' "$3" "$1"
        printf 'revision: str = "%s"\ndown_revision: Union[str, Sequence[str], None] = %s\n' "$1" "$2"
        shift 3
        printf '%s\n' "$@"
        printf '\n\ndef upgrade() -> None:\n'
        sed 's/^/    /'
        printf '    pass\n\n\ndef downgrade() -> None:\n    pass\n'
    } >"$VERSIONS/$1_.py"
}

# An Alembic project with two tables, a row and two revisions, applied.
alembic_project() { # sqlite|postgresql|mysql
    database "$1"
    PROJECT=$(mktemp -d "$BATS_TEST_TMPDIR/alembic-XXXX")
    cd "$PROJECT"
    [ "$1" != sqlite ] || FILE=$PROJECT/app.db URL=sqlite:///$FILE
    alembic init migrations >/dev/null
    sed -i "s|^sqlalchemy.url = .*|sqlalchemy.url = $(alembic_url)|" alembic.ini
    VERSIONS=migrations/versions
    python_revision 1975ea83b712 None "create users" 'branch_labels = None' 'depends_on = None' <<'PY'
op.create_table("users",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(80), nullable=False, server_default="it's"),
    sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.PrimaryKeyConstraint("id"))
op.bulk_insert(sa.table("users", sa.column("name", sa.String)), [{"name": "Ada"}])
PY
    python_revision ae1027a6acf0 '"1975ea83b712"' "add posts;
it's more" 'branch_labels: Union[str, None] = ("blog",)' <<'PY'
op.create_table("posts",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("author_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("title", sa.String(200)),
    sa.CheckConstraint("length(title) > 0", name="title_not_empty"))
op.create_index("ix_posts_title", "posts", ["title"])
PY
}

@test "the project continues, the database keeps its data" {
    for database in $DATABASES; do
        alembic_project "$database"
        alembic upgrade head
        sql "INSERT INTO posts (id, author_id, title) VALUES (1, 1, 'One')"
        before=$(dump)
        ok init --from-alembic alembic.ini
        prints_exactly "cmig.yaml
models/schema.yaml
revisions/ae1027a6acf0_baseline.yaml
.gitignore"
        grep -qF 'version_table: {name: alembic_version, column: version_num}' cmig.yaml
        ok current
        prints_exactly "ae1027a6acf0 (blog) (head), baseline: 2 revisions of Alembic, up to 'add posts;"
        ok check
        ok upgrade
        prints_exactly ""
        says "nothing to do: already at ae1027a6acf0"
        same "$(dump)" "$before"
        same "$(sql "SELECT name FROM users")" Ada
        alembic current >out
        same "$(cut -d' ' -f1 out)" ae1027a6acf0

        # A new database gets everything.
        old=$URL
        database "$database"
        ok --url "$URL" upgrade
        ok --url "$URL" check
        same "$(sql "SELECT version_num FROM alembic_version")" ae1027a6acf0
        same "$(sql "SELECT count(*) FROM users")" 0
        sql "INSERT INTO users (id) VALUES (7)"
        same "$(sql "SELECT name, active FROM users" | tr t 1)" "i1's|1"
        ! sql "INSERT INTO posts (author_id, title) VALUES (7, '')" 2>/dev/null
        sed -i "s|^sqlalchemy.url = .*|sqlalchemy.url = $([ "$database" = sqlite ] && echo "$URL" || alembic_url)|" alembic.ini
        alembic current >out
        same "$(cut -d' ' -f1 out)" ae1027a6acf0

        # And both heads continue.
        sed -i 's/^  posts:/  tags:\n    columns:\n      id: {type: integer, primary_key: true}\n  posts:/' models/schema.yaml
        ok --url "$old" revision --autogenerate -m tags --rev-id bbbb00000000
        same "$(grep -c '  - ' revisions/bbbb00000000_tags.yaml)" 2
        for url in "$old" "$URL"; do
            ok --url "$url" upgrade
            ok --url "$url" check
        done
        same "$(sql "SELECT count(*) FROM alembic_version_history")" 2
        ok --url "$URL" downgrade -1
        fails 1 --url "$URL" downgrade base
        says "revision ae1027a6acf0" "has no downgrade" "'cmig stamp base' to remove its record and keep the tables"
        same "$(sql "SELECT name FROM users")" "it's"
    done
}

@test "the baseline from Alembic's script, rows included" {
    for database in $DATABASES; do
        alembic_project "$database"
        alembic upgrade head
        alembic upgrade head --sql >all.sql
        grep -q alembic_version all.sql
        ok init --from-alembic alembic.ini --baseline-sql all.sql db
        prints_exactly "db/cmig.yaml
db/models/schema.yaml
db/migrations/ae1027a6acf0_baseline.sql
db/.gitignore"
        ! grep -iE 'alembic_version|^(BEGIN|COMMIT)' db/migrations/ae1027a6acf0_baseline.sql
        cd db
        ok current
        prints ae1027a6acf0
        ok check
        ok upgrade
        fails 1 downgrade base
        database "$database"
        ok --url "$URL" upgrade
        ok --url "$URL" check
        same "$(sql "SELECT id, name FROM users")" "1|Ada"
        same "$(sql "SELECT version_num FROM alembic_version")" ae1027a6acf0
    done
}

@test "two heads stay two heads" {
    for database in $DATABASES; do
        alembic_project "$database"
        python_revision ccccc0000000 None "a second base" "branch_labels = ['billing']" <<<'op.create_table("bills", sa.Column("id", sa.Integer(), primary_key=True))'
        alembic upgrade heads
        ok init --from-alembic alembic.ini
        same "$(ls revisions | wc -l)" 2
        ok current
        prints "ae1027a6acf0 (blog) (head)" "ccccc0000000 (billing) (head)"
        ok check
        ok upgrade heads
        says "nothing to do"
        for revision in ccccc0000000 ae1027a6acf0; do
            fails 1 downgrade "$revision@base"
            says "has no downgrade"
        done
        fails 1 downgrade base
        # A database where one of the heads is older.
        sql "UPDATE alembic_version SET version_num = '1975ea83b712' WHERE version_num LIKE 'ae%'"
        for command in "upgrade heads" "stamp heads" current check; do
            fails 65 $command
            says "the database is at revision '1975ea83b712', which the baseline 'ae1027a6acf0' replaces" "alembic upgrade heads"
            [[ $err != *purge* ]]
        done
        database "$database"
        ok --url "$URL" upgrade heads
        ok --url "$URL" check
        same "$(sql "SELECT version_num FROM alembic_version ORDER BY 1" | tr '\n' ' ')" "ae1027a6acf0 ccccc0000000 "
    done
}

@test "a head that another one depends on" {
    for database in $DATABASES; do
        alembic_project "$database"
        python_revision ccccc0000000 None "billing" "branch_labels = 'billing'" 'depends_on = ("blog",)' <<<'op.create_table("bills", sa.Column("id", sa.Integer(), primary_key=True))'
        alembic upgrade heads
        rows=$(sql "SELECT version_num FROM alembic_version ORDER BY 1")
        ok init --from-alembic alembic.ini
        same "$(cd revisions && ls | sed 's/_.*//' | sort)" "$rows"
        ok check
        ok current --check-heads
        ok upgrade heads
        says "nothing to do"
        database "$database"
        ok --url "$URL" upgrade heads
        same "$(sql "SELECT version_num FROM alembic_version ORDER BY 1")" "$rows"
    done
}

@test "version tables of other tools are excluded" {
    for database in $DATABASES; do
        alembic_project "$database"
        alembic upgrade head
        identity='integer primary key'
        [ "$database" = sqlite ] || identity='serial primary key'
        quoted='"SequelizeMeta"'
        [ "$database" != mysql ] || quoted='`SequelizeMeta`'
        sql "create table schema_migrations (version varchar(50) primary key); create table flyway_schema_history (installed_rank $identity, success int);
            create table django_migrations (id $identity, app text); create index flyway_s on flyway_schema_history (success);
            create table $quoted (name text); create table migrations (id $identity, migration text, batch int)"
        ok init --from-alembic alembic.ini
        says "excluded: table 'flyway_schema_history' belongs to Flyway" "table 'migrations' belongs to Laravel"
        grep -qx 'exclude: \[SequelizeMeta, django_migrations, flyway_schema_history, migrations, schema_migrations\]' cmig.yaml
        ! grep -rqiE 'migrations|flyway|sequelize' models revisions
        ok check
        database "$database"
        ok --url "$URL" upgrade
        ok --url "$URL" check
    done
    # A table of the project's own that only has such a name.
    alembic_project sqlite
    python_revision ccccc0000000 "'ae1027a6acf0'" "more" <<<'op.create_table("migrations", sa.Column("bird", sa.Text))'
    alembic upgrade head
    ok init --from-alembic alembic.ini
    grep -q bird models/schema.yaml
    ok check
}

# An Alembic project that consists only of its version row.
bare_alembic() { # sqlite|postgresql|mysql
    database "$1"
    [ "$1" != sqlite ] || FILE=$PWD/app.db URL=sqlite:///$FILE
    mkdir -p s/versions
    printf '[alembic]\nscript_location = s\nsqlalchemy.url = %s\n' "$(alembic_url)" >alembic.ini
    printf 'revision = "aaaa"\ndown_revision = None\n' >s/versions/a.py
    sql "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('aaaa')"
}

objects() { # names, and the SQL of what is not modelled
    sql "select type, name, tbl_name, case when type = 'trigger' or sql like '%virtual%' then sql end from sqlite_schema
        where tbl_name not like 'alembic%' and name not like 'sqlite%' order by 1, 2"
}

@test "SQLite: the baseline contains objects that are not modelled" {
    bare_alembic sqlite
    sql "create table doc (id integer primary key, title text, n int); insert into doc values (1, 'a', 1);
        create trigger t1 after update on doc begin update doc set n = case when n > 1 then 2 else n + 1 end; select '\${x:y};'; end;
        create virtual table fts using fts5(title, content=doc); create virtual table box using rtree(id, a, b);
        create view v as select title from fts; create trigger t2 instead of insert on v begin insert into doc (title) values (new.title); end"
    ok init --from-alembic alembic.ini
    says "the baseline was applied to a scratch database and compared"
    ok check
    before=$(objects)
    fails 1 downgrade base
    same "$(sql 'select * from doc')" "1|a|1"
    database sqlite
    ok --url "$URL" upgrade
    same "$(objects)" "$before"
    ok --url "$URL" check
}

@test "SQLite: what this program cannot create is named" {
    bare_alembic sqlite
    sql "create table doc (id integer primary key); create virtual table fts using fts5(a)"
    sqlite3 "$FILE" "pragma writable_schema = on; update sqlite_schema set sql = replace(sql, 'fts5', 'nowhere')"
    fails 2 init --from-alembic alembic.ini
    says "left out of the baseline: virtual table 'fts'" "no such module: nowhere" "missing from the baseline: virtual table 'fts'"
    ok --url sqlite:///new.db upgrade
    ok --url sqlite:///new.db check
}

# Those of other tests may be there.
scratch_databases() {
    psql -At -d "$old" -c "select datname from pg_database d where datname like 'cmig_scratch%' and not exists (select from pg_stat_activity s where s.datname = d.datname) order by 1"
}

no_new_scratch() { # BEFORE
    [ -z "$(comm -13 <(echo "$1") <(scratch_databases))" ]
}

@test "PostgreSQL: the baseline contains objects that are not modelled" {
    bare_alembic postgresql
    sql "create extension citext; create domain year as int check (value > 1900) default 2000; create type addr as (street text, y year);
        create type fr as range (subtype = float8); create collation de (locale = 'C'); create type mood as enum ('sad', 'glad');
        create function join2(text, mood) returns text language sql as 'select \$1 || \$2'; create aggregate joined(mood) (sfunc = join2, stype = text, initcond = '');
        create function always() returns int language sql immutable as 'select 7';
        create table doc (id serial primary key, y year, a addr, c citext, m mood, seven int default always());
        create function tf() returns trigger language plpgsql as 'begin new.y := 1999; return new; end';
        create trigger tg before insert on doc for each row execute function tf(); alter table doc disable trigger tg;
        create function id_of(doc) returns int language sql stable as 'select \$1.id'; create view v as select id_of(d) from doc d; comment on column v.id_of is 'x';
        create table pay (id serial, d date, doc int references doc, primary key (id, d)) partition by range (d); create index on pay (doc);
        create table pay1 partition of pay for values from ('2020-01-01') to ('2021-01-01');
        create table ref (id int primary key, pay int, d date, foreign key (pay, d) references pay);
        create table kid (extra text default 'x') inherits (doc); create materialized view mv as select count(*) as n from v; create unique index mvi on mv (n);
        create rule r as on delete to doc do instead nothing; alter table doc enable row level security; create policy p on doc using (id > 1);
        create statistics st on y, c from doc; create text search configuration tc (copy = simple); create cast (mood as int) with inout"
    dump_of() { # URL
        pg_dump -s --no-owner -T 'alembic_*' -d "$1" | grep -v -e restrict -e '^$' | sort
    }
    before=$(dump_of "$URL") old=$URL
    ok init --from-alembic alembic.ini
    says "the baseline was applied to a scratch database and compared"
    ok check
    fails 1 downgrade base
    database postgresql
    ok --url "$URL" upgrade
    ok --url "$URL" check
    same "$(dump_of "$URL")" "$before"
    # What belongs to this server is named, not guessed.
    psql -q -d "$old" -c "create table p (id int); grant select on p to public; create publication pub for table p"
    local before
    before=$(scratch_databases)
    rm -r cmig.yaml models migrations
    fails 2 init --from-alembic alembic.ini
    says "missing from the baseline: grants 'p'"
    [[ $err != *"missing from the baseline: publication"* ]] || report "a publication is modelled"
    grep -q "CREATE PUBLICATION pub FOR TABLE p" models/schema.yaml migrations/*.yaml
    wait_until no_new_scratch "$before" # another test may be about to drop its own
}

@test "MariaDB: the baseline contains triggers, views, routines, events and sequences" {
    bare_alembic mysql
    mysql "$URL" <<'SQL'
create table author (id int unsigned not null auto_increment primary key, name varchar(80) character set latin1 collate latin1_german1_ci,
    mood enum('sad','it''s') default 'sad', born date, tags set('a','b'), seen timestamp(3) null default current_timestamp(3) on update current_timestamp(3),
    up varchar(80) generated always as (upper(name)) stored, hidden int invisible, key (name(10)), fulltext (name)) comment 'it''s';
create table book (id bigint primary key, author int unsigned not null, constraint positive check (id > 0), foreign key (author) references author (id) on delete cascade);
create table log (id int not null, at date not null, primary key (id, at));
create sequence numbers start 5 increment 2;
create function twice(x int) returns int deterministic return x * 2;
delimiter //
CREATE TRIGGER `fill` BEFORE INSERT ON `author` FOR EACH ROW begin if new.name is null then set new.name = '\'; x'; end if; end//
CREATE TRIGGER `plain` BEFORE UPDATE ON `author` FOR EACH ROW if new.name = '' then set new.name = 'y'; end if//
create procedure walk() begin declare i int default 0; while i < 2 do set i = i + 1; end while; case i when 1 then set i = 2; else set i = 3; end case; end//
create event tidy on schedule every 1 day do begin delete from log where id < 0; end//
delimiter ;
create view names as select twice(id) as two, name from author;
insert into author (name) values ('Ada');
SQL
    own=$(dump) old=$URL
    ok init --from-alembic alembic.ini
    ok check
    ok upgrade
    fails 1 downgrade base
    database mysql
    ok --url "$URL" upgrade
    ok --url "$URL" check
    same "$own" "$(dump)"
    same aaaa "$(sql 'SELECT version_num FROM alembic_version')"
    # The same from the dump, with its rows; and a revision of ours on top.
    mysql_program mariadb-dump "$old" --routines --events --skip-dump-date --ignore-table="${old##*/}.alembic_version" >all.sql
    ok init --from-alembic alembic.ini --baseline-sql all.sql new
    cd new
    ok --url "$old" check
    database mysql
    ok --url "$URL" upgrade
    ok --url "$URL" check
    same "$own" "$(dump)"
    same Ada "$(sql 'SELECT name FROM author')"
    # What the baseline loses is named.
    bare_alembic mysql
    sql 'create table part (id int) engine = myisam; create table kept (id int) engine = merge union = (part)'
    fails 2 init --from-alembic alembic.ini kept
    says "missing from the baseline: table option 'kept': UNION=(\`part\`)"
}

@test "PostgreSQL: a baseline that cannot be tested is reported" {
    bare_alembic postgresql
    sql "create table doc (id int primary key); create role cmig_plain_$$ login; grant select on all tables in schema public to cmig_plain_$$; revoke all on doc from cmig_plain_$$"
    PGOPTIONS="-c role=cmig_plain_$$" fails 2 init --from-alembic alembic.ini
    says "the baseline was not tested: no scratch database" "permission denied to create database" "missing from the baseline: grants 'doc'"
    sql "drop owned by cmig_plain_$$; drop role cmig_plain_$$"
}

@test "a script's statements are kept whole, its transactions are not" {
    bare_alembic sqlite
    cat >all.sql <<'SQL'
BEGIN TRANSACTION;
CREATE TABLE doc (id INTEGER PRIMARY KEY, n INT, "begin" TEXT DEFAULT 'END;', [b;x] TEXT);
create trigger tg after update on doc when new.n > 1 begin
    update doc set n = case when n > 1 then 1 else 0 end where id = new.id; -- a 'quote
    select 'it''s;' /* end; */;
end;
END TRANSACTION;
begin immediate;
CREATE INDEX i ON doc (n);
INSERT INTO alembic_version VALUES ('aaaa');
commit work;
SQL
    fails 2 init --from-alembic alembic.ini --baseline-sql all.sql new
    says "different: doc: "
    ! grep -qiE '^ *(begin (tr|im)|commit|end tr)|alembic_version' new/migrations/*.sql
    sql "$(sed 's/^INSERT.*//; s/ work//' all.sql)"
    rm -r new
    ok init --from-alembic alembic.ini --baseline-sql all.sql new
    before=$(objects)
    cd new
    database sqlite
    ok --url "$URL" upgrade
    same "$(objects)" "$before"
    cd ..
    echo 'CREATE TABL x (a int);' >bad.sql
    fails 1 init --from-alembic alembic.ini --baseline-sql bad.sql bad
    says "the baseline does not work in an empty database" "TABL" "Nothing was written"
    [ ! -e bad ]
}

@test "a database that is not at head is refused, and nothing is written" {
    for database in $DATABASES; do
        alembic_project "$database"
        [ "$database" != sqlite ] || sqlite3 app.db "VACUUM"
        fails 2 init --from-alembic alembic.ini new
        says "table 'alembic_version' of the database has no rows" "alembic upgrade heads"
        alembic upgrade +1
        fails 2 init --from-alembic alembic.ini new
        says "the database is at 1975ea83b712, not at Alembic's head ae1027a6acf0"
        sql "UPDATE alembic_version SET version_num = 'gone'"
        fails 65 init --from-alembic alembic.ini new
        [ ! -e new ]
    done
}

@test "tables of PostgreSQL schemas, and enums, are converted" {
    alembic_project postgresql
    python_revision ccccc0000000 "'ae1027a6acf0'" "more" <<'PY'
op.create_table("moods", sa.Column("id", sa.BigInteger(), primary_key=True),
    sa.Column("mood", sa.Enum("sad", "glad", name="mood"), nullable=False),
    sa.Column("seen", sa.DateTime(timezone=True), server_default=sa.func.now()))
op.execute("CREATE VIEW glad AS SELECT id FROM moods WHERE mood = 'glad'")
PY
    alembic upgrade head
    ok init --from-alembic alembic.ini
    ok check
    full=$(dump | grep -v alembic)
    database postgresql
    ok --url "$URL" upgrade
    ok --url "$URL" check
    same "$(dump | grep -v alembic | grep -c CREATE)" "$(grep -c CREATE <<<"$full")"
}

@test "branches, several locations, and what only PostgreSQL has" {
    alembic_project postgresql
    mkdir migrations/more
    sed -i 's|^version_path_separator.*||; s|^script_location.*|&\nversion_locations = migrations/versions:migrations/more\nversion_path_separator = os  # as in 1.8|' alembic.ini
    sed -i 's/^target_metadata = None/from sqlalchemy import MetaData\ntarget_metadata = MetaData(naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})/' migrations/env.py
    python_revision ccccc0000000 "'1975ea83b712'" "a branch" <<'PY'
from sqlalchemy.dialects import postgresql
op.execute("CREATE EXTENSION btree_gist")
op.create_table("things", sa.Column("id", sa.BigInteger(), sa.Identity(always=True, start=42), primary_key=True),
    sa.Column("tags", postgresql.ARRAY(sa.String(20)), server_default="{}", nullable=False),
    sa.Column("prefs", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb")),
    sa.Column("mood", sa.Enum("sad", "it's", name="mood"), server_default="sad"),
    sa.Column("price", sa.Numeric(10, 2), sa.CheckConstraint("price > 0", name="positive")),
    sa.Column("total", sa.Numeric(), sa.Computed("price * 2", persisted=True)),
    sa.Column("code", sa.String(5), unique=True), comment="Things")
op.create_index("ix_tags", "things", ["tags"], postgresql_using="gin")
op.create_index("ix_code", "things", [sa.text("lower(code)")], unique=True, postgresql_where=sa.text("price > 1"))
op.create_exclude_constraint("ex_things", "things", ("price", "="), using="gist")
PY
    python_revision ddddd0000000 '("ae1027a6acf0", "ccccc0000000")' "merge" </dev/null
    VERSIONS=migrations/more
    python_revision eeeee0000000 None "billing" "branch_labels = 'billing'" 'depends_on = [
    "ddddd0000000",  # the merge
]' <<<'op.create_table("bills", sa.Column("id", sa.Integer(), primary_key=True))'
    # Alembic itself does not take the comment that its template has there.
    sed -i 's/ = os  # as in 1.8/ = os/' alembic.ini
    alembic upgrade heads
    sed -i 's/^version_path_separator = os/&  # as in 1.8/' alembic.ini
    old=$URL
    schema_of() { # URL
        pg_dump -s --no-owner -T 'alembic_*' -d "$1" | grep -v restrict
    }
    before=$(schema_of "$old")
    ok init --from-alembic alembic.ini
    ok check
    ok current
    prints_exactly "eeeee0000000 (billing) (head), baseline: 5 revisions of Alembic, up to 'billing'"
    # A new database is the same, its extension included.
    database postgresql
    new=$URL
    ok --url "$new" upgrade
    ok --url "$new" check
    same "$(schema_of "$new")" "$before"
    # A revision of ours on top, up and down, in both.
    sed -i 's/^      prefs: .*/&\n      phone: {type: string(30), unique: true}/' models/schema.yaml
    ok --url "$old" revision --autogenerate -m phone
    for url in "$old" "$new"; do
        ok --url "$url" upgrade
        ok --url "$url" check
        ok --url "$url" downgrade -1
    done
    same "$(schema_of "$old")" "$before"
    sed -i 's/  # as in 1.8//' alembic.ini
    alembic current >out
    grep -qx 'eeeee0000000 (head)' out
}

@test "batch migrations and rows of SQLite" {
    alembic_project sqlite
    python_revision ccccc0000000 "'ae1027a6acf0'" "batch" <<'PY'
with op.batch_alter_table("posts") as b:
    b.alter_column("title", type_=sa.String(40), nullable=False, server_default="q")
    b.add_column(sa.Column("extra", sa.Numeric(8, 2), server_default="0"))
    b.create_unique_constraint("uq_title", ["title"])
op.create_table("odd", sa.Column("id", sa.Integer, primary_key=True), sa.Column("v", sa.DateTime, server_default=sa.func.now()),
    sa.Column("b", sa.Boolean(create_constraint=True, name="ckb")), sqlite_autoincrement=True)
op.create_index("ix_part", "odd", ["v"], sqlite_where=sa.text("v IS NOT NULL"))
PY
    sed -i 's|^script_location.*|&\nfile_template = %%(year)d/%%(rev)s_%%(slug)s\ntruncate_slug_length = 12|' alembic.ini
    alembic upgrade head
    ok init --from-alembic alembic.ini
    ok check
    grep -qx 'recursive: true' cmig.yaml
    grep -qx 'slug_length: 12' cmig.yaml
    names="SELECT type, name, tbl_name FROM sqlite_schema WHERE tbl_name NOT LIKE 'alembic%' ORDER BY 1, 2"
    before=$(dump)
    ok --url sqlite:///new.db upgrade
    ok --url sqlite:///new.db check
    same "$(sqlite3 new.db "$names")" "$(sqlite3 app.db "$names")"
    sed -i 's/^      extra: .*/&\n      more: {type: string(9), check: length(more) > 2}/' models/schema.yaml
    ok revision --autogenerate -m "more of it and more" --rev-id dddd0000
    prints_exactly revisions/2026/dddd0000_more_of_it.yaml
    ok upgrade
    ok check
    same "$(sql "SELECT name FROM users")" Ada
    ok downgrade -1
    ok --url sqlite:///new.db upgrade
    ok --url sqlite:///new.db downgrade -1
    same "$(sqlite3 new.db "$names")" "$(sqlite3 app.db "$names")"
}

@test "a project of several databases is converted one by one" {
    database sqlite
    alembic init -t multidb alembic >/dev/null
    sed -i 's|driver://user:pass@localhost/dbname$|sqlite:///one.db|; s|driver://user:pass@localhost/dbname2|sqlite:///two.db|; s/^version_path_separator.*//' alembic.ini
    VERSIONS=alembic/versions
    printf 'from alembic import op\nimport sqlalchemy as sa\nrevision = "aaaa"\ndown_revision = None\n' >$VERSIONS/a.py
    for engine in 1 2; do
        printf 'def upgrade_engine%s():\n    op.create_table("t%s", sa.Column("id", sa.Integer, primary_key=True))\n' $engine $engine >>$VERSIONS/a.py
    done
    printf 'def upgrade(engine_name):\n    globals()["upgrade_" + engine_name]()\n' >>$VERSIONS/a.py
    alembic upgrade head
    fails 78 init --from-alembic alembic.ini
    says "no sqlalchemy.url" "Name one of the databases (engine1, engine2) with -n; each needs a directory of its own."
    ok -n engine1 init --from-alembic alembic.ini one
    ok -n engine2 init --from-alembic alembic.ini two
    for name in one two; do
        (cd $name && ok check && ok current && prints aaaa) || return 1
    done
    grep -q t1: one/models/schema.yaml
    grep -q t2: two/models/schema.yaml
}

@test "where Alembic's keys may be, and forms of its files" {
    database sqlite
    FILE=$PWD/app.db
    mkdir -p conf pkg/db/one two/deep
    cat >conf/alembic.ini <<'INI'
# a comment
[DEFAULT]
root = %(here)s/..
[alembic]
script_location = pkg.db:one
version_locations = %(root)s/pkg/db/one,
    %(root)s/two
recursive_version_locations = true
file_template = %%(year)d-%%(month).2d_%%(rev)s_%%(slug)s

[other]
script_location = elsewhere
INI
    printf '\xef\xbb\xbf# -*- coding: utf-8 -*-\nr"""Sch\xc3\xb6n\\n"""\nrevision = (\n  "aa" # half\n  "aa0"\n)\ndown_revision=None;x = 1\n' >pkg/db/one/a.py
    cat >two/deep/b.py <<'PY'
#!/usr/bin/env python
'''It\'s \u00e4\
 b

more
revision = "wrong"
'''
text = """
revision = "wrong"
"""
f(
revision = "wrong",
)
revision: str = 'bbbb0'
down_revision: "Union[str, None]" = ['aaaa0',]
branch_labels = {"x", r'y'}
depends_on = None
def upgrade():
    revision = "wrong"
PY
    touch two/__init__.py two/deep/notes.txt
    sqlite3 app.db "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('bbbb0'); CREATE TABLE t (id INTEGER PRIMARY KEY)"
    fails 78 init --from-alembic conf/alembic.ini new
    says "no sqlalchemy.url" "--url"
    ok --url sqlite:///app.db init --from-alembic conf/alembic.ini new
    grep -qF "url: \${DATABASE_URL:-sqlite:///$(realpath app.db)}" new/cmig.yaml
    grep -qF 'file_template: "{year}-{month}_{rev}_{slug}"' new/cmig.yaml
    cd new
    ok current
    prints_exactly "bbbb0 (x, y) (head), baseline: 2 revisions of Alembic, up to 'It's ä b'"
    ok check
    cd ..
    fails 78 -n other --url sqlite:///app.db init --from-alembic conf/alembic.ini other
    says "elsewhere"
    fails 78 -n none --url sqlite:///app.db init --from-alembic conf/alembic.ini other
    says "conf/alembic.ini: no script_location in section 'none'"
}

@test "pyproject.toml has the keys" {
    mkdir -p db/versions
    cat >pyproject.toml <<'TOML'
[project]
name = "x"
[tool.alembic]
script_location = "%(here)s/db"
version_locations = [
    "%(here)s/db/versions",
]
TOML
    printf '[alembic]\nsqlalchemy.url = sqlite:///app.db\n' >alembic.ini
    printf 'revision = "aaaa"\ndown_revision = None\n' >db/versions/a.py
    sqlite3 app.db "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('aaaa')"
    ok init --from-alembic alembic.ini
    ok current
    prints aaaa
    ok check
}

@test "without a database there is a baseline, but no models" {
    mkdir -p s/versions
    printf '[alembic]\nscript_location = s\nsqlalchemy.url = driver://user:pass@localhost/dbname\n' >alembic.ini
    printf 'revision = "aaaa"\ndown_revision = None\n' >s/versions/a.py
    printf '%s\n' 'BEGIN;' '' 'CREATE TABLE alembic_version (' '    version_num VARCHAR(32) NOT NULL' ');' '' '-- Running upgrade  -> aaaa' '' \
        "CREATE TABLE t (a TEXT DEFAULT 'COMMIT; x');" '' "CREATE FUNCTION f() RETURNS int AS \$x\$ BEGIN; COMMIT; \$x\$ LANGUAGE sql;" \
        "INSERT INTO alembic_version (version_num) VALUES ('aaaa');" '' 'COMMIT;' >all.sql
    ok init --from-alembic alembic.ini --baseline-sql all.sql new
    says "no models were written"
    same "$(sed -n '/^-- upgrade/,$p' new/migrations/aaaa_baseline.sql)" "-- upgrade
-- Running upgrade  -> aaaa

CREATE TABLE t (a TEXT DEFAULT 'COMMIT; x');

CREATE FUNCTION f() RETURNS int AS \$x\$ BEGIN; COMMIT; \$x\$ LANGUAGE sql;"
    cd new
    fails 78 current
    says "the URL of the database"
}

@test "a password is not copied" {
    mkdir -p s/versions
    printf '[alembic]\nscript_location = s\nsqlalchemy.url = postgresql://postgres:s%%%%40cret@%s\n' "${CMIG_TEST_POSTGRESQL_URL##*@}" >alembic.ini
    printf 'revision = "aaaa"\ndown_revision = None\n' >s/versions/a.py
    database postgresql
    sed -i "s|/postgres\$|/${URL##*/}|" alembic.ini
    sql "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('aaaa')"
    ok init --from-alembic alembic.ini new
    says "the database's password was not copied"
    ! grep -r cret new
    cd new
    fails 78 current
    DATABASE_URL=$URL ok current
    prints aaaa
}

@test "Flask-Migrate, chained assignments, hooks" {
    mkdir -p migrations/versions
    touch migrations/env.py
    printf '[alembic]\n# template\ntimezone = UTC\n[post_write_hooks]\nhooks = black\nblack.type = exec\n[loggers]\nkeys = root\n' >migrations/alembic.ini
    printf 'x = revision = "aaaa"\ndown_revision = ""\nbranch_labels = depends_on = None\n' >migrations/versions/a.py
    printf 'revision: str = "bbbb"\ndown_revision = "aaaa"\nbranch_labels = depends_on = ()\nx == y\n' >migrations/versions/b.py
    sqlite3 app.db "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('bbbb')"
    ok --url sqlite:///app.db init --from-alembic migrations/alembic.ini
    says "post_write_hooks 'black' was not converted: its type is not known" "'timezone' was not converted"
    ok current
    prints "bbbb (head), baseline: 2 revisions of Alembic"
}

@test "post_write_hooks become post_write" {
    mkdir -p s/versions 'my tools'
    cat >alembic.ini <<'I'
[alembic]
script_location = s
sqlalchemy.url = sqlite:///app.db
[post_write_hooks]
hooks = black, ruff note mark, elsewhere
black.type = console_scripts
black.entrypoint = black
black.options = -l 79 REVISION_SCRIPT_FILENAME
ruff.type = module
ruff.module = ruff
ruff.options = check --fix REVISION_SCRIPT_FILENAME
note.type = exec
note.executable = %(here)s/my tools/note
note.options = 'a word' --file=REVISION_SCRIPT_FILENAME 100%%
mark.type = console_scripts
mark.entrypoint = touch
elsewhere.type = exec
elsewhere.executable = ls
elsewhere.cwd = /
I
    printf '#!/bin/sh\nprintf "%%s|" "$@" >>"%s/notes"\n' "$PWD" >'my tools/note'
    chmod +x 'my tools/note'
    printf 'revision = "aaaa"\ndown_revision = None\n' >s/versions/a.py
    sqlite3 app.db "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('aaaa')"
    ok init --from-alembic alembic.ini
    says "'black' was not converted: it reads Python only" "'ruff' was not converted: it reads Python only" \
        "'note' was converted" "'mark' was converted" "'elsewhere' was not converted: it has a working directory"
    ok revision -m next
    local path=$out
    same "a word|--file=$path|100%|" "$(cat notes)"
    [ -f "$path" ] || report 'touch was given another file'
}

@test "unreadable files are rejected with their place" {
    mkdir -p s/versions
    printf '[alembic]\nscript_location = s\nsqlalchemy.url = sqlite:///x.db\n' >alembic.ini
    fails 78 init --from-alembic alembic.ini new
    says "alembic.ini: the project has no revisions yet"
    printf '"""x"""\nimport os\nrevision = os.environ["X"]\n' >s/versions/a.py
    fails 78 init --from-alembic alembic.ini new
    says "s/versions/a.py:3:1: cannot read the value of 'revision'" "cmig never runs Python"
    printf '"""x"""\nrevision = f"a"\n' >s/versions/a.py
    fails 78 init --from-alembic alembic.ini new
    says "s/versions/a.py:2:1: cannot read the value of 'revision'"
    printf 'x = 1\n' >s/versions/a.py
    fails 78 init --from-alembic alembic.ini new
    says "s/versions/a.py: no revision is assigned"
    printf 'revision = "a1"\n\ndown_revision = "gone"\n' >s/versions/a.py
    fails 78 init --from-alembic alembic.ini new
    says "s/versions/a.py:3:1: revision 'a1' names the parent 'gone'"
    printf '[alembic]\nscript_location = %%(nowhere)s/s\n' >alembic.ini
    fails 78 init --from-alembic alembic.ini new
    says "alembic.ini: cannot read '%(nowhere)s'"
    fails 78 init --from-alembic none.ini new
    says "none.ini"
    fails 78 init --baseline-sql x
    says "no database was given"
    fails 64 init --from-alembic alembic.ini -t docker
    [ ! -e new ]
}

@test "a branch that ends where another one depends on it is named" {
    FILE=$PWD/app.db
    mkdir -p alembic/versions
    touch alembic/env.py
    printf '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///app.db\n' >alembic.ini
    revision() { # ID "PARENT" "LABELS" "DEPENDENCY"
        printf 'revision = "%s"\ndown_revision = %s\nbranch_labels = %s\ndepends_on = %s\n' "$@" >"alembic/versions/$1_.py"
    }
    revision abcd None '("core",)' None
    revision bcde '"abcd"' None None
    revision cdef '"abcd"' None None
    revision def0 None '("plug",)' '"bcde"'
    sqlite3 app.db "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
        INSERT INTO alembic_version VALUES ('cdef'), ('def0'); CREATE TABLE doc (id INTEGER PRIMARY KEY)"
    ok init --from-alembic alembic.ini
    says "revision bcde ends a branch on which def0 depends: it becomes part of the baseline, and its branch is not continued"
    ok heads
    prints "cdef (core) (head)" "def0 (plug) (head)"
}
