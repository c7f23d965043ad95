/*
 * The order of renames.
 *
 * A name is free if no object has it, or if the object that had it was renamed before. A permanent obstacle (a
 * circle of renames, or an object that will be dropped later) gets a temporary name. Dropping the obstacle first
 * instead would move its dependents into the renames.
 */
#include "diff/differ.h"

static bool names_equal(const struct dialect *dialect, const struct renamed *a, const struct qname *name)
{
    return same_qname(dialect, &a->from, name);
}

static bool same_space(const struct renamed *a, const struct renamed *b)
{
    return a->kind == b->kind && qname_eq(&a->table, &b->table) && str_eq(a->signature, b->signature);
}

/* What a table was called before. */
static const struct qname *name_at_first(const struct renames *all, const struct qname *table)
{
    vec_each(i, all)
        if (all->v[i].kind == OP_RENAME_TABLE && qname_eq(&all->v[i].to, table))
            return &all->v[i].from;
    return table;
}

/* The object to which a rename applies, under one of its names. */
static struct object object_named(struct ctx *ctx, const struct renamed *r, const struct qname *name)
{
    struct object o = {.name = *name, .signature = r->signature, .of = r->table};

    object_make_key(&ctx->arena, op_object_kind(r->kind), &o);
    return o;
}

/* Whether something has this name at the beginning. */
static bool is_taken(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    const struct renames *all, const struct renamed *r)
{
    const struct qname *table = &r->table;
    enum object_kind object = op_object_kind(r->kind);

    if (object < OBJECT_KINDS) {
        const struct object o = object_named(ctx, r, &r->to);

        return objects_find(&s->objects[object], &o);
    }
    switch (r->kind) {
    case OP_RENAME_COLUMN:
        table = name_at_first(all, table);
        const struct table *t = schema_table(s, table);
        for (size_t i = 0; t && i < t->columns.n; i++)
            if (same_name(dialect, t->columns.v[i]->name, r->to.name))
                return true;
        return false;
    case OP_RENAME_ENUM:
        return schema_enum(s, &r->to);
    case OP_RENAME_SEQUENCE:
        return schema_sequence(s, &r->to);
    case OP_RENAME_VIEW:
        return schema_view(s, &r->to);
    default:
        vec_each(i, &s->tables)
            if (same_qname(dialect, &s->tables.v[i]->name, &r->to))
                return true;
        return false;
    }
}

static void add_op(
    struct ctx *ctx, struct ops *ret, const struct renamed *r, struct qname from, struct qname to)
{
    struct op *op = op_new(ctx, r->kind);

    if (op_object_kind(r->kind) < OBJECT_KINDS) {
        op->u.object.object = object_named(ctx, r, &from);
        op->u.object.new_name = r->table.name ? to.name : qname_text(&ctx->arena, &to);
    } else if (r->kind == OP_RENAME_COLUMN)
        op->u.rename_part =
            (struct op_rename_part){.table = r->table, .name = from.name, .new_name = to.name};
    else
        op->u.rename = (struct op_rename){.name = from, .new_name = to};
    vec_add(ctx, ret, op);
}

const char *name_aside(struct ctx *ctx, const struct dialect *dialect, const char *name, unsigned n)
{
    const char *end = n ? ctx_printf(ctx, "__old%u", n) : "__old";
    size_t room = dialect->name_max ? dialect->name_max - strlen(end) : SIZE_MAX, length = strlen(name);

    for (; length > room || (length < strlen(name) && ((unsigned char)name[length] & 0xC0) == 0x80); length--)
        ;
    return ctx_printf(ctx, "%.*s%s", (int)length, name, end);
}

/* A temporary name, which nothing has and no rename needs. */
static struct qname aside(struct ctx *ctx, const struct dialect *dialect, const struct schema *from,
    const struct renames *all, const struct renamed *r, const struct qname *name)
{
    struct renamed free = *r;
    bool is_used = true;

    for (unsigned n = 0; is_used; n++) {
        free.to = (struct qname){.schema = name->schema, .name = name_aside(ctx, dialect, name->name, n)};
        is_used = is_taken(ctx, dialect, from, all, &free);
        for (size_t i = 0; !is_used && i < all->n; i++)
            is_used = same_space(&all->v[i], r) && same_qname(dialect, &all->v[i].to, &free.to);
    }
    return free.to;
}

/* The object that still has the name that `r` needs: another pending rename, or NULL. */
static struct renamed *holder(const struct dialect *dialect, struct renames *waiting, const struct renamed *r)
{
    vec_each(i, waiting)
        if (same_space(&waiting->v[i], r) && names_equal(dialect, &waiting->v[i], &r->to))
            return &waiting->v[i];
    return NULL;
}

static void take(struct renames *waiting, size_t at)
{
    vec_remove(waiting, at);
}

/* Those of one kind, so that tables come before their columns. */
static void order_kind(struct ctx *ctx, const struct dialect *dialect, const struct schema *from,
    const struct renames *all, struct renames *waiting, struct ops *ret)
{
    while (waiting->n) {
        size_t at = 0;

        while (at < waiting->n && holder(dialect, waiting, &waiting->v[at]))
            at++;
        if (at < waiting->n) {
            add_op(ctx, ret, &waiting->v[at], waiting->v[at].from, waiting->v[at].to);
            take(waiting, at);
            continue;
        }
        struct renamed *first = &waiting->v[0];
        struct qname other = aside(ctx, dialect, from, all, first, &first->from);
        add_op(ctx, ret, first, first->from, other);
        first->from = other;
    }
}

/* An object that keeps a wanted name is renamed; the differ will drop it under its temporary name. */
static void step_aside(struct ctx *ctx, const struct dialect *dialect, const struct schema *from,
    const struct renames *all, enum op_kind kind, struct ops *ret)
{
    vec_each(i, all) {
        const struct renamed *r = &all->v[i];
        bool leaves = false;

        vec_each(k, all)
            leaves = leaves || (same_space(&all->v[k], r) && names_equal(dialect, &all->v[k], &r->to));
        if (r->kind == kind && !leaves && is_taken(ctx, dialect, from, all, r))
            add_op(ctx, ret, r, r->to, aside(ctx, dialect, from, all, r, &r->to));
    }
}

static void order_all(struct ctx *ctx, const struct dialect *dialect, const struct schema *from,
    const struct renames *renames, enum op_kind kind, struct ops *ret)
{
    struct renames waiting = {0};

    vec_each(i, renames)
        if (renames->v[i].kind == kind)
            vec_add(ctx, &waiting, renames->v[i]);
    if (!waiting.n)
        return;
    step_aside(ctx, dialect, from, renames, kind, ret);
    order_kind(ctx, dialect, from, renames, &waiting, ret);
}

/* Objects first, while the table that they are on has its old name. */
void renames_order(struct ctx *ctx, const struct dialect *dialect, const struct schema *from,
    const struct renames *renames, struct ops *ret)
{
    static const enum op_kind kinds[] = {
        OP_RENAME_ENUM, OP_RENAME_SEQUENCE, OP_RENAME_TABLE, OP_RENAME_COLUMN, OP_RENAME_VIEW};

    for (int kind = 0; kind < OBJECT_KINDS && renames->n; kind++)
        order_all(ctx, dialect, from, renames, op_kind_of_object((enum object_kind)kind, OBJECT_RENAME), ret);
    for (size_t k = 0; k < COUNT_OF(kinds) && renames->n; k++)
        order_all(ctx, dialect, from, renames, kinds[k], ret);
}

/* ---- the schema afterwards -------------------------------------------------------------------------------- */

#define COPY_LIST(ctx, list) \
    do { \
        void *v_ = arena_alloc(&(ctx)->arena, (list)->n * sizeof(*(list)->v) + 1); \
        if ((list)->n) \
            memcpy(v_, (list)->v, (list)->n * sizeof(*(list)->v)); \
        (list)->v = v_; \
        (list)->cap = (list)->n; \
    } while (0)
#define COPY_OBJECTS(ctx, list, type) \
    do { \
        COPY_LIST(ctx, list); \
        vec_each(i_, (list)) { \
            type *o_ = ctx_new(ctx, type); \
            *o_ = *(list)->v[i_]; \
            (list)->v[i_] = o_; \
        } \
    } while (0)

static struct schema *schema_copy(struct ctx *ctx, const struct schema *s)
{
    struct schema *copy = ctx_new(ctx, struct schema);

    *copy = *s;
    COPY_LIST(ctx, &copy->namespaces);
    COPY_OBJECTS(ctx, &copy->enums, struct enumeration);
    COPY_OBJECTS(ctx, &copy->sequences, struct sequence);
    COPY_LIST(ctx, &copy->views);
    vec_each(i, &copy->views)
        copy->views.v[i] = view_copy(ctx, s->views.v[i]);
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        COPY_OBJECTS(ctx, &copy->objects[kind], struct object);
    COPY_LIST(ctx, &copy->tables);
    vec_each(i, &copy->tables)
        copy->tables.v[i] = table_copy(ctx, s->tables.v[i]);
    return copy;
}

bool renames_apply(struct ctx *ctx, const struct dialect *dialect, struct schema *from, const struct ops *ops,
    struct schema **ret)
{
    if (!ops->n) {
        *ret = from;
        return true;
    }
    struct schema *copy = schema_copy(ctx, from);
    if (!ops_apply(ctx, dialect, copy, ops))
        return false;
    *ret = copy;
    return true;
}
