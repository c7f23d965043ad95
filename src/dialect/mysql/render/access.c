/*
 * Renders grants and revokes.
 *
 * The server leaves the privileges on a table or a column where they are when it is renamed or dropped: they would be for
 * another object that gets the name later. If grants are managed, they follow the object.
 */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/accounts.h"

/* "ON `t` TO `app`@`localhost`", "ON FUNCTION `f` FROM `app`" */
static void add_target(
    struct rendering *r, struct sql *q, const char *on, const char *name, const char *to, const char *role)
{
    bool is_routine = str_eq(on, "function") || str_eq(on, "procedure");
    sql_addf(q, " ON %E%I %E ", is_routine ? ctx_printf(r->ctx, "%s ", str_upper(&r->ctx->arena, on)) : "",
        name, to);
    my_account_add(r->ctx, q, role);
}

/* "SELECT, UPDATE (name)" */
static void add_privileges(struct rendering *r, struct sql *q, const struct op_access *o)
{
    vec_each(i, &o->privileges) {
        sql_addf(q, "%E%E", i ? ", " : "", str_upper(&r->ctx->arena, o->privileges.v[i]));
        if (o->columns.n)
            sql_addf(q, " %C", &o->columns);
    }
}

/* ---- operations -------------------------------------------------------------------------------------- */

/* SQL that runs before may create it. */
static bool check_account(struct rendering *r, const char *name)
{
    bool exists = true;
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_EXECUTE || r->ops->v[i]->kind == OP_RUN)
            return true;
    if (!r->state->conn || r->state->elsewhere)
        return true;
    return my_account_exists(my_of(r->state->conn), name, &exists) &&
           (exists || my_fail_account(r->ctx, r->op->pos, name));
}

/* On kinds of objects that only other databases have, nothing is done. */
bool my_render_grant(struct rendering *r, const struct op *op)
{
    const struct op_access *o = &op->u.access;
    bool is_grant = op->kind == OP_GRANT;
    struct sql q = my_render_begin(r);
    struct object object;
    enum object_kind kind;
    if (!my_access_rules.has(access_kind(o->on), NULL))
        return true;
    if (is_grant && !check_account(r, o->role))
        return false;
    const char *name = op_access_name(&r->ctx->arena, o, NULL, &kind, &object);
    assert(name && "the name was checked with the file");
    sql_add(&q, is_grant ? "GRANT " : "REVOKE ");
    if (!is_grant && o->grant_option)
        sql_add(&q, "GRANT OPTION");
    else
        add_privileges(r, &q, o);
    add_target(r, &q, o->on, object.name.name, is_grant ? "TO" : "FROM", o->role);
    if (is_grant && o->grant_option)
        sql_add(&q, " WITH GRANT OPTION");
    my_render_add(r, &q);
    return true;
}

/* ---- objects that are renamed or dropped ------------------------------------------------------------- */

static bool access_of(struct rendering *r, const char *on, const struct qname *name, struct access **ret)
{
    struct table *t = NULL;
    *ret = NULL;
    if (!r->state->conn || !(my_of(r->state->conn)->base.manages & MANAGE_GRANTS))
        return true;
    if (!str_eq(on, "table"))
        return my_access_of(my_of(r->state->conn), on, name->name, ret);
    if (!my_table_find(r, name, &t))
        return false;
    *ret = t ? t->access : NULL;
    return true;
}

static void add_statement(struct rendering *r, enum op_kind kind, const char *on, const char *name,
    const char *role, const struct privileges *list)
{
    struct sql q = my_render_begin(r);
    sql_add(&q, kind == OP_GRANT ? "GRANT " : "REVOKE ");
    vec_each(i, list) {
        const struct privilege *p = &list->v[i];
        sql_addf(&q, "%E%E", i ? ", " : "", str_upper(&r->ctx->arena, p->name));
        if (p->column)
            sql_addf(&q, " (%I)", p->column);
    }
    add_target(r, &q, on, name, kind == OP_GRANT ? "TO" : "FROM", role);
    if (kind == OP_GRANT && list->v[0].grantable)
        sql_add(&q, " WITH GRANT OPTION");
    my_render_add(r, &q);
}

static void forget(struct rendering *r, const char *on, const char *name, const struct grant *g)
{
    struct sql q = my_render_begin(r), option = q;
    sql_add(&option, "REVOKE GRANT OPTION");
    add_target(r, &option, on, name, "FROM", g->role);
    if (g->privileges.v[0].grantable)
        my_render_add(r, &option);
    sql_add(&q, "REVOKE ALL PRIVILEGES");
    add_target(r, &q, on, name, "FROM", g->role);
    my_render_add(r, &q);
}

bool my_drop_access(struct rendering *r, const char *on, const struct qname *name)
{
    struct access *a;
    if (!access_of(r, on, name, &a))
        return false;
    for (size_t i = 0; a && i < a->grants.n; i++)
        forget(r, on, name->name, a->grants.v[i]);
    return true;
}

bool my_move_access(
    struct rendering *r, const char *on, const struct qname *name, const char *new_name, bool is_forgotten)
{
    struct access *a;
    if (!access_of(r, on, name, &a))
        return false;
    for (size_t i = 0; a && i < a->grants.n; i++) {
        const struct grant *g = a->grants.v[i];
        add_statement(r, OP_GRANT, on, new_name, g->role, &g->privileges);
        if (!is_forgotten)
            forget(r, on, name->name, g);
    }
    return true;
}

/* ---- columns ----------------------------------------------------------------------------------------- */

/* The privileges on one column, on `as` instead. */
static struct privileges on_column(
    struct ctx *ctx, const struct privileges *list, const char *column, const char *as)
{
    struct privileges ret = {0};
    vec_each(i, list)
        if (str_eq(list->v[i].column, column)) {
            struct privilege p = list->v[i];
            p.column = as;
            vec_add(ctx, &ret, p);
        }
    return ret;
}

bool my_column_access(
    struct rendering *r, enum op_kind kind, const struct qname *table, const char *column, const char *as)
{
    struct access *a;
    if (!access_of(r, "table", table, &a))
        return false;
    for (size_t i = 0; a && i < a->grants.n; i++) {
        const struct grant *g = a->grants.v[i];
        const struct privileges list = on_column(r->ctx, &g->privileges, column, as);
        if (!list.n)
            continue;
        r->is_alone = true;
        add_statement(r, kind, "table", table->name, g->role, &list);
    }
    return true;
}
