/* Applies grant, revoke and change_owner to a schema in memory. */
#include "op/apply_schema.h"

static bool is_default(const struct op_access *o)
{
    const struct access_kind *kind = access_kind(o->on);
    return kind && access_default_kind(kind) < DEFAULT_KINDS;
}

const char *op_access_name(struct arena *a, const struct op_access *o, const char *default_schema,
    enum object_kind *ret_kind, struct object *ret)
{
    enum object_kind kind = object_kind_by_name(o->on);
    *ret_kind = kind;
    *ret = (struct object){.key = o->name};
    if (str_eq(o->on, "schema")) {
        ret->name.name = o->name;
        return o->name;
    }
    if (is_default(o)) {
        struct default_access d;
        return default_access_parse(a, o->name, &d) ? default_access_name(a, &d) : NULL;
    }
    if (kind < OBJECT_KINDS ? !object_take_key(a, kind, ret) : !qname_parse(a, o->name, &ret->name))
        return NULL;
    if (default_schema && str_eq(ret->name.schema, default_schema))
        ret->name.schema = NULL;
    if (kind == OBJECT_KINDS)
        ret->key = qname_text(a, &ret->name);
    else
        object_make_key(a, kind, ret);
    return ret->key;
}

struct privileges op_access_privileges(struct ctx *ctx, const struct op_access *o)
{
    struct privileges list = {0};
    vec_each(i, &o->privileges) {
        struct privilege p = {.name = o->privileges.v[i], .grantable = o->grant_option};
        vec_each(k, &o->columns) {
            p.column = o->columns.v[k];
            vec_add(ctx, &list, p);
        }
        if (!o->columns.n)
            vec_add(ctx, &list, p);
    }
    return list;
}

/* Objects that `execute` created are unknown here, and their privileges are never needed. */
bool call_access(const struct op_call *call)
{
    const struct op_access *o = &call->op->u.access;
    struct access_place place;
    struct object object;
    enum object_kind kind;
    const char *name = op_access_name(&call->ctx->arena, o, call->schema->default_schema, &kind, &object);
    struct default_access d;
    if (is_default(o) && default_access_parse(&call->ctx->arena, o->name, &d))
        default_accesses_add(call->ctx, &call->schema->default_accesses, d.role, d.schema);
    if (!name || !schema_find_access(&call->ctx->arena, call->schema, o->on, name, &place))
        return true;
    if (call->op->kind == OP_CHANGE_OWNER) {
        *place.access = access_owned(call->ctx, *place.access, o->role);
        return true;
    }
    struct privileges held = access_held(call->ctx, place.kind, *place.access, o->role);
    const struct privileges list = op_access_privileges(call->ctx, o);
    if (call->op->kind == OP_GRANT)
        privileges_grant(call->ctx, &held, &list);
    else
        privileges_revoke(&held, &list, o->grant_option);
    *place.access = access_with(call->ctx, place.kind, *place.access, o->role, &held);
    return true;
}
