/*
 * squash: make one baseline of the oldest revisions.
 */
#include "command.h"

#include "cmig/vcs.h"

#include <errno.h>
#include <unistd.h>

struct values {
    const char *message, *scratch_url;
    int data;
    bool force, dry_run;
};

#define CANNOT_REPLACE "cannot replace these revisions with one"

enum { DATA_UNDECIDED, DATA_KEEP, DATA_DROP };
static const char *const data_names[] = {"ask", "keep", "drop", NULL};

struct squashing {
    struct call *c;
    struct revision *last;
    struct revisions list; /* oldest first */
    struct squash squash;
    const char *models;
};

/* ---- which revisions --------------------------------------------------------------------------------- */

/* "base:REV", ":REV" or "REV". */
static bool find_last(struct squashing *k)
{
    struct ctx *ctx = k->c->ctx;
    const char *text = k->c->operands.v[0], *colon = strchr(text, ':');
    struct revisions found = {0};

    if (colon && colon != text && strncmp(text, "base:", 5) != 0) {
        fail(ctx, STATUS_USAGE, "a squash begins at base, but '%s' does not", text);
        return fail_hint(ctx, "Run 'cmig squash base:%s'.", colon + 1);
    }
    text = colon ? colon + 1 : text;
    if (symbol_needs_database(text))
        return fail(ctx, STATUS_USAGE, "'%s' is relative to a database, which is not read", text);
    if (!graph_resolve(ctx, &k->c->project.graph, NULL, text, &found))
        return false;
    if (found.n != 1)
        return fail(ctx, STATUS_FAILED, "a squash ends at one revision, but '%s' means %u", text, found.n);
    k->last = found.v[0];
    return true;
}

/* Revisions that descend from a replaced one would lose their parent. */
static bool check_children(struct squashing *k)
{
    struct ctx *ctx = k->c->ctx;
    bool *is_in;

    graph_ancestors(ctx, &k->c->project.graph, &k->list, true, &is_in);
    vec_each(i, &k->list) {
        const struct revision *r = k->list.v[i];

        vec_each(j, &r->children) {
            const struct revision *child = r->children.v[j];

            if (r == k->last || is_in[child->order])
                continue;
            fail_at(ctx, STATUS_FAILED, child->pos, "revision %s follows %s, which is below %s", child->id,
                r->id, k->last->id);
            return fail_hint(
                ctx, "Squash up to a revision that everything else comes after; merge the branches first.");
        }
    }
    return true;
}

static bool find_list(struct squashing *k)
{
    struct project *p = &k->c->project;
    const struct revisions one = {.v = &k->last, .n = 1};

    graph_below(p->ctx, &p->graph, &one, &k->list);
    if (k->list.n < 2)
        return fail(p->ctx, STATUS_FAILED, "nothing to squash: %s is the first revision", k->last->id);
    return check_children(k);
}

/* The files are removed: what they say must be kept somewhere. */
static bool check_committed(struct squashing *k)
{
    const struct values *v = k->c->values;
    struct ctx *ctx = k->c->ctx;
    struct vcs *vcs = vcs_open(ctx, k->c->project.config.folder);
    const char *loose = NULL;

    for (size_t i = 0; i < k->list.n && !v->force && !loose; i++) {
        const struct revision *r = k->list.v[i];
        struct vcs_file file;
        char *text;
        size_t size;

        if (!fs_read(ctx, &ctx->arena, "revision", r->path, FS_TEXT_LIMIT, &text, &size)) {
            vcs_close(vcs);
            return false;
        }
        vcs_file(vcs, r->path, text, size, &file);
        if (!file.tracked || file.modified)
            loose = r->path;
    }
    vcs_close(vcs);
    if (!loose)
        return true;
    fail(ctx, STATUS_FAILED, "'%s' has uncommitted changes or is not in git, and would be removed", loose);
    return fail_hint(ctx, "Commit the revision files to git first, or use --force.");
}

/* ---- what they do to rows ----------------------------------------------------------------------------- */

static bool decide(struct squashing *k, bool *ret_keeps)
{
    const struct values *v = k->c->values;
    const struct ops *data = &k->squash.data;
    struct ctx *ctx = k->c->ctx;

    *ret_keeps = v->data == DATA_KEEP;
    if (!data->n || v->data != DATA_UNDECIDED)
        return true;
    fail(ctx, STATUS_FAILED, "%s may change rows", count_text(ctx, data->n, "operation"));
    vec_each(i, data)
        fail_detail(ctx, "%s%s", pos_text(&ctx->arena, data->v[i]->pos), op_label(&ctx->arena, data->v[i]));
    fail_hint(ctx, "Use --data keep if a new database needs them, as it needs the rows of a table of roles.");
    return fail_hint(ctx, "Use --data drop if they only changed rows that a new database does not have.");
}

/* ---- whether it works ----------------------------------------------------------------------------------- */

/* Rows of one list that the other one lacks. Both are sorted. */
static void add_rows(
    struct ctx *ctx, const char *what, const struct strings *list, const struct strings *other)
{
    enum { SHOWN = 5 };
    size_t found = 0, k = 0;

    vec_each(i, list) {
        while (k < other->n && strcmp(other->v[k], list->v[i]) < 0)
            k++;
        if (k < other->n && str_eq(other->v[k], list->v[i]))
            k++;
        else if (found++ < SHOWN)
            fail_detail(ctx, "%s: %s", what, list->v[i]);
    }
}

static bool judge(struct squashing *k)
{
    const struct baseline *b = &k->squash.baseline;
    const struct strings *before = &k->squash.rows, *after = &k->squash.kept;
    struct ctx *ctx = k->c->ctx;
    const struct values *v = k->c->values;
    const bool is_same = v->data == DATA_DROP || strings_eq(before, after);

    if (!b->unproved && !b->missing.n && !b->differences.n && is_same)
        return true;
    fail(ctx, STATUS_FAILED, CANNOT_REPLACE);
    if (b->unproved)
        fail_detail(ctx, "it was not tested: no scratch database (%s)", b->unproved);
    vec_each(i, &b->missing)
        fail_detail(ctx, "it does not create %s", b->missing.v[i]);
    vec_each(i, &b->differences)
        fail_detail(ctx, "%s", b->differences.v[i]);
    if (!is_same) {
        add_rows(ctx, "a row of the revisions only", before, after);
        add_rows(ctx, "a row of the squash only", after, before);
    }
    return fail_hint(ctx, "Nothing was written.");
}

/* ---- writing -------------------------------------------------------------------------------------------- */

static void gather(struct squashing *k, struct revision_new *n)
{
    vec_each(i, &k->list) {
        const struct revision *r = k->list.v[i];

        if (r != k->last)
            vec_add(k->c->ctx, &n->replaces, r->id);
        vec_each(j, &r->replaces)
            vec_add(k->c->ctx, &n->replaces, r->replaces.v[j]);
        vec_each(j, &r->labels)
            vec_add(k->c->ctx, &n->labels, r->labels.v[j]);
    }
}

static bool prepare(struct squashing *k, struct revision_new *ret)
{
    static const struct revisions no_parents = {0};
    const struct values *v = k->c->values;
    const struct new_values file = {.message = v->message, .id = k->last->id};

    if (!new_file_begin(k->c, &file, &no_parents, ret))
        return false;
    ret->folder = fs_dirname(&k->c->ctx->arena, k->last->path);
    ret->sql = false;
    ret->upgrade = &k->squash.baseline.upgrade;
    ret->downgrade = NULL;
    if (!ret->message)
        ret->message = ctx_printf(k->c->ctx, "squash of %u revisions", k->list.n);
    ret->note = ctx_printf(k->c->ctx,
        "Replaces %u revisions, and has no downgrade: it would drop all of the tables.", k->list.n);
    gather(k, ret);
    return true;
}

/* The name that a file has while it is not known whether all can go. No command reads it. */
static const char *old_name(struct squashing *k, size_t i)
{
    return ctx_printf(k->c->ctx, "%s~squashed", k->list.v[i]->path);
}

/* The first `n` get their names back. */
static void restore(struct squashing *k, size_t n)
{
    while (n--)
        rename(old_name(k, n), k->list.v[n]->path);
}

static bool set_aside(struct squashing *k)
{
    vec_each(i, &k->list) {
        if (rename(k->list.v[i]->path, old_name(k, i)) == 0)
            continue;
        fail(k->c->ctx, STATUS_FAILED, "cannot remove '%s': %s", k->list.v[i]->path, strerror(errno));
        restore(k, i);
        return fail_hint(k->c->ctx, "Nothing was written.");
    }
    return true;
}

static bool remove_old(struct squashing *k)
{
    bool ok = true;

    vec_each(i, &k->list)
        if (unlink(old_name(k, i)) != 0)
            ok = fail(k->c->ctx, STATUS_FAILED, "cannot remove '%s': %s", old_name(k, i), strerror(errno));
    return ok;
}

/* Graph checks would find the ids taken: those of the files that go. */
static bool write_new(struct squashing *k, struct revision_new *n)
{
    static const struct graph empty = {.by_id = {0}};
    struct project *p = &k->c->project;
    const struct graph graph = p->graph;
    static const struct new_values options = {0};

    p->graph = empty;
    p->graph.by_id = MAP(k->c->ctx);
    bool ok = set_aside(k) && (new_file_write(k->c, &options, n) || (restore(k, k->list.n), false));
    p->graph = graph;
    return ok && remove_old(k);
}

static bool show(struct squashing *k, const struct revision_new *n)
{
    print_part(k->c, revision_text(k->c->ctx, n));
    return true;
}

/* ---- the command ------------------------------------------------------------------------------------------ */

/* The hints are about the scratch database, which is gone. */
static bool fail_scratch(struct squashing *k)
{
    k->c->ctx->err.hints = NULL;
    fail_in(k->c->ctx, CANNOT_REPLACE);
    return fail_hint(k->c->ctx, "Nothing was written.");
}

static bool build(struct squashing *k, struct revision_new *ret)
{
    struct project *p = &k->c->project;
    const char *path;
    bool keeps;

    if (!migrate_squash_data(p, &k->list, &k->squash) || !decide(k, &keeps) ||
        !connect_database(k->c, MISSING_IS_EMPTY))
        return false;
    if (!migrate_squash(p, &k->squash, keeps, &k->models))
        return fail_scratch(k);
    if (!prepare(k, ret))
        return false;
    path = fs_join(&k->c->ctx->arena, ret->folder, "squash.yaml");
    return migrate_squash_prove(p, &k->squash, path, revision_text(k->c->ctx, ret), k->models)
               ? judge(k)
               : fail_scratch(k);
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct squashing k = {.c = c};
    struct revision_new n;
    bool found;

    if (!find_last(&k) || !find_list(&k) || (!v->dry_run && !check_committed(&k)) ||
        !scratch_server(c, v->scratch_url, NULL, &found) || !build(&k, &n))
        return false;
    if (v->dry_run)
        return show(&k, &n);
    if (!write_new(&k, &n))
        return false;
    log_info(c->ctx, "squashed %s, from %s to %s, into one; both create the same schema in scratch databases",
        count_text(c->ctx, k.list.n, "revision"), k.list.v[0]->id, k.last->id);
    if (k.squash.data.n && v->data == DATA_DROP)
        log_info(c->ctx, "left out: %s on rows", count_text(c->ctx, k.squash.data.n, "operation"));
    log_info(c->ctx, "databases between these revisions must first be upgraded to %s with the old files",
        k.last->id);
    return true;
}

static const struct option_spec options[] = {
    {'m', "message", OPTION_STRING, offsetof(struct values, message), "TEXT",
        "description, also used in the file's name", NULL, NULL},
    {0, "data", OPTION_CHOICE, offsetof(struct values, data), "WHAT",
        "keep or drop the operations that change rows; ask, the default, lists them", data_names, NULL},
    {0, "dry-run", OPTION_FLAG, offsetof(struct values, dry_run), NULL,
        "print the revision, and change no file", NULL, NULL},
    {0, "force", OPTION_FLAG, offsetof(struct values, force), NULL,
        "remove files that are not committed to git, too", NULL, NULL},
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0},
};

static const struct operand_spec operand = {
    "base:REVISION", "the last of the revisions to combine", 1, 1, "revision", NULL};

const struct command command_squash = {
    .spec = {.name = "squash",
        .group = "Write revisions",
        .summary = "Make one revision of the oldest ones",
        .help = "The new revision keeps the id of the last one: databases that have reached it, and the\n"
                "revisions after it, need no change. It creates the schema as the old ones leave it,\n"
                "which two scratch databases prove; then the old files are removed.\n",
        .examples = "  cmig squash base:1f3a -m 'schema of 2025'\n"
                    "  cmig squash base:1f3a --data keep --dry-run\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .writes_revision = true,
    .changes = true,
    .run = run,
};
