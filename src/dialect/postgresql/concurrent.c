/*
 * Does an index that was built concurrently hold?
 *
 * A build that fails leaves an index behind that is not used, but kept up to date, and that CREATE INDEX IF NOT EXISTS
 * takes for the wanted one. So one of the same name that is not valid is dropped before, and looked for behind.
 */
#include "dialect/postgresql/exec.h"
#include "dialect/postgresql/names.h"

static const char *index_name(struct pg *pg, const struct op *op)
{
    struct qname name = {op->u.create_index.table.schema, op->u.create_index.index.name};
    return pg_qname(&pg->base.ctx->arena, &name);
}

static bool is_invalid(struct pg *pg, const struct op *op, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {index_name(pg, op)};
    if (!pg_query(pg,
            "SELECT 1 FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1) "
            "AND NOT i.indisvalid",
            params, 1, &a))
        return false;
    *ret = answer_rows(&a) > 0;
    return true;
}

static bool is_built(struct pg *pg, const struct op_create_index *o, struct answer *a)
{
    struct ctx *ctx = pg->base.ctx;
    struct qname name = {o->table.schema, o->index.name};
    const char *params[] = {pg_qname(&ctx->arena, &name), pg_qname(&ctx->arena, &o->table),
        o->index.unique ? "true" : "false", ctx_printf(ctx, "%zu", o->index.parts.n)};
    return pg_query(pg,
        "SELECT 1 FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1) "
        "AND i.indrelid = pg_catalog.to_regclass($2) AND i.indisvalid AND i.indisunique = $3 "
        "AND i.indnkeyatts = $4",
        params, 4, a);
}

static bool is_dropped(struct pg *pg, const struct op_drop_index *o, struct answer *a)
{
    struct qname name = {o->table.schema, o->name};
    const char *params[] = {pg_qname(&pg->base.ctx->arena, &name)};
    return pg_query(pg, "SELECT 1 WHERE pg_catalog.to_regclass($1) IS NULL", params, 1, a);
}

bool concurrent_is_done(struct pg *pg, const struct op *op, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    bool builds = op->kind == OP_CREATE_INDEX;
    if (!(builds ? is_built(pg, &op->u.create_index, &a) : is_dropped(pg, &op->u.drop_index, &a)))
        return false;
    *ret = answer_rows(&a) > 0;
    if (*ret)
        log_info(pg->base.ctx, "index '%s' is %s: the server went on when an earlier run was ended",
            builds ? op->u.create_index.index.name : op->u.drop_index.name, builds ? "there" : "gone");
    return true;
}

bool concurrent_index_before(struct pg *pg, const struct op *op)
{
    bool invalid;
    if (op->kind != OP_CREATE_INDEX || !op->u.create_index.index.name)
        return true;
    if (!is_invalid(pg, op, &invalid))
        return false;
    if (!invalid)
        return true;
    log_info(pg->base.ctx, "index '%s' is not valid, since an earlier build of it failed: it is built anew",
        op->u.create_index.index.name);
    return pg_run(pg, ctx_printf(pg->base.ctx, "DROP INDEX CONCURRENTLY %s", index_name(pg, op)));
}

bool concurrent_index_after(struct pg *pg, const struct op *op, bool built)
{
    struct ctx *ctx = pg->base.ctx;
    bool invalid = false;
    if (op->kind != OP_CREATE_INDEX || !op->u.create_index.index.name)
        return built;
    if (ctx_interrupted(ctx) || pg->pq.PQstatus(pg->conn) != CONNECTION_OK)
        return built;
    if (!is_invalid(pg, op, &invalid) || (built && !invalid))
        return built && !invalid;
    if (built)
        fail(ctx, STATUS_FAILED, "index '%s' was built, but is not valid", op->u.create_index.index.name);
    if (invalid)
        fail_hint(ctx, "The build left index '%s' behind, which is not valid; the next run builds it anew.",
            op->u.create_index.index.name);
    return false;
}
