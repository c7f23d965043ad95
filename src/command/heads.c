/*
 * heads: list the revisions without children.
 */
#include "command.h"

struct values {
    bool verbose, resolve, single;
};

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct listing listing = {.graph = &c->project.graph};
    struct revisions heads, shown = {0};

    graph_heads(c->ctx, &c->project.graph, &heads);
    vec_each(i, &heads)
        if (!v->resolve || revision_is_real_head(heads.v[i]))
            vec_add(c->ctx, &shown, heads.v[i]);
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "heads", revisions_node(c, &listing, &shown));
    else
        print_revisions(c, &listing, &shown, v->verbose || c->globals->verbose, print_revision);
    return !v->single || check_single_head(c, &shown);
}

static const struct option_spec options[] = {
    {'v', "verbose", OPTION_FLAG, offsetof(struct values, verbose), NULL, "show all details", NULL, NULL},
    {0, "single", OPTION_FLAG, offsetof(struct values, single), NULL,
        "fail with status 2 if there are several", NULL, NULL},
    {0, "resolve-dependencies", OPTION_FLAG, offsetof(struct values, resolve), NULL,
        "leave out heads that another revision depends on", NULL, NULL},
    {0},
};

const struct command command_heads = {
    .spec = {.name = "heads",
        .group = "Inspect revisions",
        .summary = "List the heads",
        .help = "One line per head, its id first. A head that another revision depends on\n"
                "(depends_on) is an effective head: upgrading to the other revision applies it.\n"
                "The database is not queried.\n",
        .examples = "  cmig heads\n"
                    "  cmig heads --single\n"
                    "  cmig heads --json | jq -r '.heads[].revision'\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .run = run,
};
