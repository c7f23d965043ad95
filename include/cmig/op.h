/*
 * Operations: what a revision does, as data.
 *
 * The table has a row per kind: its name, its record and its effect on a schema. The differ writes operations,
 * revision files contain them, dialects render them as SQL, and op_apply applies them to a schema in memory.
 */
#pragma once

#include "cmig/schema.h"

enum op_kind {
    OP_CREATE_SCHEMA,
    OP_DROP_SCHEMA,
    OP_ALTER_DATABASE,
    OP_CREATE_ENUM,
    OP_DROP_ENUM,
    OP_ALTER_ENUM,
    OP_RENAME_ENUM,
    OP_CREATE_SEQUENCE,
    OP_DROP_SEQUENCE,
    OP_ALTER_SEQUENCE,
    OP_RENAME_SEQUENCE,
    OP_CREATE_TABLE,
    OP_DROP_TABLE,
    OP_RENAME_TABLE,
    OP_ALTER_TABLE,
    OP_ATTACH_PARTITION,
    OP_DETACH_PARTITION,
    OP_ADD_PARENT,
    OP_DROP_PARENT,
    OP_RENAME_PARTITION_INDEX,
    OP_ADD_COLUMN,
    OP_DROP_COLUMN,
    OP_ALTER_COLUMN,
    OP_RENAME_COLUMN,
    OP_CREATE_INDEX,
    OP_DROP_INDEX,
    OP_RENAME_INDEX,
    OP_CREATE_PRIMARY_KEY,
    OP_CREATE_UNIQUE_CONSTRAINT,
    OP_CREATE_CHECK_CONSTRAINT,
    OP_CREATE_FOREIGN_KEY,
    OP_CREATE_EXCLUDE_CONSTRAINT,
    OP_DROP_CONSTRAINT,
    OP_RENAME_CONSTRAINT,
    OP_VALIDATE_CONSTRAINT,
    OP_CREATE_TABLE_COMMENT,
    OP_DROP_TABLE_COMMENT,
    OP_SET_COMMENT,
    OP_CREATE_VIEW,
    OP_DROP_VIEW,
    OP_REPLACE_VIEW,
    OP_RENAME_VIEW,
    OP_BULK_INSERT,
    OP_COPY_ROWS,
    OP_EXECUTE,
    OP_BACKFILL,
    OP_RUN,
    OP_ASSERT,
    OP_GRANT,
    OP_REVOKE,
    OP_CHANGE_OWNER,
#define OBJECT_OPERATIONS(KIND, ...) OP_CREATE_##KIND, OP_CHANGE_##KIND, OP_DROP_##KIND, OP_RENAME_##KIND,
    EACH_OBJECT_KIND(OBJECT_OPERATIONS)
#undef OBJECT_OPERATIONS
        OP_KINDS
};
/* What is done to an object, in the order of its operations. */
enum object_verb { OBJECT_CREATE, OBJECT_CHANGE, OBJECT_DROP, OBJECT_RENAME, OBJECT_VERBS };
enum op_kind op_kind_of_object(enum object_kind kind, enum object_verb verb);
/* The object's kind of such an operation; OBJECT_KINDS for any other. */
enum object_kind op_object_kind(enum op_kind kind);
/* What it does; OBJECT_VERBS for any other. */
enum object_verb op_object_verb(enum op_kind kind);

/* create_schema, drop_schema */
struct op_schema {
    const char *name;
    bool if_exists, if_not_exists, cascade;
};
/* create_table: the table's own fields, and */
struct op_create_table {
    struct table table;
    bool if_not_exists;
};
/* drop_table drop_view drop_enum drop_sequence */
struct op_drop {
    struct qname name;
    bool if_exists, cascade;
    bool dangling; /* for a table or view: objects that refer to it may remain */
};
/* rename_table rename_view rename_enum rename_sequence: the new name may be in another schema */
struct op_rename {
    struct qname name, new_name;
};
/* alter_table: options under a dialect's name (`sqlite: {strict: true}`); null takes one away, which is an empty
 * value here */
struct op_alter_table {
    struct qname table;
    struct options options;
};
/* alter_database: the same for settings of the whole database */
struct op_alter_database {
    struct options options;
};
/* The values of the `columns`; the sequences of the identity columns among `numbered` continue. */
struct op_copy_rows {
    struct qname table, from;
    bool with_owner; /* the table gets the owner of the other one */
    struct strings columns, numbered;
};
/* add_parent, drop_parent: the table inherits from `parent`, or no longer does */
struct op_parent {
    struct qname table, parent;
};
/* attach_partition, detach_partition: `partition` is a table that becomes, or was, a partition of `table` */
struct op_partition {
    struct qname table, partition;
    struct expr bound; /* attach_partition */
    bool concurrently; /* detach_partition; of a segment of an online operation only */
};
struct op_create_enum {
    struct enumeration enumeration;
};
/*
 * alter_enum: the whole new list of values. Values that are new are added in place, `rename` renames some
 * first; if one is removed or moved, the type is recreated. `columns` ("posts.status") are those that use it,
 * which must change with a recreated type, and in dialects without enum types. `replace` is the value that
 * replaces a removed one in rows.
 */
struct op_alter_enum {
    struct qname name;
    struct strings values, existing_values;
    struct strings columns;
    struct rename_pairs VEC_OF(struct rename_pair *) rename, replace;
};
struct rename_pair {
    const char *from, *to;
};
struct op_sequence {
    struct sequence sequence; /* create_sequence; alter_sequence: all settings of the result */
};
/* add_column: the column's own fields, and */
struct op_add_column {
    struct qname table;
    struct column column;
    bool if_not_exists;
    bool first;                    /* before all others, where the database supports that */
    const char *after;             /* after this one, where the database supports that */
    struct constraint *references; /* created together with the column if that is possible */
};
struct op_drop_column {
    struct qname table;
    const char *name;
    bool if_exists, cascade;
    bool dangling; /* objects that refer to it may remain */
};
/* alter_column: only what was given changes. `type` drops and sets no default by itself. A default, on_update, comment,
 * identity, generated or collation given as null is removed. */
struct op_alter_column {
    struct qname table;
    const char *name;
    const char *new_name;
    struct dtext type;
    struct dtext using; /* expression for the conversion of rows */
    bool nullable;
    struct value dflt;
    struct value on_update;
    const char *comment;
    const char *collation;
    struct identity *identity;
    struct generated *generated;
    enum tri autoincrement;
    struct strings *values; /* of an enum type */
    struct options *options;
    uint32_t given; /* bits as in op_alter_column_fields: see ALTER_… */
};
enum alter_field { /* positions in the record's table of fields */
    ALTER_TABLE_NAME,
    ALTER_NAME,
    ALTER_NEW_NAME,
    ALTER_TYPE,
    ALTER_USING,
    ALTER_NULLABLE,
    ALTER_DEFAULT,
    ALTER_ON_UPDATE,
    ALTER_COMMENT,
    ALTER_COLLATION,
    ALTER_IDENTITY,
    ALTER_GENERATED,
    ALTER_AUTOINCREMENT,
    ALTER_VALUES,
    ALTER_OPTIONS
};
#define ALTER_HAS(op, field) (((op)->given >> (field)) & 1u)
/* rename_column rename_index rename_constraint; rename_partition_index: `name` is that of the parent's index */
struct op_rename_part {
    struct qname table;
    const char *name, *new_name;
};
struct op_create_index {
    struct qname table;
    struct index index;
    struct qname attach_to; /* of a partition's index: the parent's, of which it becomes a part; name NULL: none */
    bool if_not_exists, concurrently;
    bool alone; /* without the table's partitions; of a segment of an online operation only */
};
struct op_drop_index {
    struct qname table;
    const char *name;
    bool if_exists, concurrently;
};
/* create_primary_key create_unique_constraint create_check_constraint create_foreign_key
 * create_exclude_constraint */
struct op_create_constraint {
    struct qname table;
    struct constraint constraint; /* kind is set by the operation's kind */
    const char *using_index;      /* becomes the constraint's index, and is no longer an index of its own */
    bool alone; /* without the table's partitions; of a segment of an online operation only */
};
/* drop_constraint: by name, or, for one without a name (SQLite), by type and columns or expression */
struct op_drop_constraint {
    struct qname table;
    const char *name;
    int type; /* enum constraint_kind + 1; 0: not given */
    struct strings columns;
    struct qname references; /* FOREIGN_KEY: the table; may be left out where the columns are enough */
    struct expr check;
    bool if_exists, cascade;
};
struct op_validate_constraint {
    struct qname table;
    const char *name;
};
/* create_table_comment drop_table_comment */
struct op_table_comment {
    struct qname table;
    const char *comment;
};
/* set_comment: on an index, constraint, view, enum, sequence, schema, or an object of a kind; comment null takes it
 * away */
struct op_set_comment {
    const char *on;     /* "index", "constraint", "view", "enum", "sequence", "schema", "trigger", … */
    struct qname table; /* of a constraint, an index, or an object that is on one */
    struct qname name;
    const char *comment;
};
struct op_view {
    struct view view; /* create_view, replace_view */
};
/* create_extension, alter_extension, create_function, replace_function, drop_function, …: an object; of one that is
 * altered the settings that change, of one that is dropped or renamed no more than its name. */
struct op_object {
    struct object object;
    bool if_not_exists, if_exists, cascade;
    const char *new_name; /* for rename: the new name as in a model, without the types of its arguments */
    bool remake;          /* of one that is replaced: it is dropped and created */
    struct strings steps; /* of one that is replaced: what does it in place; empty: the object's own SQL */
};
struct dialect_place {
    const char *dialect; /* NULL: any */
    struct text_place place;
};
struct text_places VEC_OF(struct dialect_place);
struct op_execute {
    struct dtext sql;    /* one or several statements */
    struct dtext file;   /* or a file next to the revision, whose text becomes `sql` before anything runs */
    const char *role;    /* what a message calls it instead; NULL: an operation */
    struct pos text_pos; /* of the first byte of `sql`, where a file holds it as it is; line 0: not known */
    struct text_places *places; /* of the text for each dialect, in a YAML file; or NULL */
    bool outside;               /* of a transaction; of a segment of an online operation only */
};
/* bulk_insert: rows as mappings from column to value */
struct row_value {
    const char *column;
    struct value value; /* VALUE_NONE: null */
};
struct row VEC_OF(struct row_value *);
struct rows VEC_OF(struct row *);
struct op_bulk_insert {
    struct qname table;
    struct rows rows;
    const char *file; /* beside the revision: .csv, .json; NULL: `rows` */
};

/* backfill: sets columns of the rows that `where` selects, batch by batch along a key, each in a transaction of its
 * own */
struct assignment {
    struct pos pos;
    const char *column;
    struct dtext sql;
};
/* The placeholder in new revisions where only a person knows the value: no revision with it runs. */
#define VALUE_PLACEHOLDER "FILL_ME_IN"
struct op_backfill {
    struct qname table;
    struct assignments VEC_OF(struct assignment *) set;
    struct dtext where;
    const char *key; /* NULL: the primary key */
    int64_t batch;   /* rows; 0: the usual number */
};
/* run: a program and its arguments, between two transactions */
struct op_run {
    struct strings command;
};
/* assert: a query for rows that must not exist, or for a condition that must be true */
struct op_assertion {
    struct dtext sql;
    const char *message;
};

/* grant, revoke, change_owner */
struct op_access {
    const char *on;   /* "table", "view", "sequence", "schema", "enum", "function", … */
    const char *name; /* as models name it: "app.posts", "slug(text)" */
    const char *role; /* "public": every role; change_owner: the new owner */
    struct strings privileges;
    struct strings columns; /* empty: on the whole object */
    bool grant_option;      /* grant: with it; revoke: nothing but it */
};

struct op {
    enum op_kind kind;
    struct pos pos;
    struct strings only; /* dialects and environments it is for; empty: all */
    bool online;         /* in the form that other sessions hardly notice, where the database has one */
    const char *note;    /* a comment line for the file: what it destroys */
    unsigned at, of; /* its number in its file's list, from 1, and the size of the list; 0: not from a file */
    union {
        struct op_schema schema;
        struct op_create_table create_table;
        struct op_drop drop;
        struct op_rename rename;
        struct op_alter_table alter_table;
        struct op_alter_database alter_database;
        struct op_partition partition;
        struct op_parent parent;
        struct op_copy_rows copy_rows;
        struct op_create_enum create_enum;
        struct op_alter_enum alter_enum;
        struct op_sequence sequence;
        struct op_add_column add_column;
        struct op_drop_column drop_column;
        struct op_alter_column alter_column;
        struct op_rename_part rename_part;
        struct op_create_index create_index;
        struct op_drop_index drop_index;
        struct op_create_constraint create_constraint;
        struct op_drop_constraint drop_constraint;
        struct op_validate_constraint validate_constraint;
        struct op_table_comment table_comment;
        struct op_set_comment set_comment;
        struct op_view view;
        struct op_object object;
        struct op_execute execute;
        struct op_bulk_insert bulk_insert;
        struct op_backfill backfill;
        struct op_run run;
        struct op_assertion assertion;
        struct op_access access;
    } u;
};
struct ops VEC_OF(struct op *);

/* An operation about to be done to a schema. */
struct op_call {
    struct ctx *ctx;
    const struct dialect *dialect; /* NULL: no native spelling */
    struct schema *schema;
    const struct op *op;
};

/* The row of a kind. */
struct op_row {
    const char *name;            /* "create_table"; NULL: the kind of object has no such operation */
    const char *doc;             /* a sentence, for the man page and the JSON Schema */
    const struct record *record; /* of its member of the union */
    /* Applies it to a schema in memory; the error tells what is missing or already exists. */
    bool (*apply)(const struct op_call *call);
    /* A few words for messages: "add_column users.email". */
    const char *(*describe)(struct arena *a, const struct op *op);
    bool destroys; /* rows or columns are gone after it */
};
extern const struct op_row op_table[OP_KINDS];

struct op *op_new(struct ctx *ctx, enum op_kind kind); /* zeroed but for its kind; ALTER fields not given */
/* The effect of a rename on its object. */
struct object op_renamed_object(struct arena *a, const struct op *op);
const char *op_describe(struct arena *a, const struct op *op);
/* The frame of an error: "operation 2 of 3, add_column users.email". */
const char *op_label(struct arena *a, const struct op *op);
/* The object that an operation comments on; *ret_kind OBJECT_KINDS: it is none. */
void op_commented_object(
    struct arena *a, const struct op_set_comment *o, enum object_kind *ret_kind, struct object *ret);
/* The object of grant, revoke or change_owner: its key in models, without the default schema. `ret_kind` OBJECT_KINDS: it
 * is none of the table of kinds, and only ret->name is set. NULL: it is no name. */
const char *op_access_name(struct arena *a, const struct op_access *o, const char *default_schema,
    enum object_kind *ret_kind, struct object *ret);
struct privileges op_access_privileges(struct ctx *ctx, const struct op_access *o);
/* Whether it may change the schema: false if it only reads or changes rows, or runs a program. */
bool op_changes_schema(const struct op *op);
/* The table that it changes, or NULL. */
const struct qname *op_table_name(const struct op *op);
/* The table or other object that it creates, drops, renames or changes, or NULL; rows do not count. */
const struct qname *op_subject(const struct op *op);
/* The column, index or constraint of the table that it changes, or NULL. */
const char *op_part(const struct op *op);
/* Whether it names something in its keys or SQL texts: a table, a column, another object. */
bool op_names(struct ctx *ctx, const struct op *op, const char *name);
struct op *op_create_constraint_new(struct ctx *ctx, const struct qname *table, const struct constraint *c);
enum op_kind op_kind_of_constraint(enum constraint_kind kind);

/* `upgrade:` or `downgrade:` of a revision file: a list of single-key mappings, or of names of operations
 * without arguments; `drop_table: users` is the short form where a record has one. `environments` are those that `only`
 * may name. */
bool ops_decode(struct decoder *d, const struct node *n, const struct strings *environments,
    struct ops *ret) ATTR_CHECKED;
/* Of a list of operations: record_arrange() of each. */
void ops_arrange(struct node *n);
struct node *op_encode(struct arena *a, const struct op *op);

/* Where the text of an `execute` for this dialect is in a file. */
struct text_place op_text_place(const struct op *op, const char *dialect);

/* Where operations are to run. */
struct audience {
    const char *dialect;         /* NULL: anywhere */
    const char *environment;     /* of the configuration; NULL: none was asked for */
    struct strings environments; /* all that the configuration has */
};
/* `only`: names of dialects and environments; any other is an error with its place and a suggestion. */
bool only_decode(struct decoder *d, const struct node *n, const struct strings *environments,
    struct strings *ret) ATTR_CHECKED;
/* Whether such a list means this place; an empty one means every place. */
bool only_fits(const struct strings *only, const struct audience *to);
/* Whether `online` may be set for a kind. */
bool op_has_online_form(enum op_kind kind);
bool online_decode(struct decoder *d, const struct node *n, struct op *op) ATTR_CHECKED;
/* Sets it for the operations of a list on tables that exist before, where the dialect has such a form. */
void ops_set_online(const struct dialect *dialect, const struct ops *ops);
/* False: what the operation creates has no SQL for this dialect. Checks and indexes of a table that have none are
 * removed from it. */
bool op_is_present(struct op *op, const char *dialect);

/*
 * Applies operations to a schema. `execute` and bulk_insert change nothing. With `dialect` the columns also get
 * their native spelling, and the implied check that replaces an enum where there are none follows the column's
 * values: operations never contain it.
 */
bool ops_apply(
    struct ctx *ctx, const struct dialect *dialect, struct schema *s, const struct ops *ops) ATTR_CHECKED;
/* Names the indexes that are made without one, as `naming` says: a file that people write may leave it out. */
bool ops_name(struct ctx *ctx, const struct naming *naming, const struct dialect *dialect,
    const struct ops *ops) ATTR_CHECKED;
/* Refuses an SQL text that still has VALUE_PLACEHOLDER, with the place of the text, or of its line where `is_source`: then
 * `pos` is where a file holds the text as it is. */
bool check_placeholder(struct ctx *ctx, const char *sql, struct pos pos, bool is_source) ATTR_CHECKED;
/* Whether the database could honour them, as far as that can be told from the operations alone and the server's
 * version (conn may be NULL): an error with its place, before anything runs. */
bool ops_check(struct ctx *ctx, const struct dialect *dialect, const struct conn *conn,
    const struct ops *ops) ATTR_CHECKED;
/* One operation to one table that the caller holds; OP_RENAME_TABLE and the like change its name. */
bool op_apply_to_table(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    struct table *t, const struct op *op) ATTR_CHECKED;

/* ---- rows ------------------------------------------------------------------------------------------------ */

/*
 * The rows of a bulk_insert, one after the other: the operation's own, or with `path` those of that file, of
 * which only a few are in memory at a time. An error in the file has its line.
 */
struct row_reader;
bool rows_open(
    struct ctx *ctx, const struct op_bulk_insert *o, const char *path, struct row_reader **ret) ATTR_CHECKED;
/* *ret NULL: there are no more rows. A row is valid until the next call, and so is its place if it is from a
 * file. */
bool rows_next(struct row_reader *r, const struct row **ret, struct pos *ret_pos) ATTR_CHECKED;
void rows_close(struct row_reader **r);
/* Whether the format of a file is known from its name. */
bool rows_know_format(struct ctx *ctx, const char *path) ATTR_CHECKED;

/* ---- names in SQL texts ---------------------------------------------------------------------------------
 */

/* Whether an SQL text names this column, table or view: as a word of its own, quoted or not, outside of literals
 * and comments, and not as a function's name. */
bool sql_mentions(const char *sql, const char *name);
/* The text with the name of a type replaced, where one is cast to. `home` is the default schema, which need not be
 * named; it may be NULL. */
const char *sql_rename_type(struct ctx *ctx, const struct dialect *dialect, const char *home, const char *sql,
    const struct qname *from, const struct qname *to);
/* The types of arguments, as the database prints them, with the name of one type replaced. */
const char *signature_rename_type(struct ctx *ctx, const struct dialect *dialect, const char *signature,
    const struct qname *from, const struct qname *to);
/* The text with a name replaced, under the same rule; the text itself when it has none. `dialect` says what must
 * be quoted; it may be NULL. */
const char *sql_rename(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to);
/* The same where it is called as a function, and only there; and wherever it is. */
const char *sql_rename_calls(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to);
const char *sql_rename_all(
    struct ctx *ctx, const struct dialect *dialect, const char *sql, const char *from, const char *to);

/* ---- what names what in SQL texts ------------------------------------------------------------------------ */

struct mention;
struct pointers_found VEC_OF(void *);
struct mentions {
    struct ctx *ctx;
    struct mention_list VEC_OF(struct mention *) all;
    struct pointers_found what; /* by position in `all` */
    struct map buckets;         /* by name, in lower case */
};

/* Adds the words of a text that are not in `seen`, in lower case; function names are words, too. `ret` may be NULL. */
void words_of_sql(struct ctx *ctx, const char *sql, struct map *seen, struct strings *ret);

/* The same for all that a table is made with, but for foreign keys. */
void words_of_table(struct ctx *ctx, const struct table *t, struct map *words);

void mentions_begin(struct mentions *m, struct ctx *ctx);
/* Adds an object with this name; `text` may name others. */
void mentions_add(struct mentions *m, const char *name, const char *text, void *what);
/* The objects that were added, each after those that it names. */
struct pointers_found mentions_order(struct mentions *m);
/* Marks, by position, what names something that is marked, or (to_named) what something marked names; and so on. */
void mentions_spread(struct mentions *m, bool *marked, bool to_named);
/*
 * Spreads both marks: what an early one names is early, too, and what names a late one is late. Where both would hold,
 * it is early.
 */
void mentions_spread_late(struct mentions *m, bool *early, bool *late);
const struct strings *mentions_words(const struct mentions *m, size_t at);
