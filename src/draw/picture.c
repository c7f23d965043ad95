/*
 * Builds the boxes and edges of a diagram from a schema, or from two schemas that are compared.
 */
#include "picture.h"

struct builder {
    struct picture *p;
    struct ctx *ctx;
    struct changes *changes;
    const struct schema *before; /* or NULL */
};

/* ---- columns ---- */

static const char *type_of(const struct builder *b, const struct column *c)
{
    const char *text = dtext_for(&c->type, b->p->source->dialect);

    if (!text)
        text = c->native;
    return text ? text : "";
}

/* Whether a constraint or unique index has exactly these columns, in any order. */
static bool is_unique_set(const struct table *t, const struct strings *columns)
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

static bool is_drawn(const struct table *t)
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

/* ---- edges ---- */

static size_t find_line(const struct box *box, const char *column)
{
    vec_each(i, &box->lines)
        if (!box->lines.v[i].is_note && str_eq(box->lines.v[i].name, column))
            return i;
    return (size_t)NO_LINE;
}

static struct edge *add_edge(struct builder *b, enum edge_kind kind, struct box *from, const char *to)
{
    struct edge *e = ctx_new(b->ctx, struct edge);

    e->kind = kind;
    e->from = from;
    e->to = map_get(&b->p->by_name, to);
    e->to_name = to;
    e->from_line = e->to_line = (size_t)NO_LINE;
    e->columns = "";
    e->sign = from->sign == SIGN_CHANGED ? SIGN_NONE : from->sign;
    vec_add(b->ctx, &b->p->edges, e);
    return e;
}

static void add_key_edge(
    struct builder *b, struct box *from, const struct table *t, const struct constraint *k, enum sign sign)
{
    const bool is_old = sign == SIGN_DROPPED || from->sign == SIGN_DROPPED;
    struct edge *e = add_edge(b, EDGE_KEY, from,
        is_old ? changes_new_key(b->changes, &k->references) : qname_text(&b->ctx->arena, &k->references));

    e->columns = strings_join(&b->ctx->arena, &k->columns, ", ");
    e->from_line = k->columns.n ? find_line(from, k->columns.v[0]) : (size_t)NO_LINE;
    if (e->to && k->referred_columns.n)
        e->to_line = find_line(e->to, k->referred_columns.v[0]);
    e->is_unique = is_unique_set(t, &k->columns);
    vec_each(i, &k->columns) {
        const struct column *c = table_column(t, k->columns.v[i]);

        e->is_optional |= c && c->nullable && !column_in_key(t, c->name);
    }
    if (sign)
        e->sign = sign;
}

/* Whether both schemas have a foreign key, under the names that each has. */
static bool is_same_key(const struct builder *b, const struct box *box, const struct constraint *new,
    const struct constraint *old)
{
    const struct qname target = changes_old_name(b->changes, &new->references);

    if (new->columns.n != old->columns.n || !qname_eq(&target, &old->references))
        return false;
    vec_each(i, &new->columns)
        if (!str_eq(changes_old_column(b->changes, box->key, new->columns.v[i]), old->columns.v[i]))
            return false;
    return true;
}

static enum sign sign_key(
    const struct builder *b, const struct box *box, const struct table *old, const struct constraint *k)
{
    for (size_t i = 0; i < old->foreign_keys.n; i++) {
        const struct constraint *before = old->foreign_keys.v[i];

        if (is_same_key(b, box, k, before))
            return k->on_delete == before->on_delete && k->on_update == before->on_update &&
                           k->deferrable == before->deferrable
                       ? SIGN_NONE
                       : SIGN_CHANGED;
    }
    return SIGN_ADDED;
}

static void add_dropped_keys(
    struct builder *b, struct box *box, const struct table *t, const struct table *old)
{
    vec_each(i, &old->foreign_keys) {
        bool is_found = false;

        vec_each(k, &t->foreign_keys)
            is_found |= is_same_key(b, box, t->foreign_keys.v[k], old->foreign_keys.v[i]);
        if (!is_found)
            add_key_edge(b, box, old, old->foreign_keys.v[i], SIGN_DROPPED);
    }
}

static void add_table_edges(struct builder *b, const struct table *t)
{
    struct box *box = map_get(&b->p->by_name, qname_text(&b->ctx->arena, &t->name));
    const struct qname old_name = changes_old_name(b->changes, &t->name);
    const struct table *old = b->before ? schema_table(b->before, &old_name) : NULL;

    if (!is_drawn(t))
        return;
    vec_each(i, &t->foreign_keys)
        add_key_edge(b, box, t, t->foreign_keys.v[i],
            old && box->sign != SIGN_DROPPED ? sign_key(b, box, old, t->foreign_keys.v[i]) : SIGN_NONE);
    if (old && box->sign != SIGN_DROPPED)
        add_dropped_keys(b, box, t, old);
    vec_each(i, &t->inherits)
        add_edge(b, EDGE_INHERITS, box, t->inherits.v[i]);
}

/* The names in an SQL text, in lower case: "users", and "app.users" where it is qualified. */
static struct map names_in(struct ctx *ctx, const char *sql)
{
    struct map names = MAP(ctx);
    const char *last = NULL;
    bool has_dot = false;

    for (struct sql_piece p; (p = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql += p.n) {
        if (p.kind == SQL_WORD || p.kind == SQL_QUOTED) {
            const char *name = str_lower(&ctx->arena, sql_piece_text(&ctx->arena, &p));

            map_set(&names, has_dot && last ? ctx_printf(ctx, "%s.%s", last, name) : name, ctx);
            last = name;
            has_dot = false;
        } else if (sql_piece_is_char(&p, '.')) {
            has_dot = true;
        } else if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT) {
            last = NULL;
            has_dot = false;
        }
    }
    return names;
}

static bool is_named(const struct builder *b, const struct map *names, const struct qname *name)
{
    const char *home = name->schema ? name->schema : b->p->source->schema->default_schema;
    struct arena *a = &b->ctx->arena;

    if (!name->schema && map_get(names, str_lower(a, name->name)))
        return true;
    return home && map_get(names, str_lower(a, ctx_printf(b->ctx, "%s.%s", home, name->name)));
}

/* What a view reads: as the database says, or else what its SQL names. */
static void add_view_edges(struct builder *b, const struct view *v)
{
    struct box *box = map_get(&b->p->by_name, qname_text(&b->ctx->arena, &v->name));
    const char *sql = v->body.native ? v->body.native : dtext_for(&v->body.sql, b->p->source->dialect);
    struct map names;

    if (!box || box->kind != DRAW_VIEW)
        return;
    vec_each(i, &v->depends_on)
        if (map_get(&b->p->by_name, v->depends_on.v[i]))
            add_edge(b, EDGE_READS, box, v->depends_on.v[i]);
    if (v->depends_on.n || !sql)
        return;
    names = names_in(b->ctx, sql);
    vec_each(i, &b->p->boxes) {
        struct box *other = b->p->boxes.v[i];

        if (other != box && other->kind != DRAW_ENUM && is_named(b, &names, &other->name))
            add_edge(b, EDGE_READS, box, other->key);
    }
}

static void add_edges(struct builder *b, const struct schema *s, bool is_dropped)
{
    vec_each(i, &s->tables) {
        const struct box *box = map_get(&b->p->by_name, qname_text(&b->ctx->arena, &s->tables.v[i]->name));

        if (box && (box->sign == SIGN_DROPPED) == is_dropped)
            add_table_edges(b, s->tables.v[i]);
    }
    vec_each(i, &s->views) {
        const struct box *box = map_get(&b->p->by_name, qname_text(&b->ctx->arena, &s->views.v[i]->name));

        if (box && (box->sign == SIGN_DROPPED) == is_dropped)
            add_view_edges(b, s->views.v[i]);
    }
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
    add_edges(&b, p->source->schema, false);
    if (b.before)
        add_edges(&b, b.before, true);
}
