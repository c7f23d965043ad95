/* The table of operations. */
#include "op/apply_schema.h"
#include "op/describe.h"
#include "op/records.h"

const struct op_row op_table[OP_KINDS] = {
    [OP_CREATE_SCHEMA] = {"create_schema", "Creates a schema.", &op_create_schema_record, call_create_schema,
        describe_schema, false},
    [OP_DROP_SCHEMA] = {"drop_schema", "Drops a schema, which must be empty unless `cascade` is given.",
        &op_drop_schema_record, call_drop_schema, describe_schema, true},
    [OP_CREATE_ENUM] = {"create_enum", "Creates an enum type; does nothing if the database has no enums.",
        &op_create_enum_record, call_create_enum, describe_create_enum, false},
    [OP_DROP_ENUM] = {"drop_enum", "Drops an enum type.", &op_drop_record, call_drop_enum, describe_drop,
        false},
    [OP_ALTER_ENUM] = {"alter_enum",
        "Changes the values of an enum type. New ones are added in place; if one is removed or moved, the "
        "type is recreated.",
        &op_alter_enum_record, call_alter_enum, describe_alter_enum, false},
    [OP_RENAME_ENUM] = {"rename_enum", "Renames an enum type.", &op_rename_record, call_rename_enum,
        describe_rename, false},
    [OP_CREATE_SEQUENCE] = {"create_sequence", "Creates a sequence.", &op_sequence_record,
        call_create_sequence, describe_sequence, false},
    [OP_DROP_SEQUENCE] = {"drop_sequence", "Drops a sequence.", &op_drop_record, call_drop_sequence,
        describe_drop, true},
    [OP_ALTER_SEQUENCE] = {"alter_sequence",
        "Changes a sequence to the given settings; others get their defaults.", &op_sequence_record,
        call_alter_sequence, describe_sequence, false},
    [OP_RENAME_SEQUENCE] = {"rename_sequence", "Renames a sequence.", &op_rename_record, call_rename_sequence,
        describe_rename, false},
    [OP_CREATE_TABLE] = {"create_table", "Creates a table, with the keys of a table in a model.",
        &op_create_table_record, call_create_table, describe_table, false},
    [OP_DROP_TABLE] = {"drop_table", "Drops a table and its rows.", &op_drop_relation_record, call_drop_table,
        describe_drop, true},
    [OP_RENAME_TABLE] = {"rename_table", "Renames a table.", &op_rename_record, call_rename_table,
        describe_rename, false},
    [OP_ALTER_DATABASE] = {"alter_database", "Changes settings of the whole database.",
        &op_alter_database_record, call_alter_database, describe_database, false},
    [OP_ALTER_TABLE] = {"alter_table", "Changes settings that only one database has.", &op_alter_table_record,
        call_on_table, describe_table, false},
    [OP_ATTACH_PARTITION] = {"attach_partition",
        "Turns a table into a partition of another one; it keeps its rows, which must be within the bound.",
        &op_attach_record, call_attach_partition, describe_partition, false},
    [OP_DETACH_PARTITION] = {"detach_partition",
        "Turns a partition into a table of its own, which keeps its rows.", &op_detach_record,
        call_detach_partition, describe_partition, false},
    [OP_ADD_PARENT] = {"add_parent",
        "Makes a table inherit from another one, whose columns and checks it must already have.",
        &op_parent_record, call_add_parent, describe_parent, false},
    [OP_DROP_PARENT] = {"drop_parent",
        "Makes a table no longer inherit from another one; it keeps the columns and checks as its own.",
        &op_parent_record, call_drop_parent, describe_parent, false},
    [OP_RENAME_PARTITION_INDEX] = {"rename_partition_index",
        "Renames the index of a partition that belongs to an index or key of its parent.",
        &op_rename_partition_index_record, call_rename_partition_index, describe_rename_part, false},
    [OP_ADD_COLUMN] = {"add_column", "Adds a column, with the keys of a column in a model.",
        &op_add_column_record, call_on_table, describe_add_column, false},
    [OP_DROP_COLUMN] = {"drop_column",
        "Drops a column, and the indexes and constraints of its table that name it.", &op_drop_column_record,
        call_on_table, describe_drop_column, true},
    [OP_ALTER_COLUMN] = {"alter_column", "Changes a column; what is not given stays as it is.",
        &op_alter_column_record, call_on_table, describe_alter_column, false},
    [OP_RENAME_COLUMN] = {"rename_column", "Renames a column.", &op_rename_part_record, call_on_table,
        describe_rename_part, false},
    [OP_CREATE_INDEX] = {"create_index", "Creates an index.", &op_create_index_record, call_on_table,
        describe_create_index, false},
    [OP_DROP_INDEX] = {"drop_index", "Drops an index.", &op_drop_index_record, call_on_table,
        describe_drop_index, false},
    [OP_RENAME_INDEX] = {"rename_index", "Renames an index.", &op_rename_index_record, call_on_table,
        describe_rename_part, false},
    [OP_CREATE_PRIMARY_KEY] = {"create_primary_key", "Adds a primary key.", &op_primary_key_record,
        call_on_table, describe_create_constraint, false},
    [OP_CREATE_UNIQUE_CONSTRAINT] = {"create_unique_constraint", "Adds a unique constraint.",
        &op_unique_record, call_on_table, describe_create_constraint, false},
    [OP_CREATE_CHECK_CONSTRAINT] = {"create_check_constraint", "Adds a check constraint.", &op_check_record,
        call_on_table, describe_create_constraint, false},
    [OP_CREATE_FOREIGN_KEY] = {"create_foreign_key", "Adds a foreign key.", &op_foreign_key_record,
        call_on_table, describe_create_constraint, false},
    [OP_CREATE_EXCLUDE_CONSTRAINT] = {"create_exclude_constraint", "Adds an exclusion constraint.",
        &op_exclude_record, call_on_table, describe_create_constraint, false},
    [OP_DROP_CONSTRAINT] = {"drop_constraint",
        "Drops a constraint by its name, or an unnamed one by its type and columns or expression.",
        &op_drop_constraint_record, call_on_table, describe_drop_constraint, false},
    [OP_RENAME_CONSTRAINT] = {"rename_constraint", "Renames a constraint.", &op_rename_part_record,
        call_on_table, describe_rename_part, false},
    [OP_VALIDATE_CONSTRAINT] = {"validate_constraint",
        "Checks the rows that a NOT VALID constraint left unchecked.", &op_validate_constraint_record,
        call_on_table, describe_validate_constraint, false},
    [OP_CREATE_TABLE_COMMENT] = {"create_table_comment", "Sets the comment of a table.",
        &op_create_comment_record, call_on_table, describe_table, false},
    [OP_DROP_TABLE_COMMENT] = {"drop_table_comment", "Removes the comment of a table.",
        &op_drop_comment_record, call_on_table, describe_table, false},
    [OP_SET_COMMENT] = {"set_comment",
        "Sets or removes the comment of an index, constraint, view, enum, sequence or schema.",
        &op_set_comment_record, call_set_comment, describe_set_comment, false},
    [OP_CREATE_VIEW] = {"create_view", "Creates a view.", &op_view_record, call_create_view, describe_view,
        false},
    [OP_DROP_VIEW] = {"drop_view", "Drops a view.", &op_drop_relation_record, call_drop_view, describe_drop,
        false},
    [OP_REPLACE_VIEW] = {"replace_view",
        "Replaces the query of a view; its columns remain, new ones may follow.", &op_view_record,
        call_replace_view, describe_view, false},
    [OP_RENAME_VIEW] = {"rename_view", "Renames a view.", &op_rename_record, call_rename_view,
        describe_rename, false},
    [OP_COPY_ROWS] = {"copy_rows", "Copies all rows of a table to another one.", &op_copy_rows_record,
        call_copy_rows, describe_table, false},
    [OP_BULK_INSERT] = {"bulk_insert", "Inserts rows.", &op_bulk_insert_record, call_nothing, describe_table,
        false},
    [OP_EXECUTE] = {"execute", "Runs SQL unchanged.", &op_execute_record, call_nothing, describe_execute,
        false},
    [OP_BACKFILL] = {"backfill",
        "Updates columns of many rows in batches, each in a transaction of its own; an interrupted backfill "
        "continues after its last batch.",
        &op_backfill_record, call_nothing, describe_table, false},
    [OP_RUN] = {"run", "Runs a program between two transactions; any status but 0 is a failure.",
        &op_run_record, call_nothing, describe_run, false},
    [OP_ASSERT] = {"assert", "Fails with a message if a query returns rows other than a single true value.",
        &op_assert_record, call_nothing, describe_assert, false},
    [OP_GRANT] = {"grant",
        "Grants a role privileges on an object; does nothing where the database has no privileges.",
        &op_grant_record, call_access, describe_access, false},
    [OP_REVOKE] = {"revoke", "Revokes privileges on an object from a role.", &op_revoke_record, call_access,
        describe_access, false},
    [OP_CHANGE_OWNER] = {"change_owner",
        "Changes the owner of an object; the new owner gets the privileges of the previous one.",
        &op_change_owner_record, call_access, describe_access, false},
/* clang-format off */
#define RENAME_ROW_KEEPS_NAME(KIND, word, phrase)
#define RENAME_ROW_RENAMES(KIND, word, phrase) \
    [OP_RENAME_##KIND] = {"rename_" #word, "Renames " phrase ".", &op_rename_##word##_record, \
        call_rename_object, describe_rename_object, false},
#define OBJECT_ROWS(KIND, word, plural, change, naming, phrase, renames) \
    [OP_CREATE_##KIND] = {"create_" #word, "Creates " phrase ". Other databases ignore it.", \
        &op_create_##word##_record, call_create_object, describe_object, false}, \
    [OP_CHANGE_##KIND] = {#change "_" #word, "Changes " phrase ".", \
        &op_##change##_##word##_record, call_change_object, describe_object, false}, \
    [OP_DROP_##KIND] = {"drop_" #word, "Drops " phrase ".", &op_drop_##word##_record, call_drop_object, \
        describe_object, false}, \
    RENAME_ROW_##renames(KIND, word, phrase)
    EACH_OBJECT_KIND(OBJECT_ROWS)
    /* clang-format on */
};

static const int first_object = OP_CHANGE_OWNER + 1;

enum op_kind op_kind_of_object(enum object_kind kind, enum object_verb verb)
{
    return (enum op_kind)(first_object + (int)kind * OBJECT_VERBS + (int)verb);
}

enum object_kind op_object_kind(enum op_kind kind)
{
    int at = (int)kind - first_object;

    return at < 0 ? OBJECT_KINDS : (enum object_kind)(at / OBJECT_VERBS);
}

enum object_verb op_object_verb(enum op_kind kind)
{
    int at = (int)kind - first_object;

    return at < 0 ? OBJECT_VERBS : (enum object_verb)(at % OBJECT_VERBS);
}

void op_commented_object(
    struct arena *a, const struct op_set_comment *o, enum object_kind *ret_kind, struct object *ret)
{
    *ret_kind = object_kind_by_name(o->on);
    *ret = (struct object){.key = o->name.name, .of = o->table};
    if (o->name.schema || (*ret_kind < OBJECT_KINDS && object_table[*ret_kind].naming == NAMED_IN_SCHEMA))
        ret->key = qname_text(a, &o->name);
    if (*ret_kind < OBJECT_KINDS && !object_take_key(a, *ret_kind, ret))
        *ret_kind = OBJECT_KINDS;
}

struct object op_renamed_object(struct arena *a, const struct op *op)
{
    const struct op_object *o = &op->u.object;
    struct object ret = o->object;

    if (!object_under_name(a, op_object_kind(op->kind), &o->object, o->new_name, &ret))
        assert(!"op_object_finish() has read the name");
    return ret;
}

struct op *op_new(struct ctx *ctx, enum op_kind kind)
{
    struct op *op = ctx_new(ctx, struct op);

    op->kind = kind;
    return op;
}

static const enum op_kind kind_of[] = {
    [CONSTRAINT_PRIMARY_KEY] = OP_CREATE_PRIMARY_KEY,
    [CONSTRAINT_UNIQUE] = OP_CREATE_UNIQUE_CONSTRAINT,
    [CONSTRAINT_CHECK] = OP_CREATE_CHECK_CONSTRAINT,
    [CONSTRAINT_FOREIGN_KEY] = OP_CREATE_FOREIGN_KEY,
    [CONSTRAINT_EXCLUDE] = OP_CREATE_EXCLUDE_CONSTRAINT,
};

enum op_kind op_kind_of_constraint(enum constraint_kind kind)
{
    return kind_of[kind];
}

struct op *op_create_constraint_new(struct ctx *ctx, const struct qname *table, const struct constraint *c)
{
    struct op *op = op_new(ctx, op_kind_of_constraint(c->kind));

    op->u.create_constraint.table = *table;
    op->u.create_constraint.constraint = *constraint_copy(ctx, c);
    return op;
}

/* Where each kind names its table. */
enum { NO_TABLE = 0, HAS_TABLE = 1 };
#define TABLE_AT(member) \
    { \
        HAS_TABLE, offsetof(struct op, u.member) \
    }
static const struct {
    int has;
    size_t offset;
} table_at[OP_KINDS] = {
    [OP_CREATE_TABLE] = TABLE_AT(create_table.table.name),
    [OP_DROP_TABLE] = TABLE_AT(drop.name),
    [OP_RENAME_TABLE] = TABLE_AT(rename.name),
    [OP_ALTER_TABLE] = TABLE_AT(alter_table.table),
    [OP_ATTACH_PARTITION] = TABLE_AT(partition.partition),
    [OP_DETACH_PARTITION] = TABLE_AT(partition.partition),
    [OP_ADD_PARENT] = TABLE_AT(parent.table),
    [OP_DROP_PARENT] = TABLE_AT(parent.table),
    [OP_RENAME_PARTITION_INDEX] = TABLE_AT(rename_part.table),
    [OP_ADD_COLUMN] = TABLE_AT(add_column.table),
    [OP_DROP_COLUMN] = TABLE_AT(drop_column.table),
    [OP_ALTER_COLUMN] = TABLE_AT(alter_column.table),
    [OP_RENAME_COLUMN] = TABLE_AT(rename_part.table),
    [OP_CREATE_INDEX] = TABLE_AT(create_index.table),
    [OP_DROP_INDEX] = TABLE_AT(drop_index.table),
    [OP_RENAME_INDEX] = TABLE_AT(rename_part.table),
    [OP_CREATE_PRIMARY_KEY] = TABLE_AT(create_constraint.table),
    [OP_CREATE_UNIQUE_CONSTRAINT] = TABLE_AT(create_constraint.table),
    [OP_CREATE_CHECK_CONSTRAINT] = TABLE_AT(create_constraint.table),
    [OP_CREATE_FOREIGN_KEY] = TABLE_AT(create_constraint.table),
    [OP_CREATE_EXCLUDE_CONSTRAINT] = TABLE_AT(create_constraint.table),
    [OP_DROP_CONSTRAINT] = TABLE_AT(drop_constraint.table),
    [OP_RENAME_CONSTRAINT] = TABLE_AT(rename_part.table),
    [OP_VALIDATE_CONSTRAINT] = TABLE_AT(validate_constraint.table),
    [OP_CREATE_TABLE_COMMENT] = TABLE_AT(table_comment.table),
    [OP_DROP_TABLE_COMMENT] = TABLE_AT(table_comment.table),
    [OP_SET_COMMENT] = TABLE_AT(set_comment.table),
    [OP_COPY_ROWS] = TABLE_AT(copy_rows.table),
    [OP_BULK_INSERT] = TABLE_AT(bulk_insert.table),
    [OP_BACKFILL] = TABLE_AT(backfill.table),
};

bool op_changes_schema(const struct op *op)
{
    return op->kind != OP_BULK_INSERT && op->kind != OP_BACKFILL && op->kind != OP_RUN &&
           op->kind != OP_ASSERT;
}

const struct qname *op_table_name(const struct op *op)
{
    const struct qname *name = (const void *)((const char *)op + table_at[op->kind].offset);

    return table_at[op->kind].has && name->name ? name : NULL;
}
