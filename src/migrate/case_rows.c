/*
 * Compares the rows of a query with those that a test case expects.
 *
 * Databases print one value in several ways: 1.50 is 1.5, and where there are no booleans, true is 1. A value that the case
 * has in quotes is compared as the text that the database prints.
 */
#include "migrate/cases.h"

/* ---- numbers ---- */

/* A decimal number: digits without zeros at either end, after a decimal point that is moved by `exponent`. */
struct decimal {
    bool negative;
    char digits[128];
    size_t n;
    long exponent;
};

/* False: it is not one, or has too many digits. */
static bool read_decimal(const char *s, struct decimal *ret)
{
    bool after_point = false;
    int power = 0, used = 0;

    *ret = (struct decimal){.negative = *s == '-'};
    for (s += *s == '-' || *s == '+'; (*s >= '0' && *s <= '9') || (*s == '.' && !after_point); s++) {
        if (*s == '.') {
            after_point = true;
            continue;
        }
        ret->exponent += !after_point && (ret->n || *s != '0');
        ret->exponent -= after_point && !ret->n && *s == '0';
        if (!ret->n && *s == '0')
            continue;
        if (ret->n == sizeof(ret->digits))
            return false;
        ret->digits[ret->n++] = *s;
    }
    if ((*s == 'e' || *s == 'E') && (sscanf(s + 1, "%d%n", &power, &used) != 1 || s[1 + used]))
        return false;
    if (*s && *s != 'e' && *s != 'E')
        return false;
    ret->exponent += power;
    while (ret->n && ret->digits[ret->n - 1] == '0')
        ret->n--;
    if (!ret->n)
        *ret = (struct decimal){0};
    return true;
}

static bool same_number(const char *a, const char *b)
{
    struct decimal x, y;

    if (!read_decimal(a, &x) || !read_decimal(b, &y))
        return str_eq(a, b);
    return x.negative == y.negative && x.exponent == y.exponent && x.n == y.n &&
           memcmp(x.digits, y.digits, x.n) == 0;
}

/* ---- rows ---- */

static bool value_fits(const struct expected_value *e, const struct result_value *v)
{
    switch (e->kind) {
    case VALUE_NONE:
        return v->kind == VALUE_NONE;
    case VALUE_NUMBER:
        return v->kind == VALUE_NUMBER && same_number(e->text, v->text);
    case VALUE_BOOL:
        return (v->kind == VALUE_BOOL && str_eq(e->text, v->text)) ||
               (v->kind == VALUE_NUMBER && str_eq(v->text, *e->text == 't' ? "1" : "0"));
    default:
        return v->kind != VALUE_NONE && str_eq(e->text, v->text);
    }
}

/* The column's number; that of all columns if none has the name. */
static size_t find_column(const struct result *found, const char *name)
{
    size_t i = 0;

    while (i < found->columns.n && !str_eq_ci(found->columns.v[i], name))
        i++;
    return i;
}

static bool row_fits(const struct expected_row *e, const struct result *found, const struct result_row *row)
{
    vec_each(i, &e->values) {
        const struct expected_value *v = e->values.v[i];

        if (!value_fits(v, &row->v[v->column ? find_column(found, v->column) : i]))
            return false;
    }
    return true;
}

/* ---- printing ---- */

static struct node *value_node(struct arena *a, enum value_kind kind, const char *text)
{
    if (kind == VALUE_NONE)
        return node_null(a);
    return kind == VALUE_STRING ? node_string(a, text) : node_scalar(a, text);
}

static void add_line(struct ctx *ctx, struct case_problem *ret, char mark, struct node *row)
{
    struct str out = STR(ctx);

    node_flow(&out, row);
    vec_add(ctx, &ret->lines, ctx_printf(ctx, "%c %s", mark, str_get(&out)));
}

static void add_expected(struct ctx *ctx, struct case_problem *ret, char mark, const struct expected_row *e)
{
    struct arena *a = &ctx->arena;
    const bool named = e->values.n && e->values.v[0]->column;
    struct node *row = named ? node_mapping(a) : node_sequence(a);

    vec_each(i, &e->values) {
        const struct expected_value *v = e->values.v[i];

        if (named)
            node_set(a, row, v->column, value_node(a, v->kind, v->text));
        else
            node_append(a, row, value_node(a, v->kind, v->text));
    }
    add_line(ctx, ret, mark, row);
}

/* In the form in which the case writes its rows. */
static void add_found(struct ctx *ctx, struct case_problem *ret, const struct result *found,
    const struct result_row *values, bool named)
{
    struct arena *a = &ctx->arena;
    struct node *row = named ? node_mapping(a) : node_sequence(a);

    vec_each(i, values) {
        struct node *value = value_node(a, values->v[i].kind, values->v[i].text);

        if (named)
            node_set(a, row, found->columns.v[i], value);
        else
            node_append(a, row, value);
    }
    add_line(ctx, ret, '+', row);
}

/* ---- comparing ---- */

/* Whether ORDER BY is outside of all parentheses. */
static bool has_order(const struct dialect *dialect, const char *sql)
{
    bool after_order = false;
    int depth = 0;

    for (struct sql_piece p = sql_piece(sql, dialect->grammar); p.kind != SQL_END;
         p = sql_piece(p.s + p.n, dialect->grammar)) {
        if (p.kind == SQL_SPACE || p.kind == SQL_COMMENT)
            continue;
        depth += sql_piece_is_char(&p, '(') - sql_piece_is_char(&p, ')');
        if (after_order && sql_piece_is(&p, "by"))
            return true;
        after_order = !depth && sql_piece_is(&p, "order");
    }
    return false;
}

/* An expected row must have a value per column, or names of columns. */
static bool check_columns(
    struct ctx *ctx, const struct expected_row *e, const struct result *found, struct case_problem *ret)
{
    const char *columns = strings_join(&ctx->arena, &found->columns, ", ");

    ret->pos = e->pos;
    vec_each(i, &e->values)
        if (e->values.v[i]->column && find_column(found, e->values.v[i]->column) == found->columns.n) {
            ret->text =
                ctx_printf(ctx, "the query has no column '%s', only %s", e->values.v[i]->column, columns);
            return false;
        }
    if (e->values.n && e->values.v[0]->column)
        return true;
    if (e->values.n == found->columns.n)
        return true;
    ret->text = ctx_printf(ctx, "the row has %u value%s, and the query %u column%s: %s", e->values.n,
        e->values.n == 1 ? "" : "s", found->columns.n, found->columns.n == 1 ? "" : "s", columns);
    return false;
}

/* The row that is as expected, among those that are not taken yet; with `ordered` only the next one. */
static size_t find_row(
    const struct expected_row *e, const struct result *found, const bool *taken, bool ordered, size_t next)
{
    for (size_t i = ordered ? next : 0; i < (ordered && next < found->rows.n ? next + 1 : found->rows.n); i++)
        if (!taken[i] && row_fits(e, found, found->rows.v[i]))
            return i;
    return found->rows.n;
}

void case_rows_compare(struct ctx *ctx, const struct dialect *dialect, const struct expectation *e,
    const char *sql, const struct result *found, struct case_problem *ret)
{
    const bool ordered = e->ordered || has_order(dialect, sql);
    bool *taken = arena_alloc(&ctx->arena, found->rows.n + 1), differs = false;
    const bool named =
        e->rows.rows.n && e->rows.rows.v[0]->values.n && e->rows.rows.v[0]->values.v[0]->column;

    *ret = (struct case_problem){0};
    vec_each(i, &e->rows.rows)
        if (!check_columns(ctx, e->rows.rows.v[i], found, ret))
            return;
    *ret = (struct case_problem){.pos = e->pos};
    vec_each(i, &e->rows.rows) {
        const struct expected_row *row = e->rows.rows.v[i];
        const size_t at = find_row(row, found, taken, ordered, i);

        add_expected(ctx, ret, at < found->rows.n ? ' ' : '-', row);
        if (at < found->rows.n)
            taken[at] = true;
        else
            differs = true;
        if (ordered && at == found->rows.n && i < found->rows.n) {
            add_found(ctx, ret, found, found->rows.v[i], named);
            taken[i] = true;
        }
    }
    vec_each(i, &found->rows) {
        if (taken[i])
            continue;
        add_found(ctx, ret, found, found->rows.v[i], named);
        differs = true;
    }
    ret->text = differs ? "the rows differ" : NULL;
}
