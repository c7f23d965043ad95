/*
 * Renders grants, revokes and changes of owner.
 *
 * Roles are not modelled. One that does not exist is an error when the statements are written, before the first of them
 * runs, unless SQL of the same run may create it.
 */
#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/spell/names.h"

/* The words for each kind; of those that are not in the table of kinds. */
static const struct {
    const char *on, *in_grant, *in_alter;
} words[] = {
    {"table", "TABLE", "TABLE"},
    {"view", "TABLE", "TABLE"}, /* whether it is materialized or not */
    {"sequence", "SEQUENCE", "SEQUENCE"},
    {"schema", "SCHEMA", "SCHEMA"},
    {"enum", "TYPE", "TYPE"},
    {"aggregate", "FUNCTION", "AGGREGATE"},
};

/* ---- roles ------------------------------------------------------------------------------------------- */

static bool role_exists(struct pg *pg, const char *role, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {role};
    if (!pg_query(pg, "SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::pg_catalog.text", params, 1, &a))
        return false;
    *ret = answer_rows(&a) > 0;
    return true;
}

static bool fail_role(struct ctx *ctx, struct pos pos, const char *role)
{
    fail_at(ctx, STATUS_CONFIG, pos, "role '%s' does not exist", role);
    return fail_hint(ctx, "Create it first: cmig does not create roles.");
}

/* Whether SQL that runs before may create roles. */
static bool follows_sql(const struct rendering *r)
{
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_EXECUTE || r->ops->v[i]->kind == OP_RUN)
            return true;
    return false;
}

static bool check_role(struct rendering *r, const char *role)
{
    bool exists;
    if (!r->pg || r->state->elsewhere || str_eq(role, ROLE_PUBLIC) || follows_sql(r))
        return true;
    return role_exists(r->pg, role, &exists) && (exists || fail_role(r->ctx, r->op->pos, role));
}

/* Those of the models, with a place of each. */
struct roles {
    struct ctx *ctx;
    struct strings names;
    struct map places;
};

static void add_role(struct roles *list, const char *role, const struct pos *pos)
{
    if (str_eq(role, ROLE_PUBLIC) || map_get(&list->places, role))
        return;
    map_set(&list->places, role, (void *)pos);
    vec_add(list->ctx, &list->names, role);
}

static bool take_roles(void *user, const struct access_place *place)
{
    const struct access *a = *place->access;
    struct default_access d;
    struct roles *list = user;
    if (!a)
        return true;
    if (access_default_kind(place->kind) < DEFAULT_KINDS &&
        default_access_parse(&list->ctx->arena, place->name, &d)) {
        struct pos *pos = ctx_new(list->ctx, struct pos);
        *pos = place->pos;
        add_role(list, d.role, pos);
    }
    if (a->owner)
        add_role(user, a->owner, &a->owner_pos);
    vec_each(i, &a->grants)
        add_role(user, a->grants.v[i]->role, &a->grants_pos);
    return true;
}

bool pg_check_roles(struct conn *conn, const struct schema *models)
{
    struct ctx *ctx = conn->ctx;
    struct roles list = {.ctx = ctx, .places = MAP(ctx)};
    struct answer a CLEANUP(answer_finish) = {0};
    schema_each_access(
        models, &(struct access_walk){.visit = take_roles, .user = &list, .arena = &ctx->arena});
    if (!list.names.n)
        return true;
    strings_sort(&list.names);
    const char *params[] = {array_literal(ctx, &list.names)};
    if (!pg_query(pg_of(conn),
            "SELECT u.name FROM pg_catalog.unnest($1::pg_catalog.text[]) u(name) WHERE NOT EXISTS "
            "(SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = u.name) ORDER BY 1 LIMIT 1",
            params, 1, &a))
        return false;
    if (!answer_rows(&a))
        return true;
    const char *role = answer_copy(&a, 0, 0);
    return fail_role(ctx, *(const struct pos *)map_get(&list.places, role), role);
}

/* ---- statements -------------------------------------------------------------------------------------- */

static const char *words_of(struct rendering *r, const char *on, bool in_grant)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq(words[i].on, on))
            return in_grant ? words[i].in_grant : words[i].in_alter;
    return str_upper(&r->ctx->arena, on);
}

/* "TABLE posts" */
static const char *target(struct rendering *r, const struct op_access *o, bool in_grant)
{
    struct arena *a = &r->ctx->arena;
    struct object object;
    enum object_kind kind;
    const char *name = op_access_name(a, o, NULL, &kind, &object);
    assert(name && "the name was checked with the file");
    if (kind < OBJECT_KINDS)
        pg_render_kept(r, kind, name);
    name = kind < OBJECT_KINDS ? pg_object_in_statement(r, kind, &object) : pg_qname(a, &object.name);
    return arena_printf(a, "%s %s", words_of(r, o->on, in_grant), name);
}

/* "SELECT, UPDATE (name)" */
static void add_privileges(struct sql *q, const struct op_access *o, struct arena *a)
{
    vec_each(i, &o->privileges) {
        sql_addf(q, "%E%E", i ? ", " : "", str_upper(a, o->privileges.v[i]));
        vec_each(k, &o->columns)
            sql_addf(q, "%E%I", k ? ", " : " (", o->columns.v[k]);
        if (o->columns.n)
            sql_addf(q, ")");
    }
}

static void add_role_name(struct sql *q, const char *role)
{
    if (str_eq(role, ROLE_PUBLIC))
        sql_addf(q, "PUBLIC");
    else
        sql_addf(q, "%I", role);
}

/* "ALTER DEFAULT PRIVILEGES FOR ROLE r IN SCHEMA s "; returns "TABLES", or NULL: the operation is on an object. */
static const char *add_defaults(struct rendering *r, struct sql *q, const struct op_access *o)
{
    struct arena *a = &r->ctx->arena;
    enum default_kind kind = access_default_kind(access_kind(o->on));
    struct default_access d;
    if (kind == DEFAULT_KINDS || !default_access_parse(a, o->name, &d))
        return NULL;
    sql_addf(q, "ALTER DEFAULT PRIVILEGES FOR ROLE %I ", d.role);
    if (d.schema)
        sql_addf(q, "IN SCHEMA %I ", d.schema);
    return str_upper(a, default_kind_names[kind]);
}

bool pg_render_grant(struct rendering *r, const struct op *op)
{
    const struct op_access *o = &op->u.access;
    bool is_grant = op->kind == OP_GRANT;
    struct sql q = pg_render_begin(r);
    if (is_grant && !check_role(r, o->role))
        return false;
    const char *on = add_defaults(r, &q, o);
    sql_addf(&q, is_grant ? "GRANT " : o->grant_option ? "REVOKE GRANT OPTION FOR " : "REVOKE ");
    add_privileges(&q, o, &r->ctx->arena);
    sql_addf(&q, " ON %E %E ", on ? on : target(r, o, true), is_grant ? "TO" : "FROM");
    add_role_name(&q, o->role);
    if (is_grant && o->grant_option)
        sql_addf(&q, " WITH GRANT OPTION");
    pg_render_add(r, &q);
    return true;
}

bool pg_render_change_owner(struct rendering *r, const struct op *op)
{
    const struct op_access *o = &op->u.access;
    struct sql q = pg_render_begin(r);
    if (!check_role(r, o->role))
        return false;
    sql_addf(&q, "ALTER %E OWNER TO %I", target(r, o, false), o->role);
    pg_render_add(r, &q);
    return true;
}
