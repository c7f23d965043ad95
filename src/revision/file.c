/*
 * Finds the revision files and reads their heads.
 *
 * Every command does this for all files, so each is opened and read only once: whether two names lead to one
 * file is checked only if an id occurs twice.
 */
#include "document.h"

#include <limits.h>
#include <stdlib.h>

struct loading {
    struct ctx *ctx;
    bool recursive;
    struct map folders; /* real paths of those that were read */
    struct map skipped; /* real paths of those that are not to be read */
    struct map ids;
    struct revisions found;
    struct strings unread; /* directories, and files with such a name */
};

static bool check_names(struct ctx *ctx, const struct node *head, const struct revision *r)
{
    const char *problem = id_problem(r->id);

    if (problem)
        return fail_at(ctx, STATUS_CONFIG, r->pos, "'%s' cannot be a revision's id: %s", r->id, problem);
    vec_each(i, &r->labels) {
        problem = id_problem(r->labels.v[i]);
        if (problem)
            return fail_at(ctx, STATUS_CONFIG, node_pos(node_get(head, "branch_labels")),
                "'%s' cannot be a branch label: %s", r->labels.v[i], problem);
    }
    return true;
}

static struct pos key_pos(const struct node *head, const char *key)
{
    const struct node *n = node_get(head, key);

    return n ? node_pos(n) : (struct pos){0};
}

static bool refuse_other(struct ctx *ctx, const char *path)
{
    fail_at(ctx, STATUS_CONFIG, (struct pos){.file = path}, "not a revision file: key 'revision' is missing");
    return fail_hint(
        ctx, "All .yaml, .yml and .sql files in the directories under 'migrations' are read as revisions.");
}

static bool decode_head(struct ctx *ctx, const char *path, const struct node *head, struct revision *ret)
{
    struct decoder d = {.ctx = ctx, .what = "revision"};
    struct document doc = {.transaction = true};

    if (!head || (head->kind == NODE_MAPPING && !node_get(head, "revision")))
        return refuse_other(ctx, path);
    if (!record_decode(&d, &revision_record, head, &doc))
        return false;
    doc.head.path = path;
    doc.head.pos = key_pos(head, "revision");
    doc.head.down_pos = key_pos(head, "down_revision");
    doc.head.depends_pos = key_pos(head, "depends_on");
    if (!doc.head.message)
        doc.head.message = "";
    if (!check_names(ctx, head, &doc.head))
        return false;
    *ret = doc.head;
    return true;
}

bool revision_parse_head(
    struct ctx *ctx, const char *path, const char *text, size_t size, struct revision *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct node *head = NULL;
    bool sql = str_ends(path, ".sql"), stopped;

    if ((sql ? !sql_head(ctx, &scratch, path, text, size, &head)
             : !yaml_parse_head(ctx, &scratch, path, text, size, "upgrade", &head, &stopped)) ||
        !decode_head(ctx, path, head, ret)) {
        hint_other_tool(ctx, path, arena_strndup(&ctx->arena, text, size));
        return false;
    }
    ret->sql = sql;
    return true;
}

/* ---- directories -------------------------------------------------------------------------------------------- */

static bool same_file(const char *a, const char *b)
{
    char real_a[PATH_MAX], real_b[PATH_MAX];

    return realpath(a, real_a) && realpath(b, real_b) && str_eq(real_a, real_b);
}

static bool load_file(struct loading *l, const char *path)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct revision *r = ctx_new(l->ctx, struct revision), *other;
    char *text;
    size_t size;

    if (!fs_read(l->ctx, &scratch, "revision", path, FS_TEXT_LIMIT, &text, &size) ||
        !revision_parse_head(l->ctx, path, text, size, r))
        return false;
    other = map_get(&l->ids, r->id);
    if (other && same_file(other->path, path))
        return true;
    map_set(&l->ids, r->id, r);
    vec_add(l->ctx, &l->found, r);
    return true;
}

static bool is_revision_name(const char *name)
{
    return str_ends(name, ".yaml") || str_ends(name, ".yml") || str_ends(name, ".sql");
}

/* ---- what is not read ---- */

/* Like the name of a revision file, but not one: in capitals, or with another ending after it. */
static bool is_nearly_revision_name(struct ctx *ctx, const char *name)
{
    static const char *const endings[] = {".yaml", ".yml", ".sql"};
    const char *lower = str_lower(&ctx->arena, name);

    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        const char *at = strstr(lower, endings[i]);

        if (at && (!at[strlen(endings[i])] || at[strlen(endings[i])] == '.'))
            return true;
    }
    return false;
}

/* Whether a directory has a file that looks like a revision: any at all, or one of those that are called by a number. */
static bool has_unread(struct loading *l, const char *folder)
{
    struct strings names;

    if (!fs_list(l->ctx, folder, &names)) {
        err_clear(l->ctx);
        return false;
    }
    vec_each(i, &names)
        if (is_nearly_revision_name(l->ctx, names.v[i]))
            return true;
    return false;
}

static bool begins_with_digit(const char *name)
{
    name += *name == 'V' || *name == 'v';
    return *name >= '0' && *name <= '9';
}

/* A whole project of another tool may be skipped. Files that `execute` names are often in a directory of their
 * own, which is no reason for a warning as long as there are revisions next to it. */
static void warn_unread(struct loading *l)
{
    vec_each(i, &l->unread) {
        const char *path = l->unread.v[i];

        if (fs_kind(l->ctx, path) != FS_DIR)
            log_warn(l->ctx, "'%s' is not read: names of revision files end in .yaml, .yml or .sql", path);
        else if ((!l->found.n || begins_with_digit(fs_basename(path))) && has_unread(l, path))
            log_warn(l->ctx,
                "directory '%s' is not read: 'recursive: true' in cmig.yaml reads directories below", path);
    }
}

static const char *real_path(struct loading *l, const char *path)
{
    char real[PATH_MAX];

    return ctx_strdup(l->ctx, realpath(path, real) ? real : path);
}

/* A directory that was read under another name is skipped. */
static bool is_new_folder(struct loading *l, const char *path)
{
    const char *name = real_path(l, path);

    if (map_get(&l->folders, name))
        return false;
    map_set(&l->folders, name, l);
    return true;
}

/* Subdirectories are read in their place among the names. `waiting` is a stack: the last one is read next. */
static bool load_names(struct loading *l, const char *folder, struct strings *waiting)
{
    struct strings names, below = {0};

    if (!fs_list(l->ctx, folder, &names))
        return false;
    vec_each(i, &names) {
        const char *path = fs_join(&l->ctx->arena, folder, names.v[i]);

        if (is_revision_name(names.v[i])) {
            if (!load_file(l, path))
                return false;
        } else if (fs_kind(l->ctx, path) == FS_DIR) {
            if (l->skipped.n && map_get(&l->skipped, real_path(l, path)))
                continue;
            vec_add(l->ctx, l->recursive ? &below : &l->unread, path);
        } else if (is_nearly_revision_name(l->ctx, names.v[i])) {
            vec_add(l->ctx, &l->unread, path);
        }
    }
    while (below.n)
        vec_add(l->ctx, waiting, below.v[--below.n]);
    return true;
}

static bool load_folder(struct loading *l, const char *folder)
{
    struct strings waiting = {0};
    const char *next;

    if (fs_kind(l->ctx, folder) != FS_DIR) {
        fail(l->ctx, STATUS_CONFIG, "revision directory '%s' does not exist", folder);
        return fail_hint(l->ctx, "Create the directory, or correct 'migrations' in cmig.yaml.");
    }
    vec_add(l->ctx, &waiting, folder);
    while (waiting.n) {
        next = waiting.v[--waiting.n];
        if (is_new_folder(l, next) && !load_names(l, next, &waiting))
            return false;
    }
    return true;
}

bool revisions_load(struct ctx *ctx, const struct strings *folders, const struct strings *skipped,
    bool recursive, struct revisions *ret)
{
    struct loading l = {.ctx = ctx, .recursive = recursive, .ids = MAP(ctx)};

    l.folders = l.skipped = MAP(ctx);
    vec_each(i, skipped)
        if (fs_kind(ctx, skipped->v[i]) == FS_DIR)
            map_set(&l.skipped, real_path(&l, skipped->v[i]), &l);
    vec_each(i, folders)
        if (!load_folder(&l, folders->v[i]))
            return false;
    warn_unread(&l);
    *ret = l.found;
    return true;
}
