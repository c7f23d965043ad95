/* Runs the hooks of cmig.yaml. */
#include "migrate/hooks.h"

#include <stdlib.h>

static const struct hook_list *hooks_of(const struct run *r, enum hook_kind kind)
{
    static const struct hook_list none;
    bool has_some = r->p->config.hooks && r->options->direction != DIRECTION_STAMP;
    return has_some ? &r->p->config.hooks->lists[kind] : &none;
}

bool hooks_of_steps(const struct run *r)
{
    return hooks_of(r, HOOK_BEFORE_STEP)->n || hooks_of(r, HOOK_AFTER_STEP)->n;
}

static bool have_sql(const struct hook_list *list)
{
    vec_each(i, list)
        if (!list->v[i]->command.n)
            return true;
    return false;
}

bool hooks_have_sql(const struct run *r)
{
    return have_sql(hooks_of(r, HOOK_BEFORE_STEP)) || have_sql(hooks_of(r, HOOK_AFTER_STEP));
}

/* ---- what they are told ------------------------------------------------------------------------------ */

/* One that the run has as a whole, or of a step; in SQL as a literal in place of {name}, for programs CMIG_NAME. */
enum fact {
    FACT_HOOK,
    FACT_REVISION,
    FACT_DOWN_REVISION,
    FACT_MESSAGE,
    FACT_DIRECTION,
    FACT_STEP,
    FACT_STEPS,
    FACT_FILE,
    FACT_ENVIRONMENT,
    FACT_TARGET,
    FACT_CURRENT,
    FACT_ERROR,
    FACTS
};
static const struct {
    const char *name, *variable;
} fact_names[FACTS] = {
    [FACT_HOOK] = {"hook", "CMIG_HOOK"},
    [FACT_REVISION] = {"revision", "CMIG_REVISION"},
    [FACT_DOWN_REVISION] = {"down_revision", "CMIG_DOWN_REVISION"},
    [FACT_MESSAGE] = {"message", "CMIG_MESSAGE"},
    [FACT_DIRECTION] = {"direction", "CMIG_DIRECTION"},
    [FACT_STEP] = {"step", "CMIG_STEP"},
    [FACT_STEPS] = {"steps", "CMIG_STEPS"},
    [FACT_FILE] = {"file", "CMIG_FILE"},
    [FACT_ENVIRONMENT] = {"environment", "CMIG_ENVIRONMENT"},
    [FACT_TARGET] = {"target", "CMIG_TARGET"},
    [FACT_CURRENT] = {"current", "CMIG_CURRENT"},
    [FACT_ERROR] = {"error", "CMIG_ERROR"},
};
struct facts {
    const char *v[FACTS]; /* NULL: it has none */
};

/* A program runs in another directory. */
static const char *absolute(struct ctx *ctx, const char *path)
{
    char *full = path ? realpath(path, NULL) : NULL;
    const char *ret = full ? ctx_strdup(ctx, full) : path;
    free(full);
    return ret;
}

static const char *number(struct ctx *ctx, size_t n)
{
    return ctx_printf(ctx, "%zu", n);
}

/* `w` NULL: of the whole run. */
static void find_facts(struct run *r, const struct work *w, enum hook_kind kind, struct facts *ret)
{
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = w ? w->step->revision : NULL;
    size_t planned = r->result->planned ? r->result->planned : r->plan.n;
    *ret =
        (struct facts){.v = {
                           [FACT_HOOK] = hook_names[kind],
                           [FACT_DIRECTION] = run_direction(w ? w->step->direction : r->options->direction),
                           [FACT_STEPS] = number(ctx, planned),
                           [FACT_ENVIRONMENT] = r->p->config.environment,
                           [FACT_TARGET] = r->p->target ? r->p->target->name : NULL,
                           [FACT_CURRENT] = strings_join(&ctx->arena, &r->rows, " "),
                       }};
    if (!v)
        return;
    ret->v[FACT_REVISION] = v->id;
    ret->v[FACT_DOWN_REVISION] = strings_join(&ctx->arena, &v->down, " ");
    ret->v[FACT_MESSAGE] = v->message;
    ret->v[FACT_STEP] = number(ctx, planned - r->plan.n + (size_t)(w - r->works) + 1);
    ret->v[FACT_FILE] = absolute(ctx, v->path);
}

/* ---- programs ---------------------------------------------------------------------------------------- */

/* A variable without a value is empty, whatever it is in our environment. */
static struct strings variables_of(struct ctx *ctx, const struct facts *facts)
{
    enum { LONGEST = 60000 }; /* the system has a limit for each */
    struct strings ret = {0};
    for (int i = 0; i < FACTS; i++)
        vec_add(ctx, &ret,
            ctx_printf(ctx, "%s=%.*s", fact_names[i].variable, LONGEST, facts->v[i] ? facts->v[i] : ""));
    return ret;
}

static bool run_one(struct run *r, const struct hook *hook, const struct facts *facts)
{
    struct ctx *ctx = r->p->ctx;
    const struct strings variables = variables_of(ctx, facts);
    const char *url = "", *what = facts->v[FACT_HOOK];
    bool in_memory = r->p->url.dialect->has.embedded && !*r->p->url.rest;
    if (!in_memory && !run_program_url(r->p, &url))
        return false;
    const struct program program = {
        .words = &hook->command,
        .what = what,
        .env = run_program_environment(ctx, url, &variables),
        .folder = r->p->config.folder,
        .quiet_stdout = true,
    };
    log_debug(ctx, "%s: %s", what, strings_join(&ctx->arena, &hook->command, " "));
    return program_check(ctx, &program) || fail_in(ctx, "%shook %s", pos_text(&ctx->arena, hook->pos), what);
}

bool hooks_run(struct run *r, const struct work *w, enum hook_kind kind)
{
    const struct hook_list *list = hooks_of(r, kind);
    struct facts facts;
    if (!list->n)
        return true;
    find_facts(r, w, kind, &facts);
    vec_each(i, list)
        if (list->v[i]->command.n && !run_one(r, list->v[i], &facts))
            return false;
    return true;
}

/* ---- SQL --------------------------------------------------------------------------------------------- */

static struct op *op_of(struct run *r, const struct hook *hook, enum hook_kind kind)
{
    struct op *op = op_new(r->p->ctx, OP_EXECUTE);
    op->pos = hook->pos;
    op->u.execute.role = ctx_printf(r->p->ctx, "hook %s", hook_names[kind]);
    op->u.execute.sql = hook->sql;
    return op;
}

static int fact_of(const struct sql_piece *word)
{
    for (int i = 0; i < FACTS; i++)
        if (sql_piece_is(word, fact_names[i].name))
            return i;
    return FACTS;
}

/* Replaces {revision} and the like by literals, but not in strings and comments. */
static const char *with_facts(struct run *r, const char *text, const struct facts *facts)
{
    const unsigned grammar = r->dialect->grammar;
    struct sql q = sql_begin(r->p->ctx, r->dialect);
    for (struct sql_piece p; (p = sql_piece(text, grammar)).kind != SQL_END; text = p.s + p.n) {
        struct sql_piece word = sql_piece(p.s + p.n, grammar), end = sql_piece(word.s + word.n, grammar);
        int fact = fact_of(&word);
        if (sql_piece_is_char(&p, '{') && sql_piece_is_char(&end, '}') && fact < FACTS) {
            sql_string(&q, facts->v[fact]);
            p = (struct sql_piece){.s = end.s, .n = end.n};
        } else {
            str_addn(&q.text, p.s, p.n);
        }
    }
    return sql_end(&q);
}

static void add_sql(struct run *r, enum hook_kind kind, const struct facts *facts, struct statements *ret)
{
    const struct hook_list *list = hooks_of(r, kind);
    vec_each(i, list) {
        const char *text = dtext_for(&list->v[i]->sql, r->dialect->name);
        if (text)
            statement_add(r->p->ctx, ret, with_facts(r, text, facts), op_of(r, list->v[i], kind))->flags =
                STATEMENT_SCRIPT;
    }
}

void hooks_add(struct run *r, const struct work *w, enum hook_kind kind, struct statements *ret)
{
    struct facts facts;
    if (!have_sql(hooks_of(r, kind)))
        return;
    find_facts(r, w, kind, &facts);
    add_sql(r, kind, &facts, ret);
}

/* Outside of a transaction; what it sets for the session is undone. */
static bool run_sql(struct run *r, enum hook_kind kind, const struct facts *facts)
{
    struct conn *conn = r->p->conn;
    struct statements list = {0}, restore = {0};
    add_sql(r, kind, facts, &list);
    if (!list.n)
        return true;
    run_add_restore(r, &restore);
    return conn->dialect->exec(conn, &list, false) && conn->dialect->begin(conn) &&
           conn->dialect->exec(conn, &restore, true);
}

/* What earlier steps have left uncommitted must not be committed without its record. */
bool hooks_run_before_parts(struct run *r, const struct work *w)
{
    struct conn *conn = r->p->conn;
    struct statements list = {0};
    bool commits = r->standing == r->result->n;
    hooks_add(r, w, HOOK_BEFORE_STEP, &list);
    if (!list.n)
        return true;
    if ((!r->in_transaction && !conn->dialect->begin(conn)) || !conn->dialect->exec(conn, &list, commits))
        return false;
    r->in_transaction = !commits;
    return true;
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static bool run_all_of(struct run *r, enum hook_kind kind)
{
    struct conn *conn = r->p->conn;
    struct facts facts;
    find_facts(r, NULL, kind, &facts);
    if (hooks_run(r, NULL, kind) && run_sql(r, kind, &facts))
        return true;
    conn->dialect->rollback(conn);
    return false;
}

bool hooks_begin(struct run *r)
{
    if (r->has_begun || !r->plan.n)
        return true;
    r->has_begun = true;
    return run_all_of(r, HOOK_BEFORE_RUN) ||
           fail_hint(
               r->p->ctx, "No revision was applied or reverted; the database is at %s.", run_current_text(r));
}

bool hooks_end(struct run *r)
{
    if (!r->has_begun || run_all_of(r, HOOK_AFTER_RUN))
        return true;
    run_say_outcome(r, 0, r->plan.n, true);
    return false;
}

/* The step that failed; NULL: none did. */
static const struct work *failed_work(const struct run *r)
{
    for (size_t i = 0; r->result->failed && i < r->plan.n; i++)
        if (r->works[i].step->revision == r->result->failed)
            return &r->works[i];
    return NULL;
}

/* The interruption that ended the run does not end them. */
void hooks_fail(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct conn *conn = r->p->conn;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    const struct err err = ctx->err;
    const struct hook_list *list = hooks_of(r, HOOK_ON_FAILURE);
    struct facts facts;
    if (!r->has_begun || !list->n)
        return;
    find_facts(r, failed_work(r), HOOK_ON_FAILURE, &facts);
    facts.v[FACT_ERROR] = err_text(ctx);
    conn->dialect->rollback(conn);
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i]->command.n && !run_one(r, list->v[i], &facts)) {
            log_warn(ctx, "%s", err_text(ctx));
            err_clear(ctx);
        }
    if (have_sql(list) && (conn->is_lost || !run_sql(r, HOOK_ON_FAILURE, &facts))) {
        log_warn(ctx, "the SQL of hook on_failure did not run: %s",
            conn->is_lost ? "the connection was lost" : err_text(ctx));
        conn->dialect->rollback(conn);
    }
    ctx->err = err;
    ctx->interrupt = interrupt;
}

/* ---- before anything runs ---------------------------------------------------------------------------- */

static bool read_file(struct run *r, struct hook *hook)
{
    struct ctx *ctx = r->p->ctx;
    const char *file = dtext_for(&hook->file, r->dialect->name);
    size_t size;
    char *text;
    if (!file)
        return true;
    if (!fs_read(ctx, &ctx->arena, "SQL file", fs_join(&ctx->arena, r->p->config.folder, file), FS_TEXT_LIMIT,
            &text, &size))
        return false;
    hook->sql = (struct dtext){.text = text};
    return true;
}

static bool prepare_one(struct run *r, struct hook *hook, enum hook_kind kind)
{
    struct ctx *ctx = r->p->ctx;
    bool in_transaction = kind == HOOK_BEFORE_STEP || kind == HOOK_AFTER_STEP;
    struct statements parts = {0};
    if (!read_file(r, hook))
        return fail_in(ctx, "%shook %s", pos_text(&ctx->arena, hook->pos), hook_names[kind]);
    const char *text = dtext_for(&hook->sql, r->dialect->name);
    if (!text)
        return true;
    hook->sql = (struct dtext){.text = r->dialect->clean(ctx, text, in_transaction)};
    const struct statement s = {
        .text = hook->sql.text, .op = op_of(r, hook, kind), .flags = STATEMENT_SCRIPT, .expect = -1};
    return r->dialect->split(ctx, &s, in_transaction, &parts);
}

bool hooks_prepare(struct run *r)
{
    for (int kind = 0; r->plan.n && kind < HOOK_KINDS; kind++) {
        const struct hook_list *list = hooks_of(r, (enum hook_kind)kind);
        vec_each(i, list)
            if (!list->v[i]->command.n && !prepare_one(r, list->v[i], (enum hook_kind)kind))
                return false;
    }
    return true;
}

/* ---- scripts ----------------------------------------------------------------------------------------- */

void hooks_print_programs(struct run *r, enum hook_kind kind)
{
    struct ctx *ctx = r->p->ctx;
    const struct hook_list *list = hooks_of(r, kind);
    vec_each(i, list)
        if (list->v[i]->command.n)
            run_print(r, sql_comment(ctx, ctx_printf(ctx, "hook %s: %s", hook_names[kind],
                                              strings_join(&ctx->arena, &list->v[i]->command, " "))));
}

static void warn_of_programs(struct run *r)
{
    bool has_some = false;
    for (int kind = 0; kind < HOOK_KINDS; kind++) {
        const struct hook_list *list = hooks_of(r, (enum hook_kind)kind);
        vec_each(i, list)
            has_some |= list->v[i]->command.n > 0;
    }
    if (has_some && r->offline && !r->is_discarded)
        log_warn(r->p->ctx, "the script does not run programs of hooks; comments mark their places");
}

bool hooks_print(struct run *r, const struct work *w, enum hook_kind kind)
{
    struct statements list = {0};
    struct facts facts;
    if (kind == HOOK_BEFORE_RUN)
        warn_of_programs(r);
    if (!hooks_of(r, kind)->n)
        return true;
    find_facts(r, w, kind, &facts);
    hooks_print_programs(r, kind);
    add_sql(r, kind, &facts, &list);
    if (!list.n)
        return true;
    if (!w && r->offline)
        run_add_restore(r, &list);
    return run_print_statements(r, &list, !w || run_is_outside(r, w));
}
