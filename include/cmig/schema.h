/*
 * The schema of a database, actual or intended: tables and all that belongs to them.
 *
 * Model files and reflection both produce a struct schema; later code does not know which. Settings of a single
 * database are kept as options under the dialect's name. Lists hold pointers; objects don't move.
 */
#pragma once

#include "cmig/codec.h"
#include "cmig/naming.h"
#include "cmig/object.h"

struct dialect;
struct conn;

/* A setting that only one dialect knows: `sqlite: {strict: true}`. The dialect's table of options says which.
 */
struct option {
    const char *dialect, *key, *value; /* value as written; "true" and "false" for flags */
    struct pos pos;
};
struct options VEC_OF(struct option); /* sorted by dialect, key */
const char *options_get(const struct options *o, const char *dialect, const char *key);
void options_set(struct ctx *ctx, struct options *o, const char *dialect, const char *key, const char *value);
/* Nothing happens if the object does not exist. */
void options_remove(struct options *list, const char *dialect, const char *key);
/* Sets the options that are given and removes those that are given as null. `*list` NULL: there are none. */
void options_alter(struct ctx *ctx, struct options **list, const struct options *given);
/* Whether the dialect knows its options among these, on a "table", a "column", …, and takes their values; null, which
 * takes one away, is taken for all. */
bool options_known(
    struct ctx *ctx, const struct dialect *dialect, const char *on, const struct options *o) ATTR_CHECKED;
/* A flag in any of its spellings: true, yes, on, 1 and their opposites, or a beginning that only one of them has. */
bool option_flag(const char *text, bool *ret);
/* Whether two values are spellings of one flag, number or word. */
bool option_values_same(const char *a, const char *b);

/* An SQL text: as it was written, and as the connected database would print it. */
struct expr {
    struct dtext sql;   /* authored; unset when it was reflected */
    const char *native; /* for the connected dialect; filled by reflection, or by schema_prepare from `sql` */
};

enum value_kind {
    VALUE_NONE,   /* there is no default */
    VALUE_STRING, /* a literal */
    VALUE_NUMBER, /* a literal, as written */
    VALUE_BOOL,   /* "true" or "false" */
    VALUE_SQL,    /* an expression */
    VALUE_FUNC,   /* "now", "today" or "uuid": every dialect spells it its own way */
};
struct value {
    enum value_kind kind;
    bool bare;        /* VALUE_STRING: written without quotes */
    struct expr expr; /* expr.sql holds the literal, the expression or the function's name */
};

/* Options of an identity column or a sequence; TRI/NULL if not given. Numbers as text: they may be wider than
 * 64 bits. */
struct sequence_options {
    const char *start, *increment, *min, *max, *cache;
    enum tri cycle;
};

enum identity_kind { IDENTITY_BY_DEFAULT, IDENTITY_ALWAYS };
struct identity {
    int kind; /* enum identity_kind */
    struct sequence_options options;
};

struct generated {
    struct expr expr;
    bool stored;
};

struct shorthand; /* unique, index, references, check on a column: only while a model is being loaded */

struct column {
    const char *name;
    struct pos pos;
    struct dtext type;  /* authored: "string(80)"; unset when it was reflected */
    const char *native; /* "VARCHAR(80)", "character varying(80)": as the dialect's reflection spells it */
    struct value dflt;
    struct value on_update; /* the value that an UPDATE sets if it does not set the column itself */
    bool nullable;
    bool nullable_said;     /* it was written: a key column is not nullable otherwise */
    bool is_inherited;      /* inherited from a parent of the table: models and operations do not list it */
    bool own_default;       /* of an inherited column: its default, perhaps none, is not the parent's */
    bool primary_key;       /* in the model's short form; table.primary_key always holds it too */
    enum tri autoincrement; /* a generated key: UNSET in a model means yes for a single integer primary key.
                             * Reflection says TRUE or FALSE there. */
    struct identity *identity;
    struct generated *generated;
    const char *collation;
    const char *comment;
    const char *renamed_from;
    struct strings *values; /* of an enum, where the dialect has no enum types, and in revision files */
    struct options *options;
    struct shorthand *shorthand;
    const struct sequence *sequence; /* reflected: what a serial column takes its numbers from */
};
struct columns VEC_OF(struct column *);

enum fk_action { FK_NO_ACTION, FK_RESTRICT, FK_CASCADE, FK_SET_NULL, FK_SET_DEFAULT };
enum fk_match { FK_MATCH_SIMPLE, FK_MATCH_FULL, FK_MATCH_PARTIAL };

enum constraint_kind {
    CONSTRAINT_PRIMARY_KEY,
    CONSTRAINT_UNIQUE,
    CONSTRAINT_CHECK,
    CONSTRAINT_FOREIGN_KEY,
    CONSTRAINT_EXCLUDE,
};

enum index_order { ORDER_ASC, ORDER_DESC };
enum index_nulls { NULLS_DEFAULT, NULLS_FIRST, NULLS_LAST };

/* A column or an expression in an index or an exclusion constraint. */
struct index_part {
    const char *column; /* or NULL: */
    struct expr expr;
    int order;           /* enum index_order */
    int nulls;           /* enum index_nulls; NULLS_DEFAULT is what the order implies */
    const char *opclass; /* with its parameters, when it is not the type's default */
    const char *collation;
    const char *op;     /* of an exclusion constraint: "&&" */
    const char *length; /* a prefix, for dialects that have one */
};
struct index_parts VEC_OF(struct index_part *);

struct constraint {
    enum constraint_kind kind;
    bool deferrable, initially_deferred, not_valid;
    bool nulls_not_distinct; /* UNIQUE */
    bool invalid;            /* reflected, of a partitioned table's key: partitions lack it */
    bool attached;           /* reflected, of a partition's own key: its index is a part of the parent's index */
    bool no_inherit;         /* CHECK */
    bool external;           /* FOREIGN_KEY: what it refers to is not looked up among the models */
    bool implied;            /* made from an enum column where the dialect has no enum types */
    bool name_made;          /* the name was not given: diff_pair chose it */
    bool is_inherited;       /* of table_apart(): the parent gave it */
    const char *name;        /* NULL: unnamed; matches an existing one of the same shape */
    struct pos pos;
    struct strings columns;          /* PRIMARY_KEY, UNIQUE, FOREIGN_KEY */
    struct strings include;          /* PRIMARY_KEY, UNIQUE, EXCLUDE */
    struct expr check;               /* CHECK */
    struct qname references;         /* FOREIGN_KEY */
    struct strings referred_columns; /* empty: the referred table's key (filled in by schema_prepare) */
    int on_delete, on_update, match; /* enum fk_action, fk_action, fk_match */
    struct strings set_columns;      /* ON DELETE SET NULL (columns) */
    const char *using;               /* EXCLUDE: index method */
    struct index_parts parts;        /* EXCLUDE */
    struct expr where;               /* EXCLUDE */
    const char *comment;
    struct options *options; /* conflict clauses, WITH, TABLESPACE, … */
};
struct constraints VEC_OF(struct constraint *);

struct index {
    const char *name;
    struct pos pos;
    struct index_parts parts;
    bool unique;
    bool nulls_not_distinct;
    struct expr where;
    struct strings include;
    const char *using; /* NULL: the dialect's default, btree */
    const char *comment;
    struct options *options; /* WITH (…) settings, tablespace */
    bool on_only;            /* of a partitioned table: only partitions that list it in index_names have it */
    bool invalid;            /* reflected: a concurrent build that failed */
    bool name_made;          /* the name was not given: diff_pair chose it */
    bool is_inherited;       /* of table_apart(): the parent gave it */
    bool with_key;           /* reflected: the database may have created it for a foreign key */
    bool is_column_key;      /* `unique: true` and `index: true` on a column, which mean one unique index */
};
struct indexes VEC_OF(struct index *);

/* The bound of a partition as models may spell it; values are SQL. */
struct bound_values {
    struct strings from, to, in;
    int64_t modulus, remainder;
    bool is_default;
};

/* The name that the index of a partition has which is a part of its parent's index, or of the parent's key. */
struct index_name {
    const char *of, *name;
    const char *usual; /* reflected: the name that the server gives to such an index if that is free; or NULL */
    bool is_usual;     /* reflected: it has that name, and no other index of the partition would get it */
};
struct index_names VEC_OF(struct index_name);

struct table;
struct tables VEC_OF(struct table *);

/* A partition is a table of its own. Its columns are its parent's; its keys, checks and indexes are those that the
 * parent does not have. */
struct table {
    struct qname name;
    struct pos pos;
    const char *comment;
    const char *renamed_from;
    bool is_new;               /* in models: the database's table of this name is renamed */
    struct expr partition_by;  /* "RANGE (created_at)"; unset: the table is not partitioned */
    struct qname partition_of; /* the parent; name NULL: the table is no partition */
    struct expr bound;         /* of a partition: "FOR VALUES IN (1)", "DEFAULT" */
    struct strings inherits;   /* names of the tables that it inherits from, in order */
    struct strings not_null;   /* of a child: parents' columns that are NOT NULL here, and not there */
    struct columns defaults;   /* only while read or written: inherited columns with a default of their own */
    struct index_names index_names; /* of a partition: names of the indexes that are its parent's */
    struct tables partitions;  /* only while a model is loaded or written */
    struct bound_values values; /* only while a model is loaded */
    bool has_partitions;        /* in models: its partitions are listed, perhaps none */
    struct table
        *inherited; /* reflected, of a partition: the keys and indexes that are its parent's; or NULL */
    struct columns columns;         /* in order */
    struct constraint *primary_key; /* NULL: none */
    struct constraints uniques, checks, foreign_keys, excludes;
    struct indexes indexes;
    struct options *options;
    struct access *access;                    /* owner and privileges; or NULL */
    struct objects on[OBJECT_KINDS_ON_TABLE]; /* only while a model is read or written */
};

struct enumeration {
    struct qname name;
    struct pos pos;
    struct strings values;
    const char *comment;
    const char *renamed_from;
    struct access *access; /* owner and privileges; or NULL */
};
struct enumerations VEC_OF(struct enumeration *);

struct sequence {
    struct qname name;
    struct pos pos;
    const char *type; /* "bigint" if not given */
    struct sequence_options options;
    struct qname owner; /* table; name NULL: none */
    const char *owner_column;
    const char *comment;
    const char *renamed_from;
    struct options *settings; /* unlogged */
    struct access *access;    /* owner and privileges; or NULL */
};
struct sequences VEC_OF(struct sequence *);

struct view {
    struct qname name;
    struct pos pos;
    struct expr body;
    struct dtext file;      /* where its query is: beside the model; the paths, once a model is loaded */
    struct strings columns; /* names in a column list; may be empty */
    bool materialized;      /* where the dialect has that: the rows are stored, and may have indexes */
    enum tri with_data;     /* FALSE: created empty, and filled by a later REFRESH; not compared */
    struct indexes indexes; /* of a materialized view */
    const char *comment;
    const char *renamed_from;
    struct options *options;                  /* check_option, security_barrier, … */
    struct strings depends_on;                /* reflected: qualified names of views and tables it reads */
    struct access *access;                    /* owner and privileges; or NULL */
    struct objects on[OBJECT_KINDS_ON_TABLE]; /* only while a model is read or written */
};
struct views VEC_OF(struct view *);

/* What the database contains and cmig does not model. */
struct unmodelled {
    const char *kind; /* "event trigger" */
    struct qname name;
    const char *detail;          /* or NULL */
    struct qname on;             /* the table or view that it goes with */
    const char *sql;             /* what creates it again then; or NULL */
    const struct object *object; /* or this; the models list none of its kind */
    const char *
        hidden; /* the kind of an object that exists and that the user may not read, so that it is not compared; or
                           NULL */
    bool hides_all; /* any number of that kind may be hidden: those that are not found are not compared */
    enum object_kind object_kind;
};
struct unmodelleds VEC_OF(struct unmodelled *);

struct namespace
{
    const char *name;
    struct pos pos;
    const char *comment;
    struct access *access; /* owner and privileges; or NULL */
};
struct namespaces VEC_OF(struct namespace *);

struct schema {
    struct namespaces namespaces; /* schemas other than the default one */
    bool namespaces_given;        /* a model lists schemas, perhaps none: `schemas: []` */
    struct enumerations enums;
    struct sequences sequences;
    struct tables tables; /* sorted by name once complete, like all lists here */
    struct views views;
    struct objects objects[OBJECT_KINDS];
    bool manages[OBJECT_KINDS]; /* a model lists the objects of the kind, perhaps none */
    bool complete;              /* a model says that all kinds are listed */
    bool has_documents;         /* loaded: some models are YAML */
    struct strings sql_files;   /* loaded: models in SQL, for a database to run */
    struct options *options;    /* of the whole database; NULL: none */
    struct unmodelleds unmodelled;
    struct strings unmanaged;   /* reflected: schemas that are not managed */
    struct access *home_access; /* of the default schema; NULL in models: it is left alone */
    struct default_accesses default_accesses;
    bool manages_defaults;      /* a model lists default privileges, perhaps none */
    const char *creator;        /* reflected: the connected role */
    const char *default_schema; /* "public": what an unqualified name means; NULL where there are none */
    struct known_names *known;  /* for schema_may_have_…; NULL: not collected */
};

/* Records, for the codec. */
extern const struct record schema_record; /* a model document */
/* With what is on it, and its owner and grants. */
extern const struct record model_table_record, model_view_record, model_enumeration_record,
    model_sequence_record;
extern const struct record table_record, column_record, index_record, index_part_record, enumeration_record,
    sequence_record, view_record, identity_record, generated_record, namespace_record,
    sequence_options_record, partition_record;
extern const struct record primary_key_record, unique_record, check_record, foreign_key_record,
    exclude_record;
extern const struct field_custom value_custom, expr_custom; /* struct value, struct expr */
extern const struct field_custom defaults_custom;           /* struct columns: names and defaults */
extern const struct field_custom values_custom;             /* struct strings *: a column's `values` */
extern const struct field_custom bound_custom;              /* struct expr: the bound of a partition */
extern const struct field_custom index_names_custom;        /* struct index_names */
/* Options under the dialects' names, to be put into another record as FIELD_INLINE: at a member that is a
 * `struct options *`, or a `struct options`. */
extern const struct record options_pointer_record, options_record;
extern const char *const fk_action_names[], *const fk_match_names[], *const constraint_kind_names[],
                                                                         *const value_func_names[];
const struct record *constraint_record(enum constraint_kind kind);
/* Moves the short forms on a column (unique, index, references, check) to the lists of a table, which need not
 * be the column's own. Done by table_record for its columns; a lone column needs it. */
void column_expand(struct ctx *ctx, struct column *c, struct table *t);

/* Which files the paths of the configuration lead to, sorted: documents in YAML, and models in SQL. */
bool model_files(struct ctx *ctx, const struct strings *paths, struct strings *ret_documents,
    struct strings *ret_sql) ATTR_CHECKED;
/*
 * Loads every *.yaml and *.yml below the given files, directories and globs, sorted, into one schema, and lists those that
 * are *.sql and not the `file` of an object. A table in two files is an error that names both places. Shorthands on columns become constraints and indexes of their
 * table. A file's tree is given back before the next one is read.
 */
bool schema_load(struct ctx *ctx, const struct strings *paths, struct schema *ret) ATTR_CHECKED;
/* The place of a byte of an SQL text that a model takes from a file; `otherwise` when it is written in the model. */
struct pos sql_file_pos(
    const struct dtext *paths, const struct dtext *sql, const char *dialect, size_t at, struct pos otherwise);
/* Whether a literal default is a value of its column's type. The error has no place: the caller adds it. */
bool column_check_default(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c) ATTR_CHECKED;
/* The same for `on_update`. */
bool column_check_on_update(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c) ATTR_CHECKED;
/* The expression of `on_update` as the database has it within a trigger: without a cast, whatever the column's type is.
 * *ret NULL: none. */
bool column_on_update(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c, const char **ret) ATTR_CHECKED;
/* Whether a text looks like a function call or another expression; in a text column only what nobody means as text. */
bool literal_is_expression(const char *text, bool is_text);
/* From a tree, as schema_encode() makes it; what it says of places in files goes into the schema. */
bool schema_of_document(struct ctx *ctx, const struct node *document, struct schema *ret) ATTR_CHECKED;
/* Two loaded schemas as one; an object of both is an error that names both places. They must not be used again. */
bool schema_join(
    struct ctx *ctx, const struct schema *a, const struct schema *b, struct schema *ret) ATTR_CHECKED;
/* From one text; for tests, for embedders and for inspect's round trip. */
bool schema_parse(
    struct ctx *ctx, const char *file, const char *text, size_t size, struct schema *ret) ATTR_CHECKED;

/*
 * Makes a loaded schema comparable with a reflected one of the same dialect: names in the default schema lose
 * their qualification, types and expressions get their native spelling, enum columns become checks where the
 * dialect has no enums, references are checked and completed (a table or column that does not exist is an
 * error with its place), options are checked against the dialect's table, lists are sorted.
 */
bool schema_prepare(struct ctx *ctx, const struct dialect *dialect, const char *default_schema,
    struct schema *s) ATTR_CHECKED;
/* That no two objects of prepared models claim one name: those of the relations of a schema, its types, and the
 * constraints of a table. */
bool schema_check_claims(struct ctx *ctx, const struct dialect *dialect, const struct schema *s) ATTR_CHECKED;
/* That every name is within the dialect's limit. `char_width` is the connection's. */
bool schema_check_lengths(
    struct ctx *ctx, const struct dialect *dialect, size_t char_width, const struct schema *s) ATTR_CHECKED;
/* Gives a name to what has none; where the dialect allows it and the pattern is not set, a constraint stays unnamed. Two objects that would get one name get a numbered one; names longer than
 * the dialect allows are cut and keep a hash. */
bool schema_name_constraint(struct ctx *ctx, const struct naming *naming, const struct dialect *dialect,
    const struct table *table, struct constraint *c) ATTR_CHECKED;
bool schema_name_index(struct ctx *ctx, const struct naming *naming, const struct dialect *dialect,
    const struct table *table, struct index *index) ATTR_CHECKED;

/* The name of the trigger, and of its function, by which a dialect does a column's `on_update`. */
#define ON_UPDATE_SUFFIX " on update" /* the part that all such names have */
const char *on_update_name(
    struct ctx *ctx, const struct dialect *dialect, const char *table, const char *column);

/* The column for whose `on_update` a trigger or function of this name is created; NULL: none. */
const struct column *on_update_owner(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    enum object_kind kind, const struct object *o);

/* The schema as a model document. Reflected types and defaults get the portable spelling that gives the same
 * native one back, or stand under the dialect's name. */
struct node *schema_encode(struct ctx *ctx, const struct dialect *dialect, const struct schema *s);
/* Gives reflected columns of a table their authored spelling (type, default), for encoding. */
void table_spell(struct ctx *ctx, const struct dialect *dialect, struct table *t);
void column_spell(struct ctx *ctx, const struct dialect *dialect, const struct table *t, struct column *c);

/* Marks those foreign keys of a reflected schema as external that refer to what is not in it. */
void schema_mark_external(struct ctx *ctx, const struct dialect *dialect, struct schema *s);

/* Gives columns of an enum type of this schema its values (and nothing else): reflection knows only the type's
 * name. table_spell needs it to tell an enum from other types. */
void schema_link_enums(struct ctx *ctx, struct schema *s);

/* ---- partitions and inheritance ------------------------------------------------------------------------ */

bool table_is_partitioned(const struct table *t);
bool table_is_partition(const struct table *t);
bool table_inherits(const struct table *t, const struct qname *parent);
/* Whether the definition of a child's column says no more about its generation than that of the parent. */
bool column_repeats(const struct column *c, const struct column *parent);
/* Whether a table is a partition of the other one, or inherits from it. */
bool table_is_child(const struct table *t, const struct qname *parent);
/* The parent of that number, from 0; NULL: the table has no more, or the schema does not have it. */
struct table *table_parent(struct ctx *ctx, const struct schema *s, const struct table *t, size_t at);
/* Gives a table, or each table of a schema, the columns of its parents. */
void table_inherit(struct ctx *ctx, const struct schema *s, struct table *t);
/* The entry of a partition for an index or a key of its parents; NULL: it has none. */
struct index_name *table_index_name(const struct table *t, const char *of);
void table_set_index_name(struct ctx *ctx, struct table *t, const char *of, const char *name);
/* The table above a partition, or above its parent, that has an index or a key of that name; NULL: none. `ret_index` is
 * NULL for a key. */
struct table *table_above_with(
    const struct schema *s, const struct table *t, const char *index, const struct index **ret_index);
/* Its inherited columns with a default of their own, as `defaults` lists them. */
struct columns table_own_defaults(struct ctx *ctx, const struct table *t);
void schema_inherit(struct ctx *ctx, const struct schema *s);
/* A copy that inherits only from the `kept` ones of its parents: the columns and checks of the others are its own. */
struct table *table_leave(
    struct ctx *ctx, const struct schema *s, const struct table *t, const struct strings *kept);
/* What a partition is once it is detached: a copy that has all that its parent gave it. A name that the database chose
 * and that is not known is a guess, and marked as made. Other tables are copied. Without a dialect, a serial column
 * of the parent stays one. */
struct table *table_apart(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct table *t);
/* How PostgreSQL would print a partition key or a bound, as far as that is possible without it. */
const char *partition_by_native(struct ctx *ctx, const struct dialect *dialect, const char *text);
const char *bound_native(struct ctx *ctx, const struct dialect *dialect, const char *text);

/* ---- owners and privileges ----------------------------------------------------------------------------- */

/* An object that has an owner, and perhaps privileges. */
struct access_place {
    const struct access_kind *kind;
    const char *name;   /* as models and operations name it: "app.posts", "slug(text)" */
    const char *schema; /* NULL: the default one, or it is in none */
    struct pos pos;
    struct access **access;
    const struct table *table; /* NULL: the object is not a table */
    bool is_linked;            /* a sequence that belongs to a column: its owner is the table's */
};
struct access_walk {
    bool (*visit)(void *user, const struct access_place *place); /* false ends the walk */
    void *user;
    struct arena *arena; /* for names */
};
/* Visits the schemas first, then types and functions, then relations. False: a visit returned that. */
bool schema_each_access(const struct schema *s, const struct access_walk *w);
/* False: the schema has no such object. */
bool schema_find_access(
    struct arena *a, const struct schema *s, const char *on, const char *name, struct access_place *ret);

/* ---- looking things up ----------------------------------------------------------------------------------
 * The schema's own lists must be sorted (schema_sort) for its functions; schema_insert_… keeps them so.
 */

struct table *schema_table(const struct schema *s, const struct qname *name);
struct enumeration *schema_enum(const struct schema *s, const struct qname *name);
struct view *schema_view(const struct schema *s, const struct qname *name);
struct sequence *schema_sequence(const struct schema *s, const struct qname *name);
struct column *table_column(const struct table *t, const char *name);
struct index *table_index(const struct table *t, const char *name);
/* The constraint of that name, of whatever kind, or NULL. */
struct constraint *table_constraint(const struct table *t, const char *name);
/* The list that holds constraints of this kind; PRIMARY_KEY has none. */
struct constraints *table_constraints(struct table *t, enum constraint_kind kind);
/* Visits all constraints, the primary key first. Start with *state = 0. NULL at the end. */
struct constraint *table_next_constraint(const struct table *t, size_t *state);
bool column_in_key(const struct table *t, const char *column);

struct column *column_copy(struct ctx *ctx, const struct column *c); /* lists are copied, texts are shared */
struct constraint *constraint_copy(struct ctx *ctx, const struct constraint *c);
struct index *index_copy(struct ctx *ctx, const struct index *i);
struct table *table_copy(struct ctx *ctx, const struct table *t);
struct view *view_copy(struct ctx *ctx, const struct view *v);
/* A table of the view's name that has its indexes: for what works on the indexes of either. */
struct table view_as_table(const struct view *v);
void schema_sort(struct schema *s);
void schema_insert_table(struct ctx *ctx, struct schema *s, struct table *t);
void schema_insert_enum(struct ctx *ctx, struct schema *s, struct enumeration *e);
void schema_insert_view(struct ctx *ctx, struct schema *s, struct view *v);
void schema_insert_sequence(struct ctx *ctx, struct schema *s, struct sequence *q);
/* Removes an object from its list; nothing happens if it is not in it. */
void schema_remove_table(struct schema *s, const struct table *t);
void schema_remove_enum(struct schema *s, const struct enumeration *e);
void schema_remove_view(struct schema *s, const struct view *v);
void schema_remove_sequence(struct schema *s, const struct sequence *q);

/* Whether there may be one of this name, in any case of its letters, and in any schema; a search tells. For operations:
 * nearly every name is new, and not searched for then. */
bool schema_may_have_table(struct ctx *ctx, struct schema *s, const char *name);
bool schema_may_have_index(struct ctx *ctx, struct schema *s, const char *name);
/* The only table or view that may have the index; NULL: not known. */
const struct qname *schema_index_owner(struct ctx *ctx, struct schema *s, const char *name);
/* Whether a table may be a partition, or inherit from another one. */
bool schema_may_have_children(struct ctx *ctx, struct schema *s);
/* To be called when an object that is in the schema has got a parent or an index. `owner` is the name in the object. */
void schema_note_table(struct ctx *ctx, struct schema *s, struct table *t);
void schema_note_indexes(struct schema *s, const struct qname *owner, const struct indexes *list);
void schema_note_index(struct schema *s, const struct qname *owner, const char *index);

/* ---- types ------------------------------------------------------------------------------------------- */

/* The portable kinds of type. */
enum type_kind {
    TYPE_SMALLINT,
    TYPE_INTEGER,
    TYPE_BIGINT,
    TYPE_BOOLEAN,
    TYPE_REAL,
    TYPE_DOUBLE,
    TYPE_NUMERIC,
    TYPE_STRING,
    TYPE_CHAR,
    TYPE_TEXT,
    TYPE_BINARY,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_TIMESTAMP,
    TYPE_TIMESTAMPTZ,
    TYPE_INTERVAL,
    TYPE_UUID,
    TYPE_JSON,
    TYPE_JSONB,
    TYPE_ENUM,
    TYPE_OTHER, /* passed to the database as it stands */
};

/* A model's type, taken apart. */
struct type {
    enum type_kind kind;
    int64_t args[2]; /* length; precision and scale */
    unsigned nargs;
    struct qname enumeration;
    unsigned dimensions; /* of an array */
    const char *text;    /* TYPE_OTHER: as written, trimmed */
};
/* "varchar(80)[]" → TYPE_STRING, 80, one dimension. Aliases of SQL and SQLAlchemy are known. Only malformed
 * arguments of a known type fail; the message goes into ret_problem. */
bool type_parse(struct arena *a, const char *text, struct type *ret, const char **ret_problem) ATTR_CHECKED;
/*
 * The type of a column for one dialect, as the models say it. What stands under the dialect's own name is
 * TYPE_OTHER, passed as it stands, unless it is spelt exactly as type_text() would. Nothing for this dialect
 * and malformed arguments are errors without a place.
 */
bool column_type(struct ctx *ctx, const char *dialect, const struct column *c, struct type *ret) ATTR_CHECKED;
/* The canonical model spelling. */
char *type_text(struct arena *a, const struct type *t);
bool type_is_integer(const struct type *t);
/* Whether some database is known to have a type of this name; else the portable name that is nearest, or NULL. */
bool type_is_known(struct ctx *ctx, const char *text, const char **ret_nearest);
