#!/usr/bin/env bats
# Hooks around the steps of a run: programs and SQL, their order, their failures, and where they do not run.
load helper

# A project with two revisions, r1 and r2, whose hooks are the lines from standard input; `note` is a program that
# writes its name and the step to the file `log`.
hooked() { # sqlite|postgresql|mysql
    project "$1"
    {
        echo "hooks:"
        sed 's/^/  /'
    } >>cmig.yaml
    cat >note <<'SH'
#!/bin/sh
echo "$CMIG_HOOK${1:+ $1} [$CMIG_DIRECTION] [$CMIG_REVISION] [$CMIG_DOWN_REVISION] [$CMIG_MESSAGE] $CMIG_STEP/$CMIG_STEPS [$CMIG_CURRENT]" >>log
SH
    chmod +x note
    revision_file r1 null <<'Y'
upgrade:
  - create_table: {name: a, columns: {id: {type: integer, primary_key: true}}}
  - create_table: {name: audit, columns: {id: {type: integer, primary_key: true, autoincrement: true}, what: {type: text}}}
downgrade:
  - drop_table: audit
  - drop_table: a
Y
    revision_file r2 r1 <<'Y'
upgrade:
  - add_column: {table: a, name: b, type: integer}
downgrade:
  - drop_column: {table: a, name: b}
Y
}

log_is() {
    same "$(cat)" "$(cat log 2>/dev/null)"
    rm -f log
}

all_programs() {
    for hook in before_run before_step after_step after_run on_failure; do echo "$hook: ./note"; done
}

@test "programs run before and after a run and its steps, with the step in their environment" {
    for database in $DATABASES; do
        hooked "$database" < <(all_programs)
        CMIG_ERROR=stale ok upgrade
        log_is <<'E'
before_run [upgrade] [] [] [] /2 []
before_step [upgrade] [r1] [] [step r1] 1/2 []
after_step [upgrade] [r1] [] [step r1] 1/2 [r1]
before_step [upgrade] [r2] [r1] [step r2] 2/2 [r1]
after_step [upgrade] [r2] [r1] [step r2] 2/2 [r2]
after_run [upgrade] [] [] [] /2 [r2]
E
        ok upgrade # nothing to do
        log_is </dev/null
        ok downgrade -1
        log_is <<'E'
before_run [downgrade] [] [] [] /1 [r2]
before_step [downgrade] [r2] [r1] [step r2] 1/1 [r2]
after_step [downgrade] [r2] [r1] [step r2] 1/1 [r1]
after_run [downgrade] [] [] [] /1 [r1]
E
        ok stamp r2
        ok stamp r1
        ok upgrade --dry-run
        prints "-- hook before_step: ./note" "-- hook after_run: ./note"
        ok upgrade --sql r1:r2
        says "warning: the script does not run programs of hooks; comments mark their places"
        prints "-- hook before_run: ./note" "-- hook after_step: ./note"
        ok verify
        log_is </dev/null
    done
}

@test "a program gets the URL, the file, the environment and the error, and runs beside the configuration" {
    for database in $DATABASES; do
        hooked "$database" <<'Y'
before_step: [sh, -c, 'echo "$PWD|$CMIG_URL|$DATABASE_URL|$CMIG_FILE|$CMIG_ENVIRONMENT|$CMIG_ERROR" >>log']
on_failure:
  - [sh, -c, 'echo "$CMIG_REVISION: $CMIG_ERROR" >>log']
Y
        printf 'environments: {prod: {include: []}}\n' >>cmig.yaml
        mkdir -p sub
        cd sub
        CMIG_ERROR=stale ok -n prod upgrade r1
        cd ..
        log_is <<<"$PROJECT|$URL|$URL|$PROJECT/migrations/r1.yaml|prod|"
        revision_file r2 r1 <<<'upgrade: [execute: nonsense]'
        fails 1 upgrade
        grep -q "^r2: cannot apply revision r2" log
        grep -q "nonsense" log
    done
}

@test "SQL of a step runs in its transaction, with the step in place of {names}" {
    for database in $DATABASES; do
        hooked "$database" <<'Y'
before_step: {sql: "SELECT 1"}
after_step:
  - {sql: "INSERT INTO audit (what) VALUES ({hook}), ({revision}), ({down_revision}), ({message}), ({direction}), ('{step}') /* {steps} */"}
  - {sql: "INSERT INTO audit (what) SELECT what FROM audit WHERE what = nonsense"}
Y
        fails 1 upgrade r1
        says "cmig.yaml:6:7: hook after_step" "cannot apply revision r1"
        [ "$database" = mysql ] || says "Everything was rolled back; the database is at base, as before."
        sed -i '/nonsense/d' cmig.yaml
        ok upgrade r1
        same "$(sql "SELECT what FROM audit ORDER BY id" | paste -sd,)" "after_step,r1,,step r1,upgrade,{step}"
    done
}

@test "after a failing hook before a step the step is not applied; one after it reports that it is" {
    for database in $DATABASES; do
        hooked "$database" <<'Y'
before_step: [sh, -c, '[ "$CMIG_REVISION" != r2 ]']
on_failure: ./note
Y
        fails 1 upgrade
        says "cmig.yaml:3:16: hook before_step" "'sh' failed with exit status 1" "cannot apply revision r2" "the database is at r1"
        log_is <<<"on_failure [upgrade] [r2] [r1] [step r2] 2/2 [r1]"
        same "$(sql "SELECT count(*) FROM audit")" 0
        sed -i 's/before_step/after_step/' cmig.yaml
        fails 1 upgrade
        says "hook after_step" "1 of 1 revisions was applied; the database is at r2."
        log_is <<<"on_failure [upgrade] [r2] [r1] [step r2] 1/1 [r2]"
        ok current
        prints r2
        sql "SELECT b FROM a"
    done
}

@test "with transaction: run a failing hook rolls everything back" {
    for database in sqlite postgresql; do
        hooked "$database" <<'Y'
after_step: [sh, -c, '[ "$CMIG_REVISION" != r2 ]']
on_failure: ./note
Y
        echo 'transaction: run' >>cmig.yaml
        sed -i 's/r2 \]/r1 ]/' cmig.yaml
        fails 1 upgrade
        says "hook after_step" "Everything was rolled back; the database is at base, as before."
        log_is <<<"on_failure [upgrade] [r1] [] [step r1] 1/2 []"
        ok current
        prints_exactly ""
    done
}

@test "a failing hook before the run ends it, one after it does not revert it, on_failure changes nothing" {
    for database in $DATABASES; do
        hooked "$database" <<'Y'
before_run: "false"
after_run: ./note
on_failure: ["false"]
Y
        fails 1 upgrade
        says "cmig.yaml:3:15: hook before_run" "No revision was applied or reverted; the database is at base." \
            "warning: cmig.yaml:5:15: hook on_failure"
        log_is </dev/null
        sed -i 's/before_run: .*/before_run: .\/note/; s/after_run: .*/after_run: "false"/' cmig.yaml
        fails 1 upgrade
        says "hook after_run" "2 of 2 revisions were applied; the database is at r2."
        ok current
        prints r2
    done
}

@test "SQL around a run is committed by itself, and its settings end with it" {
    for database in $DATABASES; do
        set='SELECT 1'
        [ "$database" = postgresql ] && set='SET search_path = pg_catalog'
        [ "$database" = mysql ] && set='SET sql_mode = ANSI_QUOTES'
        hooked "$database" <<Y
before_run: {sql: "CREATE TABLE seen (what varchar(20)); $set"}
after_run: {sql: "INSERT INTO seen VALUES ({steps})"}
on_failure: {sql: "INSERT INTO seen VALUES ('failed')"}
Y
        ok upgrade
        same "$(sql "SELECT what FROM seen")" 2
        sed -i "s/CREATE TABLE seen .*;/INSERT INTO seen VALUES ('begun');/" cmig.yaml
        ok downgrade base
        revision_file r1 null <<<'upgrade: [execute: nonsense]'
        fails 1 upgrade
        same "$(sql "SELECT what FROM seen" | paste -sd' ')" "2 begun 2 begun failed"
    done
}

@test "SQL from a file, by database; SQL that cannot run is refused beforehand" {
    for database in $DATABASES; do
        hooked "$database" <<Y
before_step: {file: {$database: hooks/log.sql}}
after_step: [{sql: {$([ "$database" = sqlite ] && echo mysql || echo sqlite): nonsense}}]
Y
        fails 78 upgrade
        says "cmig.yaml:3:16: hook before_step" "cannot read SQL file 'hooks/log.sql'"
        mkdir hooks
        echo "INSERT INTO seen VALUES ({revision}); INSERT INTO seen VALUES ('x');" >hooks/log.sql
        sql "CREATE TABLE seen (what varchar(20))"
        ok upgrade
        same "$(sql "SELECT what FROM seen ORDER BY what" | paste -sd' ')" "r1 r2 x x"
        ok downgrade base
        [ "$database" = postgresql ] || continue
        echo "COMMIT; SELECT 1" >hooks/log.sql
        fails 78 upgrade
        says "cmig.yaml:3:16" "hook before_step"
        ok current
        prints_exactly ""
    done
}

@test "scripts contain the SQL of hooks" {
    for database in $DATABASES; do
        for option in "" --idempotent; do
            hooked "$database" <<'Y'
before_run: {sql: CREATE TABLE seen (what varchar(20))}
before_step: {sql: "INSERT INTO seen VALUES ('before'); INSERT INTO seen VALUES ({revision})"}
after_step: [{sql: "INSERT INTO seen VALUES ('after')"}, [./note]]
after_run: {sql: "INSERT INTO seen VALUES ('end')"}
Y
            ok upgrade --sql :heads $option
            echo "$out" >script.sql
            script script.sql >/dev/null
            same "$(sql "SELECT what FROM seen" | paste -sd' ')" "before r1 after before r2 after end"
            ok current
            prints r2
        done
    done
}

@test "a revision that is committed in parts" {
    for database in $DATABASES; do
        hooked "$database" <<'Y'
before_step: {sql: "INSERT INTO seen VALUES ('before')"}
after_step: {sql: "INSERT INTO seen VALUES ('after')"}
Y
        sql "CREATE TABLE seen (what varchar(20))"
        revision_file r2 r1 <<'Y'
upgrade:
  - add_column: {table: a, name: b, type: integer}
  - backfill: {table: a, set: {b: "1"}}
  - run: [sh, -c, "[ -e ready ]"]
  - add_column: {table: a, name: c, type: integer}
downgrade: []
Y
        ok upgrade r1
        fails 1 upgrade
        same "$(sql "SELECT what FROM seen" | paste -sd' ')" "before after before"
        touch migrations/ready
        ok upgrade
        same "$(sql "SELECT what FROM seen" | paste -sd' ')" "before after before before after"
        sql "SELECT b, c FROM a"
        no_progress
    done
}

@test "an environment has its own hooks" {
    hooked sqlite <<'Y'
before_run: ./note
after_run: ./note
Y
    printf 'environments:\n  prod: {hooks: {before_run: [./note, prod], after_run: null}}\n' >>cmig.yaml
    ok -n prod upgrade
    log_is <<<"before_run prod [upgrade] [] [] [] /2 []"
}

@test "an interrupted run still runs on_failure" {
    for database in $DATABASES; do
        hooked "$database" <<'Y'
before_step: [sh, -c, 'touch started; exec sleep 60']
on_failure: ./note
Y
        "${CMIG[@]}" upgrade 2>err &
        local pid=$! status=0
        wait_until test -e started
        kill -TERM "$pid"
        wait "$pid" || status=$?
        same 143 "$status"
        log_is <<<"on_failure [upgrade] [r1] [] [step r1] 1/2 []"
    done
}

@test "invalid hooks" {
    refused() { # HOOKS TEXT...
        printf 'url: sqlite:///x.db\nhooks: %s\n' "$1" >cmig.yaml
        fails 78 current
        says "cmig.yaml:2:" "${@:2}"
    }
    mkdir migrations
    refused '{before_runs: x}' "unknown key 'before_runs'" "Did you mean 'before_run'?"
    refused '{before_run: {sql: x, command: y}}' "a hook must be a program, or have 'sql' or 'file'"
    refused '{before_run: {}}' "a hook must be a program, or have 'sql' or 'file'"
    refused '{before_run: [[""]]}' "a hook needs a program"
    refused '{after_step: {sq: x}}' "unknown key 'sq'"
    refused '[x]' "hooks"
}

@test "the operations of a revision whose after_step fails count as applied, where each is committed by itself" {
    for database in $DATABASES; do
        [ "$database" != sqlite ] || continue
        hooked "$database" <<<'after_step: {sql: "INSERT INTO missing VALUES (1)"}'
        revision_file r1 null <<'Y'
upgrade:
  - create_table: {name: a, columns: {id: {type: integer, primary_key: true}, b: integer}}
  - backfill: {table: a, set: {b: "1"}}
  - create_index: {table: a, columns: [b], name: ix_b, online: true}
downgrade: [drop_table: a]
Y
        fails 1 upgrade r1
        says "hook after_step" "3 of 3 operations of revision r1 are applied"
        sed -i '/^hooks:/,$d' cmig.yaml
        ok upgrade r1
        no_progress
    done
}
