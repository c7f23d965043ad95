/* What does one step send to the database, and in which transaction? */
#include "migrate/run.h"

#include "build-config.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what is recorded --------------------------------------------------------------------------- */

static const char *login_name(struct ctx *ctx)
{
    struct passwd entry, *found = NULL;
    char *buffer = arena_alloc(&ctx->arena, 4096);
    if (getpwuid_r(geteuid(), &entry, buffer, 4096, &found) == 0 && found)
        return found->pw_name;
    const char *user = getenv("USER");
    return user && *user ? ctx_strdup(ctx, user) : ctx_printf(ctx, "uid %ld", (long)geteuid());
}

/* The path as the configuration's folder sees it, so that it says the same on every machine. */
static const char *relative_path(const struct project *p, const char *path)
{
    const char *folder = p->config.folder;
    size_t n = strlen(folder);
    if (path && strncmp(path, folder, n) == 0 && path[n] == '/')
        return path + n + 1;
    return path;
}

static void describe_file(struct run *r, const struct work *w, struct history_entry *e)
{
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = w->step->revision;
    struct vcs_file *file = ctx_new(ctx, struct vcs_file);
    if (!r->vcs)
        r->vcs = vcs_open(ctx, r->p->config.folder);
    vcs_file(r->vcs, v->path, w->body.text, w->body.size, file);
    e->blob = file->blob[0] ? file->blob : NULL;
    e->commit = file->commit[0] ? file->commit : NULL;
    /* A file that the commit does not have is none of its. */
    e->modified = file->modified || (file->commit[0] && !file->tracked);
    e->path = relative_path(r->p, v->path);
    e->text = w->body.text;
}

/* What is sent ahead begins later, which only its server knows. */
static const char *started(struct run *r)
{
    struct arena *a = &r->p->ctx->arena;
    if (r->offline)
        return NULL;
    return r->dialect->features & DIALECT_EMBEDDED ? time_now_text(a) : time_fixed_text(a);
}

static void add_history(struct run *r, const struct work *w, struct statements *list)
{
    static const char *const names[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = w->step->revision;
    if (!r->p->version.history.name)
        return;
    if (!r->login && !r->offline)
        r->login = login_name(ctx);
    struct history_entry e = {
        .revision = v ? v->id : "base",
        .started = started(r),
        .parents = v ? strings_join(&ctx->arena, &v->down, " ") : "",
        .direction = names[w->step->direction],
        .message = v ? v->message : NULL,
        .user = r->login,
        .version = CMIG_VERSION,
        .tag = r->options->tag,
    };
    if (w->body.text)
        describe_file(r, w, &e);
    r->dialect->history_add(ctx, &r->p->version, &e, list);
}

/* The same wherever the database stands: a row goes when another revision stands upon it, and comes back when none
 * does. */
static void add_idempotent_moves(struct run *r, const struct work *w, struct statements *list)
{
    const struct revision *v = w->step->revision;
    const struct version_table *table = &r->p->version;
    struct ctx *ctx = r->p->ctx;
    struct revisions below = {0};
    struct strings ids = {0};
    vec_each(i, &v->parents)
        vec_add(ctx, &below, v->parents.v[i]);
    vec_each(i, &v->dependencies)
        vec_add(ctx, &below, v->dependencies.v[i]);
    vec_each(i, &below)
        vec_add(ctx, &ids, below.v[i]->id);
    if (w->step->direction == DIRECTION_UP && ids.n)
        version_remove(ctx, r->dialect, table, &ids, list);
    const struct version_move move = {.from = w->step->direction == DIRECTION_UP ? NULL : v->id,
        .to = w->step->direction == DIRECTION_UP ? v->id : NULL};
    r->dialect->version_move(ctx, table, &move, list);
    for (size_t i = 0; w->step->direction == DIRECTION_DOWN && i < below.n; i++) {
        struct strings upon = {0};
        run_applied_by(r, below.v[i], &upon);
        version_add_unless(ctx, r->dialect, table, below.v[i]->id, &upon, list);
    }
}

/* The version rows of the step, with the tables themselves when they are not there yet. */
static void add_bookkeeping(struct run *r, const struct work *w, struct statements *list)
{
    const struct dialect *dialect = r->dialect;
    struct ctx *ctx = r->p->ctx;
    if (!r->table_exists || r->no_history_yet)
        dialect->version_create(ctx, &r->p->version, list);
    if (r->idempotent)
        add_idempotent_moves(r, w, list);
    for (size_t i = 0; !r->idempotent && i < w->step->moves.n; i++) {
        struct version_move move = {.from = w->step->moves.v[i].from, .to = w->step->moves.v[i].to};
        dialect->version_move(ctx, &r->p->version, &move, list);
    }
    add_history(r, w, list);
}

/* The rows as they are once the step is done. */
static void move_rows(struct run *r, struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    const struct step *step = w->step;
    struct strings rows = {0};
    vec_each(i, &r->rows)
        vec_add(ctx, &rows, r->rows.v[i]);
    for (size_t i = 0; i < step->moves.n; i++) {
        for (size_t k = rows.n; step->moves.v[i].from && k-- > 0;)
            if (str_eq(rows.v[k], step->moves.v[i].from))
                vec_remove(&rows, k);
        if (step->moves.v[i].to)
            vec_add(ctx, &rows, step->moves.v[i].to);
    }
    strings_sort(&rows);
    r->rows = w->rows = rows;
    r->table_exists = true;
    r->no_history_yet = false;
}

/* ---- rendering ---------------------------------------------------------------------------------- */

const struct ops *run_ops(const struct work *w)
{
    return w->step->direction == DIRECTION_DOWN ? &w->body.downgrade : &w->body.upgrade;
}

/* What the steps behind this one do in its transaction. */
static const struct ops *ops_later(struct run *r, const struct work *w)
{
    struct ops *later = ctx_new(r->p->ctx, struct ops);
    if (r->p->config.transaction != TRANSACTION_RUN)
        return NULL;
    for (const struct work *next = w + 1; next < r->works + r->plan.n && !next->body.outside; next++)
        vec_each(i, run_ops(next))
            vec_add(r->p->ctx, later, run_ops(next)->v[i]);
    return later;
}

static bool render(struct run *r, const struct work *w, struct statements *ret)
{
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = w->step->revision;
    if (w->step->direction == DIRECTION_STAMP)
        return true;
    struct state state = {
        .dialect = r->dialect,
        .conn = r->p->conn,
        .schema = r->replayed,
        .base = v->path ? fs_dirname(&ctx->arena, v->path) : r->p->config.folder,
        .later = ops_later(r, w),
    };
    struct ops rest = *run_ops(w);
    rest.v += rest.n ? r->skipped : 0;
    rest.n -= r->skipped;
    return state.dialect->render(ctx, &state, &rest, ret);
}

/* ---- running ------------------------------------------------------------------------------------ */

static bool run_all_outside(struct run *r, const struct work *w)
{
    struct statements list = {0};
    return render(r, w, &list) && run_outside(r, w, &list);
}

static bool run_all_segments(struct run *r, const struct work *w)
{
    for (bool again = true; again;) {
        struct statements list = {0};
        if (!render(r, w, &list) || !run_segment(r, w, &list, false, &again))
            return false;
    }
    return true;
}

bool run_is_outside(const struct run *r, const struct work *w)
{
    return w->body.outside || r->p->config.transaction == TRANSACTION_NONE;
}

/* Whether the transaction ends with the step. */
static bool is_committed(const struct run *r, const struct work *w, bool last)
{
    return run_is_outside(r, w) || last || r->p->config.transaction == TRANSACTION_REVISION ||
           r->left_transaction;
}

bool run_step(struct run *r, struct work *w, bool last)
{
    bool outside = run_is_outside(r, w);
    struct statements list = {0};
    bool again;
    if (!run_take_up(r, w, outside) || (outside && !run_all_outside(r, w)))
        return false;
    if (!outside && r->keeps_progress && !run_all_segments(r, w))
        return false;
    if (!outside && !r->keeps_progress && !render(r, w, &list))
        return false;
    if (!run_clear_progress(r, &list))
        return false;
    add_bookkeeping(r, w, &list);
    w->commits = is_committed(r, w, last);
    if (!run_segment(r, w, &list, w->commits, &again))
        return false;
    move_rows(r, w);
    return true;
}

/* ---- printing ----------------------------------------------------------------------------------- */

void run_print(struct run *r, const char *line)
{
    if (r->dialect->shell->lines)
        line = r->dialect->shell->lines(r->p->ctx, line);
    if (r->held)
        str_addf(r->held, "%s\n", line);
    else
        r->options->print(r->options->user, line);
}

static void print_rows(void *user, const char *line)
{
    run_print(user, line);
}

/* Offline the database itself must find out what the runner would look at: whether a row was moved, or rows do not fit. */
static bool print_statement(struct run *r, const struct statement *s)
{
    const struct shell *shell = r->dialect->shell;
    struct ctx *ctx = r->p->ctx;
    const char *text;
    if (s->flags & STATEMENT_ROWS)
        return rows_script(ctx, r->dialect, s, print_rows, r);
    if (s->flags & STATEMENT_CHECK && !r->offline)
        return true;
    if (s->flags & STATEMENT_CHECK)
        text = shell->check(ctx, s->text);
    else if (r->offline && s->expect == 1 && s->subject)
        text = shell->expect(
            ctx, s->text, ctx_printf(ctx, "revision %s is not applied, or others stand upon it", s->subject));
    else if (!shell->statement(ctx, s, r->in_transaction, &text))
        return false;
    run_print(r, text);
    return true;
}

/* What cannot run in a transaction stands between two. A backfill in an embedded database, in one statement, can. */
static bool is_between(const struct run *r, const struct statement *s)
{
    return s->flags & STATEMENT_OUTSIDE &&
           (s->op->kind != OP_BACKFILL || !(r->dialect->features & DIALECT_EMBEDDED));
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

bool run_print_statements(struct run *r, const struct statements *list, bool outside)
{
    vec_each(i, list) {
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

/* A script cannot run programs: it says where to. */
static void warn_of_programs(struct run *r, const struct statements *list)
{
    vec_each(i, list)
        if (list->v[i]->op && list->v[i]->op->kind == OP_RUN)
            log_warn(r->p->ctx, "the script does not run '%s', but says where it is to be run",
                strings_join(&r->p->ctx->arena, &list->v[i]->op->u.run.command, " "));
}

/* ---- what the next step is rendered against ----------------------------------------------------- */

/* Rows are for the real database. */
static bool is_about_rows(const struct op *op)
{
    return op && (op->kind == OP_BULK_INSERT || op->kind == OP_BACKFILL || op->kind == OP_RUN);
}

static bool run_in_stand_in(struct run *r, const struct work *w, const struct statements *list)
{
    struct conn *conn = r->p->conn;
    struct statements wanted = {0};
    vec_each(i, list)
        if (!is_about_rows(list->v[i]->op))
            vec_add(r->p->ctx, &wanted, list->v[i]);
    if (run_is_outside(r, w))
        return conn->dialect->exec(conn, &wanted, false);
    return conn->dialect->begin(conn) && conn->dialect->exec(conn, &wanted, true);
}

/* An operation on what people's SQL made is passed over. */
static void apply_ops(struct run *r, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct ops one = {.v = &ops->v[i], .n = 1};
        if (!ops_apply(r->p->ctx, r->dialect, r->replayed, &one))
            err_clear(r->p->ctx);
    }
}

/* Brings it to where this step leaves it. */
static bool follow_step(struct run *r, const struct work *w, const struct statements *list)
{
    struct conn *conn = r->p->conn;
    if (r->replayed)
        apply_ops(r, run_ops(w));
    else if (r->offline)
        return run_in_stand_in(r, w, list);
    else if (r->dialect->features & DIALECT_EMBEDDED)
        return conn->dialect->exec(conn, list, false);
    return true;
}

bool run_replay(struct run *r, const struct work *w)
{
    struct statements list = {0};
    return (r->replayed || render(r, w, &list)) && follow_step(r, w, &list);
}

/* ---- printing a step ---------------------------------------------------------------------------- */

static void print_title(struct run *r, const struct work *w)
{
    const struct revision *v = w->step->revision;
    struct ctx *ctx = r->p->ctx;
    const char *message = v && v->message ? v->message : "";
    /* of several lines only the first is a comment */
    run_print(r, ctx_printf(ctx, "-- %s%s%.*s", run_step_title(&ctx->arena, w->step), *message ? ": " : "",
                     (int)strcspn(message, "\r\n"), message));
}

static bool print_body(struct run *r, const struct work *w, const struct statements *list)
{
    bool outside = run_is_outside(r, w);
    struct statements own = {0};
    add_bookkeeping(r, w, &own);
    if (!run_print_statements(r, list, outside) || !run_print_statements(r, &own, false))
        return false;
    if (outside)
        run_print_commit(r);
    return true;
}

/* Whether the step is to be done is asked within its transaction, where nobody changes it any more. */
static bool print_body_when(struct run *r, const struct work *w, const struct statements *list)
{
    struct ctx *ctx = r->p->ctx;
    struct str text = STR(ctx);
    struct strings ids = {0};
    run_applied_by(r, w->step->revision, &ids);
    r->held = &text;
    bool ok = print_body(r, w, list);
    r->held = NULL;
    if (ok)
        run_print(
            r, r->dialect->shell->when(ctx,
                   version_has(ctx, r->dialect, &r->p->version, &ids, w->step->direction == DIRECTION_DOWN),
                   str_get(&text)));
    return ok;
}

bool run_print_step(struct run *r, struct work *w, bool last)
{
    struct statements list = {0};
    r->left_transaction = false;
    if (!render(r, w, &list) || !follow_step(r, w, &list))
        return false;
    warn_of_programs(r, &list);
    if (run_is_outside(r, w))
        run_print_commit(r);
    print_title(r, w);
    if (!run_is_outside(r, w))
        run_print_begin(r);
    if (!(r->idempotent ? print_body_when : print_body)(r, w, &list))
        return false;
    if (is_committed(r, w, last))
        run_print_commit(r);
    run_print(r, "");
    move_rows(r, w);
    return true;
}
