/*
 * Joins the changes of one table into one ALTER TABLE.
 *
 * The server copies a table, or waits for the lock on it, once per statement; and it does all of a statement or nothing.
 * The clauses of one statement refer to the table as it is before the statement, and new keys to the table as it is
 * after it. So an operation is joined only if it means the same there: nothing of what it changes or drops is changed
 * or named by the operations before it. What the server does in place only when it stands alone is not joined either,
 * and neither is a rename, which costs nothing.
 */
#include "dialect/mysql/render/render.h"

struct together {
    const struct qname *table;
    const char *begin; /* "ALTER TABLE name " */
    struct ops *ops;   /* NULL: none is open */
    struct statements checks;
    struct statement *alter;
    struct str text;
    struct strings changed;   /* columns that are added, changed or dropped */
    struct strings used;      /* columns that new keys, indexes and positions name */
    struct strings created;   /* indexes and constraints */
    bool has_expressions;     /* of new columns and checks: they may name any column */
    bool drops_key, adds_key; /* foreign keys */
};

/* ---- which operations may be joined ------------------------------------------------------------------ */

static bool is_in_place_alone(const struct index *i)
{
    return i->using && (str_eq_ci(i->using, "fulltext") || str_eq_ci(i->using, "spatial"));
}

/* The server refuses one that it cannot do online, and its neighbours with it. */
static bool may_be_joined(const struct op *op)
{
    if (op->online)
        return false;
    switch (op->kind) {
    case OP_ADD_COLUMN:
        return !op->u.add_column.column.generated && !op->u.add_column.if_not_exists;
    case OP_DROP_COLUMN:
        return !op->u.drop_column.if_exists;
    case OP_ALTER_COLUMN:
        return !op->u.alter_column.new_name && !ALTER_HAS(&op->u.alter_column, ALTER_GENERATED);
    case OP_CREATE_INDEX:
        return !op->u.create_index.if_not_exists && !is_in_place_alone(&op->u.create_index.index);
    case OP_DROP_INDEX:
        return !op->u.drop_index.if_exists;
    case OP_CREATE_PRIMARY_KEY:
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
        return !op->u.create_constraint.using_index;
    case OP_DROP_CONSTRAINT:
        return !op->u.drop_constraint.if_exists;
    case OP_SET_COMMENT:
        return str_eq(op->u.set_comment.on, "index");
    case OP_ALTER_TABLE:
    case OP_CREATE_TABLE_COMMENT:
    case OP_DROP_TABLE_COMMENT:
        return true;
    default:
        return false;
    }
}

/* Names that differ only in the case of letters are one name. */
static bool has_name(const struct strings *list, const char *name)
{
    vec_each(i, list)
        if (str_eq_ci(list->v[i], name))
            return true;
    return false;
}

static void add_parts(struct ctx *ctx, const struct index *index, struct strings *ret)
{
    vec_each(i, &index->parts)
        if (index->parts.v[i]->column)
            vec_add(ctx, ret, index->parts.v[i]->column);
}

static bool has_generated(const struct table *t)
{
    for (size_t i = 0; t && i < t->columns.n; i++)
        if (t->columns.v[i]->generated)
            return true;
    return false;
}

static const char *dropped_name(const struct op *op)
{
    switch (op->kind) {
    case OP_DROP_INDEX:
        return op->u.drop_index.name;
    case OP_DROP_CONSTRAINT:
        return op->u.drop_constraint.name;
    case OP_SET_COMMENT:
        return op->u.set_comment.name.name;
    default:
        return NULL;
    }
}

static bool drops_foreign_key(const struct op *op, const struct table *t)
{
    const struct op_drop_constraint *o = &op->u.drop_constraint;
    if (op->kind != OP_DROP_CONSTRAINT)
        return false;
    const struct constraint *c = t && o->name ? table_constraint(t, o->name) : NULL;
    return !c || c->kind == CONSTRAINT_FOREIGN_KEY;
}

/* A foreign key is dropped with its column. */
static bool drops_key_column(const struct op *op, const struct table *t)
{
    for (size_t i = 0; op->kind == OP_DROP_COLUMN && t && i < t->foreign_keys.n; i++)
        if (has_name(&t->foreign_keys.v[i]->columns, op->u.drop_column.name))
            return true;
    return false;
}

static bool adds_foreign_key(const struct op *op)
{
    return op->kind == OP_CREATE_FOREIGN_KEY || (op->kind == OP_ADD_COLUMN && op->u.add_column.references);
}

/* Whether it would mean something else as a clause of the same statement. */
static bool conflicts(const struct together *g, const struct op *op, const struct table *t)
{
    const char *dropped = dropped_name(op);
    if (dropped && has_name(&g->created, dropped))
        return true;
    if ((g->drops_key && adds_foreign_key(op)) ||
        (g->adds_key && (drops_foreign_key(op, t) || drops_key_column(op, t))))
        return true;
    switch (op->kind) {
    case OP_ADD_COLUMN:
        return has_name(&g->changed, op->u.add_column.column.name);
    case OP_DROP_COLUMN:
        return g->has_expressions || has_name(&g->changed, op->u.drop_column.name) ||
               has_name(&g->used, op->u.drop_column.name);
    case OP_ALTER_COLUMN:
        return has_generated(t) || has_name(&g->changed, op->u.alter_column.name) ||
               has_name(&g->used, op->u.alter_column.name);
    case OP_CREATE_INDEX:
        return has_name(&g->created, op->u.create_index.index.name);
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
        return op->u.create_constraint.constraint.name &&
               has_name(&g->created, op->u.create_constraint.constraint.name);
    default:
        return false;
    }
}

/* ---- what joined operations name --------------------------------------------------------------------- */

static void note_constraint(struct ctx *ctx, struct together *g, const struct constraint *c)
{
    if (c->name)
        vec_add(ctx, &g->created, c->name);
    vec_each(i, &c->columns)
        vec_add(ctx, &g->used, c->columns.v[i]);
    g->has_expressions |= c->kind == CONSTRAINT_CHECK;
}

static void note_added(struct ctx *ctx, struct together *g, const struct op_add_column *o)
{
    vec_add(ctx, &g->changed, o->column.name);
    if (o->after)
        vec_add(ctx, &g->used, o->after);
    if (o->references)
        note_constraint(ctx, g, o->references);
    g->has_expressions |= o->column.dflt.kind == VALUE_SQL;
}

static void note(struct ctx *ctx, struct together *g, const struct op *op, const struct table *t)
{
    g->drops_key |= drops_foreign_key(op, t) || drops_key_column(op, t);
    g->adds_key |= adds_foreign_key(op);
    switch (op->kind) {
    case OP_ADD_COLUMN:
        note_added(ctx, g, &op->u.add_column);
        break;
    case OP_DROP_COLUMN:
        vec_add(ctx, &g->changed, op->u.drop_column.name);
        break;
    case OP_ALTER_COLUMN:
        vec_add(ctx, &g->changed, op->u.alter_column.name);
        break;
    case OP_CREATE_INDEX:
        vec_add(ctx, &g->created, op->u.create_index.index.name);
        add_parts(ctx, &op->u.create_index.index, &g->used);
        break;
    case OP_CREATE_PRIMARY_KEY:
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
        note_constraint(ctx, g, &op->u.create_constraint.constraint);
        break;
    case OP_SET_COMMENT:
        vec_add(ctx, &g->created, op->u.set_comment.name.name);
        g->has_expressions = true;
        break;
    default:
        break;
    }
}

/* ---- joining ----------------------------------------------------------------------------------------- */

/* Whether the operation, which is yet to be rendered, may join. */
static bool may_join(const struct together *g, const struct op *op, const struct table *t)
{
    const struct qname *table = op_table_name(op);
    return may_be_joined(op) && table && qname_eq(table, g->table) && !conflicts(g, op, t);
}

/* The ALTER TABLE of an operation that has, but for checks, no other statement; else NULL. */
static struct statement *only_alter(const struct together *g, const struct statements *list)
{
    struct statement *last = list->n ? list->v[list->n - 1] : NULL;
    for (size_t i = 0; i + 1 < list->n; i++)
        if (!(list->v[i]->flags & STATEMENT_CHECK))
            return NULL;
    return last && last->flags & STATEMENT_ALTER && str_starts(last->text, g->begin) ? last : NULL;
}

static void add_all(struct rendering *r, const struct statements *from, size_t n, struct statements *ret)
{
    for (size_t i = 0; i < n; i++)
        vec_add(r->ctx, ret, from->v[i]);
}

static void end(struct rendering *r, struct together *g)
{
    if (!g->ops)
        return;
    if (g->ops->n > 1)
        g->alter->text = str_get(&g->text);
    vec_add(r->ctx, &g->checks, g->alter);
    for (size_t i = 0; g->ops->n > 1 && i < g->checks.n; i++)
        g->checks.v[i]->together = g->ops;
    add_all(r, &g->checks, g->checks.n, r->ret);
    g->ops = NULL;
}

/* A statement that later operations may join, or all there is to do. */
static void begin(struct rendering *r, const struct statements *list, struct together *g)
{
    const struct qname *table = op_table_name(r->op);
    *g = (struct together){.table = table, .text = STR(r->ctx)};
    if (table) {
        struct sql q = my_render_alter(r, table);
        g->begin = sql_end(&q);
        g->alter = may_be_joined(r->op) && !r->is_alone ? only_alter(g, list) : NULL;
    }
    if (!g->alter) {
        add_all(r, list, list->n, r->ret);
        return;
    }
    g->ops = ctx_new(r->ctx, struct ops);
    add_all(r, list, list->n - 1, &g->checks);
    str_add(&g->text, g->alter->text);
}

static void join(struct rendering *r, const struct statements *list, struct together *g)
{
    add_all(r, list, list->n - 1, &g->checks);
    str_addf(&g->text, ",\n    %s", list->v[list->n - 1]->text + strlen(g->begin));
}

static bool render_into(struct rendering *r, struct statements *list)
{
    struct statements *ret = r->ret;
    r->is_alone = false;
    r->ret = list;
    bool ok = my_render_one(r);
    r->ret = ret;
    return ok;
}

/* Takes what an operation was rendered to. False: `only_first`, and it is not part of the first statement. */
static bool take(struct rendering *r, const struct statements *list, struct together *g, bool only_first)
{
    bool joins = g->ops && !r->is_alone && only_alter(g, list);
    if (g->ops && !joins) {
        end(r, g);
        if (only_first)
            return false;
    }
    joins ? join(r, list, g) : begin(r, list, g);
    if (!g->ops)
        return true;
    note(r->ctx, g, r->op, schema_table(&r->now, g->table));
    vec_add(r->ctx, g->ops, (struct op *)r->op);
    return true;
}

bool my_render_together(struct rendering *r)
{
    struct together g = {0};
    const bool only_first = r->state->ret_together;
    for (r->at = 0; r->at < r->ops->n; r->at++) {
        struct statements list = {0};
        r->op = r->ops->v[r->at];
        if (g.ops && !may_join(&g, r->op, schema_table(&r->now, g.table)))
            end(r, &g);
        if (only_first && r->at > 0 && !g.ops)
            break;
        if (!render_into(r, &list))
            return false;
        if (!take(r, &list, &g, only_first))
            break;
        if (r->at + 1 < r->ops->n)
            my_render_follow(r);
    }
    end(r, &g);
    if (only_first)
        *r->state->ret_together = r->at;
    return true;
}
