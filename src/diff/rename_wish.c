/*
 * Decides which `renamed_from` of the models are renames that are still to be made.
 *
 * A model keeps its `renamed_from` long after the rename, so one whose new name exists has no effect, unless
 * another rename frees that name: in a chain (a to b, b to c) all are made, or none. After a circle (a to b, b
 * to a) a database looks as before, so that nothing would tell whether it was made; it is refused.
 */
#include "diff/differ.h"

/* ---- chains and circles ----------------------------------------------------------------------------------- */

static struct wish *wish_for(const struct dialect *dialect, const struct wishes *list, const struct qname *to)
{
    vec_each(i, list)
        if (same_qname(dialect, &list->v[i].to, to))
            return &list->v[i];
    return NULL;
}

/* The valid rename that frees a name. */
static const struct wish *wish_taking(
    const struct dialect *dialect, const struct wishes *list, const struct qname *from)
{
    vec_each(i, list)
        if (list->v[i].holds && same_qname(dialect, &list->v[i].from, from))
            return &list->v[i];
    return NULL;
}

static bool is_in_circle(const struct dialect *dialect, const struct wishes *list, const struct wish *w)
{
    const struct wish *at = w;

    for (size_t steps = 0; steps < list->n; steps++) {
        at = wish_for(dialect, list, &at->from);
        if (!at || at->hinted)
            return false;
        if (at == w)
            return true;
    }
    return false;
}

static const char *text_of(struct ctx *ctx, const struct wishes *list, const struct qname *name)
{
    return list->table.name || list->by_key ? name->name : qname_text(&ctx->arena, name);
}

/* In the form that the option takes: an object on a table as "table.column", and a function without its arguments,
 * for the shell. */
static const char *hint_name(struct ctx *ctx, const struct wishes *list, const struct qname *name)
{
    enum object_kind kind = object_kind_by_name(list->kind);
    struct object o = {.key = name->name};

    if (list->table.name)
        return ctx_printf(ctx, "%s.%s", qname_text(&ctx->arena, &list->table), name->name);
    if (kind < OBJECT_KINDS && object_table[kind].naming == NAMED_BY_SIGNATURE &&
        object_take_key(&ctx->arena, kind, &o))
        return qname_text(&ctx->arena, &o.name);
    return text_of(ctx, list, name);
}

static const char *hint_name_of_new(struct ctx *ctx, const struct wishes *list, const struct qname *name)
{
    return list->table.name ? text_of(ctx, list, name) : hint_name(ctx, list, name);
}

static bool fail_circle(
    struct ctx *ctx, const struct dialect *dialect, const struct wishes *list, const struct wish *w)
{
    struct str names = STR(ctx), options = STR(ctx);
    const struct wish *at = w;

    do {
        str_addf(&names, "%s'%s'", names.n ? ", " : "", text_of(ctx, list, &at->to));
        str_addf(&options, " --rename %s=%s", hint_name(ctx, list, &at->from),
            hint_name_of_new(ctx, list, &at->to));
        at = wish_for(dialect, list, &at->from);
    } while (at != w);
    fail_at(ctx, STATUS_CONFIG, w->pos, "the 'renamed_from' keys of the %ss %s form a cycle", list->kind,
        str_get(&names));
    return fail_hint(ctx, "Remove them, and write the revision with%s.", str_get(&options));
}

static bool check_circles(struct ctx *ctx, const struct dialect *dialect, const struct wishes *list)
{
    vec_each(i, list)
        if (!list->v[i].hinted && !same_qname(dialect, &list->v[i].from, &list->v[i].to) &&
            is_in_circle(dialect, list, &list->v[i]))
            return fail_circle(ctx, dialect, list, &list->v[i]);
    return true;
}

/* ---- which hold ------------------------------------------------------------------------------------------- */

static bool may_hold(const struct dialect *dialect, const struct wishes *list, const struct wish *w)
{
    return w->old_exists && (!w->new_exists || wish_taking(dialect, list, &w->to));
}

static void settle(const struct dialect *dialect, struct wishes *list)
{
    for (bool again = true; again;) {
        again = false;
        vec_each(i, list) {
            struct wish *w = &list->v[i];

            if (w->holds || w->hinted || same_qname(dialect, &w->from, &w->to) || !may_hold(dialect, list, w))
                continue;
            w->holds = again = true;
        }
    }
}

static bool check_sources(struct ctx *ctx, const struct dialect *dialect, const struct wishes *list)
{
    vec_each(i, list) {
        const struct wish *w = &list->v[i], *first = wish_taking(dialect, list, &w->from);

        if (w->holds && first != w)
            return fail_at(ctx, STATUS_CONFIG, w->pos, "%s '%s' and %s '%s' are both renamed from '%s'",
                list->kind, text_of(ctx, list, &first->to), list->kind, text_of(ctx, list, &w->to),
                text_of(ctx, list, &w->from));
    }
    return true;
}

/* Both names are in the database, and the models have only the new one: one of the two objects is dropped. */
static bool check_doubtful(struct ctx *ctx, const struct dialect *dialect, const struct wishes *list)
{
    vec_each(i, list) {
        const struct wish *w = &list->v[i];

        if (w->holds || !w->old_exists || !w->new_exists || w->old_stays ||
            same_qname(dialect, &w->from, &w->to) || wish_taking(dialect, list, &w->from))
            continue;
        fail_at(ctx, STATUS_FOUND, w->pos, "%s '%s' is renamed from '%s', and the database has both",
            list->kind, text_of(ctx, list, &w->to), text_of(ctx, list, &w->from));
        return fail_hint(ctx, "Add '--rename %s=%s' to replace '%s', or remove 'renamed_from' to drop '%s'.",
            hint_name(ctx, list, &w->from), hint_name_of_new(ctx, list, &w->to), text_of(ctx, list, &w->to),
            text_of(ctx, list, &w->from));
    }
    return true;
}

bool wishes_settle(struct ctx *ctx, const struct dialect *dialect, bool no_rename, struct wishes *list)
{
    if (!list->n)
        return true;
    if (!check_circles(ctx, dialect, list))
        return false;
    vec_each(i, list)
        list->v[i].holds = list->v[i].hinted;
    settle(dialect, list);
    if (!check_sources(ctx, dialect, list) || (!no_rename && !check_doubtful(ctx, dialect, list)))
        return false;
    vec_each(i, list)
        *list->v[i].renamed_from = list->v[i].holds ? text_of(ctx, list, &list->v[i].from) : NULL;
    return true;
}

bool wishes_take(const struct dialect *dialect, const struct wishes *list, const struct qname *name)
{
    return wish_taking(dialect, list, name) != NULL;
}
