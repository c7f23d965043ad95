/*
 * Reads owners and privileges, when they are managed.
 *
 * Privileges that models cannot express are named instead: those that another role than the owner granted,
 * those of an owner who revoked some from itself, and those on objects that models do not list, such as the
 * sequence of an identity column.
 */
#include "dialect/postgresql/reflect/reflect.h"

enum {
    ACCESS_CATALOGUE,
    ACCESS_OID,
    ACCESS_COLUMN,
    ACCESS_OWNER,
    ACCESS_HAS_ACL,
    ACCESS_ROLE,
    ACCESS_GRANTOR,
    ACCESS_PRIVILEGE,
    ACCESS_GRANTABLE,
    ACCESS_OWNER_LACKS,
};

struct access_holder {
    const struct access_kind *kind;
    struct qname name;
    struct access **access;
    struct strings told; /* grantors that were named */
};

static bool is_read(const struct reflection *r)
{
    return r->pg->base.manages != 0;
}

bool reflection_manages_grants(const struct reflection *r)
{
    return r->pg->base.manages & MANAGE_GRANTS;
}

void reflection_holder(struct reflection *r, uint32_t catalogue, uint32_t oid, const char *on,
    const struct qname *name, struct access **access)
{
    const struct access_kind *kind = access_kind(on);
    if (!is_read(r) || !kind)
        return;
    struct access_holder *h = arena_new(&r->scratch, struct access_holder);
    *h = (struct access_holder){.kind = kind, .name = *name, .access = access};
    oids_set(&r->holders, oid, catalogue, h);
}

/* What other roles granted is named once for each of them, on each object. */
static void take_relayed(
    struct reflection *r, struct access_holder *h, const char *grantor, const struct privilege *p)
{
    struct access *a = *h->access;
    struct grant *g = ctx_new(r->ctx, struct grant);
    *g = (struct grant){.role = grantor};
    vec_add(r->ctx, &g->privileges, *p);
    vec_add(r->ctx, &a->relayed, g);
    if (!strings_have(&h->told, grantor))
        reflection_unmodelled(r, "grants", &h->name, ctx_printf(r->ctx, "granted by %s", grantor));
    vec_add(r->ctx, &h->told, grantor);
}

static void take_privilege(struct reflection *r, struct access_holder *h, const struct answer *a, int i)
{
    const char *role = answer_copy(a, i, ACCESS_ROLE), *grantor = answer_copy(a, i, ACCESS_GRANTOR);
    const struct privilege p = {.name = answer_copy(a, i, ACCESS_PRIVILEGE),
        .column = answer_copy(a, i, ACCESS_COLUMN),
        .grantable = answer_bool(a, i, ACCESS_GRANTABLE)};
    const struct privileges one = {.v = (struct privilege *)&p, .n = 1};
    if (grantor) {
        take_relayed(r, h, grantor, &p);
        return;
    }
    struct privileges held = access_held(r->ctx, h->kind, *h->access, role);
    privileges_grant(r->ctx, &held, &one);
    *h->access = access_with(r->ctx, h->kind, *h->access, role, &held);
}

/* The first row of an object: its own list contains all that every role has. */
static void begin(struct reflection *r, struct access_holder *h, const struct answer *a, int i)
{
    const struct privileges none = {0};
    struct access *access = ctx_new(r->ctx, struct access);
    access->owner = answer_copy(a, i, ACCESS_OWNER);
    *h->access = access;
    if (!reflection_manages_grants(r))
        return;
    if (answer_bool(a, i, ACCESS_HAS_ACL))
        *h->access = access_with(r->ctx, h->kind, access, ROLE_PUBLIC, &none);
    if (answer_bool(a, i, ACCESS_OWNER_LACKS))
        reflection_unmodelled(
            r, "grants", &h->name, ctx_printf(r->ctx, "owner %s lacks privileges", access->owner));
}

bool take_access(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct access_holder *h =
            oids_get(&r->holders, answer_oid(a, i, ACCESS_OID), answer_oid(a, i, ACCESS_CATALOGUE));
        if (!h)
            continue;
        if (!*h->access)
            begin(r, h, a, i);
        if (answer_text(a, i, ACCESS_ROLE) && reflection_manages_grants(r))
            take_privilege(r, h, a, i);
    }
    return true;
}

/* ---- default privileges ------------------------------------------------------------------------------ */

enum {
    DEFAULT_LETTER,
    DEFAULT_ROLE,
    DEFAULT_SCHEMA,
    DEFAULT_GRANTEE,
    DEFAULT_PRIVILEGE,
    DEFAULT_GRANTABLE,
    DEFAULT_IS_ODD
};

static void take_default(struct reflection *r, const struct answer *a, int i)
{
    static const char letters[] = {'r', 'S', 'f', 'T', 'n'}; /* of enum default_kind */
    const struct privileges none = {0};
    int at = 0;
    while (letters[at] != *answer_text(a, i, DEFAULT_LETTER))
        at++;
    struct default_access *d = default_accesses_add(
        r->ctx, &r->s->default_accesses, answer_copy(a, i, DEFAULT_ROLE), answer_copy(a, i, DEFAULT_SCHEMA));
    const struct access_kind *kind = default_access_kind((enum default_kind)at, d->schema);
    struct access **access = &d->of[at];
    if (!*access) {
        *access = access_with(r->ctx, kind, NULL, ROLE_PUBLIC, &none);
        if (answer_bool(a, i, DEFAULT_IS_ODD))
            reflection_unmodelled(r, "default privileges", &(struct qname){.name = d->role},
                ctx_printf(r->ctx, "%s%s%s: those of the role itself", default_kind_names[at],
                    d->schema ? " in " : "", d->schema ? d->schema : ""));
    }
    if (!answer_text(a, i, DEFAULT_GRANTEE))
        return;
    const char *role = answer_copy(a, i, DEFAULT_GRANTEE);
    struct privileges held = access_held(r->ctx, kind, *access, role);
    privileges_grant(r->ctx, &held,
        &(struct privileges){.v = &(struct privilege){.name = answer_copy(a, i, DEFAULT_PRIVILEGE),
                                 .grantable = answer_bool(a, i, DEFAULT_GRANTABLE)},
            .n = 1});
    *access = access_with(r->ctx, kind, *access, role, &held);
}

bool take_default_access(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; reflection_manages_grants(r) && i < answer_rows(a); i++)
        if (answer_text(a, i, DEFAULT_LETTER))
            take_default(r, a, i);
        else
            r->s->creator = answer_copy(a, i, DEFAULT_ROLE);
    return true;
}
