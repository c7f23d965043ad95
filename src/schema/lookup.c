/* Finds tables, columns and constraints, and keeps the searched lists sorted. */

#include "cmig/schema.h"

#include <stdlib.h>

/* ---- the schema's own lists: sorted pointers to objects, of which some begin with a qualified name ------ */

/* The first place whose name is not less than this one; *ret_found when it is the same. */
static size_t place(void *const *v, size_t n, const struct qname *name, bool *ret_found)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (qname_cmp(v[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = low < n && qname_eq(v[low], name);
    return low;
}

static void *find(void *const *v, size_t n, const struct qname *name)
{
    bool found;
    size_t at = place(v, n, name, &found);

    return found ? v[at] : NULL;
}

static_assert(offsetof(struct table, name) == 0 && offsetof(struct enumeration, name) == 0 &&
                  offsetof(struct view, name) == 0 && offsetof(struct sequence, name) == 0,
    "these are searched by the name that they begin with");

struct table *schema_table(const struct schema *s, const struct qname *name)
{
    return find((void *const *)s->tables.v, s->tables.n, name);
}

struct enumeration *schema_enum(const struct schema *s, const struct qname *name)
{
    return find((void *const *)s->enums.v, s->enums.n, name);
}

struct table view_as_table(const struct view *v)
{
    return (struct table){.name = v->name, .pos = v->pos, .indexes = v->indexes};
}

struct view *schema_view(const struct schema *s, const struct qname *name)
{
    return find((void *const *)s->views.v, s->views.n, name);
}

struct sequence *schema_sequence(const struct schema *s, const struct qname *name)
{
    return find((void *const *)s->sequences.v, s->sequences.n, name);
}

#define INSERT(ctx, list, object) \
    do { \
        bool found; \
        size_t at = place((void *const *)(list)->v, (list)->n, &(object)->name, &found); \
        vec_insert(ctx, list, at, object); \
    } while (0)
#define REMOVE(list, object) \
    do { \
        size_t i = 0; \
        while (i < (list)->n && (list)->v[i] != (object)) \
            i++; \
        if (i < (list)->n) \
            vec_remove(list, i); \
    } while (0)

void schema_insert_table(struct ctx *ctx, struct schema *s, struct table *t)
{
    INSERT(ctx, &s->tables, t);
    schema_note_table(ctx, s, t);
}

void schema_insert_enum(struct ctx *ctx, struct schema *s, struct enumeration *e)
{
    INSERT(ctx, &s->enums, e);
}

void schema_insert_view(struct ctx *ctx, struct schema *s, struct view *v)
{
    INSERT(ctx, &s->views, v);
    schema_note_indexes(s, &v->name, &v->indexes);
}

void schema_insert_sequence(struct ctx *ctx, struct schema *s, struct sequence *q)
{
    INSERT(ctx, &s->sequences, q);
}

void schema_remove_table(struct schema *s, const struct table *t)
{
    REMOVE(&s->tables, t);
}

void schema_remove_enum(struct schema *s, const struct enumeration *e)
{
    REMOVE(&s->enums, e);
}

void schema_remove_view(struct schema *s, const struct view *v)
{
    REMOVE(&s->views, v);
}

void schema_remove_sequence(struct schema *s, const struct sequence *q)
{
    REMOVE(&s->sequences, q);
}

/* ---- within a table ----------------------------------------------------------------------------------- */

struct column *table_column(const struct table *t, const char *name)
{
    vec_each(i, &t->columns)
        if (str_eq(t->columns.v[i]->name, name))
            return t->columns.v[i];
    return NULL;
}

struct index *table_index(const struct table *t, const char *name)
{
    vec_each(i, &t->indexes)
        if (name && str_eq(t->indexes.v[i]->name, name))
            return t->indexes.v[i];
    return NULL;
}

struct constraints *table_constraints(struct table *t, enum constraint_kind kind)
{
    switch (kind) {
    case CONSTRAINT_UNIQUE:
        return &t->uniques;
    case CONSTRAINT_CHECK:
        return &t->checks;
    case CONSTRAINT_FOREIGN_KEY:
        return &t->foreign_keys;
    case CONSTRAINT_EXCLUDE:
        return &t->excludes;
    case CONSTRAINT_PRIMARY_KEY:
        break;
    }
    return NULL;
}

struct constraint *table_next_constraint(const struct table *t, size_t *state)
{
    const struct constraints *const lists[] = {&t->uniques, &t->checks, &t->foreign_keys, &t->excludes};
    size_t at = (*state)++;

    if (at == 0 && t->primary_key)
        return t->primary_key;
    if (at == 0)
        at = (*state)++;
    at--;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (at < lists[i]->n)
            return lists[i]->v[at];
        at -= lists[i]->n;
    }
    return NULL;
}

struct constraint *table_constraint(const struct table *t, const char *name)
{
    struct constraint *c;
    size_t state = 0;

    while ((c = table_next_constraint(t, &state)))
        if (name && str_eq(c->name, name))
            return c;
    return NULL;
}

bool column_in_key(const struct table *t, const char *column)
{
    return t->primary_key && strings_have(&t->primary_key->columns, column);
}

/* ---- sorting ------------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
    return qname_cmp(*(const struct qname *const *)a, *(const struct qname *const *)b);
}

static int namespace_cmp(const void *a, const void *b)
{
    return str_cmp((*(const struct namespace *const *)a)->name, (*(const struct namespace *const *)b)->name);
}

static int strings_cmp(const struct strings *a, const struct strings *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        int c = str_cmp(a->v[i], b->v[i]);

        if (c)
            return c;
    }
    return a->n < b->n ? -1 : a->n > b->n;
}

static int expr_cmp(const struct expr *a, const struct expr *b)
{
    int c = str_cmp(a->native, b->native);

    return c ? c : str_cmp(a->sql.text, b->sql.text);
}

static int parts_cmp(const struct index_parts *a, const struct index_parts *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        int c = str_cmp(a->v[i]->column, b->v[i]->column);

        if (c || (c = expr_cmp(&a->v[i]->expr, &b->v[i]->expr)))
            return c;
    }
    return a->n < b->n ? -1 : a->n > b->n;
}

/* Unnamed ones come first, by what they are about; qsort is not stable. */
static int constraint_cmp(const void *va, const void *vb)
{
    const struct constraint *a = *(const struct constraint *const *)va;
    const struct constraint *b = *(const struct constraint *const *)vb;
    int c = str_cmp(a->name, b->name);

    if (c || (c = strings_cmp(&a->columns, &b->columns)) || (c = expr_cmp(&a->check, &b->check)))
        return c;
    if (a->references.name && b->references.name && (c = qname_cmp(&a->references, &b->references)))
        return c;
    return parts_cmp(&a->parts, &b->parts);
}

static int index_cmp(const void *va, const void *vb)
{
    const struct index *a = *(const struct index *const *)va, *b = *(const struct index *const *)vb;
    int c = str_cmp(a->name, b->name);

    if (c || (c = parts_cmp(&a->parts, &b->parts)))
        return c;
    return expr_cmp(&a->where, &b->where);
}

#define SORT(list, cmp) \
    do { \
        if ((list)->n > 1) \
            qsort((list)->v, (list)->n, sizeof(*(list)->v), cmp); \
    } while (0)

static void table_sort(struct table *t)
{
    SORT(&t->uniques, constraint_cmp);
    SORT(&t->checks, constraint_cmp);
    SORT(&t->foreign_keys, constraint_cmp);
    SORT(&t->excludes, constraint_cmp);
    SORT(&t->indexes, index_cmp);
}

void schema_sort(struct schema *s)
{
    SORT(&s->namespaces, namespace_cmp);
    SORT(&s->enums, by_name);
    SORT(&s->sequences, by_name);
    SORT(&s->tables, by_name);
    SORT(&s->views, by_name);
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        objects_sort(&s->objects[kind]);
    vec_each(i, &s->tables)
        table_sort(s->tables.v[i]);
}
