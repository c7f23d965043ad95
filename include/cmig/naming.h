/* How what has no name is named: patterns of the configuration's `naming`. */
#pragma once

/* Patterns with {table} {columns} {name} {referred_table}; the remaining tokens are in cmig.yaml(5). NULL:
 * the built-in pattern of that kind. */
struct naming {
    const char *index, *unique, *foreign_key, *check, *primary_key;
};
