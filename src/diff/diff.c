/* The operations from one schema to another, and back. */
#include "diff/differ.h"

struct op *differ_add(struct differ *d, enum phase phase, struct op *op)
{
    vec_add(d->ctx, &d->phases[phase], op);
    return op;
}

void differ_found(struct differ *d, struct pos pos, const char *fmt, ...)
{
    struct difference *f;
    va_list ap;

    if (!d->found)
        return;
    f = ctx_new(d->ctx, struct difference);
    f->pos = pos;
    va_start(ap, fmt);
    f->text = arena_vprintf(&d->ctx->arena, fmt, ap);
    va_end(ap);
    vec_add(d->ctx, d->found, f);
}

bool differ_rebuilds(const struct differ *d)
{
    return d->dialect->has.rebuilds;
}

const char *differ_key(const struct differ *d, const struct qname *name)
{
    return name->schema ? ctx_printf(d->ctx, "%s\n%s", name->schema, name->name) : name->name;
}

const struct touched *differ_touched(const struct differ *d, const struct qname *table)
{
    return map_get(&d->touched_by_name, differ_key(d, table));
}

struct touched *differ_touch(struct differ *d, const struct table *t)
{
    const char *key = differ_key(d, &t->name);
    struct touched *touched = map_get(&d->touched_by_name, key);

    if (touched)
        return touched;
    touched = ctx_new(d->ctx, struct touched);
    touched->name = t->name;
    touched->lower = str_lower(&d->ctx->arena, t->name.name);
    vec_add(d->ctx, &d->touched, touched);
    map_set(&d->touched_by_name, key, touched);
    return touched;
}

static const char *remade_key(const struct differ *d, const struct table *t, const char *column)
{
    return ctx_printf(d->ctx, "%s\n%s", qname_text(&d->ctx->arena, &t->name), column);
}

void differ_remake(struct differ *d, const struct table *t, const char *column, enum remade how)
{
    map_set(&d->remade, remade_key(d, t, column), (void *)(uintptr_t)how);
}

enum remade differ_remade(const struct differ *d, const struct table *t, const char *column)
{
    return (enum remade)(uintptr_t)map_get(&d->remade, remade_key(d, t, column));
}

/* ---- one direction ---------------------------------------------------------------------------------------- */

/* Views depend on renamed objects, and would be printed differently afterwards. */
static void touch_renamed(struct differ *d, const struct ops *renames)
{
    vec_each(i, renames) {
        const struct op *op = renames->v[i];
        const struct table *t;
        struct touched *touched;

        if (op->kind != OP_RENAME_TABLE && op->kind != OP_RENAME_COLUMN)
            continue;
        t = schema_table(
            d->from, op->kind == OP_RENAME_TABLE ? &op->u.rename.new_name : &op->u.rename_part.table);
        if (!t)
            continue;
        touched = differ_touch(d, t);
        touched->whole = true;
        if (op->kind == OP_RENAME_TABLE)
            touched->old_name = op->u.rename.name;
    }
}

static void report_renamed_objects(struct differ *d)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &d->to->objects[kind]) {
            const struct object *o = d->to->objects[kind].v[i];

            if (o->renamed_from)
                differ_found(d, o->pos, "%s '%s': called '%s' in the database", object_table[kind].name,
                    object_text(&d->ctx->arena, o), o->renamed_from);
        }
}

/* Where the models have what was renamed. */
static struct pos renamed_pos(const struct differ *d, const struct renamed *r)
{
    const struct table *t = schema_table(d->to, r->table.name ? &r->table : &r->to);
    const struct column *c = t && r->table.name ? table_column(t, r->to.name) : NULL;

    return c ? c->pos : t ? t->pos : (struct pos){0};
}

static void report_renamed(struct differ *d, const struct renames *renames)
{
    for (size_t i = 0; d->found && i < renames->n; i++) {
        const struct renamed *r = &renames->v[i];
        const char *table = r->table.name ? qname_text(&d->ctx->arena, &r->table) : "";

        if (op_object_kind(r->kind) < OBJECT_KINDS)
            continue;
        differ_found(d, renamed_pos(d, r), "%s%s%s: called '%s' in the database", table, *table ? "." : "",
            qname_text(&d->ctx->arena, &r->to), qname_text(&d->ctx->arena, &r->from));
    }
    if (d->found)
        report_renamed_objects(d);
}

static void finish(struct differ *d, struct ops *ret)
{
    struct ops ops = {0};

    for (int phase = 0; phase < PHASES; phase++)
        vec_each(i, &d->phases[phase])
            vec_add(d->ctx, &ops, d->phases[phase].v[i]);
    *ret = ops;
}

static bool compare(struct differ *d, struct schema *from, const struct renames *renames, struct ops *ret)
{
    struct ops ops = {0}, sequences = {0};

    if (!renames_follow(d->ctx, d->dialect, from, d->to, renames, &ops, &d->from))
        return false;
    rename_sequences(d, &sequences);
    if (!renames_apply(d->ctx, d->dialect, d->from, &sequences, &d->from))
        return false;
    vec_each(i, &ops)
        differ_add(
            d, op_object_kind(ops.v[i]->kind) < OBJECT_KINDS ? PHASE_RENAME_OBJECT : PHASE_RENAME, ops.v[i]);
    vec_each(i, &sequences)
        differ_add(d, PHASE_RENAME, sequences.v[i]);
    touch_renamed(d, &ops);
    report_renamed(d, renames);
    compare_database(d);
    compare_namespaces(d);
    compare_enums(d);
    find_replaced(d);
    compare_sequences(d);
    compare_tables(d);
    order_children(d);
    compare_foreign_keys(d);
    order_dropped(d);
    order_created(d);
    compare_objects(d);
    compare_types(d);
    compare_views(d);
    finish_objects(d);
    renames_order_parts(d);
    compare_index_names(d);
    clear_dropped_names(d);
    compare_accesses(d);
    finish(d, ret);
    return true;
}

bool diff_schemas(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    struct schema *database, struct schema *models, struct diff *ret)
{
    struct differ up = {.ctx = ctx,
        .dialect = dialect,
        .to = models,
        .manages = options->manages,
        .replaced = MAP(ctx),
        .remade = MAP(ctx),
        .touched_by_name = MAP(ctx)};
    struct differ down = {.ctx = ctx,
        .dialect = dialect,
        .to = database,
        .manages = options->manages,
        .replaced = MAP(ctx),
        .remade = MAP(ctx),
        .touched_by_name = MAP(ctx)};
    struct renames renames = {0}, reverse = {0};
    struct diff diff = {0};

    up.found = &diff.found;
    up.refused = &diff.refused;
    up.questions = options->no_rename ? NULL : &diff.questions;
    renames_collect(ctx, dialect, database, models, &renames);
    if (!compare(&up, database, &renames, &diff.up))
        return false;
    if (diff.up.n && !options->no_down) {
        renames_reverse(ctx, dialect, &renames, &reverse);
        if (!compare(&down, models, &reverse, &diff.down))
            return false;
    }
    diff_restore_unmodelled(ctx, dialect, &database->unmodelled, &diff);
    diff_limit(ctx, models, &diff);
    *ret = diff;
    return true;
}
