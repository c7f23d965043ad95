/*
 * Commands: one file and one row each.
 *
 * A row gives a command's name, what it needs and the function to run. Dispatch opens what is needed, the body
 * reads from top to bottom, and main prints the error if there is one.
 */
#pragma once

#include "cmig/command.h"
#include "cmig/migrate.h"

extern const struct option_spec global_options[];
/* Words of other tools. */
extern const struct foreign_word foreign_commands[], foreign_options[], foreign_arguments[];

/* What is opened before a command runs. Each level includes the previous ones. */
enum need {
    NEED_NOTHING,
    NEED_CONFIG,
    NEED_GRAPH, /* and the revision files, checked */
};

/* Options of commands that run in many databases. */
struct target_options {
    int64_t jobs, per_server, canary, max_failures; /* 0: as the configuration says */
    struct strings only;                            /* patterns of names */
    bool resume, summary;
};
/* What `status --summary` shows of one of them. */
struct position {
    const char *at; /* "1f3a, 77ab", or "base" */
    size_t pending;
    bool is_half, is_edited, is_unknown;
    uint32_t shape; /* a hash of the schema */
};

/* A command being run. */
struct call {
    struct ctx *ctx;
    const struct globals *globals;
    const void *values; /* the struct of its own options */
    struct strings operands;
    struct strings together;   /* with -n of several: those it runs for now, its own the first; else empty */
    size_t environments;       /* with -n and several environments: their number; else 0 */
    struct project project;    /* opened as far as its row requires */
    struct strings *successor; /* see struct invocation */
    struct node *document;     /* with --json: what is printed when it has run, also when it failed */
    bool color;                /* of stdout */
    int columns;               /* of the terminal that stdout is; 0: it is none */
    bool pages;                /* a long result is for a pager, which begins with its first line */
    pid_t *pager;              /* see struct invocation */
    struct str *out;   /* gets the text instead of stdout: it runs in one of many databases; or NULL */
    bool is_unchanged; /* result: there was nothing to do */
    struct position *position; /* result of `status --summary` in one of many; or NULL */
    bool is_streamed;          /* its documents are printed already */
};

struct command {
    struct command_spec spec;
    size_t values_size;
    enum need need;
    bool opens_itself;    /* `run` opens what it needs, since it needs nothing with some options */
    bool answers;         /* has a result, so that --json makes sense */
    bool changes;         /* files or a database: suggested after those that only read */
    bool pages;           /* its result may be longer than the terminal */
    bool writes_revision; /* runs once for all environments that share the revision files */
    /* Its options for many databases, if it runs in each of them with these options; otherwise NULL. The function is NULL
     * for a command that works in one database. */
    const struct target_options *(*targets)(const struct call *c);
    /* What a run that changes many databases does, apart from the command and its operands; NULL: it changes nothing, as the
     * function itself for a command that only reads. */
    const char *(*run_key)(struct call *c);
    /* Of several environments: prints the name above the text of each. NULL: the command does so itself, or prints none. */
    void (*label)(struct call *c);
    bool (*run)(struct call *c);
};

extern const struct command *const commands[]; /* by group, NULL-ended */
/* Underscores are taken for dashes. Unknown: STATUS_USAGE with a suggestion. */
bool command_find(struct ctx *ctx, const char *name, const struct command **ret) ATTR_CHECKED;
/* The list of commands, without the options. */
void program_commands(struct str *out);
/* --help of the program. */
void program_help(struct str *out);

/* ---- what bodies share ------------------------------------------------------------------------------- */

/* Begins the document of --json: {"version": 1}; every command prints this or text. */
struct node *document_begin(struct call *c);
/* A line on standard output, printf-like, without its newline. */
void print_line(struct call *c, const char *fmt, ...) ATTR_FORMAT(2, 3);
void print_text(struct call *c, const char *text);
/* The same for a part of a long result, which a reader gets at once. */
void print_part(struct call *c, const char *text);

/* "Label: value" as a line; none for a value that is empty or NULL. */
void add_fact(struct str *out, const char *label, const char *value);
/* A message, indented by four after an empty line; nothing for one that is empty or NULL. */
void add_message(struct str *out, const char *message);
/* An id, in colour where the output has colours. */
void add_id(struct call *c, struct str *out, const char *id);

/* What a line says at a glance, on a terminal only: a sign and its colour. */
enum sign { SIGN_GOOD, SIGN_WAITS, SIGN_BAD, SIGN_DIFFERS };
void add_sign(struct call *c, struct str *out, enum sign sign);
/* A line of a table, whose end is left out if a terminal is too narrow for it. */
const char *cut_to_terminal(struct call *c, const char *line);
/* A word such as "verified", in green or red where the output has colours. */
void add_outcome(struct call *c, struct str *out, const char *text, bool is_good);
/* The lines of a text, each indented by four. */
void add_indented(struct str *out, const char *text);

/* How a list of revisions is shown. */
struct listing {
    const struct graph *graph;
    bool *applied;                   /* by revision->order; NULL: not asked */
    const struct revisions *current; /* NULL: not asked */
    const struct attempt *attempt;   /* NULL: not asked */
};
/* The ids of a list of revisions, and as a text: "1f3a, 77ab". */
struct strings revision_ids(struct call *c, const struct revisions *list);
const char *ids_text(struct call *c, const struct revisions *list);
/* The texts that the three below print. */
const char *revision_line_text(struct call *c, const struct listing *l, const struct revision *r);
const char *revision_block_text(struct call *c, const struct listing *l, const struct revision *r);
/* " (head) (current)" */
void add_revision_marks(struct call *c, struct str *out, const struct listing *l, const struct revision *r);
/* "<base> -> 1f3a (label) (head), message" */
void print_revision_step(struct call *c, const struct listing *l, const struct revision *r);
/* "1f3a (label) (head), message" */
void print_revision(struct call *c, const struct listing *l, const struct revision *r);
/* "Rev: …" and what else is known of it, in lines. */
void print_revision_block(struct call *c, const struct listing *l, const struct revision *r);
/* The same as an object of JSON. */
struct node *revision_node(struct call *c, const struct listing *l, const struct revision *r);
struct node *revisions_node(struct call *c, const struct listing *l, const struct revisions *list);
/* By the listing's options: blocks with an empty line between them, or lines by `line`. */
void print_revisions(struct call *c, const struct listing *l, const struct revisions *list, bool verbose,
    void (*line)(struct call *, const struct listing *, const struct revision *));

/* A list that is sorted newest first as a picture of lines, in UTF-8 when the locale has it; with `verbose` all that is
 * known of each stands beside it. */
void draw_history(struct call *c, const struct listing *l, const struct revisions *list, bool verbose);
enum history_format { HISTORY_TEXT, HISTORY_DOT, HISTORY_MERMAID };
/* The list as a graph for another program; not HISTORY_TEXT. */
void export_history(
    struct call *c, const struct listing *l, const struct revisions *list, enum history_format format);

/* By their places in the models; what only the database has follows. */
void differences_sort(struct differences *list);
/* The differences of a comparison as JSON. */
struct node *differences_node(struct call *c, const struct differences *found);
/* A list of strings as JSON. */
struct node *strings_node(struct call *c, const struct strings *list);
/* "1 revision", "3 revisions" */
const char *count_text(struct ctx *ctx, size_t n, const char *noun);

/* Connects with the global options; what is connected already stays. */
bool connect_database(struct call *c, enum missing_database missing) ATTR_CHECKED;
/* Compares the database with what its applied revisions give, and fails with STATUS_FOUND if it differs. */
bool check_drift(struct call *c) ATTR_CHECKED;
/* Sets the project's URL to that of the server on which a scratch database can be created: of `url`, of the configured
 * one, or in memory. `dialect` NULL: whichever the URL has; *ret_found false: the URL is of another one. */
bool scratch_server(struct call *c, const char *url, const char *dialect, bool *ret_found) ATTR_CHECKED;
/* clang-format off */
#define SCRATCH_URL_OPTION_ROW(type, member) \
    {0, "scratch-url", OPTION_STRING, offsetof(type, member), "URL", \
        "server on which the scratch database is created", NULL, NULL}
/* clang-format on */
/* The version rows as revisions; connects. */
bool current_rows(struct call *c, struct revisions *ret) ATTR_CHECKED;
/* A half-applied revision that the database with these version rows records. */
bool current_attempt(struct call *c, const struct revisions *rows, struct attempt *ret) ATTR_CHECKED;
/* The same as an object of JSON; null when there is none. */
struct node *attempt_node(struct call *c, const struct attempt *a);
/* How the revision files differ from what was applied to the database with these version rows, as
 * project_applied_files(). */
bool current_files(
    struct call *c, const struct revisions *rows, bool must_know, struct applied_files *ret) ATTR_CHECKED;
/* Revisions without a file: what is known of each, as JSON; which commands may help to find one; and where those of the
 * database were found, added to an error of STATUS_UNKNOWN_REVISION. */
struct node *lost_nodes(struct call *c, const struct lost_search *s);
void lost_search_hints(
    struct call *c, const struct lost_search *s, const struct lost *l, struct strings *ret);
void note_unfound(struct call *c, const struct lost_search *s); /* a warning for each that was not found */
void lost_explain(struct call *c);
/* Fails if the configuration protects the database, with a hint. */
bool check_unprotected(struct call *c, const char *hint) ATTR_CHECKED;
/* Heads that are not applied. */
void heads_missing(struct call *c, const struct revisions *rows, struct revisions *ret);
/* Fails with STATUS_FOUND if there are several of them. */
bool check_single_head(struct call *c, const struct revisions *heads) ATTR_CHECKED;
/* The same of all heads, if the configuration wants a single one. */
bool check_head_policy(struct call *c) ATTR_CHECKED;
/* Fails with STATUS_FOUND unless every head is applied, and no revision only half. */
bool check_at_heads(struct call *c, const struct revisions *rows) ATTR_CHECKED;
/* The same of the database as it is: what compares models and database begins so. */
bool current_at_heads(struct call *c) ATTR_CHECKED;
/* Symbols of every form, and ranges; queries the database only if one is relative to it. Without duplicates. */
bool resolve_symbols(struct call *c, const struct strings *symbols, struct revisions *ret) ATTR_CHECKED;
/* Whether a symbol or a range is relative to the current revision. */
bool symbol_needs_database(const char *symbol);

/* Options of comparing, for the commands that have them. */
struct rename_options {
    struct strings renames; /* old=new */
    bool no_rename;
    bool way_back; /* not an option: the downgrade is wanted, for every database */
};
/* clang-format off */
#define RENAME_OPTION_ROWS(type, member) \
    {0, "rename", OPTION_STRINGS, offsetof(type, member.renames), "OLD=NEW", \
        "treat as renamed: users=people, users.name=users.title", NULL, NULL}, \
    {0, "no-rename", OPTION_FLAG, offsetof(type, member.no_rename), NULL, \
        "treat nothing as renamed: drop what the models lack", NULL, NULL}
/* clang-format on */
/* Compares; on a terminal it asks about renames; elsewhere these are an error of STATUS_FOUND that names the
 * options. */
bool compare_answered(
    struct call *c, const struct rename_options *renames, struct comparison *ret) ATTR_CHECKED;
/* Whether a question can be asked: standard input and standard error are a terminal. */
bool has_person(void);
/* A question that yes or no answers. False, without an error, at the end of the input or when interrupted. */
bool ask_yes(struct ctx *ctx, const char *question, bool *ret);
/* The same, where the end of the input is a no, and an interruption an error. */
bool confirm(struct ctx *ctx, const char *question, bool *ret) ATTR_CHECKED;

/* Whether each of the options --fill reads as TABLE.COLUMN=SQL. */
bool fill_check(struct call *c, const struct strings *given) ATTR_CHECKED;
struct fill_options {
    const struct strings *given;       /* --fill */
    const struct strings *same_models; /* environments whose rows count, too, if the run is for them */
    struct strings *used;              /* those of `given` that a column needed are added */
};
/* Gives rows a value for columns that become NOT NULL, where rows of a database lack one or an option gives one. Asks
 * on a terminal. */
bool fill_columns(struct call *c, const struct fill_options *options, struct comparison *found) ATTR_CHECKED;
/* Checks that each option was for a column that needs it. */
bool fill_check_used(struct call *c, const struct strings *given, const struct strings *used) ATTR_CHECKED;
/* A comparison, and the options that lead to it, as words of a command line; none: there is no question. */
struct diff_reading {
    struct strings options;
    struct comparison found;
};
struct diff_readings VEC_OF(struct diff_reading *);
/* Compares as above; but without a terminal a question of renaming gives two readings: with every rename that it may be,
 * and with none. */
bool compare_readings(
    struct call *c, const struct rename_options *renames, struct diff_readings *ret) ATTR_CHECKED;
/* Notes on standard error about what cmig does not model. */
void note_unmodelled(struct call *c, const struct unmodelleds *list);
/* Schemas of the database that cmig does not manage. */
void note_unmanaged(struct call *c, const struct strings *schemas);
struct node *unmodelled_node(struct call *c, const struct unmodelleds *list);
/* The statements of operations as a script; nothing runs. */
bool ops_script(struct call *c, const struct ops *ops, const char **ret) ATTR_CHECKED;
/* The downgrade of a comparison, rendered against the resulting schema. Its schema becomes that one. */
bool ops_script_back(struct call *c, struct comparison *found, const char **ret) ATTR_CHECKED;

/* What the global options need of the configuration. */
struct config_request config_request_of(const struct globals *g);
/* Opens what a command needs and runs it. */
bool run_once(struct call *c, const struct command *command) ATTR_CHECKED;
/* Whether -n is a pattern, or --all-environments is there. */
bool environments_wanted(const struct globals *g, const struct command *command);
/* Runs the command in each of these environments. A command that changes something stops at the first failure,
 * unless --keep-going is given; others continue. Several failures are one error, with the worst of their statuses. */
bool run_several(struct call *c, const struct command *command) ATTR_CHECKED;
/* The name of the environment that the command runs in, as a line of text, or as a comment in SQL. */
void print_environment(struct call *c);
void print_environment_comment(struct call *c);
/* ---- many databases ---------------------------------------------------------------------------------- */

/* Whether it runs in each of the targets of the configuration; options for them without targets are an error. */
bool targets_wanted(struct call *c, const struct command *command, bool *ret) ATTR_CHECKED;
/* Runs it in each of them, several at the same time. One that fails stops no other, unless an option says so; the error at
 * the end has the worst of their statuses. */
bool run_in_targets(struct call *c, const struct command *command) ATTR_CHECKED;
/* Which of two statuses is the worse one: a difference is the mildest failure, of others the greater number counts. */
bool status_is_worse(enum status a, enum status b);
/* clang-format off */
#define TARGET_READ_OPTION_ROWS(type, member) \
    {0, "only", OPTION_STRINGS, offsetof(type, member.only), "PATTERN", \
        "only the targets whose names match", NULL, NULL}, \
    {0, "jobs", OPTION_NUMBER, offsetof(type, member.jobs), "N", \
        "targets to run at the same time (default: 8)", NULL, NULL}, \
    {0, "per-server", OPTION_NUMBER, offsetof(type, member.per_server), "N", \
        "targets to run at the same time on one server (default: no limit)", NULL, NULL}
#define TARGET_WRITE_OPTION_ROWS(type, member) \
    TARGET_READ_OPTION_ROWS(type, member), \
    {0, "canary", OPTION_NUMBER, offsetof(type, member.canary), "N", \
        "targets to run first; if one fails, no other starts", NULL, NULL}, \
    {0, "max-failures", OPTION_NUMBER, offsetof(type, member.max_failures), "N", \
        "failures after which no other target starts", NULL, NULL}, \
    {0, "resume", OPTION_FLAG, offsetof(type, member.resume), NULL, \
        "continue the last run: skip the targets that are done", NULL, NULL}
/* clang-format on */
/* Where one of many databases stands. */
struct standing {
    const char *name;
    const struct position *position; /* NULL: it failed */
};
struct standings VEC_OF(struct standing);
/* Groups the targets by revision, and names those that are behind or differ. */
void standings_print(struct call *c, const struct standings *all);
struct node *standings_node(struct call *c, const struct standings *all);

/* The record of a run over many targets, for --resume: which of them are done. */
struct run_record {
    int fd;          /* -1: it cannot be written */
    struct map done; /* by name; with --resume */
};
/* `key` is that of the command's row. Another command, or another key, is not the run that is to be continued. */
bool run_record_open(struct call *c, const char *command_line, const char *key, bool resume,
    struct run_record *ret) ATTR_CHECKED;
void run_record_add(struct run_record *r, const char *target);
void run_record_close(struct run_record *r);
/* Adds the error to the document, which it begins if there is none. */
void document_add_error(struct call *c);
/* Opens the project of another environment for a command that is running; to be closed with project_close. */
bool environment_open(struct call *c, const char *name, struct call *ret) ATTR_CHECKED;
/* The environments whose revision files are those of this one, itself included: those with its models, and others. */
struct sharing {
    struct strings same_models, other_models;
};
bool environment_sharing(struct call *c, struct sharing *ret) ATTR_CHECKED;

/* Options of upgrade, downgrade and stamp. */
struct walk_values {
    const char *tag, *dialect;
    bool dry_run, sql, idempotent, purge, drop_stamped, from_history, recover, strict;
    struct strings exec; /* of upgrade */
    int phase;           /* of upgrade; enum phase */
    struct target_options targets;
};
/* clang-format off */
#define WALK_OPTION_ROWS \
    {0, "dry-run", OPTION_FLAG, offsetof(struct walk_values, dry_run), NULL, \
        "print the SQL that would run, and change nothing (-v: also bookkeeping)", NULL, NULL}, \
    {0, "sql", OPTION_FLAG, offsetof(struct walk_values, sql), NULL, \
        "print a script, without a database (REVISION may be FROM:TO)", NULL, NULL}, \
    {0, "dialect", OPTION_STRING, offsetof(struct walk_values, dialect), "NAME", \
        "with --sql: sqlite, postgresql or mysql (default: that of the URL)", NULL, NULL}, \
    {0, "tag", OPTION_STRING, offsetof(struct walk_values, tag), "TEXT", \
        "a note for the history table", NULL, NULL}, \
    TARGET_WRITE_OPTION_ROWS(struct walk_values, targets)
#define IDEMPOTENT_OPTION_ROW \
    {0, "idempotent", OPTION_FLAG, offsetof(struct walk_values, idempotent), NULL, \
        "with --sql: skip revisions that the version table has as applied", NULL, NULL}
#define STRICT_OPTION_ROW \
    {0, "strict", OPTION_FLAG, offsetof(struct walk_values, strict), NULL, \
        "fail if the file of an applied revision was edited, instead of a warning", NULL, NULL}
/* clang-format on */
/* They run in many databases, apart from --sql. */
const struct target_options *walk_targets(const struct call *c);
const char *walk_run_key(struct call *c);
/* Runs from the current revisions to the operands, or prints the script; reports. */
bool walk(struct call *c, enum direction direction) ATTR_CHECKED;
/* Prints what one of these makes, or puts it into the document. */
bool script_print(struct call *c, struct script_options *options,
    bool (*make)(struct project *p, const struct script_options *options)) ATTR_CHECKED;

/* Options of revision and merge. */
struct new_values {
    const char *message, *id, *folder;
    struct strings labels;
    bool splice, no_post_write;
};
/* clang-format off */
#define NEW_OPTION_ROWS(type, member) \
    {'m', "message", OPTION_STRING, offsetof(type, member.message), "TEXT", \
        "description, also used in the file's name", NULL, NULL}, \
    {0, "splice", OPTION_FLAG, offsetof(type, member.splice), NULL, \
        "allow parents that are not heads", NULL, NULL}, \
    {0, "branch-label", OPTION_STRINGS, offsetof(type, member.labels), "LABEL", \
        "label for the branch that starts with this revision", NULL, NULL}, \
    {0, "version-path", OPTION_STRING, offsetof(type, member.folder), "FOLDER", \
        "directory of 'migrations' for the file (default: that of the parent)", NULL, "directory"}, \
    {0, "rev-id", OPTION_STRING, offsetof(type, member.id), "ID", "id of the revision (default: random)", NULL, NULL}, \
    {0, "no-post-write", OPTION_FLAG, offsetof(type, member.no_post_write), NULL, \
        "do not run the post_write hooks", NULL, NULL}
/* clang-format on */
/* An empty revision under these parents, as the options and the configuration say. Parents that something follows are
 * refused unless --splice, and such that follow each other. */
bool new_file_begin(struct call *c, const struct new_values *v, const struct revisions *parents,
    struct revision_new *ret) ATTR_CHECKED;
/* Writes the file, runs the hooks, prints the path. */
bool new_file_write(struct call *c, const struct new_values *v, struct revision_new *n) ATTR_CHECKED;
/* The project's own template for such files; NULL: it does not have one. */
const char *revision_template_path(struct call *c, bool sql);
