/*
 * Text that differs by dialect, and qualified names.
 */
#include "cmig/codec.h"

const char *const dialect_names[] = {"sqlite", "postgresql", "mysql", "mariadb", NULL};

static const struct dtext_by *find_variant(const struct dtext *t, const char *dialect)
{
    for (const struct dtext_by *by = t->by; by && by->dialect; by++)
        if (str_eq(by->dialect, dialect))
            return by;
    return NULL;
}

/* One dialect serves both servers: a text for MariaDB comes before one for MySQL. */
static const struct dtext_by *find_own(const struct dtext *t, const char *dialect)
{
    const struct dtext_by *by = NULL;

    if (str_eq(dialect, "mysql") || str_eq(dialect, "mariadb"))
        by = find_variant(t, "mariadb");
    if (!by)
        by = find_variant(t, str_eq(dialect, "mariadb") ? "mysql" : dialect);
    return by;
}

const char *dtext_for(const struct dtext *t, const char *dialect)
{
    const struct dtext_by *by = find_own(t, dialect);

    return by ? by->text : t->text;
}

const char *dtext_own(const struct dtext *t, const char *dialect)
{
    const struct dtext_by *by = find_own(t, dialect);

    return by ? by->text : NULL;
}

bool dtext_is_set(const struct dtext *t)
{
    return t->text || (t->by && t->by->dialect);
}

static size_t variants(const struct dtext *t)
{
    size_t n = 0;

    while (t->by && t->by[n].dialect)
        n++;
    return n;
}

bool dtext_eq(const struct dtext *a, const struct dtext *b)
{
    const struct dtext_by *other;

    if (!str_eq(a->text, b->text) || variants(a) != variants(b))
        return false;
    for (const struct dtext_by *by = a->by; by && by->dialect; by++) {
        other = find_variant(b, by->dialect);
        if (!other || !str_eq(other->text, by->text))
            return false;
    }
    return true;
}

bool qname_eq(const struct qname *a, const struct qname *b)
{
    return str_eq(a->schema, b->schema) && str_eq(a->name, b->name);
}

int qname_cmp(const struct qname *a, const struct qname *b)
{
    int order = str_cmp(a->schema, b->schema);

    return order ? order : str_cmp(a->name, b->name);
}

static bool is_plain(const char *part)
{
    return *part && !strpbrk(part, ".\"");
}

static void add_part(struct str *out, const char *part)
{
    if (is_plain(part)) {
        str_add(out, part);
        return;
    }
    str_addc(out, '"');
    for (; *part; part++) {
        if (*part == '"')
            str_addc(out, '"');
        str_addc(out, *part);
    }
    str_addc(out, '"');
}

char *qname_text(struct arena *a, const struct qname *q)
{
    struct str out = {.arena = a};

    if (!q->name)
        return NULL;
    if (!q->schema && is_plain(q->name)) /* nearly always */
        return arena_strdup(a, q->name);
    if (q->schema) {
        add_part(&out, q->schema);
        str_addc(&out, '.');
    }
    add_part(&out, q->name);
    return arena_strdup(a, str_get(&out));
}

/* One part; *text is left at the dot or the end after it. */
static char *parse_part(struct arena *a, const char **text)
{
    struct str part = {.arena = a};
    const char *s = *text;
    size_t n;

    if (*s != '"') {
        n = strcspn(s, ".\"");
        *text = s + n;
        return n ? arena_strndup(a, s, n) : NULL;
    }
    for (s++; *s && (*s != '"' || s[1] == '"'); s++) {
        if (*s == '"')
            s++;
        str_addc(&part, *s);
    }
    if (*s != '"' || !part.n)
        return NULL;
    *text = s + 1;
    return arena_strdup(a, str_get(&part));
}

bool qname_parse(struct arena *a, const char *text, struct qname *ret)
{
    const char *first = parse_part(a, &text), *second = NULL;

    if (!first || (*text && *text != '.'))
        return false;
    if (*text == '.') {
        text++;
        second = parse_part(a, &text);
        if (!second || *text)
            return false;
    }
    *ret = second ? (struct qname){first, second} : (struct qname){NULL, first};
    return true;
}
