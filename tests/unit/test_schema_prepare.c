/* Tests of preparing loaded schemas, and of what a database does not support. */

#include "schema_unit.h"

static struct schema prepared(struct ctx *ctx, const struct dialect *dialect, const char *text)
{
    struct schema s = model_of(ctx, text);
    const char *schema = dialect->has.schemas ? "public" : NULL;

    assert_ok(ctx, schema_prepare(ctx, dialect, schema, &s));
    return s;
}

static void refused(struct ctx *ctx, const struct dialect *dialect, const char *text, const char *message)
{
    struct schema s = model_of(ctx, text);
    const char *schema = dialect->has.schemas ? "public" : NULL;

    assert_false(schema_prepare(ctx, dialect, schema, &s));
    assert_error(ctx, STATUS_CONFIG, message);
}

/* ---- columns ------------------------------------------------------------------------------------------ */

static void test_native_types(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, &fake,
        "tables: {t: {columns: {a: varchar(80), b: {type: {default: int, sqlite: INT}}, c: varchar(80), "
        "d: {type: {sqlite: bigint}}}}}");

    assert_string_equal(column_named(&s, "t", "a")->native, "STRING(80)");
    assert_ptr_equal(column_named(&s, "t", "a")->native, column_named(&s, "t", "c")->native);
    assert_string_equal(column_named(&s, "t", "b")->native, "INT");
    assert_string_equal(column_named(&s, "t", "d")->native, "BIGINT");
}

static void test_wrong_types_and_defaults(void **state)
{
    struct ctx *ctx = *state;

    refused(ctx, &fake, "tables: {t: {columns: {a: varchar(x)}}}",
        "m.yaml:1:24: column 'a' of table 't'\n  type 'string' takes a length, not 'x'");
    refused(ctx, &fake, "tables: {t: {columns: {a: {type: {postgresql: jsonb}}}}}",
        "m.yaml:1:24: column 'a' of table 't'\n  column 'a' has no type for sqlite");
    refused(ctx, &fake, "tables: {t: {columns: {a: {type: text, default: bad}}}}",
        "m.yaml:1:24: column 'a' of table 't'\n  default 'bad' is bad");
    refused(ctx, &fake, "tables: {t: }", "m.yaml:1:10: table 't'\n  a table needs columns");
    refused(ctx, &fake, "tables: {t: {columns: {a: int, A: int}}}",
        "m.yaml:1:32: columns 'a' and 'A' are the same in Fake");
}

static void test_by_dialect(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, &fake,
        "tables:\n"
        "  t:\n"
        "    columns:\n"
        "      a: {type: int, default: {default: 1, sqlite: null}}\n"
        "      b: {type: int, generated: {sql: {postgresql: a + 1}}}\n"
        "    checks: [{sql: {postgresql: x}}, {sql: {default: x, sqlite: ' y '}}]\n"
        "    indexes:\n"
        "      i: {columns: [a], where: {postgresql: x}}\n"
        "      j: {columns: [{sql: {postgresql: x}}]}\n"
        "views: {v: {sql: {postgresql: SELECT 1}}, w: SELECT 2}\n");
    struct table *t = table_named(&s, "t");

    assert_int_equal(column_named(&s, "t", "a")->dflt.kind, VALUE_NONE);
    assert_null(column_named(&s, "t", "b")->generated);
    assert_int_equal(t->checks.n, 1);
    assert_string_equal(t->checks.v[0]->check.native, "y");
    assert_int_equal(t->indexes.n, 1);
    assert_null(t->indexes.v[0]->where.native);
    assert_int_equal(s.views.n, 1);
    assert_string_equal(s.views.v[0]->body.native, "SELECT 2");
}

/* ---- enums -------------------------------------------------------------------------------------------- */

#define ENUMS \
    "enums: {mood: [good, \"it's\"]}\ntables: {t: {columns: {m: {type: enum(mood), default: good}, \"M " \
    "x\": enum(mood)}}}\n"

static void test_enum_without_enums(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, &fake, ENUMS);
    struct table *t = table_named(&s, "t");

    assert_int_equal(s.enums.n, 1); /* the differ needs to know which columns share one */
    assert_int_equal(t->checks.n, 2);
    assert_true(t->checks.v[0]->implied);
    assert_null(t->checks.v[0]->name);
    assert_string_equal(t->checks.v[0]->check.sql.text, "\"M x\" IN ('good', 'it''s')");
    assert_non_null(strstr(t->checks.v[1]->check.native, "m"));
    assert_int_equal(column_named(&s, "t", "m")->values->n, 2);
}

static void test_enum_with_enums(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    struct schema s = prepared(ctx, &full, ENUMS);

    assert_int_equal(s.enums.n, 1);
    assert_int_equal(table_named(&s, "t")->checks.n, 0);
    assert_int_equal(column_named(&s, "t", "m")->values->n, 2);
}

static void test_wrong_enums(void **state)
{
    struct ctx *ctx = *state;

    refused(ctx, &fake, "enums: {mood: [good]}\ntables: {t: {columns: {m: enum(modo)}}}",
        "m.yaml:2:24: column 'm': enum 'modo' does not exist\n  hint: Did you mean 'mood'?");
    refused(ctx, &fake,
        "enums: {mood: [good, bad]}\ntables: {t: {columns: {m: {type: enum(mood), default: godo}}}}",
        "m.yaml:2:24: column 'm': default 'godo' is not among the enum's values\n  hint: Did you mean "
        "'good'?");
    refused(ctx, &fake, "tables: {t: {columns: {m: enum}}}",
        "m.yaml:1:24: column 'm' of table 't'\n"
        "  write an enum type as enum(name), with its values under `enums`");
    prepared(ctx, &fake, "tables: {t: {columns: {m: {type: enum(mood), values: [a]}, e: enumeration}}}");
}

/* ---- names -------------------------------------------------------------------------------------------- */

static void test_default_schema(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    struct schema s = prepared(ctx, &full,
        "schemas: [public, app]\n"
        "enums: {public.mood: [a]}\n"
        "tables:\n"
        "  public.t: {columns: {a: {type: bigint, references: public.u.id}, m: enum(public.mood)}}\n"
        "  u: {columns: {id: {type: bigint, primary_key: true}}}\n"
        "  audit.log: {columns: {t: {type: bigint, references: elsewhere.x.y}}}\n"
        "sequences: {public.s: {owned_by: public.t.a}}\n");

    assert_null(table_named(&s, "t")->foreign_keys.v[0]->references.schema);
    assert_null(schema_sequence(&s, &(struct qname){.name = "s"})->owner.schema);
    assert_int_equal(s.namespaces.n, 2);
    assert_string_equal(s.namespaces.v[0]->name, "app");
    assert_string_equal(s.namespaces.v[1]->name, "audit");
    assert_string_equal(s.default_schema, "public");
}

static void test_wrong_names(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();

    refused(ctx, &full, "tables:\n  public.t: {columns: {a: int}}\n  t: {columns: {a: int}}\n",
        "m.yaml:2:3: table 't' is the same as 't' in Fake\n  m.yaml:3:3: the first definition");
    refused(ctx, &fake, "tables:\n  T: {columns: {a: int}}\n  t: {columns: {a: int}}\n",
        "m.yaml:3:3: table 't' is the same as 'T' in Fake\n  m.yaml:2:3: the first definition");
    refused(ctx, &fake, "tables: {audit.log: {columns: {a: int}}}",
        "m.yaml:1:10: table 'audit.log': Fake has no schemas");
    refused(ctx, &fake, "schemas: [audit]", "m.yaml:1:11: Fake has no schemas");
    refused(ctx, &fake, "sequences: {s: }", "m.yaml:1:13: sequence 's': Fake has no sequences");
    refused(ctx, &full, "tables: {t: {columns: {a: int}}}\nsequences: {s: {owned_by: t.b}}",
        "m.yaml:2:13: referenced table 't' has no column 'b'");
    refused(
        ctx, &full, "sequences: {s: {owned_by: t.b}}", "m.yaml:1:13: referenced table 't' does not exist");
}

/* ---- references --------------------------------------------------------------------------------------- */

#define USERS "tables:\n  users: {columns: {id: {type: bigint, primary_key: true}, name: text}}\n"

static void test_references(void **state)
{
    struct ctx *ctx = *state;
    struct schema s =
        prepared(ctx, &fake, USERS "  posts: {columns: {u: {type: bigint, references: users}}}\n");

    assert_string_equal(table_named(&s, "posts")->foreign_keys.v[0]->referred_columns.v[0], "id");
}

/* If the database ignores the case of names, references ignore it, too. */
static void test_references_fold_case(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    const char *model = USERS "  p: {columns: {u: {type: bigint, references: Users.ID}}}\n";
    struct schema s = prepared(ctx, &fake, model);

    assert_string_equal(table_named(&s, "p")->foreign_keys.v[0]->references.name, "Users");
    refused(ctx, &full, model,
        "m.yaml:3:47: referenced table 'Users' does not exist\n  hint: Did you mean 'users'?");
}

static void test_wrong_references(void **state)
{
    struct ctx *ctx = *state;

    refused(ctx, &fake, USERS "  p: {columns: {u: {type: bigint, references: usres.id}}}\n",
        "m.yaml:3:47: referenced table 'usres' does not exist\n  hint: Did you mean 'users'?");
    refused(ctx, &fake, USERS "  p: {columns: {u: {type: bigint, references: users.nam}}}\n",
        "m.yaml:3:47: referenced table 'users' has no column 'nam'\n  hint: Did you mean 'name'?");
    refused(ctx, &fake, USERS "  p: {columns: {u: int}}\n  q: {columns: {u: {type: int, references: p}}}\n",
        "m.yaml:4:44: referenced table 'p' has no primary key; name the columns");
    refused(ctx, &fake,
        USERS "  p: {columns: {u: int, v: int}, foreign_keys: [{columns: [u, v], references: users}]}\n",
        "m.yaml:3:49: a foreign key of 2 columns refers to the primary key of 'users', which has 1");
}

#define KEYS(text) \
    "tables:\n  k: {columns: {a: int, b: int}, " text "}\n" \
    "  p: {columns: {x: int, y: int}, foreign_keys: [{columns: [x, y], references: 'k(a, b)'}]}\n"

static void test_referred_keys(void **state)
{
    static const char *const keys[] = {
        KEYS("primary_key: [a, b]"),
        KEYS("uniques: [[b, a]]"),
        KEYS("uniques: [{columns: [a, b], include: [b]}]"),
        KEYS("indexes: [{columns: [{column: b, order: desc}, a], unique: true}]"),
    };
    static const char *const others[] = {
        KEYS("primary_key: [a]"),
        KEYS("uniques: [[a], [b]]"),
        KEYS("uniques: [{columns: [a, b], deferrable: true}]"),
        KEYS("indexes: [[a, b]]"),
        KEYS("indexes: [{columns: [a, b], unique: true, where: a > 0}]"),
        KEYS("indexes: [{columns: [a, {sql: abs(b)}], unique: true}]"),
    };
    struct ctx *ctx = *state;
    struct dialect full = fake_full();

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_int_equal(prepared(ctx, &full, keys[i]).tables.n, 2);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        refused(ctx, &full, others[i],
            "m.yaml:3:49: referenced table 'k' has no key on (a, b)\n  hint: Make the columns unique there, "
            "as in "
            "'uniques: [[a, b]]', or refer to the primary key.");
}

/* ---- options and features ----------------------------------------------------------------------------- */

#define OPTIONS(text) "tables: {t: {columns: {a: int}, sqlite: {" text "}}}"

static void test_options(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(
        ctx, &fake, OPTIONS("strict: true, level: -2, mode: WAL, auto_x: y, anywhere: z, auto_y: null"));
    const struct options *o = table_named(&s, "t")->options;

    assert_string_equal(options_get(o, "sqlite", "mode"), "wal");
    assert_string_equal(options_get(o, "sqlite", "auto_x"), "y");
}

static void test_wrong_options(void **state)
{
    struct ctx *ctx = *state;

    refused(ctx, &fake, OPTIONS("strickt: true"),
        "m.yaml:1:42: Fake has no option 'strickt' for a table\n  hint: Did you mean 'strict'?");
    refused(ctx, &fake, OPTIONS("strict: perhaps"),
        "m.yaml:1:42: option 'strict' of Fake takes true or false, not 'perhaps'");
    refused(
        ctx, &fake, OPTIONS("level: high"), "m.yaml:1:42: option 'level' of Fake takes a number, not 'high'");
    refused(ctx, &fake, OPTIONS("mode: fast"),
        "m.yaml:1:42: option 'mode' of Fake takes one of wal, delete, not 'fast'");
    refused(ctx, &fake,
        "tables: {t: {columns: {a: int}, primary_key: {columns: [a], sqlite: {strict: true}}}}",
        "m.yaml:1:70: Fake has no option 'strict' for a primary key");
}

static void test_features(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    const char *comments =
        "tables: {t: {comment: c, columns: {a: {type: int, comment: d}}}}\nviews: {v: {sql: x, comment: e}}";
    struct schema s = prepared(ctx, &fake, comments);

    /* kept where the database has none, too: a revision that is made there runs elsewhere */
    assert_string_equal(table_named(&s, "t")->comment, "c");
    assert_string_equal(s.views.v[0]->comment, "e");
    s = prepared(ctx, &full, comments);
    assert_string_equal(column_named(&s, "t", "a")->comment, "d");
    refused(ctx, &fake, "tables: {t: {columns: {a: int}, indexes: [{columns: [a], include: [a]}]}}",
        "m.yaml:1:43: Fake has no INCLUDE columns");
    refused(ctx, &fake, "tables: {t: {columns: {a: int}, excludes: [{columns: [{column: a, op: '='}]}]}}",
        "m.yaml:1:44: Fake has no exclusion constraints");
}

static void test_order(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, &fake,
        "tables:\n"
        "  b: {columns: {y: int, x: int}, uniques: [{name: z, columns: [x]}, [y], [x]]}\n"
        "  a: {columns: {y: int}}\n");
    struct table *b = table_named(&s, "b");

    assert_string_equal(s.tables.v[0]->name.name, "a");
    assert_string_equal(b->columns.v[0]->name, "y");
    assert_string_equal(b->uniques.v[0]->columns.v[0], "x");
    assert_string_equal(b->uniques.v[1]->columns.v[0], "y");
    assert_string_equal(b->uniques.v[2]->name, "z");
}

/* ---- names -------------------------------------------------------------------------------------------- */

#define RELATIONS \
    "\n  hint: Tables, views, sequences and indexes of a schema, and the indexes of its keys, share one " \
    "namespace."
#define TYPES \
    "\n  hint: Enums, types and domains of a schema share one namespace with its tables, views and " \
    "sequences."

/* Two objects that claim one name: T is a table of two columns with more. */
#define T(name, more) name ": {columns: {x: text, y: text}" more "}"
static const struct {
    const char *model, *message;
} claims[] = {
    {"tables: {" T("a", ", indexes: {i: [x]}") ", " T("b", ", indexes: {i: [x]}") "}",
        "m.yaml:1:106: index 'i' of table 'b' has the name of index 'i' of table 'a'\n"
        "  m.yaml:1:53: the first definition" RELATIONS},
    {"tables: {" T("a", ", indexes: {b: [x]}") ", " T("b", "") "}",
        "m.yaml:1:53: index 'b' of table 'a' has the name of table 'b'\n"
        "  m.yaml:1:63: the first definition" RELATIONS},
    {"tables: {" T("a", ", uniques: {v: [x]}") "}\nviews: {v: SELECT 1}",
        "m.yaml:1:53: unique constraint 'v' of table 'a' has the name of view 'v'\n"
        "  m.yaml:2:9: the first definition" RELATIONS},
    {"tables: {" T("a", ", primary_key: {name: s, columns: [x]}") "}\nsequences: {s: {}}",
        "m.yaml:1:56: primary key 's' of table 'a' has the name of sequence 's'\n"
        "  m.yaml:2:13: the first definition" RELATIONS},
    {"tables: {" T("a", "") "}\nenums: {public.a: [x]}",
        "m.yaml:2:9: enum 'a' has the name of table 'a'\n  m.yaml:1:10: the first definition" TYPES},
    {"tables: {" T("a", ", checks: {c: x > y}, uniques: {c: [x]}") "}",
        "m.yaml:1:52: check 'c' of table 'a' has the name of unique constraint 'c' of table 'a'\n"
        "  m.yaml:1:73: the first definition\n  hint: The constraints of a table share one namespace."},
};

static struct dialect claiming(void)
{
    struct dialect d = fake_full();

    d.has.global_indexes = true;
    d.has.key_indexes = true;
    return d;
}

static void test_claims(void **state)
{
    struct ctx *ctx = *state;
    struct dialect d = claiming();

    for (size_t i = 0; i < COUNT_OF(claims); i++)
        refused(ctx, &d, claims[i].model, claims[i].message);
    prepared(ctx, &d,
        "tables: {" T("a", ", checks: {c: x > y}, indexes: {i: [x]}") ", " T(
            "b", ", checks: {c: x > y}") ", " T("s.a", ", indexes: {i: [x]}") "}\nenums: {c: [x]}");
}

/* Names that the database would truncate. */
static const struct {
    const char *model, *message;
} long_names[] = {
    {"tables: {abcdefghi: {columns: {x: text}}}", "m.yaml:1:10: table 'abcdefghi' has a name of 9 bytes"},
    {"tables: {t: {columns: {abcdefghi: text}}}", "m.yaml:1:24: column 'abcdefghi' has a name of 9 bytes"},
    {"tables: {" T("t", ", indexes: {abcdefghi: [x]}") "}",
        "m.yaml:1:53: index 'abcdefghi' has a name of 9 bytes"},
    {"tables: {" T("t", ", checks: {abcdefghi: x > y}") "}",
        "m.yaml:1:52: constraint 'abcdefghi' has a name of 9 bytes"},
    {"enums: {abcdefghi: [x]}", "m.yaml:1:9: enum 'abcdefghi' has a name of 9 bytes"},
    {"sequences: {abcdefghi: {}}", "m.yaml:1:13: sequence 'abcdefghi' has a name of 9 bytes"},
    {"views: {abcdefghi: SELECT 1}", "m.yaml:1:9: view 'abcdefghi' has a name of 9 bytes"},
    {"views: {v: {sql: SELECT 1, columns: [abcdefghi]}}",
        "m.yaml:1:9: column 'abcdefghi' has a name of 9 bytes"},
    {"schemas: [abcdefghi]", "m.yaml:1:11: schema 'abcdefghi' has a name of 9 bytes"},
    {"tables: {\"\u00e9\u00e9\u00e9\u00e9\u00e9\": {columns: {x: text}}}",
        "m.yaml:1:10: table '\u00e9\u00e9\u00e9\u00e9\u00e9' has a name of 10 bytes"},
};

static void test_lengths(void **state)
{
    struct ctx *ctx = *state;
    struct dialect d = claiming();

    d.name_max = 8;
    for (size_t i = 0; i < COUNT_OF(long_names); i++) {
        struct schema s = prepared(ctx, &d, long_names[i].model);

        assert_false(schema_check_lengths(ctx, &d, 0, &s));
        assert_error(ctx, STATUS_CONFIG,
            ctx_printf(ctx, "%s\n  hint: Fake allows names of up to 8 bytes.", long_names[i].message));
    }
    struct schema s = prepared(ctx, &d, "enums: {e: [abcdefghi]}");
    assert_false(schema_check_lengths(ctx, &d, 0, &s));
    assert_error(ctx, STATUS_CONFIG,
        "m.yaml:1:9: value 'abcdefghi' of enum 'e' has 9 bytes\n  hint: Fake accepts values of up to 8 "
        "bytes.");
    /* In an encoding with a byte for each character. */
    s = prepared(ctx, &d, long_names[COUNT_OF(long_names) - 1].model);
    assert_ok(ctx, schema_check_lengths(ctx, &d, 1, &s));
}
#undef T

/* ---- views -------------------------------------------------------------------------------------------- */

static void test_semicolons(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = prepared(ctx, &fake,
        "views:\n  a: 'SELECT 1;'\n  b: \"SELECT ';' ;\\n -- the end;\\n ; /* ; */\"\n"
        "  c: {sql: {default: SELECT 2;, sqlite: 'SELECT $$;$$;'}}\n  d: \"SELECT 1 -- ;\"\n");
    static const char *const texts[] = {"SELECT 1", "SELECT ';'", "SELECT $$;$$", "SELECT 1 -- ;"};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_string_equal(dtext_for(&s.views.v[i]->body.sql, "sqlite"), texts[i]);
}

/* ---- flags -------------------------------------------------------------------------------------------- */

static void test_flags(void **state)
{
    static const char *const on[] = {"true", "TRUE", "t", "tr", "yes", "y", "on", "1"},
                             *const off[] = {"false", "f", "no", "n", "off", "of", "0"},
                             *const neither[] = {"", "o", "2", "truth", "auto", "11"};
    bool value;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(on); i++)
        assert_true(option_flag(on[i], &value) && value && option_values_same(on[i], "on"));
    for (size_t i = 0; i < COUNT_OF(off); i++)
        assert_true(option_flag(off[i], &value) && !value && option_values_same(off[i], "off"));
    for (size_t i = 0; i < COUNT_OF(neither); i++)
        assert_false(option_flag(neither[i], &value));
    assert_true(option_values_same("0.10", "0.1") && option_values_same("1e2", "100"));
    assert_false(
        option_values_same("on", "auto") || option_values_same("1", "2") || option_values_same(NULL, "off"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_native_types),
        ctx_test(test_wrong_types_and_defaults),
        ctx_test(test_by_dialect),
        ctx_test(test_enum_without_enums),
        ctx_test(test_enum_with_enums),
        ctx_test(test_wrong_enums),
        ctx_test(test_default_schema),
        ctx_test(test_wrong_names),
        ctx_test(test_references),
        ctx_test(test_references_fold_case),
        ctx_test(test_wrong_references),
        ctx_test(test_referred_keys),
        ctx_test(test_options),
        ctx_test(test_wrong_options),
        ctx_test(test_features),
        ctx_test(test_order),
        ctx_test(test_claims),
        ctx_test(test_lengths),
        ctx_test(test_semicolons),
        ctx_test(test_flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
