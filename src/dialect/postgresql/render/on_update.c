/*
 * Renders `on_update`: a trigger and its function for each column that has it.
 *
 * Dropping a table leaves the functions, and the names and texts of both contain those of table and column. So the
 * existing ones are read once, when the operations begin, and tracked from one operation to the next: those that an
 * operation concerns are dropped before it and, if the column remains, created again after it.
 */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/on_update.h"

/* ---- reading ----------------------------------------------------------------------------------------- */

static bool is_home(const struct rendering *r, const char *schema)
{
    const char *home = r->pg              ? r->pg->base.default_schema
                       : r->state->schema ? r->state->schema->default_schema
                                          : NULL;
    return !schema || str_eq(schema, home);
}

static bool is_same_table(const struct rendering *r, const struct qname *a, const struct qname *b)
{
    return str_eq(a->name, b->name) &&
           (str_eq(a->schema, b->schema) || (is_home(r, a->schema) && is_home(r, b->schema)));
}

/* A table that is created with if_not_exists may already exist: then nothing changes. */
static void add(struct rendering *r, const struct qname *table, const char *column, const char *expression)
{
    vec_each(i, &r->on_updates)
        if (is_same_table(r, &r->on_updates.v[i].table, table) && str_eq(r->on_updates.v[i].column, column))
            return;
    vec_add(r->ctx, &r->on_updates, ((struct on_update){*table, column, expression}));
}

/* A row for each column of a table that has such a trigger, and for each of these. */
static bool read_online(struct rendering *r)
{
    static const char sql[] =
        "SELECT n.nspname, c.relname, a.attname, t.tgname, p.prosrc FROM pg_catalog.pg_trigger t "
        "JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid AND p.proname = t.tgname "
        "JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND c.relnamespace = p.pronamespace "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE t.tgname LIKE '%" ON_UPDATE_SUFFIX "' ORDER BY t.oid, a.attnum";
    struct answer a CLEANUP(answer_finish) = {0};
    if (r->pg->has_on_updates == TRI_FALSE)
        return true;
    if (!pg_query(r->pg, sql, NULL, 0, &a))
        return false;
    r->pg->has_on_updates = answer_rows(&a) ? TRI_TRUE : TRI_FALSE;
    for (int i = 0; i < answer_rows(&a); i++) {
        struct qname table = {NULL, answer_copy(&a, i, 1)};
        const char *column = answer_copy(&a, i, 2);
        const char *expression = pg_on_update_expression(r->ctx, column, answer_text(&a, i, 4));
        if (!is_home(r, answer_text(&a, i, 0)))
            table.schema = answer_copy(&a, i, 0);
        if (expression && str_eq(pg_on_update_name(r->ctx, table.name, column), answer_text(&a, i, 3)))
            add(r, &table, column, expression);
    }
    return true;
}

static void read_offline(struct rendering *r)
{
    for (size_t i = 0; r->state->schema && i < r->state->schema->tables.n; i++) {
        const struct table *t = r->state->schema->tables.v[i];
        vec_each(k, &t->columns)
            if (t->columns.v[k]->on_update.kind != VALUE_NONE && t->columns.v[k]->on_update.expr.native)
                add(r, &t->name, t->columns.v[k]->name, t->columns.v[k]->on_update.expr.native);
    }
}

static bool concerns(const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    return op->kind == OP_DROP_TABLE || op->kind == OP_DROP_COLUMN || op->kind == OP_RENAME_TABLE ||
           op->kind == OP_RENAME_COLUMN ||
           (op->kind == OP_ALTER_COLUMN && (ALTER_HAS(o, ALTER_NEW_NAME) || ALTER_HAS(o, ALTER_ON_UPDATE)));
}

/* SQL may create such a trigger without on_update. */
static bool may_create(const struct op *op)
{
    return op->kind == OP_EXECUTE || op_object_kind(op->kind) < OBJECT_KINDS;
}

/* Most databases have none: then a run asks once, not in each revision, so that revisions are sent without a pause. */
bool pg_on_update_begin(struct rendering *r)
{
    bool any = false, forget = false;
    vec_each(i, r->ops) {
        any = any || concerns(r->ops->v[i]);
        forget = forget || may_create(r->ops->v[i]);
    }
    if (!r->pg) {
        if (any)
            read_offline(r);
        return true;
    }
    if (any && !read_online(r))
        return false;
    if (forget)
        r->pg->has_on_updates = TRI_UNSET;
    return true;
}

/* ---- statements -------------------------------------------------------------------------------------- */

static void render_create(struct rendering *r, const struct on_update *u)
{
    const struct qname name = {u->table.schema, pg_on_update_name(r->ctx, u->table.name, u->column)};
    const char *body = pg_on_update_body(r->ctx, u->column, u->expression), *tag = "$cmig$";
    if (r->pg)
        r->pg->has_on_updates = TRI_TRUE;
    while (strstr(body, tag))
        tag = ctx_printf(r->ctx, "%.*s_$", (int)strlen(tag) - 1, tag);
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE OR REPLACE FUNCTION %Q() RETURNS trigger LANGUAGE plpgsql AS %E%E%E", &name, tag,
        body, tag);
    pg_render_add(r, &q);
    q = pg_render_begin(r);
    sql_addf(&q, "CREATE TRIGGER %I BEFORE UPDATE ON %Q FOR EACH ROW EXECUTE FUNCTION %Q()", name.name,
        &u->table, &name);
    pg_render_add(r, &q);
}

static void render_drop_trigger(struct rendering *r, const struct on_update *u, bool if_exists)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP TRIGGER %E%I ON %Q", if_exists ? "IF EXISTS " : "",
        pg_on_update_name(r->ctx, u->table.name, u->column), &u->table);
    pg_render_add(r, &q);
}

static void render_drop_function(struct rendering *r, const struct on_update *u)
{
    const struct qname name = {u->table.schema, pg_on_update_name(r->ctx, u->table.name, u->column)};
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP FUNCTION %Q()", &name);
    pg_render_add(r, &q);
}

bool pg_on_update_create(struct rendering *r, const struct qname *table, const struct column *c)
{
    struct on_update u = {*table, c->name, NULL};
    if (c->on_update.kind == VALUE_NONE)
        return true;
    if (!column_on_update(r->ctx, &postgresql_dialect, c, &u.expression))
        return false;
    if (!u.expression)
        return true;
    render_create(r, &u);
    add(r, table, u.column, u.expression);
    return true;
}

/* ---- operations -------------------------------------------------------------------------------------- */

/* Renames of one operation; from NULL: none. */
struct renaming {
    const struct qname *table; /* of the operation */
    const struct qname *new_table;
    const char *column, *new_column; /* NULL: of no column */
};

static struct renaming renaming_of(const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    switch ((int)op->kind) {
    case OP_RENAME_TABLE:
        return (struct renaming){&op->u.rename.name, &op->u.rename.new_name, NULL, NULL};
    case OP_RENAME_COLUMN:
        return (struct renaming){&op->u.rename_part.table, &op->u.rename_part.table, op->u.rename_part.name,
            op->u.rename_part.new_name};
    case OP_ALTER_COLUMN:
        if (ALTER_HAS(o, ALTER_NEW_NAME) && o->new_name)
            return (struct renaming){&o->table, &o->table, o->name, o->new_name};
    }
    return (struct renaming){0};
}

/* Whether its name or its text changes. */
static bool is_renamed(const struct rendering *r, const struct renaming *n, const struct on_update *u)
{
    return n->table && is_same_table(r, n->table, &u->table) &&
           (!n->column || str_eq(n->column, u->column) || sql_mentions(u->expression, n->column));
}

/* Whether it is dropped with the operation. */
static bool is_dropped(const struct rendering *r, const struct op *op, const struct on_update *u)
{
    const struct op_alter_column *o = &op->u.alter_column;
    switch ((int)op->kind) {
    case OP_DROP_TABLE:
        return is_same_table(r, &op->u.drop.name, &u->table);
    case OP_DROP_COLUMN:
        return is_same_table(r, &op->u.drop_column.table, &u->table) &&
               str_eq(op->u.drop_column.name, u->column);
    case OP_ALTER_COLUMN:
        return ALTER_HAS(o, ALTER_ON_UPDATE) && is_same_table(r, &o->table, &u->table) &&
               str_eq(o->name, u->column);
    }
    return false;
}

/* The triggers of a table are dropped with it. */
void pg_on_update_before(struct rendering *r, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    const struct renaming n = renaming_of(op);
    bool any = false;
    vec_each(i, &r->on_updates) {
        const struct on_update *u = &r->on_updates.v[i];
        if (op->kind == OP_DROP_TABLE || (!is_renamed(r, &n, u) && !is_dropped(r, op, u)))
            continue;
        any = true;
        render_drop_trigger(r, u, false);
        render_drop_function(r, u);
    }
    /* A trigger that was changed by hand is replaced. */
    if (!any && op->kind == OP_ALTER_COLUMN && ALTER_HAS(o, ALTER_ON_UPDATE) &&
        o->on_update.kind != VALUE_NONE)
        render_drop_trigger(r, &(struct on_update){o->table, o->name, NULL}, true);
}

static void follow(struct rendering *r, const struct renaming *n, struct on_update *u)
{
    u->table = *n->new_table;
    if (n->column) {
        u->column = str_eq(u->column, n->column) ? n->new_column : u->column;
        u->expression = sql_rename(r->ctx, &postgresql_dialect, u->expression, n->column, n->new_column);
    }
    render_create(r, u);
}

bool pg_on_update_after(struct rendering *r, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    const struct renaming n = renaming_of(op);
    uint32_t left = 0;
    vec_each(i, &r->on_updates) {
        struct on_update u = r->on_updates.v[i];
        bool is_gone = is_dropped(r, op, &u);
        if (is_gone && op->kind == OP_DROP_TABLE)
            render_drop_function(r, &u);
        if (!is_gone && is_renamed(r, &n, &u))
            follow(r, &n, &u);
        if (!is_gone)
            r->on_updates.v[left++] = u;
    }
    r->on_updates.n = left;
    if (op->kind != OP_ALTER_COLUMN || !ALTER_HAS(o, ALTER_ON_UPDATE))
        return true;
    const struct column c = {.name = n.column ? n.new_column : o->name, .on_update = o->on_update};
    return pg_on_update_create(r, &o->table, &c);
}
