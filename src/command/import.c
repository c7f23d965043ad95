/*
 * import: continue a project of another migration tool.
 *
 * All errors are found before the first file is written: the files are read, their SQL is divided into statements, and
 * all revisions run in a scratch database, which also gives the models. The database at hand gets the version rows of
 * the migrations that the tool has applied to it.
 */
#include "import.h"

#include "cmig/vcs.h"

struct values {
    const char *from, *dialect, *python, *version_table;
    bool dry_run, stamp, operations;
};

/* ---- the database ---- */

static bool has_url(const struct call *c)
{
    return c->globals->url || c->project.config.url;
}

static bool refuse_stamped(struct import *m, const struct strings *rows)
{
    fail(m->ctx, STATUS_FAILED, "the database is already at revision %s of a project",
        strings_join(&m->ctx->arena, rows, ", "));
    return fail_hint(m->ctx, "Use the files of that project.");
}

static bool open_database(struct import *m, const struct values *v)
{
    struct call *c = m->c;
    struct config_request request = config_request_of(c->globals);
    struct strings rows;
    const struct dialect *dialect;
    bool found;

    request.optional = true;
    request.folder = m->a.folder;
    if (str_eq_ci(v->from, "alembic"))
        request.environment = NULL; /* -n is a section of alembic.ini */
    if (!project_open(c->ctx, &request, &c->project))
        return false;
    if (has_url(c)) {
        if (!connect_database(c, MISSING_IS_EMPTY) || !project_rows(&c->project, &rows))
            return false;
        adopt_url(&m->a, c->project.url.text, c->globals->url ? "." : m->a.folder);
        return !rows.n || refuse_stamped(m, &rows);
    }
    if (!v->dialect) {
        fail(c->ctx, STATUS_USAGE, "import needs a database");
        return fail_hint(c->ctx, "Give its --url, or only its kind, as in --dialect postgresql.");
    }
    if (!dialect_find(c->ctx, v->dialect, &dialect))
        return false;
    if (dialect->has.embedded)
        return scratch_server(c, NULL, v->dialect, &found) && connect_database(c, MISSING_IS_EMPTY);
    c->project.url.dialect = dialect;
    return true;
}

/* ---- the files ---- */

static const char *default_path(struct import *m)
{
    for (const struct tool *t = import_tools; t->name; t++) {
        if (m->tool && m->tool != t)
            continue;
        for (size_t i = 0; i < COUNT_OF(t->folders) && t->folders[i]; i++)
            if (fs_exists(t->folders[i]))
                return t->folders[i];
    }
    return NULL;
}

/* A directory stands for the file in it, or beside it, with which the tool is configured. */
static void find_config(struct import *m)
{
    const char *name = fs_basename(m->tool->folders[0]);
    const char *found[] = {fs_join(&m->ctx->arena, m->path, name),
        fs_join(&m->ctx->arena, fs_dirname(&m->ctx->arena, m->path), name)};

    if (!fs_is_dir(m->path) || m->tool->ups[0] || !strchr(name, '.'))
        return;
    for (size_t i = 0; i < COUNT_OF(found); i++)
        if (fs_exists(found[i])) {
            m->path = found[i];
            return;
        }
}

static bool find_files(struct import *m, const struct values *v)
{
    if (!str_eq(v->from, "auto") && !import_find_tool(m->ctx, v->from, &m->tool))
        return false;
    m->path = m->c->operands.n ? m->c->operands.v[0] : default_path(m);
    if (!m->path)
        return fail(m->ctx, STATUS_USAGE, "no migrations were found: give their path");
    if (!fs_exists(m->path))
        return fail(m->ctx, STATUS_USAGE, "'%s' does not exist", m->path);
    if (!m->tool && !import_guess(m))
        return false;
    find_config(m);
    if (!m->c->globals->quiet && str_eq(v->from, "auto"))
        log_info(m->ctx, "'%s' belongs to %s", m->path, m->tool->title);
    return true;
}

static bool find_table(struct import *m, const struct values *v)
{
    const struct dialect *dialect = m->c->project.url.dialect;

    m->table = (struct qname){.name = m->tool->table};
    if (m->tool->schema && dialect->has.schemas)
        m->table.schema = m->tool->schema;
    return !v->version_table || qname_parse(&m->ctx->arena, v->version_table, &m->table) ||
           fail(m->ctx, STATUS_USAGE, "'%s' is not the name of a table", v->version_table);
}

static bool read_files(struct import *m)
{
    if (!m->tool->read(m))
        return false;
    if (m->all.n)
        return true;
    fail(m->ctx, STATUS_CONFIG, "'%s' contains no migrations of %s", m->path, m->tool->title);
    return fail_hint(m->ctx, "--from names another tool.");
}

/* ---- writing ---- */

static bool write_config(struct import *m)
{
    struct str out = STR(m->ctx);

    str_addf(
        &out, "# Continues the migrations of %s. All keys are described in man cmig.yaml\n", m->tool->title);
    adopt_config(&m->a, &out);
    if (!m->tool->take && m->tool->table) {
        struct node *table = node_mapping(&m->ctx->arena);

        node_set(&m->ctx->arena, table, "name", node_string(&m->ctx->arena, m->table.name));
        node_set(&m->ctx->arena, table, "column", node_string(&m->ctx->arena, "version_num"));
        adopt_key(&m->a, &out, "Alembic's own table: both tools read the current revision there.",
            "version_table", table);
    }
    return adopt_write(&m->a, "cmig.yaml", str_get(&out));
}

static bool write_revisions(struct import *m)
{
    struct vcs *vcs = vcs_open(m->ctx, m->a.folder);
    const char *author = vcs_author(vcs), *path, *id;
    struct graph written = {.by_id = MAP(m->ctx)};
    bool ok = true;

    for (size_t i = 0; ok && i < m->all.n; i++) {
        struct revision_new n = import_revision(m, m->all.v[i]);
        struct revision *r = map_get(&m->c->project.graph.by_id, n.id);

        n.author = author;
        ok = revision_write(m->ctx, &written, &n, &path, &id);
        if (ok) {
            vec_add(m->ctx, m->a.written, path);
            r->path = path;
            r->text = NULL;
            r->up_origin = r->down_origin = (struct pos){0};
            map_set(&written.by_id, id, r);
        }
    }
    vcs_close(vcs);
    return ok;
}

static bool write_all(struct import *m)
{
    const char *models = fs_join(&m->ctx->arena, m->a.folder, m->a.models);

    if (write_config(m) && fs_mkdirs(m->ctx, models) && adopt_write_models(&m->a) && write_revisions(m))
        return true;
    adopt_undo(&m->a);
    return fail_hint(m->ctx, "Nothing was written.");
}

/* ---- the version rows ---- */

static struct strings ids_of(struct import *m, const struct revisions *list)
{
    struct strings ids = {0};

    vec_each(i, list)
        vec_add(m->ctx, &ids, list->v[i]->id);
    return ids;
}

static bool stamp(struct import *m, const struct strings *ids)
{
    struct run_options options = {.direction = DIRECTION_STAMP, .targets = *ids, .keeps_text = true};
    struct run_result result;

    if (migrate_run(&m->c->project, &options, &result))
        return true;
    return fail_in(m->ctx, "the database could not be stamped");
}

/* The message for a database that has no rows of the tool. */
static void say_unstamped(struct import *m, bool exists)
{
    const char *table = qname_text(&m->ctx->arena, &m->table);

    if (exists)
        log_info(m->ctx, "table '%s' names no applied migration: the database was not stamped", table);
    else
        log_info(m->ctx, "the database has no table '%s' of %s: it was not stamped", table, m->tool->title);
}

static bool find_applied(struct import *m, struct strings *ret, bool *ret_exists)
{
    struct revisions heads = {0};

    *ret_exists = false;
    *ret = (struct strings){0};
    if (!m->a.url || !m->tool->take)
        return true;
    if (!import_rows(m, &heads, ret_exists))
        return false;
    *ret = ids_of(m, &heads);
    return true;
}

/* ---- reports ---- */

static void report(struct import *m)
{
    vec_each(i, &m->all)
        vec_each(k, &m->all.v[i]->notes)
            log_warn(m->ctx, "%s: %s", m->all.v[i]->id, m->all.v[i]->notes.v[k]);
    if (m->placeholders.n)
        log_info(m->ctx, "placeholders became variables; give their values with -x: %s",
            strings_join(&m->ctx->arena, &m->placeholders, ", "));
    if (!m->a.baseline.unproved) {
        log_info(m->ctx, "%s ran in a scratch database", count_text(m->ctx, m->all.n, "revision"));
        return;
    }
    log_warn(m->ctx, "the revisions were not tested: no scratch database (%s)", m->a.baseline.unproved);
    log_warn(m->ctx, "no models were written; to write them: cmig inspect > %s/schema.yaml", m->a.models);
}

static void print_revisions_of(struct import *m)
{
    struct node *list = node_sequence(&m->ctx->arena);

    vec_each(i, &m->all) {
        const struct migration *g = m->all.v[i];
        struct node *item = node_mapping(&m->ctx->arena);

        node_set(&m->ctx->arena, item, "id", node_string(&m->ctx->arena, g->id));
        node_set(&m->ctx->arena, item, "file", node_string(&m->ctx->arena, g->path));
        node_append(&m->ctx->arena, list, item);
        if (!m->c->globals->json)
            print_line(m->c, "%s%s%s", g->id, g->path ? " <- " : "", g->path ? g->path : "");
    }
    if (m->c->globals->json)
        node_set(&m->ctx->arena, document_begin(m->c), "revisions", list);
}

static bool dry_run(struct import *m, const struct strings *applied)
{
    report(m);
    print_revisions_of(m);
    log_info(m->ctx, "nothing was written: the database would be stamped with %s",
        applied->n ? strings_join(&m->ctx->arena, applied, ", ") : "nothing");
    return true;
}

/* ---- together ---- */

static bool finish(struct import *m, const struct strings *applied, bool exists)
{
    if (m->a.url && m->tool->take && !applied->n)
        say_unstamped(m, exists);
    if (applied->n && !stamp(m, applied))
        return fail_hint(m->ctx,
            "The files were written. Fix the cause, then run 'cmig import --from %s --stamp'.",
            m->tool->name);
    log_info(m->ctx, "next: cmig status, cmig check; other databases: cmig --url URL %s%s%s",
        m->tool->take ? "import --from " : "upgrade", m->tool->take ? m->tool->name : "",
        m->tool->take ? " --stamp" : "");
    return true;
}

static bool import_project(struct import *m, const struct values *v)
{
    struct strings applied;
    bool exists, ok;

    if (!open_database(m, v) || !find_files(m, v) || !find_table(m, v) || !read_files(m))
        return false;
    adopt_folders(&m->a);
    if (!import_check(m) || !import_build(m) || !find_applied(m, &applied, &exists) || !import_rehearse(m))
        return fail_hint(m->ctx, "Nothing was written.");
    if (v->dry_run)
        return dry_run(m, &applied);
    if (!write_all(m))
        return false;
    report(m);
    ok = finish(m, &applied, exists);
    print_written(m->c, m->a.written);
    return ok;
}

/* Another database of a project that was imported before. */
static bool stamp_only(struct import *m, const struct values *v)
{
    struct config_request request = config_request_of(m->c->globals);
    struct project *p = &m->c->project;
    struct strings rows, applied;
    bool exists;

    if (m->c->operands.n || str_eq(v->from, "auto"))
        return fail(m->ctx, STATUS_USAGE, "--stamp needs --from, and no path");
    if (!import_find_tool(m->ctx, v->from, &m->tool))
        return false;
    if (!m->tool->take)
        return fail(m->ctx, STATUS_USAGE, "%s has no version table that --stamp could read", m->tool->title);
    if (!project_open(m->ctx, &request, p) || !project_graph(p) || !connect_database(m->c, MISSING_FAILS) ||
        !project_rows(p, &rows) || !find_table(m, v))
        return false;
    if (rows.n)
        return refuse_stamped(m, &rows);
    m->a.url = p->url.text;
    if (!find_applied(m, &applied, &exists))
        return false;
    if (!applied.n) {
        say_unstamped(m, exists);
        return true;
    }
    return v->dry_run ? dry_run(m, &applied) : stamp(m, &applied);
}

static bool run(struct call *c)
{
    struct values v = *(const struct values *)c->values;
    struct strings written = {0};
    struct import m = {.c = c, .ctx = c->ctx};
    bool ok;

    v.from = v.from ? v.from : "auto";
    m.operations = v.operations;
    m.python = v.python ? v.python : "python3";
    m.a = (struct adoption){.c = c, .ctx = c->ctx, .folder = ".", .written = &written};
    if (!v.stamp && fs_exists("cmig.yaml")) {
        fail(c->ctx, STATUS_FAILED, "'cmig.yaml' already exists");
        return fail_hint(
            c->ctx, "Nothing was written. --stamp records in a database which revisions it has.");
    }
    ok = v.stamp ? stamp_only(&m, &v) : import_project(&m, &v);
    project_close(&c->project);
    return ok;
}

static const struct option_spec options[] = {
    {0, "from", OPTION_STRING, offsetof(struct values, from), "TOOL",
        "tool of the migrations (default: auto, by the files)", NULL, NULL},
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "without a database: sqlite, postgresql or mysql", NULL, NULL},
    {0, "version-table", OPTION_STRING, offsetof(struct values, version_table), "NAME",
        "the tool's version table (default: its usual name)", NULL, NULL},
    {0, "python", OPTION_STRING, offsetof(struct values, python), "PROGRAM",
        "Python with Alembic or Django (default: python3)", NULL, "file"},
    {0, "operations", OPTION_FLAG, offsetof(struct values, operations), NULL,
        "Alembic: write operations instead of SQL where they do the same", NULL, NULL},
    {0, "stamp", OPTION_FLAG, offsetof(struct values, stamp), NULL,
        "stamp another database of an imported project, by the tool's version table", NULL, NULL},
    {0, "dry-run", OPTION_FLAG, offsetof(struct values, dry_run), NULL,
        "test everything and print the revisions, but write nothing", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {
    "PATH", "the migrations: a directory, a script, alembic.ini or manage.py", 0, 1, "file", NULL};

const struct command command_import = {
    .spec = {.name = "import",
        .group = "Start",
        .summary = "Continue the migrations of another tool",
        .help = "Writes a project in the current directory: cmig.yaml, a revision for each\n"
                "migration, and models. The files of the tool are kept. All revisions run in a\n"
                "scratch database first, and nothing is written if one of them fails. The\n"
                "database of --url or DATABASE_URL gets the version rows of the migrations that\n"
                "the tool's own table has as applied; its other tables are not changed.\n"
                "\n"
                "TOOL is alembic, dbmate, diesel, django, drizzle, flyway, golang-migrate, goose,\n"
                "knex, node-pg-migrate, prisma, rails, refinery, sql (a directory or a script),\n"
                "sql-migrate, sqlx or tern. See cmig-import(7).\n",
        .examples = "  cmig --url postgresql:///shop import db/migrations\n"
                    "  cmig --url postgresql:///shop import --from flyway sql -x schema=shop\n"
                    "  cmig --url postgresql:///other import --from flyway --stamp\n"
                    "  cmig import --from alembic alembic.ini --python .venv/bin/python\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .answers = true,
    .changes = true,
    .run = run,
};
