/*
 * System versioning and periods of tables.
 *
 * The catalogue of MariaDB 10.11 does not have periods: it shows the check that a period implies, and the columns of the
 * period at the end of each key that is WITHOUT OVERLAPS. So the text of the table is read.
 */
#include "dialect/mysql/spell/periods.h"

#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

#include <ctype.h>

static struct sql_piece next(const char **at)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*at, SQL_MYSQL), SQL_MYSQL);
    *at = p.s + p.n;
    return p;
}

static const char *option(const struct options *o, const char *key)
{
    const char *value = o ? options_get(o, "mysql", key) : NULL;
    return value && *value ? value : NULL;
}

bool my_is_clause(const char *key)
{
    static const char *const keys[] = {"partition_by", "partitions", "system_versioning", "period"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_eq(keys[i], key))
            return true;
    return false;
}

bool my_is_versioned(const struct options *o)
{
    return url_flag(option(o, "system_versioning"));
}

const char *my_system_time(const struct column *c)
{
    return option(c->options, "system_time");
}

struct column *my_system_time_column(const struct table *t, const char *which)
{
    vec_each(i, &t->columns)
        if (str_eq(my_system_time(t->columns.v[i]), which))
            return t->columns.v[i];
    return NULL;
}

/* ---- periods ----------------------------------------------------------------------------------------- */

/* "name (from, to)" */
static bool parse(struct ctx *ctx, const char *text, struct my_period *ret)
{
    const struct sql_piece name = next(&text), open = next(&text), from = next(&text), comma = next(&text),
                           to = next(&text), close = next(&text);
    if (*open.s != '(' || *comma.s != ',' || *close.s != ')')
        return false;
    *ret = (struct my_period){sql_piece_text(&ctx->arena, &name), sql_piece_text(&ctx->arena, &from),
        sql_piece_text(&ctx->arena, &to)};
    return true;
}

struct my_period my_period_of(struct ctx *ctx, const struct options *o)
{
    struct my_period p = {0};
    return option(o, "period") && parse(ctx, option(o, "period"), &p) ? p : (struct my_period){0};
}

bool my_period_of_check(struct ctx *ctx, const char *name, const char *check, struct my_period *ret)
{
    const struct sql_piece from = next(&check), less = next(&check), to = next(&check), end = next(&check);
    if (from.kind != SQL_QUOTED || *less.s != '<' || to.kind != SQL_QUOTED || end.kind != SQL_END)
        return false;
    *ret = (struct my_period){name, sql_piece_text(&ctx->arena, &from), sql_piece_text(&ctx->arena, &to)};
    return true;
}

bool my_period_same(const struct my_period *a, const struct my_period *b)
{
    if (!a->name || !b->name)
        return a->name == b->name;
    return str_eq_ci(a->name, b->name) && str_eq_ci(a->from, b->from) && str_eq_ci(a->to, b->to);
}

const char *my_without_overlaps(const struct constraint *c)
{
    return option(c->options, "without_overlaps");
}

/* ---- the text of a table ----------------------------------------------------------------------------- */

/* Quoted if it must be: the text is only read by parse(), to which no word is reserved. */
static const char *name_text(struct ctx *ctx, const char *name)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    sql_ident(&q, name);
    return name[n] || isdigit((unsigned char)*name) ? sql_end(&q) : name;
}

static void forget_check(struct table *t, const char *name)
{
    vec_each(i, &t->checks)
        if (str_eq(t->checks.v[i]->name, name)) {
            vec_remove(&t->checks, i);
            return;
        }
}

static void mark(struct ctx *ctx, const struct table *t, struct constraint *c, const struct my_period *p)
{
    if (!c || c->columns.n < 3)
        return;
    c->columns.n -= 2; /* its end and its start */
    struct column *only = c->columns.n == 1 ? table_column(t, c->columns.v[0]) : NULL;
    if (c == t->primary_key && only && only->autoincrement != TRI_TRUE && my_type_is_integer(only->native))
        only->autoincrement = TRI_FALSE;
    c->options = ctx_new(ctx, struct options);
    options_set(ctx, c->options, "mysql", "without_overlaps", p->name);
}

/* "UNIQUE KEY `u` (`id`,`p` WITHOUT OVERLAPS)", "PRIMARY KEY (…)" */
static void take_key(struct ctx *ctx, const char *line, struct table *t, const struct my_period *p)
{
    const char *at = line, *end = strchr(line, '\n');
    const char *overlaps = strstr(line, "` WITHOUT OVERLAPS)");
    const struct sql_piece first = next(&at), key = next(&at), name = next(&at);
    if (!overlaps || (end && overlaps > end) || !sql_piece_is(&key, "key"))
        return;
    struct constraint *c = sql_piece_is(&first, "primary")
                               ? t->primary_key
                               : table_constraint(t, sql_piece_text(&ctx->arena, &name));
    mark(ctx, t, c, p);
}

static const char *next_line(const char *s)
{
    const char *end = strchr(s, '\n');
    return end ? end + 1 : NULL;
}

void my_period_printed(struct ctx *ctx, const char *printed, struct table *t)
{
    static const char begin[] = "  PERIOD FOR `";
    struct my_period p = {0};
    for (const char *s = printed; s; s = next_line(s))
        if (str_starts(s, begin) && parse(ctx, s + strlen("  PERIOD FOR "), &p))
            break;
    if (!p.name)
        return;
    if (!t->options)
        t->options = ctx_new(ctx, struct options);
    options_set(ctx, t->options, "mysql", "period",
        ctx_printf(ctx, "%s (%s, %s)", name_text(ctx, p.name), name_text(ctx, p.from), name_text(ctx, p.to)));
    forget_check(t, p.name);
    for (const char *s = printed; s; s = next_line(s))
        take_key(ctx, s, t, &p);
}
