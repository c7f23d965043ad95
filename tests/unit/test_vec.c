/* Tests of lists and maps. */
#include "unit.h"

struct numbers VEC_OF(int);

static void test_list(void **state)
{
    struct ctx *ctx = *state;
    struct numbers list = {0}, other = {0};

    for (int i = 0; i < 1000; i++) {
        vec_add(ctx, &list, i);
        vec_push(&ctx->arena, &other, -i); /* so that neither can always grow in place */
    }
    assert_int_equal(list.n, 1000);
    vec_each(i, &list) {
        assert_int_equal(list.v[i], i);
        assert_int_equal(other.v[i], -(int)i);
    }
}

static void test_insert_and_remove(void **state)
{
    struct ctx *ctx = *state;
    struct numbers list = {0};

    vec_insert(ctx, &list, 0, 2);
    vec_insert(ctx, &list, 0, 1);
    vec_insert(ctx, &list, 2, 4);
    vec_insert(ctx, &list, 2, 3);
    vec_insert(ctx, &list, 4, 5);
    assert_int_equal(list.n, 5);
    vec_each(i, &list)
        assert_int_equal(list.v[i], i + 1);
    vec_remove(&list, 4);
    vec_remove(&list, 0);
    vec_remove(&list, 1);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.v[0], 2);
    assert_int_equal(list.v[1], 4);
}

static void test_strings(void **state)
{
    struct ctx *ctx = *state;
    struct strings list = {0}, other = {0};

    strings_sort(&list);
    assert_string_equal(strings_join(&ctx->arena, &list, ", "), "");
    assert_true(strings_eq(&list, &other));
    vec_add(ctx, &list, "b");
    vec_add(ctx, &list, "\xc3\xa9");
    vec_add(ctx, &list, "B");
    assert_true(strings_have(&list, "B") && !strings_have(&list, "c"));
    strings_sort(&list);
    assert_string_equal(strings_join(&ctx->arena, &list, ", "), "B, b, \xc3\xa9");
    assert_false(strings_eq(&list, &other));
    vec_add(ctx, &other, "B");
    vec_add(ctx, &other, "b");
    vec_add(ctx, &other, "e");
    assert_false(strings_eq(&list, &other));
    other.v[2] = "\xc3\xa9";
    assert_true(strings_eq(&list, &other));
}

static void test_map(void **state)
{
    struct ctx *ctx = *state;
    struct map m = MAP(ctx);
    int values[1000];

    assert_null(map_get(&m, "k1"));
    for (int i = 0; i < 1000; i++)
        map_set(&m, ctx_printf(ctx, "k%d", i), &values[i]);
    assert_int_equal(m.n, 1000);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(map_get(&m, ctx_printf(ctx, "k%d", i)), &values[i]);
    assert_null(map_get(&m, "k1000"));
    assert_null(map_get(&m, "k"));
    assert_ptr_equal(map_getn(&m, "k12345", 3), &values[12]);
    assert_null(map_getn(&m, "k12", 1));
    map_set(&m, "k7", &values[8]);
    assert_int_equal(m.n, 1000);
    assert_ptr_equal(map_get(&m, "k7"), &values[8]);
    map_set(&m, "", &values[9]);
    assert_ptr_equal(map_getn(&m, "x", 0), &values[9]);
}

static void test_intern(void **state)
{
    struct ctx *ctx = *state;
    struct map m = MAP(ctx);
    char text[] = "varchar(80)";
    const char *first = map_intern(&m, text, 7), *whole = map_intern(&m, text, 11);

    assert_string_equal(first, "varchar");
    assert_string_equal(whole, "varchar(80)");
    text[0] = 'V';
    assert_ptr_equal(map_intern(&m, "varchar", 7), first);
    assert_ptr_not_equal(map_intern(&m, text, 7), first);
}

static void test_hash(ATTR_UNUSED void **state)
{
    /* The published test values of FNV-1a. */
    assert_int_equal(hash_bytes("", 0), 0x811c9dc5u);
    assert_int_equal(hash_bytes("a", 1), 0xe40c292cu);
    assert_int_equal(hash_bytes("foobar", 6), 0xbf9cf968u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_list),
        ctx_test(test_insert_and_remove),
        ctx_test(test_strings),
        ctx_test(test_map),
        ctx_test(test_intern),
        ctx_test(test_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
