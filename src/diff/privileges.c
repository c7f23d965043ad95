/*
 * Compares owners and privileges.
 *
 * They are compared last, when all other operations are known: an object that these create, or create again,
 * gets all its grants, and loses those that it may have got by default or by restoring.
 */
#include "diff/differ.h"

struct accesses {
    struct differ *d;
    struct map from;    /* of what was there before: struct access_place, by "on\nname" */
    struct map created; /* by the same: what the operations create, perhaps again */
    const struct access_place *place;
    const struct access *before, *after;
    bool was_there, is_created;
    bool is_releasing; /* what a new owner had: before it becomes that */
};

/* ---- what is created --------------------------------------------------------------------------------- */

static const char *key_of(struct accesses *w, const char *on, const char *name)
{
    return ctx_printf(w->d->ctx, "%s\n%s", on, name);
}

static void mark(struct accesses *w, const char *on, const struct qname *name)
{
    const char *key = key_of(w, on, qname_text(&w->d->ctx->arena, name));
    map_set(&w->created, key, w);
}

/* Whether an enum keeps its type: values are only added. */
static bool is_extended(const struct differ *d, const struct op_alter_enum *o)
{
    const struct enumeration *e = schema_enum(d->from, &o->name);
    size_t at = 0;
    for (size_t i = 0; e && i < e->values.n; i++, at++) {
        while (at < o->values.n && !str_eq(o->values.v[at], e->values.v[i]))
            at++;
        if (at == o->values.n)
            return false;
    }
    return e;
}

static void mark_object(struct accesses *w, const struct op *op)
{
    enum object_kind kind = op_object_kind(op->kind);
    const struct op_object *o = &op->u.object;
    bool is_code = kind == OBJECT_FUNCTION || kind == OBJECT_PROCEDURE;
    if (op_object_verb(op->kind) == OBJECT_DROP || op_object_verb(op->kind) == OBJECT_RENAME ||
        (op_object_verb(op->kind) == OBJECT_CHANGE && (o->steps.n || (is_code && !o->remake))))
        return;
    map_set(&w->created, key_of(w, object_table[kind].name, o->object.key), w);
}

static void mark_created(struct accesses *w)
{
    for (int phase = 0; phase < PHASES; phase++)
        vec_each(i, &w->d->phases[phase]) {
            const struct op *op = w->d->phases[phase].v[i];
            switch ((int)op->kind) {
            case OP_CREATE_SCHEMA:
                mark(w, "schema", &(struct qname){.name = op->u.schema.name});
                break;
            case OP_CREATE_TABLE:
                mark(w, "table", &op->u.create_table.table.name);
                break;
            case OP_CREATE_VIEW:
                mark(w, "view", &op->u.view.view.name);
                break;
            case OP_CREATE_SEQUENCE:
                mark(w, "sequence", &op->u.sequence.sequence.name);
                break;
            case OP_CREATE_ENUM:
                mark(w, "enum", &op->u.create_enum.enumeration.name);
                break;
            case OP_ALTER_ENUM:
                if (!is_extended(w->d, &op->u.alter_enum))
                    mark(w, "enum", &op->u.alter_enum.name);
                break;
            default:
                if (op_object_kind(op->kind) < OBJECT_KINDS)
                    mark_object(w, op);
            }
        }
}

/* ---- operations -------------------------------------------------------------------------------------- */

static const char *list_text(struct ctx *ctx, const struct privileges *list)
{
    struct str out = STR(ctx);
    vec_each(i, list) {
        const struct privilege *p = &list->v[i];
        str_addf(&out, "%s%s", i ? ", " : "", p->name);
        if (p->column)
            str_addf(&out, " (%s)", p->column);
        if (p->grantable)
            str_add(&out, " with grant option");
    }
    return list->n ? str_get(&out) : "nothing";
}

/* Schemas come before what is in them, and what is revoked on them comes last. */
static enum phase phase_of(const struct accesses *w, enum op_kind kind)
{
    if (!str_eq(w->place->kind->on, "schema"))
        return PHASE_ACCESS;
    return kind == OP_REVOKE && !w->is_releasing ? PHASE_REVOKE_SCHEMA : PHASE_GRANT_SCHEMA;
}

static struct op_access *add(struct accesses *w, enum op_kind kind, const char *role)
{
    struct op *op = differ_add(w->d, phase_of(w, kind), op_new(w->d->ctx, kind));
    op->u.access = (struct op_access){.on = w->place->kind->on, .name = w->place->name, .role = role};
    return &op->u.access;
}

static struct strings columns_of(
    struct ctx *ctx, const struct privileges *list, const char *name, bool grantable)
{
    struct strings columns = {0};
    vec_each(i, list)
        if (list->v[i].column && str_eq(list->v[i].name, name) && list->v[i].grantable == grantable)
            vec_add(ctx, &columns, list->v[i].column);
    return columns;
}

static struct op_access *find_columns(
    struct accesses *w, size_t from, enum op_kind kind, const struct strings *columns, bool grant_option)
{
    const struct ops *ops = &w->d->phases[phase_of(w, kind)];
    for (size_t i = from; i < ops->n; i++)
        if (ops->v[i]->u.access.grant_option == grant_option &&
            strings_eq(&ops->v[i]->u.access.columns, columns))
            return &ops->v[i]->u.access;
    return NULL;
}

/* An operation for the privileges on the whole object, and one for each list of columns. */
static void add_list(
    struct accesses *w, enum op_kind kind, const char *role, const struct privileges *list, bool grant_option)
{
    struct ctx *ctx = w->d->ctx;
    size_t from = w->d->phases[phase_of(w, kind)].n;
    vec_each(i, list) {
        const struct privilege *p = &list->v[i];
        struct strings columns = {0};
        if (p->column)
            columns = columns_of(ctx, list, p->name, p->grantable);
        struct op_access *o = find_columns(w, from, kind, &columns, grant_option);
        if (!o) {
            o = add(w, kind, role);
            o->columns = columns;
            o->grant_option = grant_option;
        }
        if (!strings_have(&o->privileges, p->name))
            vec_add(ctx, &o->privileges, p->name);
    }
}

/* ---- comparing --------------------------------------------------------------------------------------- */

/* Privileges that a role passed on depend on its own. */
static bool is_relayed(const struct accesses *w, const char *role, const struct privilege *p)
{
    for (size_t i = 0; w->before && i < w->before->relayed.n; i++) {
        const struct grant *g = w->before->relayed.v[i];
        if (str_eq(g->role, role) && privileges_find(&g->privileges, p->name, g->privileges.v[0].column) &&
            (!p->column || str_eq(p->column, g->privileges.v[0].column)))
            return true;
    }
    return false;
}

static void refuse_relayed(struct accesses *w, const char *role, const struct privileges *list)
{
    struct differ *d = w->d;
    for (size_t i = 0; d->refused && !w->is_created && i < list->n; i++) {
        if (!is_relayed(w, role, &list->v[i]))
            continue;
        struct difference *f = ctx_new(d->ctx, struct difference);
        f->pos = w->place->pos;
        f->text = ctx_printf(d->ctx, "%s '%s': cannot revoke %s from '%s', which granted it to other roles",
            w->place->kind->on, w->place->name, list->v[i].name, role);
        f->hint =
            ctx_printf(d->ctx, "As '%s', revoke what it granted, or list the privilege in the models.", role);
        vec_add(d->ctx, d->refused, f);
        return;
    }
}

static void revoke(
    struct accesses *w, const char *role, struct privileges *held, const struct privileges *wanted)
{
    struct ctx *ctx = w->d->ctx;
    struct privileges gone = {0}, options = {0};
    const struct access_rules *rules = w->d->dialect->access;
    bool loses_option = rules && rules->one_option && !wanted->n; /* it would remain without privileges */
    vec_each(i, held) {
        const struct privilege *p = &held->v[i], *kept = privileges_find(wanted, p->name, p->column);
        if (!kept && w->is_created) /* the object may lack the column, and gets all its grants */
            privileges_grant(
                ctx, &gone, &(struct privileges){.v = &(struct privilege){.name = p->name}, .n = 1});
        else if (!kept)
            vec_add(ctx, &gone, *p);
        if (p->grantable && (kept ? !kept->grantable : loses_option))
            vec_add(ctx, &options, *p);
    }
    vec_each(i, &gone)
        gone.v[i].grantable = false;
    vec_each(i, &options)
        options.v[i].grantable = false;
    refuse_relayed(w, role, &gone);
    refuse_relayed(w, role, &options);
    add_list(w, OP_REVOKE, role, &options, true);
    privileges_revoke(held, &options, true);
    add_list(w, OP_REVOKE, role, &gone, false);
    privileges_revoke(held, &gone, false);
}

static void grant(
    struct accesses *w, const char *role, const struct privileges *held, const struct privileges *wanted)
{
    struct privileges plain = {0}, grantable = {0};
    vec_each(i, wanted) {
        const struct privilege *p = &wanted->v[i], *there = privileges_find(held, p->name, p->column);
        if (there && (there->grantable || !p->grantable))
            continue;
        if (p->grantable)
            vec_add(w->d->ctx, &grantable, *p);
        else
            vec_add(w->d->ctx, &plain, *p);
    }
    add_list(w, OP_GRANT, role, &plain, false);
    add_list(w, OP_GRANT, role, &grantable, true);
}

static bool are_same(const struct privileges *a, const struct privileges *b)
{
    vec_each(i, a) {
        const struct privilege *other = privileges_find(b, a->v[i].name, a->v[i].column);
        if (!other || other->grantable != a->v[i].grantable)
            return false;
    }
    return a->n == b->n;
}

/* ---- default privileges ------------------------------------------------------------------------------ */

/* Those that the connected role's new objects of this kind may get; NULL: none. */
static const struct access *default_of(
    const struct accesses *w, const struct schema *s, const struct default_access *d)
{
    static const char *const on[DEFAULT_KINDS] = {"table", "sequence", "function", "type", "schema"};
    const char *creator = w->d->from->creator ? w->d->from->creator : w->d->to->creator;
    int kind = 0;
    if (!str_eq(d->role, creator) ||
        (d->schema && !str_eq(d->schema, w->place->schema ? w->place->schema : s->default_schema)))
        return NULL;
    while (!str_eq(on[kind], w->place->kind->default_on))
        kind++;
    return d->of[kind];
}

static const struct access *with_defaults_of(
    struct accesses *w, const struct schema *s, const struct access *a)
{
    struct ctx *ctx = w->d->ctx;
    vec_each(i, &s->default_accesses) {
        const struct access *given = default_of(w, s, s->default_accesses.v[i]);
        for (size_t k = 0; given && k < given->grants.n; k++) {
            const struct grant *g = given->grants.v[k];
            struct privileges held = access_held(ctx, w->place->kind, a, g->role);
            privileges_grant(ctx, &held, &g->privileges);
            a = access_with(ctx, w->place->kind, a, g->role, &held);
        }
    }
    return a;
}

/* Privileges that new objects may have been given before and after the changes: revoking them from an object
 * without them does nothing. */
static const struct access *with_defaults(struct accesses *w, const struct access *a)
{
    return with_defaults_of(w, w->d->from, with_defaults_of(w, w->d->to, a));
}

/* Whether the server's own defaults may not hold. */
static bool has_other_defaults(const struct accesses *w)
{
    const struct schema *both[] = {w->d->from, w->d->to};
    for (size_t side = 0; side < COUNT_OF(both); side++)
        vec_each(i, &both[side]->default_accesses) {
            const struct default_access *d = both[side]->default_accesses.v[i];
            if (!d->schema && default_of(w, both[side], d))
                return true;
        }
    return false;
}

/* The certain privileges of a role on a created object: those by default which it also had before, and which may be
 * restored. */
static struct privileges both(struct accesses *w, const struct privileges *before, const char *role)
{
    struct privileges usual = access_held(w->d->ctx, w->place->kind, NULL, role), list = {0};
    bool is_usual = !w->place->kind->default_on || !has_other_defaults(w);
    for (size_t i = 0; is_usual && i < usual.n; i++)
        if (!w->was_there || privileges_find(before, usual.v[i].name, NULL))
            vec_add(w->d->ctx, &list, usual.v[i]);
    return list;
}

static void compare_role(struct accesses *w, const char *role)
{
    struct ctx *ctx = w->d->ctx;
    struct privileges held = access_held(ctx, w->place->kind, w->before, role);
    const struct privileges wanted = access_held(ctx, w->place->kind, w->after, role);
    if (w->was_there && !are_same(&held, &wanted))
        differ_found(w->d, w->after && w->after->grants_pos.line ? w->after->grants_pos : w->place->pos,
            "%s '%s': '%s' has %s in the database, %s in the models", w->place->kind->on, w->place->name,
            role, list_text(ctx, &held), list_text(ctx, &wanted));
    if (w->is_created && w->d->dialect->access && w->d->dialect->access->lost_by_drop)
        held.n = 0;
    revoke(w, role, &held, &wanted);
    if (w->is_created)
        held = both(w, &held, role);
    grant(w, role, &held, &wanted);
}

static void add_roles(struct ctx *ctx, struct strings *ret, const struct access *a)
{
    for (size_t i = 0; a && i < a->grants.n; i++)
        if (!strings_have(ret, a->grants.v[i]->role))
            vec_add(ctx, ret, a->grants.v[i]->role);
}

static void compare_grants(struct accesses *w)
{
    struct strings roles = {0};
    add_roles(w->d->ctx, &roles, w->before);
    add_roles(w->d->ctx, &roles, w->after);
    if (w->is_created && w->place->kind->default_on && w->place->kind->everyone && has_other_defaults(w) &&
        !strings_have(&roles, ROLE_PUBLIC))
        vec_add(w->d->ctx, &roles, ROLE_PUBLIC);
    strings_sort(&roles);
    vec_each(i, &roles)
        compare_role(w, roles.v[i]);
}

/* A new owner's own grants would remain recorded as the owner's. Revoking them also revokes what it granted to
 * others. */
static void release(struct accesses *w, const char *owner)
{
    const struct privileges none = {0};
    struct privileges held = access_held(w->d->ctx, w->place->kind, w->before, owner);
    vec_each(i, &held)
        if (is_relayed(w, owner, &held.v[i]))
            return;
    w->is_releasing = true;
    if (w->was_there && !w->is_created && w->d->manages & MANAGE_GRANTS)
        revoke(w, owner, &held, &none);
    w->is_releasing = false;
}

static void compare_owner(struct accesses *w)
{
    const char *before = w->before ? w->before->owner : NULL, *after = w->after ? w->after->owner : NULL;
    if (!after || w->place->is_linked || (!w->is_created && (!before || str_eq(before, after))))
        return;
    if (before && !str_eq(before, after))
        differ_found(w->d, w->after->owner_pos.line ? w->after->owner_pos : w->place->pos,
            "%s '%s': owner '%s' in the database, '%s' in the models", w->place->kind->on, w->place->name,
            before, after);
    release(w, after);
    add(w, OP_CHANGE_OWNER, after);
}

/* Columns that no longer exist, or are dropped and added again, have lost their privileges. */
static const struct access *without_columns(struct accesses *w, const struct access *a)
{
    const struct table *t = w->place->table;
    for (size_t i = 0; t && a && i < a->grants.n; i++)
        vec_each(k, &a->grants.v[i]->privileges) {
            const char *column = a->grants.v[i]->privileges.v[k].column;
            if (!column || (table_column(t, column) && differ_remade(w->d, t, column) != REMADE_COLUMN))
                continue;
            return without_columns(w, access_column(w->d->ctx, a, column, NULL));
        }
    return a;
}

/* The role that owns it afterwards: its former grants are no longer listed. */
static const char *owner_after(const struct accesses *w, bool is_managed)
{
    if (is_managed && w->after && w->after->owner)
        return w->after->owner;
    return w->before ? w->before->owner : NULL;
}

static bool compare(void *user, const struct access_place *place)
{
    struct accesses *w = user;
    struct differ *d = w->d;
    unsigned manages = d->manages;
    const struct access_place *before = map_get(&w->from, key_of(w, place->kind->on, place->name));
    w->place = place;
    w->after = *place->access;
    w->before = before ? *before->access : NULL;
    /* Default privileges always exist, perhaps without a difference from the server's. */
    bool is_default = access_default_kind(place->kind) < DEFAULT_KINDS;
    w->was_there = before || is_default;
    w->is_created = !w->was_there || map_get(&w->created, key_of(w, place->kind->on, place->name));
    if (str_eq(place->kind->on, "schema") && str_eq(place->name, d->to->default_schema) &&
        (!w->after || !d->from->home_access))
        return true;
    w->before = without_columns(w, w->before);
    if (manages & MANAGE_OWNERS)
        compare_owner(w);
    const char *owner = owner_after(w, manages & MANAGE_OWNERS);
    if (owner && w->before)
        w->before = access_owned(d->ctx, w->before, owner);
    if (owner && w->after)
        w->after = access_owned(d->ctx, w->after, owner);
    if (w->is_created && place->kind->default_on)
        w->before = with_defaults(w, w->before);
    if (manages & MANAGE_GRANTS)
        compare_grants(w);
    return true;
}

static bool take_before(void *user, const struct access_place *place)
{
    struct accesses *w = user;
    struct access_place *copy = ctx_new(w->d->ctx, struct access_place);
    *copy = *place;
    map_set(&w->from, key_of(w, place->kind->on, place->name), copy);
    return true;
}

void compare_accesses(struct differ *d)
{
    struct accesses w = {.d = d, .from = MAP(d->ctx), .created = MAP(d->ctx)};
    if (!d->manages)
        return;
    mark_created(&w);
    schema_each_access(
        d->from, &(struct access_walk){.visit = take_before, .user = &w, .arena = &d->ctx->arena});
    schema_each_access(d->to, &(struct access_walk){.visit = compare, .user = &w, .arena = &d->ctx->arena});
}

/* ---- default privileges of models -------------------------------------------------------------------- */

static void add_missing(struct ctx *ctx, struct default_accesses *list, const struct default_accesses *others)
{
    vec_each(i, others)
        default_accesses_add(ctx, list, others->v[i]->role, others->v[i]->schema)->pos = others->v[i]->pos;
}

static void tell(struct ctx *ctx, struct schema *database, const struct default_access *d)
{
    for (int kind = 0; kind < DEFAULT_KINDS; kind++) {
        if (!d->of[kind])
            continue;
        struct unmodelled *u = ctx_new(ctx, struct unmodelled);
        u->kind = "default privileges";
        u->name.name = d->role;
        u->detail = ctx_printf(
            ctx, "%s%s%s", default_kind_names[kind], d->schema ? " in " : "", d->schema ? d->schema : "");
        vec_add(ctx, &database->unmodelled, u);
    }
}

void pair_default_accesses(struct ctx *ctx, struct schema *database, struct schema *models)
{
    if (!models->manages_defaults) {
        vec_each(i, &database->default_accesses)
            tell(ctx, database, database->default_accesses.v[i]);
        models->default_accesses = database->default_accesses;
        return;
    }
    add_missing(ctx, &models->default_accesses, &database->default_accesses);
    add_missing(ctx, &database->default_accesses, &models->default_accesses);
}
