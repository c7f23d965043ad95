/*
 * Tests the answers of a real PostgreSQL server, at $CMIG_TEST_POSTGRESQL_URL; without it nothing is tested. Each
 * test uses a schema of its own.
 */
#include "unit.h"

#include <unistd.h>

#include "cmig/dialect.h"
#include "dialect/postgresql/wire/conn.h"

struct fixture {
    struct ctx *ctx;
    struct conn *conn;
};

static const struct version_table version = {
    .name = {.name = "cmig_version"}, .history = {.name = "cmig_history"}, .column = "revision"};

static void run(struct fixture *f, const char *sql)
{
    assert_ok(f->ctx, pg_run((struct pg *)f->conn, sql));
}

/* The schema becomes the connection's default one, as if the URL's user had set search_path. */
static struct fixture begin(void **state)
{
    struct fixture f = {.ctx = *state};
    const char *text = getenv("CMIG_TEST_POSTGRESQL_URL");
    struct url url;
    if (!text)
        skip();
    assert_ok(f.ctx, url_parse(f.ctx, text, ".", &url));
    assert_ok(f.ctx, url.dialect->open(f.ctx, &url, NULL, &f.conn));
    const char *schema = ctx_printf(f.ctx, "cmig_unit_%ld", (long)getpid());
    run(&f, ctx_printf(f.ctx,
                "SET client_min_messages = warning; DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s; "
                "SET search_path = %s",
                schema, schema, schema));
    f.conn->default_schema = schema;
    return f;
}

static void end(struct fixture *f)
{
    f->conn->dialect->rollback(f->conn);
    run(f, ctx_printf(f->ctx, "DROP SCHEMA %s CASCADE", f->conn->default_schema));
    f->conn->dialect->close(f->conn);
}

static void reflect(struct fixture *f, struct schema *ret)
{
    const struct scope scope = {.version = version};
    assert_ok(f->ctx, f->conn->dialect->reflect(f->conn, &scope, ret));
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static void test_columns_say_how_they_are_filled(void **state)
{
    struct fixture f = begin(state);
    struct schema s;
    run(&f,
        "CREATE TABLE t (a serial, b bigint GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5), "
        "c integer DEFAULT -1, d integer GENERATED ALWAYS AS (c * 2) STORED, e varchar(9) COLLATE \"C\"); "
        "CREATE TABLE k (id integer PRIMARY KEY)");
    reflect(&f, &s);
    struct table *t = schema_table(&s, &(struct qname){NULL, "t"});
    assert_string_equal(table_column(t, "a")->type.text, "serial");
    assert_string_equal(table_column(t, "a")->native, "integer");
    assert_int_equal(table_column(t, "a")->dflt.kind, VALUE_NONE);
    assert_int_equal(table_column(t, "b")->identity->kind, IDENTITY_ALWAYS);
    assert_string_equal(table_column(t, "b")->identity->options.start, "10");
    assert_null(table_column(t, "b")->identity->options.cache);
    assert_string_equal(table_column(t, "c")->dflt.expr.native, "'-1'::integer");
    assert_string_equal(table_column(t, "d")->generated->expr.native, "c * 2");
    assert_string_equal(table_column(t, "e")->collation, "C");
    struct table *k = schema_table(&s, &(struct qname){NULL, "k"});
    assert_int_equal(table_column(k, "id")->autoincrement, TRI_FALSE);
    assert_int_equal(s.sequences.n, 0);
    end(&f);
}

static void test_indexes_say_everything(void **state)
{
    struct fixture f = begin(state);
    struct schema s;
    run(&f, "CREATE TABLE t (a text, b integer, r int4range, EXCLUDE USING gist (r WITH &&) WHERE (b > 0)); "
            "CREATE UNIQUE INDEX i ON t (lower(a) DESC, b NULLS FIRST, a text_pattern_ops, a COLLATE \"C\") "
            "INCLUDE (r) NULLS NOT DISTINCT WITH (fillfactor = 70) WHERE b IS NOT NULL");
    reflect(&f, &s);
    struct table *t = s.tables.v[0];
    struct index *i = table_index(t, "i");
    assert_int_equal(i->parts.n, 4);
    assert_string_equal(i->parts.v[0]->expr.native, "lower(a)");
    assert_int_equal(i->parts.v[0]->order, ORDER_DESC);
    assert_int_equal(i->parts.v[0]->nulls, NULLS_DEFAULT);
    assert_int_equal(i->parts.v[1]->nulls, NULLS_FIRST);
    assert_string_equal(i->parts.v[2]->opclass, "text_pattern_ops");
    assert_null(i->parts.v[0]->opclass);
    assert_string_equal(i->parts.v[3]->collation, "C");
    assert_string_equal(i->include.v[0], "r");
    assert_true(i->unique && i->nulls_not_distinct);
    assert_string_equal(options_get(i->options, "postgresql", "fillfactor"), "70");
    assert_string_equal(i->where.native, "b IS NOT NULL");
    assert_string_equal(t->excludes.v[0]->parts.v[0]->op, "&&");
    assert_string_equal(t->excludes.v[0]->where.native, "b > 0");
    assert_int_equal(t->indexes.n, 1);
    end(&f);
}

static void test_what_is_not_modelled_is_named(void **state)
{
    struct fixture f = begin(state);
    struct schema s;
    run(&f, "CREATE TYPE y AS (a integer); CREATE TYPE p; "
            "CREATE DOMAIN d AS integer; "
            "CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    reflect(&f, &s);
    assert_int_equal(s.tables.n, 0);
    bool found = false;
    vec_each(k, &s.unmodelled)
        found = found || str_eq(s.unmodelled.v[k]->kind, "shell type");
    assert_true(found);
    static const enum object_kind kinds[] = {OBJECT_TYPE, OBJECT_DOMAIN, OBJECT_FUNCTION};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        assert_int_equal(s.objects[kinds[i]].n, 1);
    end(&f);
}

/* ---- the judge --------------------------------------------------------------------------------------- */

static void prepare(struct fixture *f, const char *models, struct schema *ret)
{
    assert_ok(f->ctx, schema_parse(f->ctx, "models/a.yaml", models, strlen(models), ret));
    assert_ok(f->ctx, schema_prepare(f->ctx, f->conn->dialect, f->conn->default_schema, ret));
}

static void test_judge_prints_as_the_server_does(void **state)
{
    struct fixture f = begin(state);
    struct schema wanted = {0}, said = {0};
    bool asked;
    prepare(&f,
        "enums: {mood: [happy, sad]}\n"
        "tables:\n"
        "  t:\n"
        "    columns:\n"
        "      a: {type: string(9), default: {sql: \"'x'\"}}\n"
        "      m: {type: enum(mood), default: happy}\n"
        "      n: int4\n"
        "    checks: {c: \"a in ('x', 'y')\"}\n"
        "    indexes: [{name: i, columns: [a], where: \"m = 'sad'\"}]\n"
        "views:\n"
        "  v: {sql: select a from t}\n"
        "  w: {sql: select nope from nowhere}\n",
        &wanted);
    assert_ok(f.ctx, f.conn->dialect->normalise(f.conn, &wanted, &said, &asked));
    assert_true(asked);
    struct table *t = said.tables.v[0];
    assert_string_equal(table_column(t, "a")->dflt.expr.native, "'x'::character varying");
    assert_string_equal(table_column(t, "m")->dflt.expr.native, "'happy'::mood");
    assert_string_equal(t->checks.v[0]->name, "c");
    assert_string_equal(t->checks.v[0]->check.native,
        "(a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])");
    assert_string_equal(t->indexes.v[0]->where.native, "m = 'sad'::mood");
    assert_string_equal(said.views.v[0]->body.native, "SELECT t.a\n   FROM t");
    assert_string_equal(said.views.v[1]->body.native, "select nope from nowhere");
    struct schema after;
    reflect(&f, &after);
    assert_int_equal(after.tables.n, 0);
    end(&f);
}

/* Scratch tables without dependent views are created in another way, unless they need a feature that it lacks. */
static void test_judge_prints_tables_alone(void **state)
{
    struct fixture f = begin(state);
    struct schema wanted = {0}, said = {0};
    bool asked;
    prepare(&f,
        "tables:\n"
        "  t:\n"
        "    columns:\n"
        "      g: {type: integer, generated: \"1+1\"}\n"
        "      j: json\n"
        "      a: {type: string(9), default: {sql: \"'x'\"}}\n"
        "    checks: {c: \"a in ('x', 'y')\", whole: t is not null}\n"
        "    indexes: [{name: i, columns: [{sql: LOWER(a)}], unique: true, where: \"a<>'x'\"}]\n"
        "  u:\n"
        "    columns: {a: text}\n"
        "    checks: {c: {sql: \"a>'x'\", no_inherit: true}}\n"
        "  w:\n"
        "    columns: {g: {type: integer, generated: \"1+1\"}}\n"
        "  x:\n"
        "    columns:\n"
        "      left_out: text\n"
        "      a: {type: string(9), default: {sql: \"'x'\"}}\n"
        "      b: {type: string(8), default: {sql: \"'x'\"}}\n"
        "      \"Odd\": {type: integer}\n"
        "    checks: {c: '\"Odd\">0'}\n"
        "  y:\n"
        "    columns:\n"
        "      left_out: text\n"
        "      c: {type: string(8), default: {sql: \"'x'\"}}\n",
        &wanted);
    assert_ok(f.ctx, f.conn->dialect->normalise(f.conn, &wanted, &said, &asked));
    struct table *t = said.tables.v[0];
    assert_string_equal(table_column(t, "g")->generated->expr.native, "1 + 1");
    assert_string_equal(table_column(t, "a")->dflt.expr.native, "'x'::character varying");
    assert_string_equal(t->checks.v[0]->check.native,
        "(a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])");
    assert_string_equal(t->checks.v[1]->check.native, "t.* IS NOT NULL");
    assert_true(t->indexes.v[0]->unique);
    assert_string_equal(t->indexes.v[0]->parts.v[0]->expr.native, "lower((a)::text)");
    assert_string_equal(t->indexes.v[0]->where.native, "(a)::text <> 'x'::text");
    assert_string_equal(said.tables.v[1]->checks.v[0]->check.native, "a > 'x'::text");
    assert_string_equal(table_column(said.tables.v[2], "g")->generated->expr.native, "1 + 1");
    for (int i = 0; i < 2; i++)
        assert_string_equal(
            table_column(said.tables.v[3], i ? "b" : "a")->dflt.expr.native, "'x'::character varying");
    assert_string_equal(said.tables.v[3]->checks.v[0]->check.native, "\"Odd\" > 0");
    assert_string_equal(table_column(said.tables.v[4], "left_out")->native, "text");
    assert_string_equal(table_column(said.tables.v[4], "c")->dflt.expr.native, "'x'::character varying");
    assert_string_equal(table_column(said.tables.v[4], "c")->native, "character varying(8)");
    end(&f);
}

static void test_judge_names_the_place(void **state)
{
    struct fixture f = begin(state);
    struct schema wanted = {0}, said = {0};
    bool asked;
    prepare(&f,
        "tables:\n"
        "  t:\n"
        "    columns:\n"
        "      a: string(9)\n"
        "      b: {type: integer, default: {sql: nonsense()}}\n",
        &wanted);
    assert_false(f.conn->dialect->normalise(f.conn, &wanted, &said, &asked));
    assert_non_null(strstr(err_text(f.ctx), "models/a.yaml:5:7: the database does not accept column 'b'"));
    assert_non_null(strstr(err_text(f.ctx), "postgresql 42883: function nonsense() does not exist"));
    err_clear(f.ctx);
    end(&f);
}

/* ---- running ----------------------------------------------------------------------------------------- */

static void test_failing_statement_is_named_and_all_is_rolled_back(void **state)
{
    struct fixture f = begin(state);
    const struct dialect *d = f.conn->dialect;
    struct statements list = {0};
    struct strings rows;
    bool exists;
    d->version_create(f.ctx, &version, &list);
    d->version_move(f.ctx, &version, &(struct version_move){NULL, "a1"}, &list);
    struct op *op = op_new(f.ctx, OP_EXECUTE);
    op->pos = (struct pos){"m/a1.yaml", 7, 5};
    statement_add(f.ctx, &list, "SELECT 1;\nSELECT 'ü',\n  nope;", op)->flags = STATEMENT_SCRIPT;
    assert_ok(f.ctx, d->begin(f.conn));
    assert_false(d->exec(f.conn, &list, true));
    const char *said = err_text(f.ctx);
    assert_true(str_starts(said, "m/a1.yaml:7:5: execute"));
    assert_non_null(strstr(said, "postgresql 42703: column \"nope\" does not exist"));
    assert_non_null(strstr(said, "line 3, column 3:   nope;"));
    err_clear(f.ctx);
    d->rollback(f.conn);
    assert_ok(f.ctx, d->versions(f.conn, &version, &rows, &exists));
    assert_false(exists);
    exists = true;
    assert_ok(f.ctx, d->versions(f.conn, &version, NULL, &exists));
    assert_false(exists);
    end(&f);
}

static void test_row_that_moved_meanwhile(void **state)
{
    struct fixture f = begin(state);
    const struct dialect *d = f.conn->dialect;
    struct statements first = {0}, second = {0};
    struct strings rows;
    bool exists;
    d->version_create(f.ctx, &version, &first);
    d->version_move(f.ctx, &version, &(struct version_move){NULL, "a1"}, &first);
    assert_ok(f.ctx, d->begin(f.conn));
    assert_ok(f.ctx, d->exec(f.conn, &first, true));
    statement_add(f.ctx, &second, "CREATE TABLE t (a integer)", NULL);
    d->version_move(f.ctx, &version, &(struct version_move){"other", "b2"}, &second);
    assert_ok(f.ctx, d->begin(f.conn));
    assert_false(d->exec(f.conn, &second, true));
    assert_non_null(strstr(err_text(f.ctx), "the statement did not change exactly one row"));
    err_clear(f.ctx);
    d->rollback(f.conn);
    assert_ok(f.ctx, d->versions(f.conn, &version, &rows, &exists));
    assert_int_equal(rows.n, 1);
    assert_string_equal(rows.v[0], "a1");
    exists = false;
    assert_ok(f.ctx, d->versions(f.conn, &version, NULL, &exists));
    assert_true(exists);
    struct schema s;
    reflect(&f, &s);
    assert_int_equal(s.tables.n, 0);
    end(&f);
}

/* Three lists, each in a transaction of its own; the second is what `second` says. */
static void send_three(struct fixture *f, const char *second, size_t *ret_sent)
{
    const char *const texts[] = {"CREATE TABLE one (a integer)", second, "CREATE TABLE three (a integer)"};
    const struct dialect *d = f->conn->dialect;
    *ret_sent = 0;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct statements list = {0};
        struct op *op = op_new(f->ctx, OP_EXECUTE);
        op->pos = (struct pos){ctx_printf(f->ctx, "m/%zu.yaml", i + 1), 7, 5};
        statement_add(f->ctx, &list, texts[i], op)->flags = STATEMENT_SCRIPT;
        assert_ok(f->ctx, d->begin(f->conn));
        *ret_sent += d->send(f->conn, &list, true);
    }
}

static void test_nothing_is_done_that_was_sent_behind_a_failure(void **state)
{
    static const char *const failures[] = {"CREATE TABLE two (a integer); SELECT 1 / 0",
        "CREATE TABLE two (a integer UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO two VALUES (1), (1)"};
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        struct fixture f = begin(state);
        struct schema s;
        size_t sent;
        send_three(&f, failures[i], &sent);
        assert_int_equal(sent, 3);
        assert_false(f.conn->dialect->settle(f.conn, 0));
        assert_int_equal(f.conn->unanswered, 2);
        assert_non_null(strstr(err_text(f.ctx), i ? "postgresql 23505" : "postgresql 22012"));
        assert_int_equal(str_starts(err_text(f.ctx), "m/2.yaml:7:5: execute"), i == 0);
        err_clear(f.ctx);
        /* An error that was reported once is reported again until the transaction is rolled back. */
        assert_false(f.conn->dialect->settle(f.conn, 0));
        assert_int_equal(f.ctx->err.status, STATUS_FAILED);
        err_clear(f.ctx);
        f.conn->dialect->rollback(f.conn);
        assert_int_equal(f.conn->unanswered, 0);
        reflect(&f, &s);
        assert_int_equal(s.tables.n, 1);
        assert_string_equal(s.tables.v[0]->name.name, "one");
        end(&f);
    }
}

static void test_what_was_sent_is_there_for_the_next_question(void **state)
{
    struct fixture f = begin(state);
    struct strings row;
    size_t sent;
    send_three(&f, "CREATE TABLE two (a integer); DEALLOCATE ALL", &sent);
    assert_int_equal(sent, 3);
    assert_int_equal(f.conn->unanswered, 3);
    assert_ok(f.ctx, f.conn->dialect->settle(f.conn, 1));
    assert_int_equal(f.conn->unanswered, 1);
    assert_ok(f.ctx, f.conn->dialect->query(f.conn, "SELECT to_regclass('three')", &row));
    assert_string_equal(row.v[0], "three");
    assert_int_equal(f.conn->unanswered, 0);
    end(&f);
}

static void test_lock_names_its_holder(void **state)
{
    struct fixture f = begin(state);
    struct conn *other;
    struct url url;
    assert_ok(f.ctx, url_parse(f.ctx, getenv("CMIG_TEST_POSTGRESQL_URL"), ".", &url));
    assert_ok(f.ctx, url.dialect->open(f.ctx, &url, NULL, &other));
    /* the other table is in another schema, and must get the same number */
    struct version_table there = version;
    there.name.schema = f.conn->default_schema;
    assert_ok(f.ctx, url.dialect->lock(other, &there, 1000));
    assert_false(url.dialect->lock(f.conn, &version, 50));
    assert_int_equal(f.ctx->err.status, STATUS_TRY_AGAIN);
    assert_non_null(strstr(err_text(f.ctx), "'cmig' from "));
    err_clear(f.ctx);
    url.dialect->unlock(other);
    assert_ok(f.ctx, url.dialect->lock(f.conn, &version, 1000));
    url.dialect->unlock(f.conn);
    url.dialect->close(other);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_columns_say_how_they_are_filled),
        ctx_test(test_indexes_say_everything),
        ctx_test(test_what_is_not_modelled_is_named),
        ctx_test(test_judge_prints_as_the_server_does),
        ctx_test(test_judge_prints_tables_alone),
        ctx_test(test_judge_names_the_place),
        ctx_test(test_failing_statement_is_named_and_all_is_rolled_back),
        ctx_test(test_row_that_moved_meanwhile),
        ctx_test(test_nothing_is_done_that_was_sent_behind_a_failure),
        ctx_test(test_what_was_sent_is_there_for_the_next_question),
        ctx_test(test_lock_names_its_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
