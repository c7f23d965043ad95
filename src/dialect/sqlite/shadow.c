/*
 * What would the schema be after the statements rendered so far?
 *
 * Nobody knows that better than SQLite. So its schema is made once more in memory, without rows, and each statement is
 * run there, too. That tells which ALTER TABLE it takes, what it makes of the texts of views and triggers, and
 * what would break.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"

/* ---- making it --------------------------------------------------------------------------------------- */

/* A script must not reach beyond the memory database; what it begins and ends outside of a transaction is nothing to
 * the one here. */
static int authorize(ATTR_UNUSED void *user, int action, ATTR_UNUSED const char *a, ATTR_UNUSED const char *b,
    ATTR_UNUSED const char *db, ATTR_UNUSED const char *trigger)
{
    if (action == SQLITE_TRANSACTION)
        return SQLITE_IGNORE;
    return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

/* Failures are passed over: a virtual table without its module, a function that only the program has. */
static void try_out(struct rendering *r, const char *sql)
{
    sqlite3_exec(r->shadow->db, sql, NULL, NULL, NULL);
}

static bool copy_schema(struct rendering *r)
{
    struct sqlite_conn *c = sqlite_conn(r->state->conn);
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c,
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' "
            "ORDER BY "
            "CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid",
            &stmt))
        return false;
    while (sqlite_step(c, stmt, &row) && row)
        try_out(r, (const char *)sqlite3_column_text(stmt, 0));
    return r->ctx->err.status == STATUS_OK;
}

static bool write_schema(struct rendering *r)
{
    const struct schema *s = r->state->schema;
    vec_each(i, &s->tables) {
        struct table *t = table_copy(r->ctx, s->tables.v[i]);
        if (!table_complete(r->ctx, t))
            return false;
        try_out(r, create_table_sql(r->ctx, t, t->name.name, false));
        vec_each(k, &t->indexes)
            try_out(r, create_index_sql(r->ctx, t->name.name, t->indexes.v[k], false));
    }
    vec_each(i, &s->views)
        try_out(r, create_view_sql(r->ctx, s->views.v[i]));
    return true;
}

/* ---- what works -------------------------------------------------------------------------------------- */

bool shadow_rows(struct rendering *r, const char *query, const char *parameter, struct shadow_rows *ret)
{
    STMT stmt = NULL;
    bool row;
    *ret = (struct shadow_rows){0};
    if (!sqlite_prepare(r->shadow, query, &stmt))
        return false;
    if (parameter)
        sqlite3_bind_text(stmt, 1, parameter, -1, SQLITE_STATIC);
    while (sqlite_step(r->shadow, stmt, &row) && row) {
        struct shadow_row *found = ctx_new(r->ctx, struct shadow_row);
        found->name = sqlite_text(r->shadow, stmt, 0);
        found->sql = sqlite_text(r->shadow, stmt, 1);
        vec_add(r->ctx, ret, found);
    }
    return r->ctx->err.status == STATUS_OK;
}

static void stand_in(sqlite3_context *call, ATTR_UNUSED int n, ATTR_UNUSED sqlite3_value **values)
{
    sqlite3_result_null(call);
}

/* A function that only the application has, and that nobody calls here, can be whatever it wants. */
static bool add_missing_function(struct rendering *r, const char *message)
{
    static const char missing[] = "no such function: ";
    return str_starts(message, missing) && sqlite3_create_function(r->shadow->db, message + strlen(missing),
                                               -1, SQLITE_UTF8, NULL, stand_in, NULL, NULL) == SQLITE_OK;
}

/* Preparing a statement compiles the triggers that it would run. NULL when it works, as far as can be told here. */
static const char *find_fault(struct rendering *r, const char *sql)
{
    STMT stmt = NULL;
    const char *message = NULL, *before;
    do {
        before = message;
        if (sqlite3_prepare_v2(r->shadow->db, sql, -1, &stmt, NULL) == SQLITE_OK)
            return NULL;
        message = ctx_strdup(r->ctx, sqlite3_errmsg(r->shadow->db));
    } while (!str_eq(message, before) && add_missing_function(r, message));
    bool is_fine =
        str_starts(message, "no such module") || /* nor must a view have triggers for everything: */
        str_ends(message, "because it is a view");
    return is_fine ? NULL : message;
}

static const char *update_all(struct rendering *r, const char *table)
{
    struct shadow_rows columns;
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "UPDATE %I SET ", table);
    if (!shadow_rows(r, "SELECT name, NULL FROM pragma_table_info(?)", table, &columns)) {
        err_clear(r->ctx); /* a view that does not work, which is said of it anyway */
        return NULL;
    }
    vec_each(i, &columns)
        sql_addf(&q, i ? ", %I = %I" : "%I = %I", columns.v[i]->name, columns.v[i]->name);
    return sql_end(&q);
}

/* A view, or a table with triggers, and what is wrong with it. */
struct fault {
    const char *what, *name, *message;
};
struct faults VEC_OF(struct fault *);

static void add_fault(
    struct rendering *r, struct faults *list, const char *what, const char *name, const char *sql)
{
    const char *message = sql ? find_fault(r, sql) : NULL;
    if (!message)
        return;
    struct fault *f = ctx_new(r->ctx, struct fault);
    *f = (struct fault){what, name, message};
    vec_add(r->ctx, list, f);
}

static const char *sql_of(struct rendering *r, const char *format, const char *name)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, format, name);
    return sql_end(&q);
}

#define ALL_VIEWS "SELECT name, NULL FROM sqlite_schema WHERE type = 'view' ORDER BY name"

static bool find_faults(struct rendering *r, struct faults *ret)
{
    struct shadow_rows views, tables;
    *ret = (struct faults){0};
    if (!shadow_rows(r, ALL_VIEWS, NULL, &views) ||
        !shadow_rows(r,
            "SELECT DISTINCT tbl_name, NULL FROM sqlite_schema WHERE type = 'trigger' ORDER BY tbl_name",
            NULL, &tables))
        return false;
    vec_each(i, &views)
        add_fault(r, ret, "view", views.v[i]->name, sql_of(r, "SELECT * FROM %I", views.v[i]->name));
    vec_each(i, &tables) {
        const char *name = tables.v[i]->name;
        add_fault(r, ret, "trigger on insert into", name, sql_of(r, "INSERT INTO %I DEFAULT VALUES", name));
        add_fault(r, ret, "trigger on update of", name, update_all(r, name));
        add_fault(r, ret, "trigger on delete from", name, sql_of(r, "DELETE FROM %I", name));
    }
    return true;
}

static const char *fault_key(struct rendering *r, const struct fault *f)
{
    return ctx_printf(r->ctx, "%s %s", f->what, f->name);
}

static bool remember_faults(struct rendering *r)
{
    struct faults faults;
    if (!find_faults(r, &faults))
        return false;
    vec_each(i, &faults)
        vec_add(r->ctx, &r->broken, fault_key(r, faults.v[i]));
    return true;
}

bool shadow_broken_views(struct rendering *r, struct shadow_rows *ret)
{
    struct shadow_rows views;
    *ret = (struct shadow_rows){0};
    if (!shadow_sync(r) || !shadow_rows(r, ALL_VIEWS, NULL, &views))
        return false;
    vec_each(i, &views) {
        const struct fault f = {"view", views.v[i]->name, NULL};
        if (find_fault(r, sql_of(r, "SELECT * FROM %I", f.name)) &&
            !strings_have(&r->broken, fault_key(r, &f)))
            vec_add(r->ctx, ret, views.v[i]);
    }
    return true;
}

/* The operation that is to blame: the last that took away what the message names. */
static const struct op *find_culprit(const struct ops *ops, const char *message)
{
    const struct op *found = NULL;
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        if (op->kind == OP_DROP_COLUMN && sql_mentions(message, op->u.drop_column.name))
            found = op;
    }
    for (size_t i = ops->n; !found && i-- > 0;)
        if (ops->v[i]->kind == OP_DROP_COLUMN || op_table[ops->v[i]->kind].destroys)
            found = ops->v[i];
    return found ? found : ops->v[ops->n - 1];
}

/* The operation that makes a view; NULL: it was there before. */
static const struct op *find_maker(const struct ops *ops, const char *view)
{
    vec_each(i, ops)
        if (ops->v[i]->kind == OP_CREATE_VIEW && str_eq_ci(ops->v[i]->u.view.view.name.name, view))
            return ops->v[i];
    return NULL;
}

/* A new view may mean strings by what it has in double quotes. */
static bool works_with_strings(struct rendering *r, const char *view)
{
    sqlite3_db_config(r->shadow->db, SQLITE_DBCONFIG_DQS_DML, 1, NULL);
    bool works = !find_fault(r, sql_of(r, "SELECT * FROM %I", view));
    sqlite3_db_config(r->shadow->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return works;
}

bool shadow_check_dependents(struct rendering *r, const struct ops *ops)
{
    struct faults faults;
    if (!find_faults(r, &faults))
        return false;
    vec_each(i, &faults) {
        const struct fault *f = faults.v[i];
        bool view = str_eq(f->what, "view");
        if (strings_have(&r->broken, fault_key(r, f)))
            continue;
        const struct op *maker = view ? find_maker(ops, f->name) : NULL;
        if (maker && works_with_strings(r, f->name))
            continue;
        if (maker) {
            fail(r->ctx, STATUS_FAILED, "view '%s' would not work: %s", f->name, f->message);
            return rendering_fail(r, maker);
        }
        fail(r->ctx, STATUS_FAILED, "%s '%s' would no longer work: %s", f->what, f->name, f->message);
        fail_hint(r->ctx, "%s in the same revision.",
            view ? "Drop the view or replace it"
                 : "Drop the trigger, and create it as it shall be afterwards,");
        return rendering_fail(r, find_culprit(ops, f->message));
    }
    return true;
}

/* ---- keeping it up to date --------------------------------------------------------------------------- */

static bool open_shadow(struct rendering *r)
{
    r->shadow = sqlite_open_memory(r->ctx);
    if (!r->shadow)
        return false;
    /* a view that reads "name" must not silently read a string once the column is gone */
    sqlite3_db_config(r->shadow->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    try_out(r, "BEGIN");
    sqlite3_set_authorizer(r->shadow->db, authorize, r);
    if (r->state->conn && !copy_schema(r))
        return false;
    if (!r->state->conn && r->state->schema && !write_schema(r))
        return false;
    return remember_faults(r);
}

bool shadow_sync(struct rendering *r)
{
    if (!r->shadow && !open_shadow(r))
        return false;
    for (; r->replayed < r->out->n; r->replayed++) {
        const struct statement *s = r->out->v[r->replayed];
        if (!(s->flags & (STATEMENT_CHECK | STATEMENT_COPY)))
            try_out(r, s->text);
    }
    return true;
}

void shadow_close(struct rendering *r)
{
    if (r->shadow)
        sqlite_close(&r->shadow->base);
    r->shadow = NULL;
}

/* Whether the statements so far leave a table as the database has it. A script may do anything, and renaming reaches
 * into other tables. */
static bool is_untouched(const struct rendering *r, const char *table)
{
    static const enum op_kind harmless[] = {OP_CREATE_TABLE, OP_DROP_TABLE, OP_ADD_COLUMN, OP_DROP_COLUMN,
        OP_CREATE_INDEX, OP_DROP_INDEX, OP_BULK_INSERT, OP_CREATE_VIEW, OP_DROP_VIEW};
    vec_each(i, r->out) {
        const struct op *op = r->out->v[i]->op;
        const struct qname *name = op ? op_table_name(op) : NULL;
        bool found = false;
        for (size_t k = 0; op && k < COUNT_OF(harmless); k++)
            found = found || op->kind == harmless[k];
        if (!found || (name && str_eq_ci(name->name, table)))
            return false;
    }
    return true;
}

bool shadow_table_text(struct rendering *r, const char *table, const char **ret)
{
    struct sqlite_conn *c = r->shadow;
    STMT stmt = NULL;
    bool row;
    if (r->shadow || !r->state->conn || !is_untouched(r, table)) {
        if (!shadow_sync(r))
            return false;
        c = r->shadow;
    } else {
        c = sqlite_conn(r->state->conn);
    }
    if (!sqlite_prepare(
            c, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", &stmt))
        return false;
    sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
    if (!sqlite_step(c, stmt, &row))
        return false;
    *ret = row ? sqlite_text(c, stmt, 0) : NULL;
    return true;
}
