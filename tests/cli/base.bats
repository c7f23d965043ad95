# check --base: what a merge with the base branch will bring, in real repositories.

load helper

git_() {
    git -c user.name=T -c user.email=t@example.org -c init.defaultBranch=main -c advice.detachedHead=false "$@" >/dev/null 2>&1
}

commit() { # MESSAGE
    git_ add -A
    git_ commit -m "$1"
}

# A repository with the revisions aaaa and bbbb on main, and a branch `work` at the same commit, which is checked out.
repository() { # [LINE of cmig.yaml...]
    mkdir -p "$BATS_TEST_TMPDIR/repo"
    cd "$BATS_TEST_TMPDIR/repo"
    mkdir -p models migrations
    printf '%s\n' 'url: sqlite:///app.db' "$@" >cmig.yaml
    users_model
    revision_file aaaa null <<<$'upgrade:\n  - create_table: {name: users, columns: {id: {type: integer}}, primary_key: [id]}\ndowngrade: [drop_table: users]'
    empty_revision bbbb aaaa
    git_ init .
    commit start
    git_ checkout -b work
}

column_revision() { # ID PARENT TABLE COLUMN
    revision_file "$1" "$2" <<<"upgrade:
  - add_column: {table: $3, name: $4, type: integer, nullable: true}
downgrade:
  - drop_column: {table: $3, name: $4}"
}

# A revision on main, while `work` is checked out again afterwards.
on_main() { # COMMAND...
    git_ checkout main
    "$@"
    commit "on main"
    git_ checkout work
}

@test "nothing prevents a merge" {
    repository
    ok check --base main
    says "nothing prevents a merge with 'main'"
    users_model 'age: {type: integer, nullable: true}'
    column_revision cccc bbbb users age
    ok check --base main # also before it is committed
    commit age
    ok check --base main
    prints_exactly ""
    ok check --base main --json
    json 'd["findings"] == [] and d["new"] == ["cccc"] and d["new_in_base"] == [] and d["heads_after_merge"] == ["cccc"]'
    same "$(git rev-parse main)" "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["commit"])' <<<"$out")"
    [ ! -e app.db ]
}

@test "revisions of the base that were edited, renamed or removed" {
    repository
    sed -i '1i # a comment' migrations/aaaa.yaml
    ok check --base main # comments may change
    sed -i 's/name: users/name: people/; s/: users/: people/' migrations/aaaa.yaml
    git_ mv migrations/bbbb.yaml migrations/b.yaml
    fails 2 check --base main
    prints "migrations/aaaa.yaml:1:" "revision aaaa of 'main' was edited" "[edited-revision]" \
        "migrations/b.yaml:1:" "the file of revision bbbb was renamed: it was 'migrations/bbbb.yaml' in 'main' [renamed-revision]"
    says "the comparison with 'main' found"
    git_ checkout -f work
    git_ reset --hard
    git_ rm migrations/bbbb.yaml
    commit gone
    fails 2 check --base main
    prints "migrations/bbbb.yaml:1:1: error: revision bbbb of 'main' was removed [removed-revision]"
}

@test "what the base has changed itself is not this branch's" {
    repository
    column_revision cccc bbbb users age
    users_model 'age: {type: integer, nullable: true}'
    commit age
    git_ checkout main
    sed -i 's/step bbbb/another message/' migrations/bbbb.yaml
    commit message
    git_ checkout work
    ok check --base main
    # Both have the same new file, as after a squash merge.
    git_ checkout main
    git_ merge --squash work
    commit squashed
    git_ checkout work
    ok check --base main
    json_of() { ok check --base main --json; }
    json_of
    json 'd["new"] == [] and d["heads_after_merge"] == ["cccc"]'
}

@test "two heads are predicted, with the command that resolves them" {
    repository
    column_revision cccc bbbb users age
    users_model 'age: {type: integer, nullable: true}'
    commit age
    on_main eval 'empty_revision dddd bbbb'
    fails 2 check --base main
    prints "migrations/cccc.yaml:2:16: error: after a merge with 'main' there are 2 heads: cccc, dddd [several-heads]" \
        "git merge main && cmig rebase main" "git merge main && cmig merge heads -m MESSAGE"
    # The command resolves it.
    git_ merge -m merged main
    fails 2 check --base main
    prints "Run 'cmig rebase main' to put"
    ok rebase main
    commit rebased
    ok check --base main
    json_after() { ok check --base main --json; }
    json_after
    json 'd["heads_after_merge"] == ["cccc"]'
    # A branch with a label is meant so, unless there must be one head.
    empty_revision eeee bbbb 'branch_labels: [billing]'
    ok check --base main
    echo 'heads: single' >>cmig.yaml
    fails 2 check --base main
    prints "[several-heads]"
}

@test "the same object in both branches; what commutes" {
    repository
    column_revision cccc bbbb users age
    users_model 'age: {type: integer, nullable: true}'
    commit age
    on_main eval 'revision_file dddd bbbb <<<"upgrade: [create_table: {name: posts, columns: {id: {type: integer}}, primary_key: [id]}]
downgrade: [drop_table: posts]"'
    fails 2 check --base main
    [[ $out != *branch-conflict* ]]
    says "they commute"
    ok_json() { try check --base main --json; }
    ok_json
    json 'd["commute"] is True'
    on_main column_revision ffff dddd users age
    fails 2 check --base main
    prints "migrations/cccc.yaml:5:5: warning: 'age' of table 'users' is also changed by revision ffff, in another branch [branch-conflict]"
    ok_json
    json 'd["commute"] is False'
    on_main eval 'revision_file gggg ffff <<<"upgrade: [execute: DELETE FROM users]
downgrade: []"'
    git_ checkout main
    git_ reset --hard HEAD~2
    revision_file gggg dddd <<<$'upgrade: [execute: DELETE FROM logs]\ndowngrade: []'
    commit sql
    git_ checkout work
    ok_json
    json 'd["commute"] is None'
}

@test "one id in both branches, and labels that meet" {
    repository
    empty_revision cccc bbbb 'branch_labels: [x]'
    commit ours
    on_main column_revision cccc bbbb users age
    fails 2 check --base main
    prints "'main' has another revision with the id 'cccc', in 'migrations/cccc.yaml' [duplicate-revision]"
    git_ checkout main
    git_ rm migrations/cccc.yaml
    empty_revision dddd bbbb 'branch_labels: [x]'
    commit label
    git_ checkout work
    fails 2 check --base main
    prints "after a merge with 'main' the revisions are invalid" "[invalid-merge]"
}

@test "models that changed without a revision" {
    repository
    users_model 'age: {type: integer, nullable: true}'
    fails 2 check --base main
    prints "models/model.yaml:" "the models changed without a revision" "age" "[models-without-revision]" \
        "Run 'cmig revision --autogenerate -m MESSAGE'"
    column_revision cccc bbbb users age
    ok check --base main
    # A difference that the base has, too, is not this branch's.
    git_ checkout -f main
    users_model 'old: {type: integer, nullable: true}'
    rm -f migrations/cccc.yaml
    commit forgotten
    git_ checkout -b later
    ok check --base main
    for dialect in postgresql mysql; do
        ok check --base main --dialect "$dialect"
    done
    users_model 'old: {type: integer, nullable: true}' 'name: string(80)'
    for dialect in sqlite postgresql mysql; do
        fails 2 check --base main --dialect "$dialect"
        prints name
        [[ $out != *old* ]]
    done
}

@test "a revision that cannot be applied" {
    for dialect in sqlite postgresql mysql; do
        rm -rf "$BATS_TEST_TMPDIR/repo"
        repository
        users_model 'age: {type: integer, nullable: true}'
        revision_file cccc bbbb <<<$'upgrade:\n  - drop_column: {table: nothing, name: a}\ndowngrade: []'
        fails 2 check --base main --dialect "$dialect"
        prints "migrations/cccc.yaml:5:" "error: revision cccc cannot be applied after bbbb: table 'nothing' does not exist" \
            "[failing-revision]" "the models changed without a revision" "[models-without-revision]"
        [[ $err != *'cannot tell'* ]] || report 'the reason is known'
        # Of later failures, the first is the cause.
        column_revision dddd cccc nothing b
        fails 2 check --base main --dialect "$dialect" --json
        json '[(f["rule"], f["revision"]) for f in d["findings"] if f["rule"] == "failing-revision"] == [("failing-revision", "cccc")]'
        # SQL that is not read may have created the table.
        revision_file cccc bbbb <<<$'upgrade:\n  - execute: CALL create_nothing()\ndowngrade: []'
        ok check --base main --dialect "$dialect"
        says 'cannot tell whether the models changed without a revision: revision cccc cannot be followed without a database'
    done
}

@test "a revision that cannot be applied after those of the base" {
    for dialect in sqlite postgresql mysql; do
        rm -rf "$BATS_TEST_TMPDIR/repo"
        repository
        column_revision oooo bbbb users age
        sed -i 's/add_column.*/drop_column: {table: users, name: id}/; /^downgrade/,$d' migrations/oooo.yaml
        printf 'downgrade: []\n' >>migrations/oooo.yaml
        commit drop
        on_main revision_file mmmm bbbb <<<$'upgrade:\n  - rename_table: {name: users, new_name: people}\ndowngrade:\n  - rename_table: {name: people, new_name: users}'
        fails 2 check --base main --dialect "$dialect"
        git_ merge main
        ok rebase main
        fails 2 check --base main --dialect "$dialect"
        prints "migrations/oooo.yaml:" "revision oooo cannot be applied after mmmm: table 'users' does not exist" "[failing-revision]"
        [[ $err != *'nothing prevents'* ]] || report 'something does'
        sed -i 's/^url.*//' cmig.yaml
        fails 2 check --base main # on all systems
        prints "[failing-revision]"
    done
}

@test "SQL revisions and SQL models" {
    repository
    printf '%s\n' '-- revision: cccc' '-- down_revision: bbbb' '-- message: sql' '-- upgrade' \
        'ALTER TABLE users ADD COLUMN age integer;' '-- downgrade' 'ALTER TABLE users DROP COLUMN age;' >migrations/cccc.sql
    users_model 'age: {type: integer, nullable: true}'
    ok check --base main
    commit sql
    git_ checkout main
    git_ merge --ff-only work
    git_ checkout work
    sed -i 's/age integer/age bigint/' migrations/cccc.sql
    fails 2 check --base main
    prints "migrations/cccc.sql:5:" "[edited-revision]"
    git_ checkout -f work
    printf -- '-- others\nCREATE TABLE other (id integer);\n' >models/other.sql
    fails 2 check --base main
    prints "models/other.sql:2:1: error: the models changed without a revision: other: the table is not in the database"
    revision_file dddd cccc <<<$'upgrade:\n  - create_table: {name: other, columns: {id: integer}}\ndowngrade: [drop_table: other]'
    ok check --base main
    commit other
    # A difference that the base has itself is not this branch's.
    both() { echo 'CREATE TABLE both (id integer);' >models/both.sql; }
    on_main both
    git_ merge main
    ok check --base main
    printf 'CREATE TABLE broken (id' >models/other.sql
    fails 78 check --base main
    says "models/other.sql:1:"
}

@test "SQL models on servers" {
    for DATABASE in ${DATABASES//sqlite/}; do
        project "$DATABASE" 'models: schema.sql'
        git_ init .
        echo 'CREATE TABLE users (id integer PRIMARY KEY);' >schema.sql
        revision_file aaaa null <<<$'upgrade:\n  - create_table: {name: users, columns: {id: {type: integer, autoincrement: false}}, primary_key: [id]}\ndowngrade: [drop_table: users]'
        commit start
        git_ checkout -b work
        ok check --base main
        echo 'ALTER TABLE users ADD age bigint;' >>schema.sql
        fails 2 check --base main
        prints "the models changed without a revision: users.age"
        ok check --base main --url "$DATABASE://nobody@127.0.0.1:1/x"
        says "the models were not compared with the revisions: a scratch database needs a server"
    done
}

@test "models that a program prints: the program of the base branch does not run" {
    repository "models: {program: [sh, -c, 'echo ran >>ran; cat models/*'], format: yaml}"
    empty_revision cccc bbbb
    ok check --base main
    same ran "$(cat ran)"
    users_model 'age: integer'
    fails 2 check --base main
    prints "the models changed without a revision: users.age"
    says "differences within 'main' are reported, too: programs and databases of another commit are not used"
    same "$(printf 'ran\nran')" "$(cat ran)"
}

@test "revisions of the base that this branch squashes" {
    repository
    ok squash bbbb
    ok check --base main
    commit squashed
    on_main empty_revision dddd bbbb
    ok check --base main --json
    json 'd["heads_after_merge"] == ["dddd"] and d["findings"] == []'
}

@test "without a URL" {
    repository
    : >cmig.yaml
    users_model 'age: integer'
    fails 2 check --base main
    prints "[models-without-revision]"
    printf '%s\n' 'tables:' '  app.posts:' '    columns:' '      id: integer' >models/posts.yaml
    ok check --base main
    says "the models were not compared with the revisions: name the database system with --dialect"
    echo 'schemas: [public, app]' >cmig.yaml
    fails 2 check --base main --dialect postgresql
    prints "[models-without-revision]"
    fails 64 check --base main --dialect oracle
}

@test "the formats of CI systems" {
    repository
    empty_revision cccc bbbb
    commit ours
    on_main empty_revision dddd bbbb
    GITHUB_ACTIONS=true fails 2 check --base main
    prints '::error file=migrations/cccc.yaml,line=2,col=16,title=several-heads::after a merge'
    fails 2 check --base main --format gitlab
    json 'd[0]["check_name"] == "several-heads" and d[0]["severity"] == "major" and d[0]["location"]["path"] == "migrations/cccc.yaml"'
    fails 2 check --base main --format sarif
    json 'd["runs"][0]["results"][0]["ruleId"] == "several-heads"'
    fails 2 check --base main --format junit
    prints '<failure'
}

@test "auto: the variables of CI systems, then origin's HEAD" {
    repository
    empty_revision cccc bbbb
    commit ours
    on_main empty_revision dddd bbbb
    fails 64 check --base auto
    says "cannot find the base branch: no CI variable names it, and origin has no default branch here" "git remote set-head origin --auto"
    cd ..
    git_ clone repo clone
    cd clone
    git_ checkout work
    git_ remote set-head origin main
    fails 2 check --base auto
    prints "after a merge with 'origin/HEAD' there are 2 heads"
    for variable in GITHUB_BASE_REF CI_MERGE_REQUEST_TARGET_BRANCH_NAME BITBUCKET_PR_DESTINATION_BRANCH \
        SYSTEM_PULLREQUEST_TARGETBRANCH CHANGE_TARGET BUILDKITE_PULL_REQUEST_BASE_BRANCH DRONE_TARGET_BRANCH; do
        export "$variable=main"
        fails 2 check --base auto
        prints "after a merge with 'origin/main' there are 2 heads"
        export "$variable=refs/heads/nothing"
        fails 64 check --base auto
        says "git does not know the target branch 'nothing' of the CI system" "git fetch origin nothing"
        unset "$variable"
    done
    # As GitHub checks a pull request out: detached, at a merge with the target.
    git_ checkout --detach origin/main
    git_ merge -m pull origin/work
    GITHUB_BASE_REF=main fails 2 check --base auto
    prints "there are 2 heads"
}

@test "errors name what cannot be compared" {
    mkdir -p models migrations
    echo 'url: sqlite:///app.db' >cmig.yaml
    fails 1 check --base main
    says "cannot read 'main'" "is not in a git repository that can be read"
    git_ init .
    fails 64 check --base main
    says "git does not know 'main'"
    repository
    fails 64 check --base nothing
    says "git does not know 'nothing'"
    for option in --drift --offline --strict; do
        fails 64 check --base main $option
        says "--base cannot be combined with $option"
    done
    git_ checkout --orphan alone
    commit alone
    fails 1 check --base main
    says "HEAD and 'main' have no common commit"
}

@test "a shallow clone lacks the commit in common" {
    repository
    for i in 1 2 3; do
        empty_revision "c$i$i$i" "$([ $i = 1 ] && echo bbbb || echo "c$((i - 1))$((i - 1))$((i - 1))")"
        commit "c$i"
    done
    on_main empty_revision dddd bbbb
    on_main empty_revision eeee dddd
    cd ..
    git_ clone --depth 1 --no-single-branch "file://$PWD/repo" shallow
    cd shallow
    git_ checkout work
    fails 1 check --base origin/main
    says "the clone is shallow" "git fetch --unshallow" "fetch-depth: 0"
    git_ fetch --unshallow
    fails 2 check --base origin/main
    prints "there are 2 heads"
}

@test "a project in a directory, a worktree, a clone of a bare repository, a detached HEAD" {
    mkdir -p repo/server/db
    cd repo/server/db
    mkdir models migrations
    echo 'url: sqlite:///app.db' >cmig.yaml
    users_model
    empty_revision aaaa null
    git_ init ../..
    git_ -C ../.. add -A
    git_ commit -m start
    git_ checkout -b work
    empty_revision cccc aaaa
    git_ add .
    git_ commit -m ours
    git_ checkout main
    empty_revision dddd aaaa
    git_ add .
    git_ commit -m theirs
    git_ checkout work
    fails 2 check --base main
    prints "migrations/cccc.yaml:2:16: error: after a merge with 'main' there are 2 heads: cccc, dddd"
    cd "$BATS_TEST_TMPDIR/repo"
    fails 2 -c server/db/cmig.yaml check --base main
    prints "server/db/migrations/cccc.yaml:2:16: error"
    git_ worktree add "$BATS_TEST_TMPDIR/tree" --detach work
    cd "$BATS_TEST_TMPDIR/tree/server/db"
    fails 2 check --base main
    prints "migrations/cccc.yaml:2:16: error"
    cd "$BATS_TEST_TMPDIR"
    git_ clone --bare repo bare.git
    git_ clone bare.git copy
    cd copy/server/db
    git_ checkout work
    git_ remote set-head origin main
    fails 2 check --base auto
    prints "there are 2 heads"
    # A base that does not have the project yet.
    git_ checkout --orphan empty
    git_ rm -rf .
    git_ commit --allow-empty -m nothing
    git_ branch before
    mkdir -p models migrations
    echo 'url: sqlite:///app.db' >cmig.yaml
    revision_file aaaa null <<<$'upgrade: [create_table: {name: users, columns: {id: integer}, primary_key: [id]}]\ndowngrade: [drop_table: users]'
    users_model
    ok check --base before
}

@test "heads: single" {
    for database in $DATABASES; do
        project "$database" 'heads: single'
        empty_revision aaaa null
        empty_revision bbbb aaaa
        empty_revision cccc aaaa
        for command in check 'check --offline' 'revision -m x' 'upgrade heads'; do
            fails 2 $command
            says "there are 2 heads: bbbb, cccc" "cmig merge heads -m MESSAGE" "'heads: single' in cmig.yaml"
        done
        ok merge heads -m joined
        ok upgrade
    done
    echo 'heads: two' >>cmig.yaml
    fails 78 status
}

@test "formatted revisions are those of the base, in directories below as well" {
    repository 'recursive: true'
    mkdir migrations/2026
    column_revision cccc bbbb users age
    sed 's/^  - /     -   /' migrations/cccc.yaml >migrations/2026/cccc.yaml
    rm migrations/cccc.yaml
    commit cccc
    git_ branch -f main
    ok check --base main
    ok fmt
    prints "migrations/2026/cccc.yaml"
    commit formatted
    ok check --base main
    prints_exactly ""
    sed -i 's/integer/text/' migrations/2026/cccc.yaml
    fails 2 check --base main
    prints "revision cccc of 'main' was edited: databases may have applied it"
}
