/*
 * Names that a schema has or had.
 *
 * Operations ask whether a name is taken, and it nearly never is: a search through all tables for each of thousands of
 * operations would be quadratic. The names are collected when the first such question is asked about a schema of many
 * tables. They only ever grow, so that a name among them needs the search, and any other name does not.
 */
#include "cmig/schema.h"

enum { FEW = 32 }; /* tables and views that are searched faster than their names are collected */

struct known_names {
    const struct schema *of; /* a copy of the schema goes its own way, and collects its own names */
    struct map tables;  /* in lower case */
    struct map indexes; /* of tables and views, to the name of the one that has it; or to `several` */
    bool has_children;
};

/* Stands for the owner of an index name that several tables have or had. */
static const struct qname several;

static void note_index(struct known_names *k, const struct qname *owner, const char *index)
{
    const struct qname *other = index ? map_get(&k->indexes, index) : NULL;

    if (index)
        map_set(&k->indexes, index, (void *)(uintptr_t)(!other || other == owner ? owner : &several));
}

static void note_indexes(struct known_names *k, const struct qname *owner, const struct indexes *list)
{
    vec_each(i, list)
        note_index(k, owner, list->v[i]->name);
}

static void note_table(struct ctx *ctx, struct known_names *k, struct table *t)
{
    map_set(&k->tables, str_lower(&ctx->arena, t->name.name), t);
    note_indexes(k, &t->name, &t->indexes);
    k->has_children |= t->partition_of.name || t->inherits.n;
}

static bool has_own(const struct schema *s)
{
    return s->known && s->known->of == s;
}

void schema_note_table(struct ctx *ctx, struct schema *s, struct table *t)
{
    if (has_own(s))
        note_table(ctx, s->known, t);
}

void schema_note_indexes(struct schema *s, const struct qname *owner, const struct indexes *list)
{
    if (has_own(s))
        note_indexes(s->known, owner, list);
}

void schema_note_index(struct schema *s, const struct qname *owner, const char *index)
{
    if (has_own(s))
        note_index(s->known, owner, index);
}

/* NULL: so few that they are searched. */
static struct known_names *known(struct ctx *ctx, struct schema *s)
{
    if (has_own(s))
        return s->known;
    if (s->tables.n + s->views.n < FEW)
        return NULL;
    s->known = ctx_new(ctx, struct known_names);
    s->known->of = s;
    s->known->tables = s->known->indexes = MAP(ctx);
    vec_each(i, &s->tables)
        note_table(ctx, s->known, s->tables.v[i]);
    vec_each(i, &s->views)
        note_indexes(s->known, &s->views.v[i]->name, &s->views.v[i]->indexes);
    return s->known;
}

bool schema_may_have_table(struct ctx *ctx, struct schema *s, const char *name)
{
    const struct known_names *k = known(ctx, s);

    return !k || map_get(&k->tables, str_lower(&ctx->arena, name));
}

bool schema_may_have_index(struct ctx *ctx, struct schema *s, const char *name)
{
    const struct known_names *k = known(ctx, s);

    return !k || map_get(&k->indexes, name);
}

const struct qname *schema_index_owner(struct ctx *ctx, struct schema *s, const char *name)
{
    const struct known_names *k = known(ctx, s);
    const struct qname *owner = k ? map_get(&k->indexes, name) : NULL;

    return owner == &several ? NULL : owner;
}

bool schema_may_have_children(struct ctx *ctx, struct schema *s)
{
    const struct known_names *k = known(ctx, s);

    return !k || k->has_children;
}
