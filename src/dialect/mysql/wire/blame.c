/*
 * Finds, of the operations that one statement does, the one that the server refused.
 *
 * Most messages quote the column, the key or the constraint. A quoted value may look like one; it comes before the name.
 */
#include "dialect/mysql/wire/exec.h"

/* What an operation creates, changes or drops: a key, index or check, or else a column. */
static const char *subject_of(const struct op *op, bool is_column)
{
    switch (op->kind) {
    case OP_ADD_COLUMN:
        return is_column ? op->u.add_column.column.name : NULL;
    case OP_DROP_COLUMN:
        return is_column ? op->u.drop_column.name : NULL;
    case OP_ALTER_COLUMN:
        return is_column ? op->u.alter_column.name : NULL;
    case OP_CREATE_INDEX:
        return is_column ? NULL : op->u.create_index.index.name;
    case OP_DROP_INDEX:
        return is_column ? NULL : op->u.drop_index.name;
    case OP_CREATE_PRIMARY_KEY:
        return is_column ? NULL : "PRIMARY";
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
        return is_column ? NULL : op->u.create_constraint.constraint.name;
    case OP_DROP_CONSTRAINT:
        return is_column ? NULL : op->u.drop_constraint.name;
    case OP_SET_COMMENT:
        return is_column ? NULL : op->u.set_comment.name.name;
    default:
        return NULL;
    }
}

/* The last place where the message quotes the name; NULL: it does not. A key may be called 'table.key'. */
static const char *last_quoted(const char *message, const char *name)
{
    const char *found = NULL;
    size_t n = strlen(name);
    for (const char *at = message; (at = strstr(at, name)); at++) {
        bool begins = at > message && strchr("'`\".", at[-1]);
        if (begins && at[n] && strchr("'`\"", at[n]))
            found = at;
    }
    return found;
}

const struct op *my_blamed_operation(const struct statement *s, const char *message)
{
    const struct op *found = NULL;
    if (!s->together)
        return s->op;
    for (int is_column = 0; !found && is_column < 2; is_column++) {
        const char *last = NULL;
        vec_each(i, s->together) {
            const char *name = subject_of(s->together->v[i], is_column);
            const char *at = name ? last_quoted(message, name) : NULL;
            if (at && (!last || at > last)) {
                last = at;
                found = s->together->v[i];
            }
        }
    }
    return found;
}
