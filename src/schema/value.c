/* Reads and writes defaults: literals, expressions, and functions that every dialect has; and lists of them. */

#include "schema/records.h"

/* One default, before what differs by dialect is put together. */
struct spelling {
    enum value_kind kind;
    bool bare;
    const char *text;
};

static bool func_decode(struct decoder *d, const struct node *n, const char **ret)
{
    for (const char *const *name = value_func_names; n->kind == NODE_SCALAR && *name; name++)
        if (str_eq(*name, n->scalar)) {
            *ret = *name;
            return true;
        }
    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected now, today or uuid");
    decode_fail(d, n, "unknown function '%s'", n->scalar);
    decode_suggest(d, n->scalar, value_func_names, 3);
    return false;
}

/* The constant for a key that is "default" or a dialect's name; NULL for "default". */
static bool dialect_decode(struct decoder *d, const struct node *key, const char **ret)
{
    size_t n = 0;

    for (; dialect_names[n]; n++)
        if (str_eq(dialect_names[n], key->scalar)) {
            *ret = dialect_names[n];
            return true;
        }
    *ret = NULL;
    if (str_eq(key->scalar, "default"))
        return true;
    decode_fail(d, key, "unknown dialect '%s'", key->scalar);
    decode_suggest(d, key->scalar, dialect_names, n);
    return false;
}

static bool literal_decode(struct decoder *d, const struct node *n, struct spelling *ret)
{
    bool flag;

    if (node_is_null(n)) {
        ret->kind = VALUE_NONE;
        return true;
    }
    if (!n->quoted && node_bool(n, &flag)) {
        *ret = (struct spelling){.kind = VALUE_BOOL, .text = flag ? "true" : "false"};
        return true;
    }
    ret->kind = node_is_number(n) ? VALUE_NUMBER : VALUE_STRING;
    ret->bare = !n->quoted;
    return decode_string(d, n, &ret->text);
}

/* The only pair of a mapping, when its key is this one. */
static const struct node *only(const struct node *n, const char *key)
{
    return n->kind == NODE_MAPPING && n->n == 1 ? node_get(n, key) : NULL;
}

static bool spelling_decode(struct decoder *d, const struct node *n, struct spelling *ret)
{
    const struct node *inner;

    if (n->kind == NODE_SCALAR)
        return literal_decode(d, n, ret);
    if ((inner = only(n, "sql")) && inner->kind == NODE_SCALAR && !node_is_null(inner)) {
        ret->kind = VALUE_SQL;
        return decode_string(d, inner, &ret->text);
    }
    if ((inner = only(n, "func"))) {
        ret->kind = VALUE_FUNC;
        return func_decode(d, inner, &ret->text);
    }
    return decode_fail(d, n, "expected a literal, {sql: ...} or {func: ...}");
}

/* Literals of two kinds, or a literal and an expression, become expressions. */
static bool spelling_to_sql(struct decoder *d, const struct node *n, const char *dialect, struct spelling *s)
{
    struct str b = STR(d->ctx);

    if (s->kind == VALUE_FUNC)
        return decode_fail(d, n, "a function cannot be combined with another kind of default; write its SQL");
    if (s->kind == VALUE_BOOL && dialect && str_eq(dialect, "sqlite"))
        s->text = str_eq(s->text, "true") ? "1" : "0";
    if (s->kind == VALUE_STRING) {
        str_addc(&b, '\'');
        for (const char *p = s->text; *p; p++) {
            if (*p == '\'')
                str_addc(&b, '\'');
            str_addc(&b, *p);
        }
        str_addc(&b, '\'');
        s->text = str_get(&b);
    }
    s->kind = VALUE_SQL;
    return true;
}

/* The kind that all of them share; VALUE_SQL when there are several. Nulls say that there is no default. */
static enum value_kind common_kind(const struct spelling *list, size_t n)
{
    enum value_kind kind = VALUE_NONE;

    for (size_t i = 0; i < n; i++) {
        if (list[i].kind == VALUE_NONE || list[i].kind == kind)
            continue;
        kind = kind == VALUE_NONE ? list[i].kind : VALUE_SQL;
    }
    return kind;
}

static bool spellings_decode(struct decoder *d, const struct node *n, struct value *v)
{
    struct spelling *list = arena_alloc(&d->ctx->arena, (n->n + 1) * sizeof(*list));
    struct dtext_by *by = arena_alloc(&d->ctx->arena, (n->n + 1) * sizeof(*by));
    size_t count = 0;

    for (size_t i = 0; i < n->n; i++)
        if (!spelling_decode(d, n->v[2 * i + 1], &list[i]))
            return false;
    v->kind = common_kind(list, n->n);
    v->bare = false;
    for (size_t i = 0; i < n->n; i++) {
        const struct node *key = n->v[2 * i];
        const char *dialect;

        v->bare = v->bare || list[i].bare;
        if (!dialect_decode(d, key, &dialect))
            return false;
        if (list[i].kind != VALUE_NONE && list[i].kind != v->kind &&
            !spelling_to_sql(d, n->v[2 * i + 1], dialect, &list[i]))
            return false;
        if (dialect)
            by[count++] = (struct dtext_by){dialect, list[i].text};
        else
            v->expr.sql.text = list[i].text;
    }
    v->expr.sql.by = count ? by : NULL;
    return true;
}

static bool value_decode(struct decoder *d, const struct node *n, void *value)
{
    struct value *v = value;
    struct spelling s = {0};
    const struct node *sql = only(n, "sql");

    if (sql) {
        v->kind = VALUE_SQL;
        return expr_custom.decode(d, sql, &v->expr);
    }
    if (n->kind == NODE_MAPPING && n->n && !node_get(n, "func"))
        return spellings_decode(d, n, v);
    if (!spelling_decode(d, n, &s))
        return false;
    *v = (struct value){.kind = s.kind, .bare = s.bare, .expr.sql.text = s.text};
    return true;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static struct node *literal_encode(struct arena *a, enum value_kind kind, const char *text)
{
    struct node *n;

    switch (kind) {
    case VALUE_STRING:
        n = node_string(a, text);
        n->keeps_quotes = text && literal_is_expression(text, true);
        return n;
    case VALUE_NUMBER:
        return node_scalar(a, text);
    case VALUE_BOOL:
        return node_boolean(a, str_eq(text, "true"));
    case VALUE_FUNC:
        n = node_mapping(a);
        node_set(a, n, "func", node_scalar(a, text));
        return n;
    case VALUE_NONE:
    case VALUE_SQL:
        break;
    }
    return node_null(a);
}

static struct node *value_encode(struct arena *a, const void *value)
{
    const struct value *v = value;
    const struct dtext *t = &v->expr.sql;
    struct node *n;

    if (v->kind == VALUE_NONE)
        return NULL;
    if (v->kind == VALUE_SQL) {
        n = node_mapping(a);
        node_set(a, n, "sql", expr_custom.encode(a, &v->expr));
        return n;
    }
    if (!t->by)
        return literal_encode(a, v->kind, t->text);
    n = node_mapping(a);
    if (t->text)
        node_set(a, n, "default", literal_encode(a, v->kind, t->text));
    for (const struct dtext_by *by = t->by; by->dialect; by++)
        node_set(a, n, by->dialect, literal_encode(a, by->text ? v->kind : VALUE_NONE, by->text));
    return n;
}

static bool value_eq(const void *va, const void *vb)
{
    const struct value *a = va, *b = vb;

    return a->kind == b->kind && (a->kind == VALUE_NONE || expr_custom.equal(&a->expr, &b->expr));
}

#define LITERAL "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}"
#define BY_DIALECT(what) \
    "{\"type\": \"object\", \"minProperties\": 1, \"properties\": {\"default\": " what ", \"sqlite\": " what \
    ", \"postgresql\": " what ", \"mysql\": " what "}, \"additionalProperties\": false}"
#define SQL \
    "{\"type\": \"object\", \"required\": [\"sql\"], \"properties\": {\"sql\": {\"oneOf\": [" LITERAL \
    ", " BY_DIALECT(LITERAL) "]}}, \"additionalProperties\": false}"
#define FUNC \
    "{\"type\": \"object\", \"required\": [\"func\"], \"properties\": {\"func\": {\"enum\": [\"now\", " \
    "\"today\", \"uuid\"]}}, \"additionalProperties\": false}"
#define ONE "{\"oneOf\": [" LITERAL ", " SQL ", " FUNC "]}"

#define VALUE "{\"oneOf\": [" LITERAL ", " SQL ", " FUNC ", " BY_DIALECT(ONE) "]}"

const struct field_custom value_custom = {
    .decode = value_decode,
    .encode = value_encode,
    .equal = value_eq,
    .json_schema = VALUE,
};

/* ---- defaults of a child's own ------------------------------------------------------------------------ */

static bool defaults_decode(struct decoder *d, const struct node *n, void *value)
{
    struct columns *list = value;

    if (n->kind != NODE_MAPPING)
        return decode_fail(d, n, "expected a mapping from columns to their defaults");
    for (size_t i = 0; i < n->n; i++) {
        struct column *c = ctx_new(d->ctx, struct column);

        c->pos = node_pos(n->v[2 * i]);
        if (!decode_string(d, n->v[2 * i], &c->name) || !value_decode(d, n->v[2 * i + 1], &c->dflt))
            return false;
        vec_add(d->ctx, list, c);
    }
    return true;
}

static struct node *defaults_encode(struct arena *a, const void *value)
{
    const struct columns *list = value;
    struct node *n = node_mapping(a);

    vec_each(i, list) {
        struct node *said = value_encode(a, &list->v[i]->dflt);

        node_set(a, n, list->v[i]->name, said ? said : node_null(a));
    }
    return list->n ? n : NULL;
}

static bool defaults_eq(const void *va, const void *vb)
{
    const struct columns *a = va, *b = vb;

    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!str_eq(a->v[i]->name, b->v[i]->name) || !value_eq(&a->v[i]->dflt, &b->v[i]->dflt))
            return false;
    return true;
}

const struct field_custom defaults_custom = {
    .decode = defaults_decode,
    .encode = defaults_encode,
    .equal = defaults_eq,
    .json_schema = "{\"type\": \"object\", \"additionalProperties\": " VALUE "}",
};
