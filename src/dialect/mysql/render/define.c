/* Definitions of columns, constraints and indexes, as CREATE TABLE and ALTER TABLE contain them. */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/types.h"

#include <stdlib.h>
#include <strings.h>

/* ---- columns ----------------------------------------------------------------------------------------- */

/* A single integer key is AUTO_INCREMENT unless the model says otherwise. */
bool my_is_numbered(const struct table *t, const struct column *c)
{
    const struct constraint *k = t ? t->primary_key : NULL;
    if (c->autoincrement != TRI_UNSET)
        return c->autoincrement == TRI_TRUE;
    if (c->identity || my_column_is_serial(c))
        return true;
    return k && k->columns.n == 1 && str_eq(k->columns.v[0], c->name) && c->native &&
           my_type_is_integer(c->native) && !c->generated && c->dflt.kind == VALUE_NONE;
}

bool my_is_on_column(const struct constraint *c)
{
    return c->options && str_eq(options_get(c->options, "mysql", "on_column"), "true");
}

static void add_generated(struct sql *q, const struct generated *g)
{
    sql_addf(q, " GENERATED ALWAYS AS (%E) %E", my_render_expr(&g->expr), g->stored ? "STORED" : "VIRTUAL");
}

static bool add_default(struct rendering *r, const struct column *c, struct sql *q)
{
    const char *native;
    if (c->dflt.kind == VALUE_NONE)
        return true;
    if (!my_value_native(r->ctx, c, &c->dflt, &native))
        return false;
    if (native)
        sql_addf(q, " DEFAULT %E", my_default_sql(r->ctx, c, native));
    return true;
}

static const char *option(const struct column *c, const char *key)
{
    return c->options ? options_get(c->options, "mysql", key) : NULL;
}

static void add_attributes(struct ctx *ctx, const struct table *t, const struct column *c, struct sql *q)
{
    if (c->on_update.kind != VALUE_NONE)
        sql_addf(q, " ON UPDATE %E", my_now(ctx, c));
    if (my_is_numbered(t, c))
        sql_add(q, " AUTO_INCREMENT");
    if (url_flag(option(c, "invisible")))
        sql_add(q, " INVISIBLE");
    if (url_flag(option(c, "without_system_versioning")))
        sql_add(q, " WITHOUT SYSTEM VERSIONING");
    if (c->comment)
        sql_addf(q, " COMMENT %L", c->comment);
    for (size_t i = 0; t && i < t->checks.n; i++)
        if (my_is_on_column(t->checks.v[i]) && str_eq(t->checks.v[i]->name, c->name))
            sql_addf(q, " CHECK (%E)", my_render_expr(&t->checks.v[i]->check));
}

/* NULL is written, since a TIMESTAMP without it is NOT NULL on some servers. A generated column accepts neither. */
bool my_column_definition(struct rendering *r, const struct table *t, const struct column *c, struct sql *q)
{
    const char *native = c->native;
    if (!native && !my_type_native(r->ctx, t, c, &native))
        return false;
    sql_addf(q, " %E", native);
    if (c->collation)
        sql_addf(q, " COLLATE %I", c->collation);
    if (my_system_time(c))
        sql_addf(q, " GENERATED ALWAYS AS ROW %E", my_system_time(c));
    else if (c->generated)
        add_generated(q, c->generated);
    else
        sql_add(q, c->nullable && !my_is_numbered(t, c) ? " NULL" : " NOT NULL");
    if (!c->generated && !add_default(r, c, q))
        return false;
    add_attributes(r->ctx, t, c, q);
    return true;
}

/* ---- indexes ----------------------------------------------------------------------------------------- */

static void add_parts(struct sql *q, const struct index_parts *parts)
{
    sql_add(q, " (");
    vec_each(i, parts) {
        const struct index_part *p = parts->v[i];
        sql_addf(q, i ? ", %I" : "%I", p->column);
        if (p->length)
            sql_addf(q, "(%E)", p->length);
        if (p->order == ORDER_DESC)
            sql_add(q, " DESC");
    }
    sql_add(q, ")");
}

static bool is_method(const struct index *i, const char *word)
{
    return i->using && str_eq_ci(i->using, word);
}

void my_add_index(struct sql *q, const struct index *i)
{
    const char *kind = i->unique                  ? "UNIQUE "
                       : is_method(i, "fulltext") ? "FULLTEXT "
                       : is_method(i, "spatial")  ? "SPATIAL "
                                                  : "";
    sql_addf(q, "%EINDEX %I", kind, i->name);
    add_parts(q, &i->parts);
    if (is_method(i, "hash") || is_method(i, "btree"))
        sql_addf(q, " USING %E", i->using);
    if (i->comment)
        sql_addf(q, " COMMENT %L", i->comment);
    if (i->options && url_flag(options_get(i->options, "mysql", "ignored")))
        sql_add(q, " IGNORED");
}

/* ---- constraints ------------------------------------------------------------------------------------- */

/* The period takes the place of a column. */
static void add_key_of_period(struct sql *q, const struct constraint *c)
{
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        sql_add(q, "PRIMARY KEY (");
    else
        sql_addf(q, "CONSTRAINT %I UNIQUE (", c->name);
    vec_each(i, &c->columns)
        sql_addf(q, "%I, ", c->columns.v[i]);
    sql_addf(q, "%I WITHOUT OVERLAPS)", my_without_overlaps(c));
}

static const char *key_option(const struct constraint *c, const char *key)
{
    const char *value = c->options ? options_get(c->options, mysql_dialect.name, key) : NULL;
    return value && *value ? value : NULL;
}

/* The item for a column of the key in a list such as "0, 100"; "": the list has none. */
static const char *item(const char *list, size_t at)
{
    const char *s = list ? list : "";
    for (; at && *s; at--)
        s += strcspn(s, ",") + (s[strcspn(s, ",")] == ',');
    return s + strspn(s, " ");
}

int my_key_length(const struct constraint *c, size_t at)
{
    return atoi(item(key_option(c, "length"), at));
}

/* A primary key is always named PRIMARY. */
static void add_primary_key(struct sql *q, const struct constraint *c)
{
    const char *order = key_option(c, "order");
    sql_add(q, "PRIMARY KEY (");
    vec_each(i, &c->columns) {
        sql_addf(q, i ? ", %I" : "%I", c->columns.v[i]);
        if (my_key_length(c, i) > 0)
            sql_addf(q, "(%d)", (int64_t)my_key_length(c, i));
        if (strncasecmp(item(order, i), "desc", 4) == 0)
            sql_add(q, " DESC");
    }
    sql_add(q, ")");
    if (key_option(c, "using"))
        sql_addf(q, " USING %E", key_option(c, "using"));
    if (key_option(c, "comment"))
        sql_addf(q, " COMMENT %L", key_option(c, "comment"));
}

void my_add_constraint(struct sql *q, const struct constraint *c)
{
    struct constraint copy = *c;
    if (my_without_overlaps(c)) {
        add_key_of_period(q, c);
        return;
    }
    if (copy.kind == CONSTRAINT_PRIMARY_KEY) {
        add_primary_key(q, c);
        return;
    }
    if (copy.kind == CONSTRAINT_CHECK)
        copy.check.native = my_render_expr(&c->check);
    sql_constraint_body(q, &copy);
}

/* ---- periods ----------------------------------------------------------------------------------------- */

void my_add_periods(struct ctx *ctx, struct sql *q, const struct table *t)
{
    const struct my_period p = my_period_of(ctx, t->options);
    const struct column *start = my_system_time_column(t, "start"), *end = my_system_time_column(t, "end");
    if (p.name)
        sql_addf(q, ",\n    PERIOD FOR %I (%I, %I)", p.name, p.from, p.to);
    if (start && end)
        sql_addf(q, ",\n    PERIOD FOR SYSTEM_TIME (%I, %I)", start->name, end->name);
}
