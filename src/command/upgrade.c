/*
 * upgrade: apply revisions.
 */
#include "command.h"

/* The program is searched for first: upgrading a database for a program that cannot start is useless. */
static bool check_program(struct call *c, const struct walk_values *v)
{
    if (!v->exec.n)
        return true;
    if (v->sql || v->dry_run)
        return fail(
            c->ctx, STATUS_USAGE, "--exec cannot be combined with %s", v->sql ? "--sql" : "--dry-run");
    return program_find(c->ctx, v->exec.v[0]) || fail_hint(c->ctx, "Nothing was changed.");
}

static bool run(struct call *c)
{
    const struct walk_values *v = c->values;

    if (c->operands.n == 0)
        vec_add(c->ctx, &c->operands, "head");
    if (!check_head_policy(c) || !check_program(c, v) || !walk(c, DIRECTION_UP))
        return false;
    *c->successor = v->exec;
    return true;
}

/* By enum phase. */
static const char *const phase_choices[] = {"all", "expand", "contract", NULL};

static const struct option_spec options[] = {
    WALK_OPTION_ROWS,
    IDEMPOTENT_OPTION_ROW,
    {0, "exec", OPTION_REST, offsetof(struct walk_values, exec), "PROGRAM [ARG...]",
        "then replace cmig with this program and the arguments after it", NULL, "file"},
    {0, "phase", OPTION_CHOICE, offsetof(struct walk_values, phase), "PHASE",
        "all (the default), expand or contract: apply only the revisions of this phase", phase_choices, NULL},
    STRICT_OPTION_ROW,
    {0},
};

static const struct operand_spec operand = {"REVISION",
    "head (the default), heads, +2, an id or its prefix, a label, label@head", 0, 1, "revision", NULL};

const struct command command_upgrade = {
    .spec = {.name = "upgrade",
        .group = "Migrate a database",
        .summary = "Apply revisions",
        .help = "Applies the pending revisions up to REVISION, each in a transaction of its own\n"
                "together with its row in the version table. Other runs of cmig wait. Invalid\n"
                "files and operations are rejected before the first statement runs. A revision\n"
                "that fails is rolled back; those before it stay applied, and the next run\n"
                "continues there.\n"
                "\n"
                "With --phase expand only revisions with 'phase: expand' and those without a\n"
                "phase are applied, before a new version of the program is rolled out; with\n"
                "--phase contract those with 'phase: contract', after the last old one is gone.\n"
                "A revision waits for the pending ones before it.\n",
        .examples = "  cmig upgrade\n"
                    "  cmig upgrade +1\n"
                    "  cmig --wait 60s upgrade head\n"
                    "  cmig --wait 60s upgrade --exec my-server --port 8080\n"
                    "  cmig upgrade --phase expand\n"
                    "  cmig upgrade head --dry-run\n"
                    "  cmig upgrade --sql --dialect postgresql base:head > all.sql\n",
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
