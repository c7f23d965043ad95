/*
 * Finds which objects name others in their SQL, and the order that follows from it.
 *
 * The words of a text show what it may depend on. The database reads a body in quotes when it runs, not before.
 */
#include "cmig/op.h"

struct mention {
    const char *name; /* the same pointer for the same name */
    struct strings words;
    bool done;
};

/* Those of one name, as an index into `all`. */
struct bucket {
    const char *name;
    size_t *v;
    uint32_t n, cap;
};

/* The arguments of a virtual table's module name tables in strings, too: content='posts'. */
static bool has_names_in_strings(const char *sql)
{
    size_t at, n;

    return sql && object_sql_name(OBJECT_VIRTUAL_TABLE, sql, &at, &n);
}

/* Whether a string that ends here is cast to a type that holds the name of an object: regclass, regconfig, … */
static bool is_cast_to_name(const char *s)
{
    s = sql_skip_space(s, SQL_ANY);
    if (!str_starts(s, "::"))
        return false;
    const struct sql_piece p = sql_piece(sql_skip_space(s + 2, SQL_ANY), SQL_ANY);
    return p.kind == SQL_WORD && p.n > 3 && str_starts(p.s, "reg");
}

/* The bytes of an operator that begins here; 0: none of several signs does. Those of one sign are everywhere. */
static size_t operator_length(const char *sql)
{
    size_t n = 0;

    for (struct sql_piece p;
         (p = sql_piece(sql + n, SQL_ANY)).kind == SQL_OTHER && strchr("+-*/<>=~!@#%^&|?", *p.s);)
        n += p.n;
    return n > 1 ? n : 0;
}

static void add_word(struct ctx *ctx, char *word, struct map *seen, struct strings *ret)
{
    if (map_get(seen, word))
        return;
    map_set(seen, word, seen);
    if (ret)
        vec_add(ctx, ret, word);
}

void words_of_sql(struct ctx *ctx, const char *sql, struct map *seen, struct strings *ret)
{
    bool takes_strings = has_names_in_strings(sql);

    for (struct sql_piece p; sql && (p = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql += p.n) {
        if (p.kind == SQL_STRING && is_cast_to_name(sql + p.n))
            words_of_sql(ctx, sql_piece_text(&ctx->arena, &p), seen, ret);
        bool quoted = (p.kind == SQL_QUOTED || (takes_strings && p.kind == SQL_STRING)) && p.n > 2;
        size_t n = p.n - 2 * quoted, sign = p.kind == SQL_OTHER ? operator_length(sql) : 0;

        if (sign) {
            add_word(ctx, arena_strndup(&ctx->arena, sql, sign), seen, ret);
            p.n = sign;
        }
        /* Most words have been seen as they are. */
        if ((!quoted && p.kind != SQL_WORD) || map_getn(seen, p.s + quoted, n))
            continue;
        add_word(ctx, str_lower(&ctx->arena, sql_piece_text(&ctx->arena, &p)), seen, ret);
    }
}

static void add_expr(struct ctx *ctx, const struct expr *e, struct map *words)
{
    words_of_sql(ctx, e->native, words, NULL);
}

static void add_parts(struct ctx *ctx, const struct index_parts *parts, struct map *words)
{
    vec_each(i, parts) {
        add_expr(ctx, &parts->v[i]->expr, words);
        words_of_sql(ctx, parts->v[i]->opclass, words, NULL);
    }
}

void words_of_table(struct ctx *ctx, const struct table *t, struct map *words)
{
    const struct constraint *c;
    size_t state = 0;

    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];

        words_of_sql(ctx, column->native, words, NULL);
        add_expr(ctx, &column->dflt.expr, words);
        if (column->generated)
            add_expr(ctx, &column->generated->expr, words);
    }
    while ((c = table_next_constraint(t, &state))) {
        add_expr(ctx, &c->check, words);
        add_parts(ctx, &c->parts, words);
    }
    vec_each(i, &t->indexes) {
        add_expr(ctx, &t->indexes.v[i]->where, words);
        add_parts(ctx, &t->indexes.v[i]->parts, words);
    }
}

void mentions_begin(struct mentions *m, struct ctx *ctx)
{
    *m = (struct mentions){.ctx = ctx, .buckets = MAP(ctx)};
}

void mentions_add(struct mentions *m, const char *name, const char *text, void *what)
{
    struct mention *x = ctx_new(m->ctx, struct mention);
    const char *key = str_lower(&m->ctx->arena, name);
    struct bucket *b = map_get(&m->buckets, key);
    struct map seen = MAP(m->ctx);

    words_of_sql(m->ctx, text, &seen, &x->words);
    if (!b) {
        map_set(&m->buckets, key, b = ctx_new(m->ctx, struct bucket));
        b->name = key;
    }
    x->name = b->name;
    vec_add(m->ctx, b, m->all.n);
    vec_add(m->ctx, &m->all, x);
    vec_add(m->ctx, &m->what, what);
}

/* After those that it names, of its own name only those before it; what goes round in a circle comes in the order of the list. */
static void visit(struct mentions *m, size_t at, struct pointers_found *ret)
{
    struct mention *x = m->all.v[at];

    if (x->done)
        return;
    x->done = true;
    vec_each(i, &x->words) {
        const struct bucket *b = map_get(&m->buckets, x->words.v[i]);

        for (size_t k = 0; b && k < b->n; k++)
            if (b->v[k] < at || m->all.v[b->v[k]]->name != x->name)
                visit(m, b->v[k], ret);
    }
    vec_add(m->ctx, ret, m->what.v[at]);
}

struct pointers_found mentions_order(struct mentions *m)
{
    struct pointers_found ret = {0};

    vec_each(i, &m->all)
        m->all.v[i]->done = false;
    vec_each(i, &m->all)
        visit(m, i, &ret);
    return ret;
}

/* Until nothing is added. A text names itself, which says nothing of others of the name. */
void mentions_spread(struct mentions *m, bool *marked, bool to_named)
{
    bool again = true;

    while (again) {
        again = false;
        vec_each(i, &m->all)
            vec_each(w, &m->all.v[i]->words) {
                const struct bucket *b = map_get(&m->buckets, m->all.v[i]->words.v[w]);

                for (size_t k = 0; b && b->name != m->all.v[i]->name && k < b->n; k++) {
                    size_t from = to_named ? i : b->v[k], to = to_named ? b->v[k] : i;

                    if (marked[from] && !marked[to])
                        again = marked[to] = true;
                }
            }
    }
}

void mentions_spread_late(struct mentions *m, bool *early, bool *late)
{
    size_t n = m->what.n;

    mentions_spread(m, early, true);
    for (size_t i = 0; i < n; i++)
        late[i] &= !early[i];
    mentions_spread(m, late, false);
    for (size_t i = 0; i < n; i++)
        late[i] &= !early[i];
}

const struct strings *mentions_words(const struct mentions *m, size_t at)
{
    return &m->all.v[at]->words;
}
