/* cmig.yaml: finding and reading it, and its values. */
#pragma once

#include "cmig/access.h"
#include "cmig/codec.h"
#include "cmig/naming.h"

enum edited_files { EDITED_FILES_WARN, EDITED_FILES_ERROR };
enum heads_policy { HEADS_SEVERAL, HEADS_SINGLE };
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
enum { LOCK_RETRIES_MAX = 1000 };
struct lock_config {
    const char *timeout;   /* as written; lock_timeout_ms holds it */
    const char *table;     /* as written; table_timeout_ms holds it */
    const char *retry_for; /* as written; lock_retry_for_ms holds it */
    int64_t retries;
    bool retries_given;
};

/* `lint`: levels by rule, as written; lint knows the rules. */
struct lint_rule_config {
    const char *name, *level;
    struct pos pos;
};
enum { LINT_SMALL_ROWS = 10000 };
/* The oldest server that revisions run on. */
struct lint_version {
    const char *text; /* "14", "10.11"; NULL: not given */
    int number;       /* 140000, 101100 */
};
struct lint_versions {
    struct lint_version postgresql, mariadb, sqlite;
};
struct lint_config {
    struct lint_rule_configs VEC_OF(struct lint_rule_config *) rules;
    struct lint_versions *versions; /* NULL: not given */
    int64_t small_rows;             /* a table with at most so many rows is small. Default: 10000 */
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

/* Models that are not files: exactly one of `program` and `url` is set. */
enum model_format { MODEL_FORMAT_SQL, MODEL_FORMAT_YAML };
struct model_source {
    struct pos pos;
    struct strings program; /* and its arguments */
    int format;             /* enum model_format, of what it prints */
    const char *url;        /* expanded; a database, which is only read */
};
struct model_sources VEC_OF(struct model_source *);

/*
 * `targets`: the databases, or schemas of tenants, that a command runs in, one after the other or at the same time. An
 * entry is one of them, or a pattern for each row of a query, a file or a program: {1} is the first column of the row.
 */
struct target_source {
    struct pos pos;
    const char
        *url; /* of the target; NULL: that of the environment, or with rows that are URLs the row itself */
    const char *schema;         /* of the tenant; NULL: the target is a database */
    const char *name;           /* for messages; NULL: the schema, or the end of the URL */
    const char *group;          /* of `rollout`, or NULL */
    struct strings search_path; /* schemas that are searched after that of the tenant */
    /* at most one: */
    const char *files; /* a pattern of SQLite files; joined */
    const char
        *query;       /* its rows; it runs in the database of `url`, or of the environment if `url` has {1} */
    const char *file; /* its lines; joined */
    struct strings program; /* the lines that it prints */
};
struct target_sources VEC_OF(struct target_source *);

/* `rollout`: in which order, and how many at the same time. */
struct rollout_group {
    const char *name;
    const char *pause;    /* after its last target, before the next group; as written, or NULL */
    struct strings after; /* a program that runs then; a failure ends the run */
    struct pos pos;
};
enum { JOBS_MAX = 256, JOBS_DEFAULT = 8 };
struct rollout_config {
    struct VEC_OF(struct rollout_group *) groups; /* in this order; targets without a group come last */
    int64_t jobs;                                 /* targets at the same time; 0: JOBS_DEFAULT */
    int64_t per_server;                           /* of them on one server; 0: no limit */
    int64_t canary;                               /* targets that run before all others; 0: none */
    int64_t max_failures;                         /* failures after which no target starts; 0: no limit */
};

struct config {
    const char *path;            /* of the file; NULL: without a file, the defaults apply */
    const char *folder;          /* of the file; "." without one. A relative SQLite path is seen from here */
    const char *environment;     /* that was asked for; NULL: none */
    struct strings environments; /* all that the file has, in its order */
    const char *url;             /* expanded; NULL: none anywhere */
    struct target_sources targets;  /* none: the one database of the URL */
    struct rollout_config *rollout; /* NULL: the defaults */
    struct strings models; /* default: models. Paths are joined with the directory, ready to be opened */
    struct model_sources model_sources; /* the models that are not files */
    const char *scratch_url;   /* expanded; an empty database that models in SQL are loaded into; or NULL */
    struct strings migrations; /* version locations; default: migrations. Joined, too */
    struct strings tests;      /* of cases; default: the directory tests in the first of these. Joined, too */
    bool recursive;            /* directories below the version locations are read, too */
    struct version_config version_table; /* default: cmig_version and its column revision */
    const char *version_column;          /* the column, from its own key */
    struct strings schemas, exclude, include;
    int transaction; /* enum transaction_mode */
    struct lock_config *lock;
    uint64_t lock_timeout_ms;   /* for another cmig; default: 60000 */
    uint64_t table_timeout_ms;  /* of a statement, for the locks of other sessions; default: 2000 */
    uint64_t lock_retry_for_ms; /* how long a run waits for such locks in total; default: 60000 */
    int64_t lock_retries;       /* at most so many retries; -1: any number */
    int edited_files;           /* enum edited_files */
    const char *pager;          /* a command line; "" or false: none; NULL: not given */
    bool is_protected;          /* switch and drop-database refuse it */
    int heads;                  /* enum heads_policy */
    bool online;                /* autogenerated operations on existing tables are done online */
    bool assertions;            /* --autogenerate writes assertions for what may fail because of rows */
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
/* Whether two configurations have the same models. */
bool config_same_models(const struct config *a, const struct config *b);
/* The URL, or an error that lists the ways to give one. May run `url_command`: call it once. */
bool config_url(struct ctx *ctx, const struct config *c, const char **ret) ATTR_CHECKED;

extern const struct record config_record;
