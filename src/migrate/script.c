/* Prints the statements of a run from one revision to another, without a database. */
#include "migrate/hooks.h"
#include "migrate/sql_models.h"

/* ---- where it begins ---------------------------------------------------------------------------- */

static bool choose_dialect(struct run *r, const char *name)
{
    struct project *p = r->p;
    if (!name && !project_url(p))
        return false;
    r->dialect = p->url.dialect;
    if (name && !dialect_find(p->ctx, name, &r->dialect))
        return false;
    if (!r->dialect->shell->head) {
        fail(p->ctx, STATUS_USAGE, "cmig does not write scripts for %s yet",
            dialect_title(p->ctx, r->dialect));
        return fail_hint(p->ctx, "Run the command without --sql, or with --dry-run to see the statements.");
    }
    project_locate(p, r->dialect);
    return true;
}

/* The version rows of a database that is at `from`; without any it may lack the version table. */
static bool starting_rows(struct run *r, const char *from)
{
    struct ctx *ctx = r->p->ctx;
    struct revisions none = {0}, at = {0};
    if (!from || !*from)
        return true;
    if (!graph_resolve(ctx, &r->p->graph, &none, from, &at))
        return false;
    vec_each(i, &at)
        vec_add(ctx, &r->rows, at.v[i]->id);
    strings_sort(&r->rows);
    r->table_exists = r->rows.n > 0;
    return true;
}

/* The objects that replace the database. */
static bool open_stand_in(struct run *r)
{
    const struct url nowhere = {.rest = "", .dialect = r->dialect};
    const struct open_options options = {.stand_in = true};
    r->offline = true;
    if (r->dialect->has.embedded)
        return r->dialect->open(r->p->ctx, &nowhere, &options, &r->p->conn);
    r->replayed = ctx_new(r->p->ctx, struct schema);
    return true;
}

static bool replay_plan(struct run *r, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct work w = {.step = &plan->v[i]};
        if (!run_body(r, w.step->revision, &w.body))
            return false;
        if (!run_replay(r, &w))
            return fail_in(r->p->ctx, "cannot replay revision %s", w.step->revision->id);
    }
    return true;
}

bool run_replay_rows(struct run *r)
{
    struct revisions at = {0};
    struct plan plan = {0};
    if (!graph_rows(r->p->ctx, &r->p->graph, &r->rows, &at))
        return false;
    vec_each(i, &at) {
        struct strings done = plan.rows;
        if (!plan_upgrade(r->p->ctx, &r->p->graph, &done, at.v[i]->id, &plan) || !replay_plan(r, &plan))
            return false;
    }
    return true;
}

/* ---- skipping applied revisions ----------------------------------------------------------------- */

static void add_revision(struct ctx *ctx, struct revisions *list, bool *marks, const struct revisions *more)
{
    vec_each(i, more) {
        if (!marks[more->v[i]->order])
            vec_add(ctx, list, more->v[i]);
        marks[more->v[i]->order] = true;
    }
}

/* By revisions' order. */
static bool *marks_copy(struct run *r)
{
    size_t size = (r->p->graph.all.n + 1) * sizeof(bool);
    bool *marks = arena_alloc(&r->p->ctx->arena, size);
    if (r->printed)
        memcpy(marks, r->printed, size);
    return marks;
}

void run_applied_by(struct run *r, const struct revision *v, struct strings *ret)
{
    struct ctx *ctx = r->p->ctx;
    bool *marks = marks_copy(r);
    struct revisions found = {0};
    vec_add(ctx, &found, r->p->graph.all.v[v->order]);
    for (size_t i = 0; i < found.n; i++) {
        vec_add(ctx, ret, found.v[i]->id);
        add_revision(ctx, &found, marks, &found.v[i]->children);
        add_revision(ctx, &found, marks, &found.v[i]->dependents);
    }
}

void run_note_printed(struct run *r, const struct revision *v)
{
    if (!r->printed)
        r->printed = marks_copy(r);
    r->printed[v->order] = true;
}

/* A parent that an earlier step of the script has applied, and on which no other revision is based; or NULL. */
static const struct revision *lone_parent(const struct run *r, const struct revision *v)
{
    for (size_t i = 0; r->printed && i < v->parents.n; i++) {
        const struct revision *below = v->parents.v[i];
        if (r->printed[below->order] && below->children.n + below->dependents.n == 1)
            return below;
    }
    return NULL;
}

/*
 * A revision is applied when it or one above it has a row. All of those are named only where they must be, since a
 * script would grow with the square of the history: after the step of its parent, a revision is not applied exactly
 * when the parent has a row, and those that earlier steps have reverted have none.
 */
const char *run_step_condition(struct run *r, const struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    bool is_down = w->step->direction == DIRECTION_DOWN;
    const struct revision *v = r->p->graph.all.v[w->step->revision->order];
    const struct revision *below = is_down ? NULL : lone_parent(r, v);
    struct strings ids = {0};
    if (below)
        vec_add(ctx, &ids, below->id);
    else
        run_applied_by(r, v, &ids);
    return version_has(ctx, r->dialect, &r->p->version, &ids, is_down || below);
}

/* Of a script that is not idempotent: what each step replaces is there, and what it applies is not. */
void run_add_checks(struct run *r, const struct work *w, struct statements *list)
{
    struct ctx *ctx = r->p->ctx;
    const struct step *step = w->step;
    const char *id = step->revision ? step->revision->id : NULL;
    for (size_t i = 0; i < step->moves.n; i++) {
        struct strings from = {0};
        if (!step->moves.v[i].from)
            continue;
        vec_add(ctx, &from, step->moves.v[i].from);
        version_check(ctx, r->dialect, version_has(ctx, r->dialect, &r->p->version, &from, true),
            ctx_printf(ctx, "revision %s is not applied, or others descend from it", from.v[0]), list);
    }
    if (step->direction != DIRECTION_UP || !id)
        return;
    version_check(ctx, r->dialect, run_step_condition(r, w),
        ctx_printf(ctx, "revision %s is already applied", id), list);
    run_note_printed(r, step->revision);
}

/* ---- together ----------------------------------------------------------------------------------- */

static bool script_start(struct run *r, const struct script_options *o)
{
    struct project *p = r->p;
    return project_graph(p) && choose_dialect(r, o->dialect) && starting_rows(r, o->from) &&
           open_stand_in(r) && run_replay_rows(r) && run_plan(r) && run_prepare(r);
}

static void print_lines(struct run *r, const char *lines)
{
    if (lines)
        run_print(r, lines);
}

/* A script for a database at an unknown revision needs a version table, or works without its rows. */
static bool print_tables(struct run *r, const struct script_options *o)
{
    struct statements list = {0};
    r->dialect->version_create(r->p->ctx, &r->p->version, &list);
    if (r->plan.n && r->dialect->has.commits_ddl)
        progress_create(r->p->ctx, r->dialect, &r->p->version, &list);
    if (o->purge)
        version_remove(r->p->ctx, r->dialect, &r->p->version, NULL, &list);
    r->table_exists = true;
    if (!run_print_statements(r, &list, false))
        return false;
    if (!o->purge || !r->plan.n) {
        run_print_commit(r);
        run_print(r, "");
    }
    return true;
}

static bool print_steps(struct run *r, const struct script_options *o)
{
    run_announce(r);
    bool first = o->idempotent || o->purge || r->dialect->has.commits_ddl;
    if (first && !print_tables(r, o))
        return false;
    if (r->plan.n && !hooks_print(r, NULL, HOOK_BEFORE_RUN))
        return false;
    for (size_t i = 0; i < r->plan.n; i++)
        if (!run_print_step(r, &r->works[i], i + 1 == r->plan.n))
            return false;
    return !r->plan.n || hooks_print(r, NULL, HOOK_AFTER_RUN);
}

static bool print_script(struct run *r, const struct script_options *o,
    bool (*print)(struct run *r, const struct script_options *o))
{
    const struct shell *shell = r->dialect->shell;
    struct script_manner manner = {
        .version = &r->p->version,
        .lock_timeout_ms = r->p->config.lock_timeout_ms,
        .table_timeout_ms = r->p->config.table_timeout_ms,
        .idempotent = o->idempotent,
    };
    for (size_t i = 0; i < r->plan.n; i++)
        manner.has_user_sql |= run_has_user_sql(&r->works[i]) || hooks_have_sql(r);
    print_lines(r, shell->head(r->p->ctx, &manner));
    if (!print(r, o))
        return false;
    print_lines(r, shell->tail ? shell->tail(r->p->ctx, &manner) : NULL);
    return true;
}

static struct run_options run_options_of(const struct script_options *o)
{
    return (struct run_options){
        .direction = o->direction,
        .target = o->target,
        .phase = o->phase,
        .targets = o->targets,
        .purge = o->purge,
        .dry_run = true,
        .print = o->print,
        .user = o->user,
        .tag = o->tag,
    };
}

/* A range in the wrong direction is an error; an empty one is not. */
static bool end_idle(struct run *r, const struct script_options *o)
{
    struct ctx *ctx = r->p->ctx;
    struct revisions at, targets = {0};
    if (!graph_rows(ctx, &r->p->graph, &r->rows, &at))
        return false;
    if (o->direction == DIRECTION_UP && !graph_resolve(ctx, &r->p->graph, &at, o->target, &targets))
        return false;
    vec_each(i, &targets) {
        const struct revision *v = targets.v[i];
        if (strings_have(&r->rows, v->id))
            continue;
        fail(ctx, STATUS_USAGE, "'%s' is not above '%s': it is already applied there", v->id, o->from);
        return fail_hint(ctx, "Run 'cmig downgrade --sql %s:%s' to go back.", o->from, o->target);
    }
    log_info(ctx, "%s", run_idle_note(r));
    return true;
}

bool migrate_script(struct project *p, const struct script_options *o)
{
    struct run_result result = {0};
    const struct run_options options = run_options_of(o);
    struct run r = {
        .p = p, .options = &options, .result = &result, .idempotent = o->idempotent, .ends_progress = true};
    bool ok = script_start(&r, o);
    if (ok && !r.plan.n && !o->purge)
        ok = end_idle(&r, o);
    else if (ok)
        ok = print_script(&r, o, print_steps);
    vcs_close(r.vcs);
    return ok;
}

/* ---- checking without a database ---------------------------------------------------------------- */

static void discard(void *user, const char *sql)
{
    (void)user, (void)sql;
}

/* Models in SQL must be loaded into a scratch database: only an embedded one is at hand. NULL: all can be read. */
static const char *unreadable_models(const struct project *p, const struct schema *models)
{
    const struct model_sources *sources = &p->config.model_sources;
    bool has_sql = models->sql_files.n > 0;
    vec_each(i, sources) {
        if (sources->v[i]->url)
            return "they are read from a database";
        has_sql |= sources->v[i]->format == MODEL_FORMAT_SQL;
    }
    return has_sql && !p->conn ? "models in SQL need a server" : NULL;
}

static bool validate_models(struct run *r, bool *ret_checked)
{
    struct project *p = r->p;
    struct schema models = *p->models;
    const char *default_schema = p->config.schemas.n ? p->config.schemas.v[0] : NULL;
    p->models = NULL;
    const char *problem = unreadable_models(p, &models);
    *ret_checked = !problem;
    if (problem) {
        log_warn(p->ctx, "the models were not checked: %s", problem);
        return true;
    }
    return models_complete(p, r->dialect, &models) &&
           schema_prepare(p->ctx, r->dialect, default_schema, &models) &&
           schema_check_lengths(p->ctx, r->dialect, 0, &models);
}

/* The revisions are replayed as for a script, which nobody sees. */
bool migrate_validate(struct project *p, const char *dialect, bool *ret_models)
{
    const struct script_options o = {
        .direction = DIRECTION_UP, .dialect = dialect, .target = "heads", .print = discard};
    const struct run_options options = run_options_of(&o);
    struct run_result result = {0};
    struct run r = {
        .p = p, .options = &options, .result = &result, .ends_progress = true, .is_discarded = true};
    bool ok = migrate_models(p) && project_graph(p);
    if (ok && p->graph.all.n)
        ok = script_start(&r, &o) && print_script(&r, &o, print_steps);
    else
        ok = ok && choose_dialect(&r, dialect) && open_stand_in(&r);
    ok = ok && validate_models(&r, ret_models);
    vcs_close(r.vcs);
    return ok;
}

bool migrate_script_tables(struct project *p, const struct script_options *o)
{
    const struct run_options options = run_options_of(o);
    struct run r = {.p = p, .options = &options, .offline = true};
    return choose_dialect(&r, o->dialect) && print_script(&r, o, print_tables);
}
