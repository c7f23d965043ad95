/*
 * Reads models that are not files: from a database, or from a program that prints them.
 *
 * Each is read once for a project, even if the models are compared several times.
 */
#include "migrate/model_sources.h"

#include "migrate/run.h"

/* What was read of a source. */
struct source_text {
    const char *sql;       /* printed by a program; or NULL */
    struct node *document; /* a document of models; or NULL */
};

/* ---- programs ------------------------------------------------------------------------------------ */

static const char *source_name(struct ctx *ctx, const struct model_source *source)
{
    if (source->program.n)
        return strings_join(&ctx->arena, &source->program, " ");
    return url_text(&ctx->arena, source->url);
}

static char **environment_of(struct project *p, const struct dialect *dialect)
{
    struct ctx *ctx = p->ctx;
    const char *environment = p->config.environment ? p->config.environment : "";
    struct strings variables = {0};
    vec_add(ctx, &variables, ctx_printf(ctx, "CMIG_DIALECT=%s", dialect->name));
    vec_add(ctx, &variables, ctx_printf(ctx, "CMIG_ENVIRONMENT=%s", environment));
    return run_program_environment(ctx, NULL, &variables);
}

static bool run_source(
    struct project *p, const struct dialect *dialect, const struct model_source *source, const char **ret)
{
    const struct program program = {
        .words = &source->program,
        .what = "the program",
        .env = environment_of(p, dialect),
        .folder = p->config.folder,
        .no_input = true,
    };
    log_debug(p->ctx, "models: %s", source_name(p->ctx, source));
    return program_output(p->ctx, &program, FS_TEXT_LIMIT, ret);
}

static bool read_program(struct project *p, const struct dialect *dialect, const struct model_source *source,
    struct source_text *ret)
{
    struct ctx *ctx = p->ctx;
    const char *text;
    if (!run_source(p, dialect, source, &text))
        return false;
    if (!text[strspn(text, " \t\r\n")])
        return fail(ctx, STATUS_CONFIG, "the program '%s' prints nothing", source->program.v[0]);
    if (source->format == MODEL_FORMAT_SQL) {
        ret->sql = text;
        return true;
    }
    return yaml_parse(ctx, &ctx->arena, source_name(ctx, source), text, strlen(text), &ret->document);
}

/* ---- databases ----------------------------------------------------------------------------------- */

static void report_unmodelled(struct project *p, const struct unmodelleds *list)
{
    vec_each(i, list)
        log_info(p->ctx, "the models' database contains an object that cmig does not model: %s '%s'",
            list->v[i]->kind, qname_text(&p->ctx->arena, &list->v[i]->name));
}

bool model_database_read(struct project *p, const struct dialect *dialect, const char *url, struct node **ret)
{
    static const struct open_options options = {.read_only = true};
    struct ctx *ctx = p->ctx;
    struct schema schema = {0};
    struct project other = *p;
    other.conn = NULL;
    other.config.url = url;
    other.config.url_source = NULL;
    other.config.url_pos = (struct pos){0};
    if (!url_parse(ctx, url, p->config.folder, &other.url))
        return false;
    if (!str_eq(other.url.dialect->name, dialect->name)) /* one may be a copy */
        return fail(ctx, STATUS_CONFIG, "'%s' is a database of %s, not of %s", url_text(&ctx->arena, url),
            dialect_title(ctx, other.url.dialect), dialect_title(ctx, dialect));
    bool ok = project_connect(&other, &options) && migrate_inspect(&other, &schema);
    if (ok) {
        report_unmodelled(p, &schema.unmodelled);
        *ret = schema_encode(ctx, other.url.dialect, &schema);
    }
    project_close(&other);
    return ok;
}

/* ---- together ------------------------------------------------------------------------------------ */

static bool read_all(struct project *p, const struct dialect *dialect, struct source_text *texts)
{
    const struct model_sources *sources = &p->config.model_sources;
    vec_each(i, sources) {
        const struct model_source *source = sources->v[i];
        bool ok = source->url ? model_database_read(p, dialect, source->url, &texts[i].document)
                              : read_program(p, dialect, source, &texts[i]);
        if (!ok)
            return fail_in(p->ctx, "%scannot read the models from '%s'",
                pos_text(&p->ctx->arena, source->pos), source_name(p->ctx, source));
    }
    return true;
}

static bool add_document(
    struct project *p, const struct model_source *source, const struct node *document, struct schema *models)
{
    const struct schema own = *models;
    struct schema part = {0};
    if (!schema_of_document(p->ctx, document, &part))
        return fail_in(p->ctx, "cannot use the models from '%s'", source_name(p->ctx, source));
    if (!schema_join(p->ctx, &own, &part, models))
        return false;
    models->sql_files = own.sql_files;
    models->has_documents = true;
    return true;
}

bool model_sources_add(
    struct project *p, const struct dialect *dialect, struct schema *models, struct model_sqls *ret)
{
    struct ctx *ctx = p->ctx;
    const struct model_sources *sources = &p->config.model_sources;
    if (sources->n && (!p->source_texts || !str_eq(p->sources_dialect, dialect->name))) {
        struct source_text *texts = arena_alloc(&ctx->arena, sources->n * sizeof(*texts));
        if (!read_all(p, dialect, texts))
            return false;
        p->source_texts = texts;
        p->sources_dialect = dialect->name;
    }
    vec_each(i, sources) {
        const struct source_text *text = &p->source_texts[i];
        const struct model_sql sql = {source_name(ctx, sources->v[i]), text->sql};
        if (text->sql)
            vec_add(ctx, ret, sql);
        else if (!add_document(p, sources->v[i], text->document, models))
            return false;
    }
    return true;
}
