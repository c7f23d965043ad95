/*
 * Sets columns on UPDATE, by a trigger for each column that has `on_update`.
 *
 * SQLite cannot change a row before it is stored, so the trigger updates it again. It fires for the columns that
 * have no `on_update`, which it names. So neither it nor another trigger of its kind makes it fire, whatever
 * recursive_triggers is, and a value that a statement gives stays. Since it names these columns, it is dropped
 * before the table changes and created again afterwards.
 */
#include "dialect/sqlite/on_update.h"

#include "dialect/sqlite/sqlite.h"

/* ---- the text ---------------------------------------------------------------------------------------- */

/* Always in quotes, so that the text does not depend on which words are reserved. */
static void add_name(struct sql *q, const char *name)
{
    str_addc(&q->text, '"');
    for (; *name; name++)
        str_add(&q->text, *name == '"' ? "\"\"" : (const char[]){*name, '\0'});
    str_addc(&q->text, '"');
}

static bool has_on_update(const struct column *c)
{
    return c->on_update.kind != VALUE_NONE;
}

bool on_update_is_firing(const struct column *c)
{
    return !has_on_update(c) && !c->generated;
}

/* A name of the hidden rowid that no column has, or NULL. */
static const char *rowid_name(const struct table *t)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!table_named_column(t, names[i]))
            return names[i];
    return NULL;
}

struct strings sqlite_row_key(struct ctx *ctx, const struct table *t)
{
    struct strings key = {0};
    const struct column *alias = table_rowid_alias(t);
    bool has_rowid = !table_flag(t, "without_rowid");
    if (alias)
        vec_add(ctx, &key, alias->name);
    else if (has_rowid && rowid_name(t))
        vec_add(ctx, &key, rowid_name(t));
    else if (!has_rowid && t->primary_key)
        key = t->primary_key->columns;
    return key;
}

/* Sorted: tables may have their columns in another order than the models. */
static void add_firing(struct ctx *ctx, struct sql *q, const struct table *t)
{
    struct strings names = {0};
    vec_each(i, &t->columns)
        if (on_update_is_firing(t->columns.v[i]))
            vec_add(ctx, &names, t->columns.v[i]->name);
    strings_sort(&names);
    vec_each(i, &names) {
        sql_add(q, i ? ", " : "");
        add_name(q, names.v[i]);
    }
}

/* The text before and after the expression. */
static void write_parts(struct ctx *ctx, const struct table *t, const struct column *c, const char **ret_head,
    const char **ret_tail)
{
    struct sql head = sql_begin(ctx, &sqlite_dialect), tail = head;
    struct strings key = sqlite_row_key(ctx, t);
    sql_add(&head, "CREATE TRIGGER ");
    add_name(&head, on_update_name(ctx, &sqlite_dialect, t->name.name, c->name));
    sql_add(&head, " AFTER UPDATE OF ");
    add_firing(ctx, &head, t);
    sql_add(&head, " ON ");
    add_name(&head, t->name.name);
    sql_add(&head, " WHEN NEW.");
    add_name(&head, c->name);
    sql_add(&head, " IS OLD.");
    add_name(&head, c->name);
    sql_add(&head, " BEGIN\n  UPDATE ");
    add_name(&head, t->name.name);
    sql_add(&head, " SET ");
    add_name(&head, c->name);
    sql_add(&head, " = ");
    vec_each(i, &key) {
        sql_add(&tail, i ? " AND " : " WHERE ");
        add_name(&tail, key.v[i]);
        sql_add(&tail, " = NEW.");
        add_name(&tail, key.v[i]);
    }
    sql_add(&tail, ";\nEND");
    *ret_head = sql_end(&head);
    *ret_tail = sql_end(&tail);
}

const char *on_update_sql(struct ctx *ctx, const struct table *t, const struct column *c)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    const char *head, *tail;
    write_parts(ctx, t, c, &head, &tail);
    sql_addf(&q, "%E%E%E", head, c->on_update.expr.native, tail);
    return sql_end(&q);
}

bool on_update_check(struct ctx *ctx, const struct table *t)
{
    const struct column *set = NULL;
    bool fires = false;
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        fires = fires || on_update_is_firing(c);
        set = !set && has_on_update(c) ? c : set;
    }
    if (!set || (fires && sqlite_row_key(ctx, t).n))
        return true;
    if (fires)
        fail(ctx, STATUS_CONFIG,
            "column '%s' of table '%s' cannot have on_update: SQLite has no name for a row, since columns "
            "are called "
            "rowid, _rowid_ and oid",
            set->name, t->name.name);
    else
        fail(ctx, STATUS_CONFIG,
            "column '%s' of table '%s' cannot have on_update: the table has no other column that an UPDATE "
            "could "
            "change",
            set->name, t->name.name);
    return false;
}

/* ---- reading ----------------------------------------------------------------------------------------- */

bool on_update_is_name(const char *name)
{
    return str_ends(name, ON_UPDATE_SUFFIX);
}

static struct column *column_of(struct ctx *ctx, struct table *t, const struct on_update_trigger *trigger)
{
    vec_each(i, &t->columns)
        if (str_eq(on_update_name(ctx, &sqlite_dialect, t->name.name, t->columns.v[i]->name), trigger->name))
            return t->columns.v[i];
    return NULL;
}

/* The expression in a trigger that otherwise equals the column's; NULL: the trigger differs in more. */
static const char *expression_of(
    struct ctx *ctx, const struct table *t, const struct column *c, const char *sql)
{
    const char *head, *tail;
    write_parts(ctx, t, c, &head, &tail);
    size_t n = strlen(sql), before = strlen(head), after = strlen(tail);
    if (n <= before + after || !str_starts(sql, head) || !str_ends(sql, tail))
        return NULL;
    return str_trim(&ctx->arena, arena_strndup(&ctx->arena, sql + before, n - before - after));
}

/* Each text depends on which columns have `on_update`, so if one differs, all of them do. */
void on_update_fold(struct ctx *ctx, struct table *t, struct on_update_triggers *triggers)
{
    bool all = true;
    struct column **columns = arena_alloc(&ctx->arena, (triggers->n + 1) * sizeof(*columns));
    vec_each(i, triggers) {
        columns[i] = on_update_is_name(triggers->v[i].name) ? column_of(ctx, t, &triggers->v[i]) : NULL;
        if (columns[i])
            columns[i]->on_update.kind = VALUE_SQL;
    }
    vec_each(i, triggers) {
        if (!columns[i])
            continue;
        columns[i]->on_update.expr.native = expression_of(ctx, t, columns[i], triggers->v[i].sql);
        all = all && columns[i]->on_update.expr.native;
    }
    vec_each(i, triggers) {
        triggers->v[i].is_taken = columns[i] && all;
        if (columns[i] && !all)
            columns[i]->on_update = (struct value){0};
    }
}

/* ---- changing tables --------------------------------------------------------------------------------- */

static bool find_any(struct rendering *r, const char *condition, bool *ret)
{
    const char *found = NULL;
    *ret = sqlite_query(sqlite_conn(r->state->conn),
               ctx_printf(r->ctx,
                   "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%%" ON_UPDATE_SUFFIX
                   "'%s LIMIT 1",
                   condition),
               &found) &&
           found;
    return r->ctx->err.status == STATUS_OK;
}

/* Whether a table may have such triggers. Most have none, and then no shadow is needed. */
static bool may_have(struct rendering *r, const char *table, bool *ret)
{
    struct sql of_table = sql_begin(r->ctx, &sqlite_dialect);
    *ret = true;
    if (!r->state->conn)
        return true;
    if (r->on_update == TRI_UNSET) {
        if (!find_any(r, "", ret))
            return false;
        r->on_update = *ret ? TRI_TRUE : TRI_FALSE;
    }
    *ret = r->on_update == TRI_TRUE;
    if (!*ret || r->shadow || r->out->n)
        return true;
    sql_addf(&of_table, " AND tbl_name = %L COLLATE NOCASE", table);
    return find_any(r, sql_end(&of_table), ret);
}

static bool read_table(struct rendering *r, const char *name, struct table **ret)
{
    struct parsed_table parsed;
    const char *text, *problem;
    *ret = NULL;
    if (!shadow_sync(r) || !shadow_table_text(r, name, &text))
        return false;
    if (text && parse_table(r->ctx, text, NULL, &parsed, &problem))
        *ret = parsed.table;
    return true;
}

static bool read_triggers(struct rendering *r, const char *table, struct on_update_triggers *ret)
{
    struct shadow_rows rows;
    if (!shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE "
            "ORDER BY "
            "rowid",
            table, &rows))
        return false;
    vec_each(i, &rows)
        vec_add(r->ctx, ret, ((struct on_update_trigger){rows.v[i]->name, rows.v[i]->sql, false}));
    return true;
}

static void drop_trigger(struct rendering *r, const struct op *op, const char *name)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "DROP TRIGGER %I", name);
    rendering_add(r, sql_end(&q), op);
}

bool on_update_take(struct rendering *r, const struct op *op, const char *table, struct on_updates *ret)
{
    struct on_update_triggers triggers = {0};
    struct table *t;
    bool any;
    *ret = (struct on_updates){0};
    if (!may_have(r, table, &any) || (any && !read_table(r, table, &t)))
        return false;
    if (!any || !t)
        return true;
    if (!read_triggers(r, table, &triggers))
        return false;
    on_update_fold(r->ctx, t, &triggers);
    vec_each(i, &triggers)
        if (triggers.v[i].is_taken)
            drop_trigger(r, op, triggers.v[i].name);
    vec_each(i, &t->columns)
        if (has_on_update(t->columns.v[i]))
            vec_add(r->ctx, ret, t->columns.v[i]);
    return true;
}

static void create_triggers(struct rendering *r, const struct op *op, const struct table *t)
{
    vec_each(i, &t->columns) {
        if (!has_on_update(t->columns.v[i]))
            continue;
        rendering_add(r, on_update_sql(r->ctx, t, t->columns.v[i]), op);
        r->on_update = TRI_TRUE;
    }
}

bool on_update_create(struct rendering *r, const struct op *op, struct table *t)
{
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        const char *native;
        if (!column_on_update(r->ctx, &sqlite_dialect, c, &native))
            return rendering_fail(r, op);
        c->on_update = (struct value){.kind = native ? VALUE_SQL : VALUE_NONE, .expr.native = native};
    }
    if (!on_update_check(r->ctx, t))
        return rendering_fail(r, op);
    create_triggers(r, op, t);
    return true;
}

static size_t find(const struct on_updates *list, const char *column)
{
    size_t i = 0;
    while (i < list->n && !str_eq_ci(list->v[i]->name, column))
        i++;
    return i;
}

static bool add(struct rendering *r, struct on_updates *list, const struct column *c)
{
    struct column *copy = column_copy(r->ctx, c);
    if (find(list, c->name) < list->n || !has_on_update(c))
        return true;
    vec_add(r->ctx, list, copy);
    return column_on_update(r->ctx, &sqlite_dialect, c, &copy->on_update.expr.native);
}

static void remove_column(struct on_updates *list, const char *column)
{
    size_t at = find(list, column);
    if (at < list->n)
        vec_remove(list, at);
}

void on_update_rename(struct rendering *r, struct on_updates *list, const char *from, const char *to)
{
    vec_each(i, list) {
        struct column *c = list->v[i];
        struct expr *e = &c->on_update.expr;
        c->name = str_eq_ci(c->name, from) ? to : c->name;
        e->native = sql_rename(r->ctx, &sqlite_dialect, e->native, from, to);
    }
}

bool on_update_apply(struct rendering *r, const struct op *op, struct on_updates *list)
{
    const struct op_alter_column *o = &op->u.alter_column;
    switch ((int)op->kind) {
    case OP_ADD_COLUMN:
        return add(r, list, &op->u.add_column.column);
    case OP_DROP_COLUMN:
        remove_column(list, op->u.drop_column.name);
        break;
    case OP_ALTER_COLUMN:
        if (!ALTER_HAS(o, ALTER_ON_UPDATE))
            break;
        remove_column(list, o->name);
        return add(r, list, &(struct column){.name = o->name, .on_update = o->on_update});
    }
    return true;
}

/*
 * Drops the other triggers of the table, to create them again afterwards. SQLite fires the newest triggers first,
 * and the others must see the changes of the statement before they see the second update: an object that they
 * maintain, such as a full-text index, may need the old values. If one of cmig's own triggers was changed by hand,
 * it is replaced.
 */
static bool drop_others(
    struct rendering *r, const struct op *op, struct table *t, struct on_update_triggers *ret)
{
    struct on_update_triggers all = {0};
    if (!read_triggers(r, t->name.name, &all))
        return false;
    vec_each(i, &all) {
        const struct column *c = column_of(r->ctx, t, &all.v[i]);
        drop_trigger(r, op, all.v[i].name);
        if (!c || !has_on_update(c))
            vec_add(r->ctx, ret, all.v[i]);
    }
    return true;
}

bool on_update_give(
    struct rendering *r, const struct op *op, const char *table, const struct on_updates *list)
{
    struct on_update_triggers others = {0};
    struct table *t;
    if (!list->n)
        return true;
    if (!read_table(r, table, &t))
        return false;
    if (!t)
        return true;
    vec_each(i, list) {
        struct column *c = table_named_column(t, list->v[i]->name);
        if (c && list->v[i]->on_update.expr.native)
            c->on_update =
                (struct value){.kind = VALUE_SQL, .expr.native = list->v[i]->on_update.expr.native};
    }
    if (!on_update_check(r->ctx, t) || !drop_others(r, op, t, &others))
        return rendering_fail(r, op);
    create_triggers(r, op, t);
    vec_each(i, &others)
        rendering_add(r, others.v[i].sql, op);
    return true;
}
