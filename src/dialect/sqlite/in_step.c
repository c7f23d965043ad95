/*
 * Keeps two columns in step, by triggers.
 *
 * SQLite cannot change a row before it is stored, so each trigger updates it again. One trigger handles both columns: it
 * does not fire for its own update, as two triggers would for each other's, unless recursive_triggers is on.
 *
 * Values are not cast: CAST makes a number of a DATE, and 0 of text. The column's affinity converts, as in a rebuild.
 */
#include "dialect/in_step.h"
#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/sqlite.h"

/* The value of one column of the new row, as the other one would have it. */
static const char *converted(struct ctx *ctx, const char *from, const char *expression)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);

    if (expression)
        sql_addf(&q, "(SELECT %E FROM (SELECT NEW.%I AS %I))", expression, from, from);
    else
        sql_addf(&q, "NEW.%I", from);
    return sql_end(&q);
}

static const char *trigger_name(struct ctx *ctx, const struct twins *t, const char *event)
{
    return ctx_printf(ctx, "%s_%s", in_step_name(ctx, t), event);
}

static const char *row_condition(struct ctx *ctx, const struct table *table)
{
    struct strings key = sqlite_row_key(ctx, table);
    struct sql q = sql_begin(ctx, &sqlite_dialect);

    vec_each(i, &key) {
        sql_add(&q, i ? " AND " : "");
        sql_addf(&q, "%I = NEW.%I", key.v[i], key.v[i]);
    }
    return sql_end(&q);
}

bool sqlite_keep_in_step(struct ctx *ctx, const struct twins *t, struct in_step *ret)
{
    const char *to_twin = converted(ctx, t->column, t->to_twin),
               *to_column = converted(ctx, t->twin, t->to_column);
    const char *row = row_condition(ctx, t->table);
    const struct qname on_insert = {.name = trigger_name(ctx, t, "insert")},
                       on_update = {.name = trigger_name(ctx, t, "update")};
    struct sql insert = sql_begin(ctx, &sqlite_dialect), update = sql_begin(ctx, &sqlite_dialect);

    if (!*row)
        return fail(ctx, STATUS_FAILED, "table '%s' has no key by which a trigger could find a row",
            t->table->name.name);
    sql_addf(&insert,
        "CREATE TRIGGER %I AFTER INSERT ON %Q BEGIN\n"
        "  UPDATE %Q SET %I = coalesce(%E, NEW.%I), %I = coalesce(NEW.%I, %E) WHERE %E;\nEND",
        on_insert.name, &t->table->name, &t->table->name, t->column, to_column, t->column, t->twin, t->twin,
        to_twin, row);
    sql_addf(&update,
        "CREATE TRIGGER %I AFTER UPDATE OF %I, %I ON %Q\n"
        "WHEN CASE WHEN NEW.%I IS NOT OLD.%I THEN NEW.%I IS NOT %E\n"
        "  ELSE NEW.%I IS NOT OLD.%I AND NEW.%I IS NOT %E END BEGIN\n",
        on_update.name, t->column, t->twin, &t->table->name, t->twin, t->twin, t->twin, to_twin, t->column,
        t->column, t->column, to_column);
    sql_addf(&update,
        "  UPDATE %Q SET %I = CASE WHEN NEW.%I IS NOT OLD.%I THEN %E ELSE NEW.%I END,\n"
        "    %I = CASE WHEN NEW.%I IS NOT OLD.%I THEN NEW.%I ELSE %E END WHERE %E;\nEND",
        &t->table->name, t->column, t->twin, t->twin, to_column, t->column, t->twin, t->twin, t->twin,
        t->twin, to_twin, row);
    *ret = (struct in_step){
        .twin_value = in_step_value(ctx, &sqlite_dialect, t->column, NULL, t->to_twin),
        .column_value = in_step_value(ctx, &sqlite_dialect, t->twin, NULL, t->to_column),
    };
    in_step_add(ctx, ret, OBJECT_TRIGGER, &on_insert, &insert);
    in_step_add(ctx, ret, OBJECT_TRIGGER, &on_update, &update);
    return true;
}
