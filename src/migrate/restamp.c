/*
 * Gives applied revisions other parents, in their files and in the database.
 *
 * The version rows imply which revisions are applied: so they are those of the applied revisions from which, by the new
 * parents, no other applied one descends. The history gets the new texts, so that the files do not count as edited. The
 * database commits last, when all files are written.
 */
#include "cmig/migrate.h"
#include "cmig/vcs.h"

struct restamping {
    struct project *p;
    struct ctx *ctx;
    const struct reparenteds *files;
    bool *applied; /* by revision->order */
    struct statements list;
};

/* ---- files ----------------------------------------------------------------------------------------------- */

bool reparented_write(struct ctx *ctx, const struct reparenteds *files)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct reparented *f = &files->v[i];
        if (fs_write(ctx, f->change->revision->path, f->text, strlen(f->text)))
            continue;
        while (i--) {
            const struct reparented *done = &files->v[i];
            if (!fs_write(ctx, done->change->revision->path, done->old_text, strlen(done->old_text)))
                log_warn(ctx, "'%s' was not restored", done->change->revision->path);
        }
        return false;
    }
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static const struct reparenting *change_of(const struct restamping *s, const struct revision *r)
{
    vec_each(i, s->files)
        if (s->files->v[i].change->revision == r)
            return s->files->v[i].change;
    return NULL;
}

/* The parents that the revision has from now on, and what it depends on. */
static struct revisions below(struct restamping *s, const struct revision *r)
{
    const struct reparenting *change = change_of(s, r);
    struct revisions ret = {0};
    for (size_t i = 0; change && i < change->parents.n; i++)
        vec_add(s->ctx, &ret, map_get(&s->p->graph.by_id, change->parents.v[i]));
    for (size_t i = 0; !change && i < r->parents.n; i++)
        vec_add(s->ctx, &ret, r->parents.v[i]);
    vec_each(i, &r->dependencies)
        vec_add(s->ctx, &ret, r->dependencies.v[i]);
    return ret;
}

static bool check_parents(struct restamping *s)
{
    vec_each(i, s->files) {
        const struct reparenting *change = s->files->v[i].change;
        for (size_t k = 0; s->applied[change->revision->order] && k < change->parents.n; k++) {
            const struct revision *parent = map_get(&s->p->graph.by_id, change->parents.v[k]);
            if (s->applied[parent->order])
                continue;
            fail(s->ctx, STATUS_FAILED, "cannot put applied revision %s after %s, which is not applied",
                change->revision->id, parent->id);
            return fail_hint(s->ctx, "Run 'cmig upgrade %s' first.", parent->id);
        }
    }
    return true;
}

static struct strings new_rows(struct restamping *s)
{
    const struct revisions *all = &s->p->graph.all;
    bool *implied = arena_alloc(&s->ctx->arena, (all->n + 1) * sizeof(bool));
    struct strings ret = {0};
    vec_each(i, all) {
        const struct revisions under = below(s, all->v[i]);
        for (size_t k = 0; s->applied[i] && k < under.n; k++)
            implied[under.v[k]->order] = true;
    }
    vec_each(i, all)
        if (s->applied[i] && !implied[i])
            vec_add(s->ctx, &ret, all->v[i]->id);
    return ret;
}

static void move_rows(struct restamping *s, const struct strings *before)
{
    const struct strings after = new_rows(s);
    const struct dialect *dialect = s->p->conn->dialect;
    vec_each(i, before) {
        const struct version_move gone = {.from = before->v[i]};
        if (!strings_have(&after, before->v[i]))
            dialect->version_move(s->ctx, &s->p->version, &gone, &s->list);
    }
    vec_each(i, &after) {
        const struct version_move added = {.to = after.v[i]};
        if (!strings_have(before, after.v[i]))
            dialect->version_move(s->ctx, &s->p->version, &added, &s->list);
    }
}

/* ---- the history ----------------------------------------------------------------------------------------- */

static bool rewrite_history(struct restamping *s, const struct reparented *f)
{
    const struct revision *r = f->change->revision;
    const struct history_query which = {.revision = r->id, .without_text = true};
    struct conn *conn = s->p->conn;
    struct history_rows rows = {0};
    char blob[41];
    if (!s->p->version.history.name || !s->applied[r->order])
        return true;
    if (!conn->dialect->history(conn, &s->p->version, &which, &rows))
        return false;
    vcs_blob_id(f->text, strlen(f->text), blob);
    vec_each(i, &rows) {
        const struct history_row *row = rows.v[i];
        const struct history_entry e = {.parents = strings_join(&s->ctx->arena, &f->change->parents, " "),
            .blob = blob,
            .commit = row->commit,
            .modified = true,
            .path = row->path,
            .text = f->text};
        if (!str_eq(row->direction, "upgrade"))
            continue;
        history_rewrite(s->ctx, conn->dialect, &s->p->version, row->id, &e, &s->list);
        return true;
    }
    return true;
}

/* ---- together -------------------------------------------------------------------------------------------- */

/* Under the lock they are final. */
static bool check_rows(struct restamping *s, const struct strings *rows)
{
    struct strings now = {0};
    struct attempt attempt;
    bool exists;
    if (!project_versions(s->p, &now, &exists) || !project_attempt(s->p, &now, &attempt))
        return false;
    if (attempt.kind != ATTEMPT_NONE)
        return attempt_fail(s->ctx, &attempt, STATUS_FAILED);
    return strings_eq(rows, &now) ||
           fail(s->ctx, STATUS_TRY_AGAIN, "another program has changed the revisions of the database");
}

static bool prepare(struct restamping *s, const struct strings *rows)
{
    struct revisions at = {0};
    if (!check_rows(s, rows) || !graph_rows(s->ctx, &s->p->graph, rows, &at))
        return false;
    graph_ancestors(s->ctx, &s->p->graph, &at, true, &s->applied);
    if (!check_parents(s))
        return false;
    move_rows(s, rows);
    vec_each(i, s->files)
        if (!rewrite_history(s, &s->files->v[i]))
            return false;
    return true;
}

static bool write_all(struct restamping *s)
{
    struct conn *conn = s->p->conn;
    struct reparenteds back = {0};
    if (!conn->dialect->begin(conn) || !conn->dialect->exec(conn, &s->list, false) ||
        !reparented_write(s->ctx, s->files))
        return false;
    if (conn->dialect->commit(conn))
        return true;
    vec_each(i, s->files) {
        struct reparented f = s->files->v[i];
        f.text = f.old_text;
        vec_add(s->ctx, &back, f);
    }
    const struct err err = s->ctx->err;
    if (!reparented_write(s->ctx, &back))
        log_warn(s->ctx, "the files were not restored: %s", err_text(s->ctx));
    s->ctx->err = err;
    return false;
}

bool migrate_restamp(struct project *p, const struct strings *rows, const struct reparenteds *files)
{
    struct restamping s = {.p = p, .ctx = p->ctx, .files = files};
    struct conn *conn = p->conn;
    if (!conn->dialect->lock(conn, &p->version, p->config.lock_timeout_ms))
        return false;
    bool ok = prepare(&s, rows) && write_all(&s);
    if (!ok)
        conn->dialect->rollback(conn);
    conn->dialect->unlock(conn);
    return ok;
}
