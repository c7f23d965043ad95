/* Lists of objects, and pairs of a database's and the models' objects. */
#include "unit.h"

#include "cmig/object.h"
#include "cmig/op.h"

static struct object *object(struct ctx *ctx, const char *name, const char *schema, const char *version)
{
    struct object *o = ctx_new(ctx, struct object);
    *o = (struct object){.key = name, .name = {.name = name}, .settings = {schema, version}};
    return o;
}

static void test_lists(void **state)
{
    struct ctx *ctx = *state;
    struct objects list = {0};
    static const char *const names[] = {"m", "z", "a", "k", "b"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        objects_insert(ctx, &list, object(ctx, names[i], NULL, NULL));
    for (size_t i = 1; i < list.n; i++)
        assert_true(strcmp(list.v[i - 1]->name.name, list.v[i]->name.name) < 0);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(objects_find(&list, &(struct object){.key = names[i]})->name.name, names[i]);
    assert_null(objects_find(&list, &(struct object){.key = "c"}));
    objects_remove(&list, objects_find(&list, &(struct object){.key = "a"}));
    assert_null(objects_find(&list, &(struct object){.key = "a"}));
    objects_remove(&list, object(ctx, "m", NULL, NULL)); /* another one of the name */
    assert_int_equal(list.n, 4);
}

static void test_pairs(void **state)
{
    struct ctx *ctx = *state;
    struct object *there = object(ctx, "x", "public", "1.2");
    object_pair(OBJECT_EXTENSION, there, object(ctx, "x", "public", NULL));
    assert_true(object_same(there, object(ctx, "x", "public", NULL)));
    there = object(ctx, "x", "public", "1.2");
    object_pair(OBJECT_EXTENSION, there, object(ctx, "x", NULL, "1.3"));
    assert_null(object_schema(OBJECT_EXTENSION, there));
    assert_false(object_same(there, object(ctx, "x", NULL, "1.3")));
    there = object(ctx, "x", "public", "1.2");
    object_pair(OBJECT_EXTENSION, there, NULL); /* what makes it again: in its schema, in any version */
    assert_string_equal(object_schema(OBJECT_EXTENSION, there), "public");
    assert_null(there->settings[1]);
}

static void test_operations(void **state)
{
    (void)state;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (int verb = 0; verb < OBJECT_VERBS; verb++) {
            enum op_kind op = op_kind_of_object((enum object_kind)kind, (enum object_verb)verb);
            assert_int_equal(op_object_kind(op), kind);
            assert_int_equal(op_object_verb(op), verb);
            const char *word = strchr(op_table[op].name, '_') + 1;
            for (size_t i = 0; word[i]; i++)
                assert_int_equal(word[i] == '_' ? ' ' : word[i], object_table[kind].name[i]);
        }
    assert_int_equal(op_object_kind(OP_CREATE_TABLE), OBJECT_KINDS);
    assert_int_equal(op_object_verb(OP_RUN), OBJECT_VERBS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_lists),
        ctx_test(test_pairs),
        ctx_test(test_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
