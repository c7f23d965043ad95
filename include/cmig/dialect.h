/*
 * The contract that a database fulfils, and the SQL builder.
 *
 * A dialect is a row of functions and facts. All code that writes SQL or knows a server is below src/dialect/;
 * other code uses this interface. A new dialect changes only its directory and the registry.
 */
#pragma once

#include "cmig/op.h"

struct hazard_facts;

/* ---- building SQL ------------------------------------------------------------------------------------ */

/* A statement under construction; quotes as its dialect does. */
struct sql {
    struct str text;
    const struct dialect *dialect;
};
struct sql sql_begin(struct ctx *ctx, const struct dialect *dialect);
void sql_add(struct sql *q, const char *keywords); /* text of our own, never a name or value */
void sql_ident(struct sql *q, const char *name);   /* quoted when it must be */
void sql_qname(struct sql *q, const struct qname *name);
void sql_string(struct sql *q, const char *value); /* a literal; NULL gives NULL */
void sql_int(struct sql *q, int64_t n);
void sql_columns(struct sql *q, const struct strings *names); /* (a, b) */
/*
 * The rest is printf for SQL: %I identifier, %Q qname pointer, %L literal, %C columns in parentheses (struct
 * strings pointer), %E expression or other SQL text as it stands (a comment at its end gets its line end), %d
 * int64_t, %% percent sign.
 */
void sql_addf(struct sql *q, const char *fmt, ...);
const char *sql_end(struct sql *q);
/* A text as a comment: "-- " begins each of its lines. To PostgreSQL a carriage return ends a line, too. */
const char *sql_comment(struct ctx *ctx, const char *text);

/* A statement in one line, shortened, for a message. */
const char *sql_one_line(struct ctx *ctx, const char *sql);

/* ---- statements -------------------------------------------------------------------------------------- */

enum {
    STATEMENT_OUTSIDE = 1, /* cannot run in a transaction (CREATE INDEX CONCURRENTLY) */
    STATEMENT_COPY = 2,    /* copies a table: worth a progress line */
    STATEMENT_CHECK = 4,   /* a query that must give no rows; each row it gives is part of the error */
    STATEMENT_SCRIPT = 8,  /* a user's text: may hold several statements, comments, anything */
    STATEMENT_TASK =
        16, /* OUTSIDE as well: the runner does the operation itself; the text is what stands for it in
                              a script */
    STATEMENT_ROWS = 32, /* the rows of the file `subject`, or the operation's own; the text only says so */
    STATEMENT_AGAIN =
        64, /* OUTSIDE: an earlier run had begun it, and may have been ended before the server was */
    STATEMENT_CONFINED = 128, /* its text comes from the database: it must not reach a file */
    STATEMENT_SESSION = 1024, /* puts the session back to what it was, see restore() */
    STATEMENT_SETTING =
        2048,               /* cut from a text: sets something for the session, which another session lacks */
    STATEMENT_ALTER = 4096, /* changes the table `subject`, and may copy it */
    STATEMENT_SEGMENT = 16384,    /* the transaction ends before it */
    STATEMENT_DIFFERENCE = 32768, /* *ret_changed counts only the rows that are not as before */
    STATEMENT_MODEL = 8192, /* a file that is a model: which of its statements run is decided after split() */
};
struct statement {
    const char *text;
    const struct op *op;  /* where it comes from; NULL: cmig's own */
    const struct op *key; /* the operation whose key the rows may violate, if it is another one; or NULL */
    unsigned flags;
    int64_t expect;       /* rows that it must change; -1: any */
    int64_t *ret_changed; /* gets the number of rows that it changed; may be NULL */
    const char *
        subject; /* STATEMENT_COPY, STATEMENT_ALTER: the table's name; STATEMENT_ROWS: the path, or NULL; of a move of version
                            rows: the row that must be there */
    const struct table *rows; /* STATEMENT_ROWS: the table, where values are typed by its columns; or NULL */
    /* A form for sessions that run many such statements, if the dialect has one: a statement with parameters, and
     * their values; NULL is SQL's null. */
    const char *kind;
    struct strings values;
    size_t from, to; /* STATEMENT_SCRIPT: only these bytes of the text; to 0: all of it */
    /* In an idempotent script, where the shell has `guard`: the condition on which the statement runs, and the one on
     * which it may have been applied by an earlier run of the script. NULL: always, and never. */
    const char *guard, *again;
    const struct ops
        *together;      /* the operations that one statement does, where there are several; else NULL */
    const char *remark; /* STATEMENT_SEGMENT: what a script says of the segment; or NULL */
    const char
        *refusal; /* in an idempotent script: the condition on which the script must not go on; NULL: none */
};
struct statements VEC_OF(struct statement *);
struct statement *statement_add(
    struct ctx *ctx, struct statements *list, const char *text, const struct op *op);

/* The place of its operation; in a text that a file contains unchanged, that of the byte at `at`. */
struct pos statement_pos(const struct statement *s, const char *at);

/* What a renderer may need to know of the schema before the operations; read only if it is needed. */
struct state {
    const struct dialect *dialect;
    struct conn *conn; /* offline: a stand-in, or NULL */
    struct schema *
        schema; /* without a connection: the result of replaying the revisions, as far as it is known, or NULL */
    const char *base; /* directory of the revision file, for files beside it */
    bool begun;       /* an earlier run had begun the first operation: it may be applied already */
    bool elsewhere;   /* the statements are for other databases of this schema: no row of this one counts */
    const struct ops *later; /* what follows in the same transaction, of other revisions; NULL: nothing */
    size_t *
        ret_together; /* if set, only the first operations, which one statement does, are rendered; their number */
};

/* ---- online operations ------------------------------------------------------------------------------- */

/* A part of an online operation, which is committed by itself. */
struct segment {
    struct ops ops;   /* without `online`; one that cannot be part of a transaction comes first */
    const char *lock; /* the strongest one that it takes, in the database's words; NULL: none that matters */
    const char *work; /* what it does under the lock, "scans posts"; NULL: it changes only the catalogue */
    struct ops undo;  /* what reverts it, even if it was not completed; empty: there is nothing to revert */
    bool stays;       /* it cannot be reverted */
};
struct segments VEC_OF(struct segment);

/* ---- two columns in step ----------------------------------------------------------------------------- */

/* A column and the one that will replace it: programs of two versions write to the table, each to its own column. */
struct twins {
    const struct table *table;
    const char *column, *twin;
    const char *column_type, *twin_type; /* native; NULL: both have the same type */
    const char *to_twin, *to_column;     /* expressions over the other column; NULL: a cast */
};
/* The triggers for that, and what they need, in the order of creation; and the expressions that give rows of one column the
 * values of the other one. */
struct in_step_object {
    enum object_kind kind;
    struct qname name;
    const char *sql;
};
struct in_step {
    struct VEC_OF(struct in_step_object) objects;
    const char *twin_value, *column_value;
};

/* ---- connections ------------------------------------------------------------------------------------- */

/* One of ?key=value&key=value, decoded. */
struct url_param {
    const char *key, *value; /* value NULL: it has no "=" */
};
/* A database URL, taken apart. Passwords are never printed: use url_text. */
struct url {
    const char *text;   /* as given, secret */
    const char *scheme; /* "sqlite", "postgresql", "mysql"; driver suffixes are gone */
    const char *rest;   /* SQLite: the path, "" for a memory database; others: a URI for the client library */
    const char *name;   /* SQLite: the path as it was written */
    struct VEC_OF(struct url_param) params; /* SQLite only */
    const struct dialect *dialect;
};
/* sqlite: relative paths are relative to `base` (the config's directory). */
bool url_parse(struct ctx *ctx, const char *text, const char *base, struct url *ret) ATTR_CHECKED;
/* The last value of a parameter; NULL: it is not given. */
const char *url_param(const struct url *url, const char *key);
/* Whether a parameter's value means yes; NULL does not. */
bool url_flag(const char *value);
/* For people: with "***" in place of passwords; only the scheme of what is malformed. */
char *url_text(struct arena *a, const char *url);
/* Removes the secret of a URL from a foreign message. */
char *url_mask(struct arena *a, const char *message, const char *url);
/* A message about a URL that cannot be read: what it quotes may be a piece of a password. */
char *url_hide_quoted(struct arena *a, const char *message);

/* What a statement of cmig found changed, so that the runner can tell who changed it. */
enum own_failure {
    OWN_FAILURE_NONE,
    OWN_FAILURE_ROWS,  /* rows of the version table */
    OWN_FAILURE_TABLE, /* a table, or a column of one, is missing */
    OWN_FAILURE_LOCK,  /* another cmig has the lock */
};

/* A connection; each dialect's own struct begins with this one. */
struct conn {
    const struct dialect *dialect;
    struct ctx *ctx;
    const char *default_schema; /* NULL where there are none */
    const char *read_only; /* a standby, a read-only file: why nothing can be changed, as a hint; else NULL */
    const char *unjudged;  /* why normalise() cannot be asked; NULL: it can */
    bool stand_in;         /* see open_options */
    bool publishes;        /* there are publications, so that published_query() has an answer */
    struct strings
        *unmet; /* a scratch database, whose rows prove nothing: gets the failed assertions; else NULL */
    unsigned manages;     /* MANAGE_… bits: what reflect() reads of owners and privileges */
    size_t char_width;    /* bytes of a character in names beyond ASCII; 0: as in UTF-8 */
    const char *server;   /* "PostgreSQL 15.14", for `status` */
    bool is_lost;         /* set by rollback(): the connection is gone, or its server silent */
    bool is_ended;        /* then: the server ended the session on request, or is shutting down */
    const char *instance; /* differs between servers, and after a restart of one; NULL: not known */
    uint64_t waited_us;   /* how long the last statement that did not get a lock had waited for it */
    enum own_failure own_failure;
    const char *own_statement; /* the statement of that failure */
    size_t unanswered;         /* of what was given to send(): how many are not known to be done */
};

struct version_table {
    struct qname name;     /* cmig_version */
    struct qname history;  /* cmig_history; name NULL: none is kept */
    const char *column;    /* "revision" */
    struct qname progress; /* cmig_progress: exists only while a revision is half applied */
    struct qname lock;     /* cmig_lock: exists only where the lock is a row */
};

/* What a missing database file means (SQLite). */
enum missing_database {
    MISSING_FAILS,
    MISSING_IS_EMPTY, /* as if it were empty; nothing is made */
    MISSING_IS_MADE,
};

struct open_options {
    uint64_t wait_ms; /* how long to wait for a server that is still starting */
    enum missing_database missing;
    bool read_only;
    uint64_t lock_timeout_ms;  /* SQLite: for the lock of another program */
    uint64_t table_timeout_ms; /* PostgreSQL: of statements, for locks; unless the user has set it */
    /* With has.embedded, and "" for the path: replaces a database that is not connected. It gets the same
     * schema, but no rows: user SQL that fails there is skipped with a warning, and cannot act outside of
     * it. */
    bool stand_in;
    const struct version_table *version; /* if set, its rows may be read at the same time, for versions() */
};

/* How a new database is made; NULL: as the server does. A dialect refuses what it does not have. */
struct database_settings {
    const char *owner;     /* a role */
    const char *template;  /* another database, which is copied */
    const char *encoding;  /* the character set, as the database calls it */
    const char *collation; /* of the whole database */
};

/* Statements that are committed with one that may not be able to run in a transaction. */
struct alone {
    struct statements with;          /* in the same transaction, where it can */
    struct statements before, after; /* where it cannot: in transactions of their own */
    bool begun;                      /* result: `before` is committed */
};

/* What the history row of a step records. */
struct history_entry {
    const char *revision;
    const char
        *started; /* "2026-11-20T10:00:00.123Z"; NULL: when its transaction begins, by the database's clock */
    const char *parents;   /* "a b" */
    const char *direction; /* "upgrade", "downgrade", "stamp" */
    const char *message;
    const char *user, *version;
    const char *blob, *commit; /* git ids or NULL */
    bool modified;             /* the file differs from the commit's */
    const char *path;          /* relative to the config */
    const char *text;          /* the file's */
    const char *tag;           /* --tag, or NULL */
};
struct history_row {
    int64_t id;
    const char *revision, *parents, *direction, *started, *duration_ms, *user, *version, *blob, *commit,
        *path, *outcome, *message, *tag, *text;
    bool modified;
};
struct history_rows VEC_OF(struct history_row *);
/* Which rows of the history are read, and how much of them. */
struct history_query {
    const char *revision; /* NULL: of every revision */
    int64_t id;           /* only this row; 0: all */
    int64_t limit;        /* only the newest; 0: all */
    bool without_text;    /* `text` is NULL: the texts are most of what is stored */
    bool if_permitted;    /* a table that the role may not read gives none, like a missing one */
};

/* A change of the version table: from NULL inserts, to NULL deletes. */
struct version_move {
    const char *from, *to;
};
struct version_moves VEC_OF(struct version_move);

/* Which part of a database is reflected and compared. */
struct scope {
    struct strings schemas;       /* empty: the default one */
    struct strings exclude;       /* [kind:][schema.]name globs */
    struct strings include;       /* when not empty, only these */
    struct version_table version; /* cmig's own tables, never reported */
    /* Only these tables and views need be read, in the default schema, with what is on them; NULL: all. Sequences, routines
     * and the like may be read as well. A dialect may read all. */
    const struct strings *names;
};
/* Whether an object is outside of the scope. kind: "table", "view", "enum", "index", … schema NULL: the
 * default one. */
bool scope_excludes(
    const struct scope *s, const char *kind, const struct qname *name, const char *default_schema);
/* Takes the indexes and named constraints out of a table that a pattern of their kind excludes: index:ix_tmp,
 * check:[[schema.]table.]name. */
void scope_exclude_parts(const struct scope *s, const char *default_schema, struct table *t);

/* When the SQL of an unmodelled object can run: before the tables, between tables and views, or at the end. */
enum stage { STAGE_FIRST, STAGE_TABLES, STAGE_LAST };
/* What creates an unmodelled object, which has this kind, name and detail; several may belong to one. kind NULL: a
 * setting that the others need. */
struct definition {
    const char *kind;
    struct qname name;
    const char *detail;
    const char *sql;
    enum stage stage;
};
struct definitions VEC_OF(struct definition *);

/* An empty database of the same kind, to try statements in. */
struct scratch {
    struct conn *conn; /* NULL: no scratch database */
    const char *why;   /* then: the reason */
    const char *hint;  /* and what a role needs to get one */
    const char *name;  /* for the dialect */
    bool begun;        /* a transaction is open already */
    struct url url;    /* of the database itself */
};

/* The rows of a query. A value is a VALUE_NONE, which is null, a VALUE_BOOL, a VALUE_NUMBER or a VALUE_STRING; bytes are a
 * string such as \x00ff. */
struct result_value {
    enum value_kind kind;
    const char *text; /* of VALUE_BOOL "true" or "false" */
};
struct result_row VEC_OF(struct result_value);
struct result {
    struct strings columns; /* none: the statement returns no rows */
    struct VEC_OF(struct result_row *) rows;
};

/* Features of a database. */
struct features {
    bool enums; /* types */
    bool schemas;
    bool sequences;
    bool comments;
    bool exclusion; /* constraints */
    bool identity;
    bool include;        /* columns of an index that are no part of its key */
    bool materialized;   /* views; elsewhere they are plain ones without indexes */
    bool children;       /* tables have partitions, and inherit from others */
    bool unnamed;        /* constraints may stay without a name */
    bool folded_names;   /* names that differ only in the case of letters are one name */
    bool global_indexes; /* an index name is used once per schema, not per table */
    bool key_indexes;    /* the index of a key or exclusion constraint has the constraint's name */
    bool
        unique_indexes; /* a unique index and a unique constraint are the same: reflection gives constraints */
    bool null_keys;     /* a column of a primary key takes nulls unless it is NOT NULL itself */
    bool folded_columns; /* a view's list of columns is printed as aliases in its query */
    bool column_places;  /* a new column may be put among the others at no cost */
    bool loose_keys;     /* a foreign key may refer to the first columns of any index */
    bool table_methods;  /* the usual method of an index depends on its table, and is left out */
    bool any_type;       /* accepts any word as a type, even a misspelt one */
    /* The database lives in this process: its files may be on a system that has no locks but its own, so the runner
     * reads the version rows again in each transaction, and rendering reads what the steps before left. */
    bool embedded;
    /* Tables are rebuilt for what ALTER TABLE cannot do, so that nothing that depends on a column need be dropped
     * before the column changes. */
    bool rebuilds;
    bool followed_views; /* objects that read a view follow a rename of the view */
    bool privileges;     /* roles have privileges on objects */
    bool owners;         /* objects have owners, and roles default privileges on objects that are created */
    /* A statement that changes the schema commits, both the transaction before it and itself. So every operation,
     * and every statement of an SQL text, is recorded separately, as with `transaction: false`; each such statement
     * that render() gives must be a STATEMENT_OUTSIDE. */
    bool commits_ddl;
    bool backslashes;     /* a backslash in a string escapes the next character */
    bool character_names; /* the limit of a name's length counts characters, not bytes */
    bool written_names;   /* a name without quotes is stored as it is written, not in lower case */
    bool
        object_comments; /* objects of the table of kinds have comments of their own, which COMMENT ON sets */
    /* The SQL of an object is one statement, whose end only the server knows, and its body is read when it runs: it stays
     * while tables and columns that it names change. */
    bool late_bodies;
    bool row_ranges; /* an index finds the rows for which (a, b) > (1, 2) */
    bool products;   /* servers of several names; open() sets ctx->product to that of the connected one */
};

/* An option under the dialect's name. */
struct option_row {
    const char
        *on; /* "database", "table", "column", "index", "unique", "primary_key", "check", "view", … or "*" */
    const char *key; /* may end in '*' for a family: "autovacuum_*" */
    const char
        *kind; /* "flag", "text", "sql" (the judge prints it), "number", "integer", or choices "a|b|c" */
    const char *doc;
};

struct progress;

/* How a script is written. */
struct script_manner {
    const struct version_table *version;
    uint64_t lock_timeout_ms, table_timeout_ms;
    bool idempotent;
    bool has_user_sql; /* a step changes the session, perhaps */
};

/* The program that runs a database's scripts. Texts are whole lines, without the last newline. */
struct shell {
    const char *name;           /* "psql" */
    const char *begin, *commit; /* what opens and closes a transaction */
    /* The parts of a script before and after the steps: settings of the program, and the lock; and the release of
     * the lock. NULL for nothing. `head` itself NULL: no scripts are written for this database yet. */
    const char *(*head)(struct ctx *ctx, const struct script_manner *m);
    const char *(*tail)(struct ctx *ctx, const struct script_manner *m);
    /* A statement with its end, in the form that the program requires: it takes some texts for commands of its own.
     * False for user SQL that cannot run there as in a revision; the error has the place. */
    bool (*statement)(struct ctx *ctx, const struct statement *s, bool in_transaction, const char **ret);
    /* After `head`: the lines for a text that waits for locks as long as it takes. NULL: the text. */
    const char *(*without_timeout)(struct ctx *ctx, const char *text);
    /* Whether a statement, made from texts of the user, holds anything that the program would take for a command of
     * its own, or never ends. NULL: `statement` tells. The error has the place. */
    bool (*check_text)(struct ctx *ctx, const struct statement *s);
    /* A statement that fails, with these words, when it changes no row. */
    const char *(*expect)(struct ctx *ctx, const struct statement *s, const char *words);
    /* One that fails with what a query gives. */
    const char *(*check)(struct ctx *ctx, const struct statement *s);
    /* The lines that do in a script what a STATEMENT_SESSION does in a run; *ret NULL for nothing. `conn` is what the
     * steps before were done in, or NULL. */
    bool (*restore)(struct ctx *ctx, struct conn *conn, const struct statement *s, const char **ret);
    /* What the program reads as this text, whatever it is part of. NULL: the same. */
    const char *(*lines)(struct ctx *ctx, const char *text);
    /* Lines that run those of `text` only where the condition holds. */
    const char *(*when)(struct ctx *ctx, const char *condition, const char *text);
    /* For a program without conditions, on a server that can put one around a statement; then `when` is not needed.
     * Lines that remember the condition, and how far an earlier run of the script got in the step, by the revision and
     * direction of `at`; and what sets the guard of a statement of the step: this part of this operation of the
     * revision, or with `at` NULL one that runs in any case. */
    const char *(*remember)(struct ctx *ctx, const char *condition, const struct progress *at);
    void (*guard)(struct ctx *ctx, struct statement *s, const struct progress *at);
};

struct sequence_defaults {
    const char *min, *max, *cache; /* min: of one that descends; max: of one that ascends */
};

struct dialect {
    const char *name;           /* "sqlite", "postgresql", "mysql" */
    const char *title;          /* "SQLite"; for messages use dialect_title() */
    const char *const *schemes; /* URL schemes, NULL-ended */
    struct features has;
    unsigned objects; /* the kinds of objects that it has: 1 << OBJECT_…; others are ignored */
    size_t name_max;  /* bytes; 0: no limit */
    const struct option_row *options; /* ended by on NULL */
    /* What a change of a table's options destroys, as a note for a revision; NULL: nothing. It may be NULL. */
    const char *(*options_note)(struct ctx *ctx, const struct options *before, const struct options *after);
    const char *const *cosmetic; /* keys of options that change nothing but the text: kept, but never a
                                         difference; ended by NULL; NULL: there are none */

    /* -- spelling; no connection needed -- */

    /* Whether a name must be quoted. */
    bool (*must_quote)(const char *name);
    char quote;
    unsigned grammar; /* SQL_… of base.h */
    const struct shell *shell;
    const char *ok_is_true; /* SQL: whether `ok`, a value of any type, is true */
    /* The type of a function's argument as the database prints it: "int" gives "integer". NULL: as it is written. */
    const char *(*argument_type)(struct ctx *ctx, const char *text);
    /* Whether an object can become another one without being dropped; then *ret_steps are the statements that do it, or
     * empty when its own SQL does. NULL: never. */
    bool (*object_change)(struct ctx *ctx, enum object_kind kind, const struct object *a,
        const struct object *b, struct strings *ret_steps);
    /* Whether an object can be dropped and recreated in another form without an irreparable loss; else the
     * reason and a remedy. NULL: always. */
    bool (*object_possible)(struct ctx *ctx, enum object_kind kind, const struct object *a,
        const struct object *b, const char **ret_why, const char **ret_hint);
    /* The native spelling of a column's type, as reflection gives it; an unknown or malformed type is an
     * error (without a place: the caller has it). Serial types become their integer type; the column is
     * changed. */
    bool (*type_native)(struct ctx *ctx, const struct table *t, const struct column *c, const char **ret);
    /* The portable model spelling that gives this native type back exactly, or NULL: only the dialect's own.
     */
    const char *(*type_model)(struct ctx *ctx, const char *native);
    /* For a native type without such a spelling: the portable type that means the same and is spelled in another way.
     * NULL result, or NULL: none. */
    const char *(*type_near)(const char *native);
    /* Whether two columns' native types are the same although they may be spelled in two ways. NULL: equal text. */
    bool (*type_same)(const struct column *a, const struct column *b);
    /* Whether the database numbers a single key column of a native type that has no portable spelling, unless the model
     * says otherwise. NULL: never. */
    bool (*type_is_numbered)(const char *native);
    /* The values of an enum that a native type holds itself; false: the type is not an enum. NULL: the dialect has
     * no enum types, and a check limits the values. */
    bool (*type_values)(struct ctx *ctx, const char *native, struct strings *ret);
    /* Native text of a default; NULL for none. */
    bool (*value_native)(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret);
    /* SQL for a text in a row of a file or of bulk_insert, in a column of this native type; NULL result, or NULL: a
     * string. */
    const char *(*row_text)(struct ctx *ctx, const char *native, const char *text);
    /* The authored value for a native default; VALUE_SQL when it is nothing simpler. */
    void (*value_model)(struct ctx *ctx, const struct column *c, const char *native, struct value *ret);
    /* Native text of an authored expression, normalised as far as that is possible without the database. */
    const char *(*expr_native)(struct ctx *ctx, const char *sql);
    /* Whether two native texts are certainly the same. False means doubt. `c` for a default, else NULL. */
    bool (*expr_same)(struct ctx *ctx, const struct column *c, const char *a, const char *b);
    /* Whether they are probably the same: for when the judge cannot be used, so that the server's way of printing
     * is not a difference. NULL if the judge can always be used. */
    bool (*expr_alike)(struct ctx *ctx, const struct column *c, const char *a, const char *b);
    /* Completes a model table: what a single integer primary key implies, serial columns, and names that the
     * dialect chooses. Called by schema_prepare after types are native. */
    bool (*prepare_table)(struct ctx *ctx, struct schema *s, struct table *t);
    /* The same for a view. May be NULL. */
    void (*prepare_view)(struct ctx *ctx, struct view *v);
    /* Adds the objects that the server creates along with those of the model. May be NULL: none. */
    void (*prepare_objects)(struct ctx *ctx, struct schema *s);
    /* Whether two columns' generation (identity, serial, autoincrement) is the same. */
    bool (*generation_same)(
        const struct table *ta, const struct column *a, const struct table *tb, const struct column *b);
    /* What a sequence has where a model does not say it. NULL: as on PostgreSQL. */
    const struct sequence_defaults *sequence_defaults;
    /* Of a foreign key's name: the length of the table's name at its beginning, which changes with the table. 0: the name
     * stays. NULL: all stay. */
    size_t (*table_in_name)(const char *name);
    /* Whether the database can have such a sequence, of a model or an operation; else an error with the place. NULL:
     * always. */
    bool (*check_sequence)(struct ctx *ctx, struct pos pos, const struct sequence *q);
    /* The sequence that comes with a column, or that its default takes numbers from; false for none. NULL: the
     * dialect has no sequences. */
    bool (*column_sequence)(struct ctx *ctx, const struct table *t, const struct column *c, struct qname *ret,
        bool *ret_comes_with_it);
    /* The name that the database gives to the sequence of a numbered column. */
    char *(*sequence_name)(struct arena *a, const char *table, const char *column);
    /* Makes a serial column a plain one with a default, and returns the sequence of that default; NULL when the
     * column is not serial. */
    struct sequence *(*serial_apart)(struct ctx *ctx, const struct table *t, struct column *c);

    /* -- operations to SQL -- */

    /* Whether it can honour an operation, as far as the operation alone tells, and the server's version where there is
     * a connection; it may be NULL. The error has the place. */
    bool (*check_op)(struct ctx *ctx, const struct conn *conn, const struct op *op);
    /* Renders operations in order. Those that the dialect cannot honour are errors, before anything ran. May
     * read from state->conn, inside the transaction that will run them. */
    bool (*render)(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret);

    /* The segments of an operation with `online`, at least one. Those of one that is applied in part are the same as
     * before. One that would block other sessions for long, whatever its form, is an error with its place. NULL: an
     * operation never needs another form. */
    bool (*online)(struct ctx *ctx, struct state *state, const struct op *op, struct segments *ret);
    /* Refuses operations of a list, which are done one by one, that the server would refuse to this user, or could not do
     * online, without changing anything. NULL: a failure leaves nothing applied, and online() does the rest. */
    bool (*rehearse)(struct ctx *ctx, struct state *state, const struct ops *ops);
    /* Whether operations of a kind always block others, so that new ones are not written as online. NULL: none do. */
    bool (*never_online)(enum op_kind kind);
    /* The triggers that keep two columns in step; none if a cast between their types would lose values. */
    bool (*keep_in_step)(struct ctx *ctx, const struct twins *twins, struct in_step *ret);

    /* What lint knows of it; see hazard.h. */
    const struct hazard_facts *hazards;
    /* A query for a table's number of rows, perhaps an estimate, and its size in bytes, which may be null. */
    const char *(*statistics_query)(struct ctx *ctx, const struct qname *table);

    /* A user's text without what a dump contains for the database's shell program only, and, when the revision runs in
     * a transaction, without the one that encloses the whole text. Blanks take its place, so that places stay right. */
    const char *(*clean)(struct ctx *ctx, const char *text, bool in_transaction);
    /* The text, byte for byte in its place, with the SQL that the database runs although it is written in comments.
     * NULL: no comment is run. */
    const char *(*visible)(struct ctx *ctx, const char *text);
    /* Rejects a statement of a model in SQL that would act outside of its scratch database. NULL: none can. */
    bool (*check_model)(struct ctx *ctx, const struct statement *part);
    /* Cuts a STATEMENT_SCRIPT into its statements: each the same text with a range of its own. False, with STATUS_CONFIG
     * and the place, when the text cannot run as a part of a revision, which runs in a transaction or not, or of a
     * model. */
    bool (*split)(struct ctx *ctx, const struct statement *s, bool in_transaction, struct statements *ret);

    /* -- a connection -- */

    /* The URL of the same database for a session whose search path is `schema` and those of `others`; where a schema is a
     * database, that of this database. NULL: there are no schemas. */
    bool (*url_in_schema)(struct ctx *ctx, const struct url *url, const char *schema,
        const struct strings *others, const char **ret);
    bool (*open)(
        struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret);
    /* Uses the open handle of a program, a sqlite3 or a PGconn, outside of any transaction; close() then leaves it open,
     * with the settings that it has now. *ret_url is the URL for further connections to the same database. NULL: handles
     * of this database cannot be used. */
    bool (*borrow)(struct ctx *ctx, void *handle, const struct open_options *options, struct url *ret_url,
        struct conn **ret);
    void (*close)(struct conn *conn); /* NULL is fine */
    /* Creates the database that a URL names, without connecting to it; *ret_created false: it exists, and stays as it
     * is. Of `options` the waiting counts. */
    bool (*create_database)(struct ctx *ctx, const struct url *url, const struct open_options *options,
        const struct database_settings *settings, bool *ret_created);
    /* Drops it with its contents; *ret_dropped false: it does not exist. `force`: its sessions are ended; otherwise a
     * database that is in use is an error. */
    bool (*drop_database)(struct ctx *ctx, const struct url *url, const struct open_options *options,
        bool force, bool *ret_dropped);
    /* Gives cmig's own tables, where they are named without a schema, the one in which the connection found them when
     * it began, or will create them: a revision may change the search path or create a temporary table of that name.
     * `conn` NULL: for a script. NULL: names are enough. */
    void (*locate)(struct ctx *ctx, const struct conn *conn, struct version_table *v);
    /* Version rows, sorted; a missing table gives none and *ret_exists false. One round trip. ret NULL: only whether
     * there is a table, and it may be read. */
    bool (*versions)(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists);
    /* A query for the schemas, in one text, other than that of `v` that have a version table of its name, and for the
     * first of them. NULL where there are no schemas. */
    const char *(*hidden_query)(struct ctx *ctx, const struct version_table *v);
    /* A query for those of the tables, which are names in SQL, that are published, and by what, in one text; null if none is.
     * NULL: the database has no publications. */
    const char *(*published_query)(struct ctx *ctx, const struct strings *tables);
    /* A query for the names of a table's triggers, and of clauses of its constraints, that may keep its rows as they are, in
     * one text; a null when it has none. */
    const char *(*triggers_query)(struct ctx *ctx, const struct qname *table);
    /* Takes the lock that keeps other cmigs out, waiting up to timeout_ms; STATUS_TRY_AGAIN names the holder.
     */
    bool (*lock)(struct conn *conn, const struct version_table *v, uint64_t timeout_ms);
    void (*unlock)(struct conn *conn);
    /* Begins a transaction; a dialect may put it off until the first statement. */
    bool (*begin)(struct conn *conn);
    /* Runs statements in order in as few round trips as possible; with `commit` the transaction ends with
     * them. A failure names the operation's place, the statement and the server's message, and leaves the
     * transaction to rollback. ctx->interrupt is honoured while they run. */
    bool (*exec)(struct conn *conn, const struct statements *list, bool commit);
    /* The same, but may return before the database has answered: conn->unanswered counts these statements. After a
     * failure no later statement is run; the next call with the connection may report it, and conn->unanswered then
     * counts the statements that were not run, from the failed one on, until rollback. */
    bool (*send)(struct conn *conn, const struct statements *list, bool commit);
    /* Waits until no more than `most` are unanswered. After a failure: false, with its error, even if it is
     * already known. */
    bool (*settle)(struct conn *conn, size_t most);
    bool (*commit)(struct conn *conn);
    /* Runs one statement that split() gave, outside of a transaction, and commits it together with others. */
    bool (*exec_alone)(struct conn *conn, const struct statement *s, struct alone *with);
    /* The first row of a query of cmig's own, as texts; none if there is no row. NULL stays NULL. */
    bool (*query)(struct conn *conn, const char *sql, struct strings *ret);
    /* All rows of one statement of a user, which need not return any. */
    bool (*query_rows)(struct conn *conn, const char *sql, struct result *ret);
    /* A query for a column, numbered from 1, of the key by which a table's rows can be processed in order: the primary
     * key, if there is nothing better. No row: the key has no such column. */
    const char *(*key_query)(struct ctx *ctx, const struct qname *table, int64_t number);
    /* A query for what keeps an UPDATE by this session from reaching all rows of a table, as the end of a message, and a
     * hint. No row: nothing does. NULL: the database has nothing of that kind. */
    const char *(*unreached_query)(struct ctx *ctx, const struct qname *table);
    const char *
        row_lock; /* ends a SELECT of rows that are updated next; NULL: an UPDATE changes all rows that it selects */
    /* Where an UPDATE skips no row, but a trigger can put the old values back: a format for the condition that a column,
     * %I, is not equal to an expression, %E. NULL: an UPDATE that does not skip a row changes it. */
    const char *row_differs;
    /* With has.commits_ddl: an expression for a text that changes with the definition of the table whose name an
     * expression gives. A statement of several operations is done as a whole or not at all, and this tells which. */
    const char *(*fingerprint)(struct ctx *ctx, const char *table);
    const char *literal; /* a format for an expression for the literal of a column, which is %I */
    void (*rollback)(struct conn *conn); /* also fine when nothing is open, or the connection is gone */
    /* Only what the version statements need; SQL text for the runner and for scripts. */
    void (*version_create)(struct ctx *ctx, const struct version_table *v, struct statements *ret);
    void (*version_move)(
        struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret);
    void (*history_add)(struct ctx *ctx, const struct version_table *v, const struct history_entry *e,
        struct statements *ret);
    /*
     * Adds a STATEMENT_SESSION, for after user SQL and before cmig's own statements: settings, the role and temporary
     * objects are as they were when the connection began, the lock is held (taken again if the SQL released it), and the
     * version table must still have exactly these rows. `rows` NULL: the table does not exist yet.
     */
    void (*restore)(
        struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret);
    /* Newest first. A missing table gives none. */
    bool (*history)(struct conn *conn, const struct version_table *v, const struct history_query *which,
        struct history_rows *ret);
    bool (*reflect)(struct conn *conn, const struct scope *scope, struct schema *ret);
    /* Statements that create the schema's unmodelled objects, as far as the database prints them, in an order
     * that mostly works. */
    bool (*definitions)(
        struct conn *conn, const struct scope *scope, const struct schema *schema, struct definitions *ret);
    /* A scratch database on the connected server. It must be closed, also after a failure in it. `given`: an
     * empty one to use instead of creating one, which scratch_close() leaves empty again; or NULL. Dialects that
     * need no server ignore it. */
    bool (*scratch_open)(
        struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret);
    void (*scratch_close)(struct conn *conn, struct scratch *s);
    /* Another scratch database with the contents of one that scratch_open() created; NULL in *ret, as there, if it cannot be
     * created. What the session of `from` has set is not copied. NULL: contents cannot be copied. */
    bool (*scratch_copy)(struct conn *conn, struct scratch *from, struct scratch *ret);
    /* Puts the session of a scratch database back to what scratch_open() left, after user SQL. NULL: nothing to do. */
    bool (*scratch_reset)(struct conn *scratch);
    /* Gives the reflected schema the spelling of the models where both mean the same, as with values that the models state
     * and its objects inherit. NULL: reflection spells as models do. */
    void (*state_inherited)(struct conn *conn, struct schema *database, const struct schema *models);
    /* How its privileges differ from the usual ones; NULL: they do not, or it has none. */
    const struct access_rules *access;
    /* Checks that the roles that models name exist. NULL: the database has no roles. */
    bool (*check_roles)(struct conn *conn, const struct schema *models);
    /* Adds to the operations of a comparison what only the catalogue knows of dropped objects. NULL: nothing. */
    bool (*complete)(struct conn *conn, struct ops *up, struct ops *down);
    /* How the database would print these tables and views if it had them: the judge of spelling. *ret_asked is
     * false if the judge cannot be used (conn->unjudged tells why). A text that the database rejects is an error
     * with its place. */
    bool (*normalise)(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked);
};

/* The dialect for a URL scheme, or NULL; the table of all is for messages. */
const struct dialect *dialect_by_scheme(const char *scheme);
const struct dialect *dialect_by_name(const char *name);
/* The name of the database for messages: that of the connected server, where the dialect has several. */
const char *dialect_title(const struct ctx *ctx, const struct dialect *dialect);
/* The same; an unknown name is an error of usage that lists the known ones. */
bool dialect_find(struct ctx *ctx, const char *name, const struct dialect **ret) ATTR_CHECKED;
extern const struct dialect *const dialects[]; /* NULL-ended */

/* A query for all rows of a table, with its columns in their order. */
const char *sql_all_rows(struct ctx *ctx, const struct dialect *dialect, const struct table *table);

/* ---- version rows of a database that is not asked ------------------------------------------------------- */

/* A condition: whether one of the revisions has a row. */
const char *version_has(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    const struct strings *any, bool wanted);
/* The statement that puts a revision's new text and parents into the row of the history that records its upgrade. */
void history_rewrite(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    int64_t id, const struct history_entry *e, struct statements *ret);
/* A STATEMENT_CHECK that gives these words unless the condition holds. */
struct statement *version_check(struct ctx *ctx, const struct dialect *dialect, const char *condition,
    const char *words, struct statements *ret);
/* Deletes the rows of these revisions; NULL: all rows. */
void version_remove(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    const struct strings *any, struct statements *ret);
/* Gives a revision a row unless one of these has one. */
void version_add_unless(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    const char *id, const struct strings *any, struct statements *ret);

/* SQL that is a model. */
struct model_sql {
    const char *name; /* for messages: the path of a file, or the program that printed it */
    const char *text; /* NULL: it is read from the file */
};
struct model_sqls VEC_OF(struct model_sql);
/* Such SQL as a statement for a scratch database. Statements that do not describe a schema are blanked, with a message, or
 * are errors with their places. */
bool model_script(struct ctx *ctx, const struct dialect *dialect, const struct model_sql *model,
    struct statements *ret) ATTR_CHECKED;

/* ---- what the runner does along with statements --------------------------------------------------------- */

/*
 * How far a half-applied revision got, and the state of the database in which that was recorded. It is written in the
 * transaction of the work that it describes.
 */
struct progress {
    const struct version_table *version;
    const char *revision, *direction;
    const char *digest;    /* of the work that is applied: another one means that the file was edited */
    int64_t operations;    /* of the revision in this direction */
    int64_t operation;     /* the first that is not fully applied, from 0; -1: there is no record */
    int64_t part;          /* how many of its statements are applied */
    const char *state;     /* NULL: the next statement has not begun; PROGRESS_BEGUN: it may be applied, too;
                            PROGRESS_DONE: the operation is applied; PROGRESS_PART_DONE: the part is; PROGRESS_TOGETHER: a statement of several
                            operations has begun; else a backfill's last key */
    const char *state_sql; /* an expression for `state`, if only the database knows it all */
    const char
        *settled; /* as read: which operations, begun together, were found applied, for a message; or NULL */
    const char *rows;   /* version rows at that time, joined by blanks */
    bool history_moved; /* as read: the history has newer rows */
    bool in_part;       /* a backfill is a part of an operation */
    bool is_foreign;    /* as read: written by cmig 0.1.0, which recorded less */
};
#define PROGRESS_BEGUN "begun"
#define PROGRESS_DONE "done"
#define PROGRESS_PART_DONE "part done"
#define PROGRESS_KEY "key "
/* "together 3": followed by the digest of the revision with them, a fingerprint of the table before them, and its name */
#define PROGRESS_TOGETHER "together "
/* Of a state PROGRESS_TOGETHER: the number of operations; 0: it is another one. */
size_t progress_together(const char *state);
/* Whether a statement may be applied, though it is not recorded as such. */
bool progress_has_begun(const char *state);
/* Sets the state for `n` operations on a table. */
void progress_set_together(struct ctx *ctx, const struct dialect *dialect, struct progress *p, size_t n,
    const char *digest, const char *table);
void progress_create(
    struct ctx *ctx, const struct dialect *dialect, const struct version_table *v, struct statements *ret);
/* Also when there is no record; where DDL commits by itself, the table must exist. */
void progress_drop(
    struct ctx *ctx, const struct dialect *dialect, const struct version_table *v, struct statements *ret);
/* Into a table that has no row. */
void progress_add(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret);
void progress_set(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret);
/* The record of the same revision, further on. */
void progress_move(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret);
/* Reads the record by p->version; *ret_found false: there is none. The table must exist, and so must the history if
 * p->version names one. PROGRESS_DONE is read as the beginning of the next operation, PROGRESS_PART_DONE as that of the next part. */
bool progress_read(struct conn *conn, struct progress *p, bool *ret_found) ATTR_CHECKED;

/* ---- rows of a file ---- */

/* How a text is converted if the database cannot decide by itself. */
enum row_type { ROW_TEXT, ROW_BOOLEAN, ROW_BINARY };
enum row_type rows_type(const struct statement *s, const char *column);
/* true, t, yes, y, on, 1 and their opposites. */
bool rows_boolean(const char *text, bool *ret);
bool rows_same_columns(const struct strings *columns, const struct row *row);
void rows_take_columns(struct ctx *ctx, struct strings *columns, const struct row *row);
/* Adds the place of a row to the error. */
bool rows_fail_at(struct ctx *ctx, struct pos pos);
#define rows_fail_at(...) fail_false(rows_fail_at(__VA_ARGS__))
/* The same for a row by its number, from 1, among those that have a value. */
bool rows_fail_row(struct ctx *ctx, const struct statement *s, uint64_t number);
#define rows_fail_row(...) fail_false(rows_fail_row(__VA_ARGS__))
/* Hands them to `print` as INSERT statements of a few hundred rows each. */
bool rows_script(struct ctx *ctx, const struct dialect *dialect, const struct statement *s,
    void (*print)(void *user, const char *text, size_t rows), void *user) ATTR_CHECKED;

/* A backfill in SQL, as one statement. */
const char *backfill_text(struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o);
/* The same for rows that also satisfy `condition`. */
const char *backfill_part(
    struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o, const char *condition);
int64_t backfill_batch(const struct op_backfill *o);
/* Refuses, with its place, an SQL text that is not one query, or is never true. */
bool assertion_check(struct ctx *ctx, struct pos pos, const char *sql, unsigned grammar) ATTR_CHECKED;
/*
 * Whether the query of an assertion selects one expression, other than a column: then it may be a condition, which holds
 * if the query returns one row, which is true. Rows of any other query are found ones.
 */
bool assertion_is_condition(const char *sql, unsigned grammar);
/* The rows that the query of an assertion returned. */
struct assertion_rows {
    struct strings columns;
    struct strings shown; /* the first ASSERTION_ROWS of them */
    uint64_t n;
    bool is_true; /* there is one, with one column, which is true */
};
enum { ASSERTION_ROWS = 5 };
/* Adds a row, with a value per column; NULL is SQL's null. */
void assertion_add_row(struct ctx *ctx, struct assertion_rows *rows, const struct strings *values);
/* Whether the assertion of the statement holds. Else the error, without the place, has its message and the rows; with
 * conn->unmet the message is only noted there. */
bool assertion_holds(struct conn *conn, const struct statement *s, const struct assertion_rows *rows);
/* For a script: a query that gives the message unless the assertion holds. */
const char *assertion_text(struct ctx *ctx, const struct dialect *dialect, const struct op *op);
/* For an operation that failed because of rows: adds hints with the queries that find them, as far as possible.
 * `is_null`: they contain NULL where they must not. */
bool violation_hint(struct ctx *ctx, const struct dialect *dialect, const struct op *op, bool is_null);
#define violation_hint(...) fail_false(violation_hint(__VA_ARGS__))
/* The query for such rows, with these of their columns, or all if there are none; NULL: it is not known. */
const char *violation_query(struct ctx *ctx, const struct dialect *dialect, const struct op *op, bool is_null,
    const struct strings *shown);
/* The same for values of a column that do not fit when its native type changes; NULL: all do, or it is not known. */
const char *misfit_query(struct ctx *ctx, const struct dialect *dialect, const struct qname *table,
    const struct column *from, const struct column *to, const struct strings *shown);
/* Whether all databases take a name without quotes. */
bool name_is_plain(const char *name);
/* The operation that sets a column to `value`, an expression, where it is NULL: a backfill, or without a key of one column
 * that batches can follow (`has_key`), one UPDATE. */
struct op *fill_op(struct ctx *ctx, const struct dialect *dialect, const struct qname *table,
    const char *column, const char *value, bool has_key);
/* An INSERT of sample data into a reflected table: row number `row`, from 0, with values for the columns that need one, or
 * for all. False: no value is known for a column that needs one, *ret_why says which. */
bool sample_row(struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct table *t,
    int64_t row, bool only_needed, const char **ret, const char **ret_why);
/* A query that returns a row if the table has one, or, with `column`, if a row has NULL in it. */
const char *rows_query(
    struct ctx *ctx, const struct dialect *dialect, const struct qname *table, const char *column);
/* Columns of all rows of another program's table, in order. `columns` end with NULL. */
bool other_table_rows(struct conn *conn, const struct qname *table, const char *const *columns,
    const char *order, struct result *ret) ATTR_CHECKED;
/* Refuses a backfill that would not reach all rows of its table. The table need not exist. */
bool backfill_check(struct conn *conn, const struct op *op) ATTR_CHECKED;
/* Runs it batch by batch, starting at `p`, which moves with each. Outside of a transaction. A batch in which the database
 * skips rows is an error. */
bool backfill_run(struct conn *conn, const struct op *op, struct progress *p) ATTR_CHECKED;

/* Standard renderers, for dialects to call: SQL that is the same nearly everywhere. */
void sql_constraint_body(struct sql *q, const struct constraint *c); /* CONSTRAINT name PRIMARY KEY (…) … */
void sql_reference_options(struct sql *q, const struct constraint *c); /* MATCH … ON DELETE … DEFERRABLE … */
/* A text for a program that drops the CR of a line that ends with CR and LF, also within a string. */
const char *sql_double_returns(struct ctx *ctx, const char *text);
extern const char *const sql_fk_actions[]; /* "NO ACTION", … by enum fk_action */
