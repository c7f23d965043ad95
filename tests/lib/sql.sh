#!/bin/sh
# Runs SQL in a database by its own program.
#
#   sql.sh URL SQL
case $1 in
sqlite:///*) sqlite3 "${1#sqlite:///}" "$2" ;;
mysql://*)
    server=${1#*@}
    user=${1%%@*}
    mariadb --no-defaults -u"${user#mysql://}" -h"${server%%:*}" -P"$(expr "$server" : '[^:]*:\([0-9]*\)')" -e "$2" "${1##*/}"
    ;;
*) psql -X -q -d "$1" -c "$2" ;;
esac
