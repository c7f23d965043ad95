/* Sets of privileges, and what objects have by default. */
#include "cmig/access.h"

#include <stdlib.h>

static const char *const of_tables[] = {
    "select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain", NULL};
static const char *const of_sequences[] = {"usage", "select", "update", NULL};
static const char *const of_schemas[] = {"usage", "create", NULL};
static const char *const of_types[] = {"usage", NULL};
static const char *const of_functions[] = {"execute", NULL};

/* Of MariaDB and MySQL. A sequence is a table there. */
static const char *const more_of_tables[] = {
    "create", "drop", "index", "alter", "create view", "show view", "delete history", NULL};
static const char *const more_of_sequences[] = {"insert", "delete", "references", "trigger", "create", "drop",
    "index", "alter", "create view", "show view", "delete history", NULL};
static const char *const more_of_routines[] = {"alter routine", NULL};

const struct access_kind access_kinds[] = {
    {"table", of_tables, NULL, true, "table", more_of_tables},
    {"view", of_tables, NULL, true, "table", more_of_tables},
    {"sequence", of_sequences, NULL, false, "sequence", more_of_sequences},
    {"schema", of_schemas, NULL, false, "schema", NULL},
    {"enum", of_types, "usage", false, "type", NULL},
    {"type", of_types, "usage", false, "type", NULL},
    {"domain", of_types, "usage", false, "type", NULL},
    {"function", of_functions, "execute", false, "function", more_of_routines},
    {"procedure", of_functions, "execute", false, "function", more_of_routines},
    {"aggregate", of_functions, "execute", false, "function", NULL},
    {"collation", NULL, NULL, false, NULL, NULL},
    {"operator", NULL, NULL, false, NULL, NULL},
    {"operator family", NULL, NULL, false, NULL, NULL},
    {"operator class", NULL, NULL, false, NULL, NULL},
    {"text search dictionary", NULL, NULL, false, NULL, NULL},
    {"text search configuration", NULL, NULL, false, NULL, NULL},
    {"statistics", NULL, NULL, false, NULL, NULL},
    {"event trigger", NULL, NULL, false, NULL, NULL},
    {0},
};

#define DEFAULTS(of_functions_, of_types_) \
    { \
        {"default privileges on tables", of_tables, NULL, false, NULL, NULL}, \
            {"default privileges on sequences", of_sequences, NULL, false, NULL, NULL}, \
            {"default privileges on functions", of_functions, of_functions_, false, NULL, NULL}, \
            {"default privileges on types", of_types, of_types_, false, NULL, NULL}, \
            {"default privileges on schemas", of_schemas, NULL, false, NULL, NULL}, \
    }
/* Default privileges for one schema add to the global ones: so no role has any of them by default. */
static const struct access_kind default_kinds[2][DEFAULT_KINDS] = {
    DEFAULTS("execute", "usage"), DEFAULTS(NULL, NULL)};

const struct access_kind *access_kind(const char *on)
{
    for (const struct access_kind *k = access_kinds; k->on; k++)
        if (str_eq(k->on, on))
            return k;
    for (int i = 0; i < DEFAULT_KINDS; i++)
        if (str_eq(default_kinds[0][i].on, on))
            return &default_kinds[0][i];
    return NULL;
}

static bool is_in(const char *const *list, const char *word)
{
    for (; list && *list; list++)
        if (str_eq(*list, word))
            return true;
    return false;
}

bool access_kind_knows(const struct access_kind *kind, const char *privilege)
{
    return is_in(kind->privileges, privilege) || is_in(kind->more, privilege);
}

bool access_rules_have(
    const struct access_rules *rules, const struct access_kind *kind, const char *privilege)
{
    return rules ? rules->has(kind, privilege) : is_in(kind->privileges, privilege);
}

const struct access_kind *default_access_kind(enum default_kind kind, bool in_schema)
{
    return &default_kinds[in_schema][kind];
}

enum default_kind access_default_kind(const struct access_kind *kind)
{
    int i = 0;
    while (i < DEFAULT_KINDS && !str_eq(default_kinds[0][i].on, kind->on))
        i++;
    return (enum default_kind)i;
}

/* ---- sets -------------------------------------------------------------------------------------------- */

/* Those on the whole object first, in the order in which kinds list them; then by column. */
static int rank(const char *name)
{
    static const char *const *const lists[] = {
        of_tables, of_sequences, of_schemas, of_functions, more_of_tables, more_of_routines};
    int at = 0;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (size_t k = 0; lists[i][k]; k++, at++)
            if (str_eq(lists[i][k], name))
                return at;
    return at;
}

static int compare(const void *va, const void *vb)
{
    const struct privilege *a = va, *b = vb;
    if (!a->column != !b->column)
        return a->column ? 1 : -1;
    int order = rank(a->name) - rank(b->name);
    return order ? order : a->column ? str_cmp(a->column, b->column) : 0;
}

void privileges_sort(struct privileges *list)
{
    if (list->n)
        qsort(list->v, list->n, sizeof(*list->v), compare);
}

static size_t find(const struct privileges *list, const char *name, const char *column)
{
    size_t i = 0;
    while (i < list->n && !(str_eq(list->v[i].name, name) && str_eq(list->v[i].column, column)))
        i++;
    return i;
}

const struct privilege *privileges_find(const struct privileges *list, const char *name, const char *column)
{
    size_t at = find(list, name, column);
    return at < list->n ? &list->v[at] : NULL;
}

struct privileges privileges_copy(struct ctx *ctx, const struct privileges *list)
{
    struct privileges copy = {0};
    vec_each(i, list)
        vec_add(ctx, &copy, list->v[i]);
    return copy;
}

void privileges_grant(struct ctx *ctx, struct privileges *list, const struct privileges *added)
{
    vec_each(i, added) {
        size_t at = find(list, added->v[i].name, added->v[i].column);
        if (at < list->n)
            list->v[at].grantable |= added->v[i].grantable;
        else
            vec_add(ctx, list, added->v[i]);
    }
    privileges_sort(list);
}

static bool is_meant(const struct privileges *list, const struct privilege *p)
{
    return privileges_find(list, p->name, NULL) || privileges_find(list, p->name, p->column);
}

void privileges_revoke(struct privileges *list, const struct privileges *revoked, bool grant_option_only)
{
    uint32_t kept = 0;
    vec_each(i, list) {
        struct privilege p = list->v[i];
        if (is_meant(revoked, &p)) {
            if (!grant_option_only)
                continue;
            p.grantable = false;
        }
        list->v[kept++] = p;
    }
    list->n = kept;
}

/* ---- what roles have --------------------------------------------------------------------------------- */

static size_t find_role(const struct grants *list, const char *role)
{
    size_t i = 0;
    while (i < list->n && !str_eq(list->v[i]->role, role))
        i++;
    return i;
}

static struct privileges by_default(struct ctx *ctx, const struct access_kind *kind, const char *role)
{
    struct privileges list = {0};
    if (kind->everyone && str_eq(role, ROLE_PUBLIC))
        vec_add(ctx, &list, ((struct privilege){.name = kind->everyone}));
    return list;
}

struct privileges access_held(
    struct ctx *ctx, const struct access_kind *kind, const struct access *a, const char *role)
{
    size_t at = a ? find_role(&a->grants, role) : 0;
    return a && at < a->grants.n ? privileges_copy(ctx, &a->grants.v[at]->privileges)
                                 : by_default(ctx, kind, role);
}

static struct access *copy_of(struct ctx *ctx, const struct access *a)
{
    struct access *copy = ctx_new(ctx, struct access);
    if (!a)
        return copy;
    *copy = *a;
    copy->grants = (struct grants){0};
    vec_each(i, &a->grants)
        vec_add(ctx, &copy->grants, a->grants.v[i]);
    return copy;
}

static bool same(const struct privileges *a, const struct privileges *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (compare(&a->v[i], &b->v[i]) != 0 || a->v[i].grantable != b->v[i].grantable)
            return false;
    return true;
}

struct access *access_with(struct ctx *ctx, const struct access_kind *kind, const struct access *a,
    const char *role, const struct privileges *privileges)
{
    struct access *copy = copy_of(ctx, a);
    struct privileges usual = by_default(ctx, kind, role);
    size_t at = find_role(&copy->grants, role);
    if (at < copy->grants.n)
        vec_remove(&copy->grants, at);
    if (same(privileges, &usual))
        return copy;
    struct grant *g = ctx_new(ctx, struct grant);
    *g = (struct grant){.role = role, .privileges = privileges_copy(ctx, privileges)};
    at = 0;
    while (at < copy->grants.n && str_cmp(copy->grants.v[at]->role, role) < 0)
        at++;
    vec_insert(ctx, &copy->grants, at, g);
    return copy;
}

struct access *access_owned(struct ctx *ctx, const struct access *a, const char *owner)
{
    struct access *copy = copy_of(ctx, a);
    size_t at = find_role(&copy->grants, owner);
    if (at < copy->grants.n)
        vec_remove(&copy->grants, at);
    copy->owner = owner;
    return copy;
}

struct access *access_column(struct ctx *ctx, const struct access *a, const char *column, const char *to)
{
    struct access *copy = copy_of(ctx, a);
    uint32_t kept = 0;
    vec_each(i, &copy->grants) {
        struct grant *g = ctx_new(ctx, struct grant);
        *g = (struct grant){.role = copy->grants.v[i]->role, .pos = copy->grants.v[i]->pos};
        vec_each(k, &copy->grants.v[i]->privileges) {
            struct privilege p = copy->grants.v[i]->privileges.v[k];
            bool is_it = p.column && str_eq(p.column, column);
            if (is_it)
                p.column = to;
            if (!is_it || to)
                vec_add(ctx, &g->privileges, p);
        }
        privileges_sort(&g->privileges);
        if (g->privileges.n || !copy->grants.v[i]->privileges.n)
            copy->grants.v[kept++] = g;
    }
    copy->grants.n = kept;
    return copy;
}

bool access_is_given(const struct access *a)
{
    return a && (a->owner || a->grants.n);
}
