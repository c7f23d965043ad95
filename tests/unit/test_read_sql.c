/* dialect/read_sql.c: what statements of user SQL do, by their words, and by PostgreSQL's own parser if it is installed. */
#include "unit.h"

#include "cmig/dialect.h"
#include "cmig/hazard.h"

static const struct {
    const char *sql, *changes;
} cases[] = {
    {"CREATE TABLE a.t (id bigint PRIMARY KEY, b text NOT NULL, c int DEFAULT 3, UNIQUE (b))",
        "create_table a.t id b! c=;"},
    {"create table if not exists \"T\" (\"Id\" int)", "create_table T Id?;"},
    {"CREATE TABLE public.t (a int) -- a comment; with a semicolon", "create_table t a;"},
    {"CREATE TABLE p PARTITION OF q FOR VALUES IN (1)", "create_table p of q;"},
    {"CREATE TABLE t AS SELECT 1", "harmless t;"},
    {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING btree (a, (lower(b)))",
        "create_index t i 2 concurrently?;"},
    {"CREATE INDEX ON ONLY t (a) WHERE a > 0", "create_index t 1;"},
    {"ALTER TABLE IF EXISTS ONLY t ADD COLUMN IF NOT EXISTS c int NOT NULL, DROP d CASCADE",
        "add_column t c!?; drop_column t d cascade?;"},
    {"ALTER TABLE t ADD c uuid DEFAULT gen_random_uuid() UNIQUE",
        "add_column t c=; create_unique_constraint t c;"},
    {"ALTER TABLE t ADD c int REFERENCES u (id)", "add_column t c u;"},
    {"ALTER TABLE t ADD c bigint GENERATED ALWAYS AS IDENTITY", "add_column t c#;"},
    {"ALTER TABLE t ADD c int GENERATED ALWAYS AS (a + (b * 2)) STORED", "add_column t c@;"},
    {"ALTER TABLE t ADD c bigserial", "add_column t c!;"},
    {"ALTER TABLE t ALTER COLUMN c TYPE varchar(10) USING c::varchar(10), ALTER d SET NOT NULL",
        "alter_column t c type using; alter_column t d nullable;"},
    {"ALTER TABLE t ALTER c SET DATA TYPE numeric(10, 2)", "alter_column t c type;"},
    {"ALTER TABLE t ALTER c DROP NOT NULL", "alter_column t c nullable;"},
    {"ALTER TABLE t ALTER c SET DEFAULT 1", "harmless;"},
    {"ALTER TABLE t ADD CONSTRAINT k CHECK (a > (0)) NOT VALID", "create_check_constraint t k not_valid;"},
    {"ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES x.u (c, d) ON DELETE CASCADE",
        "create_foreign_key t k a b x.u;"},
    {"ALTER TABLE t ADD PRIMARY KEY USING INDEX i", "create_primary_key t using i;"},
    {"ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)", "create_exclude_constraint t;"},
    {"ALTER TABLE t VALIDATE CONSTRAINT k", "validate_constraint t;"},
    {"ALTER TABLE t DROP CONSTRAINT IF EXISTS k", "drop_constraint t k?;"},
    {"ALTER TABLE t RENAME TO u", "rename_table t u;"},
    {"ALTER TABLE t RENAME COLUMN a TO b", "rename_column t a b;"},
    {"ALTER TABLE t RENAME a TO b", "rename_column t a b;"},
    {"ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1)", "attach_partition p t;"},
    {"ALTER TABLE t DETACH PARTITION p CONCURRENTLY", "detach_partition p t concurrently;"},
    {"ALTER TABLE t SET UNLOGGED", "rewrite t;"},
    {"ALTER TABLE t OWNER TO o", "harmless;"},
    {"DROP TABLE IF EXISTS a, b CASCADE", "drop_table a cascade?; drop_table b cascade?;"},
    {"DROP INDEX CONCURRENTLY i", "drop_index i concurrently;"},
    {"DROP SCHEMA s CASCADE", "drop_schema s cascade;"},
    {"DROP VIEW v CASCADE", "drop_other cascade;"},
    {"DROP DATABASE d", "drop_database;"},
    {"TRUNCATE TABLE a, b CASCADE", "truncate a cascade; truncate b cascade;"},
    {"UPDATE t SET a = 1", "update_all t;"},
    {"UPDATE t SET a = 1 WHERE b", "write t;"},
    {"DELETE FROM ONLY t", "delete_all t;"},
    {"INSERT INTO t VALUES (1)", "harmless t;"},
    {"INSERT INTO t SELECT * FROM u", "write t;"},
    {"REFRESH MATERIALIZED VIEW CONCURRENTLY v", "refresh v concurrently;"},
    {"CLUSTER t", "rewrite t;"},
    {"VACUUM (FULL, ANALYZE) t", "rewrite t;"},
    {"VACUUM t", "harmless;"},
    {"REINDEX INDEX CONCURRENTLY i", "reindex concurrently;"},
    {"LOCK TABLE t IN SHARE MODE", "lock t;"},
    {"ALTER TYPE m RENAME VALUE 'a' TO 'b'", "rename_value;"},
    {"ALTER SCHEMA s RENAME TO t", "rename_schema;"},
    {"ALTER SCHEMA s OWNER TO o", "harmless;"},
    {"ALTER TYPE m ADD VALUE IF NOT EXISTS 'a'", "harmless?;"},
    {"ALTER DOMAIN d ADD CHECK (VALUE > 0)", "domain_check;"},
    {"ALTER DOMAIN d ADD CHECK (VALUE > 0) NOT VALID", "harmless;"},
    {"ALTER DOMAIN d SET DEFAULT 1", "harmless;"},
    {"CREATE DOMAIN d AS int CHECK (VALUE > 0)", "new_domain_check;"},
    {"DO $$ BEGIN DROP TABLE t; END $$", "unknown;"},
    {"SELECT 'DROP TABLE t; ' || \"DROP\"", "harmless;"},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM t'", "harmless;"},
};

static const char *const act_names[] = {"", "harmless", "unknown", "truncate", "drop_database", "drop_other",
    "refresh", "rewrite", "reindex", "lock", "write", "update_all", "delete_all", "rename_value",
    "rename_schema", "domain_check", "new_domain_check", "new_partition"};

static void add_column(struct str *out, const struct column *c)
{
    str_addf(out, " %s%s%s%s%s", c->name, c->nullable ? "" : "!", c->dflt.kind != VALUE_NONE ? "=" : "",
        c->identity ? "#" : "", c->generated && c->generated->stored ? "@" : "");
}

static void add_names(struct str *out, const struct strings *names)
{
    vec_each(i, names)
        str_addf(out, " %s", names->v[i]);
}

static void add_constraint(struct ctx *ctx, struct str *out, const struct op_create_constraint *o)
{
    const struct constraint *k = &o->constraint;

    if (k->name)
        str_addf(out, " %s", k->name);
    if (k->kind != CONSTRAINT_EXCLUDE)
        add_names(out, &k->columns);
    if (k->references.name)
        str_addf(out, " %s", qname_text(&ctx->arena, &k->references));
    if (k->not_valid)
        str_add(out, " not_valid");
    if (o->using_index)
        str_addf(out, " using %s", o->using_index);
}

static void add_op(struct ctx *ctx, struct str *out, const struct op *op)
{
    const struct qname *table = op_table_name(op);

    str_add(out, op_table[op->kind].name);
    if (table && table->name)
        str_addf(out, " %s", qname_text(&ctx->arena, table));
    switch ((int)op->kind) {
    case OP_CREATE_TABLE:
        if (op->u.create_table.table.partition_of.name)
            str_addf(out, " of %s", op->u.create_table.table.partition_of.name);
        vec_each(i, &op->u.create_table.table.columns)
            add_column(out, op->u.create_table.table.columns.v[i]);
        break;
    case OP_ADD_COLUMN:
        add_column(out, &op->u.add_column.column);
        if (op->u.add_column.references)
            str_addf(out, " %s", op->u.add_column.references->references.name);
        break;
    case OP_DROP_COLUMN:
        str_addf(out, " %s%s", op->u.drop_column.name, op->u.drop_column.cascade ? " cascade" : "");
        break;
    case OP_ALTER_COLUMN:
        str_addf(out, " %s%s%s%s", op->u.alter_column.name,
            ALTER_HAS(&op->u.alter_column, ALTER_TYPE) ? " type" : "",
            ALTER_HAS(&op->u.alter_column, ALTER_USING) ? " using" : "",
            ALTER_HAS(&op->u.alter_column, ALTER_NULLABLE) ? " nullable" : "");
        break;
    case OP_CREATE_INDEX:
        if (op->u.create_index.index.name)
            str_addf(out, " %s", op->u.create_index.index.name);
        str_addf(out, " %u", op->u.create_index.index.parts.n);
        break;
    case OP_DROP_INDEX:
        str_addf(out, " %s", op->u.drop_index.name);
        break;
    case OP_DROP_SCHEMA:
        str_addf(out, " %s", op->u.schema.name);
        break;
    case OP_RENAME_TABLE:
        str_addf(out, " %s", op->u.rename.new_name.name);
        break;
    case OP_RENAME_COLUMN:
        str_addf(out, " %s %s", op->u.rename_part.name, op->u.rename_part.new_name);
        break;
    case OP_ATTACH_PARTITION:
    case OP_DETACH_PARTITION:
        str_addf(out, " %s", op->u.partition.table.name);
        break;
    case OP_DROP_CONSTRAINT:
        str_addf(out, " %s", op->u.drop_constraint.name);
        break;
    case OP_CREATE_PRIMARY_KEY:
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
    case OP_CREATE_EXCLUDE_CONSTRAINT:
        add_constraint(ctx, out, &op->u.create_constraint);
        break;
    }
}

static const char *changes_text(struct ctx *ctx, const struct sql_changes *list)
{
    struct str out = STR(ctx);

    vec_each(i, list) {
        const struct sql_change *c = list->v[i];

        if (i)
            str_addc(&out, ' ');
        if (c->op)
            add_op(ctx, &out, c->op);
        else
            str_add(&out, act_names[c->act]);
        if (!c->op && c->table.name &&
            !(c->act == SQL_ACT_HARMLESS && c->is_ddl && !str_eq(c->table.name, "t")))
            str_addf(&out, " %s", qname_text(&ctx->arena, &c->table));
        if (c->cascade && !(c->op && c->op->kind == OP_DROP_COLUMN))
            str_add(&out, " cascade");
        if (c->concurrently)
            str_add(&out, " concurrently");
        str_addf(&out, "%s;", c->is_guarded ? "?" : "");
    }
    return str_get(&out);
}

static void check(const char *sql, const char *found, const char *expected, unsigned *wrong)
{
    if (str_eq(found, expected))
        return;
    print_error("%s\n    found:    %s\n    expected: %s\n", sql, found, expected);
    ++*wrong;
}

static void test_words(void **state)
{
    struct ctx *ctx = *state;
    unsigned wrong = 0;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sql_changes found = {0};
        sql_read_words(ctx, dialect_by_name("postgresql"), cases[i].sql, 0, strlen(cases[i].sql), &found);
        check(cases[i].sql, changes_text(ctx, &found), cases[i].changes, &wrong);
    }
    assert_int_equal(wrong, 0);
}

/* The parser of a build without it knows nothing. */
static void test_parser(void **state)
{
    const struct dialect *dialect = dialect_by_name("postgresql");
    struct ctx *ctx = *state;
    unsigned wrong = 0;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sql_changes found = {0};
        const char *problem = NULL;
        bool ok =
            dialect->hazards->read(ctx, dialect, cases[i].sql, 0, strlen(cases[i].sql), &found, &problem);
        assert_null(problem);
        if (ok)
            check(cases[i].sql, changes_text(ctx, &found), cases[i].changes, &wrong);
    }
    assert_int_equal(wrong, 0);
}

/* Texts that end in the middle of anything: no crash, and nothing is found that is not there. */
static void test_broken(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t n = 0; n <= strlen(cases[i].sql); n++) {
            struct sql_changes found = {0};
            const char *cut = arena_strndup(&ctx->arena, cases[i].sql, n);
            for (size_t k = 0; dialects[k]; k++)
                sql_read_words(ctx, dialects[k], cut, 0, n, &found);
            sql_read(ctx, dialect_by_name("postgresql"), cut, 0, n, &found);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_words),
        ctx_test(test_parser),
        ctx_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
