/*
 * Removes the boxes and lines that a diagram is not to show.
 */
#include "picture.h"

struct selection {
    struct picture *p;
    bool *keep; /* by box->at */
};

static bool has_filter(const struct draw_options *o)
{
    return o->around || o->only_changed || (o->tables && o->tables->n);
}

static void number_boxes(struct picture *p)
{
    vec_each(i, &p->boxes)
        p->boxes.v[i]->at = i;
}

/* ---- names ---- */

static bool matches(const struct box *box, const char *pattern)
{
    return str_glob(pattern, box->key) || str_glob(pattern, box->name.name);
}

static bool fail_unknown(struct picture *p, const char *what, const char *pattern)
{
    struct strings names = {0};
    const char *near;

    vec_each(i, &p->boxes)
        vec_add(p->ctx, &names, p->boxes.v[i]->key);
    near = str_nearest(pattern, names.v, names.n);
    fail(p->ctx, STATUS_USAGE, "no table, view or enum %s '%s'", what, pattern);
    if (near)
        return fail_hint(p->ctx, "Did you mean '%s'?", near);
    return names.n ? false : fail_hint(p->ctx, "The schema is empty.");
}

/* Every pattern must match something. */
static bool select_patterns(struct selection *s, const struct strings *patterns)
{
    vec_each(i, patterns) {
        bool is_found = false;

        vec_each(k, &s->p->boxes) {
            if (!matches(s->p->boxes.v[k], patterns->v[i]))
                continue;
            is_found = true;
            s->keep[k] = true;
        }
        if (!is_found)
            return fail_unknown(s->p, "matches", patterns->v[i]);
    }
    return true;
}

/* ---- neighbours ---- */

static struct box *find_box(const struct picture *p, const char *name)
{
    struct box *found = map_get(&p->by_name, name);

    for (size_t i = 0; !found && i < p->boxes.n; i++)
        if (p->boxes.v[i]->kind != DRAW_ENUM && str_eq_ci(p->boxes.v[i]->name.name, name))
            found = p->boxes.v[i];
    return found;
}

/* Keeps the boxes whose distance is at most `depth`; one pass over the edges for each step. */
static void spread(struct selection *s, unsigned depth)
{
    bool *next = arena_alloc(&s->p->ctx->arena, s->p->boxes.n + 1);
    bool is_changed = true;

    for (unsigned step = 0; step < depth && is_changed; step++) {
        is_changed = false;
        memcpy(next, s->keep, s->p->boxes.n);
        vec_each(i, &s->p->edges) {
            const struct edge *e = s->p->edges.v[i];

            if (!e->to || s->keep[e->from->at] == s->keep[e->to->at])
                continue;
            next[e->from->at] = next[e->to->at] = true;
            is_changed = true;
        }
        memcpy(s->keep, next, s->p->boxes.n);
    }
}

static bool select_around(struct selection *s, const char *name, unsigned depth)
{
    const struct box *box = find_box(s->p, name);

    if (!box)
        return fail_unknown(s->p, "has the name", name);
    memset(s->keep, 0, s->p->boxes.n);
    s->keep[box->at] = true;
    spread(s, depth);
    return true;
}

/* ---- changes ---- */

static void select_changed(struct selection *s, unsigned depth)
{
    vec_each(i, &s->p->boxes)
        s->keep[i] |= s->p->boxes.v[i]->sign != SIGN_NONE;
    vec_each(i, &s->p->edges)
        if (s->p->edges.v[i]->sign != SIGN_NONE)
            s->keep[s->p->edges.v[i]->from->at] = true;
    spread(s, depth);
}

/* ---- enums ---- */

static bool is_type(const char *type, const struct box *e)
{
    const char *inner = str_starts(type, "enum(") ? type + 5 : type;
    const size_t n = strlen(e->key);

    return strncmp(inner, e->key, n) == 0 && !inner[n + strspn(inner + n, ")[]")];
}

static bool is_used(const struct selection *s, const struct box *e)
{
    vec_each(i, &s->p->boxes) {
        const struct box *box = s->p->boxes.v[i];

        for (size_t k = 0; s->keep[i] && box->kind == DRAW_TABLE && k < box->lines.n; k++)
            if (is_type(box->lines.v[k].type, e))
                return true;
    }
    return false;
}

/* With tables come the enums that their columns have. */
static void select_enums(struct selection *s)
{
    vec_each(i, &s->p->boxes)
        if (s->p->boxes.v[i]->kind == DRAW_ENUM && !s->keep[i])
            s->keep[i] = is_used(s, s->p->boxes.v[i]);
}

/* ---- removing ---- */

static void remove_others(struct selection *s)
{
    struct picture *p = s->p;
    size_t kept = 0;

    vec_each(i, &p->edges) {
        struct edge *e = p->edges.v[i];

        if (!s->keep[e->from->at] || (e->kind != EDGE_KEY && (!e->to || !s->keep[e->to->at])))
            continue;
        if (e->to && !s->keep[e->to->at])
            e->to = NULL;
        p->edges.v[kept++] = e;
    }
    p->edges.n = (uint32_t)kept;
    kept = 0;
    vec_each(i, &p->boxes)
        if (s->keep[i])
            p->boxes.v[kept++] = p->boxes.v[i];
    p->boxes.n = (uint32_t)kept;
}

/* ---- columns ---- */

static bool is_shown(const struct line *line, enum draw_columns columns)
{
    switch (columns) {
    case DRAW_ALL_COLUMNS:
        return true;
    case DRAW_KEY_COLUMNS:
        return line->is_primary || line->is_foreign || line->is_unique || line->sign != SIGN_NONE;
    case DRAW_NO_COLUMNS:
        return false;
    }
    return false;
}

static void move_ends(struct picture *p, const struct box *box, const size_t *moved)
{
    vec_each(i, &p->edges) {
        struct edge *e = p->edges.v[i];

        if (e->from == box && e->from_line != (size_t)NO_LINE)
            e->from_line = moved[e->from_line];
        if (e->to == box && e->to_line != (size_t)NO_LINE)
            e->to_line = moved[e->to_line];
    }
}

static void reduce_box(struct picture *p, struct box *box, enum draw_columns columns)
{
    size_t *moved = arena_alloc(&p->ctx->arena, (box->lines.n + 1) * sizeof(*moved)), kept = 0, hidden = 0;
    struct line more = {.type = "", .is_note = true};

    vec_each(i, &box->lines) {
        const bool is_kept = is_shown(&box->lines.v[i], columns);

        moved[i] = is_kept ? kept : (size_t)NO_LINE;
        hidden += !is_kept && !box->lines.v[i].is_note;
        if (is_kept)
            box->lines.v[kept++] = box->lines.v[i];
    }
    box->lines.n = (uint32_t)kept;
    move_ends(p, box, moved);
    more.name = ctx_printf(p->ctx, "… %zu more column%s", hidden, hidden == 1 ? "" : "s");
    if (hidden && columns == DRAW_KEY_COLUMNS)
        vec_add(p->ctx, &box->lines, more);
}

static void reduce_columns(struct picture *p)
{
    vec_each(i, &p->boxes)
        if (p->boxes.v[i]->kind != DRAW_ENUM)
            reduce_box(p, p->boxes.v[i], p->options->columns);
}

bool picture_select(struct picture *p)
{
    const struct draw_options *o = p->options;
    struct selection s = {.p = p};

    number_boxes(p);
    if (has_filter(o)) {
        s.keep = arena_alloc(&p->ctx->arena, p->boxes.n + 1);
        if ((o->tables && !select_patterns(&s, o->tables)) ||
            (o->around && !select_around(&s, o->around, o->depth)))
            return false;
        if (o->only_changed)
            select_changed(&s, o->depth);
        select_enums(&s);
        remove_others(&s);
        number_boxes(p);
    }
    if (o->columns != DRAW_ALL_COLUMNS)
        reduce_columns(p);
    return true;
}
