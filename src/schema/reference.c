/* Reads what a foreign key or a sequence's owner refers to: "users.id", "orders(a, b)" or a mapping. */

#include "schema/records.h"

/* ---- names in a text ---------------------------------------------------------------------------------- */

static const char *blanks(const char *s)
{
    return s + strspn(s, " \t\n");
}

/* One identifier: a text without the marks that separate them, or anything in double quotes. Moves *s after it;
 * NULL if there is none. */
static const char *identifier(struct ctx *ctx, const char **s)
{
    struct str b = STR(ctx);
    const char *p = blanks(*s);

    if (*p != '"') {
        size_t n = strcspn(p, ".,()\"");

        *s = p + n;
        while (n && strchr(" \t\n", p[n - 1]))
            n--;
        return n ? arena_strndup(&ctx->arena, p, n) : NULL;
    }
    for (p++; *p; p++) {
        if (*p == '"' && *++p != '"')
            break;
        str_addc(&b, *p);
    }
    if (p[-1] != '"' || !b.n)
        return NULL;
    *s = blanks(p);
    return str_get(&b);
}

/* Identifiers up to the end or an unexpected character, which *s then points to. */
static bool identifiers(struct ctx *ctx, const char **s, char separator, struct strings *ret)
{
    for (;;) {
        const char *name = identifier(ctx, s);

        if (!name)
            return false;
        vec_add(ctx, ret, name);
        if (**s != separator)
            return true;
        ++*s;
    }
}

/* "table", "table.column", "schema.table.column", "table(a, b)", "schema.table(a, b)". */
static bool reference_parse(struct ctx *ctx, const char *text, struct qname *ret_table, struct strings *ret)
{
    struct strings parts = {0};
    struct qname table = {0};

    if (!identifiers(ctx, &text, '.', &parts) || parts.n > 3)
        return false;
    if (*text == '(') {
        text++;
        if (parts.n > 2 || !identifiers(ctx, &text, ',', ret) || *text != ')')
            return false;
        text = blanks(text + 1);
    } else if (parts.n > 1) {
        vec_add(ctx, ret, parts.v[--parts.n]);
    }
    table.name = parts.v[parts.n - 1];
    table.schema = parts.n == 2 ? parts.v[0] : NULL;
    *ret_table = table;
    return *text == '\0';
}

static bool is_plain(const char *name)
{
    size_t n = strlen(name);

    return n && strcspn(name, ".,()\"\t\n") == n && name[0] != ' ' && name[n - 1] != ' ';
}

/* In double quotes when it must be. */
static void name_add(struct str *b, const char *name)
{
    if (is_plain(name)) {
        str_add(b, name);
        return;
    }
    str_addc(b, '"');
    for (; *name; name++) {
        if (*name == '"')
            str_addc(b, '"');
        str_addc(b, *name);
    }
    str_addc(b, '"');
}

/* The short text, or NULL when names in it would need quotes. */
static const char *reference_text(struct arena *a, const struct qname *table, const struct strings *columns)
{
    bool plain = is_plain(table->name) && (!table->schema || is_plain(table->schema));
    const char *name = qname_text(a, table);

    vec_each(i, columns)
        plain = plain && is_plain(columns->v[i]);
    if (!plain || (!columns->n && table->schema))
        return NULL;
    if (columns->n == 0)
        return name;
    if (columns->n == 1)
        return arena_printf(a, "%s.%s", name, columns->v[0]);
    return arena_printf(a, "%s(%s)", name, strings_join(a, columns, ", "));
}

/* ---- foreign keys ------------------------------------------------------------------------------------- */

static const struct field reference_fields[] = {
    {.key = "table",
        .doc = "The table.",
        .kind = FIELD_QNAME,
        .flags = FIELD_REQUIRED,
        .offset = offsetof(struct constraint, references)},
    {.key = "columns",
        .doc = "Its columns. Default: those of the primary key.",
        .kind = FIELD_STRINGS,
        .offset = offsetof(struct constraint, referred_columns)},
    {.key = "external",
        .doc = "Whether the table is not in the models, and its columns are not checked.",
        .kind = FIELD_BOOL,
        .offset = offsetof(struct constraint, external)},
    {0},
};
static const struct record reference_record = {
    .name = "reference",
    .size = sizeof(struct constraint),
    .fields = reference_fields,
    .pos_offset = -1,
    .given_offset = -1,
};

static bool reference_decode(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;

    if (n->kind == NODE_MAPPING)
        return record_decode(d, &reference_record, n, c);
    if (n->kind == NODE_SCALAR && !node_is_null(n) &&
        reference_parse(d->ctx, n->scalar, &c->references, &c->referred_columns))
        return true;
    if (n->kind == NODE_SCALAR)
        decode_fail(d, n, "invalid reference '%s'", n->scalar);
    else
        decode_fail(d, n, "expected a reference");
    return fail_hint(d->ctx, "Write table.column, table(a, b) or {table: ..., columns: [...]}.");
}

static struct node *reference_encode(struct arena *a, const void *object)
{
    const struct constraint *c = object;
    const char *text;

    if (!c->references.name)
        return NULL;
    text = c->external ? NULL : reference_text(a, &c->references, &c->referred_columns);
    return text ? node_string(a, text) : record_encode(a, &reference_record, c);
}

static bool reference_eq(const void *va, const void *vb)
{
    const struct constraint *a = va, *b = vb;

    return qname_eq(&a->references, &b->references) && strings_eq(&a->referred_columns, &b->referred_columns);
}

const struct field_custom reference_custom = {
    .decode = reference_decode,
    .encode = reference_encode,
    .equal = reference_eq,
    .json_schema = "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"required\": [\"table\"], "
                   "\"properties\": {\"table\": {\"type\": \"string\"}, \"columns\": {\"oneOf\": [{\"type\": "
                   "\"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}, \"external\": "
                   "{\"type\": \"boolean\"}}, "
                   "\"additionalProperties\": false}]}",
};

bool reference_short(struct decoder *d, const struct node *n, void *object)
{
    return reference_decode(d, n, object);
}

/* ---- sequences ---------------------------------------------------------------------------------------- */

static bool owner_decode(struct decoder *d, const struct node *n, void *object)
{
    struct sequence *q = object;
    struct strings column = {0};

    if (n->kind != NODE_SCALAR || !reference_parse(d->ctx, n->scalar, &q->owner, &column) || column.n != 1)
        return decode_fail(d, n, "expected the column that owns the sequence, as table.column");
    q->owner_column = column.v[0];
    return true;
}

static struct node *owner_encode(struct arena *a, const void *object)
{
    const struct sequence *q = object;
    struct str b = {.arena = a};

    if (!q->owner.name)
        return NULL;
    if (q->owner.schema) {
        name_add(&b, q->owner.schema);
        str_addc(&b, '.');
    }
    name_add(&b, q->owner.name);
    str_addc(&b, '.');
    name_add(&b, q->owner_column);
    return node_string(a, str_get(&b));
}

static bool owner_eq(const void *va, const void *vb)
{
    const struct sequence *a = va, *b = vb;

    return qname_eq(&a->owner, &b->owner) && str_eq(a->owner_column, b->owner_column);
}

const struct field_custom sequence_owner = {
    .decode = owner_decode,
    .encode = owner_encode,
    .equal = owner_eq,
    .json_schema = "{\"type\": \"string\"}",
};
