/*
 * Objects other than tables, for which a model gives some settings, or the SQL that creates them.
 *
 * Each kind has a row in a table: its name, its key in models, how an object of it is named, and its settings.
 * Reading models, comparing and operations are written once over that table; each dialect that has a kind reads
 * and writes it (struct dialect, objects).
 */
#pragma once

#include "cmig/access.h"
#include "cmig/codec.h"

/* clang-format off */
/* Each kind: X(its constant, its name in operations, its key in models, its operation for a change, how an
 * object is named, the name with an article, whether a database can rename one). Kinds that may depend on another
 * one come after it. */
#define EACH_OBJECT_KIND(X) \
    X(EXTENSION, extension, extensions, alter, NAMED_IN_DATABASE, "an extension", KEEPS_NAME) \
    X(LANGUAGE, language, languages, replace, NAMED_IN_DATABASE, "a language", RENAMES) \
    X(COLLATION, collation, collations, replace, NAMED_IN_SCHEMA, "a collation", RENAMES) \
    X(TYPE, type, types, replace, NAMED_IN_SCHEMA, "a composite or range type", RENAMES) \
    X(DOMAIN, domain, domains, replace, NAMED_IN_SCHEMA, "a domain", RENAMES) \
    X(FUNCTION, function, functions, replace, NAMED_BY_SIGNATURE, "a function", RENAMES) \
    X(PROCEDURE, procedure, procedures, replace, NAMED_BY_SIGNATURE, "a procedure", RENAMES) \
    X(AGGREGATE, aggregate, aggregates, replace, NAMED_BY_SIGNATURE, "an aggregate", RENAMES) \
    X(OPERATOR, operator, operators, replace, NAMED_BY_SIGNATURE, "an operator", KEEPS_NAME) \
    X(OPERATOR_FAMILY, operator_family, operator_families, replace, NAMED_FOR_METHOD, "an operator family", KEEPS_NAME) \
    X(OPERATOR_CLASS, operator_class, operator_classes, replace, NAMED_FOR_METHOD, "an operator class", KEEPS_NAME) \
    X(CAST, cast, casts, replace, NAMED_IN_DATABASE, "a cast", KEEPS_NAME) \
    X(TRANSFORM, transform, transforms, replace, NAMED_IN_DATABASE, "a transform", KEEPS_NAME) \
    X(CONVERSION, conversion, conversions, replace, NAMED_IN_SCHEMA, "a conversion", RENAMES) \
    X(ACCESS_METHOD, access_method, access_methods, replace, NAMED_IN_DATABASE, "an access method", KEEPS_NAME) \
    X(TEXT_SEARCH_PARSER, text_search_parser, text_search_parsers, replace, NAMED_IN_SCHEMA, "a text search parser", RENAMES) \
    X(TEXT_SEARCH_TEMPLATE, text_search_template, text_search_templates, replace, NAMED_IN_SCHEMA, "a text search template", RENAMES) \
    X(TEXT_SEARCH_DICTIONARY, text_search_dictionary, text_search_dictionaries, replace, NAMED_IN_SCHEMA, "a text search dictionary", RENAMES) \
    X(TEXT_SEARCH_CONFIGURATION, text_search_configuration, text_search_configurations, replace, NAMED_IN_SCHEMA, "a text search configuration", RENAMES) \
    X(FOREIGN_DATA_WRAPPER, foreign_data_wrapper, foreign_data_wrappers, replace, NAMED_IN_DATABASE, "a foreign data wrapper", RENAMES) \
    X(SERVER, server, servers, replace, NAMED_IN_DATABASE, "a foreign server", RENAMES) \
    X(FOREIGN_TABLE, foreign_table, foreign_tables, replace, NAMED_IN_SCHEMA, "a foreign table", RENAMES) \
    X(STATISTICS, statistics, statistics, replace, NAMED_IN_SCHEMA, "extended statistics", RENAMES) \
    X(VIRTUAL_TABLE, virtual_table, virtual_tables, replace, NAMED_IN_DATABASE, "a virtual table", RENAMES) \
    X(POLICY, policy, policies, replace, NAMED_ON_TABLE, "a policy", RENAMES) \
    X(RULE, rule, rules, replace, NAMED_ON_TABLE, "a rule", RENAMES) \
    X(TRIGGER, trigger, triggers, replace, NAMED_ON_TABLE, "a trigger", RENAMES) \
    X(PUBLICATION, publication, publications, replace, NAMED_IN_DATABASE, "a publication", RENAMES) \
    X(EVENT_TRIGGER, event_trigger, event_triggers, replace, NAMED_IN_DATABASE, "an event trigger", RENAMES) \
    X(EVENT, event, events, replace, NAMED_IN_DATABASE, "an event", RENAMES)
/* clang-format on */

enum object_kind {
#define OBJECT_CONSTANT(KIND, ...) OBJECT_##KIND,
    EACH_OBJECT_KIND(OBJECT_CONSTANT)
#undef OBJECT_CONSTANT
        OBJECT_KINDS
};

enum { KEEPS_NAME = 0, RENAMES = 1 };
enum {
    OBJECT_SETTINGS = 2, /* of the kind that has most */
    /* Those that are on a table, in this order. */
    OBJECT_FIRST_ON_TABLE = OBJECT_POLICY,
    OBJECT_KINDS_ON_TABLE = OBJECT_TRIGGER - OBJECT_POLICY + 1,
};

struct object;
struct objects VEC_OF(struct object *); /* sorted by object_cmp once complete */

struct object {
    const char *key;        /* what it is called in models: "touch", "app.slug(text, integer)" */
    struct qname name;      /* the same without the signature */
    const char *signature;  /* argument types as in "text, integer", or an index method; NULL: the kind has none */
    struct qname of;        /* the table or view that it is named on; name NULL: none */
    struct qname goes_with; /* reflected: the same, or the table that it is dropped with */
    struct pos pos;
    bool built_in;   /* reflected: every new database has it, or another object creates it */
    bool is_new;     /* for the judge: the database has no object of that name */
    bool is_renamed; /* the same, but the database has an object of the old name */
    size_t rank;   /* they are created in this order: that of the models, or in which the database got them */
    /* In the order of the kind's row; NULL: not given, and not compared. */
    const char *settings[OBJECT_SETTINGS];
    struct dtext sql;   /* the statements that create it, as they were written; unset when it was reflected */
    struct dtext file;  /* where it is, relative to the model; the paths, once a model is loaded */
    const char *native; /* the same as the database prints them, without the default schema's name */
    struct strings parts; /* reflected: what can be altered one by one, as the dialect says */
    const char *comment;
    /* In models: what it was called before. Once renames are resolved: its key in the database, or NULL. */
    const char *renamed_from;
    struct access *access; /* owner and privileges; or NULL */
    const char *detail;    /* reflected: what a message adds if the models do not list it; or NULL */
    /* Of a foreign table; only while a model is read or written. */
    struct objects triggers;
};

struct object_setting {
    const char *name;
    enum {
        SETTING_PLAIN,
        SETTING_SCHEMA,  /* the name of a schema, managed or not; NULL: the default one */
        SETTING_VERSION, /* all installed objects of the kind, which are compared only if a model names one */
    } meaning;
};

/* How objects of a kind are named. */
enum object_naming {
    NAMED_IN_DATABASE,  /* the name is all of the key */
    NAMED_IN_SCHEMA,    /* perhaps qualified */
    NAMED_BY_SIGNATURE, /* the same, and the types of its arguments in parentheses */
    NAMED_FOR_METHOD,   /* perhaps qualified, and the index method: "app.ops using btree" */
    NAMED_ON_TABLE,     /* on a table or view, under which models list it */
};

/* The row of a kind. */
struct object_row {
    const char *name, *plural;   /* "event trigger"; "event_triggers" is its key in models */
    const struct record *record; /* of a struct object */
    enum object_naming naming;
    bool has_sql; /* a model gives only the SQL that creates it */
    struct object_setting settings[OBJECT_SETTINGS];
};
extern const struct object_row object_table[OBJECT_KINDS];
/* As operations hold it, and as models do: with its owner and grants, where the kind has them. */
#define OBJECT_RECORD(KIND, word, ...) extern const struct record word##_record, model_##word##_record;
EACH_OBJECT_KIND(OBJECT_RECORD)
#undef OBJECT_RECORD

/* Whether a database can give one another name; then it has `renamed_from`. */
bool object_kind_renames(enum object_kind kind);
/* OBJECT_KINDS: there is none of that name. */
enum object_kind object_kind_by_name(const char *name);
/* Takes the key apart. False: it is none of the kind. */
bool object_take_key(struct arena *a, enum object_kind kind, struct object *o);
/* Makes the key of the name and the signature. */
void object_make_key(struct arena *a, enum object_kind kind, struct object *o);
/*
 * The object under another name, perhaps in another schema, with the same arguments and table. `name` is spelt as in
 * `renamed_from`: without arguments, or with the same ones. False: the name is invalid, or its arguments differ.
 */
bool object_under_name(
    struct arena *a, enum object_kind kind, const struct object *o, const char *name, struct object *ret);
/* The key, with the table that it is on: "touch on posts". */
const char *object_text(struct arena *a, const struct object *o);
int object_cmp(const struct object *a, const struct object *b);

/* The one of that key and table, or NULL. The list must be sorted. */
struct object *objects_find(const struct objects *list, const struct object *o);
/* Keeps the list sorted. */
void objects_insert(struct ctx *ctx, struct objects *list, struct object *o);
/* Nothing happens if the object does not exist. */
void objects_remove(struct objects *list, const struct object *o);
void objects_sort(struct objects *list);
/* A copy of the list by rank. */
struct objects objects_ranked(struct ctx *ctx, const struct objects *list);

/*
 * Makes an object of the database comparable with the model's: clears the settings that the model does not give. `wanted`
 * NULL: the models have no such object; then the settings that are needed to create it again stay.
 */
void object_pair(enum object_kind kind, struct object *there, const struct object *wanted);
/* Whether they are equal, apart from their comments. */
bool object_same(const struct object *a, const struct object *b);
/* The schema that it names; NULL: none, or one of the server's own (pg_…). */
const char *object_schema(enum object_kind kind, const struct object *o);

/*
 * Where the name of what a statement creates is: [SET STATEMENT … FOR] CREATE [OR REPLACE] [words] name. *ret_at and *ret_n
 * are the name's, with its schema. False: it is no such statement of that kind.
 */
bool object_sql_name(enum object_kind kind, const char *sql, size_t *ret_at, size_t *ret_n);
/* The same for ALTER [words] name, and for COMMENT ON COLUMN name.column, or ON CONSTRAINT c ON DOMAIN name. */
bool object_altered_name(enum object_kind kind, const char *sql, size_t *ret_at, size_t *ret_n);

/* The old and the new name of a renamed object. */
struct object_rename {
    struct qname from, to;
};
struct object_renames VEC_OF(struct object_rename);
/* Whether two texts are the same, except that the second one may have new names in place of old ones. Each of the
 * texts, and `renames`, may be NULL. */
bool sql_same_but_for_renames(const char *a, const char *b, const struct object_renames *renames);
