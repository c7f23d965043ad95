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

static void add_history(struct run *r, const struct work *w, struct statements *list)
{
    static const char *const names[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = w->step->revision;
    if (!r->p->version.history.name)
        return;
    if (!r->login)
        r->login = login_name(ctx);
    struct history_entry e = {
        .revision = v ? v->id : "base",
        .started = time_now_text(&ctx->arena),
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

/* The version rows of the step, with the tables themselves when they are not there yet. */
static void add_bookkeeping(struct run *r, const struct work *w, struct statements *list)
{
    const struct dialect *dialect = r->dialect;
    struct ctx *ctx = r->p->ctx;
    if (!r->table_exists || r->no_history_yet)
        dialect->version_create(ctx, &r->p->version, list);
    for (size_t i = 0; i < w->step->moves.n; i++) {
        struct version_move move = {.from = w->step->moves.v[i].from, .to = w->step->moves.v[i].to};
        dialect->version_move(ctx, &r->p->version, &move, list);
    }
    add_history(r, w, list);
}

/* The rows as they are once the step is done. */
static void move_rows(struct run *r, const struct step *step)
{
    struct ctx *ctx = r->p->ctx;
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
    r->rows = rows;
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

bool run_step(struct run *r, const struct work *w, bool last)
{
    enum transaction_mode mode = (enum transaction_mode)r->p->config.transaction;
    bool outside = w->body.outside || mode == TRANSACTION_NONE;
    bool commit = outside || last || mode == TRANSACTION_REVISION;
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
    if (!run_segment(r, w, &list, commit || r->left_transaction, &again))
        return false;
    move_rows(r, w->step);
    return true;
}

/* ---- printing ----------------------------------------------------------------------------------- */

static void print_line(struct run *r, const char *line)
{
    r->options->print(r->options->user, line);
}

/* What ends a statement in a script. People's own SQL may end with a comment, which would swallow it. */
static const char *ending(const struct statement *s, const char *text)
{
    if (str_ends(text, ";") || (s->flags & STATEMENT_TASK && s->op->kind == OP_RUN))
        return "";
    return s->flags & STATEMENT_SCRIPT ? "\n;" : ";";
}

static bool print_statement(struct run *r, const struct statement *s)
{
    if (s->flags & STATEMENT_ROWS)
        return rows_script(r->p->ctx, r->dialect, s, r->options->print, r->options->user);
    const char *text = str_trim(&r->p->ctx->arena, s->text);
    if (!(s->flags & STATEMENT_CHECK))
        print_line(r, ctx_printf(r->p->ctx, "%s%s", text, ending(s, text)));
    return true;
}

/* What cannot run in a transaction stands between two. Of a backfill a script has all batches in one. */
static bool is_between(const struct statement *s)
{
    return s->flags & STATEMENT_OUTSIDE && s->op->kind != OP_BACKFILL;
}

static bool print_statements(struct run *r, const struct statements *list, bool outside)
{
    vec_each(i, list) {
        bool between = !outside && is_between(list->v[i]);
        if (between && (i == 0 || !is_between(list->v[i - 1])))
            print_line(r, r->dialect->script_commit);
        if (!print_statement(r, list->v[i]))
            return false;
        if (between && (i + 1 == list->n || !is_between(list->v[i + 1])))
            print_line(r, r->dialect->script_begin);
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

bool run_replay(struct run *r, const struct ops *ops)
{
    if (!r->replayed || ops_apply(r->p->ctx, r->dialect, r->replayed, ops))
        return true;
    if (r->dialect->features & DIALECT_EMBEDDED)
        return false;
    err_clear(r->p->ctx);
    r->replayed = NULL;
    return true;
}

/* Brings what the next step is rendered against to where this one leaves it. */
static bool follow_step(struct run *r, const struct work *w, const struct statements *list)
{
    struct conn *conn = r->p->conn;
    if (r->replayed)
        return run_replay(r, run_ops(w));
    return !(r->dialect->features & DIALECT_EMBEDDED) || conn->dialect->exec(conn, list, false);
}

bool run_print_step(struct run *r, const struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = w->step->revision;
    struct statements list = {0};
    bool outside = w->body.outside || r->p->config.transaction == TRANSACTION_NONE;
    if (!render(r, w, &list))
        return false;
    print_line(r, ctx_printf(ctx, "-- %s%s%s", run_step_title(&ctx->arena, w->step), v ? ": " : "",
                      v && v->message ? v->message : ""));
    if (!outside)
        print_line(r, r->dialect->script_begin);
    add_bookkeeping(r, w, &list);
    warn_of_programs(r, &list);
    if (!print_statements(r, &list, outside))
        return false;
    if (!outside)
        print_line(r, r->dialect->script_commit);
    print_line(r, "");
    if (!follow_step(r, w, &list))
        return false;
    move_rows(r, w->step);
    return true;
}
