/* The functions of the operation table that change a schema. */
#pragma once

#include "cmig/op.h"

/* A name as the schema has it: without the default schema. */
struct qname call_name(const struct op_call *call, struct qname name);
struct table *call_find_table(const struct op_call *call, const struct qname *name);
/* Fail because the object that an operation names does not exist, or already exists. */
bool call_missing(const struct op_call *call, const char *what, const struct qname *name);
bool call_taken(const struct op_call *call, const char *what, const struct qname *name);
/* Whether a view says, or its text shows, that it reads a table or view. */
bool view_reads(const struct view *v, const struct qname *name);

/* Objects on a table or view are dropped with it, and follow its new name. */
void objects_drop_on(struct schema *s, const struct qname *table);
void objects_follow(const struct op_call *call, const struct qname *from, const struct qname *to);
void objects_follow_column(
    const struct op_call *call, const struct qname *table, const char *from, const char *to);

/* The types of functions' arguments get a new name. */
void objects_follow_type(const struct op_call *call, const struct qname *from, const struct qname *to);

/* The lists of what views read follow the new name of a table or view. */
void views_follow(struct ctx *ctx, const struct schema *s, const struct qname *from, const struct qname *to);

/* Defaults follow the sequence that they take from. */
void defaults_follow_sequence(const struct op_call *call, const struct qname *from, const struct qname *to);

/* Puts a type's new name where columns, expressions and views have the old one. */
void call_follow_type(const struct op_call *call, const struct qname *from, const struct qname *to);
bool call_alter_database(const struct op_call *call) ATTR_CHECKED;
bool call_nothing(const struct op_call *call) ATTR_CHECKED;
bool call_on_table(const struct op_call *call) ATTR_CHECKED;
bool call_create_table(const struct op_call *call) ATTR_CHECKED;
bool call_drop_table(const struct op_call *call) ATTR_CHECKED;
bool call_attach_partition(const struct op_call *call) ATTR_CHECKED;
bool call_rename_partition_index(const struct op_call *call) ATTR_CHECKED;
/* Whether it creates, drops or renames an index. */
bool op_is_about_index(const struct op *op);
/* create_index with `attach_to` */
bool call_attach_index(const struct op_call *call, struct table *t) ATTR_CHECKED;
bool call_detach_partition(const struct op_call *call) ATTR_CHECKED;
bool call_copy_rows(const struct op_call *call) ATTR_CHECKED;
bool call_add_parent(const struct op_call *call) ATTR_CHECKED;
bool call_drop_parent(const struct op_call *call) ATTR_CHECKED;
/* Spells a new partition, partitioned or inherited table for the dialect; then gives it its parents' columns. */
void call_prepare_child(const struct op_call *call, struct table *t);
bool call_inherit(const struct op_call *call, struct table *t) ATTR_CHECKED;
/* Gives the children of a changed table its columns. */
void children_follow(struct ctx *ctx, struct schema *s, const struct table *t, const struct op *op);
/* A table that is dropped with its parent, or NULL: a partition; with `cascade`, also one that inherits from
 * it. */
struct table *next_dropped_child(
    struct ctx *ctx, struct schema *s, const struct qname *parent, bool cascade);
void children_rename(
    struct ctx *ctx, const struct schema *s, const struct qname *from, const struct qname *to);
bool call_rename_table(const struct op_call *call) ATTR_CHECKED;
bool call_create_schema(const struct op_call *call) ATTR_CHECKED;
bool call_drop_schema(const struct op_call *call) ATTR_CHECKED;
bool call_create_enum(const struct op_call *call) ATTR_CHECKED;
bool call_drop_enum(const struct op_call *call) ATTR_CHECKED;
bool call_alter_enum(const struct op_call *call) ATTR_CHECKED;
bool call_rename_enum(const struct op_call *call) ATTR_CHECKED;
bool call_create_sequence(const struct op_call *call) ATTR_CHECKED;
bool call_drop_sequence(const struct op_call *call) ATTR_CHECKED;
bool call_alter_sequence(const struct op_call *call) ATTR_CHECKED;
bool call_rename_sequence(const struct op_call *call) ATTR_CHECKED;
bool call_create_view(const struct op_call *call) ATTR_CHECKED;
bool call_drop_view(const struct op_call *call) ATTR_CHECKED;
bool call_replace_view(const struct op_call *call) ATTR_CHECKED;
bool call_rename_view(const struct op_call *call) ATTR_CHECKED;
bool call_create_object(const struct op_call *call) ATTR_CHECKED;
bool call_change_object(const struct op_call *call) ATTR_CHECKED;
bool call_drop_object(const struct op_call *call) ATTR_CHECKED;
bool call_rename_object(const struct op_call *call) ATTR_CHECKED;
bool call_access(const struct op_call *call) ATTR_CHECKED;
bool call_set_comment(const struct op_call *call) ATTR_CHECKED;
