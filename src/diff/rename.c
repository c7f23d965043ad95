/*
 * Finds renamed objects.
 *
 * Models give renames (`renamed_from`), or the user does (`--rename old=new`). From then on `renamed_from` of
 * the models' objects contains all renames and nothing else. Later steps compare with a copy of the schema that
 * already has the new names.
 */
#include "diff/rename.h"

/* ---- what the models and the hints say -------------------------------------------------------------------- */

static struct table *find_table(
    const struct dialect *dialect, const struct schema *s, const struct qname *name)
{
    struct table *t = schema_table(s, name);

    for (size_t i = 0; !t && dialect->has.folded_names && i < s->tables.n; i++)
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
bool rename_parse(struct ctx *ctx, const struct schema *s, const char *text, struct qname *ret)
{
    if (!text || !qname_parse(&ctx->arena, text, ret))
        return false;
    if (ret->schema && str_eq(ret->schema, s->default_schema))
        ret->schema = NULL;
    return true;
}

/* The former name of an object: the old name, in the new one's schema if it has none and exists there. */
static struct qname old_name(
    struct ctx *ctx, const struct schema *database, const struct qname *name, const char *from)
{
    struct qname old = {0}, beside;

    if (!rename_parse(ctx, database, from, &old))
        return old;
    beside = (struct qname){.schema = name->schema, .name = old.name};
    if (!old.schema && name->schema &&
        (schema_table(database, &beside) || schema_enum(database, &beside) ||
            schema_view(database, &beside) || schema_sequence(database, &beside)))
        return beside;
    return old;
}

bool hint_may_be(const struct rename_hint *hint, const char *kind)
{
    return !hint->kind || str_eq(hint->kind, kind);
}

/* "table.column" or "schema.table.column" taken apart. */
bool hint_split(struct ctx *ctx, const struct schema *s, const char *text, struct qname *ret_table,
    const char **ret_column)
{
    const char *dot = strrchr(text, '.');

    if (!dot || dot == text || !dot[1])
        return false;
    *ret_column = ctx_strdup(ctx, dot + 1);
    return rename_parse(ctx, s, arena_strndup(&ctx->arena, text, (size_t)(dot - text)), ret_table);
}

static const char *slot_key(const struct resolving *r, const char *const *renamed_from)
{
    return ctx_printf(r->ctx, "%p", (const void *)renamed_from);
}

void resolving_hint(struct resolving *r, const char **renamed_from, const char *name)
{
    *renamed_from = name;
    map_set(&r->hinted, slot_key(r, renamed_from), r);
}

bool resolving_hinted(const struct resolving *r, const char *const *renamed_from)
{
    return r->hinted.n && map_get(&r->hinted, slot_key(r, renamed_from));
}

static bool hint_table(struct resolving *r, const struct rename_hint *hint)
{
    struct qname from, to;
    struct table *old, *new;

    if (!hint_may_be(hint, "table") || !rename_parse(r->ctx, r->database, hint->from, &from) ||
        !rename_parse(r->ctx, r->models, hint->to, &to))
        return false;
    old = find_table(r->dialect, r->database, &from);
    new = find_table(r->dialect, r->models, &to);
    if (!old || !new)
        return false;
    resolving_hint(r, &new->renamed_from, qname_text(&r->ctx->arena, &old->name));
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
        return find_table(dialect, database, &old);
    return t->is_new ? NULL : find_table(dialect, database, &t->name);
}

static bool hint_column(struct resolving *r, const struct rename_hint *hint)
{
    struct qname name, ignored;
    const char *from, *to = hint->to;
    struct table *t;

    if (!hint_may_be(hint, "column") || !hint_split(r->ctx, r->database, hint->from, &name, &from))
        return false;
    if (strchr(hint->to, '.') && !hint_split(r->ctx, r->models, hint->to, &ignored, &to))
        return false;
    if (!(t = hinted_table(r->ctx, r->dialect, r->models, &name)))
        return false;
    const struct table *before = table_before(r->ctx, r->dialect, r->database, t);
    struct column *old = before ? find_column(r->dialect, before, from) : NULL,
                  *new = find_column(r->dialect, t, to);
    if (!old || !new)
        return false;
    resolving_hint(r, &new->renamed_from, old->name);
    return true;
}

static bool hint_enum(struct resolving *r, const struct rename_hint *hint)
{
    struct qname from, to;

    if (!hint_may_be(hint, "enum") || !rename_parse(r->ctx, r->database, hint->from, &from) ||
        !rename_parse(r->ctx, r->models, hint->to, &to))
        return false;
    if (!schema_enum(r->database, &from) || !schema_enum(r->models, &to))
        return false;
    resolving_hint(r, &schema_enum(r->models, &to)->renamed_from, qname_text(&r->ctx->arena, &from));
    return true;
}

static bool hint_view(struct resolving *r, const struct rename_hint *hint)
{
    struct qname from, to;
    struct view *v;

    if (!hint_may_be(hint, "view") || !rename_parse(r->ctx, r->database, hint->from, &from) ||
        !rename_parse(r->ctx, r->models, hint->to, &to))
        return false;
    if (!schema_view(r->database, &from) || !(v = schema_view(r->models, &to)))
        return false;
    resolving_hint(r, &v->renamed_from, qname_text(&r->ctx->arena, &from));
    return true;
}

static bool hint_sequence(struct resolving *r, const struct rename_hint *hint)
{
    struct qname from, to;
    struct sequence *s;

    if (!hint_may_be(hint, "sequence") || !rename_parse(r->ctx, r->database, hint->from, &from) ||
        !rename_parse(r->ctx, r->models, hint->to, &to))
        return false;
    if (!schema_sequence(r->database, &from) || !(s = schema_sequence(r->models, &to)))
        return false;
    resolving_hint(r, &s->renamed_from, qname_text(&r->ctx->arena, &from));
    return true;
}

/* ---- which of them hold ----------------------------------------------------------------------------------- */

static bool settle_tables(struct resolving *r)
{
    struct wishes list = {.kind = "table"};

    vec_each(i, &r->models->tables) {
        struct table *t = r->models->tables.v[i];

        if (!t->renamed_from)
            continue;
        struct wish w = {.to = t->name, .pos = t->pos, .renamed_from = &t->renamed_from};
        w.from = old_name(r->ctx, r->database, &t->name, t->renamed_from);
        const struct table *old = w.from.name ? find_table(r->dialect, r->database, &w.from) : NULL;
        w.from = old ? old->name : w.from;
        w.old_exists = old;
        w.new_exists = find_table(r->dialect, r->database, &t->name);
        w.old_stays = w.from.name && find_table(r->dialect, r->models, &w.from);
        w.hinted = resolving_hinted(r, w.renamed_from);
        vec_add(r->ctx, &list, w);
    }
    if (!wishes_settle(r->ctx, r->dialect, r->options->no_rename, &list))
        return false;
    for (size_t i = 0; list.n && i < r->models->tables.n; i++) {
        struct table *t = r->models->tables.v[i];

        t->is_new = !t->renamed_from && wishes_take(r->dialect, &list, &t->name);
    }
    return true;
}

/* Whether enums, views or sequences of a name exist. */
static bool has_enum(const struct schema *s, const struct qname *name)
{
    return schema_enum(s, name);
}

static bool has_view(const struct schema *s, const struct qname *name)
{
    return schema_view(s, name);
}

static bool has_sequence(const struct schema *s, const struct qname *name)
{
    return schema_sequence(s, name);
}

static void add_wish(struct resolving *r, bool (*has)(const struct schema *s, const struct qname *name),
    const struct qname *name, struct pos pos, const char **renamed_from, struct wishes *ret)
{
    struct wish w = {.to = *name, .pos = pos, .renamed_from = renamed_from};

    if (!*renamed_from)
        return;
    w.from = old_name(r->ctx, r->database, name, *renamed_from);
    w.old_exists = w.from.name && has(r->database, &w.from);
    w.new_exists = has(r->database, name);
    w.old_stays = w.from.name && has(r->models, &w.from);
    w.hinted = resolving_hinted(r, renamed_from);
    vec_add(r->ctx, ret, w);
}

#define ADD_WISHES(r, list, has, ret) \
    vec_each(i_, (list)) \
    add_wish(r, has, &(list)->v[i_]->name, (list)->v[i_]->pos, &(list)->v[i_]->renamed_from, ret)

static bool settle_others(struct resolving *r)
{
    struct wishes enums = {.kind = "enum"}, views = {.kind = "view"}, sequences = {.kind = "sequence"};
    bool no_rename = r->options->no_rename;

    ADD_WISHES(r, &r->models->enums, has_enum, &enums);
    ADD_WISHES(r, &r->models->views, has_view, &views);
    ADD_WISHES(r, &r->models->sequences, has_sequence, &sequences);
    return wishes_settle(r->ctx, r->dialect, no_rename, &enums) &&
           wishes_settle(r->ctx, r->dialect, no_rename, &views) &&
           wishes_settle(r->ctx, r->dialect, no_rename, &sequences);
}

static bool settle_columns_of(struct resolving *r, const struct table *t)
{
    const struct table *before = table_before(r->ctx, r->dialect, r->database, t);
    struct wishes list = {.kind = "column", .table = t->name};

    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];

        if (!c->renamed_from)
            continue;
        const struct column *old = before ? find_column(r->dialect, before, c->renamed_from) : NULL;
        struct wish w = {.to = {.name = c->name}, .pos = c->pos, .renamed_from = &c->renamed_from};
        w.from.name = old ? old->name : c->renamed_from;
        w.old_exists = old;
        w.new_exists = before && find_column(r->dialect, before, c->name);
        w.old_stays = find_column(r->dialect, t, w.from.name);
        w.hinted = resolving_hinted(r, w.renamed_from);
        vec_add(r->ctx, &list, w);
    }
    return wishes_settle(r->ctx, r->dialect, r->options->no_rename, &list);
}

static bool settle_columns(struct resolving *r)
{
    vec_each(i, &r->models->tables)
        if (!settle_columns_of(r, r->models->tables.v[i]))
            return false;
    return true;
}

/* ---- together --------------------------------------------------------------------------------------------- */

typedef bool hint_way(struct resolving *r, const struct rename_hint *hint);

static void take_hints(struct resolving *r, hint_way *way)
{
    for (const struct rename_hint *h = r->options->renames; h && h->from; h++)
        (void)way(r, h);
}

static bool check_hints(struct resolving *r)
{
    static hint_way *const ways[] = {
        hint_table, hint_column, hint_enum, hint_view, hint_sequence, hint_object};

    for (const struct rename_hint *h = r->options->renames; h && h->from; h++) {
        bool known = false;

        for (size_t way = 0; way < COUNT_OF(ways) && !known; way++)
            known = ways[way](r, h);
        if (known)
            continue;
        fail(r->ctx, STATUS_USAGE,
            "cannot rename '%s' to '%s': the database must have the old name and the models the new one",
            h->from, h->to);
        return fail_hint(
            r->ctx, "Write tables and functions as old=new, columns and triggers as table.old=new.");
    }
    return true;
}

/* Tables first, so that a column's table may be called by either name. */
bool renames_resolve(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    const struct schema *database, struct schema *models)
{
    struct resolving r = {ctx, dialect, options, database, models, MAP(ctx)};

    take_hints(&r, hint_table);
    if (!settle_tables(&r))
        return false;
    take_hints(&r, hint_column);
    take_hints(&r, hint_enum);
    take_hints(&r, hint_view);
    take_hints(&r, hint_sequence);
    take_hints(&r, hint_object);
    return settle_columns(&r) && settle_others(&r) && settle_objects(&r) && check_hints(&r);
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
    return dialect->has.folded_names && str_eq_ci(a, b) && !str_eq(a, b);
}

/* Whether a column of the database has another name in the models. */
static bool is_renamed(const struct dialect *dialect, const struct table *t, const char *column)
{
    vec_each(i, &t->columns)
        if (t->columns.v[i]->renamed_from && same_name(dialect, t->columns.v[i]->renamed_from, column))
            return true;
    return false;
}

static void collect_columns(struct ctx *ctx, const struct dialect *dialect, const struct table *before,
    const struct table *t, struct renames *ret)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        const char *old = c->renamed_from;

        if (!old && i < before->columns.n && str_eq(before->columns.v[i]->name, c->name))
            continue;
        if (!old && dialect->has.folded_names) {
            const struct column *same = find_column(dialect, before, c->name);

            old = same && spelt_otherwise(dialect, same->name, c->name) && !is_renamed(dialect, t, same->name)
                      ? same->name
                      : NULL;
        }
        if (old)
            add(ctx, ret, OP_RENAME_COLUMN, t->name, (struct qname){.name = old},
                (struct qname){.name = c->name});
    }
}

/* A `renamed_from` that applies. */
static void collect_named(struct ctx *ctx, struct renames *ret, enum op_kind kind, const struct qname *name,
    const char *renamed_from)
{
    struct qname old;

    if (renamed_from && qname_parse(&ctx->arena, renamed_from, &old))
        add(ctx, ret, kind, (struct qname){0}, old, *name);
}

void renames_collect(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, struct renames *ret)
{
    struct renames columns = {0};

    objects_collect_renames(ctx, dialect, models, ret);
    vec_each(i, &models->enums)
        collect_named(ctx, ret, OP_RENAME_ENUM, &models->enums.v[i]->name, models->enums.v[i]->renamed_from);
    vec_each(i, &models->views)
        collect_named(ctx, ret, OP_RENAME_VIEW, &models->views.v[i]->name, models->views.v[i]->renamed_from);
    vec_each(i, &models->sequences)
        collect_named(ctx, ret, OP_RENAME_SEQUENCE, &models->sequences.v[i]->name,
            models->sequences.v[i]->renamed_from);
    vec_each(i, &models->tables) {
        const struct table *t = models->tables.v[i], *before = table_before(ctx, dialect, database, t);

        if (!before)
            continue;
        add(ctx, ret, OP_RENAME_TABLE, (struct qname){0}, before->name, t->name);
        collect_columns(ctx, dialect, before, t, &columns);
    }
    vec_each(i, &columns)
        vec_add(ctx, ret, columns.v[i]);
}

/* What an object is on by its old name becomes that by its new one. */
static struct qname table_reversed(const struct renames *renames, const struct renamed *r)
{
    bool is_object = op_object_kind(r->kind) < OBJECT_KINDS;

    vec_each(k, renames) {
        const struct renamed *t = &renames->v[k];

        if (t->kind != OP_RENAME_TABLE && !(is_object && t->kind == OP_RENAME_VIEW))
            continue;
        if (qname_eq(is_object ? &t->from : &t->to, &r->table))
            return is_object ? t->to : t->from;
    }
    return r->table;
}

void renames_reverse(
    struct ctx *ctx, const struct dialect *dialect, const struct renames *renames, struct renames *ret)
{
    vec_each(i, renames) {
        struct renamed r = renames->v[i];

        r.from = renames->v[i].to;
        r.to = renames->v[i].from;
        r.table = table_reversed(renames, &renames->v[i]);
        r.signature = signature_reversed(ctx, dialect, renames, r.signature);
        vec_add(ctx, ret, r);
    }
}
