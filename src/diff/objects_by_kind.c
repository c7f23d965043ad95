/* Compares objects of the kinds in object_table. */
#include "diff/differ.h"

/* ---- what happens to each ---------------------------------------------------------------------------------- */

enum fate { FATE_KEEP, FATE_CREATE, FATE_CHANGE, FATE_REMAKE, FATE_DROP };

/* An object before and after; NULL: it does not exist. */
struct object_pair {
    enum object_kind kind;
    const struct object *a, *b;
    enum fate fate;
    bool was_late, is_late; /* before and after: it needs tables or views, and so is created after them */
    bool goes_early;        /* dropped before others are created again */
    struct strings steps;
};
struct object_pairs VEC_OF(struct object_pair *);

static const struct object *any_of(const struct object_pair *p)
{
    return p->b ? p->b : p->a;
}

static bool has_sql(const struct object_pair *p)
{
    return object_table[p->kind].has_sql;
}

static bool is_on_table(const struct object_pair *p)
{
    return any_of(p)->of.name != NULL;
}

/* Whether it has rows of its own, which would be lost if it were dropped and created again. */
static bool holds_rows(const struct object_pair *p)
{
    return p->kind == OBJECT_VIRTUAL_TABLE;
}

/* Whether nothing depends on such an object, so that it can be dropped first. */
static bool is_last(const struct object_pair *p)
{
    return is_on_table(p) || p->kind == OBJECT_STATISTICS || p->kind == OBJECT_PUBLICATION ||
           p->kind == OBJECT_EVENT_TRIGGER || p->kind == OBJECT_EVENT;
}

static enum fate fate_of(struct differ *d, struct object_pair *p)
{
    if (!p->a || !p->b)
        return p->b ? FATE_CREATE : FATE_DROP;
    if (object_same(p->a, p->b))
        return FATE_KEEP;
    bool in_place =
        d->dialect->object_change && d->dialect->object_change(d->ctx, p->kind, p->a, p->b, &p->steps);
    return in_place || !has_sql(p) || is_last(p) ? FATE_CHANGE : FATE_REMAKE;
}

static void add_pair(struct differ *d, struct object_pairs *ret, enum object_kind kind,
    const struct object *a, const struct object *b)
{
    struct object_pair *p = ctx_new(d->ctx, struct object_pair);

    *p = (struct object_pair){.kind = kind, .a = a, .b = b};
    p->fate = fate_of(d, p);
    vec_add(d->ctx, ret, p);
}

/* All of them: those of the target in its order, and what goes after them, the last one first. */
static void pair_all(struct differ *d, struct object_pairs *ret)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        const struct objects after = objects_ranked(d->ctx, &d->to->objects[kind]);

        vec_each(i, &after)
            add_pair(d, ret, (enum object_kind)kind, objects_find(&d->from->objects[kind], after.v[i]),
                after.v[i]);
    }
    for (int kind = OBJECT_KINDS; kind-- > 0;) {
        const struct objects before = objects_ranked(d->ctx, &d->from->objects[kind]);

        for (size_t i = before.n; i-- > 0;)
            if (!objects_find(&d->to->objects[kind], before.v[i]))
                add_pair(d, ret, (enum object_kind)kind, before.v[i], NULL);
    }
}

/* ---- what steps aside -------------------------------------------------------------------------------------- */

static bool has_word(const struct map *words, const struct differ *d, const char *name)
{
    return map_get(words, str_lower(&d->ctx->arena, name)) != NULL;
}

/* Whether it depends on a column that is dropped or changes its type. */
static bool is_affected(const struct differ *d, const struct object *o, const struct map *words)
{
    vec_each(i, &d->touched) {
        const struct touched *t = d->touched.v[i];
        bool on = o->of.name && qname_eq(&o->of, &t->name);

        if (!on && !map_get(words, t->lower))
            continue;
        if (t->whole && (!on || t->replaced))
            return true;
        vec_each(k, &t->columns)
            if (has_word(words, d, t->columns.v[k]))
                return true;
    }
    return false;
}

/* Whether it is on a view, or names one, that is dropped and perhaps created again. */
static bool is_on_dropped_view(const struct differ *d, const struct object *o, const struct map *words)
{
    vec_each(i, &d->phases[PHASE_DROP_VIEW]) {
        const struct op *op = d->phases[PHASE_DROP_VIEW].v[i];

        if (op->kind == OP_DROP_VIEW &&
            ((o->of.name && qname_eq(&o->of, &op->u.drop.name)) || has_word(words, d, op->u.drop.name.name)))
            return true;
    }
    return false;
}

static struct map words_of(struct ctx *ctx, const char *sql)
{
    struct map words = MAP(ctx);

    words_of_sql(ctx, sql, &words, NULL);
    return words;
}

/* Whether it names an enum that is recreated. An object that a table's own texts name cannot be dropped. */
static bool names_recreated_enum(
    const struct differ *d, const struct object *o, const struct map *words, const struct map *in_tables)
{
    if (!o->of.name && has_word(in_tables, d, o->name.name))
        return false;
    vec_each(i, &d->recreated_enums)
        if (map_get(words, d->recreated_enums.v[i]))
            return true;
    return false;
}

/* A dropped table loses what is on it in the database only; the operations list it explicitly. */
static void step_aside(struct differ *d, struct object_pairs *pairs, bool after_views)
{
    struct map in_tables = MAP(d->ctx);

    if (d->dialect->has.late_bodies ||
        !(after_views ? d->phases[PHASE_DROP_VIEW].n : d->touched.n + d->recreated_enums.n))
        return;
    vec_each(i, &d->from->tables)
        if (d->recreated_enums.n)
            words_of_table(d->ctx, d->from->tables.v[i], &in_tables);
    vec_each(i, pairs) {
        struct object_pair *p = pairs->v[i];

        if ((p->fate != FATE_KEEP && p->fate != FATE_CHANGE) || !has_sql(p) || holds_rows(p))
            continue;
        /* A rebuild keeps objects that do not change. */
        if (differ_rebuilds(d) && !after_views && p->fate == FATE_KEEP)
            continue;
        const struct map words = words_of(d->ctx, p->a->native);
        if (after_views ? is_on_dropped_view(d, p->a, &words)
                        : is_affected(d, p->a, &words) || names_recreated_enum(d, p->a, &words, &in_tables))
            p->fate = FATE_REMAKE;
    }
}

static bool have_fate(const struct object_pairs *pairs, enum fate least)
{
    vec_each(i, pairs)
        if (pairs->v[i]->fate >= least)
            return true;
    return false;
}

static bool names(const struct differ *d, const struct object *o, const struct object_pair *p)
{
    const struct map words = words_of(d->ctx, o->native);

    return has_word(&words, d, any_of(p)->name.name);
}

/* Whether the object is altered by steps, after which it no longer names the dropped one. */
static bool lets_go(const struct differ *d, const struct object_pair *p, const struct object_pair *dropped)
{
    return p->fate == FATE_CHANGE && p->steps.n && !names(d, p->b, dropped);
}

/* Whether all objects that name a dropped one are dropped as well or let it go: then it is dropped after them. */
static bool is_let_go(
    const struct differ *d, const struct object_pairs *pairs, const struct object_pair *dropped)
{
    bool any = false;

    vec_each(i, pairs)
        any |= pairs->v[i]->steps.n > 0;
    if (dropped->fate != FATE_DROP || !any)
        return false;
    vec_each(i, pairs) {
        const struct object_pair *p = pairs->v[i];

        if (p != dropped && p->a && has_sql(p) && p->fate != FATE_DROP && !lets_go(d, p, dropped) &&
            names(d, p->a, dropped))
            return false;
    }
    return true;
}

/* The old pairs whose fate is between `least` and `most`, and all objects that name one of them. */
static void find_naming(struct differ *d, const struct object_pairs *pairs, enum fate least, enum fate most,
    struct object_pairs *ret)
{
    struct mentions m;
    struct object_pairs there = {0};
    bool *marked;

    mentions_begin(&m, d->ctx);
    vec_each(i, pairs)
        if (pairs->v[i]->a && has_sql(pairs->v[i])) {
            mentions_add(&m, pairs->v[i]->a->name.name, pairs->v[i]->a->native, pairs->v[i]);
            vec_add(d->ctx, &there, pairs->v[i]);
        }
    marked = arena_alloc(&d->ctx->arena, there.n + 1);
    vec_each(i, &there)
        marked[i] = there.v[i]->fate >= least && there.v[i]->fate <= most && !is_last(there.v[i]) &&
                    !is_let_go(d, pairs, there.v[i]);
    mentions_spread(&m, marked, false);
    vec_each(i, &there)
        if (marked[i])
            vec_add(d->ctx, ret, there.v[i]);
}

/* An object that names a dropped one must be dropped, too. */
static void spread_fates(struct differ *d, struct object_pairs *pairs)
{
    struct object_pairs naming = {0};

    if (!have_fate(pairs, FATE_REMAKE))
        return;
    find_naming(d, pairs, FATE_REMAKE, FATE_DROP, &naming);
    vec_each(i, &naming)
        if (naming.v[i]->fate < FATE_REMAKE && !holds_rows(naming.v[i]))
            naming.v[i]->fate = FATE_REMAKE;
}

/* An object that is dropped for good is dropped before the objects that it names are dropped and created
 * again. */
static void find_early_drops(struct differ *d, struct object_pairs *pairs)
{
    struct object_pairs naming = {0};

    if (have_fate(pairs, FATE_REMAKE))
        find_naming(d, pairs, FATE_REMAKE, FATE_REMAKE, &naming);
    vec_each(i, &naming)
        naming.v[i]->goes_early = true;
}

/* ---- what needs tables ------------------------------------------------------------------------------------- */

static void names_of(struct differ *d, const struct schema *s, struct map *ret)
{
    vec_each(i, &s->tables)
        map_set(ret, str_lower(&d->ctx->arena, s->tables.v[i]->name.name), ret);
    vec_each(i, &s->views)
        map_set(ret, str_lower(&d->ctx->arena, s->views.v[i]->name.name), ret);
}

/* Objects that name a table come after the tables, with all that name them, except objects that a table's own
 * texts name. */
static void find_late(struct differ *d, struct object_pairs *pairs, const struct schema *s, bool before)
{
    struct map relations = MAP(d->ctx), in_tables = MAP(d->ctx);
    bool *late = arena_alloc(&d->ctx->arena, pairs->n + 1),
         *early = arena_alloc(&d->ctx->arena, pairs->n + 1);
    struct mentions m;
    size_t n = 0;

    mentions_begin(&m, d->ctx);
    names_of(d, s, &relations);
    vec_each(i, &s->tables)
        words_of_table(d->ctx, s->tables.v[i], &in_tables);
    vec_each(i, pairs) {
        const struct object *o = before ? pairs->v[i]->a : pairs->v[i]->b;

        if (!o || !has_sql(pairs->v[i]) || is_last(pairs->v[i]))
            continue;
        mentions_add(&m, o->name.name, o->native, pairs->v[i]);
        early[n] = has_word(&in_tables, d, o->name.name);
        vec_each(w, mentions_words(&m, n))
            late[n] |= map_get(&relations, mentions_words(&m, n)->v[w]) != NULL;
        n++;
    }
    mentions_spread_late(&m, early, late);
    for (size_t i = 0; i < n; i++) {
        struct object_pair *p = m.what.v[i];

        *(before ? &p->was_late : &p->is_late) = late[i];
    }
}

/* ---- operations -------------------------------------------------------------------------------------------- */

static void found(struct differ *d, const struct object_pair *p, const char *what)
{
    if (d->found)
        differ_found(d, p->b ? p->b->pos : (struct pos){0}, "%s '%s': %s", object_table[p->kind].name,
            object_text(&d->ctx->arena, any_of(p)), what);
}

/* The table's name before the renames, which come after what is dropped. */
static struct qname of_before(const struct differ *d, const struct object *o)
{
    const struct ops *renames = &d->phases[PHASE_RENAME];
    struct qname name = o->of;

    for (size_t i = renames->n; name.name && i-- > 0;) {
        const struct op *op = renames->v[i];

        if ((op->kind == OP_RENAME_TABLE || op->kind == OP_RENAME_VIEW) &&
            qname_eq(&op->u.rename.new_name, &name))
            name = op->u.rename.name;
    }
    return name;
}

/* The same for the types of its arguments. */
static void arguments_before(const struct differ *d, enum object_kind kind, struct object *o)
{
    const struct ops *renames = &d->phases[PHASE_RENAME];

    for (size_t i = renames->n; o->signature && i-- > 0;) {
        const struct op *op = renames->v[i];

        if (op->kind == OP_RENAME_TABLE || op->kind == OP_RENAME_ENUM)
            o->signature = signature_rename_type(
                d->ctx, d->dialect, o->signature, &op->u.rename.new_name, &op->u.rename.name);
    }
    object_make_key(&d->ctx->arena, kind, o);
}

/* Of what has rows. */
static const char *const verb_notes[OBJECT_VERBS] = {
    [OBJECT_CHANGE] = "recreates it; its rows are copied, or read again from its content table",
    [OBJECT_DROP] = "destroys the rows that it stores",
};

static struct op *object_op(struct differ *d, const struct object_pair *p, enum object_verb verb)
{
    struct op *op = op_new(d->ctx, op_kind_of_object(p->kind, verb));
    const struct object *o = verb == OBJECT_DROP ? p->a : p->b;

    op->pos = p->b ? p->b->pos : o->pos;
    op->u.object.object = *o;
    op->u.object.object.file = (struct dtext){0}; /* the operation contains the text itself */
    if (holds_rows(p))
        op->note = verb_notes[verb];
    if (verb == OBJECT_DROP)
        op->u.object.object = (struct object){.key = o->key,
            .name = o->name,
            .signature = o->signature,
            .of = of_before(d, o),
            .native = o->native};
    else if (has_sql(p) && !dtext_is_set(&o->sql))
        op->u.object.object.sql.text = o->native;
    return op;
}

static struct op *change_op(struct differ *d, const struct object_pair *p)
{
    struct op *op = object_op(d, p, OBJECT_CHANGE);

    op->u.object.steps = p->steps;
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (str_eq(p->a->settings[i], p->b->settings[i]))
            op->u.object.object.settings[i] = NULL;
    return op;
}

static void find_changes(struct differ *d, const struct object_pair *p)
{
    /* Its class is mentioned. */
    if (any_of(p)->built_in)
        return;
    if (p->fate == FATE_CREATE)
        found(d, p, "not in the database");
    if (p->fate == FATE_DROP)
        found(d, p, "not in the models");
    if (!p->a || !p->b)
        return;
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (!str_eq(p->a->settings[i], p->b->settings[i]))
            found(d, p,
                ctx_printf(d->ctx, "%s '%s' in the database, '%s' in the models",
                    object_table[p->kind].settings[i].name, p->a->settings[i] ? p->a->settings[i] : "",
                    p->b->settings[i] ? p->b->settings[i] : ""));
    if (has_sql(p) && !object_same(p->a, p->b))
        found(d, p, "its SQL differs");
}

static void comment(struct differ *d, const struct object_pair *p)
{
    if (!d->dialect->has.object_comments || !p->a || !p->b || str_eq(p->a->comment, p->b->comment))
        return;
    found(d, p, "its comment differs");
    if (p->fate == FATE_REMAKE || (p->fate == FATE_CHANGE && p->b->comment))
        return;
    struct qname table = p->b->of, name = p->b->name;
    if (p->b->signature)
        name = (struct qname){NULL, p->b->key};
    differ_add(d, PHASE_COMMENT,
        op_set_comment_for(d, object_table[p->kind].name, table.name ? &table : NULL, name, p->b->comment));
}

static enum phase phase_to_create(const struct object_pair *p)
{
    if (!has_sql(p))
        return PHASE_CREATE_EXTENSION;
    if (is_last(p))
        return PHASE_CREATE_ON_TABLE;
    return p->is_late || holds_rows(p) ? PHASE_CREATE_VIEW : PHASE_CREATE_OBJECT;
}

static enum phase phase_to_drop(const struct object_pair *p)
{
    if (!has_sql(p))
        return PHASE_DROP_EXTENSION;
    if (is_last(p))
        return PHASE_DROP_ON_TABLE;
    if (p->was_late || holds_rows(p))
        return PHASE_DROP_VIEW;
    return p->goes_early ? PHASE_DROP_REMADE : PHASE_DROP_OBJECT;
}

/* Rejects operations that would lose more than they state. */
static void check_possible(struct differ *d, const struct object_pair *p)
{
    const char *why, *hint;
    bool is_whole = p->fate == FATE_REMAKE || (p->fate == FATE_CHANGE && !p->steps.n);

    if (is_whole && d->dialect->object_possible &&
        !d->dialect->object_possible(d->ctx, p->kind, p->a, p->b, &why, &hint))
        differ_refuse(d, p->b->pos, why, hint);
    const char *column = p->fate == FATE_REMAKE ? column_of_object(d, p->kind, p->a, p->b) : NULL;
    if (column)
        differ_refuse(d, p->b->pos,
            ctx_printf(d->ctx, "%s '%s' cannot be changed in place, nor recreated: column '%s' is of it",
                object_table[p->kind].name, p->b->key, column),
            "Create another one, and give it to the column first.");
}

static void add_operations(struct differ *d, const struct object_pair *p)
{
    check_possible(d, p);
    find_changes(d, p);
    if (p->fate >= FATE_REMAKE) {
        enum phase phase = phase_to_drop(p);
        struct op *op = differ_add(d, phase, object_op(d, p, OBJECT_DROP));

        if (phase < PHASE_RENAME)
            arguments_before(d, p->kind, &op->u.object.object);
    }
    if (p->fate == FATE_CREATE || p->fate == FATE_REMAKE)
        differ_add(d, phase_to_create(p), object_op(d, p, OBJECT_CREATE));
    if (p->fate == FATE_CHANGE)
        differ_add(d, phase_to_create(p), change_op(d, p));
    comment(d, p);
}

/* ---- order ------------------------------------------------------------------------------------------------- */

static const char *text_before(const struct differ *d, const struct op *op)
{
    if (op_object_kind(op->kind) == OBJECT_KINDS) {
        const struct view *v = op->kind == OP_DROP_VIEW ? schema_view(d->from, &op->u.drop.name) : NULL;

        return v ? v->body.native : NULL;
    }
    return op->u.object.object.native;
}

static const char *text_after(const struct op *op)
{
    return op_object_kind(op->kind) == OBJECT_KINDS ? op->u.view.view.body.native
                                                    : op->u.object.object.native;
}

static const char *name_in(const struct op *op, bool drops)
{
    if (op_object_kind(op->kind) != OBJECT_KINDS)
        return op->u.object.object.name.name;
    return drops ? op->u.drop.name.name : op->u.view.view.name.name;
}

/* Puts objects after those that they name, or before them if they are dropped. */
static void order_phase(struct differ *d, enum phase phase, bool drops)
{
    struct ops *ops = &d->phases[phase];
    struct mentions m;
    struct pointers_found order;
    bool any = false;

    vec_each(i, ops)
        any |= op_object_kind(ops->v[i]->kind) != OBJECT_KINDS;
    if (!any)
        return;
    mentions_begin(&m, d->ctx);
    vec_each(i, ops) {
        struct op *op = ops->v[drops ? ops->n - 1 - i : i];

        mentions_add(&m, name_in(op, drops), drops ? text_before(d, op) : text_after(op), op);
    }
    order = mentions_order(&m);
    vec_each(i, &order)
        ops->v[drops ? ops->n - 1 - i : i] = order.v[i];
}

/* ---- all of it --------------------------------------------------------------------------------------------- */

void compare_objects(struct differ *d)
{
    struct object_pairs *pairs = ctx_new(d->ctx, struct object_pairs);

    pair_all(d, pairs);
    step_aside(d, pairs, false);
    spread_fates(d, pairs);
    d->objects = pairs;
    vec_each(i, pairs)
        if (pairs->v[i]->fate >= FATE_REMAKE && has_sql(pairs->v[i]) && !is_last(pairs->v[i]))
            vec_add(d->ctx, &d->going, str_lower(&d->ctx->arena, pairs->v[i]->a->name.name));
}

bool differ_goes(const struct differ *d, enum object_kind kind, const struct object *o)
{
    vec_each(i, d->objects) {
        const struct object_pair *p = d->objects->v[i];

        if (p->kind == kind && p->a == o)
            return p->fate >= FATE_REMAKE;
    }
    return false;
}

bool differ_needs_going(const struct differ *d, const char *sql)
{
    if (!d->going.n)
        return false;
    const struct map words = words_of(d->ctx, sql);
    vec_each(i, &d->going)
        if (map_get(&words, d->going.v[i]))
            return true;
    return false;
}

void finish_objects(struct differ *d)
{
    static const enum phase creating[] = {PHASE_CREATE_OBJECT, PHASE_CREATE_VIEW, PHASE_CREATE_ON_TABLE},
                            dropping[] = {
                                PHASE_DROP_ON_TABLE, PHASE_DROP_VIEW, PHASE_DROP_REMADE, PHASE_DROP_OBJECT};
    struct object_pairs *pairs = d->objects;

    if (!pairs->n)
        return;
    step_aside(d, pairs, true);
    spread_fates(d, pairs);
    if (have_fate(pairs, FATE_CREATE)) {
        find_late(d, pairs, d->from, true);
        find_late(d, pairs, d->to, false);
    }
    find_early_drops(d, pairs);
    vec_each(i, pairs)
        add_operations(d, pairs->v[i]);
    for (size_t i = 0; i < COUNT_OF(creating); i++)
        order_phase(d, creating[i], false);
    for (size_t i = 0; i < COUNT_OF(dropping); i++)
        order_phase(d, dropping[i], true);
}
