/*
 * Runs upgrade, downgrade and stamp, and reports what they did.
 */
#include "command.h"

/* A script is printed when it is complete: one that fails half-way must not run half-way. */
static void keep_statement(void *user, const char *sql)
{
    str_addf(user, "%s\n", sql);
}

static struct node *ran_node(struct call *c, const struct run_result *r)
{
    static const char *const directions[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    struct arena *a = &c->ctx->arena;
    struct node *list = node_sequence(a), *n;

    for (size_t i = 0; i < r->n; i++) {
        const struct ran *ran = &r->v[i];

        n = node_mapping(a);
        node_set(a, n, "revision", node_string(a, ran->revision ? ran->revision->id : NULL));
        node_set(a, n, "direction", node_string(a, directions[ran->direction]));
        node_set(a, n, "message", node_string(a, ran->revision ? ran->revision->message : NULL));
        node_set(a, n, "milliseconds", node_number(a, (int64_t)(ran->microseconds / 1000)));
        node_set(a, n, "extra", node_boolean(a, ran->extra));
        node_append(a, list, n);
    }
    return list;
}

static void report_json(struct call *c, const struct run_result *r, const struct str *script)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c);
    const struct strings waiting = revision_ids(c, &r->waiting);

    node_set(a, document, "steps", ran_node(c, r));
    node_set(a, document, "planned", node_number(a, (int64_t)r->planned));
    node_set(a, document, "rows", strings_node(c, &r->rows));
    node_set(a, document, "edited", strings_node(c, &r->edited));
    node_set(a, document, "waiting", strings_node(c, &waiting));
    node_set(a, document, "note", node_string(a, r->note));
    node_set(a, document, "retries", node_number(a, r->retries));
    node_set(a, document, "waited_ms", node_number(a, (int64_t)(r->waited_us / 1000)));
    node_set(a, document, "reconnects", node_number(a, r->reconnects));
    if (script->arena)
        node_set(a, document, "sql", node_string(a, str_get(script)));
}

/* What a phase left: the revisions of the other one, and those that come after them. */
static void note_waiting(struct call *c, const struct run_options *options, const struct run_result *r)
{
    struct revisions others = {0}, own = {0};

    vec_each(i, &r->waiting) {
        struct revision *v = r->waiting.v[i];
        const bool is_contract = v->phase == PHASE_CONTRACT;

        vec_add(c->ctx, is_contract == (options->phase == PHASE_CONTRACT) ? &own : &others, v);
    }
    if (others.n)
        log_info(c->ctx, "left for the %s phase: %s",
            phase_names[options->phase == PHASE_CONTRACT ? PHASE_EXPAND : PHASE_CONTRACT],
            ids_text(c, &others));
    if (own.n)
        log_warn(c->ctx, "not applied, since pending revisions of the other phase come before: %s",
            ids_text(c, &own));
}

static void report(struct call *c, const struct run_result *r, bool dry_run)
{
    uint64_t total = 0;

    c->is_unchanged = r->note != NULL;
    if (r->note) {
        log_message(c->ctx, c->out ? LOG_DEBUG : LOG_INFO, "%s", r->note);
        return;
    }
    for (size_t i = 0; i < r->n; i++)
        total += r->v[i].microseconds;
    if (dry_run)
        log_info(
            c->ctx, "dry run: %s would run, nothing was changed", count_text(c->ctx, r->planned, "step"));
    else
        log_info(c->ctx, "done: %s in %llu.%03llu s, the database is at %s", count_text(c->ctx, r->n, "step"),
            (unsigned long long)(total / 1000000), (unsigned long long)(total / 1000 % 1000),
            r->rows.n ? strings_join(&c->ctx->arena, &r->rows, ", ") : "base");
}

/* Each of several scripts names its environment. */
static void print_script(struct call *c, const struct str *text)
{
    if (c->together.n)
        print_environment_comment(c);
    print_text(c, str_get(text));
}

/* ---- online ---- */

/* An object, not a row: "Key (id)=(1) already exists." is a sentence. */
static bool says_already_exists(const char *text)
{
    static const char words[] = " already exists";

    for (const char *at = text; (at = strstr(at, words)); at++)
        if (at[strlen(words)] != '.')
            return true;
    return false;
}

/* For a database that another program created. */
static void hint_stamp(struct call *c, const struct revision *failed)
{
    if (says_already_exists(err_text(c->ctx)))
        fail_hint(c->ctx,
            "If the database already has all that revision %s creates, run 'cmig stamp %s' to record it as "
            "applied.",
            failed->id, failed->id);
}

/* Nobody would see the result. */
static bool warn_memory(struct call *c)
{
    if (!project_url(&c->project))
        return false;
    if (c->project.url.dialect->has.embedded && !*c->project.url.rest)
        log_warn(c->ctx, "the database is in memory and is lost when this command ends");
    return true;
}

static bool run(struct call *c, struct run_options *options)
{
    struct run_result result;
    struct str script = {0};
    bool ok;

    options->wait_ms = c->globals->wait_ms;
    options->print = keep_statement;
    options->user = &script;
    if (options->dry_run)
        script = STR(c->ctx);
    else if (!warn_memory(c))
        return false;
    ok = migrate_run(&c->project, options, &result);
    log_progress(c->ctx, NULL, 0, 0);
    if (c->globals->json && c->project.conn)
        report_json(c, &result, &script);
    else if (ok && options->dry_run)
        print_script(c, &script);
    if (ok)
        report(c, &result, options->dry_run);
    if (ok)
        note_waiting(c, options, &result);
    else if (options->direction == DIRECTION_UP && result.failed)
        hint_stamp(c, result.failed);
    return ok;
}

const struct target_options *walk_targets(const struct call *c)
{
    const struct walk_values *v = c->values;

    return v->sql ? NULL : &v->targets;
}

/* The heads are part of it: with other revisions, a target that was done is not done. */
const char *walk_run_key(struct call *c)
{
    const struct walk_values *v = c->values;
    struct revisions heads = {0};

    if (v->dry_run)
        return NULL;
    graph_heads(c->ctx, &c->project.graph, &heads);
    return ctx_printf(c->ctx, "%s %s", phase_names[v->phase], ids_text(c, &heads));
}

/* ---- offline ---- */

/* "from:to", or only "to". Without a `to` it goes to the end. */
static bool split_range(
    struct call *c, enum direction direction, const char *text, struct script_options *ret)
{
    static const char *const ends[] = {
        [DIRECTION_UP] = "head", [DIRECTION_DOWN] = "base", [DIRECTION_STAMP] = "head"};
    const char *colon = strchr(text, ':');

    if (colon && ret->targets.n)
        return fail(
            c->ctx, STATUS_USAGE, "only the first of several revisions may be a range, not '%s'", text);
    if (colon && ret->purge)
        return fail(c->ctx, STATUS_USAGE, "--purge cannot be combined with a range, such as '%s'", text);
    if (colon > text)
        ret->from = arena_strndup(&c->ctx->arena, text, (size_t)(colon - text));
    ret->target = colon ? colon + 1 : text;
    if (!*ret->target)
        ret->target = ends[direction];
    vec_add(c->ctx, &ret->targets, ret->target);
    return true;
}

bool script_print(struct call *c, struct script_options *options,
    bool (*make)(struct project *p, const struct script_options *options))
{
    struct str text = STR(c->ctx);

    options->print = keep_statement;
    options->user = &text;
    if (!make(&c->project, options))
        return false;
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "sql", node_string(&c->ctx->arena, str_get(&text)));
    else
        print_script(c, &text);
    return true;
}

static bool says_current(const char *text)
{
    static const char word[] = "current";

    for (const char *at = text; (at = strstr(at, word)); at++) {
        char before = at == text ? ':' : at[-1], after = at[strlen(word)];

        if (strchr(":@ ", before) && (!after || strchr("+-: ", after)))
            return true;
    }
    return false;
}

static bool check_options(
    struct call *c, const struct walk_values *v, enum direction direction, const char *target)
{
    struct ctx *ctx = c->ctx;

    if (v->sql && v->dry_run)
        return fail(ctx, STATUS_USAGE, "--sql cannot be combined with --dry-run");
    if (v->sql && (v->from_history || v->recover))
        return fail(ctx, STATUS_USAGE, "--sql connects to no database, so it cannot read a history");
    if (v->sql && v->strict)
        return fail(ctx, STATUS_USAGE, "--sql connects to no database, so it cannot tell what was edited");
    if (!v->sql && (v->dialect || v->idempotent))
        return fail(ctx, STATUS_USAGE, "%s needs --sql", v->dialect ? "--dialect" : "--idempotent");
    if (!v->sql && strchr(target, ':')) {
        fail(ctx, STATUS_USAGE, "a range, such as '%s', needs --sql", target);
        return fail_hint(ctx, "Name only the target: cmig reads the current revision from the database.");
    }
    if (v->sql && says_current(target)) {
        fail(ctx, STATUS_USAGE, "--sql connects to no database, so '%s' is unknown", target);
        return fail_hint(ctx, "Give the revision of the database, too: FROM:TO.");
    }
    if (v->sql && direction == DIRECTION_DOWN && !strchr(target, ':')) {
        fail(ctx, STATUS_USAGE, "a downgrade script needs FROM:TO, not only '%s'", target);
        return fail_hint(ctx, "Write, for example, 'cmig downgrade --sql head:base'.");
    }
    return true;
}

bool walk(struct call *c, enum direction direction)
{
    const struct walk_values *v = c->values;
    const struct strings *targets = &c->operands;
    struct run_options online = {
        .direction = direction,
        .target = targets->v[0],
        .targets = *targets,
        .purge = v->purge,
        .keeps_text = true,
        .drop_stamped = v->drop_stamped,
        .dry_run = v->dry_run,
        .bookkeeping = c->globals->verbose > 0,
        .tag = v->tag,
        .from_history = v->from_history,
        .recover = v->recover,
        .strict = v->strict,
        .phase = (enum phase)v->phase,
    };
    struct script_options offline = {
        .direction = direction,
        .dialect = v->dialect,
        .purge = v->purge,
        .idempotent = v->idempotent,
        .tag = v->tag,
        .phase = (enum phase)v->phase,
    };

    if (!check_options(c, v, direction, targets->v[0]))
        return false;
    if (!v->sql)
        return run(c, &online);
    vec_each(i, targets)
        if (!split_range(c, direction, targets->v[i], &offline))
            return false;
    return script_print(c, &offline, migrate_script);
}
