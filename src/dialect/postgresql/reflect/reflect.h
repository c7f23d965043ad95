/*
 * Reading a whole catalogue: one batch of questions, each taken by a function below in this order.
 *
 * Objects that later rows refer to by number are kept in `scratch`, which is freed at the end.
 */
#pragma once

#include "dialect/postgresql/wire/conn.h"

/* Numbers of objects (and of parts of them) to pointers. Zeroed but for `arena` it is empty. */
struct oids {
    struct arena *arena;
    struct oid_slot *slots;
    size_t n, cap;
};
void *oids_get(const struct oids *m, uint32_t oid, uint32_t part);
void oids_set(struct oids *m, uint32_t oid, uint32_t part, void *value);
/* What is in a slot, for walking over all; NULL: nothing. */
void *oids_slot(const struct oids *m, size_t slot);

/* A row of pg_class. */
struct relation {
    struct relation *next; /* by name */
    uint32_t oid;
    char kind; /* relkind; 0: an unmodelled table */
    struct qname name;
    struct table *table;
    struct view *view;
    struct sequence *sequence;
    bool has_grants;
    struct column **columns; /* by attnum, from 1; NULL: dropped */
    struct type_use **types; /* of them */
    char *storages;          /* of them: attstorage */
    unsigned natts;
};

/* A combination of type, length and collation that columns have. */
struct type_use {
    struct type_use *next; /* of another collation */
    uint32_t oid, length, collation_oid;
    const char *native;
    const char *model;     /* "enum(mood)", where models can say more than the native text; else NULL */
    const char *collation; /* when it is not the type's own */
    char storage;
};

struct reflection {
    struct pg *pg;
    struct ctx *ctx;
    const struct scope *scope; /* NULL: nothing is left out */
    const char *home;          /* the schema whose objects go by their bare name */
    struct schema *s;
    struct arena scratch;
    struct oids relations; /* struct relation */
    struct relation *first_relation, *last_relation;
    struct oids types;       /* by type and length: struct type_use, those of the columns read so far */
    struct oids constraints; /* by their index: struct constraint */
    struct oids opclasses;   /* struct opclass */
    struct oids comments[3]; /* by enum comment_on: texts */
    struct oids holders;     /* of owners and privileges, by object and catalogue: struct access_holder */
    struct oids owned;       /* by extensions: object and catalogue to anything */
    struct oids default_opclasses;      /* by type and index method: struct opclass */
    struct objects on_updates;          /* functions that may be those of `on_update` */
    struct map names;                   /* schema names, once each */
    struct strings conditions;          /* on which there is anything to ask for */
    struct VEC_OF(size_t) condition_of; /* by question and kind */
    bool *exists;                       /* likewise */
};

/* Numbers of catalogues, the same in every release. */
enum { PG_TYPE = 1247, PG_PROC = 1255, PG_CLASS = 1259, PG_NAMESPACE = 2615 };

enum comment_on { COMMENT_RELATION, COMMENT_CONSTRAINT, COMMENT_TYPE };

struct opclass {
    const char *name;
    uint32_t oid, method, type;
    bool is_default;
};

/* Reads the tables, views and the rest of these schemas. Inside of an open transaction it reads what that sees. */
struct reflect_request {
    const struct scope *scope;
    struct strings schemas;
    const char *home;
    bool only_tables; /* and views: for the judge */
    bool objects;     /* then also objects that models give as SQL */
};
bool reflect_schemas(struct pg *pg, const struct reflect_request *request, struct schema *ret) ATTR_CHECKED;
bool pg_reflect(struct conn *conn, const struct scope *scope, struct schema *ret);
bool pg_definitions(
    struct conn *conn, const struct scope *scope, const struct schema *schema, struct definitions *ret);

struct qname reflection_name(struct reflection *r, const char *schema, const char *name);
/* Whether an extension brought it. */
bool reflection_owned(const struct reflection *r, uint32_t catalogue, uint32_t oid);
const char *reflection_comment(struct reflection *r, enum comment_on on, uint32_t oid, uint32_t part);
/* Adds it to the list, unless it is out of scope. */
void reflection_unmodelled(
    struct reflection *r, const char *kind, const struct qname *name, const char *detail);
struct relation *reflection_relation(struct reflection *r, uint32_t oid);
/* The place for the owner and the privileges of an object, when they are read. `on`: its kind in operations;
 * one that has neither is ignored. */
void reflection_holder(struct reflection *r, uint32_t catalogue, uint32_t oid, const char *on,
    const struct qname *name, struct access **access);
bool reflection_manages_grants(const struct reflection *r);
uint32_t answer_oid(const struct answer *a, int row, int column);

/* {a,"b c"}: an array literal of texts. */
const char *array_literal(struct ctx *ctx, const struct strings *list);
/* "{1,2}" or "1 2": the next number, or false. */
bool next_number(const char **at, int64_t *ret);
/* A list of texts that the query joined by \x01: the next one, or NULL. */
char *next_text(struct arena *a, const char **at);
/* "fillfactor=70" and the like, joined by \x01, to options. */
void take_options(struct reflection *r, const char *joined, const char *prefix, struct options **ret);

/* Leaves out tables whose parents are not in the schema, and names differences between a child and its
 * parent. */
void reflection_settle_children(struct reflection *r);
/* A single integer key says whether the database fills it. */
void say_autoincrement(struct schema *s);

/* Take the rows of each query; `user` is the struct reflection. */
bool take_default_access(struct pg *pg, void *user, const struct answer *rows);
bool take_access(struct pg *pg, void *user, const struct answer *rows);
bool take_comments(struct pg *pg, void *user, const struct answer *rows);
bool take_owned_objects(struct pg *pg, void *user, const struct answer *rows);
bool take_namespaces(struct pg *pg, void *user, const struct answer *rows);
bool take_relations(struct pg *pg, void *user, const struct answer *rows);
bool take_types(struct pg *pg, void *user, const struct answer *rows);
bool take_columns(struct pg *pg, void *user, const struct answer *rows);
bool take_constraints(struct pg *pg, void *user, const struct answer *rows);
bool take_opclasses(struct pg *pg, void *user, const struct answer *rows);
bool take_indexes(struct pg *pg, void *user, const struct answer *rows);
bool take_enums(struct pg *pg, void *user, const struct answer *rows);
bool take_sequences(struct pg *pg, void *user, const struct answer *rows);
bool take_view_uses(struct pg *pg, void *user, const struct answer *rows);
bool take_unmodelled(struct pg *pg, void *user, const struct answer *rows);
