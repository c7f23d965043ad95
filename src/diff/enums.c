/*
 * Enums on databases that have no enum types.
 *
 * There an enum column is a text column with a check on its values. If a column of the models has an enum type
 * and the database's column has such a check, that column is treated as an enum column, too, with the values of
 * its check. An enum that a column of the database uses is treated as existing, as is one that no column of the
 * models uses; so operations use enums as they do for other databases, and a revision written here runs there.
 */
#include "diff/differ.h"

const struct enumeration *column_enumeration(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct column *c)
{
    const char *text = dtext_for(&c->type, dialect->name), *problem;
    struct type type = {0};

    if (!text || !strstr(text, "enum") || !type_parse(&ctx->arena, text, &type, &problem) ||
        type.kind != TYPE_ENUM)
        return NULL;
    if (type.enumeration.schema && str_eq(type.enumeration.schema, s->default_schema))
        type.enumeration.schema = NULL;
    return schema_enum(s, &type.enumeration);
}

/* ---- checks on values ------------------------------------------------------------------------------------- */

static const char *skip_blank(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* A name, in quotes or not, without regard to case. */
static bool take_name(const char **at, const char *name)
{
    const char *p = skip_blank(*at);
    char close = *p == '"' || *p == '`' ? *p : *p == '[' ? ']' : 0;
    size_t n = strlen(name);

    p += close != 0;
    for (size_t i = 0; i < n; i++, p++)
        if (!*p || !str_eq_ci((char[]){*p, 0}, (char[]){name[i], 0}))
            return false;
    if (close ? *p != close : *p && !strchr(" \t\r\n(", *p))
        return false;
    *at = p + (close != 0);
    return true;
}

static bool take_char(const char **at, char c)
{
    const char *p = skip_blank(*at);

    if (*p != c)
        return false;
    *at = p + 1;
    return true;
}

static bool take_text(struct ctx *ctx, const char **at, const char **ret)
{
    struct str text = STR(ctx);
    const char *p = skip_blank(*at);

    if (*p++ != '\'')
        return false;
    for (; *p && (*p != '\'' || p[1] == '\''); p++) {
        p += *p == '\'';
        str_addc(&text, *p);
    }
    if (!*p)
        return false;
    *at = p + 1;
    *ret = str_get(&text);
    return true;
}

/* The values of `column IN ('a', 'b')`, or NULL. */
static struct strings *check_values(struct ctx *ctx, const char *check, const char *column)
{
    struct strings *values;
    const char *value;
    size_t open = 0;

    if (!check || !strchr(check, '\''))
        return NULL;
    while (take_char(&check, '('))
        open++;
    if (!take_name(&check, column) || !take_name(&check, "in") || !take_char(&check, '('))
        return NULL;
    values = ctx_new(ctx, struct strings);
    do {
        if (!take_text(ctx, &check, &value))
            return NULL;
        vec_add(ctx, values, value);
    } while (take_char(&check, ','));
    for (open++; open && take_char(&check, ')'); open--)
        ;
    return !open && !*skip_blank(check) ? values : NULL;
}

static struct constraint *values_check(
    struct ctx *ctx, const struct table *t, const char *column, struct strings **ret)
{
    vec_each(i, &t->checks)
        if ((*ret = check_values(ctx, t->checks.v[i]->check.native, column)))
            return t->checks.v[i];
    return NULL;
}

/* The values that a column may hold; false: its database does not limit them to a list. */
static bool column_values(struct ctx *ctx, const struct dialect *dialect, const struct table *t,
    const struct column *c, struct strings **ret, struct constraint **ret_check)
{
    *ret_check = NULL;
    if (!dialect->type_values) {
        *ret_check = values_check(ctx, t, c->name, ret);
        return *ret_check != NULL;
    }
    *ret = ctx_new(ctx, struct strings);
    return c->native && dialect->type_values(ctx, c->native, *ret);
}

/* ---- pairing ---------------------------------------------------------------------------------------------- */

static void take_enum(
    struct ctx *ctx, struct schema *database, const struct enumeration *e, const struct strings *values)
{
    struct enumeration *there = schema_enum(database, &e->name);

    if (there) {
        /* Columns may have been changed one by one; the differences are reported. */
        if (!strings_eq(values, &e->values))
            there->values = *values;
        return;
    }
    there = ctx_new(ctx, struct enumeration);
    *there = *e;
    there->values = *values;
    there->renamed_from = NULL;
    schema_insert_enum(ctx, database, there);
}

void pair_enum_column(struct ctx *ctx, const struct dialect *dialect, struct schema *database,
    struct table *before, const struct enumeration *e, const struct column *c)
{
    const char *name = c->renamed_from ? c->renamed_from : c->name;
    struct strings *values;

    vec_each(i, &before->columns) {
        struct column *old = before->columns.v[i];
        struct constraint *check;

        if (!same_name(dialect, old->name, name) ||
            !column_values(ctx, dialect, before, old, &values, &check))
            continue;
        if (check)
            check->implied = true;
        old->values = values;
        if (same_native_type(dialect, old, c))
            old->type = c->type;
        take_enum(ctx, database, e, values);
    }
}

static bool is_used(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *models, const struct enumeration *e)
{
    vec_each(i, &models->tables)
        vec_each(k, &models->tables.v[i]->columns)
            if (column_enumeration(ctx, dialect, models, models->tables.v[i]->columns.v[k]) == e)
                return true;
    return false;
}

/* The only column that uses the enum may be one that is dropped. */
static bool is_in_columns(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct enumeration *e)
{
    vec_each(i, &database->tables) {
        const struct table *t = database->tables.v[i];

        for (size_t k = 0; k < t->columns.n; k++) {
            struct strings *values;
            struct constraint *check;

            if (column_values(ctx, dialect, t, t->columns.v[k], &values, &check) &&
                strings_eq(values, &e->values))
                return true;
        }
    }
    return false;
}

void pair_enums(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models)
{
    if (dialect->has.enums || !models->enums.n)
        return;
    vec_each(i, &models->tables) {
        const struct table *t = models->tables.v[i];
        struct table *before = table_before(ctx, dialect, database, t);

        for (size_t k = 0; before && k < t->columns.n; k++) {
            const struct enumeration *e = column_enumeration(ctx, dialect, models, t->columns.v[k]);

            if (e)
                pair_enum_column(ctx, dialect, database, before, e, t->columns.v[k]);
        }
    }
    vec_each(i, &models->enums) {
        const struct enumeration *e = models->enums.v[i];

        if (!schema_enum(database, &e->name) &&
            (!is_used(ctx, dialect, models, e) || is_in_columns(ctx, dialect, database, e)))
            take_enum(ctx, database, e, &e->values);
    }
}
