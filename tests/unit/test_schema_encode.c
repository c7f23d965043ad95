/* Tests of encoding schemas as models, reflected ones in portable words. */

#include "schema_unit.h"

static const char *encoded(struct ctx *ctx, const struct schema *s)
{
    return yaml_of(ctx, schema_encode(ctx, &fake, s));
}

/* ---- what was read comes out the same ----------------------------------------------------------------- */

static const char everything[] =
    "complete: true\n"
    "schemas: {app: {}, audit: {}}\n"
    "enums:\n"
    "  mood: [good, bad, \"true\"]\n"
    "  app.kind: {values: [a, b], comment: hm, renamed_from: k}\n"
    "sequences:\n"
    "  s: {type: integer, start: 5, cycle: false, owned_by: t.a, comment: x}\n"
    "  s2: {}\n"
    "tables:\n"
    "  users:\n"
    "    comment: People\n"
    "    renamed_from: people\n"
    "    columns:\n"
    "      id: {type: bigint, primary_key: true, identity: always}\n"
    "      kind: {type: enum(app.kind), nullable: false, default: a}\n"
    "      zero: {type: text, default: \"0\"}\n"
    "      number: {type: integer, default: 0}\n"
    "      flag: {type: boolean, default: true}\n"
    "      now: {type: timestamptz, default: {func: now}}\n"
    "      e: {type: text, default: {sql: 1 + 1}}\n"
    "      by: {type: {default: json, postgresql: jsonb}, default: {default: a, postgresql: b}}\n"
    "      g: {type: integer, generated: number + 1}\n"
    "      h: {type: integer, generated: {sql: number + 2, stored: false}}\n"
    "      i: {type: integer, identity: {kind: by default, start: 100, cycle: true}}\n"
    "      c: {type: string(80), collation: nocase, comment: it's, renamed_from: cc, sqlite: {x: 1}}\n"
    "      odd name: {type: {sqlite: \"\"}}\n"
    "      u: int\n"
    "    uniques:\n"
    "      - [kind, zero]\n"
    "      - [u]\n"
    "      - {name: uq, columns: [zero], deferrable: true, initially: deferred}\n"
    "    checks:\n"
    "      - u > 0\n"
    "      - {name: ck, sql: length(e) > 0}\n"
    "      - {name: ck2, sql: {default: x, postgresql: \"y\"}, not_valid: true}\n"
    "    foreign_keys:\n"
    "      - {columns: [u], references: audit.log.id}\n"
    "      - name: fk\n"
    "        columns: [number, flag]\n"
    "        references: o(x, y)\n"
    "        on_delete: set null\n"
    "        on_delete_columns: [number]\n"
    "        on_update: cascade\n"
    "        match: full\n"
    "      - {name: fk2, columns: [number], references: {table: a.b}}\n"
    "    excludes:\n"
    "      ex: {columns: [{column: zero, op: \"=\"}, {sql: lower(e), op: \"&&\"}], using: gist, where: x > "
    "0}\n"
    "    indexes:\n"
    "      - [u]\n"
    "      - {name: ix, columns: [zero, number]}\n"
    "      - name: ix2\n"
    "        columns:\n"
    "          - {column: zero, order: desc, nulls: last, opclass: o, collation: C, length: 4}\n"
    "          - sql: lower(e)\n"
    "        unique: true\n"
    "        where: number > 0\n"
    "        include: [flag]\n"
    "        using: gin\n"
    "        comment: z\n"
    "        postgresql: {fillfactor: 70, t: \"null\", u: \"\"}\n"
    "    sqlite: {strict: true}\n"
    "  w:\n"
    "    columns:\n"
    "      a: {type: int, nullable: false}\n"
    "      b: {type: int, nullable: true}\n"
    "    primary_key: {name: pk_w, columns: [a, b], sqlite: {on_conflict: replace}}\n"
    "    uniques:\n"
    "      uq1: [a]\n"
    "      uq2: [b]\n"
    "  x:\n"
    "    columns:\n"
    "      a: {type: int, nullable: false}\n"
    "      b: {type: int, nullable: false}\n"
    "    primary_key: [a, b]\n"
    "  audit.log:\n"
    "    columns:\n"
    "      id: {type: bigint, primary_key: true, autoincrement: false}\n"
    "      what: text\n"
    "views:\n"
    "  m: |\n"
    "    SELECT 1\n"
    "    FROM x\n"
    "  v: SELECT 1\n"
    "  w2: {sql: {postgresql: SELECT 2}, columns: [x], comment: c}\n";

static void test_round_trip(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, everything);

    assert_string_equal(encoded(ctx, &s), everything);
}

/* Different ways to write the same thing have the same meaning. */
static void test_same_meaning(void **state)
{
    struct ctx *ctx = *state;
    struct schema a = model_of(
        ctx, "tables: {t: {columns: {id: {type: bigint, primary_key: true}, b: {type: text, unique: u}}}}");
    struct schema b = model_of(ctx, "tables: [{name: t, columns: [{name: id, type: bigint, primary_key: "
                                    "true}, {name: b, type: text, nullable: true}], uniques: {u: b}}]");

    assert_true(record_equal(&schema_record, &a, &b));
    assert_string_equal(encoded(ctx, &a), encoded(ctx, &b));
}

/* Names that are not plain words, in each place where a reference is written as text. */
static void test_odd_names(void **state)
{
    struct ctx *ctx = *state;
    static const char *const columns[] = {"a", "two words", "a.b", "a,b", "a(b)", "\"", "ö"};

    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        struct schema s = {0}, back;
        struct table *t = ctx_new(ctx, struct table);
        struct sequence *q = ctx_new(ctx, struct sequence);
        struct constraint *c = ctx_new(ctx, struct constraint);
        struct column *column = ctx_new(ctx, struct column);

        column->name = columns[i];
        column->type.text = "bigint";
        column->nullable = true;
        t->name.name = ctx_printf(ctx, "t%s", columns[i]);
        vec_add(ctx, &t->columns, column);
        c->kind = CONSTRAINT_FOREIGN_KEY;
        c->references = t->name;
        vec_add(ctx, &c->columns, columns[i]);
        vec_add(ctx, &c->referred_columns, columns[i]);
        vec_add(ctx, &t->foreign_keys, c);
        *q = (struct sequence){.name = {"s", "q"}, .owner = {"s", t->name.name}, .owner_column = columns[i]};
        schema_insert_table(ctx, &s, t);
        schema_insert_sequence(ctx, &s, q);
        back = model_of(ctx, encoded(ctx, &s));
        assert_true(record_equal(&schema_record, &s, &back));
    }
}

struct difference_case {
    const char *a, *b;
};
static const struct difference_case differences[] = {
    {"default: 0", "default: '0'"},
    {"default: {sql: a}", "default: {sql: b}"},
    {"default: {func: now}", "default: now"},
    {"generated: a", "generated: {sql: a, stored: false}"},
    {"generated: a", "generated: {sql: {default: a, sqlite: b}}"},
    {"identity: always", "identity: by default"},
    {"identity: {start: 1}", "identity: {start: 2}"},
    {"nullable: true", "nullable: false"},
    {"values: [a]", "values: [b]"},
    {"values: [a]", "comment: x"},
    {"sqlite: {a: 1}", "sqlite: {a: 2}"},
    {"sqlite: {a: 1}", "postgresql: {a: 1}"},
    {"unique: true", "nullable: true"},
    {"references: a.b", "references: a.c"},
    {"references: a.b", "references: {column: a.b, initially: deferred}"},
    {"primary_key: true", "nullable: false"},
};

static void test_differences(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(differences); i++) {
        struct schema a, b, again;

        a = model_of(ctx, ctx_printf(ctx, "tables: {t: {columns: {c: {type: text, %s}}}}", differences[i].a));
        b = model_of(ctx, ctx_printf(ctx, "tables: {t: {columns: {c: {type: text, %s}}}}", differences[i].b));
        again =
            model_of(ctx, ctx_printf(ctx, "tables: {t: {columns: {c: {type: text, %s}}}}", differences[i].a));
        if (record_equal(&schema_record, &a, &b))
            fail_msg("%s is the same as %s", differences[i].a, differences[i].b);
        assert_true(record_equal(&schema_record, &a, &again));
    }
}

/* ---- what was reflected ------------------------------------------------------------------------------- */

static struct column *reflected(struct ctx *ctx, struct table *t, const char *name, const char *native)
{
    struct column *c = ctx_new(ctx, struct column);

    c->name = name;
    c->native = native;
    c->nullable = true;
    vec_add(ctx, &t->columns, c);
    return c;
}

static struct constraint *key_of(struct ctx *ctx, const char *column)
{
    struct constraint *pk = ctx_new(ctx, struct constraint);

    pk->kind = CONSTRAINT_PRIMARY_KEY;
    vec_add(ctx, &pk->columns, column);
    return pk;
}

static void test_reflected(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {0};
    struct table *t = ctx_new(ctx, struct table);
    struct constraint *check = ctx_new(ctx, struct constraint), *implied = ctx_new(ctx, struct constraint);
    struct column *c;

    t->name.name = "t";
    vec_add(ctx, &s.tables, t);
    c = reflected(ctx, t, "id", "BIGINT");
    c->autoincrement = TRI_FALSE;
    t->primary_key = key_of(ctx, "id");
    c = reflected(ctx, t, "odd", "int");
    c->dflt = (struct value){.kind = VALUE_SQL, .expr = {.native = "'x'"}};
    c->autoincrement = TRI_FALSE;
    c = reflected(ctx, t, "g", "STRING(3)");
    c->generated = ctx_new(ctx, struct generated);
    c->generated->expr.native = "odd || 'y'";
    c->dflt = (struct value){.kind = VALUE_NONE, .expr = {.native = NULL}};
    check->kind = implied->kind = CONSTRAINT_CHECK;
    check->check.native = "odd > 1";
    implied->check.native = "odd IN (1)";
    implied->implied = true;
    vec_add(ctx, &t->checks, check);
    vec_add(ctx, &t->checks, implied);
    assert_string_equal(encoded(ctx, &s),
        "complete: true\n"
        "tables:\n"
        "  t:\n"
        "    columns:\n"
        "      id: {type: bigint, nullable: true, primary_key: true, autoincrement: false}\n"
        "      odd: {type: {sqlite: int}, default: x}\n"
        "      g: {type: string(3), generated: {sql: odd || 'y', stored: false}}\n"
        "    checks:\n"
        "      - odd > 1\n");
    /* The schema itself stays as it was. */
    assert_false(dtext_is_set(&t->columns.v[0]->type));
    assert_false(t->columns.v[0]->primary_key);
    assert_int_equal(t->checks.n, 2);
}

/* SQL that would not be read as a literal again stays SQL of the database. */
static void test_reflected_default(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {0};
    struct table *t = ctx_new(ctx, struct table);
    struct column *c;

    t->name.name = "t";
    vec_add(ctx, &s.tables, t);
    c = reflected(ctx, t, "a", "INTEGER");
    c->dflt = (struct value){.kind = VALUE_SQL, .expr = {.native = "'1'::text"}};
    c = reflected(ctx, t, "b", "INTEGER");
    c->dflt = (struct value){.kind = VALUE_SQL, .expr = {.native = "'bad'"}};
    assert_string_equal(encoded(ctx, &s), "complete: true\n"
                                          "tables:\n"
                                          "  t:\n"
                                          "    columns:\n"
                                          "      a: {type: integer, default: {sql: \"'1'::text\"}}\n"
                                          "      b: {type: integer, default: {sql: \"'bad'\"}}\n");
}

/* An enum that is not in the model is the database's own type. */
static void test_reflected_foreign_enum(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {0};
    struct table *t = ctx_new(ctx, struct table);
    struct strings values = {0};

    t->name.name = "t";
    vec_add(ctx, &s.tables, t);
    reflected(ctx, t, "a", "other.mood")->values = &values;
    assert_string_equal(encoded(ctx, &s),
        "complete: true\ntables:\n  t:\n    columns:\n      a: {type: {sqlite: other.mood}}\n");
}

static void test_reflected_enums(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {.default_schema = "public"};
    struct table *t = ctx_new(ctx, struct table);
    struct enumeration *e = ctx_new(ctx, struct enumeration);

    t->name.name = "t";
    e->name.name = "mood";
    vec_add(ctx, &e->values, "good");
    schema_insert_table(ctx, &s, t);
    schema_insert_enum(ctx, &s, e);
    reflected(ctx, t, "a", "mood");
    reflected(ctx, t, "b", "public.mood[]");
    reflected(ctx, t, "c", "other");
    reflected(ctx, t, "d", "double precision");
    schema_link_enums(ctx, &s);
    assert_ptr_equal(t->columns.v[0]->values, &e->values);
    assert_ptr_equal(t->columns.v[1]->values, &e->values);
    assert_null(t->columns.v[2]->values);
    assert_string_equal(encoded(ctx, &s), "complete: true\n"
                                          "enums:\n"
                                          "  mood: [good]\n"
                                          "tables:\n"
                                          "  t:\n"
                                          "    columns:\n"
                                          "      a: enum(mood)\n"
                                          "      b: enum(public.mood)[]\n"
                                          "      c: {type: {sqlite: other}}\n"
                                          "      d: {type: {sqlite: double precision}}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_round_trip),
        ctx_test(test_same_meaning),
        ctx_test(test_odd_names),
        ctx_test(test_differences),
        ctx_test(test_reflected),
        ctx_test(test_reflected_default),
        ctx_test(test_reflected_foreign_enum),
        ctx_test(test_reflected_enums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
