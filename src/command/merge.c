/*
 * merge: write a revision that joins several heads.
 */
#include "command.h"

#include "cmig/vcs.h"

struct values {
    const char *message, *id, *folder;
    struct strings labels;
    bool splice, no_post_write;
};

static bool check_overlap(struct call *c, const struct revisions *parents)
{
    vec_each(i, parents) {
        struct revisions one = {.v = &parents->v[i], .n = 1};
        bool *below;

        graph_ancestors(c->ctx, &c->project.graph, &one, false, &below);
        vec_each(j, parents)
            if (i != j && below[parents->v[j]->order])
                return fail(c->ctx, STATUS_FAILED,
                    "revision %s is an ancestor of %s: there is nothing to merge", parents->v[j]->id,
                    parents->v[i]->id);
    }
    return true;
}

static bool find_parents(struct call *c, const struct values *v, struct revisions *ret)
{
    struct strings symbols = c->operands;

    if (symbols.n == 0)
        vec_add(c->ctx, &symbols, "heads");
    if (!resolve_symbols(c, &symbols, ret))
        return false;
    if (ret->n < 2) {
        fail(c->ctx, STATUS_FAILED, "there is nothing to merge: %s",
            ret->n ? ctx_printf(c->ctx, "%s is the only revision given", ret->v[0]->id)
                   : "no revision was given");
        return fail_hint(c->ctx, "'cmig heads' lists what can be merged.");
    }
    return check_overlap(c, ret) && check_parents(c, ret, v->splice);
}

static bool run(struct call *c)
{
    static const struct ops none = {0};
    const struct values *v = c->values;
    struct revision_new n = {
        .id = v->id,
        .labels = v->labels,
        .message = v->message,
        .upgrade = &none,
        .downgrade = &none,
        .sql = c->project.config.format == 1,
        .sql_up = "",
        .sql_down = "",
        .file_template = c->project.config.file_template,
    };
    struct revisions parents;
    struct vcs *vcs;
    bool ok;

    if (!find_parents(c, v, &parents) || !revision_folder(c, v->folder, &parents, &n.folder))
        return false;
    vec_each(i, &parents)
        vec_add(c->ctx, &n.down, parents.v[i]->id);
    if (!n.message)
        n.message = ctx_printf(c->ctx, "merge %s", strings_join(&c->ctx->arena, &n.down, " and "));
    vcs = vcs_open(c->ctx, c->project.config.folder);
    n.author = vcs_author(vcs);
    ok = revision_create(c, &n, !v->no_post_write);
    vcs_close(vcs);
    return ok;
}

#define AT(member) offsetof(struct values, member)
static const struct option_spec options[] = {
    {'m', "message", OPTION_STRING, AT(message), "TEXT", "for people and for the file's name", NULL, NULL},
    {0, "branch-label", OPTION_STRINGS, AT(labels), "LABEL", "name the branch that begins with it", NULL,
        NULL},
    {0, "splice", OPTION_FLAG, AT(splice), NULL, "revisions that are no heads may be merged", NULL, NULL},
    {0, "version-path", OPTION_STRING, AT(folder), "FOLDER",
        "write it here, one of the folders under 'migrations', not beside its parent", NULL, "directory"},
    {0, "rev-id", OPTION_STRING, AT(id), "ID", "instead of a random one", NULL, NULL},
    {0, "no-post-write", OPTION_FLAG, AT(no_post_write), NULL, "do not run the post_write hooks", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {
    "REVISION", "what is joined: ids, labels, heads (the default)", 0, 0, "revision", NULL};

const struct command command_merge = {
    .spec = {.name = "merge",
        .group = "Write revisions",
        .summary = "Write a revision that joins several heads",
        .help = "Its file has no operations; add some where the branches contradict each other.\n"
                "The path of the new file is printed.\n",
        .examples = "  cmig merge heads -m 'join billing'\n"
                    "  cmig merge 1f3a 77ab\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .writes_revision = true,
    .run = run,
};
