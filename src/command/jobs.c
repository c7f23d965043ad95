/*
 * Runs jobs in threads.
 *
 * Each job has a thread, a context and a connection for as long as it runs; configuration and revision files are read once
 * and shared. What a job prints is kept until it ends, so that the lines of one target are not mixed with others. The main
 * thread waits, and handles signals.
 */
#include "jobs.h"

#include <signal.h>
#include <time.h>

/* One thread's work. */
struct worker {
    struct pool *pool;
    pthread_t thread;
    struct job *job;
};
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
static void finish_job(struct pool *pool, struct job *job, struct call *one, bool ok, uint64_t began)
{
    pthread_mutex_lock(&pool->mutex);
    if (!ok)
        note_failure(pool, job, one->ctx);
    else
        job->state = one->is_unchanged ? JOB_UNCHANGED : JOB_DONE;
    job_print(pool, job, one, began);
    if (ok && pool->changes)
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
    for (size_t i = pool->at; i < pool->queue.n; i++) {
        struct job *job = pool->queue.v[i];
        struct server *server = map_get(&pool->servers, job->target->server);

        if (job->state != JOB_WAITING)
            continue;
        if (pool->per_server && *job->target->server && server->running >= pool->per_server)
            continue;
        server->running++;
        pool->running++;
        job->state = JOB_RUNNING;
        while (pool->at < pool->queue.n && pool->queue.v[pool->at]->state != JOB_WAITING)
            pool->at++;
        return job;
    }
    return NULL;
}

static bool may_begin(const struct pool *pool)
{
    return !pool->is_stopped && pool->at < pool->queue.n && !ctx_interrupted(pool->c->ctx);
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
    t.tv_nsec += JOBS_WAKE_MS * 1000000L;
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

bool jobs_run(struct pool *pool, size_t at_once)
{
    struct worker *workers;
    size_t n = at_once < pool->queue.n ? at_once : pool->queue.n, started;

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
