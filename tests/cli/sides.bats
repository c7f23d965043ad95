#!/usr/bin/env bats
# diff FROM TO: databases, environments, commits, models and revisions against each other; and autogenerate --offline.
load helper

# A repository with a commit of models and their revision, and changed models in the working tree.
repository() { # sqlite|postgresql|mysql [LINE...]
    project "$@"
    git init -q -b main .
    git config user.name ann
    git config user.email ann@example.org
    shop_model 'age: {type: integer, default: 3}'
    ok revision --autogenerate --offline -m first --rev-id aaaa
    git add -A
    git commit -qm first
    git tag v1
}

shop_model() { # COLUMN
    model <<END
tables:
  users:
    columns:
      id: {type: integer, primary_key: true}
      name: {type: string(40), nullable: false, unique: true}
      $1
    checks:
      long_name: name <> 'x' AND name NOT IN ('y', 'z')
  posts:
    columns:
      id: {type: integer, primary_key: true}
      author: {type: integer, references: users.id, index: true}
END
}

changed="age: {type: bigint, default: 3}"

@test "all kinds of sides agree where they are the same" {
    for database in $DATABASES; do
        repository "$database" "environments: {staging: {url: '\${STAGING}'}}"
        ok upgrade
        sql "INSERT INTO users (id, name) VALUES (1, 'ann')"
        export STAGING=$URL
        for from in "$URL" database env:staging staging models models:models models/model.yaml git:main main v1 HEAD revisions \
            revisions:aaaa revisions:head; do
            for to in models "$URL" v1 revisions; do
                ok diff "$from" "$to"
                prints_exactly ""
                says "agree"
            done
        done
        same 1 "$(sql 'SELECT COUNT(*) FROM users')"
    done
}

@test "a change is seen from every side, and back" {
    for database in $DATABASES; do
        repository "$database"
        ok upgrade
        shop_model "$changed"
        for from in "$URL" main revisions database; do
            ok diff "$from" models
            prints_exactly "- alter_column: {table: users, name: age, type: bigint, default: 3}"
            ok diff "$from" # the models are the other side by default
            prints_exactly "- alter_column: {table: users, name: age, type: bigint, default: 3}"
            ok diff models "$from"
            prints_exactly "- alter_column: {table: users, name: age, type: integer, default: 3}"
            ok diff "$from" models --sql
            [[ ${out,,} == *bigint* ]] || report "SQL"
            ok diff "$from" models --json
            json 'd["to"] == "models" and d["dialect"] == "'"$database"'" and len(d["upgrade"]) == 1 and not d["text_only"]'
        done
        ok diff revisions:base main
        prints "create_table" "name: users" "name: posts"
        ok diff main revisions:base
        prints "drop_table: users"
    done
}

@test "two databases" {
    for database in $DATABASES; do
        database "$database"
        local first=$URL file=${FILE:-}
        sql "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a VARCHAR(10))"
        before=$(dump)
        project "$database"
        sql "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a VARCHAR(20), b INTEGER)"
        ok diff "$first" "$URL"
        prints "add_column: {table: t, name: b, type: integer" "alter_column: {table: t, name: a, type: string(20)}"
        ok diff "$URL" "$first" --sql
        prints "DROP"
        FILE=$file URL=$first
        same "$before" "$(dump)"
    done
}

@test "a file of SQL" {
    for database in $DATABASES; do
        project "$database"
        cat >schema.sql <<'END'
CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a VARCHAR(10), CHECK (a IN ('x', 'y')));
CREATE VIEW v AS SELECT id FROM t WHERE a = 'x';
END
        script schema.sql
        ok diff schema.sql database
        prints_exactly ""
        ok diff database schema.sql
        prints_exactly ""
        sed 's/VARCHAR(10)/VARCHAR(30)/' schema.sql >new.sql
        ok diff schema.sql new.sql
        prints "name: a, type: string(30)"
        if [ "$database" != sqlite ]; then
            fails 1 diff schema.sql new.sql --offline
            says "cannot load models in SQL: no scratch database (no server is connected)" "hint: Name a server"
        fi
    done
}

@test "offline, for each dialect" {
    for dialect in sqlite postgresql mysql; do
        rm -rf project
        mkdir -p project/models project/migrations
        cd project
        : >cmig.yaml
        git init -q -b main .
        git config user.name ann
        git config user.email ann@example.org
        shop_model 'age: {type: integer, default: 3}'
        ok revision --autogenerate --offline --dialect $dialect -m first --rev-id aaaa
        [ $dialect = sqlite ] || says "no server was asked: expressions were compared as text"
        ok revision --autogenerate --offline --dialect $dialect -m nothing
        says "nothing to do: models and revisions agree"
        git add -A
        git commit -qm first
        shop_model "$changed"
        for from in main revisions; do
            ok diff $from models --dialect $dialect
            prints_exactly "- alter_column: {table: users, name: age, type: bigint, default: 3}"
        done
        ok diff main revisions --dialect $dialect
        prints_exactly ""
        fails 78 diff main models
        says "no database was given" "hint: Or name a database system with --dialect."
        cd ..
    done
}

@test "autogenerate --offline: the file does the same as one that was written with the database, with rows" {
    for database in $DATABASES; do
        repository "$database"
        ok upgrade
        sql "INSERT INTO users (id, name) VALUES (1, 'ann')"
        shop_model 'role: {type: string(9), nullable: false}'
        ok revision --autogenerate --offline --no-rename --fill "users.role='none'" -m second --rev-id bbbb
        ok upgrade
        ok check
        same "1|ann|none" "$(sql 'SELECT id, name, role FROM users')"
        ok downgrade -1
        same "1|ann|3" "$(sql 'SELECT id, name, age FROM users' | sed 's/|$/|3/')"
        ok upgrade
        shop_model 'age: {type: integer, nullable: false}'
        ok revision --autogenerate --offline --no-rename -m third
        says "rows of 'users' have no value for 'age'" # rows are taken to exist
        fails 64 revision --offline -m x
        fails 64 revision --autogenerate --dialect sqlite -m x
    done
}

@test "SQL in revisions is not followed without a server" {
    project postgresql
    revision_file aaaa null <<<$'upgrade:\n  - execute: CREATE TABLE t (id integer)\ndowngrade: []'
    model <<<'tables: {t: {columns: {id: integer}}}'
    ok diff revisions models --offline
    says "migrations/aaaa.yaml:5:5: the effect of SQL in revisions is not known without a server"
    prints create_table
    ok diff revisions models
    prints_exactly ""
}

@test "an unreachable server: expressions are compared as text" {
    repository postgresql
    sed -i 's#^url:.*#url: postgresql://postgres@127.0.0.1:1/none#' cmig.yaml
    ok diff main models
    says "warning: cannot open database" "agree"
    fails 69 diff main database
    fails 69 diff database main
}

@test "a role that may not create databases" {
    repository postgresql
    local role=cmig_sides_$$_$RANDOM
    sql "CREATE ROLE $role LOGIN"
    sed -i "s#^url:.*#url: ${URL/postgres@/$role@}#" cmig.yaml
    ok diff main models
    says "cannot create a scratch database" "agree"
    [[ $err != *"no server was asked"* ]] # nothing differs in its spelling
    sed -i "s/name <> 'x'/name != 'x'/" models/model.yaml
    ok diff main models
    says "no server was asked: expressions were compared as text"
    ok diff main models --scratch-url "$URL"
    prints_exactly ""
    sql "DROP ROLE $role"
}

# ---- words -------------------------------------------------------------------------------------------------------

@test "a word that means several things" {
    repository sqlite 'environments: {main: {url: "sqlite:///other.db"}}'
    sqlite3 other.db "CREATE TABLE only_here (id INTEGER NOT NULL PRIMARY KEY)"
    ok diff main
    prints "drop_table: only_here"
    ok diff env:main
    prints "drop_table: only_here"
    ok diff git:main
    says "agree"
    git branch models/model.yaml
    ok diff models/model.yaml
    says "models/model.yaml agree"
    mkdir main
    printf 'tables: {in_folder: {columns: {id: {type: integer, primary_key: true}}}}\n' >main/a.yaml
    ok diff main
    says "'main' is read as the environment; write models:main for the path"
    prints "drop_table: only_here"
    ok diff models:main
    prints "drop_table: in_folder"
}

@test "words that mean nothing" {
    repository sqlite
    while IFS='|' read -r status words message; do
        fails "$status" diff $words
        says "$message"
    done <<'END'
64|nothing|'nothing' is not an environment, path or git ref
64|nothing|  git does not know 'nothing'
64|git:nothing|git does not know 'nothing'
78|env:nothing|unknown environment 'nothing'
78|models:nothing|model file or directory 'nothing' does not exist
1|revisions:nothing|unknown revision 'nothing'
64|revisions:current|'current' is relative to a database, which is not read
64|revisions:-1|is relative to a database
64|models models models|unexpected argument
64|models --markdown --sql|--markdown cannot be combined with --sql
64|models --dialect oracle|unknown dialect 'oracle'
64|database models --dialect postgresql|is a SQLite database, but the comparison is for PostgreSQL
64|--offline|--offline needs two sides
64|--dialect sqlite|--dialect needs two sides
END
}

@test "a commit: its own configuration, models elsewhere, subdirectories, and no programs" {
    project sqlite
    git init -q -b main ..
    git config user.name ann
    git config user.email ann@example.org
    mkdir old
    mv models/* old/ 2>/dev/null || true
    printf '%s\n' "url: $URL" 'models: [old]' >cmig.yaml
    printf 'tables: {t: {columns: {id: {type: integer, primary_key: true}}}}\n' >old/a.yaml
    git add -A .
    git commit -qm old
    git mv old/a.yaml models.yaml
    printf '%s\n' "url: $URL" 'models: [models.yaml]' >cmig.yaml
    ok diff main
    says "agree"
    printf '%s\n' "url: $URL" "models: {program: [sh, -c, 'touch ran; cat models.yaml'], format: yaml}" >cmig.yaml
    git add -A .
    git commit -qm program
    fails 78 diff git:main database
    says "the models of commit 'main' are not files: a program prints them" "hint: Check the commit out"
    [ ! -e ran ]
    ok diff HEAD~1
    [ -e ran ]
    says "agree"
}

@test "a commit from before the first model is empty" {
    for database in $DATABASES; do
        project "$database"
        rm -rf models
        git init -q -b main .
        git config user.name ann
        git config user.email ann@example.org
        git add -A
        git commit -qm empty
        mkdir models
        shop_model "$changed"
        for words in main 'git:main models --offline'; do
            ok diff $words
            prints 'create_table' 'name: users' 'name: posts'
            says "commit 'main' has no models"
        done
        # A directory that the configuration names should be there.
        printf '%s\n' "url: $URL" 'models: [schema]' >cmig.yaml
        git add cmig.yaml
        git commit -qm schema
        fails 78 diff main models:models
        says "schema' does not exist"
        rm -rf .git
    done
}

@test "a URL of SQLite without slashes" {
    repository sqlite
    for url in sqlite:x.db sqlite3:x.db "sqlite:$PWD/x.db"; do
        ok diff "$url" models
        prints 'name: users'
    done
}

# ---- for pull requests -------------------------------------------------------------------------------------------

@test "--markdown: what changes, locks and destroys" {
    for database in $DATABASES; do
        repository "$database"
        shop_model 'role: {type: string(9), nullable: false}'
        ok diff main --markdown --no-rename
        prints "## Schema changes" "From \`main\` to \`models\`, on" "- \`drop_column: {table: users, name: age}\`" \
            "### What it destroys" "(\`drop-column\`)" \
            "<details><summary>SQL</summary>" '```sql'
        if [ "$database" = sqlite ]; then prints "### What it locks, scans and copies" "(\`rebuild-table\`)"; fi
        if [ "$database" = postgresql ]; then prints "### What it locks, scans and copies" "(\`add-required-column\`)"; fi
        shop_model 'years: {type: integer, default: 3}'
        ok diff main --markdown
        prints "something may have been renamed" "With \`--rename users.age=users.years" "With \`--no-rename\`:"
        git stash -q
        ok diff main --markdown
        prints "no change."
    done
}

@test "--markdown: names cannot add markup" {
    project sqlite
    model <<'END'
tables:
  'a`b <script> | @all':
    columns:
      id: {type: integer, primary_key: true}
      gone: text
END
    cp models/model.yaml old.yaml
    sed -i '/gone/d' models/model.yaml
    ok diff old.yaml --markdown
    prints '- `` drop_column: '
    ! grep -E '(^|[^`\\])<script>' <<<"$(grep -v '^- ``\|^CREATE\|^INSERT\|^ALTER\|^DROP\|^PRAGMA' <<<"$out")"
}
