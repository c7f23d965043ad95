/*
 * version: print the version and the supported databases.
 */
#include "build-config.h"
#include "command.h"

static bool run(struct call *c)
{
    struct arena *a = &c->ctx->arena;
    struct strings names = {0};
    struct node *document;

    for (size_t i = 0; dialects[i]; i++)
        vec_add(c->ctx, &names, dialects[i]->name);
    if (c->globals->json) {
        document = document_begin(c);
        node_set(a, document, "cmig", node_string(a, CMIG_VERSION));
        node_set(a, document, "dialects", strings_node(c, &names));
        node_set(a, document, "git", node_boolean(a, HAVE_GIT));
        node_set(a, document, "pg_query", node_boolean(a, HAVE_PG_QUERY));
        return true;
    }
    print_line(c, "cmig %s", CMIG_VERSION);
    if (c->globals->verbose) {
        print_line(c, "dialects: %s", strings_join(a, &names, ", "));
        print_line(c, "git: %s", HAVE_GIT ? "yes" : "no");
        print_line(c, "PostgreSQL's parser: %s", HAVE_PG_QUERY ? "yes" : "no");
    }
    return true;
}

const struct command command_version = {
    .spec = {.name = "version",
        .group = "Other",
        .summary = "Print the version",
        .examples = "  cmig version -v\n"},
    .answers = true,
    .run = run,
};
