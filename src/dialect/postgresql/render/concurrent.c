/*
 * Checks indexes that were built concurrently.
 *
 * A failed build leaves an index that is maintained but not used, and that CREATE INDEX IF NOT EXISTS accepts as the
 * wanted one. So an invalid index of the same name is dropped before the build, and the index is checked after it.
 */
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/exec.h"

/* NULL: none that has a name here. */
static const char *concerned_index(const struct op *op)
{
    if (op->kind == OP_DROP_INDEX)
        return op->u.drop_index.name;
    return op->kind == OP_CREATE_INDEX ? op->u.create_index.index.name : NULL;
}

static const char *index_name(struct pg *pg, const struct op *op)
{
    bool drops = op->kind == OP_DROP_INDEX;
    const struct qname *table = drops ? &op->u.drop_index.table : &op->u.create_index.table;
    struct qname name = {table->schema, concerned_index(op)};
    return pg_qname(&pg->base.ctx->arena, &name);
}

static bool is_invalid(struct pg *pg, const struct op *op, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {index_name(pg, op), pg_qname(&pg->base.ctx->arena, op_table_name(op))};
    if (!pg_query(pg,
            "SELECT 1 FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1) "
            "AND i.indrelid = pg_catalog.to_regclass($2) AND NOT i.indisvalid",
            params, 2, &a))
        return false;
    *ret = answer_rows(&a) > 0;
    return true;
}

/* Found out before the build is recorded as begun: what has the name then is not its result. */
bool concurrent_index_is_free(struct pg *pg, const struct qname *table, const char *name)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct ctx *ctx = pg->base.ctx;
    const char *params[] = {pg_qname(&ctx->arena, table), name};
    if (!pg_query(pg,
            "SELECT i.indrelid = t.oid AND NOT i.indisvalid FROM pg_catalog.pg_class t "
            "JOIN pg_catalog.pg_class x ON x.relnamespace = t.relnamespace AND x.relname = $2 "
            "LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = x.oid "
            "WHERE t.oid = pg_catalog.to_regclass($1)",
            params, 2, &a))
        return false;
    if (!answer_rows(&a) || (answer_text(&a, 0, 0) && answer_bool(&a, 0, 0)))
        return true;
    fail(ctx, STATUS_FAILED, "index '%s' cannot be built: its schema has another object of this name", name);
    return fail_hint(ctx, "Rename one of them, or drop the other object.");
}

static bool is_built(struct pg *pg, const struct op_create_index *o, struct answer *a)
{
    struct ctx *ctx = pg->base.ctx;
    struct qname name = {o->table.schema, o->index.name};
    const char *params[] = {pg_qname(&ctx->arena, &name), pg_qname(&ctx->arena, &o->table),
        o->index.unique ? "true" : "false", ctx_printf(ctx, "%u", o->index.parts.n)};
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

/* ---- partitions that are detached ------------------------------------------------------------------------ */

enum detachment { DETACHED, DETACH_PENDING, DETACH_NOT_BEGUN };

static bool ask_detachment(struct pg *pg, const struct op_partition *o, enum detachment *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct arena *arena = &pg->base.ctx->arena;
    const char *params[] = {pg_qname(arena, &o->partition), pg_qname(arena, &o->table)};
    if (!pg_query(pg,
            "SELECT i.inhdetachpending FROM pg_catalog.pg_inherits i WHERE i.inhrelid = "
            "pg_catalog.to_regclass($1) AND i.inhparent = pg_catalog.to_regclass($2)",
            params, 2, &a))
        return false;
    *ret = !answer_rows(&a) ? DETACHED : answer_bool(&a, 0, 0) ? DETACH_PENDING : DETACH_NOT_BEGUN;
    return true;
}

/* One that was interrupted may have been begun, and can only be completed. */
static bool finish_detaching(struct pg *pg, const struct op_partition *o, bool *ret)
{
    struct arena *a = &pg->base.ctx->arena;
    enum detachment state;
    if (!ask_detachment(pg, o, &state))
        return false;
    *ret = state != DETACH_NOT_BEGUN;
    if (!*ret)
        return true;
    log_info(pg->base.ctx, "partition '%s' was already being detached by an earlier, interrupted run",
        qname_text(a, &o->partition));
    return state == DETACHED || pg_run(pg, arena_printf(a, "ALTER TABLE %s DETACH PARTITION %s FINALIZE",
                                               pg_qname(a, &o->table), pg_qname(a, &o->partition)));
}

bool concurrent_is_done(struct pg *pg, const struct op *op, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (op->kind == OP_DETACH_PARTITION)
        return finish_detaching(pg, &op->u.partition, ret);
    bool builds = op->kind == OP_CREATE_INDEX;
    if (!(builds ? is_built(pg, &op->u.create_index, &a) : is_dropped(pg, &op->u.drop_index, &a)))
        return false;
    *ret = answer_rows(&a) > 0;
    if (*ret)
        log_info(pg->base.ctx,
            "index '%s' is already %s: the server finished the work of an earlier, interrupted run",
            builds ? op->u.create_index.index.name : op->u.drop_index.name, builds ? "built" : "dropped");
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
    log_info(pg->base.ctx, "index '%s' is not valid, since an earlier build of it failed: it is rebuilt",
        op->u.create_index.index.name);
    return pg_run(pg, ctx_printf(pg->base.ctx, "DROP INDEX CONCURRENTLY %s", index_name(pg, op)));
}

/* Also after an interruption: the server has answered the request to cancel. The error that is set is kept. */
static bool ask_invalid(struct pg *pg, const struct op *op, bool *ret)
{
    struct ctx *ctx = pg->base.ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct err err = ctx->err;
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    bool ok = pg->pq.PQstatus(pg->conn) == CONNECTION_OK && is_invalid(pg, op, ret);
    ctx->interrupt = interrupt;
    if (ok || err.status != STATUS_OK)
        ctx->err = err;
    return ok;
}

static bool fail_unfinished(struct pg *pg, const struct op *op, bool is_known)
{
    bool builds = op->kind == OP_CREATE_INDEX;
    return fail_hint(pg->base.ctx,
        "%s index '%s' invalid: it is not used, but slows down every write. The next run %s it; or run 'DROP "
        "INDEX CONCURRENTLY %s'.",
        is_known ? "The server left" : "The server may have left", concerned_index(op),
        builds ? "rebuilds" : "drops", index_name(pg, op));
}

bool concurrent_index_after(struct pg *pg, const struct op *op, bool ok)
{
    bool invalid = false, is_known;
    if (!concerned_index(op) || (ok && op->kind == OP_DROP_INDEX))
        return ok;
    is_known = ask_invalid(pg, op, &invalid);
    if (ok && !is_known)
        return false;
    if (ok && !invalid)
        return true;
    if (ok)
        fail(pg->base.ctx, STATUS_FAILED, "index '%s' was built, but is not valid", concerned_index(op));
    return is_known && !invalid ? false : fail_unfinished(pg, op, is_known);
}

static bool take_names(struct pg *pg, void *user, const struct answer *a)
{
    for (int i = 0; i < answer_rows(a); i++)
        vec_add(pg->base.ctx, (struct strings *)user, answer_copy(a, i, 0));
    return true;
}

void concurrent_script_failed(struct pg *pg)
{
    static const struct question one = {
        .sql = "SELECT i.indexrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_index i "
               "WHERE NOT i.indisvalid ORDER BY 1",
        .take = take_names};
    struct ctx *ctx = pg->base.ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct err err = ctx->err;
    struct strings names = {0};
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    if (pg->pq.PQstatus(pg->conn) != CONNECTION_OK || !pg_ask(pg, &one, 1, &names))
        names.n = 0;
    ctx->interrupt = interrupt;
    ctx->err = err;
    if (names.n)
        fail_hint(ctx,
            "Not valid in this database: %s. An index that the statement left behind must be dropped before "
            "the next run: 'DROP INDEX CONCURRENTLY NAME'.",
            strings_join(&ctx->arena, &names, ", "));
}
