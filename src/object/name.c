/* Names of objects: in models, and in the statements that create them. */
#include "cmig/object.h"

#include <strings.h>

/* Where the arguments begin: the parenthesis that the last one closes. */
static const char *find_signature(const char *key)
{
    int depth = 0;
    for (const char *s = key + strlen(key); s-- > key;) {
        depth += (*s == ')') - (*s == '(');
        if (depth == 0)
            return *s == '(' ? s : NULL;
    }
    return NULL;
}

static bool take_signature(struct arena *a, struct object *o)
{
    const char *at = find_signature(o->key);
    size_t n = strlen(o->key);
    if (!at)
        return false;
    o->signature = str_trim(a, arena_strndup(a, at + 1, (size_t)(o->key + n - 1 - (at + 1))));
    return qname_parse(a, str_trim(a, arena_strndup(a, o->key, (size_t)(at - o->key))), &o->name);
}

/* "app.ops using btree" */
static bool take_method(struct arena *a, struct object *o)
{
    const char *at = NULL;
    for (const char *s = o->key; *s; s++)
        if (strncasecmp(s, " using ", sizeof(" using ") - 1) == 0)
            at = s;
    if (!at)
        return false;
    o->signature = str_trim(a, arena_strdup(a, at + sizeof(" using ") - 1));
    return *o->signature &&
           qname_parse(a, str_trim(a, arena_strndup(a, o->key, (size_t)(at - o->key))), &o->name);
}

bool object_take_key(struct arena *a, enum object_kind kind, struct object *o)
{
    switch (object_table[kind].naming) {
    case NAMED_IN_DATABASE:
    case NAMED_ON_TABLE:
        o->name = (struct qname){.name = o->key};
        return *o->key;
    case NAMED_IN_SCHEMA:
        return qname_parse(a, o->key, &o->name);
    case NAMED_FOR_METHOD:
        if (!take_method(a, o))
            return false;
        object_make_key(a, kind, o);
        return true;
    case NAMED_BY_SIGNATURE:
        if (!take_signature(a, o))
            return false;
        object_make_key(a, kind, o);
        return true;
    }
    return false;
}

void object_make_key(struct arena *a, enum object_kind kind, struct object *o)
{
    switch (object_table[kind].naming) {
    case NAMED_IN_DATABASE:
    case NAMED_ON_TABLE:
        o->key = o->name.name;
        break;
    case NAMED_IN_SCHEMA:
        o->key = qname_text(a, &o->name);
        break;
    case NAMED_FOR_METHOD:
        o->key = arena_printf(a, "%s using %s", qname_text(a, &o->name), o->signature);
        break;
    case NAMED_BY_SIGNATURE:
        o->key = arena_printf(a, "%s(%s)", qname_text(a, &o->name), o->signature);
    }
}

/* "f(text)" and "f": the last part of the name, if its arguments are the object's. */
static const char *without_signature(struct arena *a, const struct object *o, const char *name)
{
    struct object other = {.key = name};

    if (!str_ends(name, ")") || !take_signature(a, &other))
        return name;
    return str_eq(other.signature, o->signature) ? qname_text(a, &other.name) : NULL;
}

bool object_under_name(
    struct arena *a, enum object_kind kind, const struct object *o, const char *name, struct object *ret)
{
    struct object other = *o;
    bool has_schema =
        object_table[kind].naming == NAMED_IN_SCHEMA || object_table[kind].naming == NAMED_BY_SIGNATURE;

    if (object_table[kind].naming == NAMED_BY_SIGNATURE && !(name = without_signature(a, o, name)))
        return false;
    if (!has_schema)
        other.name = (struct qname){.name = name};
    else if (!qname_parse(a, name, &other.name))
        return false;
    if (!*other.name.name)
        return false;
    object_make_key(a, kind, &other);
    *ret = other;
    return true;
}

const char *object_text(struct arena *a, const struct object *o)
{
    return o->of.name ? arena_printf(a, "%s on %s", o->key, qname_text(a, &o->of)) : o->key;
}

/* ---- in statements ----------------------------------------------------------------------------------- */

static const char *skip_word(const char *s, const char *word)
{
    const struct sql_piece p = sql_piece(s, SQL_ANY);
    return sql_piece_is(&p, word) ? sql_skip_space(s + p.n, SQL_ANY) : s;
}

static bool skip_words(const char **s, const char *words)
{
    while (*words) {
        char word[32];
        size_t n = strcspn(words, " ");
        memcpy(word, words, n);
        word[n] = '\0';
        const char *next = skip_word(*s, word);
        if (next == *s)
            return false;
        *s = next;
        words += n + (words[n] == ' ');
    }
    return true;
}

/* A word or a quoted name, or the signs of an operator. */
static size_t name_piece(const char *s)
{
    const struct sql_piece p = sql_piece(s, SQL_ANY | SQL_BRACKETS);
    if (p.kind == SQL_WORD || p.kind == SQL_QUOTED || (p.kind == SQL_STRING && *p.s == '\''))
        return p.n;
    return strspn(s, "+-*/<>=~!@#%^&|`?");
}

/* The same from the word for the kind on, which `s` points to. */
static bool name_after_kind(
    enum object_kind kind, const char *sql, const char *s, size_t *ret_at, size_t *ret_n)
{
    /* A transform has no name: FOR follows. */
    if (kind == OBJECT_TRANSFORM || !skip_words(&s, object_table[kind].name))
        return false;
    skip_words(&s, "if not exists");
    size_t n = name_piece(s);
    const char *end = s + n;
    for (const char *dot; n && *(dot = sql_skip_space(end, SQL_ANY)) == '.';) {
        const char *next = sql_skip_space(dot + 1, SQL_ANY);
        if (!(n = name_piece(next)))
            break;
        end = next + n;
    }
    *ret_at = (size_t)(s - sql);
    *ret_n = (size_t)(end - s);
    return end > s;
}

/* SET STATEMENT sql_mode = '…' FOR, by which MariaDB sets variables for the one statement that follows. */
static const char *skip_settings(const char *sql)
{
    const char *s = sql;
    if (!skip_words(&s, "set statement"))
        return sql;
    for (struct sql_piece p; (p = sql_piece(s, SQL_ANY)).kind != SQL_END; s += p.n)
        if (sql_piece_is(&p, "for"))
            return sql_skip_space(s + p.n, SQL_ANY);
    return sql;
}

/* DEFINER = user@host, with quotes or without; or CURRENT_USER() */
static const char *skip_definer(const char *s)
{
    const char *next = skip_word(s, "definer");
    if (next == s || *next != '=')
        return s;
    next = sql_skip_space(next + 1, SQL_ANY);
    next += name_piece(next);
    if (*next == '@')
        next += 1 + name_piece(next + 1);
    next = sql_skip_space(next, SQL_ANY);
    return *next == '(' ? sql_skip_space(next + strcspn(next, ")") + 1, SQL_ANY) : next;
}

bool object_sql_name(enum object_kind kind, const char *sql, size_t *ret_at, size_t *ret_n)
{
    static const char *const modifiers[] = {
        "constraint", "temporary", "temp", "default", "trusted", "procedural"};
    const char *s = skip_settings(sql_skip_space(sql, SQL_ANY));
    if (!skip_words(&s, "create"))
        return false;
    skip_words(&s, "or replace");
    s = skip_definer(s);
    if (kind == OBJECT_FUNCTION)
        s = skip_word(s, "aggregate");
    for (size_t i = 0; i < COUNT_OF(modifiers); i++)
        s = skip_word(s, modifiers[i]);
    return name_after_kind(kind, sql, s, ret_at, ret_n);
}

/* COMMENT ON COLUMN name.column: the last part is the column's. */
static bool commented_name(const char *sql, const char *s, size_t *ret_at, size_t *ret_n)
{
    const char *end, *before;
    if (!skip_words(&s, "comment on column"))
        return false;
    end = before = s + name_piece(s);
    for (const char *dot; *(dot = sql_skip_space(end, SQL_ANY)) == '.';) {
        const char *next = sql_skip_space(dot + 1, SQL_ANY);
        before = end;
        end = next + name_piece(next);
        if (end == next)
            return false;
    }
    *ret_at = (size_t)(s - sql);
    *ret_n = (size_t)(before - s);
    return before < end;
}

/* COMMENT ON CONSTRAINT c ON DOMAIN name */
static bool commented_domain(const char *sql, const char *s, size_t *ret_at, size_t *ret_n)
{
    if (!skip_words(&s, "comment on constraint"))
        return false;
    s = sql_skip_space(s + name_piece(s), SQL_ANY);
    return skip_words(&s, "on") && name_after_kind(OBJECT_DOMAIN, sql, s, ret_at, ret_n);
}

bool object_altered_name(enum object_kind kind, const char *sql, size_t *ret_at, size_t *ret_n)
{
    const char *s = sql_skip_space(sql, SQL_ANY);
    if (commented_name(sql, s, ret_at, ret_n) ||
        (kind == OBJECT_DOMAIN && commented_domain(sql, s, ret_at, ret_n)))
        return true;
    return skip_words(&s, "alter") && name_after_kind(kind, sql, s, ret_at, ret_n);
}
