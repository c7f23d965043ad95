#!/bin/sh
# Checks that every directory includes only headers that it may include. Usage: layers.sh ROOT
#
# The rows of the architecture: which interface headers (include/cmig/<x>.h) a directory may include, where the headers
# of foreign libraries may be included, and where SQL may be written. Each violation is a line; exit 1 if there is any.
set -eu
export LC_ALL=C

cd "$1"
found=$(mktemp)
trap 'rm -f "$found"' EXIT

# A directory, and the interface headers that it may include beside its own; public is include/cmig.h.
rows='
base
public
naming    base
cli       base
vcs       base
codec     base
access    base codec
config    base codec naming access
object    base codec access
schema    base codec naming object
op        base codec naming object schema
diff      base codec naming object schema op
draw      base codec naming object schema op
revision  base codec naming object schema op
hazard    base codec naming object schema op
dialect   base codec naming object schema op diff hazard
lint      base codec naming object schema op diff dialect revision config hazard
migrate   base codec naming object schema op diff dialect revision config vcs hazard
site      base codec naming object schema op diff draw dialect revision config vcs migrate
lib       base codec naming object schema op diff dialect revision config vcs migrate lint
command   base codec naming object schema op diff draw dialect revision config vcs migrate cli hazard lint site
main      base command cli
'

# Directories whose sources may call the dialect; their interface headers only declare it, to avoid a circle.
asks='schema op diff'

# A foreign header, and the one directory that wraps its library.
foreign='
sqlite3.h      src/dialect/sqlite
libpq-fe.h     src/dialect/postgresql
libpq-events.h src/dialect/postgresql
yaml.h         src/codec
git2.h         src/vcs
pg_query.h     src/dialect/postgresql
'

sources() {
    find src include -name '*.[ch]' | sort
}

violation() {
    echo "$*" >>"$found"
}

# The row a file belongs to: src/dialect/sqlite/x.c to dialect, include/cmig/op.h to op.
row_of() {
    case $1 in
    src/main.c) echo main ;;
    src/*/*) echo "$1" | cut -d/ -f2 ;;
    include/cmig/*.h) basename "$1" .h ;;
    *) echo public ;;
    esac
}

may_include() { # ROW DOOR FILE
    [ "$1" = "$2" ] && return 0
    case $2:$3 in
    dialect:src/*) case " $asks " in *" $1 "*) return 0 ;; esac ;;
    esac
    echo "$rows" | awk -v row="$1" -v door="$2" \
        '$1 == row { for (i = 2; i <= NF; i++) if ($i == door) ok = 1 } END { exit !ok }'
}

# Lines "file:number:header", of quoted or of bracketed includes.
includes() { # OPENING
    sources | xargs grep -Hn "^[[:space:]]*#[[:space:]]*include[[:space:]]*$1" /dev/null |
        sed "s/^\([^:]*:[0-9]*\):[^<\"]*[<\"]\([^>\"]*\).*/\1:\2/"
}

check_doors() {
    includes '"cmig/' | while IFS=: read -r file line header; do
        row=$(row_of "$file")
        door=$(basename "$header" .h)
        may_include "$row" "$door" "$file" || violation "$file:$line: $row may not include $header"
    done
}

# A header that is no door stays in its folder, and one of a dialect's in the dialect. A dialect may use what is shared by
# all of them, and the list of dialects is the one place that knows their names.
check_private() {
    includes '"' | while IFS=: read -r file line header; do
        case $header in
        cmig/* | cmig.h | build-config.h) continue ;;
        ../* | */../*) violation "$file:$line: $header leaves its directory" && continue ;;
        */*) ;;
        *) continue ;;
        esac
        own=$(dirname "${file#src/}")
        theirs=$(dirname "$header")
        if [ "$own" = "$theirs" ] || ! [ -d "src/$theirs" ]; then
            continue
        fi
        case $own in
        dialect/*) [ "$(echo "$own" | cut -d/ -f2)" != "$(echo "$theirs/" | cut -d/ -f2)" ] || continue ;;
        esac
        case $file:$theirs in
        src/dialect/registry.c:dialect/* | src/dialect/list.c:dialect/*) ;;
        src/dialect/*/*:dialect) ;;
        *) violation "$file:$line: $header is private to src/$theirs" ;;
        esac
    done
}

check_foreign() {
    includes '[<"]' | while IFS=: read -r file line header; do
        home=$(echo "$foreign" | awk -v header="$header" '$1 == header { print $2 }')
        [ -z "$home" ] && case $header in git2/*) home=src/vcs ;; esac
        [ -z "$home" ] && continue
        case $file in
        "$home"/*) ;;
        *) violation "$file:$line: $header stays in $home" ;;
        esac
    done
}

# Lines "file:number:text" of each string literal; comments and character constants are skipped.
literals() {
    sources | grep -v '^src/dialect/' | xargs -r awk '
        FNR == 1 { comment = 0 }
        {
            text = ""
            inside = 0
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                two = substr($0, i, 2)
                if (comment) {
                    if (two == "*/") { comment = 0; i++ }
                } else if (inside) {
                    if (c == "\\") { text = text substr($0, i, 2); i++ }
                    else if (c == "\"") { inside = 0; print FILENAME ":" FNR ":" text; text = "" }
                    else text = text c
                } else if (two == "/*") { comment = 1; i++ }
                else if (two == "//") break
                else if (c == "\"") inside = 1
                else if (c == "\047") {
                    for (i++; i <= length($0) && substr($0, i, 1) != "\047"; i++)
                        if (substr($0, i, 1) == "\\") i++
                }
            }
        }'
}

check_sql() {
    objects='TABLE|VIEW|INDEX|UNIQUE|TYPE|SCHEMA|SEQUENCE|TRIGGER|FUNCTION|DOMAIN|EXTENSION|TEMP|COLUMN|CONSTRAINT'
    literals | grep -E \
        -e "(^|[^A-Z_])(CREATE|ALTER|DROP|ADD) ($objects)" \
        -e '(^|[^A-Z_])(SELECT|PRAGMA|INSERT INTO|DELETE FROM|TRUNCATE|VACUUM|SAVEPOINT)([^A-Z_]|$)' \
        -e '(^|[^A-Z_])UPDATE [^ ]+ SET' \
        -e ':(BEGIN|COMMIT|ROLLBACK)([^A-Z_]|$)' |
        while IFS=: read -r file line text; do
            violation "$file:$line: SQL belongs under src/dialect: \"$text\""
        done
}

check_doors
check_private
check_foreign
check_sql
cat "$found"
test ! -s "$found"
