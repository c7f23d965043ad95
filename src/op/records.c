/* The keys of all operations, and the members that they set. */
#include "op/records.h"

#define PLAIN(key_, kind_, type, member, flags_, doc_) \
    { \
        .key = (key_), .doc = (doc_), .kind = (kind_), .flags = (flags_), \
        .offset = offsetof(struct type, member) \
    }
#define RECORD(key_, kind_, type, member, flags_, record_, doc_) \
    { \
        .key = (key_), .doc = (doc_), .kind = (kind_), .flags = (flags_), \
        .offset = offsetof(struct type, member), .record = &(record_) \
    }
#define CUSTOM(key_, type, member, flags_, custom_, doc_) \
    { \
        .key = (key_), .doc = (doc_), .kind = FIELD_CUSTOM, .flags = (flags_), \
        .offset = offsetof(struct type, member), .custom = &(custom_) \
    }
#define TABLE_ROW(type) PLAIN("table", FIELD_QNAME, type, table, FIELD_REQUIRED, "The table.")
#define NAME_ROW(type, doc) PLAIN("name", FIELD_STRING, type, name, FIELD_REQUIRED, doc)
#define IF_EXISTS(type) \
    PLAIN("if_exists", FIELD_BOOL, type, if_exists, 0, "Nothing happens if the object does not exist.")
#define IF_NOT_EXISTS(type) \
    PLAIN("if_not_exists", FIELD_BOOL, type, if_not_exists, 0, \
        "Nothing happens if the object already exists.")
#define CASCADE(type) PLAIN("cascade", FIELD_BOOL, type, cascade, 0, "Dependent objects are dropped, too.")
#define DANGLING(type) \
    PLAIN("dangling", FIELD_BOOL, type, dangling, 0, \
        "SQLite: foreign keys, views and triggers that refer to it may remain.")

#define NAME_SCHEMA "{\"type\": \"string\"}"

/* A record without a place of its own: operations have theirs in struct op. */
#define OP_RECORD(name_, type, fields_) \
    .name = (name_), .size = sizeof(struct type), .fields = (fields_), .pos_offset = -1

/* ---- schemas, and what goes by a name only ---------------------------------------------------------------- */

static const struct field create_schema_fields[] = {
    NAME_ROW(op_schema, "The schema."),
    IF_NOT_EXISTS(op_schema),
    {0},
};
const struct record op_create_schema_record = {
    OP_RECORD("create_schema", op_schema, create_schema_fields),
    .given_offset = -1,
    .decode_short = op_schema_short,
    .encode_short = op_schema_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field drop_schema_fields[] = {
    NAME_ROW(op_schema, "The schema."),
    IF_EXISTS(op_schema),
    CASCADE(op_schema),
    {0},
};
const struct record op_drop_schema_record = {
    OP_RECORD("drop_schema", op_schema, drop_schema_fields),
    .given_offset = -1,
    .decode_short = op_schema_short,
    .encode_short = op_schema_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field drop_fields[] = {
    PLAIN("name", FIELD_QNAME, op_drop, name, FIELD_REQUIRED, "The object that is dropped."),
    IF_EXISTS(op_drop),
    CASCADE(op_drop),
    {0},
};
const struct record op_drop_record = {
    OP_RECORD("drop", op_drop, drop_fields),
    .given_offset = -1,
    .decode_short = op_drop_short,
    .encode_short = op_drop_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field drop_relation_fields[] = {
    PLAIN("name", FIELD_QNAME, op_drop, name, FIELD_REQUIRED, "The object that is dropped."),
    IF_EXISTS(op_drop),
    CASCADE(op_drop),
    DANGLING(op_drop),
    {0},
};
const struct record op_drop_relation_record = {
    OP_RECORD("drop_relation", op_drop, drop_relation_fields),
    .given_offset = -1,
    .decode_short = op_drop_short,
    .encode_short = op_drop_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field rename_fields[] = {
    PLAIN("name", FIELD_QNAME, op_rename, name, FIELD_REQUIRED, "The old name."),
    PLAIN("new_name", FIELD_QNAME, op_rename, new_name, FIELD_REQUIRED,
        "The new name, perhaps in another schema."),
    {0},
};
const struct record op_rename_record = {OP_RECORD("rename", op_rename, rename_fields), .given_offset = -1};

/* ---- tables ----------------------------------------------------------------------------------------------- */

static const struct field create_table_fields[] = {
    RECORD("table", FIELD_INLINE, op_create_table, table, 0, table_record, "The table, as in a model."),
    IF_NOT_EXISTS(op_create_table),
    {0},
};
const struct record op_create_table_record = {
    OP_RECORD("create_table", op_create_table, create_table_fields),
    .given_offset = -1,
    .finish = op_create_table_finish,
};

static const struct field alter_table_fields[] = {
    TABLE_ROW(op_alter_table),
    RECORD("options", FIELD_INLINE, op_alter_table, options, 0, options_record,
        "Settings under a database's name; null removes one."),
    {0},
};
const struct record op_alter_table_record = {
    OP_RECORD("alter_table", op_alter_table, alter_table_fields), .given_offset = -1};

static const struct field alter_database_fields[] = {
    RECORD("options", FIELD_INLINE, op_alter_database, options, 0, options_record,
        "Settings under a database's name; null removes one."),
    {0},
};
const struct record op_alter_database_record = {
    OP_RECORD("alter_database", op_alter_database, alter_database_fields), .given_offset = -1};

#define PARTITION_ROWS \
    PLAIN("table", FIELD_QNAME, op_partition, table, FIELD_REQUIRED, "The partitioned table."), \
        PLAIN("partition", FIELD_QNAME, op_partition, partition, FIELD_REQUIRED, "The other table.")

static const struct field attach_fields[] = {
    PARTITION_ROWS,
    CUSTOM("bound", op_partition, bound, FIELD_REQUIRED, bound_custom,
        "The rows that the partition takes, as in a model."),
    {0},
};
const struct record op_attach_record = {
    OP_RECORD("attach_partition", op_partition, attach_fields), .given_offset = -1};

static const struct field detach_fields[] = {PARTITION_ROWS, {0}};
const struct record op_detach_record = {
    OP_RECORD("detach_partition", op_partition, detach_fields), .given_offset = -1};

static const struct field parent_fields[] = {
    PLAIN("table", FIELD_QNAME, op_parent, table, FIELD_REQUIRED, "The table that inherits."),
    PLAIN("parent", FIELD_QNAME, op_parent, parent, FIELD_REQUIRED, "The table that it inherits from."),
    {0},
};
const struct record op_parent_record = {OP_RECORD("parent", op_parent, parent_fields), .given_offset = -1};

static const struct field copy_rows_fields[] = {
    PLAIN("table", FIELD_QNAME, op_copy_rows, table, FIELD_REQUIRED, "The table that gets the rows."),
    PLAIN("from", FIELD_QNAME, op_copy_rows, from, FIELD_REQUIRED, "The table that has them."),
    PLAIN("columns", FIELD_STRINGS, op_copy_rows, columns, FIELD_REQUIRED,
        "The columns, which both tables have."),
    PLAIN("numbered", FIELD_STRINGS, op_copy_rows, numbered, 0,
        "Identity columns whose sequences continue where those of the other table are."),
    PLAIN("with_owner", FIELD_BOOL, op_copy_rows, with_owner, 0,
        "Whether the table gets the owner of the other one."),
    {0},
};
const struct record op_copy_rows_record = {
    OP_RECORD("copy_rows", op_copy_rows, copy_rows_fields), .given_offset = -1};

static const struct field create_comment_fields[] = {
    TABLE_ROW(op_table_comment),
    PLAIN("comment", FIELD_STRING, op_table_comment, comment, FIELD_REQUIRED, "The comment."),
    {0},
};
const struct record op_create_comment_record = {
    OP_RECORD("create_table_comment", op_table_comment, create_comment_fields), .given_offset = -1};

static const struct field drop_comment_fields[] = {TABLE_ROW(op_table_comment), {0}};
const struct record op_drop_comment_record = {
    OP_RECORD("drop_table_comment", op_table_comment, drop_comment_fields),
    .given_offset = -1,
    .decode_short = op_comment_short,
    .encode_short = op_comment_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field set_comment_fields[] = {
    PLAIN("on", FIELD_STRING, op_set_comment, on, FIELD_REQUIRED,
        "`index`, `constraint`, `view`, `enum`, `sequence`, `schema`, or a kind of object such as "
        "`trigger`."),
    PLAIN("table", FIELD_QNAME, op_set_comment, table, 0,
        "The table of a constraint, an index, or an object that is on one."),
    PLAIN("name", FIELD_QNAME, op_set_comment, name, FIELD_REQUIRED, "The object that is commented."),
    PLAIN("comment", FIELD_STRING, op_set_comment, comment, FIELD_ALWAYS, "The comment; null removes it."),
    {0},
};
const struct record op_set_comment_record = {
    OP_RECORD("set_comment", op_set_comment, set_comment_fields),
    .given_offset = -1,
    .finish = op_set_comment_finish,
};

/* ---- enums, sequences and views --------------------------------------------------------------------------- */

static const struct field create_enum_fields[] = {
    RECORD("enumeration", FIELD_INLINE, op_create_enum, enumeration, 0, enumeration_record,
        "Its name and values, as in a model."),
    {0},
};
const struct record op_create_enum_record = {
    OP_RECORD("create_enum", op_create_enum, create_enum_fields),
    .given_offset = -1,
    .finish = op_create_enum_finish,
};

static const struct field rename_pair_fields[] = {
    PLAIN("from", FIELD_STRING, rename_pair, from, FIELD_REQUIRED, "The old value."),
    PLAIN("to", FIELD_STRING, rename_pair, to, FIELD_REQUIRED, "The new value."),
    {0},
};
static const struct record rename_pair_record = {
    OP_RECORD("value", rename_pair, rename_pair_fields),
    .given_offset = -1,
    .decode_short = rename_pair_short,
    .encode_short = rename_pair_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field alter_enum_fields[] = {
    PLAIN("name", FIELD_QNAME, op_alter_enum, name, FIELD_REQUIRED, "The enum."),
    PLAIN("values", FIELD_STRINGS, op_alter_enum, values, FIELD_REQUIRED,
        "All its values afterwards, in order."),
    PLAIN("existing_values", FIELD_STRINGS, op_alter_enum, existing_values, 0, "Its values before."),
    PLAIN("columns", FIELD_STRINGS, op_alter_enum, columns, 0, "The columns that use it, as `table.column`."),
    RECORD(
        "rename", FIELD_MAP, op_alter_enum, rename, 0, rename_pair_record, "Renamed values, as `old: new`."),
    RECORD("replace", FIELD_MAP, op_alter_enum, replace, 0, rename_pair_record,
        "Replacements for removed values in rows, as `old: new`."),
    {0},
};
const struct record op_alter_enum_record = {
    OP_RECORD("alter_enum", op_alter_enum, alter_enum_fields), .given_offset = -1};

static const struct field sequence_fields[] = {
    RECORD(
        "sequence", FIELD_INLINE, op_sequence, sequence, 0, sequence_record, "The sequence, as in a model."),
    {0},
};
const struct record op_sequence_record = {
    OP_RECORD("sequence", op_sequence, sequence_fields),
    .given_offset = -1,
    .finish = op_sequence_finish,
};

static const struct field view_fields[] = {
    RECORD("view", FIELD_INLINE, op_view, view, 0, view_record, "The view, as in a model."),
    {0},
};
const struct record op_view_record = {
    OP_RECORD("view", op_view, view_fields),
    .given_offset = -1,
    .finish = op_view_finish,
};

/* ---- objects of the table of kinds ------------------------------------------------------------------------ */

#define ROW_OF_NAMED_IN_DATABASE
#define ROW_OF_NAMED_IN_SCHEMA
#define ROW_OF_NAMED_BY_SIGNATURE
#define ROW_OF_NAMED_FOR_METHOD
#define ROW_OF_NAMED_ON_TABLE \
    PLAIN("table", FIELD_QNAME, op_object, object.of, FIELD_REQUIRED, "The table or view that it is on."),
#define NEW_NAME_OF_NAMED_IN_DATABASE "The new name."
#define NEW_NAME_OF_NAMED_IN_SCHEMA "The same; it may be in another schema."
#define NEW_NAME_OF_NAMED_BY_SIGNATURE \
    "The same without the types of its arguments; it may be in another schema."
#define NEW_NAME_OF_NAMED_FOR_METHOD "The new name."
#define NEW_NAME_OF_NAMED_ON_TABLE "The new name."
#define ROWS_OF_alter
#define ROWS_OF_replace \
    PLAIN("steps", FIELD_STRINGS, op_object, steps, 0, \
        "Statements that change it in place. By default its own SQL is run."), \
        PLAIN("remake", FIELD_BOOL, op_object, remake, 0, \
            "Whether it is dropped and created again, since the database cannot replace it."),
#define OBJECT_RECORDS(KIND, word, plural, change, naming, phrase, renames) \
    static const struct field create_##word##_fields[] = { \
        ROW_OF_##naming RECORD( \
            "object", FIELD_INLINE, op_object, object, 0, word##_record, "As in a model."), \
        IF_NOT_EXISTS(op_object), \
        {0}, \
    }; \
    static const struct field change_##word##_fields[] = { \
        ROW_OF_##naming RECORD( \
            "object", FIELD_INLINE, op_object, object, 0, word##_record, "As in a model."), \
        ROWS_OF_##change{0}, \
    }; \
    static const struct field drop_##word##_fields[] = { \
        PLAIN("name", FIELD_STRING, op_object, object.key, FIELD_REQUIRED, "Its name, as in a model."), \
        ROW_OF_##naming IF_EXISTS(op_object), \
        CASCADE(op_object), \
        {0}, \
    }; \
    static const struct field rename_##word##_fields[] = { \
        PLAIN("name", FIELD_STRING, op_object, object.key, FIELD_REQUIRED, "Its name, as in a model."), \
        ROW_OF_##naming PLAIN( \
            "new_name", FIELD_STRING, op_object, new_name, FIELD_REQUIRED, NEW_NAME_OF_##naming), \
        {0}, \
    }; \
    static bool op_##word##_finish(struct decoder *d, const struct node *n, void *object) \
    { \
        return op_object_finish(d, n, OBJECT_##KIND, object); \
    } \
    const struct record op_create_##word##_record = { \
        OP_RECORD("create_" #word, op_object, create_##word##_fields), \
        .given_offset = -1, \
        .decode_short = op_object_short, \
        .encode_short = op_object_encode_short, \
        .short_schema = NAME_SCHEMA, \
        .finish = op_##word##_finish, \
    }; \
    const struct record op_##change##_##word##_record = { \
        OP_RECORD(#change "_" #word, op_object, change_##word##_fields), \
        .given_offset = -1, \
        .finish = op_##word##_finish, \
    }; \
    const struct record op_drop_##word##_record = { \
        OP_RECORD("drop_" #word, op_object, drop_##word##_fields), \
        .given_offset = -1, \
        .decode_short = op_object_short, \
        .encode_short = op_object_encode_short, \
        .short_schema = NAME_SCHEMA, \
        .finish = op_##word##_finish, \
    }; \
    const struct record op_rename_##word##_record = { \
        OP_RECORD("rename_" #word, op_object, rename_##word##_fields), \
        .given_offset = -1, \
        .finish = op_##word##_finish, \
    };
EACH_OBJECT_KIND(OBJECT_RECORDS)

/* ---- columns ---------------------------------------------------------------------------------------------- */

static const struct field add_column_fields[] = {
    TABLE_ROW(op_add_column),
    RECORD("column", FIELD_INLINE, op_add_column, column, 0, column_record, "The column, as in a model."),
    PLAIN("after", FIELD_STRING, op_add_column, after, 0,
        "The column after which it is placed, where the database supports that: SQLite and MariaDB."),
    PLAIN("first", FIELD_BOOL, op_add_column, first, 0,
        "Whether it is placed before all others, where the database supports that: SQLite and MariaDB."),
    IF_NOT_EXISTS(op_add_column),
    {0},
};
const struct record op_add_column_record = {
    OP_RECORD("add_column", op_add_column, add_column_fields),
    .given_offset = -1,
    .finish = op_add_column_finish,
};

static const struct field drop_column_fields[] = {
    TABLE_ROW(op_drop_column),
    NAME_ROW(op_drop_column, "The column."),
    IF_EXISTS(op_drop_column),
    CASCADE(op_drop_column),
    DANGLING(op_drop_column),
    {0},
};
const struct record op_drop_column_record = {
    OP_RECORD("drop_column", op_drop_column, drop_column_fields), .given_offset = -1};

/* In the order of enum alter_field. */
static const struct field alter_column_fields[] = {
    TABLE_ROW(op_alter_column),
    NAME_ROW(op_alter_column, "The column."),
    PLAIN("new_name", FIELD_STRING, op_alter_column, new_name, 0, "Its new name."),
    PLAIN("type", FIELD_DTEXT, op_alter_column, type, 0, "Its new type."),
    PLAIN("using", FIELD_DTEXT, op_alter_column, using, 0,
        "An expression that gives each row's value in the new type."),
    PLAIN("nullable", FIELD_BOOL, op_alter_column, nullable, 0, "Whether it may contain NULL."),
    CUSTOM("default", op_alter_column, dflt, 0, value_custom, "Its new default; null removes it."),
    CUSTOM("on_update", op_alter_column, on_update, 0, value_custom,
        "The value that an UPDATE of a row sets from now on; null removes it."),
    PLAIN("comment", FIELD_STRING, op_alter_column, comment, 0, "Its new comment; null removes it."),
    PLAIN("collation", FIELD_STRING, op_alter_column, collation, 0,
        "Its new collation; null means that of the type."),
    RECORD("identity", FIELD_RECORD, op_alter_column, identity, 0, identity_record,
        "How the database numbers it; null removes the numbering."),
    RECORD("generated", FIELD_RECORD, op_alter_column, generated, 0, generated_record,
        "The expression that gives its value; null makes it a plain column."),
    PLAIN("autoincrement", FIELD_TRI, op_alter_column, autoincrement, 0,
        "Whether the database generates the keys."),
    CUSTOM("values", op_alter_column, values, 0, values_custom, "The values of its enum type."),
    RECORD("options", FIELD_INLINE, op_alter_column, options, 0, options_pointer_record,
        "Settings under a database's name."),
    {0},
};
static_assert(COUNT_OF(alter_column_fields) == ALTER_OPTIONS + 2, "a row per alter_field, and the end");
const struct record op_alter_column_record = {
    OP_RECORD("alter_column", op_alter_column, alter_column_fields),
    .given_offset = offsetof(struct op_alter_column, given),
};

static const struct field rename_part_fields[] = {
    TABLE_ROW(op_rename_part),
    NAME_ROW(op_rename_part, "The old name."),
    PLAIN("new_name", FIELD_STRING, op_rename_part, new_name, FIELD_REQUIRED, "The new name."),
    {0},
};
const struct record op_rename_part_record = {
    OP_RECORD("rename", op_rename_part, rename_part_fields), .given_offset = -1};

/* ---- indexes ---------------------------------------------------------------------------------------------- */

static const struct field rename_index_fields[] = {
    PLAIN("table", FIELD_QNAME, op_rename_part, table, 0, "The index's table."),
    NAME_ROW(op_rename_part, "The old name."),
    PLAIN("new_name", FIELD_STRING, op_rename_part, new_name, FIELD_REQUIRED, "The new name."),
    {0},
};
const struct record op_rename_index_record = {
    OP_RECORD("rename", op_rename_part, rename_index_fields), .given_offset = -1};

static const struct field rename_partition_index_fields[] = {
    TABLE_ROW(op_rename_part),
    NAME_ROW(op_rename_part, "The index or key of the parent."),
    PLAIN("new_name", FIELD_STRING, op_rename_part, new_name, FIELD_REQUIRED,
        "The new name of the partition's index that belongs to it."),
    {0},
};
const struct record op_rename_partition_index_record = {
    OP_RECORD("rename", op_rename_part, rename_partition_index_fields), .given_offset = -1};

static const struct field create_index_fields[] = {
    TABLE_ROW(op_create_index),
    RECORD("index", FIELD_INLINE, op_create_index, index, 0, index_record, "The index, as in a model."),
    PLAIN("attach_to", FIELD_QNAME, op_create_index, attach_to, 0,
        "PostgreSQL: the index of the parent of which the index of a partition becomes a part."),
    IF_NOT_EXISTS(op_create_index),
    PLAIN("concurrently", FIELD_BOOL, op_create_index, concurrently, 0,
        "Without blocking writers, outside of a transaction, where the database supports that."),
    {0},
};
const struct record op_create_index_record = {
    OP_RECORD("create_index", op_create_index, create_index_fields), .given_offset = -1};

static const struct field drop_index_fields[] = {
    PLAIN("table", FIELD_QNAME, op_drop_index, table, 0, "The index's table."),
    NAME_ROW(op_drop_index, "The index."),
    IF_EXISTS(op_drop_index),
    PLAIN("concurrently", FIELD_BOOL, op_drop_index, concurrently, 0,
        "Without blocking writers, outside of a transaction, where the database supports that."),
    {0},
};
const struct record op_drop_index_record = {
    OP_RECORD("drop_index", op_drop_index, drop_index_fields), .given_offset = -1};

/* ---- constraints ------------------------------------------------------------------------------------------ */

#define CONSTRAINT_ROW(inner) \
    RECORD("constraint", FIELD_INLINE, op_create_constraint, constraint, 0, inner, \
        "The constraint, as in a model.")
/* Constraints that may use an existing index. */
#define USING_INDEX_ROW \
    PLAIN("using_index", FIELD_STRING, op_create_constraint, using_index, 0, \
        "An existing index that becomes the index of the constraint.")
#define CONSTRAINT_RECORD(key, fields_) \
    { \
        OP_RECORD(key, op_create_constraint, fields_), .given_offset = -1 \
    }

static const struct field create_primary_key_fields[] = {
    TABLE_ROW(op_create_constraint), CONSTRAINT_ROW(primary_key_record), USING_INDEX_ROW, {0}};
const struct record op_primary_key_record =
    CONSTRAINT_RECORD("create_primary_key", create_primary_key_fields);

static const struct field create_unique_fields[] = {
    TABLE_ROW(op_create_constraint), CONSTRAINT_ROW(unique_record), USING_INDEX_ROW, {0}};
const struct record op_unique_record = CONSTRAINT_RECORD("create_unique_constraint", create_unique_fields);

static const struct field create_check_fields[] = {
    TABLE_ROW(op_create_constraint), CONSTRAINT_ROW(check_record), {0}};
const struct record op_check_record = CONSTRAINT_RECORD("create_check_constraint", create_check_fields);

static const struct field create_foreign_key_fields[] = {
    TABLE_ROW(op_create_constraint), CONSTRAINT_ROW(foreign_key_record), {0}};
const struct record op_foreign_key_record =
    CONSTRAINT_RECORD("create_foreign_key", create_foreign_key_fields);

static const struct field create_exclude_fields[] = {
    TABLE_ROW(op_create_constraint), CONSTRAINT_ROW(exclude_record), {0}};
const struct record op_exclude_record = CONSTRAINT_RECORD("create_exclude_constraint", create_exclude_fields);

static const char *const dropped_types[] = {
    "any", "primary_key", "unique", "check", "foreign_key", "exclude", NULL};

static const struct field drop_constraint_fields[] = {
    TABLE_ROW(op_drop_constraint),
    PLAIN("name", FIELD_STRING, op_drop_constraint, name, 0, "The constraint."),
    {.key = "type",
        .doc = "`primary_key`, `unique`, `check`, `foreign_key` or `exclude`.",
        .kind = FIELD_CHOICE,
        .offset = offsetof(struct op_drop_constraint, type),
        .names = dropped_types},
    PLAIN("columns", FIELD_STRINGS, op_drop_constraint, columns, 0, "The columns of an unnamed constraint."),
    PLAIN("references", FIELD_QNAME, op_drop_constraint, references, 0,
        "The table that an unnamed foreign key refers to, if its columns have several."),
    CUSTOM("sql", op_drop_constraint, check, 0, expr_custom, "The condition of an unnamed check."),
    IF_EXISTS(op_drop_constraint),
    CASCADE(op_drop_constraint),
    {0},
};
const struct record op_drop_constraint_record = {
    OP_RECORD("drop_constraint", op_drop_constraint, drop_constraint_fields),
    .given_offset = -1,
    .finish = op_drop_constraint_finish,
};

static const struct field validate_constraint_fields[] = {
    TABLE_ROW(op_validate_constraint),
    NAME_ROW(op_validate_constraint, "The constraint."),
    {0},
};
const struct record op_validate_constraint_record = {
    OP_RECORD("validate_constraint", op_validate_constraint, validate_constraint_fields), .given_offset = -1};

/* ---- rows and SQL ----------------------------------------------------------------------------------------- */

static const struct field bulk_insert_fields[] = {
    TABLE_ROW(op_bulk_insert),
    CUSTOM("rows", op_bulk_insert, rows, FIELD_BLOCK, rows_custom,
        "A list of rows, each a mapping from column to value."),
    PLAIN("file", FIELD_STRING, op_bulk_insert, file, 0,
        "A file next to the revision that contains them: CSV with the columns in its first line, where an "
        "empty value without quotes is null, or JSON, a list of objects or one object per line."),
    {0},
};
const struct record op_bulk_insert_record = {
    OP_RECORD("bulk_insert", op_bulk_insert, bulk_insert_fields),
    .given_offset = -1,
    .finish = op_bulk_insert_finish,
};

static const struct field execute_fields[] = {
    PLAIN("sql", FIELD_DTEXT, op_execute, sql, 0, "One or several statements; may be a mapping by dialect."),
    PLAIN("file", FIELD_DTEXT, op_execute, file, 0, "A file next to the revision that contains them."),
    {0},
};
const struct record op_execute_record = {
    OP_RECORD("execute", op_execute, execute_fields),
    .given_offset = -1,
    .decode_short = op_execute_short,
    .encode_short = op_execute_encode_short,
    .short_schema = "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"additionalProperties\": "
                    "{\"type\": \"string\"}}]}",
    .finish = op_execute_finish,
};

static const struct field assignment_fields[] = {
    PLAIN("column", FIELD_STRING, assignment, column, FIELD_REQUIRED, "The column."),
    PLAIN("sql", FIELD_DTEXT, assignment, sql, FIELD_REQUIRED,
        "The new value, an expression; may be a mapping by dialect."),
    {0},
};
static const struct record assignment_record = {
    .name = "assignment",
    .size = sizeof(struct assignment),
    .fields = assignment_fields,
    .pos_offset = offsetof(struct assignment, pos),
    .given_offset = -1,
    .decode_short = assignment_short,
    .encode_short = assignment_encode_short,
    .short_schema = NAME_SCHEMA,
};

static const struct field backfill_fields[] = {
    TABLE_ROW(op_backfill),
    RECORD("set", FIELD_MAP, op_backfill, set, FIELD_REQUIRED, assignment_record,
        "The new values, as `column: expression`."),
    PLAIN("where", FIELD_DTEXT, op_backfill, where, 0,
        "A condition that selects the rows that still need the update."),
    PLAIN("key", FIELD_STRING, op_backfill, key, 0,
        "The column that the batches follow. Default: the primary key."),
    PLAIN("batch", FIELD_INT, op_backfill, batch, 0, "Rows of the table per transaction. Default: 10000."),
    {0},
};
const struct record op_backfill_record = {
    OP_RECORD("backfill", op_backfill, backfill_fields),
    .given_offset = -1,
    .finish = op_backfill_finish,
};

static const struct field run_fields[] = {
    PLAIN("command", FIELD_STRINGS, op_run, command, FIELD_REQUIRED,
        "The program and its arguments. It runs in the directory of the revision, with the URL of the "
        "database "
        "in "
        "CMIG_URL and DATABASE_URL."),
    {0},
};
const struct record op_run_record = {
    OP_RECORD("run", op_run, run_fields),
    .given_offset = -1,
    .decode_short = op_run_short,
    .encode_short = op_run_encode_short,
    .short_schema = "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": "
                    "{\"type\": \"string\"}}]}",
    .finish = op_run_finish,
};

static const struct field assert_fields[] = {
    PLAIN("sql", FIELD_DTEXT, op_assertion, sql, FIELD_REQUIRED,
        "A query for the rows that must not exist, or for one value that must be true; may be a mapping by "
        "dialect: other databases ignore the operation."),
    PLAIN("message", FIELD_STRING, op_assertion, message, FIELD_REQUIRED,
        "The error message if the assertion fails."),
    {0},
};
const struct record op_assert_record = {
    OP_RECORD("assert", op_assertion, assert_fields),
    .given_offset = -1,
    .finish = op_assert_finish,
};

/* ---- owners and privileges -------------------------------------------------------------------------------- */

#define ACCESS_ROWS \
    PLAIN("on", FIELD_STRING, op_access, on, FIELD_REQUIRED, \
        "The kind of object: `table`, `view`, `sequence`, `schema`, `enum`, `type`, `domain`, `function`, " \
        "`procedure` or `aggregate`; or `default privileges on tables`, `sequences`, `functions`, `types` " \
        "or `schemas`."), \
        PLAIN("name", FIELD_STRING, op_access, name, FIELD_REQUIRED, "The object, as in a model.")
#define PRIVILEGE_ROWS \
    PLAIN("privileges", FIELD_STRINGS, op_access, privileges, FIELD_REQUIRED, \
        "The privileges, such as `select` or `usage`."), \
        PLAIN("columns", FIELD_STRINGS, op_access, columns, 0, \
            "The columns, if it is not the whole table or view.")

static const struct field grant_fields[] = {
    ACCESS_ROWS,
    PLAIN("to", FIELD_STRING, op_access, role, FIELD_REQUIRED, "The role; `public` is every role."),
    PRIVILEGE_ROWS,
    PLAIN("with_grant_option", FIELD_BOOL, op_access, grant_option, 0,
        "Whether the role may grant them to others."),
    {0},
};
const struct record op_grant_record = {
    OP_RECORD("grant", op_access, grant_fields), .given_offset = -1, .finish = op_access_finish};

static const struct field revoke_fields[] = {
    ACCESS_ROWS,
    PLAIN("from", FIELD_STRING, op_access, role, FIELD_REQUIRED, "The role; `public` is every role."),
    PRIVILEGE_ROWS,
    PLAIN("grant_option_only", FIELD_BOOL, op_access, grant_option, 0,
        "Whether the role keeps the privileges, but can no longer grant them."),
    {0},
};
const struct record op_revoke_record = {
    OP_RECORD("revoke", op_access, revoke_fields), .given_offset = -1, .finish = op_access_finish};

static const struct field change_owner_fields[] = {
    PLAIN("on", FIELD_STRING, op_access, on, FIELD_REQUIRED,
        "The kind of object: as for `grant`, or `collation`, `operator`, `text search dictionary`, `text "
        "search "
        "configuration`, `statistics` or `event trigger`."),
    PLAIN("name", FIELD_STRING, op_access, name, FIELD_REQUIRED, "The object, as in a model."),
    PLAIN("to", FIELD_STRING, op_access, role, FIELD_REQUIRED, "The new owner."),
    {0},
};
const struct record op_change_owner_record = {OP_RECORD("change_owner", op_access, change_owner_fields),
    .given_offset = -1, .finish = op_access_finish};
