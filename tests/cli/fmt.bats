# fmt: the canonical form of files, and what databases make of it.

load helper

misformed_model() {
    cat <<'Y'
# The shop
tables:
    users:   # people
        columns:
            id:    {primary_key: true,  type: integer}
            # how to reach them
            email: {type: text}


        comment: 'Größe'
Y
}

formatted_model() {
    cat <<'Y'
# The shop
tables:
  users:   # people
    comment: Größe

    columns:
      id:    {type: integer, primary_key: true}
      # how to reach them
      email: {type: text}
Y
}

@test "fmt writes the files of the project, and has nothing to do afterwards" {
    project sqlite
    empty_revision aaaa null
    misformed_model >models/shop.yaml
    chmod 640 models/shop.yaml
    fails 2 fmt --check
    prints_exactly "models/shop.yaml"
    says "1 file is not in canonical form" "Run 'cmig fmt' to write it."
    same "$(misformed_model)" "$(<models/shop.yaml)"
    fails 2 --json fmt --check
    json 'd["files"] == ["models/shop.yaml"] and d["error"]["status"] == 2'
    fails 2 fmt --check --format github
    prints "::error file=models/shop.yaml,line=3,col=1,title=format::not in canonical form%0ARun 'cmig fmt'."
    ok fmt
    prints_exactly "models/shop.yaml"
    says "formatted 1 file"
    same "$(formatted_model)" "$(<models/shop.yaml)"
    same 640 "$(stat -c %a models/shop.yaml)"
    ok fmt --check
    prints_exactly ""
    says "all files are in canonical form"
}

@test "fmt formats named files and the standard input" {
    misformed_model >'odd "näme".yaml'
    ln -s 'odd "näme".yaml' link.yml
    echo "SELECT   1;" >a.sql
    ok fmt 'odd "näme".yaml' a.sql
    prints_exactly 'odd "näme".yaml'
    same "$(formatted_model)" "$(<'odd "näme".yaml')"
    same "SELECT   1;" "$(<a.sql)"
    misformed_model >'odd "näme".yaml'
    ok fmt link.yml
    [ -L link.yml ]
    same "$(formatted_model)" "$(<'odd "näme".yaml')"
    misformed_model >model.yaml
    same "$(formatted_model)" "$("${CMIG[@]}" fmt - <model.yaml)"
    mkdir -p folder/below
    printf 'a:   1\n' | tee folder/a.yaml >folder/below/b.yml
    touch folder/note.txt
    ok fmt folder
    prints_exactly $'folder/a.yaml\nfolder/below/b.yml'
    fails 64 fmt README.md
    says "'README.md' is not a YAML file"
    fails 64 fmt --format github
    says "--format needs --check"
    fails 64 --json fmt --diff a.yaml
    says "--json cannot be combined with --diff"
    fails 78 fmt none.yaml
    says "cannot read file 'none.yaml': no such file"
}

@test "fmt --diff prints what would change" {
    printf 'a: 1\nb:   2\nc: 3\n' >a.yaml
    ok fmt --diff a.yaml
    prints_exactly $'--- a.yaml\n+++ a.yaml\n@@ -1,3 +1,3 @@\n a: 1\n-b:   2\n+b: 2\n c: 3'
    same $'a: 1\nb:   2\nc: 3' "$(<a.yaml)"
    fails 2 fmt --diff --check a.yaml
    seq 1 40 | sed 's/.*/k&: 1/; s/^\(k5\|k30\): /\1:   /' >b.yaml
    mkdir -p patched
    cp b.yaml patched
    ok fmt --diff b.yaml
    (cd patched && git apply -p0 <<<"$out")
    ok fmt b.yaml
    cmp b.yaml patched/b.yaml
}

@test "fmt changes no file if one has an error, and refuses what it cannot write" {
    misformed_model >a.yaml
    printf 'b: [1\n' >b.yaml
    fails 78 fmt a.yaml b.yaml
    says "b.yaml:1:4: the '[' is never closed"
    same "$(misformed_model)" "$(<a.yaml)"
    printf '%%YAML 1.1\n---\na:   1\n' >c.yaml
    fails 78 fmt c.yaml
    says "c.yaml:1:1: a file with a '%' directive cannot be formatted"
    printf 'a:   1\n' >d.yaml
    "${CMIG[@]}" fmt - <d.yaml >/dev/full 2>err && false
    grep -q "cannot write the result" err
}

@test "a database takes a formatted revision as unchanged" {
    for database in $DATABASES; do
        project "$database"
        cat >migrations/aaaa.yaml <<'Y'
revision: aaaa
message: 'first'
down_revision: null
upgrade:
    - create_table: {columns: {id: {primary_key: true, type: integer}, "name": {type: 'text'}}, name: t}
    - execute: "CREATE VIEW v AS\nSELECT id\nFROM t\n"
downgrade:
    - execute: DROP VIEW v
    - drop_table: t
Y
        ok upgrade
        cp migrations/aaaa.yaml before.yaml
        ok fmt
        says "a revision was formatted: databases that have applied it are not affected"
        if cmp -s migrations/aaaa.yaml before.yaml; then report "nothing was formatted"; fi
        grep -q '^  - execute: |$' migrations/aaaa.yaml
        ok status
        [[ $out != *Edited* ]] || report "takes it as edited"
        ok upgrade --strict
        says "nothing to do: already at aaaa"
        ok downgrade base --strict
        sed -i 's/type: text/type: integer/' migrations/aaaa.yaml
        ok upgrade
        sed -i 's/type: integer, primary/type: bigint, primary/' migrations/aaaa.yaml
        ok status
        prints "Edited since it was applied:"
        ok fmt
        ok status
        prints "Edited since it was applied:"
    done
}

@test "what cmig writes is in canonical form" {
    ok init new
    (cd new && "${CMIG[@]}" fmt --check)
    for database in sqlite postgresql; do
        project "$database"
        cp "$TESTS/cases/diff/empty_to_full/after.yaml" models/full.yaml
        ok revision --autogenerate -m full
        ok fmt --check migrations
        ok upgrade
        "${CMIG[@]}" inspect >inspected.yaml
        ok fmt --check inspected.yaml
        ok fmt
        ok check
    done
}

@test "fmt needs no URL, and reads the directories that the project reads" {
    mkdir -p migrations/tests migrations/2026
    printf 'url: ${NONE}\nrecursive: true\n' >cmig.yaml
    echo 'cases:   []' >migrations/tests/a.yaml
    printf 'revision:   aaaa\nupgrade: []\n' >migrations/2026/aaaa.yaml
    ok fmt
    prints_exactly "migrations/2026/aaaa.yaml"
    same 'cases:   []' "$(<migrations/tests/a.yaml)"
}
