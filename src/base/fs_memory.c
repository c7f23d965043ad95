/*
 * Files in memory, as a mount.
 */
#include "fs.h"

struct memory {
    struct fs_mount mount;
    struct ctx *ctx;
    struct map by_path; /* cleaned */
    struct fs_files files;
};

static const char *clean(struct memory *m, const char *path)
{
    return fs_clean(&m->ctx->arena, path);
}

/* The part of a file's path after a directory; NULL: it is not below it. "." is all. */
static const char *below(const char *path, const char *folder)
{
    const size_t n = strlen(folder);

    if (!n)
        return path;
    return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static enum fs_kind memory_kind(void *data, const char *path)
{
    struct memory *m = data;
    const char *cleaned = clean(m, path);

    if (map_get(&m->by_path, cleaned))
        return FS_FILE;
    vec_each(i, &m->files)
        if (below(m->files.v[i].path, cleaned))
            return FS_DIR;
    return FS_ABSENT;
}

static const char *memory_read(
    void *data, struct arena *a, const char *path, char **ret_text, size_t *ret_size)
{
    struct memory *m = data;
    const struct fs_file *file = map_get(&m->by_path, clean(m, path));

    *ret_text = arena_alloc(a, file->size + 1);
    memcpy(*ret_text, file->text, file->size);
    (*ret_text)[file->size] = '\0';
    *ret_size = file->size;
    return NULL;
}

static const char *memory_list(void *data, const char *path, struct strings *ret_names)
{
    struct memory *m = data;
    const char *cleaned = clean(m, path);
    struct map seen = MAP(m->ctx);

    vec_each(i, &m->files) {
        const char *rest = below(m->files.v[i].path, cleaned);
        const char *name = rest ? arena_strndup(&m->ctx->arena, rest, strcspn(rest, "/")) : NULL;

        if (!name || map_get(&seen, name))
            continue;
        map_set(&seen, name, m);
        vec_add(m->ctx, ret_names, name);
    }
    return NULL;
}

void fs_mount_files(struct ctx *ctx, const char *prefix, const struct fs_files *files)
{
    struct memory *m = ctx_new(ctx, struct memory);

    *m = (struct memory){
        .mount = {.prefix = prefix, .data = m, .kind = memory_kind, .read = memory_read, .list = memory_list},
        .ctx = ctx,
        .by_path = MAP(ctx),
    };
    vec_each(i, files) {
        struct fs_file file = files->v[i];

        file.path = clean(m, file.path);
        vec_add(ctx, &m->files, file);
    }
    vec_each(i, &m->files)
        map_set(&m->by_path, m->files.v[i].path, &m->files.v[i]);
    fs_mount_add(ctx, &m->mount);
}
