#!/usr/bin/env bats
# Scripts for people who run SQL themselves: do they do what the online run does?

load helper

# Runs the script that was printed last as people do.
feed() {
    if [ "$DATABASE" = sqlite ]; then
        sqlite3 -bail "$FILE" <<<"$out"
    else
        psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -f - <<<"$out"
    fi
}

# What cmig says of itself, but for times.
own_rows() {
    sql "SELECT revision FROM cmig_version ORDER BY 1"
    sql "SELECT revision, parents, direction, blob, path, text, outcome, message, tag FROM cmig_history ORDER BY id"
}

@test "what people's SQL made is known to a rebuild offline" {
    project sqlite
    cat >migrations/aaaa.sql <<'END'
-- revision: aaaa
-- down_revision: null
-- message: by hand
-- upgrade
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); -- with a trigger
CREATE INDEX t_b ON t (b) WHERE b > ';';
CREATE TRIGGER t_ai AFTER INSERT ON t BEGIN
    UPDATE t SET b = 'seen' WHERE id = new.id;
END;
-- downgrade
DROP TABLE t;
END
    revision_file bbbb aaaa <<'END'
upgrade:
  - alter_column: {table: t, name: a, type: string(10), nullable: false, default: x}
downgrade:
  - alter_column: {table: t, name: a, type: text, nullable: true, default: null}
END
    ok upgrade head
    online=$(dump | tr -d \")
    database sqlite
    ok upgrade --sql
    feed
    same "$(dump | tr -d \")" "$online"
    ok downgrade --sql bbbb:aaaa
    feed
    ok upgrade --sql aaaa:bbbb
    feed
    same "$(dump | tr -d \")" "$online"
    same "$(sql "INSERT INTO t (a) VALUES ('a'); SELECT b FROM t")" seen
}

@test "people's SQL that needs the database is in the script, and reaches nothing else before" {
    project sqlite
    revision_file aaaa null <<'END'
upgrade:
  - execute: |
      SELECT no_such_function();
      CREATE TABLE kept (id INTEGER);
  - execute: "ATTACH 'other.db' AS other"
downgrade: []
END
    revision_file bbbb aaaa <<'END'
upgrade:
  - alter_column: {table: kept, name: id, type: bigint}
downgrade: []
END
    ok upgrade --sql
    says "migrations/aaaa.yaml" "no such function: no_such_function" "not authorized"
    prints "CREATE TABLE _cmig_new_kept" "SELECT no_such_function();"
    [ ! -e other.db ]
}

@test "a script has its transactions where the run has them" {
    for database in $DATABASES; do
        project "$database" "transaction: run"
        empty_revision aaaa null
        empty_revision bbbb aaaa
        empty_revision cccc bbbb "transaction: false"
        empty_revision dddd cccc
        ok upgrade --sql
        same "$(grep -Eo '^( {4})?(BEGIN|COMMIT|INSERT INTO cmig_version|UPDATE cmig_version|-- .* -> ....)' <<<"$out" | sed 's/^ *//' | tr '\n' ' ')" \
            "-- base -> aaaa BEGIN INSERT INTO cmig_version -- aaaa -> bbbb UPDATE cmig_version COMMIT -- bbbb -> cccc BEGIN UPDATE cmig_version COMMIT -- cccc -> dddd BEGIN UPDATE cmig_version COMMIT "
        feed
        ok current
        prints dddd
    done
}

# ---- ranges ------------------------------------------------------------------------------------------------------

# Two branches that meet, the second of which needs something of the first.
two_branches() {
    empty_revision aaaa null "branch_labels: [one]"
    empty_revision bbbb aaaa
    empty_revision cccc bbbb
    empty_revision x111 null "branch_labels: [two]"
    empty_revision x222 x111 "depends_on: [bbbb]"
    empty_revision mmmm "[cccc, x222]"
}

# The statements on version rows in the script that was printed last, in short.
moves() {
    sed -nE "s/^ *INSERT INTO cmig_version \(revision\) VALUES \('(.*)'\);/+\1/p
        s/^ *DELETE FROM cmig_version WHERE revision = '(.*)';/-\1/p
        s/^ *UPDATE cmig_version SET revision = '(.*)' WHERE revision = '(.*)';/\2>\1/p
        s/^ *DELETE FROM cmig_version;/all/p" <<<"$out" | xargs
}

@test "a range in every form" {
    project sqlite
    two_branches
    while IFS='|' read -r words expected; do
        eval "ok $words --sql --dialect postgresql"
        same "$words: $(moves)" "$words: $expected"
    done <<'END'
upgrade|+aaaa aaaa>bbbb +x111 -x111 bbbb>x222 +cccc -cccc x222>mmmm
upgrade :bbbb|+aaaa aaaa>bbbb
upgrade base:aaaa|+aaaa
upgrade aaaa:cccc|aaaa>bbbb bbbb>cccc
upgrade aaaa:+1|aaaa>bbbb
upgrade cccc:|+x111 x111>x222 -cccc x222>mmmm
upgrade 'x111 bbbb:mmmm'|-x111 bbbb>x222 +cccc -cccc x222>mmmm
upgrade one@bbbb:one@bbbb+1|bbbb>cccc
upgrade mmmm:heads|
downgrade heads:base|+cccc mmmm>x222 -cccc +x111 x222>bbbb -x111 bbbb>aaaa -aaaa
downgrade mmmm:x222|+cccc mmmm>x222
downgrade bbbb:|bbbb>aaaa -aaaa
downgrade cccc:-1|cccc>bbbb
downgrade 'cccc x222:bbbb'|-cccc
stamp cccc|+cccc
stamp aaaa x111|+aaaa +x111
stamp aaaa:cccc|aaaa>cccc
stamp cccc:aaaa|cccc>aaaa
stamp aaaa:base|-aaaa
stamp aaaa:+1|aaaa>bbbb
stamp --purge base|all
stamp --purge cccc x222|all +cccc +x222
END
}

@test "a range that cannot be is refused" {
    project sqlite
    two_branches
    while IFS='|' read -r words expected; do
        eval "fails 64 $words --sql"
        says "$expected"
    done <<'END'
upgrade bbbb:aaaa|'aaaa' is not above 'bbbb' but applied there
downgrade head|a downgrade script needs FROM:TO
upgrade current:head|--sql asks no database, so that 'current:head' is not known
stamp current+1|--sql asks no database
stamp x111 aaaa:cccc|of several revisions only the first may be a range, unlike 'aaaa:cccc'
stamp --purge aaaa:cccc|--purge does not look where the database stands
upgrade head --dialect mysql|unknown dialect 'mysql'
ensure-version --dialect postgres|Known are sqlite, postgresql.
upgrade head --dry-run|one of them
END
    fails 1 upgrade --sql nope:head
    says "there is no revision 'nope'"
    fails 1 downgrade --sql aaaa:bbbb
    says "it is not below what is applied"
    fails 64 upgrade --dialect sqlite
    says "it needs --sql"
}

@test "a script finds out that the database stands elsewhere" {
    for database in $DATABASES; do
        project "$database"
        two_branches
        ok upgrade --sql base:aaaa
        feed
        ok upgrade --sql bbbb:cccc
        before=$(sql "SELECT count(*) FROM cmig_history")
        ! feed 2>err || false
        grep -q "revision bbbb is not applied, or others stand upon it" err
        ok current
        prints aaaa
        same "$(sql "SELECT count(*) FROM cmig_history")" "$before"
    done
}
