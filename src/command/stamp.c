/*
 * stamp: record revisions as applied, without running them.
 */
#include "command.h"

static bool run(struct call *c)
{
    return walk(c, DIRECTION_STAMP);
}

static const struct option_spec options[] = {
    {0, "purge", OPTION_FLAG, offsetof(struct walk_values, purge), NULL,
        "delete all version rows first, also those of unknown revisions", NULL, NULL},
    WALK_OPTION_ROWS,
    {0},
};

static const struct operand_spec operand = {"REVISION",
    "revision to record: head, heads, base, an id or its prefix, a label, -1", 1, 0, "revision", NULL};

const struct command command_stamp = {
    .spec = {.name = "stamp",
        .group = "Migrate a database",
        .summary = "Record revisions as applied, without running them",
        .help = "For a database that was created by other means, or repaired by hand.\n",
        .examples = "  cmig stamp head\n"
                    "  cmig stamp --purge 1f3a 77ab\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct walk_values),
    .need = NEED_GRAPH,
    .answers = true,
    .changes = true,
    .targets = walk_targets,
    .run_key = walk_run_key,
    .run = run,
};
