/*
 * Baselines: the operations that create an existing schema in an empty database, tested before they are written.
 *
 * Modelled objects become operations; for the others the database prints the SQL. The order is found in a scratch
 * database: pieces that fail are retried after the rest. Without a scratch database the order is a guess, and the
 * baseline counts as untested.
 */
#include "cmig/migrate.h"

/* ---- what it consists of ------------------------------------------------------------------------ */

struct piece {
    struct op *op;
    const struct definition *definition; /* NULL: a modelled object */
    const char *why;                     /* it failed when it was tried last */
};
struct pieces VEC_OF(struct piece);

struct building {
    struct project *p;
    struct ctx *ctx;
    const struct schema *schema;
    struct definitions definitions;
    struct ops ops;
    struct pieces pieces;
};

static bool is_of(const struct definition *d, const struct unmodelled *u)
{
    return str_eq(d->kind, u->kind) && qname_eq(&d->name, &u->name) &&
           str_eq(d->detail ? d->detail : "", u->detail ? u->detail : "");
}

/* Excluded objects, and those of an extension, are not in the schema's list. */
static bool is_wanted(const struct building *b, const struct definition *d)
{
    vec_each(i, &b->schema->unmodelled)
        if (!d->kind || is_of(d, b->schema->unmodelled.v[i]))
            return true;
    return false;
}

/* "${x:" is a variable in the SQL of revisions. */
static const char *escape(struct ctx *ctx, const char *sql)
{
    static const char variable[] = "${x:";
    struct str out = STR(ctx);
    for (const char *at; (at = strstr(sql, variable)); sql = at + strlen(variable)) {
        str_addn(&out, sql, (size_t)(at - sql));
        str_addf(&out, "$%s", variable);
    }
    str_add(&out, sql);
    return str_get(&out);
}

static void add_definitions(struct building *b, enum stage stage)
{
    vec_each(i, &b->definitions) {
        const struct definition *d = b->definitions.v[i];
        if (d->stage != stage || !is_wanted(b, d))
            continue;
        struct op *op = op_new(b->ctx, OP_EXECUTE);
        op->u.execute.sql.text = escape(b->ctx, d->sql);
        vec_add(b->ctx, &b->pieces, ((struct piece){.op = op, .definition = d}));
    }
}

/* Whether a definition's text creates this table as a whole. */
static bool is_defined(const struct building *b, const struct op *op)
{
    vec_each(i, &b->definitions) {
        const struct definition *d = b->definitions.v[i];
        if (op->kind == OP_CREATE_TABLE && str_eq(d->kind, "table definition") &&
            qname_eq(&d->name, &op->u.create_table.table.name))
            return true;
    }
    return false;
}

static bool comes_before_tables(enum op_kind kind)
{
    return kind == OP_CREATE_SCHEMA || kind == OP_CREATE_ENUM || kind == OP_CREATE_SEQUENCE ||
           op_object_kind(kind) != OBJECT_KINDS;
}

static void put_together(struct building *b)
{
    size_t i = 0;
    for (; i < b->ops.n && comes_before_tables(b->ops.v[i]->kind); i++)
        vec_add(b->ctx, &b->pieces, ((struct piece){.op = b->ops.v[i]}));
    add_definitions(b, STAGE_FIRST);
    for (; i < b->ops.n && b->ops.v[i]->kind != OP_CREATE_VIEW; i++)
        if (!is_defined(b, b->ops.v[i]))
            vec_add(b->ctx, &b->pieces, ((struct piece){.op = b->ops.v[i]}));
    add_definitions(b, STAGE_TABLES);
    for (; i < b->ops.n; i++)
        vec_add(b->ctx, &b->pieces, ((struct piece){.op = b->ops.v[i]}));
    add_definitions(b, STAGE_LAST);
}

/* ---- trying it ---------------------------------------------------------------------------------- */

/* Without leaving an error. *ret_why: NULL when it worked. */
static bool try_piece(struct building *b, struct conn *conn, const struct piece *piece, const char **ret_why)
{
    const struct dialect *dialect = conn->dialect;
    struct op *ops[] = {piece->op};
    struct statements list = {0};
    struct state state = {.dialect = dialect, .conn = conn, .base = b->p->config.folder};
    const struct ops one = {.v = ops, .n = 1};
    *ret_why = NULL;
    if (piece->definition && !piece->definition->kind) /* for one transaction, which this is not */
        return true;
    if (dialect->begin(conn) && dialect->render(b->ctx, &state, &one, &list) &&
        dialect->exec(conn, &list, true))
        return true;
    dialect->rollback(conn);
    if (ctx_interrupted(b->ctx))
        return false;
    *ret_why = err_text(b->ctx);
    err_clear(b->ctx);
    return true;
}

/* Runs all pieces once: those that work are added to `done`, the others stay. */
static bool try_all(struct building *b, struct conn *conn, struct pieces *done)
{
    struct pieces failed = {0};
    const char *why;
    vec_each(i, &b->pieces) {
        if (!try_piece(b, conn, &b->pieces.v[i], &why))
            return false;
        b->pieces.v[i].why = why;
        if (why)
            vec_add(b->ctx, &failed, b->pieces.v[i]);
        else
            vec_add(b->ctx, done, b->pieces.v[i]);
    }
    b->pieces = failed;
    return true;
}

static bool find_order(struct building *b, struct conn *conn)
{
    struct pieces done = {0};
    size_t before;
    do {
        before = b->pieces.n;
        if (!try_all(b, conn, &done))
            return false;
    } while (b->pieces.n && b->pieces.n < before);
    /* Modelled objects that never work stay, so that the test reports the reason. */
    vec_each(i, &b->pieces) {
        const struct piece *piece = &b->pieces.v[i];
        if (!piece->definition)
            vec_add(b->ctx, &done, *piece);
        else
            log_warn(b->ctx, "left out of the baseline: %s '%s', which cannot be created: %s",
                piece->definition->kind, qname_text(&b->ctx->arena, &piece->definition->name), piece->why);
    }
    b->pieces = done;
    return true;
}

static const char *unmodelled_text(struct ctx *ctx, const struct unmodelled *u)
{
    return ctx_printf(ctx, "%s '%s'%s%s", u->kind, qname_text(&ctx->arena, &u->name), u->detail ? ": " : "",
        u->detail ? u->detail : "");
}

/* Objects that are neither modelled nor defined by a text. A test would find them missing. */
static void find_undefined(struct building *b, struct strings *ret)
{
    vec_each(i, &b->schema->unmodelled) {
        const struct unmodelled *u = b->schema->unmodelled.v[i];
        bool found = false;
        vec_each(j, &b->definitions)
            found = found || (b->definitions.v[j]->kind && is_of(b->definitions.v[j], u));
        if (!found)
            vec_add(b->ctx, ret, unmodelled_text(b->ctx, u));
    }
}

static bool order(struct building *b, struct baseline *ret)
{
    struct project *p = b->p;
    struct scratch scratch;
    if (!p->conn->dialect->scratch_open(p->conn, &p->url, NULL, &scratch))
        return false;
    if (!scratch.conn) {
        ret->unproved = scratch.why;
        find_undefined(b, &ret->missing);
        ret->hint = scratch.hint;
        return true;
    }
    bool ok = find_order(b, scratch.conn);
    p->conn->dialect->scratch_close(p->conn, &scratch);
    return ok;
}

bool migrate_baseline(
    struct project *p, const struct schema *schema, const char *models, struct baseline *ret)
{
    struct building b = {.p = p, .ctx = p->ctx, .schema = schema};
    struct baseline baseline = {0};
    struct diff diff;
    if (!migrate_create(p, "the database's schema", models, &diff) ||
        !p->conn->dialect->definitions(p->conn, &p->scope, schema, &b.definitions))
        return false;
    b.ops = diff.up;
    put_together(&b);
    if (!order(&b, &baseline))
        return false;
    vec_each(i, &b.pieces)
        vec_add(p->ctx, &baseline.upgrade, b.pieces.v[i].op);
    *ret = baseline;
    return true;
}

/* ---- proving it --------------------------------------------------------------------------------- */

/* A project of the baseline alone, on the scratch database. */
static bool open_proof(
    struct project *p, struct scratch *scratch, const char *path, const char *text, struct project *ret)
{
    struct revisions list = {0};
    struct revision *r = ctx_new(p->ctx, struct revision);
    struct project proof = *p;
    if (!revision_parse_head(p->ctx, path, text, strlen(text), r))
        return false;
    r->text = text;
    r->depends_on = r->down = (struct strings){0};
    vec_add(p->ctx, &list, r);
    project_use_scratch(&proof, scratch);
    proof.version.history = (struct qname){0};
    if (!graph_build(p->ctx, &list, &proof.graph))
        return false;
    proof.graph_loaded = true;
    *ret = proof;
    return true;
}

static bool upgrade_quietly(struct project *p)
{
    struct run_options options = {.direction = DIRECTION_UP, .target = "heads"};
    struct run_result result;
    enum log_level level = p->ctx->log.level;
    p->ctx->log.level = LOG_WARN;
    bool ok = migrate_run(p, &options, &result);
    p->ctx->log.level = level;
    return ok;
}

static bool is_there(const struct unmodelleds *list, const struct unmodelled *wanted)
{
    vec_each(i, list) {
        const struct unmodelled *u = list->v[i];
        if (str_eq(u->kind, wanted->kind) && qname_eq(&u->name, &wanted->name) &&
            str_eq(u->detail, wanted->detail))
            return true;
    }
    return false;
}

static void find_missing(
    struct ctx *ctx, const struct schema *wanted, const struct schema *found, struct strings *ret)
{
    vec_each(i, &wanted->unmodelled) {
        const struct unmodelled *u = wanted->unmodelled.v[i];
        if (!is_there(&found->unmodelled, u))
            vec_add(ctx, ret, unmodelled_text(ctx, u));
    }
}

static bool compare(struct project *proof, const char *models, struct baseline *ret)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true};
    struct comparison found;
    struct schema schema = {0};
    if (!schema_parse(proof->ctx, "the database's schema", models, strlen(models), &schema))
        return false;
    proof->models = &schema;
    if (!migrate_compare(proof, &options, &found))
        return false;
    vec_each(i, &found.diff.found)
        vec_add(proof->ctx, &ret->differences, found.diff.found.v[i]->text);
    return true;
}

static bool prove(
    struct project *proof, const struct schema *wanted, const char *models, struct baseline *ret)
{
    if (!upgrade_quietly(proof))
        return fail_in(proof->ctx, "the baseline does not work in an empty database");
    if (!migrate_inspect(proof, &ret->schema))
        return false;
    if (ret->rows && !migrate_row_texts(proof, &ret->schema.tables, ret->rows))
        return false;
    if (!wanted)
        return true;
    find_missing(proof->ctx, wanted, &ret->schema, &ret->missing);
    return compare(proof, models, ret);
}

bool migrate_prove(struct project *p, const char *path, const char *text, const struct schema *wanted,
    const char *models, struct baseline *ret)
{
    struct scratch scratch;
    struct project proof;
    ret->unproved = NULL;
    if (!p->conn->dialect->scratch_open(p->conn, &p->url, NULL, &scratch))
        return false;
    if (!scratch.conn) {
        ret->unproved = scratch.why;
        ret->hint = scratch.hint;
        return true;
    }
    bool ok = open_proof(p, &scratch, path, text, &proof) && prove(&proof, wanted, models, ret);
    p->conn->dialect->scratch_close(p->conn, &scratch);
    return ok;
}
