/*
 * merge: write a revision that joins several heads.
 */
#include "command.h"

struct values {
    struct new_values file;
};

static bool find_parents(struct call *c, struct revisions *ret)
{
    struct strings symbols = c->operands;
    bool is_heads = symbols.n == 0 || (symbols.n == 1 && str_eq(symbols.v[0], "heads"));

    if (symbols.n == 0)
        vec_add(c->ctx, &symbols, "heads");
    if (!resolve_symbols(c, &symbols, ret))
        return false;
    if (ret->n > 1)
        return true;
    fail(c->ctx, STATUS_FAILED, "nothing to merge: %s",
        ret->n ? ctx_printf(c->ctx, "%s is the only %s", ret->v[0]->id, is_heads ? "head" : "revision given")
               : "there are no revisions");
    return fail_hint(c->ctx, "Run 'cmig heads' to list the revisions that can be merged.");
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct revisions parents;
    struct revision_new n;

    if (!find_parents(c, &parents) || !new_file_begin(c, &v->file, &parents, &n))
        return false;
    if (!n.message)
        n.message = ctx_printf(c->ctx, "merge %s", strings_join(&c->ctx->arena, &n.down, " and "));
    return new_file_write(c, &v->file, &n);
}

static const struct option_spec options[] = {
    NEW_OPTION_ROWS(struct values, file),
    {0},
};

static const struct operand_spec operand = {
    "REVISION", "revisions to join: ids, labels, heads (the default)", 0, 0, "revision", NULL};

const struct command command_merge = {
    .spec = {.name = "merge",
        .group = "Write revisions",
        .summary = "Write a revision that joins several heads",
        .help = "Its file has no operations; add some if the branches contradict each other.\n"
                "The path of the new file is printed.\n",
        .examples = "  cmig merge heads -m 'join billing'\n"
                    "  cmig merge 1f3a 77ab\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .writes_revision = true,
    .changes = true,
    .run = run,
};
