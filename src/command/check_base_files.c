/*
 * check --base: revisions of the base branch that this branch has edited, renamed or removed.
 *
 * Databases may have applied them. What the base branch has changed itself since this one left it is not an error here.
 */
#include "check_base.h"

const char *base_own_text(struct base_check *b, const struct revision *r)
{
    char *text;
    size_t size;

    if (fs_read(b->ctx, &b->ctx->arena, "revision", r->path, FS_TEXT_LIMIT, &text, &size))
        return text;
    err_clear(b->ctx);
    return "";
}

/* The first line that differs. */
static struct pos first_change(const char *path, const char *a, const char *b)
{
    struct pos pos = {path, 1, 1};

    for (; *a && *a == *b; a++, b++)
        pos.line += *a == '\n';
    return pos;
}

/* Either of the other two may be NULL, but not both. */
static void check_text(
    struct base_check *b, const struct revision *r, const struct revision *tip, const struct revision *fork)
{
    const char *text = base_own_text(b, r), *name = b->base.at.name;

    if (tip && revision_text_same(b->ctx, r->path, text, tip->text))
        return;
    if (fork && revision_text_same(b->ctx, r->path, text, fork->text))
        return;
    if (!fork)
        base_add(b, BASE_SAME_ID, r, r->pos,
            "Give the revision of this branch another id, in its file and where others name it",
            "'%s' has another revision with the id '%s', in '%s'", name, r->id, base_path(&b->base, tip));
    else
        base_add(b, BASE_EDITED, r, first_change(r->path, text, fork->text),
            "Restore the text, and write the change as a new revision",
            "revision %s of '%s' was edited: databases may have applied it", r->id, name);
}

/* It stands for revisions of the base: its file is meant to be another one. */
static bool is_squashed(const struct revision *r, const struct revision *fork)
{
    return fork && r->replaces.n && !strings_eq(&r->replaces, &fork->replaces);
}

static void check_name(struct base_check *b, const struct revision *r, const struct revision *fork)
{
    const char *was = fork ? base_path(&b->base, fork) : NULL;

    if (was && !str_eq(fs_join(&b->ctx->arena, ".", was), fs_join(&b->ctx->arena, ".", r->path)))
        base_add(b, BASE_RENAMED, r, r->pos, NULL, "the file of revision %s was renamed: it was '%s' in '%s'",
            r->id, was, b->base.at.name);
}

static void check_removed(struct base_check *b, const struct revision *fork)
{
    struct pos pos = {base_path(&b->base, fork), 1, 1};

    if (base_find(&b->c->project.graph.by_id, fork->id) || !base_find(&b->base.tip.by_id, fork->id) ||
        graph_replacing(&b->c->project.graph, fork->id))
        return;
    base_add(b, BASE_REMOVED, fork, pos, "Restore the file: databases that have applied the revision need it",
        "revision %s of '%s' was removed", fork->id, b->base.at.name);
}

void base_check_files(struct base_check *b)
{
    const struct revisions *own = &b->c->project.graph.all;

    vec_each(i, own) {
        const struct revision *r = own->v[i], *tip = base_find(&b->base.tip.by_id, r->id),
                              *fork = base_find(&b->base.fork.by_id, r->id);

        if (!tip || is_squashed(r, fork))
            continue;
        check_text(b, r, tip, fork);
        check_name(b, r, fork);
    }
    vec_each(i, &b->base.fork.all)
        check_removed(b, b->base.fork.all.v[i]);
}
