/*
 * The rule about branches: two revisions, neither of which comes before the other, change one object.
 */
#include "lint.h"

/* A change of a table, or of a part of one. */
struct touch {
    const struct revision *revision;
    const char *part; /* a column, an index, a constraint; NULL: the table */
    struct pos pos;
};
struct touch_list VEC_OF(struct touch *);

struct touches {
    struct map by_table; /* to struct touch_list */
    struct touch_list wanted;
    struct strings wanted_tables; /* by position in `wanted` */
    bool has_branches;
};

void touches_begin(struct linter *l)
{
    const struct graph *g = l->request->graph;
    size_t bases = 0;

    l->touches = ctx_new(l->ctx, struct touches);
    l->touches->by_table = MAP(l->ctx);
    vec_each(i, &g->all) {
        bases += g->all.v[i]->parents.n == 0;
        l->touches->has_branches |= g->all.v[i]->children.n > 1;
    }
    l->touches->has_branches |= bases > 1;
}

static const char *part_of(const struct op *op)
{
    switch ((int)op->kind) {
    case OP_ADD_COLUMN:
        return op->u.add_column.column.name;
    case OP_DROP_COLUMN:
        return op->u.drop_column.name;
    case OP_ALTER_COLUMN:
        return op->u.alter_column.name;
    case OP_RENAME_COLUMN:
    case OP_RENAME_INDEX:
    case OP_RENAME_CONSTRAINT:
        return op->u.rename_part.name;
    case OP_CREATE_INDEX:
        return op->u.create_index.index.name;
    case OP_DROP_INDEX:
        return op->u.drop_index.name;
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
    case OP_CREATE_EXCLUDE_CONSTRAINT:
        return op->u.create_constraint.constraint.name;
    case OP_DROP_CONSTRAINT:
        return op->u.drop_constraint.name;
    case OP_VALIDATE_CONSTRAINT:
        return op->u.validate_constraint.name;
    }
    return NULL;
}

/* The table that is created, dropped, renamed or changed; rows do not count. */
static const struct qname *table_of(const struct op *op)
{
    if (op->kind == OP_BULK_INSERT || op->kind == OP_BACKFILL)
        return NULL;
    if (op->kind == OP_CREATE_TABLE)
        return &op->u.create_table.table.name;
    if (op->kind == OP_DROP_TABLE)
        return &op->u.drop.name;
    if (op->kind == OP_RENAME_TABLE)
        return &op->u.rename.name;
    return op_table_name(op);
}

void touches_add(struct review *v, const struct item *item)
{
    struct touches *all = v->l->touches;
    const struct qname *table = item->op ? table_of(item->op) : NULL;

    if (!all->has_branches || !table || !table->name || review_is_fresh(v, table))
        return;
    const char *name = review_name(v, table);
    struct touch_list *list = map_get(&all->by_table, name);
    if (!list) {
        list = ctx_new(v->ctx, struct touch_list);
        map_set(&all->by_table, name, list);
    }
    struct touch *t = ctx_new(v->ctx, struct touch);
    *t = (struct touch){v->revision, part_of(item->op), item->pos};
    vec_add(v->ctx, list, t);
    if (v->silent)
        return;
    vec_add(v->ctx, &all->wanted, t);
    vec_add(v->ctx, &all->wanted_tables, name);
}

static bool comes_before(struct linter *l, const struct revision *a, const struct revision *b)
{
    const struct revisions one = {.v = (struct revision *[]){(struct revision *)(uintptr_t)b}, .n = 1};
    bool *marks;

    graph_ancestors(l->ctx, l->request->graph, &one, true, &marks);
    return marks[a->order];
}

static bool meet(const struct touch *a, const struct touch *b)
{
    return a->revision != b->revision && (!a->part || !b->part || str_eq_ci(a->part, b->part));
}

/* A pair is reported once, at the revision that is read later. */
static bool is_later(struct linter *l, const struct touch *a, const struct touch *b)
{
    const bool *wanted = l->request->wanted;

    return (wanted && !wanted[b->revision->order]) || a->revision->order > b->revision->order;
}

static void report(struct linter *l, const struct touch *t, const struct touch *other, const char *table)
{
    struct finding *f = ctx_new(l->ctx, struct finding);
    const char *what = t->part && other->part ? ctx_printf(l->ctx, "'%s' of table '%s'", t->part, table)
                                              : ctx_printf(l->ctx, "table '%s'", table);

    *f = (struct finding){.rule = RULE_BRANCH_CONFLICT,
        .code = lint_rules[RULE_BRANCH_CONFLICT].name,
        .level = l->request->levels->of[RULE_BRANCH_CONFLICT],
        .pos = t->pos,
        .hint = lint_rules[RULE_BRANCH_CONFLICT].safe,
        .revision = t->revision->id};
    f->text =
        ctx_printf(l->ctx, "%s is also changed by revision %s, in another branch", what, other->revision->id);
    vec_add(l->ctx, l->found, f);
}

static void check(struct linter *l, const struct touch *t, const char *table)
{
    const struct touch_list *list = map_get(&l->touches->by_table, table);

    vec_each(i, list) {
        const struct touch *other = list->v[i];

        if (!meet(t, other) || !is_later(l, t, other) || comes_before(l, t->revision, other->revision) ||
            comes_before(l, other->revision, t->revision))
            continue;
        report(l, t, other, table);
        return;
    }
}

void touches_check(struct linter *l)
{
    if (l->request->levels->of[RULE_BRANCH_CONFLICT] == LINT_OFF)
        return;
    vec_each(i, &l->touches->wanted)
        check(l, l->touches->wanted.v[i], l->touches->wanted_tables.v[i]);
}
