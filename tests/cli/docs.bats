#!/usr/bin/env bats
# The static site of `cmig docs`. tests/site.py opens one in a browser.
load helper

# A page contains each of the texts.
page() { # FILE TEXT...
    local file=site/$1 text
    shift
    for text; do
        grep -qF -- "$text" "$file" || { echo "$file has no: $text"; cat "$file"; return 1; }
    done
}

@test "docs: pages of models, with keys both ways, comments and the revisions that touched each object" {
    for database in $DATABASES; do
        project "$database"
        git init -q
        git config user.name Ada
        git config user.email ada@example.com
        users_model
        ok revision --autogenerate -m "add users" --rev-id r1
        ok upgrade
        git add -A
        git commit -qm one
        model <<'END'
enums:
  state: {values: [new, old]}
tables:
  people:
    comment: "All **people**."
    columns:
      id: {type: integer, primary_key: true}
      state: {type: enum(state), nullable: false, default: new}
  posts:
    columns:
      id: {type: integer, primary_key: true}
      author: {type: integer, references: {column: people.id, on_delete: cascade}, comment: "who *wrote* it"}
    indexes:
      posts_author: {columns: [author]}
    checks:
      posts_check: "author > 0"
views:
  recent: {sql: "SELECT id FROM posts"}
END
        ok revision --autogenerate -m "add posts" --rev-id r2 --rename users=people
        ok docs --output site
        prints_exactly site/index.html
        [[ $err == *" files written, 0 removed, 0 unchanged"* ]]
        page index.html '<strong>2</strong> tables' '<a href="tables/people.html">people</a></th><td>All people.</td>' \
            '<a href="views/recent.html">recent</a>' 'href="diagram.html"' '<svg '
        page tables/people.html '<p>All <strong>people</strong>.</p>' 'id="column-state"' "<code>&#39;new&#39;" \
            '<a href="../tables/posts.html">posts</a> (<code>author</code>) → (<code>id</code>), on delete cascade' \
            "<a href=\"../revisions/r2.html\">r2 &#39;add posts&#39;</a>" '<li>renamed from users</li>' \
            '<a href="../revisions/r1.html">' '<li>created</li>' 'Ada &lt;ada@example.com&gt;' \
            "commit <code>$(git rev-parse HEAD | cut -c 1-12)</code>"
        page tables/posts.html '(<code>author</code>) → <a href="../tables/people.html">people</a> (<code>id</code>)' \
            '<p>who <em>wrote</em> it</p>' 'id="index-posts_author"' posts_check '<a href="../views/recent.html">recent</a>'
        page enums/state.html '<li><code>new</code></li>' 'tables/people.html#column-state'
        page views/recent.html '<a href="../tables/posts.html">posts</a>'
        page revisions/index.html '<code>r2</code> add posts' '<span class="badge">head</span>'
        page revisions/r1.html 'create_table users' "Commit</dt><dd>$(git rev-parse HEAD | cut -c 1-12) of 2" \
            'down_revision: null' '<a href="../tables/people.html">people</a>'
        # The same schema gives the same bytes.
        ok docs --output again
        diff -r site again
        ok docs --output site --json
        json 'd["output"] == "site" and d["written"] == [] and d["removed"] == [] and d["unchanged"] > 8'
    done
}

@test "docs: databases, revisions, commits, files and no source at all" {
    for database in $DATABASES; do
        project "$database"
        users_model
        ok revision --autogenerate -m one --rev-id r1
        ok upgrade
        users_model "nick: text"
        ok revision --autogenerate -m two --rev-id r2
        ok docs --output site database
        page tables/users.html 'id="column-id"'
        ! grep -q nick site/tables/users.html
        [ ! -e site/revisions ]
        ok docs --output site revisions:r1
        [ -e site/revisions/r1.html ]
        [ ! -e site/revisions/r2.html ]
        ok docs --output site revisions
        page tables/users.html '<li>columns.nick is new</li>'
        ok docs --output site models
        page tables/users.html 'id="column-nick"' '<li>columns.nick is new</li>'
        ok docs --output site --no-history
        page tables/users.html 'id="column-nick"'
        ! grep -q 'is new' site/tables/users.html
        [ -e site/revisions/r2.html ]
        echo "CREATE TABLE books (id integer NOT NULL PRIMARY KEY);" >books.sql
        ok docs --output site books.sql
        [ -e site/tables/books.html ]
        [ ! -e site/revisions ] # they are of other models
    done
    mkdir "$BATS_TEST_TMPDIR/empty"
    cd "$BATS_TEST_TMPDIR/empty"
    echo "CREATE TABLE books (id integer PRIMARY KEY);" >books.sql
    ok docs --output site --dialect sqlite books.sql
    page index.html '<strong>1</strong> table<'
    fails 78 docs --output none
    says "no cmig.yaml"
    fails 69 docs --output none sqlite:///missing.db
    says "missing.db"
    [ ! -e none ]
    sqlite3 empty.db 'VACUUM'
    ok docs --output none sqlite:///empty.db
    grep -q '<h1>Database schema</h1>' none/index.html
}

@test "docs: names and comments are never markup, and every name has a file of its own" {
    project sqlite
    model <<'END'
tables:
  "<script>alert(1)</script>":
    comment: "<img src=x onerror=alert(1)> ]]> </script> [x](javascript:alert(1)) [y](data:text/html,z) [z](//evil.example)"
    columns: {"</script>'\"&": {type: integer, primary_key: true, comment: "</script><script>"}}
  Users: {columns: {id: {type: integer, primary_key: true}}}
  "users ": {columns: {id: {type: integer, primary_key: true}}}
  con: {columns: {id: {type: integer, primary_key: true}}}
  index: {columns: {id: {type: integer, primary_key: true}}}
  '".."': {columns: {id: {type: integer, primary_key: true}}}
  "a/b": {columns: {id: {type: integer, primary_key: true}}}
  "größe 日本": {columns: {id: {type: integer, primary_key: true}}}
  "_under": {columns: {id: {type: integer, primary_key: true}}}
END
    ok docs --output site --title "A & <B>"
    ! grep -rE '<script>|<img|javascript:alert\(1\)"|href="(data:text|//)' site --include='*.html'
    ! grep '<' site/search.js
    [ "$(ls site/tables | wc -l)" = 9 ]
    [ "$(ls site/tables | tr A-Z a-z | sort -u | wc -l)" = 9 ]
    ! ls site/tables | grep -vE '^[a-z0-9_][a-z0-9_.-]*\.html$'
    [ ! -e site/tables/con.html ] && [ ! -e site/tables/index.html ]
    page index.html '<h1>A &amp; &lt;B&gt;</h1>' '<title>A &amp; &lt;B&gt;</title>'
    [ -e site/.nojekyll ]
}

@test "docs: what PostgreSQL has" {
    project postgresql "schemas: [public, app]" "manage: [grants]"
    sql 'CREATE SCHEMA app;
CREATE FUNCTION "touch it"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; /* </pre> */ END $$;
CREATE TABLE app.posts (id bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE app.posts_1 PARTITION OF app.posts FOR VALUES FROM ($$2026-01-01$$) TO ($$2027-01-01$$);
CREATE TRIGGER touch BEFORE UPDATE ON app.posts FOR EACH ROW EXECUTE FUNCTION "touch it"();
CREATE POLICY own ON app.posts FOR SELECT USING (id = 1);
GRANT SELECT (id) ON app.posts TO pg_read_all_data WITH GRANT OPTION;
CREATE SEQUENCE counter INCREMENT 5;
CREATE DOMAIN email AS text CHECK (value LIKE $$%@%$$);
CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM app.posts'
    ok docs --output site database
    page tables/app.posts.html 'Partitions</h2>' '<a href="../tables/app.posts_1.html">app.posts_1</a>' 'identity, always' \
        'id="trigger-touch"' 'id="policy-own"' 'select (<code>id</code>) with grant option' \
        '<a href="../views/counts.html">counts</a>'
    page tables/app.posts_1.html 'Partition of</dt><dd><a href="../tables/app.posts.html">'
    page views/counts.html '<p class="kind">materialized view</p>'
    page sequences/counter.html 'Increment</dt><dd>5</dd>'
    page domains/email.html 'CREATE DOMAIN'
    grep -q 'touch it' site/functions/*.html
    page schemas/app.html '<a href="../tables/app.posts.html">'
    ! grep -q '</pre> \*/' site/functions/*.html
}

@test "docs: a directory that is not a site is left alone, and one that is keeps up" {
    project sqlite
    users_model
    mkdir other
    echo mine >other/file
    fails 1 docs --output other
    says "cannot write to 'other': it is not empty, and cmig docs did not make it" "hint: "
    same file "$(ls other)"
    echo x >plain
    fails 1 docs --output plain
    says "'plain': it is not a directory"
    fails 64 docs
    says "--output is missing"
    fails 64 docs --output site --scratch-url x --offline
    mkdir site site/.git # a branch of pages
    ok docs --output site
    [ -d site/.git ]
    model <<'END'
tables:
  books: {columns: {id: {type: integer, primary_key: true}}}
views:
  old: {sql: SELECT id FROM books}
END
    ok docs --output site
    [ ! -e site/tables/users.html ]
    [ -e site/views/old.html ]
    # Files of others stay, whatever the list of files says.
    echo mine >site/tables/mine.txt
    printf '../plain\n/etc/hostname\ntables/../../cmig.yaml\n..\n.\ntables\n' >>site/cmig-docs.txt
    model <<<'tables: {}'
    ok docs --output site --json
    json 'sorted(d["removed"]) == ["tables/books.html", "views/old.html"]'
    same mine.txt "$(ls site/tables)"
    [ ! -e site/views ]
    [ -e plain ] && [ -e cmig.yaml ]
    ! grep -q plain site/cmig-docs.txt
}

@test "docs: a full disk is an error, and the next run repairs the site" {
    project sqlite
    users_model
    status=0
    (
        trap '' XFSZ
        ulimit -f 4
        exec "${CMIG[@]}" docs --output site
    ) >/dev/null 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
    err=$(cat "$BATS_TEST_TMPDIR/err") out= ran="cmig docs with a full disk"
    [ "$status" = 1 ] || report "status"
    says "cannot write 'site/"
    ! ls -A site | grep '\.tmp$'
    ok docs --output site
    page index.html '<strong>1</strong> table<'
}

@test "of a database no page leads to revisions, and no name hides what it is" {
    sqlite3 one.db "CREATE TABLE \"$(printf '\u202e')live\" (a int); CREATE TABLE plain (b int)"
    ok docs sqlite:one.db --output site
    [ ! -e site/revisions ] || report "there are none"
    ! grep -rl 'revisions/index.html' site || report "a link leads nowhere"
    ! grep -rlF "$(printf '\u202e')" site --include=*.html || report "the character is there"
    ok draw sqlite:one.db -o one.svg
    ! grep -qF "$(printf '\u202e')" one.svg || report "the character is there"
}
