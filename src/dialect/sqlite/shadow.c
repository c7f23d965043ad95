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

/* The objects of a schema, in the order in which a copy creates them. */
#define OBJECTS \
    "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' " \
    "ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid"

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
    if (!sqlite_prepare(c, OBJECTS, &stmt))
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

/* The objects of a database, in memory that is given back soon. */
static bool list_objects(struct sqlite_conn *c, struct arena *a, struct shadow_rows *ret)
{
    STMT stmt = NULL;
    bool row;
    *ret = (struct shadow_rows){0};
    if (!sqlite_prepare(c, OBJECTS, &stmt))
        return false;
    for (;;) {
        if (!sqlite_step(c, stmt, &row))
            return false;
        if (!row)
            return true;
        struct shadow_row *found = arena_new(a, struct shadow_row);
        found->name = arena_strdup(a, (const char *)sqlite3_column_text(stmt, 0));
        found->sql = arena_strdup(a, (const char *)sqlite3_column_text(stmt, 1));
        vec_push(a, ret, found);
    }
}

/* Tables and indexes, which do not depend on the order in which they were created; SQLite writes these words itself. */
static bool are_plain(const struct shadow_rows *list)
{
    vec_each(i, list) {
        const char *sql = list->v[i]->sql;
        if (!str_starts(sql, "CREATE TABLE ") && !str_starts(sql, "CREATE INDEX ") &&
            !str_starts(sql, "CREATE UNIQUE INDEX "))
            return false;
    }
    return true;
}

static bool are_same(const struct shadow_rows *a, const struct shadow_rows *b)
{
    for (size_t i = 0; a->n == b->n && i < a->n; i++)
        if (!str_eq(a->v[i]->name, b->v[i]->name) || !str_eq(a->v[i]->sql, b->v[i]->sql))
            return false;
    return a->n == b->n;
}

static struct map texts_of(struct arena *a, const struct shadow_rows *list)
{
    struct map texts = {.arena = a};
    vec_each(i, list)
        map_set(&texts, list->v[i]->name, (void *)(uintptr_t)list->v[i]->sql);
    return texts;
}

/* Drops the tables and indexes that the database does not have in this form; its indexes go with a table. */
static void drop_others(struct rendering *r, const struct map *wanted, const struct shadow_rows *list)
{
    vec_each(i, list) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        const char *kind = str_starts(list->v[i]->sql, "CREATE TABLE ") ? "TABLE" : "INDEX";
        if (str_eq(map_get(wanted, list->v[i]->name), list->v[i]->sql))
            continue;
        sql_addf(&q, "DROP %E IF EXISTS %I", kind, list->v[i]->name);
        try_out(r, sql_end(&q));
    }
}

/* *ret: the shadow has the schema of the database, perhaps after the difference was made up for. */
static bool catch_up(struct rendering *r, struct arena *a, bool *ret)
{
    struct sqlite_conn *c = sqlite_conn(r->state->conn);
    struct shadow_rows wanted, found;
    if (!list_objects(c, a, &wanted) || !list_objects(r->shadow, a, &found))
        return false;
    *ret = are_same(&wanted, &found);
    if (*ret || !are_plain(&wanted) || !are_plain(&found))
        return true;
    const struct map texts = texts_of(a, &wanted);
    drop_others(r, &texts, &found);
    if (!list_objects(r->shadow, a, &found))
        return false;
    const struct map kept = texts_of(a, &found);
    *ret = true;
    for (size_t i = 0; *ret && i < wanted.n; i++)
        if (!map_get(&kept, wanted.v[i]->name))
            *ret = !create(r, wanted.v[i]->sql);
    return true;
}

/* Creating each object takes far longer than reading the texts of all. A run of many revisions keeps one shadow, and
 * the statements of a revision leave it much as they leave the database. */
static bool take_shadow(struct rendering *r)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct sqlite_conn *c = r->state->conn ? sqlite_conn(r->state->conn) : NULL;
    bool fits = false;
    if (!c || !c->shadow)
        return true;
    r->shadow = c->shadow;
    c->shadow = NULL;
    sqlite3_set_authorizer(r->shadow->db, authorize, r);
    bool ok = catch_up(r, &scratch, &fits);
    if (!ok || !fits) {
        sqlite_close(&r->shadow->base);
        r->shadow = NULL;
    }
    return ok;
}

static bool make_shadow(struct rendering *r)
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
    return r->state->conn || !r->state->schema || write_schema(r);
}

static bool open_shadow(struct rendering *r)
{
    return take_shadow(r) && (r->shadow || make_shadow(r)) && shadow_remember_faults(r);
}

/* The operations before bulk_insert change the schema alone, and settings of the database are no part of it. */
static bool changes_schema_only(const struct op *op)
{
    return op && op->kind < OP_BULK_INSERT && op->kind != OP_ALTER_DATABASE;
}

bool shadow_sync(struct rendering *r)
{
    if (!r->shadow && !open_shadow(r))
        return false;
    for (; r->replayed < r->out->n; r->replayed++) {
        const struct statement *s = r->out->v[r->replayed];
        const struct exchange *exchange = exchange_at(&r->exchanges, s);
        if (exchange && exchange->first == s)
            exchange_run(r->ctx, r->shadow, exchange);
        if (exchange || s->flags & (STATEMENT_CHECK | STATEMENT_COPY))
            continue;
        r->is_spoiled |= !changes_schema_only(s->op);
        try_out(r, s->text);
        if (r->modules.n && sqlite3_errcode(r->shadow->db) != SQLITE_OK &&
            !missing_check_rename(r, s, ctx_strdup(r->ctx, sqlite3_errmsg(r->shadow->db))))
            return false;
    }
    return true;
}

static bool is_spoiled(const struct rendering *r)
{
    return r->is_spoiled || r->missing.n || r->modules.n || r->shadow->guesses.n || r->ctx->err.status;
}

void shadow_close(struct rendering *r)
{
    if (r->shadow && r->state->conn && !is_spoiled(r)) {
        sqlite3_set_authorizer(r->shadow->db, NULL, NULL);
        sqlite_conn(r->state->conn)->shadow = r->shadow;
    } else if (r->shadow) {
        sqlite_close(&r->shadow->base);
    }
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
