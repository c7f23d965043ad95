/*
 * Finds views that change, and views that must be dropped because of the objects that they read.
 *
 * A view depends on the tables, columns and views that it reads. A view that reads a dropped or retyped object is
 * dropped first and created again at the end, and so are the views that read it. A view whose columns certainly stay
 * the same is replaced in place. A materialized view is always recreated, with its indexes.
 */
#include "diff/differ.h"

enum fate { FATE_KEEP, FATE_REPLACE, FATE_REMAKE, FATE_DROP };

/* Whether an entry of depends_on means this name. */
static bool entry_is(const char *entry, const char *schema, const char *name, bool is_default)
{
    size_t n = strlen(entry), m = strlen(name);

    if (n < m || strcmp(entry + n - m, name) != 0)
        return false;
    if (n == m)
        return is_default;
    return schema && entry[n - m - 1] == '.' && strlen(schema) == n - m - 1 &&
           strncmp(entry, schema, n - m - 1) == 0;
}

bool view_reads_name(const struct schema *s, const struct view *v, const struct qname *name)
{
    const char *schema = name->schema ? name->schema : s->default_schema;

    vec_each(i, &v->depends_on)
        if (entry_is(v->depends_on.v[i], schema, name->name, !name->schema))
            return true;
    return !v->depends_on.n && sql_mentions(v->body.native, name->name) &&
           (!name->schema || sql_mentions(v->body.native, name->schema));
}

/* ---- what happens to a view that is there ----------------------------------------------------------------- */

static bool reads_columns(const struct view *v, const struct touched *t)
{
    if (t->columns.n && v->body.native && strchr(v->body.native, '*'))
        return true;
    vec_each(i, &t->columns)
        if (sql_mentions(v->body.native, t->columns.v[i]))
            return true;
    return false;
}

static bool is_affected(const struct differ *d, const struct view *v)
{
    vec_each(i, &d->touched) {
        const struct touched *t = d->touched.v[i];
        bool reads = view_reads_name(d->from, v, &t->name) ||
                     (t->old_name.name && view_reads_name(d->from, v, &t->old_name));

        if (reads && (t->whole || reads_columns(v, t)))
            return true;
    }
    return false;
}

/* The first of the words outside of brackets and quotes; the end of the text if there is none. */
static size_t find_word(const char *sql, const char *const *words)
{
    int depth = 0;
    const char *s = sql;

    for (struct sql_piece p; (p = sql_piece(s, SQL_ANY)).kind != SQL_END; s += p.n) {
        depth += (*s == '(') - (*s == ')');
        for (const char *const *w = words; depth == 0 && *w; w++)
            if (sql_piece_is(&p, *w))
                return (size_t)(s - sql);
    }
    return strlen(sql);
}

/* The text between SELECT and FROM, and after it up to the conditions. */
struct query {
    const char *list, *tables;
    size_t list_n, tables_n;
};

static bool query_split(const char *sql, struct query *ret)
{
    static const char *const from[] = {"from", NULL};
    static const char *const tail[] = {
        "where", "group", "having", "order", "limit", "window", "offset", NULL};
    static const char *const sets[] = {"union", "intersect", "except", "with", "distinct", NULL};
    size_t at = find_word(sql, from);

    if (find_word(sql, sets) < strlen(sql) || memchr(sql, '*', at))
        return false;
    ret->list = sql;
    ret->list_n = at;
    ret->tables = sql + at;
    ret->tables_n = find_word(sql + at, tail);
    while (ret->list_n && strchr(" \t\r\n", sql[ret->list_n - 1]))
        ret->list_n--;
    while (ret->tables_n && strchr(" \t\r\n;", ret->tables[ret->tables_n - 1]))
        ret->tables_n--;
    return true;
}

bool view_same_columns(const struct dialect *dialect, const struct view *a, const struct view *b)
{
    return dialect->has.folded_columns || same_names(dialect, &a->columns, &b->columns);
}

static bool is_materialized(const struct differ *d, const struct view *v)
{
    return d->dialect->has.materialized && v->materialized;
}

/* Whether a replacement keeps the columns, with their types: the same ones first, from the same tables. */
static bool is_replaceable(const struct differ *d, const struct view *a, const struct view *b)
{
    struct query x, y;

    if (differ_rebuilds(d))
        return true;
    if (is_materialized(d, a) || is_materialized(d, b))
        return false;
    if (!view_same_columns(d->dialect, a, b) || !same_options(d->dialect, a->options, b->options))
        return false;
    if (!a->body.native || !b->body.native || !query_split(a->body.native, &x) ||
        !query_split(b->body.native, &y))
        return false;
    if (x.tables_n != y.tables_n || memcmp(x.tables, y.tables, x.tables_n) != 0)
        return false;
    return y.list_n >= x.list_n && memcmp(x.list, y.list, x.list_n) == 0 &&
           (y.list_n == x.list_n || y.list[x.list_n] == ',');
}

static bool same_view(const struct differ *d, const struct view *a, const struct view *b)
{
    return same_expr(d->ctx, d->dialect, NULL, a->body.native, b->body.native) &&
           view_same_columns(d->dialect, a, b) && same_options(d->dialect, a->options, b->options) &&
           is_materialized(d, a) == is_materialized(d, b);
}

static enum fate fate_of(struct differ *d, const struct view *a)
{
    const struct view *b = schema_view(d->to, &a->name);
    bool same = b && same_view(d, a, b);

    if (d->found && !b)
        differ_found(
            d, (struct pos){0}, "%s: the view is not in the models", qname_text(&d->ctx->arena, &a->name));
    if (d->found && b && !same)
        differ_found(d, b->pos, "%s: the view differs", qname_text(&d->ctx->arena, &a->name));
    if (!b)
        return FATE_DROP;
    if (is_affected(d, a) || differ_needs_going(d, a->body.native))
        return FATE_REMAKE;
    if (same)
        return FATE_KEEP;
    return is_replaceable(d, a, b) ? FATE_REPLACE : FATE_REMAKE;
}

/* ---- which views read which ----------------------------------------------------------------------------- */

/* Views by their places in a schema's list, in rising order. */
struct places VEC_OF(size_t);

struct view_graph {
    const struct views *views;
    struct places *reads, *readers; /* of each view */
};

/* The views that may have this name, in any schema. */
static void read_name(struct ctx *ctx, const struct schema *s, const struct map *by_name, const char *name,
    struct view_graph *g, size_t reader)
{
    const struct places *found = map_get(by_name, str_lower(&ctx->arena, name));

    for (size_t k = 0; found && k < found->n; k++) {
        size_t read = found->v[k];
        struct places *readers = &g->readers[read];

        if (read == reader || (readers->n && readers->v[readers->n - 1] == reader) ||
            !view_reads_name(s, s->views.v[reader], &s->views.v[read]->name))
            continue;
        vec_add(ctx, readers, reader);
        vec_add(ctx, &g->reads[reader], read);
    }
}

/* Each text is read once: there may be many views, which read each other in a long chain. */
static struct view_graph view_graph(struct ctx *ctx, const struct schema *s)
{
    size_t n = s->views.n + 1;
    struct view_graph g = {.views = &s->views,
        .reads = arena_alloc(&ctx->arena, n * sizeof(*g.reads)),
        .readers = arena_alloc(&ctx->arena, n * sizeof(*g.readers))};
    struct map by_name = MAP(ctx);

    vec_each(i, &s->views) {
        const char *key = str_lower(&ctx->arena, s->views.v[i]->name.name);
        struct places *named = map_get(&by_name, key);

        if (!named)
            map_set(&by_name, key, named = ctx_new(ctx, struct places));
        vec_add(ctx, named, i);
    }
    vec_each(i, &s->views) {
        const struct view *v = s->views.v[i];
        struct map seen = MAP(ctx);
        struct strings words = {0};

        words_of_sql(ctx, v->depends_on.n ? NULL : v->body.native, &seen, &words);
        vec_each(w, &words)
            read_name(ctx, s, &by_name, words.v[w], &g, i);
        vec_each(w, &v->depends_on)
            for (const char *name = v->depends_on.v[w]; name;
                 name = strchr(name, '.') ? strchr(name, '.') + 1 : NULL)
                read_name(ctx, s, &by_name, name, &g, i);
    }
    return g;
}

/* A view that reads a dropped view must be dropped, too. */
static void spread(struct ctx *ctx, const struct view_graph *g, enum fate *fates)
{
    struct places going = {0};

    vec_each(i, g->views)
        if (fates[i] >= FATE_REMAKE)
            vec_add(ctx, &going, i);
    while (going.n) {
        const struct places *readers = &g->readers[going.v[--going.n]];

        vec_each(i, readers) {
            if (fates[readers->v[i]] >= FATE_REMAKE)
                continue;
            fates[readers->v[i]] = FATE_REMAKE;
            vec_add(ctx, &going, readers->v[i]);
        }
    }
}

/* The marked views, each after all marked ones in its `first`, otherwise in the order of the list. If all wait for
 * each other, as the texts may suggest, the order of the list is used. */
static struct views in_order(struct ctx *ctx, const struct view_graph *g, const struct places *first,
    const struct places *next, bool *marked)
{
    size_t n = g->views->n, *waits = arena_alloc(&ctx->arena, (n + 1) * sizeof(*waits));
    struct views ret = {0};

    for (size_t i = 0; i < n; i++)
        vec_each(k, &first[i])
            waits[i] += marked[first[i].v[k]];
    for (;;) {
        size_t at = 0, any = 0;

        while (at < n && (!marked[at] || waits[at]))
            at++;
        while (any < n && !marked[any])
            any++;
        at = at < n ? at : any;
        if (at == n)
            return ret;
        marked[at] = false;
        vec_add(ctx, &ret, g->views->v[at]);
        vec_each(k, &next[at])
            waits[next[at].v[k]]--;
    }
}

/* ---- operations ------------------------------------------------------------------------------------------- */

/* A view that is dropped first still has its old name, and need not be renamed. */
static struct qname name_before(struct differ *d, const struct qname *name)
{
    struct ops *renames = &d->phases[PHASE_RENAME];

    vec_each(i, renames) {
        const struct op *op = renames->v[i];

        if (op->kind != OP_RENAME_VIEW || !qname_eq(&op->u.rename.new_name, name))
            continue;
        vec_remove(renames, i);
        return op->u.rename.name;
    }
    return *name;
}

static void drop_views(struct differ *d, const struct view_graph *g, const enum fate *fates)
{
    bool *going = arena_alloc(&d->ctx->arena, g->views->n + 1);
    struct views list;

    vec_each(i, g->views)
        going[i] = fates[i] >= FATE_REMAKE;
    list = in_order(d->ctx, g, g->readers, g->reads, going);
    vec_each(i, &list) {
        struct qname name = name_before(d, &list.v[i]->name);

        differ_add(d, PHASE_DROP_VIEW, op_drop_for(d, OP_DROP_VIEW, &name));
    }
}

static enum fate fate_in(const struct differ *d, const enum fate *fates, const struct qname *name)
{
    vec_each(i, &d->from->views)
        if (qname_eq(&d->from->views.v[i]->name, name))
            return fates[i];
    return FATE_DROP;
}

static void comment_view(struct differ *d, const struct view *b)
{
    const struct view *a = schema_view(d->from, &b->name);

    if (!d->dialect->has.comments || str_eq(a->comment, b->comment))
        return;
    differ_add(d, PHASE_COMMENT, op_set_comment_for(d, "view", NULL, b->name, b->comment));
    if (d->found)
        differ_found(d, b->pos, "%s: the comment differs", qname_text(&d->ctx->arena, &b->name));
}

static void create_views(struct differ *d, const enum fate *fates)
{
    const struct view_graph g = view_graph(d->ctx, d->to);
    bool *coming = arena_alloc(&d->ctx->arena, g.views->n + 1);
    struct views list;

    vec_each(i, g.views)
        coming[i] = fate_in(d, fates, &g.views->v[i]->name) != FATE_KEEP;
    list = in_order(d->ctx, &g, g.reads, g.readers, coming);
    vec_each(i, &list) {
        const struct view *v = list.v[i];
        bool replace = fate_in(d, fates, &v->name) == FATE_REPLACE;
        struct op *op = op_view_for(d, replace ? OP_REPLACE_VIEW : OP_CREATE_VIEW, v);

        op->pos = v->pos;
        differ_add(d, PHASE_CREATE_VIEW, op);
        if (d->found && !schema_view(d->from, &v->name))
            differ_found(
                d, v->pos, "%s: the view is not in the database", qname_text(&d->ctx->arena, &v->name));
    }
}

void compare_views(struct differ *d)
{
    const struct views *views = &d->from->views;
    const struct view_graph graph = view_graph(d->ctx, d->from);
    enum fate *fates = arena_alloc(&d->ctx->arena, (views->n + 1) * sizeof(*fates));

    vec_each(i, views)
        fates[i] = fate_of(d, views->v[i]);
    spread(d->ctx, &graph, fates);
    drop_views(d, &graph, fates);
    create_views(d, fates);
    vec_each(i, views) {
        const struct view *b = fates[i] < FATE_REMAKE ? schema_view(d->to, &views->v[i]->name) : NULL;

        if (b)
            comment_view(d, b);
        if (b && is_materialized(d, b))
            compare_view_indexes(d, views->v[i], b);
    }
}
