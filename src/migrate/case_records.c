/*
 * The keys of files with test cases.
 *
 * Rows and SQL before the upgrade become operations, as if a revision had written them, so that the dialect types the
 * values by their columns.
 */
#include "migrate/cases.h"

/* ---- operations ---- */

/* {key: value} with the place of `n`. */
static struct node *pair(struct arena *a, const struct node *place, const char *key, const struct node *value)
{
    struct node *mapping = node_mapping(a);

    node_set(a, mapping, key, (struct node *)(uintptr_t)value);
    mapping->file = mapping->v[0]->file = place->file;
    mapping->line = mapping->v[0]->line = place->line;
    mapping->column = mapping->v[0]->column = place->column;
    return mapping;
}

static bool add_op(
    struct decoder *d, const struct node *place, const char *name, const struct node *value, struct ops *ret)
{
    struct arena *a = &d->ctx->arena;
    struct node *list = node_sequence(a);

    node_append(a, list, pair(a, place, name, value));
    return ops_decode(d, list, d->user, ret);
}

static bool decode_sql(struct decoder *d, const struct node *n, void *value)
{
    return add_op(d, n, "execute", n, value);
}

static const struct field_custom sql_custom = {.decode = decode_sql, .json_schema = json_schema_dtext};

static bool decode_statement(struct decoder *d, const struct node *n, void *value)
{
    struct ops ops = {0};

    if (!add_op(d, n, "execute", n, &ops))
        return false;
    *(struct op **)value = ops.v[0];
    return true;
}

static const struct field_custom statement_custom = {
    .decode = decode_statement, .json_schema = json_schema_dtext};

static bool decode_tables(struct decoder *d, const struct node *n, void *value)
{
    struct arena *a = &d->ctx->arena;

    if (n->kind != NODE_MAPPING) {
        decode_fail(d, n, "'rows' must be a mapping from table to rows, not %s", node_describe(a, n));
        return fail_hint(d->ctx, "Write 'rows: {users: [{id: 1, name: Ada}]}'.");
    }
    for (size_t i = 0; i < n->n; i++) {
        struct node *insert = pair(a, n->v[2 * i], "table", n->v[2 * i]);

        node_set(a, insert, "rows", n->v[2 * i + 1]);
        if (!add_op(d, n->v[2 * i], "bulk_insert", insert, value))
            return false;
    }
    return true;
}

static const struct field_custom tables_custom = {.decode = decode_tables,
    .json_schema = "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"array\", \"items\": "
                   "{\"type\": \"object\"}}}"};

static bool decode_only(struct decoder *d, const struct node *n, void *value)
{
    return only_decode(d, n, d->user, value);
}

static const struct field_custom only_custom = {.decode = decode_only,
    .json_schema =
        "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}"};

/* ---- expected rows ---- */

static bool decode_value(
    struct decoder *d, const struct node *n, const char *column, struct expected_row *row)
{
    struct expected_value *v = ctx_new(d->ctx, struct expected_value);
    bool is_true;

    if (n->kind != NODE_SCALAR)
        return decode_fail(
            d, n, "a value of a row must be a scalar, not %s", node_describe(&d->ctx->arena, n));
    v->column = column;
    v->text = ctx_strdup(d->ctx, n->scalar);
    v->kind = node_is_null(n)          ? VALUE_NONE
              : node_bool(n, &is_true) ? VALUE_BOOL
              : node_is_number(n)      ? VALUE_NUMBER
                                       : VALUE_STRING;
    vec_add(d->ctx, &row->values, v);
    return true;
}

static bool decode_row(struct decoder *d, const struct node *n, struct expected_rows *ret)
{
    struct expected_row *row = ctx_new(d->ctx, struct expected_row);
    const bool named = n->kind == NODE_MAPPING;

    row->pos = node_pos(n);
    if (n->kind == NODE_SCALAR) {
        decode_fail(d, n, "a row must be a list of values, or a mapping from column to value, not %s",
            node_describe(&d->ctx->arena, n));
        return fail_hint(d->ctx, "Write each row in brackets, as in [[1, Ada], [2, Grace]].");
    }
    for (size_t i = 0; i < n->n; i++) {
        const char *column = named ? ctx_strdup(d->ctx, n->v[2 * i]->scalar) : NULL;

        if (!decode_value(d, n->v[named ? 2 * i + 1 : i], column, row))
            return false;
    }
    vec_add(d->ctx, &ret->rows, row);
    return true;
}

static bool decode_rows(struct decoder *d, const struct node *n, void *value)
{
    struct expected_rows *rows = value;

    if (n->kind != NODE_SEQUENCE)
        return decode_fail(d, n, "'rows' must be a list of rows, not %s", node_describe(&d->ctx->arena, n));
    rows->given = true;
    for (size_t i = 0; i < n->n; i++)
        if (!decode_row(d, n->v[i], rows))
            return false;
    return true;
}

static const struct field_custom rows_custom = {.decode = decode_rows,
    .json_schema = "{\"type\": \"array\", \"items\": {\"type\": [\"array\", \"object\"]}}"};

static bool expectation_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct expectation *e = object;

    if (e->fails && e->rows.given)
        return decode_fail(d, node_get(n, "rows"), "a statement has either 'rows' or 'fails'");
    return !e->ordered || e->rows.given || decode_fail(d, node_get(n, "ordered"), "'ordered' needs 'rows'");
}

static const struct record expectation_record = {
    .name = "expectation",
    .size = sizeof(struct expectation),
    .fields =
        (const struct field[]){
            {.key = "sql",
                .doc = "A query, or statements that change rows; may be a mapping by dialect.",
                .kind = FIELD_CUSTOM,
                .flags = FIELD_REQUIRED,
                .custom = &statement_custom,
                .offset = offsetof(struct expectation, sql)},
            {.key = "rows",
                .doc = "The rows that the query must return: lists of values, or mappings from column to "
                       "value. Values in quotes are compared as text.",
                .kind = FIELD_CUSTOM,
                .custom = &rows_custom,
                .offset = offsetof(struct expectation, rows)},
            {.key = "ordered",
                .doc = "Whether the order of the rows counts. It always does if the query has an ORDER BY.",
                .kind = FIELD_BOOL,
                .offset = offsetof(struct expectation, ordered)},
            {.key = "fails",
                .doc = "Part of the error that the database must report.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct expectation, fails)},
            {.key = "only",
                .doc = "The databases and environments that the statement is for.",
                .kind = FIELD_CUSTOM,
                .custom = &only_custom,
                .offset = offsetof(struct expectation, only)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct expectation, pos),
    .given_offset = -1,
    .finish = expectation_finish,
};

/* ---- upgrade and downgrade ---- */

static const struct record phase_record;

static bool phase_short(struct decoder *d, const struct node *n, void *object)
{
    if (node_is_null(n))
        return true;
    if (n->kind != NODE_SEQUENCE)
        return decode_fail(d, n, "expected a list of statements, found %s", node_describe(&d->ctx->arena, n));
    return record_decode(d, &phase_record, pair(&d->ctx->arena, n, "expect", n), object);
}

static const struct record phase_record = {
    .name = "phase",
    .size = sizeof(struct case_phase),
    .fields =
        (const struct field[]){
            {.key = "expect",
                .doc = "Statements that run afterwards.",
                .kind = FIELD_LIST,
                .record = &expectation_record,
                .offset = offsetof(struct case_phase, expect)},
            {.key = "fails",
                .doc = "Part of the error with which the upgrade or downgrade must fail.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct case_phase, fails)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct case_phase, pos),
    .given_offset = -1,
    .decode_short = phase_short,
    .short_schema = "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/expectation\"}}",
};

/* ---- cases ---- */

static bool case_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct test_case *t = object;

    if (t->upgrade && t->upgrade->fails && t->downgrade)
        return decode_fail(
            d, node_get(n, "downgrade"), "an upgrade that must fail cannot be followed by a downgrade");
    return true;
}

static const struct record case_record = {
    .name = "case",
    .size = sizeof(struct test_case),
    .fields =
        (const struct field[]){
            {.key = "name",
                .doc = "What the case shows.",
                .kind = FIELD_STRING,
                .flags = FIELD_REQUIRED,
                .offset = offsetof(struct test_case, name)},
            {.key = "at",
                .doc = "The revision that is tested.",
                .kind = FIELD_STRING,
                .flags = FIELD_REQUIRED,
                .offset = offsetof(struct test_case, at)},
            {.key = "from",
                .doc = "The revision that is current when the rows are inserted, if the case tests several "
                       "revisions. Default: all that `at` needs.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct test_case, from)},
            {.key = "only",
                .doc = "The databases and environments that the case is for.",
                .kind = FIELD_CUSTOM,
                .custom = &only_custom,
                .offset = offsetof(struct test_case, only)},
            {.key = "rows",
                .doc = "Rows before the upgrade: lists of mappings from column to value, by table. They are "
                       "inserted in the order in which they are written.",
                .kind = FIELD_CUSTOM,
                .custom = &tables_custom,
                .offset = offsetof(struct test_case, rows)},
            {.key = "sql",
                .doc = "Statements that run before the upgrade, after `rows`; may be a mapping by dialect.",
                .kind = FIELD_CUSTOM,
                .custom = &sql_custom,
                .offset = offsetof(struct test_case, sql)},
            {.key = "upgrade",
                .doc = "What is expected after the upgrade.",
                .kind = FIELD_RECORD,
                .record = &phase_record,
                .offset = offsetof(struct test_case, upgrade)},
            {.key = "downgrade",
                .doc = "What is expected after the downgrade. Without it the revision is not reverted.",
                .kind = FIELD_RECORD,
                .record = &phase_record,
                .offset = offsetof(struct test_case, downgrade)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct test_case, pos),
    .given_offset = -1,
    .finish = case_finish,
};

const struct record case_file_record = {
    .name = "test cases",
    .size = sizeof(struct case_file),
    .fields =
        (const struct field[]){
            {.key = "cases",
                .doc = "The cases.",
                .kind = FIELD_LIST,
                .flags = FIELD_REQUIRED,
                .record = &case_record,
                .offset = offsetof(struct case_file, cases)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};

struct node *cases_json_schema(struct arena *a)
{
    return record_json_schema(a, &case_file_record, "cmig test cases");
}
