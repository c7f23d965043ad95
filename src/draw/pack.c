/*
 * Packs rectangles, as high as possible and then as far to the left as possible, within the width that wastes least space.
 */
#include "picture.h"

/* The lower edge of what was placed, from x to the next step. */
struct step {
    int x, y;
};
struct steps VEC_OF(struct step);

/* The width at which the picture would be 1.6 times as wide as high if nothing were lost. */
static int usual_width(const struct items *items, int gap)
{
    double area = 0;
    int width = 1;

    vec_each(i, items)
        area += (double)(items->v[i].width + gap) * (items->v[i].height + gap);
    while ((double)width * width < area * 1.6)
        width += 16;
    return width;
}

static int least_width(const struct items *items, int min_width)
{
    vec_each(i, items)
        if (items->v[i].width > min_width)
            min_width = items->v[i].width;
    return min_width;
}

/* Where the top of an item would be that begins at a step. */
static int top_at(const struct steps *steps, size_t at, int width)
{
    const int end = steps->v[at].x + width;
    int y = 0;

    for (size_t i = at; i < steps->n && steps->v[i].x < end; i++)
        y = steps->v[i].y > y ? steps->v[i].y : y;
    return y;
}

/* Raises the lower edge from a step on. */
static void cover(struct ctx *ctx, struct steps *steps, size_t at, int width, int y)
{
    const int start = steps->v[at].x, end = start + width;
    int after = steps->v[at].y;
    size_t next = at;

    while (next < steps->n && steps->v[next].x < end)
        after = steps->v[next++].y;
    const bool is_split = next == steps->n || steps->v[next].x > end;
    while (next - at > 1) {
        vec_remove(steps, at + 1);
        next--;
    }
    steps->v[at].y = y;
    if (is_split)
        vec_insert(ctx, steps, at + 1, ((struct step){end, after}));
}

static void place(struct ctx *ctx, struct steps *steps, struct item *item, int gap, int limit)
{
    size_t best = 0;
    int best_y = INT32_MAX;

    for (size_t i = 0; i < steps->n; i++) {
        const int y = top_at(steps, i, item->width + gap);

        if ((i && steps->v[i].x + item->width > limit) || y >= best_y)
            continue;
        best = i;
        best_y = y;
    }
    item->place = (struct place){steps->v[best].x, best_y};
    cover(ctx, steps, best, item->width + gap, best_y + item->height + gap);
}

static struct place pack_within(struct ctx *ctx, struct items *items, int gap, int limit)
{
    struct steps steps = {0};
    struct place size = {0};

    vec_add(ctx, &steps, ((struct step){0, 0}));
    vec_each(i, items) {
        struct item *item = &items->v[i];

        place(ctx, &steps, item, gap, limit);
        if (item->place.x + item->width > size.x)
            size.x = item->place.x + item->width;
        if (item->place.y + item->height > size.y)
            size.y = item->place.y + item->height;
    }
    return size;
}

struct place items_pack(struct ctx *ctx, struct items *items, int gap, int min_width)
{
    const int usual = usual_width(items, gap), least = least_width(items, min_width);
    double fewest = 0;
    int best = 0;

    for (int percent = 75; percent <= 135; percent += 6) {
        const int width = usual * percent / 100, limit = width > least ? width : least;
        const struct place size = pack_within(ctx, items, gap, limit);
        const double area = (double)size.x * size.y;

        if (best && area >= fewest)
            continue;
        best = limit;
        fewest = area;
    }
    return pack_within(ctx, items, gap, best);
}
