#!/usr/bin/env bats
# MariaDB: foreign keys and indexes whose names the server chose.
load helper

# A database made by hand, and the models that inspect prints of it.
made_by_hand() {
    project mysql
    sql 'CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE x (id int PRIMARY KEY);
        CREATE TABLE a (id int PRIMARY KEY, p int, q int, r int, FOREIGN KEY (p) REFERENCES p (id),
            FOREIGN KEY (q) REFERENCES p (id), CHECK (p > 0), UNIQUE (q));
        CREATE TABLE a_more (id int PRIMARY KEY, p int REFERENCES p (id));
        INSERT INTO p VALUES (1); INSERT INTO a VALUES (1, 1, 1, 1); INSERT INTO a_more VALUES (1, 1)'
    ok inspect
    echo "$out" >models/model.yaml
    before=$(dump)
    rows=$(sql 'SELECT * FROM a')
}

# After a change of the models: an upgrade leaves no difference, a downgrade restores the schema.
walks() {
    ok revision --autogenerate -m change
    ok upgrade
    ok check
    ok revision --autogenerate -m again
    says 'nothing to do'
    ok downgrade base
    # The server calls the index of a key that is created again as the key.
    same "$before" "$(dump | sed 's/^  KEY `a_ibfk_1` (`p`)/  KEY `p` (`p`)/')"
    same "$rows" "$(sql 'SELECT * FROM a')"
}

@test "a foreign key with the name of its table is renamed with the table, and is no difference" {
    for names in old new; do
        made_by_hand
        sed -i -E 's/^  a:/  b:\n    renamed_from: a/' models/model.yaml
        [ $names = old ] || sed -i 's/ a_ibfk/ b_ibfk/' models/model.yaml
        walks
        same '1' "$(grep -c 'rename_' <(sed '/^downgrade/,$d' migrations/*.yaml))"
        ok upgrade
        sed -i '/_ibfk_2/d' models/model.yaml
        ok revision --autogenerate -m drop
        ok upgrade
        ok check
        same '2' "$(sql "SELECT count(*) FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND constraint_name LIKE '%ibfk%'")"
        ok downgrade base
        same "$before" "$(dump)"
    done
}

@test "an index that the server created for a foreign key may be replaced by another key or index on its column" {
    made_by_hand
    sed -i 's/a_ibfk_1/fk_p/' models/model.yaml # the key is created again
    walks
    for part in 'indexes: {p: [p], long_p: [p, r]}' 'indexes: {p: [p], p_2: [p]}' 'uniques: {q: [q], u: [p, r]}' \
        'foreign_keys: {a_ibfk_1: {columns: [p], references: p.id}, a_ibfk_2: {columns: [q], references: p.id}, fk_x: {columns: [p], references: x.id}}'; do
        made_by_hand
        sql 'INSERT INTO x VALUES (1)'
        python3 - "$part" <<'P'
import sys, yaml
model = yaml.safe_load(open("models/model.yaml"))
model["tables"]["a"].update(yaml.safe_load(sys.argv[1]))
yaml.safe_dump(model, open("models/model.yaml", "w"))
P
        walks
    done
}

@test "two tables may have keys of one name" {
    project mysql 'models: [schema.sql]'
    cat >schema.sql <<'END'
CREATE TABLE a (id INTEGER PRIMARY KEY, name VARCHAR(30) UNIQUE);
CREATE TABLE b (id INTEGER PRIMARY KEY, name VARCHAR(30) UNIQUE);
END
    ok revision --autogenerate -m first
    ok upgrade
    ok check
    model <<'END'
tables:
  a: {columns: {id: integer}, uniques: {key_of_id: [id]}, indexes: {key_of_id: [id]}}
END
    printf '%s\n' "url: $URL" >cmig.yaml
    fails 78 check
    says "index 'key_of_id' of table 'a' has the name of unique constraint 'key_of_id' of table 'a'"
}
