/*
 * Compares the names of the indexes that partitions have because their parent has one.
 *
 * Models list only names that the server would not choose by itself, and names that they do not list are left alone.
 * An index that not all partitions have (`on_only`) is created for the table alone; then the partitions that list it get
 * theirs, which are attached.
 */
#include "diff/differ.h"

/* A partition in comparison. */
struct part {
    struct differ *d;
    const struct table *a, *b; /* a NULL: it is created, or becomes a partition */
    const struct index_name *entry;
    const struct table *above; /* the table that defines the index */
    const struct index *of;    /* the index there; NULL: it is a key */
};

/* ---- what else happens to the index ------------------------------------------------------------------- */

static bool creates(const struct op *op, const struct qname *table, const char *name)
{
    if (op->kind == OP_CREATE_INDEX)
        return qname_eq(&op->u.create_index.table, table) && str_eq(op->u.create_index.index.name, name);
    if (op->kind >= OP_CREATE_PRIMARY_KEY && op->kind <= OP_CREATE_EXCLUDE_CONSTRAINT)
        return qname_eq(&op->u.create_constraint.table, table) &&
               str_eq(op->u.create_constraint.constraint.name, name);
    return op->kind == OP_CREATE_TABLE && qname_eq(&op->u.create_table.table.name, table);
}

/* Whether an index or key of a table is created, with its table or by itself. */
static bool is_created(const struct differ *d, const struct table *t, const char *name)
{
    for (int phase = 0; phase < PHASES; phase++)
        vec_each(i, &d->phases[phase])
            if (creates(d->phases[phase].v[i], &t->name, name))
                return true;
    return false;
}

/* The name that an index or key of a table had before. */
static const char *name_before(const struct differ *d, const struct table *t, const char *name)
{
    const struct ops *renames = &d->phases[PHASE_RENAME_PART];

    for (size_t i = renames->n; i-- > 0;) {
        const struct op *op = renames->v[i];

        if ((op->kind == OP_RENAME_INDEX || op->kind == OP_RENAME_CONSTRAINT) &&
            qname_eq(&op->u.rename_part.table, &t->name) && str_eq(op->u.rename_part.new_name, name))
            name = op->u.rename_part.name;
    }
    return name;
}

/* ---- a partition that has it anyway ------------------------------------------------------------------- */

static void rename_part(const struct part *p)
{
    struct op *op = op_rename_part_for(p->d, OP_RENAME_PARTITION_INDEX, p->b, p->entry->of, p->entry->name);

    op->pos = p->b->pos;
    differ_add(p->d, PHASE_NAME_INDEX, op);
}

static void report_name(const struct part *p, const char *before)
{
    if (p->d->found)
        differ_found(p->d, p->b->pos, "%s: the index that belongs to '%s' is called '%s' in the database",
            qname_text(&p->d->ctx->arena, &p->b->name), p->entry->of, before);
}

/* Without an entry the index kept its name on the way up, which is then not restored on the way down. */
static void compare_name(const struct part *p)
{
    const struct differ *d = p->d;

    if (p->entry->is_usual && (!p->a || !p->a->index_names.n))
        return;
    const bool is_new = !p->a || is_created(d, p->b, "") || is_created(d, p->above, p->entry->of);
    const struct index_name *before =
        is_new ? NULL : table_index_name(p->a, name_before(d, p->above, p->entry->of));
    const bool is_down = !d->refused;

    if (before ? str_eq(before->name, p->entry->name) : p->entry->is_usual || (!is_new && is_down))
        return;
    rename_part(p);
    if (before)
        report_name(p, before->name);
}

/* ---- a partition that has it only if it lists it ------------------------------------------------------- */

static struct qname index_above(const struct part *p)
{
    const struct index_name *entry;
    const struct table *parent = schema_table(p->d->to, &p->b->partition_of);

    if (parent == p->above)
        return (struct qname){parent->name.schema, p->entry->of};
    entry = table_index_name(parent, p->entry->of);
    return (struct qname){parent->name.schema, entry ? entry->name : p->entry->of};
}

static void attach(const struct part *p)
{
    struct op *op = op_create_index_for(p->d, p->b, p->of);

    op->u.create_index.index.name = p->entry->name;
    op->u.create_index.index.on_only = table_is_partitioned(p->b);
    op->u.create_index.index.comment = NULL;
    op->u.create_index.attach_to = index_above(p);
    op->pos = p->b->pos;
    differ_add(p->d, PHASE_NAME_INDEX, op);
}

static void compare_attached(const struct part *p)
{
    const bool is_new = is_created(p->d, p->above, p->entry->of);
    const char *of = name_before(p->d, p->above, p->entry->of);

    if (!is_new && (!p->a || table_index_name(p->a, of))) {
        compare_name(p); /* a new partition gets one with its other indexes */
        return;
    }
    attach(p);
    if (p->d->found && !is_new)
        differ_found(p->d, p->b->pos, "%s: no index in the database belongs to '%s'",
            qname_text(&p->d->ctx->arena, &p->b->name), p->entry->of);
}

bool differ_loses_part(
    const struct differ *d, const struct table *t, const char *before, const struct index *index)
{
    for (size_t i = 0; index->on_only && i < d->from->tables.n; i++) {
        const struct table *a = d->from->tables.v[i], *b = schema_table(d->to, &a->name);
        const struct index *ignored;

        if (b && table_is_partition(a) && table_index_name(a, before) && !table_index_name(b, index->name) &&
            table_above_with(d->to, b, index->name, &ignored) == t)
            return true;
    }
    return false;
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static void compare_entry(struct part *p)
{
    p->above = table_above_with(p->d->to, p->b, p->entry->of, &p->of);
    if (!p->above) {
        differ_refuse(p->d, p->b->pos,
            ctx_printf(p->d->ctx, "no parent of partition '%s' has an index or key '%s'",
                qname_text(&p->d->ctx->arena, &p->b->name), p->entry->of),
            "Correct the name in 'index_names'.");
        return;
    }
    if (p->of && p->of->on_only)
        compare_attached(p);
    else
        compare_name(p);
}

static size_t depth_of(const struct schema *s, const struct table *t)
{
    size_t depth = 0;

    for (; t && table_is_partition(t); depth++)
        t = schema_table(s, &t->partition_of);
    return depth;
}

/* From the top: an index is attached to that of the parent. */
void compare_index_names(struct differ *d)
{
    size_t deepest = 0;

    for (size_t depth = 1; depth <= deepest + 1; depth++)
        vec_each(i, &d->to->tables) {
            const struct table *b = d->to->tables.v[i], *a = schema_table(d->from, &b->name);
            const size_t of = b->index_names.n ? depth_of(d->to, b) : 0;
            struct part p = {.d = d, .b = b, .a = a && table_is_partition(a) ? a : NULL};

            deepest = of > deepest ? of : deepest;
            for (size_t k = 0; of == depth && k < b->index_names.n; k++) {
                p.entry = &b->index_names.v[k];
                compare_entry(&p);
            }
        }
}
