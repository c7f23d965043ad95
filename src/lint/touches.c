/*
 * The rule about branches: two revisions, neither of which comes before the other, change one object.
 */
#include "lint.h"

/* A change of an object, or of a part of a table. */
struct touch {
    const struct revision *revision;
    const char *part; /* a column, an index, a constraint; NULL: the whole object */
    struct pos pos;
};
struct touch_list VEC_OF(struct touch *);

struct touches {
    struct map by_object; /* to struct touch_list */
    struct touch_list wanted;
    struct strings wanted_objects; /* by position in `wanted` */
    bool has_branches;
};

void touches_begin(struct linter *l)
{
    const struct graph *g = l->request->graph;
    size_t bases = 0;

    l->touches = ctx_new(l->ctx, struct touches);
    l->touches->by_object = MAP(l->ctx);
    vec_each(i, &g->all) {
        bases += g->all.v[i]->parents.n == 0;
        l->touches->has_branches |= g->all.v[i]->children.n > 1;
    }
    l->touches->has_branches |= bases > 1;
}

bool touches_matter(const struct linter *l)
{
    return l->touches->has_branches && l->request->levels->of[RULE_BRANCH_CONFLICT] != LINT_OFF &&
           l->request->levels->of[RULE_BRANCH_CONFLICT] >= l->request->least;
}

/* What the object is, for a message. */
static const char *object_word(const struct op *op)
{
    static const struct {
        enum op_kind from, to; /* a range of kinds */
        const char *word;
    } words[] = {
        {OP_CREATE_ENUM, OP_RENAME_ENUM, "enum"},
        {OP_CREATE_SEQUENCE, OP_RENAME_SEQUENCE, "sequence"},
        {OP_CREATE_VIEW, OP_RENAME_VIEW, "view"},
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (op->kind >= words[i].from && op->kind <= words[i].to)
            return words[i].word;
    return op_object_kind(op->kind) != OBJECT_KINDS ? object_table[op_object_kind(op->kind)].name : "table";
}

void touches_add(struct review *v, const struct item *item)
{
    struct touches *all = v->l->touches;
    const struct qname *object = item->op ? op_subject(item->op) : NULL;

    if (!all->has_branches || !object || !object->name || review_is_fresh(v, object))
        return;
    const char *name = ctx_printf(v->ctx, "%s '%s'", object_word(item->op), review_name(v, object));
    struct touch_list *list = map_get(&all->by_object, name);
    if (!list) {
        list = ctx_new(v->ctx, struct touch_list);
        map_set(&all->by_object, name, list);
    }
    struct touch *t = ctx_new(v->ctx, struct touch);
    *t = (struct touch){v->revision, op_part(item->op), item->pos};
    vec_add(v->ctx, list, t);
    if (v->silent)
        return;
    vec_add(v->ctx, &all->wanted, t);
    vec_add(v->ctx, &all->wanted_objects, name);
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

static void report(struct linter *l, const struct touch *t, const struct touch *other, const char *object)
{
    struct finding *f = ctx_new(l->ctx, struct finding);
    const char *what = t->part && other->part ? ctx_printf(l->ctx, "'%s' of %s", t->part, object) : object;

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

static void check(struct linter *l, const struct touch *t, const char *object)
{
    const struct touch_list *list = map_get(&l->touches->by_object, object);

    vec_each(i, list) {
        const struct touch *other = list->v[i];

        if (!meet(t, other) || !is_later(l, t, other) || comes_before(l, t->revision, other->revision) ||
            comes_before(l, other->revision, t->revision))
            continue;
        report(l, t, other, object);
        return;
    }
}

void touches_check(struct linter *l)
{
    if (l->request->levels->of[RULE_BRANCH_CONFLICT] == LINT_OFF)
        return;
    vec_each(i, &l->touches->wanted)
        check(l, l->touches->wanted.v[i], l->touches->wanted_objects.v[i]);
}
