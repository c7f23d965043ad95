/*
 * Leaves out of an operation what has no SQL for a database, as models do.
 *
 * `{default: a > 0, mysql: null}` says that there is no such check, index or view on MySQL. A revision that was
 * written for such a model on another database is the same file.
 */
#include "cmig/op.h"

static bool is_absent(const struct expr *e, const char *dialect)
{
    return dtext_is_set(&e->sql) && !e->native && !dtext_for(&e->sql, dialect);
}

static bool has_absent_part(const struct index_parts *parts, const char *dialect)
{
    vec_each(i, parts)
        if (!parts->v[i]->column && is_absent(&parts->v[i]->expr, dialect))
            return true;
    return false;
}

static void leave_out_checks(struct constraints *list, const char *dialect)
{
    size_t kept = 0;

    vec_each(i, list)
        if (!is_absent(&list->v[i]->check, dialect))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

static void leave_out_indexes(struct indexes *list, const char *dialect)
{
    size_t kept = 0;

    vec_each(i, list)
        if (!has_absent_part(&list->v[i]->parts, dialect))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

bool op_is_present(struct op *op, const char *dialect)
{
    switch ((int)op->kind) {
    case OP_CREATE_TABLE:
        leave_out_checks(&op->u.create_table.table.checks, dialect);
        leave_out_indexes(&op->u.create_table.table.indexes, dialect);
        return true;
    case OP_CREATE_INDEX:
        return !has_absent_part(&op->u.create_index.index.parts, dialect);
    case OP_CREATE_CHECK_CONSTRAINT:
        return !is_absent(&op->u.create_constraint.constraint.check, dialect);
    case OP_CREATE_VIEW:
    case OP_REPLACE_VIEW:
        return !is_absent(&op->u.view.view.body, dialect);
    case OP_ASSERT:
        return dtext_for(&op->u.assertion.sql, dialect);
    default:
        return true;
    }
}
