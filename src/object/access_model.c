/*
 * The keys `owner` and `grants` of models.
 *
 *   grants:
 *     app: [select, insert, update with grant option]
 *     "monthly report": {select: [id, name]}
 *     auditor: [select, {update: [note]}]
 *     public: []
 */
#include "cmig/access.h"

#define GRANT_OPTION " with grant option"
#define ALL "all"

/* ---- reading ----------------------------------------------------------------------------------------- */

static struct access *given(struct decoder *d, void *value)
{
    struct access **at = value;
    if (!*at)
        *at = ctx_new(d->ctx, struct access);
    return *at;
}

static bool owner_decode(struct decoder *d, const struct node *n, void *value)
{
    struct access *a = given(d, value);
    if (node_is_null(n))
        return true;
    a->owner_pos = node_pos(n);
    return decode_string(d, n, &a->owner) &&
           (*a->owner || decode_fail(d, n, "the name of a role cannot be empty"));
}

static bool take_name(struct decoder *d, const struct node *n, struct privilege *ret)
{
    const char *text;
    if (!decode_string(d, n, &text))
        return false;
    char *name = str_lower(&d->ctx->arena, text);
    size_t size = strlen(name), option = sizeof(GRANT_OPTION) - 1;
    *ret = (struct privilege){0};
    if (size > option && str_eq(name + size - option, GRANT_OPTION)) {
        name[size - option] = '\0';
        ret->grantable = true;
    }
    ret->name = name;
    return *name || decode_fail(d, n, "expected the name of a privilege");
}

static bool take_whole(struct decoder *d, const struct node *n, struct privileges *ret)
{
    struct privilege p;
    if (!take_name(d, n, &p))
        return false;
    vec_add(d->ctx, ret, p);
    return true;
}

static bool take_columns(struct decoder *d, const struct node *n, struct privileges *ret)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct node *value = n->v[2 * i + 1];
        struct privilege p;
        struct strings columns = {0};
        if (!take_name(d, n->v[2 * i], &p) || !decode_strings(d, value, &columns))
            return false;
        if (!columns.n)
            return decode_fail(d, value, "privilege '%s' needs columns", p.name);
        vec_each(k, &columns) {
            p.column = columns.v[k];
            vec_add(d->ctx, ret, p);
        }
    }
    return true;
}

static bool take_privileges(struct decoder *d, const struct node *n, struct privileges *ret)
{
    if (n->kind == NODE_MAPPING)
        return take_columns(d, n, ret);
    if (n->kind == NODE_SCALAR)
        return take_whole(d, n, ret);
    for (size_t i = 0; i < n->n; i++)
        if (!(n->v[i]->kind == NODE_MAPPING ? take_columns : take_whole)(d, n->v[i], ret))
            return false;
    return true;
}

static bool grants_decode(struct decoder *d, const struct node *n, void *value)
{
    struct access *a = given(d, value);
    if (node_is_null(n))
        return true;
    if (n->kind != NODE_MAPPING) {
        decode_fail(d, n, "expected roles and their privileges, found %s", node_describe(&d->ctx->arena, n));
        return fail_hint(d->ctx, "Write a mapping, as in 'grants: {app: [select, insert]}'.");
    }
    a->grants_pos = node_pos(n);
    for (size_t i = 0; i < n->n; i++) {
        struct grant *g = ctx_new(d->ctx, struct grant);
        g->pos = node_pos(n->v[2 * i]);
        if (!decode_string(d, n->v[2 * i], &g->role) || !take_privileges(d, n->v[2 * i + 1], &g->privileges))
            return false;
        if (!*g->role)
            return decode_fail(d, n->v[2 * i], "the name of a role cannot be empty");
        vec_add(d->ctx, &a->grants, g);
    }
    return true;
}

/* ---- checking ---------------------------------------------------------------------------------------- */

static bool knows(const struct access_kind *kind, const char *privilege)
{
    for (size_t i = 0; kind->privileges[i]; i++)
        if (str_eq(kind->privileges[i], privilege))
            return true;
    return false;
}

static const char *list_of(struct ctx *ctx, const struct access_kind *kind)
{
    struct str out = STR(ctx);
    for (size_t i = 0; kind->privileges[i]; i++)
        str_addf(&out, "%s%s", i ? ", " : "", kind->privileges[i]);
    return str_get(&out);
}

static bool fail_unknown(
    struct ctx *ctx, const struct access_kind *kind, const char *name, const char *privilege)
{
    fail(ctx, STATUS_CONFIG, "%s '%s': unknown privilege '%s'", kind->on, name, privilege);
    return fail_hint(ctx, "Expected one of %s, or all.", list_of(ctx, kind));
}

static bool has_column(const char *privilege)
{
    return str_eq(privilege, "select") || str_eq(privilege, "insert") || str_eq(privilege, "update") ||
           str_eq(privilege, "references");
}

/* `all` is what every supported server has; privilege maintain, of PostgreSQL 17, is listed by itself. */
static void add_all(
    struct ctx *ctx, const struct access_kind *kind, const struct privilege *p, struct privileges *ret)
{
    for (size_t i = 0; kind->privileges[i]; i++) {
        const struct privileges one = {
            .v = &(struct privilege){kind->privileges[i], p->column, p->grantable}, .n = 1};
        if (!str_eq(one.v->name, "maintain") && (!p->column || has_column(one.v->name)))
            privileges_grant(ctx, ret, &one);
    }
}

static bool prepare_one(struct ctx *ctx, const struct access_kind *kind, const char *name,
    const struct privilege *p, const char *role, struct privileges *ret)
{
    if (p->grantable && str_eq(role, ROLE_PUBLIC))
        return fail(ctx, STATUS_CONFIG, "%s '%s': a grant option cannot be given to public", kind->on, name);
    if (p->column && !kind->has_columns)
        return fail(
            ctx, STATUS_CONFIG, "%s '%s': only tables and views have privileges on columns", kind->on, name);
    if (str_eq(p->name, ALL)) {
        add_all(ctx, kind, p, ret);
        return true;
    }
    if (!knows(kind, p->name))
        return fail_unknown(ctx, kind, name, p->name);
    if (p->column && !has_column(p->name)) {
        fail(ctx, STATUS_CONFIG, "%s '%s': privilege '%s' cannot be on columns", kind->on, name, p->name);
        return fail_hint(ctx, "Privileges on columns are select, insert, update and references.");
    }
    const struct privileges one = {.v = (struct privilege *)p, .n = 1};
    privileges_grant(ctx, ret, &one);
    return true;
}

bool access_prepare(struct ctx *ctx, const struct access_kind *kind, const char *name, struct access **access)
{
    const struct access *given = *access;
    if (!given)
        return true;
    struct access *a = ctx_new(ctx, struct access);
    *a = *given;
    a->grants = (struct grants){0};
    if (given->grants.n && !kind->privileges)
        return fail_at(ctx, STATUS_CONFIG, given->grants_pos, "%s '%s': such an object has no privileges",
            kind->on, name);
    vec_each(i, &given->grants) {
        const struct grant *g = given->grants.v[i];
        struct privileges list = {0};
        vec_each(k, &g->privileges)
            if (!prepare_one(ctx, kind, name, &g->privileges.v[k], g->role, &list))
                return fail_in(ctx, "%sgrants of '%s'", pos_text(&ctx->arena, g->pos), g->role);
        a = access_with(ctx, kind, a, g->role, &list);
    }
    *access = given->owner ? access_owned(ctx, a, given->owner) : a;
    return true;
}

/* ---- writing ----------------------------------------------------------------------------------------- */

static struct node *owner_encode(struct arena *a, const void *value)
{
    const struct access *access = *(struct access *const *)value;
    return access && access->owner ? node_string(a, access->owner) : NULL;
}

static const char *name_of(struct arena *a, const struct privilege *p)
{
    return p->grantable ? arena_printf(a, "%s" GRANT_OPTION, p->name) : p->name;
}

/* Those on columns, which come last: a mapping from privilege to columns. */
static struct node *encode_columns(struct arena *a, const struct privileges *list)
{
    struct node *n = NULL;
    vec_each(i, list) {
        const struct privilege *p = &list->v[i];
        if (!p->column)
            continue;
        if (!n)
            n = node_mapping(a);
        const char *name = name_of(a, p);
        struct node *columns = node_get(n, name);
        if (!columns)
            node_set(a, n, name, columns = node_sequence(a));
        node_append(a, columns, node_string(a, p->column));
    }
    return n;
}

static struct node *encode_privileges(struct arena *a, const struct privileges *list)
{
    struct node *columns = encode_columns(a, list), *n = node_sequence(a);
    if (columns && list->v[0].column)
        return columns;
    for (size_t i = 0; i < list->n && !list->v[i].column; i++)
        node_append(a, n, node_string(a, name_of(a, &list->v[i])));
    if (columns)
        node_append(a, n, columns);
    return n;
}

static struct node *grants_encode(struct arena *a, const void *value)
{
    const struct access *access = *(struct access *const *)value;
    if (!access || !access->grants.n)
        return NULL;
    struct node *n = node_mapping(a);
    vec_each(i, &access->grants)
        node_set(a, n, access->grants.v[i]->role, encode_privileges(a, &access->grants.v[i]->privileges));
    return n;
}

/* Access is compared by itself. */
static bool no_difference(ATTR_UNUSED const void *a, ATTR_UNUSED const void *b)
{
    return true;
}

#define COLUMNS_SCHEMA \
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", \"array\"], \"items\": " \
    "{\"type\": " \
    "\"string\"}}}"

const struct field_custom access_owner_custom = {
    .decode = owner_decode,
    .encode = owner_encode,
    .equal = no_difference,
    .json_schema = "{\"type\": [\"string\", \"null\"]}",
};
const struct field_custom access_grants_custom = {
    .decode = grants_decode,
    .encode = grants_encode,
    .equal = no_difference,
    .json_schema =
        "{\"type\": [\"object\", \"null\"], \"additionalProperties\": {\"oneOf\": [{\"type\": \"string\"}, "
        "{\"type\": \"array\", \"items\": {\"oneOf\": [{\"type\": \"string\"}, " COLUMNS_SCHEMA
        "]}}, " COLUMNS_SCHEMA "]}}",
};
