/*
 * What is called otherwise in the models than in the database?
 *
 * Models say it (`renamed_from`), or the person who asks (`--rename old=new`). From then on `renamed_from` of the
 * models' objects holds exactly what is a rename: all of it, and nothing else. Everything behind compares with a
 * copy of the schema in which the new names stand already.
 */
#include "diff/differ.h"

/* ---- what the models and the hints say -------------------------------------------------------------------- */

static struct table *find_table(
    const struct dialect *dialect, const struct schema *s, const struct qname *name)
{
    struct table *t = schema_table(s, name);

    for (size_t i = 0; !t && (dialect->features & DIALECT_FOLDS_CASE) && i < s->tables.n; i++)
        if (same_qname(dialect, &s->tables.v[i]->name, name))
            t = s->tables.v[i];
    return t;
}

static struct column *find_column(const struct dialect *dialect, const struct table *t, const char *name)
{
    vec_each(i, &t->columns)
        if (same_name(dialect, t->columns.v[i]->name, name))
            return t->columns.v[i];
    return NULL;
}

/* A name as a schema has it: without the default schema's. */
static bool parse_name(struct ctx *ctx, const struct schema *s, const char *text, struct qname *ret)
{
    if (!text || !qname_parse(&ctx->arena, text, ret))
        return false;
    if (ret->schema && str_eq(ret->schema, s->default_schema))
        ret->schema = NULL;
    return true;
}

/* Where an object was before: the old name, in the new one's schema when it says none and is there. */
static struct qname old_name(
    struct ctx *ctx, const struct schema *database, const struct qname *name, const char *from)
{
    struct qname old = {0}, beside;

    if (!parse_name(ctx, database, from, &old))
        return old;
    beside = (struct qname){.schema = name->schema, .name = old.name};
    if (!old.schema && name->schema && (schema_table(database, &beside) || schema_enum(database, &beside)))
        return beside;
    return old;
}

/* What is written in a model stays there for long: once the new name is in the database it says nothing. */
static void keep_true_names(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *database, struct schema *models)
{
    vec_each(i, &models->tables) {
        struct table *t = models->tables.v[i];
        struct table *there = find_table(dialect, database, &t->name);

        if (t->renamed_from) {
            struct qname old = old_name(ctx, database, &t->name, t->renamed_from);
            struct table *before = old.name ? find_table(dialect, database, &old) : NULL;

            t->renamed_from = there || !before ? NULL : qname_text(&ctx->arena, &before->name);
            there = there ? there : before;
        }
        vec_each(k, &t->columns) {
            struct column *c = t->columns.v[k];

            if (c->renamed_from && (!there || find_column(dialect, there, c->name) ||
                                       !find_column(dialect, there, c->renamed_from)))
                c->renamed_from = NULL;
        }
    }
    vec_each(i, &models->enums) {
        struct enumeration *e = models->enums.v[i];
        struct qname old = old_name(ctx, database, &e->name, e->renamed_from);

        e->renamed_from =
            e->renamed_from && old.name && !schema_enum(database, &e->name) && schema_enum(database, &old)
                ? qname_text(&ctx->arena, &old)
                : NULL;
    }
}

static bool is_kind(const struct rename_hint *hint, const char *kind)
{
    return !hint->kind || str_eq(hint->kind, kind);
}

/* "table.column" or "schema.table.column" taken apart. */
static bool split_column(struct ctx *ctx, const struct schema *s, const char *text, struct qname *ret_table,
    const char **ret_column)
{
    const char *dot = strrchr(text, '.');

    if (!dot || dot == text || !dot[1])
        return false;
    *ret_column = ctx_strdup(ctx, dot + 1);
    return parse_name(ctx, s, arena_strndup(&ctx->arena, text, (size_t)(dot - text)), ret_table);
}

static bool hint_table(struct ctx *ctx, const struct dialect *dialect, const struct rename_hint *hint,
    const struct schema *database, struct schema *models)
{
    struct qname from, to;
    struct table *old, *new;

    if (!is_kind(hint, "table") || !parse_name(ctx, database, hint->from, &from) ||
        !parse_name(ctx, models, hint->to, &to))
        return false;
    old = find_table(dialect, database, &from);
    new = find_table(dialect, models, &to);
    if (!old || !new)
        return false;
    new->renamed_from = qname_text(&ctx->arena, &old->name);
    return true;
}

/* The table of a column may be called by its old or its new name. */
static struct table *hinted_table(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *models, const struct qname *name)
{
    vec_each(i, &models->tables) {
        struct table *t = models->tables.v[i];
        struct qname old;

        if (t->renamed_from && qname_parse(&ctx->arena, t->renamed_from, &old) &&
            same_qname(dialect, &old, name))
            return t;
    }
    return find_table(dialect, models, name);
}

struct table *table_before(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *database, const struct table *t)
{
    struct qname old;

    if (t->renamed_from && qname_parse(&ctx->arena, t->renamed_from, &old))
        return schema_table(database, &old);
    return find_table(dialect, database, &t->name);
}

static bool hint_column(struct ctx *ctx, const struct dialect *dialect, const struct rename_hint *hint,
    const struct schema *database, struct schema *models)
{
    struct qname name, ignored;
    const char *from, *to = hint->to;
    struct table *t;

    if (!is_kind(hint, "column") || !split_column(ctx, database, hint->from, &name, &from))
        return false;
    if (strchr(hint->to, '.') && !split_column(ctx, models, hint->to, &ignored, &to))
        return false;
    if (!(t = hinted_table(ctx, dialect, models, &name)))
        return false;
    const struct table *before = table_before(ctx, dialect, database, t);
    struct column *old = before ? find_column(dialect, before, from) : NULL,
                  *new = find_column(dialect, t, to);
    if (!old || !new)
        return false;
    new->renamed_from = old->name;
    return true;
}

static bool hint_enum(struct ctx *ctx, ATTR_UNUSED const struct dialect *dialect,
    const struct rename_hint *hint, const struct schema *database, struct schema *models)
{
    struct qname from, to;

    if (!is_kind(hint, "enum") || !parse_name(ctx, database, hint->from, &from) ||
        !parse_name(ctx, models, hint->to, &to))
        return false;
    if (!schema_enum(database, &from) || !schema_enum(models, &to))
        return false;
    schema_enum(models, &to)->renamed_from = qname_text(&ctx->arena, &from);
    return true;
}

/* Views and sequences have no `renamed_from`: renames_collect looks at the hints again. */
static bool hint_other(struct ctx *ctx, ATTR_UNUSED const struct dialect *dialect,
    const struct rename_hint *hint, const struct schema *database, struct schema *models)
{
    struct qname from, to;

    if (!parse_name(ctx, database, hint->from, &from) || !parse_name(ctx, models, hint->to, &to))
        return false;
    return (is_kind(hint, "view") && schema_view(database, &from) && schema_view(models, &to)) ||
           (is_kind(hint, "sequence") && schema_sequence(database, &from) && schema_sequence(models, &to));
}

bool renames_resolve(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    const struct schema *database, struct schema *models)
{
    static bool (*const ways[])(struct ctx *, const struct dialect *, const struct rename_hint *,
        const struct schema *, struct schema *) = {hint_table, hint_column, hint_enum, hint_other};

    keep_true_names(ctx, dialect, database, models);
    /* Tables first, so that a column's table may be called by either name. */
    for (size_t way = 0; way < COUNT_OF(ways); way++)
        for (const struct rename_hint *h = options->renames; h && h->from; h++)
            (void)ways[way](ctx, dialect, h, database, models);
    for (const struct rename_hint *h = options->renames; h && h->from; h++) {
        bool known = false;

        for (size_t way = 0; way < COUNT_OF(ways) && !known; way++)
            known = ways[way](ctx, dialect, h, database, models);
        if (known)
            continue;
        fail(ctx, STATUS_USAGE,
            "cannot rename '%s' to '%s': the database must have the one and the models the other", h->from,
            h->to);
        return fail_hint(ctx, "Tables are written old=new, columns table.old=new.");
    }
    return true;
}

/* ---- what follows from them ------------------------------------------------------------------------------- */

static void add(struct ctx *ctx, struct renames *list, enum op_kind kind, struct qname table,
    struct qname from, struct qname to)
{
    if (!qname_eq(&from, &to))
        vec_add(ctx, list, ((struct renamed){.kind = kind, .table = table, .from = from, .to = to}));
}

/* The same name in other letters, where case is folded: the spelling of the models is wanted. */
static bool spelt_otherwise(const struct dialect *dialect, const char *a, const char *b)
{
    return (dialect->features & DIALECT_FOLDS_CASE) && str_eq_ci(a, b) && !str_eq(a, b);
}

static void collect_columns(struct ctx *ctx, const struct dialect *dialect, const struct table *before,
    const struct table *t, struct renames *ret)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        const char *old = c->renamed_from;

        if (!old && i < before->columns.n && str_eq(before->columns.v[i]->name, c->name))
            continue;
        if (!old && (dialect->features & DIALECT_FOLDS_CASE)) {
            const struct column *same = find_column(dialect, before, c->name);

            old = same && spelt_otherwise(dialect, same->name, c->name) ? same->name : NULL;
        }
        if (old)
            add(ctx, ret, OP_RENAME_COLUMN, t->name, (struct qname){.name = old},
                (struct qname){.name = c->name});
    }
}

static void collect_hinted(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, const struct diff_options *options, struct renames *ret)
{
    struct qname from, to;

    for (const struct rename_hint *h = options->renames; h && h->from; h++) {
        if (!parse_name(ctx, database, h->from, &from) || !parse_name(ctx, models, h->to, &to))
            continue;
        if (find_table(dialect, database, &from))
            continue;
        if (is_kind(h, "view") && schema_view(database, &from) && schema_view(models, &to))
            add(ctx, ret, OP_RENAME_VIEW, (struct qname){0}, from, to);
        if (is_kind(h, "sequence") && schema_sequence(database, &from) && schema_sequence(models, &to))
            add(ctx, ret, OP_RENAME_SEQUENCE, (struct qname){0}, from, to);
    }
}

void renames_collect(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, const struct diff_options *options, struct renames *ret)
{
    struct renames columns = {0};

    vec_each(i, &models->enums) {
        const struct enumeration *e = models->enums.v[i];
        struct qname old;

        if (e->renamed_from && qname_parse(&ctx->arena, e->renamed_from, &old))
            add(ctx, ret, OP_RENAME_ENUM, (struct qname){0}, old, e->name);
    }
    vec_each(i, &models->tables) {
        const struct table *t = models->tables.v[i], *before = table_before(ctx, dialect, database, t);

        if (!before)
            continue;
        add(ctx, ret, OP_RENAME_TABLE, (struct qname){0}, before->name, t->name);
        collect_columns(ctx, dialect, before, t, &columns);
    }
    collect_hinted(ctx, dialect, database, models, options, ret);
    vec_each(i, &columns)
        vec_add(ctx, ret, columns.v[i]);
}

void renames_reverse(struct ctx *ctx, const struct renames *renames, struct renames *ret)
{
    vec_each(i, renames) {
        struct renamed r = renames->v[i];

        r.from = renames->v[i].to;
        r.to = renames->v[i].from;
        vec_each(k, renames)
            if (renames->v[k].kind == OP_RENAME_TABLE && qname_eq(&renames->v[k].to, &renames->v[i].table))
                r.table = renames->v[k].from;
        vec_add(ctx, ret, r);
    }
}
