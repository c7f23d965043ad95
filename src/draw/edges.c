/*
 * Builds the edges of a diagram: foreign keys, inheritance, and what views read.
 */
#include "builder.h"

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

/* ---- what views read ---- */

static void add_sql_name(struct builder *b, const char *name, struct box *box)
{
    const char *lower = str_lower(&b->ctx->arena, name);
    struct boxes *boxes = map_get(&b->by_sql_name, lower);

    if (!boxes) {
        boxes = ctx_new(b->ctx, struct boxes);
        map_set(&b->by_sql_name, lower, boxes);
    }
    vec_add(b->ctx, boxes, box);
}

/* Indexes the tables and views by the names that SQL can use, in lower case: "users", and "app.users". */
static void index_boxes(struct builder *b)
{
    b->by_sql_name = MAP(b->ctx);
    vec_each(i, &b->p->boxes) {
        struct box *box = b->p->boxes.v[i];
        const struct qname *name = &box->name;
        const char *home = name->schema ? name->schema : b->p->source->schema->default_schema;

        if (box->kind == DRAW_ENUM)
            continue;
        if (!name->schema)
            add_sql_name(b, name->name, box);
        if (home)
            add_sql_name(b, ctx_printf(b->ctx, "%s.%s", home, name->name), box);
    }
}

static void add_named(struct builder *b, const char *name, struct boxes *ret)
{
    const struct boxes *boxes = map_get(&b->by_sql_name, name);

    for (size_t i = 0; boxes && i < boxes->n; i++)
        vec_add(b->ctx, ret, boxes->v[i]);
}

/* The boxes that an SQL text names, perhaps several times: as "users", or "app.users" where that is qualified. */
static struct boxes boxes_in(struct builder *b, const char *sql)
{
    struct boxes found = {0};
    const char *last = NULL;
    bool has_dot = false;

    for (struct sql_piece p; (p = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql += p.n) {
        if (p.kind == SQL_WORD || p.kind == SQL_QUOTED) {
            struct arena *a = &b->ctx->arena;
            const char *name = str_lower(a, sql_piece_text(a, &p));

            add_named(b, has_dot && last ? ctx_printf(b->ctx, "%s.%s", last, name) : name, &found);
            last = name;
            has_dot = false;
        } else if (sql_piece_is_char(&p, '.')) {
            has_dot = true;
        } else if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT) {
            last = NULL;
            has_dot = false;
        }
    }
    return found;
}

static int compare_places(const void *a, const void *b)
{
    const size_t x = (*(struct box *const *)a)->at, y = (*(struct box *const *)b)->at;

    return (x > y) - (x < y);
}

/* What a view reads: as the database says, or else what its SQL names. */
static void add_view_edges(struct builder *b, const struct view *v)
{
    struct box *box = map_get(&b->p->by_name, qname_text(&b->ctx->arena, &v->name)), *last = box;
    const char *sql = v->body.native ? v->body.native : dtext_for(&v->body.sql, b->p->source->dialect);
    struct boxes found;

    if (!box || box->kind != DRAW_VIEW)
        return;
    vec_each(i, &v->depends_on)
        if (map_get(&b->p->by_name, v->depends_on.v[i]))
            add_edge(b, EDGE_READS, box, v->depends_on.v[i]);
    if (v->depends_on.n || !sql)
        return;
    if (!b->by_sql_name.arena)
        index_boxes(b);
    found = boxes_in(b, sql);
    if (found.n)
        qsort(found.v, found.n, sizeof(*found.v), compare_places);
    vec_each(i, &found) {
        if (found.v[i] != box && found.v[i] != last)
            add_edge(b, EDGE_READS, box, found.v[i]->key);
        last = found.v[i];
    }
}

/* ---- together ---- */

void edges_add(struct builder *b, const struct schema *s, bool is_dropped)
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
