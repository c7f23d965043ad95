/* cmig.yaml: finding and reading it, and its values. */
#pragma once

#include "cmig/access.h"
#include "cmig/codec.h"
#include "cmig/naming.h"

enum edited_files { EDITED_FILES_WARN, EDITED_FILES_ERROR };
enum integer_keys { INTEGER_KEYS_AUTO, INTEGER_KEYS_SERIAL, INTEGER_KEYS_IDENTITY };
enum transaction_mode { TRANSACTION_REVISION, TRANSACTION_RUN, TRANSACTION_NONE };
struct command_line {
    struct strings words;
};
struct command_lines VEC_OF(struct command_line *);
struct version_config {
    struct qname name;
    const char *column;
};
enum { LOCK_RETRIES = 2, LOCK_RETRIES_MAX = 1000 };
struct lock_config {
    const char *timeout; /* as written; lock_timeout_ms holds it */
    const char *table;   /* as written; table_timeout_ms holds it */
    int64_t retries;
};

/* `lint`: levels by rule, as written; lint knows the rules. */
struct lint_rule_config {
    const char *name, *level;
    struct pos pos;
};
enum { LINT_SMALL_ROWS = 10000 };
struct lint_config {
    struct lint_rule_configs VEC_OF(struct lint_rule_config *) rules;
    int64_t small_rows; /* a table with at most so many rows is small. Default: 10000 */
};

/* `hooks`: what runs around the steps of a run. */
enum hook_kind {
    HOOK_BEFORE_RUN,
    HOOK_BEFORE_STEP,
    HOOK_AFTER_STEP,
    HOOK_AFTER_RUN,
    HOOK_ON_FAILURE,
    HOOK_KINDS
};
extern const char *const hook_names[]; /* "before_run", … */
struct hook {
    struct pos pos;
    struct strings command; /* a program and its arguments; empty: SQL */
    struct dtext sql,
        file; /* of one the text, or the path of its file, seen from the configuration's directory */
};
struct hook_list VEC_OF(struct hook *);
struct hooks_config {
    struct hook_list lists[HOOK_KINDS];
};

struct config {
    const char *path;            /* of the file; NULL: without a file, the defaults apply */
    const char *folder;          /* of the file; "." without one. A relative SQLite path is seen from here */
    const char *environment;     /* that was asked for; NULL: none */
    struct strings environments; /* all that the file has, in its order */
    const char *url;             /* expanded; NULL: none anywhere */
    struct strings models;     /* default: models. Paths are joined with the directory, ready to be opened */
    const char *scratch_url;   /* expanded; an empty database that models in SQL are loaded into; or NULL */
    struct strings migrations; /* version locations; default: migrations. Joined, too */
    bool recursive;            /* directories below the version locations are read, too */
    struct version_config version_table; /* default: cmig_version and its column revision */
    const char *version_column;          /* the column, from its own key */
    struct strings schemas, exclude, include;
    int transaction; /* enum transaction_mode */
    struct lock_config *lock;
    uint64_t lock_timeout_ms;   /* for another cmig; default: 60000 */
    uint64_t table_timeout_ms;  /* of a statement, for the locks of other sessions; default: 3000 */
    int64_t lock_retries;       /* of a revision that was rolled back for lack of a lock; default: 2 */
    int edited_files;           /* enum edited_files */
    int integer_keys;           /* enum integer_keys */
    struct naming *naming;      /* never NULL */
    struct lint_config *lint;   /* NULL: the defaults */
    struct hooks_config *hooks; /* NULL: none */
    const char *file_template;  /* default: {rev}_{slug} */
    int64_t slug_length;        /* of {slug}, in bytes; default: 40 */
    int format;                 /* 0 yaml, 1 sql */
    const char *templates; /* directory of revision.yaml and revision.sql, joined; NULL: the built-in forms */
    struct command_lines post_write;
    struct strings manage;      /* "grants", "owners" */
    unsigned manages;           /* the same as MANAGE_… bits */
    bool no_history;            /* `history: false` */
    struct strings url_command; /* a program that prints the URL; run by config_url only */
    struct strings x;           /* -x key=value, for the texts of revisions */
    struct pos url_pos;         /* of `url` in the file; none when it came from elsewhere */
    const char *url_source; /* for messages: "DATABASE_URL", "${file:secret}"; NULL: the file's own text */
};

struct config_request {
    const char *file; /* -c; NULL: $CMIG_CONFIG, then cmig.yaml here or in the nearest directory above */
    const char *environment; /* -n */
    const char *url;         /* --url beats everything */
    bool no_env_file;
    bool optional;           /* no file is fine, unless one is named */
    const struct strings *x; /* -x key=value */
    const char *folder;      /* where the search begins; NULL: the current directory */
    bool files_only;         /* nothing but models and migrations is expanded and read */
};

/*
 * Finds and reads the configuration. ${VAR}, ${VAR:-default}, ${VAR:?message}, ${file:PATH} and ${x:key} work
 * in every string; a literal "${" is written "$${". Variables come from the process and then from `.env`
 * beside the file, which is never run. When the file names no url: DATABASE_URL, then DATABASE_URL_FILE. The
 * environment of the process is not changed, except that PG* variables of `.env` are put there when they are
 * not set, for libpq.
 */
bool config_load(struct ctx *ctx, const struct config_request *request, struct config *ret) ATTR_CHECKED;
/* The names of the file's environments, in its order; nothing is expanded. */
bool config_environments(
    struct ctx *ctx, const struct config_request *request, struct strings *ret) ATTR_CHECKED;
/*
 * The text of a revision with the values of -x: ${x:key}, ${x:key:-default} and ${x:key:?message}. Any other ${…}
 * stays as it is; a literal "${x:" is written "$${x:". `pos` is the place of the text's first byte.
 */
bool config_expand_x(
    struct ctx *ctx, const struct config *c, struct pos pos, const char *text, const char **ret) ATTR_CHECKED;
/* The URL, or an error that lists the ways to give one. May run `url_command`: call it once. */
bool config_url(struct ctx *ctx, const struct config *c, const char **ret) ATTR_CHECKED;

extern const struct record config_record;
