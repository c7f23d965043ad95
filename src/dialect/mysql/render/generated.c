/*
 * Changes between virtual columns and others.
 *
 * The server does not convert a virtual column, but it drops and adds a column in one statement, computing the values of
 * a stored one. That one it converts, and keeps the values.
 */
#include "dialect/mysql/render/render.h"

static bool is_virtual(const struct column *c)
{
    return c->generated && !c->generated->stored;
}

bool my_must_remake(const struct column *before, const struct column *after)
{
    return is_virtual(before) != is_virtual(after);
}

/* ---- what is on the column --------------------------------------------------------------------------- */

static bool has_part(const struct index *index, const char *column)
{
    vec_each(i, &index->parts)
        if (str_eq_ci(index->parts.v[i]->column, column))
            return true;
    return false;
}

static bool names_column(struct ctx *ctx, const char *sql, const char *column)
{
    for (struct sql_piece p; (p = sql_piece(sql, SQL_MYSQL)).kind != SQL_END; sql = p.s + p.n)
        if ((p.kind == SQL_WORD || p.kind == SQL_QUOTED) &&
            str_eq_ci(sql_piece_text(&ctx->arena, &p), column))
            return true;
    return false;
}

/* A check of a column is part of its definition. */
static bool is_on(struct ctx *ctx, const struct constraint *c, const char *column)
{
    if (c->kind == CONSTRAINT_CHECK)
        return !my_is_on_column(c) && names_column(ctx, my_render_expr(&c->check), column);
    return c->kind == CONSTRAINT_UNIQUE && strings_have(&c->columns, column);
}

static void add_drops(struct ctx *ctx, const struct table *t, const char *column, struct sql *q)
{
    const struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (is_on(ctx, c, column))
            sql_addf(q, c->kind == CONSTRAINT_CHECK ? "DROP CONSTRAINT %I, " : "DROP INDEX %I, ", c->name);
    vec_each(i, &t->indexes)
        if (has_part(t->indexes.v[i], column))
            sql_addf(q, "DROP INDEX %I, ", t->indexes.v[i]->name);
}

static void add_again(struct ctx *ctx, const struct table *t, const char *column, struct sql *q)
{
    const struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (is_on(ctx, c, column)) {
            sql_add(q, ", ADD ");
            my_add_constraint(q, c);
        }
    vec_each(i, &t->indexes)
        if (has_part(t->indexes.v[i], column)) {
            sql_add(q, ", ADD ");
            my_add_index(q, t->indexes.v[i]);
        }
}

/* ---- statements -------------------------------------------------------------------------------------- */

static const char *column_before(const struct table *t, const char *column)
{
    const char *before = NULL;
    for (size_t i = 0; i < t->columns.n && !str_eq_ci(t->columns.v[i]->name, column); i++)
        before = t->columns.v[i]->name;
    return before;
}

/* Drops the column and adds it in its place. */
static bool remake(struct rendering *r, const struct table *t, const char *name, const struct column *c)
{
    struct sql q = my_render_alter(r, &t->name);
    const char *before = column_before(t, name);
    add_drops(r->ctx, t, name, &q);
    sql_addf(&q, "DROP COLUMN %I, ADD COLUMN %I", name, c->name);
    if (!my_column_definition(r, t, c, &q))
        return false;
    sql_addf(&q, before ? " AFTER %I" : " FIRST", before);
    add_again(r->ctx, t, name, &q);
    my_render_add(r, &q);
    return true;
}

bool my_render_remade(
    struct rendering *r, const struct my_change *change, const char *name, const struct column *c)
{
    const struct column *before = table_column(change->before, name);
    struct sql nothing = my_render_begin(r);
    if (c->generated)
        return remake(r, change->before, name, c);
    if (is_virtual(before)) {
        struct column *stored = column_copy(r->ctx, before);
        struct generated *g = ctx_new(r->ctx, struct generated);
        *g = *before->generated;
        g->stored = true;
        stored->generated = g;
        return remake(r, change->before, name, stored);
    }
    sql_add(&nothing, "DO 0"); /* so that the next statement is always the second one */
    my_render_add(r, &nothing);
    return true;
}
