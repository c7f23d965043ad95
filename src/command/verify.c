/*
 * verify: test revisions in a scratch database.
 */
#include "command.h"

struct values {
    const char *scratch_url, *dialect, *junit;
    int64_t data;
};

static const char *const results[] = {
    [VERIFIED_OK] = "verified",
    [VERIFIED_IRREVERSIBLE] = "no downgrade",
    [VERIFIED_DIFFERS] = "differs",
    [VERIFIED_FAILED] = "failed",
};

/* ---- what is verified ------------------------------------------------------------------------------ */

static bool find_range(struct call *c, struct revisions *ret)
{
    const struct graph *g = &c->project.graph;
    struct revisions heads;

    vec_each(i, &c->operands)
        if (symbol_needs_database(c->operands.v[i]))
            return fail(
                c->ctx, STATUS_USAGE, "'%s' is relative to a database, which is not read", c->operands.v[i]);
    if (c->operands.n)
        return resolve_symbols(c, &c->operands, ret);
    graph_heads(c->ctx, g, &heads);
    return graph_sorted(c->ctx, g, &heads, ret);
}

/* ---- the report ---------------------------------------------------------------------------------- */

/* "verified      1f3a create users" */
static void add_line(struct call *c, struct str *out, const struct verified *v)
{
    const char *message = v->revision->message ? v->revision->message : "";
    const bool is_good = v->result == VERIFIED_OK || v->result == VERIFIED_IRREVERSIBLE;
    enum { WIDTH = 12 };

    add_outcome(c, out, results[v->result], is_good);
    str_addf(out, "%*s  ", (int)(WIDTH - strlen(results[v->result])), "");
    add_id(c, out, v->revision->id);
    str_addf(out, "%s%.*s\n", *message ? ", " : "", (int)strcspn(message, "\n"), message);
}

static void print_verified(void *user, const struct verified *v)
{
    struct call *c = user;
    struct str out = STR(c->ctx);

    if (c->globals->json)
        return;
    add_line(c, &out, v);
    vec_each(i, &v->differences)
        add_indented(&out, v->differences.v[i]);
    vec_each(i, &v->notes)
        add_indented(&out, ctx_printf(c->ctx, "note: %s", v->notes.v[i]));
    if (v->error)
        add_indented(&out, v->error);
    print_part(c, str_get(&out));
}

static struct node *verified_node(struct call *c, const struct verified *v)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a);

    node_set(a, n, "revision", node_string(a, v->revision->id));
    node_set(a, n, "message", node_string(a, v->revision->message));
    node_set(a, n, "result", node_string(a, results[v->result]));
    node_set(a, n, "differences", strings_node(c, &v->differences));
    node_set(a, n, "notes", strings_node(c, &v->notes));
    node_set(a, n, "error", node_string(a, v->error));
    node_set(a, n, "milliseconds", node_number(a, (int64_t)(v->microseconds / 1000)));
    return n;
}

static void report_json(struct call *c, const struct verification *found)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c), *list = node_sequence(a);

    vec_each(i, &found->revisions)
        node_append(a, list, verified_node(c, found->revisions.v[i]));
    node_set(a, document, "server", node_string(a, found->server));
    node_set(a, document, "revisions", list);
    node_set(a, document, "untried", node_number(a, (int64_t)found->untried.n));
    node_set(a, document, "notes", strings_node(c, &found->notes));
    node_set(a, document, "models_compared", node_boolean(a, found->has_models));
    node_set(a, document, "differences", differences_node(c, &found->models));
}

static const char *detail_text(struct call *c, const struct strings *lines)
{
    return strings_join(&c->ctx->arena, lines, "\n");
}

static void add_skipped(struct call *c, struct junit_cases *cases, const struct revisions *list,
    const char *group, const char *why)
{
    vec_each(i, list)
        vec_add(c->ctx, cases, ((struct junit_case){.name = list->v[i]->id, .group = group, .skipped = why}));
}

static bool write_junit(struct call *c, const char *path, const struct verification *found)
{
    struct junit_cases cases = {0};
    struct strings texts = {0};
    struct str out = STR(c->ctx);

    vec_each(i, &found->revisions) {
        const struct verified *v = found->revisions.v[i];

        vec_add(c->ctx, &cases,
            ((struct junit_case){
                .name = v->revision->id,
                .group = found->server,
                .failure =
                    v->result == VERIFIED_DIFFERS || v->result == VERIFIED_FAILED ? results[v->result] : NULL,
                .detail = v->error ? v->error : detail_text(c, &v->differences),
                .microseconds = v->microseconds,
            }));
    }
    add_skipped(c, &cases, &found->untried, found->server, "a revision before it cannot be applied");
    vec_each(i, &found->models)
        vec_add(c->ctx, &texts, found->models.v[i]->text);
    if (found->has_models)
        vec_add(c->ctx, &cases,
            ((struct junit_case){
                .name = "models",
                .group = found->server,
                .failure = texts.n ? "differ" : NULL,
                .detail = detail_text(c, &texts),
            }));
    junit_add(&out, "cmig verify", &cases);
    return fs_write(c->ctx, path, out.s, out.n);
}

static void print_models(struct call *c, const struct verification *found)
{
    if (c->globals->json)
        return;
    vec_each(i, &found->notes)
        log_info(c->ctx, "%s", found->notes.v[i]);
    vec_each(i, &found->models)
        print_line(c, "%s%s", pos_text(&c->ctx->arena, found->models.v[i]->pos), found->models.v[i]->text);
}

static bool judge(struct call *c, const struct verification *found)
{
    const size_t n = found->revisions.n;
    enum status status = STATUS_FOUND;

    vec_each(i, &found->revisions)
        if (found->revisions.v[i]->result == VERIFIED_FAILED)
            status = STATUS_FAILED;
    if (found->failures) {
        fail(c->ctx, status, "%zu of %s did not pass on %s", found->failures,
            count_text(c->ctx, n + found->untried.n, "revision"), found->server);
        return found->untried.n ? fail_hint(c->ctx, "%s after it could not be tried.",
                                      count_text(c->ctx, found->untried.n, "revision"))
                                : false;
    }
    if (found->models.n) {
        fail(c->ctx, STATUS_FOUND, "models and revisions differ: %s",
            count_text(c->ctx, found->models.n, "difference"));
        return fail_hint(c->ctx, "Run 'cmig revision --autogenerate -m MESSAGE' to write a revision.");
    }
    log_info(c->ctx, "%s verified on %s%s", count_text(c->ctx, n, "revision"), found->server,
        found->has_models ? "; models and revisions agree" : "");
    return true;
}

/* ---- without a server ---------------------------------------------------------------------------- */

/* Only that every revision can be written as SQL of the dialect. */
static bool render_all(struct call *c)
{
    const struct values *v = c->values;
    struct junit_cases cases = {0};
    struct str out = STR(c->ctx);
    bool has_models;

    if (!migrate_validate(&c->project, v->dialect, &has_models))
        return false;
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "rendered_only", node_boolean(&c->ctx->arena, true));
    log_warn(c->ctx, "no %s server: %s rendered only, not run", v->dialect,
        count_text(c->ctx, c->project.graph.all.n, "revision"));
    if (!v->junit)
        return true;
    add_skipped(c, &cases, &c->project.graph.all, v->dialect, "rendered only, not run");
    junit_add(&out, "cmig verify", &cases);
    return fs_write(c->ctx, v->junit, out.s, out.n);
}

/* ---- together ------------------------------------------------------------------------------------ */

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct verify_options options = {.rows = v->data, .report = print_verified, .user = c};
    struct verification found;
    bool has_server;

    if (v->junit && c->environments > 1)
        return fail(c->ctx, STATUS_USAGE, "--junit cannot be combined with several environments");
    if (!find_range(c, &options.range) || !scratch_server(c, v->scratch_url, v->dialect, &has_server))
        return false;
    if (!has_server)
        return render_all(c);
    if (!migrate_models(&c->project) || !connect_database(c, MISSING_IS_EMPTY) ||
        !migrate_verify(&c->project, &options, &found))
        return false;
    differences_sort(&found.models);
    print_models(c, &found);
    if (c->globals->json)
        report_json(c, &found);
    return (!v->junit || write_junit(c, v->junit, &found)) && judge(c, &found);
}

static const struct option_spec options[] = {
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "database (default: that of the URL); without a server, only write the SQL", NULL, NULL},
    {0, "data", OPTION_NUMBER, offsetof(struct values, data), "N",
        "rows to insert into each table before a revision runs", NULL, NULL},
    {0, "junit", OPTION_STRING, offsetof(struct values, junit), "FILE",
        "also write a report in JUnit's format", NULL, "file"},
    {0},
};

static const struct operand_spec operand = {
    "RANGE", "revisions to verify, such as 1f3a: or base:head (default: all)", 0, 1, "revision", NULL};

const struct command command_verify = {
    .spec = {.name = "verify",
        .group = "Inspect revisions",
        .summary = "Test revisions in a scratch database",
        .help = "Applies each revision, reverts it and applies it again, in a scratch database\n"
                "that is dropped afterwards. The schema must be the same before the revision\n"
                "and after its downgrade, and after both upgrades; at the heads it must agree\n"
                "with the models. SQLite's scratch database is in memory; a server's is created\n"
                "on the configured server. The configured database is not changed.\n",
        .examples = "  cmig verify\n"
                    "  cmig verify --data 100 --junit verify.xml\n"
                    "  cmig verify --dialect sqlite 1f3a:\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .run = run,
};
