/*
 * Reads and writes what tables are partitioned by, and the bounds of partitions.
 *
 * Both are kept as SQL. A model may also spell them as mappings, which become SQL here: {range: [day]},
 * {from: [1], to: [10]}.
 */

#include "cmig/dialect.h"

#include "schema/records.h"

/* ---- values ------------------------------------------------------------------------------------------- */

static const char *quoted(struct ctx *ctx, const char *text, char quote)
{
    struct str out = STR(ctx);

    str_addc(&out, quote);
    for (const char *p = text; *p; p++) {
        if (*p == quote)
            str_addc(&out, quote);
        str_addc(&out, *p);
    }
    str_addc(&out, quote);
    return str_get(&out);
}

/* A scalar as SQL; null is NULL, and only a word without quotes means an end of all values. */
static bool value_sql(struct decoder *d, const struct node *n, const char **ret)
{
    bool flag;

    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected a value, found %s", node_describe(&d->ctx->arena, n));
    if (node_is_null(n))
        *ret = "NULL";
    else if (!n->quoted && (str_eq_ci(n->scalar, "minvalue") || str_eq_ci(n->scalar, "maxvalue")))
        *ret = str_eq_ci(n->scalar, "minvalue") ? "MINVALUE" : "MAXVALUE";
    else if (node_bool(n, &flag))
        *ret = flag ? "true" : "false";
    else if (node_is_number(n))
        *ret = ctx_strdup(d->ctx, n->scalar);
    else
        *ret = quoted(d->ctx, n->scalar, '\'');
    return true;
}

static bool bound_list_decode(struct decoder *d, const struct node *n, void *value)
{
    struct strings *list = value;
    const char *sql;

    for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->n; i++) {
        if (!value_sql(d, n->v[i], &sql))
            return false;
        vec_add(d->ctx, list, sql);
    }
    if (n->kind == NODE_SEQUENCE)
        return true;
    if (!value_sql(d, n, &sql))
        return false;
    vec_add(d->ctx, list, sql);
    return true;
}

static bool bound_list_equal(const void *a, const void *b)
{
    return strings_eq(a, b);
}

const struct field_custom bound_list_custom = {
    .decode = bound_list_decode,
    .equal = bound_list_equal,
    .json_schema = "{}",
};

/* ---- bounds ------------------------------------------------------------------------------------------- */

/* The SQL of a bound that was given as values; NULL: the values are not those of one bound. */
static const char *values_sql(struct ctx *ctx, const struct bound_values *v)
{
    struct arena *a = &ctx->arena;
    int kinds = (v->from.n || v->to.n) + (v->in.n > 0) + (v->modulus != 0) + v->is_default;

    if (kinds != 1)
        return NULL;
    if (v->is_default)
        return "DEFAULT";
    if (v->in.n)
        return ctx_printf(ctx, "FOR VALUES IN (%s)", strings_join(a, &v->in, ", "));
    if (v->modulus)
        return ctx_printf(ctx, "FOR VALUES WITH (modulus %lld, remainder %lld)", (long long)v->modulus,
            (long long)v->remainder);
    if (!v->from.n || !v->to.n)
        return NULL;
    return ctx_printf(
        ctx, "FOR VALUES FROM (%s) TO (%s)", strings_join(a, &v->from, ", "), strings_join(a, &v->to, ", "));
}

static bool take_values(
    struct decoder *d, const struct node *n, const struct bound_values *v, struct expr *ret)
{
    ret->sql.text = values_sql(d->ctx, v);
    if (ret->sql.text)
        return true;
    decode_fail(d, n, "a partition needs one bound");
    return fail_hint(d->ctx,
        "Write {from: [...], to: [...]}, {in: [...]}, {modulus: 4, remainder: 0} or {default: true}.");
}

static bool bound_decode(struct decoder *d, const struct node *n, void *value)
{
    struct expr *bound = value;
    struct bound_values values = {0};

    if (n->kind != NODE_MAPPING)
        return decode_string(d, n, &bound->sql.text);
    return record_decode(d, &bound_record, n, &values) && take_values(d, n, &values, bound);
}

static struct node *sql_encode(struct arena *a, const void *value)
{
    const struct expr *e = value;

    return e->sql.text ? node_string(a, e->sql.text) : NULL;
}

static bool sql_equal(const void *a, const void *b)
{
    return str_eq(((const struct expr *)a)->sql.text, ((const struct expr *)b)->sql.text);
}

const struct field_custom bound_custom = {
    .decode = bound_decode,
    .encode = sql_encode,
    .equal = sql_equal,
    .json_schema = "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"properties\": {\"from\": "
                   "{}, \"to\": {}, "
                   "\"in\": {}, \"modulus\": {\"type\": \"integer\"}, \"remainder\": {\"type\": "
                   "\"integer\"}, \"default\": "
                   "{\"type\": \"boolean\"}}, \"additionalProperties\": false}]}",
};

bool partition_short(struct decoder *d, const struct node *n, void *object)
{
    return bound_decode(d, n, &((struct table *)object)->bound);
}

/* Of a partition that is nothing but a name and a bound. */
struct node *partition_encode_short(struct arena *a, const void *object)
{
    const struct table *t = object;
    size_t state = 0;

    if (access_is_given(t->access) || t->comment || t->renamed_from || t->partition_by.sql.text ||
        t->partitions.n || t->not_null.n || t->defaults.n || t->indexes.n || (t->options && t->options->n) ||
        table_next_constraint(t, &state))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(t->on); i++)
        if (t->on[i].n)
            return NULL;
    vec_each(i, &t->index_names)
        if (!t->index_names.v[i].is_usual)
            return NULL;
    return sql_encode(a, &t->bound);
}

bool partition_finish(struct decoder *d, const struct node *n, void *object)
{
    struct table *t = object;

    if (!t->bound.sql.text && !take_values(d, n, &t->values, &t->bound))
        return false;
    t->values = (struct bound_values){0};
    return table_finish(d, n, t);
}

/* ---- keys of partitions ------------------------------------------------------------------------------- */

/* An expression has brackets; everything else is the name of a column. */
static bool key_part(struct decoder *d, const struct node *n, struct strings *ret)
{
    const char *text;

    if (!decode_string(d, n, &text))
        return false;
    vec_add(d->ctx, ret, strchr(text, '(') ? text : quoted(d->ctx, text, '"'));
    return true;
}

static bool key_parts(struct decoder *d, const struct node *n, struct strings *ret)
{
    if (n->kind != NODE_SEQUENCE)
        return key_part(d, n, ret);
    for (size_t i = 0; i < n->n; i++)
        if (!key_part(d, n->v[i], ret))
            return false;
    return n->n || decode_fail(d, n, "a partition key needs columns");
}

static bool partition_by_decode(struct decoder *d, const struct node *n, void *value)
{
    static const char *const ways[] = {"range", "list", "hash"};
    struct expr *e = value;
    struct strings parts = {0};
    size_t way = 0;

    if (n->kind == NODE_SCALAR)
        return decode_string(d, n, &e->sql.text);
    if (n->kind != NODE_MAPPING || n->n != 1)
        return decode_fail(
            d, n, "expected a string such as `range (day)`, or a mapping such as {range: [day]}");
    while (way < COUNT_OF(ways) && !str_eq(ways[way], n->v[0]->scalar))
        way++;
    if (way == COUNT_OF(ways)) {
        decode_fail(d, n->v[0], "unknown partitioning method '%s'", n->v[0]->scalar);
        decode_suggest(d, n->v[0]->scalar, ways, COUNT_OF(ways));
        return false;
    }
    if (!key_parts(d, n->v[1], &parts))
        return false;
    e->sql.text = ctx_printf(d->ctx, "%s (%s)", ways[way], strings_join(&d->ctx->arena, &parts, ", "));
    return true;
}

const struct field_custom partition_by_custom = {
    .decode = partition_by_decode,
    .encode = sql_encode,
    .equal = sql_equal,
    .json_schema =
        "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"properties\": {\"range\": {\"type\": "
        "[\"string\", \"array\"]}, \"list\": {\"type\": [\"string\", \"array\"]}, \"hash\": {\"type\": "
        "[\"string\", "
        "\"array\"]}}, \"additionalProperties\": false}]}",
};

/* ---- as the server prints them ------------------------------------------------------------------------ */

static bool is_among(const struct sql_piece *p, const char *const *words)
{
    while (*words && !sql_piece_is(p, *words))
        words++;
    return *words != NULL;
}

static void add_letters(struct str *out, const struct sql_piece *p, bool upper)
{
    for (size_t i = 0; i < p->n; i++) {
        char c = p->s[i];

        if (upper && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        else if (!upper && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        str_addc(out, c);
    }
}

/* A quoted name that needs no quotes loses them. */
static void add_quoted(
    struct ctx *ctx, const struct dialect *dialect, struct str *out, const struct sql_piece *p)
{
    const char *name = ctx_printf(ctx, "%.*s", (int)(p->n - 2), p->s + 1);

    if (*p->s == '"' && !strchr(name, '"') && !dialect->must_quote(name))
        str_add(out, name);
    else
        str_addn(out, p->s, p->n);
}

/* Whether a blank belongs before `next`, which follows `last`. */
static bool is_apart(char last, char next, bool has_blank)
{
    if (last == ',' || last == '\0')
        return last == ',';
    return has_blank && last != '(' && next != ')' && next != ',';
}

/* One blank between words, letters as the server has them. */
static const char *text_native(
    struct ctx *ctx, const struct dialect *dialect, const char *text, const char *const *keywords)
{
    struct str out = STR(ctx);
    struct sql_piece p;
    bool has_blank = false;
    char last = '\0';

    for (; (p = sql_piece(text, SQL_POSTGRESQL)).kind != SQL_END; text = p.s + p.n) {
        if (p.kind == SQL_SPACE || p.kind == SQL_COMMENT) {
            has_blank = true;
            continue;
        }
        if (is_apart(last, *p.s, has_blank))
            str_addc(&out, ' ');
        if (p.kind == SQL_WORD)
            add_letters(&out, &p, is_among(&p, keywords));
        else if (p.kind == SQL_QUOTED)
            add_quoted(ctx, dialect, &out, &p);
        else
            str_addn(&out, p.s, p.n);
        last = p.s[p.n - 1];
        has_blank = false;
    }
    return str_get(&out);
}

const char *partition_by_native(struct ctx *ctx, const struct dialect *dialect, const char *text)
{
    static const char *const keywords[] = {"range", "list", "hash", NULL};
    const char *native = text_native(ctx, dialect, text, keywords);
    const char *bracket = strchr(native, '(');

    return bracket && bracket > native && bracket[-1] != ' '
               ? ctx_printf(ctx, "%.*s %s", (int)(bracket - native), native, bracket)
               : native;
}

const char *bound_native(struct ctx *ctx, const struct dialect *dialect, const char *text)
{
    static const char *const keywords[] = {
        "for", "values", "from", "to", "in", "with", "default", "null", "minvalue", "maxvalue", NULL};

    return text_native(ctx, dialect, text, keywords);
}
