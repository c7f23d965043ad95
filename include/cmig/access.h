/*
 * Owners and privileges of objects.
 *
 * Only differences from the server's defaults are listed: never the owner's own privileges, and those that
 * every role has on new functions and types only if they were revoked. A struct access is not changed once
 * something points to it.
 */
#pragma once

#include "cmig/codec.h"

/* What `manage` in cmig.yaml may list, as bits. */
enum { MANAGE_GRANTS = 1 << 0, MANAGE_OWNERS = 1 << 1 };

struct privilege {
    const char *name;   /* "select" */
    const char *column; /* NULL: on the whole object */
    bool grantable;     /* with grant option */
};
struct privileges VEC_OF(struct privilege); /* sorted by privileges_sort */

struct grant {
    const char *role; /* "public": every role */
    struct pos pos;
    struct privileges privileges; /* of "public": may be empty, where every role has some by default */
};
struct grants VEC_OF(struct grant *); /* sorted by role */

struct access {
    const char *owner; /* NULL: not given */
    struct grants grants;
    struct grants relayed; /* reflected: what another role than the owner granted; `role` is that one */
    struct pos owner_pos, grants_pos; /* the place in models; line 0: the key is not given */
};

/* The privileges of a kind of object; `on` is its name in operations. */
struct access_kind {
    const char *on;
    const char *const *privileges; /* ended by NULL; NULL: it has an owner only */
    const char *everyone;          /* the privilege that every role has by default; NULL: none */
    bool has_columns;              /* privileges may be on columns */
    const char *default_on;        /* the kind that default privileges name it by; NULL: none */
    const char *const *more;       /* privileges that only some databases have, ended by NULL; NULL: none */
};
/* NULL: objects of this name have neither. */
const struct access_kind *access_kind(const char *on);
extern const struct access_kind access_kinds[]; /* ended by one without a name */
/* Whether some database has this privilege on objects of the kind. */
bool access_kind_knows(const struct access_kind *kind, const char *privilege);

/* How the privileges of a database differ from those of the table of kinds. */
struct access_rules {
    /* Whether it has a privilege on objects of a kind; privilege NULL: whether it has any. */
    bool (*has)(const struct access_kind *kind, const char *privilege);
    /* The usual spelling of a role. */
    const char *(*role)(struct arena *a, const char *role);
    /* The grant option is for all privileges of a role on an object, whichever of them it was given with. And nothing is
     * granted to every role. */
    bool one_option;
    bool lost_by_drop; /* an object that is dropped and created again has no privileges then */
};
/* Whether a database with these rules (NULL: the usual ones) has the privilege. */
bool access_rules_have(
    const struct access_rules *rules, const struct access_kind *kind, const char *privilege);

/* What roles get on objects that a role creates, in one schema or in all of them. */
enum default_kind {
    DEFAULT_TABLES, /* and views */
    DEFAULT_SEQUENCES,
    DEFAULT_FUNCTIONS,
    DEFAULT_TYPES,
    DEFAULT_SCHEMAS, /* not set for default privileges in one schema */
    DEFAULT_KINDS,
};
struct default_access {
    const char *role;   /* the role that creates the objects */
    const char *schema; /* NULL: all of them */
    struct pos pos;
    struct access *of[DEFAULT_KINDS]; /* each without an owner; or NULL */
};
struct default_accesses VEC_OF(struct default_access *);    /* sorted by role and schema */
extern const char *const default_kind_names[DEFAULT_KINDS]; /* "tables", … */
extern const struct record default_access_record;

const struct access_kind *default_access_kind(enum default_kind kind, bool in_schema);
/* DEFAULT_KINDS: the access is on an object */
enum default_kind access_default_kind(const struct access_kind *kind);
/* "role" or "role in schema", as operations name it. */
const char *default_access_name(struct arena *a, const struct default_access *d);
/* False: the text is not such a name. */
bool default_access_parse(struct arena *a, const char *name, struct default_access *ret);
/* *ret_at is the position of the entry, or the one that it would have. */
bool default_accesses_find(
    const struct default_accesses *list, const char *role, const char *schema, size_t *ret_at);
/* The existing entry, or a new one. */
struct default_access *default_accesses_add(
    struct ctx *ctx, struct default_accesses *list, const char *role, const char *schema);

/* The role whose name means every role. */
#define ROLE_PUBLIC "public"

/* The privileges of a role. `a` may be NULL. */
struct privileges access_held(
    struct ctx *ctx, const struct access_kind *kind, const struct access *a, const char *role);
/* A copy in which the role has these. `a` may be NULL. */
struct access *access_with(struct ctx *ctx, const struct access_kind *kind, const struct access *a,
    const char *role, const struct privileges *privileges);
/* A copy with this owner, but without the owner's own grants: an owner has all privileges. */
struct access *access_owned(struct ctx *ctx, const struct access *a, const char *owner);
/* A copy without the privileges on a column; with `to` they are on that one instead. */
struct access *access_column(struct ctx *ctx, const struct access *a, const char *column, const char *to);

void privileges_sort(struct privileges *list);
struct privileges privileges_copy(struct ctx *ctx, const struct privileges *list);
void privileges_grant(struct ctx *ctx, struct privileges *list, const struct privileges *added);
/* As in the server: revoking a privilege on the whole object also revokes it on columns. */
void privileges_revoke(struct privileges *list, const struct privileges *revoked, bool grant_option_only);
const struct privilege *privileges_find(const struct privileges *list, const char *name, const char *column);

/* The keys `owner` and `grants`, of a `struct access *`. */
extern const struct field_custom access_owner_custom, access_grants_custom;
/* Whether a model contains either: then an object has no short form. */
bool access_is_given(const struct access *a);
/* Checks what a model says, and puts `all` and repeated roles in their final form. rules NULL: nothing differs. */
bool access_prepare(struct ctx *ctx, const struct access_rules *rules, const struct access_kind *kind,
    const char *name, struct access **access) ATTR_CHECKED;
