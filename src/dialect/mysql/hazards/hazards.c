/*
 * Tells which operations MariaDB can only do by copying the table.
 *
 * Measured on MariaDB 10.11 by asking for ALGORITHM=INSTANT, NOCOPY and INPLACE, with LOCK=NONE, in turn.
 */
#include "dialect/mysql/hazards/hazards.h"

#include "cmig/dialect.h"

#include <stdlib.h>

static const char *table_text(const struct hazard_call *h)
{
    return qname_text(&h->ctx->arena, op_table_name(h->op));
}

/* From this version on, most copies do not block writes: what others write is applied at the end. */
enum { COPIES_ONLINE = 110200 };

static void add_copy(const struct hazard_call *h, const char *why)
{
    if (h->version >= COPIES_ONLINE) {
        hazard_add(h, RULE_COPY_TABLE, "%s copies table '%s'", why, table_text(h));
        h->ret->v[h->ret->n - 1].is_minor = true;
        return;
    }
    hazard_add(h, RULE_COPY_TABLE, "%s copies table '%s' and blocks writes to it until the copy is done", why,
        table_text(h));
}

/* The length in "varchar(n)"; 0 for any other type. */
static long varchar_length(const char *native)
{
    return str_starts(native, "varchar(") ? strtol(native + strlen("varchar("), NULL, 10) : 0;
}

/* A longer enum or set that begins with all values of the old one. */
static bool appends_values(const char *from, const char *to)
{
    size_t n = strlen(from);

    return (str_starts(from, "enum(") || str_starts(from, "set(")) && n > 1 &&
           strncmp(from, to, n - 1) == 0 && (to[n - 1] == ',' || to[n - 1] == ')');
}

static bool is_instant(const char *from, const char *to)
{
    long old = varchar_length(from), new = varchar_length(to);

    return str_eq(from, to) || (old && new &&new >= old) || appends_values(from, to);
}

static void inspect_type(const struct hazard_call *h)
{
    const struct op_alter_column *o = &h->op->u.alter_column;
    const struct column *was = h->table ? table_column(h->table, o->name) : NULL;
    struct column c = was ? *was : (struct column){.name = o->name};
    const char *to;

    c.type = o->type;
    c.native = NULL;
    if (!h->dialect->type_native(h->ctx, h->table, &c, &to)) {
        err_clear(h->ctx);
        return;
    }
    if (was && was->native && is_instant(was->native, to))
        return;
    if (was && was->native)
        add_copy(h, ctx_printf(h->ctx, "changing column '%s' from %s to %s", o->name, was->native, to));
    else
        hazard_add(
            h, RULE_COPY_TABLE, "changing column '%s' to %s may copy table '%s'", o->name, to, table_text(h));
}

static void inspect_alter_column(const struct hazard_call *h)
{
    const struct op_alter_column *o = &h->op->u.alter_column;

    if (ALTER_HAS(o, ALTER_TYPE))
        inspect_type(h);
    if (ALTER_HAS(o, ALTER_COLLATION))
        add_copy(h, ctx_printf(h->ctx, "the collation of column '%s'", o->name));
    if (ALTER_HAS(o, ALTER_GENERATED) && o->generated && o->generated->stored)
        add_copy(h, ctx_printf(h->ctx, "the expression of column '%s'", o->name));
}

static void inspect_add_column(const struct hazard_call *h)
{
    const struct op_add_column *o = &h->op->u.add_column;

    if (o->column.generated && o->column.generated->stored)
        add_copy(h, ctx_printf(h->ctx, "stored generated column '%s'", o->column.name));
    if (o->references)
        add_copy(h, ctx_printf(h->ctx, "the foreign key of column '%s'", o->column.name));
}

static void inspect_constraint(const struct hazard_call *h)
{
    const struct constraint *k = &h->op->u.create_constraint.constraint;
    const char *name = k->name ? k->name : "";

    if (h->op->kind == OP_CREATE_CHECK_CONSTRAINT)
        add_copy(h, ctx_printf(h->ctx, "check '%s'", name));
    else if (h->op->kind == OP_CREATE_FOREIGN_KEY)
        add_copy(h, ctx_printf(h->ctx, "foreign key '%s'", name));
}

static void inspect_alter_table(const struct hazard_call *h)
{
    const struct options *o = &h->op->u.alter_table.options;

    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->v[i].dialect, "mysql") &&
            (str_eq(o->v[i].key, "engine") || str_eq(o->v[i].key, "row_format")))
            add_copy(h, ctx_printf(h->ctx, "option '%s'", o->v[i].key));
}

static void inspect(const struct hazard_call *h)
{
    switch ((int)h->op->kind) {
    case OP_ADD_COLUMN:
        inspect_add_column(h);
        break;
    case OP_ALTER_COLUMN:
        inspect_alter_column(h);
        break;
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
        inspect_constraint(h);
        break;
    case OP_ALTER_TABLE:
        inspect_alter_table(h);
        break;
    }
}

static const struct sql_pattern patterns[] = {
    {RULE_DISABLE_CHECKS, "SET * foreign_key_checks = 0|off|false", "foreign keys are switched off"},
    {RULE_DISABLE_CHECKS, "SET * check_constraint_checks = 0|off|false", "checks are switched off"},
    {RULE_DISABLE_CHECKS, "SET * unique_checks = 0|off|false", "unique keys are switched off"},
    {0},
};

const struct hazard_facts my_hazards = {
    .inspect = inspect,
    .patterns = patterns,
    .indexes_foreign_keys = true,
    .fills_required_columns = true,
};
