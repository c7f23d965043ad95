/*
 * Rejects operations that need a newer PostgreSQL than the connected server.
 *
 * Without a connection no version is known, and scripts are for any. Lint asks for the oldest version that it is told.
 */
#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/render/render.h"

/* An operation, and the server that is to do it. */
struct asking {
    struct ctx *ctx;
    int version;
    const char *server; /* NULL: nothing is rejected */
    const char *newer;  /* then: what needs a newer one */
    struct pos pos;     /* of the operation: for parts without a place of their own */
};

/* since: the major version that has it. */
static bool needs(struct asking *k, int since, struct pos pos, const char *what)
{
    if (k->version >= since * 10000)
        return true;
    k->newer = ctx_printf(k->ctx, "%s needs PostgreSQL %d", what, since);
    if (!k->server)
        return false;
    return fail_at(k->ctx, STATUS_CONFIG, pos.line ? pos : k->pos,
        "%s needs PostgreSQL %d or later, but the server is %s", what, since, k->server);
}

/* ---- settings ---------------------------------------------------------------------------------------- */

/* A key may end in '*'. */
static const struct {
    const char *key;
    int since;
} settings[] = {
    {"autovacuum_vacuum_insert_*", 13},
    {"deduplicate_items", 13},
    {"compression", 14},
    {"vacuum_index_cleanup", 12},
    {"vacuum_truncate", 12},
    {"security_invoker", 15},
    {"autovacuum_vacuum_max_threshold", 18},
    {"vacuum_max_eager_freeze_failure_rate", 18},
    {"not_enforced", 18},
    {"period", 18},
    {"without_overlaps", 18},
};

static bool is_key(const char *pattern, const char *key)
{
    size_t n = strlen(pattern);
    return pattern[n - 1] == '*' ? strncmp(pattern, key, n - 1) == 0 : str_eq(pattern, key);
}

static bool options_fit(struct asking *k, const struct options *o)
{
    for (size_t i = 0; o && i < o->n; i++)
        for (size_t at = 0; at < COUNT_OF(settings); at++)
            if (str_eq(o->v[i].dialect, "postgresql") && is_key(settings[at].key, o->v[i].key) &&
                !needs(k, settings[at].since, o->v[i].pos, ctx_printf(k->ctx, "option '%s'", o->v[i].key)))
                return false;
    return true;
}

/* ---- parts of a table -------------------------------------------------------------------------------- */

static bool generated_fits(struct asking *k, struct pos pos, const struct generated *g)
{
    if (!g || g->stored || needs(k, 18, pos, "a generated column that is not stored"))
        return true;
    return k->server ? fail_hint(k->ctx, "Write 'generated: {sql: …, stored: true}'.") : false;
}

static bool column_fits(struct asking *k, const struct column *c)
{
    return generated_fits(k, c->pos, c->generated) && options_fit(k, c->options);
}

static bool constraint_fits(struct asking *k, const struct constraint *c)
{
    if (c->nulls_not_distinct && !needs(k, 15, c->pos, "NULLS NOT DISTINCT"))
        return false;
    if (c->set_columns.n && !needs(k, 15, c->pos, "ON DELETE SET NULL or SET DEFAULT of single columns"))
        return false;
    return options_fit(k, c->options);
}

static bool index_fits(struct asking *k, const struct index *x)
{
    if (x->nulls_not_distinct && !needs(k, 15, x->pos, "NULLS NOT DISTINCT"))
        return false;
    if (x->include.n && str_eq_ci(x->using, "spgist") &&
        !needs(k, 14, x->pos, "INCLUDE of an index using spgist"))
        return false;
    return options_fit(k, x->options);
}

/* ---- by kind ----------------------------------------------------------------------------------------- */

static bool on_update_fits(struct asking *k, const struct table *t, const struct column *c)
{
    return c->on_update.kind == VALUE_NONE || !table_is_partitioned(t) ||
           needs(k, 13, c->pos, "on_update of a partitioned table");
}

static bool table_fits(struct asking *k, const struct op *op)
{
    const struct table *t = &op->u.create_table.table;
    const struct constraint *c;
    vec_each(i, &t->columns)
        if (!column_fits(k, t->columns.v[i]) || !on_update_fits(k, t, t->columns.v[i]))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!constraint_fits(k, c))
            return false;
    vec_each(i, &t->indexes)
        if (!index_fits(k, t->indexes.v[i]))
            return false;
    return options_fit(k, t->options);
}

static bool alter_table_fits(struct asking *k, const struct op *op)
{
    const struct options *o = &op->u.alter_table.options;
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->v[i].key, "access_method") &&
            !needs(k, 15, o->v[i].pos, "another access method for a table"))
            return false;
    return options_fit(k, o);
}

static bool add_column_fits(struct asking *k, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    return column_fits(k, &o->column) && (!o->references || constraint_fits(k, o->references));
}

static bool alter_column_fits(struct asking *k, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    return generated_fits(k, op->pos, o->generated) && options_fit(k, o->options);
}

/* Until 14.4 an index that was built concurrently could lack rows. */
static bool create_index_fits(struct asking *k, const struct op *op)
{
    if (k->server && op->u.create_index.concurrently && k->version >= 140000 && k->version < 140004) {
        fail_at(k->ctx, STATUS_CONFIG, op->pos, "%s builds broken indexes concurrently", k->server);
        return fail_hint(k->ctx, "Update the server to 14.4 or later, or remove 'concurrently'.");
    }
    return index_fits(k, &op->u.create_index.index);
}

static bool create_constraint_fits(struct asking *k, const struct op *op)
{
    return constraint_fits(k, &op->u.create_constraint.constraint);
}

static bool sequence_fits(struct asking *k, const struct op *op)
{
    return !pg_is_set(op->u.sequence.sequence.settings, "unlogged") ||
           needs(k, 15, op->u.sequence.sequence.pos, "an unlogged sequence");
}

static bool view_fits(struct asking *k, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    vec_each(i, &v->indexes)
        if (!index_fits(k, v->indexes.v[i]))
            return false;
    return options_fit(k, v->options);
}

static bool publication_fits(struct asking *k, const struct op *op)
{
    const struct object *o = &op->u.object.object;
    const char *sql = dtext_for(&o->sql, "postgresql");
    return !sql || !pg_publication_is_selective(k->ctx, sql) ||
           needs(k, 15, o->pos, "a publication of schemas, or of columns or rows of a table");
}

static bool (*const kinds[OP_KINDS])(struct asking *k, const struct op *op) = {
    [OP_CREATE_TABLE] = table_fits,
    [OP_ALTER_TABLE] = alter_table_fits,
    [OP_ADD_COLUMN] = add_column_fits,
    [OP_ALTER_COLUMN] = alter_column_fits,
    [OP_CREATE_INDEX] = create_index_fits,
    [OP_CREATE_PRIMARY_KEY] = create_constraint_fits,
    [OP_CREATE_UNIQUE_CONSTRAINT] = create_constraint_fits,
    [OP_CREATE_CHECK_CONSTRAINT] = create_constraint_fits,
    [OP_CREATE_FOREIGN_KEY] = create_constraint_fits,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = create_constraint_fits,
    [OP_CREATE_SEQUENCE] = sequence_fits,
    [OP_ALTER_SEQUENCE] = sequence_fits,
    [OP_CREATE_PUBLICATION] = publication_fits,
    [OP_CHANGE_PUBLICATION] = publication_fits,
    [OP_CREATE_VIEW] = view_fits,
    [OP_REPLACE_VIEW] = view_fits,
};

bool pg_check_version(struct ctx *ctx, const struct pg *pg, const struct op *op)
{
    struct asking k = {.ctx = ctx, .version = pg->version, .server = pg->base.server, .pos = op->pos};
    return !kinds[op->kind] || kinds[op->kind](&k, op);
}

const char *pg_newer(struct ctx *ctx, int version, const struct op *op)
{
    struct asking k = {.ctx = ctx, .version = version, .pos = op->pos};
    return !kinds[op->kind] || kinds[op->kind](&k, op) ? NULL : k.newer;
}
