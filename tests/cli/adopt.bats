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
        foreign key (x, y) references b);
        create table b (id integer, c integer, primary key (id, c)); insert into a values (1, 2, 3)'
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
