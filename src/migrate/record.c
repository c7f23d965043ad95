/* Records a step: its version rows and its history row. */
#include "migrate/hooks.h"

#include "build-config.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- the history row ---------------------------------------------------------------------------- */

static const char *login_name(struct ctx *ctx)
{
    struct passwd entry, *found = NULL;
    char *buffer = arena_alloc(&ctx->arena, 4096);
    if (getpwuid_r(geteuid(), &entry, buffer, 4096, &found) == 0 && found)
        return found->pw_name;
    const char *user = getenv("USER");
    return user && *user ? ctx_strdup(ctx, user) : ctx_printf(ctx, "uid %ld", (long)geteuid());
}

/* The path relative to the configuration's directory, so that it is the same on every machine. */
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
    /* A file that the commit does not contain has no commit. */
    e->modified = file->modified || (file->commit[0] && !file->tracked);
    e->path = relative_path(r->p, v->path);
    e->text = w->body.text;
}

/* Steps that are sent ahead or only printed start later, at a time that only the server knows. */
static const char *started(struct run *r)
{
    struct arena *a = &r->p->ctx->arena;
    if (r->offline || (r->options->dry_run && r->dialect->has.embedded))
        return NULL;
    return r->dialect->has.embedded ? time_now_text(a) : time_fixed_text(a);
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

/* ---- version rows ------------------------------------------------------------------------------- */

/* The same at any current revision: a row is deleted if another applied revision descends from it, and inserted
 * again if none does. */
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

bool run_has_user_sql(const struct work *w)
{
    const struct ops *ops = run_ops(w);
    vec_each(i, ops)
        if (ops->v[i]->kind == OP_EXECUTE)
            return true;
    return false;
}

void run_add_restore(struct run *r, struct statements *list)
{
    r->dialect->restore(r->p->ctx, &r->p->version, r->table_exists && !r->offline ? &r->rows : NULL, list);
}

void run_add_bookkeeping(struct run *r, const struct work *w, struct statements *list)
{
    const struct dialect *dialect = r->dialect;
    struct ctx *ctx = r->p->ctx;
    hooks_add(r, w, HOOK_AFTER_STEP, list);
    if (run_has_user_sql(w) || hooks_have_sql(r))
        run_add_restore(r, list);
    if (!r->table_exists || r->no_history_yet)
        dialect->version_create(ctx, &r->p->version, list);
    bool has_record = r->attempt.has_table || (r->offline && dialect->has.commits_ddl && r->keeps_progress);
    if (has_record || r->ends_progress || r->idempotent)
        progress_drop(ctx, dialect, &r->p->version, list);
    if (r->idempotent)
        add_idempotent_moves(r, w, list);
    for (size_t i = 0; !r->idempotent && i < w->step->moves.n; i++) {
        struct version_move move = {.from = w->step->moves.v[i].from, .to = w->step->moves.v[i].to};
        dialect->version_move(ctx, &r->p->version, &move, list);
    }
    if (!w->reverts)
        add_history(r, w, list);
}

void run_move_rows(struct run *r, struct work *w)
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
    r->no_history_yet = r->ends_progress = false;
    r->attempt.has_table = r->attempt.has_table && r->dialect->has.commits_ddl; /* where it stays, empty */
}
