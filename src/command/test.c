/*
 * test: run the test cases of revisions in scratch databases.
 */
#include "command.h"

struct values {
    const char *scratch_url, *dialect, *junit;
};

static const char *const outcomes[] = {
    [CASE_PASSED] = "passed",
    [CASE_FAILED] = "failed",
    [CASE_SKIPPED] = "skipped",
};

/* ---- which cases ----------------------------------------------------------------------------------------- */

static bool is_path(const char *operand)
{
    return fs_exists(operand) || strpbrk(operand, "/*?[") || str_ends(operand, ".yaml") ||
           str_ends(operand, ".yml");
}

/* Operands that name revisions leave only the cases of these. */
static bool keep_revisions(struct call *c, const struct strings *symbols, struct test_cases *cases)
{
    struct revisions wanted = {0};
    struct test_cases kept = {0};

    if (!symbols->n)
        return true;
    if (!resolve_symbols(c, symbols, &wanted))
        return false;
    vec_each(i, cases)
        vec_each(k, &wanted)
            if (cases->v[i]->revision == wanted.v[k])
                vec_add(c->ctx, &kept, cases->v[i]);
    *cases = kept;
    return true;
}

static bool find_cases(struct call *c, struct test_cases *ret)
{
    struct strings paths = {0}, symbols = {0};

    vec_each(i, &c->operands) {
        const char *operand = c->operands.v[i];

        if (!is_path(operand) && symbol_needs_database(operand))
            return fail(c->ctx, STATUS_USAGE, "'%s' is relative to a database, which is not read", operand);
        if (is_path(operand))
            vec_add(c->ctx, &paths, operand);
        else
            vec_add(c->ctx, &symbols, operand);
    }
    return cases_read(&c->project, paths.n ? &paths : &c->project.config.tests, paths.n > 0, ret) &&
           keep_revisions(c, &symbols, ret);
}

static bool report_none(struct call *c)
{
    const char *where = strings_join(&c->ctx->arena, &c->project.config.tests, "', '");

    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "cases", node_sequence(&c->ctx->arena));
    if (c->operands.n)
        log_info(c->ctx, "no test cases for %s", strings_join(&c->ctx->arena, &c->operands, ", "));
    else
        log_info(c->ctx, "no test cases in '%s'", where);
    return true;
}

/* ---- the report ------------------------------------------------------------------------------------------ */

static const char *problem_text(struct call *c, const struct case_problem *p)
{
    struct str out = STR(c->ctx);

    str_addf(&out, "%s%s", pos_text(&c->ctx->arena, p->pos), p->text);
    vec_each(i, &p->lines)
        str_addf(&out, "\n  %s", p->lines.v[i]);
    return str_get(&out);
}

/* "passed   1f3a: names are split" */
static void print_result(void *user, const struct case_result *r)
{
    struct call *c = user;
    struct str out = STR(c->ctx);
    enum { WIDTH = 7 };

    if (c->globals->json)
        return;
    add_outcome(c, &out, outcomes[r->outcome], r->outcome != CASE_FAILED);
    str_addf(&out, "%*s  ", (int)(WIDTH - strlen(outcomes[r->outcome])), "");
    add_id(c, &out, r->test->revision->id);
    str_addf(&out, ": %s\n", r->test->name);
    for (size_t i = 0; c->globals->verbose && i < r->steps.n; i++)
        add_indented(&out, r->steps.v[i]);
    vec_each(i, &r->problems)
        add_indented(&out, problem_text(c, r->problems.v[i]));
    vec_each(i, &r->notes)
        add_indented(&out, ctx_printf(c->ctx, "note: %s", r->notes.v[i]));
    print_part(c, str_get(&out));
}

static struct node *problem_node(struct call *c, const struct case_problem *p)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a);

    node_set(a, n, "file", node_string(a, p->pos.file));
    node_set(a, n, "line", node_number(a, p->pos.line));
    node_set(a, n, "column", node_number(a, p->pos.column));
    node_set(a, n, "text", node_string(a, p->text));
    node_set(a, n, "lines", strings_node(c, &p->lines));
    return n;
}

static struct node *result_node(struct call *c, const struct case_result *r)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a), *problems = node_sequence(a);

    vec_each(i, &r->problems)
        node_append(a, problems, problem_node(c, r->problems.v[i]));
    node_set(a, n, "name", node_string(a, r->test->name));
    node_set(a, n, "file", node_string(a, r->test->pos.file));
    node_set(a, n, "line", node_number(a, r->test->pos.line));
    node_set(a, n, "revision", node_string(a, r->test->revision->id));
    node_set(a, n, "result", node_string(a, outcomes[r->outcome]));
    node_set(a, n, "problems", problems);
    node_set(a, n, "notes", strings_node(c, &r->notes));
    node_set(a, n, "milliseconds", node_number(a, (int64_t)(r->microseconds / 1000)));
    return n;
}

static void report_json(struct call *c, const struct case_results *found)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c), *list = node_sequence(a);

    vec_each(i, found)
        node_append(a, list, result_node(c, found->v[i]));
    node_set(a, document, "server", node_string(a, c->project.conn->server));
    node_set(a, document, "cases", list);
}

static bool write_junit(struct call *c, const char *path, const struct case_results *found)
{
    struct junit_cases cases = {0};
    struct str out = STR(c->ctx);

    vec_each(i, found) {
        const struct case_result *r = found->v[i];
        struct strings problems = {0};

        vec_each(k, &r->problems)
            vec_add(c->ctx, &problems, problem_text(c, r->problems.v[k]));
        vec_add(c->ctx, &cases,
            ((struct junit_case){
                .name = r->test->name,
                .group = r->test->pos.file,
                .failure = problems.n ? r->problems.v[0]->text : NULL,
                .detail = strings_join(&c->ctx->arena, &problems, "\n"),
                .skipped = r->outcome == CASE_SKIPPED ? "for another database" : NULL,
                .microseconds = r->microseconds,
            }));
    }
    junit_add(&out, "cmig test", &cases);
    return fs_write(c->ctx, path, out.s, out.n);
}

static bool judge(struct call *c, const struct case_results *found)
{
    size_t failed = 0, skipped = 0;

    vec_each(i, found) {
        failed += found->v[i]->outcome == CASE_FAILED;
        skipped += found->v[i]->outcome == CASE_SKIPPED;
    }
    const char *all = count_text(c->ctx, found->n - skipped, "case"), *server = c->project.conn->server;
    const char *others = skipped ? ctx_printf(c->ctx, ", %zu skipped", skipped) : "";

    if (failed)
        return fail(c->ctx, STATUS_FOUND, "%zu of %s failed on %s%s", failed, all, server, others);
    log_info(c->ctx, "%s passed on %s%s", all, server, others);
    return true;
}

/* ---- together -------------------------------------------------------------------------------------------- */

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct test_cases cases = {0};
    struct case_results found = {0};
    bool has_server;

    if (v->junit && c->environments > 1)
        return fail(c->ctx, STATUS_USAGE, "--junit cannot be combined with several environments");
    if (!find_cases(c, &cases))
        return false;
    if (!cases.n)
        return report_none(c);
    if (!scratch_server(c, v->scratch_url, v->dialect, &has_server))
        return false;
    if (!has_server) {
        fail(c->ctx, STATUS_USAGE, "no %s server to run test cases on", v->dialect);
        return fail_hint(c->ctx, "Name one with --scratch-url.");
    }
    if (!connect_database(c, MISSING_IS_EMPTY) || !migrate_test(&c->project, &cases, print_result, c, &found))
        return false;
    if (c->globals->json)
        report_json(c, &found);
    return (!v->junit || write_junit(c, v->junit, &found)) && judge(c, &found);
}

static const struct option_spec options[] = {
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "database (default: that of the URL)", NULL, NULL},
    {0, "junit", OPTION_STRING, offsetof(struct values, junit), "FILE",
        "also write a report in JUnit's format", NULL, "file"},
    {0},
};

static const struct operand_spec operand = {
    "CASE", "files, directories, globs or revisions (default: 'tests' of cmig.yaml)", 0, 0, "file", NULL};

const struct command command_test = {
    .spec = {.name = "test",
        .group = "Inspect revisions",
        .summary = "Run the test cases of revisions",
        .help = "A case inserts rows before a revision, applies the revision, compares the rows\n"
                "of queries with those that are expected, and reverts it if the case says so.\n"
                "Each case has a scratch database of its own: SQLite's is in memory, a server's\n"
                "is created on the configured server and dropped. The configured database is\n"
                "not changed. Cases are in migrations/tests/*.yaml unless 'tests' in cmig.yaml\n"
                "names other files; see cmig-test(5).\n",
        .examples = "  cmig test\n"
                    "  cmig test migrations/tests/names.yaml\n"
                    "  cmig test 1f3a --junit test.xml\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .run = run,
};
