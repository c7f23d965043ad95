# What a person sees on a terminal: the pager, signs, colours and progress.

load helper

terminal() { # COLUMNS WORD...
    local columns=$1
    shift
    out=$(TERM=xterm TERMINAL_ERR=$BATS_TEST_TMPDIR/err python3 "$TESTS/lib/terminal.py" "$columns" "${CMIG[@]}" "$@") && status=0 ||
        status=$?
    err=$(<"$BATS_TEST_TMPDIR/err")
}

plain() {
    sed 's/\x1b\[[0-9;]*m//g' <<<"$out"
}

branches() {
    project sqlite
    empty_revision aaaa null
    empty_revision bbbb aaaa
    empty_revision cccc aaaa
    empty_revision dddd '[bbbb, cccc]'
    ok upgrade bbbb
}

@test "a long result is shown by a pager, only on a terminal" {
    unset CI
    branches
    export CMIG_PAGER="sed 's/^/> /'"
    terminal 80 history
    same 0 "$status"
    [[ $out == "> bbbb, cccc -> "* ]] || report "no pager"
    for words in "history --no-pager" "--json history" "status" "heads"; do
        terminal 80 $words
        [[ $out != "> "* ]] || report "a pager for $words"
    done
    CI=true terminal 80 history
    [[ $out != "> "* ]]
    ok history
    [[ $out != "> "* ]]
    CMIG_PAGER= PAGER="sed 's/^/= /'" terminal 80 history
    [[ $out != "= "* ]]
    unset CMIG_PAGER
    PAGER="sed 's/^/= /'" terminal 80 history
    [[ $out == "= "* ]]
    echo 'pager: "sed s/^/%/"' >>cmig.yaml
    PAGER="sed 's/^/= /'" terminal 80 history
    [[ $out == "%"* ]]
    PAGER=no-such-pager CMIG_PAGER="no-such-pager -x" terminal 80 history
    [[ $out == "bbbb, cccc -> "* ]]
    # one that ends early, and a command that fails
    CMIG_PAGER="head -n 1" terminal 80 history
    same 0 "$status"
    same 1 "$(wc -l <<<"$out")"
    CMIG_PAGER="sed 's/^/> /'" terminal 80 show nothing
    same 1 "$status"
}

@test "the lines of a graph have colours, and fit on the terminal" {
    branches
    sed -i 's/^message: .*/message: a message that is longer than the terminal is wide/' migrations/cccc.yaml
    terminal 40 --no-pager history --graph
    same 0 "$status"
    [[ $out == *$'\e[31m'* && $out == *$'\e[32m'* ]] || report "no colours"
    while IFS= read -r line; do
        [ "${#line}" -le 40 ] || report "too long: $line"
    done <<<"$(plain)"
    [[ $(plain) == *…* ]]
    NO_COLOR=1 terminal 40 --no-pager history --graph
    [[ $out != *$'\e['* ]]
    ok --color always history --graph
    [[ $out == *$'\e[31m'* ]]
    ok history --graph
    [[ $out != *$'\e['* && $out != *…* ]]
}

@test "status and check have signs on a terminal" {
    branches
    terminal 80 --color never status
    prints "  ✓ bbbb" "  ○ cccc" "  ○ dddd (head) (mergepoint)"
    LC_ALL=C terminal 80 --color never status
    prints "  + bbbb" "  o cccc"
    terminal 80 status
    [[ $out == *$'  \e[32m✓\e[0m '* ]]
    ok --color always status
    [[ $out != *✓* ]]
    ok upgrade
    users_model
    terminal 80 --color never check
    same 2 "$status"
    [[ $out == "≠ models/"* ]] || report "no sign"
}

@test "a table is aligned by the width of its characters, and cut to the terminal" {
    branches
    sed -i 's/^message: .*/message: the end/' migrations/*.yaml
    ok upgrade --tag '名前'
    terminal 30 --no-pager log
    [[ $(sed -n 1p <<<"$(plain)") == *… ]] || report "not cut"
    ok log
    [[ $out != *…* && $out == *名前* ]]
    python3 - "$out" <<'PY'
import sys, unicodedata

def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

head, *rows = sys.argv[1].split("\n")
columns = {width(row[: row.index("the end")]) for row in rows if "the end" in row}
assert columns == {width(head[: head.index("Message")])}, sys.argv[1]
PY
}

sql_says() { # SQL ANSWER
    [ "$(sql "$1")" = "$2" ]
}

@test "the build of an index on PostgreSQL shows how far it is" {
    project postgresql
    sql "CREATE TABLE t (a integer)"
    revision_file aaaa null <<<$'upgrade: [{create_index: {table: t, name: ix, columns: [a], concurrently: true}}]\ndowngrade: []'
    mkfifo hold
    psql -X -q -d "$URL" <hold >/dev/null &
    holder=$!
    exec 7>hold
    echo "BEGIN; INSERT INTO t VALUES (1);" >&7
    wait_until sql_says "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'" 1
    TERM=xterm python3 "$TESTS/lib/terminal.py" 80 "${CMIG[@]}" upgrade >shown </dev/null 7>&- &
    pid=$!
    wait_until grep -q "index 'ix' on 't': " shown
    echo "COMMIT;" >&7
    exec 7>&-
    wait $holder
    wait $pid
    grep -q "the database is at aaaa" shown
}
