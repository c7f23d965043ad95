/* Tests of files when the disk or the file system fails at the last steps of a write. */
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* The calls that are made to fail, with what; the linker puts these in the place of the C library's. readdir64
 * is what readdir is called in a program that knows large files. */
static struct {
    int link, rename, fsync, readdir;
} faults;

int __real_link(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __real_fsync(int fd);
struct dirent;
struct dirent *__real_readdir64(void *dir);
int __wrap_link(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_fsync(int fd);
struct dirent *__wrap_readdir64(void *dir);

static bool fails(int fault)
{
    if (fault)
        errno = fault;
    return fault != 0;
}

int __wrap_link(const char *from, const char *to)
{
    return fails(faults.link) ? -1 : __real_link(from, to);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails(faults.rename) ? -1 : __real_rename(from, to);
}

int __wrap_fsync(int fd)
{
    return fails(faults.fsync) ? -1 : __real_fsync(fd);
}

struct dirent *__wrap_readdir64(void *dir)
{
    return fails(faults.readdir) ? NULL : __real_readdir64(dir);
}

static int setup(void **state)
{
    unit_setup(state);
    faults = (__typeof__(faults)){0};
    return chdir(unit_tmpdir(*state));
}

static int teardown(void **state)
{
    char path[4096];

    assert_non_null(getcwd(path, sizeof(path)));
    assert_int_equal(chdir("/"), 0);
    unit_rmdir(*state, path);
    return unit_teardown(state);
}

/* Expects this file to be the only one, without a temporary one, and compares its contents. */
static void assert_stands(struct ctx *ctx, const char *name, const char *content)
{
    char *text;
    size_t n;

    assert_int_equal(system(ctx_printf(ctx, "test \"$(ls -A)\" = '%s'", name)), 0);
    if (!content)
        return;
    assert_ok(ctx, fs_read(ctx, &ctx->arena, NULL, name, 100, &text, &n));
    assert_string_equal(text, content);
}

static void test_disk_full_at_sync(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(ctx, fs_write(ctx, "f", "old", 3));
    faults.fsync = ENOSPC;
    assert_false(fs_write(ctx, "f", "new", 3));
    assert_error(ctx, STATUS_FAILED, "cannot write 'f': no space left on device");
    assert_stands(ctx, "f", "old");
    assert_false(fs_create(ctx, "g", "new", 3));
    assert_error(ctx, STATUS_FAILED, "cannot write 'g': no space left on device");
    assert_stands(ctx, "f", "old");
}

static void test_rename_fails(void **state)
{
    struct ctx *ctx = *state;

    faults.rename = EIO;
    assert_false(fs_write(ctx, "f", "new", 3));
    assert_error(ctx, STATUS_FAILED, "cannot write 'f': input/output error");
    assert_stands(ctx, "", NULL);
}

static void test_no_hard_links(void **state)
{
    struct ctx *ctx = *state;

    faults.link = EPERM;
    assert_ok(ctx, fs_create(ctx, "f", "one", 3));
    assert_stands(ctx, "f", "one");
    assert_false(fs_create(ctx, "f", "two", 3));
    assert_error(ctx, STATUS_FAILED, "cannot write 'f': it already exists");
    assert_stands(ctx, "f", "one");
    faults.link = EIO;
    assert_false(fs_create(ctx, "g", "two", 3));
    assert_error(ctx, STATUS_FAILED, "cannot write 'g': input/output error");
    assert_stands(ctx, "f", "one");
}

static void test_listing_fails(void **state)
{
    struct ctx *ctx = *state;
    struct strings names = {0};

    faults.readdir = EIO;
    assert_false(fs_list(ctx, ".", &names));
    assert_error(ctx, STATUS_CONFIG, "cannot list directory '.': input/output error");
}

#define fault_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fault_test(test_disk_full_at_sync),
        fault_test(test_rename_fails),
        fault_test(test_no_hard_links),
        fault_test(test_listing_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
