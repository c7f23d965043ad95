/*
 * References to tables, views and columns that do not exist, which SQLite allows.
 *
 * A downgrade that leads back to them drops what a foreign key, a view or a trigger refers to. Its operations get
 * `dangling`, so that a reader sees it and the renderer does not refuse them.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"

/* ---- what a message misses --------------------------------------------------------------------------- */

/* "no such table: main.p", "no such column: new.x", "table log has no column named msg" */
static bool ends_with_name(const char *message, const char *name)
{
    size_t length = strlen(message), n = strlen(name);
    if (length <= n || !str_eq_ci(message + length - n, name))
        return false;
    return message[length - n - 1] == '.' || message[length - n - 1] == ' ';
}

/* "table t has 1 columns but 2 values were supplied" */
static bool counts_columns(struct ctx *ctx, const char *message, const char *table)
{
    const char *start = ctx_printf(ctx, "table %s has ", table);
    return str_eq_ci(arena_strndup(&ctx->arena, message, strlen(start)), start) &&
           str_ends(message, " values were supplied");
}

static bool explains(struct ctx *ctx, const struct op *op, const char *message)
{
    switch ((int)op->kind) {
    case OP_DROP_TABLE:
    case OP_DROP_VIEW:
        return ends_with_name(message, op->u.drop.name.name);
    case OP_DROP_COLUMN:
        return ends_with_name(message, op->u.drop_column.name) ||
               counts_columns(ctx, message, op->u.drop_column.table.name);
    }
    return false;
}

/* Its `dangling`; NULL: it has none. */
static bool *find_mark(struct op *op)
{
    switch ((int)op->kind) {
    case OP_DROP_TABLE:
    case OP_DROP_VIEW:
        return &op->u.drop.dangling;
    case OP_DROP_COLUMN:
        return &op->u.drop_column.dangling;
    }
    return NULL;
}

bool dangling_allows(struct ctx *ctx, const struct ops *ops, const char *message)
{
    vec_each(i, ops) {
        const bool *mark = find_mark(ops->v[i]);
        if (mark && *mark && explains(ctx, ops->v[i], message))
            return true;
    }
    return false;
}

/* ---- marking a downgrade ----------------------------------------------------------------------------- */

static const char *name_of(const struct op *op)
{
    return op->kind == OP_DROP_COLUMN ? op->u.drop_column.name : op->u.drop.name.name;
}

/* Whether the database has the object now: then no reference to it dangles. */
static bool exists(struct rendering *r, const struct op *op, bool *ret)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    struct shadow_rows found;
    if (op->kind == OP_DROP_COLUMN)
        sql_addf(&q, "SELECT name, NULL FROM pragma_table_xinfo(%L) WHERE name = ?1 COLLATE NOCASE",
            op->u.drop_column.table.name);
    else
        sql_add(&q, "SELECT name, NULL FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?1 "
                    "COLLATE NOCASE");
    if (!shadow_rows(r, sql_end(&q), name_of(op), &found))
        return false;
    *ret = found.n > 0;
    return true;
}

/* SQLite's message names only the first thing that is missing. */
static bool is_mentioned(struct rendering *r, const struct shadow_row *fault, const struct op *op, bool *ret)
{
    struct shadow_rows texts;
    *ret = *ret || explains(r->ctx, op, fault->sql);
    if (!shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE (type = 'view' AND name = ?1 COLLATE NOCASE) "
            "OR (type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)",
            fault->name, &texts))
        return false;
    vec_each(i, &texts)
        *ret = *ret || sql_mentions(texts.v[i]->sql, name_of(op));
    return true;
}

/* The tables that foreign keys refer to and that do not exist. */
#define MISSING_PARENTS \
    "SELECT DISTINCT f.\"table\", NULL FROM sqlite_schema m, pragma_foreign_key_list(m.name) f " \
    "WHERE m.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(f.\"table\"))"
/* Objects that may refer to something that does not exist: by a key, in their SQL, or through a module. */
#define MAY_DANGLE \
    "SELECT 1 FROM sqlite_schema WHERE type IN ('view', 'trigger') OR (type = 'table' AND rootpage = 0) " \
    "UNION ALL SELECT 1 FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' " \
    "AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(f.\"table\") x " \
    "WHERE f.\"to\" IS NULL OR x.name = f.\"to\" COLLATE NOCASE) LIMIT 1"

static bool mark(
    struct rendering *r, const struct shadow_rows *parents, const struct shadow_rows *faults, struct op *op)
{
    bool *ret = find_mark(op), is_there;
    if (!ret)
        return true;
    if (!exists(r, op, &is_there) || is_there)
        return !r->ctx->err.status;
    vec_each(i, parents)
        *ret = *ret || (op->kind == OP_DROP_TABLE && str_eq_ci(parents->v[i]->name, name_of(op)));
    vec_each(i, faults)
        if (!is_mentioned(r, faults->v[i], op, ret))
            return false;
    return true;
}

static bool mark_all(struct rendering *r, struct ops *down)
{
    struct shadow_rows parents, faults;
    if (!shadow_sync(r) || !shadow_rows(r, MISSING_PARENTS, NULL, &parents) || !shadow_faults(r, &faults))
        return false;
    for (size_t i = 0; i < down->n && (parents.n || faults.n); i++)
        if (!mark(r, &parents, &faults, down->v[i]))
            return false;
    return true;
}

bool sqlite_complete(struct conn *conn, ATTR_UNUSED struct ops *up, struct ops *down)
{
    struct state state = {.dialect = &sqlite_dialect, .conn = conn};
    struct statements none = {0};
    struct rendering r = {.ctx = conn->ctx, .state = &state, .out = &none};
    STMT stmt = NULL;
    bool has_mark = false, may_dangle;
    vec_each(i, down)
        has_mark = has_mark || find_mark(down->v[i]);
    if (!has_mark)
        return true;
    if (!sqlite_prepare(sqlite_conn(conn), MAY_DANGLE, &stmt) ||
        !sqlite_step(sqlite_conn(conn), stmt, &may_dangle))
        return false;
    bool ok = !may_dangle || mark_all(&r, down);
    shadow_close(&r);
    return ok;
}
