/*
 * branches: list the branch points of the history.
 */
#include "command.h"

struct values {
    bool verbose;
};

static void print_branch(struct call *c, const struct listing *l, const struct revision *r)
{
    print_revision(c, l, r);
    vec_each(i, &r->children) {
        print_text(c, "    -> ");
        print_revision(c, l, r->children.v[i]);
    }
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct listing listing = {.graph = &c->project.graph};
    struct revisions heads, sorted, points = {0};

    graph_heads(c->ctx, &c->project.graph, &heads);
    if (!graph_sorted(c->ctx, &c->project.graph, &heads, &sorted))
        return false;
    vec_each(i, &sorted)
        if (sorted.v[i]->children.n > 1)
            vec_add(c->ctx, &points, sorted.v[i]);
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "branches", revisions_node(c, &listing, &points));
    else
        print_revisions(c, &listing, &points, v->verbose || c->globals->verbose, print_branch);
    return true;
}

static const struct option_spec options[] = {
    {'v', "verbose", OPTION_FLAG, offsetof(struct values, verbose), NULL, "show all details", NULL, NULL},
    {0},
};

const struct command command_branches = {
    .spec = {.name = "branches",
        .group = "Inspect revisions",
        .summary = "List branch points",
        .help = "One line per branch point, its id first, and an indented line for each of its\n"
                "children. The database is not queried.\n",
        .examples = "  cmig branches\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .run = run,
};
