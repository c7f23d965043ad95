#!/usr/bin/env bats
# 'cmig upgrade --exec': a program replaces cmig after the upgrade.
load helper

one_table() { # DATABASE
    project "$@"
    revision_file aaaa null <<<$'upgrade: [create_table: {name: t, columns: {a: text}}]\ndowngrade: [drop_table: t]'
}

@test "the program runs in the place of cmig, with its arguments and status" {
    for database in $DATABASES; do
        one_table "$database"
        fails 7 upgrade head --exec sh -c 'echo "$$ $1 $2"; exit 7' -- --json -1
        prints '--json -1'
        same '' "$(sql 'SELECT a FROM t')"
        # Also when there is nothing to do, after "--", and with "=".
        ok upgrade --exec -- printf %s --help
        prints_exactly --help
        ok upgrade -q --exec=echo --sql
        prints_exactly --sql
        ok --json upgrade --exec true
        json 'd["planned"] == 0'
    done
    # It is the same process.
    (exec "${CMIG[@]}" upgrade -q --exec sh -c 'echo $$' >pid) &
    wait $!
    same "$!" "$(cat pid)"
}

@test "the program has the signals of a program that was started by itself" {
    one_table sqlite
    ok upgrade -q --exec grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
    same "$(grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)" "$out"
    ok upgrade -q --exec ls /proc/self/fd
    same "$(ls /proc/self/fd </dev/null 2>/dev/null | wc -l)" "$(wc -l <<<"$out")"
}

@test "a program that cannot run is refused before the upgrade" {
    for database in $DATABASES; do
        one_table "$database"
        fails 127 upgrade --exec no-such-program x
        says "cannot run 'no-such-program': no such program" 'Nothing was changed.'
        fails 127 upgrade --exec ./none
        echo text >file
        fails 126 upgrade --exec ./file
        says "cannot run './file': "
        fails 126 upgrade --exec ./migrations
        fails 64 upgrade --exec
        says "option '--exec' needs a value: PROGRAM"
        fails 64 upgrade --exec --
        fails 64 upgrade --dry-run --exec true
        fails 64 upgrade --sql --exec true
        fails 0 current
        prints_exactly ''
    done
}

@test "after a failure the program does not run" {
    for database in $DATABASES; do
        one_table "$database"
        echo 'nonsense' | revision_file bbbb aaaa
        fails 78 upgrade --exec echo hello
        prints_exactly ''
        revision_file bbbb aaaa <<<$'upgrade: [execute: SELECT nonsense]\ndowngrade: []'
        fails 1 upgrade --exec echo hello
        prints_exactly ''
    done
    mkdir both
    printf 'environments:\n  one: {url: "sqlite:///one.db"}\n  two: {url: "sqlite:///none/two.db"}\n' >cmig.yaml
    rm migrations/bbbb.yaml
    try -n '*' upgrade --exec echo hello
    [ "$status" != 0 ]
    [[ $out != *hello* ]]
    sed -i s,none/,, cmig.yaml
    ok -n '*' upgrade --exec echo hello
    [ "${out##*$'\n'}" = hello ]
}

@test "SIGTERM ends an upgrade in the middle of a step, also of process 1" {
    project postgresql
    revision_file aaaa null <<'END'
upgrade:
  - create_table: {name: t, columns: {a: text}}
  - execute: SELECT pg_sleep(60)
downgrade: []
END
    # Process 1 of a namespace has no default actions for signals: where that cannot be had, any process.
    inside=()
    ! unshare -p -f true 2>/dev/null || inside=(unshare -p -f --kill-child)
    "${inside[@]}" "${CMIG[@]}" upgrade --exec echo hello >out 2>err &
    pid=$!
    sleeping() { sql "SELECT 'asleep' FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" | grep -q asleep; }
    wait_until sleeping
    kill -TERM "$([ ${#inside[@]} = 0 ] && echo $pid || pgrep -P $pid)"
    status=0
    wait $pid || status=$?
    [ "$status" = 143 ]
    ! grep hello out
    same '' "$(sql "SELECT relname FROM pg_class WHERE relname = 't'")"
}
