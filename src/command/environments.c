/*
 * Runs a command in several environments, and finds those that share revision files.
 *
 * Each in turn until one fails. What writes a revision file does so once for all that share a history.
 */
#include "command.h"

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
            vec_add(c->ctx, strings_eq(&own->models, &other.models) ? &ret->same_models : &ret->other_models,
                name);
    }
    return true;
}

/* Of `names` the one at `first`, and later ones that share its revision files. */
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

/* ---- all of them ---- */

static void hint_not_begun(struct call *c, const struct strings *names, const struct strings *begun)
{
    struct strings rest = {0};

    vec_each(i, names)
        if (!strings_have(begun, names->v[i]))
            vec_add(c->ctx, &rest, names->v[i]);
    if (rest.n)
        fail_hint(c->ctx, "Not started: %s.", strings_join(&c->ctx->arena, &rest, ", "));
}

static bool run_together(
    struct call *c, const struct command *command, const struct strings *names, struct node *documents)
{
    struct arena *a = &c->ctx->arena;
    struct call one = call_in(c, names->v[0]);
    const char *title = strings_join(a, names, ", ");
    bool ok;

    one.together = *names;
    log_info(c->ctx, "environment%s %s:", names->n > 1 ? "s" : "", title);
    ok = run_once(&one, command);
    vec_each(i, names)
        if (one.document)
            node_set(a, documents, names->v[i], one.document);
    return ok || fail_in(c->ctx, "environment%s '%s'", names->n > 1 ? "s" : "", title);
}

bool run_several(struct call *c, const struct command *command)
{
    struct arena *a = &c->ctx->arena;
    struct node *documents = node_mapping(a);
    struct strings names, begun = {0};
    bool ok = true;

    if (!find_environments(c, &names))
        return false;
    node_set(a, document_begin(c), "environments", documents);
    for (size_t i = 0; ok && i < names.n; i++) {
        struct strings group = {0};

        if (strings_have(&begun, names.v[i]))
            continue;
        if (!command->writes_revision)
            vec_add(c->ctx, &group, names.v[i]);
        else if (!find_together(c, &names, i, &group))
            return false;
        vec_each(k, &group)
            vec_add(c->ctx, &begun, group.v[k]);
        ok = run_together(c, command, &group, documents);
    }
    if (!ok)
        hint_not_begun(c, &names, &begun);
    return ok;
}
