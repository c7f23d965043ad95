#!/usr/bin/env bats
# Starting the program, its help and its output.
load helper

COMMANDS="init list-templates inspect revision merge squash edit upgrade downgrade stamp ensure-version create-database drop-database bundle
current status check diff history heads branches show schema completion version help"

@test "--version is quick and does not load libpq or libgit2" {
    ok --version
    prints "cmig 0."
    program=${CMIG[-1]}
    ! ldd "$program" | grep -E 'libpq|libgit2|libmariadb'
    LD_DEBUG=files "$program" --version 2>&1 | { ! grep -E 'libpq|libgit2'; }
}

@test "current on SQLite does not load libpq or libgit2" {
    project sqlite
    empty_revision aaaa null
    ok upgrade head
    LD_DEBUG=files "${CMIG[-1]}" current >"$BATS_TEST_TMPDIR/out" 2>&1
    grep -q aaaa "$BATS_TEST_TMPDIR/out"
    ! grep -E 'libpq|libgit2' "$BATS_TEST_TMPDIR/out"
}

@test "--help of the program names every command and the exit statuses" {
    ok --help
    for command in $COMMANDS; do
        prints "$command"
    done
    prints "78" "130"
    ok help
    prints "upgrade"
}

@test "each command explains itself" {
    for command in $COMMANDS; do
        ok "$command" --help
        prints "Usage: cmig $command"
        ok help "$command"
        prints "Usage: cmig $command"
    done
}

@test "each command is in the manual" {
    for command in $COMMANDS; do
        grep -qE "(^|[^a-z-])$command([^a-z-]|$)" "$TESTS"/../man/cmig.1* || { echo "$command"; false; }
    done
}

@test "no command, an unknown one, a misspelt one" {
    fails 64
    says "cmig: no command was given"
    prints "Usage: cmig" "  upgrade " "cmig help"
    fails 64 --json
    json 'd["error"]["text"] == "no command was given"'
    fails 64 upgrad head
    says "cmig: unknown command 'upgrad'" "Did you mean 'upgrade'?"
    fails 64 hist
    says "Did you mean 'history'?"
    fails 64 xyzzyx
    says "unknown command 'xyzzyx'"
}

@test "among similar commands the one with this prefix, or one that only reads, is suggested" {
    fails 64 stat
    says "Did you mean 'status'?"
    fails 64 sta
    says "Did you mean 'status'?"
    fails 64 stam
    says "Did you mean 'stamp'?"
    fails 64 revsion
    says "Did you mean 'revision'?"
}

@test "for commands and options of other tools cmig's are suggested" {
    while read -r word ours; do
        fails 64 "$word"
        [[ $err == *"hint: "*"$ours"* ]] || report "does not suggest: $ours"
    done <<END
migrate upgrade
make_migrations cmig revision --autogenerate
new cmig revision
rollback cmig downgrade -1
apply upgrade
generate cmig revision --autogenerate
up upgrade
down downgrade
dump inspect
create cmig revision
drop cmig downgrade
info status
validate check
repair cmig stamp
push cmig upgrade
pull inspect
END
    fails 64 upgrade --fake
    says "Run 'cmig stamp REVISION' to record a revision as applied without running it."
    fails 64 upgrade --plan
    says "Did you mean '--dry-run'?"
    fails 64 upgrade --rev head
    says "Revisions are given without an option"
    fails 64 upgrade --message x
    says "Only 'revision' and 'merge' take a message."
    # Not an abbreviation of --all-environments.
    fails 64 upgrade --all
    says "unknown option '--all'" "'cmig downgrade base' reverts all"
    fails 64 stamp --head
    says "Revisions are given without an option"
    fails 64 downgrade --steps 2
    says "'cmig downgrade -2'"
    fails 64 revision -a
    says "unknown option '-a'" "Did you mean '--autogenerate'?"
    fails 64 -u x status
    says "Did you mean '--url'?"
    fails 64 revision 'add users'
    says "unexpected argument 'add users'" "hint: Give the message with -m"
    project sqlite
    ok revision --rev abcd0123 -m one
    fails 1 upgrade haed
    says "unknown revision 'haed'" "Did you mean 'head'?"
    for words in merge 'merge heads'; do
        # shellcheck disable=SC2086
        fails 1 $words
        says "nothing to merge: abcd0123 is the only head"
    done
    fails 1 merge abcd0123
    says "nothing to merge: abcd0123 is the only revision given"
}

@test "wrong usage with --json is a document" {
    for words in "--json nonsense" "nonsense --json" "--json upgrade --bad" "upgrade --bad --json" \
        "--json completion bash" "--json show"; do
        fails 64 $words
        json 'd["error"]["status"] == 64'
    done
    fails 78 --json -c missing.yaml status
    json 'd["error"]["status"] == 78 and "missing.yaml" in d["error"]["text"]'
}

@test "--help of a command names the global options only" {
    ok version --help
    prints "Run 'cmig help' for the global options."
    [[ $out != *--no-env-file* ]]
    ok --help --json
    prints "Usage: cmig [OPTION...] COMMAND"
    ok --help version
    prints "Usage: cmig version"
    fails 64 --help nonsense
    says "unknown command 'nonsense'"
}

@test "heads --single fails when there are several" {
    mkdir migrations models
    echo 'url: sqlite:///app.db' >cmig.yaml
    ok heads --single
    echo '{revision: a, down_revision: null, upgrade: [], downgrade: []}' >migrations/a.yaml
    ok heads --single
    echo '{revision: b, down_revision: null, upgrade: [], downgrade: []}' >migrations/b.yaml
    ok heads
    fails 2 heads --single
    prints a b
    says "there are 2 heads: a, b" "cmig merge heads -m MESSAGE"
}

@test "unknown options and missing operands" {
    fails 64 show
    says "REVISION"
    fails 64 upgrade --nonsense head
    says "--nonsense"
    fails 64 --jsno current
    says "--json"
    fails 64 revision -m
    says "-m"
    fails 64 current extra
    says "extra"
    fails 64 upgrade head base
}

@test "underscores mean dashes" {
    project sqlite
    ok ensure_version
    empty_revision aaaa null
    ok revision --rev_id bbbb --head head -m x
    test -f migrations/bbbb_x.yaml
}

@test "options may be before or after the command" {
    project sqlite
    empty_revision aaaa null
    ok --json heads
    json 'd["heads"][0]["revision"] == "aaaa"'
    ok heads --json
    json 'd["heads"][0]["revision"] == "aaaa"'
}

@test "every --json is one document" {
    for database in $DATABASES; do
        project "$database"
        users_model
        ok revision --autogenerate -m one --rev-id aaaa --json
        json 'd["version"] == 1'
        ok upgrade head --json
        json 'd["version"] == 1'
        ok current --json
        json 'd["current"][0]["revision"] == "aaaa"'
        for command in heads history branches check status inspect "show aaaa" diff version list-templates; do
            # shellcheck disable=SC2086
            ok $command --json
            json 'd["version"] == 1'
        done
        users_model 'more: integer'
        fails 2 check --json
        json 'd["version"] == 1'
        same "$(wc -l <<<"$out" | tr -d ' ')" "$(wc -l <<<"$out" | tr -d ' ')"
        ok downgrade base --json
        json 'd["version"] == 1'
        ok stamp aaaa --json
        json 'd["version"] == 1'
    done
}

@test "colour: never by default, on demand, and not with NO_COLOR" {
    project sqlite
    empty_revision aaaa null
    ok heads
    [[ $out != *$'\033'* ]]
    ok heads --color always
    [[ $out == *$'\033'* ]]
    NO_COLOR=1 try heads
    [[ $out != *$'\033'* ]]
    CLICOLOR_FORCE=1 try heads
    [[ $out == *$'\033'* ]]
    CLICOLOR_FORCE=1 NO_COLOR=yes try heads
    [[ $out != *$'\033'* ]]
}

@test "a result that cannot be written is an error" {
    project sqlite
    empty_revision aaaa null
    status=0
    "${CMIG[@]}" heads >/dev/full 2>err || status=$?
    [ "$status" = 1 ]
    grep -qi "no space" err
    status=0
    "${CMIG[@]}" --version >/dev/full 2>err || status=$?
    [ "$status" = 1 ]
}

@test "a closed pipe is not a crash" {
    project sqlite
    chain 300
    "${CMIG[@]}" history | head -n 1 | grep -q r300
}

@test "completion scripts for three shells" {
    for shell in bash zsh fish; do
        ok completion "$shell"
        prints "cmig" "upgrade"
    done
    ok completion bash
    bash -n <<<"$out"
    fails 64 completion tcsh
    says "tcsh"
}

@test "JSON Schemas of the three formats are valid and accept the sample project" {
    for name in models config revision; do
        ok schema "$name"
        json 'd["$schema"].startswith("http")'
        echo "$out" >"$name.json"
    done
    python3 - "$TESTS/../migrations" <<'END'
import glob, json, sys
import jsonschema, yaml

class Loader(yaml.SafeLoader):
    pass
# Times remain strings, as cmig reads them.
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != "tag:yaml.org,2002:timestamp"]
                                  for k, v in Loader.yaml_implicit_resolvers.items()}
for name, pattern in (("models", "models/*.yaml"), ("config", "cmig.yaml"), ("revision", "versions/*.yaml")):
    schema = json.load(open(name + ".json"))
    cls = jsonschema.validators.validator_for(schema)
    cls.check_schema(schema)
    files = glob.glob(sys.argv[1] + "/" + pattern)
    assert files, pattern
    for file in files:
        cls(schema).validate(yaml.load(open(file), Loader))
    try:
        cls(schema).validate({"nonsense": 1})
    except jsonschema.ValidationError:
        continue
    raise SystemExit(name + " accepts an unknown key")
END
}

@test "the JSON Schema of models accepts what cmig accepts, and finds typing mistakes" {
    ok schema models
    echo "$out" >models.json
    python3 - "$TESTS/cases/diff" <<'END'
import glob, json, sys
import jsonschema, yaml

class Loader(yaml.SafeLoader):
    pass
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != "tag:yaml.org,2002:timestamp"]
                                  for k, v in Loader.yaml_implicit_resolvers.items()}
schema = json.load(open("models.json"))
validator = jsonschema.validators.validator_for(schema)(schema)
files = glob.glob(sys.argv[1] + "/*/*.yaml")
assert len(files) > 500
for file in files:
    try:
        model = yaml.load(open(file), Loader)
    except (yaml.YAMLError, ValueError):
        continue # SafeLoader is stricter: names such as "="
    error = next(validator.iter_errors(model or {}), None)
    assert not error, (file, error.message)
for mistake in ({"tabels": {}}, {"tables": {"t": {"colums": {}}}}, {"tables": {"t": {"columns": {"a": {"tpye": "text"}}}}},
                {"tables": {"t": {"indexes": {"i": {"colums": ["a"]}}}}}, {"tables": {"t": {"columns": {"a": {"nullable": "no"}}}}},
                {"tables": ["t"]}, {"views": {"v": {"sqll": "SELECT 1"}}}):
    assert not validator.is_valid(mistake), mistake
END
}

@test "nothing depends on the locale, the terminal or a home" {
    project sqlite
    users_model '"naïve": text'
    env -i LC_ALL=C "${CMIG[@]}" revision --autogenerate -m "naïve" --rev-id aaaa </dev/null >out 2>err
    env -i LC_ALL=tr_TR.UTF-8 "${CMIG[@]}" upgrade head </dev/null 2>err
    env -i "${CMIG[@]}" check </dev/null
}

@test "a missing argument: what it may be" {
    project sqlite
    fails 64 downgrade
    says "REVISION is missing" "hint: REVISION: -1, an id or its prefix"
    # Never the prefix of an id that happens to begin so.
    ok revision -m one --rev-id 1bb62a5a3188
    ok upgrade
    fails 1 downgrade 1
    says "unknown revision '1'" "hint: Write '+1' or '-1' for a number of revisions up or down, or more of the id."
    ok downgrade 1b
}
