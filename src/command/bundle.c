/*
 * bundle: cmig and the files of a project in one executable.
 *
 * The files follow the program, each after a line with its size and its path, and a trailer says where they begin. A
 * program with a trailer finds its project there, unless another configuration is named.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The head follows the program. The last bytes are the mark, and where the head is, as 16 hexadecimal digits and a line feed. */
#define MARK "\ncmig bundle "
#define HEAD MARK "begins\n"
enum { DIGITS = 16, TRAILER = sizeof(MARK) - 1 + DIGITS + 1 };

#define DAMAGED "the files that this program contains are damaged: write it again with cmig bundle"

static const char program_path[] = "/proc/self/exe";

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* ---- reading one ------------------------------------------------------------------------------------- */

static bool read_at(int fd, char *to, size_t n, off_t at)
{
    for (ssize_t got; n; n -= (size_t)got, to += got, at += got) {
        got = pread(fd, to, n, at);
        if (got < 0 && errno == EINTR)
            got = 0;
        else if (got <= 0)
            return false;
    }
    return true;
}

static bool has_at(int fd, const char *text, off_t at)
{
    char found[sizeof(HEAD)] = "";

    return read_at(fd, found, strlen(text), at) && str_starts(found, text);
}

/* Where the head is, and where the trailer begins; false: there are none. */
static bool find_files(int fd, off_t *ret_head, off_t *ret_end)
{
    const off_t size = lseek(fd, 0, SEEK_END);
    char trailer[TRAILER + 1] = "";

    *ret_end = size - TRAILER;
    if (size < TRAILER || !read_at(fd, trailer, TRAILER, *ret_end) || !str_starts(trailer, MARK))
        return false;
    *ret_head = (off_t)strtoull(trailer + sizeof(MARK) - 1, NULL, 16);
    return *ret_head > 0 && *ret_head + (off_t)strlen(HEAD) <= *ret_end && has_at(fd, HEAD, *ret_head);
}

/* Whether the head follows a program although the trailer is missing: the file was cut, or got more bytes. */
static bool is_damaged(int fd)
{
    ElfW(Ehdr) elf;

    return read_at(fd, (char *)&elf, sizeof(elf), 0) &&
           has_at(fd, HEAD, (off_t)(elf.e_shoff + (uint64_t)elf.e_shnum * elf.e_shentsize));
}

/* "123 migrations/1f3a.yaml\n", the bytes, and a line feed. */
static bool parse_file(char **s, const char *end, struct fs_file *ret)
{
    char *line = memchr(*s, '\n', (size_t)(end - *s)), *path;
    const size_t size = strtoull(*s, &path, 10);

    if (!line || *path != ' ' || size >= (size_t)(end - line))
        return false;
    *line = '\0';
    *ret = (struct fs_file){path + 1, line + 1, size};
    *s = line + 1 + size + 1;
    return true;
}

static bool parse_files(struct ctx *ctx, char *text, size_t n, struct fs_files *ret)
{
    char *s = text;
    struct fs_file file;

    while (s < text + n) {
        if (!parse_file(&s, text + n, &file))
            return fail(ctx, STATUS_FAILED, DAMAGED);
        vec_add(ctx, ret, file);
    }
    return true;
}

bool bundle_mount(struct ctx *ctx)
{
    int fd CLEANUP(close_fd) = open(program_path, O_RDONLY | O_CLOEXEC);
    char name[4096];
    struct fs_files files = {0};
    off_t begin, end;
    ssize_t n;

    if (fd < 0)
        return true;
    if (!find_files(fd, &begin, &end))
        return !is_damaged(fd) || fail(ctx, STATUS_FAILED, DAMAGED);
    begin += (off_t)strlen(HEAD);
    char *text = arena_alloc(&ctx->arena, (size_t)(end - begin) + 1);
    if (!read_at(fd, text, (size_t)(end - begin), begin) ||
        !parse_files(ctx, text, (size_t)(end - begin), &files))
        return fail(ctx, STATUS_FAILED, "cannot read '%s'", program_path);
    n = readlink(program_path, name, sizeof(name) - 1);
    name[n > 0 ? n : 0] = '\0';
    const char *prefix = ctx_printf(ctx, "%s:/", fs_basename(name));
    fs_mount_files(ctx, prefix, &files);
    ctx->home = ctx_printf(ctx, "%s%s", prefix, files.n ? files.v[0].path : "");
    return true;
}

/* ---- which files -------------------------------------------------------------------------------------- */

struct values {
    const char *output;
    bool force;
};

static void add_named(struct ctx *ctx, const char *folder, const struct dtext *file, struct strings *ret)
{
    const char *path;

    for (size_t i = 0; dialects[i]; i++) {
        path = dtext_for(file, dialects[i]->name);
        if (path && !strings_have(ret, fs_join(&ctx->arena, folder, path)))
            vec_add(ctx, ret, fs_join(&ctx->arena, folder, path));
    }
}

/* The files that operations name, beside their revision. */
static void add_of_ops(struct ctx *ctx, const char *folder, const struct ops *ops, struct strings *ret)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        const struct dtext rows = {.text = op->kind == OP_BULK_INSERT ? op->u.bulk_insert.file : NULL};

        add_named(ctx, folder, op->kind == OP_EXECUTE ? &op->u.execute.file : &rows, ret);
    }
}

static bool add_of_revisions(struct project *p, struct strings *ret)
{
    static const struct audience anywhere = {0};

    vec_each(i, &p->graph.all) {
        const struct revision *r = p->graph.all.v[i];
        const char *folder = fs_dirname(&p->ctx->arena, r->path);
        struct revision_body body;

        if (!revision_body(p->ctx, r, &anywhere, &body))
            return false;
        vec_add(p->ctx, ret, r->path);
        add_of_ops(p->ctx, folder, &body.upgrade, ret);
        add_of_ops(p->ctx, folder, &body.downgrade, ret);
    }
    return true;
}

static void add_of_hooks(struct project *p, struct strings *ret)
{
    for (int kind = 0; p->config.hooks && kind < HOOK_KINDS; kind++)
        vec_each(i, &p->config.hooks->lists[kind])
            add_named(p->ctx, p->config.folder, &p->config.hooks->lists[kind].v[i]->file, ret);
}

/* The configuration comes first. */
static bool find_paths(struct call *c, struct strings *ret)
{
    struct project *p = &c->project;
    struct strings read = {0};

    if (!p->config.path)
        return fail(c->ctx, STATUS_USAGE, "cannot bundle: no cmig.yaml was found");
    vec_add(c->ctx, ret, p->config.path);
    c->ctx->read = &read;
    bool ok = migrate_models(p);
    c->ctx->read = NULL;
    if (!ok || !add_of_revisions(p, ret))
        return false;
    add_of_hooks(p, ret);
    vec_each(i, &read)
        if (!strings_have(ret, read.v[i]))
            vec_add(c->ctx, ret, read.v[i]);
    return true;
}

/* As the configuration's directory sees it. */
static bool place(struct call *c, const char *path, const char **ret)
{
    const char *folder = c->project.config.folder, *placed = NULL;
    const size_t n = strlen(folder);

    if (strncmp(path, folder, n) == 0 && path[n] == '/')
        placed = path + n + 1;
    else if (*path != '/' && str_eq(folder, "."))
        placed = path;
    *ret = placed ? fs_clean(&c->ctx->arena, placed) : "..";
    return !str_starts(*ret, "..") ||
           fail(c->ctx, STATUS_CONFIG, "'%s' is not below '%s', the directory of the configuration", path,
               folder);
}

/* ---- writing one ---------------------------------------------------------------------------------------- */

static bool add_file(struct call *c, const char *path, struct str *out)
{
    const char *placed;
    size_t size;
    char *text;

    if (!place(c, path, &placed) ||
        !fs_read(c->ctx, &c->ctx->arena, "file", path, FS_TEXT_LIMIT, &text, &size))
        return false;
    str_addf(out, "%zu %s\n", size, placed);
    str_addn(out, text, size);
    str_addc(out, '\n');
    return true;
}

/* The program itself, without the files that it may have. */
static bool add_program(struct call *c, struct str *out)
{
    int fd CLEANUP(close_fd) = open(program_path, O_RDONLY | O_CLOEXEC);
    off_t size, end;

    if (fd < 0)
        return fail(c->ctx, STATUS_FAILED, "cannot read '%s': %s", program_path, strerror(errno));
    if (!find_files(fd, &size, &end))
        size = lseek(fd, 0, SEEK_END);
    char *bytes = arena_alloc(&c->ctx->arena, (size_t)size + 1);
    if (!read_at(fd, bytes, (size_t)size, 0))
        return fail(c->ctx, STATUS_FAILED, "cannot read '%s'", program_path);
    str_addn(out, bytes, (size_t)size);
    return true;
}

static bool may_replace(struct call *c, const struct values *v)
{
    int fd CLEANUP(close_fd) = open(v->output, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    off_t begin, end;

    if (fd < 0 || v->force || find_files(fd, &begin, &end))
        return true;
    fail(c->ctx, STATUS_FAILED, "'%s' exists, and is not a bundle", v->output);
    return fail_hint(c->ctx, "Use --force to replace it.");
}

static bool write_program(struct call *c, const char *path, const struct str *out)
{
    const mode_t mask = umask(0);

    umask(mask);
    if (!fs_write(c->ctx, path, out->s, out->n))
        return false;
    return chmod(path, 0777 & ~mask) == 0 ||
           fail(c->ctx, STATUS_FAILED, "cannot make '%s' executable: %s", path, strerror(errno));
}

static bool report(struct call *c, const char *output, const struct strings *paths)
{
    struct arena *a = &c->ctx->arena;

    log_info(
        c->ctx, "%s, and %s below %s", output, count_text(c->ctx, paths->n, "file"), c->project.config.path);
    if (!c->globals->json)
        return true;
    struct node *document = document_begin(c);
    node_set(a, document, "path", node_string(a, output));
    node_set(a, document, "files", strings_node(c, paths));
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct str out = STR(c->ctx);
    struct strings paths = {0};

    if (!v->output) {
        fail(c->ctx, STATUS_USAGE, "bundle needs the name of the new program");
        return fail_hint(c->ctx, "Run 'cmig bundle -o app-migrate'.");
    }
    if (!may_replace(c, v) || !find_paths(c, &paths) || !add_program(c, &out))
        return false;
    const size_t begin = out.n;
    str_add(&out, HEAD);
    vec_each(i, &paths)
        if (!add_file(c, paths.v[i], &out))
            return fail_in(c->ctx, "cannot bundle the project");
    str_addf(&out, MARK "%016zx\n", begin);
    return write_program(c, v->output, &out) && report(c, v->output, &paths);
}

static const struct option_spec options[] = {
    {'o', "output", OPTION_STRING, offsetof(struct values, output), "FILE", "the new program", NULL, "file"},
    {0, "force", OPTION_FLAG, offsetof(struct values, force), NULL, "replace a file that is not a bundle",
        NULL, NULL},
    {0},
};

const struct command command_bundle = {
    .spec = {.name = "bundle",
        .group = "Migrate a database",
        .summary = "Write a program that contains cmig, the revisions and the models",
        .help = "The new program is cmig with this project inside, for devices and images: it has all\n"
                "commands, and reads cmig.yaml, the revisions and the models from itself. Values such\n"
                "as ${DATABASE_URL} come from where it runs. It needs the same libraries as cmig.\n",
        .examples = "  cmig bundle -o app-migrate\n"
                    "  DATABASE_URL=postgresql://… ./app-migrate upgrade head\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .changes = true,
    .run = run,
};
