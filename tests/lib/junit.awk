# Turns the JUnit file that `meson test` writes into TAP. Each "<" begins a record.
BEGIN { RS = "<" }
function attribute(name) {
    if (!match($0, " " name "=\"[^\"]*\""))
        return ""
    return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
}
function finish() {
    if (open)
        print bad ? "not ok " ++n " - " title : "ok " ++n " - " title
    open = 0
}
/^testcase / { finish(); open = 1; bad = 0; title = attribute("classname") ": " attribute("name") }
/^(failure|error|skipped)/ { bad = 1 }
END { finish(); print "1.." n }
