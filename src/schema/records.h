/* The parts of the record tables of this directory; not for other directories. */
#pragma once

#include "cmig/schema.h"

/* What may stand on a column in short; kept until column_expand() has moved it to the column's table. */
struct shorthand {
    struct constraint *references, *unique, *check;
    struct index *index;
};
extern const struct field_custom shorthand_references, shorthand_unique, shorthand_index, shorthand_check;

extern const struct record column_index_record, column_unique_record, column_reference_record, bound_record;
extern const struct field_custom partition_by_custom;  /* struct expr */
extern const struct field_custom bound_list_custom;    /* struct strings: values as SQL */
extern const struct field_custom sequence_owner;       /* struct sequence: owner, owner_column */
extern const struct field_custom number_custom;        /* const char *: a whole number of any size */
extern const struct field_custom definitions_custom;   /* nothing */
extern const struct field_custom reference_custom;     /* struct constraint: references, referred_columns */
extern const struct field_custom table_primary_key;    /* struct table */
extern const struct field_custom column_nullable;      /* struct column */
extern const struct field_custom constraint_initially; /* struct constraint: initially_deferred */
extern const struct field_custom dialect_options[];    /* struct options, a row per name below */
extern const struct field_custom dialect_option_pointers[]; /* struct options * */

/* Whether two objects have the same options of one dialect; NULL is none. */
bool options_eq(const struct options *a, const struct options *b, const char *dialect);
bool options_empty(const struct options *o);

/* The short forms and last checks of records; each is described where it is defined. */
bool column_short(struct decoder *d, const struct node *n, void *object);
struct node *column_encode_short(struct arena *a, const void *object);
bool column_finish(struct decoder *d, const struct node *n, void *object);
bool identity_short(struct decoder *d, const struct node *n, void *object);
struct node *identity_encode_short(struct arena *a, const void *object);
bool generated_short(struct decoder *d, const struct node *n, void *object);
struct node *generated_encode_short(struct arena *a, const void *object);
bool part_short(struct decoder *d, const struct node *n, void *object);
struct node *part_encode_short(struct arena *a, const void *object);
bool part_finish(struct decoder *d, const struct node *n, void *object);
bool index_short(struct decoder *d, const struct node *n, void *object);
struct node *index_encode_short(struct arena *a, const void *object);
bool column_unique_short(struct decoder *d, const struct node *n, void *object);
bool column_index_short(struct decoder *d, const struct node *n, void *object);
bool reference_short(struct decoder *d, const struct node *n, void *object);
bool key_short(struct decoder *d, const struct node *n, void *object);
struct node *key_encode_short(struct arena *a, const void *object);
bool primary_key_finish(struct decoder *d, const struct node *n, void *object);
bool unique_finish(struct decoder *d, const struct node *n, void *object);
bool check_short(struct decoder *d, const struct node *n, void *object);
struct node *check_encode_short(struct arena *a, const void *object);
bool check_finish(struct decoder *d, const struct node *n, void *object);
bool foreign_key_finish(struct decoder *d, const struct node *n, void *object);
bool exclude_finish(struct decoder *d, const struct node *n, void *object);
bool enumeration_short(struct decoder *d, const struct node *n, void *object);
struct node *enumeration_encode_short(struct arena *a, const void *object);
bool generated_finish(struct decoder *d, const struct node *n, void *object);
/* Takes the semicolon off a query; false when something follows it. */
bool query_trim(struct arena *a, const char **text);
bool view_finish(struct decoder *d, const struct node *n, void *object);
bool enumeration_finish(struct decoder *d, const struct node *n, void *object);
bool namespace_short(struct decoder *d, const struct node *n, void *object);
bool view_short(struct decoder *d, const struct node *n, void *object);
struct node *view_encode_short(struct arena *a, const void *object);
bool partition_short(struct decoder *d, const struct node *n, void *object);
struct node *partition_encode_short(struct arena *a, const void *object);
bool partition_finish(struct decoder *d, const struct node *n, void *object);
bool table_finish(struct decoder *d, const struct node *n, void *object);
