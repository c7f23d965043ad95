/* Runs upgrades, downgrades and stamps under the lock. */
#include "migrate/hooks.h"

enum { STEPS_AHEAD = 16 }; /* how many are rendered and sent while the database runs the first of them */

/* ---- the position ------------------------------------------------------------------------------- */

static bool read_rows(struct run *r)
{
    r->rows = (struct strings){0};
    return project_versions(r->p, &r->rows, &r->table_exists);
}

static bool read_position(struct run *r)
{
    return read_rows(r) && project_attempt(r->p, &r->rows, &r->attempt);
}

/* Looked for once per run, and only when something will run. */
static bool find_history(struct run *r)
{
    struct conn *conn = r->p->conn;
    const struct version_table history = {.name = r->p->version.history, .column = "revision"};
    bool exists = true;
    if (r->table_exists && history.name.name && !conn->dialect->versions(conn, &history, NULL, &exists))
        return false;
    r->no_history_yet = !exists;
    return true;
}

static bool is_embedded(const struct run *r)
{
    return r->dialect->has.embedded;
}

/* ---- the steps ---------------------------------------------------------------------------------- */

static void note_standing(struct run *r, const struct strings *rows)
{
    r->standing = r->result->n;
    r->standing_rows = *rows;
}

/* The first outstanding step is done. */
static void note_done(struct run *r)
{
    struct run_result *result = r->result;
    const struct work *w = &r->works[r->done++];
    result->v[result->n++] = (struct ran){
        .revision = w->step->revision,
        .direction = w->step->direction,
        .microseconds = time_monotonic_us() - r->began_us,
        .extra = w->step->extra,
    };
    if (w->commits)
        note_standing(r, &w->rows);
}

/* Which step failed: statements sent before it are answered first, and may have failed themselves. */
static const struct work *find_failed(struct run *r)
{
    struct conn *conn = r->p->conn;
    struct err *err = &r->p->ctx->err, own = *err;
    *err = (struct err){0};
    bool ok = conn->dialect->settle(conn, 0);
    while (r->sent - r->done > conn->unanswered)
        note_done(r);
    if (ok || r->done == r->sent)
        *err = own;
    return &r->works[r->done];
}

/* After a lost connection: steps from `first` on that were committed nevertheless are done. */
static bool look_up(struct run *r, size_t *first, size_t *failed)
{
    size_t before = run_place(r, 0), place;
    if (!run_look_up(r, &place))
        return false;
    r->resume_at = place;
    for (r->done = *first; r->done <= r->sent && before + r->done < place;)
        note_done(r);
    note_standing(r, &r->rows);
    if (place <= before + *first)
        return true;
    *first = place - before;
    if (*failed < *first)
        *failed = *first;
    return true;
}

static void name_failed(struct run *r, size_t failed)
{
    static const char *const verbs[] = {
        [DIRECTION_UP] = "apply", [DIRECTION_DOWN] = "revert", [DIRECTION_STAMP] = "stamp"};
    struct ctx *ctx = r->p->ctx;
    if (failed == r->plan.n) {
        fail_in(ctx, "the connection was lost after everything was done");
        return;
    }
    const struct step *step = r->works[failed].step;
    const struct revision *v = step->revision;
    r->result->failed = v;
    if (v)
        fail_in(ctx, "cannot %s revision %s", verbs[step->direction], revision_title(&ctx->arena, v));
    else
        fail_in(ctx, "cannot stamp base");
}

static bool fail_step(struct run *r)
{
    const struct work *w = find_failed(r);
    size_t failed = r->done, first = failed - (r->result->n - r->standing);
    struct conn *conn = r->p->conn;
    conn->dialect->rollback(conn);
    r->in_transaction = false;
    r->result->n = r->standing;
    r->rows = r->standing_rows;
    r->resume_at = run_place(r, first);
    run_blame(r, w);
    bool is_known = !run_is_lost(r) || look_up(r, &first, &failed);
    name_failed(r, failed);
    run_say_outcome(r, first, failed, is_known);
    return false;
}

/* The step that begins now. */
static void announce(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct work *w = &r->works[r->done];
    const struct step *step = w->step;
    static const char *const verbs[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    static const char *const extras[] = {[DIRECTION_UP] = " (a dependency of the target)",
        [DIRECTION_DOWN] = " (depends on a reverted revision)",
        [DIRECTION_STAMP] = ""};
    const struct revision *v = step->revision;
    const char *message = v && v->message ? v->message : "";
    size_t first_line = strcspn(message, "\r\n");
    r->began_us = time_monotonic_us();
    log_progress(ctx, "revisions", r->done, r->plan.n);
    size_t place = run_place(r, r->done);
    bool is_again = place < r->announced;
    r->announced = is_again ? r->announced : place + 1;
    log_message(ctx, is_again ? LOG_DEBUG : LOG_INFO, "%s %s%s%.*s%s",
        w->reverts ? "revert the applied part of" : verbs[step->direction], run_step_title(&ctx->arena, step),
        first_line ? ", " : "", (int)first_line, message, step->extra ? extras[step->direction] : "");
}

/* Programs before a step, which must find the steps before it done, and the database free. */
static bool run_hooks_before(struct run *r)
{
    announce(r);
    return hooks_run(r, &r->works[r->sent], HOOK_BEFORE_STEP) || fail_step(r);
}

/* Those after a step that is done. */
static bool run_hooks_after(struct run *r, const struct work *w)
{
    struct conn *conn = r->p->conn;
    const struct run_result *result = r->result;
    if (hooks_run(r, w, HOOK_AFTER_STEP))
        return true;
    size_t first = r->done - (result->n - r->standing), failed = first < r->done ? r->done - 1 : r->plan.n;
    conn->dialect->rollback(conn);
    r->in_transaction = false;
    r->result->failed = w->step->revision;
    r->result->n = r->standing;
    r->rows = r->standing_rows;
    run_say_outcome(r, first, failed, true);
    return false;
}

/* Waits until no more than `most` steps are outstanding. */
static bool await_steps(struct run *r, size_t most)
{
    struct conn *conn = r->p->conn;
    while (r->sent - r->done > (conn->unanswered < most ? conn->unanswered : most)) {
        if (conn->unanswered == r->sent - r->done && !conn->dialect->settle(conn, conn->unanswered - 1))
            return fail_step(r);
        note_done(r);
        if (r->done < r->sent)
            announce(r);
    }
    return most || conn->dialect->settle(conn, 0) || fail_step(r);
}

/* The next step is sent while the database runs those before it. */
static bool run_next(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct work *w = &r->works[r->sent];
    const bool has_hooks = hooks_of_steps(r);
    /* What fails in a part of a revision is then its own. */
    if (r->keeps_progress && !await_steps(r, 0))
        return false;
    if (r->sent == r->done && !has_hooks)
        announce(r);
    if (ctx_interrupted(ctx) ? !fail_interrupted(ctx) : !run_step(r, w, r->sent + 1 == r->plan.n))
        return fail_step(r);
    r->sent++;
    return await_steps(r, r->keeps_progress || has_hooks ? 0 : STEPS_AHEAD) &&
           (!has_hooks || run_hooks_after(r, w));
}

/* Without a lock of files another process may, in an embedded database, have moved the rows between two
 * transactions: then the rest is planned again and ret_moved is set; nothing of this step has run. */
static bool begin_embedded(struct run *r, bool *ret_moved)
{
    struct conn *conn = r->p->conn;
    struct strings expected = r->rows;
    *ret_moved = false;
    if (r->in_transaction)
        return true;
    if (!conn->dialect->begin(conn) || !read_rows(r))
        return false;
    r->in_transaction = true;
    *ret_moved = !strings_eq(&expected, &r->rows);
    if (*ret_moved) {
        conn->dialect->rollback(conn);
        r->in_transaction = false;
    }
    return true;
}

/* Runs the plan from its first step. ret_moved: it must be made again. */
static bool run_all(struct run *r, bool *ret_moved)
{
    *ret_moved = false;
    r->sent = r->done = 0;
    while (r->sent < r->plan.n) {
        run_begin_step(r, &r->works[r->sent]);
        if (hooks_of_steps(r) && !run_hooks_before(r))
            return false;
        if (is_embedded(r) && !r->works[r->sent].body.outside) {
            if (!begin_embedded(r, ret_moved))
                return fail_step(r);
            if (*ret_moved)
                return true;
        }
        if (!run_next(r))
            return false;
    }
    if (!await_steps(r, 0))
        return false;
    log_progress(r->p->ctx, NULL, 0, 0);
    return true;
}

/* The downgrade is that of the current file, which may not fit what was applied. */
static void warn_of_edited_steps(struct run *r)
{
    for (size_t i = 0; i < r->plan.n; i++) {
        const struct step *step = &r->plan.v[i];
        if (step->direction == DIRECTION_DOWN && step->revision->path &&
            strings_have(&r->result->edited, step->revision->path))
            log_warn(r->p->ctx, "revision %s is reverted by the downgrade part of its edited file",
                step->revision->id);
    }
}

static void announce_run(struct run *r)
{
    run_announce(r);
    run_warn_of_end(r);
    warn_of_edited_steps(r);
}

static bool plan_whole(struct run *r)
{
    if (!run_plan_from_rows(r))
        return false;
    r->whole = r->plan;
    r->start = r->rows;
    r->announced = 0;
    return true;
}

static bool plan_and_prepare(struct run *r)
{
    if (!read_position(r))
        return false;
    note_standing(r, &r->rows);
    if (!find_history(r) || !(r->resumes ? run_plan_rest(r) : plan_whole(r)))
        return false;
    if (r->is_unannounced)
        announce_run(r);
    r->is_unannounced = false;
    return run_prepare(r) && run_tell_published(r);
}

/* Room for every step that this run may still do after those already done. */
static void make_room(struct run *r)
{
    struct run_result *result = r->result;
    struct ran *v = arena_alloc(&r->p->ctx->arena, (result->n + r->plan.n + 1) * sizeof(*v));
    if (result->n)
        memcpy(v, result->v, result->n * sizeof(*v));
    result->v = v;
    result->planned = result->n + r->plan.n;
}

/* A stamp that changes no row still removes the record of a half-applied revision. */
static bool end_attempt(struct run *r)
{
    struct conn *conn = r->p->conn;
    struct statements list = {0};
    if (r->options->direction != DIRECTION_STAMP || !r->attempt.has_table)
        return true;
    progress_drop(r->p->ctx, r->dialect, &r->p->version, &list);
    return conn->dialect->begin(conn) && conn->dialect->exec(conn, &list, true);
}

static bool run_locked(struct run *r)
{
    bool moved = true;
    while (moved) {
        if (!plan_and_prepare(r))
            return false;
        make_room(r);
        if (!hooks_begin(r))
            return false;
        r->resumes = !run_all(r, &moved);
        if (r->resumes && !run_may_retry(r) && !run_may_continue(r))
            return false;
        moved |= r->resumes;
    }
    if (!r->plan.n && !end_attempt(r))
        return false;
    if (!r->result->n) /* another cmig did it all while this one waited */
        r->result->note = run_idle_note(r);
    return hooks_end(r);
}

/* ---- dry runs ----------------------------------------------------------------------------------- */

static bool dry_run(struct run *r)
{
    struct conn *conn = r->p->conn;
    bool ok = find_history(r) && run_prepare(r) && run_tell_published(r);
    make_room(r);
    if (ok && is_embedded(r))
        ok = conn->dialect->begin(conn);
    ok = ok && hooks_print(r, NULL, HOOK_BEFORE_RUN);
    for (size_t i = 0; ok && i < r->plan.n; i++) {
        ok = run_print_step(r, &r->works[i], i + 1 == r->plan.n);
        r->began_us = time_monotonic_us();
        if (ok)
            note_done(r);
    }
    ok = ok && hooks_print(r, NULL, HOOK_AFTER_RUN);
    conn->dialect->rollback(conn);
    r->result->plan = r->plan;
    return ok;
}

/* ---- together ----------------------------------------------------------------------------------- */

static enum missing_database missing_of(const struct project *p, const struct run_options *options)
{
    if (options->direction == DIRECTION_DOWN)
        return MISSING_FAILS;
    return options->dry_run || !p->graph.all.n ? MISSING_IS_EMPTY : MISSING_IS_MADE;
}

static bool connect_for_run(struct project *p, const struct run_options *options)
{
    if (!project_graph(p))
        return false;
    struct open_options how = {
        .wait_ms = options->wait_ms,
        .missing = missing_of(p, options),
        .lock_timeout_ms = p->config.lock_timeout_ms,
    };
    return project_connect(p, &how);
}

static bool run_under_lock(struct run *r)
{
    struct conn *conn = r->p->conn;
    if (!conn->dialect->lock(conn, &r->p->version, r->p->config.lock_timeout_ms))
        return false;
    bool ok = run_locked(r);
    if (!ok)
        hooks_fail(r);
    r->dialect->unlock(r->p->conn);
    return ok;
}

/* The version rows say that all ancestors of an applied revision are applied. */
static bool warn_of_moved(struct run *r)
{
    struct lost_search moved = {0};
    if (!project_moved(r->p, &r->rows, false, &moved))
        return false;
    vec_each(i, &moved.all) {
        const struct lost *l = moved.all.v[i];
        log_warn(r->p->ctx,
            "revision %s was applied without %s, on which it is based now: run 'cmig switch%s'", l->revision,
            strings_join(&r->p->ctx->arena, &l->skipped, ", "), l->same ? " --restamp" : "");
    }
    return true;
}

static bool is_strict(const struct run *r)
{
    return r->options->strict || r->p->config.edited_files == EDITED_FILES_ERROR;
}

static bool check_edited(struct run *r)
{
    const bool is_error = is_strict(r);
    struct applied_files files;
    if (r->options->direction == DIRECTION_STAMP || r->options->lost)
        return true;
    if (!project_applied_files(r->p, &r->rows, is_error, &files))
        return false;
    r->result->edited = files.edited;
    if (files.edited.n && !warn_of_moved(r))
        return false;
    return edited_report(r->p->ctx, &files.edited, is_error ? STATUS_FAILED : STATUS_OK);
}

bool migrate_run(struct project *p, const struct run_options *options, struct run_result *ret)
{
    *ret = (struct run_result){0};
    struct run r = {.p = p, .options = options, .result = ret};
    if (!connect_for_run(p, options))
        return false;
    r.dialect = p->conn->dialect;
    if (!read_position(&r))
        return false;
    ret->rows = r.rows;
    /* Of many databases, most have nothing to do: that costs no second round trip. */
    const bool is_late = p->target && !is_strict(&r);
    if (!is_late && !check_edited(&r))
        return false;
    /* A half-applied revision may be in progress by another cmig that has the lock. */
    r.is_unannounced = r.attempt.kind != ATTEMPT_NONE && !options->dry_run;
    if (!r.is_unannounced && !run_plan_from_rows(&r))
        return false;
    if (is_late && (r.plan.n || r.is_unannounced) && !check_edited(&r))
        return false;
    if (!r.is_unannounced)
        announce_run(&r);
    bool ok = true;
    if (r.plan.n == 0 && r.attempt.kind == ATTEMPT_NONE) {
        ret->note = run_idle_note(&r);
    } else if (options->dry_run) {
        ok = dry_run(&r);
    } else {
        ok = run_under_lock(&r);
        vcs_close(r.vcs);
    }
    ret->rows = r.rows;
    ret->waiting = r.plan.waiting;
    return ok;
}
