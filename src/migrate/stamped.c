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

/* The history, read once for all steps. */
struct past {
    struct map upgraded;          /* ids of revisions */
    struct history_rows standing; /* rows of upgrades that no downgrade has followed */
    struct history_rows stamped;  /* rows of stamps */
    bool is_read;
};

static bool read_past(struct run *r, struct past *past)
{
    struct ctx *ctx = r->p->ctx;
    const struct history_query all = {.without_text = true};
    struct map seen = MAP(ctx);
    struct history_rows rows;
    if (past->is_read)
        return true;
    if (!r->p->conn->dialect->history(r->p->conn, &r->p->version, &all, &rows))
        return false;
    past->is_read = true;
    past->upgraded = MAP(ctx);
    vec_each(i, &rows) {
        bool is_up = str_eq(rows.v[i]->direction, "upgrade");
        if (str_eq(rows.v[i]->direction, "stamp")) {
            vec_add(ctx, &past->stamped, rows.v[i]);
            continue;
        }
        if (is_up)
            map_set(&past->upgraded, rows.v[i]->revision, rows.v[i]);
        if (is_up && !map_get(&seen, rows.v[i]->revision))
            vec_add(ctx, &past->standing, rows.v[i]);
        map_set(&seen, rows.v[i]->revision, rows.v[i]);
    }
    return true;
}

/* Whether a row says that the database was stamped at the revision or at a descendant of it. */
static bool stamps(struct run *r, const struct history_row *row, const struct revision *v)
{
    struct revision *at = map_get(&r->p->graph.by_id, row->revision);
    struct revisions one = {.v = &at, .n = 1};
    bool *below;
    if (!at)
        return false;
    graph_ancestors(r->p->ctx, &r->p->graph, &one, true, &below);
    return below[v->order];
}

static bool was_only_stamped(struct run *r, const struct past *past, const struct revision *v)
{
    if (map_get(&past->upgraded, v->id))
        return false;
    vec_each(i, &past->stamped)
        if (stamps(r, past->stamped.v[i], v))
            return true;
    return false;
}

/* By revision->order, those that are applied by the version rows. */
static bool *find_applied(struct run *r)
{
    struct revisions rows = {0};
    bool *applied;
    vec_each(i, &r->rows) {
        struct revision *at = map_get(&r->p->graph.by_id, r->rows.v[i]);
        if (at)
            vec_add(r->p->ctx, &rows, at);
    }
    graph_ancestors(r->p->ctx, &r->p->graph, &rows, true, &applied);
    return applied;
}

static bool did_same(struct run *r, const struct history_row *row, const struct work *w, bool *ret)
{
    const struct history_query which = {.id = row->id};
    const char *path = w->step->revision->pos.file;
    struct history_rows found = {0};
    if (!r->p->conn->dialect->history(r->p->conn, &r->p->version, &which, &found))
        return false;
    *ret = path && found.n && found.v[0]->text && found.v[0]->path &&
           revision_operations_same(r->p->ctx, found.v[0]->path, found.v[0]->text, path, w->body.text);
    return true;
}

/* Whether a revision with the same operations was applied, which the stamp has replaced: it was not reverted, and the version
 * rows do not name it. */
static bool ran_under_another_id(struct run *r, const struct past *past, const struct work *w, bool *ret)
{
    const bool *applied = find_applied(r);
    *ret = false;
    for (size_t i = 0; i < past->standing.n && !*ret; i++) {
        const struct revision *other = map_get(&r->p->graph.by_id, past->standing.v[i]->revision);
        if (!(other && applied[other->order]) && !did_same(r, past->standing.v[i], w, ret))
            return false;
    }
    return true;
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
    struct past past = {0};
    bool ran;
    if (r->options->direction != DIRECTION_DOWN || r->options->drop_stamped || r->offline ||
        !r->p->version.history.name)
        return true;
    for (size_t i = 0; i < r->plan.n; i++) {
        const struct revision *v = r->works[i].step->revision;
        const struct op *op = find_drop(run_ops(&r->works[i]));
        if (!op)
            continue;
        if (!read_past(r, &past))
            return false;
        if (!was_only_stamped(r, &past, v))
            continue;
        if (!ran_under_another_id(r, &past, &r->works[i], &ran))
            return false;
        if (!ran)
            return refuse(r, v, op);
    }
    return true;
}
