/*
 * Shared by the ways of adopting a database: reading it, building and testing its baseline, and writing files.
 */
#include "adopt.h"

#include "alembic.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char baseline_note[] = "A baseline has no downgrade: it would drop the tables of the database.";

/* ---- where the database is ---- */

static const char *real_folder(struct ctx *ctx, const char *path)
{
    char real[PATH_MAX];

    return ctx_strdup(ctx, realpath(path, real) ? real : path);
}

/* An SQLite path that was relative to `base`, as cmig.yaml must contain it. */
static const char *move_url(struct adoption *a, const char *url, const char *base)
{
    static const char scheme[] = "sqlite:///";
    const char *path = strstr(url, ":///"), *from = real_folder(a->ctx, base);

    if (!str_starts(url, "sqlite") || !path || str_eq(from, real_folder(a->ctx, a->folder)))
        return url;
    path += 4;
    if (!*path || *path == '/' || *path == ':')
        return url;
    return ctx_printf(a->ctx, "%s%s/%s", scheme, from, path);
}

void adopt_url(struct adoption *a, const char *url, const char *base)
{
    a->url = url;
    a->url_written = move_url(a, url, base);
}

/* ---- what it contains ---- */

void exclude_other_tools(struct adoption *a, const struct schema *schema)
{
    vec_each(i, &schema->tables) {
        const struct table *t = schema->tables.v[i];
        const char *tool = other_tool(t), *name = qname_text(&a->ctx->arena, &t->name);

        if (!tool || strings_have(&a->excluded, name))
            continue;
        log_info(a->ctx, "excluded: table '%s' belongs to %s", name, tool);
        vec_add(a->ctx, &a->excluded, name);
        vec_add(a->ctx, &a->c->project.scope.exclude, name);
    }
}

void adopt_take_schema(struct adoption *a, const struct schema *schema)
{
    struct str out = STR(a->ctx);

    struct node *models = schema_encode(a->ctx, a->c->project.url.dialect, schema);
    a->schema = *schema;
    node_yaml(&out, models, 0);
    a->models_text = str_get(&out);
    a->model_files = (struct split_files){0};
    split_models(a->ctx, models, schema->default_schema, a->split, "schema.yaml", &a->model_files);
}

bool adopt_schema(struct adoption *a)
{
    struct schema schema = {0};

    if (!migrate_inspect(&a->c->project, &schema))
        return false;
    exclude_other_tools(a, &schema);
    if (a->excluded.n && !migrate_inspect(&a->c->project, &schema))
        return false;
    adopt_take_schema(a, &schema);
    return true;
}

bool adopt_build(struct adoption *a)
{
    return a->sql || migrate_baseline(&a->c->project, &a->schema, a->models_text, &a->baseline);
}

bool adopt_sql(struct adoption *a, const char *path, const char *version)
{
    char *text;
    size_t size;

    if (!fs_read(a->ctx, &a->ctx->arena, "baseline", path, FS_TEXT_LIMIT, &text, &size))
        return false;
    a->sql_path = path;
    a->sql = alembic_sql(a->ctx, a->c->project.url.dialect, text, version);
    return *a->sql ||
           fail_at(a->ctx, STATUS_CONFIG, (struct pos){.file = path}, "the script contains no statement");
}

/* ---- whether it works ---- */

bool adopt_prove(struct adoption *a, const struct revision_new *n)
{
    const char *path = ctx_printf(a->ctx, "%s_baseline.%s", n->id, n->sql ? "sql" : "yaml");
    const struct schema *wanted = a->models_text ? &a->schema : NULL;

    if (!migrate_prove(
            &a->c->project, path, revision_text(a->ctx, n), wanted, a->models_text, &a->baseline)) {
        fail_in(a->ctx, "cannot adopt the %s", a->sql ? "script" : "database");
        return fail_hint(a->ctx, "Nothing was written.");
    }
    if (!wanted && !a->baseline.unproved) {
        exclude_other_tools(a, &a->baseline.schema);
        adopt_take_schema(a, &a->baseline.schema);
    }
    return true;
}

void adopt_report(struct adoption *a)
{
    const struct baseline *b = &a->baseline;

    if (b->unproved) {
        log_warn(a->ctx, "the baseline was not tested: no scratch database (%s)", b->unproved);
        log_warn(
            a->ctx, "test it in an empty database before you rely on it: cmig --url URL upgrade, then check");
        if (b->hint)
            log_warn(a->ctx, "for a test by cmig: %s", b->hint);
    } else {
        log_info(a->ctx, "the baseline was applied to a scratch database and compared");
    }
}

bool adopt_judge(struct adoption *a)
{
    const struct baseline *b = &a->baseline;

    if (!b->missing.n && !b->differences.n)
        return true;
    fail(a->ctx, STATUS_FOUND, "the baseline does not cover the whole database");
    vec_each(i, &b->missing)
        fail_detail(a->ctx, "missing from the baseline: %s", b->missing.v[i]);
    vec_each(i, &b->differences)
        fail_detail(a->ctx, "different: %s", b->differences.v[i]);
    return fail_hint(
        a->ctx, "The files were written. Add what a new database needs to the baseline, as 'execute'.");
}

/* ---- files ---- */

/* The first name that is unused or an empty directory: Python projects use some of these names. */
static const char *free_folder(struct adoption *a, const char *const *names)
{
    for (; names[1]; names++) {
        const char *path = fs_join(&a->ctx->arena, a->folder, *names);
        struct strings found = {0};

        if (!fs_exists(path))
            break;
        if (!fs_is_dir(path))
            continue;
        if (fs_list(a->ctx, path, &found) && !found.n)
            break;
        err_clear(a->ctx);
    }
    return *names;
}

void adopt_folders(struct adoption *a)
{
    static const char *const models[] = {"models", "schema", "cmig_models", NULL};
    static const char *const revisions[] = {"migrations", "revisions", "cmig_revisions", NULL};

    a->models = free_folder(a, models);
    a->revisions = free_folder(a, revisions);
}

bool adopt_write(struct adoption *a, const char *path, const char *text)
{
    const char *full = fs_join(&a->ctx->arena, a->folder, path);

    if (!fs_mkdirs(a->ctx, fs_dirname(&a->ctx->arena, full)) || !fs_create(a->ctx, full, text, strlen(text)))
        return false;
    vec_add(a->ctx, a->written, full);
    return true;
}

bool adopt_write_models(struct adoption *a)
{
    vec_each(i, &a->model_files)
        if (!adopt_write(
                a, fs_join(&a->ctx->arena, a->models, a->model_files.v[i].path), a->model_files.v[i].text))
            return false;
    return true;
}

bool adopt_write_baseline(struct adoption *a, const struct graph *g, const struct revision_new *n)
{
    const char *path, *id;

    if (!revision_write(a->ctx, g, n, &path, &id))
        return fail_in(a->ctx, "cannot write the baseline of %s", n->id);
    vec_add(a->ctx, a->written, path);
    return true;
}

void print_written(struct call *c, const struct strings *written)
{
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "files", strings_node(c, written));
    else
        vec_each(i, written)
            print_line(c, "%s", written->v[i]);
}

void adopt_undo(struct adoption *a)
{
    vec_each(i, a->written)
        unlink(a->written->v[i]);
    a->written->n = 0;
}

/* ---- cmig.yaml ---- */

void adopt_key(struct adoption *a, struct str *out, const char *comment, const char *key, struct node *value)
{
    struct node *pair = node_mapping(&a->ctx->arena);

    pair->block = true;
    node_set(&a->ctx->arena, pair, key, value);
    str_addf(out, "\n# %s\n", comment);
    node_yaml(out, pair, 0);
}

/* A password is not copied to another file: the variable must bring it. */
static const char *url_value(struct adoption *a)
{
    static const char ask[] = "${DATABASE_URL:?the URL of the database}";

    if (!a->url)
        return ask;
    if (!str_eq(a->url, url_text(&a->ctx->arena, a->url))) {
        log_warn(a->ctx, "the database's password was not copied: set DATABASE_URL, here or in .env");
        return ask;
    }
    if (strpbrk(a->url_written, "{}$"))
        return "${DATABASE_URL}";
    return ctx_printf(a->ctx, "${DATABASE_URL:-%s}", a->url_written);
}

static struct node *list_of(struct adoption *a, const struct strings *items)
{
    struct node *list = node_sequence(&a->ctx->arena);

    vec_each(i, items)
        node_append(&a->ctx->arena, list, node_string(&a->ctx->arena, items->v[i]));
    return list;
}

static struct node *only_of(struct adoption *a, const char *item)
{
    struct strings one = {0};

    vec_add(a->ctx, &one, item);
    return list_of(a, &one);
}

void adopt_config(struct adoption *a, struct str *out)
{
    adopt_key(a, out,
        "The URL of the database; DATABASE_URL may also be set in a file .env next to this one.", "url",
        node_string(&a->ctx->arena, url_value(a)));
    adopt_key(a, out, "The description of the tables.", "models", only_of(a, a->models));
    adopt_key(a, out, "The directories of revision files.", "migrations", only_of(a, a->revisions));
    if (a->schemas.n)
        adopt_key(a, out, "The schemas that cmig manages.", "schemas", list_of(a, &a->schemas));
    if (a->excluded.n)
        adopt_key(
            a, out, "Tables of other tools, which cmig leaves alone.", "exclude", list_of(a, &a->excluded));
}
