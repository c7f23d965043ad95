/*
 * stamp: say where the database stands, without running anything.
 */
#include "command.h"

/* "-1" and "current" are counted from the rows as they are now. */
static bool name_targets(struct call *c, struct strings *ret)
{
    const struct walk_values *v = c->values;
    struct revisions found;

    vec_each(i, &c->operands) {
        struct strings one = {.v = &c->operands.v[i], .n = 1};

        if (v->sql || v->purge || !symbol_needs_database(c->operands.v[i])) {
            vec_add(c->ctx, ret, c->operands.v[i]);
            continue;
        }
        if (!resolve_symbols(c, &one, &found))
            return false;
        vec_each(j, &found)
            vec_add(c->ctx, ret, found.v[j]->id);
        if (found.n == 0)
            vec_add(c->ctx, ret, "base");
    }
    return true;
}

static bool run(struct call *c)
{
    struct strings targets = {0};

    return name_targets(c, &targets) && walk(c, DIRECTION_STAMP, &targets);
}

static const struct option_spec options[] = {
    {0, "purge", OPTION_FLAG, offsetof(struct walk_values, purge), NULL,
        "forget all version rows first, also those that no file explains", NULL, NULL},
    WALK_OPTION_ROWS,
    {0},
};

static const struct operand_spec operand = {"REVISION",
    "where it stands: head, heads, base, an id, the beginning of one, a label, -1", 1, 0, "revision", NULL};

const struct command command_stamp = {
    .spec = {.name = "stamp",
        .group = "Move a database",
        .summary = "Record where the database stands, without running revisions",
        .help = "For a database that was made by other means, or repaired by hand.\n",
        .examples = "  cmig stamp head\n"
                    "  cmig stamp --purge 1f3a 77ab\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct walk_values),
    .need = NEED_GRAPH,
    .answers = true,
    .run = run,
};
