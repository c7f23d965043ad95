/* Tests of files: they are read whole or rejected, and written whole or not at all. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* Each test runs in an empty directory of its own, so that messages contain short paths. */
static char *enter_tmpdir(struct ctx *ctx)
{
    char *path = unit_tmpdir(ctx);

    assert_int_equal(chdir(path), 0);
    return path;
}

static void leave_tmpdir(struct ctx *ctx, const char *path)
{
    assert_int_equal(chdir("/"), 0);
    unit_rmdir(ctx, path);
}

static int in_folder(void **state, void (*test)(struct ctx *ctx))
{
    char *path = enter_tmpdir(*state);

    test(*state);
    leave_tmpdir(*state, path);
    return 0;
}

/* With the C library, since the tested functions must not check themselves. */
static void put(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *expected)
{
    char text[100] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, file), strlen(expected));
    fclose(file);
    assert_string_equal(text, expected);
}

static const struct read_case {
    const char *content;
    size_t n;             /* 0: strlen */
    const char *expected; /* the text, or */
    const char *error;
} read_cases[] = {
    {"", 0, "", NULL},
    {"a: 1\n", 0, "a: 1\n", NULL},
    {"\xef\xbb\xbf"
     "a",
        0, "a", NULL},
    {"\xef\xbb\xbf", 0, "", NULL},
    {"caf\xc3\xa9\n", 0, "caf\xc3\xa9\n", NULL},
    {"\xe9", 0, NULL, "cannot read model 'f': not UTF-8: byte 0xe9 in line 1, column 1"},
    {"a\nb\n\xc3\xa9\xc3\xa9 \xff!\n", 0, NULL,
        "cannot read model 'f': not UTF-8: byte 0xff in line 3, column 4"},
    {"a\0b", 3, NULL, "cannot read model 'f': a NUL byte in line 1, column 2"},
    {"\xff\xfe"
     "a\0b\0",
        6, NULL, "cannot read model 'f': a NUL byte in line 1, column 4"},
    {"0123456789abcdef", 0, "0123456789abcdef", NULL},
    {"0123456789abcdef!", 0, NULL, "cannot read model 'f': larger than 16 bytes"},
};

static void read_contents(struct ctx *ctx)
{
    for (size_t i = 0; i < COUNT_OF(read_cases); i++) {
        const struct read_case *c = &read_cases[i];
        char *text = NULL;
        size_t n = 999;

        put("f", c->content, c->n ? c->n : strlen(c->content));
        if (c->error) {
            assert_false(fs_read(ctx, &ctx->arena, "model", "f", 16, &text, &n));
            assert_error(ctx, STATUS_CONFIG, c->error);
            assert_null(text);
        } else {
            assert_ok(ctx, fs_read(ctx, &ctx->arena, "model", "f", 16, &text, &n));
            assert_string_equal(text, c->expected);
            assert_int_equal(n, strlen(c->expected));
        }
    }
}

static void refuse_to_read(struct ctx *ctx, const char *what, const char *path, const char *message)
{
    char *text = NULL;
    size_t n = 0;

    assert_false(fs_read(ctx, &ctx->arena, what, path, FS_TEXT_LIMIT, &text, &n));
    assert_error(ctx, STATUS_CONFIG, message);
}

static void read_refused(struct ctx *ctx)
{
    put("f", "x", 1);
    assert_int_equal(mkdir("d", 0777), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    refuse_to_read(ctx, "model", "a.yaml", "cannot read model 'a.yaml': no such file");
    refuse_to_read(ctx, NULL, "a.yaml", "cannot read 'a.yaml': no such file");
    refuse_to_read(ctx, "model", "", "cannot read model '': no such file");
    refuse_to_read(ctx, "revision", "d", "cannot read revision 'd': is a directory");
    refuse_to_read(ctx, "model", "f/a.yaml", "cannot read model 'f/a.yaml': not a directory");
    refuse_to_read(ctx, "model", "loop", "cannot read model 'loop': too many levels of symbolic links");
    /* Opens for root too, and then cannot be read. */
    refuse_to_read(ctx, "model", "/proc/self/mem", "cannot read model '/proc/self/mem': input/output error");
    assert_int_equal(truncate("f", 50 << 20), 0);
    refuse_to_read(ctx, "model", "f", "cannot read model 'f': larger than 16 MiB");
    refuse_to_read(ctx, "model", "/dev/zero", "cannot read model '/dev/zero': not a regular file");
}

/* Root may read everything: the check runs in a process that has given up its privileges. */
static void read_forbidden(struct ctx *ctx)
{
    put("f", "x", 1);
    assert_int_equal(chmod("f", 0), 0);
    assert_int_equal(chmod(".", 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(65534), 0);
    refuse_to_read(ctx, "model", "f", "cannot read model 'f': permission denied");
    assert_false(fs_write(ctx, "g", "x", 1));
    if (geteuid() == 65534) {
        assert_error(ctx, STATUS_FAILED, "cannot write 'g': permission denied");
        assert_int_equal(seteuid(0), 0);
    }
    err_clear(ctx);
}

/* Files without a known size: /proc, a pipe, one that is larger than the first buffer. */
static void read_of_unknown_size(struct ctx *ctx)
{
    char *text, *large = ctx_printf(ctx, "%020000d", 7);
    int ends[2];
    size_t n;

    assert_ok(ctx, fs_read(ctx, &ctx->arena, "model", "/proc/self/status", FS_TEXT_LIMIT, &text, &n));
    assert_true(n > 0 && str_starts(text, "Name:"));
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], large, 20000), 20000);
    assert_int_equal(close(ends[1]), 0);
    assert_ok(ctx,
        fs_read(ctx, &ctx->arena, "model", ctx_printf(ctx, "/proc/self/fd/%d", ends[0]), 20000, &text, &n));
    assert_int_equal(n, 20000);
    assert_string_equal(text, large);
    close(ends[0]);
}

static volatile sig_atomic_t caught; /* of the signal handler below */

static void catch_signal(int number)
{
    caught = number;
}

static void read_interrupted(struct ctx *ctx)
{
    struct sigaction action = {.sa_handler = catch_signal};
    struct itimerval soon = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};
    char *text;
    int ends[2];
    size_t n;

    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(pipe(ends), 0);
    ctx->interrupt = &caught;
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_false(
        fs_read(ctx, &ctx->arena, "model", ctx_printf(ctx, "/proc/self/fd/%d", ends[0]), 100, &text, &n));
    assert_int_equal(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL), 0);
    assert_error(ctx, STATUS_TERMINATED, "terminated");
    close(ends[0]);
    close(ends[1]);
}

static void write_and_replace(struct ctx *ctx)
{
    mode_t mask = umask(027);
    struct stat st;

    assert_ok(ctx, fs_write(ctx, "f", "one", 3));
    assert_content("f", "one");
    assert_int_equal(stat("f", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(chmod("f", 0604), 0);
    assert_ok(ctx, fs_write(ctx, "f", "two!", 4));
    assert_content("f", "two!");
    assert_int_equal(stat("f", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0604);
    assert_ok(ctx, fs_write(ctx, "f", "", 0));
    assert_content("f", "");
    umask(mask);
}

static void write_through_link(struct ctx *ctx)
{
    struct stat st;

    assert_int_equal(mkdir("d", 0777), 0);
    put("d/real", "old", 3);
    assert_int_equal(symlink("d/real", "link"), 0);
    assert_ok(ctx, fs_write(ctx, "link", "new", 3));
    assert_content("d/real", "new");
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static size_t count_entries(struct ctx *ctx)
{
    FILE *ls = popen("ls -A | wc -l", "r");
    unsigned n = 0;

    assert_non_null(ls);
    assert_int_equal(fscanf(ls, "%u", &n), 1);
    pclose(ls);
    (void)ctx;
    return n;
}

/* A limit on file sizes simulates a disk that fills up in the middle of a file. */
static void write_without_room(struct ctx *ctx)
{
    struct rlimit old, small;
    char *large = ctx_printf(ctx, "%0100000d", 1);
    bool ok, created;

    put("f", "old", 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 50000, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ok = fs_write(ctx, "f", large, 100000);
    created = !ok && fs_create(ctx, "g", large, 100000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(ok);
    assert_false(created);
    assert_error(ctx, STATUS_FAILED, "cannot write 'f': file too large\n  cannot write 'g': file too large");
    assert_content("f", "old");
    assert_int_equal(count_entries(ctx), 1);
}

static void write_refused(struct ctx *ctx)
{
    assert_int_equal(mkdir("d", 0777), 0);
    put("f", "x", 1);
    assert_false(fs_write(ctx, "d", "x", 1));
    assert_error(ctx, STATUS_FAILED, "cannot write 'd': is a directory");
    assert_false(fs_write(ctx, "no/f", "x", 1));
    assert_error(ctx, STATUS_FAILED, "cannot write 'no/f': no such directory");
    assert_false(fs_write(ctx, "f/g", "x", 1));
    assert_error(ctx, STATUS_FAILED, "cannot write 'f/g': not a directory");
    assert_false(fs_write(ctx, "/dev/full", "x", 1));
    assert_error(ctx, STATUS_FAILED, "cannot write '/dev/full': no space left on device");
    assert_ok(ctx, fs_write(ctx, "/dev/null", "x", 1));
    assert_int_equal(count_entries(ctx), 2);
}

static void create_only_new(struct ctx *ctx)
{
    /* A file that an earlier process with the same process id left is skipped. */
    char *left = ctx_printf(ctx, ".cmig-%ld-0.tmp", (long)getpid());

    put(left, "left", 4);
    assert_ok(ctx, fs_create(ctx, "f", "one", 3));
    assert_content("f", "one");
    assert_content(left, "left");
    assert_false(fs_create(ctx, "f", "two", 3));
    assert_error(ctx, STATUS_FAILED, "cannot write 'f': it already exists");
    assert_content("f", "one");
    assert_int_equal(count_entries(ctx), 2);
    assert_false(fs_create(ctx, "no/f", "x", 1));
    assert_error(ctx, STATUS_FAILED, "cannot write 'no/f': no such directory");
}

static void folders(struct ctx *ctx)
{
    struct strings names = {0};

    assert_ok(ctx, fs_mkdirs(ctx, "a/b//c/"));
    assert_ok(ctx, fs_mkdirs(ctx, "a/b/c"));
    assert_ok(ctx, fs_mkdirs(ctx, "."));
    assert_true(fs_is_dir("a/b/c") && fs_exists("a/b/c") && !fs_exists("a/x"));
    put("a/z.yaml", "", 0);
    put("a/Z.yaml", "", 0);
    put("a/.hidden", "", 0);
    put("a/\xc3\xa9", "", 0);
    assert_true(fs_exists("a/z.yaml") && !fs_is_dir("a/z.yaml"));
    assert_ok(ctx, fs_list(ctx, "a", &names));
    assert_string_equal(strings_join(&ctx->arena, &names, " "), "Z.yaml b z.yaml \xc3\xa9");
    assert_ok(ctx, fs_list(ctx, "a/b/c", &names));
    assert_int_equal(names.n, 0);
    assert_false(fs_list(ctx, "no", &names));
    assert_error(ctx, STATUS_CONFIG, "cannot list directory 'no': no such directory");
    assert_false(fs_list(ctx, "a/z.yaml", &names));
    assert_error(ctx, STATUS_CONFIG, "cannot list directory 'a/z.yaml': not a directory");
    assert_false(fs_mkdirs(ctx, "a/z.yaml"));
    assert_error(ctx, STATUS_FAILED, "cannot create directory 'a/z.yaml': a file of that name exists");
    assert_false(fs_mkdirs(ctx, "a/z.yaml/b/c"));
    assert_error(ctx, STATUS_FAILED, "cannot create directory 'a/z.yaml': a file of that name exists");
    assert_false(fs_mkdirs(ctx, "/proc/no/such"));
    assert_error(ctx, STATUS_FAILED, "cannot create directory '/proc/no': no such file");
}

static void check_glob(struct ctx *ctx, const char *pattern, const char *expected)
{
    struct strings found = {0};

    assert_ok(ctx, fs_glob(ctx, pattern, &found));
    assert_string_equal(strings_join(&ctx->arena, &found, " "), expected);
}

static void glob_matches(struct ctx *ctx)
{
    assert_ok(ctx, fs_mkdirs(ctx, "a/b"));
    assert_ok(ctx, fs_mkdirs(ctx, "c"));
    put("a/1.yaml", "", 0);
    put("a/2.sql", "", 0);
    put("a/.3.yaml", "", 0);
    put("a/b/\xc3\xa9.yaml", "", 0);
    put("c/[x].yaml", "", 0);
    check_glob(ctx, "*/*.yaml", "a/1.yaml c/[x].yaml");
    check_glob(ctx, "./a/*", "a/1.yaml a/2.sql a/b");
    check_glob(ctx, "a/[12].*", "a/1.yaml a/2.sql");
    check_glob(ctx, "*/b/?.yaml", "a/b/\xc3\xa9.yaml");
    check_glob(ctx, "*/b", "a/b");
    check_glob(ctx, "a/1.yaml/*", "");
    check_glob(ctx, "no/*", "");
    check_glob(ctx, "/no/such/*", "");
}

#define FOLDER_TEST(name) \
    static void test_##name(void **state) \
    { \
        in_folder(state, name); \
    }
FOLDER_TEST(read_contents)
FOLDER_TEST(read_refused)
FOLDER_TEST(read_forbidden)
FOLDER_TEST(read_of_unknown_size)
FOLDER_TEST(read_interrupted)
FOLDER_TEST(write_and_replace)
FOLDER_TEST(write_through_link)
FOLDER_TEST(write_without_room)
FOLDER_TEST(write_refused)
FOLDER_TEST(create_only_new)
FOLDER_TEST(folders)
FOLDER_TEST(glob_matches)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_read_contents),
        ctx_test(test_read_refused),
        ctx_test(test_read_forbidden),
        ctx_test(test_read_of_unknown_size),
        ctx_test(test_read_interrupted),
        ctx_test(test_write_and_replace),
        ctx_test(test_write_through_link),
        ctx_test(test_write_without_room),
        ctx_test(test_write_refused),
        ctx_test(test_create_only_new),
        ctx_test(test_folders),
        ctx_test(test_glob_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
