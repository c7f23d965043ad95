/*
 * Refuses a downgrade that would drop tables that the revision did not create.
 *
 * A revision that was stamped and never applied describes a schema that the database had before: it is a baseline in
 * effect. The history shows this; a database without a history is not checked.
 */
#include "migrate/run.h"

#include <strings.h>

/* The words of a text that drops a table or a schema, whatever is between them. */
static bool drops_in_sql(const char *sql)
{
    static const char blanks[] = " \t\r\n";
    for (const char *at = sql; at && *at; at++) {
        size_t n = 0;
        bool begins = at == sql || strchr(" \t\r\n;(", at[-1]);
        if (!begins || strncasecmp(at, "drop", 4) != 0)
            continue;
        n = strspn(at + 4, blanks);
        if (n && (strncasecmp(at + 4 + n, "table", 5) == 0 || strncasecmp(at + 4 + n, "schema", 6) == 0))
            return true;
    }
    return false;
}

/* The first operation that drops a table; NULL: none. */
static const struct op *find_drop(const struct ops *ops)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        if (op->kind == OP_DROP_TABLE || op->kind == OP_DROP_SCHEMA ||
            (op->kind == OP_EXECUTE && drops_in_sql(op->u.execute.sql.text)))
            return op;
    }
    return NULL;
}

/* Whether a row says that the database was stamped at the revision or at a descendant of it. */
static bool stamps(struct run *r, const struct history_row *row, const struct revision *v)
{
    struct revision *at = map_get(&r->p->graph.by_id, row->revision);
    struct revisions one = {.v = &at, .n = 1};
    bool *below;
    if (!at || !str_eq(row->direction, "stamp"))
        return false;
    graph_ancestors(r->p->ctx, &r->p->graph, &one, true, &below);
    return below[v->order];
}

static bool was_only_stamped(struct run *r, const struct history_rows *rows, const struct revision *v)
{
    bool stamped = false;
    vec_each(i, rows) {
        const struct history_row *row = rows->v[i];
        if (str_eq(row->direction, "upgrade") && str_eq(row->revision, v->id))
            return false;
        stamped = stamped || stamps(r, row, v);
    }
    return stamped;
}

static bool refuse(struct run *r, const struct revision *v, const struct op *op)
{
    struct ctx *ctx = r->p->ctx;
    fail_at(ctx, STATUS_FAILED, op->pos, "%s", op_describe(&ctx->arena, op));
    fail_in(ctx,
        "revision %s was stamped, never applied here: its downgrade would drop tables that it did not create",
        revision_title(&ctx->arena, v));
    fail_hint(ctx, "If it is a baseline, remove its 'downgrade' part; then 'cmig stamp' can record a "
                   "revision below it and keeps the tables.");
    return fail_hint(ctx, "Use --drop-stamped to drop them. Nothing was changed.");
}

bool run_check_stamped(struct run *r)
{
    struct conn *conn = r->p->conn;
    const struct version_table *version = &r->p->version;
    struct history_rows rows = {0};
    bool is_read = false;
    if (r->options->direction != DIRECTION_DOWN || r->options->drop_stamped || r->offline ||
        !version->history.name)
        return true;
    for (size_t i = 0; i < r->plan.n; i++) {
        const struct revision *v = r->works[i].step->revision;
        const struct op *op = find_drop(run_ops(&r->works[i]));
        if (!op)
            continue;
        if (!is_read &&
            !conn->dialect->history(conn, version, &(struct history_query){.without_text = true}, &rows))
            return false;
        is_read = true;
        if (was_only_stamped(r, &rows, v))
            return refuse(r, v, op);
    }
    return true;
}
