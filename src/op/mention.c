/*
 * Does an SQL text name this column or table?
 *
 * No parser: a text is cut into words, quoted names, literals and the rest, as SQL does it everywhere. That is
 * enough to find names, and to replace them as a server does when a column is renamed.
 */
#include "cmig/dialect.h"

/* A piece of text: a name, or something that is none. */
struct token {
    const char *start, *end;
    const char *name; /* what it names, still with doubled quotes; NULL: no name */
    size_t n;
    char quote; /* of a quoted name */
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

/* Behind a closing quote; a doubled one is part of the text. */
static const char *skip_quoted(const char *p, char close)
{
    for (p++; *p; p++) {
        if (*p != close)
            continue;
        if (p[1] != close)
            return p + 1;
        p++;
    }
    return p;
}

static const char *skip_comment(const char *p)
{
    if (p[0] == '-' && p[1] == '-')
        return p + strcspn(p, "\n");
    const char *end = strstr(p + 2, "*/");
    return end ? end + 2 : p + strlen(p);
}

/* $$ … $$ or $tag$ … $tag$; NULL when it is none. */
static const char *skip_dollar(const char *p)
{
    const char *tag = p + 1;
    while (is_word(*tag) && *tag != '$')
        tag++;
    if (*tag != '$')
        return NULL;
    size_t n = (size_t)(tag + 1 - p);
    for (const char *q = tag + 1; *q; q++)
        if (strncmp(q, p, n) == 0)
            return q + n;
    return NULL;
}

static void token_quoted_name(struct token *t, const char *p)
{
    t->quote = *p;
    t->end = skip_quoted(p, *p);
    t->name = p + 1;
    t->n = t->end > p + 1 ? (size_t)(t->end - p - 2) : 0;
}

static bool token_next(const char **at, struct token *ret)
{
    const char *p = *at, *dollar;

    if (!*p)
        return false;
    struct token t = {.start = p, .end = p + 1};
    if (*p == '\'')
        t.end = skip_quoted(p, '\'');
    else if ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*'))
        t.end = skip_comment(p);
    else if (*p == '$' && (dollar = skip_dollar(p)))
        t.end = dollar;
    else if (*p == '"' || *p == '`')
        token_quoted_name(&t, p);
    else if (is_word(*p)) {
        while (is_word(*t.end))
            t.end++;
        t.name = p;
        t.n = (size_t)(t.end - p);
    }
    *at = t.end;
    *ret = t;
    return true;
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

/* A word before a bracket is a function or a keyword, unless it is quoted or stands behind a dot. */
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

void sql_words(struct ctx *ctx, const char *sql, struct map *ret)
{
    struct token t;

    while (sql && token_next(&sql, &t)) {
        struct str word = STR(ctx);

        for (size_t i = 0; t.name && i < t.n; i++) {
            str_addc(&word, lower(t.name[i]));
            if (t.quote && t.name[i] == t.quote)
                i++;
        }
        if (t.name && !map_get(ret, str_get(&word)))
            map_set(ret, str_get(&word), ret);
    }
}

/* A name as it may stand in SQL: words that need no quotes stay as they are. */
static void add_name(struct str *out, const struct dialect *dialect, const char *name, char quote)
{
    bool plain = !(*name >= '0' && *name <= '9') && !(dialect && dialect->must_quote(name));

    for (const char *p = name; *p; p++)
        plain = plain && is_word(*p) && (unsigned char)*p < 0x80 && lower(*p) == *p;
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

const char *sql_rename(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to)
{
    struct str out = STR(ctx);
    struct token t;

    if (!sql_mentions(sql, from))
        return sql;
    while (token_next(&sql, &t)) {
        if (token_is(&t, from) && (t.quote || !is_function(sql)))
            add_name(&out, dialect, to, t.quote);
        else
            str_addn(&out, t.start, (size_t)(t.end - t.start));
    }
    return str_get(&out);
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
