/*
 * Counts the rows that the steps of a plan delete: with tables, with columns, and by statements that empty a table.
 *
 * The steps have not run, so tables and columns are counted under the names that they have now: the renames of earlier
 * steps are followed back. What a step creates has no rows yet. SQL is read by its words, as lint does.
 */
#include "cmig/hazard.h"
#include "cmig/migrate.h"

#include <stdlib.h>

/* A table, or a column, after the operations so far. */
struct name {
    struct qname table;
    const char *column; /* NULL: the table */
};
/* What it is called now, before them. */
struct alias {
    struct name name, origin;
    bool is_new; /* an operation creates it */
};

struct counting {
    struct project *p;
    const struct revision *revision;
    struct VEC_OF(struct alias *) aliases; /* the newest last */
    struct losses *ret;
};

/* ---- names --------------------------------------------------------------------------------------------- */

static struct qname plain_name(const struct counting *c, const struct qname *name)
{
    const char *usual = c->p->conn->default_schema;
    struct qname plain = *name;
    if (usual && str_eq(plain.schema, usual))
        plain.schema = NULL;
    return plain;
}

static bool name_eq(const struct name *a, const struct name *b)
{
    return qname_eq(&a->table, &b->table) && str_eq(a->column, b->column);
}

static void add_alias(struct counting *c, const struct name *name, const struct name *origin)
{
    struct alias *alias = ctx_new(c->p->ctx, struct alias);
    alias->name = *name;
    alias->is_new = !origin;
    if (origin)
        alias->origin = *origin;
    vec_add(c->p->ctx, &c->aliases, alias);
}

/* The newest alias; NULL: it is called the same now. */
static const struct alias *find_alias(const struct counting *c, const struct name *name)
{
    for (size_t i = c->aliases.n; i-- > 0;)
        if (name_eq(&c->aliases.v[i]->name, name))
            return c->aliases.v[i];
    return NULL;
}

/* The name before the operations. False: they create it. */
static bool find_origin(const struct counting *c, const struct name *name, struct name *ret)
{
    const struct name table_name = {.table = name->table};
    const struct alias *alias = find_alias(c, name), *table;
    *ret = alias ? alias->origin : *name;
    if (alias || !name->column)
        return !alias || !alias->is_new;
    table = find_alias(c, &table_name);
    if (table)
        ret->table = table->origin.table;
    return !table || !table->is_new;
}

static void rename_to(struct counting *c, const struct name *from, const struct name *to)
{
    struct name origin;
    bool is_old = find_origin(c, from, &origin);
    add_alias(c, to, is_old ? &origin : NULL);
}

/* ---- counting ------------------------------------------------------------------------------------------ */

/* -1: the database refuses, for example since the table does not exist. */
static bool count_rows(struct counting *c, const struct name *name, int64_t *ret)
{
    struct ctx *ctx = c->p->ctx;
    struct conn *conn = c->p->conn;
    struct strings row = {0};
    *ret = -1;
    if (conn->dialect->query(conn, count_rows_query(ctx, conn->dialect, &name->table, name->column), &row)) {
        if (row.n && row.v[0])
            *ret = strtoll(row.v[0], NULL, 10);
        return true;
    }
    if (ctx_interrupted(ctx))
        return false;
    log_debug(ctx, "cannot count rows: %s", err_text(ctx));
    err_clear(ctx);
    return true;
}

static bool add_loss(struct counting *c, const struct qname *table, const char *column, bool keeps_table)
{
    const struct name name = {plain_name(c, table), column};
    struct name origin;
    struct loss *loss;
    if (!find_origin(c, &name, &origin))
        return true;
    loss = ctx_new(c->p->ctx, struct loss);
    *loss = (struct loss){
        .table = origin.table, .column = origin.column, .keeps_table = keeps_table, .revision = c->revision};
    vec_add(c->p->ctx, c->ret, loss);
    return count_rows(c, &origin, &loss->rows);
}

/* ---- operations ---------------------------------------------------------------------------------------- */

static bool take_drop(struct counting *c, const struct op *op)
{
    return add_loss(c, &op->u.drop.name, NULL, false);
}

static bool take_drop_column(struct counting *c, const struct op *op)
{
    return add_loss(c, &op->u.drop_column.table, op->u.drop_column.name, false);
}

static bool take_new_table(struct counting *c, const struct op *op)
{
    const struct op_create_table *o = &op->u.create_table;
    const struct name name = {plain_name(c, &o->table.name), NULL};
    if (!o->if_not_exists)
        add_alias(c, &name, NULL);
    return true;
}

static bool take_new_column(struct counting *c, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    const struct name name = {plain_name(c, &o->table), o->column.name};
    if (!o->if_not_exists)
        add_alias(c, &name, NULL);
    return true;
}

static bool take_rename(struct counting *c, const struct op *op)
{
    const struct name from = {plain_name(c, &op->u.rename.name), NULL};
    const struct name to = {plain_name(c, &op->u.rename.new_name), NULL};
    rename_to(c, &from, &to);
    return true;
}

static bool rename_column(struct counting *c, const struct qname *table, const char *from, const char *to)
{
    const struct qname plain = plain_name(c, table);
    const struct name old = {plain, from}, new = {plain, to};
    rename_to(c, &old, &new);
    return true;
}

static bool take_rename_column(struct counting *c, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    return rename_column(c, &o->table, o->name, o->new_name);
}

static bool take_alter_column(struct counting *c, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    return !ALTER_HAS(o, ALTER_NEW_NAME) || rename_column(c, &o->table, o->name, o->new_name);
}

static bool take_execute(struct counting *c, const struct op *op);

static bool (*const takers[OP_KINDS])(struct counting *c, const struct op *op) = {
    [OP_DROP_TABLE] = take_drop,
    [OP_DROP_COLUMN] = take_drop_column,
    [OP_CREATE_TABLE] = take_new_table,
    [OP_ADD_COLUMN] = take_new_column,
    [OP_RENAME_TABLE] = take_rename,
    [OP_RENAME_COLUMN] = take_rename_column,
    [OP_ALTER_COLUMN] = take_alter_column,
    [OP_EXECUTE] = take_execute,
};

static bool take_op(struct counting *c, const struct op *op)
{
    return !takers[op->kind] || takers[op->kind](c, op);
}

/* ---- SQL ----------------------------------------------------------------------------------------------- */

static bool take_change(struct counting *c, const struct sql_change *change)
{
    if (change->op)
        return take_op(c, change->op);
    if ((change->act == SQL_ACT_TRUNCATE || change->act == SQL_ACT_DELETE_ALL) && change->table.name)
        return add_loss(c, &change->table, NULL, true);
    return true;
}

/* A text that cannot be split is refused by the run itself. */
static bool take_text(struct counting *c, const struct op *op, const char *text)
{
    const struct dialect *dialect = c->p->conn->dialect;
    struct ctx *ctx = c->p->ctx;
    const char *clean = dialect->clean(ctx, text, false);
    struct statement s = {.text = clean, .op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
    struct statements parts = {0};
    if (!dialect->split(ctx, &s, false, &parts)) {
        err_clear(ctx);
        return true;
    }
    vec_each(i, &parts) {
        struct sql_changes changes = {0};
        size_t to = parts.v[i]->to ? parts.v[i]->to : strlen(clean);
        sql_read(ctx, dialect, clean, parts.v[i]->from, to, &changes);
        vec_each(k, &changes)
            if (!take_change(c, changes.v[k]))
                return false;
    }
    return true;
}

static bool take_execute(struct counting *c, const struct op *op)
{
    const char *name = c->p->conn->dialect->name, *text = dtext_for(&op->u.execute.sql, name);
    const char *file = dtext_for(&op->u.execute.file, name);
    struct arena *a = &c->p->ctx->arena;
    size_t size;
    char *read;
    if (file && c->revision->path) {
        if (!fs_read(c->p->ctx, a, "SQL file", fs_join(a, fs_dirname(a, c->revision->path), file),
                FS_TEXT_LIMIT, &read, &size))
            return false;
        text = read;
    }
    return !text || take_text(c, op, text);
}

/* ---- together ------------------------------------------------------------------------------------------ */

bool migrate_losses(struct project *p, const struct plan *plan, struct losses *ret)
{
    const struct audience to = project_audience(p, p->conn->dialect->name);
    struct counting c = {.p = p, .ret = ret};
    *ret = (struct losses){0};
    for (size_t i = 0; i < plan->n; i++) {
        struct revision_body body;
        const struct ops *ops = plan->v[i].direction == DIRECTION_DOWN ? &body.downgrade : &body.upgrade;
        c.revision = plan->v[i].revision;
        if (!c.revision || plan->v[i].direction == DIRECTION_STAMP)
            continue;
        if (!revision_body(p->ctx, c.revision, &to, &body))
            return false;
        vec_each(k, ops)
            if (!take_op(&c, ops->v[k]))
                return false;
    }
    return true;
}
