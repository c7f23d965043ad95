/*
 * Runs a command in many databases.
 *
 * Each job has a thread, a context and a connection for as long as it runs; configuration and revision files are read once
 * and shared. What a job prints is kept until it ends, so that the lines of one target stand together, each with its name.
 * The main thread waits: it handles signals and begins one wave of targets after the other.
 */
#include "command.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { WAKE_MS = 100, SHOWN_FAILURES = 20 };

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_UNCHANGED, JOB_FAILED, JOB_SKIPPED };

struct job {
    const struct target *target;
    size_t wave;
    enum job_state state;
    enum status status;
    const char *error; /* in one line, without hints */
    struct position *position;
};

/* A server, and how many jobs work on it. */
struct server {
    size_t running;
};

struct pool {
    struct call *c;
    const struct command *command;
    const struct target_options *options;
    struct VEC_OF(struct job *) jobs;
    struct VEC_OF(struct job *) queue; /* those of the current wave that wait */
    struct map servers;                /* struct server by name */
    struct run_record record;
    struct node *events; /* of several environments with --json */
    size_t running, finished, failures, max_failures, per_server;
    enum status worst;
    bool is_stopped; /* no other job begins */
    struct strings *successor;
    pthread_mutex_t mutex; /* of all of the above, standard output, and the context of the main thread */
    pthread_cond_t changed;
};

/* One thread's work. */
struct worker {
    struct pool *pool;
    pthread_t thread;
    struct job *job;
};

/* ---- lines with a name --------------------------------------------------------------------------------- */

static const char *with_name(struct ctx *ctx, const char *name, const char *text)
{
    struct str out = STR(ctx);

    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");

        str_addf(&out, "%s: %.*s", name, (int)n, line);
        line += n;
        if (*line)
            str_addc(&out, *line++);
    }
    return str_get(&out);
}

/* A message of a job. */
static void job_message(void *user, enum log_level level, const char *text)
{
    struct worker *w = user;
    struct pool *pool = w->pool;
    struct log *log = &pool->c->ctx->log;
    struct arena scratch CLEANUP(arena_finish) = {0};
    const char *line = arena_printf(&scratch, "%s: %s", w->job->target->name, text);

    pthread_mutex_lock(&pool->mutex);
    if (log->message)
        log->message(log->user, level, line);
    pthread_mutex_unlock(&pool->mutex);
}

/* ---- events in JSON ------------------------------------------------------------------------------------ */

static struct node *event_begin(struct ctx *ctx, const char *name)
{
    struct node *event = node_mapping(&ctx->arena);

    node_set(&ctx->arena, event, "event", node_string(&ctx->arena, name));
    return event;
}

/* A line for each, which a reader gets at once; of several environments, a part of their document. */
static void event_print(struct pool *pool, struct ctx *ctx, const struct node *event)
{
    struct arena *a = &pool->c->ctx->arena;
    struct str out = STR(ctx);

    if (pool->c->environments) {
        node_append(a, pool->events, node_copy(a, event));
        return;
    }
    node_json(&out, event, false);
    fputs(str_get(&out), stdout);
    fputc('\n', stdout);
    fflush(stdout);
}

static const char *const state_words[] = {
    [JOB_WAITING] = "not_tried",
    [JOB_RUNNING] = "running",
    [JOB_DONE] = "done",
    [JOB_UNCHANGED] = "unchanged",
    [JOB_FAILED] = "failed",
    [JOB_SKIPPED] = "done_before",
};

static struct node *event_of(struct call *one, const struct job *job, uint64_t began)
{
    struct arena *a = &one->ctx->arena;
    struct node *event = event_begin(one->ctx, "target");

    node_set(a, event, "target", node_string(a, job->target->name));
    node_set(a, event, "state", node_string(a, state_words[job->state]));
    node_set(a, event, "status", node_number(a, (int64_t)job->status));
    node_set(a, event, "milliseconds", node_number(a, (int64_t)((time_monotonic_us() - began) / 1000)));
    if (job->status)
        node_set(a, event, "error", node_string(a, err_text(one->ctx)));
    if (one->document)
        node_set(a, event, "result", one->document);
    return event;
}

/* ---- a job --------------------------------------------------------------------------------------------- */

/* What stays of it is copied into the context of the main thread. */
static void keep_position(struct pool *pool, struct job *job, const struct position *position)
{
    job->position = ctx_new(pool->c->ctx, struct position);
    *job->position = *position;
    job->position->at = ctx_strdup(pool->c->ctx, position->at);
}

static const char *one_line(struct ctx *ctx, const char *text)
{
    const char *hint = strstr(text, "\n  hint: ");
    const char *end = hint ? hint : text + strlen(text);
    struct str out = STR(ctx);

    for (const char *line = text; line < end;) {
        size_t n = strcspn(line, "\n");

        str_addf(&out, "%s%.*s", out.n ? ": " : "", (int)n, line);
        line += n;
        line += strspn(line, "\n ");
    }
    return str_get(&out);
}

static void note_failure(struct pool *pool, struct job *job, struct ctx *ctx)
{
    job->state = JOB_FAILED;
    job->status = ctx->err.status;
    job->error = one_line(pool->c->ctx, err_text(ctx));
    pool->failures++;
    if (status_is_worse(job->status, pool->worst))
        pool->worst = job->status;
    if (pool->max_failures && pool->failures >= pool->max_failures)
        pool->is_stopped = true;
}

static void print_result(struct pool *pool, const struct job *job, struct call *one, uint64_t began)
{
    struct log *log = &pool->c->ctx->log;

    if (one->globals->json) {
        event_print(pool, one->ctx, event_of(one, job, began));
    } else if (one->out->n) {
        fputs(with_name(one->ctx, job->target->name, str_get(one->out)), stdout);
        fflush(stdout);
    }
    if (job->status && log->message)
        log->message(
            log->user, LOG_ERROR, ctx_printf(one->ctx, "%s: %s", job->target->name, err_text(one->ctx)));
}

static void finish_job(struct pool *pool, struct job *job, struct call *one, bool ok, uint64_t began)
{
    pthread_mutex_lock(&pool->mutex);
    if (!ok)
        note_failure(pool, job, one->ctx);
    else
        job->state = one->is_unchanged ? JOB_UNCHANGED : JOB_DONE;
    print_result(pool, job, one, began);
    if (ok && pool->command->changes)
        run_record_add(&pool->record, job->target->name);
    if (one->position && one->position->at)
        keep_position(pool, job, one->position);
    if (ok)
        *pool->c->successor = *one->successor;
    ((struct server *)map_get(&pool->servers, job->target->server))->running--;
    pool->running--;
    pool->finished++;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

static void run_job(struct worker *w)
{
    struct pool *pool = w->pool;
    const struct ctx *parent = pool->c->ctx;
    struct ctx ctx = {
        .log = {.message = job_message, .user = w, .level = parent->log.level},
        .interrupt = parent->interrupt,
        .mounts = parent->mounts,
        .home = parent->home,
    };
    struct str out = STR(&ctx);
    struct strings successor = {0};
    struct position position = {0};
    struct call one = *pool->c;
    const uint64_t began = time_monotonic_us();

    one.ctx = &ctx;
    one.out = &out;
    one.pages = false;
    one.columns = 0;
    one.successor = &successor;
    one.position = pool->c->position ? &position : NULL;
    one.document = NULL;
    project_for(&pool->c->project, &ctx, w->job->target, &one.project);
    bool ok = pool->command->run(&one);
    if (!ok)
        lost_explain(&one);
    project_close(&one.project);
    finish_job(pool, w->job, &one, ok, began);
    ctx_finish(&ctx);
}

/* ---- the queue ----------------------------------------------------------------------------------------- */

/* The next job whose server has room; NULL: none now. */
static struct job *take_job(struct pool *pool)
{
    vec_each(i, &pool->queue) {
        struct job *job = pool->queue.v[i];
        struct server *server = map_get(&pool->servers, job->target->server);

        if (pool->per_server && *job->target->server && server->running >= pool->per_server)
            continue;
        vec_remove(&pool->queue, i);
        server->running++;
        pool->running++;
        job->state = JOB_RUNNING;
        return job;
    }
    return NULL;
}

static bool may_begin(const struct pool *pool)
{
    return !pool->is_stopped && pool->queue.n && !ctx_interrupted(pool->c->ctx);
}

static void *work(void *user)
{
    struct worker *w = user;
    struct pool *pool = w->pool;

    pthread_mutex_lock(&pool->mutex);
    while (may_begin(pool)) {
        w->job = take_job(pool);
        if (!w->job) {
            pthread_cond_wait(&pool->changed, &pool->mutex);
            continue;
        }
        pthread_mutex_unlock(&pool->mutex);
        run_job(w);
        pthread_mutex_lock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* ---- a wave: the canaries, or a group ------------------------------------------------------------------ */

static struct timespec soon(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += WAKE_MS * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

/* Signals are the main thread's. */
static size_t start_workers(struct pool *pool, struct worker *workers, size_t n)
{
    sigset_t all, before;
    size_t started = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < n) {
        workers[started] = (struct worker){.pool = pool};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]))
            break;
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void await_wave(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->running || may_begin(pool)) {
        const struct timespec until = soon();

        log_progress(pool->c->ctx, "targets", pool->finished, pool->jobs.n);
        pthread_cond_timedwait(&pool->changed, &pool->mutex, &until);
    }
    pthread_cond_broadcast(&pool->changed);
    log_progress(pool->c->ctx, NULL, 0, 0);
    pthread_mutex_unlock(&pool->mutex);
}

static bool run_wave(struct pool *pool, size_t jobs)
{
    struct worker *workers;
    size_t n = jobs < pool->queue.n ? jobs : pool->queue.n, started;

    if (!n)
        return true;
    workers = arena_alloc(&pool->c->ctx->arena, n * sizeof(*workers));
    started = start_workers(pool, workers, n);
    if (!started)
        return fail(pool->c->ctx, STATUS_FAILED, "cannot start a thread");
    await_wave(pool);
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return true;
}

/* ---- between two groups -------------------------------------------------------------------------------- */

static bool wait_for(struct ctx *ctx, const char *group, const char *pause)
{
    uint64_t ms = 0;
    const struct timespec tick = {.tv_nsec = WAKE_MS * 1000000L};

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

/* *ret_changed: one of its targets was changed. */
static bool run_waves(struct pool *pool, size_t jobs)
{
    const struct rollout_config *rollout = pool->c->project.config.rollout;
    const size_t groups = rollout ? rollout->groups.n : 0;

    for (size_t wave = 0; wave <= groups + 1; wave++) {
        const size_t before = pool->failures;
        bool has_changed = false;

        pool->queue.n = 0;
        vec_each(i, &pool->jobs)
            if (pool->jobs.v[i]->wave == wave && pool->jobs.v[i]->state == JOB_WAITING)
                vec_add(pool->c->ctx, &pool->queue, pool->jobs.v[i]);
        if (!run_wave(pool, jobs))
            return false;
        if (ctx_interrupted(pool->c->ctx))
            return fail_interrupted(pool->c->ctx);
        pool->is_stopped |= wave == 0 && pool->failures > before;
        if (pool->is_stopped)
            return true;
        vec_each(i, &pool->jobs)
            has_changed |= pool->jobs.v[i]->wave == wave && pool->jobs.v[i]->state == JOB_DONE;
        if (has_changed && wave > 0 && wave <= groups && !end_group(pool, wave - 1))
            return false;
    }
    return true;
}

/* ---- the end ------------------------------------------------------------------------------------------- */

static size_t count_of(const struct pool *pool, enum job_state state)
{
    size_t n = 0;

    vec_each(i, &pool->jobs)
        n += pool->jobs.v[i]->state == state;
    return n;
}

static struct standings standings_of(struct pool *pool)
{
    struct standings all = {0};

    vec_each(i, &pool->jobs) {
        const struct standing one = {pool->jobs.v[i]->target->name, pool->jobs.v[i]->position};

        vec_add(pool->c->ctx, &all, one);
    }
    return all;
}

static void print_end_event(struct pool *pool, const struct standings *standings, uint64_t began)
{
    static const enum job_state states[] = {JOB_DONE, JOB_UNCHANGED, JOB_SKIPPED, JOB_FAILED, JOB_WAITING};
    struct ctx *ctx = pool->c->ctx;
    struct arena *a = &ctx->arena;
    struct node *event = event_begin(ctx, "end");

    node_set(a, event, "targets", node_number(a, (int64_t)pool->jobs.n));
    for (size_t i = 0; i < COUNT_OF(states); i++)
        node_set(a, event, state_words[states[i]], node_number(a, (int64_t)count_of(pool, states[i])));
    node_set(a, event, "milliseconds", node_number(a, (int64_t)((time_monotonic_us() - began) / 1000)));
    node_set(a, event, "status", node_number(a, (int64_t)(ctx->err.status ? ctx->err.status : pool->worst)));
    if (ctx->err.status)
        node_set(a, event, "error", node_string(a, err_text(ctx)));
    if (pool->c->position)
        node_set(a, event, "summary", standings_node(pool->c, standings));
    event_print(pool, ctx, event);
}

/* "97 done, 2 unchanged, 1 failed, 0 not tried" */
static void print_table(struct pool *pool, uint64_t began)
{
    struct ctx *ctx = pool->c->ctx;
    const uint64_t ms = (time_monotonic_us() - began) / 1000;
    const size_t before = count_of(pool, JOB_SKIPPED);
    size_t shown = 0, width = 0;

    log_info(ctx, "%s in %llu.%03llu s: %zu done,%s %s%zu failed, %zu not tried",
        count_text(ctx, pool->jobs.n, "target"), (unsigned long long)(ms / 1000),
        (unsigned long long)(ms % 1000), count_of(pool, JOB_DONE),
        pool->command->changes ? ctx_printf(ctx, " %zu unchanged,", count_of(pool, JOB_UNCHANGED)) : "",
        before ? ctx_printf(ctx, "%zu done before, ", before) : "", pool->failures,
        count_of(pool, JOB_WAITING));
    vec_each(i, &pool->jobs)
        if (pool->jobs.v[i]->state == JOB_FAILED && str_width(pool->jobs.v[i]->target->name) > width)
            width = str_width(pool->jobs.v[i]->target->name);
    vec_each(i, &pool->jobs) {
        const struct job *job = pool->jobs.v[i];

        if (job->state != JOB_FAILED)
            continue;
        if (shown++ == SHOWN_FAILURES) {
            log_info(ctx, "  and %zu others", pool->failures - SHOWN_FAILURES);
            break;
        }
        log_info(ctx, "  failed (%d)  %s%*s  %s", (int)job->status, job->target->name,
            (int)(width - str_width(job->target->name)), "", job->error);
    }
}

static bool finish(struct pool *pool, bool ok, uint64_t began)
{
    struct ctx *ctx = pool->c->ctx;

    const struct standings standings = standings_of(pool);

    if (ctx->log.level >= LOG_INFO)
        print_table(pool, began);
    if (pool->c->globals->json)
        print_end_event(pool, &standings, began);
    else if (pool->c->position)
        standings_print(pool->c, &standings);
    run_record_close(&pool->record);
    if (!ok)
        return false;
    if (!pool->failures)
        return true;
    fail(ctx, pool->worst, "'%s' failed in %zu of %s", pool->command->spec.name, pool->failures,
        count_text(ctx, pool->jobs.n, "target"));
    if (count_of(pool, JOB_WAITING))
        fail_hint(ctx, "%zu were not tried. Continue with --resume.", count_of(pool, JOB_WAITING));
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
    struct pool pool = {
        .c = c,
        .command = command,
        .options = o,
        .servers = MAP(c->ctx),
        .record = {.fd = -1, .done = MAP(c->ctx)},
        .max_failures = number(o->max_failures, r->max_failures, 0),
        .per_server = number(o->per_server, r->per_server, 0),
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    const uint64_t began = time_monotonic_us();
    const size_t jobs = number(o->jobs, r->jobs, JOBS_DEFAULT);
    bool ok;

    if (jobs > JOBS_MAX)
        return fail(c->ctx, STATUS_USAGE, "option '--jobs': at most %d", JOBS_MAX);
    if (command->changes && !run_record_open(c, line_of(c, command), o->resume, &pool.record))
        return false;
    if (!fill(&pool, command->changes ? number(o->canary, r->canary, 0) : 0)) {
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
