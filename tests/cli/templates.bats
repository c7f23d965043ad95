#!/usr/bin/env bats
# A project's own templates for revision files.
load helper

yaml_template() {
    mkdir -p templates
    cat >templates/revision.yaml <<'END'
# Ticket: {slug}   (see {x: y} and {Not_One})
revision: {rev}
down_revision: {down_revision}
message: {message}
created: {date}
author: {author}
branch_labels: {branch_labels}
depends_on: {depends_on}
upgrade: {upgrade}
downgrade: {downgrade}
END
}

@test "YAML: filled templates equal the built-in form" {
    for database in $DATABASES; do
        project "$database" 'templates: templates'
        yaml_template
        users_model 'name: {type: string(80), nullable: false}'
        ok revision --autogenerate -m 'add "users": #1' --rev-id aaaa0000 --branch-label trunk
        same "$(head -n 11 migrations/aaaa0000_*)" '# Ticket: add_users_1   (see {x: y} and {Not_One})
revision: aaaa0000
down_revision: null
message: '\''add "users": #1'\''
created: 2026-11-20T10:00:00Z
author: null
branch_labels: [trunk]
depends_on: []
upgrade:
  - create_table:
      name: users'
        ok upgrade
        ok check
        ok revision -m empty --rev-id bbbb0000
        grep -qx 'upgrade: \[\]' migrations/bbbb0000_empty.yaml
        ok revision -m other --rev-id cccc0000 --head aaaa0000 --splice --depends-on bbbb0000
        ok revision -m $'two\nlines' --rev-id dddd0000 --head cccc0000
        ok merge bbbb0000 dddd0000 -m joined --rev-id eeee0000
        grep -qx 'down_revision: \[bbbb0000, dddd0000\]' migrations/eeee0000_joined.yaml
        grep -q '^# Ticket: joined' migrations/eeee0000_joined.yaml
        ok upgrade
        ok downgrade base
        # A format without a template of its own keeps the built-in form.
        ok revision -m sql --sql --rev-id ffff0000
        head -n 1 migrations/ffff0000_sql.sql | grep -qx -- '-- revision: ffff0000'
    done
}

@test "SQL: filled templates equal the built-in form" {
    for database in $DATABASES; do
        project "$database" 'templates: own' 'format: sql'
        mkdir own
        cat >own/revision.sql <<'END'
-- Copyright: us
-- revision: {rev}
-- down_revision: {down_revision}
-- message: {message}
-- branch_labels: {branch_labels}
-- depends_on: {depends_on}
-- created: {date}
-- upgrade
SELECT 1;
{upgrade}
-- downgrade
{downgrade}
END
        users_model
        ok revision --autogenerate -m 'users' --rev-id aaaa0000
        ok upgrade
        ok check
        grep -qx 'SELECT 1;' migrations/aaaa0000_users.sql
        ok revision -m 'more: of it' --rev-id bbbb0000
        ok upgrade
        ok downgrade base
        same "$(dump | grep -c users || true)" 0
    done
}

@test "list-templates lists those of init and of the project" {
    ok list-templates
    prints "generic " "sql " "docker " "multidb "
    [[ $out != *revision.* ]]
    project sqlite 'templates: templates'
    sed -i 's/^url:.*/url: ${NOWHERE:?x}/' cmig.yaml
    yaml_template
    ok list-templates
    prints "generic " "revision.yaml templates/revision.yaml"
    [[ $out != *revision.sql* ]]
    ok list-templates --json
    json 'd["revisions"] == [{"name": "revision.yaml", "path": "templates/revision.yaml"}] and d["templates"][0]["name"]'
}

@test "templates that do not yield a revision are rejected, and nothing is written" {
    project sqlite 'templates: templates'
    fails 78 revision -m x
    says "cmig.yaml: template directory 'templates' does not exist"
    yaml_template
    sed -i 's/{message}/{mesage}/' templates/revision.yaml
    fails 78 revision -m x
    says "templates/revision.yaml:4:10: unknown placeholder '{mesage}'" "Did you mean '{message}'?"
    yaml_template
    sed -i '/^down_revision/d' templates/revision.yaml
    fails 78 revision -m x
    says "templates/revision.yaml: the template lacks the id, parents, labels or dependencies"
    yaml_template
    echo 'other: 1' >>templates/revision.yaml
    sed -i '/^upgrade/d' templates/revision.yaml
    fails 78 revision -m x
    says "template 'templates/revision.yaml' does not yield a revision file" "migrations/" "other"
    yaml_template
    sed -i 's/{branch_labels}/[]/' templates/revision.yaml
    fails 78 revision -m x --branch-label y
    says "templates/revision.yaml: the template lacks the id, parents, labels or dependencies" "branch_labels: {branch_labels}"
    ok revision -m x
    same "$(ls migrations | wc -l)" 1
}
