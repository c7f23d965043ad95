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
