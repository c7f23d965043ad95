/* Shared by the parts of a run: the steps with their bodies, and the progress. Not for other directories. */
#pragma once

#include "cmig/migrate.h"
#include "cmig/vcs.h"

/* A step of the plan with what its file does. */
struct work {
    const struct step *step;
    struct revision_body body; /* empty for a stamp */
    struct ops later;          /* what the later steps do in its transaction */
    struct strings rows;       /* version rows after it, once it was sent */
    bool commits;              /* what was sent is committed when it is answered */
    struct ops revert;         /* of a half-applied revision: what undoes it */
    bool reverts;              /* those are what the step does */
};

/* What of a run is committed: two failures at the same place are the same one. */
struct place {
    size_t steps;
    int64_t operation, part; /* of the next step; operation -1: none of it is */
    const char *state;
};

struct run {
    struct project *p;
    const struct dialect *dialect;
    const struct run_options *options;
    bool offline;       /* a script is made: the project's connection is a stand-in, or there is none */
    bool has_lost_lock; /* another cmig took the lock that a revision had released */
    bool idempotent;    /* each step of the script checks whether it is to run */
    bool *printed;      /* idempotent: by revisions' order, whether the script has their step; or NULL */
    bool is_guarded;    /* each statement of the script is given the shell's guard */
    const struct progress *guard_at; /* which one, or NULL */
    bool is_discarded;               /* nobody sees the script: its revisions are checked */
    struct str *held;                /* takes the lines of the script that are kept back; NULL: none are */
    struct schema *replayed;         /* without a connection: the schema as the steps so far leave it */
    struct plan whole;               /* as it was made under the lock */
    struct strings start;            /* the version rows before it */
    struct plan plan;                /* the whole one, or its last steps after a failure */
    struct work *works;              /* plan.n of them */
    size_t resume_at;                /* after a failure: how many steps of the whole plan are committed */
    size_t announced;                /* how many of its steps were */
    bool resumes;                    /* the rest of the plan follows a failure */
    size_t sent, done;               /* how many of them were sent, and were answered */
    uint64_t began_us;               /* when the first that is not done began */
    struct strings rows;             /* the current version rows */
    bool table_exists;               /* whether the version table exists */
    bool
        no_history_yet; /* though one is to be kept: it was switched on later, or another tool was there first */
    bool in_transaction;
    bool ends_progress;     /* the next step of a script removes the record of a half-applied revision */
    bool left_transaction;  /* in a script: part of the running step is committed already */
    struct attempt attempt; /* what an earlier run left half applied */
    bool is_unannounced;    /* the plan is made under the lock only, and announced there */
    bool record_is_empty;   /* the table of the progress exists, and this run has emptied it */
    bool keeps_progress;    /* the running step is committed in parts, and records how far it got */
    bool is_at_end;         /* all operations of the step are applied; its version row is not */
    struct {
        struct op *const *ops; /* of the running step */
        size_t n;
        uint32_t hash;
    } digested;               /* the digest of the first n operations */
    struct progress progress; /* the record that is written next */
    struct progress noted;    /* the record as it is committed; operation -1: none of this step is */
    size_t skipped;           /* operations of the running step that are applied already */
    size_t skipped_parts;     /* and statements of the next one */
    int64_t pauses;           /* before retries at the place `blocked_at` */
    struct place blocked_at,
        lost_at;         /* of the last failure for lack of a lock, and of the last lost connection */
    bool is_reconnected; /* the connection was replaced, and it is known what the lost one committed */
    size_t standing;     /* steps of the result that are committed */
    struct strings standing_rows; /* version rows as they are committed */
    struct vcs *vcs;
    bool has_begun;    /* the hooks before_run have started */
    const char *login; /* who runs it, for the history; NULL: not asked yet */
    struct run_result *result;
};

/* Plans from r->rows to the target. */
bool run_plan(struct run *r) ATTR_CHECKED;
/* Announces revisions of the plan that the target did not name, before anything runs. */
void run_announce(struct run *r);
/* What a revision does to this dialect, with a name for every index. */
bool run_body(struct run *r, const struct revision *v, struct revision_body *ret) ATTR_CHECKED;
/* What a step does, in its direction. */
const struct ops *run_ops(const struct work *w);
/* The directory of a step's file, to which the files that it names are relative; the configuration's directory if it
 * has none. */
const char *run_folder(const struct run *r, const struct work *w);
/* Whether a step runs outside of a transaction. */
bool run_is_outside(const struct run *r, const struct work *w);
/* Whether the transaction ends with the step. */
bool run_commits(const struct run *r, const struct work *w, bool last);
/* The statements of the operations that are not done yet; none for a stamp. */
bool run_render(struct run *r, const struct work *w, struct statements *ret) ATTR_CHECKED;
/* Adds to the error who changed cmig's own tables, if that is why a step failed. After the rollback. */
void run_blame(struct run *r, const struct work *w);
/* Whether the step runs SQL of the user, which may change the session. */
bool run_has_user_sql(const struct work *w);
/* Adds the statement that restores the session. */
void run_add_restore(struct run *r, struct statements *list);
/* The version rows and the history row of the step, with the tables themselves if they do not exist yet. */
void run_add_bookkeeping(struct run *r, const struct work *w, struct statements *list);
/* The rows as they are once the step is done. */
void run_move_rows(struct run *r, struct work *w);
/* Reads the bodies of all steps, and rejects invalid ones before anything runs. */
bool run_prepare(struct run *r) ATTR_CHECKED;
/* Warns of changes of published tables. */
bool run_tell_published(struct run *r) ATTR_CHECKED;
/* Rejects operations that must fail where each statement commits by itself. After run_prepare() has read them. */
bool run_foresee(struct run *r) ATTR_CHECKED;
/* Refuses a downgrade that drops tables of a revision that was only stamped. */
bool run_check_stamped(struct run *r) ATTR_CHECKED;
/* Why there is nothing to do, for a message. */
const char *run_idle_note(struct run *r);
/* Sends one step: its statements, the version rows and the history row, whose answer may be put off. `last`: the run's
 * transaction ends with it. */
bool run_step(struct run *r, struct work *w, bool last) ATTR_CHECKED;
/* Prints the statements of run_step. An embedded database also runs them, in a transaction that is rolled back. */
bool run_print_step(struct run *r, struct work *w, bool last) ATTR_CHECKED;
/* The revisions whose version row means that `v` is applied: itself and its descendants, without those whose step the
 * script contains already. */
void run_applied_by(struct run *r, const struct revision *v, struct strings *ret);
/* In an idempotent script: whether a step is to run, as SQL; and that it has been printed. */
const char *run_step_condition(struct run *r, const struct work *w);
void run_note_printed(struct run *r, const struct revision *v);
/* A line or statement of the script. */
void run_print(struct run *r, const char *line);
void run_print_begin(struct run *r);
void run_print_commit(struct run *r);
/* Those that the database must run: version rows. */
bool run_print_statements(struct run *r, const struct statements *list, bool outside) ATTR_CHECKED;
/* Updates the schema against which the next step is rendered. */
bool run_follow(struct run *r, const struct work *w, const struct statements *list) ATTR_CHECKED;
/* Offline: does a step without printing it. An embedded database has a stand-in for that; what user SQL creates
 * in a server's schema is unknown. */
bool run_replay(struct run *r, const struct work *w) ATTR_CHECKED;
/* Offline: does the revisions below r->rows. */
bool run_replay_rows(struct run *r) ATTR_CHECKED;
/* Plans by the version rows and by a half-applied revision, or fails. */
bool run_plan_from_rows(struct run *r) ATTR_CHECKED;
/* Whether the step continues what an earlier run left half applied, or reverts it. */
bool run_continues(const struct run *r, const struct work *w);
bool run_reverts(const struct run *r, const struct work *w);
/* Says that a stamp removes the record of a half-applied revision. */
void run_warn_of_end(struct run *r);
/* Finds the operations that undo a half-applied revision; those that cannot be undone are an error. */
bool run_find_revert(struct run *r, struct work *w) ATTR_CHECKED;
/* Refuses to continue a revision whose applied operations are others now. */
bool run_check_continued(struct run *r, const struct ops *ops) ATTR_CHECKED;
/* Sets for a step what is applied of it, and whether it is committed in parts. */
void run_begin_step(struct run *r, const struct work *w);
/* Adds what the applied part of a step without a transaction set for its session, which was another one. */
bool run_settings_again(struct run *r, const struct work *w, struct statements *ret) ATTR_CHECKED;
/* Sets the record that is written next: how many operations are applied, and how many statements of the next. */
void run_set_record(struct run *r, const struct work *w, size_t operation, size_t part, const char *state);
/* Of the first n operations of a step, for its record. */
const char *run_digest(struct run *r, const struct work *w, size_t n);
/* Prints the statements of a step of a script with the record of how far it got, which a run or the script continues. */
bool run_print_parts(struct run *r, const struct work *w, const struct statements *list) ATTR_CHECKED;
/* Adds the checks of a step of a script that what it does has not been done. */
void run_add_checks(struct run *r, const struct work *w, struct statements *list);
/* Runs a step that is committed in parts, each together with the record of how far it got, and its bookkeeping. */
bool run_parts(struct run *r, const struct work *w) ATTR_CHECKED;
bool run_begin(struct run *r) ATTR_CHECKED;
/* Commits statements with the record of how far the step got, or with its bookkeeping if that was all. */
bool run_commit_part(
    struct run *r, const struct work *w, struct statements *list, size_t operation, size_t part) ATTR_CHECKED;
/* Runs a statement that cannot be part of a transaction, after what precedes it is committed. */
bool run_between(
    struct run *r, const struct work *w, struct statement *s, size_t operation, size_t part) ATTR_CHECKED;
/* What an earlier run has recorded for this part: that it has begun, or a backfill's last key. */
const char *run_recorded_state(const struct run *r, size_t operation, size_t part);
/* Whether an operation is done in segments. */
bool run_is_online(const struct run *r, const struct op *op);
/* Its segments; `has_begun`: an earlier run may have applied some of them. */
bool run_segments(struct run *r, const struct work *w, const struct op *op, bool has_begun,
    struct segments *ret) ATTR_CHECKED;
/* Does one, from the first segment that is not applied. */
bool run_online(struct run *r, const struct work *w, size_t operation) ATTR_CHECKED;
/* Refuses those that cannot be done online, and backfills that would not reach all rows. */
bool run_check_apart(struct run *r, const struct work *w) ATTR_CHECKED;
/* The statements of a step with such operations, marked where the segments begin, for a script. */
bool run_render_segments(struct run *r, const struct work *w, struct statements *ret) ATTR_CHECKED;
/* The statements of the operations from `from` to before `to`. */
bool run_render_some(
    struct run *r, const struct work *w, size_t from, size_t to, struct statements *ret) ATTR_CHECKED;
/* The same of the first ones only that one statement does; *ret_n is their number. */
bool run_render_together(struct run *r, const struct work *w, size_t from, size_t to, size_t *ret_n,
    struct statements *ret) ATTR_CHECKED;
/* Adds to the error what is applied after it, as hints. Step number `failed` did (plan.n: none), and those from `first`
 * on are rolled back with it. `is_known`: what is committed is, too. */
void run_say_outcome(struct run *r, size_t first, size_t failed, bool is_known);
/* The current revisions, for a message. */
const char *run_current_text(const struct run *r);
/* Whether the connection is gone: then what was sent last may be committed. After the rollback. */
bool run_is_lost(const struct run *r);
/* Replaces a lost connection, takes the lock again, and reads what the lost one has committed: *ret_place is how many
 * steps of the whole plan are, r->rows are the version rows, r->noted is the recorded progress of the next step. False:
 * that cannot be found out now. */
bool run_look_up(struct run *r, size_t *ret_place) ATTR_CHECKED;
/* How many steps of the whole plan are committed. */
size_t run_place(const struct run *r, size_t step);
/* After a failure: whether the run continues on the new connection. Clears the error. */
bool run_may_continue(struct run *r) ATTR_CHECKED;
/* Plans the steps after those that are committed. */
bool run_plan_rest(struct run *r) ATTR_CHECKED;
/* Where the run is, and whether it is still where it was. */
struct place run_here(const struct run *r);
bool place_eq(const struct place *a, const struct place *b);
/* Runs a program in the directory of the step's revision, with the database's URL in its environment. */
bool run_program(struct run *r, const struct work *w, const struct strings *command) ATTR_CHECKED;
/* The database's URL for a program, which has a directory of its own; a database in memory is an error. */
bool run_program_url(struct project *p, const char **ret) ATTR_CHECKED;
/* Our environment with the URL and other variables, "NAME=value". */
char **run_program_environment(struct ctx *ctx, const char *url, const struct strings *variables);
/* "upgrade", "downgrade", "stamp" */
const char *run_direction(enum direction direction);
/*
 * After a failure: whether it was for lack of a lock and the run tries again. Then the error is cleared, and the pause
 * before is over. The run reads the version rows and the record of a half-applied revision, and continues after all that
 * is committed, so nothing that can be committed separately needs a retry of its own.
 */
bool run_may_retry(struct run *r) ATTR_CHECKED;
/* "a, b -> c", in the direction of the step. */
char *run_step_title(struct arena *a, const struct step *step);
/* Adds to the graph the revisions whose files are gone but whose texts the history table has, or git. */
bool run_adopt_history(struct run *r) ATTR_CHECKED;
/* Refuses steps of revisions that are not built on a file of this project, unless they were asked for. */
bool gone_check_plan(struct run *r) ATTR_CHECKED;
/* Refuses operations of a text from the history table or from git that reach beyond the database. */
bool gone_check_ops(struct run *r, const struct work *w) ATTR_CHECKED;
