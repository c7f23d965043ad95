/*
 * Reverts revisions whose files are gone, using texts of the history table, or of git.
 *
 * Any user that can write to the database can write such a text, and can choose among all files that git has, also those of
 * branches that nobody has reviewed. So it does nothing outside of the database. A text that only the history table has, of
 * a revision that does not descend from a file of this project, is used only on request: it may belong to another project.
 */
#include "migrate/run.h"

/* ---- finding the texts --------------------------------------------------------------------------- */

static void announce(struct run *r, const struct lost *l)
{
    struct ctx *ctx = r->p->ctx;
    if (!r->options->lost) /* the plan of that was shown */
        log_warn(ctx, "revision %s has no file: its text comes from %s", l->revision, lost_place(ctx, l));
}

/* Adds the revisions to the list, in which the recorded text of a moved or edited one replaces its file. */
static bool adopt(struct run *r, const struct losts *lost, struct revisions *all, bool *ret_any)
{
    *ret_any = false;
    vec_each(i, lost) {
        const struct lost *l = lost->v[i];
        if (l->problem) {
            fail(r->p->ctx, STATUS_CONFIG, "%s", l->problem);
            return fail_in(r->p->ctx, "cannot use the text of revision %s in the history table", l->revision);
        }
        if (!l->recorded)
            continue;
        announce(r, l);
        for (size_t k = all->n; (l->is_moved || l->is_edited) && k-- > 0;)
            if (str_eq(all->v[k]->id, l->revision))
                vec_remove(all, k);
        vec_add(r->p->ctx, all, l->recorded);
        *ret_any = true;
    }
    return true;
}

bool run_adopt_history(struct run *r)
{
    const struct run_options *o = r->options;
    struct project *p = r->p;
    struct lost_search search;
    struct revisions all = {0};
    bool any;
    if (!project_lost(p, &r->rows, o->recover || o->lost, &search) ||
        (o->lost &&
            (!project_moved(p, &r->rows, true, &search) || !project_edited(p, &r->rows, true, &search))))
        return false;
    if (search.all.n && !project_own_graph(p))
        return false;
    vec_each(i, &p->graph.all)
        vec_add(p->ctx, &all, p->graph.all.v[i]);
    if (!adopt(r, &search.all, &all, &any))
        return false;
    return !any || graph_build(p->ctx, &all, &p->graph);
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
        if (v && v->from_history && !v->from_git && !descends_from_file(r, v))
            vec_add(ctx, &foreign, v->id);
    }
    if (!foreign.n)
        return true;
    fail(ctx, STATUS_UNKNOWN_REVISION,
        "no file here has the text of %s or of a revision below it: the database may belong to another "
        "project",
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
        fail_at(ctx, STATUS_CONFIG, ops->v[i]->pos, "%s in the text of a lost revision, from %s: %s",
            op_label(&ctx->arena, ops->v[i]), w->step->revision->from_git ? "git" : "the history table",
            reach);
        return fail_hint(ctx, "Restore the file: such operations run only from a revision file.");
    }
    return true;
}
