/*
 * Plans the changes of the version rows for a stamp.
 *
 * The rows of ancestors and descendants of a target, by down_revision or depends_on, are moved there: all but the
 * last are deleted, and the last is updated. If there is no such row, the target gets one. A row that is itself a
 * target always stays.
 */
#include "walk.h"

struct stamping {
    struct ctx *ctx;
    const struct graph *g;
    struct arena scratch;
    struct revisions rows;           /* as they are now, in load order */
    const struct revisions *current; /* the same, for symbols; NULL: they are not read */
    struct revisions targets;
    struct revisions leaving; /* rows that "base", "label@base" or a downward step to base affects */
    struct steps VEC_OF(struct step) steps;
};

static void stamping_finish(struct stamping *s)
{
    arena_finish(&s->scratch);
}

/* ---- what is asked for ---------------------------------------------------------------------------------- */

/* The rows in line with it. */
static struct revisions rows_in_line(struct stamping *s, struct revision *r)
{
    bool *line = marks_new(&s->scratch, s->g);

    mark_lineage(&s->scratch, s->g, r, true, line);
    return revisions_marked(s->ctx, &s->rows, line);
}

/* `base`: the revision below which steps led; NULL: the whole branch or, without a branch, everything. */
static bool add_base(struct stamping *s, const struct symbol *symbol, struct revision *base)
{
    struct revisions leaving;

    if (!base && symbol->branch && !symbol_branch(s->ctx, s->g, symbol, &base))
        return false;
    leaving = base ? rows_in_line(s, base) : s->rows;
    vec_each(i, &leaving)
        revisions_add(s->ctx, &s->leaving, leaving.v[i]);
    return true;
}

/* In a project without revisions every symbol except "base" would resolve to nothing, and look like success. */
static bool check_any(struct stamping *s, const struct symbol *symbol)
{
    if (s->g->all.n || str_eq(symbol->name, "base"))
        return true;
    fail(s->ctx, STATUS_FAILED, "cannot stamp '%s': there are no revisions yet", symbol->text);
    return fail_hint(s->ctx,
        "For a database that already has its tables, run 'cmig revision --baseline' to write the first.");
}

static bool add_target(struct stamping *s, const char *word)
{
    struct revision *base;
    struct revisions found;
    struct symbol symbol;

    symbol_parse(s->ctx, word, &symbol);
    if (!check_any(s, &symbol) || !symbol_resolve(s->ctx, s->g, s->current, &symbol, &found, &base))
        return false;
    vec_each(i, &found)
        revisions_add(s->ctx, &s->targets, found.v[i]);
    return found.n || add_base(s, &symbol, base);
}

static bool add_targets(struct stamping *s, const struct strings *targets)
{
    struct strings words;

    vec_each(i, targets) {
        symbol_words(s->ctx, targets->v[i], &words);
        if (!words.n)
            return fail(s->ctx, STATUS_USAGE, "'%s' names no revision", targets->v[i]);
        vec_each(k, &words)
            if (!add_target(s, words.v[k]))
                return false;
    }
    return s->targets.n < 2 || refuse_overlap(s->ctx, s->g, &s->targets, "target");
}

/* ---- steps ---------------------------------------------------------------------------------------------- */

static void remove_row(struct stamping *s, const struct revision *r)
{
    vec_each(i, &s->rows)
        if (s->rows.v[i] == r) {
            vec_remove(&s->rows, i);
            return;
        }
}

static void add_step(struct stamping *s, struct step *step)
{
    step->direction = DIRECTION_STAMP;
    vec_add(s->ctx, &s->steps, *step);
}

static void leave(struct stamping *s, struct revision *row)
{
    struct step step = {0};

    vec_add(s->ctx, &step.moves, ((struct row_move){.from = row->id}));
    remove_row(s, row);
    add_step(s, &step);
}

static void arrive(struct stamping *s, struct revision *target)
{
    struct revisions line = rows_in_line(s, target), moved = {0};
    struct step step = {.revision = target};
    bool stays = revisions_have(&s->rows, target);

    vec_each(i, &line)
        if (!revisions_have(&s->targets, line.v[i]))
            vec_add(s->ctx, &moved, line.v[i]);
    if (stays && !moved.n)
        return;
    vec_each(i, &moved)
        if (stays || i + 1 < moved.n)
            vec_add(s->ctx, &step.moves, ((struct row_move){.from = moved.v[i]->id}));
    if (!stays)
        vec_add(s->ctx, &step.moves,
            ((struct row_move){.from = moved.n ? moved.v[moved.n - 1]->id : NULL, .to = target->id}));
    vec_each(i, &moved)
        remove_row(s, moved.v[i]);
    revisions_add(s->ctx, &s->rows, target);
    add_step(s, &step);
}

static void add_steps(struct stamping *s)
{
    vec_each(i, &s->leaving)
        if (!revisions_have(&s->targets, s->leaving.v[i]))
            leave(s, s->leaving.v[i]);
    vec_each(i, &s->targets)
        arrive(s, s->targets.v[i]);
}

/* All rows are deleted before the first step, also those of unknown revisions and those that are inserted
 * again. */
static void purge_rows(struct stamping *s, const struct strings *rows)
{
    struct row_moves moves = {0};
    struct step step = {0};

    if (!rows->n)
        return;
    if (!s->steps.n)
        add_step(s, &step);
    vec_each(i, rows)
        vec_add(s->ctx, &moves, ((struct row_move){.from = rows->v[i]}));
    vec_each(i, &s->steps.v[0].moves)
        vec_add(s->ctx, &moves, s->steps.v[0].moves.v[i]);
    s->steps.v[0].moves = moves;
}

bool plan_stamp(struct ctx *ctx, const struct graph *g, const struct strings *rows,
    const struct strings *targets, bool purge, struct plan *ret)
{
    struct stamping s CLEANUP(stamping_finish) = {.ctx = ctx, .g = g};
    struct plan plan = {0};

    if (!purge && !graph_rows(ctx, g, rows, &s.rows))
        return false;
    s.current = purge ? NULL : &s.rows;
    if (!add_targets(&s, targets))
        return false;
    add_steps(&s);
    if (purge)
        purge_rows(&s, rows);
    plan.v = s.steps.v;
    plan.n = s.steps.n;
    vec_each(i, &s.rows)
        vec_add(ctx, &plan.rows, s.rows.v[i]->id);
    strings_sort(&plan.rows);
    *ret = plan;
    return true;
}
