/*
 * Keeps two columns in step, by triggers that change a row before it is stored.
 *
 * Each trigger is one SET, whose assignments are done in turn, so that the text has no compound statement.
 */
#include "dialect/in_step.h"
#include "dialect/mysql/mysql.h"
#include "dialect/mysql/render/render.h"

/* An assignment converts by itself. */
static const char *converted(struct ctx *ctx, const char *from, const char *expression)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);

    if (expression)
        sql_addf(&q, "(SELECT %E FROM (SELECT NEW.%I AS %I) AS r)", expression, from, from);
    else
        sql_addf(&q, "NEW.%I", from);
    return sql_end(&q);
}

/* The condition that an update gives a row the twin's first value, which may be rounded, as the backfill does. */
static const char *fills(struct ctx *ctx, const struct twins *t)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);

    if (t->to_twin)
        return "FALSE";
    sql_addf(&q, "OLD.%I IS NULL AND NEW.%I IS NOT NULL AND NEW.%I <=> OLD.%I", t->twin, t->column, t->column,
        t->column);
    return sql_end(&q);
}

bool my_keep_in_step(struct ctx *ctx, const struct twins *t, struct in_step *ret)
{
    const char *to_twin = converted(ctx, t->column, t->to_twin),
               *to_column = converted(ctx, t->twin, t->to_column);
    const char *base = in_step_name(ctx, t);
    const struct qname on_insert = {t->table->name.schema, ctx_printf(ctx, "%s_insert", base)},
                       on_update = {t->table->name.schema, ctx_printf(ctx, "%s_update", base)};
    struct sql insert = sql_begin(ctx, &mysql_dialect), update = sql_begin(ctx, &mysql_dialect);

    sql_addf(&insert,
        "CREATE TRIGGER %Q BEFORE INSERT ON %Q FOR EACH ROW\n"
        "  SET NEW.%I = IF(NEW.%I IS NULL, NEW.%I, %E),\n"
        "    NEW.%I = IF(NEW.%I IS NULL, %E, NEW.%I)",
        &on_insert, &t->table->name, t->column, t->twin, t->column, to_column, t->twin, t->twin, to_twin,
        t->twin);
    sql_addf(&update,
        "CREATE TRIGGER %Q BEFORE UPDATE ON %Q FOR EACH ROW\n"
        "  SET NEW.%I = IF(NEW.%I <=> OLD.%I OR NEW.%I <=> %E OR %E, NEW.%I, %E),\n"
        "    NEW.%I = IF(NEW.%I <=> OLD.%I AND NOT NEW.%I <=> OLD.%I, %E, NEW.%I)",
        &on_update, &t->table->name, t->column, t->twin, t->twin, t->twin, to_twin, fills(ctx, t), t->column,
        to_column, t->twin, t->twin, t->twin, t->column, t->column, to_twin, t->twin);
    *ret = (struct in_step){
        .twin_value = in_step_value(ctx, &mysql_dialect, t->column, NULL, t->to_twin),
        .column_value = in_step_value(ctx, &mysql_dialect, t->twin, NULL, t->to_column),
    };
    in_step_add(ctx, ret, OBJECT_TRIGGER, &on_insert, &insert);
    in_step_add(ctx, ret, OBJECT_TRIGGER, &on_update, &update);
    return true;
}
