# rebase: the revisions of a branch after those of its base.

load helper

git_() {
    git -c user.name=T -c user.email=t@example.org -c init.defaultBranch=main "$@" >/dev/null 2>&1
}

commit() { # MESSAGE
    git_ add -A
    git_ commit -m "$1"
}

# A revision that adds a column to users.
column_revision() { # ID PARENT COLUMN
    revision_file "$1" "$2" <<<"upgrade:
  - add_column: {table: users, name: $3, type: integer, nullable: true}
downgrade:
  - drop_column: {table: users, name: $3}"
}

# main has aaaa and theirs; the branch work, merged with it, has aaaa, ours1, ours2 and theirs.
two_heads() { # DATABASE
    project "$1"
    git_ init .
    revision_file aaaa null <<<$'upgrade:\n  - create_table: {name: users, columns: {id: {type: integer}}, primary_key: [id]}\ndowngrade: [drop_table: users]'
    commit start
    git_ checkout -b work
    column_revision ours1 aaaa one
    column_revision ours2 ours1 two
    commit ours
    git_ checkout main
    column_revision theirs aaaa three
    commit theirs
    git_ checkout work
}

parents() { # of all revisions
    grep -h '^\(-- \)\?down_revision' migrations/* | sed 's/.*down_revision: *//' | tr '\n' ' '
}

@test "the first new revisions get the head of the base" {
    two_heads sqlite
    fails 1 rebase main
    says "revision theirs of 'main' is not in the working tree" "git merge main"
    git_ merge -m merged main
    ok rebase --dry-run main
    prints_exactly "ours1: aaaa -> theirs, migrations/ours1.yaml"
    git diff --exit-code
    ok rebase --json main
    json 'd["changes"] == [{"revision": "ours1", "path": "migrations/ours1.yaml", "from": ["aaaa"], "to": ["theirs"]}] and d["written"]'
    ok heads
    prints_exactly "ours2 (head), step ours2"
    ok rebase main
    says "nothing to do: the revisions of this branch come after those of 'main'"
    same "$(git diff --stat | tail -1)" " 1 file changed, 1 insertion(+), 1 deletion(-)"
}

@test "only the parents change in a file" {
    two_heads sqlite
    git_ merge -m merged main
    cat >migrations/ours1.yaml <<'END'
# who wrote this?
revision: ours1
down_revision: aaaa   # the first one
message: "one: a column"   # a comment
upgrade: []
downgrade: []
END
    printf -- '-- revision: ours2\r\n-- down_revision: ours1\r\n-- message: two\r\n-- upgrade\r\nSELECT 1;\r\n' >migrations/ours2.yaml
    mv migrations/ours2.yaml migrations/ours2.sql
    printf '%s\n' 'revision: ours3' 'down_revision:' '  - aaaa   # one' '  # two' "  - 'ours2'" 'upgrade: []' 'downgrade: []' >migrations/ours3.yaml
    printf '%s\n' '-- a comment' '-- revision: ours4' '--   down_revision:   aaaa' '-- upgrade' 'SELECT 2;' >migrations/ours4.sql
    printf '%s\n' 'revision: ours5' 'down_revision: ["aaaa",' '  ours4]   # both' 'upgrade: []' 'downgrade: []' >migrations/ours5.yaml
    ok rebase main
    same "$(cat migrations/ours1.yaml)" '# who wrote this?
revision: ours1
down_revision: theirs   # the first one
message: "one: a column"   # a comment
upgrade: []
downgrade: []'
    same "$(cat migrations/ours2.sql)" "$(printf -- '-- revision: ours2\r\n-- down_revision: ours1\r\n-- message: two\r\n-- upgrade\r\nSELECT 1;\r\n')"
    same "$(cat migrations/ours3.yaml)" $'revision: ours3\ndown_revision: ours2\nupgrade: []\ndowngrade: []'
    same "$(cat migrations/ours4.sql)" $'-- a comment\n-- revision: ours4\n--   down_revision:   theirs\n-- upgrade\nSELECT 2;'
    same "$(cat migrations/ours5.yaml)" $'revision: ours5\ndown_revision: ours4   # both\nupgrade: []\ndowngrade: []'
}

@test "an own history, merges within the branch, several heads of the base" {
    two_heads sqlite
    git_ merge -m merged main
    printf '%s\n' 'revision: own' 'upgrade: []' 'downgrade: []' >migrations/own.yaml
    printf '%s\n' 'revision: joined' 'down_revision: [ours2, theirs, own]' 'upgrade: []' 'downgrade: []' >migrations/joined.yaml
    ok rebase main
    prints "own: <base> -> theirs" "joined: ours2, theirs, own -> ours2, own"
    same "$(sed -n 2p migrations/own.yaml)" "down_revision: theirs"
    ok heads --single
    rm migrations/own.yaml migrations/joined.yaml
    git_ checkout -f main
    empty_revision other aaaa
    commit other
    git_ checkout -f work
    git_ merge -m again main
    fails 1 rebase main
    says "cannot tell after which head of the base revision ours1 belongs" "cmig merge"
}

@test "a form that is not understood is left alone" {
    two_heads sqlite
    git_ merge -m merged main
    printf '%s\n' '{revision: ours1, down_revision: aaaa, upgrade: [], downgrade: []}' >migrations/ours1.yaml
    fails 78 rebase main
    says "migrations/ours1.yaml: cannot edit the key 'down_revision'" "Write 'down_revision: theirs' into the file"
    grep -q 'down_revision: aaaa' migrations/ours1.yaml
}

@test "applied revisions are not changed, unless the database is, too" {
    for database in $DATABASES; do
        cd "$BATS_TEST_TMPDIR"
        two_heads "$database"
        ok upgrade
        sql "INSERT INTO users (id, one) VALUES (1, 7)"
        git_ merge -m merged main
        fails 1 rebase main
        says "the database has applied revisions that would get other parents" "--restamp" "cmig downgrade"
        same "$(parents)" "null aaaa ours1 aaaa "
        ok rebase --offline --dry-run main
        fails 1 rebase --restamp main
        says "cannot put applied revision ours1 after theirs, which is not applied" "cmig upgrade theirs"
        same "$(parents)" "null aaaa ours1 aaaa "
        ok upgrade heads
        same "$(sql "SELECT revision FROM cmig_version ORDER BY revision")" $'ours2\ntheirs'
        ok rebase --restamp main
        says "1 file changed, and the database with them"
        same "$(parents)" "null theirs ours1 aaaa "
        same "$(sql "SELECT revision FROM cmig_version")" ours2
        ok upgrade --strict
        says "already at ours2"
        ok status
        [[ $out != *Edited* ]]
        same "$(sql "SELECT parents FROM cmig_history WHERE revision = 'ours1'")" theirs
        ok downgrade aaaa
        ok upgrade
        same "$(sql "SELECT revision FROM cmig_version")" ours2
    done
}

@test "without applied revisions, and without a database" {
    for database in $DATABASES; do
        cd "$BATS_TEST_TMPDIR"
        two_heads "$database"
        ok upgrade aaaa
        git_ merge -m merged main
        ok rebase main
        same "$(parents)" "null theirs ours1 aaaa "
        ok upgrade
    done
    cd "$BATS_TEST_TMPDIR"
    two_heads sqlite
    git_ merge -m merged main
    : >cmig.yaml
    ok rebase main
    says "no database is configured"
    git_ checkout -f .
    echo 'url: postgresql://nobody@127.0.0.1:1/x' >cmig.yaml
    fails 69 rebase main
    says "Use --offline"
    ok rebase --offline main
    fails 64 rebase --offline --restamp main
}

@test "a question on a terminal" {
    two_heads sqlite
    git_ merge -m merged main
    printf 'n\n' | command script -qec "${CMIG[*]} rebase main" /dev/null >answer
    grep -q 'Change these files?' answer
    same "$(parents)" "null aaaa ours1 aaaa "
    command script -qec "${CMIG[*]} rebase -y main" /dev/null >answer </dev/null
    same "$(parents)" "null theirs ours1 aaaa "
}
