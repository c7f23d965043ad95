/*
 * history: list the revisions, newest first.
 */
#include "command.h"

struct values {
    const char *range;
    bool verbose, indicate, graph;
    int format; /* enum history_format */
};

static const char *const format_names[] = {
    [HISTORY_TEXT] = "text", [HISTORY_DOT] = "dot", [HISTORY_MERMAID] = "mermaid", NULL};

static bool list(struct call *c, const char *range, const struct revisions *rows, struct revisions *ret)
{
    struct revisions heads;

    if (range)
        return graph_range(c->ctx, &c->project.graph, rows, range, ret);
    graph_heads(c->ctx, &c->project.graph, &heads);
    return graph_sorted(c->ctx, &c->project.graph, &heads, ret);
}

static bool check_form(struct call *c, const struct values *v)
{
    if (v->graph && v->format != HISTORY_TEXT)
        return fail(
            c->ctx, STATUS_USAGE, "--graph cannot be combined with --format %s", format_names[v->format]);
    if (c->globals->json && (v->graph || v->format != HISTORY_TEXT))
        return fail(
            c->ctx, STATUS_USAGE, "--json cannot be combined with --%s", v->graph ? "graph" : "format");
    return true;
}

static void print(struct call *c, const struct listing *l, const struct revisions *found)
{
    const struct values *v = c->values;
    bool verbose = v->verbose || c->globals->verbose;

    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "history", revisions_node(c, l, found));
    else if (v->format != HISTORY_TEXT)
        export_history(c, l, found, (enum history_format)v->format);
    else if (v->graph)
        draw_history(c, l, found, verbose);
    else
        print_revisions(c, l, found, verbose, print_revision_step);
}

/* A graph for another program gets a comment of its language. */
static void print_label(struct call *c)
{
    static const char *const comments[] = {
        [HISTORY_TEXT] = "", [HISTORY_DOT] = "// ", [HISTORY_MERMAID] = "%% "};
    const struct values *v = c->values;

    print_text(c, comments[v->format]);
    print_environment(c);
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct listing listing = {.graph = &c->project.graph};
    struct revisions rows = {0}, tips, found;
    struct attempt attempt;

    if (!check_form(c, v))
        return false;
    if (v->indicate || (v->range && symbol_needs_database(v->range))) {
        if (!current_rows(c, &rows) || !current_attempt(c, &rows, &attempt))
            return false;
        graph_current(c->ctx, &c->project.graph, &rows, &tips);
        listing.attempt = &attempt;
        graph_ancestors(c->ctx, listing.graph, &rows, true, &listing.applied);
        listing.current = &tips;
    }
    if (!list(c, v->range, listing.current ? &rows : NULL, &found))
        return false;
    print(c, &listing, &found);
    return true;
}

static const struct option_spec options[] = {
    {'r', "rev-range", OPTION_STRING, offsetof(struct values, range), "FROM:TO",
        "only this range; either side may be left out", NULL, "revision"},
    {'v', "verbose", OPTION_FLAG, offsetof(struct values, verbose), NULL, "show all details", NULL, NULL},
    {'i', "indicate-current", OPTION_FLAG, offsetof(struct values, indicate), NULL,
        "mark the current revisions of the database", NULL, NULL},
    {0, "graph", OPTION_FLAG, offsetof(struct values, graph), NULL, "draw the graph with lines", NULL, NULL},
    {0, "format", OPTION_CHOICE, offsetof(struct values, format), "FORMAT",
        "text, dot (for Graphviz) or mermaid", format_names, NULL},
    {0},
};

const struct command command_history = {
    .spec = {.name = "history",
        .group = "Inspect revisions",
        .summary = "List the revisions, newest first",
        .help = "One line per revision: its parents, its dependencies in parentheses, an arrow,\n"
                "its id, and marks such as head. The database is queried only with -i, and for\n"
                "a range such as base:current. In a range, -3: counts from its end, and :+3 from\n"
                "its start. With --graph a line leads from each revision to its parents, and a\n"
                "dotted line to its dependencies; with -i pending revisions are hollow.\n",
        .examples = "  cmig history\n"
                    "  cmig history --graph -i\n"
                    "  cmig history --format dot | dot -Tsvg > history.svg\n"
                    "  cmig history -r base:current -v\n"
                    "  cmig history -r -3:current\n"
                    "  cmig history -i\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .pages = true,
    .label = print_label,
    .run = run,
};
