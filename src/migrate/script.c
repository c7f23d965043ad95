/* What would a run from one revision to another send, with no database there to ask? */
#include "migrate/run.h"

/* ---- where it begins ---------------------------------------------------------------------------- */

static bool choose_dialect(struct run *r, const char *name)
{
    struct project *p = r->p;
    if (!name) {
        if (!project_url(p))
            return false;
        r->dialect = p->url.dialect;
        return true;
    }
    r->dialect = dialect_by_name(name);
    if (r->dialect)
        return true;
    struct strings known = {0};
    for (size_t i = 0; dialects[i]; i++)
        vec_add(p->ctx, &known, dialects[i]->name);
    fail(p->ctx, STATUS_USAGE, "unknown dialect '%s'", name);
    return fail_hint(p->ctx, "Known are %s.", strings_join(&p->ctx->arena, &known, ", "));
}

/* The rows that a database has which stands at `from`. */
static bool starting_rows(struct run *r, const char *from)
{
    struct ctx *ctx = r->p->ctx;
    struct revisions none = {0}, at = {0};
    if (!from || !*from)
        return true;
    r->table_exists = true;
    if (!graph_resolve(ctx, &r->p->graph, &none, from, &at))
        return false;
    vec_each(i, &at)
        vec_add(ctx, &r->rows, at.v[i]->id);
    strings_sort(&r->rows);
    return true;
}

/* The schema that the revisions below the starting rows give. */
static bool replay(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct revisions at = {0};
    struct plan plan = {0};
    r->replayed = ctx_new(ctx, struct schema);
    if (!r->rows.n)
        return true;
    if (!graph_rows(ctx, &r->p->graph, &r->rows, &at))
        return false;
    vec_each(i, &at) {
        struct strings done = plan.rows;
        if (!plan_upgrade(ctx, &r->p->graph, &done, at.v[i]->id, &plan))
            return false;
        for (size_t k = 0; k < plan.n; k++) {
            struct revision_body body;
            const struct revision *v = plan.v[k].revision;
            if (!run_body(r, v, &body))
                return false;
            if (!run_replay(r, &body.upgrade))
                return fail_in(ctx, "cannot replay revision %s", v->id);
        }
    }
    return true;
}

/* ---- skipping what is applied ------------------------------------------------------------------- */

/* The revisions whose row in the version table says that `v` is applied: itself and what stands above it. */
static const char *applied_ids(struct run *r, const struct revision *v)
{
    struct ctx *ctx = r->p->ctx;
    struct sql q = sql_begin(ctx, r->dialect);
    bool first = true;
    vec_each(i, &r->p->graph.all) {
        bool *marks;
        struct revisions one = {0};
        vec_add(ctx, &one, r->p->graph.all.v[i]);
        graph_ancestors(ctx, &r->p->graph, &one, true, &marks);
        if (!marks[v->order])
            continue;
        sql_addf(&q, first ? "%L" : ", %L", r->p->graph.all.v[i]->id);
        first = false;
    }
    return sql_end(&q);
}

static bool print_step(struct run *r, const struct work *w, bool idempotent)
{
    if (!idempotent)
        return run_print_step(r, w);
    const char *ids = applied_ids(r, w->step->revision);
    const char *open =
        r->dialect->script_skip(r->p->ctx, &r->p->version, ids, w->step->direction == DIRECTION_UP);
    r->options->print(r->options->user, open);
    if (!run_print_step(r, w))
        return false;
    r->options->print(r->options->user, r->dialect->script_skip_end);
    return true;
}

static bool check_idempotent(struct run *r, const struct script_options *o)
{
    struct ctx *ctx = r->p->ctx;
    if (!o->idempotent || (r->dialect->script_skip && o->direction != DIRECTION_STAMP))
        return true;
    fail(ctx, STATUS_USAGE, "no idempotent script can be written for %s",
        o->direction == DIRECTION_STAMP ? "stamp" : r->dialect->title);
    return fail_hint(ctx, "Run 'cmig upgrade' on the database itself, which skips what is applied.");
}

/* ---- together ----------------------------------------------------------------------------------- */

static bool script_start(struct run *r, const struct script_options *o)
{
    struct project *p = r->p;
    return project_graph(p) && choose_dialect(r, o->dialect) && check_idempotent(r, o) &&
           starting_rows(r, o->from) && replay(r) && run_plan(r) && run_prepare(r);
}

/* An idempotent script must find a version table to ask. */
static void print_version_table(struct run *r)
{
    struct statements list = {0};
    r->dialect->version_create(r->p->ctx, &r->p->version, &list);
    vec_each(i, &list)
        r->options->print(r->options->user, ctx_printf(r->p->ctx, "%s;", list.v[i]->text));
    r->options->print(r->options->user, "");
    r->table_exists = true;
}

bool migrate_script(struct project *p, const struct script_options *o)
{
    struct run_result result = {0};
    const struct run_options options = {
        .direction = o->direction,
        .target = o->target,
        .targets = o->targets,
        .dry_run = true,
        .print = o->print,
        .user = o->user,
        .tag = o->tag,
    };
    struct run r = {.p = p, .options = &options, .result = &result};
    if (!script_start(&r, o))
        return false;
    run_announce(&r);
    if (o->idempotent)
        print_version_table(&r);
    bool ok = true;
    for (size_t i = 0; ok && i < r.plan.n; i++)
        ok = print_step(&r, &r.works[i], o->idempotent);
    vcs_close(r.vcs);
    return ok;
}
