/* Tests of the graph apart from plans: labels, heads, messages, statuses, dependencies. */
#include "unit.h"

#include "cmig/revision.h"

struct sample {
    const char *id, *down, *depends_on, *label, *message;
};

/* core1 - core2 ------- core3
 *              \ (needs)
 *         web1 - web2 - web3
 *              \ tool1 */
static const struct sample samples[] = {
    {"core1", NULL, NULL, "core", "begin\nwith more lines"},
    {"core2", "core1", NULL, NULL, "add users"},
    {"core3", "core2", NULL, NULL, NULL},
    {"web1", NULL, NULL, NULL, NULL},
    {"web2", "web1", "core2", "web", "pages"},
    {"web3", "web2", NULL, NULL, NULL},
    {"tool1", "web1", NULL, NULL, NULL},
};

static void build(struct ctx *ctx, struct graph *ret)
{
    struct revisions list = {0};

    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct revision *r = ctx_new(ctx, struct revision);

        r->id = samples[i].id;
        r->message = samples[i].message;
        if (samples[i].down)
            vec_add(ctx, &r->down, samples[i].down);
        if (samples[i].depends_on)
            vec_add(ctx, &r->depends_on, samples[i].depends_on);
        if (samples[i].label)
            vec_add(ctx, &r->labels, samples[i].label);
        vec_add(ctx, &list, r);
    }
    assert_ok(ctx, graph_build(ctx, &list, ret));
}

static struct strings words(struct ctx *ctx, const char *text)
{
    char *copy = ctx_strdup(ctx, text), *rest = NULL;
    struct strings list = {0};

    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        vec_add(ctx, &list, word);
    return list;
}

static char *ids(struct ctx *ctx, const struct revisions *list)
{
    struct strings found = {0};

    vec_each(i, list)
        vec_add(ctx, &found, list->v[i]->id);
    return strings_join(&ctx->arena, &found, " ");
}

static struct revisions current(struct ctx *ctx, const struct graph *g, const char *text)
{
    struct strings list = words(ctx, text);
    struct revisions found = {0};

    assert_ok(ctx, graph_rows(ctx, g, &list, &found));
    return found;
}

static void test_ends(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found, at;
    struct graph g;
    bool *marks;

    build(ctx, &g);
    graph_heads(ctx, &g, &found);
    assert_string_equal(ids(ctx, &found), "core3 web3 tool1");
    graph_bases(ctx, &g, &found);
    assert_string_equal(ids(ctx, &found), "core1 web1");
    at = current(ctx, &g, "web3 core1");
    assert_string_equal(ids(ctx, &at), "core1 web3"); /* in load order */
    graph_ancestors(ctx, &g, &at, false, &marks);
    assert_true(marks[3] && marks[0]);
    assert_false(marks[1]);
    graph_ancestors(ctx, &g, &at, true, &marks);
    assert_true(marks[1]);
    assert_ok(ctx, graph_sorted(ctx, &g, &at, &found));
    assert_string_equal(ids(ctx, &found), "web3 web2 web1 core2 core1");
    /* core2 has no row, since web3 implies it */
    at = current(ctx, &g, "web3");
    graph_current(ctx, &g, &at, &found);
    assert_string_equal(ids(ctx, &found), "core2 web3");
}

static void test_head_kinds(void **state)
{
    struct ctx *ctx = *state;
    struct revision a = {.id = "a"}, b = {.id = "b"}, *list[] = {&a, &b};
    struct graph g;

    vec_add(ctx, &b.depends_on, "a");
    assert_ok(ctx, graph_build(ctx, &(struct revisions){.v = list, .n = 2}, &g));
    assert_true(revision_is_head(&a));
    assert_false(revision_is_real_head(&a));
    assert_true(revision_is_real_head(&b));
}

static void test_labels(void **state)
{
    struct ctx *ctx = *state;
    static const char *const expected[] = {"core", "core", "core", "", "web", "web", ""};
    struct graph g;

    build(ctx, &g);
    for (size_t i = 0; i < g.all.n; i++)
        assert_string_equal(strings_join(&ctx->arena, &g.all.v[i]->all_labels, " "), expected[i]);
    assert_ptr_equal(map_get(&g.by_id, "web"), g.all.v[4]);
    /* a graph may be built again from the same revisions, with others */
    assert_ok(ctx, graph_build(ctx, &g.all, &g));
    assert_int_equal(g.all.v[0]->children.n, 1);
    assert_int_equal(g.all.v[1]->all_labels.n, 1);
}

static const struct resolved {
    const char *rows; /* NULL: not known */
    const char *symbol, *ids;
} resolved[] = {
    {NULL, "core2", "core2"},
    {NULL, "web", "web2"},
    {NULL, "web@head", "web3"},
    {NULL, "core2+1", "core3"},
    {NULL, "base", ""},
    {NULL, "heads", "core3 web3 tool1"},
    {NULL, "core1 core3 core1", "core1 core3"},
    {"web3", "current", "web3"},
    {"web3 core3", "core@current", "core3"},
    {"web3 core3", "core@-1", "core2"},
    {"web3", "core@+1", "core3"},
    {"", "core@+2", "core2"},
};

static void test_resolved(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found, at;
    struct graph g;

    build(ctx, &g);
    for (size_t i = 0; i < COUNT_OF(resolved); i++) {
        const struct resolved *c = &resolved[i];

        at = current(ctx, &g, c->rows ? c->rows : "");
        assert_ok(ctx, graph_resolve(ctx, &g, c->rows ? &at : NULL, c->symbol, &found));
        assert_string_equal(ids(ctx, &found), c->ids);
    }
}

static const struct unresolved {
    const char *symbol;
    enum status status;
    const char *error;
} unresolved[] = {
    {"", STATUS_USAGE, "'' names no revision"},
    {"web@", STATUS_USAGE, "'web@' names no revision"},
    {"@head", STATUS_USAGE, "unknown branch '@head'"},
    {"current", STATUS_USAGE, "'current' refers to the database's revision, which is not available here"},
    {"+1", STATUS_USAGE, "'+1' counts from the database's revision, which is not available here"},
    {"heads-1", STATUS_FAILED,
        "'heads-1' is ambiguous: it could count from 3 revisions\n  'core3'\n  'web3'\n  'tool1'\n"
        "  hint: Count from one of them."},
    {"core", STATUS_OK, NULL},
    {"cor", STATUS_FAILED,
        "'cor' is ambiguous: 3 revisions begin with it\n  'core1' (begin)\n  'core2' (add users)\n  'core3'\n"
        "  hint: Use a longer prefix."},
    {"coer2", STATUS_FAILED, "unknown revision 'coer2'\n  hint: Did you mean 'core2' (add users)?"},
    {"wbe", STATUS_FAILED, "unknown revision 'wbe'\n  hint: Did you mean the branch 'web'?"},
};

static void test_unresolved(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found;
    struct graph g;

    build(ctx, &g);
    for (size_t i = 0; i < COUNT_OF(unresolved); i++) {
        const struct unresolved *c = &unresolved[i];

        if (graph_resolve(ctx, &g, NULL, c->symbol, &found))
            assert_null(c->error);
        else
            assert_error(ctx, c->status, c->error);
    }
}

#define UNKNOWN_HINT \
    "\n  hint: Restore its file, which may be in a newer version or on another branch of the project." \
    "\n  hint: Without the file, 'cmig downgrade REVISION' reverts it if the history table has its text." \
    "\n  hint: As a last resort, 'cmig stamp --purge REVISION' replaces the version rows; what '"
#define STAYS "' created remains."

static void test_unknown_row(void **state)
{
    struct ctx *ctx = *state;
    struct strings at = words(ctx, "core1 gone"), label = words(ctx, "core"), target = words(ctx, "core2"),
                   base = words(ctx, "base");
    struct plan plan;
    struct graph g;

    build(ctx, &g);
    assert_false(plan_upgrade(ctx, &g, &at, "heads", &plan));
    assert_error(ctx, STATUS_UNKNOWN_REVISION,
        "the database is at revision 'gone', which has no file" UNKNOWN_HINT "gone" STAYS);
    assert_false(plan_downgrade(ctx, &g, &at, "base", &plan));
    err_clear(ctx);
    assert_false(plan_stamp(ctx, &g, &at, &target, false, &plan));
    err_clear(ctx);
    assert_false(plan_upgrade(ctx, &g, &label, "heads", &plan)); /* rows hold ids, not labels */
    assert_error(ctx, STATUS_UNKNOWN_REVISION,
        "the database is at revision 'core', which has no file" UNKNOWN_HINT "core" STAYS);
    assert_ok(ctx, plan_stamp(ctx, &g, &at, &target, true, &plan));
    assert_int_equal(plan.n, 1);
    assert_int_equal(plan.v[0].moves.n, 3);
    assert_string_equal(plan.v[0].moves.v[0].from, "core1");
    assert_string_equal(plan.v[0].moves.v[1].from, "gone");
    assert_null(plan.v[0].moves.v[1].to);
    assert_null(plan.v[0].moves.v[2].from);
    assert_string_equal(strings_join(&ctx->arena, &plan.rows, " "), "core2");
    assert_ok(ctx, plan_stamp(ctx, &g, &at, &base, true, &plan));
    assert_int_equal(plan.n, 1);
    assert_null(plan.v[0].revision);
    assert_int_equal(plan.v[0].moves.n, 2);
    assert_int_equal(plan.rows.n, 0);
}

static char *extras(struct ctx *ctx, const struct plan *plan)
{
    struct strings found = {0};

    for (size_t i = 0; i < plan->n; i++)
        if (plan->v[i].extra)
            vec_add(ctx, &found, plan->v[i].revision->id);
    return strings_join(&ctx->arena, &found, " ");
}

static void test_extra(void **state)
{
    struct ctx *ctx = *state;
    struct strings none = {0}, at = words(ctx, "web3 tool1");
    struct plan plan;
    struct graph g;

    build(ctx, &g);
    assert_ok(ctx, plan_upgrade(ctx, &g, &none, "web@head", &plan));
    assert_string_equal(extras(ctx, &plan), "core1 core2");
    assert_ok(ctx, plan_downgrade(ctx, &g, &at, "core1", &plan));
    assert_string_equal(extras(ctx, &plan), "web3 web2");
    assert_ok(ctx, plan_downgrade(ctx, &g, &at, "web1", &plan));
    assert_string_equal(extras(ctx, &plan), "");
    assert_ok(ctx, plan_downgrade(ctx, &g, &at, "web1@base", &plan));
    assert_string_equal(extras(ctx, &plan), "");
}

static const struct stamped {
    const char *rows, *targets, *after;
} stamped[] = {
    {"web3 core3", "base", ""},
    {"web3 core3", "tool1@base", "core3 web3"},
    {"tool1 core3", "web@base", "core3 tool1"},
    {"core3", "base core2", "core2"},
    {"core3", "core3 base", "core3"},
    {"", "core1 web1", "core1 web1"},
    {"web3 tool1", "web2 tool1", "tool1 web2"}, /* a row that is a target stays */
    {"web3 tool1", "web1", "web1"},
    {"web2 web3", "web3", "web3"}, /* rows that overlap are corrected */
    {"web3", "web3-1 tool1", "tool1 web2"},
    {"web1", "-1", ""},
    {"web1 core3", "web1-1", "core3"}, /* below a first revision is the base of its line only */
    {"core3", "core@base+2", "core2"},
    {"core3", "current-1", "core2"},
};

static void test_stamped(void **state)
{
    struct ctx *ctx = *state;
    struct plan plan;
    struct graph g;

    build(ctx, &g);
    for (size_t i = 0; i < COUNT_OF(stamped); i++) {
        struct strings at = words(ctx, stamped[i].rows), targets = words(ctx, stamped[i].targets);

        assert_ok(ctx, plan_stamp(ctx, &g, &at, &targets, false, &plan));
        assert_string_equal(strings_join(&ctx->arena, &plan.rows, " "), stamped[i].after);
    }
}

static void test_range_with_current(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found, at;
    struct graph g;

    build(ctx, &g);
    at = current(ctx, &g, "web2");
    assert_ok(ctx, graph_range(ctx, &g, &at, "current:", &found));
    assert_string_equal(ids(ctx, &found), "web3 web2");
    assert_ok(ctx, graph_range(ctx, &g, &at, "web1:current", &found));
    assert_string_equal(ids(ctx, &found), "web2 web1");
    assert_false(graph_range(ctx, &g, NULL, "current:", &found));
    assert_error(
        ctx, STATUS_USAGE, "'current' refers to the database's revision, which is not available here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_ends),
        ctx_test(test_head_kinds),
        ctx_test(test_labels),
        ctx_test(test_resolved),
        ctx_test(test_unresolved),
        ctx_test(test_unknown_row),
        ctx_test(test_extra),
        ctx_test(test_stamped),
        ctx_test(test_range_with_current),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
