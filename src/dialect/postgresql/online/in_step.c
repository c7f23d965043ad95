/*
 * Keeps two columns in step, by a trigger that changes a row before it is stored.
 *
 * It fires after other triggers: '~' sorts after their names.
 */
#include "dialect/in_step.h"
#include "dialect/postgresql/online/online.h"
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* The value of one column of the new row, as the other one would have it. */
static const char *converted(
    struct ctx *ctx, const struct twins *t, const char *from, const char *type, const char *expression)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);

    if (expression)
        sql_addf(&q, "(SELECT %E FROM (SELECT NEW.*) AS %I)", expression, t->table->name.name);
    else if (type)
        sql_addf(&q, "CAST(NEW.%I AS %E)", from, type);
    else
        sql_addf(&q, "NEW.%I", from);
    return sql_end(&q);
}

/* These types have no equality, or one that compares areas. */
static bool is_compared_as_text(struct ctx *ctx, const char *type)
{
    static const char *const names[] = {"json", "xml", "point", "lseg", "path", "box", "polygon", "circle"};
    const char *base = pg_type_base(&ctx->arena, type);

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts(base, names[i]) && strchr("[", base[strlen(names[i])]))
            return true;
    return false;
}

static const char *differ(struct ctx *ctx, const char *type, const char *a, const char *b)
{
    if (type && is_compared_as_text(ctx, type))
        return ctx_printf(ctx, "CAST(%s AS text) IS DISTINCT FROM CAST(%s AS text)", a, b);
    return ctx_printf(ctx, "%s IS DISTINCT FROM %s", a, b);
}

/* The condition that an update changes a column. */
static const char *changes(struct ctx *ctx, const char *type, const char *column)
{
    const char *name = pg_ident(&ctx->arena, column);

    return differ(ctx, type, ctx_printf(ctx, "NEW.%s", name), ctx_printf(ctx, "OLD.%s", name));
}

/* `uncut`: the same with the types of casts. */
static const char *body(struct ctx *ctx, const struct twins *t, const struct twins *uncut)
{
    const char *to_twin = converted(ctx, t, t->column, uncut->twin_type, uncut->to_twin),
               *to_column = converted(ctx, t, t->twin, uncut->column_type, uncut->to_column);
    /* Rounded as in the column, so that the backfill is no change of the twin. */
    const char *stored = converted(ctx, t, t->column, t->twin_type, uncut->to_twin);
    const char *type = table_column(t->table, t->column)->native,
               *twin_type = t->twin_type ? t->twin_type : type,
               *twin = ctx_printf(ctx, "NEW.%s", pg_ident(&ctx->arena, t->twin));
    struct sql q = sql_begin(ctx, &postgresql_dialect);

    sql_addf(&q,
        "BEGIN\n"
        "  IF TG_OP = 'INSERT' THEN\n"
        "    IF NEW.%I IS NULL THEN NEW.%I := %E; ELSE NEW.%I := %E; END IF;\n",
        t->twin, t->twin, to_twin, t->column, to_column);
    sql_addf(&q,
        "  ELSIF %E THEN\n"
        "    IF %E THEN NEW.%I := %E; END IF;\n",
        changes(ctx, twin_type, t->twin), differ(ctx, twin_type, twin, stored), t->column, to_column);
    sql_addf(&q,
        "  ELSIF %E THEN\n"
        "    NEW.%I := %E;\n"
        "  END IF;\n"
        "  RETURN NEW;\n"
        "END",
        changes(ctx, type, t->column), t->twin, to_twin);
    return sql_end(&q);
}

/* A cast to a type with a length truncates without an error. The assignment to the column checks the length. */
static const char *cast_type(struct ctx *ctx, const char *type)
{
    /* Without a length, these have one character or one bit. */
    static const struct {
        const char *name, *unlimited;
    } limited[] = {{"character", "bpchar"}, {"bit", "bit varying"}};
    const char *base = type ? pg_type_base(&ctx->arena, type) : NULL;

    for (size_t i = 0; base && i < COUNT_OF(limited); i++) {
        const size_t n = strlen(limited[i].name);

        if (str_starts(base, limited[i].name) && (!base[n] || base[n] == '['))
            return ctx_printf(ctx, "%s%s", limited[i].unlimited, base + n);
    }
    return base;
}

/* A boolean is cast to and from integer only; NULL: another cast will do. */
static const char *by_integer(struct ctx *ctx, const char *column, const char *from, const char *to)
{
    const bool from_boolean = str_eq(from, "boolean"),
               is_cast = from && to && from_boolean != str_eq(to, "boolean");
    const char *number = from_boolean ? to : from;

    if (!is_cast || str_eq(number, "integer") || !pg_assignable(&ctx->arena, number, "integer"))
        return NULL;
    return ctx_printf(ctx, "%s::integer::%s", pg_ident(&ctx->arena, column), to);
}

static bool is_bits(const char *type)
{
    return type && (str_starts(type, "bit(") || str_eq(type, "bit") || str_starts(type, "bit varying"));
}

/* A cast of an integer to bits cuts it; there is none to a number of bits that is not given. */
static bool cuts_bits(struct ctx *ctx, const struct twins *t)
{
    const char *other = is_bits(t->column_type) ? t->twin_type : t->column_type;

    if (is_bits(t->column_type) == is_bits(t->twin_type) || (t->to_twin && !is_bits(t->column_type)))
        return false;
    return other && pg_assignable(&ctx->arena, other, "integer");
}

bool pg_keep_in_step(struct ctx *ctx, const struct twins *t, struct in_step *ret)
{
    struct twins uncut = *t;
    const struct qname *table = &t->table->name;
    const char *name = ctx_printf(ctx, "~%s", in_step_name(ctx, t));
    const struct qname function = {table->schema, name};
    const struct qname trigger_name = {.name = name};
    struct sql create = sql_begin(ctx, &postgresql_dialect), trigger = sql_begin(ctx, &postgresql_dialect);

    *ret = (struct in_step){0};
    if (cuts_bits(ctx, t))
        return true;
    uncut.column_type = cast_type(ctx, t->column_type);
    uncut.twin_type = cast_type(ctx, t->twin_type);
    if (!t->to_twin)
        uncut.to_twin = by_integer(ctx, t->column, t->column_type, t->twin_type);
    if (!t->to_column)
        uncut.to_column = by_integer(ctx, t->twin, t->twin_type, t->column_type);
    sql_addf(&create, "CREATE FUNCTION %Q() RETURNS trigger LANGUAGE plpgsql AS $in_step$\n%E\n$in_step$",
        &function, body(ctx, t, &uncut));
    sql_addf(&trigger, "CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON %Q FOR EACH ROW EXECUTE FUNCTION %Q()",
        name, table, &function);
    *ret = (struct in_step){
        .twin_value = in_step_value(ctx, &postgresql_dialect, t->column, uncut.twin_type, uncut.to_twin),
        .column_value = in_step_value(ctx, &postgresql_dialect, t->twin, uncut.column_type, uncut.to_column),
    };
    in_step_add(ctx, ret, OBJECT_FUNCTION, &function, &create);
    in_step_add(ctx, ret, OBJECT_TRIGGER, &trigger_name, &trigger);
    return true;
}
