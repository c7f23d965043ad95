/*
 * Finds the revisions that a database has and the revision files do not have.
 *
 * The history table records git's id of each text that was applied, and the text itself. A text from git or from the history
 * counts only if its id is the recorded one, so that what is reverted is what was applied.
 */
#include "cmig/migrate.h"

struct finder {
    struct project *p;
    bool in_git, is_open;
    struct strings roots;                     /* of the repositories */
    struct VEC_OF(struct vcs *) repositories; /* opened for the first revision that is looked for in git */
    struct lost_search *ret;
};

static void finder_finish(struct finder *f)
{
    vec_each(i, &f->repositories)
        vcs_close(f->repositories.v[i]);
}

/* ---- repositories -------------------------------------------------------------------------------------- */

/* An earlier search for the same result may have had the repository open, too. */
static void note_repository(struct finder *f, struct vcs_state *state)
{
    vec_each(i, &f->ret->repositories)
        if (str_eq(f->ret->repositories.v[i]->root, state->root))
            return;
    vec_add(f->p->ctx, &f->ret->repositories, state);
}

static void open_repository(struct finder *f, const char *folder)
{
    struct ctx *ctx = f->p->ctx;
    struct vcs_state *state = ctx_new(ctx, struct vcs_state);
    struct vcs *vcs = vcs_open(ctx, folder);
    vcs_state(vcs, state);
    if (!state->root || strings_have(&f->roots, state->root)) {
        vcs_close(vcs);
        return;
    }
    vec_add(ctx, &f->repositories, vcs);
    vec_add(ctx, &f->roots, state->root);
    note_repository(f, state);
}

/* The revision files may be in a submodule, which is a repository of its own. */
static void open_repositories(struct finder *f)
{
    const struct config *config = &f->p->config;
    if (f->is_open)
        return;
    f->is_open = true;
    vec_each(i, &config->migrations)
        open_repository(f, config->migrations.v[i]);
    open_repository(f, config->folder);
}

/* ---- one revision -------------------------------------------------------------------------------------- */

/* What was applied: the newest row of a run with an id or a text. */
static bool read_row(struct finder *f, const char *id, const struct history_row **ret)
{
    struct project *p = f->p;
    const struct history_query which = {.revision = id, .if_permitted = true};
    struct history_rows rows = {0};
    *ret = NULL;
    if (!p->version.history.name)
        return true;
    if (!p->conn->dialect->history(p->conn, &p->version, &which, &rows))
        return false;
    for (size_t i = 0; i < rows.n && !*ret; i++)
        if ((rows.v[i]->text && *rows.v[i]->text) || (rows.v[i]->blob && *rows.v[i]->blob))
            *ret = rows.v[i];
    return true;
}

static bool is_recorded(const struct history_row *row, const char *text)
{
    char plain[41], lf[41];
    if (!row->blob || !*row->blob)
        return true;
    vcs_blob_id(text, strlen(text), plain);
    vcs_blob_id_lf(text, strlen(text), lf);
    return str_eq(row->blob, plain) || str_eq(row->blob, lf);
}

/* A revision of a text, unless the text is of another one. */
static struct revision *parse(
    struct finder *f, const struct lost *l, const char *path, const char *text, const char **ret_problem)
{
    struct ctx *ctx = f->p->ctx;
    struct revision *v = ctx_new(ctx, struct revision);
    bool ok = revision_parse_head(ctx, path, text, strlen(text), v);
    *ret_problem = NULL;
    if (!ok)
        *ret_problem = err_text(ctx);
    else if (!str_eq(v->id, l->revision))
        *ret_problem = ctx_printf(ctx, "%s: it is the text of revision %s", path, v->id);
    err_clear(ctx);
    if (*ret_problem)
        return NULL;
    v->text = text;
    v->from_history = true;
    return v;
}

static bool find_blob(struct finder *f, struct lost *l, const char *blob)
{
    struct ctx *ctx = f->p->ctx;
    struct vcs_found *found = ctx_new(ctx, struct vcs_found);
    const char *problem;
    vec_each(i, &f->repositories) {
        if (!vcs_find(f->repositories.v[i], blob, l->row->commit, found))
            continue;
        const char *path = found->path ? found->path : l->row->path;
        struct revision *v =
            parse(f, l, path ? path : ctx_printf(ctx, "%s.yaml", l->revision), found->text, &problem);
        if (!v)
            return false;
        v->from_git = true;
        l->recorded = v;
        l->found = found;
        return true;
    }
    return false;
}

/* By the recorded id, which is that of the text with plain line feeds, unless the repository had it with others. */
static void find_in_git(struct finder *f, struct lost *l)
{
    const char *text = l->row->text;
    char blob[41];
    open_repositories(f);
    if ((l->row->blob && *l->row->blob && find_blob(f, l, l->row->blob)) || !text || !*text)
        return;
    vcs_blob_id(text, strlen(text), blob);
    if (is_recorded(l->row, text) && !str_eq(blob, l->row->blob))
        find_blob(f, l, blob);
}

static void find_in_history(struct finder *f, struct lost *l)
{
    const struct history_row *row = l->row;
    if (!row->text || !*row->text)
        return;
    if (is_recorded(row, row->text))
        l->recorded = parse(f, l, row->path ? row->path : ctx_printf(f->p->ctx, "%s.yaml", l->revision),
            row->text, &l->problem);
    else
        l->problem = "its id is not the one that was recorded";
}

static bool find_one(struct finder *f, const char *id, struct lost **ret)
{
    struct lost *l = ctx_new(f->p->ctx, struct lost);
    l->revision = id;
    if (!read_row(f, id, &l->row))
        return false;
    if (l->row && f->in_git)
        find_in_git(f, l);
    if (l->row && !l->recorded)
        find_in_history(f, l);
    vec_add(f->p->ctx, &f->ret->all, l);
    *ret = l;
    return true;
}

/* ---- a file with the same operations ------------------------------------------------------------------- */

static bool read_text(struct project *p, const struct revision *r, const char **ret)
{
    char *text;
    size_t size;
    if (r->path && fs_read(p->ctx, &p->ctx->arena, "revision", r->path, FS_TEXT_LIMIT, &text, &size)) {
        *ret = text;
        return true;
    }
    err_clear(p->ctx);
    return false;
}

static bool does_same(struct project *p, const struct lost *l, const struct revision *r)
{
    const char *text, *path = l->recorded->pos.file ? l->recorded->pos.file : r->path;
    return read_text(p, r, &text) && revision_operations_same(p->ctx, path, l->recorded->text, r->path, text);
}

/* Its upgrade made the database what it is. */
static bool upgrades_the_same(struct project *p, const struct lost *l, const struct revision *r)
{
    const char *text, *path = l->recorded->pos.file ? l->recorded->pos.file : r->path;
    return read_text(p, r, &text) && revision_upgrades_same(p->ctx, path, l->recorded->text, r->path, text);
}

/* Files without operations are all the same. */
static bool has_operations(struct project *p, const struct revision *r)
{
    const struct audience to = project_audience(p, p->conn->dialect->name);
    struct revision_body body;
    bool ok = revision_body(p->ctx, r, &to, &body);
    err_clear(p->ctx);
    return ok && body.upgrade.n;
}

/* Of the revisions that are not applied. */
static void find_same(struct project *p, const bool *applied, struct lost *l)
{
    const struct graph *g = &p->graph;
    if (!l->recorded || !has_operations(p, l->recorded))
        return;
    for (size_t i = 0; i < g->all.n && !l->same; i++)
        if (!applied[i] && does_same(p, l, g->all.v[i]))
            l->same = g->all.v[i];
}

static void find_all_same(struct project *p, const struct strings *ids, struct losts *all)
{
    bool *applied;
    project_applied(p, ids, &applied, NULL);
    vec_each(i, all)
        find_same(p, applied, all->v[i]);
}

/* ---- together ------------------------------------------------------------------------------------------ */

static bool has_file(const struct project *p, const char *id)
{
    const struct revision *r = map_get(&p->graph.by_id, id);
    return r && str_eq(r->id, id);
}

static bool is_gone(const struct project *p, const char *id)
{
    return !has_file(p, id) && !graph_replacing(&p->graph, id);
}

bool project_lost(struct project *p, const struct strings *ids, bool in_git, struct lost_search *ret)
{
    struct finder f CLEANUP(finder_finish) = {.p = p, .in_git = in_git, .ret = ret};
    struct strings wanted = {0};
    struct lost *l;
    *ret = (struct lost_search){0};
    vec_each(i, ids)
        vec_add(p->ctx, &wanted, ids->v[i]);
    for (size_t i = 0; i < wanted.n; i++) {
        if (!is_gone(p, wanted.v[i]))
            continue;
        if (!find_one(&f, wanted.v[i], &l))
            return false;
        for (size_t k = 0; l->recorded && k < l->recorded->down.n; k++)
            if (!strings_have(&wanted, l->recorded->down.v[k]))
                vec_add(p->ctx, &wanted, l->recorded->down.v[k]);
    }
    if (ret->all.n)
        find_all_same(p, ids, &ret->all);
    return true;
}

/* ---- revisions that were moved ------------------------------------------------------------------------- */

/* The history, as far as it tells which revisions ran. */
struct past {
    struct map last; /* the newest row of each revision, by id */
    int64_t stamped; /* the newest stamp; 0: none */
};

static bool read_past(struct project *p, struct past *ret)
{
    const struct history_query which = {.without_text = true, .if_permitted = true};
    struct history_rows rows = {0};
    *ret = (struct past){.last = MAP(p->ctx)};
    if (!p->version.history.name)
        return true;
    if (!p->conn->dialect->history(p->conn, &p->version, &which, &rows))
        return false;
    vec_each(i, &rows) {
        const struct history_row *row = rows.v[i];
        if (!ret->stamped && str_eq(row->direction, "stamp"))
            ret->stamped = row->id;
        if (!map_get(&ret->last, row->revision))
            map_set(&ret->last, row->revision, rows.v[i]);
    }
    return true;
}

static bool ran_as(const struct past *past, const char *id)
{
    const struct history_row *row = map_get(&past->last, id);
    return row && !str_eq(row->direction, "downgrade");
}

/* Also if those ran that it replaces. */
static bool ran(const struct past *past, const struct revision *r)
{
    vec_each(i, &r->replaces)
        if (ran_as(past, r->replaces.v[i]))
            return true;
    return ran_as(past, r->id);
}

/* The ancestors that a revision did not have when it was applied, and that did not run on their own. */
static void find_skipped(struct project *p, const struct past *past, const struct revision *r,
    const char *parents, struct strings *ret)
{
    struct revision *own = map_get(&p->graph.by_id, r->id);
    struct revisions now = {.v = &own, .n = 1}, then = {0};
    bool *below, *was;
    for (const char *rest = parents; *rest; rest += strcspn(rest, " "), rest += *rest == ' ') {
        const char *id = arena_strndup(&p->ctx->arena, rest, strcspn(rest, " "));
        struct revision *parent =
            has_file(p, id) ? map_get(&p->graph.by_id, id) : graph_replacing(&p->graph, id);
        if (parent)
            vec_add(p->ctx, &then, parent);
    }
    graph_ancestors(p->ctx, &p->graph, &now, false, &below);
    graph_ancestors(p->ctx, &p->graph, &then, true, &was);
    vec_each(i, &p->graph.all) {
        const struct revision *other = p->graph.all.v[i];
        if (below[i] && !was[i] && other != r && !ran(past, other))
            vec_add(p->ctx, ret, other->id);
    }
}

/* A later stamp says that the database is as the files say. */
static bool is_moved(
    struct project *p, const struct past *past, const struct revision *r, struct strings *ret_skipped)
{
    const struct history_row *row = map_get(&past->last, r->id);
    const char *parents = strings_join(&p->ctx->arena, &r->down, " ");
    if (!row || str_eq(row->direction, "downgrade") || row->id < past->stamped ||
        str_eq(row->parents, parents))
        return false;
    find_skipped(p, past, r, row->parents, ret_skipped);
    return ret_skipped->n;
}

static bool add_moved(struct finder *f, struct revision *r, const struct strings *skipped)
{
    struct lost *l;
    if (!find_one(f, r->id, &l))
        return false;
    l->is_moved = true;
    l->skipped = *skipped;
    if (l->recorded && does_same(f->p, l, r))
        l->same = r;
    return true;
}

bool project_moved(struct project *p, const struct strings *rows, bool in_git, struct lost_search *ret)
{
    struct finder f CLEANUP(finder_finish) = {.p = p, .in_git = in_git, .ret = ret};
    struct past past;
    bool *applied;
    if (!read_past(p, &past))
        return false;
    project_applied(p, rows, &applied, NULL);
    vec_each(i, &p->graph.all) {
        struct strings skipped = {0};
        if (applied[i] && is_moved(p, &past, p->graph.all.v[i], &skipped) &&
            !add_moved(&f, p->graph.all.v[i], &skipped))
            return false;
    }
    return true;
}

/* ---- revisions that were edited ------------------------------------------------------------------------ */

static bool is_listed(const struct lost_search *s, const char *id)
{
    vec_each(i, &s->all)
        if (str_eq(s->all.v[i]->revision, id))
            return true;
    return false;
}

/* Another message, other parents or another downgrade are no reason to revert it. */
static bool add_edited(struct finder *f, const struct revision *r)
{
    struct lost *l;
    if (!find_one(f, r->id, &l))
        return false;
    l->is_edited = !l->recorded || !upgrades_the_same(f->p, l, r);
    if (!l->is_edited)
        f->ret->all.n--;
    return true;
}

bool project_edited(struct project *p, const struct strings *rows, bool in_git, struct lost_search *ret)
{
    struct finder f CLEANUP(finder_finish) = {.p = p, .in_git = in_git, .ret = ret};
    struct applied_files files;
    if (!project_applied_files(p, rows, false, &files))
        return false;
    vec_each(i, &p->graph.all) {
        const struct revision *r = p->graph.all.v[i];
        if (r->path && strings_have(&files.edited, r->path) && !is_listed(ret, r->id) && !add_edited(&f, r))
            return false;
    }
    return true;
}

/* ---- in words ------------------------------------------------------------------------------------------ */

const char *lost_place(struct ctx *ctx, const struct lost *l)
{
    static const char *const names[] = {
        [VCS_BRANCH] = "branch",
        [VCS_REMOTE_BRANCH] = "branch",
        [VCS_TAG] = "tag",
        [VCS_HEAD] = "detached head",
        [VCS_STASH] = "stash",
        [VCS_OTHER_REF] = "reference",
        [VCS_REFLOG] = "reflog entry",
        [VCS_NO_REF] = "",
    };
    const struct vcs_found *found = l->found;
    const char *commit;
    if (!l->recorded)
        return NULL;
    if (!found)
        return "the history table";
    if (!found->commit)
        return ctx_printf(ctx, "git, in object %.12s, which no known commit has", found->blob);
    commit = ctx_printf(ctx, "commit %.12s of %s by %s: %s", found->commit, found->date ? found->date : "?",
        found->author ? found->author : "?", found->path);
    if (!found->ref)
        return ctx_printf(ctx, "git, where no branch has it: %s", commit);
    return ctx_printf(
        ctx, "%s%s '%s', %s", found->is_past ? "the past of " : "", names[found->kind], found->ref, commit);
}
