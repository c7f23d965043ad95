/*
 * Objects beside the tables, of which a model says some settings and no more.
 *
 * A row of the table per kind: what it is called, where it stands in models, and what can be said of it. Everything that
 * is written once over this table (reading models, comparing, operations) needs nothing for a new kind; a dialect says
 * how it reads and writes one (struct dialect, objects).
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
    /* In the order of the kind's row; NULL: not said, and of no interest. */
    const char *settings[OBJECT_SETTINGS];
};
struct objects VEC_OF(struct object *); /* sorted by name once complete */

struct object_setting {
    const char *name;
    enum {
        SETTING_PLAIN,
        SETTING_SCHEMA,  /* the name of a schema, under management or not; not said: the default one */
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
 * Makes what a database has comparable with what a model says: a setting of which the model says nothing is not said of
 * the database's either. `wanted` NULL: the models have no such object, and what remains is what makes it again.
 */
void object_pair(enum object_kind kind, struct object *there, const struct object *wanted);
bool object_same(const struct object *a, const struct object *b);
/* The schema that it says; NULL: none, or one of the server's own (pg_…). */
const char *object_schema(enum object_kind kind, const struct object *o);
