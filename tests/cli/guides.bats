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
