/*
 * Files that are not on the disk.
 */
#include "fs.h"

void fs_mount_add(struct ctx *ctx, struct fs_mount *mount)
{
    mount->next = ctx->mounts;
    ctx->mounts = mount;
}

void fs_mount_remove(struct ctx *ctx, struct fs_mount *mount)
{
    struct fs_mount **at = &ctx->mounts;

    while (*at && *at != mount)
        at = &(*at)->next;
    if (*at)
        *at = mount->next;
}

struct fs_mount *mount_find(struct ctx *ctx, const char *path, const char **ret_inside)
{
    for (struct fs_mount *m = ctx->mounts; m; m = m->next) {
        if (!str_starts(path, m->prefix))
            continue;
        for (path += strlen(m->prefix); *path == '/';)
            path++;
        *ret_inside = path;
        return m;
    }
    return NULL;
}

enum fs_kind fs_kind(struct ctx *ctx, const char *path)
{
    const char *inside;
    struct fs_mount *m = mount_find(ctx, path, &inside);

    if (m)
        return m->kind(m->data, inside);
    if (fs_is_dir(path))
        return FS_DIR;
    return fs_exists(path) ? FS_FILE : FS_ABSENT;
}
