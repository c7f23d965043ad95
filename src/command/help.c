/*
 * help: explain a command and its options.
 */
#include "command.h"

static bool run(struct call *c)
{
    struct str out = STR(c->ctx);
    const struct command *command;

    if (c->operands.n == 0) {
        program_help(&out);
    } else {
        if (!command_find(c->ctx, c->operands.v[0], &command))
            return false;
        command_help(&out, "cmig", &command->spec);
    }
    print_text(c, str_get(&out));
    return true;
}

static const struct operand_spec operand = {"COMMAND", "the command to explain", 0, 1, "command", NULL};

const struct command command_help_ = {
    .spec = {.name = "help",
        .group = "Other",
        .summary = "Explain cmig or one of its commands",
        .examples = "  cmig help revision\n",
        .operand = &operand},
    .run = run,
};
