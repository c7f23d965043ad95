/* Rejects parts of models that MySQL and MariaDB do not support. */
#include "dialect/mysql/render/refuse.h"

#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/types.h"

static bool refuse(struct ctx *ctx, struct pos pos, const char *what, const char *hint)
{
    fail_at(ctx, STATUS_CONFIG, pos, "%s has no %s", my_title(ctx), what);
    return !hint || fail_hint(ctx, "%s", hint);
}
#define refuse(...) fail_false(refuse(__VA_ARGS__))

bool my_refuse_schema(struct ctx *ctx, struct pos pos, const struct qname *name)
{
    if (!name->schema)
        return true;
    return refuse(ctx, pos, ctx_printf(ctx, "schema '%s' within a database", name->schema),
        "Leave it out: the models describe the one database that the URL names.");
}

bool my_refuse_constraint(struct ctx *ctx, struct pos pos, const struct constraint *c)
{
    if (c->kind == CONSTRAINT_EXCLUDE)
        return refuse(ctx, pos, "exclusion constraints", NULL);
    if (c->include.n)
        return refuse(ctx, pos, "INCLUDE columns", "Add them to the key, or leave them out.");
    if (c->nulls_not_distinct)
        return refuse(ctx, pos, "NULLS NOT DISTINCT", NULL);
    if (c->set_columns.n)
        return refuse(ctx, pos, "column list for ON DELETE SET NULL", NULL);
    if (c->deferrable)
        return refuse(ctx, pos, "deferrable constraints", NULL);
    if (c->match != FK_MATCH_SIMPLE)
        return refuse(ctx, pos, "MATCH FULL or MATCH PARTIAL", NULL);
    if (c->on_delete == FK_SET_DEFAULT || c->on_update == FK_SET_DEFAULT)
        return refuse(ctx, pos, "SET DEFAULT for foreign keys", NULL);
    return true;
}

bool my_refuse_index(struct ctx *ctx, struct pos pos, const struct index *index)
{
    static const char *const methods[] = {"btree", "hash", "fulltext", "spatial"};
    bool is_known = !index->using;
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        is_known = is_known || str_eq_ci(index->using, methods[i]);
    if (!is_known)
        return refuse(ctx, pos, ctx_printf(ctx, "index method '%s'", index->using), NULL);
    if (index->where.native || dtext_for(&index->where.sql, "mysql"))
        return refuse(ctx, pos, "partial indexes", "Leave 'where' out for it: {default: ..., mysql: null}.");
    if (index->include.n)
        return refuse(ctx, pos, "INCLUDE columns", "Add them to the key, or leave them out.");
    if (index->nulls_not_distinct)
        return refuse(ctx, pos, "NULLS NOT DISTINCT", NULL);
    vec_each(i, &index->parts) {
        const struct index_part *p = index->parts.v[i];
        if (!p->column)
            return refuse(ctx, pos, "index on an expression",
                "Add a generated column with the expression, and the index on it.");
        if (p->opclass || p->collation)
            return refuse(ctx, pos, "operator class or collation in an index", NULL);
        if (p->nulls != NULLS_DEFAULT)
            return refuse(ctx, pos, "order of nulls in an index", NULL);
    }
    return true;
}

/* MariaDB keeps a hash of a long text. */
static bool has_hashed_keys(const struct ctx *ctx)
{
    return !str_eq(ctx->product, "MySQL");
}

/* The server indexes only the first bytes of a long text, and must be told how many. */
static bool refuse_long_key(
    struct ctx *ctx, const struct table *t, const char *name, bool has_length, struct pos pos)
{
    const struct column *c = table_column(t, name);
    if (!c || !c->native || !my_type_is_long(c->native) || has_length)
        return true;
    fail_at(ctx, STATUS_CONFIG, pos, "column '%s' of type %s cannot be in a key or index of %s as a whole",
        name, c->native, my_title(ctx));
    return fail_hint(
        ctx, "Make it string(255), or give the index a prefix: {column: %s, length: 100}.", name);
}

static bool check_key(struct ctx *ctx, const struct table *t, const struct constraint *c)
{
    struct pos pos = c->pos.line ? c->pos : t->pos;
    if (!my_refuse_constraint(ctx, pos, c))
        return false;
    if (c->kind == CONSTRAINT_UNIQUE && has_hashed_keys(ctx))
        return true;
    vec_each(i, &c->columns)
        if (!refuse_long_key(
                ctx, t, c->columns.v[i], c->kind == CONSTRAINT_PRIMARY_KEY && my_key_length(c, i) > 0, pos))
            return false;
    return true;
}

static bool check_index(struct ctx *ctx, const struct table *t, const struct index *index)
{
    struct pos pos = index->pos.line ? index->pos : t->pos;
    bool is_whole =
        (index->unique && has_hashed_keys(ctx)) || (index->using && str_eq_ci(index->using, "fulltext"));
    if (!my_refuse_index(ctx, pos, index))
        return false;
    for (size_t i = 0; !is_whole && i < index->parts.n; i++)
        if (!refuse_long_key(ctx, t, index->parts.v[i]->column, index->parts.v[i]->length, pos))
            return false;
    return true;
}

bool my_refuse_on_update(struct ctx *ctx, struct pos pos, const struct column *c)
{
    const char *native;
    if (!my_value_native(ctx, NULL, &c->on_update, &native))
        return false;
    if (!native || (my_is_now(native) && (!c->native || my_type_is_time(c->native))))
        return true;
    fail_at(ctx, STATUS_CONFIG, pos,
        "on_update of column '%s' is %s: %s sets only a timestamp, and only to the current time", c->name,
        native, my_title(ctx));
    return fail_hint(
        ctx, "Write {func: now}, or {sql: {default: …, mysql: null}} for none on %s.", my_title(ctx));
}

static bool check_partitioning(struct ctx *ctx, const struct table *t)
{
    const char *by = t->options ? options_get(t->options, "mysql", "partition_by") : NULL;
    const char *list = t->options ? options_get(t->options, "mysql", "partitions") : NULL;
    if (!by && list) {
        fail_at(ctx, STATUS_CONFIG, t->pos, "table '%s' has partitions, but no 'partition_by'", t->name.name);
        return fail_hint(ctx, "Write what its rows are divided by: mysql: {partition_by: range (id)}.");
    }
    if (by && t->foreign_keys.n)
        return refuse(ctx, t->foreign_keys.v[0]->pos.line ? t->foreign_keys.v[0]->pos : t->pos,
            "foreign keys of partitioned tables", NULL);
    return true;
}

/* The server accepts a foreign key there and forgets it. */
static bool refuse_forgotten_keys(struct ctx *ctx, const struct table *t)
{
    static const char *const engines[] = {"MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "MRG_MyISAM"};
    const char *engine = t->options ? options_get(t->options, mysql_dialect.name, "engine") : NULL;
    for (size_t i = 0; engine && t->foreign_keys.n && i < COUNT_OF(engines); i++)
        if (str_eq_ci(engine, engines[i])) {
            const struct constraint *c = t->foreign_keys.v[0];
            return refuse(ctx, c->pos.line ? c->pos : t->pos,
                ctx_printf(ctx, "foreign keys in tables of the engine %s", engines[i]),
                "Use InnoDB, or leave the foreign key out.");
        }
    return true;
}

/* The number of a new row is not known yet when the expressions of the row are computed. */
static bool refuse_number(
    struct ctx *ctx, const struct table *t, struct pos pos, const char *what, const struct expr *e)
{
    const char *sql = my_render_expr(e);
    for (size_t i = 0; sql && i < t->columns.n; i++) {
        const struct column *c = t->columns.v[i];
        if (!my_is_numbered(t, c) || !sql_mentions(sql, c->name))
            continue;
        fail_at(ctx, STATUS_CONFIG, pos.line ? pos : t->pos,
            "%s cannot use column '%s', whose values %s generates", what, c->name, my_title(ctx));
        return fail_hint(
            ctx, "Leave it out there, {default: ..., mysql: null}, or set 'autoincrement: false'.");
    }
    return true;
}

static bool refuse_numbers(struct ctx *ctx, const struct table *t)
{
    const struct constraint *k;
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        if (c->generated && c->generated->stored &&
            !refuse_number(
                ctx, t, c->pos, ctx_printf(ctx, "generated column '%s'", c->name), &c->generated->expr))
            return false;
        if (c->dflt.kind == VALUE_SQL &&
            !refuse_number(
                ctx, t, c->pos, ctx_printf(ctx, "the default of column '%s'", c->name), &c->dflt.expr))
            return false;
    }
    for (size_t state = 0; (k = table_next_constraint(t, &state));)
        if (k->kind == CONSTRAINT_CHECK &&
            !refuse_number(
                ctx, t, k->pos, k->name ? ctx_printf(ctx, "check '%s'", k->name) : "a check", &k->check))
            return false;
    return true;
}

bool my_refuse_table(struct ctx *ctx, const struct table *t)
{
    const struct constraint *c;
    if (!my_refuse_schema(ctx, t->pos, &t->name) || !check_partitioning(ctx, t) ||
        !refuse_forgotten_keys(ctx, t))
        return false;
    vec_each(i, &t->columns)
        if (!my_refuse_on_update(
                ctx, t->columns.v[i]->pos.line ? t->columns.v[i]->pos : t->pos, t->columns.v[i]))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!check_key(ctx, t, c))
            return false;
    vec_each(i, &t->indexes)
        if (!check_index(ctx, t, t->indexes.v[i]))
            return false;
    return refuse_numbers(ctx, t);
}
