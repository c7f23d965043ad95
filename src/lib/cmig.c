/* Implements the public interface of the library. */
#include "cmig.h"

#include "build-config.h"
#include "cmig/migrate.h"

#include <stdlib.h>

struct cmig {
    struct cmig_options options;
    struct arena arena; /* the options' strings */
    struct fs_files files;
    struct ctx ctx; /* of the last call */
    const char *error;
    volatile sig_atomic_t interrupt;
};

static_assert(
    (int)CMIG_OK == (int)STATUS_OK && (int)CMIG_FAILED == (int)STATUS_FAILED, "statuses are shared");
static_assert(
    (int)CMIG_FOUND == (int)STATUS_FOUND && (int)CMIG_CONFIG == (int)STATUS_CONFIG, "statuses are shared");
static_assert((int)CMIG_LOG_DEBUG == (int)LOG_DEBUG, "log levels are shared");

#define FILES "memory:/"

/* ---- calls -------------------------------------------------------------------------------------- */

static void forward_message(void *user, enum log_level level, const char *text)
{
    struct cmig *cmig = user;
    cmig->options.message(cmig->options.user, (enum cmig_level)level, text);
}

static void forward_progress(void *user, const char *label, uint64_t done, uint64_t total)
{
    struct cmig *cmig = user;
    cmig->options.progress(cmig->options.user, label, done, total);
}

/* Every call begins with an empty context: what the last one returned is gone. */
static struct ctx *call_begin(struct cmig *cmig)
{
    ctx_finish(&cmig->ctx);
    cmig->error = "";
    cmig->ctx = (struct ctx){
        .log =
            {
                .message = cmig->options.message ? forward_message : NULL,
                .progress = cmig->options.progress ? forward_progress : NULL,
                .user = cmig,
                .level = LOG_DEBUG,
            },
        .interrupt = &cmig->interrupt,
    };
    if (cmig->files.n)
        fs_mount_files(&cmig->ctx, FILES, &cmig->files);
    return &cmig->ctx;
}

static enum cmig_status call_end(struct cmig *cmig, bool ok)
{
    cmig->interrupt = 0;
    if (ok)
        return CMIG_OK;
    cmig->error = err_text(&cmig->ctx);
    return (enum cmig_status)cmig->ctx.err.status;
}

static bool check_connection(struct cmig *cmig)
{
    const struct cmig_options *o = &cmig->options;
    return !!o->url + !!o->sqlite + !!o->postgresql <= 1 ||
           fail(&cmig->ctx, STATUS_USAGE, "only one of 'url', 'sqlite' and 'postgresql' can be set");
}

static bool open_project(struct cmig *cmig, struct project *ret)
{
    const struct cmig_options *o = &cmig->options;
    void *handle = o->sqlite ? (void *)o->sqlite : (void *)o->postgresql;
    const struct config_request request = {
        .file = o->config_file,
        .folder = o->folder,
        .environment = o->environment,
        .url = o->url,
        .optional = o->url || handle,
    };
    *ret = (struct project){.ctx = &cmig->ctx};
    if (!check_connection(cmig) || !project_open(&cmig->ctx, &request, ret))
        return false;
    ret->handle = handle;
    ret->handle_dialect = handle ? dialect_by_name(o->sqlite ? "sqlite" : "postgresql") : NULL;
    return true;
}

/* ---- opening ------------------------------------------------------------------------------------ */

static void copy_files(struct cmig *cmig, const struct cmig_options *from)
{
    for (size_t i = 0; i < from->file_count; i++) {
        const struct cmig_file *file = &from->files[i];
        char *text = arena_alloc(&cmig->arena, file->size + 1);
        memcpy(text, file->text, file->size);
        vec_push(&cmig->arena, &cmig->files,
            ((struct fs_file){arena_strdup(&cmig->arena, file->path), text, file->size}));
    }
}

static void copy_options(struct cmig *cmig, const struct cmig_options *from)
{
    struct cmig_options *to = &cmig->options;
    memcpy(to, from, from->size < sizeof(*to) ? from->size : sizeof(*to));
    copy_files(cmig, to);
    to->config_file = cmig->files.n ? arena_printf(&cmig->arena, FILES "%s",
                                          to->config_file ? to->config_file : "cmig.yaml")
                                    : arena_strdup(&cmig->arena, to->config_file);
    to->folder = arena_strdup(&cmig->arena, to->folder);
    to->environment = arena_strdup(&cmig->arena, to->environment);
    to->url = arena_strdup(&cmig->arena, to->url);
}

enum cmig_status cmig_open(struct cmig **ret_cmig, const struct cmig_options *options)
{
    struct cmig *cmig = calloc(1, sizeof(*cmig));
    if (!cmig)
        abort();
    *ret_cmig = cmig;
    if (options)
        copy_options(cmig, options);
    call_begin(cmig);
    struct project p;
    return call_end(cmig, open_project(cmig, &p));
}

void cmig_close(struct cmig *cmig)
{
    if (!cmig)
        return;
    ctx_finish(&cmig->ctx);
    arena_finish(&cmig->arena);
    free(cmig);
}

/* ---- walking ------------------------------------------------------------------------------------ */

static enum cmig_status walk(struct cmig *cmig, enum direction direction, const char *target)
{
    struct project p;
    struct run_result result;
    struct ctx *ctx = call_begin(cmig);
    if (!target || !*target) {
        fail(ctx, STATUS_USAGE, "no target revision was given");
        return call_end(cmig, false);
    }
    const struct run_options options = {.direction = direction, .target = target};
    bool ok = open_project(cmig, &p) && migrate_run(&p, &options, &result);
    project_close(&p);
    return call_end(cmig, ok);
}

enum cmig_status cmig_upgrade(struct cmig *cmig, const char *target)
{
    return walk(cmig, DIRECTION_UP, target);
}

enum cmig_status cmig_downgrade(struct cmig *cmig, const char *target)
{
    return walk(cmig, DIRECTION_DOWN, target);
}

/* ---- asking ------------------------------------------------------------------------------------- */

enum cmig_status cmig_current(struct cmig *cmig, const char *const **ret_revisions, size_t *ret_count)
{
    struct project p;
    struct strings rows = {0};
    call_begin(cmig);
    bool ok = open_project(cmig, &p) && project_rows(&p, &rows);
    project_close(&p);
    if (ok && ret_revisions)
        *ret_revisions = rows.v;
    if (ok && ret_count)
        *ret_count = rows.n;
    return call_end(cmig, ok);
}

/* Adds a line when the database is not where the files end. */
static bool check_heads(struct project *p, struct strings *lines)
{
    struct strings rows;
    struct plan plan;
    if (!project_graph(p) || !project_rows(p, &rows) ||
        !plan_upgrade(p->ctx, &p->graph, &rows, "heads", &plan))
        return false;
    if (plan.n)
        vec_add(p->ctx, lines, ctx_printf(p->ctx, "%zu revisions are not applied", plan.n));
    return true;
}

static bool check(struct cmig *cmig, struct project *p, struct strings *lines)
{
    struct comparison comparison;
    const struct compare_options options = {.no_rename = true, .no_ops = true};
    if (!open_project(cmig, p) || !check_heads(p, lines) || !migrate_compare(p, &options, &comparison))
        return false;
    vec_each(i, &comparison.diff.found)
        vec_add(&cmig->ctx, lines, comparison.diff.found.v[i]->text);
    return true;
}

enum cmig_status cmig_check(struct cmig *cmig, const char *const **ret_differences, size_t *ret_count)
{
    struct project p;
    struct strings lines = {0};
    call_begin(cmig);
    bool ok = check(cmig, &p, &lines);
    project_close(&p);
    if (ok && ret_differences)
        *ret_differences = lines.v;
    if (ok && ret_count)
        *ret_count = lines.n;
    enum cmig_status status = call_end(cmig, ok);
    return ok && lines.n ? CMIG_FOUND : status;
}

const char *cmig_error(const struct cmig *cmig)
{
    return cmig && cmig->error ? cmig->error : "";
}

void cmig_interrupt(struct cmig *cmig)
{
    cmig->interrupt = SIGINT;
}

const char *cmig_version(void)
{
    return CMIG_VERSION;
}
