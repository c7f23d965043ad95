/*
 * The pages of revisions, and the list of them.
 */
#include "site.h"

/* ---- the list ---- */

static const char *date_of(struct arena *a, const struct revision *r)
{
    return r->created ? arena_strndup(a, r->created, strcspn(r->created, "T ")) : NULL;
}

static void add_row(struct page *p, const struct revision *r)
{
    struct arena *a = &p->site->ctx->arena;
    const char *date = date_of(a, r);

    html_addf(&p->out, "<li><a href=\"%s%s\"><code>%s</code> %s</a>", p->root,
        p->site->revision_paths[r->order], r->id, r->message ? r->message : "");
    if (revision_is_head(r))
        str_add(&p->out, " <span class=\"badge\">head</span>");
    vec_each(i, &r->labels)
        html_addf(&p->out, " <span class=\"badge\">%s</span>", r->labels.v[i]);
    if (date || r->author)
        html_addf(&p->out, "<span class=\"note\">%s%s%s</span>", date ? date : "",
            date && r->author ? " " : "", r->author ? r->author : "");
    str_add(&p->out, "</li>\n");
}

void revisions_page(struct site *s)
{
    const struct revisions *list = &s->source->revisions;
    struct page p;

    page_begin(&p, s, "revisions/index.html", "Revisions", NULL);
    if (!list->n) {
        str_add(&p.out, "<p>No revision yet.</p>\n");
        page_end(&p);
        return;
    }
    str_add(&p.out, "<p>Newest first. Lines lead from a revision to its parents, dashed lines to its "
                    "dependencies.</p>\n<div class=\"history\">\n");
    graph_draw(&p);
    str_add(&p.out, "<ol class=\"list\">\n");
    vec_each(i, list)
        add_row(&p, list->v[i]);
    str_add(&p.out, "</ol>\n</div>\n");
    page_end(&p);
}

/* ---- a revision ---- */

static void add_links(struct page *p, const char *label, const struct revisions *list)
{
    if (!list->n)
        return;
    html_addf(&p->out, "<div><dt>%s</dt><dd>", label);
    vec_each(i, list) {
        str_add(&p->out, i ? ", " : "");
        page_revision_link(p, list->v[i], revision_title(&p->site->ctx->arena, list->v[i]));
    }
    str_add(&p->out, "</dd></div>\n");
}

static void add_facts(struct page *p, const struct revision *r)
{
    struct arena *a = &p->site->ctx->arena;
    const struct vcs_origin *origin = p->site->source->origins ? &p->site->source->origins[r->order] : NULL;

    page_facts(p);
    page_fact(p, "Revision", r->id);
    page_fact(p, "Author", r->author);
    page_fact(p, "Created", r->created);
    if (origin && origin->commit)
        page_fact(p, "Commit",
            arena_printf(a, "%.12s%s%s%s%s", origin->commit, origin->date ? " of " : "",
                origin->date ? origin->date : "", origin->author ? " by " : "",
                origin->author ? origin->author : ""));
    page_fact(p, "Phase", phase_names[r->phase]);
    page_fact(p, "Labels", r->labels.n ? strings_join(a, &r->labels, ", ") : NULL);
    page_fact(p, "Replaces", r->replaces.n ? strings_join(a, &r->replaces, ", ") : NULL);
    add_links(p, "After", &r->parents);
    add_links(p, "Needs", &r->dependencies);
    add_links(p, "Before", &r->children);
    page_facts_end(p);
}

static void add_ops(struct page *p, const char *id, const char *title, const struct ops *ops)
{
    struct arena *a = &p->site->ctx->arena;

    page_section(p, id, title);
    if (!ops->n)
        str_add(&p->out, "<p>No operation.</p>\n");
    str_add(&p->out, "<ol>\n");
    vec_each(i, ops) {
        const struct op *op = ops->v[i];

        html_addf(&p->out, "<li>%s%s", op_describe(a, op), op->online ? ", online" : "");
        if (op->only.n)
            html_addf(&p->out, " <span class=\"note\">only %s</span>", strings_join(a, &op->only, ", "));
        str_add(&p->out, "</li>\n");
    }
    str_add(&p->out, "</ol>\n");
}

static void add_touched(struct page *p, const struct items *list)
{
    if (!list->n)
        return;
    page_section(p, "touches", "Touches");
    str_add(&p->out, "<ul>\n");
    vec_each(i, list) {
        html_addf(&p->out, "<li>%s ", item_title(list->v[i]));
        page_link(p, list->v[i], NULL);
        str_add(&p->out, "</li>\n");
    }
    str_add(&p->out, "</ul>\n");
}

bool revision_page(struct site *s, const struct revision *r)
{
    const struct audience everywhere = {.environments = s->source->environments};
    struct revision_body body;
    struct page p;

    if (!revision_body(s->ctx, r, &everywhere, &body))
        return false;
    page_begin(
        &p, s, s->revision_paths[r->order], r->message && *r->message ? r->message : r->id, "revision");
    add_facts(&p, r);
    add_ops(&p, "upgrade", "Upgrade", &body.upgrade);
    if (body.has_downgrade)
        add_ops(&p, "downgrade", "Downgrade", &body.downgrade);
    else
        str_add(&p.out, "<p>It cannot be downgraded.</p>\n");
    add_touched(&p, &s->touched[r->order]);
    page_section(&p, "file", "File");
    if (r->path)
        html_addf(&p.out, "<p><code>%s</code></p>\n", fs_basename(r->path));
    page_code(&p, r->sql ? "sql" : "yaml", body.text);
    page_end(&p);
    return true;
}
