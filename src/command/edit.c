/*
 * edit: open revision files in an editor.
 */
#include "command.h"

#include <stdlib.h>

enum { SHELL_NOT_FOUND = 127 };

static const char *editor(void)
{
    static const char *const variables[] = {"VISUAL", "EDITOR"};

    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        const char *value = getenv(variables[i]);

        if (value && *value)
            return value;
    }
    return "vi";
}

static bool find_paths(struct call *c, struct strings *ret)
{
    struct revisions found;

    if (!resolve_symbols(c, &c->operands, &found))
        return false;
    vec_each(i, &found)
        if (found.v[i]->path)
            vec_add(c->ctx, ret, found.v[i]->path);
    if (ret->n == 0)
        return fail(c->ctx, STATUS_FAILED, "no revision file matches '%s'", c->operands.v[0]);
    return true;
}

/* The variable may contain options, as in "code --wait", so a shell splits it; paths are arguments of that
 * shell and never read by it. */
static bool run(struct call *c)
{
    struct strings paths = {0}, argv = {0};
    const struct program program = {.words = &argv, .interactive = true};
    int status;

    if (!find_paths(c, &paths))
        return false;
    vec_add(c->ctx, &argv, "sh");
    vec_add(c->ctx, &argv, "-c");
    vec_add(c->ctx, &argv, ctx_printf(c->ctx, "%s \"$@\"", editor()));
    vec_add(c->ctx, &argv, "sh");
    vec_each(i, &paths)
        vec_add(c->ctx, &argv, paths.v[i]);
    if (!program_run(c->ctx, &program, &status))
        return false;
    if (!status)
        return true;
    fail(c->ctx, STATUS_FAILED, "editor '%s' failed with exit status %d", editor(), status);
    return status != SHELL_NOT_FOUND ||
           fail_hint(c->ctx, "Set VISUAL or EDITOR to the program that opens the files.");
}

static const struct operand_spec operand = {
    "REVISION", "an id or its prefix, a label, head, heads, current, -1, FROM:TO", 1, 0, "revision", NULL};

const struct command command_edit = {
    .spec = {.name = "edit",
        .group = "Write revisions",
        .summary = "Open revision files in $VISUAL or $EDITOR",
        .examples = "  cmig edit head\n",
        .operand = &operand},
    .need = NEED_GRAPH,
    .changes = true,
    .run = run,
};
