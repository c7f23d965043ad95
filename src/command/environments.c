/*
 * Runs a command in several environments, and finds those that share revision files.
 *
 * Each in turn. A command that only reads continues after a failure, one that changes something does so with
 * --keep-going. A command that writes a revision file runs once for all environments that share a history.
 */
#include "command.h"

#include <sys/stat.h>
#include <unistd.h>

static bool is_pattern(const char *name)
{
    return name && strpbrk(name, "*?[") != NULL;
}

bool environments_wanted(const struct globals *g, const struct command *command)
{
    return command->need != NEED_NOTHING && (g->all_environments || is_pattern(g->environment));
}

static bool find_environments(struct call *c, struct strings *ret)
{
    const struct globals *g = c->globals;
    struct config_request request = config_request_of(g);
    const char *pattern = g->all_environments ? "*" : g->environment;
    struct strings all;

    *ret = (struct strings){0};
    if (g->all_environments && g->environment)
        return fail(c->ctx, STATUS_USAGE, "--all-environments cannot be combined with -n");
    if (g->url)
        return fail(c->ctx, STATUS_USAGE, "--url cannot be combined with several environments");
    if (!config_environments(c->ctx, &request, &all))
        return false;
    vec_each(i, &all)
        if (str_glob(pattern, all.v[i]))
            vec_add(c->ctx, ret, all.v[i]);
    return ret->n || fail(c->ctx, STATUS_CONFIG, "no environment of the configuration matches '%s'", pattern);
}

/* ---- one of several ---- */

/* A call for the same command in another environment. */
static struct call call_in(struct call *c, const char *name)
{
    struct globals *globals = ctx_new(c->ctx, struct globals);
    struct call one = *c;

    *globals = *c->globals;
    globals->environment = name;
    globals->all_environments = false;
    one.globals = globals;
    one.project = (struct project){0};
    one.document = NULL;
    return one;
}

bool environment_open(struct call *c, const char *name, struct call *ret)
{
    struct config_request request;

    *ret = call_in(c, name);
    request = config_request_of(ret->globals);
    return project_open(c->ctx, &request, &ret->project) && project_graph(&ret->project);
}

/* ---- which share a history ---- */

static bool read_files(struct call *c, const char *name, struct config *ret)
{
    struct config_request request = config_request_of(c->globals);

    request.environment = name;
    request.files_only = true;
    return config_load(c->ctx, &request, ret);
}

bool environment_sharing(struct call *c, struct sharing *ret)
{
    const struct config *own = &c->project.config;

    *ret = (struct sharing){0};
    vec_each(i, &own->environments) {
        const char *name = own->environments.v[i];
        struct config other;

        if (!read_files(c, name, &other))
            return false;
        if (strings_eq(&own->migrations, &other.migrations))
            vec_add(c->ctx, config_same_models(own, &other) ? &ret->same_models : &ret->other_models, name);
    }
    return true;
}

/* From `names`, the one at `first`, and later ones that share its revision files. */
static bool find_together(struct call *c, const struct strings *names, size_t first, struct strings *ret)
{
    struct config one, other;

    *ret = (struct strings){0};
    if (!read_files(c, names->v[first], &one))
        return false;
    for (size_t i = first; i < names->n; i++) {
        if (!read_files(c, names->v[i], &other))
            return false;
        if (strings_eq(&one.migrations, &other.migrations))
            vec_add(c->ctx, ret, names->v[i]);
    }
    return true;
}

/* ---- labels ---- */

void print_environment(struct call *c)
{
    print_line(c, "environment %s:", c->globals->environment);
}

void print_environment_comment(struct call *c)
{
    print_line(c, "%s\n", sql_comment(c->ctx, ctx_printf(c->ctx, "environment %s", c->globals->environment)));
}

/* Whether results and messages go to the same place, such as a terminal, where one label is enough. */
static bool is_one_output(void)
{
    struct stat out, err;

    return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 && out.st_dev == err.st_dev &&
           out.st_ino == err.st_ino;
}

static void print_labels(struct call *one, const struct command *command, const char *title)
{
    bool on_stdout = command->label && !one->globals->json;

    if (!on_stdout || !is_one_output())
        log_info(one->ctx, "environment%s %s:", one->together.n > 1 ? "s" : "", title);
    if (on_stdout)
        command->label(one);
    fflush(stdout);
}

/* ---- all of them ---- */

/* How the environments ended so far. */
struct outcome {
    struct strings begun;
    struct strings failures; /* "one (status 2)" */
    enum status worst;
    bool goes_on; /* after a failure */
};

bool status_is_worse(enum status a, enum status b)
{
    if (b == STATUS_OK || b == STATUS_FOUND)
        return a != STATUS_OK;
    return a != STATUS_FOUND && a > b;
}

static void note_failure(struct call *c, struct outcome *o, const char *title)
{
    enum status status = c->ctx->err.status;

    vec_add(c->ctx, &o->failures, ctx_printf(c->ctx, "%s (status %d)", title, (int)status));
    if (status_is_worse(status, o->worst))
        o->worst = status;
}

static struct strings not_begun(struct call *c, const struct strings *names, const struct outcome *o)
{
    struct strings rest = {0};

    vec_each(i, names)
        if (!strings_have(&o->begun, names->v[i]))
            vec_add(c->ctx, &rest, names->v[i]);
    return rest;
}

static bool run_together(struct call *c, const struct command *command, const struct strings *names,
    struct outcome *o, struct node *documents)
{
    struct arena *a = &c->ctx->arena;
    struct call one = call_in(c, names->v[0]);
    const char *title = strings_join(a, names, ", ");
    bool ok;

    one.together = *names;
    print_labels(&one, command, title);
    ok = run_once(&one, command);
    fflush(stdout);
    if (!ok) {
        document_add_error(&one);
        note_failure(c, o, title);
        fail_in(c->ctx, "environment%s '%s'", names->n > 1 ? "s" : "", title);
    }
    vec_each(i, names)
        if (one.document)
            node_set(a, documents, names->v[i], one.document);
    return ok;
}

/* The environments that a run is for: one, or for a new revision file all that share it. */
static bool find_group(struct call *c, const struct command *command, const struct strings *names,
    size_t first, struct strings *ret)
{
    *ret = (struct strings){0};
    if (command->writes_revision)
        return find_together(c, names, first, ret);
    vec_add(c->ctx, ret, names->v[first]);
    return true;
}

/* The error becomes a message, so that the next environment can begin. */
static void report_failure(struct call *c)
{
    log_message(c->ctx, LOG_ERROR, "%s", err_text(c->ctx));
    err_clear(c->ctx);
}

static bool run_each(struct call *c, const struct command *command, const struct strings *names,
    struct outcome *o, struct node *documents)
{
    for (size_t i = 0; i < names->n; i++) {
        struct strings group;

        if (strings_have(&o->begun, names->v[i]))
            continue;
        if (!find_group(c, command, names, i, &group))
            return false;
        vec_each(k, &group)
            vec_add(c->ctx, &o->begun, group.v[k]);
        if (run_together(c, command, &group, o, documents))
            continue;
        if (!o->goes_on || names->n == 1 || ctx_interrupted(c->ctx))
            return false;
        report_failure(c);
    }
    return true;
}

/* Reports the environments that were not started, or sums up. */
static bool finish(struct call *c, const struct command *command, const struct strings *names,
    const struct outcome *o, bool ok)
{
    struct arena *a = &c->ctx->arena;
    struct strings rest = not_begun(c, names, o);

    node_set(a, c->document, "not_begun", strings_node(c, &rest));
    if (ok && o->failures.n)
        return fail(c->ctx, o->worst, "'%s' failed in %u of %s: %s", command->spec.name, o->failures.n,
            count_text(c->ctx, names->n, "environment"), strings_join(a, &o->failures, ", "));
    if (!ok && rest.n)
        fail_hint(c->ctx, "Not started: %s.", strings_join(a, &rest, ", "));
    if (!ok && rest.n && !o->goes_on && !ctx_interrupted(c->ctx))
        fail_hint(c->ctx, "With --keep-going the others run even if one fails.");
    return ok;
}

bool run_several(struct call *c, const struct command *command)
{
    struct outcome outcome = {.goes_on = !command->changes || c->globals->keep_going};
    struct node *documents = node_mapping(&c->ctx->arena);
    struct strings names;

    if (!find_environments(c, &names))
        return false;
    node_set(&c->ctx->arena, document_begin(c), "environments", documents);
    c->environments = names.n;
    return finish(c, command, &names, &outcome, run_each(c, command, &names, &outcome, documents));
}
