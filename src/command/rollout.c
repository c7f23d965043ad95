/* The order in which a command runs in many databases: canaries first, then one group after the other. */
#include "jobs.h"

#include <time.h>

/* ---- between two groups -------------------------------------------------------------------------------- */

static bool wait_for(struct ctx *ctx, const char *group, const char *pause)
{
    uint64_t ms = 0;
    const struct timespec tick = {.tv_nsec = JOBS_WAKE_MS * 1000000L};

    if (!pause || !time_parse_duration(pause, &ms) || !ms)
        return true;
    log_info(ctx, "waiting %s after group '%s'", pause, group);
    for (uint64_t end = time_monotonic_us() + ms * 1000; time_monotonic_us() < end;) {
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        nanosleep(&tick, NULL);
    }
    return true;
}

/* Nothing is to be watched if nothing was changed. */
static bool end_group(struct pool *pool, size_t place)
{
    const struct rollout_config *rollout = pool->c->project.config.rollout;
    const struct rollout_group *group = rollout->groups.v[place];
    const struct program program = {.words = &group->after, .what = "the program after a group"};

    if (group->after.n && !program_check(pool->c->ctx, &program))
        return fail_in(pool->c->ctx, "%sgroup '%s'", pos_text(&pool->c->ctx->arena, group->pos), group->name);
    return wait_for(pool->c->ctx, group->name, group->pause);
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static bool is_wanted(const struct target_options *o, const struct target *t)
{
    vec_each(i, &o->only)
        if (str_glob(o->only.v[i], t->name))
            return true;
    return !o->only.n;
}

static bool fail_nothing_matches(struct pool *pool, const struct targets *all)
{
    struct ctx *ctx = pool->c->ctx;
    const char **names = arena_alloc(&ctx->arena, (all->n + 1) * sizeof(*names));
    const char *near;

    vec_each(i, all)
        names[i] = all->v[i]->name;
    near = str_nearest(pool->options->only.v[0], names, all->n);
    fail(
        ctx, STATUS_USAGE, "no target matches '%s'", strings_join(&ctx->arena, &pool->options->only, "', '"));
    return near ? fail_hint(ctx, "Did you mean '%s'?", near) : false;
}

/* Wave 0 are the canaries, and each group follows. */
static bool fill(struct pool *pool, size_t canary)
{
    struct ctx *ctx = pool->c->ctx;
    struct targets all;

    if (!targets_find(&pool->c->project, &all))
        return false;
    vec_each(i, &all) {
        struct job *job = ctx_new(ctx, struct job);

        if (!is_wanted(pool->options, all.v[i]))
            continue;
        job->target = all.v[i];
        job->wave = pool->jobs.n < canary ? 0 : 1 + all.v[i]->group;
        if (map_get(&pool->record.done, job->target->name))
            job->state = JOB_SKIPPED;
        if (!map_get(&pool->servers, job->target->server))
            map_set(&pool->servers, job->target->server, ctx_new(ctx, struct server));
        vec_add(ctx, &pool->jobs, job);
    }
    return pool->jobs.n || fail_nothing_matches(pool, &all);
}

static size_t number(int64_t option, int64_t configured, size_t otherwise)
{
    return option ? (size_t)option : configured ? (size_t)configured : otherwise;
}

static bool run_waves(struct pool *pool, size_t jobs)
{
    const struct rollout_config *rollout = pool->c->project.config.rollout;
    const size_t groups = rollout ? rollout->groups.n : 0;

    for (size_t wave = 0; wave <= groups + 1; wave++) {
        const size_t before = pool->failures;
        bool has_changed = false;

        pool->queue.n = pool->at = 0;
        vec_each(i, &pool->jobs)
            if (pool->jobs.v[i]->wave == wave && pool->jobs.v[i]->state == JOB_WAITING)
                vec_add(pool->c->ctx, &pool->queue, pool->jobs.v[i]);
        if (!jobs_run(pool, jobs))
            return false;
        if (ctx_interrupted(pool->c->ctx))
            return fail_interrupted(pool->c->ctx);
        pool->is_stopped |= wave == 0 && pool->failures > before;
        if (pool->is_stopped)
            return true;
        vec_each(i, &pool->jobs)
            has_changed |= pool->jobs.v[i]->wave == wave && pool->jobs.v[i]->state == JOB_DONE;
        if (pool->changes && has_changed && wave > 0 && wave <= groups && !end_group(pool, wave - 1))
            return false;
    }
    return true;
}

static bool finish(struct pool *pool, bool ok, uint64_t began)
{
    struct ctx *ctx = pool->c->ctx;

    jobs_print_end(pool, began);
    run_record_close(&pool->record);
    if (!ok)
        return false;
    if (!pool->failures)
        return true;
    fail(ctx, pool->worst, "'%s' failed in %zu of %s", pool->command->spec.name, pool->failures,
        count_text(ctx, pool->jobs.n, "target"));
    if (jobs_count(pool, JOB_WAITING))
        fail_hint(ctx, "%zu were not tried. Continue with --resume.", jobs_count(pool, JOB_WAITING));
    return false;
}

/* NULL: none. */
static const char *option_given(const struct target_options *o)
{
    const struct {
        const char *name;
        bool is_given;
    } options[] = {
        {"only", o->only.n > 0},
        {"jobs", o->jobs > 0},
        {"per-server", o->per_server > 0},
        {"canary", o->canary > 0},
        {"max-failures", o->max_failures > 0},
        {"resume", o->resume},
        {"summary", o->summary},
    };

    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (options[i].is_given)
            return options[i].name;
    return NULL;
}

bool targets_wanted(struct call *c, const struct command *command, bool *ret)
{
    const struct target_options *o = command->targets ? command->targets(c) : NULL;

    *ret = o && c->project.config.targets.n;
    if (command->targets && !o) /* its options make it work without a database */
        c->project.config.targets.n = c->project.config.url ? 0 : c->project.config.targets.n;
    const char *option = o && !*ret ? option_given(o) : NULL;
    if (!option)
        return true;
    fail(c->ctx, STATUS_USAGE, "--%s needs 'targets' in cmig.yaml", option);
    return fail_hint(c->ctx, "List the databases there.");
}

/* What makes it the same run. */
static const char *line_of(struct call *c, const struct command *command)
{
    return ctx_printf(c->ctx, "%s%s%s", command->spec.name, c->operands.n ? " " : "",
        strings_join(&c->ctx->arena, &c->operands, " "));
}

bool run_in_targets(struct call *c, const struct command *command)
{
    static const struct rollout_config none = {0};
    const struct rollout_config *r = c->project.config.rollout ? c->project.config.rollout : &none;
    const struct target_options *o = command->targets(c);
    const char *key = command->run_key ? command->run_key(c) : NULL;
    struct pool pool = {
        .c = c,
        .command = command,
        .options = o,
        .servers = MAP(c->ctx),
        .record = {.fd = -1, .done = MAP(c->ctx)},
        .changes = key != NULL,
        .max_failures = key ? number(o->max_failures, r->max_failures, 0) : 0,
        .per_server = number(o->per_server, r->per_server, 0),
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    const uint64_t began = time_monotonic_us();
    const size_t jobs = number(o->jobs, r->jobs, JOBS_DEFAULT);
    bool ok;

    if (jobs > JOBS_MAX)
        return fail(c->ctx, STATUS_USAGE, "option '--jobs': at most %d", JOBS_MAX);
    if (o->resume && !key)
        return fail(c->ctx, STATUS_USAGE, "--resume cannot be combined with --dry-run");
    if (key && !run_record_open(c, line_of(c, command), key, o->resume, &pool.record))
        return false;
    if (!fill(&pool, key ? number(o->canary, r->canary, 0) : 0)) {
        run_record_close(&pool.record);
        return false;
    }
    c->is_streamed = c->globals->json && !c->environments;
    if (c->globals->json && c->environments) {
        pool.events = node_sequence(&c->ctx->arena);
        node_set(&c->ctx->arena, document_begin(c), "targets", pool.events);
    }
    if (o->summary)
        c->position = ctx_new(c->ctx, struct position);
    ok = run_waves(&pool, jobs);
    return finish(&pool, ok, began);
}
