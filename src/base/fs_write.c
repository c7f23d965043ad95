/*
 * Writes files atomically.
 *
 * The text is written to a temporary file in the same directory, which is renamed when all of it is on the disk.
 * Its name begins with a dot and has another suffix, so that the file of a killed process is never read.
 */
#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_TRIES = 1000 };

struct writing {
    struct ctx *ctx;
    const char *path;   /* as the caller wrote it, for messages */
    const char *target; /* where links led */
    char *temp;
    int fd;
    bool is_generated; /* need not be on the disk when the function returns */
};

static bool refuse(const struct writing *w, int number)
{
    const char *reason = number == EEXIST   ? "it already exists"
                         : number == ENOENT ? "no such directory"
                                            : errno_text(w->ctx, number);

    return fail(w->ctx, STATUS_FAILED, "cannot write '%s': %s", w->path, reason);
}

/* What fails after the temporary file was made takes it away again; the error comes first, it needs errno. */
static bool give_up(struct writing *w)
{
    refuse(w, errno);
    unlink(w->temp);
    return false;
}

static bool write_all(struct writing *w, const char *text, size_t size)
{
    while (size) {
        ssize_t n = write(w->fd, text, size);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
    return true;
}

/* Open with O_EXCL rather than mkstemp: so the mode of a new file follows the umask. */
static bool open_temp(struct writing *w)
{
    const char *folder = fs_dirname(&w->ctx->arena, w->target);

    for (int i = 0; i < TEMP_TRIES; i++) {
        w->temp = fs_join(&w->ctx->arena, folder, ctx_printf(w->ctx, ".cmig-%ld-%d.tmp", (long)getpid(), i));
        w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (w->fd >= 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    return refuse(w, errno);
}

/* The name is on the disk only when the directory is. Not every file system can do that, and then it may stay.
 */
static void sync_folder(const struct writing *w)
{
    int fd CLEANUP(fd_close) =
        open(fs_dirname(&w->ctx->arena, w->target), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        (void)fsync(fd);
}

/* Creates a link, since rename would replace an existing file. On file systems without hard links there is only the
 * check. */
static bool take_new_name(const struct writing *w)
{
    if (link(w->temp, w->target) == 0) {
        unlink(w->temp);
        return true;
    }
    if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
        return false;
    if (fs_exists(w->target)) {
        errno = EEXIST;
        return false;
    }
    return rename(w->temp, w->target) == 0;
}

static bool fill_temp(struct writing *w, const struct stat *old, const char *text, size_t size)
{
    int fd CLEANUP(fd_close) = w->fd;

    if (old && fchmod(fd, old->st_mode & 07777) != 0)
        return false;
    return write_all(w, text, size) && (w->is_generated || fsync(fd) == 0);
}

/* What is no file (/dev/stdout, a pipe) has no place beside it. */
static bool write_through(struct writing *w, const char *text, size_t size)
{
    int fd CLEANUP(fd_close) = open(w->target, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    w->fd = fd;
    return fd >= 0 && write_all(w, text, size) ? true : refuse(w, errno);
}

static bool replace(struct writing *w, const char *text, size_t size)
{
    struct stat st;
    char real[PATH_MAX];
    bool old = stat(w->path, &st) == 0;

    if (old && realpath(w->path, real))
        w->target = real;
    if (old && S_ISDIR(st.st_mode))
        return refuse(w, EISDIR);
    if (old && !S_ISREG(st.st_mode))
        return write_through(w, text, size);
    if (!open_temp(w))
        return false;
    if (!fill_temp(w, old ? &st : NULL, text, size) || rename(w->temp, w->target) != 0)
        return give_up(w);
    if (!w->is_generated)
        sync_folder(w);
    return true;
}

bool fs_write(struct ctx *ctx, const char *path, const char *text, size_t size)
{
    struct writing w = {.ctx = ctx, .path = path, .target = path};

    return replace(&w, text, size);
}

bool fs_write_generated(struct ctx *ctx, const char *path, const char *text, size_t size)
{
    struct writing w = {.ctx = ctx, .path = path, .target = path, .is_generated = true};

    return replace(&w, text, size);
}

bool fs_create(struct ctx *ctx, const char *path, const char *text, size_t size)
{
    struct writing w = {.ctx = ctx, .path = path, .target = path};

    if (!open_temp(&w))
        return false;
    if (!fill_temp(&w, NULL, text, size) || !take_new_name(&w))
        return give_up(&w);
    sync_folder(&w);
    return true;
}
