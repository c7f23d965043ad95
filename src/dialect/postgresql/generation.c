/* Which columns does the database fill by itself, and how? */
#include "dialect/postgresql/names.h"
#include "dialect/postgresql/types.h"

static bool is_integer(const struct column *c)
{
    return c->native && pg_serial_of(c->native);
}

static bool is_single_key(const struct table *t, const struct column *c)
{
    return t && t->primary_key && t->primary_key->columns.n == 1 &&
           str_eq(t->primary_key->columns.v[0], c->name);
}

bool pg_is_generated_key(const struct table *t, const struct column *c)
{
    if (c->identity || c->generated || c->dflt.kind != VALUE_NONE || pg_is_serial(c) || !is_integer(c))
        return false;
    if (c->autoincrement != TRI_UNSET)
        return c->autoincrement == TRI_TRUE;
    return is_single_key(t, c);
}

/* What is said aloud although it holds anyway is never reflected. */
static void drop_usual(struct options *o, const char *key, const char *usual)
{
    for (size_t i = o ? o->n : 0; i-- > 0;)
        if (str_eq(o->v[i].dialect, "postgresql") && str_eq(o->v[i].key, key) &&
            str_eq_ci(o->v[i].value, usual))
            vec_remove(o, i);
}

/* How values of a type are stored; NULL: not known here. */
static const char *usual_storage(struct arena *a, const char *native)
{
    static const struct {
        const char *base, *storage;
    } rows[] = {{"smallint", "plain"}, {"integer", "plain"}, {"bigint", "plain"}, {"boolean", "plain"},
        {"real", "plain"}, {"double precision", "plain"}, {"date", "plain"}, {"uuid", "plain"},
        {"numeric", "main"}, {"inet", "main"}, {"cidr", "main"}, {"text", "extended"},
        {"character varying", "extended"}, {"bpchar", "extended"}, {"bytea", "extended"},
        {"json", "extended"}, {"jsonb", "extended"}, {"xml", "extended"}};
    const char *base = pg_type_base(a, native);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq(rows[i].base, base))
            return rows[i].storage;
    return str_ends(base, "[]") ? "extended" : NULL;
}

static void constraint_settle(struct constraint *c)
{
    drop_usual(c->options, "not_enforced", "false");
    drop_usual(c->options, "period", "false");
    drop_usual(c->options, "without_overlaps", "false");
    if (c->options && options_get(c->options, "postgresql", "not_enforced"))
        c->not_valid = false;
}

static void column_settle(struct ctx *ctx, struct column *c)
{
    const char *storage = c->options ? usual_storage(&ctx->arena, c->native) : NULL;
    if (storage)
        drop_usual(c->options, "storage", storage);
    drop_usual(c->options, "statistics", "-1");
    if (str_eq(c->collation, "default"))
        c->collation = NULL;
}

/* serial and identity columns are never null, whatever was said. */
bool pg_prepare_table(struct ctx *ctx, ATTR_UNUSED struct schema *s, struct table *t)
{
    drop_usual(t->options, "access_method", "heap");
    drop_usual(t->options, "unlogged", "false");
    size_t state = 0;
    for (struct constraint *k; (k = table_next_constraint(t, &state));)
        constraint_settle(k);
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        column_settle(ctx, c);
        if (c->identity && c->dflt.kind != VALUE_NONE)
            return fail_at(
                ctx, STATUS_CONFIG, c->pos, "column '%s' has both a default and an identity", c->name);
        if (c->identity && !is_integer(c))
            return fail_at(ctx, STATUS_CONFIG, c->pos,
                "column '%s' cannot be an identity: its type is neither smallint, integer nor bigint",
                c->name);
        if (pg_is_serial(c) || c->identity || pg_is_generated_key(t, c))
            c->nullable = false;
    }
    return true;
}

/* Whether two texts of an option say the same; what is not said has the default. */
static bool option_same(const char *a, const char *b, const char *otherwise)
{
    return str_eq(a ? a : otherwise, b ? b : otherwise);
}

static const char *type_limit(const struct column *c)
{
    return str_eq(c->native, "smallint")  ? "32767"
           : str_eq(c->native, "integer") ? "2147483647"
                                          : "9223372036854775807";
}

/* Only of ascending sequences are the limits known; those of others must be said the same way. */
static bool options_same(const struct column *a, const struct column *b)
{
    const struct sequence_options *x = &a->identity->options, *y = &b->identity->options;
    return option_same(x->increment, y->increment, "1") &&
           option_same(x->start, y->start,
               x->min   ? x->min
               : y->min ? y->min
                        : "1") &&
           option_same(x->min, y->min, "1") &&
           option_same(x->max ? x->max : type_limit(a), y->max ? y->max : type_limit(b), NULL) &&
           option_same(x->cache, y->cache, "1") && (x->cycle == TRI_TRUE) == (y->cycle == TRI_TRUE);
}

bool pg_generation_same(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b)
{
    bool key_a = pg_is_generated_key(ta, a), key_b = pg_is_generated_key(tb, b);
    bool filled_a = key_a || a->identity || pg_is_serial(a),
         filled_b = key_b || b->identity || pg_is_serial(b);
    if (filled_a != filled_b)
        return false;
    /* Who asks for nothing in particular is content with either. */
    if (key_a || key_b || !filled_a)
        return true;
    if (!a->identity || !b->identity)
        return !a->identity && !b->identity;
    return a->identity->kind == b->identity->kind && options_same(a, b);
}

const char *pg_column_sequence(
    struct ctx *ctx, const struct table *t, const struct column *c, bool *ret_comes_with_it)
{
    static const char takes[] = "nextval('";
    struct qname own = {.schema = t->name.schema};
    *ret_comes_with_it = pg_is_serial(c) || c->identity || pg_is_generated_key(t, c);
    if (*ret_comes_with_it) {
        own.name = pg_serial_sequence(&ctx->arena, t->name.name, c->name);
        return pg_qname(&ctx->arena, &own);
    }
    if (c->dflt.kind != VALUE_SQL || !str_starts(c->dflt.expr.native, takes))
        return NULL;
    const char *name = c->dflt.expr.native + strlen(takes);
    return arena_strndup(&ctx->arena, name, strcspn(name, "'"));
}
