/* The keys of tables, columns and all other parts of a model, and the members that they set. */

#include "schema/records.h"

const char *const fk_action_names[] = {"no action", "restrict", "cascade", "set null", "set default", NULL};
const char *const fk_match_names[] = {"simple", "full", "partial", NULL};
const char *const constraint_kind_names[] = {
    "primary_key", "unique", "check", "foreign_key", "exclude", NULL};
const char *const value_func_names[] = {"now", "today", "uuid", NULL};
static const char *const order_names[] = {"asc", "desc", NULL};
static const char *const nulls_names[] = {"default", "first", "last", NULL};
static const char *const identity_names[] = {"by default", "always", NULL};

/* Rows of the tables. WHOLE: the custom gets the object itself, since its value lies in several members. */
#define PLAIN(key_, kind_, type, member, flags_, doc_) \
    { \
        .key = key_, .doc = doc_, .kind = kind_, .flags = flags_, .offset = offsetof(struct type, member) \
    }
#define CHOICE(key_, type, member, names_, doc_) \
    { \
        .key = key_, .doc = doc_, .kind = FIELD_CHOICE, .offset = offsetof(struct type, member), \
        .names = names_ \
    }
#define RECORD(key_, kind_, type, member, flags_, record_, doc_) \
    { \
        .key = key_, .doc = doc_, .kind = kind_, .flags = flags_, .offset = offsetof(struct type, member), \
        .record = &(record_) \
    }
#define CUSTOM(key_, type, member, flags_, custom_, doc_) \
    { \
        .key = key_, .doc = doc_, .kind = FIELD_CUSTOM, .flags = flags_, \
        .offset = offsetof(struct type, member), .custom = &(custom_) \
    }
#define WHOLE(key_, flags_, custom_, doc_) \
    { \
        .key = key_, .doc = doc_, .kind = FIELD_CUSTOM, .flags = flags_, .custom = &(custom_) \
    }
#define OPTIONS(type) \
    RECORD("options", FIELD_INLINE, type, options, 0, options_pointer_record, \
        "Options of a single database, under its name.")

/* Rows that several records share. */
#define NAME_ROW(type) \
    PLAIN("name", FIELD_STRING, type, name, FIELD_IDENTITY, \
        "The name; without one it matches any object of the database with the same definition.")
#define COMMENT_ROW(type) PLAIN("comment", FIELD_STRING, type, comment, 0, "What it is for.")
#define ACCESS_ROWS(type) \
    CUSTOM("owner", type, access, 0, access_owner_custom, \
        "PostgreSQL: the role that owns it; see 'manage' in cmig.yaml."), \
        CUSTOM("grants", type, access, 0, access_grants_custom, \
            "PostgreSQL: roles and their privileges; see 'manage' in cmig.yaml.")
#define INCLUDE_ROW(type) \
    PLAIN("include", FIELD_STRINGS, type, include, 0, \
        "Columns that are stored in the index but are not part of its key.")
#define DEFERRABLE_ROWS \
    PLAIN("deferrable", FIELD_BOOL, constraint, deferrable, 0, \
        "Whether its check can be deferred to the end of the transaction."), \
        WHOLE("initially", 0, constraint_initially, \
            "`deferred` or `immediate`: when it is checked unless the transaction says otherwise.")
#define NOT_VALID_ROW \
    PLAIN("not_valid", FIELD_BOOL, constraint, not_valid, 0, "Whether existing rows need not satisfy it.")
#define UNIQUE_ROWS \
    PLAIN("nulls_not_distinct", FIELD_BOOL, constraint, nulls_not_distinct, 0, \
        "Whether NULL counts as a value."), \
        INCLUDE_ROW(constraint), DEFERRABLE_ROWS, COMMENT_ROW(constraint), OPTIONS(constraint)
#define FOREIGN_KEY_ROWS \
    CHOICE("on_delete", constraint, on_delete, fk_action_names, \
        "The action when the referenced row is deleted."), \
        PLAIN("on_delete_columns", FIELD_STRINGS, constraint, set_columns, 0, \
            "The columns that `set null` or `set default` sets. Default: all."), \
        CHOICE("on_update", constraint, on_update, fk_action_names, \
            "The action when the referenced key changes."), \
        CHOICE("match", constraint, match, fk_match_names, "How NULL in some of the columns is treated."), \
        DEFERRABLE_ROWS, NOT_VALID_ROW, COMMENT_ROW(constraint), OPTIONS(constraint)
#define INDEX_ROWS \
    PLAIN("unique", FIELD_BOOL, index, unique, 0, "Whether the values must be unique."), \
        PLAIN("nulls_not_distinct", FIELD_BOOL, index, nulls_not_distinct, 0, \
            "Whether NULL counts as a value in a unique index."), \
        CUSTOM("where", index, where, 0, expr_custom, \
            "Only rows that satisfy this condition are in the index."), \
        INCLUDE_ROW(index), \
        PLAIN("using", FIELD_STRING, index, using, 0, "The index method. Default: that of the database."), \
        COMMENT_ROW(index), OPTIONS(index)

#define TEXT_SCHEMA "{\"type\": \"string\"}"
#define TEXTS_SCHEMA "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"
#define TEXT_OR_TEXTS_SCHEMA "{\"oneOf\": [" TEXT_SCHEMA ", " TEXTS_SCHEMA "]}"

/* ---- options --------------------------------------------------------------------------------------------- */

static const struct field options_fields[] = {
    WHOLE("sqlite", 0, dialect_options[0], "Options of SQLite."),
    WHOLE("postgresql", 0, dialect_options[1], "Options of PostgreSQL."),
    WHOLE("mysql", 0, dialect_options[2], "Options of MySQL or MariaDB."),
    {0},
};
const struct record options_record = {
    .name = "options",
    .size = sizeof(struct options),
    .fields = options_fields,
    .pos_offset = -1,
    .given_offset = -1,
};

static const struct field options_pointer_fields[] = {
    WHOLE("sqlite", 0, dialect_option_pointers[0], "Options of SQLite."),
    WHOLE("postgresql", 0, dialect_option_pointers[1], "Options of PostgreSQL."),
    WHOLE("mysql", 0, dialect_option_pointers[2], "Options of MySQL or MariaDB."),
    {0},
};
const struct record options_pointer_record = {
    .name = "options",
    .size = sizeof(struct options *),
    .fields = options_pointer_fields,
    .pos_offset = -1,
    .given_offset = -1,
};

/* ---- columns --------------------------------------------------------------------------------------------- */

static const struct field sequence_options_fields[] = {
    CUSTOM("start", sequence_options, start, 0, number_custom, "The first number."),
    CUSTOM(
        "increment", sequence_options, increment, 0, number_custom, "The step from one number to the next."),
    CUSTOM("min", sequence_options, min, 0, number_custom, "The smallest number."),
    CUSTOM("max", sequence_options, max, 0, number_custom, "The largest number."),
    CUSTOM("cache", sequence_options, cache, 0, number_custom, "How many numbers a session caches."),
    PLAIN("cycle", FIELD_TRI, sequence_options, cycle, 0,
        "Whether the sequence restarts when it is exhausted."),
    {0},
};
const struct record sequence_options_record = {
    .name = "sequence options",
    .size = sizeof(struct sequence_options),
    .fields = sequence_options_fields,
    .pos_offset = -1,
    .given_offset = -1,
};

static const struct field identity_fields[] = {
    {.key = "kind",
        .doc = "Whether an INSERT may specify a number of its own (`by default`) or not (`always`).",
        .kind = FIELD_CHOICE,
        .flags = FIELD_ALWAYS,
        .offset = offsetof(struct identity, kind),
        .names = identity_names},
    RECORD(
        "options", FIELD_INLINE, identity, options, 0, sequence_options_record, "How its sequence counts."),
    {0},
};
const struct record identity_record = {
    .name = "identity",
    .size = sizeof(struct identity),
    .fields = identity_fields,
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = identity_short,
    .encode_short = identity_encode_short,
    .short_schema = "{\"enum\": [\"always\", \"by default\", true]}",
};

static const struct field generated_fields[] = {
    CUSTOM("sql", generated, expr, FIELD_REQUIRED, expr_custom,
        "The expression, in terms of other columns of the row."),
    PLAIN("stored", FIELD_BOOL, generated, stored, FIELD_TRUE,
        "Whether the value is stored, or computed when it is read."),
    {0},
};
const struct record generated_record = {
    .name = "generated column",
    .size = sizeof(struct generated),
    .fields = generated_fields,
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = generated_short,
    .encode_short = generated_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = generated_finish,
};

static const struct field column_fields[] = {
    PLAIN("name", FIELD_STRING, column, name, FIELD_IDENTITY, "The name."),
    PLAIN("type", FIELD_DTEXT, column, type, FIELD_REQUIRED,
        "A portable type, or one of the database's own; may be a mapping by dialect."),
    WHOLE("nullable", 0, column_nullable,
        "Whether it may contain NULL. Default: true, except for columns of the primary key."),
    PLAIN("primary_key", FIELD_BOOL, column, primary_key, 0,
        "Whether it is the primary key, or one of its columns."),
    PLAIN("autoincrement", FIELD_TRI, column, autoincrement, 0,
        "Whether the database generates the keys. Default: true for a single integer primary key."),
    CUSTOM("default", column, dflt, 0, value_custom,
        "A literal, an expression as {sql: ...}, or {func: now}, {func: today}, {func: uuid}."),
    CUSTOM("on_update", column, on_update, 0, value_custom,
        "The value that an UPDATE of a row sets unless it gives another one; written like a default."),
    RECORD("identity", FIELD_RECORD, column, identity, 0, identity_record,
        "`always`, `by default` or a mapping: numbers generated by the database."),
    RECORD("generated", FIELD_RECORD, column, generated, 0, generated_record,
        "An expression of other columns that gives its value."),
    CUSTOM("unique", column, shorthand, FIELD_HIDDEN, shorthand_unique,
        "True or a name: a unique constraint on this column."),
    CUSTOM("index", column, shorthand, FIELD_HIDDEN, shorthand_index,
        "True, a name or a mapping: an index on this column."),
    CUSTOM("references", column, shorthand, FIELD_HIDDEN, shorthand_references,
        "The column that it refers to, as `table.column` or a mapping: a foreign key."),
    CUSTOM("check", column, shorthand, FIELD_HIDDEN, shorthand_check,
        "A condition that must hold for every row."),
    PLAIN("collation", FIELD_STRING, column, collation, 0, "How strings are compared and sorted."),
    PLAIN("comment", FIELD_STRING, column, comment, 0,
        "What it is for; stored in the database where that is possible."),
    PLAIN("renamed_from", FIELD_STRING, column, renamed_from, 0,
        "The previous name, so that it is renamed instead of dropped and added."),
    CUSTOM("values", column, values, 0, values_custom, "The values of its enum type."),
    OPTIONS(column),
    {0},
};
const struct record column_record = {
    .name = "column",
    .size = sizeof(struct column),
    .fields = column_fields,
    .pos_offset = offsetof(struct column, pos),
    .given_offset = -1,
    .decode_short = column_short,
    .encode_short = column_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = column_finish,
};

/* ---- indexes --------------------------------------------------------------------------------------------- */

static const struct field index_part_fields[] = {
    PLAIN("column", FIELD_STRING, index_part, column, 0, "The column."),
    CUSTOM("sql", index_part, expr, 0, expr_custom, "An expression, instead of a column."),
    CHOICE("order", index_part, order, order_names, "`asc` or `desc`."),
    CHOICE("nulls", index_part, nulls, nulls_names, "Where NULLs are sorted: `first` or `last`."),
    PLAIN("opclass", FIELD_STRING, index_part, opclass, 0, "The operator class. Default: that of the type."),
    PLAIN("collation", FIELD_STRING, index_part, collation, 0, "How strings are sorted in the index."),
    PLAIN("op", FIELD_STRING, index_part, op, 0, "The operator, in an exclusion constraint."),
    CUSTOM("length", index_part, length, 0, number_custom,
        "The length of the indexed prefix, if the database supports that."),
    {0},
};
const struct record index_part_record = {
    .name = "index column",
    .size = sizeof(struct index_part),
    .fields = index_part_fields,
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = part_short,
    .encode_short = part_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = part_finish,
};

static const struct field index_fields[] = {
    NAME_ROW(index),
    RECORD("columns", FIELD_LIST, index, parts, FIELD_REQUIRED, index_part_record,
        "The columns and expressions."),
    PLAIN("on_only", FIELD_BOOL, index, on_only, 0,
        "PostgreSQL: whether only those partitions have it that list it in `index_names`."),
    INDEX_ROWS,
    {0},
};
const struct record index_record = {
    .name = "index",
    .size = sizeof(struct index),
    .fields = index_fields,
    .pos_offset = offsetof(struct index, pos),
    .given_offset = -1,
    .decode_short = index_short,
    .encode_short = index_encode_short,
    .short_schema = "{\"oneOf\": [" TEXT_SCHEMA
                    ", {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/index_column\"}}]}",
};

static const struct field column_index_fields[] = {
    NAME_ROW(index),
    INDEX_ROWS,
    {0},
};
const struct record column_index_record = {
    .name = "index",
    .size = sizeof(struct index),
    .fields = column_index_fields,
    .pos_offset = offsetof(struct index, pos),
    .given_offset = -1,
    .decode_short = column_index_short,
    .short_schema = TEXT_SCHEMA,
};

/* ---- constraints ----------------------------------------------------------------------------------------- */

static const struct field primary_key_fields[] = {
    NAME_ROW(constraint),
    PLAIN("columns", FIELD_STRINGS, constraint, columns, FIELD_REQUIRED, "Its columns."),
    INCLUDE_ROW(constraint),
    DEFERRABLE_ROWS,
    COMMENT_ROW(constraint),
    OPTIONS(constraint),
    {0},
};
const struct record primary_key_record = {
    .name = "primary key",
    .size = sizeof(struct constraint),
    .fields = primary_key_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .decode_short = key_short,
    .encode_short = key_encode_short,
    .short_schema = TEXT_OR_TEXTS_SCHEMA,
    .finish = primary_key_finish,
};

static const struct field unique_fields[] = {
    NAME_ROW(constraint),
    PLAIN("columns", FIELD_STRINGS, constraint, columns, FIELD_REQUIRED,
        "The columns whose values must be unique together."),
    UNIQUE_ROWS,
    {0},
};
const struct record unique_record = {
    .name = "unique constraint",
    .size = sizeof(struct constraint),
    .fields = unique_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .decode_short = key_short,
    .encode_short = key_encode_short,
    .short_schema = TEXT_OR_TEXTS_SCHEMA,
    .finish = unique_finish,
};

static const struct field column_unique_fields[] = {
    NAME_ROW(constraint),
    UNIQUE_ROWS,
    {0},
};
const struct record column_unique_record = {
    .name = "unique constraint",
    .size = sizeof(struct constraint),
    .fields = column_unique_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .decode_short = column_unique_short,
    .short_schema = TEXT_SCHEMA,
    .finish = unique_finish,
};

static const struct field check_fields[] = {
    NAME_ROW(constraint),
    CUSTOM(
        "sql", constraint, check, FIELD_REQUIRED, expr_custom, "The condition that must hold for every row."),
    NOT_VALID_ROW,
    PLAIN("no_inherit", FIELD_BOOL, constraint, no_inherit, 0,
        "Whether tables that inherit from this one do not inherit it."),
    COMMENT_ROW(constraint),
    OPTIONS(constraint),
    {0},
};
const struct record check_record = {
    .name = "check constraint",
    .size = sizeof(struct constraint),
    .fields = check_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .decode_short = check_short,
    .encode_short = check_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = check_finish,
};

static const struct field foreign_key_fields[] = {
    NAME_ROW(constraint),
    PLAIN("columns", FIELD_STRINGS, constraint, columns, FIELD_REQUIRED, "The referring columns."),
    WHOLE("references", FIELD_REQUIRED, reference_custom,
        "The columns that they refer to: `table.column`, `table(a, b)`, `table` for its primary key, or "
        "{table: ..., "
        "columns: [...]}."),
    FOREIGN_KEY_ROWS,
    {0},
};
const struct record foreign_key_record = {
    .name = "foreign key",
    .size = sizeof(struct constraint),
    .fields = foreign_key_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .finish = foreign_key_finish,
};

static const struct field column_reference_fields[] = {
    NAME_ROW(constraint),
    WHOLE("column", FIELD_REQUIRED, reference_custom,
        "The column that it refers to, as `table.column`, or `table` for its primary key."),
    FOREIGN_KEY_ROWS,
    {0},
};
const struct record column_reference_record = {
    .name = "reference",
    .size = sizeof(struct constraint),
    .fields = column_reference_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .decode_short = reference_short,
    .short_schema = TEXT_SCHEMA,
    .finish = foreign_key_finish,
};

static const struct field exclude_fields[] = {
    NAME_ROW(constraint),
    RECORD("columns", FIELD_LIST, constraint, parts, FIELD_REQUIRED, index_part_record,
        "The columns or expressions, each with its `op`."),
    PLAIN("using", FIELD_STRING, constraint, using, 0, "The index method."),
    CUSTOM("where", constraint, where, 0, expr_custom, "Only rows that satisfy this condition are compared."),
    INCLUDE_ROW(constraint),
    DEFERRABLE_ROWS,
    COMMENT_ROW(constraint),
    OPTIONS(constraint),
    {0},
};
const struct record exclude_record = {
    .name = "exclusion constraint",
    .size = sizeof(struct constraint),
    .fields = exclude_fields,
    .pos_offset = offsetof(struct constraint, pos),
    .given_offset = -1,
    .finish = exclude_finish,
};

const struct record *constraint_record(enum constraint_kind kind)
{
    static const struct record *const records[] = {
        [CONSTRAINT_PRIMARY_KEY] = &primary_key_record,
        [CONSTRAINT_UNIQUE] = &unique_record,
        [CONSTRAINT_CHECK] = &check_record,
        [CONSTRAINT_FOREIGN_KEY] = &foreign_key_record,
        [CONSTRAINT_EXCLUDE] = &exclude_record,
    };

    return records[kind];
}

/* ---- tables and the rest --------------------------------------------------------------------------------- */

/* clang-format off */
#define TABLE_FIELDS \
    PLAIN("name", FIELD_QNAME, table, name, FIELD_IDENTITY, \
        "The name, with its schema if that is not the default one."), \
    PLAIN("comment", FIELD_STRING, table, comment, 0, \
        "What it is for; stored in the database where that is possible."), \
    PLAIN("renamed_from", FIELD_STRING, table, renamed_from, 0, \
        "The previous name, so that it is renamed instead of dropped and recreated."), \
    CUSTOM("partition_by", table, partition_by, 0, partition_by_custom, \
        "PostgreSQL: the partition key, as in `range (created_at)`, or as {range: [created_at]}."), \
    PLAIN("partition_of", FIELD_QNAME, table, partition_of, 0, \
        "PostgreSQL: the table that it is a partition of, unless it is listed there."), \
    CUSTOM("bound", table, bound, 0, bound_custom, "The rows that the partition takes."), \
    PLAIN("inherits", FIELD_STRINGS, table, inherits, 0, \
        "PostgreSQL: the tables that it inherits from; their columns are not listed again."), \
    PLAIN("not_null", FIELD_STRINGS, table, not_null, 0, \
        "Columns of a partition or an heir that are NOT NULL there, and not in the parent."), \
    CUSTOM("defaults", table, defaults, 0, defaults_custom, \
        "Columns of a partition or an heir whose default is not the parent's; null: they have none."), \
    RECORD("columns", FIELD_NAMED, table, columns, FIELD_BLOCK, column_record, "The columns, in order."), \
    WHOLE("primary_key", 0, table_primary_key, \
        "The columns of the primary key, or a mapping with its name and columns."), \
    RECORD("uniques", FIELD_NAMED, table, uniques, FIELD_BLOCK, unique_record, "Unique constraints."), \
    RECORD("checks", FIELD_NAMED, table, checks, FIELD_BLOCK, check_record, "Check constraints."), \
    RECORD( \
        "foreign_keys", FIELD_NAMED, table, foreign_keys, FIELD_BLOCK, foreign_key_record, "Foreign keys."), \
    RECORD("excludes", FIELD_NAMED, table, excludes, FIELD_BLOCK, exclude_record, "Exclusion constraints."), \
    RECORD("indexes", FIELD_NAMED, table, indexes, FIELD_BLOCK, index_record, "Indexes."), \
    OPTIONS(table), \
    RECORD("partitions", FIELD_NAMED, table, partitions, FIELD_BLOCK, partition_record, \
        "PostgreSQL: the partitions. Without this key those of the database are left alone.")
#define ON_TABLE_FIELD(KIND, type, key, record, doc) \
    RECORD(key, FIELD_NAMED, type, on[OBJECT_##KIND - OBJECT_FIRST_ON_TABLE], FIELD_BLOCK, record, doc)
#define ON_TABLE_FIELDS \
    ON_TABLE_FIELD(POLICY, table, "policies", model_policy_record, "Policies of row security."), \
    ON_TABLE_FIELD(RULE, table, "rules", model_rule_record, "Rules."), \
    ON_TABLE_FIELD(TRIGGER, table, "triggers", model_trigger_record, "Triggers.")
/* clang-format on */
static const struct field table_fields[] = {TABLE_FIELDS, {0}};
const struct record table_record = {
    .name = "table",
    .size = sizeof(struct table),
    .fields = table_fields,
    .pos_offset = offsetof(struct table, pos),
    .given_offset = -1,
    .finish = table_finish,
};

/* clang-format off */
#define INDEX_NAMES_ROW \
    CUSTOM("index_names", table, index_names, 0, index_names_custom, \
        "Names of a partition's indexes that belong to indexes or keys of its parents, by the parents' names.")
/* clang-format on */
static const struct field model_table_fields[] = {
    TABLE_FIELDS, INDEX_NAMES_ROW, ACCESS_ROWS(table), ON_TABLE_FIELDS, {0}};
const struct record model_table_record = {
    .name = "table",
    .size = sizeof(struct table),
    .fields = model_table_fields,
    .pos_offset = offsetof(struct table, pos),
    .given_offset = -1,
    .finish = table_finish,
};

static const struct field bound_fields[] = {
    CUSTOM("from", bound_values, from, 0, bound_list_custom,
        "The first values of a range; one per column of the key."),
    CUSTOM("to", bound_values, to, 0, bound_list_custom, "The values that follow the range."),
    CUSTOM("in", bound_values, in, 0, bound_list_custom, "The values of a list."),
    PLAIN("modulus", FIELD_INT, bound_values, modulus, 0,
        "The number of parts into which rows are divided by their hash."),
    PLAIN("remainder", FIELD_INT, bound_values, remainder, 0, "The part that it takes, from 0."),
    PLAIN("default", FIELD_BOOL, bound_values, is_default, 0,
        "Whether it takes all rows that no other one takes."),
    {0},
};
const struct record bound_record = {
    .name = "bound",
    .size = sizeof(struct bound_values),
    .fields = bound_fields,
    .pos_offset = -1,
    .given_offset = -1,
};

static const struct field partition_fields[] = {
    PLAIN("name", FIELD_QNAME, table, name, FIELD_IDENTITY,
        "The name, with its schema if that is not the default one."),
    RECORD("values", FIELD_INLINE, table, values, FIELD_HIDDEN, bound_record, "The rows that it takes."),
    CUSTOM("bound", table, bound, 0, bound_custom, "The bound as SQL: `FOR VALUES FROM (1) TO (5)`."),
    PLAIN("comment", FIELD_STRING, table, comment, 0, "What it is for."),
    PLAIN("renamed_from", FIELD_STRING, table, renamed_from, 0, "The previous name."),
    CUSTOM("partition_by", table, partition_by, 0, partition_by_custom, "The key of its own partitions."),
    PLAIN("not_null", FIELD_STRINGS, table, not_null, 0,
        "Columns that are NOT NULL here, and not in the parent."),
    CUSTOM("defaults", table, defaults, 0, defaults_custom,
        "Columns whose default is not the parent's; null: they have none."),
    INDEX_NAMES_ROW,
    WHOLE("primary_key", 0, table_primary_key, "Its primary key, if its parent has none."),
    RECORD("uniques", FIELD_NAMED, table, uniques, FIELD_BLOCK, unique_record,
        "Unique constraints that its parent does not have."),
    RECORD("checks", FIELD_NAMED, table, checks, FIELD_BLOCK, check_record,
        "Check constraints that its parent does not have."),
    RECORD("foreign_keys", FIELD_NAMED, table, foreign_keys, FIELD_BLOCK, foreign_key_record,
        "Foreign keys that its parent does not have."),
    RECORD("excludes", FIELD_NAMED, table, excludes, FIELD_BLOCK, exclude_record, "Exclusion constraints."),
    RECORD("indexes", FIELD_NAMED, table, indexes, FIELD_BLOCK, index_record,
        "Indexes that its parent does not have."),
    OPTIONS(table),
    ACCESS_ROWS(table),
    ON_TABLE_FIELDS,
    RECORD(
        "partitions", FIELD_NAMED, table, partitions, FIELD_BLOCK, partition_record, "Its own partitions."),
    {0},
};
const struct record partition_record = {
    .name = "partition",
    .size = sizeof(struct table),
    .fields = partition_fields,
    .pos_offset = offsetof(struct table, pos),
    .given_offset = -1,
    .decode_short = partition_short,
    .encode_short = partition_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = partition_finish,
};

/* clang-format off */
#define RENAMED_FIELD(type) \
    PLAIN("renamed_from", FIELD_STRING, type, renamed_from, 0, \
        "The previous name, so that it is renamed instead of dropped and created.")
#define ENUMERATION_FIELDS \
    PLAIN("name", FIELD_QNAME, enumeration, name, FIELD_IDENTITY, "The name of the type."), \
    PLAIN("values", FIELD_STRINGS, enumeration, values, FIELD_REQUIRED, "Its values, in order."), \
    PLAIN("comment", FIELD_STRING, enumeration, comment, 0, "What it is for."), \
    PLAIN("renamed_from", FIELD_STRING, enumeration, renamed_from, 0, "The previous name.")
#define ENUMERATION_RECORD(fields_) \
    { \
        .name = "enum", .size = sizeof(struct enumeration), .fields = (fields_), \
        .pos_offset = offsetof(struct enumeration, pos), .given_offset = -1, .decode_short = enumeration_short, \
        .encode_short = enumeration_encode_short, .short_schema = TEXTS_SCHEMA, .finish = enumeration_finish, \
    }
#define SEQUENCE_FIELDS \
    PLAIN("name", FIELD_QNAME, sequence, name, FIELD_IDENTITY, "The name."), \
    PLAIN("type", FIELD_STRING, sequence, type, 0, "The integer type. Default: `bigint`."), \
    RECORD("options", FIELD_INLINE, sequence, options, 0, sequence_options_record, "How its sequence counts."), \
    WHOLE("owned_by", 0, sequence_owner, \
        "The column that it belongs to, as `table.column`; it is dropped with it."), \
    PLAIN("comment", FIELD_STRING, sequence, comment, 0, "What it is for."), \
    RECORD("options", FIELD_INLINE, sequence, settings, 0, options_pointer_record, \
        "Options of a single database, under its name.")
#define SEQUENCE_RECORD(fields_) \
    { \
        .name = "sequence", .size = sizeof(struct sequence), .fields = (fields_), \
        .pos_offset = offsetof(struct sequence, pos), .given_offset = -1, \
    }
/* clang-format on */
static const struct field enumeration_fields[] = {ENUMERATION_FIELDS, {0}};
static const struct field model_enumeration_fields[] = {ENUMERATION_FIELDS, ACCESS_ROWS(enumeration), {0}};
const struct record enumeration_record = ENUMERATION_RECORD(enumeration_fields),
                    model_enumeration_record = ENUMERATION_RECORD(model_enumeration_fields);
static const struct field sequence_fields[] = {SEQUENCE_FIELDS, {0}};
static const struct field model_sequence_fields[] = {
    SEQUENCE_FIELDS, RENAMED_FIELD(sequence), ACCESS_ROWS(sequence), {0}};
const struct record sequence_record = SEQUENCE_RECORD(sequence_fields),
                    model_sequence_record = SEQUENCE_RECORD(model_sequence_fields);

/* clang-format off */
#define VIEW_FIELDS(sql_flags) \
    PLAIN("name", FIELD_QNAME, view, name, FIELD_IDENTITY, "The name."), \
    CUSTOM("sql", view, body, sql_flags, expr_custom, "The query."), \
    PLAIN("columns", FIELD_STRINGS, view, columns, 0, "Names of its columns, if they are not those of the query."), \
    PLAIN("materialized", FIELD_BOOL, view, materialized, 0, \
        "Whether its rows are stored; a plain view if the database has no materialized views."), \
    PLAIN("with_data", FIELD_TRI, view, with_data, 0, \
        "Whether a new materialized view is filled. Default: true. It is not compared."), \
    RECORD( \
        "indexes", FIELD_NAMED, view, indexes, FIELD_BLOCK, index_record, "Indexes of a materialized view."), \
    PLAIN("comment", FIELD_STRING, view, comment, 0, "What it is for."), \
    OPTIONS(view)
/* clang-format on */
static const struct field view_fields[] = {VIEW_FIELDS(FIELD_REQUIRED), {0}};
const struct record view_record = {
    .name = "view",
    .size = sizeof(struct view),
    .fields = view_fields,
    .pos_offset = offsetof(struct view, pos),
    .given_offset = -1,
    .decode_short = view_short,
    .encode_short = view_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = view_finish,
};

static const struct field model_view_fields[] = {
    VIEW_FIELDS(0),
    PLAIN("file", FIELD_DTEXT, view, file, 0,
        "The file that contains the query, relative to the model's directory."),
    RENAMED_FIELD(view),
    ACCESS_ROWS(view),
    ON_TABLE_FIELD(RULE, view, "rules", model_rule_record, "Rules."),
    ON_TABLE_FIELD(TRIGGER, view, "triggers", model_trigger_record, "Triggers."),
    {0},
};
const struct record model_view_record = {
    .name = "view",
    .size = sizeof(struct view),
    .fields = model_view_fields,
    .pos_offset = offsetof(struct view, pos),
    .given_offset = -1,
    .decode_short = view_short,
    .encode_short = view_encode_short,
    .short_schema = TEXT_SCHEMA,
    .finish = view_finish,
};

static const struct field namespace_fields[] = {
    PLAIN("name", FIELD_STRING, namespace, name, FIELD_IDENTITY, "The name."),
    PLAIN("comment", FIELD_STRING, namespace, comment, 0, "What it is for."),
    ACCESS_ROWS(namespace),
    {0},
};
const struct record namespace_record = {
    .name = "schema",
    .size = sizeof(struct namespace),
    .fields = namespace_fields,
    .pos_offset = offsetof(struct namespace, pos),
    .given_offset = -1,
    .decode_short = namespace_short,
    .short_schema = TEXT_SCHEMA,
};

#define DEFAULT_FIELD(KIND, word, what) \
    CUSTOM(word, default_access, of[DEFAULT_##KIND], 0, access_grants_custom, \
        "Roles and the privileges that they get on new " what ".")
static const struct field default_access_fields[] = {
    PLAIN("for", FIELD_STRING, default_access, role, FIELD_REQUIRED, "The role that creates the objects."),
    PLAIN("in", FIELD_STRING, default_access, schema, 0, "The schema. By default any."),
    DEFAULT_FIELD(TABLES, "tables", "tables and views"),
    DEFAULT_FIELD(SEQUENCES, "sequences", "sequences"),
    DEFAULT_FIELD(FUNCTIONS, "functions", "functions, procedures and aggregates"),
    DEFAULT_FIELD(TYPES, "types", "types and domains"),
    DEFAULT_FIELD(SCHEMAS, "schemas", "schemas"),
    {0},
};
const struct record default_access_record = {
    .name = "default_privileges",
    .size = sizeof(struct default_access),
    .fields = default_access_fields,
    .pos_offset = offsetof(struct default_access, pos),
    .given_offset = -1,
};

static const struct field schema_fields[] = {
    WHOLE("definitions", FIELD_HIDDEN, definitions_custom,
        "Anything: a place for values with anchors (`&name`)."),
    PLAIN("complete", FIELD_BOOL, schema, complete, 0,
        "Whether the models list all objects of every kind: then an object that they lack is dropped. "
        "Without this key, kinds of which they list no object are left alone."),
    OPTIONS(schema),
    RECORD("schemas", FIELD_NAMED, schema, namespaces, 0, namespace_record,
        "Schemas other than the default one."),
    RECORD("default_privileges", FIELD_LIST, schema, default_accesses, FIELD_BLOCK, default_access_record,
        "PostgreSQL: what roles get on new objects. Without this key it is left alone."),
#define OBJECTS(KIND, word, plural, ...) \
    RECORD(#plural, FIELD_NAMED, schema, objects[OBJECT_##KIND], 0, model_##word##_record, \
        "The objects of this kind that must exist. Without this key they are left alone."),
    EACH_OBJECT_KIND(OBJECTS)
#undef OBJECTS
        RECORD("enums", FIELD_NAMED, schema, enums, FIELD_BLOCK, model_enumeration_record, "Enum types."),
    RECORD("sequences", FIELD_NAMED, schema, sequences, FIELD_BLOCK, model_sequence_record,
        "Sequences, except those of identity columns."),
    RECORD("tables", FIELD_NAMED, schema, tables, FIELD_BLOCK, model_table_record, "Tables."),
    RECORD("views", FIELD_NAMED, schema, views, FIELD_BLOCK, model_view_record, "Views."),
    {0},
};
const struct record schema_record = {
    .name = "model",
    .size = sizeof(struct schema),
    .fields = schema_fields,
    .pos_offset = -1,
    .given_offset = -1,
};
