/*
 * Lays out a picture: connected boxes in layers, boxes without edges in columns, and groups in frames.
 */
#include "picture.h"

enum {
    PART_GAP = 44,    /* between connected parts of a group */
    BOX_GAP = 26,     /* between boxes without edges */
    GROUP_GAP = 28,   /* between frames */
    FRAME = 22,       /* from a frame to its contents */
    FRAME_TITLE = 48, /* the same at the top */
};

/* ---- boxes ---- */

const char *line_keys(const struct line *l)
{
    static const char *const texts[] = {"", "PK", "FK", "PK FK", "U", "PK U", "FK U", "PK FK U"};

    return texts[l->is_primary + 2 * l->is_foreign + 4 * (l->is_unique && !l->is_primary)];
}

const char *line_name(struct arena *a, const struct line *l)
{
    const char *text = l->refers ? arena_printf(a, "%s %s", l->name, l->refers) : l->name;

    return text_fit(a, text, FONT_SIZE, false, TEXT_LIMIT);
}

const char *line_type(struct arena *a, const struct line *l)
{
    return text_fit(a,
        arena_printf(a, "%s%s%s%s", l->old_type ? l->old_type : "", l->old_type ? " → " : "", l->type,
            *l->type && l->is_nullable ? " ?" : ""),
        FONT_SIZE, false, TEXT_LIMIT);
}

static void widen(int *width, int other)
{
    *width = other > *width ? other : *width;
}

struct columns_of_box box_columns(const struct picture *p, const struct box *b)
{
    struct columns_of_box c = {0};
    struct arena scratch = {0};

    vec_each(i, &b->lines) {
        const struct line *l = &b->lines.v[i];
        const int keys = text_width(line_keys(l), FONT_SIZE - 2, true);

        if (p->source->before)
            c.sign = 14;
        widen(&c.keys, keys ? keys + 8 : 0);
        if (l->is_note)
            continue;
        widen(&c.name, text_width(line_name(&scratch, l), FONT_SIZE, l->is_primary));
        widen(&c.type, text_width(line_type(&scratch, l), FONT_SIZE, false));
    }
    arena_finish(&scratch);
    return c;
}

static int notes_width(const struct picture *p, const struct box *b)
{
    int width = 0;

    vec_each(i, &b->lines)
        if (b->lines.v[i].is_note)
            widen(&width, text_width(line_name(&p->ctx->arena, &b->lines.v[i]), FONT_SIZE, false) +
                              (p->source->before ? 14 : 0));
    return width;
}

static int title_width(const struct picture *p, const struct box *b)
{
    int width = text_width(text_fit(&p->ctx->arena, b->key, TITLE_SIZE, true, TEXT_LIMIT), TITLE_SIZE, true);

    if (b->sign != SIGN_NONE)
        width += 16;
    if (b->word)
        width += text_width(b->word, FONT_SIZE - 1, false) + 14;
    if (b->note)
        width += text_width(b->note, FONT_SIZE - 1, false) + 14;
    return width;
}

void box_measure(const struct picture *p, struct box *b)
{
    const struct columns_of_box c = box_columns(p, b);
    int width = c.sign + c.keys + c.name + (c.type ? 18 + c.type : 0);

    widen(&width, title_width(p, b));
    widen(&width, notes_width(p, b));
    b->width = width + 2 * BOX_MARGIN;
    b->height = TITLE_HEIGHT + (int)b->lines.n * LINE_HEIGHT + (b->lines.n ? 4 : 0);
}

/* ---- connected parts ---- */

struct part {
    struct boxes boxes;
    struct edges edges;
    struct place size;
};
struct parts VEC_OF(struct part *);

static struct box *find_joined(struct box *b)
{
    while (b->joined != b)
        b = b->joined = b->joined->joined;
    return b;
}

static void join_edges(const struct group *g)
{
    vec_each(i, &g->boxes)
        g->boxes.v[i]->joined = g->boxes.v[i];
    vec_each(i, &g->edges) {
        struct box *a = find_joined(g->edges.v[i]->from), *b = find_joined(g->edges.v[i]->to);

        if (a->at < b->at)
            b->joined = a;
        else
            a->joined = b;
    }
}

/* Those with edges, the largest first. */
static int compare_parts(const void *a, const void *b)
{
    const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;

    if (x->size.y != y->size.y)
        return y->size.y - x->size.y;
    return x->boxes.v[0]->at < y->boxes.v[0]->at ? -1 : 1;
}

static void find_parts(struct picture *p, const struct group *g, struct parts *ret)
{
    join_edges(g);
    vec_each(i, &g->edges) {
        struct part **part = &find_joined(g->edges.v[i]->from)->part;

        if (!*part) {
            *part = ctx_new(p->ctx, struct part);
            vec_add(p->ctx, ret, *part);
        }
        vec_add(p->ctx, &(*part)->edges, g->edges.v[i]);
    }
    vec_each(i, &g->boxes) {
        struct part *part = find_joined(g->boxes.v[i])->part;

        if (part)
            vec_add(p->ctx, &part->boxes, g->boxes.v[i]);
    }
}

static void move_part(const struct part *part, int x, int y)
{
    vec_each(i, &part->boxes) {
        part->boxes.v[i]->place.x += x;
        part->boxes.v[i]->place.y += y;
    }
    vec_each(i, &part->edges) {
        struct places *path = &part->edges.v[i]->path;

        vec_each(k, path) {
            path->v[k].x += x;
            path->v[k].y += y;
        }
    }
}

static struct place lay_out_parts(struct picture *p, const struct group *g)
{
    struct parts parts = {0};
    struct items items = {0};
    struct place size;

    find_parts(p, g, &parts);
    vec_each(i, &parts)
        layers_lay_out(p, &parts.v[i]->boxes, &parts.v[i]->edges, &parts.v[i]->size);
    if (parts.n)
        qsort(parts.v, parts.n, sizeof(struct part *), compare_parts);
    vec_each(i, &parts) {
        const struct item item = {.width = parts.v[i]->size.x, .height = parts.v[i]->size.y};

        vec_add(p->ctx, &items, item);
    }
    size = items_pack(p->ctx, &items, PART_GAP, 0);
    vec_each(i, &parts)
        move_part(parts.v[i], items.v[i].place.x, items.v[i].place.y);
    return size;
}

/* ---- boxes without edges ---- */

/* Boxes of a kind, in columns of the same width, below what is placed. */
static void lay_out_alone(struct picture *p, const struct boxes *list, struct place *size)
{
    struct items items = {0};
    const int top = size->y ? size->y + PART_GAP : 0;
    struct place own;
    int width = 0;

    if (!list->n)
        return;
    vec_each(i, list)
        widen(&width, list->v[i]->width);
    vec_each(i, list) {
        const struct item item = {.width = width, .height = list->v[i]->height};

        list->v[i]->width = width;
        vec_add(p->ctx, &items, item);
    }
    own = items_pack(p->ctx, &items, BOX_GAP, size->x);
    vec_each(i, list)
        list->v[i]->place = (struct place){items.v[i].place.x, items.v[i].place.y + top};
    widen(&size->x, own.x);
    size->y = top + own.y;
}

static bool has_edges(const struct group *g, const struct box *b)
{
    if (b->joined != b)
        return true;
    vec_each(i, &g->edges)
        if (g->edges.v[i]->from == b || g->edges.v[i]->to == b)
            return true;
    return false;
}

static void lay_out_rest(struct picture *p, const struct group *g, struct place *size)
{
    for (int kind = DRAW_TABLE; kind <= DRAW_ENUM; kind++) {
        struct boxes list = {0};

        vec_each(i, &g->boxes)
            if ((int)g->boxes.v[i]->kind == kind && !has_edges(g, g->boxes.v[i]))
                vec_add(p->ctx, &list, g->boxes.v[i]);
        lay_out_alone(p, &list, size);
    }
}

/* ---- groups ---- */

static void lay_out_group(struct picture *p, struct group *g)
{
    struct place size = lay_out_parts(p, g);

    lay_out_rest(p, g, &size);
    g->width = size.x;
    g->height = size.y;
    if (!g->title)
        return;
    widen(&g->width, text_width(g->title, GROUP_TITLE_SIZE, true));
    g->width += 2 * FRAME;
    g->height += FRAME_TITLE + FRAME;
}

static void move_group(struct group *g, struct place to)
{
    const struct part all = {.boxes = g->boxes, .edges = g->edges};

    g->place = to;
    move_part(&all, to.x + (g->title ? FRAME : 0), to.y + (g->title ? FRAME_TITLE : 0));
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

    if (x->height != y->height)
        return y->height - x->height;
    return x->boxes.v[0]->at < y->boxes.v[0]->at ? -1 : 1;
}

void picture_lay_out(struct picture *p)
{
    struct items items = {0};
    struct place size;

    vec_each(i, &p->boxes)
        box_measure(p, p->boxes.v[i]);
    vec_each(i, &p->edges)
        if (!p->edges.v[i]->is_apart)
            vec_add(p->ctx, &p->groups.v[p->edges.v[i]->from->group]->edges, p->edges.v[i]);
    vec_each(i, &p->groups)
        lay_out_group(p, p->groups.v[i]);
    if (p->groups.n)
        qsort(p->groups.v, p->groups.n, sizeof(struct group *), compare_groups);
    vec_each(i, &p->groups) {
        const struct item item = {.width = p->groups.v[i]->width, .height = p->groups.v[i]->height};

        vec_add(p->ctx, &items, item);
    }
    size = items_pack(p->ctx, &items, GROUP_GAP, 0);
    vec_each(i, &p->groups)
        move_group(p->groups.v[i], items.v[i].place);
    p->width = size.x;
    p->height = size.y;
}
