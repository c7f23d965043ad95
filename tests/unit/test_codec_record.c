/* Tests of records: reading, writing, comparing, and errors. */
#include "unit.h"

#include "cmig/codec.h"

static const char *const action_names[] = {"", "no action", "cascade", "set null", NULL};

struct part {
    const char *name;
    bool desc;
};

struct box {
    const char *name;
    struct pos pos;
    bool flag, on;
    enum tri maybe;
    int64_t count;
    const char *text;
    struct strings list;
    int action;
    struct dtext type;
    struct qname owner;
    struct part *part;
    struct part within;
    struct VEC_OF(struct part *) parts, mapped, named;
    struct VEC_OF(struct box *) boxes;
    const char *upper; /* a kind of its own */
    const char *old;
};

static bool upper_decode(struct decoder *d, const struct node *n, void *value)
{
    if (n->kind != NODE_SCALAR || n->scalar[0] < 'A' || n->scalar[0] > 'Z')
        return decode_fail(d, n, "expected capitals, found %s", node_describe(&d->ctx->arena, n));
    return decode_string(d, n, value);
}

static struct node *upper_encode(struct arena *a, const void *value)
{
    const char *text = *(const char *const *)value;

    return text ? node_string(a, text) : NULL;
}

static bool upper_equal(const void *a, const void *b)
{
    return str_eq_ci(*(const char *const *)a, *(const char *const *)b);
}

static const struct field_custom upper = {
    .decode = upper_decode,
    .encode = upper_encode,
    .equal = upper_equal,
    .json_schema = "{\"type\": \"string\", \"pattern\": \"^[A-Z]\"}",
};

static bool part_short(struct decoder *d, const struct node *n, void *object)
{
    struct part *part = object;

    return decode_string(d, n, &part->name);
}

static struct node *part_encode_short(struct arena *a, const void *object)
{
    const struct part *part = object;

    return part->desc || !part->name ? NULL : node_string(a, part->name);
}

static const struct record part_record = {
    .name = "part",
    .size = sizeof(struct part),
    .fields =
        (const struct field[]){
            {.key = "name", .doc = "Its name.", .kind = FIELD_STRING, .offset = offsetof(struct part, name)},
            {.key = "desc", .kind = FIELD_BOOL, .offset = offsetof(struct part, desc)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = part_short,
    .encode_short = part_encode_short,
    .short_schema = "{\"type\": \"string\"}",
};

/* As in a column: the name is the key, and the short form gives the type. */
static bool entry_short(struct decoder *d, const struct node *n, void *object)
{
    struct part *part = object;

    return node_bool(n, &part->desc) ||
           decode_fail(d, n, "expected an entry, found %s", node_describe(&d->ctx->arena, n));
}

static struct node *entry_encode_short(struct arena *a, const void *object)
{
    const struct part *part = object;

    return part->desc ? node_boolean(a, true) : NULL;
}

static const struct record entry_record = {
    .name = "entry",
    .size = sizeof(struct part),
    .fields =
        (const struct field[]){
            {.key = "name", .kind = FIELD_STRING, .offset = offsetof(struct part, name)},
            {.key = "desc", .kind = FIELD_BOOL, .offset = offsetof(struct part, desc)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = entry_short,
    .encode_short = entry_encode_short,
    .short_schema = "{\"type\": \"boolean\"}",
};

static const struct record within_record = {
    .name = "within",
    .size = sizeof(struct part),
    .fields =
        (const struct field[]){
            {.key = "inner",
                .kind = FIELD_STRING,
                .flags = FIELD_REQUIRED,
                .offset = offsetof(struct part, name)},
            {.key = "deep", .kind = FIELD_BOOL, .offset = offsetof(struct part, desc)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};

static bool box_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct box *box = object;

    return box->count <= 100 || decode_fail(d, n, "more than a hundred");
}

#define AT(member) .offset = offsetof(struct box, member)

static const struct record box_record = {
    .name = "box",
    .size = sizeof(struct box),
    .fields =
        (const struct field[]){
            {.key = "name", .kind = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY, AT(name)},
            {.key = "flag", .doc = "A flag.", .kind = FIELD_BOOL, AT(flag)},
            {.key = "on", .kind = FIELD_BOOL, .flags = FIELD_TRUE, AT(on)},
            {.key = "maybe", .kind = FIELD_TRI, AT(maybe)},
            {.key = "count", .kind = FIELD_INT, AT(count)},
            {.key = "text", .kind = FIELD_STRING, AT(text)},
            {.key = "list", .kind = FIELD_STRINGS, AT(list)},
            {.key = "action", .kind = FIELD_CHOICE, .names = action_names, AT(action)},
            {.key = "type", .kind = FIELD_DTEXT, AT(type)},
            {.key = "owner", .kind = FIELD_QNAME, AT(owner)},
            {.key = "part", .kind = FIELD_RECORD, .record = &part_record, AT(part)},
            {.key = "within", .kind = FIELD_INLINE, .record = &within_record, AT(within)},
            {.key = "parts", .kind = FIELD_LIST, .record = &part_record, AT(parts)},
            {.key = "mapped", .kind = FIELD_MAP, .record = &entry_record, .flags = FIELD_BLOCK, AT(mapped)},
            {.key = "named", .kind = FIELD_NAMED, .record = &entry_record, AT(named)},
            {.key = "upper", .kind = FIELD_CUSTOM, .custom = &upper, AT(upper)},
            {.key = "old", .kind = FIELD_STRING, .flags = FIELD_HIDDEN, AT(old)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct box, pos),
    .given_offset = -1,
    .finish = box_finish,
};

/* Boxes in boxes, by name. */
static const struct record shelf_record = {
    .name = "shelf",
    .size = sizeof(struct box),
    .fields =
        (const struct field[]){
            {.key = "boxes", .kind = FIELD_MAP, .record = &box_record, AT(boxes)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};

static struct node *parse(struct ctx *ctx, const char *text)
{
    struct node *n;

    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "f.yaml", text, strlen(text), &n));
    return n;
}

static struct box *decode(struct ctx *ctx, const char *text)
{
    struct decoder d = {.ctx = ctx, .what = "test"};
    struct box *box = ctx_new(ctx, struct box);

    assert_ok(ctx, record_decode(&d, &box_record, parse(ctx, text), box));
    return box;
}

static const char *print(struct ctx *ctx, const struct node *n)
{
    struct str out = STR(ctx);

    node_yaml(&out, n, 0);
    return str_get(&out);
}

/* The values of every kind of field come back unchanged. */
static void test_round_trip(void **state)
{
    static const char text[] = "name: b\n"
                               "flag: true\n"
                               "\"on\": false\n" /* to YAML 1.1 it would be a boolean */
                               "maybe: false\n"
                               "count: -7\n"
                               "text: \"12\"\n"
                               "list: [x, \"1\"]\n"
                               "action: set null\n"
                               "type: {default: json, postgresql: jsonb, mysql: null}\n"
                               "owner: s.\"a.b\"\n"
                               "part: p\n"
                               "inner: i\n"
                               "deep: true\n"
                               "parts: [p, {name: q, desc: true}]\n"
                               "mapped:\n"
                               "  m: true\n"
                               "  o: {}\n"
                               "named: {x: true}\n"
                               "upper: ABC\n";
    struct ctx *ctx = *state;
    struct box *box = decode(ctx, text);

    assert_string_equal(print(ctx, record_encode(&ctx->arena, &box_record, box)), text);
    assert_int_equal(box->pos.line, 1);
    assert_int_equal(box->count, -7);
    assert_int_equal(box->action, 3);
    assert_string_equal(box->owner.schema, "s");
    assert_string_equal(box->owner.name, "a.b");
    assert_string_equal(dtext_for(&box->type, "sqlite"), "json");
    assert_string_equal(dtext_for(&box->type, "postgresql"), "jsonb");
    assert_null(dtext_for(&box->type, "mysql"));
    assert_null(dtext_for(&box->type, "mariadb")); /* as MySQL */
    assert_string_equal(box->mapped.v[0]->name, "m");
    assert_true(box->mapped.v[0]->desc);
}

static void test_defaults(void **state)
{
    struct ctx *ctx = *state;
    struct box *box =
        decode(ctx, "{name: b, inner: i, text: null, list: null, part: null, named: null, parts: , "
                    "type: ~, owner: ~, maybe: ~, old: x}");

    assert_true(box->on);
    assert_false(box->flag);
    assert_int_equal(box->maybe, TRI_UNSET);
    assert_null(box->text);
    assert_string_equal(box->old, "x");
    assert_string_equal(print(ctx, record_encode(&ctx->arena, &box_record, box)), "name: b\ninner: i\n");
}

static void test_other_forms(void **state)
{
    struct ctx *ctx = *state;
    struct box *box = decode(ctx, "{name: 12, inner: i, list: one, action: SET_NULL, type: t, "
                                  "named: [{name: a}, true], part: {desc: true}}");

    assert_string_equal(box->name, "12");
    assert_int_equal(box->list.n, 1);
    assert_int_equal(box->action, 3);
    assert_string_equal(dtext_for(&box->type, "oracle"), "t");
    assert_string_equal(box->named.v[0]->name, "a");
    assert_true(box->named.v[1]->desc);
    /* One member has no name, so they stay a list, and the others keep the key `name`. */
    assert_string_equal(print(ctx, record_encode(&ctx->arena, &box_record, box)),
        "name: \"12\"\nlist: [one]\naction: set null\ntype: t\npart: {desc: true}\ninner: i\n"
        "named: [{name: a}, true]\n");
}

static void test_named_twice(void **state)
{
    struct ctx *ctx = *state;
    struct box *box = decode(ctx, "{name: b, inner: i, named: [{name: a, desc: true}, {name: a}]}");

    assert_string_equal(print(ctx, record_encode(&ctx->arena, &box_record, box)),
        "name: b\ninner: i\nnamed: [{name: a, desc: true}, {name: a}]\n");
}

static void test_keyed(void **state)
{
    struct ctx *ctx = *state;
    struct decoder d = {.ctx = ctx, .what = "test"};
    struct box shelf = {0};

    assert_ok(ctx, record_decode(&d, &shelf_record,
                       parse(ctx, "boxes:\n  x:\n    inner: 1\n  z: {inner: 2}\n"), &shelf));
    assert_string_equal(shelf.boxes.v[0]->name, "x");
    assert_int_equal(shelf.boxes.v[0]->pos.line, 2); /* the key's place */
    assert_int_equal(shelf.boxes.v[0]->pos.column, 3);
    assert_true(shelf.boxes.v[1]->on);
    assert_string_equal(print(ctx, record_encode(&ctx->arena, &shelf_record, &shelf)),
        "boxes: {x: {inner: \"1\"}, z: {inner: \"2\"}}\n");
}

static void test_interned(void **state)
{
    struct ctx *ctx = *state;
    struct map strings = MAP(ctx);
    struct decoder d = {.ctx = ctx, .what = "test", .strings = &strings};
    struct box box = {0};

    assert_ok(ctx, record_decode(&d, &box_record,
                       parse(ctx, "{name: same, inner: same, list: [same], owner: same}"), &box));
    assert_ptr_equal(box.name, box.within.name);
    assert_ptr_equal(box.name, box.list.v[0]);
    assert_ptr_equal(box.name, box.owner.name);
}

static void test_refused(void **state)
{
#define KNOWN_KEYS \
    "'name', 'flag', 'on', 'maybe', 'count', 'text', 'list', 'action', 'type', 'owner', 'part', 'inner', " \
    "'deep', " \
    "'parts', 'mapped', 'named', 'upper' or 'old'"
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"{name: b, inner: i, flga: true}",
            "f.yaml:1:21: unknown key 'flga' in box\n  hint: Did you mean 'flag'?"},
        {"{name: b, inner: i, zzzzzz: 1}",
            "f.yaml:1:21: unknown key 'zzzzzz' in box\n  hint: Expected one of " KNOWN_KEYS "."},
        {"{name: b, iner: i}", "f.yaml:1:11: unknown key 'iner' in box\n  hint: Did you mean 'inner'?"},
        {"{inner: i}", "f.yaml:1:1: key 'name' is missing in box"},
        {"{name: b}", "f.yaml:1:1: key 'inner' is missing in box"},
        {"{name: null, inner: i}", "f.yaml:1:8: key 'name' of box must not be null"},
        {"{name: [b], inner: i}", "f.yaml:1:8: key 'name': expected a string, found a list"},
        {"{name: {b: c}, inner: i}", "f.yaml:1:8: key 'name': expected a string, found a mapping"},
        {"{flag: yes}", "f.yaml:1:8: key 'flag': expected true or false, found 'yes'"},
        {"{flag: \"true\"}", "f.yaml:1:8: key 'flag': expected true or false, found 'true'"},
        {"{flag: }", "f.yaml:1:8: key 'flag': expected true or false, found nothing"},
        {"{maybe: 1}", "f.yaml:1:9: key 'maybe': expected true or false, found '1'"},
        {"{count: 1.5}", "f.yaml:1:9: key 'count': expected a whole number, found '1.5'"},
        {"{count: 9223372036854775808}",
            "f.yaml:1:9: key 'count': expected a whole number, found '9223372036854775808'"},
        {"{count: []}", "f.yaml:1:9: key 'count': expected a whole number, found a list"},
        {"{list: {a: b}}", "f.yaml:1:8: key 'list': expected a list of names, found a mapping"},
        {"{list: [a, [b]]}", "f.yaml:1:12: expected a string, found a list"},
        {"{list: [a, ~]}", "f.yaml:1:12: expected a string, found null"},
        {"{action: casade}",
            "f.yaml:1:10: key 'action': unknown word 'casade'\n  hint: Did you mean 'cascade'?"},
        {"{action: xyz}", "f.yaml:1:10: key 'action': unknown word 'xyz'\n"
                          "  hint: Expected one of 'no action', 'cascade' or 'set null'."},
        {"{action: [cascade]}", "f.yaml:1:10: key 'action': expected a word, found a list\n"
                                "  hint: Expected one of 'no action', 'cascade' or 'set null'."},
        {"{type: [a]}", "f.yaml:1:8: key 'type': expected a string or a mapping by dialect, found a list"},
        {"{type: {postgres: a}}",
            "f.yaml:1:9: unknown dialect 'postgres'\n  hint: Did you mean 'postgresql'?"},
        {"{type: {oracle: a}}",
            "f.yaml:1:9: unknown dialect 'oracle'\n"
            "  hint: Expected one of 'default', 'sqlite', 'postgresql', 'mysql' or 'mariadb'."},
        {"{type: {sqlite: [a]}}", "f.yaml:1:17: expected a string, found a list"},
        {"{owner: a..b}", "f.yaml:1:9: 'a..b' is not a name\n  hint: Write name or schema.name; put a part "
                          "with a dot or a double quote in double quotes."},
        {"{owner: [a]}", "f.yaml:1:9: key 'owner': expected a name, found a list"},
        {"{part: {nme: a}}", "f.yaml:1:9: unknown key 'nme' in part\n  hint: Did you mean 'name'?"},
        {"{parts: {a: b}}", "f.yaml:1:9: key 'parts': expected a list, found a mapping"},
        {"{parts: a}", "f.yaml:1:9: key 'parts': expected a list, found 'a'"},
        {"{mapped: [a]}", "f.yaml:1:10: key 'mapped': expected a mapping by name, found a list"},
        {"{mapped: {a: {name: b}}}", "f.yaml:1:15: unknown key 'name' in entry\n  hint: Expected 'desc'."},
        {"{mapped: {a: x}}", "f.yaml:1:14: expected an entry, found 'x'"},
        {"{named: a}", "f.yaml:1:9: key 'named': expected a mapping by name, or a list, found 'a'"},
        {"{upper: a}", "f.yaml:1:9: expected capitals, found 'a'"},
        {"{name: b, inner: i, count: 101}", "f.yaml:1:1: more than a hundred"},
        {"[a]", "f.yaml:1:1: box: expected a mapping, found a list"},
        {"a", "f.yaml:1:1: box: expected a mapping, found 'a'"},
    };
    struct ctx *ctx = *state;
    struct decoder d = {.ctx = ctx, .what = "test"};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct box box = {0};

        assert_false(record_decode(&d, &box_record, parse(ctx, cases[i].yaml), &box));
        assert_error(ctx, STATUS_CONFIG, cases[i].message);
    }
    assert_false(record_decode(&d, &box_record, NULL, &(struct box){0}));
    assert_error(ctx, STATUS_CONFIG, "the test is empty");
}

static void test_check_keys(void **state)
{
    struct ctx *ctx = *state;
    struct decoder d = {.ctx = ctx, .what = "test"};

    assert_ok(ctx, record_check_keys(&d, &box_record, parse(ctx, "{name: [], deep: x}")));
    assert_false(record_check_keys(&d, &box_record, parse(ctx, "{depe: x}")));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:1:2: unknown key 'depe' in box\n  hint: Did you mean 'deep'?");
}

static void test_equal(void **state)
{
    static const char base[] =
        "name: b, inner: i, count: 1, list: [a], type: {default: x, sqlite: y}, owner: o, "
        "part: p, parts: [a, b], upper: ABC";
    static const struct {
        const char *yaml;
        bool equal;
    } cases[] = {
        {"name: c, inner: i, count: 1, list: [a], type: {sqlite: y, default: x}, owner: o, part: {name: p}, "
         "parts: [a, b], upper: Abc, old: x",
            true}, /* the name is identity, `old` is shorthand, and capitals are alike */
        {"name: b, inner: i, count: 1, list: [a], type: {default: x, sqlite: z}, owner: o, part: p, parts: "
         "[a, b], "
         "upper: ABC",
            false},
        {"name: b, inner: j, count: 1, list: [a], type: {default: x, sqlite: y}, owner: o, part: p, parts: "
         "[a, b], "
         "upper: ABC",
            false},
        {"name: b, inner: i, count: 1, list: [a], type: {default: x, sqlite: y}, owner: o, parts: [a, b], "
         "upper: ABC",
            false},
        {"name: b, inner: i, count: 1, list: [a], type: {default: x, sqlite: y}, owner: o, part: p, parts: "
         "[a], "
         "upper: ABC",
            false},
        {"name: b, inner: i, count: 1, list: [a], type: {default: x, mysql: y}, owner: s.o, part: p, parts: "
         "[b, a], "
         "upper: ABC",
            false},
    };
    struct ctx *ctx = *state;
    const struct box *box = decode(ctx, ctx_printf(ctx, "{%s}", base));

    assert_true(record_equal(&box_record, box, box));
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(record_equal(&box_record, box, decode(ctx, ctx_printf(ctx, "{%s}", cases[i].yaml))),
            cases[i].equal);
}

/* ---- the mask of given fields ---- */

struct change {
    const char *name;
    const char *comment;
    bool nullable;
    struct part within;
    uint32_t given;
};

static const struct record change_record = {
    .name = "change",
    .size = sizeof(struct change),
    .fields =
        (const struct field[]){
            {.key = "name", .kind = FIELD_STRING, .offset = offsetof(struct change, name)},
            {.key = "comment", .kind = FIELD_STRING, .offset = offsetof(struct change, comment)},
            {.key = "nullable", .kind = FIELD_BOOL, .offset = offsetof(struct change, nullable)},
            {.key = "part",
                .kind = FIELD_INLINE,
                .record = &part_record,
                .offset = offsetof(struct change, within)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = offsetof(struct change, given),
};

static void test_given(void **state)
{
    static const char text[] = "name: a\ncomment: null\nnullable: false\n";
    struct ctx *ctx = *state;
    struct decoder d = {.ctx = ctx, .what = "test"};
    struct change change = {0}, other = {0};

    assert_ok(ctx, record_decode(&d, &change_record, parse(ctx, text), &change));
    assert_int_equal(change.given, 1 | 2 | 4);
    assert_string_equal(print(ctx, record_encode(&ctx->arena, &change_record, &change)), text);
    assert_ok(ctx, record_decode(&d, &change_record, parse(ctx, "{desc: true}"), &other));
    assert_int_equal(other.given, 8);
    assert_string_equal(print(ctx, record_encode(&ctx->arena, &change_record, &other)), "desc: true\n");
    other = change;
    other.given = 1 | 2;
    assert_false(record_equal(&change_record, &change, &other));
    assert_true(record_equal(&change_record, &change, &change));
}

/* ---- texts ---- */

static void test_qnames(void **state)
{
    static const struct {
        const char *text, *schema, *name, *printed;
    } cases[] = {
        {"a", NULL, "a", "a"},
        {"a.b", "a", "b", "a.b"},
        {"\"a.b\"", NULL, "a.b", "\"a.b\""},
        {"\"a.b\".c", "a.b", "c", "\"a.b\".c"},
        {"a.\"b\"", "a", "b", "a.b"},
        {"\"a\"\"b\"", NULL, "a\"b", "\"a\"\"b\""},
        {"a b", NULL, "a b", "a b"},
    };
    static const char *const bad[] = {
        "", ".", "a.", ".a", "a.b.c", "\"a", "\"\"", "a\"b", "\"a\"b", "\"a\".\"b\"c"};
    struct ctx *ctx = *state;
    struct qname q, a = {"a", "b"}, b = {NULL, "b"};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(qname_parse(&ctx->arena, cases[i].text, &q));
        assert_true(str_eq(q.schema, cases[i].schema));
        assert_string_equal(q.name, cases[i].name);
        assert_string_equal(qname_text(&ctx->arena, &q), cases[i].printed);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(qname_parse(&ctx->arena, bad[i], &q));
    assert_null(qname_text(&ctx->arena, &(struct qname){0}));
    assert_false(qname_eq(&a, &b));
    assert_true(qname_cmp(&b, &a) < 0);
    assert_true(qname_cmp(&a, &a) == 0);
}

/* A qualified name may be a key, too, and the hook of the inner record runs last. */
struct thing {
    struct qname name;
    struct part within;
};
struct things {
    struct VEC_OF(struct thing *) things;
};

static bool inner_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct part *part = object;

    return part->name || decode_fail(d, n, "nothing within");
}

static const struct record inner_record = {
    .name = "inner part",
    .size = sizeof(struct part),
    .fields =
        (const struct field[]){
            {.key = "inner", .kind = FIELD_STRING, .offset = offsetof(struct part, name)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .finish = inner_finish,
};

static const struct record thing_record = {
    .name = "thing",
    .size = sizeof(struct thing),
    .fields =
        (const struct field[]){
            {.key = "name", .kind = FIELD_QNAME, .offset = offsetof(struct thing, name)},
            {.key = "within",
                .kind = FIELD_INLINE,
                .record = &inner_record,
                .offset = offsetof(struct thing, within)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};

static const struct record things_record = {
    .name = "things",
    .size = sizeof(struct things),
    .fields =
        (const struct field[]){
            {.key = "things",
                .kind = FIELD_MAP,
                .record = &thing_record,
                .offset = offsetof(struct things, things)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};

static void test_qualified_keys(void **state)
{
    struct ctx *ctx = *state;
    struct map strings = MAP(ctx);
    struct decoder d = {.ctx = ctx, .what = "test", .strings = &strings};
    struct things things = {0};

    assert_ok(ctx, record_decode(&d, &things_record, parse(ctx, "things: {a.b: {inner: x}}"), &things));
    assert_string_equal(things.things.v[0]->name.schema, "a");
    assert_string_equal(things.things.v[0]->name.name, "b");
    assert_string_equal(
        print(ctx, record_encode(&ctx->arena, &things_record, &things)), "things: {a.b: {inner: x}}\n");
    assert_false(record_decode(&d, &things_record, parse(ctx, "things: {a.b.c: {inner: x}}"), &things));
    assert_error(ctx, STATUS_CONFIG,
        "f.yaml:1:10: 'a.b.c' is not a name\n"
        "  hint: Write name or schema.name; put a part with a dot or a double quote in double quotes.");
    assert_false(record_decode(&d, &things_record, parse(ctx, "things: {a: }"), &things));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:1:13: nothing within");
}

/* The helpers that hooks use report what they expected. */
static void test_helpers(void **state)
{
    struct ctx *ctx = *state;
    struct decoder d = {.ctx = ctx, .what = "test"};
    struct strings list;
    struct dtext text;

    assert_false(decode_strings(&d, parse(ctx, "{a: b}"), &list));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:1:1: expected a list of names, found a mapping");
    assert_false(decode_dtext(&d, parse(ctx, "[a]"), &text));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:1:1: expected a string or a mapping by dialect, found a list");
    assert_ok(ctx, decode_dtext(&d, parse(ctx, "~"), &text));
    assert_false(dtext_is_set(&text));
    assert_null(encode_dtext(&ctx->arena, &text));
}

/* ---- JSON Schema ---- */

static void test_json_schema(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = record_json_schema(&ctx->arena, &shelf_record, "a shelf"), *definitions, *box,
                *properties;
    struct str out = STR(ctx);

    assert_string_equal(node_get(n, "$schema")->scalar, "https://json-schema.org/draft/2020-12/schema");
    assert_string_equal(node_get(n, "title")->scalar, "a shelf");
    assert_string_equal(node_get(n, "$ref")->scalar, "#/$defs/shelf");
    definitions = node_get(n, "$defs");
    box = node_get(definitions, "box_body");
    properties = node_get(box, "properties");
    assert_null(node_get(properties, "name")); /* it is the key */
    assert_non_null(node_get(properties, "inner"));
    assert_string_equal(node_get(node_get(properties, "flag"), "description")->scalar, "A flag.");
    node_json(&out, node_get(box, "required"), false);
    node_json(&out, node_get(properties, "action"), false);
    node_json(&out, node_get(properties, "upper"), false);
    node_json(&out, node_get(definitions, "part"), false);
    node_json(&out, node_get(properties, "named"), false);
    assert_string_equal(str_get(&out),
        "[\"inner\"]"
        "{\"enum\": [\"no action\", \"cascade\", \"set null\"]}"
        "{\"type\": \"string\", \"pattern\": \"^[A-Z]\"}"
        "{\"oneOf\": [{\"type\": \"object\", \"properties\": {\"name\": {\"type\": [\"string\", \"number\", "
        "\"boolean\", "
        "\"null\"], \"description\": \"Its name.\"}, \"desc\": {\"type\": \"boolean\"}}, "
        "\"additionalProperties\": "
        "false}, {\"type\": \"string\"}]}"
        "{\"anyOf\": [{\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/$defs/entry_body\"}}, "
        "{\"type\": "
        "\"array\", \"items\": {\"$ref\": \"#/$defs/entry\"}}, {\"type\": \"null\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_round_trip),
        ctx_test(test_defaults),
        ctx_test(test_other_forms),
        ctx_test(test_named_twice),
        ctx_test(test_keyed),
        ctx_test(test_interned),
        ctx_test(test_refused),
        ctx_test(test_check_keys),
        ctx_test(test_equal),
        ctx_test(test_given),
        ctx_test(test_qnames),
        ctx_test(test_qualified_keys),
        ctx_test(test_helpers),
        ctx_test(test_json_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
