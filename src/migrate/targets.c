/*
 * Finds the databases, or schemas, in which a command runs, and makes a project for each.
 */
#include "cmig/migrate.h"

#include <stdlib.h>
#include <unistd.h>

enum { LIST_LIMIT = 64 << 20 }; /* bytes that a file or a program may list */

/* What a pattern is filled with. */
struct cells VEC_OF(const char *);

/* An entry of the configuration that is being read. */
struct source {
    struct project *p;
    const struct target_source *entry;
    const char *url; /* of the environment, where the entry has none; read once */
    size_t group;
    struct targets *ret;
};

static bool fail_entry(const struct source *s, const char *what)
{
    return fail_at(s->p->ctx, STATUS_CONFIG, s->entry->pos, "targets: %s", what);
}

/* ---- patterns ------------------------------------------------------------------------------------------ */

/* The number in {1}; 0: none begins here. */
static unsigned placeholder(const char *s, size_t *ret_size)
{
    unsigned number = 0;
    int end = 0;
    if (sscanf(s, "{%2u}%n", &number, &end) != 1 || !end)
        return 0;
    *ret_size = (size_t)end;
    return number;
}

static bool is_pattern(const char *text)
{
    size_t size;
    for (const char *s = text; s && (s = strchr(s, '{')); s++)
        if (placeholder(s, &size))
            return true;
    return false;
}

static bool fill_pattern(
    const struct source *s, const char *pattern, const struct cells *row, const char **ret)
{
    struct str out = STR(s->p->ctx);
    for (const char *at = pattern; *at;) {
        size_t size;
        unsigned column = placeholder(at, &size);
        if (!column) {
            str_addc(&out, *at++);
            continue;
        }
        if (column > row->n || !row->v[column - 1] || !*row->v[column - 1])
            return fail_entry(
                s, ctx_printf(s->p->ctx, "a row has no value for {%u} of '%s'", column, pattern));
        str_add(&out, row->v[column - 1]);
        at += size;
    }
    *ret = arena_strdup(&s->p->ctx->arena, str_get(&out));
    return true;
}

/* ---- one target ---------------------------------------------------------------------------------------- */

/* Who is logged in makes no difference to the server. */
static const char *server_of(struct ctx *ctx, const struct url *url)
{
    if (url->dialect->has.embedded)
        return "";
    const char *host = strstr(url->text, "://");
    if (!host)
        return url->text;
    host += 3;
    const char *end = host + strcspn(host, "/?#");
    const char *at = memchr(host, '@', (size_t)(end - host));
    host = at ? at + 1 : host;
    return arena_strndup(&ctx->arena, host, (size_t)(end - host));
}

/* The last part of the path, which names a database. */
static const char *database_of(struct ctx *ctx, const struct url *url)
{
    if (url->dialect->has.embedded)
        return url->name;
    const char *path = strstr(url->text, "://");
    path = path ? strchr(path + 3, '/') : NULL;
    size_t n = path ? strcspn(path + 1, "?#") : 0;
    return n ? arena_strndup(&ctx->arena, path + 1, n) : url_text(&ctx->arena, url->text);
}

static bool enter_schema(const struct source *s, struct url *url, struct target *t)
{
    struct project *p = s->p;
    if (!url->dialect->url_in_schema)
        return fail_entry(s, ctx_printf(p->ctx, "%s has no schemas", url->dialect->title));
    if (url->dialect->has.schemas && p->config.version_table.name.schema)
        return fail_entry(
            s, "each schema has a version table of its own, so 'version_table' cannot name a schema");
    return url->dialect->url_in_schema(p->ctx, url, t->schema, &s->entry->search_path, &t->url) ||
           fail_in(p->ctx, "%stargets", pos_text(&p->ctx->arena, s->entry->pos));
}

/* Of the entry's own URL, or that of the environment. */
static bool environment_url(struct source *s, const char **ret)
{
    struct project *p = s->p;
    if (!s->url && !config_url(p->ctx, &p->config, &s->url))
        return fail_in(p->ctx, "%stargets", pos_text(&p->ctx->arena, s->entry->pos));
    *ret = s->url;
    return true;
}

/* It begins lines of a terminal and is written to files, wherever it comes from. */
static const char *shown_name(struct ctx *ctx, const char *name)
{
    return str_plain(&ctx->arena, strstr(name, "://") ? url_text(&ctx->arena, name) : name);
}

static bool add_target(struct source *s, const struct cells *row, const char *url, const char *name)
{
    struct ctx *ctx = s->p->ctx;
    struct target *t = ctx_new(ctx, struct target);
    struct url parsed;
    *t = (struct target){.url = url, .group = s->group, .pos = s->entry->pos};
    if (s->entry->schema && !fill_pattern(s, s->entry->schema, row, &t->schema))
        return false;
    if (!url_parse(ctx, url, s->p->config.folder, &parsed))
        return fail_in(ctx, "%stargets", pos_text(&ctx->arena, s->entry->pos));
    if (t->schema && !enter_schema(s, &parsed, t))
        return false;
    t->server = server_of(ctx, &parsed);
    t->name = name ? name : t->schema ? t->schema : database_of(ctx, &parsed);
    if (s->entry->name && !fill_pattern(s, s->entry->name, row, &t->name))
        return false;
    t->name = shown_name(ctx, t->name);
    vec_add(ctx, s->ret, t);
    return true;
}

/* A row without a pattern is a URL, or a name and a URL. */
static bool add_row(struct source *s, const struct cells *row)
{
    const struct target_source *e = s->entry;
    const char *url;
    if (e->url && !fill_pattern(s, e->url, row, &url))
        return false;
    if (e->url)
        return add_target(s, row, url, NULL);
    if (e->schema)
        return environment_url(s, &url) && add_target(s, row, url, NULL);
    if (!row->n || !row->v[row->n - 1])
        return fail_entry(s, "a row is empty");
    return add_target(s, row, row->v[row->n - 1], row->n > 1 ? row->v[0] : NULL);
}

/* ---- lists of them ------------------------------------------------------------------------------------- */

static bool add_lines(struct source *s, const char *text)
{
    static const char blanks[] = " \t\r";
    struct ctx *ctx = s->p->ctx;
    size_t number = 0;
    for (const char *line = text; *line;) {
        const char *end = line + strcspn(line, "\n");
        struct cells row = {0};
        for (const char *at = line + strspn(line, blanks); at < end && *at != '#'; at += strspn(at, blanks)) {
            size_t n = strcspn(at, " \t\r\n");
            vec_add(ctx, &row, arena_strndup(&ctx->arena, at, n));
            at += n;
        }
        number++;
        if (row.n && !add_row(s, &row))
            return fail_in(ctx, "%stargets, line %zu", pos_text(&ctx->arena, s->entry->pos), number);
        line = *end ? end + 1 : end;
    }
    return true;
}

static bool add_file(struct source *s)
{
    char *text;
    size_t size;
    struct ctx *ctx = s->p->ctx;
    if (!fs_read(ctx, &ctx->arena, "list of targets", s->entry->file, LIST_LIMIT, &text, &size))
        return fail_in(ctx, "%stargets", pos_text(&ctx->arena, s->entry->pos));
    return add_lines(s, text);
}

static bool add_program(struct source *s)
{
    const struct program program = {.words = &s->entry->program, .what = "the program of targets"};
    const char *text;
    struct ctx *ctx = s->p->ctx;
    if (!program_output(ctx, &program, LIST_LIMIT, &text))
        return fail_in(ctx, "%stargets", pos_text(&ctx->arena, s->entry->pos));
    return add_lines(s, text);
}

/* As a path of an SQLite URL. */
static const char *file_url(struct ctx *ctx, const char *path)
{
    struct str out = STR(ctx);
    char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
    const char *whole = folder ? fs_join(&ctx->arena, folder, path) : path;
    free(folder);
    str_add(&out, "sqlite:///");
    str_add_percent(&out, whole, "/-._~");
    return arena_strdup(&ctx->arena, str_get(&out));
}

static bool add_files(struct source *s)
{
    struct ctx *ctx = s->p->ctx;
    struct strings paths = {0};
    const struct cells none = {0};
    size_t folder = strlen(s->p->config.folder) + 1;
    bool is_inside = str_starts(s->entry->files, ctx_printf(ctx, "%s/", s->p->config.folder));
    if (!fs_glob(ctx, s->entry->files, &paths))
        return fail_in(ctx, "%stargets", pos_text(&ctx->arena, s->entry->pos));
    vec_each(i, &paths)
        if (!add_target(s, &none, file_url(ctx, paths.v[i]), is_inside ? paths.v[i] + folder : paths.v[i]))
            return false;
    return true;
}

static bool ask(struct source *s, struct project *asked)
{
    struct ctx *ctx = s->p->ctx;
    struct result result;
    if (!project_connect(asked, NULL) ||
        !asked->conn->dialect->query_rows(asked->conn, s->entry->query, &result))
        return false;
    vec_each(i, &result.rows) {
        struct cells row = {0};
        vec_each(k, result.rows.v[i])
            vec_add(ctx, &row, result.rows.v[i]->v[k].text);
        if (!add_row(s, &row))
            return fail_in(ctx, "row %zu", i + 1);
    }
    return true;
}

static bool add_query(struct source *s)
{
    struct ctx *ctx = s->p->ctx;
    struct project asked = *s->p;
    const char *url = s->entry->url;
    if ((!url || is_pattern(url)) && !environment_url(s, &url))
        return false;
    asked.config.url = url;
    asked.config.targets = (struct target_sources){0};
    asked.conn = NULL;
    asked.url = (struct url){0};
    bool ok = ask(s, &asked);
    project_close(&asked);
    return ok || fail_in(ctx, "%scannot query the targets", pos_text(&ctx->arena, s->entry->pos));
}

static bool add_entry(struct source *s)
{
    const struct target_source *e = s->entry;
    const struct cells none = {0};
    const char *url = e->url;
    if (e->files)
        return add_files(s);
    if (e->file)
        return add_file(s);
    if (e->program.n)
        return add_program(s);
    if (e->query)
        return add_query(s);
    return (url || environment_url(s, &url)) && add_target(s, &none, url, NULL);
}

/* ---- all of them --------------------------------------------------------------------------------------- */

/* Two tenants may have schemas of one name in different databases. */
static bool name_apart(struct ctx *ctx, const struct targets *all)
{
    struct map names = MAP(ctx);
    struct targets same = {0};
    vec_each(i, all)
        if (map_get(&names, all->v[i]->name))
            vec_add(ctx, &same, all->v[i]);
        else
            map_set(&names, all->v[i]->name, all->v[i]);
    vec_each(i, &same) {
        struct target *t = same.v[i];
        t->name = ctx_printf(ctx, "%s%s%s", *t->server ? t->server : "", *t->server ? "/" : "", t->name);
        if (map_get(&names, t->name)) {
            fail_at(ctx, STATUS_CONFIG, t->pos, "duplicate target name '%s'", t->name);
            return fail_hint(ctx, "Set 'name', for example to \"{1}\" of a query.");
        }
        map_set(&names, t->name, t);
    }
    return true;
}

/* Targets without a group come last. */
static bool find_group(struct source *s, size_t *ret)
{
    const struct rollout_config *r = s->p->config.rollout;
    const size_t n = r ? r->groups.n : 0;
    size_t i = 0;
    while (i < n && !str_eq(r->groups.v[i]->name, s->entry->group))
        i++;
    *ret = i;
    if (!s->entry->group || i < n)
        return true;
    fail_entry(s, ctx_printf(s->p->ctx, "unknown group '%s'", s->entry->group));
    return fail_hint(
        s->p->ctx, "List the groups in their order under 'rollout': 'groups: [%s]'.", s->entry->group);
}

bool targets_find(struct project *p, struct targets *ret)
{
    struct targets all = {0};
    struct source s = {.p = p, .ret = &all};
    vec_each(i, &p->config.targets) {
        const size_t before = all.n;
        s.entry = p->config.targets.v[i];
        if (!find_group(&s, &s.group) || !add_entry(&s))
            return false;
        if (all.n == before)
            log_warn(
                p->ctx, "%sthis entry of 'targets' gives no target", pos_text(&p->ctx->arena, s.entry->pos));
    }
    if (!all.n)
        return fail_at(p->ctx, STATUS_CONFIG, p->config.targets.v[0]->pos, "targets: there are none");
    if (!name_apart(p->ctx, &all))
        return false;
    *ret = (struct targets){0};
    const size_t groups = p->config.rollout ? p->config.rollout->groups.n : 0;
    for (size_t group = 0; group <= groups; group++)
        vec_each(i, &all)
            if (all.v[i]->group == group)
                vec_add(p->ctx, ret, all.v[i]);
    return true;
}

/* A run replaces the SQL of a hook by what it sends, in its own memory. */
static struct hooks_config *copy_hooks(struct ctx *ctx, const struct hooks_config *hooks)
{
    struct hooks_config *copy = ctx_new(ctx, struct hooks_config);
    for (size_t kind = 0; kind < COUNT_OF(hooks->lists); kind++)
        vec_each(i, &hooks->lists[kind]) {
            struct hook *hook = ctx_new(ctx, struct hook);
            *hook = *hooks->lists[kind].v[i];
            vec_add(ctx, &copy->lists[kind], hook);
        }
    return copy;
}

void project_for(const struct project *p, struct ctx *ctx, const struct target *t, struct project *ret)
{
    struct project one = *p;
    one.ctx = ctx;
    one.target = t;
    one.shares_graph = true;
    one.config.url = t->url;
    one.config.url_command = (struct strings){0};
    one.config.url_source = NULL;
    one.config.url_pos = t->pos;
    if (p->config.hooks)
        one.config.hooks = copy_hooks(ctx, p->config.hooks);
    one.url = (struct url){0};
    one.conn = NULL;
    one.sql_models = NULL;
    one.source_texts = NULL;
    one.models = NULL;
    if (t->schema)
        project_name_tables(&one, t->schema);
    *ret = one;
}
