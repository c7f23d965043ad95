/* Prints what jobs give: lines with the name of their target, or events in JSON. */
#include "jobs.h"

enum { SHOWN_FAILURES = 20 };

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
/* ---- one job ------------------------------------------------------------------------------------------- */

void job_print(struct pool *pool, const struct job *job, struct call *one, uint64_t began)
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
/* ---- the end ------------------------------------------------------------------------------------------- */

size_t jobs_count(const struct pool *pool, enum job_state state)
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
        node_set(a, event, state_words[states[i]], node_number(a, (int64_t)jobs_count(pool, states[i])));
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
    const size_t before = jobs_count(pool, JOB_SKIPPED);
    size_t shown = 0, width = 0;

    log_info(ctx, "%s in %llu.%03llu s: %zu %s,%s %s%zu failed, %zu not tried",
        count_text(ctx, pool->jobs.n, "target"), (unsigned long long)(ms / 1000),
        (unsigned long long)(ms % 1000), jobs_count(pool, JOB_DONE),
        pool->command->changes && !pool->changes ? "would change" : "done",
        pool->command->changes ? ctx_printf(ctx, " %zu unchanged,", jobs_count(pool, JOB_UNCHANGED)) : "",
        before ? ctx_printf(ctx, "%zu done before, ", before) : "", pool->failures,
        jobs_count(pool, JOB_WAITING));
    vec_each(i, &pool->jobs)
        if (pool->jobs.v[i]->state == JOB_FAILED && str_columns(pool->jobs.v[i]->target->name) > width)
            width = str_columns(pool->jobs.v[i]->target->name);
    vec_each(i, &pool->jobs) {
        const struct job *job = pool->jobs.v[i];

        if (job->state != JOB_FAILED)
            continue;
        if (shown++ == SHOWN_FAILURES) {
            log_info(ctx, "  and %zu others", pool->failures - SHOWN_FAILURES);
            break;
        }
        log_info(ctx, "  failed (%d)  %s%*s  %s", (int)job->status, job->target->name,
            (int)(width - str_columns(job->target->name)), "", job->error);
    }
}

void jobs_print_end(struct pool *pool, uint64_t began)
{
    const struct standings standings = standings_of(pool);

    if (pool->c->ctx->log.level >= LOG_INFO)
        print_table(pool, began);
    if (pool->c->globals->json)
        print_end_event(pool, &standings, began);
    else if (pool->c->position)
        standings_print(pool->c, &standings);
}
