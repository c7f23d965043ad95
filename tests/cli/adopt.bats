#!/usr/bin/env bats
# Does a database that was made by other means become a project, with nothing lost and nothing that differs?
load helper

# A project for a database that is there: what inspect says of it is its model.
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

# An empty database becomes what the models say, is inspected as that again, and gives all back.
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
    adopt postgresql 'create table m (id int, d date, primary key (id, d)) partition by range (d);
        create table t (id int primary key, m int, d date, foreign key (m, d) references m)'
    [[ $inspected = *"partitioned table 'm'"* ]]
    grep -q 'references: {table: m, columns: \[id, d\], external: true}' models/model.yaml
    made_anew 'create table m (id int, d date, primary key (id, d)) partition by range (d)'
    sed -i 's/, external: true//' models/model.yaml
    fails 78 check
    says "there is no table 'm' to refer to" "external: true"
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

@test "how an expression of an index is sampled is not its operator class" {
    adopt postgresql 'create table t (a text); create index i on t (lower(a)); alter index i alter column 1 set statistics 100'
    [[ $inspected = *"index statistics 'i'"* ]]
    made_anew
}

@test "what hangs on a view that is made anew stays on it" {
    adopt postgresql "create role cmig_reader_$$; create table t (id int primary key, a int, b int); create view v as select id, a, b from t;
        create view w as select a from v; create function f() returns trigger language plpgsql as 'begin return new; end';
        create trigger i instead of update on v for each row execute function f(); create rule r as on delete to w do instead nothing;
        comment on column v.a is 'it''s'; comment on column v.b is 'goes'; alter view v alter column a set default 5;
        grant select on v to public; grant update (a), select (b) on v to cmig_reader_$$; alter view w owner to cmig_reader_$$"
    for what in "comment 'v': a" "grants 'v'" "rule 'r': w" "trigger 'i': v"; do
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
    ok revision --autogenerate -m sorts
    fails 1 upgrade
    says "ordered by collation 'unicase'" "Only the application has it" "Everything was rolled back"
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
