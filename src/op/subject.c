/*
 * What an operation is about, and what it names.
 */
#include "cmig/op.h"

#include <ctype.h>

const char *op_part(const struct op *op)
{
    switch ((int)op->kind) {
    case OP_ADD_COLUMN:
        return op->u.add_column.column.name;
    case OP_DROP_COLUMN:
        return op->u.drop_column.name;
    case OP_ALTER_COLUMN:
        return op->u.alter_column.name;
    case OP_RENAME_COLUMN:
    case OP_RENAME_INDEX:
    case OP_RENAME_CONSTRAINT:
        return op->u.rename_part.name;
    case OP_CREATE_INDEX:
        return op->u.create_index.index.name;
    case OP_DROP_INDEX:
        return op->u.drop_index.name;
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
    case OP_CREATE_EXCLUDE_CONSTRAINT:
        return op->u.create_constraint.constraint.name;
    case OP_DROP_CONSTRAINT:
        return op->u.drop_constraint.name;
    case OP_VALIDATE_CONSTRAINT:
        return op->u.validate_constraint.name;
    }
    return NULL;
}

const struct qname *op_subject(const struct op *op)
{
    switch ((int)op->kind) {
    case OP_BULK_INSERT:
    case OP_BACKFILL:
        return NULL;
    case OP_CREATE_TABLE:
        return &op->u.create_table.table.name;
    case OP_CREATE_VIEW:
    case OP_REPLACE_VIEW:
        return &op->u.view.view.name;
    case OP_CREATE_ENUM:
        return &op->u.create_enum.enumeration.name;
    case OP_ALTER_ENUM:
        return &op->u.alter_enum.name;
    case OP_CREATE_SEQUENCE:
    case OP_ALTER_SEQUENCE:
        return &op->u.sequence.sequence.name;
    case OP_DROP_TABLE:
    case OP_DROP_VIEW:
    case OP_DROP_ENUM:
    case OP_DROP_SEQUENCE:
        return &op->u.drop.name;
    case OP_RENAME_TABLE:
    case OP_RENAME_VIEW:
    case OP_RENAME_ENUM:
    case OP_RENAME_SEQUENCE:
        return &op->u.rename.name;
    }
    return op_object_kind(op->kind) != OBJECT_KINDS ? &op->u.object.object.name : op_table_name(op);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool has_word(const char *text, const char *word)
{
    const size_t n = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at++)
        if (!(at > text && is_word(at[-1])) && !is_word(at[n]))
            return true;
    return false;
}

static bool node_has_word(struct ctx *ctx, const struct node *n, const char *word)
{
    struct str text = STR(ctx);

    node_json(&text, n, false);
    return has_word(str_lower(&ctx->arena, str_get(&text)), word);
}

/* The operation's own keys are no names: a column may be called "name" or "type". */
bool op_names(struct ctx *ctx, const struct op *op, const char *name)
{
    const struct node *value = op_encode(&ctx->arena, op)->v[1];
    const char *word = str_lower(&ctx->arena, name);

    if (value->kind != NODE_MAPPING)
        return node_has_word(ctx, value, word);
    for (size_t i = 0; i < value->n; i++)
        if (node_has_word(ctx, value->v[2 * i + 1], word))
            return true;
    return false;
}
