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

struct checking {
    struct ctx *ctx;
    const struct access_rules *rules;
    const struct access_kind *kind;
    const char *name;
};

static bool has(const struct checking *c, const char *privilege)
{
    return access_rules_have(c->rules, c->kind, privilege);
}

/* The privileges that the database has, of the two lists of the kind. */
static struct strings list_of(const struct checking *c)
{
    const char *const *const lists[] = {c->kind->privileges, c->kind->more};
    struct strings ret = {0};
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (const char *const *p = lists[i]; p && *p; p++)
            if (has(c, *p))
                vec_add(c->ctx, &ret, *p);
    return ret;
}

static bool fail_unknown(const struct checking *c, const char *privilege)
{
    const struct strings list = list_of(c);
    fail(c->ctx, STATUS_CONFIG, "%s '%s': unknown privilege '%s'", c->kind->on, c->name, privilege);
    return fail_hint(c->ctx, "Expected one of %s, or all.", strings_join(&c->ctx->arena, &list, ", "));
}

static bool has_column(const char *privilege)
{
    return str_eq(privilege, "select") || str_eq(privilege, "insert") || str_eq(privilege, "update") ||
           str_eq(privilege, "references");
}

/* `all` is what every supported server has; others are listed by themselves: maintain, of PostgreSQL 17, and delete
 * history, of MariaDB. */
static void add_all(const struct checking *c, const struct privilege *p, struct privileges *ret)
{
    static const char *const apart[] = {"maintain", "delete history"};
    const struct strings list = list_of(c);
    vec_each(i, &list) {
        const struct privileges one = {.v = &(struct privilege){list.v[i], p->column, p->grantable}, .n = 1};
        bool is_apart = false;
        for (size_t k = 0; k < COUNT_OF(apart); k++)
            is_apart |= str_eq(list.v[i], apart[k]);
        if (!is_apart && (!p->column || has_column(list.v[i])))
            privileges_grant(c->ctx, ret, &one);
    }
}

static bool prepare_one(
    const struct checking *c, const struct privilege *p, const char *role, struct privileges *ret)
{
    struct ctx *ctx = c->ctx;
    if (p->grantable && str_eq(role, ROLE_PUBLIC))
        return fail(
            ctx, STATUS_CONFIG, "%s '%s': a grant option cannot be given to public", c->kind->on, c->name);
    if (p->column && !c->kind->has_columns)
        return fail(ctx, STATUS_CONFIG, "%s '%s': only tables and views have privileges on columns",
            c->kind->on, c->name);
    if (str_eq(p->name, ALL)) {
        add_all(c, p, ret);
        return true;
    }
    if (!has(c, p->name))
        return fail_unknown(c, p->name);
    if (p->column && !has_column(p->name)) {
        fail(ctx, STATUS_CONFIG, "%s '%s': privilege '%s' cannot be on columns", c->kind->on, c->name,
            p->name);
        return fail_hint(ctx, "Privileges on columns are select, insert, update and references.");
    }
    const struct privileges one = {.v = (struct privilege *)p, .n = 1};
    privileges_grant(ctx, ret, &one);
    return true;
}

/* Where there is one option for all privileges. */
static bool check_option(const struct checking *c, const char *role, const struct privileges *list)
{
    if (!c->rules || !c->rules->one_option)
        return true;
    if (c->kind->everyone && str_eq(role, ROLE_PUBLIC))
        return fail(c->ctx, STATUS_CONFIG,
            "%s '%s': on this database, models do not have its grants to every role", c->kind->on, c->name);
    for (size_t i = 1; i < list->n; i++)
        if (list->v[i].grantable != list->v[0].grantable) {
            fail(c->ctx, STATUS_CONFIG,
                "%s '%s': this database gives '%s' the grant option for all privileges or for none",
                c->kind->on, c->name, role);
            return fail_hint(c->ctx, "Write 'with grant option' after each of them, or after none.");
        }
    return true;
}

static bool prepare_grant(const struct checking *c, const struct grant *g, struct privileges *ret)
{
    vec_each(i, &g->privileges)
        if (!prepare_one(c, &g->privileges.v[i], g->role, ret))
            return false;
    return check_option(c, g->role, ret);
}

bool access_prepare(struct ctx *ctx, const struct access_rules *rules, const struct access_kind *kind,
    const char *name, struct access **access)
{
    const struct checking c = {ctx, rules, kind, name};
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
        if (!prepare_grant(&c, g, &list))
            return fail_in(ctx, "%sgrants of '%s'", pos_text(&ctx->arena, g->pos), g->role);
        a = access_with(ctx, kind, a, rules ? rules->role(&ctx->arena, g->role) : g->role, &list);
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
