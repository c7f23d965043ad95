/*
 * current: show the current revisions of the database.
 */
#include "command.h"

struct values {
    bool verbose, check;
    struct target_options targets;
};

static const struct target_options *targets(const struct call *c)
{
    return &((const struct values *)c->values)->targets;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    bool verbose = v->verbose || c->globals->verbose;
    struct listing listing = {.graph = &c->project.graph};
    struct revisions rows, tips;
    struct attempt attempt;
    struct node *document;

    if (!current_rows(c, &rows) || !current_attempt(c, &rows, &attempt))
        return false;
    listing.attempt = &attempt;
    graph_current(c->ctx, &c->project.graph, &rows, &tips);
    if (c->globals->json) {
        document = document_begin(c);
        node_set(&c->ctx->arena, document, "url",
            node_string(&c->ctx->arena, url_text(&c->ctx->arena, c->project.url.text)));
        node_set(&c->ctx->arena, document, "current", revisions_node(c, &listing, &tips));
        node_set(&c->ctx->arena, document, "half_applied", attempt_node(c, &attempt));
    } else {
        if (verbose)
            print_line(c, "Current revisions of %s:", url_text(&c->ctx->arena, c->project.url.text));
        print_revisions(c, &listing, &tips, verbose, print_revision);
        if (tips.n == 0 && c->out)
            print_line(c, "base");
        else if (tips.n == 0)
            log_info(c->ctx, "no revision is applied");
    }
    if (attempt.kind != ATTEMPT_NONE && !v->check)
        log_warn(c->ctx, "%s", attempt_text(c->ctx, &attempt));
    return !v->check || check_at_heads(c, &rows);
}

static const struct option_spec options[] = {
    {'v', "verbose", OPTION_FLAG, offsetof(struct values, verbose), NULL, "show all details", NULL, NULL},
    {'c', "check-heads", OPTION_FLAG, offsetof(struct values, check), NULL,
        "exit with 2 unless every head is applied completely", NULL, NULL},
    TARGET_READ_OPTION_ROWS(struct values, targets),
    {0},
};

const struct command command_current = {
    .spec = {.name = "current",
        .group = "Inspect the database",
        .summary = "Show the current revisions of the database",
        .help = "One line per current revision, its id first; none if no revision is applied.\n"
                "Heads that are applied because another revision depends on them are listed,\n"
                "too. Nothing is written, not even the version table.\n",
        .examples = "  cmig current\n"
                    "  cmig current --check-heads || echo 'not migrated yet'\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .targets = targets,
    .run = run,
};
