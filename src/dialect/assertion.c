/* Assertions: what the rows of their queries mean, and the messages about them. */
#include "cmig/dialect.h"

/* ---- rows -------------------------------------------------------------------------------------------- */

enum { SHOWN = 60 }; /* characters of a value */

/* In one line, and not all of a long one. */
static void add_printable(struct str *out, const char *value, size_t most)
{
    size_t n;
    for (size_t shown = 0; *value; shown++, value += n ? n : 1) {
        if (shown == most) {
            str_add(out, "…");
            return;
        }
        n = str_printable(value);
        if (n)
            str_addn(out, value, n);
        else
            str_addc(out, strchr("\t\r\n", *value) ? ' ' : '?');
    }
}

void assertion_add_row(struct ctx *ctx, struct assertion_rows *rows, const struct strings *values)
{
    struct str row = STR(ctx);
    if (rows->shown.n == ASSERTION_ROWS)
        return;
    vec_each(i, values) {
        str_add(&row, i ? ", " : "");
        add_printable(&row, rows->columns.v[i], SHOWN);
        str_add(&row, " = ");
        add_printable(&row, values->v[i] ? values->v[i] : "NULL", SHOWN);
    }
    vec_add(ctx, &rows->shown, ctx_strdup(ctx, str_get(&row)));
}

/* ---- the result -------------------------------------------------------------------------------------- */

static const char *query_of(const struct dialect *dialect, const struct op *op)
{
    return dtext_for(&op->u.assertion.sql, dialect->name);
}

static bool holds(const struct dialect *dialect, const struct op *op, const struct assertion_rows *rows)
{
    if (rows->n == 0)
        return true;
    return rows->is_true && assertion_is_condition(query_of(dialect, op), dialect->grammar);
}

static const char *message_of(struct ctx *ctx, const struct op *op)
{
    struct str out = STR(ctx);
    add_printable(&out, op->u.assertion.message, SIZE_MAX);
    return ctx_strdup(ctx, str_get(&out));
}

bool assertion_holds(struct conn *conn, const struct statement *s, const struct assertion_rows *rows)
{
    struct ctx *ctx = conn->ctx;
    const struct op *op = s->op;
    if (holds(conn->dialect, op, rows))
        return true;
    if (conn->unmet) {
        vec_add(ctx, conn->unmet,
            ctx_printf(ctx, "%sthe assertion does not hold here: %s", pos_text(&ctx->arena, op->pos),
                message_of(ctx, op)));
        return true;
    }
    fail(ctx, STATUS_FAILED, "assertion failed: %s", message_of(ctx, op));
    vec_each(i, &rows->shown)
        fail_detail(ctx, "%s", rows->shown.v[i]);
    if (rows->n > rows->shown.n)
        fail_detail(ctx, "and %llu more", (unsigned long long)(rows->n - rows->shown.n));
    return fail_hint(ctx, "Correct the rows and run the command again. Find them with: %s;",
        str_trim(&ctx->arena, query_of(conn->dialect, op)));
}

/* ---- scripts ----------------------------------------------------------------------------------------- */

const char *assertion_text(struct ctx *ctx, const struct dialect *dialect, const struct op *op)
{
    const char *query = query_of(dialect, op);
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "SELECT %L FROM (SELECT 1) AS one WHERE ",
        ctx_printf(ctx, "assertion failed: %s", op->u.assertion.message));
    if (assertion_is_condition(query, dialect->grammar))
        sql_addf(&q,
            "NOT (WITH found (ok) AS (%E) SELECT count(*) = 0 OR (count(*) = 1 AND min(CASE WHEN %E THEN 1 "
            "ELSE 0 END) = 1) FROM found)",
            query, dialect->ok_is_true);
    else
        sql_addf(&q, "EXISTS (%E)", query);
    return sql_end(&q);
}
