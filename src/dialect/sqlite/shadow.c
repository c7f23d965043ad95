/*
 * The schema after the statements rendered so far.
 *
 * SQLite itself knows that best. So the schema is created again in memory, without rows, and each statement is
 * run there, too. That shows which ALTER TABLE it accepts, how it rewrites the texts of views and triggers, and
 * what would break.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"

/* ---- making it --------------------------------------------------------------------------------------- */

/* A script must not reach beyond the memory database; what it begins and ends outside of a transaction is nothing to
 * the one here. */
static int authorize(void *user, int action, ATTR_UNUSED const char *a, ATTR_UNUSED const char *b,
    ATTR_UNUSED const char *db, const char *view)
{
    struct rendering *r = user;
    if (action == SQLITE_SELECT && view)
        vec_add(r->ctx, &r->compiled, ctx_strdup(r->ctx, view));
    if (action == SQLITE_TRANSACTION)
        return SQLITE_IGNORE;
    return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

/* Failures are ignored: they will occur in the database, too. */
static void try_out(struct rendering *r, const char *sql)
{
    sqlite3_exec(r->shadow->db, sql, NULL, NULL, NULL);
}

/* Runs it with a stand-in for each missing function. NULL, or SQLite's message. */
static const char *create(struct rendering *r, const char *sql)
{
    for (;;) {
        if (sqlite3_exec(r->shadow->db, sql, NULL, NULL, NULL) == SQLITE_OK)
            return NULL;
        const char *message = ctx_strdup(r->ctx, sqlite3_errmsg(r->shadow->db));
        if (!missing_add(r, message))
            return message;
    }
}

/* A full-text table may need its content table first. */
static void create_late(struct rendering *r, const struct shadow_rows *late)
{
    vec_each(i, late) {
        const char *message = create(r, late->v[i]->sql);
        if (message)
            missing_add_module(r, late->v[i]->name, message);
    }
}

static bool copy_schema(struct rendering *r)
{
    struct sqlite_conn *c = sqlite_conn(r->state->conn);
    struct shadow_rows late = {0};
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c,
            "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE "
            "'!' "
            "ORDER BY "
            "CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid",
            &stmt))
        return false;
    while (sqlite_step(c, stmt, &row) && row) {
        const struct shadow_row found = {sqlite_text(c, stmt, 0), sqlite_text(c, stmt, 1)};
        if (!create(r, found.sql))
            continue;
        struct shadow_row *again = ctx_new(r->ctx, struct shadow_row);
        *again = found;
        vec_add(r->ctx, &late, again);
    }
    create_late(r, &late);
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
        vec_each(k, &t->columns)
            if (t->columns.v[k]->on_update.kind != VALUE_NONE)
                try_out(r, on_update_sql(r->ctx, t, t->columns.v[k]));
    }
    vec_each(i, &s->views)
        try_out(r, create_view_sql(r->ctx, s->views.v[i]));
    return true;
}

/* ---- reading it --------------------------------------------------------------------------------------- */

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
    return shadow_remember_faults(r);
}

bool shadow_sync(struct rendering *r)
{
    if (!r->shadow && !open_shadow(r))
        return false;
    for (; r->replayed < r->out->n; r->replayed++) {
        const struct statement *s = r->out->v[r->replayed];
        if (s->flags & (STATEMENT_CHECK | STATEMENT_COPY))
            continue;
        try_out(r, s->text);
        if (r->modules.n && sqlite3_errcode(r->shadow->db) != SQLITE_OK &&
            !missing_check_rename(r, s, ctx_strdup(r->ctx, sqlite3_errmsg(r->shadow->db))))
            return false;
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
