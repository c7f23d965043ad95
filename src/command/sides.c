/*
 * Reads the words that name the two sides of a comparison.
 *
 * A word has a prefix, or is the first of these that it can be: `models`, `revisions`, `database`, a URL, an environment,
 * a path, a git ref.
 */
#include "sides.h"

#include "cmig/vcs.h"

#include <unistd.h>

/* A side that is being read. */
struct reading {
    struct call *c;
    struct opened_sides *opened;
};

/* The call's project without anything that it has opened. */
static struct project project_closed(const struct call *c)
{
    struct project p = c->project;

    p.conn = NULL;
    p.models = NULL;
    return p;
}

/* ---- kinds of sides ---- */

static bool open_request(
    struct reading *r, const struct config_request *request, enum side_kind kind, struct side *ret)
{
    ret->kind = kind;
    return project_open(r->c->ctx, request, &ret->project);
}

static bool open_url(struct reading *r, const char *text, struct side *ret)
{
    struct config_request request = config_request_of(r->c->globals);

    request.url = text;
    request.optional = true;
    ret->name = url_text(&r->c->ctx->arena, text);
    return open_request(r, &request, SIDE_DATABASE, ret);
}

static bool open_environment(struct reading *r, const char *name, struct side *ret)
{
    struct config_request request = config_request_of(r->c->globals);

    request.environment = name;
    request.url = NULL;
    request.optional = false;
    return open_request(r, &request, SIDE_DATABASE, ret);
}

static bool open_database(struct reading *r, const char *rest, struct side *ret)
{
    if (*rest)
        return open_url(r, rest, ret);
    ret->kind = SIDE_DATABASE;
    ret->project = project_closed(r->c);
    return true;
}

static bool open_models(struct reading *r, const char *path, struct side *ret)
{
    ret->kind = SIDE_MODELS;
    ret->project = project_closed(r->c);
    if (!*path)
        return true;
    ret->project.config.models = (struct strings){0};
    ret->project.config.model_sources = (struct model_sources){0};
    vec_add(r->c->ctx, &ret->project.config.models, path);
    return true;
}

static bool open_revisions(struct reading *r, const char *symbol, struct side *ret)
{
    struct ctx *ctx = r->c->ctx;
    const struct revisions none = {0};

    if (symbol_needs_database(symbol))
        return fail(ctx, STATUS_USAGE, "'%s' is relative to a database, which is not read", symbol);
    if (!project_graph(&r->c->project))
        return false;
    ret->kind = SIDE_REVISIONS;
    ret->project = project_closed(r->c);
    return graph_resolve(ctx, &ret->project.graph, &none, *symbol ? symbol : "heads", &ret->revisions);
}

/* A commit can be anybody's, so its programs do not run. */
static bool check_commit(struct reading *r, const char *ref, const struct config *config)
{
    struct ctx *ctx = r->c->ctx;

    if (!config->model_sources.n)
        return true;
    fail(ctx, STATUS_CONFIG, "the models of commit '%s' are not files: %s", ref,
        config->model_sources.v[0]->url ? "they are read from a database" : "a program prints them");
    return fail_hint(ctx, "Check the commit out into another directory, and run cmig there.");
}

static bool mount_ref(struct reading *r, const char *ref, const char **ret_folder)
{
    struct vcs *vcs = vcs_open(r->c->ctx, r->c->project.config.folder);

    vec_add(r->c->ctx, &r->opened->commits, vcs);
    return vcs_mount(vcs, ref, r->c->project.config.folder, ret_folder);
}

/* A commit from the time before the first model has no directory of models. */
static void drop_missing_default(
    struct reading *r, const char *ref, const char *folder, struct config *config)
{
    struct ctx *ctx = r->c->ctx;
    const char *path = fs_join(&ctx->arena, folder, "models");

    if (config->models.n != 1 || !str_eq(config->models.v[0], path) || fs_kind(ctx, path) != FS_ABSENT)
        return;
    log_info(ctx, "commit '%s' has no models", ref);
    config->models = (struct strings){0};
}

/* The models of a commit that is mounted. */
static bool open_commit(struct reading *r, const char *ref, const char *folder, struct side *ret)
{
    struct ctx *ctx = r->c->ctx;
    struct config_request request = config_request_of(r->c->globals);

    request.folder = folder;
    request.files_only = true;
    request.optional = true;
    request.no_env_file = true;
    request.url = NULL;
    if (r->c->project.config.path)
        request.file = fs_join(&ctx->arena, request.folder, fs_basename(r->c->project.config.path));
    if (!open_request(r, &request, SIDE_MODELS, ret))
        return false;
    drop_missing_default(r, ref, folder, &ret->project.config);
    return check_commit(r, ref, &ret->project.config);
}

static bool open_ref(struct reading *r, const char *ref, struct side *ret)
{
    const char *folder;

    return mount_ref(r, ref, &folder) && open_commit(r, ref, folder, ret);
}

/* ---- words ---- */

static const struct {
    const char *word; /* alone, or with a colon and the rest */
    bool needs_rest;
    bool (*open)(struct reading *r, const char *rest, struct side *ret);
} words[] = {
    {"models", false, open_models},
    {"revisions", false, open_revisions},
    {"database", false, open_database},
    {"env", true, open_environment},
    {"git", true, open_ref},
};

/* *ret_found false: the word has none of the prefixes. */
static bool open_by_prefix(struct reading *r, const char *text, struct side *ret, bool *ret_found)
{
    const size_t n = strcspn(text, ":");

    *ret_found = false;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const char *rest = text[n] ? text + n + 1 : "";

        if (strlen(words[i].word) != n || strncmp(words[i].word, text, n) != 0 ||
            (words[i].needs_rest && !*rest))
            continue;
        *ret_found = true;
        return words[i].open(r, rest, ret);
    }
    return true;
}

/* The error that is set says why git does not know the word. */
static bool fail_unknown(struct reading *r, const char *text)
{
    struct ctx *ctx = r->c->ctx;
    const char *why = err_text(ctx);

    err_clear(ctx);
    fail(ctx, STATUS_USAGE, "'%s' is not an environment, path or git ref", text);
    fail_detail(ctx, "%.*s", (int)strcspn(why, "\n"), why);
    return fail_hint(ctx, "Write a URL, models, revisions, or one of env:NAME, models:PATH, revisions:ID and "
                          "git:REF.");
}

/* SQLite's URLs need no slashes. */
static bool is_url(const char *text)
{
    return strstr(text, "://") || str_starts(text, "sqlite:") || str_starts(text, "sqlite3:");
}

static bool open_word(struct reading *r, const char *text, struct side *ret)
{
    const char *folder;
    bool found, is_path = access(text, F_OK) == 0;
    bool ok = open_by_prefix(r, text, ret, &found);

    ret->name = ret->name ? ret->name : text;
    if (!ok || found)
        return ok;
    if (is_url(text))
        return open_url(r, text, ret);
    if (strings_have(&r->c->project.config.environments, text)) {
        if (is_path)
            log_info(r->c->ctx, "'%s' is read as the environment; write models:%s for the path", text, text);
        return open_environment(r, text, ret);
    }
    if (is_path)
        return open_models(r, text, ret);
    return mount_ref(r, text, &folder) ? open_commit(r, text, folder, ret) : fail_unknown(r, text);
}

/* ---- the dialect ---- */

static bool take_dialect(struct call *c, struct side *side, const struct dialect **dialect)
{
    const struct dialect *own;

    if (side->kind != SIDE_DATABASE)
        return true;
    if (!project_url(&side->project))
        return false;
    own = side->project.url.dialect;
    if (*dialect && *dialect != own)
        return fail(c->ctx, STATUS_USAGE, "'%s' is a %s database, but the comparison is for %s", side->name,
            dialect_title(c->ctx, own), dialect_title(c->ctx, *dialect));
    *dialect = own;
    return true;
}

static bool choose_dialect(
    struct call *c, const struct sides_wishes *w, struct opened_sides *o, const struct dialect **ret)
{
    *ret = NULL;
    if ((w->dialect && !dialect_find(c->ctx, w->dialect, ret)) || !take_dialect(c, &o->from, ret) ||
        !take_dialect(c, &o->to, ret))
        return false;
    if (*ret)
        return true;
    if (w->scratch_url) {
        struct url url;

        if (!url_parse(c->ctx, w->scratch_url, c->project.config.folder, &url))
            return fail_in(c->ctx, "cannot use --scratch-url");
        *ret = url.dialect;
        return true;
    }
    if (!project_url(&c->project))
        return fail_hint(c->ctx, "Or name a database system with --dialect.");
    *ret = c->project.url.dialect;
    return true;
}

/* ---- together ---- */

bool open_source_project(struct call *c)
{
    struct config_request request = config_request_of(c->globals);

    request.optional = request.optional || c->operands.n;
    return project_open(c->ctx, &request, &c->project);
}

/* Whether a side can be read only with a server: SQL and programs are run. Models are read again later; warnings are
 * left to that. */
static bool needs_server(struct call *c, const struct side *side, bool *ret)
{
    const struct log log = c->ctx->log;
    struct schema models = {0};
    bool ok;

    *ret = side->kind == SIDE_REVISIONS || side->project.config.model_sources.n;
    if (*ret || side->kind == SIDE_DATABASE)
        return true;
    c->ctx->log.message = NULL;
    ok = schema_load(c->ctx, &side->project.config.models, &models);
    c->ctx->log = log;
    *ret = models.sql_files.n;
    return ok;
}

static bool choose_offline(struct call *c, const struct sides_wishes *w, const struct side *from, bool *ret)
{
    bool needs = true;

    if (w->is_alone && !w->scratch_url && !needs_server(c, from, &needs))
        return false;
    *ret = w->offline || !needs;
    return true;
}

static void begin_with_nothing(struct call *c, struct opened_sides *o)
{
    o->to = o->from;
    o->from = (struct side){.kind = SIDE_MODELS, .name = "nothing", .project = project_closed(c)};
    o->from.project.config.models = (struct strings){0};
    o->from.project.config.model_sources = (struct model_sources){0};
}

bool sides_begin(struct call *c, const struct sides_wishes *w, struct opened_sides *o)
{
    struct reading r = {.c = c, .opened = o};
    struct sides_request request = {
        .must_exist = w->is_alone, .wait_ms = c->globals->wait_ms, .scratch_url = w->scratch_url};

    *o = (struct opened_sides){0};
    if (!open_word(&r, w->from ? w->from : "database", &o->from) ||
        !open_word(&r, w->to ? w->to : "models", &o->to) || !choose_dialect(c, w, o, &request.dialect) ||
        !choose_offline(c, w, &o->from, &request.offline))
        return false;
    if (w->as_models && o->from.kind == SIDE_MODELS)
        begin_with_nothing(c, o);
    return sides_open(&c->project, &request, &o->from, &o->to, &o->sides);
}

void sides_finish(struct call *c, struct opened_sides *o)
{
    if (o->sides)
        sides_close(&c->project, o->sides);
    vec_each(i, &o->commits)
        vcs_close(o->commits.v[i]);
    *o = (struct opened_sides){0};
}
