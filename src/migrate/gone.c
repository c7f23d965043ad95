/*
 * Reverts revisions whose files are gone, using the texts of the history table.
 *
 * Any user that can write to the database can write such a text. So it does nothing outside of the database, and a
 * revision that does not descend from a file of this project is reverted only on request: it may belong to another
 * project.
 */
#include "migrate/run.h"

/* ---- reading the history ------------------------------------------------------------------------- */

/* The newest text that the history table has of a revision, as a revision without a file. */
static bool revision_from_history(struct run *r, const char *id, struct revision **ret)
{
    struct conn *conn = r->p->conn;
    struct ctx *ctx = r->p->ctx;
    struct history_rows rows = {0};
    *ret = NULL;
    if (!r->p->version.history.name)
        return true;
    if (!conn->dialect->history(conn, &r->p->version, &(struct history_query){.revision = id}, &rows))
        return false;
    vec_each(i, &rows) {
        const struct history_row *h = rows.v[i];
        if (!h->text || !*h->text)
            continue;
        struct revision *v = ctx_new(ctx, struct revision);
        const char *path = h->path ? h->path : ctx_printf(ctx, "%s.yaml", id);
        if (!revision_parse_head(ctx, path, h->text, strlen(h->text), v))
            return fail_in(ctx, "cannot use the text of revision %s in the history table", id);
        v->text = h->text;
        v->from_history = true;
        *ret = v;
        return true;
    }
    return true;
}

/* Adds the revision and, if their files are missing too, those below it. */
static bool adopt(struct run *r, struct strings *wanted, struct revisions *all, bool *ret_any)
{
    *ret_any = false;
    for (size_t i = 0; i < wanted->n; i++) {
        struct revision *found;
        if (map_get(&r->p->graph.by_id, wanted->v[i]))
            continue;
        if (!revision_from_history(r, wanted->v[i], &found))
            return false;
        if (!found)
            continue;
        log_warn(r->p->ctx, "revision %s has no file: its text comes from the history table", found->id);
        vec_add(r->p->ctx, all, found);
        *ret_any = true;
        vec_each(k, &found->down)
            if (!strings_have(wanted, found->down.v[k]))
                vec_add(r->p->ctx, wanted, found->down.v[k]);
    }
    return true;
}

bool run_adopt_history(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct strings wanted = {0};
    struct revisions all = {0};
    bool any;
    vec_each(i, &r->rows)
        vec_add(ctx, &wanted, r->rows.v[i]);
    vec_each(i, &r->p->graph.all)
        vec_add(ctx, &all, r->p->graph.all.v[i]);
    if (!adopt(r, &wanted, &all, &any))
        return false;
    return !any || graph_build(ctx, &all, &r->p->graph);
}

/* ---- what is refused ----------------------------------------------------------------------------- */

/* Whether this revision descends from one with a file. */
static bool descends_from_file(struct run *r, const struct revision *v)
{
    const struct graph *g = &r->p->graph;
    struct revisions one = {0};
    bool *below;
    vec_add(r->p->ctx, &one, (struct revision *)v);
    graph_ancestors(r->p->ctx, g, &one, true, &below);
    vec_each(i, &g->all)
        if (below[i] && !g->all.v[i]->from_history)
            return true;
    return false;
}

bool gone_check_plan(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct strings foreign = {0};
    for (size_t i = 0; i < r->plan.n && !r->options->from_history; i++) {
        const struct revision *v = r->plan.v[i].revision;
        if (v && v->from_history && !descends_from_file(r, v))
            vec_add(ctx, &foreign, v->id);
    }
    if (!foreign.n)
        return true;
    fail(ctx, STATUS_UNKNOWN_REVISION,
        "neither %s nor any revision below it has a file here: the database may belong to another project",
        strings_join(&ctx->arena, &foreign, ", "));
    return fail_hint(ctx, "Check the URL. To revert by the text in the history table, read it with 'cmig log "
                          "-v' and use --from-history.");
}

/* The way in which an operation acts outside of the database; NULL: it does not. */
static const char *reach_of(struct run *r, const struct op *op)
{
    if (op->kind == OP_RUN)
        return "it runs a program";
    if (op->kind == OP_BULK_INSERT && op->u.bulk_insert.file)
        return "it reads a file";
    if (op->kind != OP_EXECUTE && op->kind != OP_ASSERT)
        return NULL;
    if (op->kind == OP_EXECUTE && dtext_for(&op->u.execute.file, r->dialect->name))
        return "it reads a file";
    const struct dtext *text = op->kind == OP_ASSERT ? &op->u.assertion.sql : &op->u.execute.sql;
    const char *sql = dtext_for(text, r->dialect->name);
    return sql && strstr(sql, "${x:") ? "it takes a value of -x" : NULL;
}

bool gone_check_ops(struct run *r, const struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    const struct ops *ops = run_ops(w);
    if (!w->step->revision->from_history)
        return true;
    vec_each(i, ops) {
        const char *reach = reach_of(r, ops->v[i]);
        if (!reach)
            continue;
        fail_at(ctx, STATUS_CONFIG, ops->v[i]->pos, "%s in a text from the history table: %s",
            op_label(&ctx->arena, ops->v[i]), reach);
        return fail_hint(ctx, "Such operations run from a revision file only: restore the file.");
    }
    return true;
}
