/*
 * How does a project of Alembic's become one of ours?
 *
 * All that can be refused is refused before the first file is written. What Alembic's revisions did becomes one
 * baseline, called as the revision that the database stands at, so that version rows need not change; of several
 * heads the first one gets it, and the others follow nothing and do nothing.
 */
#include "alembic.h"

#include "adopt.h"

#include "cmig/vcs.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct continuing {
    struct call *c;
    struct ctx *ctx;
    const struct alembic_options *o;
    struct alembic alembic;
    struct qname version;           /* Alembic's table */
    const char *url;                /* NULL: no database is asked */
    const char *url_written;        /* for cmig.yaml: a relative path is seen from there */
    const char *models, *revisions; /* names of folders */
    struct revisions heads;         /* the rows that a new database shall have */
    const char *models_text;        /* NULL without a database */
    const char *sql;                /* of --baseline-sql */
    struct diff diff;
    struct strings excluded; /* tables of other tools */
    struct strings *written;
};

/* ---- which database ---- */

static const char *real_folder(struct ctx *ctx, const char *path)
{
    char real[PATH_MAX];

    return ctx_strdup(ctx, realpath(path, real) ? real : path);
}

/* An SQLite path that was relative to `base` as cmig.yaml must say it. */
static const char *move_url(struct continuing *k, const char *url, const char *base)
{
    static const char scheme[] = "sqlite:///";
    const char *path = strstr(url, ":///"), *from = real_folder(k->ctx, base);

    if (!str_starts(url, "sqlite") || !path || str_eq(from, real_folder(k->ctx, k->o->folder)))
        return url;
    path += 4;
    if (!*path || *path == '/' || *path == ':')
        return url;
    return ctx_printf(k->ctx, "%s%s/%s", scheme, from, path);
}

static bool find_url(struct continuing *k)
{
    const char *base = k->o->url ? "." : k->alembic.folder;
    struct config *config = &k->c->project.config;

    k->url = k->o->url ? k->o->url : k->alembic.url;
    if (k->url && str_starts(k->url, "driver://"))
        k->url = NULL; /* what Alembic's own template says */
    if (!k->url && !k->o->baseline_sql) {
        fail_at(k->ctx, STATUS_CONFIG, (struct pos){.file = k->alembic.path}, "no sqlalchemy.url");
        if (k->alembic.databases)
            return fail_hint(k->ctx,
                "There are several databases (%s): name one with -n, each goes to a folder of its own.",
                k->alembic.databases);
        return fail_hint(k->ctx, "Say with --url where the database is: env.py, which may know, is not run.");
    }
    if (!k->url)
        return true;
    k->url_written = move_url(k, k->url, base);
    config->url = k->url;
    config->folder = base;
    return true;
}

/* ---- what it contains ---- */

static void prepare_project(struct continuing *k)
{
    struct project *p = &k->c->project;

    p->ctx = k->ctx;
    p->config.naming = ctx_new(k->ctx, struct naming);
    p->config.lock_timeout_ms = 60 * 1000;
    p->graph = k->alembic.graph;
    p->graph_loaded = true;
    p->version = (struct version_table){.name = k->version, .column = "version_num"};
    p->scope.version = p->version;
}

/* Who stamped or migrated it may have left a row for each head, or only for those that nothing depends on. */
static bool find_rows(struct continuing *k)
{
    struct strings rows;
    struct revisions missing;

    if (!connect_database(k->c, MISSING_FAILS) || !project_rows(&k->c->project, &rows))
        return false;
    if (!rows.n) {
        fail(k->ctx, STATUS_FOUND, "table '%s' of the database has no row",
            qname_text(&k->ctx->arena, &k->version));
        return fail_hint(k->ctx, "Run 'alembic upgrade heads' first; --version-table names another table.");
    }
    if (!graph_rows(k->ctx, &k->alembic.graph, &rows, &k->heads))
        return false;
    heads_missing(k->c, &k->heads, &missing);
    if (!missing.n)
        return true;
    fail(k->ctx, STATUS_FOUND, "the database is at %s, not at Alembic's head %s",
        strings_join(&k->ctx->arena, &rows, ", "), missing.v[0]->id);
    return fail_hint(k->ctx, "Run 'alembic upgrade heads' first.");
}

/* A new database needs the extensions that types, defaults and indexes of the schema may be of. */
static void add_extensions(struct continuing *k, const struct unmodelleds *found)
{
    struct ops up = {0};

    vec_each(i, found) {
        struct op *op = op_new(k->ctx, OP_EXECUTE);

        if (!str_eq(found->v[i]->kind, "extension"))
            continue;
        op->u.execute.sql.text = found->v[i]->sql;
        vec_add(k->ctx, &up, op);
    }
    vec_each(i, &k->diff.up)
        vec_add(k->ctx, &up, k->diff.up.v[i]);
    k->diff.up = up;
}

/* What belongs to other tools is no part of the schema. */
static bool inspect(struct continuing *k, struct schema *ret)
{
    struct project *p = &k->c->project;
    struct schema schema = {0};

    if (!migrate_inspect(p, &schema))
        return false;
    vec_each(i, &schema.tables) {
        const struct table *t = schema.tables.v[i];
        const char *tool = other_tool(t), *name = qname_text(&k->ctx->arena, &t->name);

        if (!tool)
            continue;
        log_info(k->ctx, "excluded: table '%s' belongs to %s", name, tool);
        vec_add(k->ctx, &k->excluded, name);
    }
    p->scope.exclude = k->excluded;
    *ret = schema;
    return !k->excluded.n || migrate_inspect(p, ret);
}

static bool read_database(struct continuing *k)
{
    struct schema schema = {0};
    struct str out = STR(k->ctx);

    if (!find_rows(k) || !inspect(k, &schema))
        return false;
    node_yaml(&out, schema_encode(k->ctx, k->c->project.url.dialect, &schema), 0);
    k->models_text = str_get(&out);
    note_unmodelled(k->c, &schema.unmodelled);
    if (k->o->baseline_sql)
        return true;
    if (!migrate_create(&k->c->project, "the database's schema", k->models_text, &k->diff))
        return false;
    add_extensions(k, &schema.unmodelled);
    return true;
}

static void find_heads(struct continuing *k)
{
    struct revisions heads;

    graph_heads(k->ctx, &k->alembic.graph, &heads);
    vec_each(i, &heads)
        if (revision_is_real_head(heads.v[i]))
            vec_add(k->ctx, &k->heads, heads.v[i]);
}

static bool read_sql(struct continuing *k)
{
    char *text;
    size_t size;

    if (!k->o->baseline_sql)
        return true;
    if (!fs_read(k->ctx, &k->ctx->arena, "baseline", k->o->baseline_sql, FS_TEXT_LIMIT, &text, &size))
        return false;
    k->sql = alembic_sql(k->ctx, text, qname_text(&k->ctx->arena, &k->version));
    return *k->sql || fail_at(k->ctx, STATUS_CONFIG, (struct pos){.file = k->o->baseline_sql},
                          "the script holds no statement");
}

/* ---- files ---- */

/* The first name that is free, or an empty folder: Python projects use some of them. */
static const char *free_folder(struct continuing *k, const char *const *names)
{
    for (; names[1]; names++) {
        const char *path = fs_join(&k->ctx->arena, k->o->folder, *names);
        struct strings found = {0};

        if (!fs_exists(path))
            break;
        if (!fs_is_dir(path))
            continue;
        if (fs_list(k->ctx, path, &found) && !found.n)
            break;
        err_clear(k->ctx);
    }
    return *names;
}

static bool write_file(struct continuing *k, const char *path, const char *text)
{
    if (!fs_mkdirs(k->ctx, fs_dirname(&k->ctx->arena, path)) || !fs_create(k->ctx, path, text, strlen(text)))
        return false;
    vec_add(k->ctx, k->written, path);
    return true;
}

static void add_key(
    struct continuing *k, struct str *out, const char *comment, const char *key, struct node *value)
{
    struct node *pair = node_mapping(&k->ctx->arena);

    pair->block = true;
    node_set(&k->ctx->arena, pair, key, value);
    str_addf(out, "\n# %s\n", comment);
    node_yaml(out, pair, 0);
}

/* A password is not copied to another file: the variable must bring it. */
static const char *url_value(struct continuing *k)
{
    static const char ask[] = "${DATABASE_URL:?the URL of the database}";

    if (!k->url)
        return ask;
    if (!str_eq(k->url, url_text(&k->ctx->arena, k->url))) {
        log_warn(k->ctx, "the database's password was not copied: set DATABASE_URL, here or in .env");
        return ask;
    }
    if (strpbrk(k->url_written, "{}$"))
        return "${DATABASE_URL}";
    return ctx_printf(k->ctx, "${DATABASE_URL:-%s}", k->url_written);
}

static struct node *list_of(struct continuing *k, const char *item)
{
    struct node *list = node_sequence(&k->ctx->arena);

    node_append(&k->ctx->arena, list, node_string(&k->ctx->arena, item));
    return list;
}

static struct node *excluded_node(struct continuing *k)
{
    struct node *list = node_sequence(&k->ctx->arena);

    vec_each(i, &k->excluded)
        node_append(&k->ctx->arena, list, node_string(&k->ctx->arena, k->excluded.v[i]));
    return list;
}

static bool write_config(struct continuing *k)
{
    struct arena *a = &k->ctx->arena;
    struct str out = STR(k->ctx);
    struct node *table = node_mapping(a);

    str_addf(&out, "# Goes on where Alembic's %s ends. What every key means: man cmig.yaml\n",
        fs_basename(k->alembic.path));
    add_key(k, &out, "Where the database is; DATABASE_URL may also stand in a file .env beside this one.",
        "url", node_string(a, url_value(k)));
    add_key(k, &out, "The description of the tables.", "models", list_of(k, k->models));
    add_key(k, &out, "Where revision files are.", "migrations", list_of(k, k->revisions));
    node_set(a, table, "name", node_string(a, k->version.name));
    if (k->version.schema)
        node_set(a, table, "schema", node_string(a, k->version.schema));
    node_set(a, table, "column", node_string(a, "version_num"));
    add_key(k, &out, "Alembic's own table: both agree where the database stands.", "version_table", table);
    if (k->excluded.n)
        add_key(k, &out, "Tables of other tools, which cmig leaves alone.", "exclude", excluded_node(k));
    if (k->alembic.file_template)
        add_key(k, &out, "How new revision files are called, as before.", "file_template",
            node_string(a, k->alembic.file_template));
    if (k->alembic.file_template && strchr(k->alembic.file_template, '/'))
        add_key(k, &out, "Revisions may be in folders below.", "recursive", node_boolean(a, true));
    if (k->alembic.slug_length && !str_eq(k->alembic.slug_length, "40"))
        add_key(
            k, &out, "How long {slug} is at most.", "slug_length", node_scalar(a, k->alembic.slug_length));
    return write_file(k, fs_join(a, k->o->folder, "cmig.yaml"), str_get(&out));
}

static bool write_models(struct continuing *k)
{
    const char *path =
        fs_join(&k->ctx->arena, fs_join(&k->ctx->arena, k->o->folder, k->models), "schema.yaml");

    return !k->models_text || write_file(k, path, k->models_text);
}

/* ---- the baseline ---- */

/* A label may name one revision only: the first head of its branch. */
static struct strings labels_of(struct continuing *k, size_t head)
{
    struct strings labels = {0};

    vec_each(i, &k->heads.v[head]->all_labels) {
        const char *label = k->heads.v[head]->all_labels.v[i];
        bool taken = false;

        for (size_t j = 0; j < head; j++)
            taken = taken || strings_have(&k->heads.v[j]->all_labels, label);
        if (!taken)
            vec_add(k->ctx, &labels, label);
    }
    return labels;
}

/* Every older revision belongs to the first head's baseline, which creates what they created. */
static struct strings replaced_by(struct continuing *k, size_t head)
{
    const struct revisions *all = &k->alembic.graph.all;
    struct strings ids = {0};

    for (size_t i = 0; !head && i < all->n; i++) {
        bool is_head = false;

        vec_each(j, &k->heads)
            is_head = is_head || str_eq(k->heads.v[j]->id, all->v[i]->id);
        if (!is_head)
            vec_add(k->ctx, &ids, all->v[i]->id);
    }
    return ids;
}

static const char *message_of(struct continuing *k, size_t head)
{
    const char *message = k->heads.v[head]->message;

    if (head)
        return ctx_printf(k->ctx, "baseline: also at Alembic's head '%s'", message);
    return ctx_printf(k->ctx, "baseline: %s of Alembic, up to '%s'",
        count_text(k->ctx, k->alembic.graph.all.n, "revision"), message);
}

static bool write_baseline(struct continuing *k, size_t head, const char *author)
{
    static const struct ops none = {0};
    static const struct graph empty = {0};
    struct revision_new n = {
        .id = k->heads.v[head]->id,
        .labels = labels_of(k, head),
        .message = message_of(k, head),
        .author = author,
        .replaces = replaced_by(k, head),
        .upgrade = head ? &none : &k->diff.up,
        .note = "A baseline has no downgrade: it would drop the tables of the database.",
        .sql = !head && k->sql,
        .sql_up = k->sql,
        .folder = fs_join(&k->ctx->arena, k->o->folder, k->revisions),
        .file_template = "{rev}_baseline",
    };
    const char *path, *id;

    if (!revision_write(k->ctx, &empty, &n, &path, &id))
        return fail_in(k->ctx, "cannot write the baseline of %s", n.id);
    vec_add(k->ctx, k->written, path);
    return true;
}

static bool write_baselines(struct continuing *k)
{
    struct vcs *vcs = vcs_open(k->ctx, k->alembic.folder);
    const char *author = vcs_author(vcs);
    bool ok = true;

    for (size_t i = 0; ok && i < k->heads.n; i++)
        ok = write_baseline(k, i, author);
    vcs_close(vcs);
    return ok;
}

/* What was written before something failed would be in the way of the next try. */
static bool write_all(struct continuing *k)
{
    static const char *const models[] = {"models", "schema", "cmig_models", NULL};
    static const char *const revisions[] = {"migrations", "revisions", "cmig_revisions", NULL};

    k->models = free_folder(k, models);
    k->revisions = free_folder(k, revisions);
    if (write_config(k) && write_models(k) && write_baselines(k))
        return true;
    vec_each(i, k->written)
        unlink(k->written->v[i]);
    k->written->n = 0;
    return false;
}

static bool find_version_table(struct continuing *k)
{
    const char *name = k->o->version_table ? k->o->version_table : "alembic_version";

    return qname_parse(&k->ctx->arena, name, &k->version) ||
           fail(k->ctx, STATUS_USAGE, "'%s' is no table's name", name);
}

bool alembic_continue(struct call *c, const struct alembic_options *o, struct strings *written)
{
    struct continuing k = {.c = c, .ctx = c->ctx, .o = o, .written = written};

    if (!find_version_table(&k) || !alembic_read(c->ctx, o->ini, o->section, &k.alembic) ||
        !alembic_load(c->ctx, &k.alembic) || !read_sql(&k))
        return false;
    if (!k.alembic.graph.all.n) {
        fail_at(c->ctx, STATUS_CONFIG, (struct pos){.file = o->ini}, "the project has no revision yet");
        return fail_hint(c->ctx, "There is nothing to go on from: 'cmig init' begins a project.");
    }
    prepare_project(&k);
    if (!find_url(&k))
        return false;
    if (!k.url)
        find_heads(&k);
    else if (!read_database(&k))
        return false;
    if (!write_all(&k))
        return false;
    if (!k.models_text)
        log_warn(
            c->ctx, "no database was given, so there are no models: cmig inspect > %s/schema.yaml", k.models);
    if (!k.sql)
        log_info(c->ctx,
            "rows that Alembic's revisions inserted are not in the baseline; --baseline-sql has them");
    return true;
}
