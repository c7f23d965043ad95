/*
 * Reads the privileges of accounts, when grants are managed.
 *
 * information_schema shows a user its own privileges only, so the tables of the database `mysql` are read. Privileges
 * that models cannot express are named instead: those on the whole database, whose name differs between
 * environments and may be a pattern that others share, and those of every role on routines.
 */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/spell/accounts.h"

#include <mysqld_error.h>

struct holders {
    struct reading *r;
    struct map tables;   /* and views and sequences: struct access_place, by name */
    struct map routines; /* the same, by "function f" */
};

/* ---- objects ----------------------------------------------------------------------------------------- */

static bool take_place(void *user, const struct access_place *place)
{
    struct holders *h = user;
    struct ctx *ctx = h->r->ctx;
    struct access_place *copy = ctx_new(ctx, struct access_place);
    *copy = *place;
    if (str_eq(place->kind->on, "function") || str_eq(place->kind->on, "procedure"))
        map_set(&h->routines,
            ctx_printf(ctx, "%s %.*s", place->kind->on, (int)strcspn(place->name, "("), place->name), copy);
    else
        map_set(&h->tables, place->name, copy);
    return true;
}

static void name_access(struct holders *h, const char *name, const char *detail)
{
    my_add_unmodelled(h->r, "grants", name)->detail = detail;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

enum { ROW_USER, ROW_HOST, ROW_OBJECT, ROW_COLUMN, ROW_PRIVILEGES, ROW_WITH_OPTION };

static void grant(
    struct holders *h, const struct access_place *place, const char *account, const struct privilege *p)
{
    struct ctx *ctx = h->r->ctx;
    const struct privileges one = {.v = (struct privilege *)p, .n = 1};
    struct privileges held = access_held(ctx, place->kind, *place->access, account);
    privileges_grant(ctx, &held, &one);
    *place->access = access_with(ctx, place->kind, *place->access, account, &held);
}

/* "Select,Delete versioning rows" */
static void take_list(
    struct holders *h, const struct access_place *place, const char *account, const struct my_answer *a)
{
    struct arena *arena = &h->r->ctx->arena;
    const char *list = str_lower(arena, my_text(a, ROW_PRIVILEGES));
    for (size_t n; *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        const char *name = arena_strndup(arena, list, n);
        if (str_eq(name, "delete versioning rows"))
            name = "delete history";
        if (str_eq(name, "grant"))
            continue;
        const struct privilege p = {name, my_copy(a, ROW_COLUMN), my_flag(a, ROW_WITH_OPTION)};
        grant(h, place, account, &p);
    }
}

static void take_row(struct holders *h, const struct map *objects, const struct my_answer *a)
{
    const char *name = my_text(a, ROW_OBJECT);
    const struct access_place *place = map_get(objects, name);
    const char *user = my_text(a, ROW_USER), *host = my_text(a, ROW_HOST);
    const bool is_public = !*host && str_eq_ci(user, ROLE_PUBLIC);
    if (!place)
        return;                             /* of an object that is gone: the server keeps them */
    if (is_public && place->kind->everyone) /* models take it for granted, as other databases do */
        name_access(h, place->name, "to every role");
    else
        take_list(h, place, is_public ? ROLE_PUBLIC : my_account_name(&h->r->ctx->arena, user, host), a);
}

/* ---- queries ----------------------------------------------------------------------------------------- */

static bool fail_denied(struct holders *h)
{
    if (!my_failed_with(h->r->my, ER_TABLEACCESS_DENIED_ERROR) &&
        !my_failed_with(h->r->my, ER_DBACCESS_DENIED_ERROR))
        return false;
    return fail_hint(
        h->r->ctx, "'manage: [grants]' needs the privilege SELECT on the tables of the database mysql.");
}

static bool read_rows(struct holders *h, const struct map *objects, const char *text, const char *column)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(h->r->ctx, &mysql_dialect);
    sql_add(&q, text);
    if (h->r->only)
        sql_addf(&q, " AND %E = %L", column, h->r->only);
    sql_add(&q, " ORDER BY 1, 2, 3, 4");
    if (!my_query(h->r->my, sql_end(&q), &a))
        return fail_denied(h);
    while (my_next(&a))
        take_row(h, objects, &a);
    return true;
}

/* A grant on the database may have a pattern, which may be for others as well. */
static bool name_grants_on_database(struct holders *h)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(h->r->my,
            "SELECT user, host FROM mysql.db WHERE db = DATABASE() OR db = replace(DATABASE(), '_', '\\\\_') "
            "ORDER BY 1, 2",
            &a))
        return fail_denied(h);
    while (my_next(&a))
        name_access(h, my_account_name(&h->r->ctx->arena, my_text(&a, 0), my_text(&a, 1)), "on the database");
    return true;
}

/* The creator of a routine is granted its privileges by the server. */
static const char tables_text[] =
    "SELECT user, host, table_name, NULL, table_priv, find_in_set('Grant', table_priv) > 0 "
    "FROM mysql.tables_priv WHERE db = DATABASE() AND table_priv <> ''";
static const char columns_text[] = "SELECT c.user, c.host, c.table_name, c.column_name, c.column_priv, "
                                   "find_in_set('Grant', t.table_priv) > 0 "
                                   "FROM mysql.columns_priv c JOIN mysql.tables_priv t ON t.host = c.host "
                                   "AND t.db = c.db AND t.user = c.user "
                                   "AND t.table_name = c.table_name WHERE c.db = DATABASE()";
static const char routines_text[] =
    "SELECT p.user, p.host, concat(lower(p.routine_type), ' ', p.routine_name), NULL, p.proc_priv, "
    "find_in_set('Grant', p.proc_priv) > 0 FROM mysql.procs_priv p JOIN information_schema.routines r "
    "ON r.routine_schema = p.db AND r.routine_name = p.routine_name AND r.routine_type = p.routine_type "
    "WHERE p.db = DATABASE() AND binary r.definer <> binary concat(p.user, '@', p.host)";

bool my_read_access(struct reading *r)
{
    struct holders h = {.r = r, .tables = MAP(r->ctx), .routines = MAP(r->ctx)};
    if (!(r->my->base.manages & MANAGE_GRANTS))
        return true;
    schema_each_access(
        r->schema, &(struct access_walk){.visit = take_place, .user = &h, .arena = &r->ctx->arena});
    if (!read_rows(&h, &h.tables, tables_text, "table_name") ||
        !read_rows(&h, &h.tables, columns_text, "c.table_name"))
        return false;
    return r->only || (read_rows(&h, &h.routines, routines_text, NULL) && name_grants_on_database(&h));
}

bool my_access_of(struct my *my, const char *on, const char *name, struct access **ret)
{
    struct ctx *ctx = my->base.ctx;
    struct schema none = {0};
    struct reading r = {.my = my, .ctx = ctx, .schema = &none, .only = name};
    struct holders h = {.r = &r, .tables = MAP(ctx), .routines = MAP(ctx)};
    const struct access_place place = {.kind = access_kind(on), .name = name, .access = ret};
    bool is_routine = str_eq(on, "function") || str_eq(on, "procedure");
    *ret = NULL;
    take_place(&h, &place);
    if (is_routine)
        return read_rows(&h, &h.routines, routines_text, "p.routine_name");
    return read_rows(&h, &h.tables, tables_text, "table_name") &&
           read_rows(&h, &h.tables, columns_text, "c.table_name");
}

/* ---- a database that is about to be dropped ---------------------------------------------------------- */

static const char everything_text[] =
    "SELECT user, host, table_name, '', find_in_set('Grant', table_priv) > 0 FROM mysql.tables_priv "
    "WHERE db = DATABASE() UNION ALL "
    "SELECT user, host, routine_name, routine_type, find_in_set('Grant', proc_priv) > 0 FROM "
    "mysql.procs_priv "
    "WHERE db = DATABASE()";

static void revoke_row(struct ctx *ctx, const struct my_answer *a, const char *what, struct strings *list)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "REVOKE %E ON %E %I FROM ", what, my_text(a, 3), my_text(a, 2));
    my_account_add(ctx, &q, my_account_name(&ctx->arena, my_text(a, 0), my_text(a, 1)));
    vec_add(ctx, list, sql_end(&q));
}

void my_forget_access(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    struct strings list = {0};
    if (!(my->base.manages & MANAGE_GRANTS) || ctx->err.status != STATUS_OK)
        return;
    {
        struct my_answer a CLEANUP(my_answer_free) = {0};
        if (!my_query(my, everything_text, &a)) {
            err_clear(ctx);
            return;
        }
        while (my_next(&a)) {
            if (my_flag(&a, 4))
                revoke_row(ctx, &a, "GRANT OPTION", &list);
            revoke_row(ctx, &a, "ALL PRIVILEGES", &list);
        }
    }
    vec_each(i, &list)
        if (!my_query(my, list.v[i], NULL))
            err_clear(ctx);
}

/* ---- roles ------------------------------------------------------------------------------------------- */

bool my_fail_account(struct ctx *ctx, struct pos pos, const char *name)
{
    fail_at(ctx, STATUS_CONFIG, pos, "user or role '%s' does not exist", name);
    return fail_hint(ctx, "Create it first: cmig does not create users and roles.");
}

bool my_account_exists(struct my *my, const char *name, bool *ret)
{
    struct ctx *ctx = my->base.ctx;
    struct strings row = {0};
    const char *user, *host;
    struct sql q = sql_begin(ctx, &mysql_dialect);
    if (str_eq(name, ROLE_PUBLIC)) {
        *ret = my->server->has_mariadb_words && my->version >= 101100;
        return true;
    }
    my_account_parse(&ctx->arena, name, &user, &host);
    sql_addf(&q, "SELECT 1 FROM mysql.user WHERE user = %L AND host ", user);
    if (host)
        sql_addf(&q, "= %L", host);
    else
        sql_add(&q, "IN ('', '%')");
    sql_add(&q, " LIMIT 1");
    bool ok = my_query_row(&my->base, sql_end(&q), &row);
    *ret = row.n || !ok;
    if (ok || my_is_lost(my) || ctx_interrupted(ctx))
        return ok;
    err_clear(ctx); /* the server will tell */
    return true;
}

struct roles {
    struct my *my;
    struct map known;
};

static bool check_place(void *user, const struct access_place *place)
{
    struct roles *list = user;
    const struct access *a = *place->access;
    for (size_t i = 0; a && i < a->grants.n; i++) {
        const char *role = a->grants.v[i]->role;
        bool exists;
        if (map_get(&list->known, role))
            continue;
        if (!my_account_exists(list->my, role, &exists))
            return false;
        if (!exists)
            return my_fail_account(list->my->base.ctx, a->grants_pos, role);
        map_set(&list->known, role, list);
    }
    return true;
}

bool my_check_roles(struct conn *conn, const struct schema *models)
{
    struct roles list = {my_of(conn), MAP(conn->ctx)};
    return schema_each_access(
        models, &(struct access_walk){.visit = check_place, .user = &list, .arena = &conn->ctx->arena});
}
