/*
 * The rules of lint, changes that SQL texts make, and what a dialect knows of the cost of a change.
 *
 * The table of rules is in src/lint/rules.c. A dialect reports which rules an operation on an existing table breaks: only
 * the dialect knows whether it locks, scans, copies or rewrites.
 */
#pragma once

#include "cmig/op.h"

enum rule {
    /* rows, scans and locks */
    RULE_ADD_COLUMN_REWRITE,
    RULE_ADD_GENERATED_COLUMN,
    RULE_ADD_NUMBERED_COLUMN,
    RULE_ADD_REQUIRED_COLUMN,
    RULE_SET_NOT_NULL,
    RULE_CHANGE_COLUMN_TYPE,
    RULE_CHANGE_GENERATED,
    RULE_CREATE_INDEX_BLOCKING,
    RULE_DROP_INDEX_BLOCKING,
    RULE_REINDEX_BLOCKING,
    RULE_ADD_UNIQUE,
    RULE_ADD_PRIMARY_KEY,
    RULE_ADD_FOREIGN_KEY,
    RULE_ADD_CHECK,
    RULE_ADD_EXCLUSION,
    RULE_VALIDATE_TOGETHER,
    RULE_ATTACH_PARTITION,
    RULE_DETACH_PARTITION,
    RULE_CREATE_PARTITION,
    RULE_CHANGE_DOMAIN,
    RULE_RECREATE_ENUM,
    RULE_REFRESH_BLOCKING,
    RULE_REWRITE_TABLE,
    RULE_COPY_TABLE,
    RULE_REBUILD_TABLE,
    RULE_LOCK_TABLE,
    RULE_CONCURRENTLY_IN_TRANSACTION,
    RULE_DISABLE_TIMEOUT,
    RULE_BACKFILL_IN_TRANSACTION,
    RULE_UNBATCHED_UPDATE,
    /* running programs */
    RULE_RENAME_COLUMN,
    RULE_RENAME_TABLE,
    RULE_RENAME_SCHEMA,
    RULE_RENAME_OBJECT,
    RULE_RENAME_ENUM_VALUE,
    RULE_DROP_NOT_NULL,
    RULE_EXPAND_BREAKS,
    RULE_CHANGE_DEFAULT,
    RULE_CHANGE_IDENTITY,
    RULE_REPLACE_OBJECT,
    RULE_REVOKE,
    /* data */
    RULE_DROP_COLUMN,
    RULE_DROP_TABLE,
    RULE_DROP_OBJECT,
    RULE_DROP_SCHEMA,
    RULE_DROP_DATABASE,
    RULE_TRUNCATE,
    RULE_CASCADE,
    RULE_DROP_CONSTRAINT,
    RULE_DISABLE_TRIGGERS,
    RULE_DISABLE_CHECKS,
    RULE_REPLICA_IDENTITY,
    /* revisions */
    RULE_MISSING_DOWNGRADE,
    RULE_INCOMPLETE_DOWNGRADE,
    RULE_BRANCH_CONFLICT,
    RULE_REFUSED_SQL,
    RULE_NEEDS_VERSION,
    RULE_CREATE_EXTENSION,
    RULE_NOT_REPEATABLE,
    RULE_UNPARSED,
    RULE_SYNTAX_ERROR,
    /* design */
    RULE_FOREIGN_KEY_WITHOUT_INDEX,
    RULE_NAMING,
    RULE_IDENTIFIER_TOO_LONG,
    RULE_WIDE_INDEX,
    RULE_INTEGER_KEY,
    RULE_INTEGER_TYPE,
    RULE_JSON_TYPE,
    RULE_CHAR_TYPE,
    RULE_VARCHAR_TYPE,
    RULE_TIMESTAMP_TYPE,
    RULE_MONEY_TYPE,
    RULE_SERIAL_TYPE,
    RULE_DOMAIN_CONSTRAINT,
    RULE_TABLE_WITHOUT_KEY,
    RULE_ENUM_VALUE_ORDER,
    /* comments that allow */
    RULE_INVALID_ALLOW,
    RULE_UNUSED_ALLOW,
    RULES
};

/* A rule that an operation breaks. */
struct hazard {
    enum rule rule;
    const char *text; /* what happens, and to which object */
    bool is_minor;    /* on this version it is hardly noticed: a warning is a note */
};
struct hazards VEC_OF(struct hazard);

/* An operation, and what is known of the schema before it. */
struct hazard_call {
    struct ctx *ctx;
    const struct dialect *dialect;
    int version; /* of the oldest server that the revisions are for, 150004; 0: not known */
    const struct schema *schema;
    const struct op *op;
    const struct table *table; /* the operation's; NULL: not known */
    struct hazards *ret;
};
void hazard_add(const struct hazard_call *h, enum rule rule, const char *fmt, ...) ATTR_FORMAT(3, 4);

/* What a statement of an SQL text does. */
enum sql_act {
    SQL_ACT_OPERATION, /* what `op` says */
    SQL_ACT_HARMLESS,
    SQL_ACT_UNKNOWN,
    SQL_ACT_TRUNCATE,
    SQL_ACT_DROP_DATABASE,
    SQL_ACT_DROP_OTHER, /* an object whose loss loses no rows */
    SQL_ACT_REFRESH,
    SQL_ACT_REWRITE,
    SQL_ACT_REINDEX,
    SQL_ACT_LOCK,
    SQL_ACT_WRITE, /* changes rows by a condition, or copies rows */
    SQL_ACT_UPDATE_ALL,
    SQL_ACT_DELETE_ALL,
    SQL_ACT_RENAME_VALUE,
    SQL_ACT_RENAME_SCHEMA,
    SQL_ACT_DOMAIN_CHECK,
    SQL_ACT_NEW_DOMAIN_CHECK,
    SQL_ACT_NEW_PARTITION,
};
struct sql_change {
    enum sql_act act;
    struct op *op;      /* SQL_ACT_OPERATION */
    struct qname table; /* otherwise: the table or view, if there is one */
    const char *name;   /* another object */
    size_t from, to;    /* the statement's bytes in the text */
    bool cascade, concurrently;
    bool is_guarded;     /* IF EXISTS, IF NOT EXISTS, OR REPLACE: it can be repeated */
    bool is_ddl;         /* creates, alters or drops an object */
    const char *problem; /* why the database\'s own parser does not accept the statement; or NULL */
};
struct sql_changes VEC_OF(struct sql_change *);

/*
 * A statement of user SQL that a few of its words identify. A pattern is a list of words: `a|b` is one of two, `*` stands
 * for any number of words, and `!a` at the end means that no such word follows. A mark or a string counts as a word. What
 * follows a pattern may be anything.
 */
struct sql_pattern {
    enum rule rule;
    const char *pattern; /* NULL: the end of the table */
    const char *text;    /* what happens */
};
extern const struct sql_pattern sql_patterns[]; /* of every database */

/* What a dialect knows. */
struct hazard_facts {
    /* Adds what an operation on an existing table, or on an object that is in use, costs. NULL: nothing. */
    void (*inspect)(const struct hazard_call *h);
    /* Reads one statement with the database's own parser. False: sql_read_words() is asked instead; then *ret_problem is why
     * the parser does not accept it, or NULL, if there is none. NULL: there is none. */
    bool (*read)(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
        struct sql_changes *ret, const char **ret_problem);
    /* What in an operation, or in a statement of a user, needs a newer server than this version: "RETURNING needs SQLite
     * 3.35"; NULL: nothing. The function NULL: that is not known. */
    const char *(*newer)(struct ctx *ctx, int version, const struct op *op);
    const char *(*newer_sql)(struct ctx *ctx, int version, const char *sql);
    const struct sql_pattern *patterns; /* of this database alone; NULL: none */
    const char *default_schema;         /* the usual one, where no connection tells; NULL: there are none */
    bool indexes_foreign_keys;          /* the database creates an index for each foreign key */
    bool
        fills_required_columns; /* a new column that is NOT NULL without a default gets a value in existing rows */
};

/* Reads the statement that is these bytes of a text by its words: adds what it does, at least one change. */
void sql_read(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
    struct sql_changes *ret);
void sql_read_words(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
    struct sql_changes *ret);

/* The number of rows of a table; with a column, of those that have a value in it. */
const char *count_rows_query(
    struct ctx *ctx, const struct dialect *dialect, const struct qname *table, const char *column);
