/*
 * Adopting a database, or a script, without a project of another tool: init --from-database, init --baseline-sql.
 *
 * The database gets the version table and the row of the baseline, unless it differs from the script or is empty.
 */
#include "adopt.h"

#include "cmig/vcs.h"

struct adopting {
    struct adoption a;
    const struct database_options *o;
    struct revision_new n;
    bool is_empty;  /* the database has no object yet: it is to be upgraded, not stamped */
    size_t differs; /* in how much it differs from the script */
};

static bool open_database(struct adopting *k)
{
    struct call *c = k->a.c;
    struct config_request request = config_request_of(c->globals);
    struct strings rows;

    request.optional = true;
    request.folder = k->a.folder;
    if (!project_open(c->ctx, &request, &c->project) ||
        !connect_database(c, k->o->baseline_sql ? MISSING_IS_EMPTY : MISSING_FAILS) ||
        !project_rows(&c->project, &rows))
        return false;
    adopt_url(&k->a, c->project.url.text, c->globals->url ? "." : k->a.folder);
    if (!rows.n)
        return true;
    fail(c->ctx, STATUS_FAILED, "the database is already at revision %s of a project",
        strings_join(&c->ctx->arena, &rows, ", "));
    return fail_hint(c->ctx, "Use the files of that project. 'cmig inspect' prints the database as models.");
}

static bool begin_baseline(struct adopting *k)
{
    static const struct graph empty = {0};
    struct vcs *vcs = vcs_open(k->a.ctx, k->a.folder);
    const char *author = vcs_author(vcs);

    vcs_close(vcs);
    adopt_folders(&k->a);
    k->n = (struct revision_new){
        .message = "baseline",
        .author = author,
        .upgrade = &k->a.baseline.upgrade,
        .note = baseline_note,
        .sql = k->a.sql != NULL,
        .sql_up = k->a.sql,
        .folder = fs_join(&k->a.ctx->arena, k->a.folder, k->a.revisions),
        .file_template = "{rev}_{slug}",
    };
    return revision_new_id(k->a.ctx, &empty, &k->n.id);
}

/* ---- the database itself ---- */

/* The default schema and those of --schema; with --all-schemas also all others that the database has. */
static bool choose_schemas(struct adopting *k)
{
    struct project *p = &k->a.c->project;
    const struct strings *wanted = &k->o->schemas;
    struct schema schema = {0};

    if (!wanted->n && !k->o->all_schemas)
        return true;
    if (!p->conn->dialect->has.schemas)
        return fail(
            k->a.ctx, STATUS_USAGE, "%s has no schemas to choose", dialect_title(k->a.ctx, p->conn->dialect));
    if (!migrate_inspect(p, &schema))
        return false;
    vec_add(k->a.ctx, &k->a.schemas, p->conn->default_schema);
    vec_each(i, &schema.unmanaged)
        if (k->o->all_schemas || strings_have(wanted, schema.unmanaged.v[i]))
            vec_add(k->a.ctx, &k->a.schemas, schema.unmanaged.v[i]);
    vec_each(i, wanted)
        if (!strings_have(&k->a.schemas, wanted->v[i]))
            return fail(k->a.ctx, STATUS_FAILED, "schema '%s' does not exist", wanted->v[i]);
    p->config.schemas = p->scope.schemas = k->a.schemas;
    return true;
}

static void note_others(struct adopting *k)
{
    const struct strings *others = &k->a.schema.unmanaged;

    if (others->n)
        log_warn(k->a.ctx,
            "not adopted: schema%s %s; --schema and --all-schemas adopt others than the default one",
            others->n > 1 ? "s" : "", strings_join(&k->a.ctx->arena, others, ", "));
}

static bool read_database(struct adopting *k)
{
    if (!choose_schemas(k) || !adopt_schema(&k->a) || !adopt_build(&k->a))
        return false;
    note_others(k);
    return begin_baseline(k) && adopt_prove(&k->a, &k->n);
}

/* ---- a script ---- */

static bool compare_database(struct adopting *k)
{
    static const struct rename_hint none = {0};
    const struct compare_options options = {.renames = &none, .no_rename = true};
    struct project *p = &k->a.c->project;
    struct schema schema = {0}, models = {0};
    struct comparison found;

    if (!migrate_inspect(p, &schema))
        return false;
    k->is_empty = !schema.tables.n && !schema.views.n;
    if (k->is_empty)
        return true;
    exclude_other_tools(&k->a, &schema);
    if (!schema_parse(k->a.ctx, k->a.sql_path, k->a.models_text, strlen(k->a.models_text), &models))
        return false;
    p->models = &models;
    if (!migrate_compare(p, &options, &found))
        return false;
    vec_each(i, &found.diff.found)
        log_warn(k->a.ctx, "the database differs from the script: %s", found.diff.found.v[i]->text);
    k->differs = found.diff.found.n;
    return true;
}

/* What the script creates is known once it ran. */
static bool read_script(struct adopting *k)
{
    if (!adopt_sql(&k->a, k->o->baseline_sql, NULL) || !begin_baseline(k) || !adopt_prove(&k->a, &k->n))
        return false;
    if (k->a.baseline.unproved) {
        fail(k->a.ctx, STATUS_FAILED, "cannot test the script: no scratch database (%s)",
            k->a.baseline.unproved);
        return fail_hint(k->a.ctx, "Its models are read from a scratch database. %s.", k->a.baseline.hint);
    }
    return compare_database(k);
}

/* ---- writing ---- */

static bool write_config(struct adopting *k)
{
    struct str out = STR(k->a.ctx);

    str_add(&out, "# All keys are described in man cmig.yaml\n");
    adopt_config(&k->a, &out);
    return adopt_write(&k->a, "cmig.yaml", str_get(&out));
}

static bool write_all(struct adopting *k)
{
    static const struct graph empty = {0};

    if (write_config(k) && adopt_write_models(&k->a) && adopt_write_baseline(&k->a, &empty, &k->n))
        return true;
    adopt_undo(&k->a);
    return false;
}

/* ---- the version row ---- */

static bool stamp(struct adopting *k)
{
    struct project *p = &k->a.c->project;
    struct run_options options = {.direction = DIRECTION_STAMP, .keeps_text = true};
    struct run_result result;

    p->config.migrations = (struct strings){0};
    vec_add(k->a.ctx, &p->config.migrations, k->n.folder);
    vec_add(k->a.ctx, &options.targets, k->n.id);
    if (migrate_run(p, &options, &result))
        return true;
    fail_in(k->a.ctx, "the files were written, but the database could not be stamped");
    return fail_hint(k->a.ctx, "Fix the cause, then run 'cmig stamp head'.");
}

static bool finish(struct adopting *k)
{
    struct ctx *ctx = k->a.ctx;

    if (k->is_empty) {
        log_info(ctx, "next: cmig upgrade, which applies the baseline to the database");
        return true;
    }
    if (k->differs) {
        fail(ctx, STATUS_FOUND, "the database differs from '%s' and was not stamped", k->a.sql_path);
        return fail_hint(
            ctx, "The files were written. Change the database, or stamp it with 'cmig stamp head'.");
    }
    if (!k->o->no_stamp && !stamp(k))
        return false;
    log_info(ctx, k->o->no_stamp
                      ? "next: cmig stamp head, cmig check"
                      : "next: cmig check; other databases of this schema: cmig --url URL stamp head");
    return true;
}

bool adopt_database(struct call *c, const struct database_options *o, struct strings *written)
{
    struct adopting k = {.o = o};

    k.a =
        (struct adoption){.c = c, .ctx = c->ctx, .folder = o->folder, .written = written, .split = o->split};
    if (!open_database(&k) || !(o->baseline_sql ? read_script(&k) : read_database(&k)))
        return false;
    if (!write_all(&k))
        return false;
    adopt_report(&k.a);
    return finish(&k) && adopt_judge(&k.a);
}
