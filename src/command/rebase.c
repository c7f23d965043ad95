/*
 * rebase: put the revisions of a branch after those of its base.
 */
#include "base.h"

struct values {
    bool dry_run, restamp, offline, yes;
};

struct rebase {
    struct call *c;
    struct ctx *ctx;
    struct base base;
    struct reparentings changes;
    struct reparenteds files;
    struct strings rows; /* version rows, if a database is asked */
    bool is_applied;     /* some of the changed revisions are */
};

/* ---- what changes ---------------------------------------------------------------------------------------- */

static bool find_base(struct rebase *b, const char *ref)
{
    const struct graph *g = &b->c->project.graph;

    if (!base_open(b->c, ref, &b->base))
        return false;
    vec_each(i, &b->base.tip.all) {
        const struct revision *r = b->base.tip.all.v[i];

        if (base_find(&g->by_id, r->id) || graph_replacing(g, r->id))
            continue;
        fail(b->ctx, STATUS_FAILED, "revision %s of '%s' is not in the working tree", r->id, b->base.at.name);
        return fail_hint(
            b->ctx, "Run 'git merge %s' or 'git rebase %s' first.", b->base.at.name, b->base.at.name);
    }
    return true;
}

static bool find_changes(struct rebase *b)
{
    const struct graph *g = &b->c->project.graph;
    bool *is_base = arena_alloc(&b->ctx->arena, (g->all.n + 1) * sizeof(bool));

    vec_each(i, &g->all)
        is_base[i] = base_find(&b->base.tip.by_id, g->all.v[i]->id) != NULL;
    return graph_rebase(b->ctx, g, is_base, &b->changes);
}

static bool find_texts(struct rebase *b)
{
    vec_each(i, &b->changes) {
        const struct reparenting *change = &b->changes.v[i];
        struct reparented f = {.change = change};
        char *text;
        size_t size;

        if (!fs_read(
                b->ctx, &b->ctx->arena, "revision", change->revision->path, FS_TEXT_LIMIT, &text, &size) ||
            !revision_reparent(b->ctx, change->revision->path, text, &change->parents, &f.text))
            return false;
        f.old_text = text;
        vec_add(b->ctx, &b->files, f);
    }
    return true;
}

/* ---- the database at hand -------------------------------------------------------------------------------- */

static bool find_applied(struct rebase *b)
{
    bool *applied;

    if (!connect_database(b->c, MISSING_IS_EMPTY) || !project_rows(&b->c->project, &b->rows))
        return fail_hint(b->ctx, "Use --offline to rebase without looking at a database.");
    project_applied(&b->c->project, &b->rows, &applied, NULL);
    vec_each(i, &b->changes)
        b->is_applied |= applied[b->changes.v[i].revision->order];
    return true;
}

static bool check_database(struct rebase *b, const struct values *v)
{
    const struct config *config = &b->c->project.config;

    if (v->offline || !b->changes.n)
        return true;
    if (!config->url && !config->url_command.n) {
        log_info(b->ctx, "no database is configured, so applied revisions were not checked");
        return true;
    }
    if (!find_applied(b))
        return false;
    if (!b->is_applied || v->restamp || v->dry_run)
        return true;
    fail(b->ctx, STATUS_FAILED, "the database has applied revisions that would get other parents");
    fail_hint(
        b->ctx, "Use --restamp to change the version rows and the history of this database with the files.");
    return fail_hint(b->ctx, "Or run 'cmig downgrade' first, and 'cmig upgrade' afterwards.");
}

/* ---- telling --------------------------------------------------------------------------------------------- */

static const char *parents_text(struct rebase *b, const struct strings *parents)
{
    return parents->n ? strings_join(&b->ctx->arena, parents, ", ") : "<base>";
}

static void print_json(struct rebase *b, bool written)
{
    struct arena *a = &b->ctx->arena;
    struct node *document = document_begin(b->c), *list = node_sequence(a);

    vec_each(i, &b->changes) {
        const struct reparenting *change = &b->changes.v[i];
        struct node *one = node_mapping(a);

        node_set(a, one, "revision", node_string(a, change->revision->id));
        node_set(a, one, "path", node_string(a, change->revision->path));
        node_set(a, one, "from", strings_node(b->c, &change->revision->down));
        node_set(a, one, "to", strings_node(b->c, &change->parents));
        node_append(a, list, one);
    }
    node_set(a, document, "base", node_string(a, b->base.at.name));
    node_set(a, document, "changes", list);
    node_set(a, document, "written", node_boolean(a, written));
    node_set(a, document, "restamped", node_boolean(a, written && b->is_applied));
}

static void print_changes(struct rebase *b)
{
    vec_each(i, &b->changes) {
        const struct reparenting *change = &b->changes.v[i];

        print_line(b->c, "%s: %s -> %s, %s", change->revision->id, parents_text(b, &change->revision->down),
            parents_text(b, &change->parents), change->revision->path);
    }
    fflush(stdout);
}

static bool ask(struct rebase *b, const struct values *v, bool *ret)
{
    *ret = v->yes || !has_person();
    return *ret || confirm(b->ctx, "Change these files?", ret);
}

/* ---- together -------------------------------------------------------------------------------------------- */

static bool write_changes(struct rebase *b)
{
    if (b->is_applied ? !migrate_restamp(&b->c->project, &b->rows, &b->files)
                      : !reparented_write(b->ctx, &b->files))
        return false;
    log_info(b->ctx, "%s changed%s", count_text(b->ctx, b->files.n, "file"),
        b->is_applied ? ", and the database with them" : "");
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct rebase b = {.c = c, .ctx = c->ctx};
    bool wanted = !v->dry_run;

    if (v->offline && v->restamp)
        return fail(c->ctx, STATUS_USAGE, "--restamp cannot be combined with --offline");
    const bool found = find_base(&b, c->operands.n ? c->operands.v[0] : "auto") && find_changes(&b);
    base_close(&b.base);
    if (!found || !find_texts(&b) || !check_database(&b, v))
        return false;
    if (!c->globals->json)
        print_changes(&b);
    if (!b.changes.n)
        log_info(
            c->ctx, "nothing to do: the revisions of this branch come after those of '%s'", b.base.at.name);
    else if (wanted && (!ask(&b, v, &wanted) || (wanted && !write_changes(&b))))
        return false;
    if (c->globals->json)
        print_json(&b, wanted && b.changes.n);
    return true;
}

#define AT(member) offsetof(struct values, member)
static const struct option_spec options[] = {
    {0, "dry-run", OPTION_FLAG, AT(dry_run), NULL, "print what would change, and change nothing", NULL, NULL},
    {0, "restamp", OPTION_FLAG, AT(restamp), NULL,
        "also if the database has applied such revisions: change its version rows and history", NULL, NULL},
    {0, "offline", OPTION_FLAG, AT(offline), NULL, "do not ask a database which revisions are applied", NULL,
        NULL},
    {'y', "yes", OPTION_FLAG, AT(yes), NULL, "do not ask on a terminal", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {"REF",
    "the branch, tag or commit to put the revisions after (default: auto, as for 'check --base')", 0, 1, NULL,
    NULL};

const struct command command_rebase = {
    .spec = {.name = "rebase",
        .group = "Write revisions",
        .summary = "Put the revisions of a branch after those of its base",
        .help = "After a merge with the base branch there may be two heads. The first revisions\n"
                "that REF does not have get its head as their parent; the order of the others\n"
                "stays. Only 'down_revision' changes in their files. If the database at hand has\n"
                "applied one of them, nothing changes, unless --restamp is given.\n",
        .examples = "  git merge origin/main && cmig rebase origin/main\n"
                    "  cmig rebase --dry-run\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .changes = true,
    .run = run,
};
