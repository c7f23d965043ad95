/*
 * Spells accounts and privileges.
 *
 * A role has no host. A user of any host, app@%, is called app: GRANT … TO app means the role of that name if there is one,
 * and that user otherwise.
 */
#include "dialect/mysql/spell/accounts.h"

static const char *const of_tables[] = {"select", "insert", "update", "delete", "create", "drop",
    "references", "index", "alter", "create view", "show view", "trigger", "delete history", NULL};
static const char *const of_routines[] = {"execute", "alter routine", NULL};

static bool has(const struct access_kind *kind, const char *privilege)
{
    static const struct {
        const char *on;
        const char *const *privileges;
    } rows[] = {{"table", of_tables}, {"view", of_tables}, {"sequence", of_tables}, {"function", of_routines},
        {"procedure", of_routines}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!str_eq(rows[i].on, kind->on))
            continue;
        for (const char *const *p = rows[i].privileges; privilege && *p; p++)
            if (str_eq(*p, privilege))
                return true;
        return !privilege;
    }
    return false;
}

static const char *usual_name(struct arena *a, const char *name)
{
    const char *user, *host;
    my_account_parse(a, name, &user, &host);
    return host ? my_account_name(a, user, host) : name;
}

const struct access_rules my_access_rules = {
    .has = has, .role = usual_name, .one_option = true, .lost_by_drop = true};

const char *my_account_name(struct arena *a, const char *user, const char *host)
{
    bool is_plain = !*host || (str_eq(host, "%") && !strchr(user, '@'));
    return is_plain ? arena_strdup(a, user) : arena_printf(a, "%s@%s", user, host);
}

void my_account_parse(struct arena *a, const char *name, const char **ret_user, const char **ret_host)
{
    const char *at = strrchr(name, '@');
    *ret_user = at ? arena_strndup(a, name, (size_t)(at - name)) : name;
    *ret_host = at ? at + 1 : NULL;
}

void my_account_add(struct ctx *ctx, struct sql *q, const char *name)
{
    const char *user, *host;
    my_account_parse(&ctx->arena, name, &user, &host);
    if (str_eq(name, ROLE_PUBLIC))
        sql_add(q, "PUBLIC");
    else if (host)
        sql_addf(q, "%I@%I", user, host);
    else
        sql_addf(q, "%I", user);
}
