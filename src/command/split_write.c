/*
 * Writes models that are divided into files.
 *
 * All files are compared with what is there before the first is written: people edit models.
 */
#include "split.h"

struct writing {
    struct call *c;
    const char *folder;
    const struct split_files *files;
    struct map ours;                /* paths of `files` */
    struct strings changed, others; /* our files with other contents; model files that are not ours */
    bool *is_same;                  /* for each file: whether it already exists */
};

static const char *full_path(struct writing *w, const char *path)
{
    return fs_join(&w->c->ctx->arena, w->folder, path);
}

/* A file that is not text has other contents. */
static bool has_text(struct ctx *ctx, const char *path, const char *text)
{
    char *found;
    size_t size;
    if (fs_read(ctx, &ctx->arena, "model", path, FS_TEXT_LIMIT, &found, &size))
        return size == strlen(text) && memcmp(found, text, size) == 0;
    err_clear(ctx);
    return false;
}

static void compare(struct writing *w)
{
    struct ctx *ctx = w->c->ctx;
    w->is_same = arena_alloc(&ctx->arena, (w->files->n + 1) * sizeof(*w->is_same));
    vec_each(i, w->files) {
        const char *path = full_path(w, w->files->v[i].path);
        map_set(&w->ours, path, w);
        w->is_same[i] = fs_exists(path) && has_text(ctx, path, w->files->v[i].text);
        if (!w->is_same[i] && fs_exists(path))
            vec_add(ctx, &w->changed, path);
    }
}

static bool is_model(const char *path)
{
    return str_ends(path, ".yaml") || str_ends(path, ".yml") || str_ends(path, ".sql");
}

static bool find_others(struct writing *w, const char *folder)
{
    struct ctx *ctx = w->c->ctx;
    struct strings names = {0};
    if (!fs_is_dir(folder))
        return true;
    if (!fs_list(ctx, folder, &names))
        return false;
    vec_each(i, &names) {
        const char *path = fs_join(&ctx->arena, folder, names.v[i]);
        if (fs_is_dir(path)) {
            if (!find_others(w, path))
                return false;
        } else if (is_model(path) && !map_get(&w->ours, path)) {
            vec_add(ctx, &w->others, path);
        }
    }
    return true;
}

static bool refuse(struct writing *w)
{
    struct ctx *ctx = w->c->ctx;
    fail(
        ctx, STATUS_FAILED, "%s in '%s' would be replaced", count_text(ctx, w->changed.n, "file"), w->folder);
    vec_each(i, &w->changed)
        fail_detail(ctx, "%s", w->changed.v[i]);
    return fail_hint(ctx, "Nothing was written. --force replaces them.");
}

bool split_write(struct call *c, const char *folder, const struct split_files *files, bool force,
    struct strings *ret_written)
{
    struct ctx *ctx = c->ctx;
    struct writing w = {.c = c, .folder = folder, .files = files, .ours = MAP(ctx)};
    if (fs_exists(folder) && !fs_is_dir(folder))
        return fail(ctx, STATUS_FAILED, "'%s' is not a directory", folder);
    compare(&w);
    if (w.changed.n && !force)
        return refuse(&w);
    if (!find_others(&w, folder))
        return false;
    vec_each(i, files) {
        const char *path = full_path(&w, files->v[i].path), *text = files->v[i].text;
        if (w.is_same[i])
            continue;
        if (!fs_mkdirs(ctx, fs_dirname(&ctx->arena, path)) || !fs_write(ctx, path, text, strlen(text)))
            return false;
        vec_add(ctx, ret_written, path);
    }
    vec_each(i, &w.others)
        log_warn(ctx, "'%s' is not part of these models: remove it unless it describes something else",
            w.others.v[i]);
    return true;
}
