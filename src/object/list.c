/* Lists of objects of one kind, by name, and what makes two objects the same. */
#include "cmig/object.h"

#include <stdlib.h>
#include <strings.h>

int object_cmp(const struct object *a, const struct object *b)
{
    int order = strcmp(a->key, b->key);
    return order ? order : qname_cmp(&a->of, &b->of);
}

static int by_name(const void *a, const void *b)
{
    return object_cmp(*(struct object *const *)a, *(struct object *const *)b);
}

static size_t place(const struct objects *list, const struct object *o)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (object_cmp(list->v[middle], o) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct object *objects_find(const struct objects *list, const struct object *o)
{
    size_t at = place(list, o);
    return at < list->n && object_cmp(list->v[at], o) == 0 ? list->v[at] : NULL;
}

void objects_insert(struct ctx *ctx, struct objects *list, struct object *o)
{
    vec_insert(ctx, list, place(list, o), o);
}

void objects_remove(struct objects *list, const struct object *o)
{
    for (size_t i = list->n; i-- > 0;)
        if (list->v[i] == o)
            vec_remove(list, i);
}

void objects_sort(struct objects *list)
{
    if (list->n)
        qsort(list->v, list->n, sizeof(*list->v), by_name);
}

static int by_rank(const void *a, const void *b)
{
    const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

struct objects objects_ranked(struct ctx *ctx, const struct objects *list)
{
    struct objects copy = {0};
    vec_each(i, list)
        vec_add(ctx, &copy, list->v[i]);
    if (copy.n)
        qsort(copy.v, copy.n, sizeof(*copy.v), by_rank);
    return copy;
}

void object_pair(enum object_kind kind, struct object *there, const struct object *wanted)
{
    const struct object_setting *settings = object_table[kind].settings;
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (wanted ? !wanted->settings[i] : settings[i].meaning == SETTING_VERSION)
            there->settings[i] = NULL;
}

const char *object_schema(enum object_kind kind, const struct object *o)
{
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (object_table[kind].settings[i].meaning == SETTING_SCHEMA && o->settings[i] &&
            !str_starts(o->settings[i], "pg_"))
            return o->settings[i];
    return NULL;
}

/* A word, and a quoted name that means the same: nothing in it is folded. */
static bool is_quoted_word(const struct sql_piece *word, const struct sql_piece *quoted)
{
    if (word->kind != SQL_WORD || quoted->kind != SQL_QUOTED || quoted->n != word->n + 2)
        return false;
    for (size_t i = 1; i + 1 < quoted->n; i++)
        if (quoted->s[i] >= 'A' && quoted->s[i] <= 'Z')
            return false;
    return strncasecmp(word->s, quoted->s + 1, word->n) == 0;
}

/* EXECUTE PROCEDURE f and EXECUTE FUNCTION f; of an operator, PROCEDURE = f and FUNCTION = f. */
static bool are_synonyms(const struct sql_piece *p, const struct sql_piece *q)
{
    return (sql_piece_is(p, "procedure") && sql_piece_is(q, "function")) ||
           (sql_piece_is(p, "function") && sql_piece_is(q, "procedure"));
}

static bool same_piece(const struct sql_piece *p, const struct sql_piece *q)
{
    if (are_synonyms(p, q))
        return true;
    if (p->kind != q->kind)
        return is_quoted_word(p, q) || is_quoted_word(q, p);
    return p->n == q->n &&
           (p->kind == SQL_WORD ? strncasecmp(p->s, q->s, p->n) : memcmp(p->s, q->s, p->n)) == 0;
}

/* ---- texts that name renamed objects ---- */

/* Whether a piece is this name: bare, quoted, or in a literal such as 'simple'::regconfig. */
static bool piece_is_name(const struct sql_piece *p, const char *name)
{
    size_t n = strlen(name);

    if (p->kind == SQL_WORD)
        return p->n == n && strncasecmp(p->s, name, n) == 0;
    if ((p->kind != SQL_QUOTED && p->kind != SQL_STRING) || p->n < 2)
        return false;
    const char *s = p->s + 1, *end = p->s + p->n - 1;
    for (; s < end && *name && *s == *name; s++, name++)
        s += *s == '"' && s + 1 < end && s[1] == '"';
    return s == end && !*name;
}

/* "schema.name" in one literal. */
static bool is_literal_name(const struct sql_piece *p, const struct qname *name)
{
    size_t n = name->schema ? strlen(name->schema) : 0;

    return n && p->kind == SQL_STRING && p->n == n + strlen(name->name) + 3 &&
           strncmp(p->s + 1, name->schema, n) == 0 && p->s[n + 1] == '.' &&
           strncmp(p->s + n + 2, name->name, p->n - n - 3) == 0;
}

/* The end of a name, perhaps with its schema, at the beginning of a text; NULL: the text begins with another one. */
static const char *skip_name(const char *s, const struct qname *name)
{
    struct sql_piece p = sql_piece(s, SQL_ANY);

    if (is_literal_name(&p, name))
        return s + p.n;
    if (name->schema) {
        if (!piece_is_name(&p, name->schema) || s[p.n] != '.')
            return NULL;
        s += p.n + 1;
        p = sql_piece(s, SQL_ANY);
    }
    return piece_is_name(&p, name->name) ? s + p.n : NULL;
}

static bool skip_renamed(const char **a, const char **b, const struct object_renames *renames)
{
    for (size_t i = 0; renames && i < renames->n; i++) {
        const char *after_a = skip_name(*a, &renames->v[i].from);
        const char *after_b = after_a ? skip_name(*b, &renames->v[i].to) : NULL;

        if (!after_b)
            continue;
        *a = after_a;
        *b = after_b;
        return true;
    }
    return false;
}

/* White space between pieces, and the case of words, do not count. */
bool sql_same_but_for_renames(const char *a, const char *b, const struct object_renames *renames)
{
    /* After AS comes the name of a query's column, or the type of a domain. */
    size_t ignored;
    bool is_alias = false, is_domain = a && renames && object_sql_name(OBJECT_DOMAIN, a, &ignored, &ignored);

    if (!a || !b)
        return a == b;
    for (;;) {
        a = sql_skip_space(a, SQL_ANY);
        b = sql_skip_space(b, SQL_ANY);
        const struct sql_piece p = sql_piece(a, SQL_ANY), q = sql_piece(b, SQL_ANY);
        if (p.kind == SQL_END || q.kind == SQL_END)
            return p.kind == q.kind;
        if (same_piece(&p, &q)) {
            a += p.n;
            b += q.n;
        } else if (is_alias || !skip_renamed(&a, &b, renames)) {
            return false;
        }
        is_alias = !is_domain && sql_piece_is(&p, "as");
    }
}

bool object_same(const struct object *a, const struct object *b)
{
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (!str_eq(a->settings[i], b->settings[i]))
            return false;
    return sql_same_but_for_renames(a->native, b->native, NULL);
}
