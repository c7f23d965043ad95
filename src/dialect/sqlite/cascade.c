/* The objects that `cascade` drops with a table, a column or a view. */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"

static bool refers_to(const struct constraint *k, const char *table, const char *column)
{
    if (!str_eq_ci(k->references.name, table))
        return false;
    vec_each(i, &k->referred_columns)
        if (column && str_eq_ci(k->referred_columns.v[i], column))
            return true;
    return !column;
}

/* As if the revision dropped the key itself. */
static bool drop_key(struct rendering *r, const struct op *op, const char *table, const struct constraint *k)
{
    struct op *drop = op_new(r->ctx, OP_DROP_CONSTRAINT);
    drop->pos = op->pos;
    drop->at = op->at;
    drop->of = op->of;
    drop->u.drop_constraint = (struct op_drop_constraint){.table.name = table, .name = k->name};
    if (!k->name) {
        drop->u.drop_constraint.type = CONSTRAINT_FOREIGN_KEY + 1;
        drop->u.drop_constraint.columns = k->columns;
        drop->u.drop_constraint.references = k->references;
    }
    return pending_add(r, drop, table);
}

static bool drop_keys_of(
    struct rendering *r, const struct op *op, const char *child, const char *table, const char *column)
{
    struct parsed_table parsed;
    const char *text, *problem;
    if (!shadow_table_text(r, child, &text))
        return false;
    if (!text || !parse_table(r->ctx, text, NULL, &parsed, &problem))
        return true; /* the remaining keys are reported at the end */
    vec_each(i, &parsed.table->foreign_keys)
        if (refers_to(parsed.table->foreign_keys.v[i], table, column) &&
            !drop_key(r, op, parsed.table->name.name, parsed.table->foreign_keys.v[i]))
            return false;
    return true;
}

bool cascade_keys(struct rendering *r, const struct op *op, const char *table, const char *column)
{
    struct shadow_rows children;
    if (!pending_flush(r) || !shadow_sync(r) ||
        !shadow_rows(r,
            "SELECT DISTINCT m.name, NULL FROM sqlite_schema m, pragma_foreign_key_list(m.name) f "
            "WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1 COLLATE NOCASE "
            "ORDER BY m.name",
            table, &children))
        return false;
    vec_each(i, &children)
        if (!drop_keys_of(r, op, children.v[i]->name, table, column))
            return false;
    return true;
}

/* A view that reads another is dropped in the second pass. */
bool cascade_views(struct rendering *r, const struct op *op)
{
    struct shadow_rows views;
    do {
        if (!pending_flush(r) || !shadow_broken_views(r, &views))
            return false;
        vec_each(i, &views) {
            struct sql q = sql_begin(r->ctx, &sqlite_dialect);
            sql_addf(&q, "DROP VIEW %I", views.v[i]->name);
            rendering_add(r, sql_end(&q), op);
        }
    } while (views.n);
    return true;
}
