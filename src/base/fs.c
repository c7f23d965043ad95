/*
 * Paths on disk: whether they exist, and the files in a directory.
 */
#include "fs.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_FOLDER "no such directory"

char *errno_text(struct ctx *ctx, int number)
{
    char text[128] = "";

    if (number == ENOENT)
        return ctx_strdup(ctx, "no such file");
    if (strerror_r(number, text, sizeof(text)) != 0)
        return ctx_printf(ctx, "error %d", number);
    if (text[0] >= 'A' && text[0] <= 'Z')
        text[0] = (char)(text[0] - 'A' + 'a');
    return ctx_strdup(ctx, text);
}

void fd_close(int *fd)
{
    int before = errno;

    if (*fd >= 0)
        close(*fd);
    errno = before;
}

bool fs_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool fs_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void dir_close(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Each returns NULL, or why it failed. */
static const char *list_disk(struct ctx *ctx, const char *path, struct strings *names)
{
    DIR *dir CLEANUP(dir_close) = opendir(path);
    struct dirent *entry;

    if (!dir)
        return errno == ENOENT ? NO_FOLDER : errno_text(ctx, errno);
    while (errno = 0, (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            vec_add(ctx, names, ctx_strdup(ctx, entry->d_name));
    return errno ? errno_text(ctx, errno) : NULL;
}

static const char *list_mounted(
    struct ctx *ctx, struct fs_mount *mount, const char *inside, struct strings *names)
{
    const enum fs_kind kind = mount->kind(mount->data, inside);
    struct strings all = {0};
    const char *reason;

    if (kind != FS_DIR)
        return kind == FS_ABSENT ? NO_FOLDER : errno_text(ctx, ENOTDIR);
    reason = mount->list(mount->data, inside, &all);
    vec_each(i, &all)
        if (all.v[i][0] != '.')
            vec_add(ctx, names, all.v[i]);
    return reason;
}

bool fs_list(struct ctx *ctx, const char *path, struct strings *ret_names)
{
    const char *inside, *reason;
    struct fs_mount *mount = mount_find(ctx, path, &inside);
    struct strings names = {0};

    reason = mount ? list_mounted(ctx, mount, inside, &names) : list_disk(ctx, path, &names);
    if (reason)
        return fail(ctx, STATUS_CONFIG, "cannot list directory '%s': %s", path, reason);
    strings_sort(&names);
    *ret_names = names;
    return true;
}

/* If another process creates the directory at the same moment, that is just as good. */
static bool make_dir(struct ctx *ctx, const char *path)
{
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && fs_is_dir(path)))
        return true;
    return fail(ctx, STATUS_FAILED, "cannot create directory '%s': %s", path,
        errno == EEXIST ? "a file of that name exists" : errno_text(ctx, errno));
}

bool fs_mkdirs(struct ctx *ctx, const char *path)
{
    const char *parent;

    if (fs_is_dir(path))
        return true;
    parent = fs_dirname(&ctx->arena, path);
    if (!str_eq(parent, path) && !fs_mkdirs(ctx, parent))
        return false;
    return make_dir(ctx, path);
}
