# Counts the results of a TAP stream. Prints "PASSED FAILED", and a failed test's name on standard error.
# A test that was skipped or is still to do has not passed, nor has one that the plan promised and that never ran.
/^1\.\.[0-9]+/ { split($1, plan, "\\.\\."); planned += plan[2] }
/^not ok / { failed++; print > "/dev/stderr"; next }
/^ok .*# *([Ss][Kk][Ii][Pp]|TODO)/ { failed++; print > "/dev/stderr"; next }
/^ok / { passed++; next }
/^Bail out!/ { failed++; print > "/dev/stderr" }
END {
    if (planned > passed + failed) {
        missing = planned - passed - failed
        print missing " of " planned " tests did not run" > "/dev/stderr"
        failed += missing
    }
    printf "%d %d\n", passed, failed
}
