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
    struct strings
        partial; /* those of grants on single tables and routines, "PROCEDURE" included, of any database */
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
    if (dot.kind != SQL_OTHER || *dot.s != '.' || object.kind != SQL_OTHER || *object.s != '*') {
        vec_add(g->ctx, &g->partial, list);
        return true;
    }
    if (database.kind == SQL_OTHER)
        covers = *database.s == '*';
    else if (!is_this_database(g, sql_piece_text(&g->ctx->arena, &database), &covers))
        return false;
    if (covers)
        vec_add(g->ctx, &g->lists, list);
    return true;
}

/* Privileges are separated by commas, and have one word or more: "SHOW VIEW". */
static struct strings privileges_of(struct ctx *ctx, const struct strings *lists)
{
    struct strings ret = {0};
    vec_each(i, lists)
        for (const char *s = lists->v[i]; *s; s += strspn(s, ",")) {
            size_t n = strcspn(s, ",");
            vec_add(ctx, &ret, str_trim(&ctx->arena, arena_strndup(&ctx->arena, s, n)));
            s += n;
        }
    return ret;
}

static bool has(const struct grant_list *g, const char *wanted)
{
    const struct strings all = privileges_of(g->ctx, &g->lists);
    vec_each(i, &all)
        if (str_eq_ci(all.v[i], wanted) || str_eq_ci(all.v[i], "ALL PRIVILEGES"))
            return true;
    return false;
}

/* The privileges that operations need. */
static const char *const needed[] = {
    "CREATE", "DROP", "ALTER", "CREATE VIEW", "TRIGGER", "CREATE ROUTINE", "EVENT"};

/* "CREATE", or "UPDATE (id, name)". */
static bool is_privilege(const char *granted, const char *wanted)
{
    const char *rest = str_starts(granted, wanted) ? granted + strlen(wanted) : NULL;
    return str_eq_ci(granted, "ALL PRIVILEGES") || (rest && (!*rest || str_starts(rest, " (")));
}

/* A grant on a single object is taken for one on all: the server will tell. */
static unsigned granted(struct grant_list *g)
{
    unsigned ret = 0;
    vec_each(i, &g->partial)
        vec_add(g->ctx, &g->lists, g->partial.v[i]);
    const struct strings all = privileges_of(g->ctx, &g->lists);
    vec_each(i, &all)
        for (size_t k = 0; k < COUNT_OF(needed); k++)
            ret |= is_privilege(all.v[i], needed[k]) ? 1u << k : 0;
    return ret;
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
    static const struct my_rights all = {true, true, true, true, true, true, false, ~0u};
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
    rights.granted = granted(&g);
    *ret = rights.has_roles && !my->server->prints_sql ? all : rights;
    return true;
}

bool my_know_rights(struct my *my)
{
    if (!my->knows_rights && !my_read_rights(my, &my->rights))
        return false;
    my->knows_rights = true;
    return true;
}

bool my_may(const struct my *my, const char *privilege)
{
    for (size_t k = 0; k < COUNT_OF(needed); k++)
        if (str_eq(needed[k], privilege))
            return my->rights.granted & 1u << k;
    return true;
}
