/* Rejects operations that the database does not support, before anything runs. */
#include "op/apply.h"

/* What is being checked. */
struct checking {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct conn *conn; /* NULL: none */
    const struct op *op;
};

/* ---- settings ----------------------------------------------------------------------------------------- */

static bool options_of(struct checking *k, const char *on, const struct options *o)
{
    return options_known(k->ctx, k->dialect, on, o);
}

static bool constraint_options(struct checking *k, const struct constraint *c)
{
    return options_of(k, constraint_kind_names[c->kind], c->options);
}

static bool table_options(struct checking *k, const struct table *t)
{
    const struct constraint *c;

    if (!options_of(k, "table", t->options))
        return false;
    vec_each(i, &t->columns)
        if (!options_of(k, "column", t->columns.v[i]->options))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!constraint_options(k, c))
            return false;
    vec_each(i, &t->indexes)
        if (!options_of(k, "index", t->indexes.v[i]->options))
            return false;
    return true;
}

/* ---- types and defaults ------------------------------------------------------------------------------- */

static bool check_column(struct checking *k, struct table *t, const struct column *c)
{
    struct work w = {.ctx = k->ctx, .dialect = k->dialect, .table = t, .op = k->op};

    if (column_check_default(k->ctx, k->dialect, c) && column_check_on_update(k->ctx, k->dialect, c) &&
        native_column(&w, column_copy(k->ctx, c)))
        return true;
    return fail_in(
        k->ctx, "%scolumn '%s'", pos_text(&k->ctx->arena, c->pos.line ? c->pos : k->op->pos), c->name);
}

/* Whether tables have parents there. */
static bool check_inherits(struct checking *k)
{
    if (k->dialect->has.children)
        return true;
    fail_at(k->ctx, STATUS_CONFIG, k->op->pos, "%s has neither partitions nor inherited tables",
        dialect_title(k->ctx, k->dialect));
    return fail_hint(k->ctx, "Restrict the operation to other databases: 'only: [postgresql]'.");
}

static bool check_copy_rows(struct checking *k)
{
    if (k->dialect->has.children)
        return true;
    fail_at(k->ctx, STATUS_CONFIG, k->op->pos, "copy_rows is for partitioned tables, which %s does not have",
        dialect_title(k->ctx, k->dialect));
    return fail_hint(k->ctx, "Copy the rows with an 'execute' instead.");
}

static bool check_table(struct checking *k)
{
    struct table *t = table_copy(k->ctx, &k->op->u.create_table.table);

    if ((table_is_partition(t) || t->inherits.n) && !check_inherits(k))
        return false;
    if (!table_options(k, t))
        return false;
    vec_each(i, &t->columns)
        if (!check_column(k, t, t->columns.v[i]))
            return false;
    return true;
}

static bool check_add_column(struct checking *k)
{
    const struct op_add_column *o = &k->op->u.add_column;

    return options_of(k, "column", o->column.options) && check_column(k, NULL, &o->column) &&
           (!o->references || constraint_options(k, o->references));
}

static bool check_alter_column(struct checking *k)
{
    const struct op_alter_column *o = &k->op->u.alter_column;
    const struct column c = {.name = o->name,
        .type = o->type,
        .native = ALTER_HAS(o, ALTER_TYPE) ? NULL : "",
        .dflt = o->dflt,
        .on_update = o->on_update,
        .values = o->values};

    return options_of(k, "column", o->options) && check_column(k, NULL, &c);
}

/* ---- by kind ------------------------------------------------------------------------------------------ */

static bool check_alter_table(struct checking *k)
{
    return options_of(k, "table", &k->op->u.alter_table.options);
}

static bool check_alter_database(struct checking *k)
{
    return options_of(k, "database", &k->op->u.alter_database.options);
}

static bool check_index(struct checking *k)
{
    const struct op_create_index *o = &k->op->u.create_index;

    if ((o->index.on_only || o->attach_to.name) && !check_inherits(k))
        return false;
    return options_of(k, "index", k->op->u.create_index.index.options);
}

static bool check_constraint(struct checking *k)
{
    return constraint_options(k, &k->op->u.create_constraint.constraint);
}

static bool check_view(struct checking *k)
{
    const struct view *v = &k->op->u.view.view;

    vec_each(i, &v->indexes)
        if (!options_of(k, "index", v->indexes.v[i]->options))
            return false;
    return options_of(k, "view", v->options);
}

static bool check_sequence(struct checking *k)
{
    return options_of(k, "sequence", k->op->u.sequence.sequence.settings);
}

/* ---- values that a person must give --------------------------------------------------------------------- */

/* The line of the placeholder in a text that a file contains unchanged. */
static struct pos placeholder_pos(const char *sql, struct pos pos)
{
    const char *at = strstr(sql, VALUE_PLACEHOLDER);

    for (const char *s = sql; at && s < at; s++) {
        pos.line += *s == '\n';
        pos.column = *s == '\n' ? 1 : pos.column + 1;
    }
    return pos;
}

bool check_placeholder(struct ctx *ctx, const char *sql, struct pos pos, bool is_source)
{
    if (!sql_mentions(sql, VALUE_PLACEHOLDER))
        return true;
    fail_at(ctx, STATUS_CONFIG, is_source ? placeholder_pos(sql, pos) : pos,
        "'" VALUE_PLACEHOLDER "' is a placeholder: replace it with a value");
    return fail_hint(ctx,
        "Replace " VALUE_PLACEHOLDER " with an SQL expression that gives each of the rows its "
        "value: a literal such as 'none' or 0, or one that names other columns.");
}

static bool check_backfill(struct checking *k)
{
    const struct op_backfill *o = &k->op->u.backfill;

    vec_each(i, &o->set) {
        const struct assignment *a = o->set.v[i];
        const char *sql = dtext_for(&a->sql, k->dialect->name);

        if (!sql)
            return fail_at(k->ctx, STATUS_CONFIG, k->op->pos, "column '%s' has no expression for %s",
                a->column, dialect_title(k->ctx, k->dialect));
        if (!check_placeholder(k->ctx, sql, a->pos, false))
            return false;
    }
    return true;
}

static bool check_assertion(struct checking *k)
{
    const char *sql = dtext_for(&k->op->u.assertion.sql, k->dialect->name);

    return !sql || assertion_check(k->ctx, k->op->pos, sql, k->dialect->grammar);
}

/* Databases in which such objects have no privileges ignore the operation. */
static bool check_grant(struct checking *k)
{
    const struct op_access *o = &k->op->u.access;
    const struct access_kind *kind = access_kind(o->on);
    const struct access_rules *rules = k->dialect->access;
    if (!k->dialect->has.privileges || (rules && !rules->has(kind, NULL)))
        return true;
    if (rules && rules->one_option && kind->everyone && str_eq(o->role, ROLE_PUBLIC)) {
        fail_at(k->ctx, STATUS_CONFIG, k->op->pos, "on %s, a grant on a %s to every role is no operation",
            dialect_title(k->ctx, k->dialect), o->on);
        return fail_hint(k->ctx, "Write the GRANT with 'execute'.");
    }
    vec_each(i, &o->privileges)
        if (!access_rules_have(rules, kind, o->privileges.v[i]))
            return fail_at(k->ctx, STATUS_CONFIG, k->op->pos, "%s has no privilege '%s' on a %s",
                dialect_title(k->ctx, k->dialect), o->privileges.v[i], o->on);
    return true;
}

static bool (*const checks[OP_KINDS])(struct checking *k) = {
    [OP_CREATE_TABLE] = check_table,
    [OP_ALTER_DATABASE] = check_alter_database,
    [OP_ALTER_TABLE] = check_alter_table,
    [OP_ATTACH_PARTITION] = check_inherits,
    [OP_DETACH_PARTITION] = check_inherits,
    [OP_COPY_ROWS] = check_copy_rows,
    [OP_ADD_PARENT] = check_inherits,
    [OP_DROP_PARENT] = check_inherits,
    [OP_RENAME_PARTITION_INDEX] = check_inherits,
    [OP_ADD_COLUMN] = check_add_column,
    [OP_ALTER_COLUMN] = check_alter_column,
    [OP_CREATE_INDEX] = check_index,
    [OP_CREATE_PRIMARY_KEY] = check_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = check_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = check_constraint,
    [OP_CREATE_FOREIGN_KEY] = check_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = check_constraint,
    [OP_CREATE_SEQUENCE] = check_sequence,
    [OP_ALTER_SEQUENCE] = check_sequence,
    [OP_CREATE_VIEW] = check_view,
    [OP_REPLACE_VIEW] = check_view,
    [OP_GRANT] = check_grant,
    [OP_REVOKE] = check_grant,
    [OP_BACKFILL] = check_backfill,
    [OP_ASSERT] = check_assertion,
};

static bool check_one(struct checking *k)
{
    if (checks[k->op->kind] && !checks[k->op->kind](k))
        return false;
    return k->dialect->check_op(k->ctx, k->conn, k->op);
}

bool ops_check(struct ctx *ctx, const struct dialect *dialect, const struct conn *conn, const struct ops *ops)
{
    vec_each(i, ops) {
        struct checking k = {.ctx = ctx, .dialect = dialect, .conn = conn, .op = ops->v[i]};

        if (!check_one(&k))
            return fail_in(ctx, "%soperation %zu of %u, %s", pos_text(&ctx->arena, k.op->pos), i + 1, ops->n,
                op_describe(&ctx->arena, k.op));
    }
    return true;
}
