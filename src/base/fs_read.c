/*
 * Reads a file that a person wrote, or refuses it.
 */
#define _GNU_SOURCE /* memfd_create */
#include "arena.h"
#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_FIRST = 4096 }; /* for what does not tell its size: a pipe, /proc */

struct reading {
    struct ctx *ctx;
    struct arena *arena;
    const char *what, *path;
    size_t limit;
};

static bool refuse(const struct reading *r, const char *reason)
{
    return fail(r->ctx, STATUS_CONFIG, "cannot read %s%s'%s': %s", r->what ? r->what : "", r->what ? " " : "",
        r->path, reason);
}

static bool refuse_errno(const struct reading *r)
{
    return refuse(r, errno_text(r->ctx, errno));
}

static bool refuse_size(const struct reading *r)
{
    bool whole = r->limit >= 1 << 20;

    return refuse(r,
        ctx_printf(r->ctx, "larger than %zu %s", whole ? r->limit >> 20 : r->limit, whole ? "MiB" : "bytes"));
}

/* Says where the bad byte is: line and column from 1, columns in characters. */
static bool refuse_byte(const struct reading *r, const char *text, size_t at, const char *reason)
{
    const char *line = text;
    unsigned number = 1;
    size_t column;

    for (const char *p = text; p < text + at; p++)
        if (*p == '\n') {
            line = p + 1;
            number++;
        }
    column = str_width(arena_strndup(&r->ctx->arena, line, (size_t)(text + at - line))) + 1;
    return refuse(r, ctx_printf(r->ctx, "%s in line %u, column %zu", reason, number, column));
}

/* Reads everything, but at most one byte more than the limit, so that the caller sees that the limit is exceeded. */
static bool read_all(const struct reading *r, int fd, size_t expected, char **ret_text, size_t *ret_size)
{
    uint32_t cap = expected ? (uint32_t)expected + 1 : READ_FIRST;
    size_t n = 0;
    char *text = arena_alloc(r->arena, cap);

    while (n <= r->limit && (!expected || n < expected)) {
        ssize_t got;

        if (n + 1 == cap)
            text = vec_grow(r->arena, text, &cap, cap + 1, 1);
        got = read(fd, text + n, cap - 1 - n);
        if (got == 0)
            break;
        if (got > 0)
            n += (size_t)got;
        else if (errno != EINTR)
            return refuse_errno(r);
        else if (ctx_interrupted(r->ctx))
            return fail_interrupted(r->ctx);
    }
    text[n] = '\0';
    *ret_text = text;
    *ret_size = n;
    return true;
}

static bool check_text(const struct reading *r, const char *text, size_t n)
{
    const char *nul = memchr(text, '\0', n);
    size_t bad;

    if (nul)
        return refuse_byte(r, text, (size_t)(nul - text), "a NUL byte");
    if (!str_utf8(text, n, &bad))
        return refuse_byte(
            r, text, bad, ctx_printf(r->ctx, "not UTF-8: byte 0x%02x", (unsigned)(unsigned char)text[bad]));
    return true;
}

/* ---- opening ---- */

/* Names of descriptors that the process has open already, which are read on purpose. */
static bool is_given(const char *path)
{
    static const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/"};

    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (str_starts(path, prefixes[i]))
            return true;
    return str_eq(path, "/dev/stdin") || str_eq(path, "/dev/null");
}

/* What is wrong with a file of this kind; NULL: nothing. */
static const char *odd_kind(const char *path, mode_t mode)
{
    if (S_ISDIR(mode))
        return "is a directory";
    return S_ISREG(mode) || is_given(path) ? NULL : "not a regular file";
}

static const char *unreadable_kind(struct ctx *ctx, enum fs_kind kind)
{
    if (kind == FS_ABSENT)
        return errno_text(ctx, ENOENT);
    return kind == FS_DIR ? errno_text(ctx, EISDIR) : NULL;
}

const char *fs_unreadable(struct ctx *ctx, const char *path)
{
    struct stat st;
    const char *inside;
    struct fs_mount *mount = mount_find(ctx, path, &inside);

    if (mount)
        return unreadable_kind(ctx, mount->kind(mount->data, inside));
    if (stat(path, &st) != 0)
        return errno_text(ctx, errno);
    return odd_kind(path, st.st_mode);
}

/* O_NONBLOCK: to open a FIFO would wait for its other end. */
static bool open_file(const struct reading *r, int *ret_fd, struct stat *ret_stat)
{
    int fd CLEANUP(fd_close) = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    const char *odd;

    if (fd < 0 || fstat(fd, ret_stat) != 0)
        return refuse_errno(r);
    odd = odd_kind(r->path, ret_stat->st_mode);
    if (odd)
        return refuse(r, odd);
    if (!S_ISREG(ret_stat->st_mode))
        fcntl(fd, F_SETFL, 0);
    *ret_fd = fd;
    fd = -1;
    return true;
}

static bool open_text(const struct reading *r, int *ret_fd, size_t *ret_expected)
{
    struct stat st;

    if (!open_file(r, ret_fd, &st))
        return false;
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > r->limit)
        return refuse_size(r);
    *ret_expected = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
    return true;
}

static bool read_disk(const struct reading *r, char **ret_text, size_t *ret_size)
{
    int fd CLEANUP(fd_close) = -1;
    size_t expected = 0;

    return open_text(r, &fd, &expected) && read_all(r, fd, expected, ret_text, ret_size);
}

static bool read_mounted(
    const struct reading *r, struct fs_mount *mount, const char *inside, char **ret_text, size_t *ret_size)
{
    const char *reason = unreadable_kind(r->ctx, mount->kind(mount->data, inside));

    if (!reason)
        reason = mount->read(mount->data, r->arena, inside, ret_text, ret_size);
    return !reason || refuse(r, reason);
}

/* A file without a name that has the same contents. */
static bool open_copy(const struct reading *r, const char *text, size_t size, int *ret_fd)
{
    int fd CLEANUP(fd_close) = memfd_create("cmig", MFD_CLOEXEC);

    if (fd < 0)
        return refuse_errno(r);
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, text + done, size - done);

        if (n < 0 && errno != EINTR)
            return refuse_errno(r);
        done += n > 0 ? (size_t)n : 0;
    }
    if (lseek(fd, 0, SEEK_SET) < 0)
        return refuse_errno(r);
    *ret_fd = fd;
    fd = -1;
    return true;
}

bool fs_open(struct ctx *ctx, const char *what, const char *path, int *ret_fd)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    const struct reading r = {.ctx = ctx, .arena = &scratch, .what = what, .path = path};
    const char *inside;
    struct fs_mount *mount = mount_find(ctx, path, &inside);
    struct stat st;
    size_t size;
    char *text;

    if (!mount)
        return open_file(&r, ret_fd, &st);
    return read_mounted(&r, mount, inside, &text, &size) && open_copy(&r, text, size, ret_fd);
}

bool fs_read(struct ctx *ctx, struct arena *a, const char *what, const char *path, size_t limit,
    char **ret_text, size_t *ret_size)
{
    struct reading r = {.ctx = ctx, .arena = a, .what = what, .path = path, .limit = limit};
    const char *inside;
    struct fs_mount *mount = mount_find(ctx, path, &inside);
    size_t n;
    char *text;

    if (!(mount ? read_mounted(&r, mount, inside, &text, &n) : read_disk(&r, &text, &n)))
        return false;
    if (n > limit)
        return refuse_size(&r);
    if (!check_text(&r, text, n))
        return false;
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark, as some editors put it */
        text += 3;
        n -= 3;
    }
    if (ctx->read)
        vec_add(ctx, ctx->read, ctx_strdup(ctx, path));
    *ret_text = text;
    *ret_size = n;
    return true;
}
