/*
 * Compares two texts by lines.
 *
 * The shortest difference by Myers' algorithm, between the lines that both begin and end with. Texts that have little in
 * common are shown as a whole instead, since that search takes the square of the differences.
 */
#include "cmig/base.h"

enum { CONTEXT = 3, MOST_STEPS = 2000 };

struct line {
    const char *s;
    size_t n; /* with its newline */
};
struct lines VEC_OF(struct line);

struct comparing {
    struct arena scratch;
    struct lines a, b;
    bool *removed, *added; /* by line of a, and of b */
};

static void split(struct arena *a, const char *text, struct lines *ret)
{
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\n");
        n += text[n] == '\n';
        vec_push(a, ret, ((struct line){text, n}));
    }
}

static bool same(const struct comparing *c, ptrdiff_t i, ptrdiff_t k)
{
    const struct line *a = &c->a.v[i], *b = &c->b.v[k];

    return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

/* The lines between `from` and the ends that differ as a whole. */
static void mark_all(struct comparing *c, ptrdiff_t from, ptrdiff_t end_a, ptrdiff_t end_b)
{
    for (ptrdiff_t i = from; i < end_a; i++)
        c->removed[i] = true;
    for (ptrdiff_t i = from; i < end_b; i++)
        c->added[i] = true;
}

/* Follows the way back through the furthest points of each number of steps. */
static void mark_way(
    struct comparing *c, ptrdiff_t from, ptrdiff_t *const *ways, ptrdiff_t steps, ptrdiff_t x, ptrdiff_t y)
{
    for (ptrdiff_t d = steps; d > 0; d--) {
        const ptrdiff_t *v = ways[d - 1] + d, k = x - y;
        const bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
        const ptrdiff_t before = down ? k + 1 : k - 1, old_x = v[before], old_y = old_x - before;

        if (down)
            c->added[from + old_y] = true;
        else
            c->removed[from + old_x] = true;
        x = old_x;
        y = old_y;
    }
}

static void find(struct comparing *c, ptrdiff_t from, ptrdiff_t end_a, ptrdiff_t end_b)
{
    const ptrdiff_t n = end_a - from, m = end_b - from;
    ptrdiff_t **ways = arena_alloc(&c->scratch, (MOST_STEPS + 1) * sizeof(*ways));
    ptrdiff_t *last = arena_alloc(&c->scratch, 3 * sizeof(*last));

    last += 1;
    for (ptrdiff_t d = 0; d <= n + m && d <= MOST_STEPS; d++) {
        ptrdiff_t *v = arena_alloc(&c->scratch, (size_t)(2 * d + 5) * sizeof(*v));

        v += d + 2;
        ways[d] = v - d - 1; /* mark_way() of the next number of steps adds one more than d */
        for (ptrdiff_t k = -d; k <= d; k += 2) {
            ptrdiff_t x = d == 0                                             ? 0
                          : k == -d || (k != d && last[k - 1] < last[k + 1]) ? last[k + 1]
                                                                             : last[k - 1] + 1;

            while (x < n && x - k < m && same(c, from + x, from + x - k))
                x++;
            v[k] = x;
            if (x >= n && x - k >= m) {
                mark_way(c, from, ways, d, n, m);
                return;
            }
        }
        last = v;
    }
    mark_all(c, from, end_a, end_b);
}

static void add_line(struct str *out, char sign, const struct line *line)
{
    str_addc(out, sign);
    str_addn(out, line->s, line->n);
    if (!line->n || line->s[line->n - 1] != '\n')
        str_add(out, "\n\\ No newline at end of file\n");
}

/* The lines from i and k on up to the end of the hunk. */
static void add_hunk(struct str *out, const struct comparing *c, size_t *i, size_t *k)
{
    const size_t first_a = *i, first_b = *k;
    size_t equal = 0, end_a = first_a, end_b = first_b;

    while (end_a < c->a.n || end_b < c->b.n) {
        const bool removed = end_a < c->a.n && c->removed[end_a], added = end_b < c->b.n && c->added[end_b];

        equal = removed || added ? 0 : equal + 1;
        if (equal > 2 * CONTEXT)
            break;
        end_a += removed || !added;
        end_b += added || !removed;
        if (removed && added)
            end_b--; /* removed lines first */
    }
    if (equal > CONTEXT) {
        const size_t more = equal > 2 * CONTEXT ? CONTEXT : equal - CONTEXT;
        end_a -= more;
        end_b -= more;
    }
    str_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", first_a + (end_a > first_a), end_a - first_a,
        first_b + (end_b > first_b), end_b - first_b);
    while (*i < end_a || *k < end_b) {
        if (*i < end_a && c->removed[*i])
            add_line(out, '-', &c->a.v[(*i)++]);
        else if (*k < end_b && c->added[*k])
            add_line(out, '+', &c->b.v[(*k)++]);
        else {
            add_line(out, ' ', &c->a.v[(*i)++]);
            ++*k;
        }
    }
}

static void add_hunks(struct str *out, const struct comparing *c)
{
    size_t i = 0, k = 0;

    for (;;) {
        size_t equal = 0;

        while (i + equal < c->a.n && k + equal < c->b.n && !c->removed[i + equal] && !c->added[k + equal])
            equal++;
        if (i + equal == c->a.n && k + equal == c->b.n)
            return;
        const size_t skipped = equal > CONTEXT ? equal - CONTEXT : 0;
        i += skipped;
        k += skipped;
        add_hunk(out, c, &i, &k);
    }
}

void str_diff(struct str *out, const char *a, const char *b)
{
    struct comparing c = {0};
    ptrdiff_t from = 0, end_a, end_b;

    split(&c.scratch, a, &c.a);
    split(&c.scratch, b, &c.b);
    c.removed = arena_alloc(&c.scratch, c.a.n + 1);
    c.added = arena_alloc(&c.scratch, c.b.n + 1);
    end_a = c.a.n;
    end_b = c.b.n;
    while (from < end_a && from < end_b && same(&c, from, from))
        from++;
    while (end_a > from && end_b > from && same(&c, end_a - 1, end_b - 1))
        end_a--, end_b--;
    find(&c, from, end_a, end_b);
    add_hunks(out, &c);
    arena_finish(&c.scratch);
}
