/*
 * Gives partitions and inherited tables the columns of their parents.
 *
 * Such columns are marked: models and operations do not list them, and comparisons leave them to the parent.
 */

#include "cmig/dialect.h"

bool table_is_partitioned(const struct table *t)
{
    return t->partition_by.native || dtext_is_set(&t->partition_by.sql);
}

bool table_is_partition(const struct table *t)
{
    return t->partition_of.name;
}

static bool is_named(const char *text, const struct qname *name)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct qname q;

    return qname_parse(&scratch, text, &q) && qname_eq(&q, name);
}

bool table_inherits(const struct table *t, const struct qname *parent)
{
    vec_each(i, &t->inherits)
        if (is_named(t->inherits.v[i], parent))
            return true;
    return false;
}

bool table_is_child(const struct table *t, const struct qname *parent)
{
    return (table_is_partition(t) && qname_eq(&t->partition_of, parent)) || table_inherits(t, parent);
}

struct table *table_parent(struct ctx *ctx, const struct schema *s, const struct table *t, size_t at)
{
    struct qname q;

    if (table_is_partition(t))
        return at == 0 ? schema_table(s, &t->partition_of) : NULL;
    return at < t->inherits.n && qname_parse(&ctx->arena, t->inherits.v[at], &q) ? schema_table(s, &q) : NULL;
}

static bool has_parents(const struct table *t)
{
    return table_is_partition(t) || t->inherits.n;
}

static size_t count_parents(const struct table *t)
{
    return table_is_partition(t) ? 1 : t->inherits.n;
}

/* ---- columns ------------------------------------------------------------------------------------------ */

/* Numbering, on_update, comments and former names belong to the parent only. */
static struct column *column_for_child(struct ctx *ctx, const struct column *from)
{
    struct column *c = column_copy(ctx, from);

    c->is_inherited = true;
    c->comment = c->renamed_from = NULL;
    c->identity = NULL;
    c->on_update = (struct value){0};
    c->primary_key = false;
    c->autoincrement = TRI_FALSE;
    c->sequence = NULL;
    if (c->native)
        c->type = (struct dtext){0};
    return c;
}

/* Values that a parent generates are generated in its children, too: before PostgreSQL 16 their SQL must not say
 * so. */
bool column_repeats(const struct column *c, const struct column *parent)
{
    const struct generated *a = c->generated, *b = parent->generated;

    if (!b || c->dflt.kind != VALUE_NONE || c->nullable != parent->nullable || c->comment || c->options)
        return false;
    return !a || (a->expr.native && str_eq(a->expr.native, b->expr.native)) ||
           (dtext_is_set(&a->expr.sql) && dtext_eq(&a->expr.sql, &b->expr.sql));
}

static bool is_listed(const struct columns *list, const char *name)
{
    vec_each(i, list)
        if (str_eq(list->v[i]->name, name))
            return true;
    return false;
}

/* What is NOT NULL because of the parent, or of a key, is not listed. */
static void settle_not_null(struct table *t)
{
    struct strings listed = t->not_null;

    t->not_null.n = 0;
    vec_each(i, &listed) {
        const struct column *c = table_column(t, listed.v[i]);

        if (!c || !c->is_inherited || (c->nullable && !column_in_key(t, c->name)))
            t->not_null.v[t->not_null.n++] = listed.v[i];
    }
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];

        if (c->is_inherited && (column_in_key(t, c->name) || strings_have(&t->not_null, c->name)))
            c->nullable = c->nullable_said = false;
    }
}

/* The default that the child's column has instead of the parent's. */
static void take_own_default(struct column *c, const struct column *own)
{
    c->dflt = own->dflt;
    c->own_default = true;
}

/* The defaults that the child lists go to its columns. Columns that it does not inherit stay listed. */
static void take_defaults(struct table *t)
{
    struct columns listed = t->defaults;

    t->defaults.n = 0;
    vec_each(i, &listed) {
        struct column *c = table_column(t, listed.v[i]->name);

        if (!c || !c->is_inherited || c->generated) {
            t->defaults.v[t->defaults.n++] = listed.v[i];
            continue;
        }
        take_own_default(c, listed.v[i]);
        c->pos = listed.v[i]->pos;
    }
}

struct columns table_own_defaults(struct ctx *ctx, const struct table *t)
{
    struct columns list = {0};

    vec_each(i, &t->columns)
        if (t->columns.v[i]->is_inherited && t->columns.v[i]->own_default)
            vec_add(ctx, &list, t->columns.v[i]);
    return list;
}

static void inherit_column(
    struct ctx *ctx, const struct table *t, const struct column *from, struct columns *list)
{
    const struct column *before = table_column(t, from->name);
    struct column *c;

    if ((before && !before->is_inherited && !column_repeats(before, from)) || is_listed(list, from->name))
        return;
    c = column_for_child(ctx, from);
    c->own_default = false; /* the parent's may be its own, but a child of the parent inherits it */
    if (before && before->is_inherited && before->own_default && !c->generated)
        take_own_default(c, before);
    vec_add(ctx, list, c);
}

void table_inherit(struct ctx *ctx, const struct schema *s, struct table *t)
{
    struct columns list = {0};

    for (size_t at = 0; at < count_parents(t); at++) {
        const struct table *parent = table_parent(ctx, s, t, at);

        for (size_t i = 0; parent && i < parent->columns.n; i++)
            inherit_column(ctx, t, parent->columns.v[i], &list);
    }
    vec_each(i, &t->columns)
        if (!t->columns.v[i]->is_inherited && !is_listed(&list, t->columns.v[i]->name))
            vec_add(ctx, &list, t->columns.v[i]);
    t->columns = list;
    take_defaults(t);
    settle_not_null(t);
}

/* Parents first. A circle ends where it began. */
struct walk {
    struct ctx *ctx;
    const struct schema *schema;
    struct map done; /* by the table's name */
};

static void walk_visit(struct walk *w, struct table *t)
{
    const char *key = has_parents(t) ? qname_text(&w->ctx->arena, &t->name) : NULL;

    if (!key || map_get(&w->done, key))
        return;
    map_set(&w->done, key, t);
    for (size_t at = 0; at < count_parents(t); at++) {
        struct table *parent = table_parent(w->ctx, w->schema, t, at);

        if (parent)
            walk_visit(w, parent);
    }
    table_inherit(w->ctx, w->schema, t);
}

void schema_inherit(struct ctx *ctx, const struct schema *s)
{
    struct walk w = {ctx, s, MAP(ctx)};

    vec_each(i, &s->tables)
        walk_visit(&w, s->tables.v[i]);
}

/* ---- an heir without some of its parents -------------------------------------------------------------- */

static const struct table *parent_named(struct ctx *ctx, const struct schema *s, const char *name)
{
    struct qname q;

    return qname_parse(&ctx->arena, name, &q) ? schema_table(s, &q) : NULL;
}

static const struct column *column_from(
    struct ctx *ctx, const struct schema *s, const struct strings *parents, const char *name)
{
    const struct column *c = NULL;

    for (size_t i = 0; !c && i < parents->n; i++) {
        const struct table *parent = parent_named(ctx, s, parents->v[i]);

        c = parent ? table_column(parent, name) : NULL;
    }
    return c;
}

static void own_columns(
    struct ctx *ctx, const struct schema *s, struct table *t, const struct strings *before)
{
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        const struct column *from = column_from(ctx, s, before, c->name);

        if (!c->is_inherited || !from || column_from(ctx, s, &t->inherits, c->name))
            continue;
        c->is_inherited = c->own_default = false;
        c->type = from->type;
        c->autoincrement = TRI_UNSET;
        strings_forget(&t->not_null, c->name);
    }
}

/* The checks that children of a table inherit from it, and from its parents. */
static void collect_checks(
    struct ctx *ctx, const struct schema *s, const struct table *t, struct constraints *ret)
{
    const struct table *parent;

    vec_each(i, &t->checks)
        if (!t->checks.v[i]->no_inherit)
            vec_add(ctx, ret, t->checks.v[i]);
    for (size_t at = 0; (parent = table_parent(ctx, s, t, at)); at++)
        collect_checks(ctx, s, parent, ret);
}

static struct constraints checks_from(struct ctx *ctx, const struct schema *s, const struct strings *parents)
{
    struct constraints list = {0};

    vec_each(i, parents) {
        const struct table *parent = parent_named(ctx, s, parents->v[i]);

        if (parent)
            collect_checks(ctx, s, parent, &list);
    }
    return list;
}

static bool is_check_of(const struct constraints *list, const char *name)
{
    vec_each(i, list)
        if (str_eq(list->v[i]->name, name))
            return true;
    return false;
}

static void own_checks(struct ctx *ctx, const struct schema *s, struct table *t, const struct strings *before)
{
    const struct constraints all = checks_from(ctx, s, before), kept = checks_from(ctx, s, &t->inherits);

    vec_each(i, &all) {
        const struct constraint *c = all.v[i];

        if (is_check_of(&kept, c->name) || is_check_of(&t->checks, c->name))
            continue;
        struct constraint *copy = constraint_copy(ctx, c);
        copy->comment = NULL;
        vec_add(ctx, &t->checks, copy);
    }
}

struct table *table_leave(
    struct ctx *ctx, const struct schema *s, const struct table *t, const struct strings *kept)
{
    struct table *copy = table_copy(ctx, t);

    copy->inherits = *kept;
    own_columns(ctx, s, copy, &t->inherits);
    own_checks(ctx, s, copy, &t->inherits);
    return copy;
}

/* ---- a partition by itself ---------------------------------------------------------------------------- */

static const char *columns_text(struct ctx *ctx, const struct strings *columns)
{
    return strings_join(&ctx->arena, columns, "_");
}

static const char *parts_text(struct ctx *ctx, const struct index_parts *parts)
{
    struct strings names = {0};

    vec_each(i, parts)
        vec_add(ctx, &names, parts->v[i]->column ? parts->v[i]->column : "expr");
    return columns_text(ctx, &names);
}

/* Keys get names of their own, as the server makes them; checks and foreign keys have the parent's. */
static void take_constraint(struct ctx *ctx, struct table *t, const struct constraint *from)
{
    struct constraint *c = constraint_copy(ctx, from);

    if (from->no_inherit || (c->name && table_constraint(t, c->name)))
        return;
    c->comment = NULL;
    c->name_made = c->is_inherited = true;
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        c->name = ctx_printf(ctx, "%s_pkey", t->name.name);
    else if (c->kind == CONSTRAINT_UNIQUE)
        c->name = ctx_printf(ctx, "%s_%s_key", t->name.name, columns_text(ctx, &c->columns));
    else if (c->kind == CONSTRAINT_EXCLUDE)
        c->name = ctx_printf(ctx, "%s_%s_excl", t->name.name, parts_text(ctx, &c->parts));
    if (c->kind != CONSTRAINT_PRIMARY_KEY)
        vec_add(ctx, table_constraints(t, c->kind), c);
    else if (!t->primary_key)
        t->primary_key = c;
}

static void take_index(struct ctx *ctx, struct table *t, const struct index *from)
{
    struct index *index = index_copy(ctx, from);

    index->name = ctx_printf(ctx, "%s_%s_idx", t->name.name, parts_text(ctx, &index->parts));
    index->comment = NULL;
    index->name_made = index->is_inherited = true;
    vec_add(ctx, &t->indexes, index);
}

static void take_parts_of_parent(struct ctx *ctx, struct table *t, const struct table *parent)
{
    const struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(parent, &state));)
        take_constraint(ctx, t, c);
    vec_each(i, &parent->indexes)
        take_index(ctx, t, parent->indexes.v[i]);
}

/* For reflected schemas, with the names in the database. */
static void take_inherited(struct ctx *ctx, struct table *t)
{
    const struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t->inherited, &state));) {
        struct constraint *copy = constraint_copy(ctx, c);

        copy->is_inherited = true;
        if (c->kind == CONSTRAINT_PRIMARY_KEY)
            t->primary_key = copy;
        else
            vec_add(ctx, table_constraints(t, c->kind), copy);
    }
    vec_each(i, &t->inherited->indexes) {
        struct index *copy = index_copy(ctx, t->inherited->indexes.v[i]);

        copy->is_inherited = true;
        vec_add(ctx, &t->indexes, copy);
    }
}

/* The parent of a serial column numbers it; a table of its own takes numbers from that sequence by a default. */
static void take_numbering(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    const struct table *parent, const struct column *from, struct column *c)
{
    const struct table *above;
    struct column *copy;

    while (from->is_inherited && !from->own_default && (above = schema_table(s, &parent->partition_of)) &&
           table_column(above, c->name)) {
        parent = above;
        from = table_column(above, c->name);
    }
    copy = column_copy(ctx, from);
    if (dialect && dialect->serial_apart)
        dialect->serial_apart(ctx, parent, copy);
    c->type = copy->type;
    c->autoincrement = TRI_FALSE; /* the parent's key would imply it */
    if (!c->own_default && !c->generated && c->dflt.kind == VALUE_NONE)
        c->dflt = copy->dflt;
}

struct table *table_apart(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct table *t)
{
    struct table *copy = table_copy(ctx, t);
    const struct table *parent = table_is_partition(t) ? schema_table(s, &t->partition_of) : NULL;

    if (!parent)
        return copy;
    vec_each(i, &copy->columns) {
        const struct column *from = table_column(parent, copy->columns.v[i]->name);
        struct column *c = copy->columns.v[i];

        if (from)
            take_numbering(ctx, dialect, s, parent, from, c);
        c->is_inherited = c->own_default = false;
    }
    if (t->inherited)
        take_inherited(ctx, copy);
    else
        take_parts_of_parent(ctx, copy, table_apart(ctx, dialect, s, parent));
    copy->not_null = (struct strings){0};
    copy->defaults = (struct columns){0};
    copy->index_names = (struct index_names){0};
    copy->partition_of = (struct qname){0};
    copy->bound = (struct expr){0};
    copy->inherited = NULL;
    return copy;
}
