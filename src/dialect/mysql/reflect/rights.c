/*
 * Finds out what the connected user may read.
 *
 * The server hides what it does not show: without the privilege, a database seems to have no triggers. So the grants are
 * read, and what may be hidden is named instead of being taken for missing.
 */
#include "dialect/mysql/reflect/rights.h"

#include "dialect/mysql/spell/text.h"

struct grant_list {
    struct ctx *ctx;
    struct my *my;
    struct strings lists; /* the privileges of each grant that covers the database: "SELECT, SHOW VIEW" */
    struct my_rights *rights;
};

static struct sql_piece next(const char **s)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*s, SQL_MYSQL), SQL_MYSQL);
    *s = p.s + p.n;
    return p;
}

/* Where ON begins, outside of the columns in parentheses; NULL: a role is granted. */
static const char *find_on(const char *s)
{
    unsigned depth = 0;
    for (struct sql_piece p; (p = next(&s)).kind != SQL_END;) {
        depth += p.kind == SQL_OTHER && *p.s == '(';
        depth -= depth && p.kind == SQL_OTHER && *p.s == ')';
        if (!depth && sql_piece_is(&p, "on"))
            return p.s;
    }
    return NULL;
}

/* A pattern of LIKE, as in `shop\_%`.* */
static bool is_this_database(struct grant_list *g, const char *pattern, bool *ret)
{
    struct strings row = {0};
    struct sql q = sql_begin(g->ctx, &mysql_dialect);
    sql_addf(&q, "SELECT lower(DATABASE()) LIKE lower(%L)", pattern);
    if (!my_query_row(&g->my->base, sql_end(&q), &row))
        return false;
    *ret = row.n && str_eq(row.v[0], "1");
    return true;
}

/* GRANT SELECT, INSERT ON `shop`.* TO `app`@`%` */
static bool take_grant(struct grant_list *g, const char *text)
{
    const char *s = text, *on;
    struct sql_piece p = next(&s);
    bool covers = false;
    if (!sql_piece_is(&p, "grant"))
        return true;
    if (!(on = find_on(s))) {
        g->rights->has_roles = true;
        return true;
    }
    const char *list = arena_strndup(&g->ctx->arena, s, (size_t)(on - s)), *at = on + strlen("on");
    const struct sql_piece database = next(&at), dot = next(&at), object = next(&at);
    if (dot.kind != SQL_OTHER || *dot.s != '.' || object.kind != SQL_OTHER || *object.s != '*')
        return true;
    if (database.kind == SQL_OTHER)
        covers = *database.s == '*';
    else if (!is_this_database(g, sql_piece_text(&g->ctx->arena, &database), &covers))
        return false;
    if (covers)
        vec_add(g->ctx, &g->lists, list);
    return true;
}

/* Privileges are separated by commas, and have one word or more: "SHOW VIEW". */
static bool has(const struct grant_list *g, const char *wanted)
{
    vec_each(i, &g->lists)
        for (const char *s = g->lists.v[i]; *s; s += strspn(s, ",")) {
            size_t n = strcspn(s, ",");
            const char *one = str_trim(&g->ctx->arena, arena_strndup(&g->ctx->arena, s, n));
            s += n;
            if (str_eq_ci(one, wanted) || str_eq_ci(one, "ALL PRIVILEGES"))
                return true;
        }
    return false;
}

static bool has_any(const struct grant_list *g, const char *const *list)
{
    for (; *list; list++)
        if (has(g, *list))
            return true;
    return false;
}

static void conclude(const struct grant_list *g, struct my_rights *r)
{
    static const char *const changing[] = {
        "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "TRIGGER", NULL};
    static const char *const routines[] = {"EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE", NULL};
    r->sees_keys = has_any(g, changing);
    r->sees_tables = r->sees_keys || has(g, "SELECT");
    r->sees_views = has(g, "SHOW VIEW");
    r->sees_triggers = has(g, "TRIGGER");
    r->sees_routines = has_any(g, routines);
    r->sees_events = has(g, "EVENT");
}

/* MySQL does not list the privileges of the roles that are active; with roles nothing is concluded there. */
bool my_read_rights(struct my *my, struct my_rights *ret)
{
    static const struct my_rights all = {true, true, true, true, true, true, false};
    struct ctx *ctx = my->base.ctx;
    struct my_rights rights = {0};
    struct grant_list g = {.ctx = ctx, .my = my, .rights = &rights};
    struct strings texts = {0};
    {
        struct my_answer a CLEANUP(my_answer_free) = {0};
        if (!my_query(my, "SHOW GRANTS", &a)) {
            if (my_is_lost(my) || ctx_interrupted(ctx))
                return false;
            err_clear(ctx); /* a server without grants */
            *ret = all;
            return true;
        }
        while (my_next(&a))
            vec_add(ctx, &texts, my_copy(&a, 0));
    }
    vec_each(i, &texts)
        if (!take_grant(&g, texts.v[i]))
            return false;
    conclude(&g, &rights);
    *ret = rights.has_roles && !my->server->prints_sql ? all : rights;
    return true;
}
