/*
 * Finds the name of a constraint that an operation describes by its definition.
 *
 * SQLite leaves constraints without a name, so a revision that was written there drops them by their type and
 * columns or expression. On PostgreSQL each has a name: that of the constraint with this definition, or, if the
 * server cannot be queried or the revision itself creates it, the one that the server gives to such a constraint.
 */
#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

static const struct {
    const char *contype, *label;
} kinds[] = {
    [CONSTRAINT_PRIMARY_KEY] = {"p", "pkey"},
    [CONSTRAINT_UNIQUE] = {"u", "key"},
    [CONSTRAINT_CHECK] = {"c", "check"},
    [CONSTRAINT_FOREIGN_KEY] = {"f", "fkey"},
    [CONSTRAINT_EXCLUDE] = {"x", "excl"},
};

static const char find_sql[] =
    "SELECT c.conname, pg_catalog.pg_get_expr(c.conbin, c.conrelid) FROM pg_catalog.pg_constraint c "
    "WHERE c.conrelid = pg_catalog.to_regclass($1) AND c.contype = $2 "
    "AND ($3 = '{}' OR c.contype = 'c' OR (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.n) "
    "FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY k (num, n) JOIN pg_catalog.pg_attribute a "
    "ON a.attrelid = c.conrelid AND a.attnum = k.num) = $3::pg_catalog.text[]) "
    "AND ($4::pg_catalog.text IS NULL OR c.confrelid = pg_catalog.to_regclass($4)) ORDER BY 1";

/* The columns, by the names they had before the operations, as the text of an array. */
static const char *columns_array(struct rendering *r, const struct op_drop_constraint *o)
{
    struct str out = STR(r->ctx);
    str_addc(&out, '{');
    vec_each(i, &o->columns) {
        str_add(&out, i ? ",\"" : "\"");
        for (const char *c = pg_render_old_column(r, &o->table, o->columns.v[i]); *c; c++) {
            if (*c == '"' || *c == '\\')
                str_addc(&out, '\\');
            str_addc(&out, *c);
        }
        str_addc(&out, '"');
    }
    str_addc(&out, '}');
    return str_get(&out);
}

/* The check with this expression; of several that differ from it in spelling none is taken. */
static bool find_check(
    struct rendering *r, const struct op_drop_constraint *o, const struct answer *a, int *ret)
{
    const char *sql = pg_render_expr(&o->check);
    const char *wanted = sql ? pg_expr_native(r->ctx, sql) : NULL;
    struct strings names = {0};
    for (*ret = 0; *ret < answer_rows(a); ++*ret) {
        if (wanted && pg_expr_same(r->ctx, NULL, wanted, answer_text(a, *ret, 1)))
            return true;
        vec_add(r->ctx, &names, answer_copy(a, *ret, 0));
    }
    if (names.n <= 1) {
        *ret = 0;
        return true;
    }
    fail(r->ctx, STATUS_FAILED, "cannot identify the check on table '%s' by its expression",
        qname_text(&r->ctx->arena, &o->table));
    return fail_hint(r->ctx, "Give its 'name': one of %s.", strings_join(&r->ctx->arena, &names, ", "));
}

static bool ask(
    struct rendering *r, const struct op_drop_constraint *o, enum constraint_kind kind, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct arena *arena = &r->ctx->arena;
    struct qname table = pg_render_old_table(r, &o->table);
    const char *params[] = {pg_qname(arena, &table), kinds[kind].contype, columns_array(r, o),
        o->references.name ? pg_qname(arena, &o->references) : NULL};
    int row = 0;
    *ret = NULL;
    if (!r->pg)
        return true;
    if (!pg_query(r->pg, find_sql, params, 4, &a))
        return false;
    if (kind == CONSTRAINT_CHECK && !find_check(r, o, &a, &row))
        return false;
    if (row < answer_rows(&a))
        *ret = answer_copy(&a, row, 0);
    return true;
}

/* A check of one column is named after it, whatever else it contains. */
static const char *checked_column(struct rendering *r, const struct op_drop_constraint *o)
{
    const char *sql = pg_render_expr(&o->check), *found = NULL;
    struct qname name = pg_render_old_table(r, &o->table);
    const struct table *t = r->state->schema ? schema_table(r->state->schema, &name) : NULL;
    if (o->columns.n)
        return o->columns.n == 1 ? o->columns.v[0] : NULL;
    for (size_t i = 0; t && sql && i < t->columns.n; i++) {
        if (!sql_mentions(sql, t->columns.v[i]->name))
            continue;
        if (found)
            return NULL;
        found = t->columns.v[i]->name;
    }
    return found;
}

bool pg_find_constraint(struct rendering *r, const struct op_drop_constraint *o, const char **ret)
{
    enum constraint_kind kind = (enum constraint_kind)(o->type - 1);
    const char *column = NULL;
    if (!ask(r, o, kind, ret))
        return false;
    if (*ret)
        return true;
    if (kind == CONSTRAINT_CHECK)
        column = checked_column(r, o);
    else if (kind != CONSTRAINT_PRIMARY_KEY)
        column = strings_join(&r->ctx->arena, &o->columns, "_");
    *ret =
        pg_object_name(&r->ctx->arena, o->table.name, column && *column ? column : NULL, kinds[kind].label);
    return true;
}
