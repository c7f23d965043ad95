# The commands in README, the guides and the tutorial run, and print what is printed there.

load helper

# Runs the commands of a file of text on both databases.
guide() { # FILE
    try_guide "$1" sqlite && try_guide "$1" postgresql
}

try_guide() { # FILE DATABASE
    python3 "$TESTS/guides.py" --cmig "$CMIG_TEST_PROGRAM" --postgresql "$CMIG_TEST_POSTGRESQL_URL" --on "$2" "$TESTS/../$1"
}

@test "README.md" {
    guide README.md
}

@test "docs/tour.md" {
    guide docs/tour.md
}

@test "docs/cookbook.md" {
    guide docs/cookbook.md
}

@test "docs/coming-from.md" {
    guide docs/coming-from.md
}

@test "man/cmig-tutorial.7" {
    guide man/cmig-tutorial.7
}

@test "every guide is run here" {
    cd "$TESTS/.."
    for file in docs/*.md; do
        grep -qx "    guide $file" "$BATS_TEST_FILENAME" || { echo "no test runs $file"; return 1; }
    done
}
