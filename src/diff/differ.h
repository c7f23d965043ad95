/* What the files of the differ share. */
#pragma once

#include "cmig/dialect.h"
#include "cmig/diff.h"

/* ---- renames (rename.c) ----------------------------------------------------------------------------------- */

/* An object of one schema that has another name in the other one. */
struct renamed {
    enum op_kind kind; /* OP_RENAME_TABLE, …_COLUMN, …_VIEW, …_ENUM, …_SEQUENCE, or of an object */
    /* Of a column: the new name of its table. Of an object on a table or view: the old name of that, since objects are
     * renamed first. */
    struct qname table;
    const char *signature; /* of an object that has one, when it is renamed */
    struct qname from, to;
};
struct renames VEC_OF(struct renamed);

/* A `renamed_from` of the models (rename_wish.c). */
struct wish {
    struct qname from, to; /* of a column: without a schema */
    struct pos pos;
    const char **renamed_from;   /* the place of the hint; set to NULL if it does not apply */
    bool old_exists, new_exists; /* in the database */
    bool old_stays;              /* the models have an object of the old name, too */
    bool hinted;                 /* an option gave it */
    bool holds;
};
/* Those of the tables, of the enums, or of the columns of a table. */
struct wishes {
    const char *kind;
    struct qname table;
    bool by_key; /* their names are keys of objects: "f(text)" */
    struct wish *v;
    uint32_t n, cap;
};
/* Decides which of them apply. Circles and contradictions are errors, as is one that leaves open which of two
 * objects of the database is dropped, unless `no_rename` drops the old one. */
bool wishes_settle(
    struct ctx *ctx, const struct dialect *dialect, bool no_rename, struct wishes *list) ATTR_CHECKED;
/* Whether a valid one renames the object with this name. */
bool wishes_take(const struct dialect *dialect, const struct wishes *list, const struct qname *name);

/* Copies the hints to `renamed_from` of the models' objects, and clears it where nothing is renamed. */
bool renames_resolve(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    const struct schema *database, struct schema *models) ATTR_CHECKED;
/* What a table of resolved models is in the database, or NULL. */
struct table *table_before(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *database, const struct table *t);
/* The renames that lead from the database to resolved models. */
void renames_collect(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, struct renames *ret);
/* The same the other way round. */
void renames_reverse(
    struct ctx *ctx, const struct dialect *dialect, const struct renames *renames, struct renames *ret);
/* Their operations, so that no name is used before it is free; an object in the way gets another name. */
void renames_order(struct ctx *ctx, const struct dialect *dialect, const struct schema *from,
    const struct renames *renames, struct ops *ret);
/* A temporary name, truncated to the dialect's limit; `n` distinguishes several. */
const char *name_aside(struct ctx *ctx, const struct dialect *dialect, const char *name, unsigned n);
/* The schema with its tables, columns … under the new names: itself, or a copy when there are any. */
bool renames_apply(struct ctx *ctx, const struct dialect *dialect, struct schema *from, const struct ops *ops,
    struct schema **ret) ATTR_CHECKED;
/* Orders them and applies them. Texts that name a renamed object are taken from `to` if they differ only in its
 * name: databases update such references. */
bool renames_follow(struct ctx *ctx, const struct dialect *dialect, struct schema *from,
    const struct schema *to, const struct renames *renames, struct ops *ret_ops,
    struct schema **ret) ATTR_CHECKED;

/* Objects of the table of kinds (pair_objects.c): kinds that the models do not list are left alone, and
 * their objects become unmodelled ones. */
/* Gives both schemas the same list of default privileges, empty where one has none; what models do not list is left alone. */
void pair_default_accesses(struct ctx *ctx, struct schema *database, struct schema *models);
void pair_objects(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, struct schema *models);

/* Leaves the database's partitions out where the models do not list them (children.c). */
void pair_partitions(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models);

/* Takes what the database's heirs have of their own for inherited, where parents have it and models do not list it
 * (heirs.c). */
void pair_heirs(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models);

/* ---- what is not modelled (unmodelled.c) ------------------------------------------------------------------ */

/* Adds operations that create again the database's objects that were dropped with a table or view. */
void diff_restore_unmodelled(
    struct ctx *ctx, const struct dialect *dialect, const struct unmodelleds *list, struct diff *diff);

/* ---- databases without an object (limits.c) ---------------------------------------------------------------- */

/* Sets `only` of operations that drop or rename what exists in some databases only. */
void diff_limit(struct ctx *ctx, const struct schema *models, struct diff *diff);

/* ---- shapes (shape.c) ------------------------------------------------------------------------------------- */

bool same_name(const struct dialect *dialect, const char *a, const char *b);
bool same_qname(const struct dialect *dialect, const struct qname *a, const struct qname *b);
bool same_names(const struct dialect *dialect, const struct strings *a, const struct strings *b);
bool same_name_set(
    const struct dialect *dialect, const struct strings *a, const struct strings *b); /* in any order */
bool same_expr(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c, const char *a, const char *b);
/* Whether two constraints, or indexes, are alike but for their names and comments. */
bool same_constraint(
    struct ctx *ctx, const struct dialect *dialect, const struct constraint *a, const struct constraint *b);
bool same_index(struct ctx *ctx, const struct dialect *dialect, const struct index *a, const struct index *b);
/* The same without comparing texts, which may turn out to be equal. */
bool like_constraint(const struct dialect *dialect, const struct constraint *a, const struct constraint *b);
/* Whether two parts have the same collation and operator class. */
bool same_part_kind(const struct dialect *dialect, const struct index_part *a, const struct index_part *b);
bool like_index(const struct dialect *dialect, const struct index *a, const struct index *b);
/* Whether a constraint, or an index, names a column. */
bool constraint_names(const struct dialect *dialect, const struct constraint *c, const char *column);
bool index_names(const struct dialect *dialect, const struct index *i, const char *column);
/* Whether two columns have the same native type, however it is spelled. */
bool same_native_type(const struct dialect *dialect, const struct column *a, const struct column *b);
/* Options of one dialect. */
bool same_options(const struct dialect *dialect, const struct options *a, const struct options *b);
/* Whether an option is the dialect's, and is compared. */
bool option_counts(const struct dialect *dialect, const struct option *o);

/* ---- pairs (pair.c) --------------------------------------------------------------------------------------- */

/* For each of b's constraints (or indexes) the one of a's that it is, or NULL: by name and shape, by shape, or by name. Those of
 * a that nothing is are marked in ret_left. */
struct match {
    void **of;  /* by position in b */
    bool *left; /* by position in a */
    bool any_left;
};
struct match match_constraints(
    struct ctx *ctx, const struct dialect *dialect, const struct constraints *a, const struct constraints *b);
struct match match_indexes(
    struct ctx *ctx, const struct dialect *dialect, const struct indexes *a, const struct indexes *b);
/* Turns unique constraints of the database into indexes if the models have them as indexes, on databases that do
 * not distinguish the two. */
void pair_uniques(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models);
/* Enum columns of the models and what replaces them where the dialect has no enums (enums.c). */
void pair_enums(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models);
/* The same for the column of a table of the database that one of this enum is. */
void pair_enum_column(struct ctx *ctx, const struct dialect *dialect, struct schema *database,
    struct table *before, const struct enumeration *e, const struct column *c);
/* Takes serial columns apart where the other schema has their parts (serials.c). */
void pair_serials(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, struct schema *models);
/* The sequence that a column's default takes its numbers from (serials.c). */
bool column_takes_from(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    const struct table *t, const struct column *c, struct qname *ret);
/* What a column of the models is in the table before, by its name there; NULL: it is new (serials.c). */
struct column *column_before(
    const struct dialect *dialect, const struct table *before, const struct column *c);
/* The table of a schema whose rows a column holds, one or an array of them; NULL: none (row_types.c). */
struct table *column_row_type(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct column *c);
/* Enums as the models' columns name them (enums.c). */
const struct enumeration *column_enumeration(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct column *c);

/* ---- comparing -------------------------------------------------------------------------------------------- */

/* When an operation runs; within a phase in the order in which they were added. */
enum phase {
    PHASE_CREATE_SCHEMA,
    PHASE_CREATE_EXTENSION,
    PHASE_RENAME_OBJECT, /* of the table of kinds */
    PHASE_DROP_ON_TABLE, /* policies, rules, triggers, … */
    PHASE_DROP_VIEW,     /* and functions and the like that name tables or views */
    PHASE_RENAME,
    PHASE_DETACH,
    PHASE_DROP_FOREIGN_KEY,
    PHASE_DROP_INDEX,
    PHASE_DROP_CONSTRAINT,
    PHASE_DETACH_SEQUENCE,
    PHASE_DROP_TABLE_EARLY,  /* their names are needed */
    PHASE_DROP_COLUMN_EARLY, /* generated columns, which hold on to others */
    PHASE_RENAME_PART,
    PHASE_DROP_REMADE, /* objects that cannot be changed, or name an enum that is recreated */
    PHASE_CREATE_ENUM,
    PHASE_LEAVE_ENUM, /* columns of a recreated enum get another type, which may lack their values */
    PHASE_ALTER_ENUM,
    PHASE_CREATE_SEQUENCE,
    PHASE_CREATE_OBJECT,
    PHASE_CREATE_TABLE,
    PHASE_ADD_COLUMN,
    PHASE_ALTER_COLUMN,
    PHASE_ALTER_CHILD, /* after the columns of its parents */
    PHASE_ADD_GENERATED,
    PHASE_DROP_COLUMN,
    PHASE_DROP_TABLE,
    PHASE_CREATE_CONSTRAINT,
    PHASE_DETACH_BOUND, /* partitions that get another bound, and their parent's new columns before */
    PHASE_CREATE_PARTITION,
    PHASE_ATTACH,
    PHASE_COPY_ROWS,  /* of tables that are replaced, once all partitions are there */
    PHASE_DROP_ASIDE, /* the replaced ones */
    PHASE_CREATE_INDEX,
    PHASE_CREATE_FOREIGN_KEY,
    PHASE_NAME_INDEX, /* of partitions, which have it because their parent does */
    PHASE_DROP_OBJECT,
    PHASE_ALTER_SEQUENCE,
    PHASE_DROP_SEQUENCE,
    PHASE_DROP_ENUM,
    PHASE_CREATE_VIEW,
    PHASE_CREATE_ON_TABLE,
    PHASE_COMMENT,
    PHASE_GRANT_SCHEMA,
    PHASE_ACCESS,
    PHASE_REVOKE_SCHEMA,
    PHASE_DROP_EXTENSION,
    PHASE_DROP_SCHEMA,
    PHASES
};

/* A table with a dropped part on which views, foreign keys or other objects may depend. */
struct touched {
    struct qname name, old_name;
    const char *lower;      /* the name without its schema, in lower case */
    bool whole;             /* dropped or renamed */
    bool replaced;          /* with all that is on it */
    struct strings columns; /* dropped, recreated, or of another type */
};
struct toucheds VEC_OF(struct touched *);

/* A key that is dropped. */
struct lost_key {
    const struct table *table;
    const struct strings *columns;
};
struct lost_keys VEC_OF(struct lost_key);

/* A comparison in one direction. */
struct differ {
    struct ctx *ctx;
    const struct dialect *dialect;
    struct schema *from, *to; /* `from` with the new names */
    unsigned manages;         /* MANAGE_… bits */
    struct ops phases[PHASES];
    struct tables dropped, created;
    struct toucheds touched;
    struct map touched_by_name; /* the same, by "schema\nname" */
    struct lost_keys lost;
    struct map replaced;                /* the roots of trees that are replaced (rebuild.c) */
    struct map remade;                  /* "table\ncolumn": enum remade */
    struct object_pairs *objects;       /* of objects_by_kind.c */
    struct strings recreated_enums;     /* their names in lower case, where enums are types */
    struct strings going;               /* names of dropped ones, which may be created again, in lower case */
    struct differences *found;          /* NULL: nobody asks */
    struct differences *refused;        /* NULL: nobody asks */
    struct rename_questions *questions; /* NULL: nobody asks */
};

struct op *differ_add(struct differ *d, enum phase phase, struct op *op);
/* A name as a key of maps. */
const char *differ_key(const struct differ *d, const struct qname *name);
void differ_found(struct differ *d, struct pos pos, const char *fmt, ...) ATTR_FORMAT(3, 4);
struct touched *differ_touch(struct differ *d, const struct table *t);
const struct touched *differ_touched(const struct differ *d, const struct qname *table);
/* Whether the dialect rebuilds tables by itself, with all that belongs to them. */
bool differ_rebuilds(const struct differ *d);

/* What happens to a column that other objects name. */
enum remade {
    REMADE_NOT,
    REMADE_TYPE, /* its enum is recreated: expressions on it must be dropped first, plain columns need not */
    REMADE_COLUMN, /* it is dropped and added again */
};
void differ_remake(struct differ *d, const struct table *t, const char *column, enum remade how);
enum remade differ_remade(const struct differ *d, const struct table *t, const char *column);

/* Sequences that have another name afterwards (serials.c). */
void rename_sequences(struct differ *d, struct ops *ret);
/* Settings of the whole database. */
void compare_database(struct differ *d);
void compare_namespaces(struct differ *d);
/* Changes of objects of the table of kinds are decided before the views are compared, and written
 * afterwards. */
void compare_objects(struct differ *d);
void finish_objects(struct differ *d);
/* Whether a text names an object that is dropped, perhaps to be created again. */
bool differ_needs_going(const struct differ *d, const char *sql);
void compare_enums(struct differ *d);
void compare_sequences(struct differ *d);
void compare_tables(struct differ *d);
/* The type that a typed table is of, as models name it, or NULL (typed_tables.c). */
const char *table_type(const struct table *t);
void compare_types(struct differ *d);
/* A column that is of a type, domain or collation before and afterwards, as "table.column"; NULL: none (type_users.c). */
const char *column_of_object(
    struct differ *d, enum object_kind kind, const struct object *before, const struct object *after);
/* Whether an object of before is dropped, perhaps to be created again. */
bool differ_goes(const struct differ *d, enum object_kind kind, const struct object *o);
/* Tables whose partition key changes are replaced, with their partitions (rebuild.c). */
void find_replaced(struct differ *d);
/* Whether a table's tree is replaced, and whether a table of that name is, which exists before and afterwards. */
bool differ_replaces_tree(const struct differ *d, const struct schema *s, const struct table *t);
bool differ_replaces(const struct differ *d, const struct qname *name);
/* In place of dropping a table of such a tree. */
void put_aside(struct differ *d, const struct table *a);
const struct table *partition_root(const struct schema *s, const struct table *t);
/* The sequence leaves its table, and belongs to the new one afterwards. */
void sequence_changes_table(struct differ *d, const struct sequence *q);
/* Adds and drops parents (heirs.c). A table that inherits from others than before is compared as *ret_a and *ret_b, which
 * have only the parents that stay. */
void compare_inherits(struct differ *d, const struct table *a, const struct table *b, struct table **ret_a,
    struct table **ret_b);
/* The default of a column that has it from its parents, or from a sequence. */
struct value default_in(
    struct differ *d, const struct schema *s, const struct table *t, const struct column *c);
/* Names of partitions' indexes that belong to indexes of their parents (index_names.c), once all else is compared. */
void compare_index_names(struct differ *d);
/* Whether a partition of the table no longer has its part of an index that not all of them have. */
bool differ_loses_part(
    const struct differ *d, const struct table *t, const char *before, const struct index *index);
void compare_not_null(struct differ *d, const struct table *a, const struct table *b);
void order_children(struct differ *d);
void compare_own_defaults(struct differ *d, const struct table *a, const struct table *b);
/* Attaches, detaches and moves a partition. One that becomes or was a table of its own is compared as such, as *ret_a and
 * *ret_b, with all its columns, keys and indexes. */
void compare_partition(struct differ *d, const struct table *a, const struct table *b, struct table **ret_a,
    struct table **ret_b);
/* Refuses to drop or retype a column of the partition key. */
void differ_refuse(struct differ *d, struct pos pos, const char *text, const char *hint);
void refuse_key_column(struct differ *d, const struct table *t, const struct column *c);
/* A column of a table, and of all below it, is dropped or gets another type. */
void touch_column(struct differ *d, const struct table *t, const char *column);
/* Whether a table inherits from this one before the changes. */
bool has_heirs(const struct differ *d, const struct table *t);
/* When a new table is created: partitions of tables that exist wait for the bounds that they need. */
enum phase create_phase(const struct differ *d, const struct table *t);
/* Whether a dropped partition may have the bound of a new one. */
bool partition_goes_early(const struct differ *d, const struct table *t);
/* Detaches a dropped partition of a table that foreign keys still refer to: the server would not drop it otherwise. */
void detach_dropped(struct differ *d, const struct table *t, enum phase phase);
/* Whether a parent has the column on both sides: then the change of the parent's is the change of this one, too. */
bool column_is_of_parents(
    struct differ *d, const struct table *a, const struct table *b, const struct column *c);
void compare_columns(struct differ *d, const struct table *a, const struct table *b);
void compare_parts(struct differ *d, const struct table *a, const struct table *b);
/* Of a materialized view. */
void compare_view_indexes(struct differ *d, const struct view *a, const struct view *b);
void compare_views(struct differ *d);
void compare_foreign_keys(struct differ *d);
/* After all others: adds the owners and privileges of created objects (privileges.c). */
void compare_accesses(struct differ *d);

bool enum_covers(struct differ *d, const struct column *a, const struct column *b);
/* Whether a column changes from an enum type to one that already exists. */
bool enum_is_left(struct differ *d, const struct column *a, const struct column *b);
/* Drops a foreign key of an existing table, once. */
void drop_foreign_key(struct differ *d, const struct table *t, const struct constraint *c);

/* Puts the renames of indexes and constraints in order (rename_parts.c). */
void renames_order_parts(struct differ *d);
/* Renames sequences and enums that are dropped last, if new objects need their names earlier. */
void clear_dropped_names(struct differ *d);
/* Operations that drop and create tables (order.c). */
void order_dropped(struct differ *d);
void order_created(struct differ *d);

/* Operations (spell.c), which contain copies in the spelling of model files. */
struct op *op_create_table_for(struct differ *d, const struct table *t);
struct op *op_add_column_for(struct differ *d, const struct table *t, const struct column *c);
struct op *op_create_index_for(struct differ *d, const struct table *t, const struct index *i);
struct op *op_create_constraint_for(struct differ *d, const struct table *t, const struct constraint *c);
struct op *op_drop_constraint_for(struct differ *d, const struct table *t, const struct constraint *c);
struct op *op_drop_index_for(struct differ *d, const struct table *t, const struct index *i);
struct op *op_rename_part_for(
    struct differ *d, enum op_kind kind, const struct table *t, const char *from, const char *to);
struct op *op_set_comment_for(
    struct differ *d, const char *on, const struct qname *table, struct qname name, const char *comment);
struct op *op_view_for(struct differ *d, enum op_kind kind, const struct view *v);
struct op *op_drop_for(struct differ *d, enum op_kind kind, const struct qname *name);
struct column *spelled_column(struct differ *d, const struct table *t, const struct column *c);
/* Whether their lists of columns are equal, on databases whose stored query does not contain them. */
bool view_same_columns(const struct dialect *dialect, const struct view *a, const struct view *b);
/* Whether a view reads a table or view of its schema: a reflected view knows it, otherwise its text tells. */
bool view_reads_name(const struct schema *s, const struct view *v, const struct qname *name);

/* The dialect's options that lead from one to the other: new and changed values, and "" for removed ones. */
struct options *options_between(const struct differ *d, const struct options *a, const struct options *b);
