/*
 * Foresees which operations of a run must fail, where each statement commits by itself.
 *
 * Elsewhere the transaction of a failing revision is rolled back. Here the revision stays half applied, so what can be known
 * to fail is rejected before the first statement. The database is read once, and the operations are applied to that schema
 * in memory. What user SQL does counts as far as lint can read it; after a statement that it cannot read, or a program,
 * nothing more is rejected.
 */
#include "migrate/foresee.h"

#include "cmig/hazard.h"

enum { FEW_NAMES = 200 }; /* with more, all tables are read */

bool foresee_is_unsure(const struct foresight *f, const struct qname *name)
{
    const char *lower = str_lower(&f->ctx->arena, name->name);
    return f->is_blind || name->schema || !map_get(&f->asked, lower) || map_get(&f->unsure, lower);
}

static void forget(struct foresight *f, const struct qname *name)
{
    if (name && name->name)
        map_set(&f->unsure, str_lower(&f->ctx->arena, name->name), f);
}

static bool is_rename(const struct op *op)
{
    return op->kind == OP_RENAME_TABLE || op->kind == OP_RENAME_VIEW || op->kind == OP_RENAME_SEQUENCE;
}

/* What cannot be applied in memory may still work on the server, such as dropping a key by another name. */
static void follow(struct foresight *f, const struct op *op)
{
    struct op *copy = ctx_new(f->ctx, struct op);
    const struct ops one = {.v = &copy, .n = 1};
    *copy = *op;
    if (is_rename(op) && foresee_is_unsure(f, &op->u.rename.name))
        forget(f, &op->u.rename.new_name);
    if (ops_apply(f->ctx, f->r->dialect, &f->schema, &one))
        return;
    err_clear(f->ctx);
    forget(f, op_subject(op));
    forget(f, op_table_name(op));
    if (is_rename(op))
        forget(f, &op->u.rename.new_name);
}

/* ---- user SQL ------------------------------------------------------------------------------------------ */

/* A temporary table hides a table of the same name, and it is not known until when. */
static bool is_temporary(const struct foresight *f, const struct sql_change *c)
{
    const unsigned grammar = f->r->dialect->grammar;
    const char *text = f->texts.v[f->texts.n - 1], *s = text + c->from;
    for (struct sql_piece p; (p = sql_piece(sql_skip_space(s, grammar), grammar)).kind == SQL_WORD;
         s = p.s + p.n)
        if (sql_piece_is(&p, "temporary"))
            return true;
        else if (sql_piece_is(&p, "table"))
            return false;
    return false;
}

typedef void change_function(struct foresight *f, const struct sql_change *c);

/* A query in the statement may add columns. */
static bool may_copy_columns(const struct foresight *f, const struct sql_change *c)
{
    const char *text = f->texts.v[f->texts.n - 1];
    return c->op->kind == OP_CREATE_TABLE && strstr(str_lower(&f->ctx->arena, text), "select");
}

static void follow_change(struct foresight *f, const struct sql_change *c)
{
    if (c->act == SQL_ACT_UNKNOWN)
        f->is_blind = true;
    f->has_own_tables |= c->op != NULL;
    if (c->op && (is_temporary(f, c) || may_copy_columns(f, c)))
        forget(f, op_subject(c->op));
    else if (c->op)
        follow(f, c->op);
    else if (c->is_ddl)
        f->has_own_objects = true;
    if (!c->op && c->is_ddl)
        forget(f, &c->table);
}

static void name_change(struct foresight *f, const struct sql_change *c)
{
    if (c->op)
        foresee_names(f, c->op);
}

/* False: the text cannot be cut into statements. */
static bool each_change(struct foresight *f, const struct op *op, change_function *take)
{
    const struct dialect *d = f->r->dialect;
    struct statement s = {.text = op->u.execute.sql.text, .op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
    struct statements parts = {0};
    if (s.text && !d->split(f->ctx, &s, false, &parts)) {
        err_clear(f->ctx);
        return false;
    }
    vec_each(i, &parts) {
        struct sql_changes changes = {0};
        const size_t to = parts.v[i]->to ? parts.v[i]->to : strlen(s.text);
        sql_read(f->ctx, d, s.text, parts.v[i]->from, to, &changes);
        vec_each(k, &changes)
            take(f, changes.v[k]);
    }
    return true;
}

/* The server executes the text of such a comment, which lint skips. */
static bool has_executable_comment(const char *text)
{
    return strstr(text, "/*!") || strstr(text, "/*M!");
}

static void follow_text(struct foresight *f, const struct op *op)
{
    const char *text = op->u.execute.sql.text;
    if (text) {
        vec_add(f->ctx, &f->texts, text);
        f->is_blind |= has_executable_comment(text);
    }
    f->is_blind |= !each_change(f, op, follow_change);
}

/* ---- accounts ------------------------------------------------------------------------------------------ */

/* User SQL before it may create the account. */
static bool is_named_before(const struct foresight *f, const char *role)
{
    const char *at = strrchr(role, '@');
    const char *user = at ? arena_strndup(&f->ctx->arena, role, (size_t)(at - role)) : role;
    vec_each(i, &f->texts)
        if (strstr(f->texts.v[i], user))
            return true;
    return f->is_blind;
}

static bool check_role(struct foresight *f, const struct op *op)
{
    const struct dialect *d = f->r->dialect;
    struct grant grant = {.role = op->u.access.role, .pos = op->pos};
    struct access access = {.grants_pos = op->pos};
    struct table table = {.name = {.name = "grants"}, .access = &access};
    struct schema schema = {0};
    if (!d->check_roles || is_named_before(f, grant.role))
        return true;
    vec_add(f->ctx, &access.grants, &grant);
    vec_add(f->ctx, &schema.tables, &table);
    return d->check_roles(f->r->p->conn, &schema);
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

static bool take_op(struct foresight *f, const struct op *op)
{
    if (op->kind == OP_EXECUTE) {
        follow_text(f, op);
        return true;
    }
    f->is_blind |= op->kind == OP_RUN;
    if ((op->kind == OP_GRANT || op->kind == OP_REVOKE) && !check_role(f, op))
        return false;
    if (!f->is_blind && !foresee_op(f, op))
        return fail_in(f->ctx, "%s%s", pos_text(&f->ctx->arena, op->pos), op_label(&f->ctx->arena, op));
    follow(f, op);
    return true;
}

static bool take_step(struct foresight *f, const struct work *w)
{
    const struct ops *ops = run_ops(w);
    struct ctx *ctx = f->ctx;
    vec_each(i, ops) {
        if (take_op(f, ops->v[i]))
            continue;
        f->r->result->failed = w->step->revision;
        fail_in(ctx, "revision %s cannot run on %s", revision_title(&ctx->arena, w->step->revision),
            dialect_title(ctx, f->r->dialect));
        return fail_hint(ctx, "Nothing was changed.");
    }
    return true;
}

static bool is_foreseeable(const struct run *r)
{
    const struct project *p = r->p;
    const struct hooks_config *hooks = p->config.hooks;
    return r->dialect->has.commits_ddl && p->conn && !p->conn->stand_in && !p->is_scratch && !r->offline &&
           r->plan.n && r->options->direction != DIRECTION_STAMP && r->attempt.kind == ATTEMPT_NONE &&
           !(hooks && (hooks->lists[HOOK_BEFORE_RUN].n || hooks->lists[HOOK_BEFORE_STEP].n ||
                          hooks->lists[HOOK_AFTER_STEP].n));
}

/* A user who may not read everything sees only a part of the schema. */
static bool hides_objects(const struct schema *s)
{
    vec_each(i, &s->unmodelled)
        if (s->unmodelled.v[i]->hidden || s->unmodelled.v[i]->hides_all)
            return true;
    return false;
}

static void read_names(struct foresight *f)
{
    for (size_t i = 0; i < f->r->plan.n; i++) {
        const struct ops *ops = run_ops(&f->r->works[i]);
        vec_each(k, ops) {
            foresee_names(f, ops->v[k]);
            if (ops->v[k]->kind == OP_EXECUTE)
                (void)each_change(f, ops->v[k], name_change);
        }
    }
}

static bool read_schema(struct foresight *f)
{
    struct conn *conn = f->r->p->conn;
    const struct scope scope = {
        .version = f->r->p->version, .names = f->names.n <= FEW_NAMES ? &f->names : NULL};
    if (conn->dialect->reflect(conn, &scope, &f->schema)) {
        f->is_blind = hides_objects(&f->schema);
        return true;
    }
    if (ctx_interrupted(f->ctx) || conn->is_lost)
        return false;
    err_clear(f->ctx);
    f->is_blind = true;
    return true;
}

bool run_foresee(struct run *r)
{
    struct foresight f = {.r = r, .ctx = r->p->ctx, .asked = MAP(r->p->ctx), .unsure = MAP(r->p->ctx)};
    if (!is_foreseeable(r))
        return true;
    read_names(&f);
    if (!read_schema(&f))
        return false;
    for (size_t i = 0; i < r->plan.n; i++)
        if (!take_step(&f, &r->works[i]))
            return false;
    return true;
}
