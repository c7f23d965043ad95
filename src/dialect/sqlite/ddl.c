/* Writes CREATE statements for tables, indexes and views, and the definitions of columns. */
#include "dialect/sqlite/ddl.h"

#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/prepare.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/types.h"

static const char *option(const struct options *o, const char *key)
{
    return o ? options_get(o, "sqlite", key) : NULL;
}

static bool flag(const struct options *o, const char *key)
{
    bool value = false;
    return option_flag(option(o, key), &value) && value;
}

const char *expr_sql(struct ctx *ctx, const struct expr *e)
{
    const char *text = dtext_for(&e->sql, "sqlite");
    if (!text)
        return e->native;
    if (strstr(text, "--") || strstr(text, "/*"))
        return text_canonical(ctx, text, strlen(text), false);
    return str_trim(&ctx->arena, text);
}

/* ---- completing -------------------------------------------------------------------------------------- */

const char *values_check(struct ctx *ctx, const char *column, const struct strings *values)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "%I IN (", column);
    vec_each(i, values)
        sql_addf(&q, i ? ", %L" : "%L", values->v[i]);
    sql_add(&q, ")");
    return sql_end(&q);
}

static bool complete_column(struct ctx *ctx, const struct table *t, struct column *c)
{
    if (!c->native && !type_to_native(ctx, t, c, &c->native))
        return fail_in(ctx, "%scolumn '%s'", pos_text(&ctx->arena, c->pos), c->name);
    if (c->dflt.kind != VALUE_NONE && !c->dflt.expr.native &&
        !value_to_native(ctx, c, &c->dflt, &c->dflt.expr.native))
        return fail_in(ctx, "%sdefault of column '%s'", pos_text(&ctx->arena, c->pos), c->name);
    c->collation = collation_canonical(ctx, c->collation);
    return true;
}

/* The author of the operation may have written the check already. */
static void complete_values(struct ctx *ctx, struct table *t, const struct column *c)
{
    if (!c->values || !c->values->n)
        return;
    const char *text = values_check(ctx, c->name, c->values);
    vec_each(i, &t->checks)
        if (text_same(ctx, expr_sql(ctx, &t->checks.v[i]->check), text))
            return;
    struct constraint *check = ctx_new(ctx, struct constraint);
    *check = (struct constraint){.kind = CONSTRAINT_CHECK, .implied = true, .check = {.native = text}};
    vec_add(ctx, &t->checks, check);
}

static void settle_strings(struct ctx *ctx, const struct table *t, struct expr *e)
{
    const char *text = dtext_for(&e->sql, "sqlite") ? expr_sql(ctx, e) : NULL;
    const char *settled = text ? text_with_strings(ctx, t, text) : NULL;
    if (!str_eq(text, settled))
        *e = (struct expr){.native = settled};
}

void index_settle_strings(struct ctx *ctx, const struct table *t, struct index *index)
{
    vec_each(i, &index->parts)
        if (!index->parts.v[i]->column)
            settle_strings(ctx, t, &index->parts.v[i]->expr);
    settle_strings(ctx, t, &index->where);
}

static void settle_all_strings(struct ctx *ctx, struct table *t)
{
    vec_each(i, &t->columns)
        if (t->columns.v[i]->generated)
            settle_strings(ctx, t, &t->columns.v[i]->generated->expr);
    vec_each(i, &t->checks)
        settle_strings(ctx, t, &t->checks.v[i]->check);
    vec_each(i, &t->indexes)
        index_settle_strings(ctx, t, t->indexes.v[i]);
}

bool table_complete(struct ctx *ctx, struct table *t)
{
    vec_each(i, &t->columns) {
        if (!complete_column(ctx, t, t->columns.v[i]))
            return false;
        complete_values(ctx, t, t->columns.v[i]);
    }
    if (!refuse_table(ctx, t))
        return false;
    table_settle_key(t);
    settle_all_strings(ctx, t);
    return true;
}

/* ---- constraints ------------------------------------------------------------------------------------- */

static void add_name(struct sql *q, const char *name)
{
    if (name)
        sql_addf(q, " CONSTRAINT %I", name);
}

static void add_conflict(struct sql *q, struct ctx *ctx, const struct options *o)
{
    const char *action = option(o, "on_conflict");
    if (action)
        sql_addf(q, " ON CONFLICT %E", text_upper(ctx, action));
}

/* The i-th of "desc, , asc". */
static char *list_place(struct ctx *ctx, const char *list, size_t i)
{
    if (!list)
        return NULL;
    while (i-- > 0 && *list) {
        list += strcspn(list, ",");
        list += *list == ',';
    }
    char *place = str_trim(&ctx->arena, arena_strndup(&ctx->arena, list, strcspn(list, ",")));
    return *place ? place : NULL;
}

static void add_key_columns(struct sql *q, struct ctx *ctx, const struct constraint *k)
{
    vec_each(i, &k->columns) {
        const char *collation = list_place(ctx, option(k->options, "collate"), i);
        const char *order = list_place(ctx, option(k->options, "order"), i);
        sql_addf(q, i ? ", %I" : "%I", k->columns.v[i]);
        if (collation)
            sql_addf(q, " COLLATE %I", collation);
        if (order && str_eq_ci(order, "desc"))
            sql_add(q, " DESC");
    }
}

static void add_references(struct sql *q, const struct constraint *k)
{
    sql_addf(q, "REFERENCES %I", k->references.name);
    if (k->referred_columns.n)
        sql_addf(q, " %C", &k->referred_columns);
    sql_reference_options(q, k);
}

static void add_constraint_body(struct sql *q, struct ctx *ctx, const struct constraint *k, bool is_inline)
{
    switch (k->kind) {
    case CONSTRAINT_PRIMARY_KEY:
    case CONSTRAINT_UNIQUE:
        sql_add(q, k->kind == CONSTRAINT_PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE");
        if (is_inline)
            break;
        sql_add(q, " (");
        add_key_columns(q, ctx, k);
        sql_add(q, ")");
        break;
    case CONSTRAINT_CHECK:
        sql_addf(q, "CHECK (%E)", expr_sql(ctx, &k->check));
        break;
    case CONSTRAINT_FOREIGN_KEY:
        if (!is_inline)
            sql_addf(q, "FOREIGN KEY %C ", &k->columns);
        add_references(q, k);
        break;
    case CONSTRAINT_EXCLUDE:
        assert(!"refused by table_complete");
    }
}

static void add_constraint(struct sql *q, struct ctx *ctx, const struct constraint *k, bool is_inline)
{
    if (k->name)
        sql_addf(q, "CONSTRAINT %I ", k->name);
    add_constraint_body(q, ctx, k, is_inline);
    add_conflict(q, ctx, k->options);
}

const char *constraint_sql(struct ctx *ctx, const struct constraint *k, bool is_inline)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    add_constraint(&q, ctx, k, is_inline);
    return sql_end(&q);
}

/* ---- columns ----------------------------------------------------------------------------------------- */

/* A key of one column is written within the column: only there can it be AUTOINCREMENT, and only there does
 * DESC keep an INTEGER from being the rowid. */
bool column_has_inline_key(const struct table *t, const struct column *c)
{
    const struct constraint *k = t ? t->primary_key : NULL;
    return k && k->columns.n == 1 && str_eq_ci(k->columns.v[0], c->name) && !option(k->options, "collate");
}

static void add_inline_key(struct sql *q, struct ctx *ctx, const struct table *t, const struct column *c)
{
    if (!column_has_inline_key(t, c))
        return;
    const struct constraint *k = t->primary_key;
    const char *order = list_place(ctx, option(k->options, "order"), 0);
    add_name(q, k->name);
    sql_add(q, " PRIMARY KEY");
    if (order && str_eq_ci(order, "desc"))
        sql_add(q, " DESC");
    add_conflict(q, ctx, k->options);
    if (flag(c->options, "autoincrement"))
        sql_add(q, " AUTOINCREMENT");
}

static void add_collation(
    struct sql *q, ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c)
{
    if (c->collation)
        sql_addf(q, " COLLATE %I", c->collation);
}

static void add_not_null(struct sql *q, struct ctx *ctx, const struct table *t, const struct column *c)
{
    bool alias = t && table_rowid_alias(t) == c;
    if (c->nullable || (alias && str_eq(option(c->options, "not_null"), "false")))
        return;
    add_name(q, option(c->options, "not_null_name"));
    sql_add(q, " NOT NULL");
    add_conflict(q, ctx, c->options);
}

static void add_default(
    struct sql *q, struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c)
{
    if (c->dflt.kind == VALUE_NONE || !c->dflt.expr.native)
        return;
    add_name(q, option(c->options, "default_name"));
    sql_addf(q, " DEFAULT %E", default_sql(ctx, c->dflt.expr.native));
}

static void add_generated(
    struct sql *q, struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c)
{
    const struct generated *g = c->generated;
    if (g)
        sql_addf(
            q, " GENERATED ALWAYS AS (%E) %E", expr_sql(ctx, &g->expr), g->stored ? "STORED" : "VIRTUAL");
}

/* In the order in which they are written. */
static void (*const clauses[COLUMN_CLAUSES])(
    struct sql *q, struct ctx *ctx, const struct table *t, const struct column *c) = {
    [CLAUSE_COLLATE] = add_collation,
    [CLAUSE_NOT_NULL] = add_not_null,
    [CLAUSE_DEFAULT] = add_default,
    [CLAUSE_GENERATED] = add_generated,
    [CLAUSE_KEY] = add_inline_key,
};

const char *clause_sql(
    struct ctx *ctx, const struct table *t, const struct column *c, enum column_clause clause)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    clauses[clause](&q, ctx, t, c);
    return sql_end(&q);
}

static void add_column(struct sql *q, struct ctx *ctx, const struct table *t, const struct column *c)
{
    sql_ident(q, c->name);
    if (*c->native)
        sql_addf(q, " %E", type_sql(ctx, c->native));
    for (size_t i = 0; i < COLUMN_CLAUSES; i++)
        clauses[i](q, ctx, t, c);
}

const char *column_sql(struct ctx *ctx, const struct table *t, const struct column *c,
    const struct constraint *references, const char *check)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    add_column(&q, ctx, t, c);
    if (check)
        sql_addf(&q, " CHECK (%E)", check);
    if (references) {
        add_name(&q, references->name);
        sql_add(&q, " ");
        add_references(&q, references);
    }
    return sql_end(&q);
}

/* ---- tables, indexes, views -------------------------------------------------------------------------- */

static void add_table_constraints(struct sql *q, struct ctx *ctx, const struct table *t)
{
    const struct constraint *k;
    for (size_t state = 0; (k = table_next_constraint(t, &state));) {
        if (k == t->primary_key && k->columns.n == 1 &&
            !option(k->options, "collate")) /* beside its column */
            continue;
        sql_add(q, ",\n  ");
        add_constraint(q, ctx, k, false);
    }
}

static void add_table_options(struct sql *q, const struct table *t)
{
    bool strict = table_flag(t, "strict"), without = table_flag(t, "without_rowid");
    sql_addf(
        q, "%E%E%E", strict ? " STRICT" : "", strict && without ? "," : "", without ? " WITHOUT ROWID" : "");
}

const char *table_options_sql(struct ctx *ctx, const struct table *t)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    add_table_options(&q, t);
    return sql_end(&q);
}

const char *create_table_sql(struct ctx *ctx, const struct table *t, const char *name, bool if_not_exists)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "CREATE TABLE %E%I (", if_not_exists ? "IF NOT EXISTS " : "", name);
    vec_each(i, &t->columns) {
        sql_add(&q, i ? ",\n  " : "\n  ");
        add_column(&q, ctx, t, t->columns.v[i]);
    }
    add_table_constraints(&q, ctx, t);
    sql_add(&q, "\n)");
    add_table_options(&q, t);
    return sql_end(&q);
}

static void add_part(struct sql *q, struct ctx *ctx, const struct index_part *part)
{
    if (part->column)
        sql_ident(q, part->column);
    else
        sql_add(q, expr_sql(ctx, &part->expr));
    if (part->collation)
        sql_addf(q, " COLLATE %I", part->collation);
    if (part->order == ORDER_DESC)
        sql_add(q, " DESC");
}

const char *create_index_sql(
    struct ctx *ctx, const char *table, const struct index *index, bool if_not_exists)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    const char *where = expr_sql(ctx, &index->where);
    sql_addf(&q, "CREATE %EINDEX %E%I ON %I (", index->unique ? "UNIQUE " : "",
        if_not_exists ? "IF NOT EXISTS " : "", index->name, table);
    vec_each(i, &index->parts) {
        if (i)
            sql_add(&q, ", ");
        add_part(&q, ctx, index->parts.v[i]);
    }
    sql_add(&q, ")");
    if (where)
        sql_addf(&q, " WHERE %E", where);
    return sql_end(&q);
}

/* A semicolon at the end of the body would stay in the stored text. */
static const char *view_body(struct ctx *ctx, const struct view *view)
{
    char *body = str_trim(&ctx->arena, expr_sql(ctx, &view->body));
    size_t n = strlen(body);
    while (n && strchr("; \t\r\n", body[n - 1]))
        body[--n] = 0;
    return body;
}

const char *create_view_sql(struct ctx *ctx, const struct view *view)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "CREATE VIEW %I", view->name.name);
    if (view->columns.n)
        sql_addf(&q, " %C", &view->columns);
    sql_addf(&q, " AS %E", view_body(ctx, view));
    return sql_end(&q);
}
