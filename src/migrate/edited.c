/*
 * Compares the revision files with what was applied, by the history table.
 *
 * The history has the git object id of each text, with or without a repository, and the text itself. The text is read
 * only of files with another id, since the texts of a long history are large.
 */
#include "cmig/migrate.h"
#include "cmig/vcs.h"

void project_applied(struct project *p, const struct strings *rows, bool **ret, bool *ret_unknown)
{
    struct revisions known = {0};
    vec_each(i, rows) {
        struct revision *r = map_get(&p->graph.by_id, rows->v[i]);
        if (r && str_eq(r->id, rows->v[i]))
            vec_add(p->ctx, &known, r);
    }
    if (ret_unknown)
        *ret_unknown = known.n < rows->n;
    graph_ancestors(p->ctx, &p->graph, &known, true, ret);
}

/* Whether it is the text of a revision that the baseline replaced, and whose id the baseline has. */
static bool is_of_replaced(struct ctx *ctx, const struct history_row *row)
{
    struct revision applied = {0};
    const char *path = row->path ? row->path : "";
    bool ok = revision_parse_head(ctx, path, row->text, strlen(row->text), &applied);
    err_clear(ctx);
    return ok && !applied.replaces.n;
}

/* Comments, line ends and the end of the file make no difference. */
static bool has_same_meaning(
    struct project *p, int64_t id, const struct revision *r, const char *text, bool *ret)
{
    const struct history_query which = {.id = id};
    struct history_rows rows;
    if (!p->conn->dialect->history(p->conn, &p->version, &which, &rows))
        return false;
    *ret = rows.n && rows.v[0]->text &&
           (revision_text_same(p->ctx, r->path, rows.v[0]->text, text) ||
               (r->replaces.n && is_of_replaced(p->ctx, rows.v[0])));
    return true;
}

/* A file that can no longer be read is not an edited one: whatever needs it reports the error. */
static bool is_edited(struct project *p, const struct history_row *row, const struct revision *r, bool *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    char blob[41], *text;
    size_t size;
    bool ok = true, same = true;
    *ret = false;
    if (!row->blob || !*row->blob || !r->path || r->from_history)
        return true;
    if (!fs_read(p->ctx, &scratch, "revision", r->path, FS_TEXT_LIMIT, &text, &size)) {
        err_clear(p->ctx);
    } else {
        vcs_blob_id(text, size, blob);
        same = str_eq(blob, row->blob);
        if (!same)
            ok = has_same_meaning(p, row->id, r, text, &same);
    }
    *ret = !same;
    return ok;
}

bool project_applied_files(
    struct project *p, const struct strings *rows, bool must_know, struct applied_files *ret)
{
    const struct history_query which = {.without_text = true, .if_permitted = !must_know};
    struct history_rows history = {0};
    struct map seen = MAP(p->ctx);
    bool *applied, has_unknown, edited, was_stamped = false;
    *ret = (struct applied_files){0};
    if (!p->version.history.name)
        return true;
    if (!p->conn->dialect->history(p->conn, &p->version, &which, &history))
        return false;
    project_applied(p, rows, &applied, &has_unknown);
    /* Newest first: only the last run of each revision counts, or a later stamp that recorded the file's text. */
    vec_each(i, &history) {
        const struct history_row *row = history.v[i];
        struct revision *r = map_get(&p->graph.by_id, row->revision);
        const bool is_stamp = str_eq(row->direction, "stamp");
        was_stamped |= is_stamp;
        if ((is_stamp && (!row->blob || !*row->blob)) || map_get(&seen, row->revision))
            continue;
        map_set(&seen, row->revision, history.v[i]);
        if (!is_stamp && !str_eq(row->direction, "upgrade"))
            continue;
        if (!r) {
            /* A stamp may have recorded others instead; all of these have files. */
            if (!graph_replacing(&p->graph, row->revision) && (has_unknown || !was_stamped))
                vec_add(p->ctx, &ret->missing, history.v[i]);
            continue;
        }
        if (!has_unknown && !applied[r->order])
            continue;
        if (!is_edited(p, row, r, &edited))
            return false;
        if (edited)
            vec_add(p->ctx, &ret->edited, r->path);
    }
    return true;
}

bool edited_report(struct ctx *ctx, const struct strings *edited, enum status status)
{
    enum { SHOWN = 5 };
    struct strings shown = {.v = edited->v, .n = edited->n < SHOWN ? edited->n : SHOWN};
    const char *text;
    if (!edited->n)
        return true;
    text = edited->n == 1 ? ctx_printf(ctx, "'%s' was edited after it was applied", edited->v[0])
                          : ctx_printf(ctx, "%u files were edited after they were applied: %s%s", edited->n,
                                strings_join(&ctx->arena, &shown, ", "), edited->n > SHOWN ? ", …" : "");
    if (status == STATUS_OK) {
        log_warn(ctx, "%s", text);
        return true;
    }
    fail(ctx, status, "%s", text);
    return fail_hint(ctx, "Restore the text that was applied, and write the change as a new revision.");
}
