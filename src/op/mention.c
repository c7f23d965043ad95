/*
 * Whether an SQL text names a column or table.
 *
 * There is no parser: pieces of a text are enough to find names, and to replace them as a server does when a column
 * is renamed.
 */
#include "cmig/dialect.h"

/* A piece of text: a name, or something else. */
struct token {
    const char *start, *end;
    const char *name; /* what it names, still with doubled quotes; NULL: no name */
    size_t n;
    char quote; /* of a quoted name */
};

static bool token_next(const char **at, struct token *ret)
{
    const struct sql_piece p = sql_piece(*at, SQL_ANY);

    *ret = (struct token){.start = p.s, .end = p.s + p.n};
    if (p.kind == SQL_WORD) {
        ret->name = p.s;
        ret->n = p.n;
    } else if (p.kind == SQL_QUOTED) {
        ret->quote = *p.s;
        ret->name = p.s + 1;
        ret->n = p.n > 1 ? p.n - 2 : 0;
    }
    *at = ret->end;
    return p.kind != SQL_END;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether a token is that name. Unquoted letters stand for either case; quoted ones, too, since SQLite takes
 * them so and elsewhere it only makes us more careful. */
static bool token_is(const struct token *t, const char *name)
{
    size_t i = 0;

    if (!t->name)
        return false;
    for (; i < t->n && *name; i++, name++) {
        if (lower(t->name[i]) != lower(*name))
            return false;
        if (t->quote && t->name[i] == t->quote)
            i++;
    }
    return i == t->n && !*name;
}

/* A word before a bracket is a function or a keyword, unless it is quoted or follows a dot. */
static bool is_function(const char *after)
{
    after += strspn(after, " \t\r\n");
    return *after == '(';
}

bool sql_mentions(const char *sql, const char *name)
{
    struct token t;

    if (!sql)
        return false;
    while (token_next(&sql, &t))
        if (token_is(&t, name) && (t.quote || !is_function(sql)))
            return true;
    return false;
}

/* A name as written in SQL: words that need no quotes stay unchanged. */
static void add_name(struct str *out, const struct dialect *dialect, const char *name, char quote)
{
    bool plain = !(*name >= '0' && *name <= '9') && !(dialect && dialect->must_quote(name)) &&
                 strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_$") == strlen(name);

    if (plain && !quote) {
        str_add(out, name);
        return;
    }
    char mark = quote ? quote : '"';
    str_addc(out, mark);
    for (const char *p = name; *p; p++) {
        if (*p == mark)
            str_addc(out, mark);
        str_addc(out, *p);
    }
    str_addc(out, mark);
}

enum { NAME = 1, CALL = 2 };

static const char *rename_tokens(struct ctx *ctx, const struct dialect *dialect, const char *sql,
    const char *from, const char *to, unsigned where)
{
    struct str out = STR(ctx);
    struct token t;

    while (token_next(&sql, &t)) {
        unsigned as = is_function(sql) ? (t.quote ? CALL | NAME : CALL) : NAME;

        if (token_is(&t, from) && (as & where))
            add_name(&out, dialect, to, t.quote);
        else
            str_addn(&out, t.start, (size_t)(t.end - t.start));
    }
    return str_get(&out);
}

const char *sql_rename(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to)
{
    return sql_mentions(sql, from) ? rename_tokens(ctx, dialect, sql, from, to, NAME) : sql;
}

const char *sql_rename_calls(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to)
{
    return rename_tokens(ctx, dialect, sql, from, to, CALL);
}

const char *sql_rename_all(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to)
{
    return rename_tokens(ctx, dialect, sql, from, to, NAME | CALL);
}

/* ---- types -------------------------------------------------------------------------------------------------- */

/* A type where it is cast to: "name" or "schema.name", which ends at `end`. */
struct type_name {
    struct token first, second;
    const char *end;
};

/* As the server stores it: folded, unless it is quoted. */
static bool token_names(const struct token *t, const char *name)
{
    size_t i = 0;

    for (; i < t->n && *name; i++, name++) {
        if ((t->quote ? t->name[i] : lower(t->name[i])) != *name)
            return false;
        if (t->quote && t->name[i] == t->quote)
            i++;
    }
    return i == t->n && !*name;
}

static struct type_name take_type(const struct token *first, const char *at)
{
    struct type_name t = {.first = *first, .end = at};

    if (*at != '.')
        return t;
    at++;
    if (token_next(&at, &t.second) && t.second.name)
        t.end = at;
    return t;
}

static bool is_type(const struct type_name *t, const char *home, const struct qname *name)
{
    const char *schema = name->schema ? name->schema : home;

    if (!t->second.name)
        return !name->schema && token_names(&t->first, name->name);
    return schema && token_names(&t->first, schema) && token_names(&t->second, name->name);
}

static void add_type(struct str *out, const struct dialect *dialect, const struct qname *name)
{
    if (name->schema) {
        add_name(out, dialect, name->schema, 0);
        str_addc(out, '.');
    }
    add_name(out, dialect, name->name, 0);
}

/* Where a type may come: after "::", and after AS in CAST (x AS type). */
struct cast_state {
    unsigned colons;
    bool is_as;
};

static void cast_step(struct cast_state *c, const struct token *t)
{
    bool blank = strchr(" \t\r\n", *t->start) != NULL;

    c->is_as = t->name ? token_is(t, "as") && !t->quote : c->is_as && blank;
    if (*t->start == ':')
        c->colons++;
    else if (!blank)
        c->colons = 0;
}

static bool may_be_type(const struct cast_state *c, const char *end)
{
    return c->colons == 2 || (c->is_as && (*end == ')' || *end == '['));
}

const char *sql_rename_type(struct ctx *ctx, const struct dialect *dialect, const char *home, const char *sql,
    const struct qname *from, const struct qname *to)
{
    struct str out = STR(ctx);
    struct cast_state state = {0};
    struct token t;

    if (!sql_mentions(sql, from->name))
        return sql;
    while (token_next(&sql, &t)) {
        struct type_name type = t.name ? take_type(&t, sql) : (struct type_name){0};

        if (t.name && may_be_type(&state, type.end) && is_type(&type, home, from)) {
            add_type(&out, dialect, to);
            sql = type.end;
        } else {
            str_addn(&out, t.start, (size_t)(t.end - t.start));
        }
        cast_step(&state, &t);
    }
    return str_get(&out);
}

/* Where the next argument begins, or the end. */
static const char *next_argument(const char *s)
{
    int depth = 0;

    for (; *s && (*s != ',' || depth); s++)
        depth += (*s == '(') - (*s == ')');
    return s;
}

const char *signature_rename_type(struct ctx *ctx, const struct dialect *dialect, const char *signature,
    const struct qname *from, const struct qname *to)
{
    struct sql old = sql_begin(ctx, dialect), new = sql_begin(ctx, dialect);
    struct str out = STR(ctx);

    if (!dialect || !signature)
        return signature;
    sql_qname(&old, from);
    sql_qname(&new, to);
    const char *name = sql_end(&old);
    size_t n = strlen(name);
    for (const char *s = signature, *end; *s; s = end + (*end == ',')) {
        end = next_argument(s);
        s += strspn(s, " ");
        if (out.n)
            str_add(&out, ", ");
        bool is_one = strncmp(s, name, n) == 0 && (s + n == end || s[n] == '[');
        if (is_one)
            str_add(&out, sql_end(&new));
        s += is_one ? n : 0;
        str_addn(&out, s, (size_t)(end - s));
    }
    return str_get(&out);
}
