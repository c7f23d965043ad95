#!/usr/bin/env bats
# Values of -x replace variables in the SQL of revisions, and nothing else.
load helper

@test "x in the texts of a YAML revision" {
    for database in sqlite postgresql; do
        project "$database"
        revision_file aaaa0000 null <<'END'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}, name: text}}
  - execute: "INSERT INTO t (id, name) VALUES (1, '${x:tenant}')"
  - execute: |
      -- ${HOME} and $${x:tenant} are the text's own
      INSERT INTO t (id, name) VALUES (2, '${x:second:-it is ${x:tenant}}');
      INSERT INTO t (id, name) VALUES (3, '${HOME} $${x:tenant}');
  - execute: {sqlite: "INSERT INTO t (id, name) VALUES (4, '${x:lite:-lite}')", postgresql: "INSERT INTO t (id, name) VALUES (4, '${x:pg:-pg}')"}
downgrade:
  - execute: "DELETE FROM t WHERE name = '${x:gone}'"
  - drop_table: t
END
        fails 78 upgrade
        says "migrations/aaaa0000.yaml:" ": no '-x tenant=...' was given" 'Give it, or a default: ${x:tenant:-default}.'
        ok show head
        prints '${x:tenant}'
        ok upgrade -x tenant=acme --dry-run
        prints "'acme'"
        ok upgrade -x tenant=other -x tenant=acme
        same "$(sql "SELECT name FROM t WHERE id < 4 ORDER BY id")" 'acme
it is acme
${HOME} ${x:tenant}'
        same "$(sql "SELECT name FROM t WHERE id = 4")" "$([ "$database" = sqlite ] && echo lite || echo pg)"
        # The history keeps the file as it is.
        same "$(sql "SELECT count(*) FROM cmig_history WHERE text LIKE '%\${x:tenant}%'")" 1
        ok status
        [[ $out != *Edited* ]]
        fails 78 downgrade base
        says "no '-x gone=...' was given"
        ok downgrade base -x gone=acme
    done
}

@test "x in an .sql revision, with the place of a missing variable" {
    for database in $DATABASES; do
        project "$database"
        cat >migrations/a.sql <<'END'
-- revision: aaaa0000
-- down_revision: null
-- message: tenants
-- upgrade

CREATE TABLE t (name text);
INSERT INTO t VALUES ('${x:tenant}'),
  ('${x:other:?which is the other one}');
-- downgrade
DROP TABLE t;
END
        fails 78 upgrade
        says "migrations/a.sql:7:24: no '-x tenant=...' was given"
        fails 78 upgrade -x tenant=a
        says "migrations/a.sql:8:5: option -x 'other' is not set: which is the other one"
        ok upgrade -x tenant=a -x other=b
        same "$(sql "SELECT name FROM t ORDER BY 1" | tr '\n' ' ')" "a b "
        ok upgrade --sql -x tenant=c -x other=d
        prints "('c')"
        ok downgrade base
        sed -i 's/{x:tenant}/{x:tenant/' migrations/a.sql
        fails 78 upgrade -x tenant=a -x other=b
        says "migrations/a.sql:7:24:"
    done
}

@test "x in the configuration" {
    project sqlite
    printf 'url: "sqlite:///${x:tenant}.db"\nmigrations: ["${x:sub-folder.1:-migrations}"]\n' >cmig.yaml
    fails 78 heads
    says "cmig.yaml:1:17: no '-x tenant=...' was given" 'Give it, or a default: ${x:tenant:-default}.'
    for word in tenant =a; do
        fails 64 heads -x "$word"
        says "option '-x' must be KEY=VALUE, not '$word'"
    done
    # The last one counts, nothing in it is a variable, and = is a letter like others.
    ok -x tenant=a upgrade -x 'tenant=${HOME} ä=b'
    ok ensure-version -x 'tenant=${HOME} ä=b'
    [ -f '${HOME} ä=b.db' ]
    fails 78 heads -x tenant=a -x sub-folder.1=nowhere
    says "nowhere"
    printf 'url: "${x:url:?which database?}"\n' >cmig.yaml
    fails 78 status
    says "cmig.yaml:1:7: option -x 'url' is not set: which database?"
    fails 69 status -x url=postgresql://u:s%40cret@127.0.0.1:1/x
    says "postgresql://u:***@127.0.0.1:1/x"
    ! [[ $err == *cret* ]]
}

@test "x in the file of an execute, with the places of that file" {
    for database in sqlite postgresql; do
        project "$database"
        mkdir migrations/data
        revision_file aaaa0000 null <<'END_'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}, name: text}}
  - execute: {file: data/fill.sql}
downgrade:
  - drop_table: t
END_
        cat >migrations/data/fill.sql <<'END_'
-- ${HOME} and $${x:tenant} are the text's own
INSERT INTO t VALUES (1, '${x:tenant}');
INSERT INTO t VALUES (2, '${x:second:-$${x:tenant}}');

  INSERT INTO t VALUES (1, 'again');
END_
        fails 78 upgrade
        says "revision aaaa0000 'step aaaa0000' cannot run on" "migrations/data/fill.sql:2:27: no '-x tenant=...' was given" "Nothing was changed."
        fails 1 upgrade -x tenant=acme
        says "migrations/data/fill.sql:5:3: operation 2 of 2, execute"
        sed -i 's/(1, .again.)/(3, nothing(1))/' migrations/data/fill.sql
        fails 1 upgrade -x tenant=acme
        says "migrations/data/fill.sql:5:28: operation 2 of 2, execute"
        sed -i '/nothing/d' migrations/data/fill.sql
        ok upgrade -x tenant=acme --dry-run
        prints "VALUES (1, 'acme')"
        ok upgrade -x tenant=acme --sql
        prints "VALUES (1, 'acme')"
        ok upgrade -x tenant=acme
        same "$(sql "SELECT name FROM t ORDER BY id")" 'acme
${x:tenant}'
        # The way back asks for nothing, nor for the file.
        rm migrations/data/fill.sql
        ok downgrade base
        fails 78 upgrade -x tenant=acme
        says "migrations/aaaa0000.yaml:6:5: file 'data/fill.sql' of execute does not exist"
    done
}
