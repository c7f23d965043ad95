/*
 * The lock that keeps other runs of cmig out.
 *
 * Each revision is a write transaction, which keeps others out until it ends; but between two of them, and while a
 * program runs, another process may interfere. So there is a file next to the database, locked with flock: the lock
 * ends with the process, and the file is removed with the lock. The database file itself is not locked in this way:
 * closing a descriptor of it releases the locks that SQLite holds for all connections of the process. A killed
 * process leaves the file, which the next one uses.
 */
#include "dialect/sqlite/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_WAIT_MS = 5, LONGEST_WAIT_MS = 100 };

/* Where SQLite has its journal, too: links are followed, so it is the same for all paths of the database. */
static const char *lock_path(struct sqlite_conn *c)
{
    return ctx_printf(c->base.ctx, "%s-cmig", sqlite3_db_filename(c->db, "main"));
}

/* Any user that may write to the database may lock it. NFS requires a descriptor that can be written to; a file
 * that another user left may be read-only. */
static int lock_open(const struct sqlite_conn *c)
{
    struct stat st = {.st_mode = 0644};
    stat(sqlite3_db_filename(c->db, "main"), &st);
    int fd = open(c->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, st.st_mode & 0666);
    if (fd < 0 && errno == EACCES)
        return open(c->lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0)
        fchmod(fd, st.st_mode & 0666); /* whatever the umask; that of another user stays as it is */
    return fd;
}

/* The previous holder may have removed the file in the meantime, and another process may have created a new
 * one. */
static bool is_at(int fd, const char *path)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static void write_holder(int fd)
{
    if (ftruncate(fd, 0) == 0)
        dprintf(fd, "%ld\n", (long)getpid());
}

enum attempt { ATTEMPT_TAKEN, ATTEMPT_HELD, ATTEMPT_FAILED };

static enum attempt lock_try(struct sqlite_conn *c)
{
    int fd = lock_open(c);
    if (fd < 0)
        return ATTEMPT_FAILED;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int problem = errno;
        close(fd);
        errno = problem;
        return problem == EWOULDBLOCK ? ATTEMPT_HELD : ATTEMPT_FAILED;
    }
    if (!is_at(fd, c->lock_path)) {
        close(fd);
        return ATTEMPT_HELD;
    }
    write_holder(fd);
    c->lock_fd = fd;
    return ATTEMPT_TAKEN;
}

static long read_holder(const struct sqlite_conn *c)
{
    char text[32] = "";
    int fd = open(c->lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return 0;
    if (read(fd, text, sizeof(text) - 1) < 0)
        *text = 0;
    close(fd);
    return strtol(text, NULL, 10);
}

static bool fail_held(const struct sqlite_conn *c, uint64_t timeout_ms)
{
    struct ctx *ctx = c->base.ctx;
    long holder = read_holder(c);
    fail(ctx, STATUS_TRY_AGAIN, "another cmig holds the lock and did not release it within %llu ms",
        (unsigned long long)timeout_ms);
    if (holder > 0)
        fail_detail(ctx, "the holder is process %ld", holder);
    return fail_hint(ctx, "Try again, or wait longer with 'lock: {timeout: 5m}' in cmig.yaml.");
}
#define fail_held(...) fail_false(fail_held(__VA_ARGS__))

/* On a file system without such locks only transactions protect. */
static bool fail_lock(struct sqlite_conn *c)
{
    if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP)
        return true;
    return fail(c->base.ctx, STATUS_FAILED, "cannot lock '%s': %s", c->lock_path, strerror(errno));
}

static bool wait_for_lock(struct sqlite_conn *c, uint64_t timeout_ms)
{
    struct ctx *ctx = c->base.ctx;
    uint64_t deadline = time_monotonic_us() + timeout_ms * 1000;
    int wait = FIRST_WAIT_MS;
    enum attempt attempt;
    for (bool has_told = false; (attempt = lock_try(c)) == ATTEMPT_HELD; has_told = true) {
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        if (time_monotonic_us() >= deadline)
            return fail_held(c, timeout_ms);
        if (!has_told)
            log_info(ctx, "waiting for another cmig that holds the lock");
        poll(NULL, 0, wait);
        wait = wait * 2 < LONGEST_WAIT_MS ? wait * 2 : LONGEST_WAIT_MS;
    }
    return attempt == ATTEMPT_TAKEN || fail_lock(c);
}

bool sqlite_lock(struct conn *conn, ATTR_UNUSED const struct version_table *v, uint64_t timeout_ms)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    c->busy_ms = timeout_ms;
    if (!sqlite_check_writable(c))
        return false;
    if (!*c->path)
        return true;
    c->lock_path = lock_path(c);
    return wait_for_lock(c, timeout_ms);
}

/* A process that opened the file before it was removed notices that, and creates a new one. */
void sqlite_unlock(struct conn *conn)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    if (c->lock_fd < 0)
        return;
    if (is_at(c->lock_fd, c->lock_path))
        unlink(c->lock_path);
    close(c->lock_fd);
    c->lock_fd = -1;
}
