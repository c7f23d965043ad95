#!/bin/sh
# The tests of the command line: a file per processor at a time, the long ones first.
#
#   bats.sh LOG PROCESSORS FILE...     prints their TAP, one file after the other
#
# A file that takes longer than half an hour is stopped, and its tests that did not run are missing from the TAP. bats has a
# limit of its own for each test, BATS_TEST_TIMEOUT, but waits until it is over after a test that ends at once.
log=$1 jobs=$2 status=0
shift 2
unset BATS_TEST_TIMEOUT
ls -S "$@" | xargs -P "$jobs" -I {} sh -c \
    'timeout -k 10 1800 bats --formatter tap "$1" >"$2.$(basename "$1")" 2>&1 || exit 1' bats {} "$log" || status=$?
cat "$log".*.bats
rm -f "$log".*.bats
exit "$status"
