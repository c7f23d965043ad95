/* The records of the operations' members of the union, for the table. */
#pragma once

#include "cmig/op.h"

extern const struct record op_create_schema_record, op_drop_schema_record, op_create_table_record,
    op_drop_record, op_drop_relation_record, op_rename_record, op_alter_table_record,
    op_alter_database_record, op_attach_record, op_detach_record, op_parent_record, op_copy_rows_record,
    op_create_enum_record, op_alter_enum_record, op_sequence_record, op_add_column_record,
    op_drop_column_record, op_alter_column_record, op_rename_part_record, op_rename_index_record, op_rename_partition_index_record,
    op_create_index_record, op_drop_index_record, op_drop_constraint_record, op_validate_constraint_record,
    op_create_comment_record, op_drop_comment_record, op_set_comment_record, op_view_record,
    op_execute_record, op_bulk_insert_record, op_backfill_record, op_run_record, op_assert_record,
    op_grant_record, op_revoke_record, op_change_owner_record;
#define OBJECT_RECORDS_(KIND, word, plural, change, naming, phrase, renames) \
    extern const struct record op_create_##word##_record, op_##change##_##word##_record, \
        op_drop_##word##_record, op_rename_##word##_record;
EACH_OBJECT_KIND(OBJECT_RECORDS_)
#undef OBJECT_RECORDS_
extern const struct record op_primary_key_record, op_unique_record, op_check_record, op_foreign_key_record,
    op_exclude_record;

/* Short forms and checks. */
bool op_schema_short(struct decoder *d, const struct node *n, void *object);
bool op_drop_short(struct decoder *d, const struct node *n, void *object);
bool op_comment_short(struct decoder *d, const struct node *n, void *object);
bool op_execute_short(struct decoder *d, const struct node *n, void *object);
bool op_run_short(struct decoder *d, const struct node *n, void *object);
bool assignment_short(struct decoder *d, const struct node *n, void *object);
bool op_backfill_finish(struct decoder *d, const struct node *n, void *object);
bool op_bulk_insert_finish(struct decoder *d, const struct node *n, void *object);
bool op_assert_finish(struct decoder *d, const struct node *n, void *object);
bool op_run_finish(struct decoder *d, const struct node *n, void *object);
struct node *op_run_encode_short(struct arena *a, const void *object);
struct node *assignment_encode_short(struct arena *a, const void *object);
bool rename_pair_short(struct decoder *d, const struct node *n, void *object);
struct node *op_schema_encode_short(struct arena *a, const void *object);
struct node *op_drop_encode_short(struct arena *a, const void *object);
struct node *op_comment_encode_short(struct arena *a, const void *object);
struct node *op_execute_encode_short(struct arena *a, const void *object);
struct node *rename_pair_encode_short(struct arena *a, const void *object);
bool op_create_table_finish(struct decoder *d, const struct node *n, void *object);
bool op_create_enum_finish(struct decoder *d, const struct node *n, void *object);
bool op_sequence_finish(struct decoder *d, const struct node *n, void *object);
bool op_add_column_finish(struct decoder *d, const struct node *n, void *object);
bool op_set_comment_finish(struct decoder *d, const struct node *n, void *object);
bool op_object_short(struct decoder *d, const struct node *n, void *object);
struct node *op_object_encode_short(struct arena *a, const void *object);
bool op_object_finish(struct decoder *d, const struct node *n, enum object_kind kind, void *object);
bool op_access_finish(struct decoder *d, const struct node *n, void *object);
bool op_view_finish(struct decoder *d, const struct node *n, void *object);
bool op_drop_constraint_finish(struct decoder *d, const struct node *n, void *object);
bool op_execute_finish(struct decoder *d, const struct node *n, void *object);
extern const struct field_custom rows_custom;
