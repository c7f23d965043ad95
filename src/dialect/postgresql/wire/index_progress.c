/*
 * Shows how far the build of an index is.
 *
 * The server knows it, and only another session can ask while a statement runs: the one that looks up who keeps a statement
 * waiting. It is asked once a second, if anybody wants to see progress.
 */
#include "dialect/postgresql/wire/exec.h"

enum { SECOND_US = 1000000, IDLE_US = 5000000 };

enum { TABLE, INDEX, PHASE, DONE, TOTAL };

/* A phase counts blocks, rows, or the sessions that it waits for. The index may have no name that others see yet. */
static const char progress_sql[] =
    "SELECT c.relname, i.relname, p.phase, "
    "CASE WHEN p.lockers_total > 0 THEN p.lockers_done WHEN p.blocks_total > 0 THEN p.blocks_done "
    "ELSE p.tuples_done END, "
    "CASE WHEN p.lockers_total > 0 THEN p.lockers_total WHEN p.blocks_total > 0 THEN p.blocks_total "
    "ELSE p.tuples_total END "
    "FROM pg_catalog.pg_stat_progress_create_index p "
    "LEFT JOIN pg_catalog.pg_class c ON c.oid = p.relid "
    "LEFT JOIN pg_catalog.pg_class i ON i.oid = p.index_relid "
    "WHERE p.pid = $1::pg_catalog.int4";

static const char *label_of(struct ctx *ctx, const struct answer *a)
{
    const char *index = answer_text(a, 0, INDEX), *table = answer_text(a, 0, TABLE);

    return ctx_printf(ctx, "index %s%s%son '%s': %s", index ? "'" : "", index ? index : "", index ? "' " : "",
        table ? table : "?", answer_text(a, 0, PHASE));
}

/* False: the view cannot be read. */
static bool show(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {ctx_printf(ctx, "%lld", (long long)pg->session)};
    struct pg *watcher = pg_watcher(pg);

    if (!watcher || !pg_query(watcher, progress_sql, params, 1, &a))
        return false;
    if (answer_rows(&a)) {
        log_progress(
            ctx, label_of(ctx, &a), (uint64_t)answer_int(&a, 0, DONE), (uint64_t)answer_int(&a, 0, TOTAL));
        pg->index_progress.is_shown = true;
    }
    return true;
}

void pg_show_index(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    struct index_progress *p = &pg->index_progress;
    const uint64_t now = time_monotonic_us();

    if (!ctx->log.progress || p->is_off || pg->deadline_us || pg->is_shared || !pg->session ||
        ctx_interrupted(ctx))
        return;
    if (!p->next_us)
        p->next_us = now + SECOND_US;
    if (now < p->next_us)
        return;
    const struct err err = ctx->err;
    ctx->err = (struct err){0};
    p->is_off = !show(pg);
    ctx->err = err;
    p->next_us = time_monotonic_us() + (p->is_shown ? SECOND_US : IDLE_US);
}

void pg_hide_index(struct pg *pg)
{
    if (pg->index_progress.is_shown)
        log_progress(pg->base.ctx, NULL, 0, 0);
    pg->index_progress.is_shown = false;
    pg->index_progress.next_us = 0;
}
