/* Completes a model's table as SQLite would, and rejects what SQLite does not support. */
#include "dialect/sqlite/prepare.h"

#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/types.h"

static bool refuse(struct ctx *ctx, struct pos pos, const char *what, const char *hint)
{
    fail_at(ctx, STATUS_CONFIG, pos, "SQLite has no %s", what);
    return !hint || fail_hint(ctx, "%s", hint);
}
#define refuse(...) fail_false(refuse(__VA_ARGS__))

/* ---- what it cannot honour --------------------------------------------------------------------------- */

bool refuse_constraint(struct ctx *ctx, struct pos pos, const struct constraint *c)
{
    if (c->kind == CONSTRAINT_EXCLUDE)
        return refuse(ctx, pos, "exclusion constraints", NULL);
    if (c->include.n)
        return refuse(ctx, pos, "INCLUDE columns", "Add them to the key, or leave them out.");
    if (c->nulls_not_distinct)
        return refuse(
            ctx, pos, "NULLS NOT DISTINCT", "Create a unique index on coalesce(column, value) instead.");
    if (c->set_columns.n)
        return refuse(ctx, pos, "column list for ON DELETE SET NULL", NULL);
    if (c->deferrable && c->kind != CONSTRAINT_FOREIGN_KEY)
        return refuse(ctx, pos, "deferrable constraints other than foreign keys", NULL);
    return true;
}

/* NULLs are the smallest values in SQLite, and an index cannot change that. */
static bool has_odd_nulls(const struct index_part *part)
{
    int implied = part->order == ORDER_DESC ? NULLS_LAST : NULLS_FIRST;
    return part->nulls != NULLS_DEFAULT && part->nulls != implied;
}

bool refuse_index(struct ctx *ctx, struct pos pos, const struct index *index)
{
    if (index->include.n)
        return refuse(ctx, pos, "INCLUDE columns", "Add them to the key, or leave them out.");
    if (index->nulls_not_distinct)
        return refuse(ctx, pos, "NULLS NOT DISTINCT", "Create the index on coalesce(column, value) instead.");
    if (index->using && !str_eq_ci(index->using, "btree"))
        return refuse(ctx, pos, ctx_printf(ctx, "index method '%s'", index->using), NULL);
    vec_each(i, &index->parts) {
        const struct index_part *part = index->parts.v[i];
        if (part->opclass)
            return refuse(ctx, pos, ctx_printf(ctx, "operator class '%s'", part->opclass), NULL);
        if (part->length)
            return refuse(ctx, pos, "index on part of a column", "Create it on substr(column, 1, n).");
        if (has_odd_nulls(part))
            return refuse(
                ctx, pos, "order of nulls in an index", "SQLite sorts NULLs as the smallest values.");
    }
    return true;
}

static bool has_sequence_options(const struct identity *identity)
{
    const struct sequence_options *o = &identity->options;
    return o->start || o->increment || o->min || o->max || o->cycle != TRI_UNSET;
}

/* How a column is numbered by the database; NULL: it is not. */
static const char *numbering(const struct column *c)
{
    if (c->identity)
        return "identity";
    if (column_is_serial(c))
        return "serial numbers";
    return c->autoincrement == TRI_TRUE ? "automatic numbers" : NULL;
}

bool refuse_column(struct ctx *ctx, const struct table *t, const struct column *c)
{
    const struct column *alias = t ? table_rowid_alias(t) : NULL;
    const char *what = numbering(c);
    if (!what)
        return true;
    if (alias != c && !(alias && str_eq_ci(alias->name, c->name)))
        return refuse(ctx, c->pos, ctx_printf(ctx, "%s for column '%s'", what, c->name),
            c->identity || !column_is_serial(c)
                ? "Only a single integer primary key gets its values from the database."
                : "Only a single integer primary key gets its values from the database. For a column without "
                  "them "
                  "there, write {default: serial, sqlite: integer}.");
    if (c->identity && has_sequence_options(c->identity))
        return refuse(
            ctx, c->pos, ctx_printf(ctx, "start or step for the identity of column '%s'", c->name), NULL);
    return true;
}

bool refuse_schema(struct ctx *ctx, struct pos pos, const struct qname *name)
{
    if (!name->schema || str_eq_ci(name->schema, "main"))
        return true;
    return refuse(ctx, pos, ctx_printf(ctx, "schema '%s'", name->schema), "A database file has one schema.");
}

bool refuse_table(struct ctx *ctx, const struct table *t)
{
    const struct constraint *c;
    if (!refuse_schema(ctx, t->pos, &t->name))
        return false;
    if (!t->columns.n) {
        fail_at(ctx, STATUS_CONFIG, t->pos, "table '%s' has no columns", qname_text(&ctx->arena, &t->name));
        return fail_hint(ctx, "SQLite needs at least one. List them under the key 'columns' of the table.");
    }
    vec_each(i, &t->columns)
        if (!refuse_column(ctx, t, t->columns.v[i]))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!refuse_constraint(ctx, c->pos, c))
            return false;
    vec_each(i, &t->indexes)
        if (!refuse_index(ctx, t->indexes.v[i]->pos, t->indexes.v[i]))
            return false;
    return true;
}

/* ---- what it implies --------------------------------------------------------------------------------- */

/* As parse_table does for an existing table. */
void table_settle_key(struct table *t)
{
    const struct constraint *k = t->primary_key;
    struct column *alias = table_rowid_alias(t);
    for (size_t i = 0; k && i < k->columns.n; i++) {
        struct column *c = table_named_column(t, k->columns.v[i]);
        if (!c)
            continue;
        if (c == alias || table_flag(t, "without_rowid") || table_flag(t, "strict"))
            c->nullable = false;
        if (k->columns.n == 1)
            c->autoincrement = c != alias && strstr(c->native, "INT") ? TRI_FALSE : TRI_UNSET;
    }
    if (alias)
        alias->identity = NULL;
}

static void forget_option(struct column *c, const char *key)
{
    for (size_t i = 0; c->options && i < c->options->n; i++)
        if (str_eq(c->options->v[i].dialect, "sqlite") && str_eq(c->options->v[i].key, key)) {
            vec_remove(c->options, i);
            break;
        }
    if (c->options && !c->options->n)
        c->options = NULL;
}

/* The options of NOT NULL mean nothing without it: a column that is no longer a key may still have them. */
static void settle_options(const struct table *t, struct column *c)
{
    if (c != table_rowid_alias(t))
        forget_option(c, "not_null");
    if (c->nullable) {
        forget_option(c, "not_null_name");
        forget_option(c, "on_conflict");
    }
}

static void settle_index(struct ctx *ctx, struct index *index)
{
    index->using = NULL;
    vec_each(i, &index->parts) {
        struct index_part *part = index->parts.v[i];
        part->nulls = NULLS_DEFAULT;
        if (part->collation && !str_eq_ci(part->collation, "binary"))
            part->collation = collation_canonical(ctx, part->collation);
    }
}

/* ---- what cannot be together ------------------------------------------------------------------------- */

static bool refuse_autoincrement(struct ctx *ctx, const struct table *t, const struct column *c)
{
    if (!c->options || !options_get(c->options, "sqlite", "autoincrement") || c == table_rowid_alias(t))
        return true;
    fail_at(ctx, STATUS_CONFIG, c->pos, "column '%s' of table '%s' cannot be AUTOINCREMENT", c->name,
        qname_text(&ctx->arena, &t->name));
    return fail_hint(ctx, "SQLite allows it only for a single integer primary key of a table with a rowid.");
}

static bool refuse_strict(struct ctx *ctx, const struct table *t, const struct column *c)
{
    static const char *const types[] = {"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq_ci(c->native, types[i]))
            return true;
    fail_at(ctx, STATUS_CONFIG, c->pos, "column '%s' of the STRICT table '%s' cannot be of type '%s'",
        c->name, qname_text(&ctx->arena, &t->name), c->native);
    return fail_hint(ctx, "Use INT, INTEGER, REAL, TEXT, BLOB or ANY.");
}

static bool refuse_together(struct ctx *ctx, const struct table *t)
{
    vec_each(i, &t->columns)
        if (!refuse_autoincrement(ctx, t, t->columns.v[i]) ||
            (table_flag(t, "strict") && !refuse_strict(ctx, t, t->columns.v[i])))
            return false;
    if (table_flag(t, "without_rowid") && !t->primary_key)
        return fail_at(ctx, STATUS_CONFIG, t->pos, "table '%s' has neither a rowid nor a primary key",
            qname_text(&ctx->arena, &t->name));
    return true;
}

bool sqlite_prepare_table(struct ctx *ctx, ATTR_UNUSED struct schema *s, struct table *t)
{
    if (!refuse_table(ctx, t) || !refuse_together(ctx, t))
        return false;
    table_settle_key(t);
    table_settle_constraints(ctx, t);
    vec_each(i, &t->columns) {
        t->columns.v[i]->collation = collation_canonical(ctx, t->columns.v[i]->collation);
        settle_options(t, t->columns.v[i]);
    }
    vec_each(i, &t->indexes)
        settle_index(ctx, t->indexes.v[i]);
    return on_update_check(ctx, t) ||
           fail_in(ctx, "%stable '%s'", pos_text(&ctx->arena, t->pos), t->name.name);
}

bool sqlite_generation_same(ATTR_UNUSED const struct table *ta, const struct column *a,
    ATTR_UNUSED const struct table *tb, const struct column *b)
{
    return (a->autoincrement == TRI_FALSE) == (b->autoincrement == TRI_FALSE);
}
