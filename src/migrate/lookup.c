/*
 * Finds out what a lost connection has committed.
 *
 * The server may notice the loss late. Until then the lost session may still commit, and has cmig's lock: so the
 * result of a new connection's query is final once that connection has the lock.
 */
#include "migrate/run.h"

enum { LOOKUP_MS = 5000 };

static bool read_again(struct run *r, struct strings *ret_rows, struct attempt *ret_attempt)
{
    struct project *p = r->p;
    const struct open_options how = {.wait_ms = LOOKUP_MS, .missing = MISSING_FAILS};
    struct conn *lost = p->conn;
    bool exists;
    p->conn = NULL;
    bool ok = r->dialect->open(p->ctx, &p->url, &how, &p->conn) &&
              r->dialect->lock(p->conn, &p->version, LOOKUP_MS) && project_versions(p, ret_rows, &exists) &&
              project_attempt(p, ret_rows, ret_attempt);
    r->dialect->close(p->conn);
    p->conn = lost;
    return ok;
}

/* After which step from `first` on the version rows are the given ones; false: after none, or more than one. */
static bool find_place(struct run *r, size_t first, const struct strings *rows, size_t *ret)
{
    const struct strings standing = r->rows;
    size_t places = strings_eq(rows, &r->rows);
    *ret = first;
    for (size_t i = first; i <= r->sent && i < r->plan.n; i++) {
        run_move_rows(r, &r->works[i]);
        if (!strings_eq(rows, &r->rows))
            continue;
        places++;
        *ret = i + 1;
    }
    r->rows = places == 1 ? *rows : standing;
    return places == 1;
}

bool run_look_up(struct run *r, size_t first, size_t *ret_next)
{
    struct ctx *ctx = r->p->ctx;
    const struct err err = ctx->err;
    struct strings rows = {0};
    struct attempt attempt;
    if (r->dialect->has.embedded || ctx_interrupted(ctx))
        return false;
    log_info(ctx, "the connection was lost; connecting again to find out what was committed");
    err_clear(ctx);
    bool is_known = read_again(r, &rows, &attempt) && attempt.kind != ATTEMPT_OUTDATED &&
                    find_place(r, first, &rows, ret_next);
    ctx->err = err;
    if (is_known)
        r->noted = attempt.at;
    return is_known;
}
