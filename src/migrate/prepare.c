/* Plans the steps of a run, and rejects invalid ones before the first step runs. */
#include "migrate/hooks.h"

/* ---- the plan ----------------------------------------------------------------------------------- */

/* What was confirmed is what is reverted. */
static bool plan_lost(struct run *r)
{
    struct project *p = r->p;
    const struct strings *shown = r->options->shown;
    if (!shown || strings_eq(shown, &r->rows))
        return plan_revert_lost(p->ctx, &p->graph, &r->rows, &r->plan);
    fail(p->ctx, STATUS_FAILED, "another program has changed the revisions of the database to %s",
        r->rows.n ? strings_join(&p->ctx->arena, &r->rows, ", ") : "base");
    return fail_hint(p->ctx, "Nothing was changed. Run the command again.");
}

/* The first pending revision that comes before this one by a parent or a dependency. */
static const struct revision *first_before(const struct plan *plan, const struct revision *v)
{
    vec_each(i, &plan->waiting) {
        const struct revision *other = plan->waiting.v[i];
        vec_each(k, &v->parents)
            if (v->parents.v[k] == other)
                return other;
        vec_each(k, &v->dependencies)
            if (v->dependencies.v[k] == other)
                return other;
    }
    return NULL;
}

/* That contract revisions wait for others is an error: without them the phase would do nothing. */
static bool plan_upgrade_of_phase(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct run_options *o = r->options;
    struct plan *plan = &r->plan;
    if (!plan_phase(ctx, &r->p->graph, &r->rows, o->target, o->phase, plan))
        return false;
    for (size_t i = 0; o->phase == PHASE_CONTRACT && !plan->n && i < plan->waiting.n; i++) {
        const struct revision *v = plan->waiting.v[i], *before = first_before(plan, v);
        if (v->phase != PHASE_CONTRACT || !before)
            continue;
        fail(ctx, STATUS_FAILED, "cannot apply contract revision %s: %s comes before it and is pending",
            v->id, before->id);
        return fail_hint(ctx, "Run 'cmig upgrade --phase expand' first.");
    }
    return true;
}

bool run_plan(struct run *r)
{
    struct project *p = r->p;
    const struct run_options *o = r->options;
    r->plan = (struct plan){0};
    if (o->lost)
        return plan_lost(r);
    if (o->only)
        return plan_one(p->ctx, &p->graph, &r->rows, o->only, o->direction, &r->plan);
    switch (o->direction) {
    case DIRECTION_UP:
        return plan_upgrade_of_phase(r);
    case DIRECTION_DOWN:
        return plan_downgrade(p->ctx, &p->graph, &r->rows, o->target, &r->plan);
    case DIRECTION_STAMP:
        return plan_stamp(p->ctx, &p->graph, &r->rows, &o->targets, o->purge, &r->plan);
    }
    return false;
}

void run_announce(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct strings extra = {0};
    for (size_t i = 0; i < r->plan.n; i++)
        if (r->plan.v[i].extra)
            vec_add(ctx, &extra, r->plan.v[i].revision->id);
    if (!extra.n)
        return;
    const char *ids = strings_join(&ctx->arena, &extra, ", ");
    if (r->options->direction == DIRECTION_UP)
        log_info(ctx, "applied too, as dependencies of '%s': %s", r->options->target, ids);
    else
        log_info(ctx, "reverted too, since they depend on reverted revisions: %s", ids);
}

const char *run_idle_note(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const char *at = r->rows.n ? strings_join(&ctx->arena, &r->rows, ", ") : "base";
    if (r->options->direction == DIRECTION_UP && !r->p->graph.all.n)
        return ctx_printf(ctx,
            "nothing to do: there are no revisions yet in %s; 'cmig revision --autogenerate -m MESSAGE' "
            "writes "
            "the first",
            strings_join(&ctx->arena, &r->p->config.migrations, ", "));
    if (r->options->phase)
        return ctx_printf(
            ctx, "nothing to do in phase '%s': the database is at %s", phase_names[r->options->phase], at);
    if (r->options->direction != DIRECTION_UP)
        return ctx_printf(ctx, "nothing to do: the database is at %s", at);
    struct revisions current = {0}, targets = {0};
    if (!graph_rows(ctx, &r->p->graph, &r->rows, &current) ||
        !graph_resolve(ctx, &r->p->graph, &current, r->options->target, &targets)) {
        err_clear(ctx);
        return ctx_printf(ctx, "nothing to do: the database is at %s", at);
    }
    vec_each(i, &targets)
        if (!strings_have(&r->rows, targets.v[i]->id))
            return ctx_printf(
                ctx, "nothing to do: %s is already applied, the database is at %s", targets.v[i]->id, at);
    return ctx_printf(ctx, "nothing to do: already at %s", at);
}

char *run_step_title(struct arena *a, const struct step *step)
{
    struct strings down = {0};
    const char *id = step->revision ? step->revision->id : "base";
    if (step->direction == DIRECTION_STAMP)
        return arena_printf(a, "-> %s", id);
    vec_each(i, &step->revision->parents)
        vec_push(a, &down, step->revision->parents.v[i]->id);
    const char *below = down.n ? strings_join(a, &down, ", ") : "base";
    if (step->direction == DIRECTION_UP)
        return arena_printf(a, "%s -> %s", below, id);
    return arena_printf(a, "%s -> %s", id, below);
}

/* ---- refusing early ----------------------------------------------------------------------------- */

static bool check_downgrade(struct run *r, const struct work *w)
{
    const struct revision *v = w->step->revision;
    if (w->body.has_downgrade)
        return true;
    if (v->from_history) {
        fail(r->p->ctx, STATUS_FAILED, "the applied text of revision %s has no downgrade",
            revision_title(&r->p->ctx->arena, v));
        return fail_hint(r->p->ctx,
            "Undo by hand what it did, then run 'cmig stamp --purge REVISION' with the revision at which the "
            "database is then. Nothing was changed.");
    }
    fail_at(r->p->ctx, STATUS_FAILED, v->pos, "revision %s has no downgrade",
        revision_title(&r->p->ctx->arena, v));
    if (!v->parents.n)
        return fail_hint(r->p->ctx, "A first revision without one is a baseline; run 'cmig stamp base' to "
                                    "remove its record and keep the tables. Nothing was changed.");
    return fail_hint(r->p->ctx,
        "Write a 'downgrade:' part ('downgrade: []' if there is nothing to revert). Nothing was changed.");
}

bool run_body(struct run *r, const struct revision *v, struct revision_body *ret)
{
    struct project *p = r->p;
    const struct audience to = project_audience(p, r->dialect->name);

    return revision_body(p->ctx, v, &to, ret) &&
           ops_name(p->ctx, p->config.naming, r->dialect, &ret->upgrade) &&
           ops_name(p->ctx, p->config.naming, r->dialect, &ret->downgrade);
}

/* The path of a file that an operation names. */
static const char *beside(const struct run *r, const struct work *w, const char *file)
{
    return fs_join(&r->p->ctx->arena, run_folder(r, w), file);
}

static bool check_file(struct run *r, const struct work *w, const struct op *op, const char *file)
{
    struct ctx *ctx = r->p->ctx;
    const char *path = beside(r, w, file), *problem = fs_unreadable(ctx, path);
    if (fs_kind(ctx, path) == FS_ABSENT)
        return fail_at(
            ctx, STATUS_CONFIG, op->pos, "file '%s' of %s does not exist", file, op_table[op->kind].name);
    return !problem || fail_at(ctx, STATUS_CONFIG, op->pos, "cannot read file '%s' of %s: %s", file,
                           op_table[op->kind].name, problem);
}

static bool check_files(struct run *r, const struct work *w)
{
    const struct ops *ops = run_ops(w);

    vec_each(i, ops) {
        const struct op *op = ops->v[i];

        if (op->kind == OP_BULK_INSERT && op->u.bulk_insert.file &&
            !check_file(r, w, op, op->u.bulk_insert.file))
            return false;
    }
    return true;
}

/* The text of an execute, from its file if it names one. */
static bool read_text(struct run *r, const struct work *w, struct op *op, const char **ret)
{
    struct ctx *ctx = r->p->ctx;
    const char *file = dtext_for(&op->u.execute.file, r->dialect->name), *path;
    size_t size;
    char *text;

    *ret = dtext_for(&op->u.execute.sql, r->dialect->name);
    if (!file)
        return true;
    path = beside(r, w, file);
    if (!check_file(r, w, op, file))
        return false;
    if (!fs_read(ctx, &ctx->arena, "SQL file", path, FS_TEXT_LIMIT, &text, &size))
        return fail_in(ctx, "%s%s", pos_text(&ctx->arena, op->pos), op_label(&ctx->arena, op));
    op->u.execute.text_pos = (struct pos){path, 1, 1};
    *ret = text;
    return true;
}

static bool prepare_assertion(struct run *r, struct op *op)
{
    struct dtext *sql = &op->u.assertion.sql;
    const char *text = dtext_for(sql, r->dialect->name);
    if (text && strstr(text, "${x:") && !config_expand_x(r->p->ctx, &r->p->config, op->pos, text, &text))
        return false;
    *sql = (struct dtext){.text = text};
    return true;
}

/* Values of -x are replaced only in the texts that run now: the other direction may need other values. */
static bool prepare_texts(struct run *r, const struct work *w, const struct ops *ops)
{
    struct ctx *ctx = r->p->ctx;

    vec_each(i, ops) {
        struct op *op = ops->v[i];
        const char *text;

        if (op->kind == OP_ASSERT && !prepare_assertion(r, op))
            return false;
        if (op->kind != OP_EXECUTE)
            continue;
        if (!read_text(r, w, op, &text))
            return false;
        struct pos pos = op->u.execute.text_pos.line ? op->u.execute.text_pos : op->pos;
        if (text && strstr(text, "${x:") && !config_expand_x(ctx, &r->p->config, pos, text, &text))
            return false;
        if (text)
            text = r->dialect->clean(ctx, text, !run_is_outside(r, w));
        op->u.execute.sql = (struct dtext){.text = text};
        op->u.execute.file = (struct dtext){0};
    }
    return true;
}

/* Whether the SQL texts can be part of a revision. */
static bool check_texts(struct run *r, const struct work *w)
{
    const struct ops *ops = run_ops(w);

    vec_each(i, ops) {
        struct op *op = ops->v[i];
        struct statement s = {.op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
        struct statements parts = {0};

        if (op->kind != OP_EXECUTE || !(s.text = op->u.execute.sql.text))
            continue;
        const struct pos *source = &op->u.execute.text_pos;
        if (!check_placeholder(r->p->ctx, s.text, source->line ? *source : op->pos, source->line > 0))
            return fail_in(
                r->p->ctx, "%s%s", pos_text(&r->p->ctx->arena, op->pos), op_label(&r->p->ctx->arena, op));
        if (!r->dialect->split(r->p->ctx, &s, !run_is_outside(r, w), &parts))
            return false;
    }
    return true;
}

static bool check_ops(struct run *r, const struct work *w)
{
    const struct revision *v = w->step->revision;
    struct ctx *ctx = r->p->ctx;

    if (gone_check_ops(r, w) && prepare_texts(r, w, run_ops(w)) &&
        ops_check(ctx, r->dialect, r->p->conn, run_ops(w)) && check_files(r, w) && check_texts(r, w) &&
        run_check_apart(r, w))
        return true;
    fail_in(
        ctx, "revision %s cannot run on %s", revision_title(&ctx->arena, v), dialect_title(ctx, r->dialect));
    if (!r->p->is_scratch)
        fail_hint(ctx, "Nothing was changed.");
    return false;
}

static bool read_stamped(struct run *r, struct work *w)
{
    const struct revision *v = w->step->revision;
    char *text;
    if (!r->options->keeps_text || !v || !v->path)
        return true;
    if (!fs_read(r->p->ctx, &r->p->ctx->arena, "revision", v->path, FS_TEXT_LIMIT, &text, &w->body.size))
        return false;
    w->body.text = text;
    return true;
}

static bool prepare_work(struct run *r, struct work *w)
{
    if (w->step->direction == DIRECTION_STAMP)
        return read_stamped(r, w);
    if (!run_body(r, w->step->revision, &w->body))
        return false;
    if (run_reverts(r, w))
        return prepare_texts(r, w, &w->body.upgrade) && run_find_revert(r, w) && check_ops(r, w);
    if (w->step->direction == DIRECTION_DOWN && !check_downgrade(r, w))
        return false;
    return check_ops(r, w) && (!run_continues(r, w) || run_check_continued(r, run_ops(w)));
}

static bool check_writable(struct run *r)
{
    if (!r->p->conn || !r->p->conn->read_only || r->options->dry_run)
        return true;
    fail(r->p->ctx, STATUS_FAILED, "database '%s' is read-only", url_text(&r->p->ctx->arena, r->p->url.text));
    return fail_hint(r->p->ctx, "%s", r->p->conn->read_only);
}

/* One list of all that the run does; each step has the part after it. */
static void note_later(struct run *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->plan.n; i++)
        n += run_ops(&r->works[i])->n;
    struct op **end = (struct op **)arena_alloc(&r->p->ctx->arena, (n + 1) * sizeof(*end)) + n, **v = end;
    for (size_t i = r->plan.n; i-- > 0;) {
        struct work *w = &r->works[i];
        const struct ops *ops = run_ops(w);
        w->later = (struct ops){.v = v, .n = (size_t)(end - v)};
        if (w->body.outside)
            end = v;
        else if (ops->n)
            v = memcpy(v - ops->n, ops->v, ops->n * sizeof(*v));
    }
}

bool run_prepare(struct run *r)
{
    if (r->plan.n && (!check_writable(r) || !gone_check_plan(r)))
        return false;
    r->works = arena_alloc(&r->p->ctx->arena, (r->plan.n + 1) * sizeof(*r->works));
    for (size_t i = 0; i < r->plan.n; i++) {
        r->works[i].step = &r->plan.v[i];
        if (!prepare_work(r, &r->works[i]))
            return false;
    }
    if (r->p->config.transaction == TRANSACTION_RUN)
        note_later(r);
    return hooks_prepare(r) && run_check_stamped(r) && run_foresee(r);
}
