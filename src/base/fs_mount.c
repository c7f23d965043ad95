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
        const size_t n = strlen(m->prefix) - 1; /* without the slash */

        if (strncmp(path, m->prefix, n) != 0 || (path[n] && path[n] != '/'))
            continue;
        *ret_inside = path + n + strspn(path + n, "/");
        return m;
    }
    return NULL;
}

bool fs_is_mounted(struct ctx *ctx, const char *path)
{
    const char *inside;

    return mount_find(ctx, path, &inside) != NULL;
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
