/*
 * Runs test cases in scratch databases.
 *
 * One database is upgraded to the revision before that of the next case; no case runs in it. Each case gets a copy of it,
 * or, where databases cannot be copied, a new database in which the earlier revisions run again.
 */
#include "migrate/cases.h"
#include "migrate/proof.h"

struct testing {
    struct project *p;
    struct revisions sorted; /* all, oldest first */
    struct proof base;       /* open if it has a connection */
    bool *applied;           /* to it, by revision->order */
};

/* A case that runs. */
struct trial {
    struct ctx *ctx;
    struct proof proof;
    struct audience to;
    const struct test_case *test;
    struct case_result *result;
    const char *when; /* "after the upgrade, " */
};

/* ---- problems ---- */

static void add_lines(struct ctx *ctx, struct strings *ret, const char *text)
{
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        vec_add(ctx, ret, arena_strndup(&ctx->arena, text, (size_t)(end - text)));
    }
}

static struct case_problem *add_problem(struct trial *t, struct pos pos, const char *text)
{
    struct case_problem *problem = ctx_new(t->ctx, struct case_problem);

    *problem = (struct case_problem){.pos = pos, .text = ctx_printf(t->ctx, "%s%s", t->when, text)};
    vec_add(t->ctx, &t->result->problems, problem);
    return problem;
}

/* Whether the case can say something about the error: after an interruption or without a connection it cannot. */
static bool is_finding(const struct ctx *ctx)
{
    return !ctx_interrupted(ctx) && ctx->err.status != STATUS_UNREACHABLE;
}

static bool take_error(struct trial *t, struct pos pos, const char *text)
{
    if (!is_finding(t->ctx))
        return false;
    add_lines(t->ctx, &add_problem(t, pos, text)->lines, err_text(t->ctx));
    err_clear(t->ctx);
    return true;
}

/* The error that is set must contain this text. */
static bool expect_error(struct trial *t, struct pos pos, const char *wanted)
{
    if (is_finding(t->ctx) && strstr(err_text(t->ctx), wanted)) {
        err_clear(t->ctx);
        return true;
    }
    return take_error(t, pos, ctx_printf(t->ctx, "the error does not contain '%s'", wanted));
}

/* ---- statements ---- */

/* Runs them one by one; *ret are the rows of the last one. */
static bool run_sql(
    struct trial *t, const struct op *op, struct result *ret, size_t *ret_n, const char **ret_text)
{
    struct conn *conn = t->proof.project.conn;
    const struct dialect *dialect = conn->dialect;
    const char *text = dtext_for(&op->u.execute.sql, dialect->name);
    struct statements parts = {0};

    *ret = (struct result){0};
    *ret_text = text ? dialect->clean(t->ctx, text, false) : "";
    struct statement s = {.text = *ret_text, .op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
    if (!dialect->split(t->ctx, &s, false, &parts))
        return false;
    *ret_n = parts.n;
    vec_each(i, &parts) {
        const size_t from = parts.v[i]->from, to = parts.v[i]->to ? parts.v[i]->to : strlen(s.text);
        const char *one = arena_strndup(&t->ctx->arena, s.text + from, to - from);

        if (!dialect->query_rows(conn, one, ret))
            return fail_in(t->ctx, "%s%s", pos_text(&t->ctx->arena, op->pos), sql_one_line(t->ctx, one));
    }
    return !dialect->scratch_reset || dialect->scratch_reset(conn);
}

static bool check_rows(
    struct trial *t, const struct expectation *e, const struct result *found, const char *sql)
{
    struct case_problem differs;

    case_rows_compare(t->ctx, t->proof.project.conn->dialect, e, sql, found, &differs);
    vec_add(t->ctx, &t->result->steps,
        ctx_printf(t->ctx, "%s%u row%s: %s", t->when, found->rows.n, found->rows.n == 1 ? "" : "s",
            sql_one_line(t->ctx, sql)));
    if (!differs.text)
        return true;
    struct case_problem *problem = add_problem(t, differs.pos, differs.text);
    vec_add(t->ctx, &problem->lines, sql_one_line(t->ctx, sql));
    vec_each(i, &differs.lines)
        vec_add(t->ctx, &problem->lines, differs.lines.v[i]);
    return true;
}

static bool check_expectation(struct trial *t, const struct expectation *e)
{
    struct result found;
    const char *sql;
    size_t n = 0;

    if (!only_fits(&e->only, &t->to))
        return true;
    if (!run_sql(t, e->sql, &found, &n, &sql))
        return e->fails ? expect_error(t, e->pos, e->fails) : take_error(t, e->pos, "a statement failed");
    if (e->fails) {
        struct case_problem *problem = add_problem(t, e->pos, "the statement succeeded");

        vec_add(t->ctx, &problem->lines, sql_one_line(t->ctx, sql));
        return true;
    }
    if (!e->rows.given)
        return true;
    if (n == 1 && found.columns.n)
        return check_rows(t, e, &found, sql);
    add_problem(t, e->pos, "'rows' needs one query");
    return true;
}

/* ---- phases ---- */

static bool note_program(struct trial *t, const struct revision *r)
{
    struct revision_body body;

    if (!revision_body(t->ctx, r, &t->to, &body))
        return false;
    if (proof_skips_program(&t->proof, &body))
        vec_add(t->ctx, &t->result->notes,
            ctx_printf(t->ctx, "the program of revision %s did not run: it cannot open a database in memory",
                r->id));
    return true;
}

static bool walk_steps(struct trial *t, enum direction direction)
{
    const struct revisions *steps = &t->test->steps;

    vec_each(i, steps) {
        const struct revision *r = steps->v[direction == DIRECTION_UP ? i : steps->n - 1 - i];

        if ((direction == DIRECTION_UP && !note_program(t, r)) || !proof_walk(&t->proof, r, direction))
            return false;
    }
    return true;
}

/* *ret_continues: what was expected happened, as far as the walk is concerned. */
static bool run_phase(
    struct trial *t, enum direction direction, const struct case_phase *phase, bool *ret_continues)
{
    static const char *const names[] = {[DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade"};
    const char *name = names[direction], *fails = phase ? phase->fails : NULL;
    const struct pos pos = phase && phase->pos.line ? phase->pos : t->test->pos;

    t->when = "";
    const size_t before = t->result->problems.n;
    if (walk_steps(t, direction)) {
        if (fails)
            add_problem(t, pos,
                ctx_printf(t->ctx, "the %s succeeded, but should have failed with '%s'", name, fails));
    } else if (fails ? !expect_error(t, pos, fails)
                     : !take_error(t, pos, ctx_printf(t->ctx, "the %s failed", name))) {
        return false;
    }
    *ret_continues = t->result->problems.n == before;
    t->when = ctx_printf(t->ctx, "after the %s, ", name);
    for (size_t i = 0; *ret_continues && phase && i < phase->expect.n; i++)
        if (!check_expectation(t, phase->expect.v[i]))
            return false;
    return true;
}

static bool insert_rows(struct trial *t)
{
    struct conn *conn = t->proof.project.conn;
    struct statements list = {0};

    if (!t->test->rows.n)
        return true;
    if (migrate_render(&t->proof.project, &t->test->rows, &list) && conn->dialect->begin(conn) &&
        conn->dialect->exec(conn, &list, true))
        return true;
    conn->dialect->rollback(conn);
    return false;
}

/* *ret_continues false: a statement failed. */
static bool prepare(struct trial *t, bool *ret_continues)
{
    struct result ignored;
    const char *text;
    size_t n;

    *ret_continues = insert_rows(t);
    for (size_t i = 0; *ret_continues && i < t->test->sql.n; i++)
        *ret_continues = run_sql(t, t->test->sql.v[i], &ignored, &n, &text);
    return *ret_continues || take_error(t, t->test->pos, "cannot insert the rows before the upgrade");
}

static bool run_trial(struct trial *t)
{
    const struct test_case *test = t->test;
    bool continues;

    if (!prepare(t, &continues))
        return false;
    if (continues && !run_phase(t, DIRECTION_UP, test->upgrade, &continues))
        return false;
    return !continues || !test->downgrade || run_phase(t, DIRECTION_DOWN, test->downgrade, &continues);
}

/* ---- databases ---- */

/* Applies what is missing; a base that has more than the case needs is replaced. */
static bool move_base(struct testing *g, const struct test_case *test)
{
    bool is_ahead = !g->base.scratch.conn;

    for (size_t i = 0; i < g->sorted.n; i++)
        is_ahead |= g->applied[i] && !test->before[i];
    if (is_ahead) {
        proof_close(&g->base);
        memset(g->applied, 0, g->sorted.n);
        if (!proof_open(g->p, 0, &g->base))
            return false;
    }
    vec_each(i, &g->sorted) {
        const struct revision *r = g->sorted.v[i];

        if (!test->before[r->order] || g->applied[r->order])
            continue;
        if (!proof_walk(&g->base, r, DIRECTION_UP)) {
            proof_close(&g->base);
            return false;
        }
        g->applied[r->order] = true;
    }
    return true;
}

/* Another database as the base is, or, where none can be copied, the base itself, which the next case does not get. */
static bool open_trial(struct testing *g, struct trial *t)
{
    if (!move_base(g, t->test))
        return false;
    if (proof_copy(&g->base, &t->proof))
        return true;
    if (t->ctx->err.status != STATUS_OK)
        return false;
    proof_take(&g->base, &t->proof);
    return true;
}

static bool run_case(struct testing *g, struct case_result *result)
{
    struct project *p = g->p;
    struct trial t = {.ctx = p->ctx, .test = result->test, .result = result, .when = ""};
    const uint64_t start = time_monotonic_us();

    t.to = project_audience(p, p->conn->dialect->name);
    if (!only_fits(&result->test->only, &t.to)) {
        result->outcome = CASE_SKIPPED;
        return true;
    }
    bool ok =
        open_trial(g, &t) ? run_trial(&t) : take_error(&t, result->test->pos, "cannot apply a revision");
    proof_close(&t.proof);
    result->outcome = result->problems.n ? CASE_FAILED : CASE_PASSED;
    result->microseconds = time_monotonic_us() - start;
    return ok;
}

bool migrate_test(struct project *p, const struct test_cases *cases,
    void (*report)(void *user, const struct case_result *r), void *user, struct case_results *ret)
{
    struct testing g = {.p = p, .applied = arena_alloc(&p->ctx->arena, p->graph.all.n + 1)};
    struct revisions heads;

    graph_heads(p->ctx, &p->graph, &heads);
    graph_below(p->ctx, &p->graph, &heads, &g.sorted);
    bool ok = true;
    for (size_t i = 0; ok && i < cases->n; i++) {
        struct case_result *result = ctx_new(p->ctx, struct case_result);

        result->test = cases->v[i];
        log_progress(p->ctx, "cases", i, cases->n);
        ok = run_case(&g, result);
        if (ok) {
            vec_add(p->ctx, ret, result);
            report(user, result);
        }
    }
    log_progress(p->ctx, NULL, 0, 0);
    proof_close(&g.base);
    return ok;
}
