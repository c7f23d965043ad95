/*
 * downgrade: revert revisions.
 */
#include "command.h"

static bool run(struct call *c)
{
    return walk(c, DIRECTION_DOWN);
}

static const struct option_spec options[] = {
    WALK_OPTION_ROWS,
    IDEMPOTENT_OPTION_ROW,
    STRICT_OPTION_ROW,
    {0, "drop-stamped", OPTION_FLAG, offsetof(struct walk_values, drop_stamped), NULL,
        "also drop tables of revisions that were stamped, never applied", NULL, NULL},
    {0, "recover", OPTION_FLAG, offsetof(struct walk_values, recover), NULL,
        "look for missing files in git, too: in all branches, stashes, reflogs", NULL, NULL},
    {0, "from-history", OPTION_FLAG, offsetof(struct walk_values, from_history), NULL,
        "also revert revisions that do not descend from a file", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {"REVISION",
    "-1, an id or its prefix (that revision stays applied), label@base, or base for everything", 1, 1,
    "revision", NULL};

const struct command command_downgrade = {
    .spec = {.name = "downgrade",
        .group = "Migrate a database",
        .summary = "Revert revisions",
        .help = "Reverts the revisions that were applied after REVISION, newest first. A\n"
                "revision without a downgrade part is refused before anything runs. A revision\n"
                "whose file is missing is reverted from its text in the history table if it\n"
                "descends from a file of this project, or with --from-history; with --recover,\n"
                "from the file that git has of another commit. A revision that was stamped and\n"
                "never applied is refused if its downgrade drops tables.\n",
        .examples = "  cmig downgrade -1\n"
                    "  cmig downgrade 1f3a\n"
                    "  cmig downgrade base --dry-run\n"
                    "  cmig downgrade --sql head:1f3a > back.sql\n",
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
