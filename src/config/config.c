/*
 * Loads the configuration.
 *
 * The selected environment is merged over the rest of the file, then ${…} is replaced, then the tree is decoded. So
 * a variable that only production needs is not required elsewhere.
 */
#include "config.h"

enum { SLUG_LENGTH_MAX = 200 }; /* a file's name has at most 255 bytes */

static const char *or_else(const char *text, const char *fallback)
{
    return text ? text : fallback;
}

/* A copy of the mapping without what does not lead to models, migrations and tests. */
static struct node *keep_files(struct ctx *ctx, const struct node *mapping)
{
    static const char *const keys[] = {"models", "migrations", "tests", "recursive"};
    struct node *kept = node_mapping(&ctx->arena);

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (node_get(mapping, keys[i]))
            node_set(&ctx->arena, kept, keys[i], node_get(mapping, keys[i]));
    return kept;
}

static void environment_names(struct ctx *ctx, const struct node *top, struct strings *ret)
{
    const struct node *n = node_get(top, "environments");

    for (size_t i = 0; n && n->kind == NODE_MAPPING && i < n->n; i++)
        vec_add(ctx, ret, n->v[2 * i]->scalar);
}

/* A `url` that --url overrides is not even expanded. */
static void drop_key(struct node *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->n; i++)
        if (str_eq(mapping->v[2 * i]->scalar, key)) {
            memmove(
                &mapping->v[2 * i], &mapping->v[2 * i + 2], 2 * (mapping->n - i - 1) * sizeof(*mapping->v));
            mapping->n--;
            return;
        }
}

static bool read_tree(struct ctx *ctx, const char *path, struct node **ret_node)
{
    struct node *n;

    if (!yaml_read(ctx, &ctx->arena, "configuration", path, &n))
        return false;
    if (node_is_null(n)) {
        n = node_mapping(&ctx->arena);
        n->file = path;
    }
    if (n->kind != NODE_MAPPING)
        return fail_at(ctx, STATUS_CONFIG, node_pos(n), "configuration: expected a mapping, found %s",
            node_describe(&ctx->arena, n));
    *ret_node = n;
    return true;
}

static bool take_manage(struct decoder *d, const struct node *n, struct config *c)
{
    static const char *const names[] = {"grants", "owners"};
    static const unsigned bits[] = {MANAGE_GRANTS, MANAGE_OWNERS};

    vec_each(i, &c->manage) {
        size_t at = 0;

        while (at < COUNT_OF(names) && !str_eq(names[at], c->manage.v[i]))
            at++;
        if (at == COUNT_OF(names)) {
            decode_fail(d, n, "key 'manage': unknown word '%s'", c->manage.v[i]);
            return fail_hint(d->ctx, "Expected 'grants', 'owners' or both: 'manage: [grants, owners]'.");
        }
        c->manages |= bits[at];
    }
    return true;
}

static bool read_file(
    struct variables *v, const char *path, const struct config_request *request, struct config *config)
{
    struct decoder d = {.ctx = v->ctx, .what = "configuration"};
    struct node *n, *merged;

    if (!read_tree(v->ctx, path, &n) || !config_merge(&d, path, request->environment, n, &merged))
        return false;
    if (request->url) {
        drop_key(merged, "url");
        drop_key(merged, "url_command");
        drop_key(merged, "targets");
    }
    if (request->files_only)
        merged = keep_files(v->ctx, merged);
    environment_names(v->ctx, n, &config->environments);
    config->environment = request->environment;
    n = node_get(merged, "url");
    if (n && n->kind == NODE_SCALAR)
        config->url_source = expansion_names(v->ctx, n->scalar);
    if (!expand_tree(v, merged, &merged) || !record_decode(&d, &config_record, merged, config))
        return false;
    if (!take_manage(&d, node_get(merged, "manage"), config))
        return false;
    n = node_get(merged, "slug_length");
    if (n && !node_is_null(n) && (config->slug_length < 1 || config->slug_length > SLUG_LENGTH_MAX))
        return decode_fail(&d, n, "key 'slug_length': expected a number from 1 to %d", SLUG_LENGTH_MAX);
    n = node_get(merged, "url");
    if (n && config->url && *config->url) {
        config->url_pos = node_pos(n);
        if (config->url_command.n)
            return decode_fail(&d, n, "either 'url' or 'url_command', not both");
    }
    return true;
}

static void set_default(struct ctx *ctx, struct strings *list, const char *value)
{
    if (!list->n)
        vec_add(ctx, list, value);
}

/* Relative to the current directory. */
static void join_paths(struct ctx *ctx, const char *folder, struct strings *paths)
{
    if (!str_eq(folder, "."))
        vec_each(i, paths)
            paths->v[i] = fs_join(&ctx->arena, folder, paths->v[i]);
}

/* A program that is not looked for in PATH. */
static void join_program(struct ctx *ctx, const char *folder, struct strings *words)
{
    if (words->n && strchr(words->v[0], '/') && !str_eq(folder, "."))
        words->v[0] = fs_join(&ctx->arena, folder, words->v[0]);
}

static void complete(struct ctx *ctx, struct config *c)
{
    bool ok = true;

    if (!c->model_sources.n)
        set_default(ctx, &c->models, "models");
    set_default(ctx, &c->migrations, "migrations");
    join_paths(ctx, c->folder, &c->models);
    join_paths(ctx, c->folder, &c->migrations);
    join_paths(ctx, c->folder, &c->tests);
    set_default(ctx, &c->tests, fs_join(&ctx->arena, c->migrations.v[0], "tests"));
    join_program(ctx, c->folder, &c->url_command);
    vec_each(i, &c->post_write)
        join_program(ctx, c->folder, &c->post_write.v[i]->words);
    vec_each(i, &c->targets) {
        struct target_source *t = c->targets.v[i];

        t->files = t->files ? fs_join(&ctx->arena, c->folder, t->files) : NULL;
        t->file = t->file ? fs_join(&ctx->arena, c->folder, t->file) : NULL;
        join_program(ctx, c->folder, &t->program);
    }
    if (c->templates)
        c->templates = fs_join(&ctx->arena, c->folder, c->templates);
    c->version_table.name.name = or_else(c->version_table.name.name, "cmig_version");
    c->version_table.column = or_else(or_else(c->version_table.column, c->version_column), "revision");
    c->file_template = or_else(c->file_template, "{rev}_{slug}");
    c->lock_timeout_ms = 60 * 1000;
    c->table_timeout_ms = 2 * 1000;
    c->lock_retries = c->lock && c->lock->retries_given ? c->lock->retries : -1;
    c->lock_retry_for_ms = c->lock_retries < 0 ? 60 * 1000 : INT64_MAX / 1000;
    if (c->lock && c->lock->timeout)
        ok = time_parse_duration(c->lock->timeout, &c->lock_timeout_ms);
    if (c->lock && c->lock->table)
        ok = time_parse_duration(c->lock->table, &c->table_timeout_ms) && ok;
    if (c->lock && c->lock->retry_for)
        ok = time_parse_duration(c->lock->retry_for, &c->lock_retry_for_ms) && ok;
    assert(ok && "the record checks durations");
    (void)ok;
    if (!c->naming)
        c->naming = ctx_new(ctx, struct naming);
}

static bool choose_url(struct variables *v, const struct config_request *request, struct config *c)
{
    if (c->url && !*c->url)
        c->url = NULL;
    if (request->url) {
        c->url = ctx_strdup(v->ctx, request->url);
        c->url_pos = (struct pos){0};
        c->url_source = "--url";
    }
    if (c->url_command.n && !c->url)
        c->url_source = ctx_printf(v->ctx, "url_command '%s'", c->url_command.v[0]);
    return c->url || c->url_command.n || config_environment_url(v, &c->url, &c->url_source);
}

bool config_load(struct ctx *ctx, const struct config_request *request, struct config *ret)
{
    struct variables v = {.ctx = ctx, .env_file = MAP(ctx), .x = request->x};
    struct config c = {0};
    const char *path;

    if (!config_find(ctx, request, &path))
        return false;
    v.folder = path ? fs_dirname(&ctx->arena, path) : or_else(request->folder, ".");
    if (!request->no_env_file && !env_file_read(&v))
        return false;
    if (path && !read_file(&v, path, request, &c))
        return false;
    if (!path && request->environment)
        return fail(
            ctx, STATUS_CONFIG, "unknown environment '%s': there is no cmig.yaml", request->environment);
    if (request->x)
        c.x = *request->x;
    c.path = path;
    c.folder = v.folder;
    if (!choose_url(&v, request, &c))
        return false;
    complete(ctx, &c);
    *ret = c;
    return true;
}

bool config_environments(struct ctx *ctx, const struct config_request *request, struct strings *ret)
{
    struct node *n;
    const char *path;

    *ret = (struct strings){0};
    if (!config_find(ctx, request, &path) || (path && !read_tree(ctx, path, &n)))
        return false;
    if (path)
        environment_names(ctx, n, ret);
    return true;
}
