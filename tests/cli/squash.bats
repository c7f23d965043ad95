#!/usr/bin/env bats
# One revision in place of many.
load helper

# Three revisions: tables, rows, a change. Those of git are committed.
history_of_three() {
    model <<'END'
tables:
  roles: {columns: {id: {type: integer, primary_key: true}, name: {type: string(20), nullable: false}}}
  users: {columns: {id: {type: integer, primary_key: true}, email: {type: string(99)}, role_id: {type: integer, references: roles.id}}}
END
    ok revision --autogenerate -m one --rev-id 1111
    cat >migrations/2222.sql <<'END'
-- revision: 2222
-- down_revision: 1111
-- message: rows of roles
-- branch_labels: main
-- upgrade
INSERT INTO roles (id, name) VALUES (1, 'admin'), (2, 'it''s; a guest');
-- a comment
CREATE INDEX roles_name ON roles (name);
UPDATE users SET email = lower(email);
-- downgrade
DROP INDEX roles_name;
DELETE FROM roles;
END
    [ "$DATABASE" != mysql ] || sed -i 's/^DROP INDEX roles_name/& ON roles/' migrations/2222.sql
    cat >models/model.yaml <<'END'
tables:
  roles: {columns: {id: {type: integer, primary_key: true}, name: {type: string(20), nullable: false}}, indexes: {roles_name: [name]}}
  users: {columns: {id: {type: integer, primary_key: true}, mail: {type: string(99), renamed_from: email, unique: true}, role_id: {type: integer, references: roles.id}}}
END
    ok upgrade head
    ok revision --autogenerate -m three --rev-id 3333
    ok upgrade head
    git init -q
    git config user.name "A B"
    git config user.email a@b.c
    git add .
    git commit -q -m x
}

# The database and one that is made by the revisions of now are the same.
same_as_new() {
    local url=$URL file=$FILE
    dump >before
    rm -rf other
    database "$DATABASE"
    ok --url "$URL" upgrade head
    dump >after
    same "$(sql 'SELECT id, name FROM roles ORDER BY id')" $'1|admin\n2|it\'s; a guest'
    same "$(cat before)" "$(cat after)"
    ok --url "$URL" check
    URL=$url FILE=$file
}

@test "a squash keeps the schema, the rows and the databases that have reached it" {
    for database in $DATABASES; do
        project "$database"
        history_of_three
        fails 1 squash base:2222
        says "1 operation may change rows" "migrations/2222.sql" "INSERT INTO roles" "--data keep" "--data drop"
        ok squash base:2222 --data keep --dry-run
        prints "replaces:" "it''s; a guest"
        [ "$(git status --porcelain)" = "" ]
        ok squash base:2222 --data keep -m 'until now'
        says "squashed 2 revisions, from 1111 to 2222" "must first be upgraded to 2222"
        same "$(cd migrations && echo *)" "2222_until_now.yaml 3333_three.yaml"
        for word in status check current heads "upgrade head" "history" "lint" "check --strict"; do
            ok $word
            [[ $err$out != *edited* && $err$out != *missing* ]] || report "the squash is taken for a mistake"
        done
        same_as_new
        ok downgrade 2222
        ok upgrade head
        fails 1 downgrade base
        says "2222"
        ok show main
        prints "2222"
    done
}

@test "rows that the kept operations give another value are a difference" {
    for database in $DATABASES; do
        project "$database"
        revision_file aaaa null <<'END'
upgrade:
- create_table: {name: cfg, columns: {id: {type: integer, primary_key: true}, x: {type: integer, nullable: false, default: 1}, at: {type: timestamp, default: {func: now}}}}
- execute: INSERT INTO cfg (id) VALUES (1)
downgrade: [drop_table: cfg]
END
        revision_file bbbb aaaa <<'END'
upgrade:
- alter_column: {table: cfg, name: x, default: 9}
downgrade:
- alter_column: {table: cfg, name: x, default: 1}
END
        fails 1 squash head --data keep --force
        says "cannot replace these revisions with one" "a row of the revisions only: cfg: id 1 x 1" \
            "a row of the squash only: cfg: id 1 x 9" "Nothing was written."
        revision_file cccc bbbb <<<$'upgrade: [rename_table: {name: cfg, new_name: cfg2}]\ndowngrade: [rename_table: {name: cfg2, new_name: cfg}]'
        fails 1 squash head --data keep --force
        says "cfg" "Nothing was written."
        [[ $err != *"cmig upgrade"* && $err != *"rolled back"* ]]
        ok squash head --data drop --force
        same "$(cd migrations && echo *)" cccc_squash_of_3_revisions.yaml
    done
}

@test "a file that cannot be removed leaves everything as it was" {
    project sqlite
    history_of_three
    mkdir other
    mv migrations/1111_one.yaml other
    printf 'migrations: [migrations, other]\n' >>cmig.yaml
    git add -A && git commit -q -m moved
    before=$(ls -R)
    chattr +i other 2>/dev/null || chmod a-w other
    try squash base:2222 --data keep
    chattr -i other 2>/dev/null || chmod u+w other
    [ "$status" = 0 ] || says "cannot remove" "Nothing was written."
    [ "$status" = 0 ] || same "$before" "$(ls -R)"
    ok history
}

@test "a database between squashed revisions is told to finish first" {
    for database in $DATABASES; do
        project "$database"
        history_of_three
        ok downgrade 1111
        ok squash main --data keep
        for word in "upgrade head" check current; do
            try $word
            [ "$status" = 65 ] || report "should have ended with 65"
            says "is at revision '1111', which the baseline '2222' replaces" "Upgrade it to '2222' with the files"
        done
        git checkout -q HEAD -- migrations
        git stash -q -- migrations 2>/dev/null || true
        rm -f migrations/2222_*
        ok upgrade 2222
        rm migrations/1111_* migrations/2222.sql
        git stash pop -q 2>/dev/null || true
    done
}

@test "rows can be left out, and everything at once be squashed, again and again" {
    for database in $DATABASES; do
        project "$database"
        history_of_three
        ok squash head --data drop
        says "squashed 3 revisions, from 1111 to 3333" "left out: 1 operation on rows"
        database "$DATABASE"
        ok --url "$URL" upgrade head
        same "$(sql 'SELECT count(*) FROM roles')" 0
        ok --url "$URL" check
        empty_revision 4444 3333 "depends_on: 2222"
        ok --url "$URL" upgrade head
        git add . && git commit -q -m y
        ok squash :4444
        prints 4444
        grep -q 1111 migrations/4444_*
        grep -q 3333 migrations/4444_*
        ok --url "$URL" status
        ok --url "$URL" check
    done
}

@test "what a squash refuses, without a change" {
    project sqlite
    history_of_three
    empty_revision 4444 2222
    fails 1 squash base:3333 --data keep
    says "revision 4444 follows 2222, which is below 3333"
    rm migrations/4444.yaml
    fails 64 squash 1111:3333
    says "a squash begins at base" "Run 'cmig squash base:3333'."
    fails 64 squash base:-1
    says "relative to a database"
    fails 1 squash 1111
    says "nothing to squash: 1111 is the first revision"
    empty_revision 4444 3333
    fails 1 squash head --data keep
    says "migrations/4444.yaml' has uncommitted changes or is not in git" "or use --force"
    revision_file 4444 3333 <<<$'upgrade: [{create_table: {name: t, columns: [{name: a, type: integer}]}, only: [postgresql]}]\ndowngrade: []'
    fails 1 squash head --data keep --force
    says "revision 4444 has operations that are limited to some databases"
    revision_file 4444 3333 <<<$'upgrade: [{execute: {sql: "SELECT nothing FROM nowhere"}}]\ndowngrade: []'
    fails 1 squash head --data drop --force
    says "cannot apply revision 4444" "nowhere"
    revision_file 4444 3333 <<<$'upgrade: [{execute: {sql: "UPDATE users SET email = 1"}}]\ndowngrade: []'
    fails 1 squash head --data keep --force
    git checkout -q -- migrations
    rm migrations/4444.yaml
    same "$(git status --porcelain | grep -v '?? ')" ""
    # An insert that the last schema does not take: the revisions themselves accept it.
    revision_file 4444 3333 <<<$'upgrade: [{add_column: {table: roles, name: x, type: integer, nullable: false, default: 1}}, {alter_column: {table: roles, name: x, default: null}}]\ndowngrade: []'
    sed -i 's/(id, name) VALUES (1, .admin.), (2, .it..s; a guest.)/(id, name) SELECT 1, '"'a'"'/' migrations/2222.sql
    fails 1 squash head --data keep --force
    says "cannot replace these revisions with one" "Nothing was written."
    [ -e migrations/2222.sql ]
}

@test "a replaced revision whose file comes back is an error with both places" {
    project sqlite
    history_of_three
    ok squash base:2222 --data keep
    git checkout -q HEAD -- migrations/1111_one.yaml
    fails 78 history
    says "migrations/1111_one.yaml:1:" "revision '1111' has a file, although '2222' replaces it" "migrations/2222_"
    rm migrations/1111_one.yaml
    empty_revision 5555 1111
    fails 78 history
    says "names the parent '1111', which has no file" "'2222' replaces it: name that one instead."
}
