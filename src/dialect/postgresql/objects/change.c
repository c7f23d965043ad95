/* How an object becomes another one in place. */
#include "dialect/postgresql/objects/objects.h"

#include <stdlib.h>

#include "dialect/postgresql/spell/names.h"

/* ---- functions --------------------------------------------------------------------------------------- */

enum { FUNCTION_RESULT, FUNCTION_ARGUMENTS, FUNCTION_DEFAULTS, FUNCTION_PARTS };

/* CREATE OR REPLACE keeps the result and the names of the arguments, and cannot remove a default. */
static bool function_change(const struct object *a, const struct object *b)
{
    if (a->parts.n != FUNCTION_PARTS || b->parts.n != FUNCTION_PARTS)
        return false;
    return str_eq(a->parts.v[FUNCTION_RESULT], b->parts.v[FUNCTION_RESULT]) &&
           str_eq(a->parts.v[FUNCTION_ARGUMENTS], b->parts.v[FUNCTION_ARGUMENTS]) &&
           atoi(a->parts.v[FUNCTION_DEFAULTS]) <= atoi(b->parts.v[FUNCTION_DEFAULTS]);
}

static void step(struct ctx *ctx, struct strings *ret, const char *words, const struct object *o,
    const char *rest, const char *more)
{
    vec_add(
        ctx, ret, ctx_printf(ctx, "ALTER %s %s %s%s", words, pg_qname(&ctx->arena, &o->name), rest, more));
}

/* ---- comments on parts ------------------------------------------------------------------------------- */

/* What follows IS in a statement that begins with `head`, and names `last` before IS unless that is NULL. */
static const char *comment_in(struct ctx *ctx, const char *statement, const char *head, const char *last)
{
    const char *end = statement + pg_statement_length(statement), *s = statement + strlen(head);
    struct sql_piece before = {0};
    if (!str_starts(statement, head))
        return NULL;
    for (struct sql_piece p; s < end; s += p.n) {
        p = sql_piece(s, SQL_POSTGRESQL);
        if (sql_piece_is(&p, "is"))
            return !last || (before.n == strlen(last) && strncmp(before.s, last, before.n) == 0)
                       ? ctx_printf(ctx, "%.*s", (int)(end - s - p.n), s + p.n)
                       : NULL;
        if (p.kind != SQL_SPACE)
            before = p;
    }
    return NULL;
}

/* The server prints comments on parts as statements after the one that creates the object. */
static const char *part_comment(struct ctx *ctx, const struct object *o, const char *head, const char *last)
{
    for (const char *s = o->native + pg_statement_length(o->native); *s == ';';) {
        s = sql_skip_space(s + 1, SQL_POSTGRESQL);
        const char *comment = comment_in(ctx, s, head, last);
        if (comment)
            return comment;
        s += pg_statement_length(s);
    }
    return NULL;
}

/* Sets the comment after IS of a part; `before` is the one that it has. NULL: none. */
static void comment_step(
    struct ctx *ctx, const char *part, const char *before, const char *after, struct strings *ret)
{
    if (!str_eq(before, after))
        vec_add(ctx, ret, ctx_printf(ctx, "COMMENT ON %s IS%s", part, after ? after : " NULL"));
}

/* ---- domains ----------------------------------------------------------------------------------------- */

enum { DOMAIN_TYPE, DOMAIN_DEFAULT, DOMAIN_NOT_NULL, DOMAIN_CONSTRAINTS };

/* The name at the beginning of "name CHECK (…)". */
static const char *constraint_name(struct ctx *ctx, const char *constraint)
{
    return ctx_printf(ctx, "%.*s", (int)sql_piece(constraint, SQL_POSTGRESQL).n, constraint);
}

static void constraint_steps(struct ctx *ctx, const struct object *o, const struct object *a,
    const struct object *b, const char *what, struct strings *ret)
{
    for (size_t i = DOMAIN_CONSTRAINTS; i < a->parts.n; i++)
        if (*a->parts.v[i] && !strings_have(&b->parts, a->parts.v[i]))
            step(ctx, ret, "DOMAIN", o, what,
                str_starts(what, "DROP") ? constraint_name(ctx, a->parts.v[i]) : a->parts.v[i]);
}

/* The constraint of the other domain that has another name but is otherwise the same; NULL: there is none. */
static const char *same_constraint(
    struct ctx *ctx, const struct object *other, const struct object *o, const char *text)
{
    const char *rest = text + strlen(constraint_name(ctx, text));
    for (size_t i = DOMAIN_CONSTRAINTS; i < other->parts.n; i++) {
        const char *s = other->parts.v[i];
        if (*s && str_eq(s + strlen(constraint_name(ctx, s)), rest) && !strings_have(&o->parts, s))
            return s;
    }
    return NULL;
}

/* The names that the server gives to constraints derive from the domain's, so those of a renamed domain may differ. */
static struct object with_names_of(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    struct object renamed = *a;
    renamed.parts = (struct strings){0};
    vec_each(i, &a->parts) {
        const char *text = a->parts.v[i], *other = NULL;
        if (i >= DOMAIN_CONSTRAINTS && *text && !strings_have(&b->parts, text))
            other = same_constraint(ctx, b, &renamed, text);
        if (other)
            step(ctx, ret, "DOMAIN", b,
                ctx_printf(ctx, "RENAME CONSTRAINT %s TO ", constraint_name(ctx, text)),
                constraint_name(ctx, other));
        vec_add(ctx, &renamed.parts, other ? other : text);
    }
    return renamed;
}

static const char *constraint_comment(struct ctx *ctx, const struct object *o, const char *constraint)
{
    return part_comment(ctx, o,
        ctx_printf(ctx, "COMMENT ON CONSTRAINT %s ON DOMAIN ", constraint_name(ctx, constraint)), NULL);
}

/* `old` is the domain before its constraints were renamed, as `renamed` has them. */
static void constraint_comments(struct ctx *ctx, const struct object *old, const struct object *renamed,
    const struct object *b, struct strings *ret)
{
    for (size_t i = DOMAIN_CONSTRAINTS; i < b->parts.n; i++) {
        const char *before = NULL, *text = b->parts.v[i];
        for (size_t k = DOMAIN_CONSTRAINTS; k < renamed->parts.n; k++)
            if (*text && str_eq(renamed->parts.v[k], text))
                before = constraint_comment(ctx, old, old->parts.v[k]);
        if (*text)
            comment_step(ctx,
                ctx_printf(ctx, "CONSTRAINT %s ON DOMAIN %s", constraint_name(ctx, text),
                    pg_qname(&ctx->arena, &b->name)),
                before, constraint_comment(ctx, b, text), ret);
    }
}

static bool domain_change(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    if (a->parts.n < DOMAIN_CONSTRAINTS || b->parts.n < DOMAIN_CONSTRAINTS ||
        !str_eq(a->parts.v[DOMAIN_TYPE], b->parts.v[DOMAIN_TYPE]))
        return false;
    const char *dflt = b->parts.v[DOMAIN_DEFAULT], *not_null = b->parts.v[DOMAIN_NOT_NULL];
    const struct object *old = a, renamed = with_names_of(ctx, a, b, ret);
    a = &renamed;
    constraint_steps(ctx, b, a, b, "DROP CONSTRAINT ", ret);
    if (!str_eq(a->parts.v[DOMAIN_DEFAULT], dflt))
        step(ctx, ret, "DOMAIN", b, *dflt ? "SET DEFAULT " : "DROP DEFAULT", dflt);
    if (!str_eq(a->parts.v[DOMAIN_NOT_NULL], not_null))
        step(ctx, ret, "DOMAIN", b, *not_null == 't' ? "SET NOT NULL" : "DROP NOT NULL", "");
    constraint_steps(ctx, b, b, a, "ADD CONSTRAINT ", ret);
    constraint_comments(ctx, old, a, b, ret);
    return ret->n > 0;
}

/* ---- composite types --------------------------------------------------------------------------------- */

static const char *attribute_named(const struct object *o, const char *name)
{
    size_t n = strlen(name);
    vec_each(i, &o->parts)
        if (strncmp(o->parts.v[i], name, n) == 0 && o->parts.v[i][n] == ' ')
            return o->parts.v[i];
    return NULL;
}

/* Attributes that stay come first, in the same order; new ones follow. */
static bool same_order(struct ctx *ctx, const struct object *a, const struct object *b)
{
    size_t at = 0;
    vec_each(i, &a->parts) {
        const char *name = constraint_name(ctx, a->parts.v[i]);
        const char *after = attribute_named(b, name);
        if (after && (at >= b->parts.n || b->parts.v[at++] != after))
            return false;
    }
    return true;
}

static void attribute_comments(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    static const char head[] = "COMMENT ON COLUMN ";
    vec_each(i, &b->parts) {
        const char *name = constraint_name(ctx, b->parts.v[i]);
        comment_step(ctx, ctx_printf(ctx, "COLUMN %s.%s", pg_qname(&ctx->arena, &b->name), name),
            attribute_named(a, name) ? part_comment(ctx, a, head, name) : NULL,
            part_comment(ctx, b, head, name), ret);
    }
}

static bool composite_change(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    if (!a->parts.n || !b->parts.n || !same_order(ctx, a, b))
        return false;
    vec_each(i, &a->parts) {
        const char *name = constraint_name(ctx, a->parts.v[i]), *after = attribute_named(b, name);
        if (!after)
            step(ctx, ret, "TYPE", b, "DROP ATTRIBUTE ", name);
        else if (!str_eq(a->parts.v[i], after))
            step(ctx, ret, "TYPE", b, ctx_printf(ctx, "ALTER ATTRIBUTE %s TYPE", name), after + strlen(name));
    }
    vec_each(i, &b->parts)
        if (!attribute_named(a, constraint_name(ctx, b->parts.v[i])))
            step(ctx, ret, "TYPE", b, "ADD ATTRIBUTE ", b->parts.v[i]);
    attribute_comments(ctx, a, b, ret);
    return ret->n > 0;
}

/* ---- operator families ------------------------------------------------------------------------------- */

/* The parts of a family: for each member its name, and the SQL that adds it. */
static void member_steps(struct ctx *ctx, const struct object *o, const struct object *a,
    const struct object *b, bool drops, struct strings *ret)
{
    for (size_t i = 0; i + 1 < a->parts.n; i += 2)
        if (!strings_have(&b->parts, a->parts.v[i + 1]))
            vec_add(ctx, ret,
                ctx_printf(ctx, "ALTER OPERATOR FAMILY %s USING %s %s %s", pg_qname(&ctx->arena, &o->name),
                    o->signature, drops ? "DROP" : "ADD", a->parts.v[i + !drops]));
}

static bool family_change(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    /* The models' text was not printed, so the members are unknown. */
    if (!b->parts.n && b->native[pg_statement_length(b->native)])
        return false;
    member_steps(ctx, b, a, b, true, ret);
    member_steps(ctx, b, b, a, false, ret);
    return ret->n > 0;
}

/* ---- text search ------------------------------------------------------------------------------------- */

enum { CONFIGURATION_PARSER, CONFIGURATION_MAPPINGS };

/* The dictionaries of a token type; NULL: it has no mapping. */
static const char *mapping(const struct object *o, const char *token)
{
    for (size_t i = CONFIGURATION_MAPPINGS; i + 1 < o->parts.n; i += 2)
        if (str_eq(o->parts.v[i], token))
            return o->parts.v[i + 1];
    return NULL;
}

static void mapping_step(struct ctx *ctx, const struct object *o, const char *verb, const char *token,
    const char *dictionaries, struct strings *ret)
{
    step(ctx, ret, "TEXT SEARCH CONFIGURATION", o, ctx_printf(ctx, "%s MAPPING FOR %s", verb, token),
        dictionaries ? ctx_printf(ctx, " WITH %s", dictionaries) : "");
}

static bool configuration_change(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    if (!a->parts.n || !b->parts.n ||
        !str_eq(a->parts.v[CONFIGURATION_PARSER], b->parts.v[CONFIGURATION_PARSER]))
        return false;
    for (size_t i = CONFIGURATION_MAPPINGS; i < a->parts.n; i += 2)
        if (!mapping(b, a->parts.v[i]))
            mapping_step(ctx, b, "DROP", a->parts.v[i], NULL, ret);
    for (size_t i = CONFIGURATION_MAPPINGS; i + 1 < b->parts.n; i += 2) {
        const char *before = mapping(a, b->parts.v[i]), *after = b->parts.v[i + 1];
        if (!str_eq(before, after))
            mapping_step(ctx, b, before ? "ALTER" : "ADD", b->parts.v[i], after, ret);
    }
    return ret->n > 0;
}

enum { DICTIONARY_TEMPLATE, DICTIONARY_OPTIONS, DICTIONARY_PARTS };

static bool dictionary_change(
    struct ctx *ctx, const struct object *a, const struct object *b, struct strings *ret)
{
    if (a->parts.n != DICTIONARY_PARTS || b->parts.n != DICTIONARY_PARTS ||
        !str_eq(a->parts.v[DICTIONARY_TEMPLATE], b->parts.v[DICTIONARY_TEMPLATE]))
        return false;
    pg_dictionary_change(ctx, ctx_printf(ctx, "TEXT SEARCH DICTIONARY %s", pg_qname(&ctx->arena, &b->name)),
        a->parts.v[DICTIONARY_OPTIONS], b->parts.v[DICTIONARY_OPTIONS], ret);
    return true;
}

/* ---- foreign data ------------------------------------------------------------------------------------ */

static bool options_change(
    struct ctx *ctx, const char *words, const struct object *a, const struct object *b, struct strings *ret)
{
    const char *object = ctx_printf(ctx, "%s %s", words, pg_qname(&ctx->arena, &b->name));
    return pg_options_change(ctx, object, a->native, b->native, ret);
}

/* ---- all of them ------------------------------------------------------------------------------------- */

bool pg_object_change(struct ctx *ctx, enum object_kind kind, const struct object *a, const struct object *b,
    struct strings *ret_steps)
{
    switch ((int)kind) {
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
        return function_change(a, b);
    case OBJECT_DOMAIN:
        return domain_change(ctx, a, b, ret_steps);
    case OBJECT_TYPE:
        return composite_change(ctx, a, b, ret_steps);
    case OBJECT_OPERATOR_FAMILY:
        return family_change(ctx, a, b, ret_steps);
    case OBJECT_TEXT_SEARCH_CONFIGURATION:
        return configuration_change(ctx, a, b, ret_steps);
    case OBJECT_TEXT_SEARCH_DICTIONARY:
        return dictionary_change(ctx, a, b, ret_steps);
    case OBJECT_TRANSFORM:
        return true;
    case OBJECT_PUBLICATION:
        return pg_publication_change(ctx, &b->name, a->native, b->native, ret_steps);
    case OBJECT_FOREIGN_DATA_WRAPPER:
        return options_change(ctx, "FOREIGN DATA WRAPPER", a, b, ret_steps);
    case OBJECT_SERVER:
        return options_change(ctx, "SERVER", a, b, ret_steps);
    case OBJECT_FOREIGN_TABLE:
        return options_change(ctx, "FOREIGN TABLE", a, b, ret_steps);
    default:
        return false;
    }
}
