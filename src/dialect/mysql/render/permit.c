/* Rejects operations for which the user has no privilege at all, or the server no storage engine. */
#include "dialect/mysql/reflect/rights.h"
#include "dialect/mysql/render/render.h"

/* ---- privileges ---------------------------------------------------------------------------------------- */

/* Constraints and indexes are added by ALTER TABLE, too. */
static const char *const needed[OP_KINDS] = {
    [OP_CREATE_TABLE] = "CREATE",
    [OP_DROP_TABLE] = "DROP",
    [OP_RENAME_TABLE] = "ALTER",
    [OP_ALTER_TABLE] = "ALTER",
    [OP_ADD_COLUMN] = "ALTER",
    [OP_DROP_COLUMN] = "ALTER",
    [OP_ALTER_COLUMN] = "ALTER",
    [OP_RENAME_COLUMN] = "ALTER",
    [OP_CREATE_INDEX] = "ALTER",
    [OP_DROP_INDEX] = "ALTER",
    [OP_RENAME_INDEX] = "ALTER",
    [OP_CREATE_PRIMARY_KEY] = "ALTER",
    [OP_CREATE_UNIQUE_CONSTRAINT] = "ALTER",
    [OP_CREATE_CHECK_CONSTRAINT] = "ALTER",
    [OP_CREATE_FOREIGN_KEY] = "ALTER",
    [OP_DROP_CONSTRAINT] = "ALTER",
    [OP_CREATE_SEQUENCE] = "CREATE",
    [OP_ALTER_SEQUENCE] = "ALTER",
    [OP_DROP_SEQUENCE] = "DROP",
    [OP_CREATE_VIEW] = "CREATE VIEW",
    [OP_REPLACE_VIEW] = "CREATE VIEW",
    [OP_DROP_VIEW] = "DROP",
    [OP_CREATE_TRIGGER] = "TRIGGER",
    [OP_CHANGE_TRIGGER] = "TRIGGER",
    [OP_DROP_TRIGGER] = "TRIGGER",
    [OP_CREATE_FUNCTION] = "CREATE ROUTINE",
    [OP_CREATE_PROCEDURE] = "CREATE ROUTINE",
    [OP_CREATE_EVENT] = "EVENT",
    [OP_CHANGE_EVENT] = "EVENT",
    [OP_DROP_EVENT] = "EVENT",
};

/* An object that has no SQL for this database is not created. */
static bool is_done(const struct op *op)
{
    return op_object_kind(op->kind) == OBJECT_KINDS || op_object_verb(op->kind) != OBJECT_CREATE ||
           dtext_for(&op->u.object.object.sql, mysql_dialect.name);
}

static bool check_privilege(struct my *my, const struct op *op)
{
    struct ctx *ctx = my->base.ctx;
    const char *privilege = needed[op->kind];
    if (!privilege || !is_done(op) || my_may(my, privilege))
        return true;
    fail_at(ctx, STATUS_FAILED, op->pos, "the user does not have the privilege %s on database '%s'",
        privilege, my->database);
    return fail_hint(ctx, "Run as a user that has it: GRANT %s ON `%s`.* TO ...", privilege, my->database);
}

/* ---- engines ------------------------------------------------------------------------------------------- */

static const char *engine_of(const struct op *op)
{
    const struct options *o = op->kind == OP_CREATE_TABLE  ? op->u.create_table.table.options
                              : op->kind == OP_ALTER_TABLE ? &op->u.alter_table.options
                                                           : NULL;
    const char *engine = o ? options_get(o, mysql_dialect.name, "engine") : NULL;
    return engine && *engine ? engine : NULL;
}

static bool check_engine(struct my *my, const struct op *op)
{
    const char *engine = engine_of(op);
    struct ctx *ctx = my->base.ctx;
    struct strings row = {0};
    struct sql q = sql_begin(ctx, &mysql_dialect);
    if (!engine)
        return true;
    sql_addf(&q,
        "SELECT 1 FROM information_schema.engines WHERE engine = %L AND support IN ('YES', 'DEFAULT')",
        engine);
    if (!my_query_row(&my->base, sql_end(&q), &row))
        return false;
    if (row.n)
        return true;
    fail_at(ctx, STATUS_FAILED, op->pos, "the server does not have the storage engine '%s'", engine);
    return fail_hint(ctx, "Install it on the server, or run SHOW ENGINES for those that it has.");
}

bool my_permit(struct my *my, const struct ops *ops)
{
    if (!my_know_rights(my))
        return false;
    vec_each(i, ops)
        if (!check_privilege(my, ops->v[i]) || !check_engine(my, ops->v[i]))
            return false;
    return true;
}
