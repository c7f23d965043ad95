/* Tests of loading every form of a model, and of the round trip. */

#include "schema_unit.h"

/* ---- columns ------------------------------------------------------------------------------------------ */

static void test_short_column(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, "tables:\n  users:\n    columns:\n      name: string(80)\n");
    struct column *c = column_named(&s, "users", "name");

    assert_string_equal(c->type.text, "string(80)");
    assert_true(c->nullable);
    assert_string_equal(c->pos.file, "m.yaml");
    assert_int_equal(c->pos.line, 4);
    assert_int_equal(c->pos.column, 7);
    assert_int_equal(table_named(&s, "users")->pos.line, 2);
}

static void test_column_settings(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, "tables:\n"
                                    "  t:\n"
                                    "    columns:\n"
                                    "      id: {type: bigint, primary_key: true, autoincrement: false}\n"
                                    "      a: {type: text, nullable: false, collation: C, comment: hm, "
                                    "renamed_from: b}\n"
                                    "      j: {type: {default: json, postgresql: jsonb}}\n"
                                    "      e: {type: enum(mood), values: [good, bad]}\n");
    struct column *id = column_named(&s, "t", "id"), *a = column_named(&s, "t", "a");
    struct column *j = column_named(&s, "t", "j"), *e = column_named(&s, "t", "e");

    assert_true(id->primary_key);
    assert_false(id->nullable);
    assert_int_equal(id->autoincrement, TRI_FALSE);
    assert_false(a->nullable);
    assert_string_equal(a->collation, "C");
    assert_string_equal(a->comment, "hm");
    assert_string_equal(a->renamed_from, "b");
    assert_string_equal(dtext_for(&j->type, "sqlite"), "json");
    assert_string_equal(dtext_for(&j->type, "postgresql"), "jsonb");
    assert_int_equal(e->values->n, 2);
    assert_string_equal(e->values->v[1], "bad");
}

static void test_columns_as_list(void **state)
{
    struct ctx *ctx = *state;
    struct schema s =
        model_of(ctx, "tables: {t: {columns: [{name: b, type: text}, {name: a, type: text}]}}\n");

    assert_string_equal(table_named(&s, "t")->columns.v[0]->name, "b");
    assert_string_equal(table_named(&s, "t")->columns.v[1]->name, "a");
}

struct default_case {
    const char *yaml;
    enum value_kind kind;
    const char *sqlite, *postgresql;
};
static const struct default_case defaults[] = {
    {"0", VALUE_NUMBER, "0", "0"},
    {"\"0\"", VALUE_STRING, "0", "0"},
    {"-1.5", VALUE_NUMBER, "-1.5", "-1.5"},
    {"draft", VALUE_STRING, "draft", "draft"},
    {"''", VALUE_STRING, "", ""},
    {"true", VALUE_BOOL, "true", "true"},
    {"\"true\"", VALUE_STRING, "true", "true"},
    {"null", VALUE_NONE, NULL, NULL},
    {"{sql: now()}", VALUE_SQL, "now()", "now()"},
    {"{sql: {default: 1+1, postgresql: 2+2}}", VALUE_SQL, "1+1", "2+2"},
    {"{func: now}", VALUE_FUNC, "now", "now"},
    {"{postgresql: {func: uuid}}", VALUE_FUNC, NULL, "uuid"},
    {"{default: a, postgresql: b}", VALUE_STRING, "a", "b"},
    {"{default: {sql: x()}, postgresql: it's}", VALUE_SQL, "x()", "'it''s'"},
    {"{sqlite: true, postgresql: {sql: y()}}", VALUE_SQL, "1", "y()"},
    {"{default: 1, sqlite: null}", VALUE_NUMBER, NULL, "1"},
};

static void test_defaults(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(defaults); i++) {
        const struct default_case *d = &defaults[i];
        struct schema s =
            model_of(ctx, ctx_printf(ctx, "tables: {t: {columns: {c: {type: text, default: %s}}}}", d->yaml));
        struct value *v = &column_named(&s, "t", "c")->dflt;

        assert_int_equal(v->kind, d->kind);
        if (!str_eq(dtext_for(&v->expr.sql, "sqlite"), d->sqlite) ||
            !str_eq(dtext_for(&v->expr.sql, "postgresql"), d->postgresql))
            fail_msg("%s: %s", d->yaml, dtext_for(&v->expr.sql, "sqlite"));
    }
}

static void test_identity_and_generated(void **state)
{
    struct ctx *ctx = *state;
    struct schema s =
        model_of(ctx, "tables:\n"
                      "  t:\n"
                      "    columns:\n"
                      "      a: {type: bigint, identity: always}\n"
                      "      b: {type: bigint, identity: {kind: by default, start: 100, cycle: true}}\n"
                      "      c: {type: bigint, generated: a + b}\n"
                      "      d: {type: bigint, generated: {sql: a * b, stored: false}}\n"
                      "      e: {type: bigint, identity: true}\n");

    assert_int_equal(column_named(&s, "t", "a")->identity->kind, IDENTITY_ALWAYS);
    assert_int_equal(column_named(&s, "t", "b")->identity->kind, IDENTITY_BY_DEFAULT);
    assert_string_equal(column_named(&s, "t", "b")->identity->options.start, "100");
    assert_int_equal(column_named(&s, "t", "b")->identity->options.cycle, TRI_TRUE);
    assert_true(column_named(&s, "t", "c")->generated->stored);
    assert_string_equal(column_named(&s, "t", "c")->generated->expr.sql.text, "a + b");
    assert_false(column_named(&s, "t", "d")->generated->stored);
    assert_int_equal(column_named(&s, "t", "e")->identity->kind, IDENTITY_BY_DEFAULT);
}

/* ---- shorthands --------------------------------------------------------------------------------------- */

static void test_shorthands(void **state)
{
    struct ctx *ctx = *state;
    struct schema s =
        model_of(ctx, "tables:\n"
                      "  t:\n"
                      "    columns:\n"
                      "      a: {type: bigint, unique: true, index: true}\n"
                      "      b: {type: bigint, unique: uq_b, index: ix_b, check: b > 0}\n"
                      "      c: {type: bigint, index: {where: c > 0, unique: true}, references: u.id}\n"
                      "      d: {type: bigint, check: {name: ck, sql: d > 0}, references: {column: s.u.id, "
                      "on_delete: cascade, initially: deferred, name: fk}}\n"
                      "      e: {type: bigint, unique: false, index: false, references: u, check: {default: "
                      "e > 0, sqlite: e > 1}}\n"
                      "      f: {type: bigint, unique: true, index: {where: f > 0}}\n"
                      "  u: {columns: {id: {type: bigint, primary_key: true}}}\n");
    struct table *t = table_named(&s, "t");

    assert_int_equal(t->uniques.n, 2);
    assert_null(t->uniques.v[0]->name);
    assert_string_equal(t->uniques.v[0]->columns.v[0], "f");
    assert_int_equal(t->uniques.v[0]->pos.line, 9);
    assert_string_equal(t->uniques.v[1]->name, "uq_b");
    assert_int_equal(t->indexes.n, 4);
    vec_each(i, &t->indexes) { /* b's constraint has a name of its own; f's index does not hold all rows */
        const struct index *x = t->indexes.v[i];
        assert_int_equal(x->unique, strchr("ac", *x->parts.v[0]->column) != NULL);
        assert_int_equal(x->is_column_key, *x->parts.v[0]->column == 'a');
    }
    assert_string_equal(table_index(t, "ix_b")->parts.v[0]->column, "b");
    assert_int_equal(t->checks.n, 3);
    assert_string_equal(table_constraint(t, "ck")->check.sql.text, "d > 0");
    assert_int_equal(t->foreign_keys.n, 3);
    assert_string_equal(table_constraint(t, "fk")->references.schema, "s");
    assert_string_equal(table_constraint(t, "fk")->references.name, "u");
    assert_string_equal(table_constraint(t, "fk")->referred_columns.v[0], "id");
    assert_string_equal(table_constraint(t, "fk")->columns.v[0], "d");
    assert_int_equal(table_constraint(t, "fk")->on_delete, FK_CASCADE);
    assert_true(table_constraint(t, "fk")->deferrable);
    assert_true(table_constraint(t, "fk")->initially_deferred);
    assert_null(column_named(&s, "t", "a")->shorthand);
}

/* ---- constraints and indexes of tables ---------------------------------------------------------------- */

static void test_primary_keys(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, "tables:\n"
                                    "  a: {columns: {x: text, y: text}, primary_key: [x, y]}\n"
                                    "  b: {columns: {x: text}, primary_key: x}\n"
                                    "  c: {columns: {x: text}, primary_key: {name: pk_c, columns: [x]}}\n"
                                    "  d: {columns: {x: {type: text, primary_key: true}, y: {type: text, "
                                    "primary_key: true, nullable: true}}}\n");

    assert_int_equal(table_named(&s, "a")->primary_key->columns.n, 2);
    assert_false(column_named(&s, "a", "x")->nullable);
    assert_string_equal(table_named(&s, "b")->primary_key->columns.v[0], "x");
    assert_string_equal(table_named(&s, "c")->primary_key->name, "pk_c");
    assert_string_equal(table_named(&s, "d")->primary_key->columns.v[1], "y");
    assert_true(column_named(&s, "d", "y")->nullable);
    assert_true(column_in_key(table_named(&s, "d"), "y"));
}

static void test_constraint_forms(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx,
        "tables:\n"
        "  t:\n"
        "    columns: {a: text, b: text, c: text}\n"
        "    uniques:\n"
        "      - [a, b]\n"
        "      - c\n"
        "      - {name: uq, columns: [b], nulls_not_distinct: true, deferrable: true}\n"
        "    checks:\n"
        "      ck: length(a) > 0\n"
        "      ck2: {sql: {default: x, postgresql: y}, no_inherit: true, not_valid: true}\n"
        "    excludes:\n"
        "      - {using: gist, columns: [{column: a, op: '='}, {sql: lower(b), op: '&&'}], where: a > b}\n");
    struct table *t = table_named(&s, "t");

    assert_int_equal(t->uniques.n, 3);
    assert_true(table_constraint(t, "uq")->nulls_not_distinct);
    assert_int_equal(t->checks.n, 2);
    assert_int_equal(t->checks.v[0]->kind, CONSTRAINT_CHECK);
    assert_string_equal(dtext_for(&table_constraint(t, "ck2")->check.sql, "postgresql"), "y");
    assert_int_equal(t->excludes.v[0]->parts.n, 2);
    assert_string_equal(t->excludes.v[0]->parts.v[1]->op, "&&");
}

static void test_foreign_key_forms(void **state)
{
    struct ctx *ctx = *state;
    static const char *const forms[] = {"'o(x, y)'", "{table: o, columns: [x, y]}", "'o ( x , \"y\" )'"};

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct schema s =
            model_of(ctx, ctx_printf(ctx,
                              "tables: {t: {columns: {a: text, b: text}, foreign_keys: "
                              "[{columns: [a, b], references: %s, on_delete: SET NULL, match: full}]}}",
                              forms[i]));
        struct constraint *c = table_named(&s, "t")->foreign_keys.v[0];

        assert_string_equal(c->references.name, "o");
        assert_int_equal(c->referred_columns.n, 2);
        assert_string_equal(c->referred_columns.v[1], "y");
        assert_int_equal(c->on_delete, FK_SET_NULL);
        assert_int_equal(c->match, FK_MATCH_FULL);
    }
}

static void test_index_forms(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx,
        "tables:\n"
        "  t:\n"
        "    columns: {a: text, b: text}\n"
        "    indexes:\n"
        "      i1: [a, b]\n"
        "      i2: a\n"
        "      i3: {columns: [{column: a, order: desc, nulls: last, opclass: o, collation: C}, {sql: "
        "lower(b)}], include: b, using: gin, where: a > 0, postgresql: {fillfactor: 70}}\n"
        "  u:\n"
        "    columns: {a: text}\n"
        "    indexes: [[a], a, {columns: [a], unique: true}]\n");
    struct index *i3 = table_index(table_named(&s, "t"), "i3");

    assert_int_equal(table_index(table_named(&s, "t"), "i1")->parts.n, 2);
    assert_string_equal(table_index(table_named(&s, "t"), "i2")->parts.v[0]->column, "a");
    assert_int_equal(i3->parts.v[0]->order, ORDER_DESC);
    assert_int_equal(i3->parts.v[0]->nulls, NULLS_LAST);
    assert_string_equal(i3->parts.v[1]->expr.sql.text, "lower(b)");
    assert_string_equal(i3->include.v[0], "b");
    assert_string_equal(options_get(i3->options, "postgresql", "fillfactor"), "70");
    assert_int_equal(table_named(&s, "u")->indexes.n, 3);
}

/* ---- the other objects -------------------------------------------------------------------------------- */

static void test_other_objects(void **state)
{
    struct ctx *ctx = *state;
    struct schema s =
        model_of(ctx, "schemas: [audit, app]\n"
                      "enums:\n"
                      "  mood: [good, bad]\n"
                      "  audit.kind: {values: [a], comment: hm, renamed_from: k}\n"
                      "sequences:\n"
                      "  s1:\n"
                      "  s2: {type: integer, start: 5, cycle: false, owned_by: t.a}\n"
                      "views:\n"
                      "  v: SELECT 1\n"
                      "  w: {sql: {default: SELECT 2}, columns: [x], postgresql: {security_barrier: true}}\n"
                      "tables:\n"
                      "  t: {columns: {a: text}, sqlite: {strict: true}, comment: c, renamed_from: o}\n"
                      "  empty:\n");
    struct sequence *q = schema_sequence(&s, &(struct qname){.name = "s2"});

    assert_string_equal(s.namespaces.v[0]->name, "app");
    assert_string_equal(schema_enum(&s, &(struct qname){"audit", "kind"})->renamed_from, "k");
    assert_int_equal(schema_enum(&s, &(struct qname){.name = "mood"})->values.n, 2);
    assert_string_equal(q->owner.name, "t");
    assert_string_equal(q->owner_column, "a");
    assert_string_equal(q->options.start, "5");
    assert_string_equal(schema_view(&s, &(struct qname){.name = "v"})->body.sql.text, "SELECT 1");
    assert_string_equal(options_get(table_named(&s, "t")->options, "sqlite", "strict"), "true");
    assert_int_equal(table_named(&s, "empty")->columns.n, 0);
    assert_null(options_get(NULL, "sqlite", "strict"));
}

static void test_anchors(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, "definitions:\n"
                                    "  times: &times\n"
                                    "    created_at: {type: timestamptz, nullable: false, index: true}\n"
                                    "tables:\n"
                                    "  a: {columns: {id: bigint, <<: *times}}\n"
                                    "  b: {columns: {<<: *times, id: bigint}}\n");

    assert_int_equal(table_named(&s, "a")->columns.n, 2);
    assert_int_equal(table_named(&s, "a")->indexes.n, 1);
    assert_int_equal(table_named(&s, "b")->indexes.n, 1);
    assert_ptr_not_equal(table_named(&s, "a")->indexes.v[0], table_named(&s, "b")->indexes.v[0]);
}

static void test_empty_document(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, "# nothing yet\n");

    assert_int_equal(s.tables.n, 0);
}

/* ---- files -------------------------------------------------------------------------------------------- */

static void write_file(struct ctx *ctx, const char *folder, const char *name, const char *text)
{
    char *path = fs_join(&ctx->arena, folder, name);

    assert_ok(ctx, fs_mkdirs(ctx, fs_dirname(&ctx->arena, path)));
    assert_ok(ctx, fs_write(ctx, path, text, strlen(text)));
}

static bool load(struct ctx *ctx, struct schema *s, const char *a, const char *b)
{
    struct strings paths = {0};

    vec_add(ctx, &paths, a);
    if (b)
        vec_add(ctx, &paths, b);
    return schema_load(ctx, &paths, s);
}

static void test_folders_and_globs(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx);
    struct schema s = {0};

    write_file(ctx, dir, "b.yaml", "tables: {b: {columns: {x: text}}}\nschemas: {s: {comment: c}}\n");
    write_file(ctx, dir, "deep/er/a.yml", "tables: {a: {columns: {x: text}}}\nschemas: [s]\n");
    write_file(ctx, dir, "notes.txt", "no yaml: [\n");
    assert_ok(ctx, load(ctx, &s, dir, NULL));
    assert_int_equal(s.tables.n, 2);
    assert_string_equal(s.tables.v[0]->name.name, "a");
    assert_int_equal(s.namespaces.n, 1);
    /* A file that two paths lead to is read once. */
    assert_ok(ctx, load(ctx, &s, dir, ctx_printf(ctx, "%s/*.yaml", dir)));
    assert_int_equal(s.tables.n, 2);
    unit_rmdir(ctx, dir);
}

/* Those that an object names are parts of a document. */
static void test_files_of_sql(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx);
    struct schema s = {0};

    write_file(ctx, dir, "a.yaml", "functions:\n  f(): {file: sql/f.sql}\n");
    write_file(ctx, dir, "b.sql", "CREATE TABLE b (x text);\n");
    write_file(ctx, dir, "sql/f.sql", "CREATE FUNCTION f() ...\n");
    write_file(ctx, dir, "sql/g.sql", "CREATE TABLE g (x text);\n");
    assert_ok(ctx, load(ctx, &s, dir, NULL));
    assert_int_equal(s.sql_files.n, 2);
    assert_string_equal(fs_basename(s.sql_files.v[0]), "b.sql");
    assert_string_equal(fs_basename(s.sql_files.v[1]), "g.sql");
    assert_true(s.has_documents);
    /* A file that `models` names is also SQL if its name ends in .sql, and is read once. */
    const char *b = ctx_printf(ctx, "%s/b.sql", dir);
    assert_ok(ctx, load(ctx, &s, b, ctx_printf(ctx, "%s/*.sql", dir)));
    assert_int_equal(s.sql_files.n, 1);
    assert_false(s.has_documents);
    unit_rmdir(ctx, dir);
}

static void parse(struct ctx *ctx, const char *file, const char *text, struct schema *ret)
{
    assert_ok(ctx, schema_parse(ctx, file, text, strlen(text), ret));
}

static void test_join(void **state)
{
    struct ctx *ctx = *state;
    struct schema a = {0}, b = {0}, both = {0};

    parse(ctx, "a.yaml", "tables: {z: {columns: {x: text}, triggers: {t: CREATE TRIGGER t}}}\n", &a);
    parse(ctx, "b.yaml", "tables: {c: {columns: {x: text}}}\nenums: {e: [v]}\ncomplete: true\n", &b);
    assert_ok(ctx, schema_join(ctx, &a, &b, &both));
    assert_int_equal(both.tables.n, 2);
    assert_string_equal(both.tables.v[0]->name.name, "c");
    assert_int_equal(both.objects[OBJECT_TRIGGER].n, 1);
    assert_string_equal(both.objects[OBJECT_TRIGGER].v[0]->of.name, "z");
    assert_true(both.manages[OBJECT_FUNCTION]);
    assert_false(schema_join(ctx, &a, &a, &both));
    assert_error(ctx, STATUS_CONFIG,
        "a.yaml:1:10: table 'z' is defined twice\n"
        "  a.yaml:1:10: the first definition");
}

static void test_two_files(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx);
    struct schema s = {0};

    write_file(ctx, dir, "a.yaml", "tables:\n  users: {columns: {x: text}}\n");
    write_file(ctx, dir, "b.yaml", "tables:\n  t: {columns: {x: text}}\n  users: {columns: {x: text}}\n");
    assert_false(load(ctx, &s, dir, NULL));
    assert_error(ctx, STATUS_CONFIG,
        ctx_printf(ctx,
            "%s/b.yaml:3:3: table 'users' is defined twice\n"
            "  %s/a.yaml:2:3: the first definition",
            dir, dir));
    unit_rmdir(ctx, dir);
}

static void test_missing_paths(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {0};

    assert_false(load(ctx, &s, "/nowhere/models", NULL));
    assert_error(ctx, STATUS_CONFIG,
        "model file or directory '/nowhere/models' does not exist\n"
        "  hint: List files, directories and globs under `models` in the configuration, relative to its "
        "directory.");
    assert_false(load(ctx, &s, "/nowhere/*.yaml", NULL));
    assert_error(ctx, STATUS_CONFIG, "no model matches '/nowhere/*.yaml'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_short_column),
        ctx_test(test_column_settings),
        ctx_test(test_columns_as_list),
        ctx_test(test_defaults),
        ctx_test(test_identity_and_generated),
        ctx_test(test_shorthands),
        ctx_test(test_primary_keys),
        ctx_test(test_constraint_forms),
        ctx_test(test_foreign_key_forms),
        ctx_test(test_index_forms),
        ctx_test(test_other_objects),
        ctx_test(test_anchors),
        ctx_test(test_empty_document),
        ctx_test(test_folders_and_globs),
        ctx_test(test_files_of_sql),
        ctx_test(test_join),
        ctx_test(test_two_files),
        ctx_test(test_missing_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
