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
