/*
 * Walks over revisions, replays them, and hands each change to the rules.
 *
 * The schema before a change is what the operations and the SQL before it give, applied in memory. An operation on an object
 * that nothing known has created is not applied. A change of a table that its own revision has created is no danger, since
 * the table has no rows and no users.
 */
#include "lint.h"

/* ---- findings ------------------------------------------------------------------------------------------ */

/* The default schema goes without its name. */
static struct qname plain_name(const struct linter *l, const struct qname *name)
{
    struct qname plain = *name;

    if (l->schema->default_schema && str_eq(plain.schema, l->schema->default_schema))
        plain.schema = NULL;
    return plain;
}

bool is_small(const struct linter *l, const struct qname *table)
{
    const struct table_sizes *sizes = l->request->sizes;
    struct qname name;

    if (!sizes || !table)
        return false;
    name = plain_name(l, table);
    vec_each(i, sizes)
        if (qname_eq(&sizes->v[i]->name, &name))
            return sizes->v[i]->rows <= l->request->levels->small_rows;
    return false;
}

/* The safe form on the versions that the configuration names. */
static const char *safe_form(const struct linter *l, enum rule rule)
{
    const char *safe = lint_rules[rule].safe;

    for (const struct lint_form *f = lint_rules[rule].forms; l->request->version && f && f->dialect; f++)
        if (str_eq(f->dialect, l->dialect->name) && f->version <= l->request->version)
            safe = f->safe;
    return safe;
}

/* What old programs do not survive: it is wrong in the expand phase, and meant in the contract phase. */
static bool breaks_programs(enum rule rule)
{
    return rule == RULE_ADD_REQUIRED_COLUMN ||
           (rule >= RULE_RENAME_COLUMN && rule <= RULE_RENAME_ENUM_VALUE) ||
           (rule >= RULE_DROP_COLUMN && rule <= RULE_DROP_SCHEMA);
}

static enum lint_level level_in_phase(const struct review *v, enum rule rule, enum lint_level level)
{
    const bool is_meant = v->revision->phase == PHASE_CONTRACT && breaks_programs(rule);

    return (is_meant || v->is_minor) && level == LINT_WARNING ? LINT_NOTE : level;
}

void review_add(
    struct review *v, enum rule rule, struct pos pos, const struct qname *table, const char *fmt, ...)
{
    enum lint_level level = level_in_phase(v, rule, v->l->request->levels->of[rule]);
    struct finding *f;
    va_list ap;

    if (level == LINT_OFF || level < v->l->request->least || v->silent)
        return;
    if (v->is_downgrade && rule > RULE_UNBATCHED_UPDATE && rule != RULE_REFUSED_SQL)
        return;
    if (lint_rules[rule].flags & LINT_BY_SIZE && table && is_small(v->l, table))
        return;
    f = ctx_new(v->ctx, struct finding);
    *f = (struct finding){.rule = rule, .level = level, .pos = pos, .hint = safe_form(v->l, rule)};
    f->code = lint_rules[rule].name;
    f->revision = v->revision->id;
    va_start(ap, fmt);
    f->text = arena_vprintf(&v->ctx->arena, fmt, ap);
    va_end(ap);
    vec_add(v->ctx, &v->found, f);
    if (v->revision->phase == PHASE_EXPAND && !v->is_downgrade && breaks_programs(rule))
        review_add(v, RULE_EXPAND_BREAKS, pos, NULL, "%s, in the expand phase", f->text);
}

const char *review_name(const struct review *v, const struct qname *name)
{
    const struct qname plain = plain_name(v->l, name);

    return qname_text(&v->ctx->arena, &plain);
}

bool review_is_fresh(const struct review *v, const struct qname *table)
{
    return table && map_get(&v->fresh, review_name(v, table));
}

const struct table *review_table(const struct review *v, const struct qname *name)
{
    const struct qname plain = plain_name(v->l, name);

    return schema_table(v->l->schema, &plain);
}

/* ---- new objects --------------------------------------------------------------------------------------- */

static void set_fresh(struct review *v, const struct qname *name)
{
    map_set(&v->fresh, review_name(v, name), v);
}

static void note_fresh(struct review *v, const struct item *item)
{
    const struct op *op = item->op;

    if (!op) {
        if (item->change->is_ddl && item->change->act == SQL_ACT_HARMLESS && item->change->table.name)
            set_fresh(v, &item->change->table);
        return;
    }
    if (op->kind == OP_CREATE_TABLE && !review_table(v, &op->u.create_table.table.name))
        set_fresh(v, &op->u.create_table.table.name);
    else if (op->kind == OP_CREATE_VIEW)
        set_fresh(v, &op->u.view.view.name);
    else if (op->kind == OP_RENAME_TABLE && review_is_fresh(v, &op->u.rename.name))
        set_fresh(v, &op->u.rename.new_name);
}

/* ---- items --------------------------------------------------------------------------------------------- */

static bool is_schema_change(const struct item *item)
{
    if (item->change)
        return item->change->is_ddl;
    return op_changes_schema(item->op);
}

bool is_online(const struct review *v, const struct item *item)
{
    return item->op && item->op->online && !item->change && v->l->dialect->online;
}

/* What runs between two transactions. */
static bool ends_transaction(const struct review *v, const struct item *item)
{
    const struct op *op = item->op;

    return op && !item->change &&
           (is_online(v, item) || op->kind == OP_BACKFILL || op->kind == OP_RUN ||
               (op->kind == OP_CREATE_INDEX && op->u.create_index.concurrently) ||
               (op->kind == OP_DROP_INDEX && op->u.drop_index.concurrently));
}

static void take_item(struct review *v, const struct item *item)
{
    if (ends_transaction(v, item) || v->body.outside) {
        v->pending = MAP(v->ctx);
        v->has_ddl = false;
        v->write = (struct pos){0};
        v->has_reported_write = false;
    }
    change_check(v, item);
    if (!v->is_downgrade) {
        design_check(v, item);
        touches_add(v, item);
    }
    note_fresh(v, item);
    v->has_ddl |= is_schema_change(item) && !ends_transaction(v, item);
    change_check_writes(v);
    if (item->op)
        replay_apply(v, item);
    else if (item->change->is_ddl || item->change->act == SQL_ACT_UNKNOWN)
        replay_note_unread(v);
}

/* ---- SQL ----------------------------------------------------------------------------------------------- */

static bool read_file(struct review *v, const struct op *op, const char *file, const char **ret)
{
    struct ctx *ctx = v->ctx;
    const char *folder = fs_dirname(&ctx->arena, v->revision->path),
               *path = fs_join(&ctx->arena, folder, file);
    size_t size;
    char *text;

    if (!fs_read(ctx, &ctx->arena, "SQL file", path, FS_TEXT_LIMIT, &text, &size))
        return fail_in(ctx, "%s%s", pos_text(&ctx->arena, op->pos), op_label(&ctx->arena, op));
    *ret = text;
    return true;
}

/* Values of -x are replaced if they are given; a text without them is read as it is. */
static const char *expanded(struct review *v, struct pos pos, const char *text)
{
    const char *result;

    if (!strstr(text, "${x:"))
        return text;
    if (config_expand_x(v->ctx, v->l->request->config, pos, text, &result))
        return result;
    err_clear(v->ctx);
    return text;
}

/* The place that an error begins with, if it is in this file. */
static struct pos place_of_error(const char *text, struct pos otherwise)
{
    size_t n = strlen(otherwise.file);
    struct pos pos = otherwise;

    if (strncmp(text, otherwise.file, n) == 0 && sscanf(text + n, ":%u:%u: ", &pos.line, &pos.column) == 2)
        return pos;
    return otherwise;
}

/* The innermost line of an error is what the database's rules say of the text. */
static void refuse_text(struct review *v, struct pos pos)
{
    static const char mark[] = "of the SQL text: ";
    const char *text = err_text(v->ctx), *own = error_innermost(v->ctx, text), *after;

    if ((after = strstr(own, mark)))
        own = after + strlen(mark);
    err_clear(v->ctx);
    review_add(v, RULE_REFUSED_SQL, place_of_error(text, pos), NULL, "%s", own);
}

static void add_range(struct review *v, struct line_ranges *ranges, struct pos from, struct pos to)
{
    struct line_range one = {from.line, to.line};

    vec_add(v->ctx, ranges, one);
}

/* An .sql revision is read as a whole, so that a comment may be anywhere. */
static void read_sql_comments(struct review *v, const struct op *op, const char *text, struct pos source,
    const struct line_ranges *ranges)
{
    struct pos start = {source.file, 1, 1};

    if (!source.line)
        allow_read_sql(v, op->pos, text, NULL);
    else
        allow_read_sql(v, v->revision->sql ? start : source, v->revision->sql ? v->body.text : text, ranges);
}

static bool has_ddl(const struct sql_changes *changes)
{
    vec_each(i, changes)
        if (changes->v[i]->is_ddl || changes->v[i]->act == SQL_ACT_OPERATION)
            return true;
    return false;
}

/* The statements of a text that is in a file as it is, or part of an operation. */
static void take_text(struct review *v, const struct op *op, const char *text, const struct text_place *place)
{
    struct ctx *ctx = v->ctx;
    const char *clean = v->l->dialect->clean(ctx, text, !v->body.outside);
    struct statement s = {.text = clean, .op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
    struct statements parts = {0};
    struct line_ranges ranges = {0};
    const struct pos source = place->pos;

    if (!v->l->dialect->split(ctx, &s, !v->body.outside, &parts)) {
        refuse_text(v, source.line ? source : op->pos);
        replay_note_unread(v);
        return;
    }
    vec_each(i, &parts) {
        struct sql_changes changes = {0};
        size_t from = parts.v[i]->from, to = parts.v[i]->to ? parts.v[i]->to : strlen(clean);

        sql_read(ctx, v->l->dialect, clean, from, to, &changes);
        struct pos at = source.line ? text_place_at(place, clean, clean + from) : op->pos;
        if (source.line)
            add_range(v, &ranges, at, text_place_at(place, clean, clean + to));
        const char *sql = ctx_printf(ctx, "%.*s", (int)(to - from), clean + from);
        change_check_version(v, NULL, sql, at);
        statement_check(v, sql, has_ddl(&changes), at);
        vec_each(k, &changes) {
            const struct item item = {changes.v[k]->op, changes.v[k], at};
            if (item.op)
                changes.v[k]->op->pos = at;
            take_item(v, &item);
        }
    }
    if (!v->silent && strstr(text, "cmig-lint:"))
        read_sql_comments(v, op, text, source, &ranges);
}

static bool take_execute(struct review *v, const struct op *op)
{
    const char *name = v->l->dialect->name, *file = dtext_for(&op->u.execute.file, name);
    const char *text = dtext_for(&op->u.execute.sql, name);
    struct text_place place = op_text_place(op, name);

    if (file) {
        if (!read_file(v, op, file, &text))
            return false;
        place.pos =
            (struct pos){fs_join(&v->ctx->arena, fs_dirname(&v->ctx->arena, v->revision->path), file), 1, 1};
    }
    if (text)
        take_text(v, op, expanded(v, place.pos.line ? place.pos : op->pos, text), &place);
    return true;
}

/* ---- an embedded database tells which tables it copies --------------------------------------------------- */

/* The texts of `execute` in the form in which they run; a copy, since the list is read again. */
static struct ops runnable(struct review *v)
{
    struct ops ops = {0};

    vec_each(i, &v->body.upgrade) {
        const struct op *op = v->body.upgrade.v[i];
        struct op *copy = ctx_new(v->ctx, struct op);
        const char *text;

        if (!op_changes_schema(op))
            continue;
        *copy = *op;
        vec_add(v->ctx, &ops, copy);
        if (op->kind != OP_EXECUTE)
            continue;
        text = dtext_for(&op->u.execute.sql, v->l->dialect->name);
        if (op->u.execute.file.text && !read_file(v, op, op->u.execute.file.text, &text))
            err_clear(v->ctx);
        copy->u.execute.file = (struct dtext){0};
        copy->u.execute.sql = (struct dtext){
            .text = text ? v->l->dialect->clean(v->ctx, expanded(v, op->pos, text), !v->body.outside) : NULL};
    }
    return ops;
}

static void report_copies(struct review *v, const struct statements *list)
{
    vec_each(i, list) {
        const struct statement *s = list->v[i];
        struct qname table = {.name = s->subject};

        if (!(s->flags & STATEMENT_COPY) || !s->op || !s->subject || review_is_fresh(v, &table))
            continue;
        review_add(v, RULE_REBUILD_TABLE, s->op->pos, &table, "the changes of table '%s' copy all its rows",
            s->subject);
    }
}

static bool follow(struct review *v, struct ops *ops)
{
    struct conn *conn = v->l->stand_in;
    const char *folder = fs_dirname(&v->ctx->arena, v->revision->path ? v->revision->path : ".");
    struct state state = {.dialect = v->l->dialect, .conn = conn, .base = folder};
    struct statements list = {0};

    if (!conn->dialect->begin(conn) || !conn->dialect->render(v->ctx, &state, ops, &list))
        return false;
    report_copies(v, &list);
    return conn->dialect->exec(conn, &list, true);
}

/* After the review of the operations, so that `fresh` is known. */
static void take_copies(struct review *v)
{
    struct conn *conn = v->l->stand_in;
    struct log log = v->ctx->log;
    struct ops ops;

    if (!conn)
        return;
    ops = runnable(v);
    v->ctx->log.level = LOG_ERROR; /* of user SQL that needs rows, which `upgrade --sql` warns of */
    bool ok = follow(v, &ops);
    v->ctx->log = log;
    if (ok)
        return;
    log_debug(v->ctx, "lint does not follow copies of tables after revision %s: %s", v->revision->id,
        err_text(v->ctx));
    err_clear(v->ctx);
    conn->dialect->rollback(conn);
    conn->dialect->close(conn);
    v->l->stand_in = NULL;
}

/* ---- a revision ---------------------------------------------------------------------------------------- */

static void add_op_ranges(struct ctx *ctx, const struct ops *ops, struct line_ranges *ret)
{
    vec_each(i, ops) {
        struct line_range one = {ops->v[i]->pos.line, 0};
        size_t at = ret->n;

        while (at && ret->v[at - 1].from > one.from)
            at--;
        vec_insert(ctx, ret, at, one);
    }
}

static void read_comments(struct review *v)
{
    struct line_ranges ranges = {0};
    struct revision_body all;
    const struct audience everywhere = {.environments = v->l->request->config->environments};

    if (v->revision->sql || !strstr(v->body.text, "cmig-lint:"))
        return;
    /* Operations for other databases end a range, too. */
    if (!revision_body(v->ctx, v->revision, &everywhere, &all)) {
        err_clear(v->ctx);
        all = v->body;
    }
    add_op_ranges(v->ctx, &all.upgrade, &ranges);
    add_op_ranges(v->ctx, &all.downgrade, &ranges);
    vec_each(i, &ranges)
        ranges.v[i].to = i + 1 < ranges.n ? ranges.v[i + 1].from - 1 : (unsigned)-1;
    allow_read_yaml(v, v->revision->pos.file, v->body.text, &ranges);
}

static bool review_ops(struct review *v, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        const struct item item = {.op = op, .pos = op->pos};

        if (op->kind != OP_EXECUTE)
            take_item(v, &item);
        else if (!take_execute(v, op))
            return false;
    }
    return true;
}

/* What the downgrade costs, on the schema after the upgrade, which is the same afterwards. */
static bool review_downgrade(struct review *v)
{
    struct schema *schema = v->l->schema;
    const struct map fresh = v->fresh;

    if (!v->l->request->downgrades || v->silent)
        return true;
    v->l->schema = downgrade_schema(v);
    v->fresh = v->pending = MAP(v->ctx);
    v->has_ddl = v->has_reported_write = false;
    v->write = (struct pos){0};
    v->is_downgrade = true;
    bool ok = review_ops(v, &v->body.downgrade);
    v->is_downgrade = false;
    v->l->schema = schema;
    v->fresh = fresh;
    return ok;
}

static bool review_revision(struct linter *l, const struct revision *r)
{
    struct ctx *ctx = l->ctx;
    const struct config *config = l->request->config;
    const struct audience to = {.dialect = l->dialect->name,
        .environment = config->environment,
        .environments = config->environments};
    struct review v = {.l = l, .ctx = ctx, .revision = r, .fresh = MAP(ctx), .pending = MAP(ctx)};

    v.silent = l->request->wanted && !l->request->wanted[r->order];
    if (!revision_body(ctx, r, &to, &v.body))
        return false;
    v.body.outside |= config->transaction == TRANSACTION_NONE;
    naming_check_ops(&v, &v.body.upgrade);
    if (!ops_name(ctx, config->naming, l->dialect, &v.body.upgrade) ||
        !ops_name(ctx, config->naming, l->dialect, &v.body.downgrade))
        return false;
    if (!v.silent) {
        read_comments(&v);
        downgrade_check(&v);
        downgrade_compare(&v);
    }
    if (!review_ops(&v, &v.body.upgrade))
        return false;
    design_check_keys(&v);
    take_copies(&v);
    if (!review_downgrade(&v))
        return false;
    allow_apply(&v);
    return true;
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static bool open_stand_in(struct linter *l)
{
    const struct url nowhere = {.rest = "", .dialect = l->dialect};
    const struct open_options options = {.stand_in = true};

    enum lint_level level = l->request->levels->of[RULE_REBUILD_TABLE];

    if (level == LINT_OFF || level < l->request->least)
        return true;
    return !l->dialect->has.embedded || l->dialect->open(l->ctx, &nowhere, &options, &l->stand_in);
}

/* Those that are not wanted, and come after all that are, need not be read. */
static size_t last_wanted(const struct lint_request *request, const struct revisions *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (!request->wanted || request->wanted[list->v[i]->order])
            return i;
    return list->n;
}

static bool review_all(struct linter *l)
{
    struct revisions heads = {0}, sorted = {0};

    graph_heads(l->ctx, l->request->graph, &heads);
    if (!graph_sorted(l->ctx, l->request->graph, &heads, &sorted))
        return false;
    size_t last = touches_matter(l) ? 0 : last_wanted(l->request, &sorted);
    for (size_t i = sorted.n; i-- > last;) {
        if (ctx_interrupted(l->ctx))
            return fail_interrupted(l->ctx);
        if (!review_revision(l, sorted.v[i]))
            return false;
    }
    touches_check(l);
    return true;
}

bool lint_run(struct ctx *ctx, const struct lint_request *request, struct findings *ret)
{
    struct linter l = {.ctx = ctx, .request = request, .dialect = request->dialect, .found = ret};
    bool ok;

    *ret = (struct findings){0};
    l.schema = ctx_new(ctx, struct schema);
    l.schema->default_schema = l.dialect->hazards ? l.dialect->hazards->default_schema : NULL;
    touches_begin(&l);
    ok = open_stand_in(&l) && review_all(&l);
    if (l.stand_in)
        l.stand_in->dialect->close(l.stand_in);
    if (ok && request->replay)
        request->replay->schema = l.schema;
    return ok;
}

/* ---- operations without a file --------------------------------------------------------------------------- */

static bool review_copies(struct review *v, struct conn *conn, struct ops *ops)
{
    struct state state = {.dialect = conn->dialect, .conn = conn, .base = ".", .elsewhere = true};
    struct statements list = {0};

    if (!conn->dialect->has.embedded)
        return true;
    if (!conn->dialect->render(v->ctx, &state, ops, &list))
        return false;
    report_copies(v, &list);
    return true;
}

bool lint_ops(struct ctx *ctx, const struct lint_request *request, struct conn *conn, struct schema *schema,
    struct diff *diff, struct findings *ret)
{
    static const struct revision none = {0};
    static const struct graph no_graph = {0};
    struct lint_request alone = *request;
    struct linter l = {
        .ctx = ctx, .request = &alone, .dialect = request->dialect, .schema = schema, .found = ret};
    struct review v = {.l = &l, .ctx = ctx, .revision = &none, .fresh = MAP(ctx), .pending = MAP(ctx)};

    alone.graph = &no_graph;
    v.body.upgrade = diff->up;
    v.body.downgrade = diff->down;
    v.body.has_downgrade = true;
    touches_begin(&l);
    if (!review_ops(&v, &diff->up))
        return false;
    design_check_keys(&v);
    if (conn && !review_copies(&v, conn, &diff->up))
        return false;
    *ret = v.found;
    return true;
}
