/*
 * What happens to the version rows when a database is said to stand somewhere, without anything run?
 *
 * The rows in the line of a target (above or below it, by down_revision or depends_on) are moved there: all
 * but the last are deleted, the last is updated. A target in a line that has no row gets one. Targets that
 * were rows from the start ask for no step; but rows count as one group over all targets, so that a row that
 * was named beside another target can be drawn into that one. It is said aloud when that happens.
 */
#include "walk.h"

struct stamping {
    struct ctx *ctx;
    const struct graph *g;
    struct arena scratch;
    struct revisions rows;     /* as they are now, in load order */
    struct revisions at_start; /* in the line of a target, before anything moved */
    struct revisions targets;
    struct revisions leaving; /* those of them that "base" or "label@base" is about */
    struct steps VEC_OF(struct step) steps;
};

static void stamping_finish(struct stamping *s)
{
    arena_finish(&s->scratch);
}

/* ---- what is asked for ---------------------------------------------------------------------------------- */

/* The rows in line with any of the list. */
static void add_lines(struct stamping *s, const struct revisions *list, struct revisions *ret)
{
    bool *above = marks_new(&s->scratch, s->g), *below = marks_new(&s->scratch, s->g);

    mark_descendants(&s->scratch, s->g, list, true, above);
    mark_ancestors(&s->scratch, s->g, list, true, below);
    vec_each(i, &s->rows) {
        size_t at = s->rows.v[i]->order;

        if (above[at] || below[at])
            revisions_add(s->ctx, ret, s->rows.v[i]);
    }
}

static bool add_base(struct stamping *s, const struct symbol *symbol)
{
    struct revision *anchor[1];

    if (!symbol->branch) {
        vec_each(i, &s->rows)
            revisions_add(s->ctx, &s->leaving, s->rows.v[i]);
        return true;
    }
    if (!symbol_branch(s->ctx, s->g, symbol, &anchor[0]))
        return false;
    add_lines(s, &(struct revisions){.v = anchor, .n = 1}, &s->leaving);
    return true;
}

static bool add_target(struct stamping *s, const char *word)
{
    struct revisions found;
    struct symbol symbol;

    symbol_parse(s->ctx, word, &symbol);
    if (symbol.relative) {
        fail(s->ctx, STATUS_USAGE, "cannot stamp '%s'", word);
        return fail_hint(
            s->ctx, "Name the revision where the database stands; counted steps are for moving it.");
    }
    if (str_eq(symbol.name, "base"))
        return add_base(s, &symbol);
    if (!symbol_resolve(s->ctx, s->g, &s->rows, &symbol, &found))
        return false;
    vec_each(i, &found)
        revisions_add(s->ctx, &s->targets, found.v[i]);
    add_lines(s, &found, &s->at_start);
    return true;
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

static bool in_line(struct stamping *s, struct revision *target, const struct revisions *rows)
{
    bool *line = marks_new(&s->scratch, s->g);

    mark_lineage(&s->scratch, s->g, target, true, line);
    vec_each(i, rows)
        if (line[rows->v[i]->order])
            return true;
    return false;
}

static void arrive(struct stamping *s, struct revision *target)
{
    struct revisions moved = {0};
    struct step step = {.revision = target};

    vec_each(i, &s->at_start)
        if (revisions_have(&s->rows, s->at_start.v[i]))
            vec_add(s->ctx, &moved, s->at_start.v[i]);
    if (!in_line(s, target, &moved))
        moved.n = 0;
    vec_each(i, &moved) {
        if (revisions_have(&s->targets, moved.v[i]))
            log_warn(s->ctx, "row '%s' is drawn into '%s', though it is a target itself", moved.v[i]->id,
                target->id);
        if (i + 1 < moved.n)
            vec_add(s->ctx, &step.moves, ((struct row_move){.from = moved.v[i]->id}));
        remove_row(s, moved.v[i]);
    }
    vec_add(s->ctx, &step.moves,
        ((struct row_move){.from = moved.n ? moved.v[moved.n - 1]->id : NULL, .to = target->id}));
    vec_add(s->ctx, &s->rows, target);
    add_step(s, &step);
}

static void add_steps(struct stamping *s)
{
    vec_each(i, &s->leaving)
        if (!revisions_have(&s->targets, s->leaving.v[i]))
            leave(s, s->leaving.v[i]);
    vec_each(i, &s->targets)
        if (!revisions_have(&s->at_start, s->targets.v[i]))
            arrive(s, s->targets.v[i]);
}

/* Every row goes in front of what the first step does, also one that no file explains and one that comes again. */
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

    if ((!purge && !graph_rows(ctx, g, rows, &s.rows)) || !add_targets(&s, targets))
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
