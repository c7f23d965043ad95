/*
 * Objects beside the tables, of which a model says some settings and no more.
 *
 * Each kind has a row in a table: its name, its key in models, and its settings. Reading models, comparing and operations
 * are written once over that table; each dialect that has a kind reads and writes it (struct dialect, objects).
 */
#pragma once

#include "cmig/codec.h"

/* Each kind: X(its constant, its name in operations, the same with an article). */
#define EACH_OBJECT_KIND(X) X(EXTENSION, extension, "an extension")

enum object_kind {
#define OBJECT_CONSTANT(KIND, word, phrase) OBJECT_##KIND,
    EACH_OBJECT_KIND(OBJECT_CONSTANT)
#undef OBJECT_CONSTANT
        OBJECT_KINDS
};

enum { OBJECT_SETTINGS = 2 }; /* of the kind that has most */

struct object {
    struct qname name;
    struct pos pos;
    bool built_in; /* reflected: every database is born with it */
    size_t rank;   /* they are created in this order: that of the models, or in which the database got them */
    /* In the order of the kind's row; NULL: not given, and not compared. */
    const char *settings[OBJECT_SETTINGS];
};
struct objects VEC_OF(struct object *); /* sorted by name once complete */

struct object_setting {
    const char *name;
    enum {
        SETTING_PLAIN,
        SETTING_SCHEMA,  /* the name of a schema, managed or not; NULL: the default one */
        SETTING_VERSION, /* what happens to be installed, which is only looked at where a model asks for one */
    } meaning;
};

/* The row of a kind. */
struct object_row {
    const char *name, *plural;   /* "extension"; "extensions" is its key in models */
    const struct record *record; /* of a struct object */
    struct object_setting settings[OBJECT_SETTINGS];
};
extern const struct object_row object_table[OBJECT_KINDS];
#define OBJECT_RECORD(KIND, word, phrase) extern const struct record word##_record;
EACH_OBJECT_KIND(OBJECT_RECORD)
#undef OBJECT_RECORD

/* The one of that name, or NULL. The list must be sorted. */
struct object *objects_find(const struct objects *list, const struct qname *name);
/* Keeps the list sorted. */
void objects_insert(struct ctx *ctx, struct objects *list, struct object *o);
/* Nothing happens when it is not there. */
void objects_remove(struct objects *list, const struct object *o);
void objects_sort(struct objects *list);
/* A copy of the list by rank. */
struct objects objects_ranked(struct ctx *ctx, const struct objects *list);

/*
 * Makes an object of the database comparable with the model's: clears the settings that the model does not give. `wanted`
 * NULL: the models have no such object; then the settings that are needed to create it again stay.
 */
void object_pair(enum object_kind kind, struct object *there, const struct object *wanted);
bool object_same(const struct object *a, const struct object *b);
/* The schema that it names; NULL: none, or one of the server's own (pg_…). */
const char *object_schema(enum object_kind kind, const struct object *o);
