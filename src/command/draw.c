/*
 * Draws a history with lines of text.
 *
 * Newest first, as git does it: each branch is a lane, which holds the revision that it waits for. A revision
 * is drawn in the leftmost lane that waits for it, once the others were led there; then its first parent takes
 * the lane, and a line leads from it to the lane of each further parent and dependency. Every line between two
 * lanes has a row of its own, so that what crosses is never taken for what joins.
 */
#include "command.h"

/* The pieces of a picture. Two characters wide are a lane and the gap to the next one. */
struct pen {
    const char *applied, *pending; /* a revision */
    const char *lane, *dependency; /* from a child down to a parent; to what it depends on */
    const char *from_right,
        *from_left;                   /* where a line leaves a lane, or joins one, by its other end's side */
    const char *across[2], *crossing; /* along it, to a parent and to a dependency, and through a lane */
    const char *up_end, *down_end;    /* the far end: of a lane that ended, of one that begins */
};

static const struct pen drawn = {"●", "○", "│", "┆", "├", "┤", {"─", "╌"}, "┼", "╯", "╮"};

struct lane {
    const struct revision *waits; /* NULL: free */
    bool dependency;
};
struct lanes VEC_OF(struct lane);

struct drawing {
    struct call *c;
    const struct listing *listing;
    const bool *listed;    /* by revision->order */
    const struct pen *pen; /* NULL: in ASCII */
    bool verbose;
    struct lanes lanes;
    size_t ended; /* the lane that ended with the last row, or SIZE_MAX */
};

/* ---- rows ---- */

/* Lanes that are next to each other have different colours. */
static void add_piece(const struct drawing *d, struct str *row, const char *piece, size_t lane)
{
    static const char *const colors[] = {
        "\033[31m", "\033[32m", "\033[34m", "\033[35m", "\033[36m", "\033[33m"};

    if (d->c->color && *piece != ' ')
        str_addf(row, "%s%s\033[0m", colors[lane % COUNT_OF(colors)], piece);
    else
        str_add(row, piece);
}

static void trim(struct str *row)
{
    while (row->n && row->s[row->n - 1] == ' ')
        row->s[--row->n] = '\0';
}

static void print_row(struct drawing *d, struct str *row)
{
    trim(row);
    print_line(d->c, "%s", d->verbose ? str_get(row) : cut_to_terminal(d->c, str_get(row)));
}

static const char *lane_text(const struct drawing *d, const struct lane *lane)
{
    if (!lane->waits)
        return " ";
    if (d->pen)
        return lane->dependency ? d->pen->dependency : d->pen->lane;
    return lane->dependency ? ":" : "|";
}

/* The lanes as they go on; with `what` in one of them. */
static struct str lanes_row(const struct drawing *d, size_t at, const char *what)
{
    struct str row = STR(d->c->ctx);

    for (size_t i = 0; i < d->lanes.n || (what && i <= at); i++) {
        static const struct lane free_lane = {0};

        add_piece(
            d, &row, what && i == at ? what : lane_text(d, i < d->lanes.n ? &d->lanes.v[i] : &free_lane), i);
        str_addc(&row, ' ');
    }
    return row;
}

/* A line between two lanes; `opens`: the farther one begins with it, else it ends, or continues if `joins`. */
struct stroke {
    size_t from, to; /* the revision's lane, and the other one */
    bool opens, joins, dependency;
};

/* In ASCII it is drawn in the gaps: "|/", "|\", and from afar "|_|/", "|-|-\". */
static struct str ascii_stroke(const struct drawing *d, const struct stroke *s)
{
    size_t left = s->from < s->to ? s->from : s->to, right = s->from < s->to ? s->to : s->from;
    bool down = s->from < s->to && (s->opens || s->joins);
    struct str row = STR(d->c->ctx);

    for (size_t i = 0; i < d->lanes.n; i++) {
        bool own = i == s->to && !s->joins; /* it begins or ends here, so the row is empty */

        add_piece(d, &row, own && i > left ? " " : lane_text(d, &d->lanes.v[i]), i);
        if (i < left || i >= right)
            str_addc(&row, ' ');
        else if (i + 1 == right)
            add_piece(d, &row, down ? "\\" : "/", s->to);
        else
            add_piece(d, &row, s->dependency ? "." : down ? "-" : "_", s->to);
    }
    return row;
}

static const char *stroke_piece(const struct drawing *d, const struct stroke *s, size_t i)
{
    size_t left = s->from < s->to ? s->from : s->to, right = s->from < s->to ? s->to : s->from;

    if (i < left || i > right)
        return lane_text(d, &d->lanes.v[i]);
    if (i == s->to && !s->joins && i == right)
        return s->opens ? d->pen->down_end : d->pen->up_end;
    if (i == s->to && !s->joins)
        return s->opens ? "╭" : "╰";
    if (i == left)
        return d->pen->from_right;
    if (i == right)
        return d->pen->from_left;
    return d->lanes.v[i].waits ? d->pen->crossing : d->pen->across[s->dependency];
}

static struct str pen_stroke(const struct drawing *d, const struct stroke *s)
{
    size_t left = s->from < s->to ? s->from : s->to, right = s->from < s->to ? s->to : s->from;
    struct str row = STR(d->c->ctx);

    for (size_t i = 0; i < d->lanes.n; i++) {
        /* what crosses or leaves a lane has its colour, and the line that of the lane to which it leads */
        const bool is_line = i > left && i < right && !d->lanes.v[i].waits;

        add_piece(d, &row, stroke_piece(d, s, i), is_line ? s->to : i);
        add_piece(d, &row, i >= left && i < right ? d->pen->across[s->dependency] : " ", s->to);
    }
    return row;
}

static void draw_stroke(struct drawing *d, const struct stroke *s)
{
    struct str row = d->pen ? pen_stroke(d, s) : ascii_stroke(d, s);

    print_row(d, &row);
}

/* ---- lanes ---- */

static size_t find_lane(const struct drawing *d, const struct revision *r)
{
    size_t i = 0;

    while (i < d->lanes.n && d->lanes.v[i].waits != r)
        i++;
    return i;
}

static void free_lane(struct drawing *d, size_t at)
{
    d->lanes.v[at] = (struct lane){0};
    while (d->lanes.n && !d->lanes.v[d->lanes.n - 1].waits)
        d->lanes.n--;
}

/* The first free lane after `after`, or a new one. */
static size_t take_lane(struct drawing *d, size_t after, const struct revision *r, bool dependency)
{
    struct lane lane = {.waits = r, .dependency = dependency};
    size_t i = after;

    while (i < d->lanes.n && d->lanes.v[i].waits)
        i++;
    if (i == d->lanes.n)
        vec_add(d->c->ctx, &d->lanes, lane);
    d->lanes.v[i] = lane;
    return i;
}

/* Other lanes that wait for the same one end in its lane; a line to a parent is stronger than to a dependency. */
static void join_lanes(struct drawing *d, size_t at)
{
    const struct revision *r = d->lanes.v[at].waits;

    for (size_t i = d->lanes.n; i-- > at + 1;) {
        struct stroke s = {.from = at, .to = i};

        if (d->lanes.v[i].waits != r)
            continue;
        s.dependency = d->lanes.v[i].dependency;
        d->lanes.v[at].dependency = d->lanes.v[at].dependency && s.dependency;
        draw_stroke(d, &s);
        free_lane(d, i);
    }
}

/* Leads a line from the lane of a revision that was just drawn to one that waits for `r`. */
static void lead_to(struct drawing *d, size_t from, const struct revision *r, bool dependency)
{
    struct stroke s = {.from = from, .dependency = dependency};

    if (!d->listed[r->order])
        return;
    s.to = find_lane(d, r);
    s.joins = s.to < d->lanes.n;
    if (s.to == from)
        return;
    if (s.joins)
        d->lanes.v[s.to].dependency = d->lanes.v[s.to].dependency && dependency;
    else {
        s.to = take_lane(d, from + 1, r, dependency);
        s.opens = true;
    }
    draw_stroke(d, &s);
}

/* ---- revisions ---- */

static const char *symbol_of(const struct drawing *d, const struct revision *r)
{
    bool pending = d->listing->applied && !d->listing->applied[r->order];

    if (d->pen)
        return pending ? d->pen->pending : d->pen->applied;
    return pending ? "o" : "*";
}

/* The lane in which a revision's first line continues: that of its first parent that is drawn. */
static const struct revision *first_listed(
    const struct drawing *d, const struct revision *r, bool *ret_dependency)
{
    *ret_dependency = false;
    vec_each(i, &r->parents)
        if (d->listed[r->parents.v[i]->order])
            return r->parents.v[i];
    *ret_dependency = true;
    vec_each(i, &r->dependencies)
        if (d->listed[r->dependencies.v[i]->order])
            return r->dependencies.v[i];
    return NULL;
}

/* The text next to a revision; its further lines are next to the lanes as they continue. */
static void print_texts(struct drawing *d, struct str *first, const char *text)
{
    struct str row = *first;

    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        str_addn(&row, text, (size_t)(end - text));
        print_row(d, &row);
        row = lanes_row(d, 0, NULL);
    }
}

static void draw_revision(struct drawing *d, const struct revision *r)
{
    size_t at = find_lane(d, r), last = d->ended;
    bool dependency, is_tip = at == d->lanes.n;
    const struct revision *next;
    struct str row;

    d->ended = SIZE_MAX;
    if (is_tip) {
        at = take_lane(d, 0, r, false);
        /* Directly below a revision without a parent it would look like its parent. */
        if (at == last) {
            d->lanes.v[at].waits = NULL;
            row = lanes_row(d, 0, NULL);
            print_row(d, &row);
            d->lanes.v[at].waits = r;
        }
    } else {
        join_lanes(d, at);
    }
    row = lanes_row(d, at, symbol_of(d, r));
    next = first_listed(d, r, &dependency);
    d->lanes.v[at] = (struct lane){.waits = next, .dependency = dependency};
    print_texts(d, &row,
        d->verbose ? ctx_printf(d->c->ctx, "%s\n", revision_block_text(d->c, d->listing, r))
                   : revision_line_text(d->c, d->listing, r));
    if (!next) {
        d->ended = at;
        free_lane(d, at);
        return;
    }
    vec_each(i, &r->parents)
        if (r->parents.v[i] != next)
            lead_to(d, at, r->parents.v[i], false);
    vec_each(i, &r->dependencies)
        if (r->dependencies.v[i] != next)
            lead_to(d, at, r->dependencies.v[i], true);
}

void draw_history(struct call *c, const struct listing *l, const struct revisions *list, bool verbose)
{
    bool *listed = arena_alloc(&c->ctx->arena, l->graph->all.n * sizeof(*listed) + 1);
    struct drawing d = {
        .c = c,
        .listing = l,
        .listed = listed,
        .pen = charset_is_utf8() ? &drawn : NULL,
        .verbose = verbose,
        .ended = SIZE_MAX,
    };

    vec_each(i, list)
        listed[list->v[i]->order] = true;
    vec_each(i, list)
        draw_revision(&d, list->v[i]);
}
