/*
 * Plans the steps from the current revisions to a target, with their changes of the version rows.
 *
 * A database has a row for each applied revision from which no other applied one descends, by down_revision or by
 * depends_on. So a step's row changes follow from what is applied, and are the same on every machine:
 *
 * - Up, the rows of the revision's parents and dependencies are removed. The last of them (parents as written,
 *   then dependencies) is updated to the new id, the others are deleted before that in the order in which they
 *   are written. Without any, a row is inserted.
 * - Down, those parents and dependencies from which no other applied revision descends get a row again: the last
 *   of them by updating the revision's own row, the others are inserted before that. Without any, the row is
 *   deleted.
 */
#include "walk.h"

struct planning {
    struct ctx *ctx;
    const struct graph *g;
    struct arena scratch;
    struct revisions rows;
    bool *row;      /* has a version row now */
    bool *applied;  /* is applied now */
    uint32_t *upon; /* how many applied children it has */
    struct steps VEC_OF(struct step) steps;
};

static void planning_finish(struct planning *p)
{
    arena_finish(&p->scratch);
}

static void count(struct planning *p, const struct revisions *below, int change)
{
    vec_each(i, below)
        p->upon[below->v[i]->order] += (uint32_t)change;
}

static bool planning_init(struct planning *p, const struct strings *rows)
{
    if (!graph_rows(p->ctx, p->g, rows, &p->rows))
        return false;
    p->row = marks_new(&p->scratch, p->g);
    p->applied = marks_new(&p->scratch, p->g);
    p->upon = arena_alloc(&p->scratch, p->g->all.n * sizeof(*p->upon));
    mark_list(&p->rows, p->row);
    mark_ancestors(&p->scratch, p->g, &p->rows, true, p->applied);
    vec_each(i, &p->g->all)
        if (p->applied[i]) {
            count(p, &p->g->all.v[i]->parents, 1);
            count(p, &p->g->all.v[i]->dependencies, 1);
        }
    return true;
}

/* ---- rows ----------------------------------------------------------------------------------------------- */

static void add_move(struct planning *p, struct row_moves *moves, const char *from, const char *to)
{
    vec_add(p->ctx, moves, ((struct row_move){.from = from, .to = to}));
}

static void rows_below(struct planning *p, const struct revisions *below, struct revisions *ret)
{
    vec_each(i, below)
        if (p->row[below->v[i]->order])
            vec_push(&p->scratch, ret, below->v[i]);
}

static void move_up(struct planning *p, const struct revision *r, struct row_moves *moves)
{
    struct revisions gone = {0};

    rows_below(p, &r->parents, &gone);
    rows_below(p, &r->dependencies, &gone);
    for (size_t i = 0; i + 1 < gone.n; i++)
        add_move(p, moves, gone.v[i]->id, NULL);
    add_move(p, moves, gone.n ? gone.v[gone.n - 1]->id : NULL, r->id);
    vec_each(i, &gone)
        p->row[gone.v[i]->order] = false;
    p->row[r->order] = true;
    p->applied[r->order] = true;
    count(p, &r->parents, 1);
    count(p, &r->dependencies, 1);
}

static void bare_below(struct planning *p, const struct revisions *below, struct revisions *ret)
{
    vec_each(i, below)
        if (!p->upon[below->v[i]->order] && !p->row[below->v[i]->order])
            vec_push(&p->scratch, ret, below->v[i]);
}

static void move_down(struct planning *p, const struct revision *r, struct row_moves *moves)
{
    struct revisions back = {0};

    assert(p->row[r->order] && "a revision without applied descendants has a row");
    p->row[r->order] = false;
    p->applied[r->order] = false;
    count(p, &r->parents, -1);
    count(p, &r->dependencies, -1);
    bare_below(p, &r->parents, &back);
    bare_below(p, &r->dependencies, &back);
    for (size_t i = 0; i + 1 < back.n; i++)
        add_move(p, moves, NULL, back.v[i]->id);
    add_move(p, moves, r->id, back.n ? back.v[back.n - 1]->id : NULL);
    vec_each(i, &back)
        p->row[back.v[i]->order] = true;
}

static void add_step(struct planning *p, enum direction direction, const struct revision *r, bool extra)
{
    struct step step = {.direction = direction, .revision = r, .extra = extra};

    if (direction == DIRECTION_UP)
        move_up(p, r, &step.moves);
    else
        move_down(p, r, &step.moves);
    vec_add(p->ctx, &p->steps, step);
}

static void finish(struct planning *p, struct plan *ret)
{
    struct plan plan = {.v = p->steps.v, .n = p->steps.n};

    vec_each(i, &p->g->all)
        if (p->row[i])
            vec_add(p->ctx, &plan.rows, p->g->all.v[i]->id);
    strings_sort(&plan.rows);
    *ret = plan;
}

/* Stamping would skip the replaced revisions between the row and the baseline. */
static bool fail_replaced(struct ctx *ctx, const char *id, const struct revision *baseline)
{
    fail(ctx, STATUS_UNKNOWN_REVISION,
        "the database is at revision '%s', which the baseline '%s' replaces together with those after it", id,
        baseline->id);
    return fail_hint(ctx,
        "Upgrade it to '%s' with the files that the baseline replaces: those of an earlier commit, or those "
        "of Alembic "
        "with 'alembic upgrade heads'. Then run the command again.",
        baseline->id);
}

static bool fail_unknown(struct ctx *ctx, const struct graph *g, const char *id)
{
    const struct revision *baseline = graph_replacing(g, id);

    if (baseline)
        return fail_replaced(ctx, id, baseline);
    fail(ctx, STATUS_UNKNOWN_REVISION, "the database is at revision '%s', which has no file", id);
    fail_hint(ctx, "Restore its file, which may be in a newer version or on another branch of the project.");
    fail_hint(
        ctx, "Without the file, 'cmig downgrade REVISION' reverts it if the history table has its text.");
    return fail_hint(ctx,
        "As a last resort, 'cmig stamp --purge REVISION' replaces the version rows; what '%s' created "
        "remains.",
        id);
}

bool graph_rows(struct ctx *ctx, const struct graph *g, const struct strings *rows, struct revisions *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    bool *marks = marks_new(&scratch, g);

    vec_each(i, rows) {
        struct revision *r = map_get(&g->by_id, rows->v[i]);

        if (r && str_eq(r->id, rows->v[i])) {
            marks[r->order] = true;
            continue;
        }
        return fail_unknown(ctx, g, rows->v[i]);
    }
    *ret = revisions_marked(ctx, &g->all, marks);
    return true;
}

/* ---- up ------------------------------------------------------------------------------------------------- */

static bool check_up(struct planning *p, const char *target)
{
    struct symbol s;

    symbol_parse(p->ctx, target, &s);
    if (!s.relative || s.name || s.steps >= 0)
        return true;
    fail(p->ctx, STATUS_USAGE, "'%s' leads down, not up", target);
    return fail_hint(p->ctx, "Run 'cmig downgrade %s' to go there.", target);
}

/* One symbol may mean several that overlap ("label@heads" where one head depends on another); several symbols
 * that do are a mistake. */
static bool resolve_targets(struct planning *p, const char *target, struct revisions *ret)
{
    struct strings list;

    if (!check_up(p, target) || !graph_resolve(p->ctx, p->g, &p->rows, target, ret))
        return false;
    symbol_words(p->ctx, target, &list);
    return list.n < 2 || refuse_overlap(p->ctx, p->g, ret, "target");
}

bool plan_upgrade(
    struct ctx *ctx, const struct graph *g, const struct strings *rows, const char *target, struct plan *ret)
{
    struct planning p CLEANUP(planning_finish) = {.ctx = ctx, .g = g};
    struct revisions targets, sorted;
    bool *wanted, *named;

    if (!planning_init(&p, rows) || !resolve_targets(&p, target, &targets))
        return false;
    if (!refuse_overlap(ctx, g, &p.rows, "version row"))
        return fail_hint(ctx, "Run 'cmig stamp' with the revisions of the database to correct the rows.");
    wanted = marks_new(&p.scratch, g);
    named = marks_new(&p.scratch, g);
    mark_ancestors(&p.scratch, g, &targets, true, wanted);
    mark_ancestors(&p.scratch, g, &targets, false, named);
    vec_each(i, &g->all)
        wanted[i] = wanted[i] && !p.applied[i];
    graph_sort(ctx, g, wanted, &targets, &sorted);
    for (size_t i = sorted.n; i-- > 0;)
        add_step(&p, DIRECTION_UP, sorted.v[i], !named[sorted.v[i]->order]);
    finish(&p, ret);
    return true;
}

/* ---- down ----------------------------------------------------------------------------------------------- */

struct descent {
    struct revision *target; /* NULL: base */
    struct revision *base;   /* counted steps led to the base below this one, and not below others */
    struct revision *branch; /* what the part before @ means, or NULL */
    struct revisions roots;  /* the lowest ones that must be reverted */
};

static bool refuse_up(struct planning *p, const char *target)
{
    fail(p->ctx, STATUS_USAGE, "'%s' leads up, not down", target);
    return fail_hint(p->ctx, "Run 'cmig upgrade %s' to go there.", target);
}

static bool resolve_descent(struct planning *p, const char *target, struct descent *d)
{
    struct revisions found;
    struct symbol s;

    symbol_parse(p->ctx, target, &s);
    if (s.relative && !s.name && s.steps > 0)
        return refuse_up(p, target);
    if (!graph_resolve(p->ctx, p->g, &p->rows, target, &found))
        return false;
    if (found.n > 1) {
        fail(p->ctx, STATUS_FAILED, "a downgrade has one target, but '%s' means %u", target, found.n);
        fail_candidates(p->ctx, &found);
        return fail_hint(p->ctx, "Name one of them.");
    }
    d->target = found.n ? found.v[0] : NULL;
    if (s.relative && !symbol_resolve(p->ctx, p->g, &p->rows, &s, &found, &d->base))
        return false;
    return !s.branch || symbol_branch(p->ctx, p->g, &s, &d->branch);
}

/* Revisions of the branch that have applied descendants outside of it, by down_revision. */
static bool *trunk_marks(struct planning *p, const bool *lineage)
{
    bool *trunk = marks_new(&p->scratch, p->g);
    struct revisions others = {0};

    vec_each(i, &p->g->all)
        if (p->applied[i] && !lineage[i])
            vec_push(&p->scratch, &others, p->g->all.v[i]);
    mark_ancestors(&p->scratch, p->g, &others, false, trunk);
    return trunk;
}

static bool refuse_trunk(
    struct planning *p, const char *target, const struct revision *root, const bool *lineage)
{
    struct revisions others = {0};

    vec_each(i, &p->rows)
        if (!lineage[p->rows.v[i]->order])
            vec_push(&p->scratch, &others, p->rows.v[i]);
    fail(p->ctx, STATUS_FAILED, "'%s' does not select a single branch: others descend from '%s', too", target,
        root->id);
    fail_candidates(p->ctx, &others);
    return fail_hint(p->ctx,
        "Use '%.*s@base' to revert the branch to its start; a target without a branch reverts everything "
        "above it.",
        (int)strcspn(target, "@"), target);
}

/* A branch selects one of several lines above the target, which is reverted alone: its base is where it leaves
 * the trunk, as long as another line from there is applied. */
static bool narrow_roots(struct planning *p, const char *target, struct descent *d)
{
    bool *lineage = marks_new(&p->scratch, p->g), *below = marks_new(&p->scratch, p->g), *trunk;
    struct revision *one[] = {d->branch};

    mark_lineage(&p->scratch, p->g, d->branch, false, lineage);
    trunk = trunk_marks(p, lineage);
    if (!d->target && !d->base) {
        vec_each(i, &p->g->all)
            lineage[i] = lineage[i] && !trunk[i];
        d->roots = revisions_marked(p->ctx, &p->g->all, lineage);
        return true;
    }
    mark_ancestors(&p->scratch, p->g, &(struct revisions){.v = one, .n = 1}, false, below);
    if (d->roots.n > 1)
        d->roots = revisions_marked(p->ctx, &d->roots, below);
    vec_each(i, &d->roots)
        if (trunk[d->roots.v[i]->order])
            return refuse_trunk(p, target, d->roots.v[i], lineage);
    return d->roots.n || !d->target->children.n ||
           fail(p->ctx, STATUS_FAILED, "'%s' does not say which branch to revert: '%s' is not above it",
               target, d->branch->id);
}

static bool find_roots(struct planning *p, const char *target, struct descent *d)
{
    if (d->target)
        d->roots = d->target->children;
    else if (d->base)
        vec_add(p->ctx, &d->roots, d->base);
    else
        graph_bases(p->ctx, p->g, &d->roots);
    return !d->branch || narrow_roots(p, target, d);
}

static bool refuse_descent(struct planning *p, const struct descent *d)
{
    if (p->applied[d->target->order])
        return fail(
            p->ctx, STATUS_FAILED, "cannot downgrade to '%s': nothing above it is applied", d->target->id);
    fail(p->ctx, STATUS_FAILED, "cannot downgrade to '%s': it is not below an applied revision",
        d->target->id);
    if (!p->rows.n)
        return fail_hint(p->ctx, "No revision is applied.");
    fail_candidates(p->ctx, &p->rows);
    return fail_hint(p->ctx, "Run 'cmig upgrade %s' to go up to it.", d->target->id);
}

static bool take_down(struct planning *p, const struct descent *d)
{
    bool *doomed = marks_new(&p->scratch, p->g), *named = marks_new(&p->scratch, p->g);
    bool *lineage = marks_new(&p->scratch, p->g);
    struct revisions sorted;
    size_t n = 0;

    mark_descendants(&p->scratch, p->g, &d->roots, true, doomed);
    mark_descendants(&p->scratch, p->g, &d->roots, false, named);
    if (d->branch)
        mark_lineage(&p->scratch, p->g, d->branch, false, lineage);
    vec_each(i, &p->g->all) {
        doomed[i] = doomed[i] && p->applied[i];
        named[i] = named[i] && (!d->branch || lineage[i]);
        n += doomed[i];
    }
    if (!n && d->target && !p->row[d->target->order])
        return refuse_descent(p, d);
    graph_sort(p->ctx, p->g, doomed, &p->rows, &sorted);
    vec_each(i, &sorted)
        add_step(p, DIRECTION_DOWN, sorted.v[i], !named[sorted.v[i]->order]);
    return true;
}

bool plan_downgrade(
    struct ctx *ctx, const struct graph *g, const struct strings *rows, const char *target, struct plan *ret)
{
    struct planning p CLEANUP(planning_finish) = {.ctx = ctx, .g = g};
    struct descent d = {0};

    if (!planning_init(&p, rows) || !resolve_descent(&p, target, &d) || !find_roots(&p, target, &d) ||
        !take_down(&p, &d))
        return false;
    finish(&p, ret);
    return true;
}

/* ---- one ------------------------------------------------------------------------------------------------ */

static bool all_applied(const struct planning *p, const struct revisions *list)
{
    vec_each(i, list)
        if (!p->applied[list->v[i]->order])
            return false;
    return true;
}

bool plan_one(struct ctx *ctx, const struct graph *g, const struct strings *rows, const struct revision *r,
    enum direction direction, struct plan *ret)
{
    struct planning p CLEANUP(planning_finish) = {.ctx = ctx, .g = g};

    if (!planning_init(&p, rows))
        return false;
    if (direction == DIRECTION_DOWN
            ? !p.row[r->order] || p.upon[r->order]
            : p.applied[r->order] || !all_applied(&p, &r->parents) || !all_applied(&p, &r->dependencies))
        return fail(ctx, STATUS_FAILED, "revision %s cannot be %s alone", r->id,
            direction == DIRECTION_DOWN ? "reverted" : "applied");
    add_step(&p, direction, r, false);
    finish(&p, ret);
    return true;
}
