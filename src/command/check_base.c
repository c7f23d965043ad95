/*
 * check --base: what a merge with the base branch will bring.
 *
 * The files of three commits are compared: those of the working tree, of the base branch, and of the commit at which this
 * branch left it. The graph after a merge is predicted from them, as git would merge the files. No database is needed.
 */
#include "check_base.h"

#include <stdlib.h>

static const struct {
    const char *code;
    enum lint_level level;
} rules[] = {
    [BASE_EDITED] = {"edited-revision", LINT_ERROR},
    [BASE_RENAMED] = {"renamed-revision", LINT_WARNING},
    [BASE_REMOVED] = {"removed-revision", LINT_ERROR},
    [BASE_SAME_ID] = {"duplicate-revision", LINT_ERROR},
    [BASE_HEADS] = {"several-heads", LINT_ERROR},
    [BASE_INVALID] = {"invalid-merge", LINT_ERROR},
    [BASE_FAILS] = {"failing-revision", LINT_ERROR},
    [BASE_MODELS] = {"models-without-revision", LINT_ERROR},
};

void base_add(struct base_check *b, enum base_rule rule, const struct revision *r, struct pos pos,
    const char *hint, const char *fmt, ...)
{
    struct finding *f = ctx_new(b->ctx, struct finding);
    va_list ap;

    *f = (struct finding){.rule = RULES,
        .code = rules[rule].code,
        .level = rules[rule].level,
        .pos = pos,
        .hint = hint,
        .revision = r ? r->id : NULL};
    va_start(ap, fmt);
    f->text = arena_vprintf(&b->ctx->arena, fmt, ap);
    va_end(ap);
    vec_add(b->ctx, &b->found, f);
}

/* ---- the graph after the merge --------------------------------------------------------------------------- */

/* A copy without the links of another graph. */
static struct revision *copy(struct base_check *b, const struct revision *r)
{
    struct revision *ret = ctx_new(b->ctx, struct revision);

    *ret = *r;
    ret->parents = ret->children = ret->dependencies = ret->dependents = ret->all_dependencies =
        (struct revisions){0};
    ret->all_labels = (struct strings){0};
    return ret;
}

/* What git leaves of a file when it merges: a change of one side, or both as they are. */
static const struct revision *merged_file(struct base_check *b, const struct revision *r)
{
    const struct revision *tip = base_find(&b->base.tip.by_id, r->id),
                          *fork = base_find(&b->base.fork.by_id, r->id);

    return fork && revision_text_same(b->ctx, r->path, base_own_text(b, r), fork->text) ? tip : r;
}

static int by_path(const void *a, const void *b)
{
    const struct revision *one = *(struct revision *const *)a, *other = *(struct revision *const *)b;

    return strcmp(fs_basename(one->path), fs_basename(other->path));
}

static struct revisions merge_files(struct base_check *b)
{
    const struct graph *own = &b->c->project.graph;
    struct revisions ret = {0};

    vec_each(i, &b->base.tip.all) {
        const struct revision *r = b->base.tip.all.v[i];

        if (!base_find(&own->by_id, r->id) && !base_find(&b->base.fork.by_id, r->id)) {
            vec_add(b->ctx, &ret, copy(b, r));
            vec_add(b->ctx, &b->theirs, ret.v[ret.n - 1]);
        }
    }
    vec_each(i, &own->all) {
        const struct revision *r = merged_file(b, own->all.v[i]);

        if (!r)
            continue;
        vec_add(b->ctx, &ret, copy(b, r));
        if (!base_find(&b->base.tip.by_id, r->id))
            vec_add(b->ctx, &b->ours, ret.v[ret.n - 1]);
    }
    if (ret.n)
        qsort(ret.v, ret.n, sizeof(*ret.v), by_path);
    return ret;
}

/* Only the error's own line: the merged files are not all here. */
static bool merge(struct base_check *b)
{
    const struct revisions files = merge_files(b);

    if (graph_build(b->ctx, &files, &b->merged))
        return true;
    const char *text = err_text(b->ctx);
    const struct pos none = {0};
    base_add(b, BASE_INVALID, NULL, none, "Merge the base branch, and correct the files.",
        "after a merge with '%s' the revisions are invalid: %.*s", b->base.at.name, (int)strcspn(text, "\n"),
        text);
    err_clear(b->ctx);
    b->merged = (struct graph){0};
    return false;
}

static struct revisions real_heads(struct ctx *ctx, const struct graph *g)
{
    struct revisions heads = {0}, ret = {0};

    graph_heads(ctx, g, &heads);
    vec_each(i, &heads)
        if (revision_is_real_head(heads.v[i]))
            vec_add(ctx, &ret, heads.v[i]);
    return ret;
}

/* How many heads the base has by itself. */
static size_t count_base_heads(struct base_check *b)
{
    struct revisions files = {0};
    struct graph graph;

    vec_each(i, &b->base.tip.all)
        vec_add(b->ctx, &files, copy(b, b->base.tip.all.v[i]));
    if (graph_build(b->ctx, &files, &graph))
        return real_heads(b->ctx, &graph).n;
    err_clear(b->ctx);
    return 1;
}

static bool is_ours(const struct base_check *b, const struct revision *r)
{
    vec_each(i, &b->ours)
        if (b->ours.v[i] == r)
            return true;
    return false;
}

/* A new revision with a label begins a branch on purpose, whose head is one more; unless there must be a single one. */
static bool is_meant(const struct base_check *b, const struct revision *r)
{
    vec_each(i, &b->ours)
        vec_each(k, &b->ours.v[i]->labels)
            if (strings_have(&r->all_labels, b->ours.v[i]->labels.v[k]))
                return b->c->project.config.heads != HEADS_SINGLE;
    return false;
}

/* The first revision of this branch that comes after one of the base. */
static const struct revision *first_of_ours(const struct base_check *b)
{
    vec_each(i, &b->ours) {
        const struct revision *r = b->ours.v[i];
        bool is_first = !is_meant(b, r);

        vec_each(k, &r->parents)
            is_first &= !is_ours(b, r->parents.v[k]);
        if (is_first)
            return r;
    }
    return NULL;
}

static void check_heads(struct base_check *b)
{
    const struct revisions all = real_heads(b->ctx, &b->merged);
    const size_t before = count_base_heads(b);
    const struct revision *first = first_of_ours(b);
    const char *name = b->base.at.name;
    struct revisions heads = {0};

    vec_each(i, &all)
        if (!is_meant(b, all.v[i]))
            vec_add(b->ctx, &heads, all.v[i]);
    if (heads.n <= (before ? before : 1) || !first)
        return;
    const char *git = b->theirs.n ? ctx_printf(b->ctx, "git merge %s && ", name) : "";
    base_add(b, BASE_HEADS, first, first->down_pos.line ? first->down_pos : first->pos,
        ctx_printf(b->ctx,
            "Run '%scmig rebase %s' to put the revisions of this branch after the others, or '%scmig merge "
            "heads "
            "-m MESSAGE' to join the heads",
            git, name, git),
        "after a merge with '%s' there are %u heads: %s", name, heads.n, ids_text(b->c, &heads));
}

/* ---- changes of the same objects ------------------------------------------------------------------------- */

static bool check_conflicts(struct base_check *b)
{
    struct lint_levels levels;
    struct findings found;
    struct lint_request request = {
        .dialect = b->dialect, .config = &b->c->project.config, .graph = &b->merged, .levels = &levels};

    if (!b->ours.n || !b->theirs.n)
        return true;
    if (!lint_configure(b->ctx, b->c->project.config.lint, &levels))
        return false;
    for (size_t i = 0; i < RULES; i++)
        if (i != RULE_BRANCH_CONFLICT)
            levels.of[i] = LINT_OFF;
    request.wanted = arena_alloc(&b->ctx->arena, (b->merged.all.n + 1) * sizeof(bool));
    vec_each(i, &b->ours)
        request.wanted[b->ours.v[i]->order] = true;
    if (!lint_run(b->ctx, &request, &found))
        return false;
    vec_each(i, &found)
        vec_add(b->ctx, &b->found, found.v[i]);
    return true;
}

/* ---- telling --------------------------------------------------------------------------------------------- */

static struct node *order_node(struct arena *a, enum tri order)
{
    return order == TRI_UNSET ? node_null(a) : node_boolean(a, order == TRI_TRUE);
}

static void print_json(struct base_check *b, enum tri order)
{
    struct arena *a = &b->ctx->arena;
    struct node *document = document_begin(b->c);
    const struct revisions heads = real_heads(b->ctx, &b->merged);
    const struct strings ours = revision_ids(b->c, &b->ours), theirs = revision_ids(b->c, &b->theirs),
                         ids = revision_ids(b->c, &heads);

    node_set(a, document, "base", node_string(a, b->base.at.name));
    node_set(a, document, "commit", node_string(a, b->base.at.tip));
    node_set(a, document, "merge_base", node_string(a, b->base.at.merge_base));
    node_set(a, document, "new", strings_node(b->c, &ours));
    node_set(a, document, "new_in_base", strings_node(b->c, &theirs));
    node_set(a, document, "heads_after_merge", strings_node(b->c, &ids));
    node_set(a, document, "commute", order_node(a, order));
    node_set(a, document, "findings", lint_encode(a, &b->found));
}

static void note_order(struct base_check *b, enum tri order)
{
    if (!b->ours.n || !b->theirs.n)
        return;
    if (order == TRI_TRUE)
        log_info(b->ctx, "the revisions of both branches change different objects: they commute");
    else if (order == TRI_UNSET)
        log_info(b->ctx, "cannot tell whether the revisions of both branches commute");
}

static bool judge(struct base_check *b)
{
    size_t errors = 0;

    vec_each(i, &b->found)
        errors += b->found.v[i]->level == LINT_ERROR;
    if (errors)
        return fail(b->ctx, STATUS_FOUND, "the comparison with '%s' found %s", b->base.at.name,
            count_text(b->ctx, errors, "error"));
    if (!b->found.n)
        log_info(b->ctx, "nothing prevents a merge with '%s'", b->base.at.name);
    return true;
}

/* ---- together -------------------------------------------------------------------------------------------- */

/* Without a database the dialect hardly matters: any will do. */
static bool find_dialect(struct base_check *b)
{
    struct project *p = &b->c->project;

    b->dialect = dialects[0];
    if (b->options->dialect)
        return dialect_find(b->ctx, b->options->dialect, &b->dialect);
    b->is_guessed = !p->config.url;
    if (b->is_guessed)
        return true;
    if (!project_url(p))
        return false;
    b->dialect = p->url.dialect;
    return true;
}

bool check_base(struct call *c, const struct base_options *options)
{
    struct base_check b = {.c = c, .ctx = c->ctx, .options = options};
    enum tri order = TRI_UNSET;
    bool ok;

    ok = find_dialect(&b) && base_open(c, options->ref, &b.base);
    if (ok) {
        base_check_files(&b);
        if (merge(&b)) {
            check_heads(&b);
            ok = check_conflicts(&b) && base_check_order(&b, &order);
        }
        ok = ok && base_check_replay(&b) && base_check_models(&b);
    }
    project_close(&b.server);
    base_close(&b.base);
    if (!ok)
        return false;
    if (c->globals->json)
        print_json(&b, order);
    else
        print_text(c, lint_print(c->ctx, &b.found, options->format));
    note_order(&b, order);
    return judge(&b);
}
