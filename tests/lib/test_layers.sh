#!/bin/sh
# Tests layers.sh. Usage: test_layers.sh LAYERS
set -eu
export LC_ALL=C

layers=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/include/cmig" "$root/src/base" "$root/src/op" "$root/src/migrate" "$root/src/command" \
    "$root/src/dialect/sqlite" "$root/src/dialect/postgresql/objects" "$root/src/codec"
cd "$root"

put() { # FILE LINE...
    file=$1
    shift
    printf '%s\n' "$@" >"$file"
}

put include/cmig/op.h '#include "cmig/schema.h"' '#include <stdio.h>'
put src/main.c '#include "cmig/command.h"'
put src/op/reverse.c '/* reverses "CREATE TABLE" */' '#include "cmig/op.h"' '#include "table.h"' '#include "op/table.h"' \
    '// "DROP TABLE"' "char quote = '\"'; /* SELECT */" 'char *s = "create table, SELECTED, UPDATEs";'
put src/migrate/run.c '#include "cmig/dialect.h"' '#include "build-config.h"'
put src/command/up.c '#include "cmig/migrate.h"' '#include "cmig/cli.h"'
put src/dialect/registry.c '#include "dialect/sqlite/sqlite.h"'
put src/dialect/sqlite/conn.c '#include <sqlite3.h>' '#include "dialect/shared.h"' 's = "SELECT 1";'
put src/dialect/postgresql/objects/type.c '#include "dialect/postgresql/conn.h"'
put src/codec/decode.c '#include <yaml.h>'
sh "$layers" .

put include/cmig/op.h '#include "cmig/dialect.h"' '#include <sqlite3.h>'
put src/main.c '#include "cmig/migrate.h"'
put src/op/reverse.c '#include "cmig/revision.h"' '#include "dialect/sqlite/sqlite.h"' '#include "../base/arena.h"'
put src/migrate/run.c '#include <libpq-fe.h>' 'char *s = "a" "SELECT 1 FROM \"x\"";' 't = "BEGIN";' 'u = "; UPDATE t SET x";'
put src/command/up.c 'fail("a /* b"); x = "ALTER TABLE %s";'
put src/dialect/sqlite/conn.c '# include "yaml.h"' '#include "dialect/postgresql/postgresql.h"'
put src/dialect/postgresql/conn.c '#include "git2/blob.h"'
put src/base/arena.c '#include "cmig/codec.h"'
sh "$layers" . >actual && { echo "nothing found"; exit 1; }
sort actual >actual.sorted
sort >expected <<'END'
include/cmig/op.h:1: op may not include cmig/dialect.h
include/cmig/op.h:2: sqlite3.h stays in src/dialect/sqlite
src/main.c:1: main may not include cmig/migrate.h
src/op/reverse.c:1: op may not include cmig/revision.h
src/op/reverse.c:2: dialect/sqlite/sqlite.h is private to src/dialect/sqlite
src/op/reverse.c:3: ../base/arena.h leaves its directory
src/migrate/run.c:1: libpq-fe.h stays in src/dialect/postgresql
src/migrate/run.c:2: SQL belongs under src/dialect: "SELECT 1 FROM \"x\""
src/migrate/run.c:3: SQL belongs under src/dialect: "BEGIN"
src/migrate/run.c:4: SQL belongs under src/dialect: "; UPDATE t SET x"
src/command/up.c:1: SQL belongs under src/dialect: "ALTER TABLE %s"
src/dialect/sqlite/conn.c:1: yaml.h stays in src/codec
src/dialect/sqlite/conn.c:2: dialect/postgresql/postgresql.h is private to src/dialect/postgresql
src/dialect/postgresql/conn.c:1: git2/blob.h stays in src/vcs
src/base/arena.c:1: base may not include cmig/codec.h
END
diff -u expected actual.sorted
