/* Virtual tables: their statements, and what their modules keep. */
#pragma once

#include "cmig/dialect.h"
#include "dialect/sqlite/render.h"

/* What a virtual table holds. */
enum holding {
    HOLDS_ROWS,    /* rows that can be read and written */
    HOLDS_INDEX,   /* an index over another table or view, from which it can be rebuilt */
    HOLDS_WORDS,   /* an index without the rows that it was made of */
    HOLDS_NOTHING, /* it shows what is elsewhere */
    HOLDS_UNKNOWN, /* the module is unknown */
};

struct virtual_table {
    const char *name, *module;
    const char *rest;    /* the statement from USING on */
    const char *content; /* HOLDS_INDEX: the table or view that it is an index over */
    enum holding holding;
};

/* False: it is no CREATE VIRTUAL TABLE. */
bool virtual_parse(struct ctx *ctx, const char *sql, struct virtual_table *ret);
/* The statement in one spelling. */
const char *virtual_sql(struct ctx *ctx, const struct virtual_table *v);
/* Whether a table is one in which the virtual table keeps its data. */
bool virtual_owns(const struct virtual_table *v, const char *table);
/* Whether the linked SQLite has the module of that name. */
bool virtual_has_module(struct ctx *ctx, const char *module);
/* Fails when the linked SQLite does not have the table's module. */
bool virtual_check_module(struct ctx *ctx, struct pos pos, const struct virtual_table *v) ATTR_CHECKED;
/* Why a virtual table cannot become another one; NULL: it can. */
const char *virtual_refusal(struct ctx *ctx, const struct virtual_table *a, const struct virtual_table *b);
extern const char virtual_hint[];

bool sqlite_object_possible(struct ctx *ctx, enum object_kind kind, const struct object *a,
    const struct object *b, const char **ret_why, const char **ret_hint);
bool sqlite_object_change(struct ctx *ctx, enum object_kind kind, const struct object *a,
    const struct object *b, struct strings *ret_steps);

/* create_virtual_table, replace_virtual_table and drop_virtual_table. */
bool render_virtual_table(struct rendering *r, const struct op *op) ATTR_CHECKED;
