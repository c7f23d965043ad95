/*
 * Builds the boxes of a diagram from a schema, or from two schemas that are compared.
 */
#include "builder.h"

/* ---- columns ---- */

static const char *type_of(const struct builder *b, const struct column *c)
{
    const char *text = dtext_for(&c->type, b->p->source->dialect);

    if (!text)
        text = c->native;
    return text ? text : "";
}

bool is_unique_set(const struct table *t, const struct strings *columns)
{
    size_t state = 0, found;

    for (const struct constraint *k; (k = table_next_constraint(t, &state));) {
        if ((k->kind != CONSTRAINT_PRIMARY_KEY && k->kind != CONSTRAINT_UNIQUE) || k->columns.n != columns->n)
            continue;
        found = 0;
        vec_each(i, columns)
            found += strings_have(&k->columns, columns->v[i]);
        if (found == columns->n)
            return true;
    }
    vec_each(i, &t->indexes) {
        const struct index *index = t->indexes.v[i];

        if (!index->unique || index->where.native || dtext_is_set(&index->where.sql) ||
            index->parts.n != columns->n)
            continue;
        found = 0;
        vec_each(k, &index->parts)
            found += index->parts.v[k]->column && strings_have(columns, index->parts.v[k]->column);
        if (found == columns->n)
            return true;
    }
    return false;
}

static bool is_in_foreign_key(const struct table *t, const char *column)
{
    vec_each(i, &t->foreign_keys)
        if (strings_have(&t->foreign_keys.v[i]->columns, column))
            return true;
    return false;
}

static struct line line_of_column(const struct builder *b, const struct table *t, const struct column *c)
{
    const char *name[] = {c->name};
    const struct strings alone = {name, 1, 1};
    const bool is_primary = column_in_key(t, c->name);

    return (struct line){
        .name = c->name,
        .type = type_of(b, c),
        .is_primary = is_primary,
        .is_foreign = is_in_foreign_key(t, c->name),
        .is_unique = (!is_primary || t->primary_key->columns.n > 1) && is_unique_set(t, &alone),
        .is_nullable = c->nullable && !is_primary,
        .comment = c->comment,
    };
}

static void add_note(struct builder *b, struct box *box, const char *text)
{
    const struct line line = {.name = text, .type = "", .is_note = true};

    vec_add(b->ctx, &box->lines, line);
}

/* Keys of several columns; a key of one column is marked at the column. */
static void add_unique_notes(struct builder *b, const struct table *t, struct box *box)
{
    vec_each(i, &t->uniques)
        if (t->uniques.v[i]->columns.n > 1)
            add_note(b, box,
                ctx_printf(
                    b->ctx, "unique (%s)", strings_join(&b->ctx->arena, &t->uniques.v[i]->columns, ", ")));
}

/* What became of a column that `old` may have. */
static void compare_column(struct builder *b, struct box *box, const struct table *old, struct line *line)
{
    const char *old_name = changes_old_column(b->changes, box->key, line->name);
    const struct column *before = table_column(old, old_name);

    if (!before) {
        line->sign = SIGN_ADDED;
        return;
    }
    if (!changes_alter(b->changes, box->key, line->name))
        return;
    line->sign = SIGN_CHANGED;
    if (!str_eq(type_of(b, before), line->type))
        line->old_type = type_of(b, before);
    if (!str_eq(old_name, line->name))
        line->comment = ctx_printf(b->ctx, "was %s", old_name);
}

static bool is_kept(const struct builder *b, const struct box *box, const struct column *old)
{
    vec_each(i, &box->lines)
        if (!box->lines.v[i].is_note &&
            str_eq(changes_old_column(b->changes, box->key, box->lines.v[i].name), old->name))
            return true;
    return false;
}

static void add_dropped_columns(struct builder *b, struct box *box, const struct table *old)
{
    struct lines dropped = {0};

    vec_each(i, &old->columns) {
        struct line line;

        if (is_kept(b, box, old->columns.v[i]))
            continue;
        line = line_of_column(b, old, old->columns.v[i]);
        line.sign = SIGN_DROPPED;
        vec_add(b->ctx, &dropped, line);
    }
    vec_each(i, &dropped)
        vec_add(b->ctx, &box->lines, dropped.v[i]);
}

/* ---- boxes ---- */

static struct box *add_box(struct builder *b, enum draw_kind kind, const struct qname *name)
{
    struct box *box = ctx_new(b->ctx, struct box);

    box->kind = kind;
    box->name = *name;
    box->key = qname_text(&b->ctx->arena, name);
    vec_add(b->ctx, &b->p->boxes, box);
    if (kind != DRAW_ENUM && !map_get(&b->p->by_name, box->key))
        map_set(&b->p->by_name, box->key, box);
    return box;
}

static void sign_box(struct builder *b, struct box *box, bool existed)
{
    if (b->before)
        box->sign = !existed                                    ? SIGN_ADDED
                    : changes_alter(b->changes, box->key, NULL) ? SIGN_CHANGED
                                                                : SIGN_NONE;
}

static void add_columns(struct builder *b, const struct table *t, struct box *box)
{
    vec_each(i, &t->columns)
        vec_add(b->ctx, &box->lines, line_of_column(b, t, t->columns.v[i]));
}

static void note_rename(struct builder *b, struct box *box)
{
    const struct qname old = changes_old_name(b->changes, &box->name);

    if (box->sign == SIGN_CHANGED && !qname_eq(&old, &box->name))
        box->note = ctx_printf(b->ctx, "was %s", qname_text(&b->ctx->arena, &old));
}

static void add_table(struct builder *b, const struct table *t)
{
    struct box *box = add_box(b, DRAW_TABLE, &t->name);
    const struct qname old_name = changes_old_name(b->changes, &t->name);
    const struct table *old = b->before ? schema_table(b->before, &old_name) : NULL;

    box->comment = t->comment;
    add_columns(b, t, box);
    sign_box(b, box, old);
    note_rename(b, box);
    if (old) {
        vec_each(i, &box->lines)
            compare_column(b, box, old, &box->lines.v[i]);
        add_dropped_columns(b, box, old);
    }
    add_unique_notes(b, t, box);
    if (old)
        changes_add_notes(b->changes, box->key, &box->lines);
}

static void add_view(struct builder *b, const struct view *v)
{
    struct box *box = add_box(b, DRAW_VIEW, &v->name);
    const struct qname old_name = changes_old_name(b->changes, &v->name);

    box->word = v->materialized ? "materialized view" : "view";
    box->comment = v->comment;
    vec_each(i, &v->columns) {
        const struct line line = {.name = v->columns.v[i], .type = ""};

        vec_add(b->ctx, &box->lines, line);
    }
    sign_box(b, box, b->before && schema_view(b->before, &old_name));
    note_rename(b, box);
}

static void add_enum(struct builder *b, const struct enumeration *e)
{
    struct box *box = add_box(b, DRAW_ENUM, &e->name);
    const struct qname old_name = changes_old_name(b->changes, &e->name);
    const struct enumeration *old = b->before ? schema_enum(b->before, &old_name) : NULL;

    box->word = "enum";
    box->comment = e->comment;
    sign_box(b, box, old);
    note_rename(b, box);
    vec_each(i, &e->values) {
        const bool is_new = old && !strings_have(&old->values, e->values.v[i]);
        const struct line line = {
            .name = e->values.v[i], .type = "", .sign = is_new ? SIGN_ADDED : SIGN_NONE};

        vec_add(b->ctx, &box->lines, line);
    }
    for (size_t i = 0; old && i < old->values.n; i++) {
        const struct line line = {.name = old->values.v[i], .type = "", .sign = SIGN_DROPPED};

        if (!strings_have(&e->values, old->values.v[i]))
            vec_add(b->ctx, &box->lines, line);
    }
}

static const struct table *root_of(const struct schema *s, const struct table *t)
{
    for (const struct table *parent; t->partition_of.name; t = parent)
        if (!(parent = schema_table(s, &t->partition_of)))
            break;
    return t;
}

/* The parts of a table lead to its box. */
static void fold_partition(struct builder *b, const struct schema *s, const struct table *t, size_t *counts)
{
    struct box *box = map_get(&b->p->by_name, qname_text(&b->ctx->arena, &root_of(s, t)->name));
    const char *key = qname_text(&b->ctx->arena, &t->name);

    if (!box || map_get(&b->p->by_name, key))
        return;
    map_set(&b->p->by_name, key, box);
    counts[box->at]++;
}

static void fold_partitions(struct builder *b, const struct schema *s)
{
    size_t *counts = arena_alloc(&b->ctx->arena, (b->p->boxes.n + 1) * sizeof(*counts));

    vec_each(i, &b->p->boxes)
        b->p->boxes.v[i]->at = i;
    vec_each(i, &s->tables)
        if (s->tables.v[i]->partition_of.name)
            fold_partition(b, s, s->tables.v[i], counts);
    vec_each(i, &b->p->boxes)
        if (counts[i])
            b->p->boxes.v[i]->note =
                ctx_printf(b->ctx, "%zu partition%s", counts[i], counts[i] == 1 ? "" : "s");
}

bool is_drawn(const struct table *t)
{
    return !t->partition_of.name;
}

static void add_objects(struct builder *b, const struct schema *s)
{
    vec_each(i, &s->tables)
        if (is_drawn(s->tables.v[i]))
            add_table(b, s->tables.v[i]);
    vec_each(i, &s->views)
        add_view(b, s->views.v[i]);
    vec_each(i, &s->enums)
        add_enum(b, s->enums.v[i]);
}

/* Whether an object of `before` has another name, or none, in the new schema. */
static bool is_gone(const struct builder *b, const struct map *old_keys, const struct qname *name)
{
    return !map_get(old_keys, qname_text(&b->ctx->arena, name));
}

static void drop_box(struct box *box)
{
    box->sign = SIGN_DROPPED;
    vec_each(i, &box->lines)
        box->lines.v[i].sign = SIGN_DROPPED;
}

static void add_dropped(struct builder *b)
{
    const struct schema *after = b->p->source->schema, *before = b->before;
    struct map old[DRAW_ENUM + 1] = {MAP(b->ctx), MAP(b->ctx), MAP(b->ctx)};
    const size_t first = b->p->boxes.n;

    for (size_t i = 0; i < first; i++) {
        const struct qname name = changes_old_name(b->changes, &b->p->boxes.v[i]->name);

        map_set(&old[b->p->boxes.v[i]->kind], qname_text(&b->ctx->arena, &name), b);
    }
    b->before = NULL;
    vec_each(i, &before->tables)
        if (is_drawn(before->tables.v[i]) && !schema_table(after, &before->tables.v[i]->name) &&
            is_gone(b, &old[DRAW_TABLE], &before->tables.v[i]->name))
            add_table(b, before->tables.v[i]);
    vec_each(i, &before->views)
        if (is_gone(b, &old[DRAW_VIEW], &before->views.v[i]->name))
            add_view(b, before->views.v[i]);
    vec_each(i, &before->enums)
        if (is_gone(b, &old[DRAW_ENUM], &before->enums.v[i]->name))
            add_enum(b, before->enums.v[i]);
    b->before = before;
    for (size_t i = first; i < b->p->boxes.n; i++)
        drop_box(b->p->boxes.v[i]);
}

/* ---- together ---- */

static int compare_boxes(const void *a, const void *b)
{
    const struct box *x = *(struct box *const *)a, *y = *(struct box *const *)b;

    return x->kind != y->kind ? (int)x->kind - (int)y->kind : qname_cmp(&x->name, &y->name);
}

void picture_build(struct picture *p)
{
    struct builder b = {.p = p, .ctx = p->ctx, .changes = changes_read(p), .before = p->source->before};

    p->by_name = MAP(p->ctx);
    add_objects(&b, p->source->schema);
    if (b.before)
        add_dropped(&b);
    if (p->boxes.n)
        qsort(p->boxes.v, p->boxes.n, sizeof(*p->boxes.v), compare_boxes);
    fold_partitions(&b, p->source->schema);
    if (b.before)
        fold_partitions(&b, b.before);
    edges_add(&b, p->source->schema, false);
    if (b.before)
        edges_add(&b, b.before, true);
}
