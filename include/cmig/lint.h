/*
 * Lint: reads revisions as a careful colleague would, without a database.
 *
 * The revisions are replayed in order, so that the schema before each of them is known as far as operations, and the SQL
 * that lint understands, describe it. Rules judge the operations and the SQL statements of each upgrade.
 */
#pragma once

#include "cmig/config.h"
#include "cmig/dialect.h"
#include "cmig/diff.h"
#include "cmig/hazard.h"
#include "cmig/revision.h"

enum lint_level { LINT_OFF, LINT_NOTE, LINT_WARNING, LINT_ERROR };
extern const char *const lint_level_names[]; /* by level, NULL-ended */

enum {
    LINT_BY_SIZE = 1, /* its cost grows with the table: silent for small ones */
    LINT_FIXED = 2,   /* its level cannot be changed */
    LINT_ONLINE = 4,  /* `online: true` makes it safe */
};
/* The safe form from a version on, if the configuration says which versions there are. */
struct lint_form {
    const char *dialect; /* NULL: the end */
    int version;         /* 140000 */
    const char *safe;
};
struct lint_rule {
    const char *name;
    enum lint_level level; /* unless the configuration has another one */
    unsigned flags;
    const char *inspects; /* operations and statements */
    const char *databases;
    const char *why;
    const char *safe;              /* what to do instead, as a hint */
    const struct lint_form *forms; /* ascending; NULL: it is the same for every version */
};
extern const struct lint_rule lint_rules[RULES];
/* RULES: none has this name. */
enum rule lint_rule_find(const char *name);
/* Adds a hint with the nearest name to the error that is set. */
bool lint_rule_suggest(struct ctx *ctx, const char *name);
#define lint_rule_suggest(...) fail_false(lint_rule_suggest(__VA_ARGS__))

/* The levels of all rules. */
struct lint_levels {
    enum lint_level of[RULES];
    int64_t small_rows;
};
/* `config` may be NULL. An unknown rule or level is an error with its place. */
bool lint_configure(struct ctx *ctx, const struct lint_config *config, struct lint_levels *ret) ATTR_CHECKED;

/* Rows and sizes of tables, as `inspect --stats` writes them. */
struct table_size {
    struct qname name;
    int64_t rows;
    const char *bytes; /* as written, or NULL */
    struct pos pos;
};
struct table_sizes VEC_OF(struct table_size *);
bool lint_sizes_read(struct ctx *ctx, const char *path, struct table_sizes *ret) ATTR_CHECKED;
struct node *lint_sizes_encode(struct ctx *ctx, const struct table_sizes *sizes);

struct finding {
    enum rule rule;   /* RULES: of another command */
    const char *code; /* the rule's name */
    enum lint_level level;
    struct pos pos;
    const char *text, *hint;
    const char *revision; /* id, or NULL */
};
struct findings VEC_OF(struct finding *);

/* The schema after all revisions, as far as it is known, the revisions that may do more, and the first operation that
 * cannot be applied although the schema before it is known. */
struct lint_replay {
    struct schema *schema;
    struct revisions unread;
    const struct revision *failed; /* NULL: none */
    struct pos failed_at;
    const char *failed_why;
};

struct lint_request {
    const struct dialect *dialect;
    const struct config *config;
    const struct graph *graph;
    bool *wanted; /* by revision->order; NULL: all */
    const struct lint_levels *levels;
    const struct table_sizes *sizes; /* NULL: not known */
    int version; /* of the oldest server, 150004; 0: not known, and then the oldest that is supported counts */
    bool downgrades;            /* also the cost of downgrades */
    struct lint_replay *replay; /* what the revisions lead to; NULL: not asked */
    enum lint_level least;      /* findings below it are left out, and what only they need is not done */
};
/* Findings in the order of the revisions, and in a file by place. Fails only for files that cannot be read. */
bool lint_run(struct ctx *ctx, const struct lint_request *request, struct findings *ret) ATTR_CHECKED;

/* The findings of a difference that is in no file. `schema` is that before it, and is changed.
 * `conn` has that schema, too, or is NULL. Of the request only dialect, config, levels, version and least count. */
bool lint_ops(struct ctx *ctx, const struct lint_request *request, struct conn *conn, struct schema *schema,
    struct diff *diff, struct findings *ret) ATTR_CHECKED;

enum lint_format {
    LINT_TEXT,
    LINT_GITHUB,
    LINT_GITLAB,
    LINT_JUNIT,
    LINT_SARIF,
};
extern const char *const lint_format_names[]; /* NULL-ended */
/* The format that the environment's CI system shows beside the code; LINT_TEXT outside of one. */
enum lint_format lint_format_here(void);
/* The whole output, with a newline at its end unless it is empty. `base` is the directory that paths are relative to. */
const char *lint_print(struct ctx *ctx, const struct findings *findings, enum lint_format format);
struct node *lint_encode(struct arena *a, const struct findings *findings);
