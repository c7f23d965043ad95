#!/usr/bin/env bats
# Does what -x gives reach the texts of revisions, and nothing else?
load helper

@test "x in the texts of a YAML revision" {
    for database in $DATABASES; do
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

@test "x in an .sql revision, with the place of what is missing" {
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
