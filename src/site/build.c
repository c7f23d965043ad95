/*
 * Builds the files of a site in memory.
 */
#include "site.h"

static void begin_revisions(struct site *s)
{
    const struct site_source *source = s->source;
    struct arena *a = &s->ctx->arena;
    const size_t n = source->graph ? source->graph->all.n + 1 : 1;

    s->touched = arena_alloc(a, n * sizeof(*s->touched));
    s->revision_paths = arena_alloc(a, n * sizeof(*s->revision_paths));
    s->listed = arena_alloc(a, n * sizeof(*s->listed));
    vec_each(i, &source->revisions) {
        const struct revision *r = source->revisions.v[i];

        s->revision_paths[r->order] = site_path(s, "revisions", r->id);
        s->listed[r->order] = true;
    }
}

static bool add_page(struct site *s, const struct item *item)
{
    if (ctx_interrupted(s->ctx))
        return fail_interrupted(s->ctx);
    if (item->kind == ITEM_TABLE)
        return table_page(s, item);
    if (item->kind == ITEM_VIEW)
        view_page(s, item);
    else
        object_page(s, item);
    return true;
}

static bool add_revisions(struct site *s)
{
    if (!s->source->graph)
        return true;
    revisions_page(s);
    vec_each(i, &s->source->revisions)
        if (!revision_page(s, s->source->revisions.v[i]))
            return false;
    return true;
}

bool site_build(struct ctx *ctx, const struct site_source *source, struct fs_files *ret)
{
    struct site s = {.ctx = ctx, .source = source, .by_name = MAP(ctx), .taken = MAP(ctx)};

    begin_revisions(&s);
    items_collect(&s);
    if (source->changes && !history_read(&s))
        return false;
    site_add(&s, ".nojekyll", ""); /* else GitHub leaves out pages that begin with "_" */
    site_add(&s, "site.css", site_css);
    site_add(&s, "site.js", site_js);
    search_file(&s);
    for (int kind = 0; kind < ITEM_KINDS; kind++)
        vec_each(i, &s.of[kind])
            if (!add_page(&s, s.of[kind].v[i]))
                return false;
    if (!add_revisions(&s) || !diagram_page(&s) || !index_page(&s))
        return false;
    *ret = s.files;
    return true;
}
