/* Columns that the database fills by itself: serial, identity, and single integer keys. */
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"
#include "dialect/postgresql/wire/conn.h"

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
    if (c->identity || c->generated || c->dflt.kind != VALUE_NONE || !is_integer(c) || pg_is_serial(c))
        return false;
    if (c->autoincrement != TRI_UNSET)
        return c->autoincrement == TRI_TRUE;
    return is_single_key(t, c);
}

/* Explicit settings that equal the default are never reflected. */
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
    drop_usual(c->options, "tablespace", "pg_default");
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

/* As in CREATE INDEX, where nobody quotes it. */
static void fold_method(struct ctx *ctx, const char **using)
{
    if (*using)
        *using = str_lower(&ctx->arena, *using);
}

static void indexes_settle(struct ctx *ctx, const struct indexes *list)
{
    vec_each(i, list) {
        drop_usual(list->v[i]->options, "tablespace", "pg_default");
        fold_method(ctx, &list->v[i]->using);
    }
}

void pg_prepare_view(struct ctx *ctx, struct view *v)
{
    drop_usual(v->options, "access_method", "heap");
    drop_usual(v->options, "tablespace", "pg_default");
    indexes_settle(ctx, &v->indexes);
}

/* The type of a typed table, without the name of the default schema. */
static void settle_type(struct ctx *ctx, const struct schema *s, struct options *o)
{
    const char *type = o ? options_get(o, "postgresql", "of") : NULL;
    struct qname name;
    if (!type || !*type || !qname_parse(&ctx->arena, type, &name))
        return;
    if (str_eq(name.schema, s->default_schema))
        name.schema = NULL;
    options_set(ctx, o, "postgresql", "of", qname_text(&ctx->arena, &name));
}

/* serial and identity columns are never null, whatever the model says. */
bool pg_prepare_table(struct ctx *ctx, struct schema *s, struct table *t)
{
    settle_type(ctx, s, t->options);
    drop_usual(t->options, "access_method", "heap");
    drop_usual(t->options, "unlogged", "false");
    drop_usual(t->options, "row_security", "false");
    drop_usual(t->options, "force_row_security", "false");
    drop_usual(t->options, "tablespace", "pg_default");
    drop_usual(t->options, "replica_identity", "default");
    indexes_settle(ctx, &t->indexes);
    size_t state = 0;
    for (struct constraint *k; (k = table_next_constraint(t, &state));) {
        constraint_settle(k);
        fold_method(ctx, &k->using);
    }
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

/* Whether two texts of an option mean the same; a missing one means the default. */
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

/* Only the limits of ascending sequences are known; those of others must be given in the same way. */
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
    /* A model that asks for nothing in particular accepts either. */
    if (key_a || key_b || !filled_a)
        return true;
    if (!a->identity || !b->identity)
        return !a->identity && !b->identity;
    return a->identity->kind == b->identity->kind && options_same(a, b);
}

/* ---- sequences --------------------------------------------------------------------------------------- */

/* A part of a name in SQL, quoted or not; false at anything else. */
static bool take_name(struct arena *a, const char **at, const char **ret)
{
    const char *p = *at;
    struct str out = {.arena = a};
    if (*p != '"') {
        size_t n = 0;
        while (p[n] && !strchr("\".' ():", p[n]))
            n++;
        *ret = str_lower(a, arena_strndup(a, p, n));
        *at = p + n;
        return n > 0;
    }
    for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
        p += *p == '"';
        str_addc(&out, *p);
    }
    if (!*p)
        return false;
    *ret = arena_strdup(a, str_get(&out));
    *at = p + 1;
    return true;
}

static bool take_qname(struct arena *a, const char *text, struct qname *ret)
{
    struct qname name = {0};
    if (!take_name(a, &text, &name.name))
        return false;
    if (*text == '.') {
        text++;
        name.schema = name.name;
        if (!take_name(a, &text, &name.name))
            return false;
    }
    *ret = name;
    return !*text;
}

bool pg_default_sequence(struct arena *a, const char *dflt, struct qname *ret, bool *ret_is_all)
{
    static const char *const calls[] = {"nextval('", "pg_catalog.nextval('"};
    static const char *const ends[] = {")", "::regclass)", "::pg_catalog.regclass)"};
    const char *p = NULL;
    struct str name = {.arena = a};
    for (size_t i = 0; dflt && !p && i < COUNT_OF(calls); i++)
        if (str_starts(dflt, calls[i]))
            p = dflt + strlen(calls[i]);
    if (!p)
        return false;
    for (; *p && (*p != '\'' || p[1] == '\''); p++) {
        p += *p == '\'';
        str_addc(&name, *p);
    }
    if (!*p || !take_qname(a, str_get(&name), ret))
        return false;
    *ret_is_all = false;
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        *ret_is_all |= str_eq(p + 1, ends[i]);
    return true;
}

/* The reflected name counts unless it was the usual one, which follows the names of table and column. */
static struct qname serial_name(struct arena *a, const struct table *t, const struct column *c)
{
    const struct sequence *q = c->sequence;
    struct qname usual = {t->name.schema, pg_serial_sequence(a, t->name.name, c->name)};
    bool is_other =
        q && q->owner.name && !str_eq(q->name.name, pg_serial_sequence(a, q->owner.name, q->owner_column));
    return is_other ? (struct qname){t->name.schema, q->name.name} : usual;
}

bool pg_column_sequence(struct ctx *ctx, const struct table *t, const struct column *c, struct qname *ret,
    bool *ret_comes_with_it)
{
    bool is_all;
    *ret_comes_with_it = pg_is_serial(c) || c->identity || pg_is_generated_key(t, c);
    if (*ret_comes_with_it) {
        *ret = serial_name(&ctx->arena, t, c);
        return true;
    }
    if (c->dflt.kind != VALUE_SQL)
        return false;
    const char *text = c->dflt.expr.native ? c->dflt.expr.native : dtext_for(&c->dflt.expr.sql, "postgresql");
    return pg_default_sequence(&ctx->arena, text, ret, &is_all);
}

/* The same type without the word serial, which may be written for all dialects or for this one. */
static struct dtext plain_type(struct ctx *ctx, const struct column *c)
{
    struct dtext type = c->type;
    size_t n = 0;
    if (pg_serial_integer(type.text))
        type.text = c->native;
    while (type.by && type.by[n].dialect)
        n++;
    if (!n)
        return type;
    struct dtext_by *by = arena_alloc(&ctx->arena, (n + 1) * sizeof(*by));
    memcpy(by, type.by, (n + 1) * sizeof(*by));
    for (size_t i = 0; i < n; i++)
        if (str_eq(by[i].dialect, "postgresql"))
            by[i].text = c->native;
    type.by = by;
    return type;
}

struct sequence *pg_serial_apart(struct ctx *ctx, const struct table *t, struct column *c)
{
    if (!pg_is_serial(c) || c->identity || c->generated || c->dflt.kind != VALUE_NONE)
        return NULL;
    struct sequence *q = ctx_new(ctx, struct sequence);
    if (!c->native)
        c->native = pg_serial_integer(dtext_for(&c->type, "postgresql"));
    *q = (struct sequence){
        .name = serial_name(&ctx->arena, t, c),
        .pos = c->pos,
        .type = str_eq(c->native, "bigint") ? NULL : c->native,
        .owner = t->name,
        .owner_column = c->name,
    };
    struct sql text = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&text, "nextval(%L::regclass)", pg_qname(&ctx->arena, &q->name));
    c->dflt = (struct value){.kind = VALUE_SQL, .expr.native = sql_end(&text)};
    c->type = plain_type(ctx, c);
    c->nullable = false;
    if (c->autoincrement == TRI_TRUE)
        c->autoincrement = TRI_FALSE;
    return q;
}
