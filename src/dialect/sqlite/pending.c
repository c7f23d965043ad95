/* Collects changes of tables that SQLite cannot make by itself, and decides when they are applied. */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/types.h"

/* ---- waiting ----------------------------------------------------------------------------------------- */

struct pending *pending_find(struct rendering *r, const char *table)
{
    vec_each(i, &r->pending)
        if (str_eq_ci(r->pending.v[i]->table, table))
            return r->pending.v[i];
    return NULL;
}

void pending_forget(struct rendering *r, const char *table)
{
    vec_each(i, &r->pending) {
        if (!str_eq_ci(r->pending.v[i]->table, table))
            continue;
        vec_remove(&r->pending, i);
        return;
    }
}

/* ---- what cannot be one change ------------------------------------------------------------------------ */

/* Whether one of "posts.status", … is that column. */
static bool lists_column(
    struct ctx *ctx, const struct strings *columns, const char *table, const char *column)
{
    struct qname name;
    vec_each(i, columns) {
        if (!qname_parse(&ctx->arena, columns->v[i], &name) || !name.schema || !str_eq_ci(name.name, column))
            continue;
        const char *dot = strrchr(name.schema, '.');
        if (str_eq_ci(dot ? dot + 1 : name.schema, table))
            return true;
    }
    return false;
}

/* The column that an operation adds, drops or changes; NULL: another kind of operation. */
static const char *column_of(const struct op *op)
{
    switch ((int)op->kind) {
    case OP_ADD_COLUMN:
        return op->u.add_column.column.name;
    case OP_DROP_COLUMN:
        return op->u.drop_column.name;
    case OP_ALTER_COLUMN:
        return op->u.alter_column.name;
    }
    return NULL;
}

/* Whether an expression reads a column that an operation changes: it means the new value. */
static bool reads(struct ctx *ctx, const char *expression, const struct op *op, const char *table)
{
    const char *column = column_of(op);
    struct tokens t;
    if (column || op->kind != OP_ALTER_ENUM)
        return column && sql_mentions(expression, column);
    tokens_read(ctx, expression, strlen(expression), &t);
    vec_each(i, &t)
        if ((t.v[i].kind == TOKEN_WORD || t.v[i].kind == TOKEN_QUOTED) &&
            lists_column(ctx, &op->u.alter_enum.columns, table, token_name(&ctx->arena, &t.v[i])))
            return true;
    return false;
}

/* Whether an operation needs the rows in the state in which an earlier one left them: a rebuild reads only the old
 * table, and gives a new column its final default. */
static bool comes_after(struct ctx *ctx, const struct op *op, const struct op *earlier, const char *table)
{
    const struct op_alter_column *o = &op->u.alter_column;
    if (op->kind == OP_ALTER_ENUM)
        return column_of(earlier) && lists_column(ctx, &op->u.alter_enum.columns, table, column_of(earlier));
    if (op->kind != OP_ALTER_COLUMN)
        return false;
    const char *using = ALTER_HAS(o, ALTER_USING) ? dtext_for(&o->using, "sqlite") : NULL;
    return (earlier->kind == OP_ADD_COLUMN && str_eq_ci(column_of(earlier), o->name)) ||
           (using && reads(ctx, using, earlier, table));
}

static bool must_flush(struct rendering *r, const struct op *op, const char *table)
{
    const struct pending *p = pending_find(r, table);
    for (size_t i = 0; p && i < p->ops.n; i++)
        if (comes_after(r->ctx, op, p->ops.v[i], table))
            return true;
    return false;
}

/* ---- a column that is added and altered --------------------------------------------------------------- */

/* The last operation on a column that waits, if it adds the column; else NULL. */
static struct op **find_addition(const struct pending *p, const char *column)
{
    for (size_t i = p ? p->ops.n : 0; i-- > 0;) {
        struct op **op = &p->ops.v[i];
        if (column_of(*op) && str_eq_ci(column_of(*op), column))
            return (*op)->kind == OP_ADD_COLUMN ? op : NULL;
    }
    return NULL;
}

/* Whether the column is NULL in all rows and stays so: then it can be added as it becomes. */
static bool can_be_one(const struct op *add, const struct op *alter)
{
    const struct column *c = &add->u.add_column.column;
    const struct op_alter_column *o = &alter->u.alter_column;
    const uint32_t harmless = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_TYPE |
                              1u << ALTER_NULLABLE | 1u << ALTER_COMMENT;
    if (o->given & ~harmless || (ALTER_HAS(o, ALTER_NULLABLE) && !o->nullable))
        return false;
    return c->nullable && c->dflt.kind == VALUE_NONE && c->on_update.kind == VALUE_NONE && !c->primary_key &&
           !c->generated && !c->identity && !c->values && !add->u.add_column.if_not_exists;
}

/* Alters the column within the operation that adds it. Each pair would be a change of the whole table's text. */
static bool add_as_altered(struct rendering *r, const struct op *op, const char *table, bool *ret_done)
{
    struct op **add =
        op->kind == OP_ALTER_COLUMN ? find_addition(pending_find(r, table), op->u.alter_column.name) : NULL;
    struct table alone = {.name = {.name = table}};
    *ret_done = add && can_be_one(*add, op);
    if (!*ret_done)
        return true;
    struct op *copy = ctx_new(r->ctx, struct op);
    *copy = **add;
    vec_add(r->ctx, &alone.columns, column_copy(r->ctx, &copy->u.add_column.column));
    if (!op_apply_to_table(r->ctx, &sqlite_dialect, NULL, &alone, op))
        return rendering_fail(r, op);
    copy->u.add_column.column = *alone.columns.v[0];
    *add = copy;
    return true;
}

bool pending_add(struct rendering *r, const struct op *op, const char *table)
{
    bool done;
    if (!add_as_altered(r, op, table, &done))
        return false;
    if (done)
        return true;
    if (must_flush(r, op, table) && !pending_flush(r))
        return false;
    struct pending *p = pending_find(r, table);
    if (!p) {
        p = ctx_new(r->ctx, struct pending);
        p->table = table;
        vec_add(r->ctx, &r->pending, p);
    }
    vec_add(r->ctx, &p->ops, (struct op *)(uintptr_t)op);
    return true;
}

/* ---- ADD COLUMN -------------------------------------------------------------------------------------- */

/* What ADD COLUMN refuses, or would refuse as soon as there are rows. */
static bool is_addable(struct ctx *ctx, const struct column *c)
{
    bool has_default = c->dflt.kind != VALUE_NONE && !str_eq_ci(c->dflt.expr.native, "NULL");
    if (c->primary_key || (c->generated && c->generated->stored))
        return false;
    if (c->dflt.kind != VALUE_NONE && !default_is_constant(ctx, c->dflt.expr.native))
        return false;
    if (c->generated) /* SQLite checks the rows for a new NOT NULL only since 3.37 */
        return c->nullable;
    return (c->nullable || has_default) && (!c->values || sqlite3_libversion_number() >= 3037000);
}

/* With a new check SQLite tests the rows against all checks of the table, which fails if it lacks a
 * function. */
static bool can_check(struct rendering *r, const char *table_text)
{
    return shadow_sync(r) && !missing_call(r, table_text);
}

/* The statement, or NULL if SQLite's own is not enough. */
static bool add_column_sql(struct rendering *r, const struct op *op, const char **ret)
{
    struct ctx *ctx = r->ctx;
    const struct op_add_column *o = &op->u.add_column;
    struct table *t = ctx_new(ctx, struct table);
    struct parsed_table parsed;
    const char *text, *problem;
    *ret = NULL;
    if (!shadow_table_text(r, o->table.name, &text))
        return false;
    if (!text || !parse_table(ctx, text, NULL, &parsed, &problem))
        return true; /* the rebuild reports the error */
    if (o->if_not_exists && table_named_column(parsed.table, o->column.name))
        return true;
    if (o->after || o->first) /* ADD COLUMN puts it after all others */
        return true;
    t->name = parsed.table->name;
    t->options = parsed.table->options;
    vec_add(ctx, &t->columns, column_copy(ctx, &o->column));
    if (!table_complete(ctx, t))
        return false;
    struct column *c = t->columns.v[0];
    if (!is_addable(ctx, c) || (t->checks.n && !can_check(r, text)))
        return true;
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "ALTER TABLE %I ADD COLUMN %E", parsed.table->name.name,
        column_sql(ctx, t, c, o->references, t->checks.n ? expr_sql(ctx, &t->checks.v[0]->check) : NULL));
    *ret = sql_end(&q);
    return true;
}

/* ---- DROP COLUMN ------------------------------------------------------------------------------------- */

/* SQLite does not drop columns that anything else names; the shadow shows whether it drops this one. With the
 * last column it drops the comments of the one before. */
static bool drop_column_sql(struct rendering *r, const struct op *op, const char **ret)
{
    const struct op_drop_column *o = &op->u.drop_column;
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    const char *text;
    *ret = NULL;
    if (o->if_exists)
        return true;
    if (!shadow_table_text(r, o->table.name, &text))
        return false;
    if (text && text_has_comments(text))
        return true;
    sql_addf(&q, "ALTER TABLE %I DROP COLUMN %I", o->table.name, o->name);
    *ret = sql_end(&q);
    return true;
}

static bool native_sql(struct rendering *r, const struct op *op, const char **ret)
{
    *ret = NULL;
    if (op->kind == OP_ADD_COLUMN)
        return add_column_sql(r, op, ret);
    if (op->kind == OP_DROP_COLUMN)
        return drop_column_sql(r, op, ret);
    return true;
}

/* ---- all by ALTER TABLE ------------------------------------------------------------------------------ */

/* Whether nothing but its own definition names a column. */
static bool is_free(const struct table *t, const char *column)
{
    const struct constraint *k;
    for (size_t state = 0; (k = table_next_constraint(t, &state));) {
        vec_each(i, &k->columns)
            if (str_eq_ci(k->columns.v[i], column))
                return false;
        if (sql_mentions(k->check.native, column))
            return false;
    }
    vec_each(i, &t->columns)
        if (t->columns.v[i]->generated && sql_mentions(t->columns.v[i]->generated->expr.native, column))
            return false;
    return t->columns.n > 1;
}

/* Whether no index of the table names it, and there are no views, triggers or virtual tables at all: those may depend on
 * a column without naming it. */
static bool is_alone(struct rendering *r, const char *table, const char *column, bool *ret)
{
    struct sqlite_conn *c = sqlite_conn(r->state->conn);
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c,
            "SELECT sql FROM sqlite_schema WHERE type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL "
            "TABLE%' "
            "UNION ALL SELECT sql FROM "
            "sqlite_schema "
            "WHERE type = 'index' AND tbl_name = ?1 COLLATE NOCASE AND sql NOT NULL",
            &stmt))
        return false;
    sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
    *ret = true;
    while (sqlite_step(c, stmt, &row) && row && *ret) {
        const char *sql = (const char *)sqlite3_column_text(stmt, 0);
        struct token create = token_read(&sql), second = token_read(&sql);
        bool index =
            token_is(&create, "CREATE") && (token_is(&second, "INDEX") || token_is(&second, "UNIQUE"));
        *ret = index && !sql_mentions(sql, column);
    }
    return r->ctx->err.status == STATUS_OK;
}

/* Most dropped columns are simple cases, which the texts in the database show. */
static bool is_surely_droppable(struct rendering *r, const struct op *op)
{
    const struct op_drop_column *o = &op->u.drop_column;
    struct parsed_table parsed;
    const char *text, *problem;
    bool alone;
    if (r->shadow || r->out->n || !r->state->conn)
        return false;
    return shadow_table_text(r, o->table.name, &text) && text &&
           parse_table(r->ctx, text, NULL, &parsed, &problem) && table_named_column(parsed.table, o->name) &&
           is_free(parsed.table, o->name) && is_alone(r, o->table.name, o->name, &alone) && alone;
}

/* Whether no shadow is needed. */
static bool is_surely_taken(struct rendering *r, const struct pending *p)
{
    vec_each(i, &p->ops) {
        const struct op *op = p->ops.v[i];
        if (op->kind == OP_DROP_COLUMN ? !is_surely_droppable(r, op)
                                       : op->kind != OP_ADD_COLUMN && op->kind != OP_CREATE_INDEX)
            return false;
    }
    return true;
}

/* Runs the statements in the shadow, one after the other; they are kept if it accepts them all. */
static bool shadow_takes(struct rendering *r, const struct statements *list, bool *ret)
{
    if (!shadow_sync(r) || !sqlite_run(r->shadow, "SAVEPOINT cmig_try"))
        return false;
    *ret = true;
    for (size_t i = 0; *ret && i < list->n; i++)
        *ret = sqlite3_exec(r->shadow->db, list->v[i]->text, NULL, NULL, NULL) == SQLITE_OK;
    if (!*ret && !sqlite_run(r->shadow, "ROLLBACK TO cmig_try"))
        return false;
    if (*ret)
        r->replayed += list->n;
    return sqlite_run(r->shadow, "RELEASE cmig_try");
}

static bool collect_native(
    struct rendering *r, const struct pending *p, struct statements *ret, bool *ret_all)
{
    *ret_all = true;
    vec_each(i, &p->ops) {
        const struct op *op = p->ops.v[i];
        const char *sql;
        if (op->kind == OP_CREATE_INDEX)
            continue;
        if (!native_sql(r, op, &sql))
            return rendering_fail(r, op);
        *ret_all = sql != NULL;
        if (!sql)
            return true;
        statement_add(r->ctx, ret, sql, op);
    }
    return true;
}

static bool try_native(struct rendering *r, const struct pending *p, bool *ret_done)
{
    struct statements list = {0};
    if (!collect_native(r, p, &list, ret_done))
        return false;
    if (*ret_done && !is_surely_taken(r, p) && !shadow_takes(r, &list, ret_done))
        return false;
    if (!*ret_done)
        return true;
    vec_each(i, &list)
        vec_add(r->ctx, r->out, list.v[i]);
    vec_each(i, &p->ops)
        if (p->ops.v[i]->kind == OP_CREATE_INDEX && !rendering_index(r, p->ops.v[i]))
            return false;
    return true;
}

/* ---- doing ------------------------------------------------------------------------------------------- */

/* Nothing is left to do if the objects do not exist, or already exist. */
static bool is_unchanged(const struct change *ch)
{
    struct ctx *ctx = ch->r->ctx;
    const struct table *a = ch->before.table, *b = ch->after;
    return str_eq(create_table_sql(ctx, a, a->name.name, false),
               create_table_sql(ctx, b, a->name.name, false)) &&
           !ch->fresh.n && !ch->sources.n;
}

static bool change_table(struct rendering *r, const struct pending *p)
{
    bool done;
    struct change ch;
    if (!try_native(r, p, &done))
        return false;
    if (done)
        return true;
    if (!change_begin(r, p, &ch))
        return false;
    if (is_unchanged(&ch))
        return change_create_indexes(&ch);
    if (!edit_in_place(&ch, &done))
        return rendering_fail(r, ch.op);
    return done || rebuild_table(&ch);
}

static bool flush_one(struct rendering *r, const struct pending *p)
{
    const struct op *first = p->ops.v[0], *last = p->ops.v[p->ops.n - 1];
    struct on_updates set;
    if (!on_update_take(r, first, p->table, &set) || !change_table(r, p))
        return false;
    vec_each(i, &p->ops)
        if (!on_update_apply(r, p->ops.v[i], &set))
            return rendering_fail(r, p->ops.v[i]);
    return on_update_give(r, last, p->table, &set);
}

bool pending_flush(struct rendering *r)
{
    while (r->pending.n) {
        const struct pending *p = r->pending.v[0];
        vec_remove(&r->pending, 0);
        if (!flush_one(r, p))
            return false;
    }
    return true;
}
