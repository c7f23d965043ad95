#!/bin/sh
# Builds cmig and runs every test from a clean clone.
#
#   sh tests/run.sh            all of it
#   sh tests/run.sh --quick    one build, without the sanitizers and valgrind
#   sh tests/run.sh --coverage --quick with a build that counts lines, and a summary of them
#
# Installs missing packages, builds, starts a temporary PostgreSQL and MariaDB and stops them, and ends with "N passed, N failed".
# Fetches the oldest and the newest PostgreSQL that cmig supports, and MySQL 5.7, and runs a part of the tests on them, except
# with --quick.
# A skipped test counts as failed. The output of each part is kept below build-tests/logs/.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
quick= coverage=
for word; do
    case $word in
    --quick) quick=1 ;;
    --coverage) quick=1 coverage=1 ;;
    *) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
    esac
done

# Independent of the machine's settings: one locale, no home, no identity, no other databases.
unset $(env | sed -n 's/^\(PG[A-Z]*\|CMIG_[A-Z_]*\|DATABASE_URL[A-Z_]*\|BATS_[A-Z_]*\|GIT_[A-Z_]*\|XDG_[A-Z_]*\|MESON[A-Z_]*\)=.*/\1/p')
export LC_ALL=C.UTF-8 TZ=UTC
export PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=exitcode=99:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

# Thousands of databases are created and dropped. On a disk that is a hundred thousand files, so they are kept in memory
# where there is room and programs may run.
roomy() { # FOLDER
    free=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print int($4 / 1048576) }')
    [ "${free:-0}" -ge 4 ] && probe=$(mktemp -d "$1/cmig-XXXXXX") || return 1
    cp /bin/true "$probe" && "$probe/true" && runs=yes || runs=
    rm -rf "$probe"
    [ "$runs" ]
}
[ "${TMPDIR:-}" ] || ! roomy /dev/shm || TMPDIR=/dev/shm
work=$(mktemp -d "${TMPDIR:-/tmp}/cmig-tests-XXXXXX")
chmod 1777 "$work" # the server runs as another user
export TMPDIR="$work"
mkdir -p "$work/home" build-tests/logs
logs=$root/build-tests/logs
rm -f "$logs"/*
passed=0
failed=0
versions="postgresql-12 postgresql-18 mysql-5.7"

version_script() { # postgresql-12
    echo "tests/lib/${1%-*}_version.sh"
}

version_name() {
    echo "$1" | sed 's/postgresql-/PostgreSQL /; s/mysql-/MySQL /'
}

finish() {
    status=$?
    trap - EXIT INT TERM HUP
    kill ${ticker:-} ${versions_job:-} 2>/dev/null || true
    for version in $versions; do
        [ ! -d "$work/$version" ] || sh "$(version_script "$version")" stop "$work/$version" || true
    done
    [ ! -d "$work/mariadb" ] || sh tests/lib/mariadb.sh stop "$work/mariadb" || true
    [ ! -d "$work/postgresql" ] || sh tests/lib/postgresql.sh stop "$work/postgresql" || true
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The failures in a log, with their messages; the end of a log without any.
show_failures() {
    if grep -aq '^not ok' "$1"; then
        awk '/^(not )?ok/ { bad = /^not/ || /# *([Ss][Kk][Ii][Pp]|TODO)/ } bad { print "    " $0 }' "$1" | head -n 200
    else
        tail -n 30 "$1" | sed 's/^/    /'
    fi >&2
}

# Adds the tests of a TAP stream in a log, and its program's status.
count() { # TITLE LOG STATUS
    result=$(awk -f tests/lib/count.awk "$2" 2>/dev/null)
    good=${result% *} bad=${result#* }
    if [ "$3" != 0 ] && [ "$bad" = 0 ]; then
        echo "not ok $1: status $3" >>"$2"
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '%-44s %5d passed %4d failed  %4ds\n' "$1" "$good" "$bad" "$(($(date +%s) - began))"
    [ "$bad" = 0 ] || show_failures "$2"
}

log_of() {
    echo "$logs/$(echo "$1" | tr -c 'a-z0-9\n' '-').log"
}

# Prints a line of progress every ten seconds, from $log.
begin_progress() { # TITLE
    heading=$1
    while sleep 10 >/dev/null 2>&1; do
        printf '%-44s %5d so far %17ds\n' "$heading" "$(cat "$log"* | grep -acE '^(not )?ok|^ *[0-9]+/[0-9]+ |^\[[0-9]+/')" \
            "$(($(date +%s) - began))"
    done &
    ticker=$!
}

# SIGTERM would be lost if it came before the new process had dropped the traps of this one.
end_progress() {
    kill -KILL "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    ticker=
}

# Runs a command with its output in $log.
watched() { # TITLE COMMAND...
    result=0
    begin_progress "$1"
    shift
    HOME=$work/home "$@" >"$log" 2>&1 </dev/null || result=$?
    end_progress
    return "$result"
}

# A program that prints TAP.
tap() { # TITLE COMMAND...
    title=$1 log=$(log_of "$1") began=$(date +%s) status=0
    shift
    watched "$title" "$@" || status=$?
    count "$title" "$log" "$status"
}

# A program whose status is the result.
one() { # TITLE COMMAND...
    title=$1 log=$(log_of "$1") began=$(date +%s)
    shift
    if watched "$title" "$@"; then
        echo "ok 1 - $title" >>"$log"
    else
        echo "not ok 1 - $title" >>"$log"
    fi
    count "$title" "$log" 0
}

# A build folder: `build FOLDER OPTION...`, with CC from outside.
build() {
    folder=$1
    shift
    if [ -f "$folder/build.ninja" ]; then
        meson configure "$folder" "$@"
    else
        meson setup "$folder" "$root" -Dwerror=true "$@"
    fi && ninja -C "$folder"
}

# The tests that Meson knows: units and the like.
units() { # FOLDER [OPTION...]
    folder=$1 status=0
    shift
    rm -f "$folder"/meson-logs/testlog*.junit.xml
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@" || status=$?
    for report in "$folder"/meson-logs/testlog*.junit.xml; do
        awk -f tests/lib/junit.awk "$report"
    done
    return $status
}

# What the program of a build makes of databases, and what it says. Units, graphs and what runs under valgrind look for
# leaks; here that would take as long as all the rest.
schema_cases() { # NAME PROGRAM OPTION-OF-diff.py...
    name=$1 program=$2
    shift 2
    tap "$name: diff cases" env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
        python3 tests/diff.py --cmig "$program" --postgresql "$CMIG_TEST_POSTGRESQL_URL" --mysql "$CMIG_TEST_MYSQL_URL" "$@"
    tap "$name: graph cases" python3 tests/graph.py --cmig "$program"
    tap "$name: graph cases on MariaDB" python3 tests/graph.py --cmig "$program" --mysql "$CMIG_TEST_MYSQL_URL"
    tap "$name: lint cases" python3 tests/lint.py --cmig "$program"
}
conversations() { # NAME PROGRAM
    tap "$1: command line" env CMIG_TEST_PROGRAM="$2" ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
        sh tests/lib/bats.sh "$(log_of "$1: command line")" "$jobs" tests/cli/*.bats
    tap "$1: SQLAlchemy's view" /usr/bin/python3 tests/judge.py --cmig "$2" --postgresql "$CMIG_TEST_POSTGRESQL_URL" \
        --mysql "$CMIG_TEST_MYSQL_URL"
}

# Tests other servers than the installed ones, one after the other, beside what runs in the meantime. The log of one that cannot
# be started says why.
begin_versions() { # PROGRAM
    versions_began=$(date +%s)
    for version in $versions; do
        {
            echo "not ok - $(version_name "$version") was not started"
            sh "$(version_script "$version")" start "${version#*-}" "$work/$version" 2>&1 >"$work/url-$version" || true
        } >"$(log_of "$(version_name "$version")")"
    done
    for version in $versions; do
        url=$(cat "$work/url-$version")
        [ "$url" ] || continue
        status=0
        HOME=$work/home CMIG_TEST_PROGRAM=$1 sh tests/versions.sh "$url" >"$(log_of "$(version_name "$version")")" 2>&1 \
            </dev/null || status=$?
        echo "$status" >"$work/status-$version"
    done &
    versions_job=$!
}

end_versions() {
    began=$versions_began log=$(log_of "$(version_name "${versions##* }")")
    begin_progress "other servers"
    wait "$versions_job" || true
    end_progress
    versions_job=
    for version in $versions; do
        count "$(version_name "$version")" "$(log_of "$(version_name "$version")")" "$(cat "$work/status-$version" 2>/dev/null || echo 1)"
    done
}

one "packages" sh tests/lib/packages.sh "$([ "$quick" ] && echo tests || echo versions)"

# Debian's psql and pg_dump look for the real programs in Perl, at ten times their cost; its Python has the modules.
PATH=$(pg_config --bindir):/usr/bin:$PATH
jobs=$(getconf _NPROCESSORS_ONLN)

first="-Dbuildtype=debugoptimized"
[ -z "$coverage" ] || first="-Dbuildtype=debug -Db_coverage=true"
# shellcheck disable=SC2086
CC=gcc one "build with gcc" build build-tests/gcc $first
if [ ! -x build-tests/gcc/src/cmig ]; then
    tail -n 40 "$(log_of "build with gcc")" >&2
    echo "$passed passed, $failed failed"
    exit 1
fi

began=$(date +%s)
if ! CMIG_TEST_POSTGRESQL_URL=$(sh tests/lib/postgresql.sh start "$work/postgresql" 2>"$logs/postgresql.log"); then
    cat "$logs/postgresql.log" >&2
    echo "not ok - no PostgreSQL server could be started" >&2
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
fi
if ! CMIG_TEST_MYSQL_URL=$(sh tests/lib/mariadb.sh start "$work/mariadb" </dev/null 2>"$logs/mariadb.log"); then
    cat "$logs/mariadb.log" >&2
    echo "not ok - no MariaDB server could be started" >&2
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
fi
export CMIG_TEST_POSTGRESQL_URL CMIG_TEST_MYSQL_URL
printf '%-44s %s\n' "MariaDB" "$CMIG_TEST_MYSQL_URL"
printf '%-44s %s\n' "PostgreSQL" "$CMIG_TEST_POSTGRESQL_URL"

tap "units" units build-tests/gcc
one "installed library" sh tests/example/run.sh "$root/build-tests/gcc" "$work/install"
schema_cases "gcc" "$root/build-tests/gcc/src/cmig" --reverse --offline
tap "documentation site" /usr/bin/python3 tests/site.py --cmig "$root/build-tests/gcc/src/cmig"
[ -z "$quick" ] || conversations "gcc" "$root/build-tests/gcc/src/cmig"

if [ -n "$coverage" ]; then
    gcovr -r . --object-directory build-tests/gcc -f src/ --sort-percentage --print-summary | tee "$logs/coverage.txt"
fi

if [ -z "$quick" ]; then
    begin_versions "$root/build-tests/gcc/src/cmig"
    CC=clang one "build with clang" build build-tests/clang -Dtests=false -Dbuildtype=debug
    CC=gcc one "build without PostgreSQL, MySQL and git" build build-tests/small -Dpostgresql=disabled -Dmysql=disabled \
        -Dgit=disabled -Dtests=false \
        -Dbuildtype=debug
    one "without PostgreSQL, MySQL and git" sh tests/small.sh "$root/build-tests/small/src/cmig"
    tap "installed packages" bash tests/packages.sh
    CC=gcc one "build with sanitizers" build build-tests/sanitized -Db_sanitize=address,undefined -Dbuildtype=debugoptimized
    tap "sanitized: units" units build-tests/sanitized
    schema_cases "sanitized" "$root/build-tests/sanitized/src/cmig" --brief
    conversations "sanitized" "$root/build-tests/sanitized/src/cmig"
    valgrind="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --suppressions=$root/tests/lib/valgrind.supp"
    # Of the 3,000 random models of each kind these are enough here; the two builds above walk all.
    PROPERTY_ROUNDS=600 tap "valgrind: units" units build-tests/gcc --suite unit --wrapper "$valgrind" --timeout-multiplier 10
    # What touches most of the program in a few runs.
    program="$valgrind $root/build-tests/gcc/src/cmig"
    tap "valgrind: diff cases" python3 tests/diff.py --cmig "$program" --postgresql "$CMIG_TEST_POSTGRESQL_URL" \
        empty_to_full odd_names_change enum_used_by_index_check_view
    tap "valgrind: graph cases" python3 tests/graph.py --cmig "$program" "JOIN|" "NEEDS|"
    CMIG_TEST_PROGRAM=$program tap "valgrind: command line" timeout -k 10 1800 bats --formatter tap \
        -f 'empty directory|two developers|inspect gives' tests/cli/flow.bats
    end_versions
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
