/* What the steps that make a schema comparable share. */
#pragma once

#include "cmig/dialect.h"

struct preparing {
    struct ctx *ctx;
    const struct dialect *dialect;
    const char *default_schema;
    struct schema *schema;
    struct map folded;  /* tables by name in lower case, where the case of letters does not matter */
    struct map natives; /* native types that need no context, by the type's text */
};

/* Adds the place to an error of a dialect, which does not know it. */
bool fail_on_column(struct preparing *p, const struct table *t, const struct column *c);
bool fail_on_table(struct preparing *p, struct pos pos, const struct table *t);
/* A message of `pos` with the nearest of the names as a hint. */
bool fail_nearest(struct preparing *p, struct pos pos, const char *word, const struct strings *names,
    const char *fmt, ...) ATTR_FORMAT(5, 6);

/* Removes the default schema's name; *ret_schema false is an error where there are no schemas. */
bool name_local(struct preparing *p, struct pos pos, const char *what, struct qname *name) ATTR_CHECKED;

/* The native spelling of an authored text; false when there is none for this dialect. Says nothing about
 * errors: there are none. */
bool expr_prepare(struct preparing *p, struct expr *e);
bool has_text(const struct expr *e);

/* Whether the dialect knows these options, and takes their values. on: "table", "column", … */
bool options_check(struct preparing *p, const char *on, struct options *o) ATTR_CHECKED;

bool columns_prepare(struct preparing *p, struct table *t) ATTR_CHECKED;
bool constraints_prepare(struct preparing *p, struct table *t) ATTR_CHECKED;
bool indexes_prepare(struct preparing *p, struct indexes *list) ATTR_CHECKED;
bool references_prepare(struct preparing *p, struct table *t) ATTR_CHECKED;
/* Whether a foreign key refers to a key of the models, or to a schema of which they contain nothing. */
bool reference_resolves(struct preparing *p, const struct constraint *c);
bool objects_prepare(struct preparing *p) ATTR_CHECKED;
/* Drops partitions where the dialect has none, and completes what has parents. */
bool partitions_prepare(struct preparing *p) ATTR_CHECKED;
bool sequence_owner_check(struct preparing *p, const struct sequence *q) ATTR_CHECKED;
/* Checks what models say of owners and privileges. */
bool accesses_prepare(struct preparing *p) ATTR_CHECKED;
