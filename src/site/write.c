/*
 * Writes a site into a directory.
 *
 * A marker lists the files of the site. It is written first, with the old and the new ones, so that after an interruption
 * the next run still knows which files are its own; and last, when only the new ones remain.
 */
#include "site.h"

#include <errno.h>
#include <unistd.h>

#define MARKER "cmig-docs.txt"
static const char marker_head[] =
    "cmig docs made these files. Run it again to replace them; others are left alone.\n";

struct writing {
    struct ctx *ctx;
    const char *folder;
    const struct fs_files *files;
    struct strings old; /* paths that the marker lists */
    struct site_result *result;
};

static const char *full_path(const struct writing *w, const char *path)
{
    return fs_join(&w->ctx->arena, w->folder, path);
}

/* ---- the marker ---- */

/* A path within the directory: somebody may have edited the marker, and what it lists is removed. */
static bool is_own_path(const char *path)
{
    return *path && *path != '/' && !str_starts(path, "../") && !strstr(path, "/../") &&
           !str_ends(path, "/..");
}

static bool read_marker(struct writing *w, bool *ret_found)
{
    const char *path = full_path(w, MARKER);
    char *text, *line;
    size_t size;

    *ret_found = false;
    if (!fs_exists(path))
        return true;
    if (!fs_read(w->ctx, &w->ctx->arena, "file", path, FS_TEXT_LIMIT, &text, &size))
        return false;
    if (!str_starts(text, marker_head))
        return true;
    *ret_found = true;
    text += sizeof(marker_head) - 1;
    for (; *text; text = line + (*line == '\n')) {
        line = text + strcspn(text, "\n");
        const char *own = arena_strndup(&w->ctx->arena, text, (size_t)(line - text));
        if (is_own_path(own))
            vec_add(w->ctx, &w->old, own);
    }
    return true;
}

static bool write_marker(struct writing *w, bool with_old)
{
    struct str out = STR(w->ctx);
    struct strings paths = {0};
    const char *last = NULL;

    vec_each(i, w->files)
        vec_add(w->ctx, &paths, w->files->v[i].path);
    for (size_t i = 0; with_old && i < w->old.n; i++)
        vec_add(w->ctx, &paths, w->old.v[i]);
    strings_sort(&paths);
    str_add(&out, marker_head);
    vec_each(i, &paths) {
        if (!str_eq(paths.v[i], last))
            str_addf(&out, "%s\n", paths.v[i]);
        last = paths.v[i];
    }
    return fs_write(w->ctx, full_path(w, MARKER), str_get(&out), out.n);
}

/* ---- checks ---- */

static bool begin(struct writing *w)
{
    struct strings names = {0};
    bool is_site;

    if (fs_exists(w->folder) && !fs_is_dir(w->folder))
        return fail(w->ctx, STATUS_FAILED, "cannot write to '%s': it is not a directory", w->folder);
    if (!fs_exists(w->folder))
        return true;
    if (!read_marker(w, &is_site) || !fs_list(w->ctx, w->folder, &names))
        return false;
    if (is_site || !names.n)
        return true;
    fail(w->ctx, STATUS_FAILED, "cannot write to '%s': it is not empty, and cmig docs did not make it",
        w->folder);
    return fail_hint(w->ctx, "Name another directory with --output, or empty this one.");
}

bool site_check(struct ctx *ctx, const char *folder)
{
    struct writing w = {.ctx = ctx, .folder = folder};

    return begin(&w);
}

/* ---- files ---- */

static bool is_same(struct writing *w, const char *path, const struct fs_file *file)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    char *text;
    size_t size;

    if (!fs_exists(path))
        return false;
    if (fs_read(w->ctx, &scratch, "file", path, FS_TEXT_LIMIT, &text, &size))
        return size == file->size && memcmp(text, file->text, size) == 0;
    err_clear(w->ctx);
    return false;
}

static bool write_file(struct writing *w, const struct fs_file *file)
{
    const char *path = full_path(w, file->path);

    if (ctx_interrupted(w->ctx))
        return fail_interrupted(w->ctx);
    if (is_same(w, path, file)) {
        w->result->unchanged++;
        return true;
    }
    vec_add(w->ctx, &w->result->written, file->path);
    return fs_mkdirs(w->ctx, fs_dirname(&w->ctx->arena, path)) &&
           fs_write_generated(w->ctx, path, file->text, file->size);
}

static bool remove_old(struct writing *w)
{
    struct map kept = MAP(w->ctx);

    vec_each(i, w->files)
        map_set(&kept, w->files->v[i].path, w);
    vec_each(i, &w->old) {
        const char *path = full_path(w, w->old.v[i]);

        if (map_get(&kept, w->old.v[i]))
            continue;
        if (unlink(path) == 0)
            vec_add(w->ctx, &w->result->removed, w->old.v[i]);
        else if (errno != ENOENT && errno != ENOTDIR && errno != EISDIR)
            return fail(w->ctx, STATUS_FAILED, "cannot remove '%s': %s", path, strerror(errno));
        if (strchr(w->old.v[i], '/'))
            (void)rmdir(fs_dirname(&w->ctx->arena, path)); /* unless others are in it */
    }
    return true;
}

bool site_write(struct ctx *ctx, const char *folder, const struct fs_files *files, struct site_result *ret)
{
    struct writing w = {.ctx = ctx, .folder = folder, .files = files, .result = ret};

    *ret = (struct site_result){0};
    if (!begin(&w) || !fs_mkdirs(ctx, folder) || !write_marker(&w, true))
        return false;
    vec_each(i, files)
        if (!write_file(&w, &files->v[i]))
            return false;
    return remove_old(&w) && write_marker(&w, false);
}
