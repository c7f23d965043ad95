/*
 * Operations to PostgreSQL's SQL.
 *
 * A function per kind of operation, each in the file of what it works on; render.c has the table of them.
 */
#pragma once

#include "dialect/postgresql/conn.h"

extern const struct option_row pg_options[]; /* ended by on NULL */

/* A list of operations being rendered. */
struct rendering {
    struct ctx *ctx;
    struct state *state;
    struct pg *pg; /* NULL: offline */
    const struct ops *ops;
    size_t at; /* of the operation that is being rendered */
    const struct op *op;
    struct statements *ret;
    struct statements after; /* what must wait for a later operation: who owns a sequence */
};

bool pg_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret);

/* ---- for the files of this folder -------------------------------------------------------------------- */

struct sql render_begin(struct rendering *r);
struct statement *render_add(struct rendering *r, struct sql *q); /* the finished text as a statement */
/* Completes a copy of a column: its native type and default. */
bool render_column_native(struct rendering *r, const struct table *t, struct column *c) ATTR_CHECKED;
const char *render_expr(struct rendering *r, const struct expr *e); /* NULL: nothing for this dialect */
void render_default(struct rendering *r, struct sql *q, const struct column *c);
void render_identity(struct sql *q, const struct identity *i);
void render_sequence_options(struct sql *q, const struct sequence_options *o);
bool render_column_definition(
    struct rendering *r, struct sql *q, const struct table *t, const struct column *column) ATTR_CHECKED;
bool render_column_extras(
    struct rendering *r, const struct qname *table, const struct column *c) ATTR_CHECKED;
bool render_constraint(struct rendering *r, struct sql *q, const struct constraint *c) ATTR_CHECKED;
void render_parts(struct rendering *r, struct sql *q, const struct index_parts *parts);
void render_with(struct sql *q, const struct options *options); /* " WITH (…)" of the settings among them */
void render_collation(struct sql *q, const char *collation);
void render_comment(struct rendering *r, const char *what, const char *comment); /* COMMENT ON what IS … */
bool render_index(
    struct rendering *r, const struct qname *table, const struct op_create_index *o) ATTR_CHECKED;

typedef bool render_f(struct rendering *r, const struct op *op);
