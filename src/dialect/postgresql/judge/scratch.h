/* The temporary objects that the judge makes, and what they are called. */
#pragma once

#include "dialect/postgresql/judge/relocate.h"
#include "dialect/postgresql/render/render.h"

/* A place in a statement, and what of the models is written there. */
struct fragment {
    size_t at;
    struct pos pos;
    const char *label;
};
struct creation {
    const char *sql;
    const char *lean;   /* what does instead when all is made at once, "": nothing; or NULL */
    const char *sure;   /* what is created instead if it fails, "": nothing; NULL: it must not fail */
    struct fragment *v; /* of the statement, in order */
    uint32_t n, cap;
};
struct creations VEC_OF(struct creation *);

/* The one that is made of all columns that are written alike. */
struct stand_in {
    const char *table, *column;
};

struct judge {
    struct ctx *ctx;
    struct pg *pg;
    const struct schema *original;
    const struct schema *wanted; /* the same with the names of the stand-ins in its texts */
    struct relocation texts,
        types;          /* which those are; as the type of a column also tables of other schemas */
    struct rendering r; /* for the parts that are written as in real statements */
    bool has_objects;   /* given as SQL */
    struct map names_of_tables, names_changed,
        enums_changed;   /* of the tables and views, of objects that change, and of enums, in lower case */
    struct map left_out; /* columns whose default or expression scratch_sure_table() omits */
    const bool *is_late; /* of each object, in the order of kinds: whether it is created after the tables */
    struct creations list;
    struct map tables; /* positions, from 1, by the name of the stand-in */
    struct map alike;  /* struct stand_in by the text that follows a column's name */
};

/* What an object is called among the temporary ones, by its place in the wanted ones. */
const char *scratch_name(struct judge *j, const struct qname *name, const char *kind, size_t at);
const char *scratch_constraint_name(struct judge *j, const char *kind, size_t table, size_t at);
/* Materialized views count on after the tables. */
const char *scratch_index_name(struct judge *j, size_t table, size_t at);
/* The table that stands in for a materialized view that has indexes. */
const char *scratch_rows_name(struct judge *j, size_t view);
/* Whether a default takes from a sequence, which need not be there. */
bool scratch_says_sequence(const struct column *c);
/* Whether an index is created: what a plain one prints is known. */
bool scratch_has_index(const struct index *x);
/* Replaces names in all that is wanted by those of the stand-ins. */
void scratch_relocate(struct judge *j);
/* The column that represents an omitted one; NULL: its text stays unchanged. */
const struct stand_in *scratch_stand_in(struct judge *j, const struct column *c);

/* Adds an empty one to the list. */
struct creation *scratch_creation(struct judge *j);
/* Says what of the models is written at the end of `q`. */
void scratch_mark(
    struct judge *j, struct creation *c, const struct sql *q, struct pos pos, const char *label);
/* What may stand around a text: it is not in it. */
const char *scratch_dollar_tag(struct ctx *ctx, const char *text);
/* A statement that runs the body. */
const char *scratch_do_block(struct judge *j, const char *body);

bool scratch_add_tables(struct judge *j);
/* The wanted table number `at` without the parts that depend on an object that changes; NULL: it has none. */
const struct table *scratch_sure_table(struct judge *j, size_t at);
/* Whether an index of a table, both as in the models, depends on such an object. */
bool scratch_index_is_unsure(struct judge *j, const struct table *t, const struct index *x);
bool scratch_column_is_left_out(struct judge *j, const struct qname *table, const char *column);
/* The indexes of the table number `at`, whose stand-in is `name`. */
bool scratch_add_indexes(struct judge *j, const struct indexes *list, const char *name, size_t at);
bool scratch_add_view_indexes(struct judge *j, size_t view);

/* The statements with another name for the object, in each place where they create, alter or comment on it; NULL:
 * one of them does not. */
const char *scratch_renamed(struct ctx *ctx, enum object_kind kind, const char *sql, const char *name);
/* Whether the server prints a temporary one of the kind. */
bool scratch_is_printed(enum object_kind kind);
void scratch_add_extensions(struct judge *j);
/* Finds out which objects come after the tables, for scratch_add_objects(). */
void scratch_sort_objects(struct judge *j);
/* Those that come before the tables, or after them with the views. */
void scratch_add_objects(struct judge *j, bool late);

/* After everything else: they run on statements, but not on those that create them. */
void scratch_add_event_triggers(struct judge *j);
/* How a statement of the kind names an object: operators are never quoted. */
const char *scratch_object_name(struct ctx *ctx, enum object_kind kind, const struct qname *name);

/* Lists the statements that create all wanted objects. */
bool scratch_add_all(struct judge *j);
