#!/usr/bin/env bats
# A program with the revisions inside.
load helper

# A project that uses all kinds of files.
files_of_all_kinds() {
    mkdir -p models/sql migrations/sql
    model <<<'{tables: {"odd t": {columns: {id: {type: integer, primary_key: true}, v: {type: string(20)}}}}}'
    ok revision --autogenerate -m one --rev-id aaaa
    revision_file bbbb aaaa <<'END'
upgrade:
- bulk_insert: {table: odd t, file: rows.csv}
- execute: {file: sql/x.sql}
downgrade:
- execute: {file: sql/y.sql}
END
    echo "DELETE FROM $(quoted "odd t");" >migrations/sql/y.sql
    echo "UPDATE $(quoted "odd t") SET v = 'é';" >migrations/sql/x.sql
    printf '\xef\xbb\xbfid,v\n1,a\n2,b\n' >migrations/rows.csv
    cat >>cmig.yaml <<'END'
hooks:
  before_run: {command: [sh, -c, 'pwd >hook.out']}
END
}

@test "a bundle does what cmig does in the project, anywhere" {
    for database in $DATABASES; do
        project "$database"
        [ "$database" = sqlite ] && { FILE=$BATS_TEST_TMPDIR/there/app.db; sed -i 's,^url:.*,url: ${DATABASE_URL:-sqlite:///app.db},' cmig.yaml; }
        files_of_all_kinds
        ok bundle -o "$BATS_TEST_TMPDIR/app one" --json
        prints '"migrations/rows.csv"' '"migrations/sql/x.sql"' '"models/model.yaml"'
        rm -rf "$BATS_TEST_TMPDIR/there"
        mkdir "$BATS_TEST_TMPDIR/there"
        cd "$BATS_TEST_TMPDIR/there"
        rm -rf "$PROJECT"
        local CMIG=("${CMIG[@]:0:${#CMIG[@]}-1}" "$BATS_TEST_TMPDIR/app one")
        ok status
        prints "bbbb (head)"
        ok upgrade head
        ok check
        same "$(sql "SELECT id, v FROM $(quoted "odd t") ORDER BY id")" $'1|é\n2|é'
        same "$(cat hook.out)" "$PWD"
        ok verify
        ok history
        fails 64 revision -m x
        says "'revision' writes a revision, but those of this program are inside it"
        ok downgrade base
        ok bundle -o again
        cmp again "$BATS_TEST_TMPDIR/app one"
        mkdir "$PROJECT"
        ok init mine
        ok -c mine/cmig.yaml --url sqlite:// history
        unset CMIG
        read -ra CMIG <<<"$CMIG_TEST_PROGRAM"
    done
}

@test "places in a bundle's files have the program's name" {
    project sqlite
    revision_file aaaa null <<<$'upgrade:\n- execute: nonsense\ndowngrade: []'
    ok bundle -o app
    mv app "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR"
    CMIG=("${CMIG[@]:0:${#CMIG[@]}-1}" ./app)
    fails 1 upgrade head
    says "app:/migrations/aaaa.yaml:5:3"
}

@test "a bundle that was cut or got more bytes says so" {
    project sqlite
    empty_revision aaaa null
    ok bundle -o whole
    CMIG=("${CMIG[@]:0:${#CMIG[@]}-1}" ./whole)
    ok heads
    head -c -1 whole >cut
    { cat whole; echo more; } >longer
    chmod +x cut longer
    for program in cut longer; do
        CMIG=("${CMIG[@]:0:${#CMIG[@]}-1}" "./$program")
        fails 1 heads
        says "the files that this program contains are damaged"
    done
}

@test "what is not bundled, and what is not overwritten" {
    project sqlite
    fails 64 bundle
    says "needs the name of the new program"
    echo precious >file
    fails 1 bundle -o file
    says "'file' exists, and is not a bundle"
    same "$(cat file)" precious
    ok bundle -o file --force
    ok bundle -o file
    mkdir below
    cd below
    ok -c ../cmig.yaml bundle -o ../other
    cmp ../file ../other
    cd ..
    revision_file aaaa null <<<$'upgrade:\n- execute: {file: ../../away.sql}\ndowngrade: []'
    echo "SELECT 1" >../away.sql
    fails 78 bundle -o file
    says "is not below '.', the directory of the configuration"
    rm ../away.sql
    fails 78 bundle -o file
    echo KEY=not-in-a-program-4711 >.env
    empty_revision aaaa null
    ok bundle -o file
    ! grep -q not-in-a-program-4711 file
}
