/*
 * init --from-alembic: converts an Alembic project.
 *
 * All errors are found before the first file is written. Alembic's revisions become one baseline with the id of
 * the database's revision, so that version rows need not change; of several heads the first one gets it, and
 * the others have no parent and do nothing.
 */
#include "alembic.h"

#include "adopt.h"

#include "cmig/vcs.h"

struct continuing {
    struct call *c;
    struct ctx *ctx;
    const struct alembic_options *o;
    struct alembic alembic;
    struct qname version;   /* Alembic's table */
    struct revisions heads; /* the rows that a new database must have */
    struct adoption a;
};

/* ---- which database ---- */

static bool find_url(struct continuing *k)
{
    const char *base = k->o->url ? "." : k->alembic.folder;
    const char *url = k->o->url ? k->o->url : k->alembic.url;
    struct config *config = &k->c->project.config;

    if (url && str_starts(url, "driver://"))
        url = NULL; /* the value in Alembic's own template */
    if (!url && !k->o->baseline_sql) {
        fail_at(k->ctx, STATUS_CONFIG, (struct pos){.file = k->alembic.path}, "no sqlalchemy.url");
        if (k->alembic.databases)
            return fail_hint(k->ctx,
                "Name one of the databases (%s) with -n; each needs a directory of its own.",
                k->alembic.databases);
        return fail_hint(k->ctx, "Give the database with --url: env.py, which may set it, is not run.");
    }
    if (!url)
        return true;
    adopt_url(&k->a, url, base);
    config->url = url;
    config->folder = base;
    return project_url(&k->c->project);
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
    version_table_complete(k->ctx, &p->version);
    p->scope.version = p->version;
}

/* The tool that stamped or migrated the database may have left a row for each head, or only for those that nothing
 * depends on. */
static bool find_rows(struct continuing *k)
{
    struct strings rows;
    struct revisions missing;

    if (!connect_database(k->c, MISSING_FAILS) || !project_rows(&k->c->project, &rows))
        return false;
    if (!rows.n) {
        fail(k->ctx, STATUS_FOUND, "table '%s' of the database has no rows",
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

static void find_heads(struct continuing *k)
{
    struct revisions heads;

    graph_heads(k->ctx, &k->alembic.graph, &heads);
    vec_each(i, &heads)
        if (revision_is_real_head(heads.v[i]))
            vec_add(k->ctx, &k->heads, heads.v[i]);
}

/* Such a branch has no version row, and so no baseline of its own. */
static void warn_of_ends(struct continuing *k)
{
    struct revisions heads;

    graph_heads(k->ctx, &k->alembic.graph, &heads);
    vec_each(i, &heads)
        if (!revision_is_real_head(heads.v[i]))
            log_warn(k->ctx,
                "revision %s ends a branch on which %s depends: it becomes part of the baseline, and its "
                "branch is not continued",
                heads.v[i]->id, heads.v[i]->dependents.v[0]->id);
}

/* ---- files ---- */

static struct node *hooks_node(struct call *c, const struct command_lines *hooks)
{
    struct node *list = node_sequence(&c->ctx->arena);

    vec_each(i, hooks)
        node_append(&c->ctx->arena, list, strings_node(c, &hooks->v[i]->words));
    return list;
}

static bool write_config(struct continuing *k)
{
    struct arena *a = &k->ctx->arena;
    struct str out = STR(k->ctx);
    struct node *table = node_mapping(a);

    str_addf(&out, "# Continues the Alembic project of %s. All keys are described in man cmig.yaml\n",
        fs_basename(k->alembic.path));
    adopt_config(&k->a, &out);
    node_set(a, table, "name", node_string(a, k->version.name));
    if (k->version.schema)
        node_set(a, table, "schema", node_string(a, k->version.schema));
    node_set(a, table, "column", node_string(a, "version_num"));
    adopt_key(&k->a, &out, "Alembic's own table: both tools read the current revision there.",
        "version_table", table);
    if (k->alembic.file_template)
        adopt_key(&k->a, &out, "Names of new revision files, as before.", "file_template",
            node_string(a, k->alembic.file_template));
    if (k->alembic.file_template && strchr(k->alembic.file_template, '/'))
        adopt_key(&k->a, &out, "Revisions may be in subfolders.", "recursive", node_boolean(a, true));
    if (k->alembic.hooks.n)
        adopt_key(&k->a, &out, "Commands that are run on each new revision file, as before.", "post_write",
            hooks_node(k->c, &k->alembic.hooks));
    if (k->alembic.slug_length && !str_eq(k->alembic.slug_length, "40"))
        adopt_key(
            &k->a, &out, "Maximum length of {slug}.", "slug_length", node_scalar(a, k->alembic.slug_length));
    return adopt_write(&k->a, "cmig.yaml", str_get(&out));
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

static struct revision_new baseline_of(struct continuing *k, size_t head, const char *author)
{
    static const struct ops none = {0};
    struct adoption *a = &k->a;

    return (struct revision_new){
        .id = k->heads.v[head]->id,
        .labels = labels_of(k, head),
        .message = message_of(k, head),
        .author = author,
        .replaces = replaced_by(k, head),
        .upgrade = head ? &none : &a->baseline.upgrade,
        .note = baseline_note,
        .sql = !head && a->sql,
        .sql_up = a->sql,
        .folder = fs_join(&k->ctx->arena, a->folder, a->revisions ? a->revisions : ""),
        .file_template = "{rev}_baseline",
    };
}

static bool write_baselines(struct continuing *k)
{
    static const struct graph empty = {0};
    struct vcs *vcs = vcs_open(k->ctx, k->alembic.folder);
    const char *author = vcs_author(vcs);
    bool ok = true;

    for (size_t i = 0; ok && i < k->heads.n; i++) {
        struct revision_new n = baseline_of(k, i, author);

        ok = adopt_write_baseline(&k->a, &empty, &n);
    }
    vcs_close(vcs);
    return ok;
}

static bool write_all(struct continuing *k)
{
    adopt_folders(&k->a);
    if (write_config(k) && adopt_write_models(&k->a) && write_baselines(k))
        return true;
    adopt_undo(&k->a);
    return false;
}

/* ---- together ---- */

static bool find_version_table(struct continuing *k)
{
    const char *name = k->o->version_table ? k->o->version_table : "alembic_version";

    return qname_parse(&k->ctx->arena, name, &k->version) ||
           fail(k->ctx, STATUS_USAGE, "'%s' is not the name of a table", name);
}

static bool read_project(struct continuing *k)
{
    struct ctx *ctx = k->ctx;

    if (!alembic_read(ctx, k->o->ini, k->o->section, &k->alembic) || !alembic_load(ctx, &k->alembic))
        return false;
    if (k->alembic.graph.all.n)
        return true;
    fail_at(ctx, STATUS_CONFIG, (struct pos){.file = k->o->ini}, "the project has no revisions yet");
    return fail_hint(ctx, "Run 'cmig init' to start a project.");
}

static bool read_database(struct continuing *k)
{
    struct revision_new n;

    if (!find_rows(k) || !adopt_schema(&k->a) || !adopt_build(&k->a))
        return false;
    n = baseline_of(k, 0, NULL);
    return adopt_prove(&k->a, &n);
}

static bool report(struct continuing *k)
{
    if (!k->a.models_text)
        log_warn(k->ctx,
            "no database was given, so no models were written; to write them: cmig inspect > %s/schema.yaml",
            k->a.models);
    if (!k->a.sql)
        log_info(k->ctx, "rows that Alembic's revisions inserted are not in the baseline; use --baseline-sql "
                         "to include them");
    if (!k->a.url)
        k->a.baseline.unproved = "no database was given";
    adopt_report(&k->a);
    return adopt_judge(&k->a);
}

bool alembic_continue(struct call *c, const struct alembic_options *o, struct strings *written)
{
    struct continuing k = {.c = c, .ctx = c->ctx, .o = o};

    k.a = (struct adoption){.c = c, .ctx = c->ctx, .folder = o->folder, .written = written};
    if (!find_version_table(&k) || !read_project(&k))
        return false;
    prepare_project(&k);
    if (!find_url(&k))
        return false;
    if (o->baseline_sql && !adopt_sql(&k.a, o->baseline_sql, qname_text(&c->ctx->arena, &k.version)))
        return false;
    if (!k.a.url)
        find_heads(&k);
    else if (!read_database(&k))
        return false;
    warn_of_ends(&k);
    return write_all(&k) && report(&k);
}
