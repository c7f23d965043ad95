/*
 * Writes a new revision file: its directory, its parents, and the hooks that run on it.
 */
#include "command.h"

#include "cmig/vcs.h"

/* ---- where, and under which parents ---- */

static bool is_same_folder(struct call *c, const char *configured, const char *wanted)
{
    struct arena *a = &c->ctx->arena;
    const char *cleaned = fs_join(a, ".", configured);

    return str_eq(cleaned, fs_join(a, ".", wanted)) ||
           str_eq(cleaned, fs_join(a, ".", fs_join(a, c->project.config.folder, wanted)));
}

/* The version location that a file lies below: the innermost, should one be in another. */
static const char *folder_of(struct call *c, const struct revision *r)
{
    const struct strings *folders = &c->project.config.migrations;
    const char *path = r->path ? fs_join(&c->ctx->arena, ".", r->path) : "", *found = NULL;
    size_t longest = 0;

    vec_each(i, folders) {
        const char *folder = fs_join(&c->ctx->arena, ".", folders->v[i]);
        size_t n = strlen(folder);

        if (n <= longest || strncmp(path, folder, n) != 0 || path[n] != '/')
            continue;
        found = folders->v[i];
        longest = n;
    }
    return found;
}

/* `wanted` is --version-path, seen from the current directory or from the configuration's; without it the first parent's
 * directory, or the first. */
static bool find_folder(struct call *c, const char *wanted, const struct revisions *parents, const char **ret)
{
    const struct strings *folders = &c->project.config.migrations;
    const char *own = !wanted && parents->n ? folder_of(c, parents->v[0]) : NULL;

    if (own) {
        *ret = own;
        return true;
    }
    vec_each(i, folders) {
        if (wanted && !is_same_folder(c, folders->v[i], wanted))
            continue;
        *ret = folders->v[i];
        return true;
    }
    fail(c->ctx, STATUS_USAGE, "'%s' is not one of the directories under 'migrations'", wanted ? wanted : "");
    return fail_hint(c->ctx, "Use one of %s.", strings_join(&c->ctx->arena, folders, ", "));
}

static bool check_heads(struct call *c, const struct revisions *parents)
{
    vec_each(i, parents) {
        if (revision_is_head(parents->v[i]))
            continue;
        fail(c->ctx, STATUS_FAILED, "revision %s is not a head: %s follows it", parents->v[i]->id,
            parents->v[i]->children.v[0]->id);
        return fail_hint(c->ctx, "Use --splice to start a new branch there.");
    }
    return true;
}

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

bool new_file_begin(
    struct call *c, const struct new_values *v, const struct revisions *parents, struct revision_new *ret)
{
    static const struct ops none = {0};
    const struct config *config = &c->project.config;
    struct revision_new n = {
        .id = v->id,
        .labels = v->labels,
        .message = v->message,
        .upgrade = &none,
        .downgrade = &none,
        .sql = config->format == 1,
        .sql_up = "",
        .sql_down = "",
        .file_template = config->file_template,
        .slug_length = (size_t)config->slug_length,
    };

    if (!check_overlap(c, parents) || (!v->splice && !check_heads(c, parents)) ||
        !find_folder(c, v->folder, parents, &n.folder))
        return false;
    vec_each(i, parents)
        vec_add(c->ctx, &n.down, parents->v[i]->id);
    *ret = n;
    return true;
}

/* ---- hooks ---- */

static char *with_path(struct call *c, const char *word, const char *path)
{
    static const char token[] = "{path}";
    struct str out = STR(c->ctx);
    const char *found;

    for (; (found = strstr(word, token)); word = found + strlen(token)) {
        str_addn(&out, word, (size_t)(found - word));
        str_add(&out, path);
    }
    str_add(&out, word);
    return ctx_strdup(c->ctx, str_get(&out));
}

static bool run_hook(struct call *c, const struct command_line *hook, const char *path)
{
    struct strings argv = {0};
    const struct program program = {.words = &argv, .quiet_stdout = true};
    int status;

    vec_each(i, &hook->words)
        vec_add(c->ctx, &argv, with_path(c, hook->words.v[i], path));
    if (argv.n == 0)
        return true;
    log_debug(c->ctx, "running %s", strings_join(&c->ctx->arena, &argv, " "));
    if (!program_run(c->ctx, &program, &status))
        return false;
    if (status)
        return fail(c->ctx, STATUS_FAILED, "'%s' failed with exit status %d",
            strings_join(&c->ctx->arena, &argv, " "), status);
    return true;
}

/* What the hooks left is what every later command reads. */
static bool check_left(struct call *c, const char *path)
{
    struct revision r = {0};
    char *text;
    size_t size;

    if (fs_read(c->ctx, &c->ctx->arena, "revision", path, FS_TEXT_LIMIT, &text, &size) &&
        revision_parse_head(c->ctx, path, text, size, &r))
        return true;
    return fail_in(c->ctx, "the post_write hooks left no revision file");
}

static bool run_hooks(struct call *c, const char *path)
{
    const struct command_lines *hooks = &c->project.config.post_write;

    vec_each(i, hooks) {
        if (run_hook(c, hooks->v[i], path))
            continue;
        fail_in(c->ctx, "a post_write hook failed on '%s'", path);
        return fail_hint(
            c->ctx, "The revision file was written. Use --no-post-write to write one without hooks.");
    }
    return !hooks->n || check_left(c, path);
}

/* ---- writing ---- */

static void report(struct call *c, const char *path, const char *id)
{
    struct arena *a = &c->ctx->arena;
    struct node *document;

    if (!c->globals->json) {
        print_line(c, "%s", path);
        return;
    }
    document = document_begin(c);
    node_set(a, document, "revision", node_string(a, id));
    node_set(a, document, "path", node_string(a, path));
}

/* A file that no later command finds is useless. */
static bool check_file_template(struct call *c, const char *template)
{
    if (!template || !strchr(template, '/') || c->project.config.recursive)
        return true;
    fail(c->ctx, STATUS_CONFIG, "file_template '%s' puts revisions into subfolders, which are not read",
        template);
    return fail_hint(c->ctx, "Write 'recursive: true' into cmig.yaml.");
}

const char *revision_template_path(struct call *c, bool sql)
{
    const char *folder = c->project.config.templates;
    const char *path =
        folder ? fs_join(&c->ctx->arena, folder, sql ? "revision.sql" : "revision.yaml") : NULL;

    return path && fs_exists(path) ? path : NULL;
}

static bool read_template(struct call *c, struct revision_new *n)
{
    const char *folder = c->project.config.templates;
    char *text;
    size_t size;

    if (folder && !fs_is_dir(folder))
        return fail_at(c->ctx, STATUS_CONFIG, (struct pos){.file = c->project.config.path},
            "template directory '%s' does not exist", folder);
    n->template_path = revision_template_path(c, n->sql);
    if (!n->template_path)
        return true;
    if (!fs_read(c->ctx, &c->ctx->arena, "template", n->template_path, FS_TEXT_LIMIT, &text, &size))
        return false;
    n->template_text = text;
    return true;
}

static bool write_file(struct call *c, struct revision_new *n, const char **ret_path)
{
    struct vcs *vcs = vcs_open(c->ctx, c->project.config.folder);
    const char *id;
    bool ok;

    n->author = vcs_author(vcs);
    ok = revision_write(c->ctx, &c->project.graph, n, ret_path, &id);
    vcs_close(vcs);
    if (!ok)
        return false;
    report(c, *ret_path, id);
    n->id = id;
    return true;
}

bool new_file_write(struct call *c, const struct new_values *v, struct revision_new *n)
{
    const char *path;

    if (!check_file_template(c, n->file_template) || !read_template(c, n) || !write_file(c, n, &path))
        return false;
    return v->no_post_write || run_hooks(c, path);
}
