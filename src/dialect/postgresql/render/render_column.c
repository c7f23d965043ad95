/* Renders columns. */
#include "dialect/postgresql/render/column_users.h"
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- values ------------------------------------------------------------------------------------------ */

bool pg_render_value(struct rendering *r, struct sql *q, const struct value *v)
{
    const struct column any = {0};
    const char *text = dtext_for(&v->expr.sql, "postgresql"), *native = v->expr.native;
    if (v->kind == VALUE_STRING && text)
        sql_string(q, text);
    else if (v->kind == VALUE_SQL && (text || native))
        sql_addf(q, pg_is_simple(text ? text : native) ? "%E" : "(%E)", text ? text : native);
    else if (native || pg_value_native(r->ctx, &any, v, &native))
        sql_add(q, native ? native : "NULL");
    else
        return false;
    return true;
}

void pg_render_identity(struct sql *q, const struct identity *i)
{
    sql_addf(q, "GENERATED %E AS IDENTITY", i->kind == IDENTITY_ALWAYS ? "ALWAYS" : "BY DEFAULT");
    struct sql options = {.text = {.arena = q->text.arena}, .dialect = q->dialect};
    pg_render_sequence_options(&options, &i->options);
    if (*sql_end(&options))
        sql_addf(q, " (%E)", sql_end(&options) + 1);
}

/* ---- definitions ------------------------------------------------------------------------------------- */

static bool add_generated(struct rendering *r, struct sql *q, const struct column *c)
{
    const char *sql = pg_render_expr(&c->generated->expr);
    if (!sql)
        return fail(r->ctx, STATUS_CONFIG, "generated column '%s' has no expression for PostgreSQL", c->name);
    sql_addf(q, " GENERATED ALWAYS AS (%E)%E", sql, c->generated->stored ? " STORED" : "");
    return true;
}

/* The source of the column's values, if none is given. */
static bool add_generation(struct rendering *r, struct sql *q, const struct table *t, const struct column *c)
{
    static const struct identity usual = {.kind = IDENTITY_BY_DEFAULT};
    if (c->generated)
        return add_generated(r, q, c);
    if (c->identity || pg_is_generated_key(t, c)) {
        sql_add(q, " ");
        pg_render_identity(q, c->identity ? c->identity : &usual);
    } else if (c->dflt.kind != VALUE_NONE) {
        struct sql text = pg_render_begin(r);
        if (!pg_render_value(r, &text, &c->dflt))
            return false;
        if (*sql_end(&text))
            sql_addf(q, " DEFAULT %E", sql_end(&text));
    }
    return true;
}

bool pg_render_column_definition(
    struct rendering *r, struct sql *q, const struct table *t, const struct column *column)
{
    struct column c = *column;
    if (!c.native && !pg_type_native(r->ctx, t, &c, &c.native))
        return fail_in(r->ctx, "column '%s'", c.name);
    sql_addf(q, "%I %E", c.name, pg_is_serial(&c) ? pg_serial_of(c.native) : c.native);
    if (c.collation)
        pg_render_collation(q, c.collation);
    if (!add_generation(r, q, t, &c))
        return false;
    if (!c.nullable)
        sql_add(q, " NOT NULL");
    return true;
}

static bool render_option(struct rendering *r, const struct qname *table, const char *column,
    const struct option *o, char usual_storage)
{
    static const char *const storages[] = {"PLAIN", "EXTERNAL", "EXTENDED", "MAIN"};
    struct sql q = pg_render_alter(r, table);
    sql_addf(&q, "ALTER COLUMN %I ", column);
    if (str_eq(o->key, "storage")) {
        const char *value = *o->value ? o->value : NULL;
        for (size_t i = 0; !value && i < COUNT_OF(storages); i++)
            if (str_lower(&r->ctx->arena, storages[i])[0] == usual_storage && usual_storage != 'e')
                value = storages[i];
        sql_addf(&q, "SET STORAGE %E", value ? value : "EXTENDED");
    } else if (str_eq(o->key, "compression")) {
        sql_addf(&q, "SET COMPRESSION %E", *o->value ? o->value : "DEFAULT");
    } else if (str_eq(o->key, "statistics")) {
        sql_addf(&q, "SET STATISTICS %E", *o->value ? o->value : "-1");
    } else if (*o->value) {
        sql_addf(&q, "SET (%E = %L)", o->key, o->value);
    } else {
        sql_addf(&q, "RESET (%E)", o->key);
    }
    pg_render_add(r, &q);
    return true;
}

/* `storage` of pg_type: p, e, m or x. Before PostgreSQL 16 no keyword restores it. */
bool pg_render_options(struct rendering *r, const struct qname *table, const char *column,
    const struct options *options, char usual_storage)
{
    for (size_t i = 0; options && i < options->n; i++)
        if (str_eq(options->v[i].dialect, "postgresql") &&
            !render_option(r, table, column, &options->v[i], usual_storage))
            return false;
    return true;
}

void pg_render_column_comment(
    struct rendering *r, const struct qname *table, const char *column, const char *comment)
{
    struct arena *a = &r->ctx->arena;
    pg_render_comment(r, arena_printf(a, "COLUMN %s.%s", pg_qname(a, table), pg_ident(a, column)), comment);
}

bool pg_render_column_extras(struct rendering *r, const struct qname *table, const struct column *c)
{
    if (c->comment)
        pg_render_column_comment(r, table, c->name, c->comment);
    return pg_render_options(r, table, c->name, c->options, 'x') && pg_on_update_create(r, table, c);
}

/* ---- adding, dropping, renaming ---------------------------------------------------------------------- */

static const char *is_column_there(struct rendering *r, const struct qname *table, const char *column)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q,
        "EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(%L) AND "
        "attname = %L AND NOT "
        "attisdropped)",
        pg_qname(&r->ctx->arena, table), column);
    return sql_end(&q);
}

bool pg_render_add_column(struct rendering *r, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    size_t from = r->ret->n;
    struct sql q = pg_render_alter(r, &o->table);
    sql_addf(&q, "ADD COLUMN %E", o->if_not_exists ? "IF NOT EXISTS " : "");
    if (!pg_render_column_definition(r, &q, NULL, &o->column))
        return false;
    pg_render_add(r, &q);
    if (o->references) {
        q = pg_render_alter(r, &o->table);
        sql_add(&q, "ADD ");
        if (!pg_render_constraint(r, &q, o->references))
            return false;
        pg_render_add(r, &q);
    }
    if (!pg_render_column_extras(r, &o->table, &o->column))
        return false;
    if (o->if_not_exists && r->ret->n > from + 1)
        pg_render_unless(r, from, is_column_there(r, &o->table, o->column.name));
    return true;
}

bool pg_render_drop_column(struct rendering *r, const struct op *op)
{
    const struct op_drop_column *o = &op->u.drop_column;
    if (!o->cascade && !column_is_free(r, &o->table, o->name, COLUMN_DROPPED))
        return false;
    struct sql q = pg_render_alter(r, &o->table);
    sql_addf(
        &q, "DROP COLUMN %E%I%E", o->if_exists ? "IF EXISTS " : "", o->name, o->cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

/* The sequence of a serial or identity column is named after it. */
bool pg_render_column_rename(
    struct rendering *r, const struct qname *table, const char *name, const char *new_name)
{
    struct column_now now;
    struct sql q = pg_render_alter(r, table);
    sql_addf(&q, "RENAME COLUMN %I TO %I", name, new_name);
    pg_render_add(r, &q);
    return pg_render_column_now(r, table, name, NULL, &now) &&
           pg_render_sequence_follows(r, &now, table, name, table, new_name);
}

bool pg_render_rename_column(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    return pg_render_column_rename(r, &o->table, o->name, o->new_name);
}
