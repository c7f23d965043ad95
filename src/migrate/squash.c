/*
 * Makes one baseline of many revisions.
 *
 * The schema is not computed from their operations: they are applied to a scratch database, whose schema becomes the
 * baseline, and that is applied to another one and compared. Only what they do to rows is taken from the files.
 */
#include "migrate/proof.h"

/* ---- what changes rows --------------------------------------------------------------------------- */

/* Statements with these first words concern the schema or the session: their effect is in the scratch database's schema, or
 * gone with its session. All others may change rows. */
static bool is_about_schema(const struct sql_piece *word)
{
    static const char *const words[] = {"create", "alter", "drop", "comment", "grant", "revoke", "rename",
        "security", "set", "reset", "pragma", "begin", "start", "commit", "end", "rollback", "savepoint",
        "release", "lock", "unlock", "analyze", "vacuum", "reindex", "optimize", "cluster", "refresh", "use",
        "delimiter", "show", "explain", "listen", "notify", "discard", "attach", "detach", NULL};

    return sql_piece_is_any(word, words);
}

/* The statements of a text that may change rows, as one text; "" when there are none. */
static bool find_statements(struct ctx *ctx, const struct dialect *dialect, struct op *op, const char **ret)
{
    struct statements whole = {0}, parts = {0};
    struct statement *s = statement_add(
        ctx, &whole, dialect->clean(ctx, dtext_for(&op->u.execute.sql, dialect->name), false), op);
    struct str out = STR(ctx);

    s->flags = STATEMENT_SCRIPT;
    if (!dialect->split(ctx, s, false, &parts))
        return false;
    vec_each(i, &parts) {
        const struct statement *part = parts.v[i];
        const char *from = sql_skip_space(part->text + part->from, dialect->grammar);
        const struct sql_piece word = sql_piece(from, dialect->grammar);

        if (from >= part->text + part->to || is_about_schema(&word))
            continue;
        str_addn(&out, from, (size_t)(part->text + part->to - from));
        str_add(&out, str_ends(str_get(&out), ";") ? "\n" : ";\n");
    }
    *ret = str_get(&out);
    return true;
}

static bool add_execute(struct project *p, const struct dialect *dialect, struct op *op, struct ops *ret)
{
    struct op *kept;
    const char *text;

    if (dtext_for(&op->u.execute.file, dialect->name)) {
        vec_add(p->ctx, ret, op);
        return true;
    }
    if (!dtext_for(&op->u.execute.sql, dialect->name))
        return true;
    if (!find_statements(p->ctx, dialect, op, &text))
        return false;
    if (!*text)
        return true;
    kept = op_new(p->ctx, OP_EXECUTE);
    kept->pos = op->pos;
    kept->u.execute.sql.text = text;
    vec_add(p->ctx, ret, kept);
    return true;
}

static bool add_data(struct project *p, const struct dialect *dialect, const struct ops *ops, struct ops *ret)
{
    vec_each(i, ops) {
        struct op *op = ops->v[i];

        if (op->kind == OP_EXECUTE && !add_execute(p, dialect, op, ret))
            return false;
        if (op->kind == OP_BULK_INSERT || op->kind == OP_BACKFILL || op->kind == OP_RUN)
            vec_add(p->ctx, ret, op);
    }
    return true;
}

/* ---- revisions that do not do the same everywhere -------------------------------------------------- */

static bool check_everywhere(struct project *p, const struct revision *r, const struct revision_body *here)
{
    static const struct audience anywhere = {0};
    struct revision_body all;

    if (!revision_body(p->ctx, r, &anywhere, &all))
        return false;
    if (!here->only.n && all.upgrade.n == here->upgrade.n)
        return true;
    fail_at(p->ctx, STATUS_FAILED, r->pos,
        "revision %s has operations that are limited to some databases or environments", r->id);
    return fail_hint(p->ctx, "Squash the revisions before it, and those after it on their own.");
}

bool migrate_squash_data(struct project *p, const struct revisions *list, struct squash *ret)
{
    const struct dialect *dialect = p->url.dialect;
    const struct audience here = project_audience(p, dialect->name);
    struct revision_body body;

    *ret = (struct squash){.list = list};
    vec_each(i, list)
        if (!revision_body(p->ctx, list->v[i], &here, &body) || !check_everywhere(p, list->v[i], &body) ||
            !add_data(p, dialect, &body.upgrade, &ret->data))
            return fail_in(p->ctx, "cannot squash revision %s", revision_title(&p->ctx->arena, list->v[i]));
    return true;
}

/* ---- the scratch databases ----------------------------------------------------------------------- */

/* Times are seldom the same twice. */
static bool is_moment(struct ctx *ctx, const struct column *c)
{
    static const char *const words[] = {"time", "date", "year"};
    const char *type = c->native ? str_lower(&ctx->arena, c->native) : "";

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strstr(type, words[i]))
            return true;
    return false;
}

/* What is compared of a value; NULL: nothing, as it may differ from run to run. */
static const char *value_text(struct ctx *ctx, const struct column *c, const struct result_value *value)
{
    if (c->dflt.kind == VALUE_SQL || c->dflt.kind == VALUE_FUNC)
        return NULL;
    if (value->kind == VALUE_NONE)
        return "null";
    return is_moment(ctx, c) ? "a time" : value->text;
}

static const char *row_text(struct ctx *ctx, const struct table *t, const struct result_row *row)
{
    struct str out = STR(ctx);
    const char *value;

    str_addf(&out, "%s:", qname_text(&ctx->arena, &t->name));
    vec_each(i, &t->columns) {
        value = value_text(ctx, t->columns.v[i], &row->v[i]);
        if (value)
            str_addf(&out, " %s %s", t->columns.v[i]->name, value);
    }
    return str_get(&out);
}

bool migrate_row_texts(struct project *p, const struct tables *tables, struct strings *ret)
{
    struct ctx *ctx = p->ctx;

    vec_each(i, tables) {
        const struct table *t = tables->v[i];
        struct result rows = {0};

        if (!t->columns.n)
            continue;
        if (!p->conn->dialect->query_rows(p->conn, sql_all_rows(ctx, p->conn->dialect, t), &rows))
            return false;
        vec_each(k, &rows.rows)
            vec_add(ctx, ret, row_text(ctx, t, rows.rows.v[k]));
    }
    strings_sort(ret);
    return true;
}

static const char *models_text(struct project *p, const struct schema *schema)
{
    struct str out = STR(p->ctx);

    node_yaml(&out, schema_encode(p->ctx, p->conn->dialect, schema), 0);
    return str_get(&out);
}

static bool apply(struct proof *proof, struct squash *s, struct schema *schema)
{
    return proof_apply(proof, s->list) && migrate_inspect(&proof->project, schema) &&
           migrate_row_texts(&proof->project, &schema->tables, &s->rows);
}

bool migrate_squash(struct project *p, struct squash *s, bool keeps_data, const char **ret_models)
{
    struct schema *schema = ctx_new(p->ctx, struct schema);
    struct proof proof;
    bool ok = proof_open(p, 0, &proof) && apply(&proof, s, schema);

    if (ok) {
        *ret_models = models_text(&proof.project, schema);
        ok = migrate_baseline(&proof.project, schema, *ret_models, &s->baseline);
    }
    proof_close(&proof);
    if (!ok)
        return false;
    s->baseline.schema = *schema;
    if (keeps_data)
        vec_each(i, &s->data)
            vec_add(p->ctx, &s->baseline.upgrade, s->data.v[i]);
    return true;
}

bool migrate_squash_prove(
    struct project *p, struct squash *s, const char *path, const char *text, const char *models)
{
    const struct schema wanted = s->baseline.schema;

    s->baseline.rows = &s->kept;
    return migrate_prove(p, path, text, &wanted, models, &s->baseline);
}
