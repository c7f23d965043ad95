/*
 * verify: runs revisions in a scratch database, up, down and up again.
 *
 * The schema is read after each step, in the form that `inspect` prints, together with the SQL of what cmig does not
 * model. It must be the same before a revision and after its downgrade, and after both of its upgrades.
 */
#include "cmig/migrate.h"

struct snapshot {
    struct arena arena;
    const char *text; /* of a document: models, and what is not modelled */
};

struct verifying {
    struct project *p; /* of the scratch database */
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

/* True if the revision was tried, whatever came of it: the error is then in v->now. */
static bool try_revision(struct verifying *v, const struct revision *r)
{
    struct revision_body body;

    if (!read_body(v, r, &body) || !walk(v, r, DIRECTION_UP) || !take_snapshot(v->p, &v->after))
        return false;
    if (!body.has_downgrade) {
        v->now->result = VERIFIED_IRREVERSIBLE;
        return true;
    }
    if (!walk(v, r, DIRECTION_DOWN) || !compare(v, &v->before, "the downgrade") ||
        !walk(v, r, DIRECTION_UP) || !compare(v, &v->after, "the second upgrade"))
        return false;
    if (v->now->differences.n)
        v->now->result = VERIFIED_DIFFERS;
    return true;
}

/* False after an interruption. */
static bool verify_revision(struct verifying *v, const struct revision *r)
{
    struct ctx *ctx = v->p->ctx;
    const uint64_t start = time_monotonic_us();

    v->now = ctx_new(ctx, struct verified);
    v->now->revision = r;
    if (!try_revision(v, r)) {
        if (ctx_interrupted(ctx))
            return false;
        v->now->result = VERIFIED_FAILED;
        v->now->error = err_text(ctx);
        err_clear(ctx);
    }
    v->now->microseconds = time_monotonic_us() - start;
    v->result->failures += v->now->result == VERIFIED_DIFFERS || v->now->result == VERIFIED_FAILED;
    vec_add(ctx, &v->result->revisions, v->now);
    v->options->report(v->options->user, v->now);
    struct snapshot last = v->before;
    v->before = v->after;
    v->after = last;
    return true;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static bool verify_all(struct verifying *v)
{
    struct project *p = v->p;
    const struct revisions *range = &v->options->range;
    bool *wanted, *needed;
    struct revisions sorted, heads;

    graph_ancestors(p->ctx, &p->graph, range, true, &needed);
    wanted = arena_alloc(&p->ctx->arena, p->graph.all.n + 1);
    vec_each(i, range)
        wanted[range->v[i]->order] = true;
    graph_heads(p->ctx, &p->graph, &heads);
    if (!take_snapshot(p, &v->before) || !graph_sorted(p->ctx, &p->graph, &heads, &sorted))
        return false;
    for (size_t i = sorted.n; i-- > 0;) {
        const struct revision *r = sorted.v[i];

        if (!needed[r->order])
            continue;
        log_progress(p->ctx, "revisions", sorted.n - i - 1, sorted.n);
        if (!wanted[r->order] ? !walk(v, r, DIRECTION_UP) || !take_snapshot(p, &v->before)
                              : !verify_revision(v, r))
            return false;
        if (v->result->failures && v->now->result == VERIFIED_FAILED)
            break;
    }
    log_progress(p->ctx, NULL, 0, 0);
    return true;
}

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

    if (!has_all_heads(v))
        return v->p->ctx->err.status == STATUS_OK;
    if (!migrate_compare(v->p, &options, &found))
        return false;
    v->result->has_models = true;
    v->result->models = found.diff.found;
    return true;
}

bool migrate_verify(struct project *p, const struct verify_options *options, struct verification *ret)
{
    struct scratch scratch;
    struct project proof = *p;
    struct verifying v = {.p = &proof, .options = options, .result = ret};

    *ret = (struct verification){.server = p->conn->server};
    if (!p->conn->dialect->scratch_open(p->conn, &p->url, NULL, &scratch))
        return false;
    if (!scratch.conn) {
        fail(p->ctx, STATUS_FAILED, "cannot create a scratch database: %s", scratch.why);
        return fail_hint(
            p->ctx, "Use a role that may create databases, or name another server with --scratch-url.");
    }
    project_use_scratch(&proof, &scratch);
    proof.version.history = (struct qname){0};
    proof.skips_programs = proof.url.dialect->has.embedded;
    bool ok = verify_all(&v) && compare_models(&v);
    arena_finish(&v.before.arena);
    arena_finish(&v.after.arena);
    p->conn->dialect->scratch_close(p->conn, &scratch);
    return ok;
}
