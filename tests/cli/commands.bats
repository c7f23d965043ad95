#!/usr/bin/env bats
# Each command does what its help says.
load helper

# ---- init -------------------------------------------------------------------------------------------------------

@test "init makes a project that works" {
    ok init project
    cd project
    test -f cmig.yaml
    test -d models
    test -d migrations
    ok revision --autogenerate --allow-empty -m first
    ok upgrade head
    ok check
}

@test "init refuses a directory that has a project" {
    ok init .
    fails 1 init .
    says "cmig.yaml"
}

@test "what init writes keeps passwords and databases out of git" {
    for template in generic sql multidb docker; do
        ok init -t "$template" "$template"
        grep -qx .env "$template/.gitignore"
        [ "$template" = docker ] || grep -qx '\*.db' "$template/.gitignore"
        grep -q 'DATABASE_URL=' "$template/.env.example"
    done
    git init -q generic
    cd generic
    cp .env.example .env
    ok revision --autogenerate --url sqlite:///app.db -m one
    ok upgrade --url sqlite:///app.db
    touch app.db-wal app.db-cmig
    git status --short --untracked-files=all | grep -q .env.example
    ! git status --short --untracked-files=all | grep '\.env$\|app.db'
    cd ..
    # An existing .gitignore gets the lines that it lacks, an existing .env.example stays.
    mkdir there
    printf 'node_modules/\r\n.env\r\n*.db-*' >there/.gitignore
    echo X=1 >there/.env.example
    ok init there
    says "'there/.gitignore' already exists and got *.db" "'there/.env.example' already exists and was kept"
    same $'node_modules/\r\n.env\r\n*.db-*\n*.db' "$(cat there/.gitignore)"
    same X=1 "$(cat there/.env.example)"
    rm there/cmig.yaml
    ok init there
    [[ $err != *gitignore* ]]
}

@test "the template for containers" {
    project postgresql
    rm -r cmig.yaml models migrations
    ok init -t docker .
    # Nothing but images that are published, and the source of cmig; an ordinary user; no shell before cmig.
    same 'debian:12-slim
debian:12-slim' "$(awk '$1 == "FROM" { print $2 }' Dockerfile)"
    same 'build cmig' "$(sed -n 's/.*COPY --from=\([a-z]*\).*/\1/p' Dockerfile | sort | xargs)"
    # By number, for runAsNonRoot of Kubernetes; what is copied is readable to that user, whatever the umask was.
    same 'RUN chmod -R a+rX .|USER 10001|ENTRYPOINT ["cmig", "--wait", "60s"]' \
        "$(sed -n '/^COPY migrations/,$ { /^RUN\|^USER\|^ENTRYPOINT/p }' Dockerfile | paste -sd '|')"
    grep -q 'useradd --uid 10001 ' Dockerfile
    python3 - <<'END'
import yaml
d = yaml.safe_load(open("compose.yaml"))
db, migrate, app = (d["services"][name] for name in ("db", "migrate", "app"))
assert db["image"].startswith("postgres:") and db["healthcheck"]["test"][1] == "pg_isready"
assert any(v.startswith("data:") for v in db["volumes"]) and "data" in d["volumes"]
assert migrate["build"]["additional_contexts"]["cmig"].startswith("${CMIG_SOURCE:-")
assert migrate["depends_on"]["db"]["condition"] == "service_healthy"
assert app["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
for service in (db, migrate, app):
    assert not any("PASSWORD" in k and not k.endswith("_FILE") for k in service["environment"])
    for k, v in service["environment"].items():
        assert v.removeprefix("/run/secrets/") in service["secrets"], (k, v)
    assert all(d["secrets"][name]["file"] == "./secrets/" + name for name in service["secrets"])
END
    # What the image copies is what is not ignored.
    same 'cmig.yaml migrations models' "$(sed -n 's/^!//p' .dockerignore | sort | xargs)"
    same "$(sed -n 's/^!//p' .dockerignore | sort)" "$(sed -n 's/^COPY \([a-z.]*\) .*/\1/p' Dockerfile | sort)"
    chmod 600 db/create-app.sh
    sh make-secrets.sh
    same 644 "$(stat -c %a db/create-app.sh)"
    cp -r secrets .env ..
    sh make-secrets.sh
    diff -r secrets ../secrets
    diff .env ../.env
    same "postgresql://app:$(cat secrets/app_password)@db/app" "$(cat secrets/database_url)"
    [ "$(wc -c <secrets/app_password)" = 48 ]
    ! cmp secrets/app_password secrets/superuser_password
    same '700 600' "$(stat -c %a secrets .env | xargs)"
    # The script of the database, for a role and a database that no other test has.
    role=${made[0]}_app
    sed "s/ app\b/ $role/g" db/create-app.sh >create.sh
    made+=("$role")
    sed -i '/--username/s/--username [^ ]* //' create.sh
    SECRETS=secrets POSTGRES_DB=$CMIG_TEST_POSTGRESQL_URL sh create.sh
    same "$role|f|$role" "$(sql "SELECT rolname, rolsuper, datname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = '$role'")"
    drop_databases
    made=()
    psql -X -q -d "$CMIG_TEST_POSTGRESQL_URL" -c "DROP ROLE $role"
}

@test "init with each template" {
    ok list-templates
    for template in $(awk '{ print $1 }' <<<"$out"); do
        ok init -t "$template" "made-$template"
        test -f "made-$template/cmig.yaml"
    done
    fails 64 init -t nonsense x
    says "nonsense"
    # What each writes is used as it says.
    for template in generic sql; do
        for database in $DATABASES; do
            database "$database"
            cp -R "made-$template" "$template-$database"
            cd "$template-$database"
            DATABASE_URL=$URL ok revision --autogenerate -m 'first tables'
            DATABASE_URL=$URL ok upgrade
            DATABASE_URL=$URL ok check
            DATABASE_URL=$URL ok downgrade -1
            cd ..
        done
    done
    cd made-docker
    fails 78 check
    says "no database was given"
    DATABASE_URL=$URL ok revision --autogenerate -m 'first tables'
    DATABASE_URL=$URL ok --wait 60s upgrade head
    echo "$URL" >url
    DATABASE_URL_FILE=url ok check
    cd ../made-multidb
    for name in users billing; do
        ok -n "$name" revision --autogenerate -m 'first tables'
    done
    ok -n '*' upgrade
    ok -n '*' check
}

# ---- upgrade and downgrade ---------------------------------------------------------------------------------------

@test "upgrade and downgrade take every kind of target" {
    for database in $DATABASES; do
        project "$database"
        chain 6
        ok upgrade r002
        ok upgrade +2
        ok current
        prints r004000000
        ok upgrade r003000000+2
        ok current
        prints r005000000
        ok upgrade heads
        ok downgrade -1
        ok downgrade r002
        ok current
        prints r002000000
        ok upgrade head
        ok downgrade head-2
        ok current
        prints r004000000
        ok downgrade base+1
        ok current
        prints r001000000
        ok downgrade base
        ok upgrade head
        ok current
        prints "r006000000 (head)"
    done
}

@test "upgrade at head says that there is nothing to do and writes nothing" {
    for database in $DATABASES; do
        project "$database"
        chain 2
        ok upgrade head
        ok upgrade head
        says "nothing to do"
        prints_exactly ""
        same "$(sql "SELECT count(*) FROM cmig_history")" 2
    done
}

@test "upgrade to an ancestor says so" {
    for database in $DATABASES; do
        project "$database"
        chain 3
        ok upgrade head
        ok upgrade r001000000
        says "nothing to do: r001000000 is already applied, the database is at r003000000"
    done
}

@test "a downgrade without a downgrade part is refused before anything runs" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<<'upgrade: [{create_table: {name: t, columns: {id: {type: integer, primary_key: true}}}}]'
        empty_revision bbbb aaaa
        ok upgrade head
        fails 1 downgrade base
        says "migrations/aaaa.yaml" "revision aaaa 'step aaaa' has no downgrade" "Nothing was changed"
        ok current
        prints bbbb
    done
}

@test "a failing statement in the third of five operations leaves nothing behind" {
    for database in $DATABASES; do
        project "$database"
        empty_revision aaaa null
        revision_file bbbb aaaa <<'END'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - create_table: {name: two, columns: {id: {type: integer, primary_key: true}}}
  - execute: INSERT INTO nowhere VALUES (1)
  - create_table: {name: four, columns: {id: {type: integer, primary_key: true}}}
  - create_table: {name: five, columns: {id: {type: integer, primary_key: true}}}
downgrade: []
END
        fails 1 upgrade head
        says "cmig: cannot apply revision bbbb 'step bbbb'" "migrations/bbbb.yaml:7:" "operation 3 of 5" "nowhere" \
            "1 of 2 revisions was applied"
        if [ "$database" = mysql ]; then # each statement is committed
            says "2 of 5 operations of revision bbbb are applied" "The version table says aaaa"
        else
            says "at aaaa"
            same "$(dump | grep -c 'CREATE TABLE' || true)" 0
        fi
        ok current
        prints aaaa
        same "$(sql "SELECT revision FROM cmig_history WHERE outcome = 'done' OR 1=1 ORDER BY id")" aaaa
        sed -i 's/INSERT INTO nowhere VALUES (1)/INSERT INTO two VALUES (1)/' migrations/bbbb.yaml
        ok upgrade head
        same "$(sql "SELECT id FROM two")" 1
    done
}

@test "transaction: run rolls all revisions back" {
    for database in sqlite postgresql; do
        project "$database" "transaction: run"
        revision_file aaaa null <<<$'upgrade: [{create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}}]\ndowngrade: [{drop_table: one}]'
        revision_file bbbb aaaa <<<$'upgrade: [{execute: "INSERT INTO nowhere VALUES (1)"}]\ndowngrade: []'
        fails 1 upgrade head
        same "$(dump | grep -c 'CREATE TABLE' || true)" 0
        ok current
        prints_exactly ""
        sed -i 's/nowhere/one/' migrations/bbbb.yaml
        ok upgrade head
    done
}

@test "transaction: false runs outside of one, and reports what was applied" {
    project postgresql
    revision_file aaaa null 'transaction: false' <<'END'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - execute: CREATE INDEX CONCURRENTLY ix ON one (id)
  - execute: INSERT INTO nowhere VALUES (1)
downgrade: []
END
    fails 1 upgrade head
    says "2 of 3 operations of revision aaaa are applied" "The version table says base"
    same "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'ix'")" 1
    ok current
    prints_exactly ""
}

@test "an index is created concurrently without a flag elsewhere" {
    project postgresql
    revision_file aaaa null <<'END'
upgrade:
  - create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}
  - create_index: {table: one, name: ix, columns: [id], concurrently: true}
downgrade:
  - drop_index: {table: one, name: ix, concurrently: true}
  - drop_table: one
END
    ok upgrade head
    ok downgrade base
    ok upgrade head
    same "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass")" t
}

@test "SQL and YAML revisions form one graph" {
    for database in $DATABASES; do
        project "$database" "format: sql"
        empty_revision aaaa null
        cat >migrations/bbbb.sql <<'END'
-- revision: bbbb
-- down_revision: aaaa
-- message: by hand; with a semicolon
-- upgrade
CREATE TABLE hand (id integer PRIMARY KEY, t text DEFAULT 'a;b');
INSERT INTO hand VALUES (1, 'x; -- y');
-- downgrade
DROP TABLE hand;
END
        empty_revision cccc bbbb
        ok upgrade head
        same "$(sql "SELECT * FROM hand")" "1|x; -- y"
        ok downgrade base
        ok upgrade head
        ok revision -m "an sql one" --rev-id dddd
        test -f migrations/dddd_an_sql_one.sql
        ok upgrade head
        ok downgrade -1
    done
}

@test "operations by dialect" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<'END'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}, v: text}}
  - execute: {postgresql: "INSERT INTO t VALUES (1, 'postgresql')", sqlite: "INSERT INTO t VALUES (1, 'sqlite')", mariadb: "INSERT INTO t VALUES (1, 'mysql')"}
  - execute: "INSERT INTO t VALUES (2, 'only')"
    only: [postgresql]
  - execute: "INSERT INTO t VALUES (3, 'only')"
    only: [sqlite]
  - execute: "INSERT INTO t VALUES (4, 'only')"
    only: [mariadb]
downgrade:
  - drop_table: t
END
        ok upgrade head
        same "$(sql "SELECT v FROM t WHERE id = 1")" "$database"
        same "$(sql "SELECT count(*) FROM t")" 2
    done
}

@test "user SQL is terminated in a script" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<'END'
upgrade:
  - execute: CREATE TABLE t (id integer)
  - execute: "INSERT INTO t VALUES (1) -- the first"
  - execute: "INSERT INTO t VALUES (2);"
downgrade:
  - execute: DROP TABLE t
END
        ok upgrade --sql
        sql " $out"
        same "$(sql "SELECT sum(id) FROM t")" 3
        ok current
        prints aaaa
        ok downgrade --sql head:base
        sql " $out"
        ok current
        prints_exactly ""
    done
}

@test "an index without a name gets one from naming" {
    for database in $DATABASES; do
        project "$database" 'naming: {index: "{columns}_of_{table}"}'
        revision_file aaaa null <<'END'
upgrade:
  - create_table: {name: t, columns: {id: {type: integer, primary_key: true}, a: {type: string(9), index: true}}}
  - add_column: {table: t, name: b, type: string(9), index: true}
  - create_index: {table: t, columns: [{sql: {default: lower(b), mysql: null}}], if_not_exists: true}
downgrade:
  - drop_index: {table: t, name: lower_b_of_t, only: [sqlite, postgresql]}
  - drop_table: t
END
        ok upgrade --sql
        prints "INDEX $(name a_of_t)" "INDEX $(name b_of_t)"
        [ "$database" = mysql ] || prints "lower_b_of_t"
        ok upgrade head
        ok downgrade base
    done
}

@test "bulk_insert writes rows of every kind" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<'END'
upgrade:
  - create_table:
      name: t
      columns: {id: {type: integer, primary_key: true}, name: text, flag: boolean, at: timestamptz, price: "numeric(8,2)"}
  - bulk_insert:
      table: t
      rows:
        - {id: 1, name: "it's", flag: true, price: 1.50}
        - {id: 2, name: null, flag: false, at: {func: now}}
        - {id: 3, name: {sql: "upper('x')"}}
downgrade:
  - drop_table: t
END
        ok upgrade head
        same "$(sql "SELECT name FROM t WHERE id = 1")" "it's"
        same "$(sql "SELECT count(*) FROM t WHERE at IS NOT NULL AND name IS NULL AND NOT flag")" 1
        same "$(sql "SELECT name FROM t WHERE id = 3")" X
    done
}

@test "upgrade announces what the target did not name" {
    for database in $DATABASES; do
        project "$database"
        empty_revision aaaa null
        empty_revision bbbb null "depends_on: [aaaa]"
        ok upgrade bbbb
        says "aaaa" "a dependency"
        ok current
        prints bbbb
        ok downgrade aaaa@base
        says "bbbb"
        ok current
        prints_exactly ""
    done
}

@test "the history table records who did what" {
    for database in $DATABASES; do
        project "$database"
        chain 1
        ok upgrade head --tag "release 7"
        ok downgrade base
        same "$(sql "SELECT revision, direction, outcome FROM cmig_history ORDER BY id" | cut -d'|' -f1,2)" \
            $'r001000000|upgrade\nr001000000|downgrade'
        blob=$(printf 'blob %s\0' "$(stat -c %s migrations/r001000000.yaml)" | cat - migrations/r001000000.yaml | sha1sum | cut -d' ' -f1)
        same "$(sql "SELECT count(*) FROM cmig_history WHERE $(quoted blob) = '$blob'")" 2
    done
}

@test "a revision whose file is missing is reverted by its text in the history" {
    for database in $DATABASES; do
        project "$database"
        empty_revision aaaa null
        revision_file bbbb aaaa <<<$'upgrade: [{create_table: {name: one, columns: {id: {type: integer, primary_key: true}}}}]\ndowngrade: [{drop_table: one}]'
        ok upgrade head
        rm migrations/bbbb.yaml
        fails 65 current
        says "bbbb"
        fails 65 upgrade head
        ok downgrade aaaa
        ok current
        prints aaaa
        same "$(dump | grep -c 'CREATE TABLE' || true)" 0
    done
}

@test "line ends, comments and the end of the file do not make a revision edited" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}]\ndowngrade: [{drop_table: t}]'
        printf -- '-- revision: bbbb\n-- down_revision: aaaa\n-- upgrade\nSELECT 1;\n-- downgrade\n' >migrations/bbbb.sql
        ok upgrade
        for change in 's/$/\r/' '1s/^/\xef\xbb\xbf/' '$a\\n' '$a-- a remark' 's/ *$//'; do
            [[ $change == *remark ]] && sed -i '$a# a remark' migrations/aaaa.yaml || sed -i "$change" migrations/aaaa.yaml
            sed -i "$change" migrations/bbbb.sql
            ok status
            [[ $out != *Edited* ]] || report "edited after $change"
        done
        ok downgrade base
        ok upgrade
        sed -i 's/SELECT 1/SELECT 2/' migrations/bbbb.sql
        sed -i 's/integer/bigint/' migrations/aaaa.yaml
        ok status
        prints 'migrations/aaaa.yaml' 'migrations/bbbb.sql'
    done
}

@test "what git knows of a file is recorded" {
    project sqlite
    git init -q .
    git -c user.name=T -c user.email=t@example.org commit -q --allow-empty -m start
    chain 1
    git add .
    git -c user.name=T -c user.email=t@example.org commit -q -m one
    ok upgrade head
    same "$(sql "SELECT commit_id, modified FROM cmig_history")" "$(git rev-parse HEAD)|0"
    # Neither a changed file nor one that was never committed counts as part of the commit.
    ok downgrade base
    echo "# more" >>migrations/r001000000.yaml
    empty_revision new1 r001000000
    ok upgrade head
    same "$(sql "SELECT modified FROM cmig_history ORDER BY id DESC LIMIT 2")" $'1\n1'
}

# ---- stamp, ensure-version ---------------------------------------------------------------------------------------

@test "a project without revisions: nothing is stamped, applied or created" {
    for database in $DATABASES; do
        project "$database"
        for target in head heads -1 +1 x; do
            fails 1 stamp $target
            says "cannot stamp '$target': there are no revisions yet" "cmig revision --baseline"
        done
        ok stamp base
        ok upgrade
        says "nothing to do: there are no revisions yet in migrations" "cmig revision --autogenerate"
        [ "$database" = postgresql ] || [ ! -e "$FILE" ]
    done
}

@test "stamp changes the row and runs nothing" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<<$'upgrade: [{execute: "INSERT INTO nowhere VALUES (1)"}]\ndowngrade: []'
        empty_revision bbbb aaaa
        ok stamp head
        same "$(sql "SELECT revision FROM cmig_version")" bbbb
        ok stamp aaaa
        same "$(sql "SELECT revision FROM cmig_version")" aaaa
        ok stamp base
        same "$(sql "SELECT count(*) FROM cmig_version")" 0
        sql "INSERT INTO cmig_version (revision) VALUES ('vanished')"
        fails 65 stamp bbbb
        ok stamp --purge bbbb
        same "$(sql "SELECT revision FROM cmig_version")" bbbb
    done
}

@test "ensure-version creates the tables, and can be run again" {
    for database in $DATABASES; do
        project "$database"
        ok ensure-version
        ok ensure-version
        same "$(sql "SELECT count(*) FROM cmig_version")" 0
        chain 1
        ok check || true
        ok upgrade head
    done
}

@test "version_table gives another name, and another schema" {
    project sqlite "version_table: {name: moved}"
    chain 1
    ok upgrade head
    same "$(sql "SELECT revision FROM moved")" r001000000
    ok check
    project postgresql "version_table: {name: moved, schema: meta}"
    sql "CREATE SCHEMA meta"
    chain 1
    ok upgrade head
    same "$(sql "SELECT revision FROM meta.moved")" r001000000
    ok check
}

# ---- inspecting --------------------------------------------------------------------------------------------------

@test "current before anything writes nothing" {
    project sqlite
    chain 1
    ok current
    says "no revision is applied"
    test ! -e "$FILE"
    project postgresql
    chain 1
    ok current
    same "$(sql "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'cmig%'")" 0
    fails 2 current --check-heads
    says "r001000000"
    ok upgrade head
    ok current --check-heads
}

@test "heads, history, show, branches" {
    project sqlite
    empty_revision aaaa null
    empty_revision bbbb aaaa
    empty_revision cccc aaaa "branch_labels: [side]"
    ok heads
    same "$(cut -d' ' -f1 <<<"$out" | sort | tr '\n' ' ')" "bbbb cccc "
    ok branches
    prints "aaaa (branchpoint)"
    ok history
    prints "<base> -> aaaa" "aaaa -> bbbb (head), step bbbb" "aaaa -> cccc (side) (head)"
    ok history -r aaaa:bbbb
    [[ $out != *cccc* ]]
    ok upgrade bbbb
    ok history -i
    prints "bbbb (head) (current)"
    ok show side@head
    prints cccc
    ok show current
    prints bbbb
    fails 1 show zzzz
    says "unknown revision 'zzzz'"
    fails 64 history -r nonsense
    says "'nonsense' is not a range of revisions"
}

@test "an ambiguous prefix lists the candidates" {
    project sqlite
    empty_revision abcd1111 null
    empty_revision abcd2222 abcd1111
    fails 1 show abcd
    says "'abcd' is ambiguous: 2 revisions begin with it" abcd1111 abcd2222
}

@test "check and diff find differences and change nothing" {
    for database in $DATABASES; do
        project "$database"
        users_model
        ok revision --autogenerate -m one --rev-id aaaa
        ok ensure-version
        fails 2 check
        says "aaaa"
        ok upgrade head
        before=$(dump)
        users_model 'email: {type: string(20), nullable: false, default: x}'
        fails 2 check
        prints "models/model.yaml:5:7: users.email: the column is not in the database"
        ok diff
        prints "add_column" "email"
        ok diff --sql
        prints "ALTER TABLE" "email"
        same "$(dump)" "$before"
        same "$(ls migrations | wc -l)" 1
    done
}

@test "status shows pending revisions and edited files" {
    for database in $DATABASES; do
        project "$database"
        chain 3
        ok upgrade +2
        ok status
        prints "Version table: cmig_version" r002000000 r003000000 "Pending"
        echo '# a comment' >>migrations/r001000000.yaml
        ok status
        [[ $out != *Edited* ]] || report "a comment counts as an edit"
        sed -i 's/^upgrade: .*/upgrade: [execute: SELECT 1]/' migrations/r001000000.yaml
        ok status
        prints "Edited since it was applied" r001000000
    done
}

@test "check lists differences in the order of the models" {
    project sqlite
    model <<<$'tables:\n  b: {columns: {z: {type: text, default: x}, y: text}}\n  a: {columns: {x: text}}'
    sql 'CREATE TABLE a (x INTEGER); CREATE TABLE b (z TEXT); CREATE TABLE "0" (a)'
    fails 2 check
    same 'models/model.yaml:2 models/model.yaml:2 models/model.yaml:3 0' "$(sed 's/^0: .*/0/' <<<"$out" | cut -d: -f 1,2 | xargs)"
}

@test "messages name a revision by its id and the first line of its message" {
    project sqlite
    printf 'revision: aaaa\ndown_revision: null\nupgrade: []\n' >migrations/aaaa.yaml
    printf 'revision: bbbb\ndown_revision: aaaa\nmessage: |\n  one\n  two\nupgrade: []\n' >migrations/bbbb.yaml
    ok upgrade
    says "upgrade base -> aaaa
upgrade aaaa -> bbbb, one
done"
    fails 1 downgrade base
    says "revision bbbb 'one' has no downgrade"
    rm migrations/bbbb.yaml
    sql "UPDATE cmig_version SET revision = 'aaaa'"
    fails 1 downgrade base
    says "revision aaaa has no downgrade"
    printf 'revision: bbbb\ndown_revision: aaaa\nupgrade: [{execute: nonsense}]\ndowngrade: []\n' >migrations/bbbb.yaml
    fails 1 upgrade
    says "cannot apply revision bbbb
  migrations/bbbb.yaml:3:"
}

@test "check, upgrade and downgrade report applied files that were edited" {
    for database in $DATABASES; do
        project "$database"
        model <<<'tables: {}'
        revision_file aaaa null <<<$'upgrade: [{create_table: {name: t, columns: {a: integer}}}]\ndowngrade: [{drop_table: t}]'
        ok upgrade
        sed -i 's/a: integer/a: integer, b: integer/' migrations/aaaa.yaml
        revision_file bbbb aaaa <<<$'upgrade: []\ndowngrade: []'
        edited="'migrations/aaaa.yaml' was edited after it was applied"
        fails 2 check
        says "warning: $edited" "the database is not at head bbbb"
        fails 2 check --json
        json 'd["edited"] == ["migrations/aaaa.yaml"] and "clean" not in d'
        fails 1 upgrade --strict
        says "cmig: $edited" "hint: Restore the text that was applied"
        same "$(sql "SELECT revision FROM cmig_version")" aaaa
        fails 1 upgrade --strict --json
        json 'd["edited"] == ["migrations/aaaa.yaml"] and d["steps"] == [] and d["error"]["status"] == 1'
        ok upgrade
        says "warning: $edited" "upgrade aaaa -> bbbb"
        ok upgrade --json
        says "warning: $edited"
        json 'd["edited"] == ["migrations/aaaa.yaml"]'
        fails 1 downgrade base --strict
        says "cmig: $edited"
        ok downgrade base --dry-run
        says "warning: $edited" "warning: revision aaaa is reverted by the downgrade part of its edited file"
        fails 2 check
        says "warning: $edited" "models and database differ"
        model <<<'tables: {t: {columns: {a: integer}}}'
        ok check
        says "warning: $edited" "models and database agree"
        fails 2 check --strict
        says "cmig: $edited"
        # Several are one warning, and comments do not count.
        sed -i 's/upgrade: .*/upgrade: [{execute: SELECT 1}]/' migrations/bbbb.yaml
        ok upgrade
        says_exactly "cmig: warning: 2 files were edited after they were applied: migrations/bbbb.yaml, migrations/aaaa.yaml
nothing to do: already at bbbb"
        sed -i 's/a: integer, b: integer/a: integer/' migrations/aaaa.yaml
        sed -i 's/upgrade: .*/upgrade: []  # nothing/' migrations/bbbb.yaml
        ok upgrade --strict
        says_exactly "nothing to do: already at bbbb"
        ok check --strict
        fails 64 upgrade --sql --strict
        says "--sql connects to no database"
        # What is not applied may be edited.
        ok downgrade base
        sed -i 's/a: integer/a: integer, b: integer/' migrations/aaaa.yaml
        ok upgrade --strict
        # The key of the configuration is as good as the option.
        sed -i 's/, b: integer//' migrations/aaaa.yaml
        echo 'edited_files: error' >>cmig.yaml
        fails 1 upgrade
        says "cmig: $edited"
        fails 1 downgrade base
        says "cmig: $edited"
        model <<<'tables: {t: {columns: {a: integer, b: integer}}}'
        fails 2 check
        says "warning: $edited" "cmig: $edited"
        ok upgrade --sql
        sed -i 's/^edited_files.*/edited_files: warn/' cmig.yaml
        ok upgrade
        says "warning: $edited"
    done
}

@test "log lists who ran which step, when, how long and with which outcome" {
    for database in $DATABASES; do
        project "$database"
        ok log
        says "no steps are recorded" "hint: 'cmig history'"
        chain 2
        ok upgrade --tag v1
        ok downgrade -1
        ok stamp head
        user=$(sql "SELECT DISTINCT $(quoted user) FROM cmig_history")
        ok log
        same "$(sed -E 's/[0-9-]{10}T[0-9:]{8}Z/TIME/; s/[0-9]+\.[0-9]{3} s/TOOK/; s/ +/ /g' <<<"$out")" "Started Step Revision Duration User Outcome Tag Message
TIME stamp r002000000 TOOK $user done - step r002000000
TIME downgrade r002000000 TOOK $user done - step r002000000
TIME upgrade r002000000 TOOK $user done v1 step r002000000
TIME upgrade r001000000 TOOK $user done v1 step r001000000"
        ok log --limit 1
        same "$(wc -l <<<"$out")" 2
        ok log --limit 1 --json r001
        json '[(s["revision"], s["direction"], s["user"], s["outcome"], s["tag"], s["milliseconds"] >= 0) for s in d["log"]] == [("r001000000", "upgrade", "'"$user"'", "done", "v1", True)]'
        ok log -v head
        prints "Step: stamp r002000000" "User: $user" "Path: migrations/r002000000.yaml" "Tag: v1" "    step r002000000"
        # A revision whose file is gone is still known by its id.
        rm migrations/r002000000.yaml
        ok log r002000000
        same "$(wc -l <<<"$out")" 4
        fails 1 log nonsense
        says "unknown revision 'nonsense'"
        fails 64 log --limit 0
        says "option '--limit' must be a number from 1 on, not '0'"
    done
}

@test "log shows the commit of a file, and whether it was modified" {
    for database in $DATABASES; do
        project "$database"
        chain 2
        git init -q . && git -c user.name=a -c user.email=a@b add . && git -c user.name=a -c user.email=a@b commit -qm one
        ok upgrade +1
        echo '# more' >>migrations/r002000000.yaml
        ok upgrade
        commit=$(git rev-parse HEAD)
        ok log
        prints "${commit:0:10} (modified)  done"
        ok log -v r001
        prints "Commit: $commit"
        [[ $out != *modified* ]] || report "the file was not modified"
        ok log --json
        json '[(s["commit"], s["modified"]) for s in d["log"]] == [("'"$commit"'", True), ("'"$commit"'", False)]'
    done
}

@test "log without a history table" {
    for database in $DATABASES; do
        project "$database" "history: false"
        chain 1
        ok upgrade
        ok log
        says_exactly "the configuration keeps no history"
        ok log --json
        json 'd["log"] == []'
    done
}

@test "what cmig does not model is reported and left alone" {
    project postgresql
    users_model
    ok revision --autogenerate -m one
    ok upgrade head
    sql "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mv AS (x int)"
    ok check
    says "mv"
    ok revision --autogenerate -m two
    same "$(ls migrations | wc -l)" 1
}

@test "excluded objects are neither reported nor changed" {
    for database in $DATABASES; do
        project "$database" 'exclude: ["tmp_*", "view:v_*"]'
        users_model
        sql "CREATE TABLE tmp_x (id integer)"
        sql "CREATE VIEW v_x AS SELECT 1 AS one"
        ok revision --autogenerate -m one
        ok upgrade head
        ok check
        sql "CREATE TABLE other (id integer)"
        fails 2 check
        [[ $out$err == *other* ]] || report "other is not named"
    done
}

# What a dump consists of, in any order.
parts() {
    tr '[:upper:]' '[:lower:]' | tr '();' ',,,' | tr -d '\n" ' | tr ',' '\n' | grep . | sort
}

@test "excluded parts of a table are kept, also when it is rebuilt" {
    for database in $DATABASES; do
        project "$database" 'exclude: ["index:dba_*", "check:people.odd", "foreign_key:p*.fk_boss", "unique:*.uq_dba", "view:v_*", trigger:*, function:*]'
        printf '%s\n' 'tables:' '  people:' '    columns:' '      id: {type: integer, primary_key: true}' '      name: string(20)' '      boss: integer' >models/m.yaml
        case $database in
        sqlite) numbers= ;;
        postgresql) numbers='GENERATED BY DEFAULT AS IDENTITY' ;;
        mysql) numbers=AUTO_INCREMENT ;;
        esac
        sql "CREATE TABLE people (id integer PRIMARY KEY $numbers, name varchar(20), boss integer,
            CONSTRAINT odd CHECK (boss <> 13), CONSTRAINT fk_boss FOREIGN KEY (boss) REFERENCES people (id), CONSTRAINT uq_dba UNIQUE (boss))"
        sql "CREATE INDEX dba_1 ON people (name)"
        sql "CREATE INDEX ours ON people (boss)"
        sql "CREATE VIEW v_names AS SELECT name FROM people"
        fails 2 check
        prints_exactly "models/m.yaml:2:3: people: index 'ours' is not in the models"
        sql "DROP INDEX ours$([ "$database" != mysql ] || echo ' ON people')"
        ok check
        ok inspect
        [[ $out != *dba* && $out != *odd* && $out != *references* && $out != *v_names* ]] || report "inspect prints what is excluded"
        before=$(dump)
        sed -i 's/boss: integer/boss: {type: integer, check: boss <> 14}/' models/m.yaml
        printf '    uniques: [[id, name]]\n' >>models/m.yaml
        ok revision --autogenerate -m changes
        ! grep -E 'dba|odd|fk_boss|v_names' migrations/*.yaml
        ok upgrade
        ok check
        [[ $(dump) == *dba_1* && $(dump) == *odd* && $(dump) == *fk_boss* && $(dump) == *uq_dba* && $(dump) == *v_names* ]]
        ok downgrade base
        same "$(dump | parts)" "$(parts <<<"$before")"
    done
}

@test "only included objects are compared" {
    for database in $DATABASES; do
        project "$database" 'include: ["table:app_*", "view:app_*"]' 'exclude: ["*_old"]'
        printf '%s\n' 'tables:' '  app_a:' '    columns: {id: {type: integer, primary_key: true}}' '  other:' '    columns: {id: integer}' >models/m.yaml
        sql "CREATE TABLE app_old (id integer)"
        sql "CREATE TABLE foreign_to_us (id integer)"
        sql "CREATE VIEW people AS SELECT id FROM foreign_to_us"
        before=$(dump)
        ok revision --autogenerate -m one
        same "$(grep -c create_ migrations/*.yaml)" 1
        ok upgrade
        ok check
        ok inspect
        [[ $out == *app_a* && $out != *foreign_to_us* && $out != *app_old* ]]
        ok downgrade base
        same "$(dump)" "$before"
    done
}

# ---- revision ----------------------------------------------------------------------------------------------------

@test "revision writes an empty file whose parent is the head" {
    project sqlite
    empty_revision aaaa null
    ok revision -m "Add some Things, now!" --rev-id bbbb
    prints_exactly migrations/bbbb_add_some_things_now.yaml
    grep -qx 'down_revision: aaaa' migrations/bbbb_*.yaml
    grep -qx "created: 2026-11-20T10:00:00Z" migrations/bbbb_*.yaml
    ok upgrade head
    ok downgrade base
}

@test "revision refuses an id that is taken or malformed" {
    project sqlite
    empty_revision aaaa null
    fails 1 revision -m x --rev-id aaaa || fails 78 revision -m x --rev-id aaaa || fails 64 revision -m x --rev-id aaaa
    says "aaaa"
    try revision -m x --rev-id 'a/b'
    [ "$status" != 0 ]
    try revision -m x --rev-id head
    [ "$status" != 0 ]
    same "$(ls migrations | wc -l)" 1
}

@test "post_write hooks run" {
    project sqlite 'post_write: [["sh", "-c", "echo \"# seen\" >> \"$1\"", "sh", "{path}"]]'
    ok revision -m x --rev-id aaaa
    grep -q '# seen' migrations/aaaa_x.yaml
    prints_exactly migrations/aaaa_x.yaml
}

@test "several post_write hooks, as lists of words" {
    project sqlite 'post_write: [["./my hook", "{path}", "two words"], [sh, -c, "echo second $0 >&2", "x={path}"]]'
    printf '#!/bin/sh\necho "hook: $# $2"\nprintf "# seen\\n" >>"$1"\n' >"my hook"
    chmod +x "my hook"
    ok revision -m x --rev-id aaaa
    prints_exactly migrations/aaaa_x.yaml
    says_exactly "hook: 2 two words
second x=migrations/aaaa_x.yaml"
    grep -qx '# seen' migrations/aaaa_x.yaml
    # A program beside cmig.yaml is found from anywhere.
    mkdir sub
    cd sub
    ok revision -m y --rev-id bbbb
    prints_exactly ../migrations/bbbb_y.yaml
    grep -qx '# seen' ../migrations/bbbb_y.yaml
    ok revision -m z --no-post-write
    ! [[ $err == *hook* ]]
}

@test "post_write hooks that fail" {
    hooks() { # HOOKS
        printf 'url: sqlite:///x.db\npost_write: %s\n' "$1" >cmig.yaml
        rm -f migrations/*
    }
    project sqlite
    hooks '[["false"], [touch, never]]'
    fails 1 revision -m x --rev-id aaaa
    says "a post_write hook failed on 'migrations/aaaa_x.yaml'" "'false' failed with exit status 1" "Use --no-post-write"
    prints_exactly migrations/aaaa_x.yaml
    [ -f migrations/aaaa_x.yaml ] && [ ! -e never ]
    hooks '[[no-such-program, "{path}"]]'
    fails 1 revision -m x --json
    json '"cannot run \u0027no-such-program\u0027" in d["error"]["text"] and d["path"].startswith("migrations/")'
    ok revision -m x --no-post-write
    hooks '[[rm, "{path}"]]'
    fails 78 revision -m x
    says "the post_write hooks left no revision file"
    hooks '[[sh, -c, "echo broken >$0", "{path}"]]'
    fails 78 revision -m x --rev-id aaaa
    says "the post_write hooks left no revision file" "migrations/aaaa_x.yaml:1:1"
    hooks '[yamllint, "{path}"]'
    fails 78 heads
    says "cmig.yaml:2:14: a command is a list of words, not 'yamllint'" 'Write a list of words, as in [[yamllint, "{path}"]].'
    hooks '[[]]'
    fails 78 heads
    says "a command has at least the program's name"
}

@test "what a dry run prints is what runs: on a copy it does the same" {
    for database in $DATABASES; do
        database "$database"
        original=$URL file=$FILE
        cp -R "$TESTS/../migrations" "dry-$database"
        cd "dry-$database"
        rm -f -- *.db
        ok --url "$URL" upgrade +2
        sql "INSERT INTO users (id, email, name) VALUES (1, 'a@b', 'Ada')"
        for walk in "upgrade head" "downgrade -3" "upgrade head" "downgrade base"; do
            before=$(dump)
            ok --url "$original" $walk --dry-run -v --tag "rel'1"
            echo "$out" >script.sql
            same "$(dump)" "$before"
            copy_database
            script script.sql >/dev/null
            history="SELECT id, revision, parents, direction, $(quoted blob), path, text, outcome, message, tag FROM cmig_history ORDER BY id"
            copy=$(dump; sql "SELECT revision FROM cmig_version"; sql "$history"; sql "SELECT count(*) FROM users" 2>/dev/null || true)
            FILE=$file URL=$original
            ok --url "$original" $walk --tag "rel'1"
            same "$(dump; sql "SELECT revision FROM cmig_version"; sql "$history"; sql "SELECT count(*) FROM users" 2>/dev/null || true)" "$copy"
        done
        cd ..
    done
}

@test "a dry run prints the DDL by revision, and bookkeeping only with -v" {
    for database in $DATABASES; do
        project "$database"
        users_model
        ok revision --autogenerate -m users --rev-id aaaa
        empty_revision bbbb aaaa
        ok upgrade --dry-run
        prints "-- base -> aaaa: users" "CREATE TABLE $(name users)" "-- aaaa -> bbbb: step bbbb"
        [ "$database" = mysql ] || same "$(grep -c BEGIN <<<"$out")" 1
        [[ $out != *cmig_* ]] || report "prints bookkeeping"
        ok upgrade --dry-run --json
        json '"cmig_" not in d["sql"]'
        ok upgrade --dry-run -v
        prints "cmig_version" "cmig_history"
        [[ $out != *:duration* ]] || report "prints a parameter"
        # Nor what a script needs around a statement that may wait for long.
        revision_file cccc bbbb <<<$'upgrade: [{create_index: {name: i, table: users, columns: [id], concurrently: true}}]\ndowngrade: []'
        ok upgrade --dry-run
        prints "INDEX" "-- bbbb -> cccc"
        [[ $out != *cmig[_.]* ]] || report "prints bookkeeping"
        [ "$database" != postgresql ] || { ok upgrade --sql && prints "cmig.lock_timeout"; }
        rm migrations/cccc.yaml
        # Of a stamp the bookkeeping is all.
        ok stamp head --dry-run
        prints "INSERT INTO" "cmig_version"
        ok upgrade
        ok downgrade base --dry-run
        prints "DROP TABLE $(name users)"
        [[ $out != *cmig_* ]] || report "prints bookkeeping"
    done
}

@test "offline SQL does what the online run does" {
    for database in $DATABASES; do
        database "$database"
        cp -R "$TESTS/../migrations" "offline-$database"
        cd "offline-$database"
        rm -f -- *.db
        ok --url "$URL" upgrade head --sql
        echo "$out" >script.sql
        script script.sql
        ok --url "$URL" check
        ok --url "$URL" current
        prints "(head)"
        offline=$(dump)
        database "$database"
        ok --url "$URL" upgrade head
        # SQLite keeps texts as they were written; the order of constraints and the quotes of names in them are free.
        same "$(tr -d ,\" <<<"$offline" | sort -u)" "$(dump | tr -d ,\" | sort -u)"
        cd ..
    done
}

@test "autogenerate and a dry run treat a missing SQLite file as an empty one, and create none" {
    project sqlite
    users_model
    ok revision --autogenerate -m one --rev-id aaaa
    ok upgrade --dry-run
    prints "CREATE TABLE users"
    [ ! -e "${URL#sqlite:///}" ]
    fails 2 check
    says "the database is not at head aaaa"
    [ ! -e "${URL#sqlite:///}" ]
    ok upgrade
    [ -s "${URL#sqlite:///}" ]
}

# Every key of the last document, those of models and operations left out, is in the section JSON of the page.
documented() {
    python3 - "$TESTS/../man/cmig.1" <<'END' "$BATS_TEST_TMPDIR/out" || report "undocumented keys"
import json, re, sys
page = open(sys.argv[1]).read()
page = page[page.index(".Ss JSON"):page.index(".Ss \\&In the database")]
keys = set()
def walk(value):
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else []:
        walk(item)
    if isinstance(value, dict):
        keys.update(value)
document = json.load(open(sys.argv[2]))
assert document["version"] == 1
keys.update(document)
for name in set(document) - {"models", "upgrade", "downgrade"}:
    for revision in document[name] if name == "revisions" else []:
        keys.update(revision)
        revision.pop("upgrade", None), revision.pop("downgrade", None)
    walk(document[name])
missing = [key for key in sorted(keys) if not re.search(r"(?<![-\w])%s(?![-\w])" % key, page)]
print(*missing)
sys.exit(bool(missing))
END
}

@test "every key that --json prints is documented" {
    for database in $DATABASES; do
        project "$database"
        chain 2
        users_model
        while read -r words; do
            # shellcheck disable=SC2086
            try $words --json
            documented
        done <<'END'
upgrade --dry-run
upgrade +1
status
upgrade head
upgrade
log
current
heads
branches
history -i
show head
check
diff --sql
inspect
stamp -1
downgrade --sql head:base
downgrade nonsense
ensure-version
ensure-version --sql
revision --autogenerate
revision -m x
merge
list-templates
version
END
    done
}
