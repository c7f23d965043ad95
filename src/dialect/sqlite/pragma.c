/*
 * Finds PRAGMAs of a script that changed nothing.
 *
 * SQLite silently ignores some within a transaction, or in a database that has content. So the value is read
 * back and compared with the one that was asked for.
 */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

#define OUTSIDE "It cannot change within a transaction: set `transaction: false` in the revision."
#define WITH_VACUUM \
    "In a database with content it takes effect with VACUUM: set `transaction: false` in the revision, and " \
    "run " \
    "VACUUM after it."

struct pragma {
    const char *name;
    bool answers; /* gives its new value as a row; so it is compared outside of a transaction as well */
    const char *hint;
    const char *words[4]; /* names of the values 0, 1, … */
};
static const struct pragma pragmas[] = {
    {"journal_mode", true, OUTSIDE, {NULL}},
    {"page_size", false, WITH_VACUUM, {NULL}},
    {"auto_vacuum", false, WITH_VACUUM, {"none", "full", "incremental"}},
    {"foreign_keys", false, OUTSIDE, {"off", "on"}},
    {"encoding", false, "The encoding of a database is decided by its first content.", {NULL}},
};

/* PRAGMA [schema.]name = value, or name(value) */
struct setting {
    const struct pragma *pragma;
    const char *schema; /* or NULL */
    const char *value;
};

static const struct pragma *find_pragma(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(pragmas); i++)
        if (str_eq_ci(name, pragmas[i].name))
            return &pragmas[i];
    return NULL;
}

static bool read_setting(struct ctx *ctx, const char *sql, struct setting *ret)
{
    struct arena *a = &ctx->arena;
    const char *at = sql;
    struct token t = token_read(&at), name, after;
    *ret = (struct setting){0};
    if (!token_is(&t, "PRAGMA"))
        return false;
    name = token_read(&at);
    after = token_read(&at);
    if (token_op(&after, ".")) {
        ret->schema = token_name(a, &name);
        name = token_read(&at);
        after = token_read(&at);
    }
    if (!token_op(&after, "=") && !token_op(&after, "("))
        return false;
    t = token_read(&at);
    if (token_op(&t, "+"))
        t = token_read(&at);
    ret->pragma = find_pragma(token_name(a, &name));
    ret->value = token_name(a, &t);
    return ret->pragma != NULL;
}

/* "FULL" and "1" are one value, so are "UTF-16" and "UTF-16le". */
static bool is_value(struct ctx *ctx, const struct setting *s, const char *wanted, const char *got)
{
    static const char *const yes[] = {"on", "yes", "true"}, *const no[] = {"off", "no", "false"};
    if (str_eq_ci(wanted, got))
        return true;
    for (size_t i = 0; i < COUNT_OF(s->pragma->words) && s->pragma->words[i]; i++)
        if (str_eq_ci(wanted, s->pragma->words[i]))
            return str_eq(got, ctx_printf(ctx, "%zu", i));
    for (size_t i = 0; s->pragma->words[0] && i < COUNT_OF(yes); i++)
        if (str_eq_ci(wanted, yes[i]) || str_eq_ci(wanted, no[i]))
            return str_eq(got, str_eq_ci(wanted, yes[i]) ? "1" : "0");
    if (!str_eq(s->pragma->name, "encoding"))
        return false;
    const char *plain = str_starts(got, "UTF-") ? ctx_printf(ctx, "UTF%s", got + 4) : got;
    return str_starts(str_lower(&ctx->arena, got), str_lower(&ctx->arena, wanted)) ||
           str_starts(str_lower(&ctx->arena, plain), str_lower(&ctx->arena, wanted));
}

/* A rebuild by hand ends with `PRAGMA foreign_keys = ON`: no later statement needs it. */
static bool is_moot(const struct setting *s, const char *rest)
{
    struct token t;
    bool begins = true, is_pragma = true;
    if (!str_eq(s->pragma->name, "foreign_keys"))
        return false;
    while ((t = token_read(&rest)).kind != TOKEN_END) {
        if (token_op(&t, ";")) {
            begins = true;
            continue;
        }
        is_pragma = begins ? token_is(&t, "PRAGMA") : is_pragma;
        if (!is_pragma)
            return false;
        begins = false;
    }
    return true;
}

static bool read_back(struct sqlite_conn *c, const struct setting *s, const char **ret)
{
    struct sql q = sql_begin(c->base.ctx, &sqlite_dialect);
    if (s->schema)
        sql_addf(&q, "PRAGMA %I.%E", s->schema, s->pragma->name);
    else
        sql_addf(&q, "PRAGMA %E", s->pragma->name);
    return sqlite_query(c, sql_end(&q), ret);
}

bool sqlite_check_pragma(struct sqlite_conn *c, const char *sql, const char *rest, const char *answer)
{
    struct ctx *ctx = c->base.ctx;
    struct setting s;
    if (c->base.stand_in || !read_setting(ctx, sql, &s))
        return true;
    if ((!s.pragma->answers && !c->in_transaction) || is_moot(&s, rest))
        return true;
    if (!s.pragma->answers && !read_back(c, &s, &answer))
        return false;
    if (!answer || is_value(ctx, &s, s.value, answer))
        return true;
    fail(ctx, STATUS_FAILED, "PRAGMA %s did nothing: it is '%s', not '%s'", s.pragma->name, answer, s.value);
    if (c->in_transaction)
        fail_hint(ctx, "%s", s.pragma->hint);
    return false;
}
