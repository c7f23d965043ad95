#!/usr/bin/env bats
# Drawing a history, with lines and for other programs.
load helper

# A merge of two, one of three, a branch that depends on the trunk, and a lone base.
forest() {
    project sqlite
    empty_revision aaaa00 null
    empty_revision bbbb00 aaaa00
    empty_revision cccc00 aaaa00
    empty_revision dddd00 '[bbbb00, cccc00]'
    empty_revision eeee00 dddd00
    empty_revision ffff00 dddd00 'branch_labels: [x]'
    empty_revision gggg00 dddd00
    empty_revision hhhh00 '[eeee00, ffff00, gggg00]'
    empty_revision base2a null 'branch_labels: [billing]'
    empty_revision base2b base2a 'depends_on: cccc00'
    empty_revision base2c base2b
    empty_revision base3a null
}

@test "a picture with lines, in UTF-8" {
    forest
    ok history --graph
    prints_exactly '● base2c (head), step base2c
● base2b, step base2b
├╌╮
● ┆ base2a (billing), step base2a
  ┆
● ┆ base3a (head), step base3a
  ┆
● ┆ hhhh00 (head) (mergepoint), step hhhh00
├─┼─╮
├─┼─┼─╮
● ┆ │ │ eeee00, step eeee00
│ ┆ ● │ ffff00 (x), step ffff00
│ ┆ │ ● gggg00, step gggg00
├─┼─┼─╯
├─┼─╯
● ┆ dddd00 (branchpoint) (mergepoint), step dddd00
├─┤
● │ bbbb00, step bbbb00
│ ● cccc00, step cccc00
├─╯
● aaaa00 (branchpoint), step aaaa00'
}

@test "a picture with lines, in ASCII" {
    forest
    for locale in C POSIX de_DE.ISO-8859-1; do
        LC_ALL=$locale ok history --graph
        prints_exactly '* base2c (head), step base2c
* base2b, step base2b
|\
* : base2a (billing), step base2a
  :
* : base3a (head), step base3a
  :
* : hhhh00 (head) (mergepoint), step hhhh00
|-:\
|-:-|\
* : | | eeee00, step eeee00
| : * | ffff00 (x), step ffff00
| : | * gggg00, step gggg00
|_:_|/
|_:/
* : dddd00 (branchpoint) (mergepoint), step dddd00
|\|
* | bbbb00, step bbbb00
| * cccc00, step cccc00
|/
* aaaa00 (branchpoint), step aaaa00'
    done
    LC_ALL= LC_CTYPE= LANG=de_DE.utf8@euro ok history --graph
    prints "●"
}

@test "a picture of a range, and of nothing" {
    forest
    ok history --graph -r dddd00:hhhh00
    prints_exactly '● hhhh00 (head) (mergepoint), step hhhh00
├─╮
├─┼─╮
● │ │ eeee00, step eeee00
│ ● │ ffff00 (x), step ffff00
│ │ ● gggg00, step gggg00
├─┼─╯
├─╯
● dddd00 (branchpoint) (mergepoint), step dddd00'
    ok history --graph -r hhhh00:hhhh00
    prints_exactly '● hhhh00 (head) (mergepoint), step hhhh00'
    rm migrations/*
    ok history --graph
    prints_exactly ''
    ok history --format mermaid
    prints_exactly 'flowchart BT'
}

@test "a picture with all details, and with applied revisions" {
    for database in $DATABASES; do
        project "$database"
        empty_revision aaaa00 null
        empty_revision bbbb00 aaaa00
        empty_revision cccc00 aaaa00
        ok upgrade bbbb00
        ok history --graph -i
        prints_exactly '● bbbb00 (head) (current), step bbbb00
│ ○ cccc00 (head), step cccc00
├─╯
● aaaa00 (branchpoint), step aaaa00'
        ok history --graph -v
        prints_exactly '● Rev: bbbb00 (head)
│ Parent: aaaa00
│ Path: migrations/bbbb00.yaml
│
│     step bbbb00
│
│ ● Rev: cccc00 (head)
│ │ Parent: aaaa00
│ │ Path: migrations/cccc00.yaml
│ │
│ │     step cccc00
│ │
├─╯
● Rev: aaaa00 (branchpoint)
  Parent: <base>
  Branches into: bbbb00, cccc00
  Path: migrations/aaaa00.yaml

      step aaaa00'
    done
}

@test "for Graphviz and Mermaid" {
    project sqlite
    empty_revision aaaa00 null
    cat >migrations/b.yaml <<'END'
revision: bbbb00
down_revision: aaaa00
message: 'say "hi" <b> \ &amp; #1'
upgrade: []
END
    empty_revision cccc00 null 'branch_labels: [x]' 'depends_on: aaaa00'
    ok history --format dot
    prints_exactly 'digraph revisions {
    rankdir=BT;
    node [shape=box];
    "bbbb00" [label="bbbb00 (head)\nsay \"hi\" <b> \\ &amp;amp; #1"];
    "cccc00" [label="cccc00 (x) (head)\nstep cccc00"];
    "aaaa00" [label="aaaa00\nstep aaaa00"];
    "aaaa00" -> "bbbb00";
    "aaaa00" -> "cccc00" [style=dashed, constraint=false];
}'
    ok history --format mermaid --color always
    prints_exactly 'flowchart BT
    r0["bbbb00 (head)<br>say #34;hi#34; #60;b#62; #92; #38;amp#59; #35;1"]
    r1["cccc00 (x) (head)<br>step cccc00"]
    r2["aaaa00<br>step aaaa00"]
    r2 --> r0
    r2 -.-> r1'
    ok history --format text
    same "$(wc -l <<<"$out")" 3
}

@test "one form at a time" {
    project sqlite
    fails 64 history --graph --format dot
    says "--graph cannot be combined with --format dot"
    fails 64 history --graph --json
    says "cannot be combined with --graph"
    fails 64 history --format dot --json
    says "cannot be combined with --format"
    fails 64 history --format svg
    says "svg"
}
