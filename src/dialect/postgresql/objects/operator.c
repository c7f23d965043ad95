/*
 * Operators as the judge creates them, beside the existing ones.
 *
 * Since PostgreSQL 17 an operator that has a commutator or a negator cannot be that of another one. So the stand-in of
 * an operator has neither, and both are added to its printed text from the model's.
 */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/names.h"

/* One of the options of CREATE OPERATOR name (key = value, …). */
struct operator_option {
    struct sql_piece key;
    const char *s; /* all of it, without commas */
    size_t n;
};

static const char *first_option(const char *sql)
{
    size_t at, n;
    if (!object_sql_name(OBJECT_OPERATOR, sql, &at, &n))
        return NULL;
    const char *s = sql_skip_space(sql + at + n, SQL_POSTGRESQL);
    return *s == '(' ? s + 1 : NULL;
}

/* False at the closing parenthesis, to which *at then points. */
static bool next_option(const char **at, struct operator_option *ret)
{
    const char *s = sql_skip_space(*at, SQL_POSTGRESQL);
    *ret = (struct operator_option){.key = sql_piece(s, SQL_POSTGRESQL), .s = s};
    for (int depth = 0; *s && (depth || !strchr(",)", *s)); s += sql_piece(s, SQL_POSTGRESQL).n)
        depth += (*s == '(') - (*s == ')');
    ret->n = (size_t)(s - ret->s);
    *at = s + (*s == ',');
    return ret->n;
}

/* The position after a space and one sign: "=", "(" or ".". */
static const char *skip_sign(const char *s)
{
    s = sql_skip_space(s, SQL_POSTGRESQL);
    return sql_skip_space(s + (*s != '\0'), SQL_POSTGRESQL);
}

/* An operator as reflection prints it: with a schema only if the search path does not lead to it. */
static const char *operator_name(struct arena *a, const char *home, const struct operator_option *o)
{
    const char *end = o->s + o->n;
    const char *s = skip_sign(o->key.s + o->key.n);
    struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
    const char *schema = NULL;
    if (sql_piece_is(&p, "operator")) {
        p = sql_piece(skip_sign(s + p.n), SQL_POSTGRESQL);
        schema = p.kind == SQL_WORD ? str_lower(a, sql_piece_text(a, &p)) : sql_piece_text(a, &p);
        s = skip_sign(p.s + p.n);
    }
    size_t n = strspn(s, "+-*/<>=~!@#%^&|`?");
    if (!n || s + n > end)
        return NULL;
    if (!schema || str_eq(schema, home) || str_eq(schema, "pg_catalog"))
        return arena_strndup(a, s, n);
    return arena_printf(a, "OPERATOR(%s.%.*s)", pg_ident(a, schema), (int)n, s);
}

static const char *const links[] = {"COMMUTATOR", "NEGATOR", NULL};

const char *pg_operator_alone(struct ctx *ctx, const char *sql)
{
    const char *at = first_option(sql), *separator = "";
    struct str out = STR(ctx);
    if (!at)
        return sql;
    str_addn(&out, sql, (size_t)(at - sql));
    for (struct operator_option o; next_option(&at, &o);)
        if (!sql_piece_is_any(&o.key, links)) {
            str_addf(&out, "%s%.*s", separator, (int)o.n, o.s);
            separator = ", ";
        }
    str_add(&out, at);
    return str_get(&out);
}

static void add_link(struct str *out, struct arena *a, const char *home, const char *sql, const char *key)
{
    const char *at = first_option(sql), *name;
    for (struct operator_option o; at && next_option(&at, &o);)
        if (sql_piece_is(&o.key, key) && (name = operator_name(a, home, &o)))
            str_addf(out, ", %s = %s", key, name);
}

const char *pg_operator_complete(
    struct ctx *ctx, const char *home, const struct object *o, const char *printed)
{
    static const char *const before[] = {"function", "leftarg", "rightarg", NULL};
    const char *at = first_option(printed), *end = at;
    struct str out = STR(ctx);
    for (struct operator_option p; at && next_option(&at, &p) && sql_piece_is_any(&p.key, before);)
        end = p.s + p.n;
    if (!end)
        return printed;
    str_addn(&out, printed, (size_t)(end - printed));
    for (const char *const *key = links; *key; key++)
        add_link(&out, &ctx->arena, home, o->native, *key);
    str_add(&out, end);
    return str_get(&out);
}

/* ---- links that only the other operator states --------------------------------------------------------- */

/* The operator that an option of the SQL names; NULL: it names none. */
static const char *linked_operator(struct arena *a, const char *home, const char *sql, const char *key)
{
    const char *at = first_option(sql);
    for (struct operator_option o; at && next_option(&at, &o);)
        if (sql_piece_is(&o.key, key))
            return operator_name(a, home, &o);
    return NULL;
}

/* As operator_name() spells it. */
static const char *own_name(struct arena *a, const struct object *o)
{
    return o->name.schema ? arena_printf(a, "OPERATOR(%s.%s)", pg_ident(a, o->name.schema), o->name.name)
                          : o->name.name;
}

/* The arguments of the operator that the link leads to: a commutator takes them in the other order. */
static const char *linked_arguments(struct arena *a, const struct object *o, const char *key)
{
    const char *comma = strstr(o->signature, ", ");
    if (!comma || str_eq(key, "NEGATOR"))
        return o->signature;
    return arena_printf(a, "%s, %.*s", comma + 2, (int)(comma - o->signature), o->signature);
}

/* The operator of the list that names this one; NULL: none does. */
static const struct object *operator_linked_to(
    struct ctx *ctx, const struct schema *s, const struct object *o, const char *key)
{
    struct arena *a = &ctx->arena;
    const char *arguments = linked_arguments(a, o, key), *name = own_name(a, o);
    vec_each(i, &s->objects[OBJECT_OPERATOR]) {
        const struct object *other = s->objects[OBJECT_OPERATOR].v[i];
        if (str_eq(other->signature, arguments) &&
            str_eq(linked_operator(a, s->default_schema, other->native, key), name))
            return other;
    }
    return NULL;
}

static const char *with_option(struct ctx *ctx, const char *sql, const char *key, const char *value)
{
    const char *at = first_option(sql);
    for (struct operator_option o; next_option(&at, &o);)
        ;
    return ctx_printf(ctx, "%.*s, %s = %s%s", (int)(at - sql), sql, key, value, at);
}

void pg_link_operators(struct ctx *ctx, struct schema *s)
{
    vec_each(i, &s->objects[OBJECT_OPERATOR])
        for (const char *const *key = links; *key; key++) {
            struct object *o = s->objects[OBJECT_OPERATOR].v[i];
            const struct object *other =
                first_option(o->native) && !linked_operator(&ctx->arena, s->default_schema, o->native, *key)
                    ? operator_linked_to(ctx, s, o, *key)
                    : NULL;
            if (!other)
                continue;
            o->native = with_option(ctx, o->native, *key, own_name(&ctx->arena, other));
            o->sql = (struct dtext){0};
        }
}
