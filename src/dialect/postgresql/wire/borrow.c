/*
 * Uses the open connection of a program, and gives it back as it was.
 *
 * libpq tells the notice receiver, but not its argument, so notices go to the program's. All settings are noted at the
 * beginning and compared at the end, since RESET would also reset what the program has set. What user SQL leaves in the
 * session besides settings, such as temporary tables and prepared statements, cannot be told from the program's and stays.
 */
#include "dialect/postgresql/wire/exec.h"

struct borrowed {
    const char *settings; /* of the session, as JSON: the role, and those that the role may change */
    bool is_nonblocking;
};

/* Settings of a transaction follow from others. */
#define SETTINGS \
    "SELECT 1 AS rank, 'session_authorization' AS name, session_user::pg_catalog.text AS value " \
    "UNION ALL SELECT 2, 'role', pg_catalog.current_setting('role') " \
    "UNION ALL SELECT 3, name, setting FROM pg_catalog.pg_settings " \
    "WHERE context IN ('user', 'superuser') AND name NOT LIKE 'transaction\\_%'"
static const char note_sql[] = "SELECT pg_catalog.json_object_agg(s.name, s.value ORDER BY s.rank, "
                               "s.name)::pg_catalog.text FROM (" SETTINGS ") AS s";

const char *pg_put_back_all(struct pg *pg)
{
    struct sql q = sql_begin(pg->base.ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT pg_catalog.set_config(o.key, o.value, false) FROM pg_catalog.json_each_text(%L) WITH "
        "ORDINALITY AS o "
        "(key, value, n) JOIN (%E) AS s ON s.name = o.key WHERE s.value <> o.value ORDER BY o.n",
        pg->borrowed->settings, SETTINGS);
    return sql_end(&q);
}

/* ---- what it is used for now ------------------------------------------------------------------------- */

static bool refuse(struct ctx *ctx, const char *why, const char *hint)
{
    fail(ctx, STATUS_USAGE, "%s", why);
    return fail_hint(ctx, "%s", hint);
}

static bool check_idle(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    PGTransactionStatusType state = pg->pq.PQtransactionStatus(pg->conn);
    if (pg->pq.PQstatus(pg->conn) != CONNECTION_OK)
        return fail(ctx, STATUS_UNREACHABLE, "the connection is not open or was lost");
    if (pg->pq.PQpipelineStatus(pg->conn) != PQ_PIPELINE_OFF)
        return refuse(ctx, "the connection is in pipeline mode", "Call PQexitPipelineMode first.");
    if (state == PQTRANS_ACTIVE)
        return refuse(ctx, "a statement is running", "Read all its results with PQgetResult first.");
    if (state != PQTRANS_IDLE)
        return refuse(ctx, "a transaction is open", "Commit or roll back the transaction first.");
    return true;
}

/* ---- its URL ----------------------------------------------------------------------------------------- */

static bool is_left_out(const PQconninfoOption *o)
{
    static const char *const keys[] = {"service", "replication", "fallback_application_name"};
    bool is_default = !o->val || !*o->val || (o->compiled && str_eq(o->val, o->compiled));
    for (size_t i = 0; !is_default && i < COUNT_OF(keys); i++)
        is_default = str_eq(o->keyword, keys[i]);
    return is_default;
}

/* Of further connections: to a scratch database, and to look up who keeps a statement waiting. */
static struct url *url_of(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    struct str text = STR(ctx);
    struct url *url = ctx_new(ctx, struct url);
    PQconninfoOption *all = pg->pq.PQconninfo(pg->conn);
    str_add(&text, "postgresql://");
    for (PQconninfoOption *o = all; o && o->keyword; o++) {
        if (is_left_out(o))
            continue;
        str_addf(&text, "%c%s=", strchr(str_get(&text), '?') ? '&' : '?', o->keyword);
        str_add_percent(&text, o->val, "-._~");
    }
    pg->pq.PQconninfoFree(all);
    *url = (struct url){.text = str_get(&text), .scheme = "postgresql", .dialect = &postgresql_dialect};
    url->rest = url->name = url->text;
    return url;
}

/* ---- borrowing --------------------------------------------------------------------------------------- */

static bool note_settings(struct pg *pg)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (!pg_query(pg, note_sql, NULL, 0, &a))
        return false;
    pg->borrowed->settings = answer_copy(&a, 0, 0);
    return pg_run(pg, "SELECT pg_catalog.set_config('client_encoding', 'UTF8', false)");
}

bool pg_borrow(
    struct ctx *ctx, void *handle, const struct open_options *options, struct url *ret_url, struct conn **ret)
{
    struct pg *pg = ctx_new(ctx, struct pg);
    pg->base = (struct conn){.dialect = &postgresql_dialect, .ctx = ctx};
    if (!libpq_open(ctx, &pg->pq))
        return false;
    pg->conn = handle;
    if (!check_idle(pg)) {
        libpq_close(&pg->pq);
        return false;
    }
    struct url *url = url_of(pg);
    pg->url = url->text;
    pg->parsed_url = url;
    pg->prepares_nothing = true;
    pg->borrowed = ctx_new(ctx, struct borrowed);
    pg->borrowed->is_nonblocking = pg->pq.PQisnonblocking(pg->conn);
    pg->pq.PQsetnonblocking(pg->conn, 0);
    if (!note_settings(pg) || !pg_set_up(pg, url, options)) {
        pg_close(&pg->base);
        return false;
    }
    *ret_url = *url;
    *ret = &pg->base;
    return true;
}

/* A connection whose server is silent or gone is left as it is. */
void pg_give_back(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct err err = ctx->err;
    if (pg->watch)
        pg_disconnect(pg->watch);
    pg->watch = NULL;
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    pg_rollback(&pg->base);
    pg_unlock(&pg->base);
    if (!pg->base.is_lost && pg->borrowed->settings && !pg_run(pg, pg_put_back_all(pg)))
        log_warn(ctx, "cannot restore the settings of the connection: %s", err_text(ctx));
    pg->pq.PQsetnonblocking(pg->conn, pg->borrowed->is_nonblocking);
    pg->conn = NULL;
    ctx->err = err;
    ctx->interrupt = interrupt;
}
