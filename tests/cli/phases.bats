# Expand and contract: phases of revisions, and revisions that are generated for them.

load helper

phase_revision() { # ID PARENT PHASE
    empty_revision "$1" "$2" "phase: $3"
}

applied() {
    sql "SELECT revision FROM cmig_version ORDER BY revision"
}

@test "upgrade --phase applies the revisions of a phase, in their order" {
    for database in $DATABASES; do
        project "$database"
        empty_revision r1 null
        phase_revision r2 r1 expand
        phase_revision r3 r2 contract
        phase_revision r4 r3 expand
        printf '%s\n' '-- revision: r5' '-- down_revision: r4' '-- phase: contract' '-- upgrade' 'SELECT 1;' '-- downgrade' >migrations/r5.sql
        fails 1 upgrade --phase contract
        says "cannot apply contract revision r3: r2 comes before it and is pending" "cmig upgrade --phase expand"
        ok upgrade --phase expand
        same "$(applied)" r2
        says "left for the contract phase: r3, r5" "not applied, since pending revisions of the other phase come before: r4"
        ok upgrade --phase expand --json
        json 'd["steps"] == [] and d["waiting"] == ["r3", "r4", "r5"] and "phase" in d["note"]'
        ok upgrade --phase contract --dry-run
        ok upgrade --phase contract
        same "$(applied)" r3
        ok upgrade --phase expand
        same "$(applied)" r4
        ok status
        prints "r5 (head) (contract)"
        ok upgrade
        same "$(applied)" r5
        ok upgrade --phase expand
        says "nothing to do in phase 'expand'"
    done
}

@test "branches and dependencies of phases" {
    project sqlite
    phase_revision a1 null expand
    phase_revision a2 a1 contract
    phase_revision b1 null expand 'branch_labels: [b]'
    empty_revision b2 b1 'phase: expand' 'depends_on: a2'
    ok upgrade --phase expand heads
    same "$(applied)" $'a1\nb1'
    ok upgrade --phase contract heads
    same "$(applied)" $'a2\nb1'
    ok upgrade --phase expand heads
    same "$(applied)" b2
    ok upgrade --sql --dialect postgresql --phase expand heads
    [[ $out == *b1* && $out == *a1* && $out != *"'a2'"* ]]
}

@test "the phase is shown" {
    project sqlite
    phase_revision aaaa null expand
    phase_revision bbbb aaaa contract
    ok history
    prints "aaaa -> bbbb (head) (contract), step bbbb" "<base> -> aaaa (expand), step aaaa"
    ok history -v
    prints "Phase: contract" "Phase: expand"
    ok show bbbb
    prints "Phase: contract"
    ok heads --json
    json 'd["heads"][0]["phase"] == "contract"'
    sed -i 's/phase: contract/phase: shrink/' migrations/bbbb.yaml
    fails 78 history
    says "migrations/bbbb.yaml:4:8" "unknown word 'shrink'" "Expected one of 'expand' or 'contract'"
}

@test "lint: what breaks running programs is for the contract phase" {
    project sqlite
    revision_file aaaa null <<<$'upgrade:\n  - create_table: {name: users, columns: {id: integer, name: {type: string}}, primary_key: [id]}\ndowngrade: [drop_table: users]'
    revision_file bbbb aaaa 'phase: expand' <<<$'upgrade:\n  - drop_column: {table: users, name: name}\ndowngrade:\n  - add_column: {table: users, name: name, type: string}'
    fails 2 lint
    prints "warning: the values of column 'name'" "error: the values of column 'name' of table 'users' are lost, and the downgrade brings back the column without them, in the expand phase [expand-breaks]"
    sed -i 's/phase: expand/phase: contract/' migrations/bbbb.yaml
    ok lint
    prints "note: the values of column 'name'"
    [[ $out != *expand-breaks* ]]
}

# ---- revision --autogenerate --phases ----------------------------------------------------------------------------

# Users with a name, and rows.
people() { # DATABASE [LINE...]
    project "$1"
    users_model "${2:-name: {type: string(80), index: true\}}"
    ok revision --autogenerate -m users --rev-id start000
    ok upgrade
}

contract_path() {
    grep -l 'phase: contract' migrations/*
}

@test "--phases: a rename, with programs of both versions in between" {
    for database in $DATABASES; do
        people "$database"
        sql "INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Bob')"
        before=$(dump)
        users_model 'title: {type: string(80), index: true}'
        ok revision --autogenerate --phases --rename users.name=users.title -m title --rev-id expand00
        same "$(wc -l <<<"$out")" 2
        same "$(grep -c 'phase: expand' migrations/expand00_title.yaml)" 1
        grep -q 'down_revision: expand00' "$(contract_path)"
        ok lint
        [[ $out != *expand-breaks* ]]
        ok upgrade --phase expand
        same "$(sql "SELECT id, name, title FROM users ORDER BY id")" $'1|Ann|Ann\n2|Bob|Bob'
        # An old and a new program.
        sql "INSERT INTO users (id, name) VALUES (3, 'Cid')"
        sql "INSERT INTO users (id, title) VALUES (4, 'Dan')"
        sql "UPDATE users SET name = 'Anna' WHERE id = 1"
        sql "UPDATE users SET title = 'Rob' WHERE id = 2"
        same "$(sql "SELECT id, name, title FROM users ORDER BY id")" $'1|Anna|Anna\n2|Rob|Rob\n3|Cid|Cid\n4|Dan|Dan'
        half=$(dump)
        ok upgrade --phase contract
        same "$(sql "SELECT id, title FROM users ORDER BY id")" $'1|Anna\n2|Rob\n3|Cid\n4|Dan'
        ok check
        after=$(dump)
        # Back, and up again.
        ok downgrade expand00
        sql "INSERT INTO users (id, name) VALUES (5, 'Eve')"
        sql "INSERT INTO users (id, title) VALUES (6, 'Flo')"
        same "$(sql "SELECT name, title FROM users WHERE id > 4 ORDER BY id")" $'Eve|Eve\nFlo|Flo'
        ok downgrade start000
        same "$(sql "SELECT id, name FROM users ORDER BY id")" $'1|Anna\n2|Rob\n3|Cid\n4|Dan\n5|Eve\n6|Flo'
        same "$before" "$(dump)"
        ok upgrade
        same "$after" "$(dump)"
        ok check
        ok verify
    done
}

@test "--phases: a type" {
    for database in $DATABASES; do
        people "$database" 'age: string(20)'
        sql "INSERT INTO users (id, age) VALUES (1, '41'), (2, NULL)"
        users_model 'age: integer'
        ok revision --autogenerate --phases -m age --rev-id expand00
        ok upgrade --phase expand
        same "$(sql "SELECT id, age, age_new FROM users ORDER BY id")" $'1|41|41\n2||'
        sql "INSERT INTO users (id, age) VALUES (3, '43')"
        sql "INSERT INTO users (id, age_new) VALUES (4, 44)"
        sql "UPDATE users SET age = '51' WHERE id = 1"
        sql "UPDATE users SET age_new = 52 WHERE id = 2"
        same "$(sql "SELECT id, age, age_new FROM users ORDER BY id")" $'1|51|51\n2|52|52\n3|43|43\n4|44|44'
        ok upgrade --phase contract
        same "$(sql "SELECT id, age + 1 FROM users ORDER BY id")" $'1|52\n2|53\n3|44\n4|45'
        ok check
        ok downgrade expand00
        sql "INSERT INTO users (id, age) VALUES (5, '45')"
        same "$(sql "SELECT age, age_new FROM users WHERE id = 5")" '45|45'
        ok downgrade start000
        same "$(sql "SELECT id, age FROM users ORDER BY id")" $'1|51\n2|52\n3|43\n4|44\n5|45'
        ok upgrade
        ok check
        ok verify
    done
}

@test "--phases: a type of a column with indexes" {
    for database in $DATABASES; do
        people "$database" $'n: integer\n      age: {type: string(20), index: true}\n    indexes:\n      - {columns: [n, {column: age, order: desc}], unique: true}'
        sql "INSERT INTO users (id, age, n) VALUES (1, '41', 1), (2, NULL, 2)"
        before=$(dump)
        users_model $'n: integer\n      age: {type: integer, index: true}\n    indexes:\n      - {columns: [n, {column: age, order: desc}], unique: true}'
        ok revision --autogenerate --phases -m age --rev-id expand00
        [[ $err != *'is not divided'* ]] || report 'it is divided'
        ok upgrade --phase expand
        sql "INSERT INTO users (id, age_new, n) VALUES (3, 43, 1)"
        sql "INSERT INTO users (id, age, n) VALUES (4, '41', 1)" >/dev/null 2>&1 || true # not unique
        ok upgrade --phase contract
        same "$(sql "SELECT id, age + 1 FROM users ORDER BY id")" $'1|42\n2|\n3|44'
        ok check
        after=$(dump)
        ok downgrade expand00
        sql "INSERT INTO users (id, age, n) VALUES (5, '45', 5)"
        same "$(sql "SELECT age, age_new FROM users WHERE id = 5")" '45|45'
        ok downgrade start000
        # SQLite keeps the text of a definition, with other blanks.
        [ "$database" = sqlite ] || same "$before" "$(dump)"
        ok upgrade
        [ "$database" = sqlite ] || same "$after" "$(dump)"
        ok check
        ok verify
        users_model $'n: integer\n      age: {type: bigint, index: true}'
        ok revision --autogenerate --phases -m both
        ok upgrade
        ok check
    done
}

@test "--phases: a failure between the triggers of a pair is reverted" {
    for database in $DATABASES; do
        [ "$database" != postgresql ] || continue # it has one trigger for both
        people "$database" 'age: string(20)'
        sql "INSERT INTO users (id, age) VALUES (1, '41')"
        users_model 'age: integer'
        ok revision --autogenerate --phases -m age --rev-id expand00
        # Another trigger has the name of the second one.
        name=users_age_new_in_step_update
        if [ "$database" = mysql ]; then
            sql "CREATE TRIGGER $name BEFORE DELETE ON users FOR EACH ROW SET @x = 1"
        else
            sql "CREATE TRIGGER $name BEFORE DELETE ON users BEGIN SELECT 1; END"
        fi
        before=$(dump)
        fails 1 upgrade --phase expand
        says "$name"
        ok downgrade start000
        [ "$database" = sqlite ] || same "$before" "$(dump)" # SQLite keeps the text of a definition
        sql "DROP TRIGGER $name"
        ok upgrade
        ok check
    done
}

@test "--phases: integers and bits on PostgreSQL are not divided" {
    people postgresql $'flags: integer\n      mask: bit(8)'
    users_model $'flags: bit(32)\n      mask: integer'
    ok revision --autogenerate --phases -m bits
    says "alter_column users.flags is not divided: a cast between the types would lose values" \
        "alter_column users.mask is not divided: a cast between the types would lose values"
}

@test "--phases: columns that are NOT NULL and have a default" {
    for database in $DATABASES; do
        people "$database" $'name: {type: string(20), nullable: false}\n      points: {type: string(10), default: "0", nullable: false}'
        sql "INSERT INTO users (id, name) VALUES (1, 'Ann')"
        users_model $'title: {type: string(20), nullable: false}\n      points: {type: integer, default: 0, nullable: false}'
        ok revision --autogenerate --phases --rename users.name=users.title -m both --rev-id expand00
        ok upgrade --phase expand
        sql "INSERT INTO users (id, title) VALUES (2, 'Bob')"
        sql "INSERT INTO users (id, name, points) VALUES (3, 'Cid', '7')"
        sql "INSERT INTO users (id, title, points_new) VALUES (4, 'Dan', 8)"
        same "$(sql "SELECT id, name, title, points, points_new FROM users ORDER BY id")" \
            $'1|Ann|Ann|0|0\n2|Bob|Bob|0|0\n3|Cid|Cid|7|7\n4|Dan|Dan|8|8'
        ok upgrade --phase contract
        ok check
        sql "INSERT INTO users (id, title) VALUES (5, 'Eve')"
        same "$(sql "SELECT points FROM users WHERE id = 5")" 0
        sql "INSERT INTO users (id, title) VALUES (6, NULL)" >/dev/null 2>&1 || true
        same "$(sql "SELECT count(*) FROM users")" 5 # it is NOT NULL again
        ok downgrade start000
        same "$(sql "SELECT id, name, points FROM users ORDER BY id")" $'1|Ann|0\n2|Bob|0\n3|Cid|7\n4|Dan|8\n5|Eve|0'
        ok verify
    done
}

@test "--phases: what adds is in the first revision, what drops or restricts in the second" {
    for database in $DATABASES; do
        people "$database" $'name: string(20)\n      old: integer\n      age: integer'
        sql "INSERT INTO users (id, name) VALUES (9, 'Zoe')"
        model <<'END'
tables:
  users:
    columns:
      id: {type: integer, primary_key: true}
      name: {type: string(20), unique: true}
      age: {type: integer, nullable: false}
      city: {type: string(20), index: true}
  posts:
    columns:
      id: {type: integer, primary_key: true}
      user_id: {type: integer, references: users.id}
END
        ok revision --autogenerate --phases --no-rename --fill users.age=0 -m more --rev-id expand00
        grep -q 'create_table' migrations/expand00_more.yaml
        grep -q 'city' migrations/expand00_more.yaml
        [ "$(grep -cE 'drop_column|unique_constraint|nullable: false' <(sed -n '/^upgrade/,/^downgrade/p' migrations/expand00_more.yaml))" = 0 ]
        ok upgrade --phase expand
        sql "INSERT INTO users (id, name, old, age) VALUES (1, 'Ann', 5, NULL)"
        ok upgrade --phase contract
        ok check
        ok downgrade start000
        ok upgrade
        ok check
        [ "$database" != mysql ] || ok verify # the others have columns that are added again in another place
    done
}

@test "--phases: a type keeps the values that it cannot convert, on SQLite" {
    people sqlite $'born: string(30)\n      info: string(30)\n      code: string(10)\n      price: {type: "numeric(10,2)"}'
    sql "INSERT INTO users (id, born, info, code, price) VALUES (1, '2024-01-02', '{\"a\":1}', '12x', 12.75), (2, '', '[]', '12', 3)"
    users_model 'born: date' 'info: json' 'code: integer' 'price: integer'
    ok revision --autogenerate --phases -m types --rev-id expand00
    ok upgrade --phase expand
    sql "INSERT INTO users (id, born, info, code, price) VALUES (3, '2025-03-04', '{}', '7y', 1.5)"
    sql "UPDATE users SET code = '13x' WHERE id = 2"
    kept=$'1|2024-01-02|{"a":1}|12x|12.75\n2||[]|13x|3\n3|2025-03-04|{}|7y|1.5'
    same "$(sql "SELECT id, born_new, info_new, code_new, price_new FROM users")" "$kept"
    ok upgrade --phase contract
    same "$(sql "SELECT id, born, info, code, price FROM users")" "$kept"
    same "$(sql "SELECT typeof(code), typeof(price) FROM users WHERE id = 3")" 'text|real'
    ok downgrade expand00
    same "$(sql "SELECT id, born_new, info_new, code_new, price_new FROM users")" "$kept"
    ok downgrade start000
    same "$(sql "SELECT id, born, info, code, price FROM users")" "$kept"
}

# Whether the old program can still write, and the column is gone.
is_reverted() {
    sql "INSERT INTO users (id, name) VALUES (3, 'another name that is long')"
    same "$(sql "SELECT count(*) FROM users")" 3
}

@test "--phases: values that do not fit are not cut, and the failed revision can be reverted" {
    for database in $DATABASES; do
        [ "$database" != sqlite ] || continue # it has no lengths
        for type in 'string(10)' 'char(10)'; do
            people "$database" 'name: string(40)'
            before=$(dump)
            sql "INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'a name that is long')"
            users_model "name: $type"
            ok revision --autogenerate --phases -m name --rev-id expand00
            fails 1 upgrade --phase expand
            ok downgrade start000
            same "$before" "$(dump)"
            is_reverted
            sql "DELETE FROM users WHERE id > 1"
            ok upgrade --phase expand
            sql "INSERT INTO users (id, name) VALUES (4, 'a name that is long')" >/dev/null 2>&1 || true
            sql "UPDATE users SET name = 'a name that is long'" >/dev/null 2>&1 || true
            sql "INSERT INTO users (id, name) VALUES (5, 'Eve')"
            same "$(sql "SELECT id, name, name_new FROM users ORDER BY id" | tr -s ' ' | sed 's/ *$//')" $'1|Ann|Ann\n5|Eve|Eve'
        done
    done
}

@test "--phases: a type that rounds leaves the old column as it is" {
    for database in $DATABASES; do
        people "$database" $'price: {type: "numeric(10,2)"}\n      seen: datetime\n      ratio: double'
        sql "INSERT INTO users (id, price, seen, ratio) VALUES (1, 12.75, '2024-01-02 03:04:05', 0.30000000000000004)"
        users_model 'price: {type: "numeric(4,1)"}' 'seen: date' 'ratio: string(40)'
        ok revision --autogenerate --phases -m round
        ok upgrade --phase expand
        same "$(sql "SELECT price, seen FROM users WHERE ratio > 0.3")" '12.75|2024-01-02 03:04:05'
        [ "$database" = sqlite ] || same "$(sql "SELECT price_new, seen_new FROM users")" '12.8|2024-01-02'
        sql "UPDATE users SET price_new = 3.5, seen_new = '2025-01-01'"
        same "$(sql "SELECT 2 * price, 2 * price_new FROM users" | sed 's/\.0*|/|/; s/\.0*$//')" '7|7'
        sql "UPDATE users SET seen = '2026-02-02 01:01:01'"
        [ "$database" = sqlite ] || same "$(sql "SELECT seen, seen_new FROM users")" '2026-02-02 01:01:01|2026-02-02'
        ok upgrade
        ok check
    done
}

@test "--phases: types without equality, and booleans, on PostgreSQL" {
    people postgresql $'info: json\n      place: {type: {postgresql: point}}\n      code: string(10)\n      flag: boolean\n      size: bigint'
    sql "INSERT INTO users (id, info, place, code, flag, size) VALUES (1, '{}', '(1,2)', '[1]', true, 1)"
    users_model 'data: json' 'position: {type: {postgresql: point}}' 'code: json' 'flag: bigint' 'size: boolean'
    ok revision --autogenerate --phases --rename users.info=users.data --rename users.place=users.position -m json
    ok upgrade --phase expand
    sql "UPDATE users SET data = '[]', place = '(3,4)', code = '[2]'"
    same "$(sql "SELECT info, data, place, position, code, code_new FROM users")" '[]|[]|(3,4)|(3,4)|[2]|[2]'
    same "$(sql "SELECT flag, flag_new, size, size_new FROM users")" 't|1|1|t'
    sql "UPDATE users SET flag_new = 0, size = 0"
    same "$(sql "SELECT flag, flag_new, size, size_new FROM users")" 'f|0|0|f'
    ok upgrade
    ok check
}

@test "--phases: of several twins the last fails" {
    for database in $DATABASES; do
        [ "$database" != sqlite ] || continue # the revision is one transaction
        people "$database" $'name: string(40)\n      code: string(10)\n      gone: {type: integer, nullable: false}'
        before=$(dump)
        sql "INSERT INTO users (id, name, code, gone) VALUES (1, 'Ann', '12x', 1)"
        users_model 'title: string(40)' 'code: integer'
        ok revision --autogenerate --phases --rename users.name=users.title -m two --rev-id expand00
        fails 1 upgrade --phase expand
        ok downgrade start000
        same "$before" "$(dump)"
        sql "UPDATE users SET code = '12'"
        ok upgrade --phase expand
        same "$(sql "SELECT name, title, code, code_new FROM users")" 'Ann|Ann|12|12'
        ok upgrade
        ok check
    done
}

@test "--phases: a nullable column with a default is not divided" {
    for database in $DATABASES; do
        people "$database" 'name: {type: string(20), default: new}'
        users_model 'state: {type: string(20), default: new}'
        ok revision --autogenerate --phases --rename users.name=users.state -m state --rev-id expand00
        says "rename_column users.name to state is not divided: it is nullable and has a default"
        ok upgrade
        sql "INSERT INTO users (id, state) VALUES (1, NULL)"
        same "$(sql "SELECT id, state FROM users")" '1|'
        ok check
    done
}

@test "--phases: columns that new programs do not write accept NULL in the first revision" {
    for database in $DATABASES; do
        people "$database" $'name: {type: string(20), nullable: false}\n      gone: {type: integer, nullable: false}\n      kept: {type: integer, nullable: false}'
        before=$(dump)
        sql "INSERT INTO users (id, name, gone, kept) VALUES (1, 'Ann', 1, 1)"
        users_model 'title: {type: string(20), nullable: false}' 'kept: integer'
        ok revision --autogenerate --phases --rename users.name=users.title --no-rename -m gone --rev-id expand00
        ok upgrade --phase expand
        sql "INSERT INTO users (id, title) VALUES (2, 'Bob')"
        same "$(sql "SELECT id, name, title, gone, kept FROM users ORDER BY id")" $'1|Ann|Ann|1|1\n2|Bob|Bob||'
        ok upgrade --phase contract
        ok check
        ok downgrade expand00
        sql "INSERT INTO users (id, title) VALUES (3, 'Cid')"
        same "$(sql "SELECT id, name, gone FROM users ORDER BY id")" $'1|Ann|\n2|Bob|\n3|Cid|'
        sql "UPDATE users SET gone = 0, kept = 0"
        ok downgrade start000
        same "$(sql "SELECT id, name, gone, kept FROM users ORDER BY id")" $'1|Ann|0|0\n2|Bob|0|0\n3|Cid|0|0'
        sql "INSERT INTO users (id, name) VALUES (4, 'Dan')" >/dev/null 2>&1 || true
        same "$(sql "SELECT count(*) FROM users")" 3 # they are NOT NULL again
        ok upgrade
        ok check
    done
}

@test "--phases: a column with another name or type that becomes nullable" {
    for database in $DATABASES; do
        people "$database" $'name: {type: string(20), nullable: false}\n      age: {type: string(10), nullable: false}'
        before=$(dump)
        sql "INSERT INTO users (id, name, age) VALUES (1, 'Ann', '41')"
        users_model 'title: string(20)' 'age: integer'
        ok revision --autogenerate --phases --rename users.name=users.title -m both --rev-id expand00
        ok upgrade --phase expand
        sql "INSERT INTO users (id, title, age_new) VALUES (2, NULL, NULL)"
        sql "INSERT INTO users (id, name, age) VALUES (3, 'Cid', '43')"
        same "$(sql "SELECT id, name, title, age, age_new FROM users ORDER BY id")" $'1|Ann|Ann|41|41\n2||||\n3|Cid|Cid|43|43'
        ok upgrade --phase contract
        ok check
        ok downgrade expand00
        sql "INSERT INTO users (id, title, age_new) VALUES (4, NULL, NULL)"
        sql "DELETE FROM users WHERE id IN (2, 4)"
        ok downgrade start000
        same "$(tr -d ' \n' <<<"$before")" "$(dump | tr -d ' \n')"
        same "$(sql "SELECT id, name, age FROM users ORDER BY id")" $'1|Ann|41\n3|Cid|43'
        ok upgrade
        ok check
    done
}

@test "--phases: names of triggers differ although the columns' names are long" {
    for database in $DATABASES; do
        project "$database"
        table=a_table_whose_name_is_as_long_as_possible_or_nearly
        long=a_column_whose_name_is_as_long_as_possible_or_near
        printf '%s\n' tables: "  $table:" '    columns:' '      id: {type: integer, primary_key: true}' \
            "      ${long}_a: integer" "      ${long}_b: integer" | model
        ok revision --autogenerate -m one
        ok upgrade
        sql "INSERT INTO $table VALUES (1, 1, 2)"
        printf '%s\n' tables: "  $table:" '    columns:' '      id: {type: integer, primary_key: true}' \
            "      ${long}_a: bigint" "      ${long}_b: bigint" | model
        ok revision --autogenerate --phases -m two
        ok upgrade --phase expand
        sql "UPDATE $table SET ${long}_a = 3, ${long}_b = 4"
        same "$(sql "SELECT ${long}_a_new, ${long}_b_new FROM $table")" '3|4'
        ok upgrade
        ok check
        same "$(sql "SELECT * FROM $table")" '1|3|4'
    done
}

@test "--phases with templates of the project" {
    project sqlite 'templates: forms'
    mkdir forms
    printf '%s\n' '# ours' 'revision: {rev}' 'down_revision: {down_revision}' 'branch_labels: {branch_labels}' \
        'depends_on: {depends_on}' 'message: {message}' '{upgrade}' '{downgrade}' >forms/revision.yaml
    sed -i 's/^{upgrade}/upgrade: {upgrade}/; s/^{downgrade}/downgrade: {downgrade}/' forms/revision.yaml
    users_model 'name: string(20)'
    ok revision --autogenerate -m users
    ok upgrade
    users_model 'title: string(20)'
    ok revision --autogenerate --phases --rename users.name=users.title -m title
    same "$(grep -h '^phase' migrations/*_title*.yaml | sort)" $'phase: contract\nphase: expand'
    ok upgrade --phase expand
    ok upgrade --phase contract
    ok check
}

@test "--phases: what cannot be divided is in the second revision" {
    for database in $DATABASES; do
        people "$database" $'code: {type: string(20)}\n    checks: {ck: "length(code) > 0"}'
        users_model $'code: {type: string(40)}\n      x: integer\n    checks: {ck: "length(code) > 0"}'
        ok revision --autogenerate --phases -m code
        says "alter_column users.code is not divided: a constraint uses it"
        ok upgrade
        ok check
        ok verify
        ok revision --autogenerate --phases -m nothing
        says "nothing to do"
        users_model $'code: {type: string(40)}\n      x: integer\n      y: integer\n    checks: {ck: "length(code) > 0"}'
        ok revision --autogenerate --phases -m y --json
        json '"contract" not in d and d["path"].endswith("_y.yaml")'
        users_model $'code: {type: string(40)}\n      z: integer\n    checks: {ck: "length(code) > 0"}'
        ok upgrade
        ok revision --autogenerate --phases --rename users.y=users.z --no-rename -m z --json
        json '"contract" in d and d["contract"]["revision"] != d["revision"]'
    done
    fails 64 revision --phases -m x
    says "--phases needs --autogenerate"
    fails 64 revision --autogenerate --sql --phases -m x
}
