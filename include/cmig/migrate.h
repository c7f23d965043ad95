/*
 * Databases and revisions together: the current revisions, migrating, and comparing with the models.
 */
#pragma once

#include "cmig/config.h"
#include "cmig/dialect.h"
#include "cmig/diff.h"
#include "cmig/revision.h"
#include "cmig/vcs.h"

struct source_text;

/* What most commands need, opened step by step; a step that is not needed is cheap. Zeroed it is closed. */
struct project {
    struct ctx *ctx;
    struct config config;
    struct graph graph;
    bool graph_loaded;
    struct url url;
    const struct dialect *handle_dialect;
    void *handle; /* of the program, which is used instead of the URL; or NULL */
    struct conn *conn;
    struct version_table version; /* with the schemas that project_locate found */
    bool finds_version_table;     /* the configuration names it without a schema */
    const struct target *target;  /* of `targets`, in which it works; NULL: none was chosen */
    bool shares_graph;            /* the revisions are those of another project, and must not be changed */
    bool is_scratch;              /* nobody continues in the database after a failure */
    bool skips_programs;          /* the programs of revisions do not run: the database is in memory */
    struct scope scope;
    struct node
        *sql_models; /* what the models in SQL create, as a document of models; NULL: they were not loaded */
    struct source_text *source_texts; /* what was read from models that are not files; NULL: nothing yet */
    const char *sources_dialect;      /* for which it was read */
    struct node *models_document;     /* replaces the models of the configuration; or NULL */
    struct schema *models;            /* loaded and not compared yet; NULL: migrate_compare loads them */
};

bool project_open(struct ctx *ctx, const struct config_request *request, struct project *ret) ATTR_CHECKED;
bool project_graph(struct project *p) ATTR_CHECKED; /* loads and checks the revision files, once */
/* Names cmig's own tables as configured, in this schema; NULL: the configured one. */
void project_name_tables(struct project *p, const char *schema);
/* Names the tables beside the version table, but for the history. */
void version_table_complete(struct ctx *ctx, struct version_table *v);
/* For what the operations of a revision are read: a database of this kind, in the project's environment. */
struct audience project_audience(const struct project *p, const char *dialect);
bool project_url(struct project *p) ATTR_CHECKED; /* parses the URL, once */
bool project_connect(
    struct project *p, const struct open_options *options) ATTR_CHECKED; /* options may be NULL */
/* Completes the names of cmig's own tables: of the connection, or for a script without one. */
void project_locate(struct project *p, const struct dialect *dialect);
/* Version rows of what is connected; that their table is hidden by the search path is an error. */
bool project_versions(struct project *p, struct strings *ret, bool *ret_exists) ATTR_CHECKED;
bool project_rows(struct project *p, struct strings *ret) ATTR_CHECKED; /* version rows; connects */
void project_close(struct project *p);
/* Makes a copy of a project, which must not be closed, one of a scratch database that the original's connection opened. */
void project_use_scratch(struct project *p, const struct scratch *scratch);

/* ---- many databases ------------------------------------------------------------------------------------ */

/* A database, or a schema of a tenant. */
struct target {
    const char *name;   /* no other target has it */
    const char *url;    /* secret; with a schema it leads to this */
    const char *schema; /* or NULL */
    const char *server; /* "host:port", for a limit per server; "" for a file */
    size_t group;       /* index of its group in `rollout`; the number of groups if it has none */
    struct pos pos;     /* of its entry in `targets` */
};
struct targets VEC_OF(struct target *);
/* Finds the targets of the configuration, by group and then in their order. May query a database and run programs. That
 * there are none, or two of one name, is an error. */
bool targets_find(struct project *p, struct targets *ret) ATTR_CHECKED;
/* A project for one of them, which shares the revision files, with a context of its own. Not connected. */
void project_for(const struct project *p, struct ctx *ctx, const struct target *t, struct project *ret);
/* Reads revision files of its own, if it shares them, before they are changed. */
bool project_own_graph(struct project *p) ATTR_CHECKED;

/* ---- revision files and what was applied ------------------------------------------------------------- */

/* What the history table says of the revision files; nothing when no history is kept. */
struct applied_files {
    struct history_rows missing; /* the last steps of revisions that were applied and have no file */
    struct strings edited; /* paths of applied revisions whose files do something else now, newest first */
};
/* Marks, by revision->order, the revisions that are applied by what these version rows say. *ret_unknown, which may be NULL: a
 * row has no file, and only the history knows what is below its revision. With the revision files loaded. */
void project_applied(struct project *p, const struct strings *rows, bool **ret, bool *ret_unknown);
/* `rows` are the version rows. Connected, with the revision files loaded. A history that the role may not read gives
 * nothing, unless `must_know`. */
bool project_applied_files(
    struct project *p, const struct strings *rows, bool must_know, struct applied_files *ret) ATTR_CHECKED;
/* Warns of edited files, if there are any; with another status than STATUS_OK fails with it instead. */
bool edited_report(struct ctx *ctx, const struct strings *edited, enum status status) ATTR_CHECKED;

/* ---- revisions without a file -------------------------------------------------------------------------- */

/* A revision that the database has and the revision files do not have, or not in this place. */
struct lost {
    const char *revision;
    bool is_moved;          /* it has a file, with other parents than those after which it was applied */
    struct strings skipped; /* of a moved one: its new ancestors that did not run */
    bool is_edited;         /* it has a file, with other operations than those that were applied */
    const struct history_row *row; /* of the history: how it was applied; NULL: not known */
    struct revision *recorded;     /* the text that was applied; NULL: it was not found */
    const char *problem;           /* why the text in the history table cannot be used, or NULL */
    const struct vcs_found *found; /* in git; NULL: not there */
    const struct revision *same;   /* a pending file with the same operations, or its own; or NULL */
};
struct losts VEC_OF(struct lost *);
struct lost_search {
    struct losts all;
    struct VEC_OF(struct vcs_state *) repositories; /* that were searched */
};
/* Looks for the revisions with these ids that have no file, and for those below them, in the history table and, `in_git`, in
 * the repositories of the project. Connected, with the revision files loaded. */
bool project_lost(
    struct project *p, const struct strings *ids, bool in_git, struct lost_search *ret) ATTR_CHECKED;
/* Adds the applied revisions whose files have other parents now, so that the database lacks what the graph calls applied. */
bool project_moved(
    struct project *p, const struct strings *rows, bool in_git, struct lost_search *ret) ATTR_CHECKED;
/* Adds the applied revisions whose files have other operations now, and are not in the list yet. */
bool project_edited(
    struct project *p, const struct strings *rows, bool in_git, struct lost_search *ret) ATTR_CHECKED;
/* "branch 'feature', commit 1f3a9c2b7d4e of 2026-11-20 by A <a@b>: migrations/1f3a.yaml" */
const char *lost_place(struct ctx *ctx, const struct lost *l);

/* Rows that operations delete together with a table, a column or by a statement. */
struct loss {
    struct qname table;
    const char *column;              /* NULL: the whole table */
    bool keeps_table;                /* only its rows are deleted */
    int64_t rows;                    /* with a value in the column; -1: unknown */
    const struct revision *revision; /* that does it */
};
struct losses VEC_OF(struct loss *);
/* What the steps of a plan delete of what the connected database has now. */
bool migrate_losses(struct project *p, const struct plan *plan, struct losses *ret) ATTR_CHECKED;
/* ---- revisions with other parents -------------------------------------------------------------------- */

/* A file that gets a new text. */
struct reparented {
    const struct reparenting *change;
    const char *old_text, *text;
};
struct reparenteds VEC_OF(struct reparented);
/* Writes all files, or none. */
bool reparented_write(struct ctx *ctx, const struct reparenteds *files) ATTR_CHECKED;
/* Writes the files, and in one transaction the version rows and the history of the connected database in which some of
 * them are applied. Their new parents must be applied, too. */
bool migrate_restamp(
    struct project *p, const struct strings *rows, const struct reparenteds *files) ATTR_CHECKED;

/* ---- half-applied revisions -------------------------------------------------------------------------- */

enum attempt_kind {
    ATTEMPT_NONE,
    ATTEMPT_VALID,
    ATTEMPT_OUTDATED, /* the database has moved since it was recorded, or 0.1.0 recorded it */
};
/* A revision that was applied or reverted in part, as the database records it. */
struct attempt {
    enum attempt_kind kind;
    bool is_downgrade;
    bool has_table; /* the table of the record exists */
    struct progress at;
};
/* Looks for one in what is connected; `rows` are its version rows. */
bool project_attempt(struct project *p, const struct strings *rows, struct attempt *ret) ATTR_CHECKED;
/* "revision b is half applied: 2 of 3 operations, and a part of operation 3" */
const char *attempt_text(struct ctx *ctx, const struct attempt *a);
/* Fails with that, and a hint that says how to continue. */
bool attempt_fail(struct ctx *ctx, const struct attempt *a, enum status status);
#define attempt_fail(...) fail_false(attempt_fail(__VA_ARGS__))
/* "2 of 3 operations of revision b are applied, and a part of operation 3"; and how to continue, as a hint. */
const char *progress_text(struct ctx *ctx, const struct progress *at);
const char *progress_ways_on(struct ctx *ctx, const struct progress *at);

/* ---- walking ----------------------------------------------------------------------------------------- */

struct run_options {
    enum direction direction;
    const char *target;
    enum phase phase;            /* upgrade: only the revisions of this phase */
    const struct revision *only; /* exactly this one is applied or reverted, whatever the target; or NULL */
    struct strings targets;      /* stamp */
    bool purge;                  /* stamp */
    bool keeps_text;             /* stamp: the history gets the text, as of a revision that ran */
    bool drop_stamped;           /* downgrade: also what a revision that was only stamped would drop */
    uint64_t wait_ms;
    bool
        bookkeeping; /* a dry run hands over the statements for cmig's own tables, too; of a stamp it always does */
    bool dry_run;                               /* hand the statements to `print` instead of running them */
    void (*print)(void *user, const char *sql); /* a line or statement of the script, without its newline */
    void *user;
    const char *tag; /* recorded with the history row */
    bool strict; /* an applied revision whose file was edited is an error, not a warning; not of a stamp */
    bool from_history; /* also revert revisions that do not descend from a file */
    bool recover;      /* downgrade: look for missing files in git, too */
    bool lost;         /* downgrade without a target: what has no file, or was applied after other parents */
    const struct strings *shown; /* with lost: the version rows for which the plan was confirmed, or NULL */
};

/* A step that ran, or would. */
struct ran {
    const struct revision *revision;
    enum direction direction;
    uint64_t microseconds;
    bool extra;
};
struct run_result {
    struct ran *v;
    size_t n; /* steps done, in a dry run printed; on failure those that stay applied */
    size_t planned;
    struct strings rows;           /* version rows afterwards */
    const struct revision *failed; /* the step that failed; NULL: none, or base */
    struct revisions waiting;      /* with a phase: the pending ones that did not run, oldest first */
    struct strings edited;         /* paths of applied revisions whose files were edited; not of a stamp */
    struct plan plan;              /* of a dry run */
    const char *note;              /* "already at head", "at a descendant of …", or NULL */
    int64_t retries;               /* how often something was tried again because of a lock */
    uint64_t waited_us;            /* for such locks, with the pauses before the retries */
    int64_t reconnects;            /* how often the run continued after its connection was lost */
};
/* Upgrade, downgrade or stamp. ret is written on failure, too: what was applied. */
bool migrate_run(struct project *p, const struct run_options *options, struct run_result *ret) ATTR_CHECKED;

/* Offline: the script of a run from one revision to another, for a dialect, without a database. */
struct script_options {
    enum direction direction;
    const char *dialect; /* NULL: the URL's */
    const char *from;    /* NULL: base, with the version table made first */
    const char *target;
    enum phase phase;                           /* as in run_options */
    struct strings targets;                     /* stamp */
    bool purge;                                 /* stamp */
    bool idempotent;                            /* skip what the version table says is applied */
    void (*print)(void *user, const char *sql); /* as in run_options */
    void *user;
    const char *tag;
};
bool migrate_script(struct project *p, const struct script_options *options) ATTR_CHECKED;
/* Checks the models and all revisions for a dialect (NULL: the URL's), without a database. *ret_models: false if models
 * in SQL could not be checked. */
bool migrate_validate(struct project *p, const char *dialect, bool *ret_models) ATTR_CHECKED;
/* Only that of the version table. */
bool migrate_script_tables(struct project *p, const struct script_options *options) ATTR_CHECKED;

/* ---- verifying ----------------------------------------------------------------------------------------- */

/* What was found out about one revision. */
enum verified_result {
    VERIFIED_OK,           /* up, down and up again: the schema is as before and as after */
    VERIFIED_IRREVERSIBLE, /* it has no downgrade; up works */
    VERIFIED_DIFFERS,
    VERIFIED_FAILED, /* it was rejected, or a statement failed */
};
struct verified {
    const struct revision *revision;
    enum verified_result result;
    struct strings differences; /* "after the downgrade: tables.users.columns.name is missing" */
    struct strings notes;       /* what was not tested: "its program did not run" */
    const char *error;          /* of VERIFIED_FAILED: the whole message */
    uint64_t microseconds;
};
struct verify_options {
    struct revisions range; /* those to verify; other ancestors are only applied */
    int64_t rows;           /* to put into each table before a revision runs; 0: none */
    void (*report)(void *user, const struct verified *v); /* after each revision */
    void *user;
};
struct verification {
    struct VEC_OF(struct verified *) revisions;
    size_t failures;          /* of them, VERIFIED_DIFFERS and VERIFIED_FAILED */
    struct revisions untried; /* after one that cannot be applied */
    struct strings notes;     /* "table 'users' did not get 100 rows: …" */
    bool has_models;          /* all heads were applied, so that the schema was compared with the models */
    struct differences models;
    const char *server; /* "PostgreSQL 15.14" */
};
/* Applies, reverts and applies again each revision in a scratch database on the server of the project, oldest first.
 * That there is no scratch database is an error. Connects; the project's own database is not changed. */
bool migrate_verify(
    struct project *p, const struct verify_options *options, struct verification *ret) ATTR_CHECKED;

/* What a revision changed: "tables.users.columns.email is new", as node_compare() lists it. */
struct traced {
    const struct revision *revision;
    struct tree_changes changes;
};
struct traceds VEC_OF(struct traced *);
/* The changes of these revisions and of those below them, oldest first, as a scratch database shows them. Connected. */
bool migrate_trace(struct project *p, const struct revisions *of, struct traceds *ret) ATTR_CHECKED;
/* Whether a change is of an object, or of a part of it, such as a column. `part` NULL: of the object and everything in it. */
bool trace_concerns(const struct tree_change *change, const char *object, const char *part);
/* Adds the functions, and other objects with arguments, of this name: "slug(text)" for "slug". */
void trace_functions(struct ctx *ctx, const struct traceds *all, const char *name, struct strings *ret);
/* Whether a change that concerns them creates the object, or the part. */
bool trace_creates(const struct tree_change *change, const char *part);
/* How the connected database differs from what these applied revisions give in a scratch database. */
bool migrate_drift(struct project *p, const struct revisions *of, struct tree_changes *ret) ATTR_CHECKED;
/* What all revisions give in a scratch database; connects. *ret_why: the reason if there is no scratch database. */
bool migrate_replay(struct project *p, struct schema *ret, const char **ret_why) ATTR_CHECKED;
/* Runs a program that fills a scratch database, whose URL CMIG_URL and DATABASE_URL contain; `out` gets what it prints. A
 * database without a server has none: the URL is then only its scheme. */
bool migrate_record(struct project *p, const struct strings *words, struct str *out) ATTR_CHECKED;

/* ---- test cases --------------------------------------------------------------------------------------- */

/* A value in a row that a query must return: VALUE_NONE is null. */
struct expected_value {
    const char *column; /* NULL: the value is in the place of its column */
    enum value_kind kind;
    const char *text;
};
struct expected_row {
    struct pos pos;
    struct VEC_OF(struct expected_value *) values;
};
struct expected_rows {
    bool given;
    struct VEC_OF(struct expected_row *) rows;
};
/* A statement, and what comes of it. */
struct expectation {
    struct pos pos;
    struct op *sql; /* an `execute` */
    struct expected_rows rows;
    bool ordered;      /* the order of the rows counts although the query has no ORDER BY */
    const char *fails; /* part of the error; NULL: it succeeds */
    struct strings only;
};
/* What an upgrade or a downgrade leaves. */
struct case_phase {
    struct pos pos;
    const char *fails; /* part of its error; NULL: it succeeds */
    struct VEC_OF(struct expectation *) expect;
};
struct test_case {
    struct pos pos;
    const char *name;
    const char *at, *from; /* as written; `from` NULL: the case begins with all that `at` needs */
    struct strings only;
    struct ops rows, sql;                   /* what is inserted, and what runs, before the upgrade */
    struct case_phase *upgrade, *downgrade; /* NULL: nothing is expected, and there is no downgrade */
    /* set by cases_read(): */
    const struct revision *revision;
    bool *before;           /* by revision->order: those that are applied when the rows are inserted */
    struct revisions steps; /* those that the upgrade applies, oldest first */
};
struct test_cases VEC_OF(struct test_case *);
/* Reads the cases of files, directories and globs, in the order of their revisions. With `must_exist` a path that matches
 * nothing is an error. */
bool cases_read(
    struct project *p, const struct strings *paths, bool must_exist, struct test_cases *ret) ATTR_CHECKED;
/* The JSON Schema of such a file. */
struct node *cases_json_schema(struct arena *a);

enum case_outcome { CASE_PASSED, CASE_FAILED, CASE_SKIPPED };
struct case_problem {
    struct pos pos;
    const char *text;     /* "after the upgrade, the rows differ" */
    struct strings lines; /* the statement and the rows, or the lines of an error */
};
struct case_result {
    const struct test_case *test;
    enum case_outcome outcome;
    struct VEC_OF(struct case_problem *) problems;
    struct strings notes; /* "the program of revision 1f3a did not run: …" */
    struct strings steps; /* what was done: "after the upgrade: 2 rows of SELECT …" */
    uint64_t microseconds;
};
struct case_results VEC_OF(struct case_result *);
/* Runs each case in a scratch database of its own, on the server of the project, which is connected. `report` is called after
 * each. Fails only if no case can run any more: the connection is lost, or there is no scratch database. */
bool migrate_test(struct project *p, const struct test_cases *cases,
    void (*report)(void *user, const struct case_result *r), void *user,
    struct case_results *ret) ATTR_CHECKED;

/* ---- comparing --------------------------------------------------------------------------------------- */

struct compare_options {
    const struct rename_hint *renames;
    bool no_rename;
    /* Whether the downgrade is wanted, too: spelled as in the revisions, as far as the database agrees, and
     * completed from the database's catalogue. */
    bool way_back;
    bool no_ops;     /* only the differences are wanted, and whether there are any */
    bool is_offline; /* that expressions are compared as text goes without saying */
};
struct comparison {
    struct diff diff;
    struct unmodelleds unmodelled;
    bool text_only; /* the judge could not be asked */
    struct schema database, models;
};
/* Reads the models without a database, so that errors in files are reported before connecting. */
bool migrate_models(struct project *p) ATTR_CHECKED;
/* Models against the database. Connects. */
bool migrate_compare(
    struct project *p, const struct compare_options *options, struct comparison *ret) ATTR_CHECKED;
/* The operations of two revisions, by enum phase. */
struct phases {
    struct ops up[PHASE_CONTRACT + 1], down[PHASE_CONTRACT + 1];
};
/* Divides those of a comparison, so that the first revision breaks no running program; renamed and retyped columns exist
 * twice in between, and new ones take nulls. What cannot be divided is in the second one, with a warning. */
bool phases_divide(struct ctx *ctx, const struct dialect *dialect, const struct comparison *found,
    struct phases *ret) ATTR_CHECKED;
/* Reads the models that are not YAML files, once for the project. Models in SQL are created in a scratch database of its
 * connection. */
bool migrate_read_models(struct project *p, const struct dialect *dialect) ATTR_CHECKED;
/* The differences of the models from the schema to which revisions lead, without a database. Models that are not YAML files
 * have been read. */
bool migrate_compare_replayed(struct project *p, const struct dialect *dialect, const struct schema *replayed,
    struct differences *ret) ATTR_CHECKED;
/* The database as a schema, for inspect. */
bool migrate_inspect(struct project *p, struct schema *ret) ATTR_CHECKED;
/* The operations from an empty database to the models of a text, and back; for a baseline. Connects. */
bool migrate_create(struct project *p, const char *file, const char *text, struct diff *ret) ATTR_CHECKED;

/* ---- any two sides ----------------------------------------------------------------------------------- */

enum side_kind { SIDE_DATABASE, SIDE_MODELS, SIDE_REVISIONS };
struct side {
    enum side_kind kind;
    const char *name;           /* for messages */
    struct project project;     /* with its URL, its models or its revision files */
    struct revisions revisions; /* SIDE_REVISIONS: these, and those below them */
};
struct sides_request {
    const struct dialect *dialect; /* that of each side that is a database */
    bool offline;                  /* only databases that are sides are connected */
    bool must_exist;               /* the database of the first side; else a missing one is empty */
    const char *scratch_url;       /* of another server for scratch databases; or NULL */
    uint64_t wait_ms;
};
struct sides;
/* Afterwards migrate_compare() compares the two sides: from the first to the second one. Until sides_close(), also after a
 * failure, the project is that of the comparison. Sides that are no database are read in scratch databases of a server: of the
 * other side, or the configured one. Without a server conn->unjudged is set: expressions are compared as text. */
bool sides_open(struct project *p, const struct sides_request *request, struct side *from, struct side *to,
    struct sides **ret) ATTR_CHECKED;
void sides_close(struct project *p, struct sides *s);
/* Connects to the server that reads sides that are no database. Without one ret->conn is NULL. */
bool sides_connect(
    struct project *p, const struct sides_request *request, struct project *ret_server) ATTR_CHECKED;

/* ---- columns that become NOT NULL --------------------------------------------------------------------- */

/* A column of a table that exists, which an operation makes NOT NULL: rows may have no value for it. */
struct unfilled {
    struct op *op; /* add_column or alter_column */
    struct qname table;
    const char *column;
    struct qname old_table; /* the same before the operations */
    const char *old_column; /* NULL: the column is new */
    bool has_key;           /* a backfill can follow the table's key */
    bool has_rows;          /* without a value, as far as the caller has looked */
    const char *value;      /* the expression that the rows get; NULL: the operation stays as it is */
};
struct unfilleds VEC_OF(struct unfilled *);
/* The columns of operations that begin with this schema; the caller sets `value`. */
void unfilled_find(struct ctx *ctx, const struct dialect *dialect, const struct schema *before,
    const struct ops *ops, struct unfilleds *ret);
/* Whether the connected database has rows without a value, also if that cannot be read, or it is a scratch database.
 * False: interrupted. */
bool unfilled_lacks(struct project *p, const struct unfilled *u, bool *ret) ATTR_CHECKED;
/* Replaces the operations of those with a value by three each. */
void unfilled_fill(
    struct ctx *ctx, const struct dialect *dialect, const struct unfilleds *list, struct ops *ops);

/* Adds, before all operations from `before` to `after`, assertions for those that fail because of rows. They name what
 * exists before the operations. */
void assertions_add(struct ctx *ctx, const struct dialect *dialect, const struct schema *before,
    const struct schema *after, struct ops *ops);

/* ---- baselines --------------------------------------------------------------------------------------- */

struct baseline {
    struct ops upgrade;         /* what creates the schema, unmodelled objects as `execute` */
    const char *unproved;       /* why it could not be tested in a scratch database; NULL: it was tested */
    const char *hint;           /* and what a role needs for that, or NULL */
    struct strings missing;     /* unmodelled objects that it does not create: "grants 'users'" */
    struct strings differences; /* of modelled ones */
    struct schema schema;       /* what the scratch database contained */
    struct strings *rows;       /* if set, gets the rows of its tables, see migrate_row_texts() */
};
/* The operations that create a schema, whose text is `models`, in an empty database. Connects. */
bool migrate_baseline(
    struct project *p, const struct schema *schema, const char *models, struct baseline *ret) ATTR_CHECKED;
/* The rows of these tables as texts, sorted, without the values of columns whose default is an expression: such values, and
 * times, may differ from run to run. Connected. */
bool migrate_row_texts(struct project *p, const struct tables *tables, struct strings *ret) ATTR_CHECKED;
/* Applies the text of a baseline's file to a scratch database, as an upgrade does, and compares the result with a schema;
 * `wanted` NULL: nothing is compared. Sets all of ret but `upgrade`. */
bool migrate_prove(struct project *p, const char *path, const char *text, const struct schema *wanted,
    const char *models, struct baseline *ret) ATTR_CHECKED;
/* Many revisions as one baseline, which takes the id of the last. */
struct squash {
    const struct revisions *list; /* all that the last one needs, itself included, oldest first */
    struct ops data;              /* their operations that change rows, or may: in order */
    struct baseline baseline;
    struct strings rows, kept; /* the rows of an empty database after the revisions, and after the baseline */
};
/* Finds the operations that change rows. A revision with operations for some databases or environments only is an error,
 * since one scratch database cannot tell what it does elsewhere. */
bool migrate_squash_data(struct project *p, const struct revisions *list, struct squash *ret) ATTR_CHECKED;
/* Applies the revisions to a scratch database, and sets `baseline.upgrade`: the schema there, and, with `keeps_data`, the
 * operations on rows after it. Connected. *ret_models: the schema as models. */
bool migrate_squash(
    struct project *p, struct squash *s, bool keeps_data, const char **ret_models) ATTR_CHECKED;
/* Applies the text of the baseline's file to a scratch database, and compares schema and rows. */
bool migrate_squash_prove(
    struct project *p, struct squash *s, const char *path, const char *text, const char *models) ATTR_CHECKED;

/* The SQL of an operation list on this database, for `diff --sql`; nothing runs. */
bool migrate_render(struct project *p, const struct ops *ops, struct statements *ret) ATTR_CHECKED;
/* Whether the database would accept these operations, as far as rendering can tell: an object that cmig does
 * not model may prevent the change of a column or an enum. Only for dialects that complete comparisons; others
 * are not asked. */
bool migrate_refuse(struct project *p, const struct ops *ops) ATTR_CHECKED;
