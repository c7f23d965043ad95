# The commands in README, the guides and the tutorial run, and print what is printed there.

load helper

# Runs the commands of a file of text on each database.
guide() { # FILE
    local database
    for database in $DATABASES; do
        try_guide "$1" "$database" || return
    done
}

try_guide() { # FILE DATABASE
    python3 "$TESTS/guides.py" --cmig "$CMIG_TEST_PROGRAM" --postgresql "$CMIG_TEST_POSTGRESQL_URL" --mysql "${CMIG_TEST_MYSQL_URL:-}" \
        --on "$2" "$TESTS/../$1"
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

@test "docs/models-from-programs.md" {
    guide docs/models-from-programs.md
}

@test "man/cmig-tutorial.7" {
    guide man/cmig-tutorial.7
}

@test "CONTRIBUTING.md" {
    guide CONTRIBUTING.md
}

@test "every guide is run here" {
    cd "$TESTS/.."
    for file in docs/*.md; do
        grep -qx "    guide $file" "$BATS_TEST_FILENAME" || { echo "no test runs $file"; return 1; }
    done
}

@test "the website: every page is there, and every link leads somewhere" {
    python3 "$TESTS/../docs/build.py" html
    python3 - <<'PY'
import pathlib, re, sys
html = {path.name: path.read_text() for path in pathlib.Path("html").glob("*.html")}
assert {"index.html", "cookbook.html", "cmig.1.html", "cmig.3.html"} <= set(html), sorted(html)
wrong = []
for name, text in html.items():
    if name != "index.html" and "</main>" in text and len(text) < 500:
        wrong.append("%s is empty" % name)
    for link in re.findall(r'href="([^"]*)"', text):
        path, _, anchor = link.partition("#")
        if "://" in path or path == "style.css":
            continue
        there = html.get(path or name)
        if there is None or anchor and 'id="%s"' % anchor not in there:
            wrong.append("%s: nothing is at '%s'" % (name, link))
sys.exit("\n".join(wrong) or 0)
PY
}

@test "ARCHITECTURE.md: files and functions that it names are there" {
    cd "$TESTS/.."
    for file in $(grep -oE '`(src|include|tests|man|docs)/[A-Za-z0-9_./-]+\.(c|h|sh|py|bats|[1-7])`' ARCHITECTURE.md | tr -d '`'); do
        [ -e "$file" ] || { echo "no file $file"; return 1; }
    done
    for function in $(grep -oE '`[a-z]+_[a-z_]+`' ARCHITECTURE.md | tr -d '`' | grep -v '_x$'); do
        grep -rqE "\b$function\b" src include tests || { echo "nothing is called $function"; return 1; }
    done
}

# What the runner says of a file of text on SQLite.
wrong() { # STATUS TEXT...
    local wanted=$1
    shift
    printf '%s\n' "$@" >text.md
    status=0
    python3 "$TESTS/guides.py" --cmig "$CMIG_TEST_PROGRAM" --postgresql "$CMIG_TEST_POSTGRESQL_URL" --on sqlite text.md \
        >out || status=$?
    [ "$status" = "$wanted" ] || { cat out; return 1; }
}

@test "the runner finds wrong output, a wrong status and text that does not parse" {
    wrong 0 '```console' '$ echo 1; echo 2; echo 3' '...' '3' '```'
    wrong 0 '```console exit=64' '$ cmig nonsense' '...' '```'
    wrong 0 '```console' '$ cmig nonsense' "cmig: unknown command 'nonsense'" '...' '$ echo $?' '64' '```'
    wrong 1 '```console' '$ echo 1' '2' '```'
    grep -q "'echo 1' prints" out
    wrong 1 '```console' '$ cmig nonsense' '...' '```'
    grep -q "'cmig nonsense' ended with 64 instead of 0" out
    wrong 1 '```yaml' 'a: [' '```'
    grep -q "line 1: yaml" out
    wrong 1 '```perl' '```'
    grep -q "unknown language 'perl'" out
    wrong 1 'The model:' '```yaml file=models/a.yaml' 'a: 1' '```'
    grep -q "does not name models/a.yaml" out
    wrong 1 '```console' '$ true'
    grep -q "line 1: the block does not end" out
}

@test "the runner keeps the ids of the text, and writes what was printed" {
    wrong 0 '<!-- run' 'cmig init . && rm models/*' '-->' '```console' '$ cmig revision -m a' 'migrations/aaaaaaaaaaaa_a.yaml' \
        '$ cmig show aaaaaaaaaaaa' '...aaaaaaaaaaaa...' '...' '```'
    printf '%s\n' '```console' '$ echo 1' '2' '' '$ echo 3' '3' '```' >text.md
    python3 "$TESTS/guides.py" --cmig "$CMIG_TEST_PROGRAM" --postgresql "$CMIG_TEST_POSTGRESQL_URL" --on sqlite --write text.md
    same "$(cat text.md)" "$(printf '%s\n' '```console' '$ echo 1' '1' '' '$ echo 3' '3' '```')"
}

# The words of the apt-get command in a file of text, over several lines.
packages_named() { # FILE
    sed -n '/apt-get install/,/[^\\e]$/p' "$1" | tr ' ' '\n' | grep -E '^[a-z][a-z0-9+.-]*$'
}

@test "the install lines name every package that building needs" {
    cd "$TESTS/.."
    build=$(sed -n 's/^build="\(.*\)"$/\1/p' tests/lib/packages.sh)
    [ -n "$build" ]
    for file in README.md man/cmig-tutorial.7 docs/cookbook.md; do
        packages_named "$file" >"$BATS_TEST_TMPDIR/named"
        for package in $build; do
            grep -qx -e "$package" "$BATS_TEST_TMPDIR/named" || { echo "$file does not name $package"; return 1; }
        done
    done
}
