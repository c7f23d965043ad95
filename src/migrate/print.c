/* Prints a step as part of a script. */
#include "migrate/run.h"

/* ---- statements --------------------------------------------------------------------------------- */

void run_print(struct run *r, const char *line)
{
    if (r->dialect->shell->lines)
        line = r->dialect->shell->lines(r->p->ctx, line);
    if (r->held)
        str_addf(r->held, "%s\n", line);
    else
        r->options->print(r->options->user, line);
}

static void print_rows(void *user, const char *line, ATTR_UNUSED size_t rows)
{
    run_print(user, line);
}

/* Of rows that a guard is put around. */
static void print_guarded_rows(void *user, const char *line, ATTR_UNUSED size_t rows)
{
    struct run *r = user;
    struct ctx *ctx = r->p->ctx;
    struct statement s = {.text = arena_strndup(&ctx->arena, line, strlen(line) - 1)};
    const char *text;
    r->dialect->shell->guard(ctx, &s, r->guard_at);
    if (r->dialect->shell->statement(ctx, &s, r->in_transaction, &text))
        run_print(r, text);
}

static bool print_restore(struct run *r, const struct statement *s)
{
    const char *lines;
    if (!r->dialect->shell->restore(r->p->ctx, r->p->conn, s, &lines))
        return false;
    if (lines)
        run_print(r, lines);
    return true;
}

/* Those that cannot run in a transaction may wait for long. Only a script sets a timeout, in its head. */
static bool needs_no_timeout(const struct run *r, const struct statement *s)
{
    return r->offline && s->flags & STATEMENT_OUTSIDE && !(s->flags & STATEMENT_TASK);
}

/* Offline the database itself must check what the runner would check: whether a row was changed, or rows do not
 * fit. */
static bool print_statement(struct run *r, struct statement *s)
{
    const struct shell *shell = r->dialect->shell;
    struct ctx *ctx = r->p->ctx;
    const char *text;
    if (s->op && shell->check_text && !shell->check_text(ctx, s))
        return false;
    if (r->is_guarded)
        shell->guard(ctx, s, r->guard_at);
    if (s->flags & STATEMENT_ROWS)
        return rows_script(ctx, r->dialect, s, s->guard ? print_guarded_rows : print_rows, r);
    if (s->flags & STATEMENT_SESSION)
        return print_restore(r, s);
    if (s->flags & STATEMENT_CHECK && !r->offline)
        return true;
    if (s->flags & STATEMENT_CHECK)
        text = shell->check(ctx, s);
    else if (r->offline && s->expect == 1 && s->subject)
        text = shell->expect(
            ctx, s, ctx_printf(ctx, "revision %s is not applied, or others descend from it", s->subject));
    else if (!shell->statement(ctx, s, r->in_transaction, &text))
        return false;
    if (shell->without_timeout && needs_no_timeout(r, s))
        text = shell->without_timeout(ctx, text);
    run_print(r, text);
    return true;
}

/* Statements that cannot run in a transaction run between two. A backfill in an embedded database, in one
 * statement, can. */
static bool is_between(const struct run *r, const struct statement *s)
{
    return s->flags & STATEMENT_OUTSIDE &&
           (!s->op || s->op->kind != OP_BACKFILL || !r->dialect->has.embedded);
}

void run_print_begin(struct run *r)
{
    if (!r->in_transaction)
        run_print(r, r->dialect->shell->begin);
    r->in_transaction = true;
}

void run_print_commit(struct run *r)
{
    if (r->in_transaction)
        run_print(r, r->dialect->shell->commit);
    r->in_transaction = false;
}

static void print_segment(struct run *r, const struct statement *s)
{
    if (!(s->flags & STATEMENT_SEGMENT))
        return;
    run_print_commit(r);
    r->left_transaction = true;
    if (s->remark)
        run_print(r, sql_comment(r->p->ctx, s->remark));
}

bool run_print_statements(struct run *r, const struct statements *list, bool outside)
{
    vec_each(i, list) {
        print_segment(r, list->v[i]);
        if (outside || is_between(r, list->v[i])) {
            r->left_transaction = true;
            run_print_commit(r);
        } else {
            run_print_begin(r);
        }
        if (!print_statement(r, list->v[i]))
            return false;
    }
    return true;
}

/* A script cannot run programs: a comment marks the place. */
static void warn_of_programs(struct run *r, const struct statements *list)
{
    vec_each(i, list)
        if (!r->is_discarded && list->v[i]->op && list->v[i]->op->kind == OP_RUN)
            log_warn(r->p->ctx, "the script does not run '%s', but marks its place",
                strings_join(&r->p->ctx->arena, &list->v[i]->op->u.run.command, " "));
}

/* ---- printing a step ---------------------------------------------------------------------------- */

static void print_title(struct run *r, const struct work *w)
{
    const struct revision *v = w->step->revision;
    struct ctx *ctx = r->p->ctx;
    const char *message = v && v->message ? v->message : "";
    /* of several lines only the first is a comment */
    run_print(r, sql_comment(ctx, ctx_printf(ctx, "%s%s%.*s", run_step_title(&ctx->arena, w->step),
                                      *message ? ": " : "", (int)strcspn(message, "\r\n"), message)));
}

/* A dry run shows what happens to the schema. For a stamp the bookkeeping is everything. */
static bool shows_bookkeeping(const struct run *r, const struct work *w)
{
    return r->offline || r->options->bookkeeping || w->step->direction == DIRECTION_STAMP;
}

static bool print_body(struct run *r, const struct work *w, const struct statements *list)
{
    bool outside = run_is_outside(r, w);
    struct statements own = {0};
    bool in_parts = r->offline && r->dialect->has.commits_ddl && r->keeps_progress;
    if (shows_bookkeeping(r, w))
        run_add_bookkeeping(r, w, &own);
    if (!(in_parts ? run_print_parts(r, w, list) : run_print_statements(r, list, outside)) ||
        !run_print_statements(r, &own, false))
        return false;
    if (outside)
        run_print_commit(r);
    return true;
}

/* Each statement has its own condition. The lock keeps the answer from changing. */
static bool print_body_guarded(struct run *r, const struct work *w, const struct statements *list)
{
    run_print_commit(r);
    run_set_record(r, w, 0, 0, NULL);
    run_print(r, r->dialect->shell->remember(r->p->ctx, run_step_condition(r, w), &r->progress));
    r->is_guarded = true;
    bool ok = print_body(r, w, list);
    r->is_guarded = false;
    run_note_printed(r, w->step->revision);
    return ok;
}

/* Whether the step is to run is checked within its transaction, where the answer can no longer change. */
static bool print_body_when(struct run *r, const struct work *w, const struct statements *list)
{
    struct ctx *ctx = r->p->ctx;
    struct str text = STR(ctx);
    const char *condition = run_step_condition(r, w);
    r->held = &text;
    bool ok = print_body(r, w, list);
    r->held = NULL;
    if (ok)
        run_print(r, r->dialect->shell->when(ctx, condition, str_get(&text)));
    run_note_printed(r, w->step->revision);
    return ok;
}

static bool print_step_body(struct run *r, const struct work *w, const struct statements *list)
{
    if (!r->idempotent)
        return print_body(r, w, list);
    return (r->dialect->shell->guard ? print_body_guarded : print_body_when)(r, w, list);
}

/* A dry run that continues a revision leaves out the statements of an SQL text that are applied. */
static bool skip_applied(struct run *r, struct statements *list)
{
    struct statements parts = {0};
    if (!r->skipped_parts || !list->n || !(list->v[0]->flags & STATEMENT_SCRIPT))
        return true;
    if (!r->dialect->split(r->p->ctx, list->v[0], false, &parts))
        return false;
    if (r->skipped_parts < parts.n)
        list->v[0]->text += parts.v[r->skipped_parts]->from;
    return true;
}

static bool print_settings(struct run *r, const struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    struct statements settings = {0}, list = {0};
    if (!run_settings_again(r, w, &settings))
        return false;
    vec_each(i, &settings) {
        const struct statement *s = settings.v[i];
        const char *text = arena_strndup(&ctx->arena, s->text + s->from, s->to - s->from);
        statement_add(ctx, &list, text, s->op)->flags = s->flags;
    }
    return run_print_statements(r, &list, true);
}

/* What has run cannot be rolled back, so the version rows are checked before. */
static bool print_checks(struct run *r, const struct work *w)
{
    struct statements list = {0};
    if (!r->offline || r->idempotent || r->options->purge || !r->dialect->has.commits_ddl)
        return true;
    run_add_checks(r, w, &list);
    return run_print_statements(r, &list, true);
}

bool run_print_step(struct run *r, struct work *w, bool last)
{
    struct statements list = {0};
    r->left_transaction = false;
    run_begin_step(r, w);
    if (!run_render(r, w, &list) || !skip_applied(r, &list) || !run_follow(r, w, &list))
        return false;
    warn_of_programs(r, &list);
    if (run_is_outside(r, w))
        run_print_commit(r);
    print_title(r, w);
    if (!print_settings(r, w))
        return false;
    bool begins_apart = list.n && list.v[0]->flags & STATEMENT_SEGMENT;
    if (!run_is_outside(r, w) && !begins_apart && (list.n || shows_bookkeeping(r, w)))
        run_print_begin(r);
    if (!print_checks(r, w))
        return false;
    if (!print_step_body(r, w, &list))
        return false;
    if (run_commits(r, w, last))
        run_print_commit(r);
    run_print(r, "");
    run_move_rows(r, w);
    return true;
}
