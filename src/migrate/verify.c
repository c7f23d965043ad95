/*
 * verify: runs revisions in a scratch database, up, down and up again.
 *
 * The schema is read after each step, in the form that `inspect` prints, together with the SQL of what cmig does not
 * model. It must be the same before a revision and after its downgrade, and after both of its upgrades.
 */
#include "migrate/sample.h"

struct snapshot {
    struct arena arena;
    const char *text; /* of a document: models, and what is not modelled */
};

struct verifying {
    struct project *p;      /* of the scratch database */
    struct project *origin; /* with the connection that created it */
    struct scratch scratch;
    struct sample sample;
    const struct verify_options *options;
    struct verification *result;
    struct snapshot before, after; /* the revision */
    struct verified *now;
};

/* ---- the schema as a text ------------------------------------------------------------------------------- */

static struct node *unmodelled_document(struct project *p, const struct schema *s)
{
    struct arena *a = &p->ctx->arena;
    struct node *list = node_mapping(a);

    vec_each(i, &s->unmodelled) {
        const struct unmodelled *u = s->unmodelled.v[i];
        const char *name = qname_text(a, &u->name);

        node_set(a, list,
            arena_printf(a, "%s %s%s%s", u->kind, name, u->detail ? " " : "", u->detail ? u->detail : ""),
            node_boolean(a, true));
    }
    return list;
}

static struct node *definitions_document(struct project *p, const struct definitions *definitions)
{
    struct arena *a = &p->ctx->arena;
    struct node *list = node_sequence(a);

    vec_each(i, definitions)
        node_append(a, list, node_string(a, definitions->v[i]->sql));
    return list;
}

static bool print_schema(struct project *p, const char **ret)
{
    struct arena *a = &p->ctx->arena;
    struct schema schema = {0};
    struct definitions definitions = {0};
    struct str out = STR(p->ctx);
    struct node *document = node_mapping(a);

    if (!migrate_inspect(p, &schema) ||
        !p->conn->dialect->definitions(p->conn, &p->scope, &schema, &definitions))
        return false;
    node_set(a, document, "models", schema_encode(p->ctx, p->conn->dialect, &schema));
    node_set(a, document, "not modelled", unmodelled_document(p, &schema));
    node_set(a, document, "SQL", definitions_document(p, &definitions));
    node_json(&out, document, false);
    *ret = str_get(&out);
    return true;
}

/* Hundreds of revisions leave hundreds of schemas: the memory that reading one takes is freed at once. */
static bool take_snapshot(struct project *p, struct snapshot *ret)
{
    struct arena own = p->ctx->arena;
    const char *text;

    p->ctx->arena = (struct arena){0};
    bool ok = print_schema(p, &text);
    if (ok) {
        arena_finish(&ret->arena);
        ret->arena = (struct arena){0};
        ret->text = arena_strdup(&ret->arena, text);
        arena_finish(&p->ctx->arena);
    } else { /* the error is there */
        arena_take(&own, &p->ctx->arena);
    }
    p->ctx->arena = own;
    return ok;
}

static bool parse(struct ctx *ctx, struct arena *a, const struct snapshot *s, struct node **ret)
{
    return yaml_parse(ctx, a, "schema", s->text, strlen(s->text), ret);
}

/* Adds how the database differs from a snapshot. */
static bool compare(struct verifying *v, const struct snapshot *was, const char *when)
{
    struct ctx *ctx = v->p->ctx;
    struct snapshot is = {0};
    struct strings found = {0};
    struct node *before, *after;

    bool ok = take_snapshot(v->p, &is);
    if (ok && !str_eq(was->text, is.text)) {
        ok = parse(ctx, &ctx->arena, was, &before) && parse(ctx, &ctx->arena, &is, &after);
        if (ok)
            node_compare(ctx, before, after, "columns", &found);
    }
    arena_finish(&is.arena);
    vec_each(i, &found) {
        const char *text = str_starts(found.v[i], "models.") ? found.v[i] + strlen("models.") : found.v[i];

        vec_add(ctx, &v->now->differences, ctx_printf(ctx, "after %s: %s", when, text));
    }
    return ok;
}

/* ---- one revision --------------------------------------------------------------------------------------- */

static bool walk(struct verifying *v, const struct revision *r, enum direction direction)
{
    struct ctx *ctx = v->p->ctx;
    const struct run_options options = {
        .direction = direction, .only = r, .target = r->id, .drop_stamped = true};
    struct run_result result;
    const enum log_level level = ctx->log.level;

    ctx->log.level = level < LOG_DEBUG ? LOG_ERROR : level;
    bool ok = migrate_run(v->p, &options, &result);
    ctx->log.level = level;
    return ok;
}

static bool runs_program(const struct ops *ops)
{
    vec_each(i, ops)
        if (ops->v[i]->kind == OP_RUN)
            return true;
    return false;
}

static bool read_body(struct verifying *v, const struct revision *r, struct revision_body *ret)
{
    struct project *p = v->p;
    const struct audience to = {
        .dialect = p->conn->dialect->name,
        .environment = p->config.environment,
        .environments = p->config.environments,
    };

    if (!revision_body(p->ctx, r, &to, ret))
        return false;
    if (p->skips_programs && (runs_program(&ret->upgrade) || runs_program(&ret->downgrade)))
        vec_add(p->ctx, &v->now->notes, "its program did not run: it cannot open a database in memory");
    return true;
}

/* True if the revision did what it must, but for differences; *ret_upgraded: at least its first upgrade worked. */
static bool try_revision(struct verifying *v, const struct revision *r, bool *ret_upgraded)
{
    struct revision_body body;

    *ret_upgraded = false;
    if (!read_body(v, r, &body) || !walk(v, r, DIRECTION_UP) || !take_snapshot(v->p, &v->after))
        return false;
    *ret_upgraded = true;
    if (!body.has_downgrade) {
        v->now->result = VERIFIED_IRREVERSIBLE;
        return true;
    }
    if (!walk(v, r, DIRECTION_DOWN) || !compare(v, &v->before, "the downgrade"))
        return false;
    if (v->now->differences.n) /* then the second upgrade proves nothing */
        return true;
    return walk(v, r, DIRECTION_UP) && compare(v, &v->after, "the second upgrade");
}

static bool note_error(struct verifying *v)
{
    struct ctx *ctx = v->p->ctx;

    if (ctx_interrupted(ctx))
        return false;
    v->now->result = VERIFIED_FAILED;
    v->now->error = err_text(ctx);
    err_clear(ctx);
    return true;
}

/* *ret_continues: the database is, or can be made, as the revision leaves it. False after an interruption. */
static bool verify_revision(struct verifying *v, const struct revision *r, bool *ret_continues)
{
    struct ctx *ctx = v->p->ctx;
    const uint64_t start = time_monotonic_us();

    v->now = ctx_new(ctx, struct verified);
    v->now->revision = r;
    if (!try_revision(v, r, ret_continues) && !note_error(v))
        return false;
    if (v->now->differences.n)
        v->now->result = VERIFIED_DIFFERS;
    v->now->microseconds = time_monotonic_us() - start;
    v->result->failures += v->now->result == VERIFIED_DIFFERS || v->now->result == VERIFIED_FAILED;
    vec_add(ctx, &v->result->revisions, v->now);
    v->options->report(v->options->user, v->now);
    return true;
}

/* ---- the models ----------------------------------------------------------------------------------------- */

static bool has_all_heads(struct verifying *v)
{
    struct revisions heads;
    struct strings rows;
    bool exists;

    if (!project_versions(v->p, &rows, &exists))
        return false;
    graph_heads(v->p->ctx, &v->p->graph, &heads);
    vec_each(i, &heads)
        if (revision_is_real_head(heads.v[i]) && !strings_have(&rows, heads.v[i]->id))
            return false;
    return true;
}

static bool compare_models(struct verifying *v)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true};
    struct comparison found;

    const struct schema *models = v->p->models;

    if (!models->has_documents && !models->sql_files.n) /* the project has none */
        return true;
    if (!has_all_heads(v))
        return v->p->ctx->err.status == STATUS_OK;
    if (!migrate_compare(v->p, &options, &found))
        return false;
    v->result->has_models = true;
    v->result->models = found.diff.found;
    return true;
}

/* ---- the scratch database ------------------------------------------------------------------------------- */

static bool open_scratch(struct verifying *v)
{
    struct project *origin = v->origin;

    if (!origin->conn->dialect->scratch_open(origin->conn, &origin->url, NULL, &v->scratch))
        return false;
    if (!v->scratch.conn) {
        fail(origin->ctx, STATUS_FAILED, "cannot create a scratch database: %s", v->scratch.why);
        return fail_hint(
            origin->ctx, "Use a role that may create databases, or name another server with --scratch-url.");
    }
    *v->p = *origin;
    project_use_scratch(v->p, &v->scratch);
    v->p->models = origin->models;
    v->p->version.history = (struct qname){0};
    v->p->skips_programs = v->p->url.dialect->has.embedded;
    v->sample = (struct sample){
        .p = v->p, .rows = v->options->rows, .filled = MAP(origin->ctx), .notes = v->sample.notes};
    return true;
}

static void close_scratch(struct verifying *v)
{
    if (v->scratch.conn)
        v->origin->conn->dialect->scratch_close(v->origin->conn, &v->scratch);
    v->scratch.conn = NULL;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static bool fill(struct verifying *v)
{
    return !v->options->rows || sample_fill(&v->sample);
}

/* Applies a revision that is not verified, or not any more. */
static bool pass(struct verifying *v, const struct revision *r)
{
    return fill(v) && walk(v, r, DIRECTION_UP);
}

/* After a downgrade that failed or did something else: the same revisions in a new database. */
static bool start_again(struct verifying *v, const struct revisions *list, size_t upto)
{
    close_scratch(v);
    if (!open_scratch(v))
        return false;
    for (size_t i = 0; i <= upto; i++)
        if (!pass(v, list->v[i]))
            return false;
    return true;
}

/* The revisions of the range and what is below them, oldest first; by their order: which of them are verified. */
static bool find_list(struct verifying *v, struct revisions *ret, bool **ret_wanted)
{
    struct project *p = v->p;
    const struct revisions *range = &v->options->range;
    struct revisions heads, sorted;
    bool *needed, *wanted = arena_alloc(&p->ctx->arena, p->graph.all.n + 1);

    graph_ancestors(p->ctx, &p->graph, range, true, &needed);
    vec_each(i, range)
        wanted[range->v[i]->order] = true;
    graph_heads(p->ctx, &p->graph, &heads);
    if (!graph_sorted(p->ctx, &p->graph, &heads, &sorted))
        return false;
    for (size_t i = sorted.n; i-- > 0;)
        if (needed[sorted.v[i]->order])
            vec_add(p->ctx, ret, sorted.v[i]);
    *ret_wanted = wanted;
    return true;
}

static bool verify_all(struct verifying *v)
{
    struct ctx *ctx = v->p->ctx;
    struct revisions list = {0};
    bool *wanted, continues = true;

    if (!find_list(v, &list, &wanted))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        log_progress(ctx, "revisions", i, list.n);
        if (!wanted[list.v[i]->order]) {
            if (!pass(v, list.v[i]))
                return false;
            continue;
        }
        if (!continues) {
            v->result->untried++;
            continue;
        }
        if (!fill(v) || !take_snapshot(v->p, &v->before) || !verify_revision(v, list.v[i], &continues))
            return false;
        bool is_as_after = v->now->result == VERIFIED_OK || v->now->result == VERIFIED_IRREVERSIBLE;
        if (continues && !is_as_after && !start_again(v, &list, i))
            return false;
    }
    log_progress(ctx, NULL, 0, 0);
    v->result->notes = v->sample.notes;
    return continues ? compare_models(v) : true;
}

bool migrate_verify(struct project *p, const struct verify_options *options, struct verification *ret)
{
    struct project proof = *p;
    struct verifying v = {.p = &proof, .origin = p, .options = options, .result = ret};

    *ret = (struct verification){.server = p->conn->server};
    if (!migrate_models(p))
        return false;
    bool ok = open_scratch(&v) && verify_all(&v);
    arena_finish(&v.before.arena);
    arena_finish(&v.after.arena);
    close_scratch(&v);
    return ok;
}
