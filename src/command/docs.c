/*
 * docs: write a static site that documents a schema.
 */
#include "sides.h"

#include "cmig/site.h"

struct values {
    const char *output, *title, *dialect, *scratch_url;
    bool offline, no_history;
};

struct docs {
    struct project project; /* the call's own; the call has that of the schema until sides_finish() */
    struct opened_sides opened;
    struct side *side; /* of `opened`: that of the site */
    struct schema schema;
    struct site_source site;
};

/* ---- revisions ---- */

/* Whether the revision files are those of the schema: they are not for models of another path. */
static bool has_revisions(struct call *c, const struct docs *d)
{
    const struct side *side = d->side;
    const struct config *config = &side->project.config;

    if (side->kind == SIDE_REVISIONS)
        return true;
    if (side->kind == SIDE_DATABASE ||
        (!d->opened.commits.n && !strings_eq(&config->models, &d->project.config.models)))
        return false;
    vec_each(i, &config->migrations)
        if (fs_kind(c->ctx, config->migrations.v[i]) != FS_ABSENT)
            return true;
    return false;
}

static void choose_revisions(struct call *c, struct side *side, struct site_source *source)
{
    const struct graph *graph = &side->project.graph;
    struct revisions below;

    if (side->kind != SIDE_REVISIONS)
        graph_heads(c->ctx, graph, &side->revisions);
    graph_below(c->ctx, graph, &side->revisions, &below);
    for (size_t i = below.n; i-- > 0;)
        vec_add(c->ctx, &source->revisions, below.v[i]);
    source->graph = graph;
}

/* The commits that added the revision files. */
static void find_origins(struct call *c, struct side *side, struct site_source *source)
{
    const struct revisions *all = &side->project.graph.all;
    struct vcs_origin *origins = arena_alloc(&c->ctx->arena, (all->n + 1) * sizeof(*origins));
    struct vcs *vcs = vcs_open(c->ctx, side->project.config.folder);

    vec_each(i, all)
        origins[all->v[i]->order].path = all->v[i]->path;
    vcs_origins(vcs, origins, all->n);
    vcs_close(vcs);
    source->origins = origins;
}

/* The changes of all revisions; `ret` stays NULL if they cannot be found out. */
static bool trace(struct call *c, struct docs *d, const struct traceds **ret)
{
    const struct values *v = c->values;
    const struct side *side = d->side;
    struct call own = *c;
    struct traceds *all = ctx_new(c->ctx, struct traceds);
    bool found;

    own.project = d->project;
    own.project.graph = side->project.graph;
    own.project.graph_loaded = true;
    bool ok = scratch_server(&own, v->scratch_url, d->site.dialect->name, &found);
    if (ok && found) {
        ok = connect_database(&own, MISSING_IS_EMPTY) && migrate_trace(&own.project, &side->revisions, all);
        *ret = ok ? all : NULL;
    }
    project_close(&own.project);
    return ok;
}

/* Without a scratch database the site does not tell which revisions touched an object. */
static bool read_changes(struct call *c, struct docs *d)
{
    if (trace(c, d, &d->site.changes))
        return true;
    if (ctx_interrupted(c->ctx))
        return false;
    log_warn(c->ctx, "the pages do not list the revisions that changed each object: %s", err_text(c->ctx));
    err_clear(c->ctx);
    return true;
}

static bool read_revisions(struct call *c, struct docs *d)
{
    const struct values *v = c->values;
    struct side *side = d->side;

    if (!has_revisions(c, d))
        return true;
    if (!project_graph(&side->project))
        return false;
    choose_revisions(c, side, &d->site);
    find_origins(c, side, &d->site);
    d->site.environments = side->project.config.environments;
    return v->no_history || v->offline || read_changes(c, d);
}

/* ---- the site ---- */

static void report(struct call *c, const struct site_result *r)
{
    const struct values *v = c->values;
    struct arena *a = &c->ctx->arena;

    if (c->globals->json) {
        struct node *document = document_begin(c);

        node_set(a, document, "output", node_string(a, v->output));
        node_set(a, document, "written", strings_node(c, &r->written));
        node_set(a, document, "removed", strings_node(c, &r->removed));
        node_set(a, document, "unchanged", node_number(a, (int64_t)r->unchanged));
        return;
    }
    print_line(c, "%s", fs_join(a, v->output, "index.html"));
    log_info(c->ctx, "%s written, %zu removed, %zu unchanged", count_text(c->ctx, r->written.n, "file"),
        (size_t)r->removed.n, r->unchanged);
}

static bool write(struct call *c, const struct site_source *source)
{
    const struct values *v = c->values;
    struct fs_files files;
    struct site_result result;

    if (!site_build(c->ctx, source, &files) || !site_write(c->ctx, v->output, &files, &result))
        return false;
    report(c, &result);
    return true;
}

/* The database has lost what a model says and the database cannot keep, such as comments in SQLite. */
static bool read_models(struct call *c, struct docs *d)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true};
    struct comparison found;

    d->side = &d->opened.to;
    if (!migrate_compare(&c->project, &options, &found))
        return false;
    d->schema = found.models;
    return true;
}

static bool read_database(struct call *c, struct docs *d)
{
    d->side = &d->opened.from;
    if (!migrate_inspect(&c->project, &d->schema))
        return fail_in(c->ctx, "cannot read '%s'", d->side->name);
    note_unmodelled(c, &d->schema.unmodelled);
    return true;
}

static bool document(struct call *c)
{
    const struct values *v = c->values;
    const struct sides_wishes wishes = {
        .from = c->operands.n ? c->operands.v[0] : "models",
        .dialect = v->dialect,
        .scratch_url = v->scratch_url,
        .offline = v->offline,
        .is_alone = true,
        .as_models = true,
    };
    struct docs d = {.project = c->project, .site.title = v->title ? v->title : "Database schema"};
    bool ok = sides_begin(c, &wishes, &d.opened) &&
              (d.opened.from.kind == SIDE_MODELS ? read_models : read_database)(c, &d);

    if (ok) {
        d.site.schema = &d.schema;
        d.site.dialect = c->project.conn->dialect;
        ok = read_revisions(c, &d) && write(c, &d.site);
    }
    sides_finish(c, &d.opened);
    return ok;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;

    if (!v->output || !*v->output) {
        fail(c->ctx, STATUS_USAGE, "--output is missing");
        return fail_hint(c->ctx, "Name the directory of the site, as in 'cmig docs --output site'.");
    }
    if (v->scratch_url && v->offline)
        return fail(c->ctx, STATUS_USAGE, "--scratch-url cannot be combined with --offline");
    if (c->environments > 1)
        return fail(c->ctx, STATUS_USAGE, "--output cannot be combined with several environments");
    return open_source_project(c) && site_check(c->ctx, v->output) && document(c);
}

static const struct option_spec options[] = {
    {'o', "output", OPTION_STRING, offsetof(struct values, output), "DIR",
        "directory of the site; created if it does not exist", NULL, "directory"},
    {0, "title", OPTION_STRING, offsetof(struct values, title), "TEXT",
        "title of the site (default: Database schema)", NULL, NULL},
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "sqlite, postgresql or mysql, if SOURCE is not a database (default: that of the URL)", NULL, NULL},
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0, "offline", OPTION_FLAG, offsetof(struct values, offline), NULL,
        "connect to no server, unless SOURCE is a database; implies --no-history", NULL, NULL},
    {0, "no-history", OPTION_FLAG, offsetof(struct values, no_history), NULL,
        "omit the revisions that changed each object", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {"SOURCE",
    "a URL, environment, path or git ref, models, or revisions[:ID] (default: models)", 0, 1, "file", NULL};

const struct command command_docs = {
    .spec = {.name = "docs",
        .group = "Inspect the database",
        .summary = "Write a static site that documents a schema",
        .help = "Writes a page for each table, view and other object, with its columns, keys in\n"
                "both directions, indexes, comments as Markdown, triggers, policies and\n"
                "privileges; diagrams, a page for each revision, their graph, and a search. The\n"
                "site needs no server and no network: open index.html.\n"
                "\n"
                "SOURCE is named as for 'cmig diff'. For models and revisions, each page lists\n"
                "the revisions that changed the object; to find them, all revisions run in a\n"
                "scratch database. A later run replaces the pages, and removes those of dropped\n"
                "objects. A directory with other files is refused.\n",
        .examples = "  cmig docs --output site\n"
                    "  cmig docs --output site --title \"Shop\" env:production\n"
                    "  cmig docs --output site revisions:1f3a --dialect postgresql\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .opens_itself = true,
    .answers = true,
    .run = run,
};
