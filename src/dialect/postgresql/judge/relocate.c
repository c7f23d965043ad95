/*
 * Replaces qualified names in SQL text by the names of temporary objects.
 *
 * Temporary objects are reached by their bare names only: public.t means the real table whatever the search path is.
 * Names in literals count where they are cast to regclass or regtype. A relation in FROM or after UPDATE keeps its name
 * as an alias, since its columns may be called by it.
 */
#include "dialect/postgresql/judge/relocate.h"

#include <ctype.h>

#include "cmig/dialect.h"
#include "dialect/postgresql/spell/names.h"

/* ---- names ------------------------------------------------------------------------------------------- */

static bool is_name(const struct sql_piece *p)
{
    return p->kind == SQL_QUOTED || (p->kind == SQL_WORD && !isdigit((unsigned char)*p->s) && *p->s != '$');
}

/* A name as the server stores it: folded unless it is quoted. False when none begins here. */
static bool take_name(struct arena *a, const char **at, const char **ret)
{
    const struct sql_piece p = sql_piece(*at, SQL_POSTGRESQL);
    if (!is_name(&p))
        return false;
    *at += p.n;
    *ret = p.kind == SQL_WORD ? str_lower(a, sql_piece_text(a, &p)) : sql_piece_text(a, &p);
    return true;
}

/* ---- texts ------------------------------------------------------------------------------------------- */

/* Whether a literal that ends here is cast to a type that holds the name of an object. */
static bool is_cast_to_name(const char *s)
{
    static const char *const types[] = {"regclass", "regtype"};
    s += strspn(s, " \t\r\n");
    if (strncmp(s, "::", 2) != 0)
        return false;
    const struct sql_piece p = sql_piece(s + 2 + strspn(s + 2, " \t\r\n"), SQL_POSTGRESQL);
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (sql_piece_is(&p, types[i]))
            return true;
    return false;
}

static void add_opaque(const struct relocation *r, const struct sql_piece *p, struct str *out,
    const char *(*change)(const struct relocation *r, const char *text))
{
    if (*p->s != '\'' || p->n < 2 || memchr(p->s + 1, '\'', p->n - 2) || !is_cast_to_name(p->s + p->n)) {
        str_addn(out, p->s, p->n);
        return;
    }
    str_addf(out, "'%s'", change(r, arena_strndup(&r->ctx->arena, p->s + 1, p->n - 2)));
}

static const char *name_key(const struct relocation *r, const char *schema, const char *name)
{
    return ctx_printf(r->ctx, "%s\n%s", schema, name);
}

/* The last part of a name. */
static const char *last_part(const char *name)
{
    const char *last = name;
    for (const char *s = name; *s; s += sql_piece(s, SQL_POSTGRESQL).n) {
        const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
        last = is_name(&p) ? s : last;
    }
    return last;
}

/* A name, and the one after its dot, when both together are one that is replaced: the result is what replaces them. */
static const char *add_name(const struct relocation *r, const char **at, bool is_qualified, struct str *out)
{
    const char *start = *at, *schema, *name, *instead = NULL, *next;
    take_name(&r->ctx->arena, at, &schema);
    next = *at + strspn(*at, " \t\r\n");
    if (!is_qualified && *next == '.') {
        next += 1 + strspn(next + 1, " \t\r\n");
        if (take_name(&r->ctx->arena, &next, &name))
            instead = map_get(&r->names, name_key(r, schema, name));
    }
    if (instead) {
        str_add(out, instead);
        *at = next;
    } else {
        str_addn(out, start, (size_t)(*at - start));
    }
    return instead;
}

static bool is_same_name(struct arena *a, const char *written, const char *stand_in)
{
    const char *name;
    return take_name(a, &written, &name) && str_eq(pg_ident(a, name), stand_in);
}

/* The words that end a list of relations, or the columns that join them. */
static const char *const ends_of_from[] = {"where", "group", "having", "window", "union", "intersect",
    "except", "order", "limit", "offset", "fetch", "for", "on", "using", "returning", "select", "set", NULL};

/* What precedes a piece of SQL, as far as it shows whether a relation is named there. */
struct preceding {
    struct sql_piece last;
    bool in_from;
};

static void precede(struct preceding *at, const struct sql_piece *p)
{
    static const char *const starts[] = {"from", "join", NULL};
    if (p->kind == SQL_SPACE || p->kind == SQL_COMMENT)
        return;
    if (sql_piece_is_any(p, starts))
        at->in_from = !sql_piece_is(&at->last, "distinct");
    else if (sql_piece_is_any(p, ends_of_from))
        at->in_from = false;
    at->last = *p;
}

static bool is_relation(const struct preceding *at)
{
    static const char *const words[] = {"from", "join", "only", NULL};
    return sql_piece_is(&at->last, "update") ||
           (at->in_from && (sql_piece_is_any(&at->last, words) ||
                               (at->last.kind == SQL_OTHER && strchr("(,", *at->last.s))));
}

/* Whether a relation that ends here has no alias, so that its columns may be called by its own name. */
static bool lacks_alias(const char *s)
{
    static const char *const joins[] = {"join", "inner", "left", "right", "full", "cross", "natural", NULL};
    const struct sql_piece p = sql_piece(sql_skip_space(s, SQL_POSTGRESQL), SQL_POSTGRESQL);
    return p.kind == SQL_END || sql_piece_is_any(&p, joins) || sql_piece_is_any(&p, ends_of_from) ||
           (p.kind == SQL_OTHER && strchr("),;", *p.s));
}

const char *relocate(const struct relocation *r, const char *text)
{
    struct str out = STR(r->ctx);
    struct preceding before = {0};
    if (!text || !r->names.n)
        return text;
    for (bool is_qualified = false; *text;) {
        const struct sql_piece p = sql_piece(text, SQL_POSTGRESQL);
        if (is_name(&p)) {
            const char *start = text;
            const char *instead = add_name(r, &text, is_qualified, &out);
            const char *name = last_part(arena_strndup(&r->ctx->arena, start, (size_t)(text - start)));
            if (instead && !is_same_name(&r->ctx->arena, name, instead) && is_relation(&before) &&
                lacks_alias(text))
                str_addf(&out, " %s", name);
        } else {
            add_opaque(r, &p, &out, relocate);
            text += p.n;
        }
        is_qualified = *p.s == '.' || (is_qualified && p.kind == SQL_SPACE);
        precede(&before, &p);
    }
    return str_get(&out);
}

/* The server prints no alias that is the name of the relation. */
static void skip_alias(const char *printed, const char **at)
{
    const char *next = *at + strspn(*at, " "), *name = last_part(printed);
    const struct sql_piece p = sql_piece(next, SQL_POSTGRESQL);
    if (next > *at && p.n == strlen(name) && strncmp(p.s, name, p.n) == 0)
        *at = next + p.n;
}

const char *relocate_back(const struct relocation *r, const char *text)
{
    struct str out = STR(r->ctx);
    if (!text || !r->names.n)
        return text;
    text = relocate(r, text);
    while (r->printed.n && *text) {
        const struct sql_piece p = sql_piece(text, SQL_POSTGRESQL);
        const char *name, *printed = NULL;
        if (!take_name(&r->ctx->arena, &text, &name)) {
            add_opaque(r, &p, &out, relocate_back);
            text += p.n;
        } else if ((printed = map_get(&r->printed, name))) {
            str_add(&out, printed);
            skip_alias(printed, &text);
        } else {
            str_addn(&out, p.s, p.n);
        }
    }
    return r->printed.n ? str_get(&out) : text;
}

/* ---- stand-ins --------------------------------------------------------------------------------------- */

void relocation_init(struct relocation *r, struct ctx *ctx, const char *home)
{
    *r = (struct relocation){.ctx = ctx, .home = home, .names = MAP(ctx), .printed = MAP(ctx)};
}

void relocation_add(struct relocation *r, const struct qname *name, const char *stand_in)
{
    const char *schema = name->schema ? name->schema : r->home;
    if (!schema)
        return;
    map_set(&r->names, name_key(r, schema, name->name),
        pg_ident(&r->ctx->arena, name->schema ? stand_in : name->name));
    if (name->schema)
        map_set(&r->printed, stand_in, pg_qname(&r->ctx->arena, name));
}

/* ---- objects ----------------------------------------------------------------------------------------- */

static void expr_to(const struct relocation *r, struct expr *e)
{
    const char *written = dtext_for(&e->sql, "postgresql");
    const char *text = relocate(r, written ? written : e->native);
    if (!text)
        return;
    *e = (struct expr){.native = text};
}

static void expr_back(const struct relocation *r, struct expr *e)
{
    e->native = relocate_back(r, e->native);
}

static void value_to(const struct relocation *r, struct value *v)
{
    const char *written = dtext_for(&v->expr.sql, "postgresql");
    if (v->kind != VALUE_SQL)
        return;
    const char *text = relocate(r, written ? written : v->expr.native);
    v->expr = (struct expr){.sql = {.text = text}, .native = text};
}

static void constraint_walk(const struct relocation *r, struct constraint *c,
    void (*change)(const struct relocation *r, struct expr *e))
{
    change(r, &c->check);
    change(r, &c->where);
    vec_each(i, &c->parts)
        change(r, &c->parts.v[i]->expr);
}

static void index_walk(
    const struct relocation *r, struct index *x, void (*change)(const struct relocation *r, struct expr *e))
{
    change(r, &x->where);
    vec_each(i, &x->parts)
        change(r, &x->parts.v[i]->expr);
}

static void table_walk(
    const struct relocation *r, struct table *t, void (*change)(const struct relocation *r, struct expr *e))
{
    struct constraint *c;
    vec_each(i, &t->columns)
        if (t->columns.v[i]->generated)
            change(r, &t->columns.v[i]->generated->expr);
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        constraint_walk(r, c, change);
    vec_each(i, &t->indexes)
        index_walk(r, t->indexes.v[i], change);
}

struct table *relocate_table(
    const struct relocation *r, const struct relocation *types, const struct table *t)
{
    struct table *copy = table_copy(r->ctx, t);
    table_walk(r, copy, expr_to);
    vec_each(i, &copy->columns) {
        struct column *c = copy->columns.v[i];
        c->native = relocate(types, c->native);
        value_to(r, &c->dflt);
        value_to(r, &c->on_update);
        if (c->dflt.kind == VALUE_STRING)
            c->dflt.expr.native = relocate(types, c->dflt.expr.native);
    }
    return copy;
}

void relocate_table_back(const struct relocation *r, const struct relocation *types, struct table *t)
{
    table_walk(r, t, expr_back);
    vec_each(i, &t->columns) {
        t->columns.v[i]->native = relocate_back(types, t->columns.v[i]->native);
        expr_back(r, &t->columns.v[i]->dflt.expr);
    }
}

struct view *relocate_view(const struct relocation *r, const struct view *v)
{
    struct view *copy = view_copy(r->ctx, v);
    expr_to(r, &copy->body);
    vec_each(i, &copy->indexes)
        index_walk(r, copy->indexes.v[i], expr_to);
    return copy;
}

void relocate_view_back(const struct relocation *r, struct view *v)
{
    expr_back(r, &v->body);
    vec_each(i, &v->indexes)
        index_walk(r, v->indexes.v[i], expr_back);
}
