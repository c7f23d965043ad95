/*
 * completion: print a completion script for a shell.
 */
#include "command.h"

static bool is_shell(const char *name)
{
    for (size_t i = 0; completion_shells[i]; i++)
        if (str_eq(completion_shells[i], name))
            return true;
    return false;
}

static bool run(struct call *c)
{
    const struct command_spec **specs;
    struct str out = STR(c->ctx);
    size_t n = 0;

    if (!is_shell(c->operands.v[0]))
        return fail(c->ctx, STATUS_USAGE, "unknown shell '%s': expected bash, fish or zsh", c->operands.v[0]);
    while (commands[n])
        n++;
    specs = arena_alloc(&c->ctx->arena, (n + 1) * sizeof(*specs));
    for (size_t i = 0; i < n; i++)
        specs[i] = &commands[i]->spec;
    completion_script(&out, c->operands.v[0], "cmig", global_options, specs);
    print_text(c, str_get(&out));
    return true;
}

static const struct operand_spec operand = {"SHELL", "bash, fish or zsh", 1, 1, NULL, completion_shells};

const struct command command_completion = {
    .spec = {.name = "completion",
        .group = "Other",
        .summary = "Print a completion script for a shell",
        .help = "Installing cmig installs these scripts, too.\n",
        .examples = "  . <(cmig completion bash)\n"
                    "  cmig completion fish | source\n",
        .operand = &operand},
    .run = run,
};
