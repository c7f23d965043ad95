/* Tests of git's object ids, and of reading a repository. */
#include "unit.h"

#include <unistd.h>

#include "build-config.h"
#include "cmig/vcs.h"

static void test_blob_ids(void **state)
{
    struct ctx *ctx = *state;
    char id[41];
    char *long_text = arena_alloc(&ctx->arena, 1000001);

    vcs_blob_id("", 0, id);
    assert_string_equal(id, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    vcs_blob_id("hi\n", 3, id);
    assert_string_equal(id, "45b983be36b73c0788dc9cbcb76cbb80fc7bb057");
    vcs_blob_id("what is up, doc?", 16, id); /* git's own example */
    assert_string_equal(id, "bd9dbf5aae1a3862dd1526723246b20206e5fc37");
    memset(long_text, 'a', 1000000);
    vcs_blob_id(long_text, 1000000, id);
    assert_int_equal(strlen(id), 40);
}

#if HAVE_GIT

struct talk {
    char text[1000];
    int level;
};

static void listen(void *user, enum log_level level, const char *text)
{
    struct talk *talk = user;

    talk->level = (int)level;
    snprintf(talk->text, sizeof(talk->text), "%s", text);
}

static void shell(struct ctx *ctx, const char *folder, const char *command)
{
    if (system(ctx_printf(ctx, "cd '%s' && { %s; } >out 2>&1", folder, command)) != 0)
        fail_msg("'%s' fails in %s", command, folder);
}

static const char *output(struct ctx *ctx, const char *folder)
{
    char *text;
    size_t size;

    assert_ok(
        ctx, fs_read(ctx, &ctx->arena, NULL, fs_join(&ctx->arena, folder, "out"), 1 << 20, &text, &size));
    return str_trim(&ctx->arena, text);
}

static bool no_git(void)
{
    return system("git --version >/dev/null 2>&1") != 0;
}

/* Every length around the blocks of the hash, as git has it. */
static void test_blob_ids_as_git(void **state)
{
    struct ctx *ctx = *state;
    char *folder, text[200], id[41];

    if (no_git())
        skip();
    folder = unit_tmpdir(ctx);
    memset(text, 'x', sizeof(text));
    for (size_t n = 40; n < sizeof(text); n += n < 70 || n > 110 ? 1 : 9) {
        char *path = ctx_printf(ctx, "%s/f", folder);

        assert_ok(ctx, fs_write(ctx, path, text, n));
        shell(ctx, folder, "git hash-object f");
        vcs_blob_id(text, n, id);
        assert_string_equal(id, output(ctx, folder));
    }
    unit_rmdir(ctx, folder);
}

static struct vcs_file ask(struct ctx *ctx, const char *folder, const char *path)
{
    struct vcs *vcs = vcs_open(ctx, folder);
    struct vcs_file file;
    char *text;
    size_t size;

    assert_ok(ctx, fs_read(ctx, &ctx->arena, NULL, path, 1 << 20, &text, &size));
    vcs_file(vcs, path, text, size, &file);
    vcs_close(vcs);
    return file;
}

/* A repository with a file committed and one not. */
static char *make_repository(struct ctx *ctx)
{
    static const char *const of_a_hook[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL", "XDG_CONFIG_HOME"};
    char *folder;

    if (no_git())
        skip();
    folder = unit_tmpdir(ctx);
    for (size_t i = 0; i < COUNT_OF(of_a_hook); i++)
        unsetenv(of_a_hook[i]);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("HOME", folder, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GIT_AUTHOR_NAME");
    unsetenv("GIT_AUTHOR_EMAIL");
    shell(ctx, folder,
        "mkdir -p r/sub && cd r && git init -q && git config user.name 'A B' && "
        "git config user.email a@b.c && echo a >sub/a && echo b >b");
    return folder;
}

static void test_repository(void **state)
{
    struct ctx *ctx = *state;
    char *folder = make_repository(ctx), *r = ctx_printf(ctx, "%s/r", folder);
    char *a = ctx_printf(ctx, "%s/sub/a", r), *b = ctx_printf(ctx, "%s/b", r);
    const char *commit;
    struct vcs_file file;

    file = ask(ctx, r, a); /* no commit yet */
    assert_string_equal(file.commit, "");
    assert_false(file.tracked);
    assert_string_equal(file.blob, "78981922613b2afb6025042ff6bd878ac1994e85");
    shell(ctx, r, "git add sub && git commit -q -m x && git rev-parse HEAD");
    commit = output(ctx, r);
    file = ask(ctx, r, a);
    assert_string_equal(file.commit, commit);
    assert_true(file.tracked);
    assert_false(file.modified);
    file = ask(ctx, fs_dirname(&ctx->arena, a), b); /* from a directory below */
    assert_string_equal(file.commit, commit);
    assert_false(file.tracked);
    file = ask(ctx, r, "/etc/passwd"); /* of another place */
    assert_string_equal(file.commit, commit);
    assert_false(file.tracked);
    shell(ctx, r, "echo more >>sub/a");
    file = ask(ctx, r, a);
    assert_true(file.tracked);
    assert_true(file.modified);
    shell(ctx, r, "git checkout -q --detach && git worktree add -q ../w && ln -s r ../link");
    file = ask(ctx, r, a);
    assert_string_equal(file.commit, commit);
    file = ask(ctx, ctx_printf(ctx, "%s/w", folder), ctx_printf(ctx, "%s/w/sub/a", folder));
    assert_true(file.tracked);
    assert_false(file.modified);
    file = ask(ctx, ctx_printf(ctx, "%s/link", folder), ctx_printf(ctx, "%s/link/sub/a", folder));
    assert_true(file.tracked);
    file = ask(ctx, folder, a); /* above the repository: nothing but the id */
    assert_string_equal(file.commit, "");
    assert_int_equal(strlen(file.blob), 40);
    unit_rmdir(ctx, folder);
}

static void assert_text(struct ctx *ctx, const char *path, const char *text)
{
    char *found;
    size_t size;

    assert_ok(ctx, fs_read(ctx, &ctx->arena, NULL, path, 1 << 20, &found, &size));
    assert_string_equal(found, text);
}

/* The files of a commit below a directory that has changed since, with links, and without a change of the disk. */
static void test_mount(void **state)
{
    struct ctx *ctx = *state;
    char *folder = make_repository(ctx), *r = ctx_printf(ctx, "%s/r", folder), *text;
    const char *root, *sub, *path;
    struct strings names = {0};
    struct vcs *vcs;
    size_t size;

    shell(ctx, r,
        "mkdir sub/deep && echo d >sub/deep/.d && cp sub/a sub/deep/c.yaml && ln -s ../b sub/link && "
        "ln -s deep sub/folder && ln -s turn sub/turn && ln -s /etc/passwd sub/out && git add . && git "
        "commit -q -m x && "
        "git branch 'v/1' && echo changed >sub/a && rm b && git rm -q -r sub/deep && git commit -q -a -m y");
    vcs = vcs_open(ctx, r);
    assert_ok(ctx, vcs_mount(vcs, "v/1", r, &root));
    assert_ok(ctx, vcs_mount(vcs, "HEAD", ctx_printf(ctx, "%s/sub", r), &sub));
    assert_string_equal(sub, "HEAD:/sub");
    assert_text(ctx, fs_join(&ctx->arena, root, "sub/a"), "a\n");
    assert_text(ctx, fs_join(&ctx->arena, sub, "a"), "changed\n");
    assert_text(ctx, fs_join(&ctx->arena, root, "sub/../b"), "b\n");
    assert_text(ctx, fs_join(&ctx->arena, root, "sub/link"), "b\n");
    assert_text(ctx, ctx_printf(ctx, "%s/sub/a", r), "changed\n");
    path = fs_join(&ctx->arena, root, "sub");
    assert_string_equal(fs_dirname(&ctx->arena, path), "v/1:");
    assert_ok(ctx, fs_list(ctx, path, &names));
    assert_string_equal(strings_join(&ctx->arena, &names, " "), "a deep folder link out turn");
    assert_ok(ctx, fs_list(ctx, fs_join(&ctx->arena, root, "sub/deep"), &names));
    assert_string_equal(strings_join(&ctx->arena, &names, " "), "c.yaml");
    assert_int_equal(fs_kind(ctx, root), FS_DIR);
    assert_int_equal(fs_kind(ctx, fs_join(&ctx->arena, root, "sub/folder")), FS_DIR);
    assert_int_equal(fs_kind(ctx, fs_join(&ctx->arena, root, "sub/turn")), FS_ABSENT);
    assert_int_equal(fs_kind(ctx, fs_join(&ctx->arena, root, "sub/out")), FS_ABSENT);
    assert_int_equal(fs_kind(ctx, fs_join(&ctx->arena, root, "../r/b")), FS_ABSENT);
    assert_int_equal(fs_kind(ctx, fs_join(&ctx->arena, sub, "../b")), FS_ABSENT); /* removed since */
    names = (struct strings){0};
    assert_ok(ctx, fs_glob(ctx, fs_join(&ctx->arena, root, "s?b/*/*.yaml"), &names));
    assert_string_equal(strings_join(&ctx->arena, &names, " "), "v/1:/sub/deep/c.yaml");
    assert_false(fs_list(ctx, fs_join(&ctx->arena, sub, "deep"), &names));
    assert_error(ctx, STATUS_CONFIG, "cannot list directory 'HEAD:/sub/deep': no such directory");
    assert_false(fs_read(ctx, &ctx->arena, "model", fs_join(&ctx->arena, sub, "no"), 99, &text, &size));
    assert_error(ctx, STATUS_CONFIG, "cannot read model 'HEAD:/sub/no': no such file");
    assert_false(fs_read(ctx, &ctx->arena, "model", root, 99, &text, &size));
    assert_error(ctx, STATUS_CONFIG, "cannot read model 'v/1:/': is a directory");
    assert_false(vcs_mount(vcs, "no", r, &root));
    assert_error(ctx, STATUS_USAGE,
        "git does not know 'no': revspec 'no' not found\n  hint: Name a "
        "branch, tag or commit; 'git fetch' may have to get it first.");
    assert_false(vcs_mount(vcs, "HEAD", "/", &root));
    assert_error(ctx, STATUS_FAILED, "cannot read 'HEAD': '/' is not in the repository's working tree");
    vcs_close(vcs);
    assert_int_equal(fs_kind(ctx, "HEAD:/sub/a"), FS_ABSENT);
    unit_rmdir(ctx, folder);
}

static void test_author(void **state)
{
    struct ctx *ctx = *state;
    char *folder = make_repository(ctx);
    struct vcs *vcs = vcs_open(ctx, ctx_printf(ctx, "%s/r", folder));

    assert_string_equal(vcs_author(vcs), "A B <a@b.c>");
    setenv("GIT_AUTHOR_NAME", "C D", 1);
    setenv("GIT_AUTHOR_EMAIL", "c@d.e", 1);
    assert_string_equal(vcs_author(vcs), "C D <c@d.e>");
    unsetenv("GIT_AUTHOR_NAME");
    unsetenv("GIT_AUTHOR_EMAIL");
    vcs_close(vcs);
    vcs = vcs_open(ctx, folder); /* no repository, and no settings of the user */
    assert_null(vcs_author(vcs));
    vcs_close(vcs);
    assert_ok(ctx, fs_write(ctx, ctx_printf(ctx, "%s/.gitconfig", folder), "[user]\n\tname = E F\n", 19));
    vcs = vcs_open(ctx, folder);
    assert_string_equal(vcs_author(vcs), "E F");
    vcs_close(vcs);
    unit_rmdir(ctx, folder);
}

/* The repository of another user causes a message, and nothing else. */
static void test_refused_owner(void **state)
{
    struct ctx *ctx = *state;
    struct talk talk = {.level = -1};
    struct vcs_file file;
    char *folder, *a;

    if (getuid() != 0)
        skip();
    folder = make_repository(ctx);
    a = ctx_printf(ctx, "%s/r/sub/a", folder);
    ctx->log = (struct log){.message = listen, .user = &talk, .level = LOG_DEBUG};
    shell(ctx, folder, "chown -R 12345 r");
    file = ask(ctx, ctx_printf(ctx, "%s/r/sub", folder), a);
    assert_int_equal(strlen(file.blob), 40);
    assert_string_equal(file.commit, "");
    assert_int_equal(talk.level, LOG_INFO);
    assert_string_equal(talk.text,
        ctx_printf(ctx,
            "git is not used, since the repository belongs to another user; to trust it: git config "
            "--global --add safe.directory '%s/r'",
            folder));
    talk.level = -1;
    shell(ctx, folder, "git config --global --add safe.directory /other");
    ask(ctx, ctx_printf(ctx, "%s/r", folder), a);
    assert_int_equal(talk.level, LOG_INFO);
    talk.level = -1;
    shell(ctx, folder, ctx_printf(ctx, "git config --global --add safe.directory '%s/r'", folder));
    ask(ctx, ctx_printf(ctx, "%s/r", folder), a);
    assert_int_equal(talk.level, -1);
    unit_rmdir(ctx, folder);
}

static void test_broken_repository(void **state)
{
    struct ctx *ctx = *state;
    struct talk talk = {.level = -1};
    char *folder = make_repository(ctx), *a = ctx_printf(ctx, "%s/r/sub/a", folder);
    struct vcs_file file;

    ctx->log = (struct log){.message = listen, .user = &talk, .level = LOG_DEBUG};
    shell(ctx, folder, "rm -rf r/.git/HEAD r/.git/objects");
    file = ask(ctx, ctx_printf(ctx, "%s/r", folder), a);
    assert_int_equal(strlen(file.blob), 40);
    assert_string_equal(file.commit, "");
    assert_int_equal(talk.level, LOG_DEBUG);
    assert_true(str_starts(talk.text, "git is not used: "));
    unit_rmdir(ctx, folder);
}

#endif

static void test_no_repository(void **state)
{
    struct ctx *ctx = *state;
    struct vcs *vcs = vcs_open(ctx, "/nowhere/at/all");
    struct vcs_file file;

    vcs_file(vcs, "/nowhere/at/all/f", "hi\n", 3, &file);
    assert_string_equal(file.blob, "45b983be36b73c0788dc9cbcb76cbb80fc7bb057");
    assert_string_equal(file.commit, "");
    assert_false(file.tracked);
    assert_false(file.modified);
    vcs_close(vcs);
    vcs_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_blob_ids),
#if HAVE_GIT
        ctx_test(test_blob_ids_as_git),
        ctx_test(test_repository),
        ctx_test(test_mount),
        ctx_test(test_author),
        ctx_test(test_refused_owner),
        ctx_test(test_broken_repository),
#endif
        ctx_test(test_no_repository),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
