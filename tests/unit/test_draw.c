/* Diagrams: the layout of many schemas, texts and ids. */
#include "schema_unit.h"

#include "draw/picture.h"

/* ---- schemas ---- */

/* Numbers that look random, and are the same everywhere. */
static unsigned next_number(unsigned *state, unsigned below)
{
    *state = *state * 1103515245u + 12345u;
    return (*state >> 16) % below;
}

/* Tables that refer to earlier ones, to themselves and, rarely, to later ones. */
static const char *model_text(struct ctx *ctx, unsigned tables, unsigned seed)
{
    struct str out = STR(ctx);

    str_add(&out, "tables:\n");
    for (unsigned i = 0; i < tables; i++) {
        const unsigned references = next_number(&seed, 4), columns = next_number(&seed, 9);

        str_addf(&out, "  part%u_table%u:\n    columns:\n      id: {type: integer, primary_key: true}\n",
            i / 7, i);
        for (unsigned k = 0; k < references; k++) {
            const unsigned to =
                next_number(&seed, 8) ? next_number(&seed, i + 1) : next_number(&seed, tables);

            str_addf(&out, "      r%u: {type: integer, nullable: %s, references: part%u_table%u.id}\n", k,
                next_number(&seed, 2) ? "true" : "false", to / 7, to);
        }
        for (unsigned k = 0; k < columns; k++)
            str_addf(&out, "      column_%u: string(%u)\n", k, k + 1);
    }
    return str_get(&out);
}

static struct schema prepared(struct ctx *ctx, const char *text)
{
    struct schema s = model_of(ctx, text);

    assert_ok(ctx, schema_prepare(ctx, &fake, NULL, &s));
    return s;
}

static struct picture picture_of(
    struct ctx *ctx, const struct draw_source *source, const struct draw_options *options)
{
    struct picture p = {.ctx = ctx, .source = source, .options = options};

    picture_build(&p);
    assert_ok(ctx, picture_select(&p));
    picture_group(&p, true);
    picture_lay_out(&p);
    return p;
}

/* ---- invariants ---- */

static bool boxes_overlap(const struct box *a, const struct box *b)
{
    return a->place.x < b->place.x + b->width && b->place.x < a->place.x + a->width &&
           a->place.y < b->place.y + b->height && b->place.y < a->place.y + a->height;
}

static void check_boxes(const struct picture *p)
{
    vec_each(i, &p->boxes) {
        const struct box *a = p->boxes.v[i];

        assert_true(a->place.x >= 0 && a->place.y >= 0);
        assert_true(a->place.x + a->width <= p->width && a->place.y + a->height <= p->height);
        for (size_t k = i + 1; k < p->boxes.n; k++)
            if (boxes_overlap(a, p->boxes.v[k]))
                fail_msg("'%s' and '%s' overlap", a->key, p->boxes.v[k]->key);
    }
}

static void check_end(const struct box *b, size_t line, struct place at)
{
    const int middle = b->place.y + TITLE_HEIGHT + (int)line * LINE_HEIGHT + LINE_HEIGHT / 2;

    assert_true(at.x == b->place.x || at.x == b->place.x + b->width);
    if (line != (size_t)NO_LINE)
        assert_true(abs(at.y - middle) < LINE_HEIGHT / 2);
}

static bool passes_through(struct place a, struct place b, const struct box *box)
{
    const int left = a.x < b.x ? a.x : b.x, right = a.x < b.x ? b.x : a.x;
    const int top = a.y < b.y ? a.y : b.y, bottom = a.y < b.y ? b.y : a.y;

    return left < box->place.x + box->width && right > box->place.x && top < box->place.y + box->height &&
           bottom > box->place.y;
}

static void check_path(const struct picture *p, const struct edge *e)
{
    if (e->is_apart) {
        assert_int_equal(e->path.n, 0);
        return;
    }
    assert_true(e->path.n >= 2);
    check_end(e->from, e->from_line, e->path.v[0]);
    check_end(e->to, e->to_line, e->path.v[e->path.n - 1]);
    for (size_t i = 1; i < e->path.n; i++) {
        const struct place a = e->path.v[i - 1], b = e->path.v[i];

        assert_true(a.x == b.x || a.y == b.y);
        vec_each(k, &p->boxes)
            if (passes_through(a, b, p->boxes.v[k]))
                fail_msg("%s → %s passes through %s", e->from->key, e->to->key, p->boxes.v[k]->key);
    }
}

static void test_layout(void **state)
{
    static const unsigned sizes[] = {1, 2, 3, 5, 8, 13, 21, 34, 40, 41, 60, 100};
    static const struct draw_options options = {0};
    struct ctx *ctx = *state;

    for (unsigned seed = 0; seed < 20; seed++) {
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            struct schema s = prepared(ctx, model_text(ctx, sizes[i], seed));
            const struct draw_source source = {.schema = &s, .dialect = "sqlite"};
            const struct picture p = picture_of(ctx, &source, &options);

            assert_int_equal(p.boxes.n, sizes[i]);
            check_boxes(&p);
            vec_each(k, &p.edges)
                check_path(&p, p.edges.v[k]);
        }
        arena_finish(&ctx->arena);
    }
}

/* Every format is the same each time. */
static void test_deterministic(void **state)
{
    static const struct draw_options options = {0};
    struct ctx *ctx = *state;

    for (int format = DRAW_MERMAID; format <= DRAW_HTML; format++) {
        struct str texts[2] = {STR(ctx), STR(ctx)};

        for (int i = 0; i < 2; i++) {
            struct schema s = prepared(ctx, model_text(ctx, 60, 3));
            const struct draw_source source = {.schema = &s, .dialect = "sqlite"};

            assert_ok(ctx, draw_schema(ctx, &source, &options, (enum draw_format)format, &texts[i]));
        }
        assert_string_equal(str_get(&texts[0]), str_get(&texts[1]));
    }
}

static void test_large(void **state)
{
    static const struct draw_options options = {0};
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, model_text(ctx, 2000, 5));
    const struct draw_source source = {.schema = &s, .dialect = "sqlite"};
    const struct picture p = picture_of(ctx, &source, &options);

    assert_int_equal(p.boxes.n, 2000);
    assert_true(p.groups.n > 100);
    vec_each(i, &p.groups)
        assert_true(p.groups.v[i]->is_rest || p.groups.v[i]->boxes.n <= 24);
}

/* ---- contents ---- */

static const char shop[] = "tables:\n"
                           "  users: {columns: {id: {type: integer, primary_key: true}}}\n"
                           "  orders:\n"
                           "    columns:\n"
                           "      id: {type: integer, primary_key: true}\n"
                           "      buyer: {type: integer, nullable: false, references: users.id}\n"
                           "      seller: {type: integer, references: users.id}\n"
                           "  passports:\n"
                           "    columns:\n"
                           "      owner: {type: integer, primary_key: true, references: users.id}\n"
                           "  items:\n"
                           "    columns:\n"
                           "      order_id: {type: integer, references: orders.id}\n";

static const struct edge *edge_of(const struct picture *p, const char *columns)
{
    vec_each(i, &p->edges)
        if (str_eq(p->edges.v[i]->columns, columns))
            return p->edges.v[i];
    fail_msg("no edge of %s", columns);
    return NULL;
}

static void test_cardinality(void **state)
{
    static const struct draw_options options = {0};
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, shop);
    const struct draw_source source = {.schema = &s, .dialect = "sqlite"};
    const struct picture p = picture_of(ctx, &source, &options);

    assert_false(edge_of(&p, "buyer")->is_unique);
    assert_false(edge_of(&p, "buyer")->is_optional);
    assert_true(edge_of(&p, "seller")->is_optional);
    assert_true(edge_of(&p, "owner")->is_unique);
    assert_false(edge_of(&p, "owner")->is_optional);
}

static void test_around(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, shop);
    const struct draw_source source = {.schema = &s, .dialect = "sqlite"};
    const struct draw_options near = {.around = "passports", .depth = 1};
    const struct draw_options far = {.around = "passports", .depth = 2};
    const struct draw_options none = {.around = "user", .depth = 1};
    struct str out = STR(ctx);

    assert_int_equal(picture_of(ctx, &source, &near).boxes.n, 2);
    assert_int_equal(picture_of(ctx, &source, &far).boxes.n, 3);
    assert_false(draw_schema(ctx, &source, &none, DRAW_SVG, &out));
    assert_error(
        ctx, STATUS_USAGE, "no table, view or enum has the name 'user'\n  hint: Did you mean 'users'?");
}

static const char *link_to(void *user, struct arena *a, enum draw_kind kind, const struct qname *name)
{
    return kind == DRAW_TABLE && !str_eq(name->name, "users")
               ? arena_printf(a, "%s?table=%s&x", (const char *)user, name->name)
               : NULL;
}

static void test_inside_page(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, shop);
    const struct draw_source source = {.schema = &s, .dialect = "sqlite"};
    const struct draw_options options = {
        .inside_page = true, .id_prefix = "small", .link = link_to, .user = (void *)"page.html"};
    struct str out = STR(ctx);

    assert_ok(ctx, draw_schema(ctx, &source, &options, DRAW_SVG, &out));
    assert_true(str_starts(str_get(&out), "<svg "));
    assert_non_null(strstr(str_get(&out), "<a href=\"page.html?table=orders&amp;x\">"));
    assert_null(strstr(str_get(&out), "table=users"));
    assert_non_null(strstr(str_get(&out), "id=\"small-t-orders\""));
    assert_null(strstr(str_get(&out), "cmig-t-"));
    assert_null(strstr(str_get(&out), "any number of rows"));
}

/* ---- texts ---- */

static void test_text(void **state)
{
    struct ctx *ctx = *state;
    struct arena *a = &ctx->arena;

    assert_int_equal(text_width("", 12, false), 0);
    assert_true(text_width("iii", 12, false) < text_width("mmm", 12, false));
    assert_true(text_width("mmm", 12, false) < text_width("mmm", 12, true));
    assert_int_equal(text_width("e\u0301", 12, false), text_width("e", 12, false));
    assert_true(text_width("列", 12, false) >= 12);
    assert_true(text_width("\xff\xc3", 12, false) > 0);
    assert_string_equal(text_fit(a, "short", 12, false, 100), "short");
    assert_string_equal(text_fit(a, "äääääääääääää", 12, false, 40), "äää…");
}

static void test_ids(void **state)
{
    struct ctx *ctx = *state;
    struct str out = STR(ctx);

    assert_string_equal(
        draw_id(&ctx->arena, DRAW_TABLE, &(struct qname){"app", "order_items"}), "t-app.order_items");
    assert_string_equal(draw_id(&ctx->arena, DRAW_VIEW, &(struct qname){NULL, "a b-c"}), "v-a-20-b-2d-c");
    add_xml(&out, "<a href=\"x\">&'\x01\x7f\n\xef\xbf\xbf");
    assert_string_equal(str_get(&out), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;�� �");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_layout),
        ctx_test(test_deterministic),
        ctx_test(test_large),
        ctx_test(test_cardinality),
        ctx_test(test_around),
        ctx_test(test_inside_page),
        ctx_test(test_text),
        ctx_test(test_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
