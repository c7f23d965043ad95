/*
 * Tests that ten thousand revisions resolve and plan, whatever their shape.
 *
 * The times are printed, not judged.
 */
#include "unit.h"

#include "cmig/revision.h"

enum { MANY = 10000 };

/* Our own random numbers, so that the shapes are the same on every machine. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static const char *id_of(struct ctx *ctx, size_t i)
{
    return ctx_printf(ctx, "r%06zu", i);
}

static struct revision *revision_new(struct ctx *ctx, size_t i)
{
    struct revision *r = ctx_new(ctx, struct revision);

    r->id = id_of(ctx, i);
    r->message = "";
    return r;
}

static void add_chain(struct ctx *ctx, struct revision *r, size_t i, ATTR_UNUSED uint32_t *random)
{
    if (i)
        vec_add(ctx, &r->down, id_of(ctx, i - 1));
}

static void add_wide(struct ctx *ctx, struct revision *r, size_t i, ATTR_UNUSED uint32_t *random)
{
    if (i)
        vec_add(ctx, &r->down, id_of(ctx, 0));
}

/* Branches of two revisions each on one trunk. */
static void add_pairs(struct ctx *ctx, struct revision *r, size_t i, ATTR_UNUSED uint32_t *random)
{
    if (i)
        vec_add(ctx, &r->down, id_of(ctx, i % 2 ? 0 : i - 1));
}

/* A ladder: each rung merges the two branches, and two more begin there. */
static void add_ladder(struct ctx *ctx, struct revision *r, size_t i, ATTR_UNUSED uint32_t *random)
{
    if (i && i % 3)
        vec_add(ctx, &r->down, id_of(ctx, i - i % 3));
    else if (i) {
        vec_add(ctx, &r->down, id_of(ctx, i - 2));
        vec_add(ctx, &r->down, id_of(ctx, i - 1));
    }
}

static void add_random(struct ctx *ctx, struct revision *r, size_t i, uint32_t *random)
{
    size_t parents = i ? 1 + next_random(random) % 2 : 0;

    for (size_t k = 0; k < parents; k++)
        vec_add(ctx, &r->down, id_of(ctx, next_random(random) % i));
    if (i && next_random(random) % 4 == 0)
        vec_add(ctx, &r->depends_on, id_of(ctx, next_random(random) % i));
}

/* As in real projects: parents are never far away. */
static void add_near(struct ctx *ctx, struct revision *r, size_t i, uint32_t *random)
{
    size_t parents = i ? 1 + (next_random(random) % 5 == 0) : 0, reach = i < 8 ? i : 8;

    for (size_t k = 0; k < parents; k++)
        vec_add(ctx, &r->down, id_of(ctx, i - 1 - next_random(random) % reach));
    if (i && next_random(random) % 10 == 0)
        vec_add(ctx, &r->depends_on, id_of(ctx, next_random(random) % i));
}

static const struct shape {
    const char *name;
    void (*add)(struct ctx *ctx, struct revision *r, size_t i, uint32_t *random);
} shapes[] = {
    {"chain", add_chain},
    {"wide", add_wide},
    {"pairs", add_pairs},
    {"ladder", add_ladder},
    {"random", add_random},
    {"near", add_near},
};

/* A step descends from revisions that exist. */
static void assert_order(struct ctx *ctx, const struct graph *g, const struct plan *plan)
{
    bool *done = arena_alloc(&ctx->arena, g->all.n);

    for (size_t i = 0; i < plan->n; i++) {
        const struct revision *r = plan->v[i].revision;

        assert_false(done[r->order]);
        vec_each(k, &r->parents)
            assert_true(done[r->parents.v[k]->order]);
        vec_each(k, &r->all_dependencies)
            assert_true(done[r->all_dependencies.v[k]->order]);
        done[r->order] = true;
    }
}

static void assert_mirror(const struct plan *up, const struct plan *down)
{
    assert_int_equal(up->n, down->n);
    for (size_t i = 0; i < up->n; i++)
        assert_ptr_equal(up->v[i].revision, down->v[down->n - 1 - i].revision);
}

static void run_shape(struct ctx *ctx, const struct shape *shape)
{
    struct revisions list = {0}, found;
    struct strings none = {0};
    struct plan up, down;
    struct graph g;
    uint32_t random = 1;
    uint64_t t0, t1, t2, t3, t4;

    for (size_t i = 0; i < MANY; i++) {
        struct revision *r = revision_new(ctx, i);

        shape->add(ctx, r, i, &random);
        vec_add(ctx, &list, r);
    }
    t0 = time_monotonic_us();
    assert_ok(ctx, graph_build(ctx, &list, &g));
    t1 = time_monotonic_us();
    assert_ok(ctx, plan_upgrade(ctx, &g, &none, "heads", &up));
    t2 = time_monotonic_us();
    assert_ok(ctx, plan_downgrade(ctx, &g, &up.rows, "base", &down));
    t3 = time_monotonic_us();
    assert_ok(ctx, graph_range(ctx, &g, NULL, ":", &found));
    t4 = time_monotonic_us();
    print_message("%-8s build %6.1f  up %6.1f  down %6.1f  history %6.1f ms, %u rows\n", shape->name,
        (double)(t1 - t0) / 1e3, (double)(t2 - t1) / 1e3, (double)(t3 - t2) / 1e3, (double)(t4 - t3) / 1e3,
        up.rows.n);
    assert_int_equal(up.n, MANY);
    assert_int_equal(found.n, MANY);
    assert_int_equal(down.rows.n, 0);
    assert_order(ctx, &g, &up);
    assert_mirror(&up, &down);
}

static void test_shapes(ATTR_UNUSED void **state)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct ctx ctx = {0};

        run_shape(&ctx, &shapes[i]);
        ctx_finish(&ctx);
    }
}

static void test_long_cycle(void **state)
{
    struct ctx *ctx = *state;
    struct revisions list = {0};
    struct graph g;

    for (size_t i = 0; i < MANY; i++) {
        struct revision *r = revision_new(ctx, i);

        vec_add(ctx, &r->down, id_of(ctx, (i + MANY - 1) % MANY));
        vec_add(ctx, &list, r);
    }
    assert_false(graph_build(ctx, &list, &g));
    assert_non_null(strstr(err_text(ctx), "form a cycle"));
    err_clear(ctx);
}

static void test_far_steps(void **state)
{
    struct ctx *ctx = *state;
    struct revisions list = {0}, found, none = {0};
    uint32_t random = 1;
    struct graph g;

    for (size_t i = 0; i < MANY; i++) {
        struct revision *r = revision_new(ctx, i);

        add_chain(ctx, r, i, &random);
        vec_add(ctx, &list, r);
    }
    assert_ok(ctx, graph_build(ctx, &list, &g));
    assert_ok(ctx, graph_resolve(ctx, &g, &none, "head-9999", &found));
    assert_string_equal(found.v[0]->id, "r000000");
    assert_false(graph_resolve(ctx, &g, &none, "base+99999999999999999999", &found));
    assert_error(
        ctx, STATUS_FAILED, "'base+99999999999999999999' is too far: there are only 10000 steps above base");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        ctx_test(test_long_cycle),
        ctx_test(test_far_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
