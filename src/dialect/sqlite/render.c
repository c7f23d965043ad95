/*
 * Renders operations as SQLite statements.
 *
 * Changes that ALTER TABLE does not support are collected, so that several changes of one table need one
 * rebuild. They are made before any operation that may read the tables (a script, rows, a view, a rename).
 */
#include "dialect/sqlite/render.h"

#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/prepare.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/types.h"
#include "dialect/sqlite/virtual.h"

struct statement *rendering_add(struct rendering *r, const char *text, const struct op *op)
{
    return statement_add(r->ctx, r->out, text, op);
}

void concern_add(struct rendering *r, struct concerns *list, const char *table, const struct op *op)
{
    struct concern *c = ctx_new(r->ctx, struct concern);
    *c = (struct concern){table, op};
    vec_add(r->ctx, list, c);
}

bool(rendering_fail)(struct rendering *r, const struct op *op)
{
    return fail_in(r->ctx, "%s%s", pos_text(&r->ctx->arena, op->pos), op_label(&r->ctx->arena, op));
}

/* One statement from a format and names. */
static void add_names(struct rendering *r, const struct op *op, const char *fmt, const char *a, const char *b)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, fmt, a, b);
    rendering_add(r, sql_end(&q), op);
}

/* ---- operations that do nothing, and operations that are impossible ------------------------------------ */

/* Enum types and comments leave no trace in SQLite. */
static bool render_nothing(ATTR_UNUSED struct rendering *r, ATTR_UNUSED const struct op *op)
{
    return true;
}

static bool render_refused(struct rendering *r, const struct op *op)
{
    return refuse_kind(r->ctx, op) || rendering_fail(r, op);
}

/* Settings in the header of the file. */
static bool render_alter_database(struct rendering *r, const struct op *op)
{
    const struct options *list = &op->u.alter_database.options;
    vec_each(i, list) {
        const struct option *o = &list->v[i];
        if (str_eq(o->dialect, "sqlite"))
            rendering_add(
                r, ctx_printf(r->ctx, "PRAGMA %s = %s", o->key, o->value && *o->value ? o->value : "0"), op);
    }
    return true;
}

/* ---- tables ------------------------------------------------------------------------------------------ */

static bool render_create_table(struct rendering *r, const struct op *op)
{
    const struct op_create_table *o = &op->u.create_table;
    struct table *t = table_copy(r->ctx, &o->table);
    const char *text = NULL;
    if (!table_complete(r->ctx, t))
        return rendering_fail(r, op);
    if (o->if_not_exists && !shadow_table_text(r, t->name.name, &text))
        return false;
    rendering_add(r, create_table_sql(r->ctx, t, t->name.name, o->if_not_exists), op);
    vec_each(i, &t->indexes)
        rendering_add(r, create_index_sql(r->ctx, t->name.name, t->indexes.v[i], o->if_not_exists), op);
    return text || on_update_create(r, op, t);
}

static bool render_drop_table(struct rendering *r, const struct op *op)
{
    const struct op_drop *o = &op->u.drop;
    pending_forget(r, o->name.name);
    if (o->cascade && !cascade_keys(r, op, o->name.name, NULL))
        return false;
    add_names(r, op, o->if_exists ? "DROP TABLE IF EXISTS %I" : "DROP TABLE %I", o->name.name, NULL);
    concern_add(r, o->dangling ? &r->dangling : &r->gone, o->name.name, op);
    return !o->cascade || cascade_views(r, op);
}

static bool rename_table(struct rendering *r, const struct op *op, const char *from, const char *to)
{
    add_names(r, op, "ALTER TABLE %I RENAME TO %I", from, to);
    return statistics_rename_keys(r, op, from, to) && statistics_rename_table(r, op, from, to);
}

/* To SQLite names that differ only in case are the same, and so already in use. */
static bool render_rename_table(struct rendering *r, const struct op *op)
{
    const char *from = op->u.rename.name.name, *to = op->u.rename.new_name.name;
    struct on_updates set;
    if (!pending_flush(r) || !refuse_schema(r->ctx, op->pos, &op->u.rename.new_name) ||
        !on_update_take(r, op, from, &set))
        return false;
    if (str_eq_ci(from, to)) {
        const char *between = ctx_printf(r->ctx, "_cmig_%s", to);
        if (!rename_table(r, op, from, between))
            return false;
        from = between;
    }
    return rename_table(r, op, from, to) && on_update_give(r, op, to, &set);
}

static bool render_change(struct rendering *r, const struct op *op)
{
    return pending_add(r, op, op_table_name(op)->name);
}

static bool render_drop_column(struct rendering *r, const struct op *op)
{
    const struct op_drop_column *o = &op->u.drop_column;
    if (!o->cascade)
        return render_change(r, op);
    return cascade_keys(r, op, o->table.name, o->name) && render_change(r, op) && cascade_views(r, op);
}

/* The column's new name comes last, by SQLite's own means: it changes views, triggers and references as well. */
static bool rename_column(
    struct rendering *r, const struct op *op, const char *table, const char *from, const char *to)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    struct on_updates set;
    if (!pending_flush(r) || !on_update_take(r, op, table, &set))
        return false;
    sql_addf(&q, "ALTER TABLE %I RENAME COLUMN %I TO %I", table, from, to);
    rendering_add(r, sql_end(&q), op);
    on_update_rename(r, &set, from, to);
    return on_update_give(r, op, table, &set);
}

static bool render_rename_column(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    return rename_column(r, op, o->table.name, o->name, o->new_name);
}

static bool render_alter_column(struct rendering *r, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    const uint32_t itself = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_NEW_NAME;
    if ((o->given & ~itself) && !pending_add(r, op, o->table.name))
        return false;
    return !ALTER_HAS(o, ALTER_NEW_NAME) || rename_column(r, op, o->table.name, o->name, o->new_name);
}

static bool render_constraint(struct rendering *r, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    if (!refuse_constraint(r->ctx, op->pos, &o->constraint))
        return rendering_fail(r, op);
    return pending_add(r, op, o->table.name);
}

/* The columns say in which tables: "posts.status". */
static bool render_alter_enum(struct rendering *r, const struct op *op)
{
    const struct strings *columns = &op->u.alter_enum.columns;
    struct qname name;
    vec_each(i, columns) {
        if (!qname_parse(&r->ctx->arena, columns->v[i], &name) || !name.schema)
            continue;
        const char *dot = strrchr(name.schema, '.');
        const char *table = dot ? dot + 1 : name.schema;
        const struct pending *p = pending_find(r, table);
        if (p && p->ops.v[p->ops.n - 1] == op) /* two of its columns in one table */
            continue;
        if (!pending_add(r, op, table))
            return false;
    }
    return true;
}

/* ---- indexes ----------------------------------------------------------------------------------------- */

/* Only the table's columns tell which double-quoted words are not names. */
static bool settle_strings(struct rendering *r, const struct op_create_index *o, struct index *index)
{
    struct parsed_table parsed;
    const char *text, *problem;
    if (!strchr(create_index_sql(r->ctx, o->table.name, index, false), '"'))
        return true;
    if (!shadow_table_text(r, o->table.name, &text))
        return false;
    if (text && parse_table(r->ctx, text, NULL, &parsed, &problem))
        index_settle_strings(r->ctx, parsed.table, index);
    return true;
}

bool rendering_index(struct rendering *r, const struct op *op)
{
    const struct op_create_index *o = &op->u.create_index;
    struct index *index = index_copy(r->ctx, &o->index);
    if (!refuse_index(r->ctx, op->pos, index) || !settle_strings(r, o, index))
        return rendering_fail(r, op);
    rendering_add(r, create_index_sql(r->ctx, o->table.name, index, o->if_not_exists), op);
    return true;
}

static bool render_create_index(struct rendering *r, const struct op *op)
{
    const char *table = op->u.create_index.table.name;
    return pending_find(r, table) ? pending_add(r, op, table) : rendering_index(r, op);
}

static bool waits_for_index(const struct rendering *r, const char *name)
{
    vec_each(i, &r->pending) {
        const struct ops *ops = &r->pending.v[i]->ops;
        vec_each(k, ops)
            if (ops->v[k]->kind == OP_CREATE_INDEX && str_eq_ci(ops->v[k]->u.create_index.index.name, name))
                return true;
    }
    return false;
}

static bool render_drop_index(struct rendering *r, const struct op *op)
{
    const struct op_drop_index *o = &op->u.drop_index;
    if (waits_for_index(r, o->name) && !pending_flush(r))
        return false;
    add_names(r, op, o->if_exists ? "DROP INDEX IF EXISTS %I" : "DROP INDEX %I", o->name, NULL);
    return true;
}

/* The text of CREATE INDEX or CREATE VIEW with another name. */
static const char *text_with_name(struct rendering *r, const char *sql, const char *name)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    struct tokens t;
    size_t i = 0;
    tokens_read(r->ctx, sql, strlen(sql), &t);
    while (i < t.n && !token_is(&t.v[i], "INDEX") && !token_is(&t.v[i], "VIEW"))
        i++;
    if (i + 4 < t.n && token_is(&t.v[i + 1], "IF"))
        i += 3;
    if (i + 3 < t.n && token_op(&t.v[i + 2], "."))
        i += 2;
    if (i + 1 >= t.n)
        return sql;
    const struct token *old = &t.v[i + 1];
    sql_addf(&q, "%E%I%E", arena_strndup(&r->ctx->arena, sql, (size_t)(old->s - sql)), name, old->s + old->n);
    return sql_end(&q);
}

static bool find_index(struct rendering *r, const struct op *op, const char **ret)
{
    struct shadow_rows found;
    if (!shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name = ? COLLATE NOCASE",
            op->u.rename_part.name, &found))
        return false;
    *ret = found.n ? found.v[0]->sql : NULL;
    if (*ret)
        return true;
    fail(r->ctx, STATUS_FAILED, "index '%s' does not exist", op->u.rename_part.name);
    return rendering_fail(r, op);
}

static bool check_name_is_free(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct shadow_rows found;
    if (!shadow_rows(r,
            "SELECT type, NULL FROM sqlite_schema WHERE type <> 'trigger' AND name = ? COLLATE NOCASE",
            o->new_name, &found))
        return false;
    if (!found.n || str_eq_ci(o->name, o->new_name))
        return true;
    fail(r->ctx, STATUS_FAILED, "%s '%s' already exists", found.v[0]->name, o->new_name);
    return rendering_fail(r, op);
}

/* SQLite cannot rename one: the stored name is changed or, in a script, the index is built once more. */
static bool render_rename_index(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    const char *text;
    if (!pending_flush(r) || !shadow_sync(r) || !find_index(r, op, &text) || !check_name_is_free(r, op))
        return false;
    const char *renamed = text_with_name(r, text, o->new_name);
    if (rendering_rows(r))
        return edit_index(r, op, o->name, o->new_name, renamed) &&
               statistics_rename_index(r, op, o->name, o->new_name);
    add_names(r, op, "DROP INDEX %I", o->name, NULL);
    rendering_add(r, renamed, op);
    return true;
}

/* ---- views ------------------------------------------------------------------------------------------- */

static bool render_create_view(struct rendering *r, const struct op *op)
{
    if (!pending_flush(r) || !refuse_schema(r->ctx, op->pos, &op->u.view.view.name))
        return false;
    rendering_add(r, create_view_sql(r->ctx, &op->u.view.view), op);
    return true;
}

static bool render_drop_view(struct rendering *r, const struct op *op)
{
    const struct op_drop *o = &op->u.drop;
    add_names(r, op, o->if_exists ? "DROP VIEW IF EXISTS %I" : "DROP VIEW %I", o->name.name, NULL);
    return !o->cascade || cascade_views(r, op);
}

#define TRIGGERS_OF \
    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY " \
    "rowid"

/* INSTEAD OF triggers are dropped with the old view, and created again. */
static bool render_replace_view(struct rendering *r, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    struct shadow_rows triggers;
    if (!pending_flush(r) || !shadow_sync(r) || !shadow_rows(r, TRIGGERS_OF, v->name.name, &triggers))
        return false;
    add_names(r, op, "DROP VIEW IF EXISTS %I", v->name.name, NULL);
    rendering_add(r, create_view_sql(r->ctx, v), op);
    vec_each(i, &triggers)
        rendering_add(r, triggers.v[i]->sql, op);
    return true;
}

/* The text of a trigger with another table or view, which is the name after its first ON. */
static const char *trigger_on(struct rendering *r, const char *sql, const char *name)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    struct tokens t;
    tokens_read(r->ctx, sql, strlen(sql), &t);
    for (size_t i = 0; i + 1 < t.n; i++) {
        if (!token_is(&t.v[i], "ON"))
            continue;
        const char *rest = t.v[i + 1].s + t.v[i + 1].n;
        sql_addf(&q, "%E %I%E", arena_strndup(&r->ctx->arena, sql, (size_t)(t.v[i].s + t.v[i].n - sql)), name,
            rest);
        return sql_end(&q);
    }
    return sql;
}

static bool render_rename_view(struct rendering *r, const struct op *op)
{
    const struct op_rename *o = &op->u.rename;
    struct shadow_rows views, triggers;
    struct view *view;
    const char *problem;
    if (!pending_flush(r) || !shadow_sync(r) || !shadow_rows(r, TRIGGERS_OF, o->name.name, &triggers) ||
        !shadow_rows(r, "SELECT name, sql FROM sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE",
            o->name.name, &views))
        return false;
    if (!views.n || !parse_view(r->ctx, views.v[0]->sql, &view, &problem)) {
        fail(r->ctx, STATUS_FAILED, views.n ? "cannot parse view '%s'" : "view '%s' does not exist",
            o->name.name);
        return rendering_fail(r, op);
    }
    add_names(r, op, "DROP VIEW %I", o->name.name, NULL);
    rendering_add(r, text_with_name(r, views.v[0]->sql, o->new_name.name), op);
    vec_each(i, &triggers)
        rendering_add(r, trigger_on(r, triggers.v[i]->sql, o->new_name.name), op);
    return true;
}

/* ---- rows and scripts -------------------------------------------------------------------------------- */

static bool render_execute(struct rendering *r, const struct op *op)
{
    const char *text = dtext_for(&op->u.execute.sql, "sqlite");
    if (!pending_flush(r))
        return false;
    if (text)
        rendering_add(r, text, op)->flags |= STATEMENT_SCRIPT;
    return true;
}

static bool render_assert(struct rendering *r, const struct op *op)
{
    const char *text = dtext_for(&op->u.assertion.sql, "sqlite");
    if (!pending_flush(r))
        return false;
    if (text)
        rendering_add(r, text, op)->flags |= STATEMENT_CHECK;
    return true;
}

static bool same_columns(const struct row *a, const struct row *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!str_eq(a->v[i]->column, b->v[i]->column))
            return false;
    return true;
}

static bool add_row(struct rendering *r, struct sql *q, const struct row *row)
{
    vec_each(i, row) {
        const char *text = NULL;
        if (!value_to_native(r->ctx, NULL, &row->v[i]->value, &text))
            return false;
        sql_add(q, i ? ", " : "(");
        sql_addf(q, "%E", text ? text : "NULL");
    }
    sql_add(q, ")");
    return true;
}

/* Text is typed by the columns of the table as it is then. */
static bool render_file(struct rendering *r, const struct op *op)
{
    const struct op_bulk_insert *o = &op->u.bulk_insert;
    struct statement *s;
    struct parsed_table parsed;
    const char *text, *problem;
    if (!shadow_sync(r) || !shadow_table_text(r, o->table.name, &text))
        return false;
    s = rendering_add(r, sql_comment(r->ctx, ctx_printf(r->ctx, "rows of '%s'", o->file)), op);
    s->flags |= STATEMENT_ROWS;
    s->subject = fs_join(&r->ctx->arena, r->state->base ? r->state->base : ".", o->file);
    if (text && parse_table(r->ctx, text, NULL, &parsed, &problem))
        s->rows = parsed.table;
    return true;
}

/* Rows with the same columns share a statement, up to a size that is still readable in a script. */
static bool render_bulk_insert(struct rendering *r, const struct op *op)
{
    enum { ROWS = 200 };
    const struct op_bulk_insert *o = &op->u.bulk_insert;
    if (!pending_flush(r))
        return false;
    if (o->file)
        return render_file(r, op);
    for (size_t i = 0, next; i < o->rows.n; i = next) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        const struct row *first = o->rows.v[i];
        if (!first->n) {
            add_names(r, op, "INSERT INTO %I DEFAULT VALUES", o->table.name, NULL);
            next = i + 1;
            continue;
        }
        sql_addf(&q, "INSERT INTO %I (", o->table.name);
        vec_each(k, first)
            sql_addf(&q, k ? ", %I" : "%I", first->v[k]->column);
        sql_add(&q, ") VALUES");
        for (next = i; next < o->rows.n && next - i < ROWS && same_columns(first, o->rows.v[next]); next++) {
            sql_add(&q, next == i ? "\n  " : ",\n  ");
            if (!add_row(r, &q, o->rows.v[next]))
                return rendering_fail(r, op);
        }
        rendering_add(r, sql_end(&q), op);
    }
    return true;
}

/* ---- what the runner does ---------------------------------------------------------------------------- */

static bool render_backfill(struct rendering *r, const struct op *op)
{
    if (!pending_flush(r))
        return false;
    rendering_add(r, backfill_text(r->ctx, &sqlite_dialect, &op->u.backfill), op)->flags |=
        STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}

static bool render_run(struct rendering *r, const struct op *op)
{
    if (!pending_flush(r))
        return false;
    rendering_add(r, sql_comment(r->ctx, op_describe(&r->ctx->arena, op)), op)->flags |=
        STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static bool (*const renderers[OP_KINDS])(struct rendering *r, const struct op *op) = {
    [OP_CREATE_SCHEMA] = render_refused,
    [OP_DROP_SCHEMA] = render_refused,
    [OP_ALTER_DATABASE] = render_alter_database,
    [OP_CREATE_ENUM] = render_nothing,
    [OP_DROP_ENUM] = render_nothing,
    [OP_ALTER_ENUM] = render_alter_enum,
    [OP_RENAME_ENUM] = render_nothing,
    [OP_ATTACH_PARTITION] = render_refused,
    [OP_DETACH_PARTITION] = render_refused,
    [OP_COPY_ROWS] = render_refused,
    [OP_ADD_PARENT] = render_refused,
    [OP_DROP_PARENT] = render_refused,
    [OP_RENAME_PARTITION_INDEX] = render_refused,
    [OP_CREATE_SEQUENCE] = render_refused,
    [OP_DROP_SEQUENCE] = render_refused,
    [OP_ALTER_SEQUENCE] = render_refused,
    [OP_RENAME_SEQUENCE] = render_refused,
    [OP_CREATE_TABLE] = render_create_table,
    [OP_DROP_TABLE] = render_drop_table,
    [OP_RENAME_TABLE] = render_rename_table,
    [OP_ALTER_TABLE] = render_change,
    [OP_ADD_COLUMN] = render_change,
    [OP_DROP_COLUMN] = render_drop_column,
    [OP_ALTER_COLUMN] = render_alter_column,
    [OP_RENAME_COLUMN] = render_rename_column,
    [OP_CREATE_INDEX] = render_create_index,
    [OP_DROP_INDEX] = render_drop_index,
    [OP_RENAME_INDEX] = render_rename_index,
    [OP_CREATE_PRIMARY_KEY] = render_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = render_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = render_constraint,
    [OP_CREATE_FOREIGN_KEY] = render_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = render_refused,
    [OP_DROP_CONSTRAINT] = render_change,
    [OP_RENAME_CONSTRAINT] = render_change,
    [OP_VALIDATE_CONSTRAINT] = render_change,
    [OP_CREATE_TABLE_COMMENT] = render_nothing,
    [OP_DROP_TABLE_COMMENT] = render_nothing,
    [OP_SET_COMMENT] = render_nothing,
    [OP_GRANT] = render_nothing,
    [OP_REVOKE] = render_nothing,
    [OP_CHANGE_OWNER] = render_nothing,
    [OP_CREATE_VIEW] = render_create_view,
    [OP_DROP_VIEW] = render_drop_view,
    [OP_REPLACE_VIEW] = render_replace_view,
    [OP_RENAME_VIEW] = render_rename_view,
    [OP_BULK_INSERT] = render_bulk_insert,
    [OP_EXECUTE] = render_execute,
    [OP_BACKFILL] = render_backfill,
    [OP_RUN] = render_run,
    [OP_ASSERT] = render_assert,
};

/* Ends a query of pragma_foreign_key_check without the rows that refer to tables which may be missing. */
static void skip_dangling(struct rendering *r, struct sql *q)
{
    vec_each(i, &r->dangling)
        sql_addf(q, i ? ", %L" : " WHERE parent COLLATE NOCASE NOT IN (%L", r->dangling.v[i]->table);
    if (r->dangling.n)
        sql_add(q, ")");
}

/* How many rows violate the keys of a table before the operations, which SQLite allows while enforcement is
 * off. False if that is unknown: a foreign key refers to columns that are not a key. */
static bool violations_before(struct rendering *r, const char *table, const char **ret)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    *ret = NULL;
    if (!r->state->conn)
        return true;
    sql_add(&q, "SELECT (SELECT count(*) FROM pragma_foreign_key_check(name)");
    skip_dangling(r, &q);
    sql_addf(&q, ") FROM sqlite_schema WHERE type = 'table' AND name = %L COLLATE NOCASE", table);
    if (sqlite_query(sqlite_conn(r->state->conn), sql_end(&q), ret))
        return true;
    err_clear(r->ctx);
    return false;
}

/* Earlier violations are no obstacle. */
static void add_key_checks(struct rendering *r)
{
    vec_each(i, &r->concerns) {
        const struct concern *c = r->concerns.v[i];
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        const char *before;
        if (!violations_before(r, c->table, &before))
            continue;
        sql_addf(&q,
            "SELECT %L || ifnull(rowid, '?') || ' refers to a row of ' || parent || ' that is not there' "
            "FROM "
            "pragma_foreign_key_check(%L)",
            ctx_printf(r->ctx, "foreign key of '%s' violated: row ", c->table), c->table);
        skip_dangling(r, &q);
        if (before && !str_eq(before, "0"))
            sql_addf(&q, " LIMIT -1 OFFSET %E", before);
        rendering_add(r, sql_end(&q), c->op)->flags |= STATEMENT_CHECK;
    }
}

/* Whether the text of a table may have the name of a dropped one. SQLite's list of a table's keys takes far longer
 * than a look for the name, in which a quote may be written in several ways. SQLite limits the depth of expressions,
 * and looking for many names takes longer again. */
static void add_candidates(struct rendering *r, struct sql *q)
{
    enum { MANY = 50 };

    if (r->gone.n > MANY) {
        sql_add(q, "instr(lower(m.sql), 'references')");
        return;
    }
    vec_each(i, &r->gone) {
        const char *name = r->gone.v[i]->table;
        sql_addf(q, i ? " OR instr(lower(m.sql), lower(%L))" : "(instr(lower(m.sql), lower(%L))",
            strpbrk(name, "\"'`[]") ? "references" : name);
    }
    sql_add(q, ")");
}

/* A dropped table may exist again, under the same name. */
static void add_reference_check(struct rendering *r)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    if (!r->gone.n)
        return;
    sql_add(&q,
        "SELECT DISTINCT 'table ''' || m.name || ''' still refers to table ''' || f.\"table\" || '''' "
        "FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND ");
    add_candidates(r, &q);
    sql_add(&q,
        " AND NOT EXISTS (SELECT 1 FROM sqlite_schema t WHERE t.type = 'table' AND t.name = f.\"table\" "
        "COLLATE NOCASE) AND f.\"table\" COLLATE NOCASE IN (");
    vec_each(i, &r->gone)
        sql_addf(&q, i ? ", %L" : "%L", r->gone.v[i]->table);
    sql_add(&q, ")");
    rendering_add(r, sql_end(&q), r->gone.v[r->gone.n - 1]->op)->flags |= STATEMENT_CHECK;
}

static bool has_kind(const struct ops *ops, enum op_kind kind)
{
    vec_each(i, ops)
        if (ops->v[i]->kind == kind)
            return true;
    return false;
}

static bool has_any(const struct ops *ops, const enum op_kind *kinds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (has_kind(ops, kinds[i]))
            return true;
    return false;
}

/* Whether the database has any object that the operations may break. */
static bool has_dependents(struct rendering *r, const struct ops *ops, bool *ret)
{
    static const enum op_kind drops[] = {OP_DROP_TABLE, OP_DROP_VIEW};
    static const enum op_kind takes[] = {
        OP_DROP_TABLE, OP_DROP_VIEW, OP_RENAME_TABLE, OP_RENAME_COLUMN, OP_ALTER_COLUMN, OP_DROP_COLUMN};
    bool all = has_any(ops, drops, COUNT_OF(drops));
    const char *found = NULL;
    *ret = false;
    if (!r->state->conn || !has_any(ops, takes, COUNT_OF(takes)))
        return true;
    if (!sqlite_query(sqlite_conn(r->state->conn),
            all ? "SELECT 1 FROM sqlite_schema WHERE type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL "
                  "TABLE%' LIMIT 1"
                : "SELECT 1 FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%' LIMIT 1",
            &found))
        return false;
    *ret = found != NULL;
    return true;
}

/* New views, and objects that may have lost what they read. A program in between may create missing objects. */
static bool check_dependents(struct rendering *r, const struct ops *ops)
{
    bool any = false;
    if (has_kind(ops, OP_RUN))
        return true;
    if (!r->shadow && !has_dependents(r, ops, &any))
        return false;
    if (!r->shadow && !any && !(r->state->conn && has_kind(ops, OP_CREATE_VIEW)))
        return true;
    return shadow_sync(r) && shadow_check_dependents(r, ops);
}

/* SQLite cannot rename one. */
static bool rename_trigger(struct rendering *r, const struct op *op)
{
    const struct op_object *o = &op->u.object;
    struct shadow_rows found;
    size_t at, n;
    if (!pending_flush(r) || !shadow_sync(r) ||
        !shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name = ? COLLATE NOCASE",
            o->object.name.name, &found))
        return false;
    if (!found.n || !object_sql_name(OBJECT_TRIGGER, found.v[0]->sql, &at, &n)) {
        fail(r->ctx, STATUS_FAILED, "trigger '%s' does not exist", o->object.name.name);
        return rendering_fail(r, op);
    }
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "%E%I%E", arena_strndup(&r->ctx->arena, found.v[0]->sql, at), o->new_name,
        found.v[0]->sql + at + n);
    add_names(r, op, "DROP TRIGGER %I", found.v[0]->name, NULL);
    rendering_add(r, sql_end(&q), op);
    return true;
}

static bool render_trigger(struct rendering *r, const struct op *op)
{
    const struct op_object *o = &op->u.object;
    enum object_verb verb = op_object_verb(op->kind);
    const char *text = dtext_for(&o->object.sql, "sqlite");
    if (verb == OBJECT_RENAME)
        return rename_trigger(r, op);
    if (verb != OBJECT_DROP && !text)
        return true;
    if (!pending_flush(r))
        return false;
    if (verb != OBJECT_CREATE)
        add_names(
            r, op, o->if_exists ? "DROP TRIGGER IF EXISTS %I" : "DROP TRIGGER %I", o->object.name.name, NULL);
    if (verb != OBJECT_DROP)
        rendering_add(r, text, op);
    return true;
}

/* Other kinds do not exist in SQLite. */
static bool render_object(struct rendering *r, const struct op *op)
{
    switch ((int)op_object_kind(op->kind)) {
    case OBJECT_TRIGGER:
        return render_trigger(r, op);
    case OBJECT_VIRTUAL_TABLE:
        return render_virtual_table(r, op);
    }
    return true;
}

/* SQLite knows its tables by name; a query would read the whole schema. */
static bool is_table(const struct sqlite_conn *c, const char *name)
{
    return sqlite3_table_column_metadata(c->db, "main", name, NULL, NULL, NULL, NULL, NULL, NULL) ==
           SQLITE_OK;
}

/* Whether it is about an index of a materialized view, which is a plain one here and has none. */
static bool is_index_of_view(struct rendering *r, const struct ops *ops, size_t at, bool *ret)
{
    const struct op *op = ops->v[at];
    const struct qname *on = op_table_name(op);
    const char *found = NULL;
    *ret = false;
    if (!on || (op->kind != OP_CREATE_INDEX && op->kind != OP_DROP_INDEX && op->kind != OP_RENAME_INDEX))
        return true;
    const char *name = on->name;
    for (size_t i = at; i-- > 0 && !*ret;) {
        const struct op *before = ops->v[i];
        *ret = before->kind == OP_CREATE_VIEW && str_eq_ci(before->u.view.view.name.name, name);
        if (before->kind == OP_RENAME_VIEW && str_eq_ci(before->u.rename.new_name.name, name))
            name = before->u.rename.name.name;
    }
    if (*ret || !r->state->conn || is_table(sqlite_conn(r->state->conn), name))
        return true;
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = %L COLLATE NOCASE", name);
    if (!sqlite_query(sqlite_conn(r->state->conn), sql_end(&q), &found))
        return false;
    *ret = found != NULL;
    return true;
}

static bool render_all(struct rendering *r, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        const struct qname *table = op_table_name(op);
        bool skip;
        if (op_object_kind(op->kind) != OBJECT_KINDS) {
            if (!render_object(r, op))
                return false;
            continue;
        }
        if (table && !refuse_schema(r->ctx, op->pos, table))
            return rendering_fail(r, op);
        if (!is_index_of_view(r, ops, i, &skip))
            return false;
        if (!skip && !renderers[op->kind](r, op))
            return false;
    }
    if (!pending_flush(r))
        return false;
    add_key_checks(r);
    add_reference_check(r);
    return check_dependents(r, ops);
}

bool sqlite_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret)
{
    struct rendering r = {.ctx = ctx, .state = state, .out = ret};
    bool ok = render_all(&r, ops);
    shadow_close(&r);
    if (state->conn && state->conn->stand_in)
        sqlite_conn(state->conn)->exchanges =
            (struct exchanges){.v = r.exchanges.v, .n = r.exchanges.n, .cap = r.exchanges.cap};
    return ok;
}
