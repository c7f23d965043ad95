/* Finds and reads the files of test cases, and the revisions that they name. */
#include "migrate/cases.h"
#include "migrate/proof.h"

/* ---- files ---- */

static void add_path(struct ctx *ctx, const char *path, struct strings *ret)
{
    if (!strings_have(ret, path))
        vec_add(ctx, ret, ctx_strdup(ctx, path));
}

static bool add_folder(struct ctx *ctx, const char *folder, struct strings *ret)
{
    struct strings names;

    if (!fs_list(ctx, folder, &names))
        return false;
    vec_each(i, &names)
        if (str_ends(names.v[i], ".yaml") || str_ends(names.v[i], ".yml"))
            add_path(ctx, fs_join(&ctx->arena, folder, names.v[i]), ret);
    return true;
}

static bool add(struct ctx *ctx, const char *path, struct strings *ret)
{
    if (fs_is_dir(path))
        return add_folder(ctx, path, ret);
    add_path(ctx, path, ret);
    return true;
}

static bool add_matches(struct ctx *ctx, const char *pattern, struct strings *ret)
{
    struct strings found = {0};

    if (!fs_glob(ctx, pattern, &found))
        return false;
    vec_each(i, &found)
        if (!add(ctx, found.v[i], ret))
            return false;
    return true;
}

static bool find_files(struct ctx *ctx, const struct strings *paths, bool must_exist, struct strings *ret)
{
    vec_each(i, paths) {
        const size_t before = ret->n;
        const char *path = paths->v[i];

        if (!(fs_exists(path) ? add(ctx, path, ret) : add_matches(ctx, path, ret)))
            return false;
        if (must_exist && ret->n == before && !strings_have(ret, path))
            return fail(ctx, STATUS_CONFIG, "no file of test cases matches '%s'", path);
    }
    return true;
}

/* ---- revisions ---- */

static bool resolve(struct project *p, const struct test_case *t, const char *key, const char *symbol,
    const struct revision **ret)
{
    struct revisions found = {0};

    if (!graph_resolve(p->ctx, &p->graph, NULL, symbol, &found)) {
        p->ctx->err.status = STATUS_CONFIG;
        return fail_in(p->ctx, "%skey '%s' of case '%s'", pos_text(&p->ctx->arena, t->pos), key, t->name);
    }
    if (found.n != 1)
        return fail_at(p->ctx, STATUS_CONFIG, t->pos, "key '%s' of case '%s': '%s' is not one revision", key,
            t->name, symbol);
    *ret = found.v[0];
    return true;
}

static bool *marks(struct project *p, const struct revision *r)
{
    struct revisions one = {0};
    bool *ret;

    vec_add(p->ctx, &one, (struct revision *)(uintptr_t)r);
    graph_ancestors(p->ctx, &p->graph, &one, true, &ret);
    return ret;
}

/* `sorted`: all revisions, oldest first. */
static bool place(struct project *p, const struct revisions *sorted, struct test_case *t)
{
    const struct revision *from = NULL;

    if (!resolve(p, t, "at", t->at, &t->revision) || (t->from && !resolve(p, t, "from", t->from, &from)))
        return false;
    const bool *needed = marks(p, t->revision);
    if (from && (from == t->revision || !needed[from->order]))
        return fail_at(p->ctx, STATUS_CONFIG, t->pos, "case '%s': revision %s does not descend from %s",
            t->name, t->revision->id, from->id);
    t->before = marks(p, from ? from : t->revision);
    t->before[t->revision->order] = false;
    vec_each(i, sorted)
        if (needed[sorted->v[i]->order] && !t->before[sorted->v[i]->order])
            vec_add(p->ctx, &t->steps, sorted->v[i]);
    return true;
}

/* ---- reading ---- */

static bool check_name(struct ctx *ctx, const struct test_cases *earlier, const struct test_case *t)
{
    vec_each(i, earlier) {
        const struct test_case *other = earlier->v[i];

        if (!str_eq(other->name, t->name) || !str_eq(other->pos.file, t->pos.file))
            continue;
        fail_at(ctx, STATUS_CONFIG, t->pos, "case '%s' is defined twice", t->name);
        return fail_detail(ctx, "%sthe first definition", pos_text(&ctx->arena, other->pos));
    }
    return true;
}

static bool read_file(
    struct project *p, const char *path, const struct revisions *sorted, struct test_cases *ret)
{
    struct ctx *ctx = p->ctx;
    struct decoder d = {.ctx = ctx, .what = "file of test cases", .user = &p->config.environments};
    struct case_file file = {0};
    struct node *n;

    if (!yaml_read(ctx, &ctx->arena, "test cases", path, &n))
        return false;
    if (node_is_null(n))
        return true;
    if (!record_decode(&d, &case_file_record, n, &file))
        return false;
    vec_each(i, &file.cases) {
        if (!check_name(ctx, ret, file.cases.v[i]) || !place(p, sorted, file.cases.v[i]))
            return false;
        vec_add(ctx, ret, file.cases.v[i]);
    }
    return true;
}

/* The place of the first revision that a case applies. */
static size_t rank(const struct revisions *sorted, const struct test_case *t)
{
    size_t i = 0;

    while (i < sorted->n && sorted->v[i] != t->steps.v[0])
        i++;
    return i;
}

static void sort(struct ctx *ctx, const struct revisions *sorted, struct test_cases *list)
{
    struct test_cases result = {0};

    vec_each(i, list) {
        size_t at = result.n;

        while (at && rank(sorted, result.v[at - 1]) > rank(sorted, list->v[i]))
            at--;
        vec_insert(ctx, &result, at, list->v[i]);
    }
    *list = result;
}

bool cases_read(struct project *p, const struct strings *paths, bool must_exist, struct test_cases *ret)
{
    struct strings files = {0};
    struct revisions heads, sorted = {0};

    graph_heads(p->ctx, &p->graph, &heads);
    graph_below(p->ctx, &p->graph, &heads, &sorted);
    if (!find_files(p->ctx, paths, must_exist, &files))
        return false;
    vec_each(i, &files)
        if (!read_file(p, files.v[i], &sorted, ret))
            return false;
    sort(p->ctx, &sorted, ret);
    return true;
}
