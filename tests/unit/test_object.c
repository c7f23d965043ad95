/* Tests of lists of objects, and of pairing those of a database with those of the models. */
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
    objects_remove(&list, object(ctx, "m", NULL, NULL)); /* another object of the same name */
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
    object_pair(OBJECT_EXTENSION, there, NULL); /* the statement that creates it again: in its schema, in any
                                                 * version */
    assert_string_equal(object_schema(OBJECT_EXTENSION, there), "public");
    assert_null(there->settings[1]);
}

static bool same_sql(const char *a, const char *b)
{
    const struct object x = {.key = "x", .native = a}, y = {.key = "x", .native = b};
    return object_same(&x, &y);
}

static void test_sql(void **state)
{
    (void)state;
    assert_true(
        same_sql("CREATE TRIGGER t AFTER  INSERT\nON a", "create trigger t -- so\nafter insert on a"));
    assert_true(same_sql("CREATE TRIGGER t ON a", "CREATE TRIGGER t ON \"a\""));
    assert_false(same_sql("CREATE TRIGGER t ON A", "CREATE TRIGGER t ON \"A\""));
    assert_true(same_sql("EXECUTE PROCEDURE f()", "EXECUTE FUNCTION f()"));
    assert_false(same_sql("AS 'a  b'", "AS 'a b'"));
    assert_false(same_sql("A", "A B"));
    assert_false(same_sql(NULL, "A"));
}

static void key_is(struct ctx *ctx, enum object_kind kind, const char *key, const char *schema,
    const char *name, const char *signature)
{
    struct object o = {.key = key};
    assert_true(object_take_key(&ctx->arena, kind, &o));
    assert_true(str_eq(o.name.schema, schema));
    assert_string_equal(o.name.name, name);
    assert_true(str_eq(o.signature, signature));
}

static void test_keys(void **state)
{
    struct ctx *ctx = *state;
    struct object o = {.key = "f"};
    key_is(ctx, OBJECT_FUNCTION, "f()", NULL, "f", "");
    key_is(ctx, OBJECT_FUNCTION, "app.f(numeric(10, 2), app.t)", "app", "f", "numeric(10, 2), app.t");
    key_is(ctx, OBJECT_OPERATOR, "===(int, int)", NULL, "===", "int, int");
    key_is(ctx, OBJECT_OPERATOR_CLASS, "app.ops USING  btree", "app", "ops", "btree");
    key_is(ctx, OBJECT_TRANSFORM, "integer language x", NULL, "integer language x", NULL);
    key_is(ctx, OBJECT_DOMAIN, "app.d", "app", "d", NULL);
    key_is(ctx, OBJECT_TRIGGER, "a.b (c)", NULL, "a.b (c)", NULL);
    assert_false(object_take_key(&ctx->arena, OBJECT_FUNCTION, &o));
    assert_false(object_take_key(&ctx->arena, OBJECT_OPERATOR_CLASS, &o));
}

static void name_is(enum object_kind kind, const char *sql, const char *name)
{
    size_t at, n;
    assert_true(object_sql_name(kind, sql, &at, &n));
    assert_int_equal(n, strlen(name));
    assert_memory_equal(sql + at, name, n);
}

static void test_names_in_sql(void **state)
{
    size_t at, n;
    (void)state;
    name_is(OBJECT_FUNCTION, "create or replace function app . \"F(\"(a int)", "app . \"F(\"");
    name_is(OBJECT_TRIGGER, " CREATE CONSTRAINT TRIGGER t AFTER", "t");
    name_is(OBJECT_TRIGGER, "CREATE TEMP TRIGGER IF NOT EXISTS [a b] AFTER", "[a b]");
    name_is(OBJECT_TRIGGER,
        "SET STATEMENT sql_mode = 'for', a = 1 FOR CREATE OR REPLACE DEFINER = `a b`@'%' TRIGGER `t` AFTER",
        "`t`");
    name_is(OBJECT_FUNCTION, "CREATE DEFINER=CURRENT_USER() AGGREGATE FUNCTION f(a int)", "f");
    name_is(OBJECT_EVENT, "CREATE DEFINER = root@localhost EVENT IF NOT EXISTS e ON SCHEDULE", "e");
    name_is(OBJECT_OPERATOR, "CREATE OPERATOR app.=== (", "app.===");
    name_is(OBJECT_TEXT_SEARCH_CONFIGURATION, "CREATE TEXT SEARCH CONFIGURATION c (", "c");
    name_is(OBJECT_OPERATOR_CLASS, "CREATE OPERATOR CLASS app.c DEFAULT FOR TYPE", "app.c");
    assert_true(object_altered_name(OBJECT_OPERATOR_FAMILY, "ALTER OPERATOR FAMILY f USING", &at, &n));
    assert_int_equal(n, 1);
    assert_true(object_altered_name(OBJECT_FOREIGN_TABLE, "COMMENT ON COLUMN a.\"b c\".d IS 'x'", &at, &n));
    assert_int_equal(at, strlen("COMMENT ON COLUMN "));
    assert_int_equal(n, strlen("a.\"b c\""));
    assert_false(object_altered_name(OBJECT_FOREIGN_TABLE, "COMMENT ON COLUMN a IS 'x'", &at, &n));
    assert_true(
        object_altered_name(OBJECT_DOMAIN, "COMMENT ON CONSTRAINT \"c c\" ON DOMAIN a.d IS 'x'", &at, &n));
    assert_int_equal(at, strlen("COMMENT ON CONSTRAINT \"c c\" ON DOMAIN "));
    assert_int_equal(n, strlen("a.d"));
    assert_false(object_altered_name(OBJECT_TYPE, "COMMENT ON CONSTRAINT c ON DOMAIN d IS 'x'", &at, &n));
    assert_false(object_altered_name(OBJECT_DOMAIN, "CREATE DOMAIN d", &at, &n));
    assert_false(object_sql_name(OBJECT_TRANSFORM, "CREATE TRANSFORM FOR int LANGUAGE l ()", &at, &n));
    assert_false(object_sql_name(OBJECT_FUNCTION, "CREATE PROCEDURE p()", &at, &n));
    assert_false(object_sql_name(OBJECT_FUNCTION, "CREATE FUNCTION", &at, &n));
    assert_false(object_sql_name(OBJECT_FUNCTION, "", &at, &n));
}

static void test_new_names(void **state)
{
    struct ctx *ctx = *state;
    struct object f = {.key = "app.f(text)"}, trigger = {.key = "a.b"}, ret;

    assert_true(object_take_key(&ctx->arena, OBJECT_FUNCTION, &f));
    assert_true(object_under_name(&ctx->arena, OBJECT_FUNCTION, &f, "g", &ret));
    assert_string_equal(ret.key, "g(text)");
    assert_true(object_under_name(&ctx->arena, OBJECT_FUNCTION, &f, "app.\"G(\"(text)", &ret));
    assert_string_equal(ret.key, "app.G((text)");
    assert_false(object_under_name(&ctx->arena, OBJECT_FUNCTION, &f, "g(int)", &ret));
    assert_false(object_under_name(&ctx->arena, OBJECT_FUNCTION, &f, "", &ret));
    assert_true(object_take_key(&ctx->arena, OBJECT_TRIGGER, &trigger));
    assert_true(object_under_name(&ctx->arena, OBJECT_TRIGGER, &trigger, "c.d(e)", &ret));
    assert_string_equal(ret.name.name, "c.d(e)");
    assert_null(ret.name.schema);
}

static void test_texts_with_new_names(void **state)
{
    struct object_rename one[] = {{{NULL, "f"}, {"app", "G h"}}, {{"app", "t"}, {NULL, "u"}}};
    const struct object_renames all = {.v = one, .n = 2, .cap = 2};
    static const struct {
        const char *a, *b;
        bool same;
    } texts[] = {
        {"SELECT f(x)", "select app.\"G h\" ( x )", true},
        {"SELECT f(f.f)", "SELECT app.\"G h\"(f.f)", true},
        {"SELECT f(x)", "SELECT \"G h\"(x)", false},
        {"SELECT f(x) AS f", "SELECT app.\"G h\"(x) AS f", true},
        {"SELECT f(x) AS f", "SELECT app.\"G h\"(x) AS app.\"G h\"", false},
        {"x::app.t[]", "x::u[]", true},
        {"'app.t'::regclass", "'u'::regclass", true},
        {"'t'::regclass", "'u'::regclass", false},
        {"CREATE DOMAIN d AS app.t", "CREATE DOMAIN d AS u", true},
        {"$$ f(x) $$", "$$ app.\"G h\"(x) $$", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (sql_same_but_for_renames(texts[i].a, texts[i].b, &all) != texts[i].same)
            fail_msg("%s: %s", texts[i].a, texts[i].b);
    assert_true(sql_same_but_for_renames(NULL, NULL, &all));
    assert_false(sql_same_but_for_renames("f", NULL, &all));
}

static void test_operations(void **state)
{
    (void)state;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (int verb = 0; verb < OBJECT_VERBS; verb++) {
            enum op_kind op = op_kind_of_object((enum object_kind)kind, (enum object_verb)verb);
            assert_int_equal(op_object_kind(op), kind);
            assert_int_equal(op_object_verb(op), verb);
            const char *word = op_table[op].name ? strchr(op_table[op].name, '_') + 1 : "";
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
        ctx_test(test_sql),
        ctx_test(test_keys),
        ctx_test(test_names_in_sql),
        ctx_test(test_new_names),
        ctx_test(test_texts_with_new_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
