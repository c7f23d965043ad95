#!/usr/bin/env bats
# Revisions that are applied to a database but missing from the checkout: found in the history table or in git, reverted or re-recorded.
load helper

commit() { # MESSAGE
    git add -A
    git -c user.name=Ann -c user.email=ann@example.org commit -q -m "$1"
}

# A project in a git repository, with revision aaaa1111 on branch main.
repository() { # sqlite|postgresql|mysql [LINE...]
    export GIT_CONFIG_NOSYSTEM=1
    git config --global init.defaultBranch main
    project "$@"
    printf '%s\n' '*.db' >.gitignore
    git init -q .
    table aaaa1111 null users
    commit users
}

# A revision that creates a table.
table() { # ID PARENT TABLE
    revision_file "$1" "$2" <<Y
upgrade:
  - create_table: {name: $3, columns: {id: {type: integer, primary_key: true}, n: integer}}
downgrade:
  - drop_table: $3
Y
}

# Two revisions on branch feature, applied with rows; then main is checked out again.
feature() {
    git checkout -q -b feature
    table bbbb2222 aaaa1111 orders
    commit orders
    table cccc3333 bbbb2222 items
    commit items
    ok upgrade
    sql "INSERT INTO orders VALUES (1, 1), (2, 2), (3, 3)"
    sql "INSERT INTO items VALUES (1, 1)"
    sql "INSERT INTO users VALUES (1, 1), (2, NULL)"
    git checkout -q main
}

without_history_texts() {
    sql "UPDATE cmig_history SET text = NULL"
}

tables() {
    case $DATABASE in
    sqlite) sql "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'cmig%' ORDER BY name" ;;
    *) sql "SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE 'cmig%' AND table_schema = $(
        [ "$DATABASE" = mysql ] && echo 'database()' || echo "'public'"
    ) ORDER BY table_name" ;;
    esac | paste -sd ' '
}

# Where status found revision cccc3333.
found() { # TEXT
    ok status
    local line
    line=$(grep -A1 '^  cccc3333, step' <<<"$out" | tail -n 1)
    [[ $line == "    found in $1"* ]] || report "found elsewhere: $line"
}

# ---- two developers ----------------------------------------------------------------------------------------------

@test "two developers: switch takes a database from branch to branch" {
    for database in $DATABASES; do
        repository "$database"
        feature
        # In the meantime a colleague has merged another revision.
        table dddd4444 aaaa1111 prices
        commit prices

        for words in upgrade current check 'revision --autogenerate -m x'; do
            fails 65 $words
            says "the database is at revision 'cccc3333', which has no file" \
                "revision cccc3333 was found in branch 'feature', commit $(git rev-parse --short=12 feature) of 20" \
                " by Ann <ann@example.org>: migrations/cccc3333.yaml" \
                "revision bbbb2222 was found in branch 'feature', commit $(git rev-parse --short=12 feature~) of 20" \
                "Check out branch 'feature', or restore the file: git show $(
                    git rev-parse --short=12 feature):migrations/cccc3333.yaml >migrations/cccc3333.yaml" \
                "cmig switch"
        done
        same 3 "$(sql 'SELECT count(*) FROM orders')"

        fails 64 switch
        says 'there is no terminal' '--yes'
        prints_exactly "Revert:
  cccc3333, step cccc3333
    found in branch 'feature', commit $(git log -1 --format='%h of %as by %an <%ae>' --abbrev=12 feature): migrations/cccc3333.yaml
  bbbb2222, step bbbb2222
    found in branch 'feature', commit $(git log -1 --format='%h of %as by %an <%ae>' --abbrev=12 feature~): migrations/bbbb2222.yaml
Apply:
  dddd4444, step dddd4444
Lost:
  table 'items' with 1 row (revision cccc3333)
  table 'orders' with 3 rows (revision bbbb2222)"
        ok switch --dry-run --json
        json "d['revert'] == ['cccc3333', 'bbbb2222'] and d['apply'] == ['dddd4444'] and d['restamp'] == []"
        json "[(l['table'], l['rows'], l['revision']) for l in d['lost']] == [('items', 1, 'cccc3333'), ('orders', 3, 'bbbb2222')]"
        json "[(f['revision'], f['in'], f['kind'], f['ref'], f['past']) for f in d['found']] == [(r, 'git', 'branch', 'feature', False) for r in ('cccc3333', 'bbbb2222')]"
        same cccc3333 "$(sql 'SELECT revision FROM cmig_version')"

        ok switch --yes --tag main
        says 'downgrade cccc3333 -> bbbb2222' 'downgrade bbbb2222 -> aaaa1111' 'upgrade aaaa1111 -> dddd4444' \
            'done: the database is at dddd4444'
        same 'prices users' "$(tables)"
        same 2 "$(sql 'SELECT count(*) FROM users')"
        same main "$(sql 'SELECT DISTINCT tag FROM cmig_history WHERE tag IS NOT NULL')"
        ok status
        [[ $out != *missing* ]] || report 'nothing is missing'
        ok switch
        says 'nothing to do: the database is at dddd4444'

        git checkout -q feature
        ok switch --yes
        same 'items orders users' "$(tables)"
        ok upgrade
        says 'already at cccc3333'
        # After the merge both are needed.
        git -c user.name=Ann -c user.email=ann@example.org merge -q main -m merge
        ok switch --yes
        [[ $out != *Revert* ]] || report 'nothing is to be reverted'
        same 'items orders prices users' "$(tables)"
    done
}

@test "switch refuses a protected database, a half-applied revision and an unknown text" {
    for database in $DATABASES; do
        repository "$database" 'environments: {production: {protected: true}}'
        feature
        fails 1 -n production switch --yes
        says "the database is protected in 'cmig.yaml', environment production" 'cmig downgrade --recover'
        ok -n production switch --dry-run
        fails 1 -n production drop-database --yes
        says "the database is protected in 'cmig.yaml', environment production"
        fails 65 -n production upgrade
        [[ $err != *'cmig switch'* ]] || report 'nothing is advised that is refused'

        without_history_texts
        sql "UPDATE cmig_history SET $(name blob) = '$(echo other | git hash-object --stdin)' WHERE revision = 'cccc3333'"
        fails 65 switch --yes
        says "cannot revert revision cccc3333: no copy of the applied text was found" 'git fetch --all'
        sql "UPDATE cmig_history SET $(name blob) = '$(git rev-parse main:.gitignore)' WHERE revision = 'cccc3333'"
        fails 65 switch --yes
        fails 65 upgrade
        says 'revision cccc3333 was not found in the history table and the git repository'
        same 'items orders users' "$(tables)"
    done
}

# ---- where it is found -------------------------------------------------------------------------------------------

@test "a revision is found wherever git still has it" {
    repository sqlite
    feature
    by=" of $(date -u +%F) by Ann <ann@example.org>: migrations/cccc3333.yaml"
    commit=$(git rev-parse --short=12 feature)
    without_history_texts
    git checkout -q --detach feature
    git branch -q -D feature
    git tag v1
    git checkout -q main
    found "tag 'v1', commit $commit$by"
    git worktree add -q --detach ../elsewhere v1
    git tag -d v1
    found "detached head 'worktrees/elsewhere/HEAD', commit $commit$by"
    git worktree remove --force ../elsewhere
    git update-ref refs/pull/7/head "$commit"
    found "reference 'refs/pull/7/head', commit $commit$by"
    git update-ref -d refs/pull/7/head
    found "reflog entry 'HEAD@{"
    # A squash merge has the same files in another commit.
    git checkout -q -b squash
    git -c user.name=Ann -c user.email=ann@example.org merge -q --squash "$commit"
    commit squash
    git rm -q --cached migrations/cccc3333.yaml
    rm migrations/cccc3333.yaml
    commit removed
    git checkout -q main
    git reflog expire --expire=now --all
    found "the past of branch 'squash', commit $(git rev-parse --short=12 squash~)$by"
    git branch -q -D squash
    git reflog expire --expire=now --all
    found "git, where no branch has it: commit $commit$by" # that of the history row
    sql "UPDATE cmig_history SET commit_id = NULL"
    blob=$(git rev-parse "$commit:migrations/cccc3333.yaml")
    found "git, in object ${blob:0:12}, which no known commit has"
    fails 65 upgrade
    says "git cat-file blob $blob >migrations/cccc3333.yaml"
    ok downgrade --recover aaaa1111
    says "revision cccc3333 has no file: its text comes from git, in object ${blob:0:12}"
    same users "$(tables)"
}

@test "a stash and a file that was only added are found" {
    repository sqlite
    without() {
        without_history_texts
        rm -f migrations/cccc3333.yaml
    }
    table cccc3333 aaaa1111 items
    ok upgrade
    git -c user.name=Ann -c user.email=ann@example.org stash -q -u
    without
    found "stash 'stash@{0}', commit "
    git stash drop -q
    git reflog expire --expire=now --all
    found 'git, in object '
    git gc -q --prune=now
    ok status
    [[ $out != *'found in'* ]] || report 'it is nowhere'
    says 'warning: revision cccc3333 was not found in the history table and the git repository' 'git fetch --all'
    fails 65 downgrade --recover aaaa1111
    says 'revision cccc3333 was not found in the history table and the git repository'
}

@test "clones: another remote, a shallow one, a partial one, a bare one with worktrees" {
    repository sqlite
    feature
    without_history_texts
    origin=$PWD
    git config uploadpack.allowFilter true

    git clone -q "file://$origin" ../whole 2>/dev/null
    cp cmig.yaml ../whole
    cd ../whole
    found "branch 'origin/feature', commit $(git rev-parse --short=12 origin/feature) of"

    git clone -q --depth 1 "file://$origin" ../shallow 2>/dev/null
    cd ../shallow
    fails 65 upgrade
    says 'was not found' "git fetch --unshallow"
    git fetch -q --unshallow origin feature:feature
    found "branch 'feature'"

    # The newest commit of a branch, whose parents are not there.
    git clone -q --depth 1 --branch feature "file://$origin" ../one 2>/dev/null
    cd ../one
    git checkout -q -b empty
    git rm -q migrations/bbbb2222.yaml migrations/cccc3333.yaml
    commit empty
    found "branch 'feature', commit $(git rev-parse --short=12 feature) of"

    git clone -q --filter=blob:none "file://$origin" ../partial 2>/dev/null
    cd ../partial
    fails 65 upgrade
    says 'was not found' 'The git repository is a partial clone' 'cat-file blob'
    eval "$(grep -o 'git cat-file blob [^ ]* >migrations/cccc3333.yaml' <<<"$err")"
    cmp migrations/cccc3333.yaml "$origin/../whole/.git/../migrations/cccc3333.yaml" 2>/dev/null ||
        same "$(git -C "$origin" show feature:migrations/cccc3333.yaml)" "$(cat migrations/cccc3333.yaml)"

    git clone -q --bare "file://$origin" ../bare.git
    git -C ../bare.git worktree add -q ../tree main
    cd ../tree
    found "branch 'feature', commit $(git rev-parse --short=12 feature) of"
    ok switch --yes
    same users "$(tables)"
}

@test "a project in a submodule, and in a directory of the repository" {
    repository sqlite
    feature
    without_history_texts
    sub=$PWD
    git init -q ../super
    cd ../super
    git -c protocol.file.allow=always submodule --quiet add "$sub" db
    commit start
    cd db
    git fetch -q origin feature:feature
    found "branch 'feature'"
    cd ..
    printf '%s\n' "url: $URL" 'migrations: db/migrations' >cmig.yaml
    mkdir models
    found "branch 'feature'"
    cd "$sub"
    git checkout -q feature
    mkdir -p server
    git mv migrations server
    mkdir -p server/models
    cp cmig.yaml server
    commit moved
    git checkout -q -b other
    rm server/migrations/cccc3333.yaml
    commit less
    cd server
    found "branch 'feature'"
    git branch -q -D feature
    git checkout -q --detach
    git branch -q -f main other
    git reflog expire --expire=now --all
    found "the past of branch '"
    cd ..
    fails 65 -c server/cmig.yaml upgrade
    says '>server/migrations/cccc3333.yaml'
}

@test "no repository, no commit, a repository of another user, a damaged one" {
    repository sqlite
    feature
    without_history_texts
    mv .git ../git
    fails 65 upgrade
    says 'was not found in the history table; no git repository could be searched'
    git init -q .
    fails 65 upgrade
    says 'git fetch --all'
    rm -rf .git
    mv ../git .git
    if [ "$(id -u)" = 0 ]; then
        chown -R nobody .
        fails 65 upgrade
        says 'belongs to another user' "git config --global --add safe.directory $PWD"
        git config --global --add safe.directory "$PWD"
        fails 65 upgrade
        says "was found in branch 'feature'"
        chown -R root .
    fi
    find .git/objects -type f -name '*' | while read -r object; do
        chmod u+w "$object"
        echo broken >"$object"
    done
    fails 65 upgrade
    says 'was not found'
}

@test "a text with carriage returns is the one that git has with line feeds, and the other way round" {
    for database in $DATABASES; do
        repository "$database"
        table bbbb2222 aaaa1111 orders
        sed -i 's/$/\r/' migrations/bbbb2222.yaml
        ok upgrade
        git checkout -q -b feature
        git config core.autocrlf input
        commit orders 2>/dev/null
        git checkout -q main
        [ ! -e migrations/bbbb2222.yaml ]
        without_history_texts
        ok status
        prints "found in branch 'feature'"
        ok downgrade --recover aaaa1111
        same users "$(tables)"

        # Committed with carriage returns after it was applied: only the text in the history leads to it.
        git config core.autocrlf false
        table cccc3333 aaaa1111 items
        sed -i 's/$/\r/' migrations/cccc3333.yaml
        ok upgrade
        git checkout -q -b crlf
        commit items
        git checkout -q main
        ok status
        prints "found in branch 'crlf'"
    done
}

# ---- the history table -------------------------------------------------------------------------------------------

@test "without git the history table has the text, if its id is the recorded one" {
    for database in $DATABASES; do
        repository "$database"
        feature
        rm -rf .git
        fails 65 upgrade
        says 'revision cccc3333 was found in the history table' 'Restore its file' 'cmig switch'
        ok switch --dry-run
        prints 'found in the history table'
        sql "UPDATE cmig_history SET text = concat(text, ' ') WHERE revision = 'cccc3333'" 2>/dev/null ||
            sql "UPDATE cmig_history SET text = text || ' ' WHERE revision = 'cccc3333'"
        fails 65 switch --yes
        fails 78 downgrade aaaa1111
        says 'cannot use the text of revision cccc3333 in the history table' 'its id is not the one that was recorded'
        same 'items orders users' "$(tables)"
    done
}

@test "a text from git reaches nothing beyond the database" {
    for database in $DATABASES; do
        repository "$database"
        git checkout -q -b feature
        for op in "run: [touch, $PWD/pwned]" 'execute: "SELECT ${x:secret}"'; do
            printf '%s\n' 'revision: bbbb2222' 'down_revision: aaaa1111' 'upgrade: []' "downgrade: [$op]" >migrations/bbbb2222.yaml
            [[ $op != execute* ]] ||
                printf '%s\n' 'revision: bbbb2222' 'down_revision: aaaa1111' 'upgrade: []' 'downgrade:' "  - $op" >migrations/bbbb2222.yaml
            commit "$op"
            ok upgrade
            git checkout -q main
            without_history_texts
            for words in 'downgrade --recover aaaa1111' 'switch --yes'; do
                fails 78 -x secret=1 $words
                says 'in the text of a lost revision, from git' 'Restore the file'
            done
            [ ! -e pwned ]
            same bbbb2222 "$(sql 'SELECT revision FROM cmig_version')"
            git checkout -q feature
            ok -x secret=1 downgrade aaaa1111
            rm -f pwned
        done
    done
}

@test "downgrade --recover needs git only where the history has no text" {
    for database in $DATABASES; do
        repository "$database"
        feature
        without_history_texts
        fails 65 downgrade aaaa1111
        says "was found in branch 'feature'"
        fails 64 downgrade --recover --sql cccc3333:aaaa1111
        ok downgrade --recover aaaa1111 --dry-run
        prints 'DROP TABLE'
        ok downgrade --recover bbbb2222
        says "revision cccc3333 has no file: its text comes from branch 'feature', commit "
        same 'orders users' "$(tables)"
        # No file of this project is below it any more, but git shows that it belongs to the project.
        git checkout -q --orphan fresh
        git rm -q -r -f migrations
        mkdir migrations
        empty_revision zzzz9999 null
        ok downgrade --recover base
        same '' "$(tables)"
    done
}

# ---- a file with other operations --------------------------------------------------------------------------------

# The same id on two branches: orders was applied, prices is on main.
other_operations() { # sqlite|postgresql|mysql
    repository "$1"
    git checkout -q -b feature
    table bbbb2222 aaaa1111 orders
    commit orders
    table cccc3333 bbbb2222 items
    commit items
    ok upgrade
    sql "INSERT INTO orders VALUES (1, 1), (2, 2)"
    sql "INSERT INTO users VALUES (1, 1)"
    git checkout -q main
    table bbbb2222 aaaa1111 prices
    commit prices
}

@test "switch reverts a revision whose file has other operations, by the text that was applied" {
    for database in $DATABASES; do
        other_operations "$database"
        ok downgrade --recover bbbb2222
        ok switch --dry-run
        prints_exactly "Revert:
  bbbb2222, step bbbb2222
    found in branch 'feature', commit $(git log -1 --format='%h of %as by %an <%ae>' --abbrev=12 feature~): migrations/bbbb2222.yaml
    its file has other operations now
Apply:
  bbbb2222, step bbbb2222
Lost:
  table 'orders' with 2 rows (revision bbbb2222)"
        ok switch --dry-run --json
        json "[(f['revision'], f['edited']) for f in d['found']] == [('bbbb2222', True)]"
        fails 1 switch --restamp --yes
        says 'no revision file has the operations of revision bbbb2222'
        ok switch --yes
        says 'done: the database is at bbbb2222'
        same 'prices users' "$(tables)"
        same 1 "$(sql 'SELECT count(*) FROM users')"
        ok switch
        says 'nothing to do: the database is at bbbb2222'
        ok upgrade --strict

        # Below a revision without a file, and by the text in the history table.
        git checkout -q feature
        ok switch --yes
        same 'items orders users' "$(tables)"
        git checkout -q main
        rm -rf .git
        ok switch --yes
        prints 'found in the history table' 'its file has other operations now'
        same 'prices users' "$(tables)"
    done
}

@test "switch leaves a revision alone whose file has other comments, another message or downgrade" {
    for database in $DATABASES; do
        repository "$database"
        table bbbb2222 aaaa1111 orders
        ok upgrade
        sed -i 's/^message: .*/message: other words/; 1i # a comment' migrations/bbbb2222.yaml
        sed -i '/^downgrade/,$d' migrations/bbbb2222.yaml
        ok switch
        says 'nothing to do: the database is at bbbb2222'
        [[ -z $out ]] || report "a plan for nothing: $out"
        same 'orders users' "$(tables)"
    done
}

@test "switch refuses to revert an edited revision of which no text is found" {
    for database in $DATABASES; do
        repository "$database"
        table bbbb2222 aaaa1111 orders
        ok upgrade
        table bbbb2222 aaaa1111 prices
        without_history_texts
        fails 65 switch --yes
        says 'cannot revert revision bbbb2222, whose file was edited: no copy of the applied text was found' \
            'Restore the text that was applied' 'git fetch --all'
        same 'orders users' "$(tables)"
    done
}

@test "switch reverts an edited first revision by a text of the history table only on request" {
    for database in $DATABASES; do
        project "$database"
        table aaaa1111 null users
        ok upgrade
        table aaaa1111 null people
        fails 65 switch --yes
        says 'no file here has the text of aaaa1111' '--from-history'
        same users "$(tables)"
        ok switch --yes --from-history
        same people "$(tables)"
    done
}

@test "switch gives each hint once, also for a revision without a downgrade" {
    repository sqlite
    feature
    without_history_texts
    sql "UPDATE cmig_history SET blob = '$(echo other | git hash-object --stdin)' WHERE revision = 'cccc3333'"
    fails 65 switch --yes
    same 1 "$(grep -c 'git fetch --all' <<<"$err")"

    repository sqlite
    git checkout -q -b feature
    revision_file bbbb2222 aaaa1111 <<<'upgrade: [create_table: {name: orders, columns: {id: {type: integer}}}]'
    commit orders
    ok upgrade
    git checkout -q main
    fails 1 switch --yes
    says 'the applied text of revision bbbb2222' 'has no downgrade' "Undo by hand what it did, then run 'cmig stamp --purge REVISION'"
    [[ $err != *migrations/bbbb2222.yaml* && $err != *"Write a 'downgrade:'"* ]] || report 'the file is not here'
    same 'orders users' "$(tables)"
}

# ---- recording instead of reverting ------------------------------------------------------------------------------

@test "a revision that was written again under another id is recorded instead" {
    for database in $DATABASES; do
        repository "$database"
        feature
        table dddd4444 aaaa1111 prices
        table eeee5555 dddd4444 orders
        {
            printf '%s\n' 'revision: ffff6666' '# the same in other words' 'down_revision: eeee5555' 'message: items'
            sed -n '/^upgrade/,$p' <(git show feature:migrations/cccc3333.yaml)
        } >migrations/ffff6666_items.yaml
        commit again
        ok status
        prints "same operations as ffff6666: 'cmig switch --restamp'" 'same operations as eeee5555'
        fails 65 upgrade
        says "Revision ffff6666 has the same operations as cccc3333: 'cmig switch --restamp' records it instead."
        ok status --json
        json "[(f['revision'], f['same_as']) for f in d['found']] == [('cccc3333', 'ffff6666'), ('bbbb2222', 'eeee5555')]"
        ok switch --restamp --dry-run
        prints 'Replace the records of:' 'ffff6666, items (only recorded: its operations were applied)'
        [[ $out != *Lost* ]] || report 'nothing is lost'
        ok switch --restamp --yes
        same ffff6666 "$(sql 'SELECT revision FROM cmig_version')"
        same 'items orders prices users' "$(tables)"
        same 3 "$(sql 'SELECT count(*) FROM orders')"
        ok status
        [[ $out != *missing* ]] || report 'nothing is missing'
        ok upgrade --strict
        # It is reverted like one that ran, also from another branch.
        git checkout -q -b again
        git branch -q -f main main~
        git checkout -q feature
        ok switch --dry-run
        prints "ffff6666, items" "found in branch 'again'" "table 'orders' with 3 rows (revision eeee5555)"
        git checkout -q again
        ok downgrade base
        same '' "$(tables)"
    done
}

@test "switch --restamp refuses a revision with other operations" {
    for database in $DATABASES; do
        repository "$database"
        feature
        table dddd4444 aaaa1111 prices
        commit prices
        fails 1 switch --restamp --yes
        says 'no revision file has the operations of revision cccc3333' 'without --restamp'
        same 'items orders users' "$(tables)"
    done
}

@test "a squashed revision is neither lost nor moved" {
    for database in $DATABASES; do
        repository "$database"
        feature
        git checkout -q feature
        ok squash base:bbbb2222
        commit squash
        ok switch
        says 'nothing to do: the database is at cccc3333'
        ok status --json
        json "d['found'] == d['moved'] == d['missing'] == []"
        # A branch without the last one.
        git rm -q migrations/cccc3333.yaml
        commit less
        ok switch --yes
        prints "table 'items' with 1 row (revision cccc3333)"
        same 'orders users' "$(tables)"
    done
}

@test "a revision that was only moved after another one: what it skipped is applied" {
    for database in $DATABASES; do
        for words in '' --restamp; do
            repository "$database"
            feature
            table dddd4444 aaaa1111 prices
            commit prices
            git checkout -q feature
            git -c user.name=Ann -c user.email=ann@example.org merge -q main -m merge
            sed -i 's/down_revision: aaaa1111/down_revision: dddd4444/' migrations/bbbb2222.yaml
            commit rebased
            # The version row says that all is applied; dddd4444 is not.
            ok upgrade
            says 'already at cccc3333' \
                "revision bbbb2222 was applied without dddd4444, on which it is based now: run 'cmig switch --restamp'"
            ok status
            prints "Applied after other parents than the file names:
  bbbb2222, without dddd4444: run 'cmig switch --restamp'"
            ok status --json
            json "[(m['revision'], m['skipped'], m['same_as']) for m in d['moved']] == [('bbbb2222', ['dddd4444'], 'bbbb2222')]"
            ok switch --yes $words
            same 'items orders prices users' "$(tables)"
            same cccc3333 "$(sql 'SELECT revision FROM cmig_version')"
            if [ -n "$words" ]; then
                same 3 "$(sql 'SELECT count(*) FROM orders')"
            else
                prints "table 'orders' with 3 rows (revision bbbb2222)" 'applied without dddd4444'
                same 0 "$(sql 'SELECT count(*) FROM orders')"
            fi
            ok status
            [[ $out != *'other parents'* ]] || report 'it is settled'
            ok upgrade --strict
            [[ $err != *without* ]] || report 'it is settled'
        done
    done
}

# ---- what is lost ------------------------------------------------------------------------------------------------

@test "switch counts the rows of columns, renamed tables and SQL" {
    for database in $DATABASES; do
        repository "$database"
        git checkout -q -b feature
        revision_file bbbb2222 aaaa1111 <<'Y'
upgrade:
  - add_column: {table: users, name: age, type: integer}
  - rename_table: {name: users, new_name: people}
  - create_table: {name: old, columns: {id: integer}}
downgrade:
  - drop_table: old
  - rename_table: {name: people, new_name: users}
  - drop_column: {table: users, name: age}
Y
        printf '%s\n' '-- revision: cccc3333' '-- down_revision: bbbb2222' '-- upgrade' 'CREATE TABLE plain (id int);' \
            '-- downgrade' 'DELETE FROM people;' 'DROP TABLE plain;' >migrations/cccc3333.sql
        commit two
        ok upgrade
        sql "INSERT INTO people VALUES (1, 1, 30), (2, 2, NULL)"
        sql "INSERT INTO plain VALUES (1), (2), (3)"
        git checkout -q main
        ok switch --yes
        prints "Lost:
  the rows of table 'people' with 2 rows (revision cccc3333)
  table 'plain' with 3 rows (revision cccc3333)
  table 'old' with 0 rows (revision bbbb2222)
  column 'people.age' with 1 value (revision bbbb2222)"
        same users "$(tables)"
    done
}

@test "switch asks on a terminal" {
    for database in $DATABASES; do
        repository "$database"
        feature
        asked() { # ANSWER
            python3 - "$1" "${CMIG[@]}" switch <<'P'
import os, pty, subprocess, sys
output = b""
def read(fd):
    global output
    data = os.read(fd, 1024)
    output += data
    if b"[y/N] " in output and not read.answered:
        read.answered = True
        if os.environ.get("during"):
            subprocess.run(["bash", "-c", os.environ["during"]], check=True)
        os.write(fd, sys.argv[1].encode() + b"\n")
    return data
read.answered = False
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[2:], read, lambda fd: b"")))
P
        }
        status=0
        asked n >answer || status=$?
        same 1 "$status"
        grep -q 'not confirmed; nothing was changed' answer
        same 'items orders users' "$(tables)"
        # What is there when the answer comes is not what was shown.
        row=$(sql 'SELECT revision FROM cmig_version')
        export -f sql mysql mysql_program
        export DATABASE FILE URL
        during="sql \"UPDATE cmig_version SET revision = 'bbbb2222'\"" asked y >answer || true
        grep -q 'another program has changed the revisions of the database to bbbb2222' answer
        same 'items orders users' "$(tables)"
        sql "UPDATE cmig_version SET revision = '$row'"
        asked y >answer
        grep -q 'Change the database?' answer
        same users "$(tables)"
    done
}

@test "a revision that was only stamped is found once its file is lost" {
    for database in $DATABASES; do
        repository "$database"
        table bbbb2222 aaaa1111 orders
        sql "CREATE TABLE users (id integer PRIMARY KEY, n integer)"
        sql "CREATE TABLE orders (id integer PRIMARY KEY, n integer)"
        sql "INSERT INTO orders VALUES (1, 1)"
        ok stamp head
        rm migrations/bbbb2222.yaml
        ok status
        prints 'bbbb2222' 'the history table'
        fails 1 downgrade --from-history aaaa1111
        says 'revision bbbb2222' 'was stamped, never applied here' '--drop-stamped'
        ok downgrade --from-history --drop-stamped aaaa1111
        same users "$(tables)"
    done
}
