#!/bin/sh
# The tests of the command line: a file per processor at a time, the long ones first.
#
#   bats.sh LOG PROCESSORS FILE...     prints their TAP, one file after the other
log=$1 jobs=$2 status=0
shift 2
ls -S "$@" | xargs -P "$jobs" -I {} sh -c \
    'bats --formatter tap "$1" >"$2.$(basename "$1")" 2>&1 || exit 1' bats {} "$log" || status=$?
cat "$log".*.bats
rm -f "$log".*.bats
exit "$status"
