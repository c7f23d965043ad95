/*
 * Creates, replaces and drops virtual tables.
 *
 * A module cannot alter its table. It is dropped and created; its rows wait in a plain table in the meantime, and what is
 * an index over another table is rebuilt from that. Renaming a new table instead would need a module that can rename, and
 * triggers and views that name the table would be in the way.
 */
#include "dialect/sqlite/virtual.h"

#include "dialect/sqlite/prepare.h"
#include "dialect/sqlite/sqlite.h"

static void add(struct rendering *r, const struct op *op, struct sql *q)
{
    rendering_add(r, sql_end(q), op);
}

/* If it is an index over an existing table: that table may already have rows. */
static void rebuild(struct rendering *r, const struct op *op, const struct virtual_table *v)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    if (v->holding != HOLDS_INDEX)
        return;
    sql_addf(&q,
        "INSERT INTO %I (%I) SELECT 'rebuild' WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN "
        "('table', "
        "'view') AND name = %L COLLATE NOCASE)",
        v->name, v->name, v->content);
    add(r, op, &q);
}

/* ---- what is kept ------------------------------------------------------------------------------------ */

static const char columns_query[] = "SELECT name, hidden FROM pragma_table_xinfo(?1) WHERE hidden = 0 OR "
                                    "(lower(name) <> lower(?1) AND lower(name) NOT IN ('docid', 'rank'))";

/* Columns of the new table, which is created in the shadow database and rolled back. */
static bool columns_after(struct rendering *r, const struct virtual_table *to, struct shadow_rows *ret)
{
    struct sql drop = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&drop, "DROP TABLE %I", to->name);
    sqlite3 *db = r->shadow->db;
    sqlite3_exec(db, "SAVEPOINT virtual_columns", NULL, NULL, NULL);
    bool ok = sqlite3_exec(db, sql_end(&drop), NULL, NULL, NULL) == SQLITE_OK &&
              sqlite3_exec(db, virtual_sql(r->ctx, to), NULL, NULL, NULL) == SQLITE_OK;
    if (!ok)
        fail(r->ctx, STATUS_FAILED, "%s", sqlite3_errmsg(db));
    ok = ok && shadow_rows(r, columns_query, to->name, ret);
    sqlite3_exec(db, "ROLLBACK TO virtual_columns; RELEASE virtual_columns", NULL, NULL, NULL);
    return ok;
}

/* The columns that both have, under the old and the new name, which may differ in case. */
struct kept {
    bool has_rowid;
    struct strings before, after;
    const char *table, *config; /* where rows and settings wait; NULL: there are none to keep */
};

static bool find_columns(
    struct rendering *r, const struct virtual_table *from, const struct virtual_table *to, struct kept *ret)
{
    struct shadow_rows before, after;
    if (!shadow_rows(r, columns_query, from->name, &before) || !columns_after(r, to, &after))
        return false;
    vec_each(i, &after)
        vec_each(k, &before)
            if (str_eq_ci(after.v[i]->name, before.v[k]->name)) {
                vec_add(r->ctx, &ret->before, before.v[k]->name);
                vec_add(r->ctx, &ret->after, after.v[i]->name);
            }
    return true;
}

static bool is_rtree(const struct virtual_table *v)
{
    return str_starts(v->module, "rtree") || str_starts(v->module, "RTREE");
}

/* An R-tree's first column is its rowid. */
static bool find_kept(
    struct rendering *r, const struct virtual_table *from, const struct virtual_table *to, struct kept *ret)
{
    bool has_rows = (from->holding == HOLDS_ROWS || from->holding == HOLDS_INDEX) &&
                    (to->holding == HOLDS_ROWS || to->holding == HOLDS_WORDS);
    *ret = (struct kept){.has_rowid = !is_rtree(from) && !is_rtree(to)};
    if (str_eq_ci(from->module, "fts5") && str_eq_ci(to->module, "fts5"))
        ret->config = ctx_printf(r->ctx, "_cmig_config_%s", from->name);
    if (!has_rows)
        return true;
    ret->table = ctx_printf(r->ctx, "_cmig_rows_%s", from->name);
    return find_columns(r, from, to, ret);
}

#define ROWID "_cmig_rowid"

static void add_columns(struct sql *q, const struct kept *k, const char *rowid, const struct strings *columns)
{
    if (k->has_rowid)
        sql_add(q, rowid);
    vec_each(i, columns)
        sql_addf(q, i || k->has_rowid ? ", %I" : "%I", columns->v[i]);
}

static void save(
    struct rendering *r, const struct op *op, const struct virtual_table *from, const struct kept *k)
{
    if (k->table) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        sql_addf(&q, "CREATE TABLE %I AS SELECT ", k->table);
        add_columns(&q, k, "rowid AS " ROWID, &k->before);
        sql_addf(&q, " FROM %I", from->name);
        add(r, op, &q);
    }
    if (k->config) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        sql_addf(&q, "CREATE TABLE %I AS SELECT k, v FROM %I WHERE k <> 'version'", k->config,
            ctx_printf(r->ctx, "%s_config", from->name));
        add(r, op, &q);
    }
}

static void drop(struct rendering *r, const struct op *op, const char *name)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "DROP TABLE %I", name);
    add(r, op, &q);
}

static void restore(
    struct rendering *r, const struct op *op, const struct virtual_table *to, const struct kept *k)
{
    if (k->table) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        sql_addf(&q, "INSERT INTO %I (", to->name);
        add_columns(&q, k, "rowid", &k->after);
        sql_add(&q, ") SELECT ");
        add_columns(&q, k, ROWID, &k->before);
        sql_addf(&q, " FROM %I", k->table);
        struct statement *s = rendering_add(r, sql_end(&q), op);
        s->flags |= STATEMENT_COPY;
        s->subject = to->name;
        drop(r, op, k->table);
    }
    rebuild(r, op, to);
    if (k->config) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        sql_addf(&q, "INSERT INTO %I (%I, rank) SELECT k, v FROM %I", to->name, to->name, k->config);
        add(r, op, &q);
        drop(r, op, k->config);
    }
}

/* ---- the operations ---------------------------------------------------------------------------------- */

/* The table as it is before the operation. *ret_found false: there is none. */
static bool find_table(struct rendering *r, const struct op *op, struct virtual_table *ret, bool *ret_found)
{
    struct shadow_rows found;
    const char *name = op->u.object.object.name.name;
    if (!shadow_sync(r) ||
        !shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE", name,
            &found))
        return false;
    *ret_found = found.n && virtual_parse(r->ctx, found.v[0]->sql, ret);
    vec_each(i, &r->modules) {
        const struct virtual_table missing = {.name = name, .module = r->modules.v[i]->sql};
        if (!*ret_found && str_eq_ci(r->modules.v[i]->name, name))
            return virtual_check_module(r->ctx, (struct pos){0}, &missing) || rendering_fail(r, op);
    }
    if (*ret_found || op->u.object.if_exists)
        return true;
    fail(r->ctx, STATUS_FAILED, "virtual table '%s' does not exist", name);
    return rendering_fail(r, op);
}

static bool replace(struct rendering *r, const struct op *op, const struct virtual_table *to)
{
    struct virtual_table from;
    struct kept kept;
    bool found;
    if (!find_table(r, op, &from, &found))
        return false;
    const char *refusal = virtual_refusal(r->ctx, &from, to);
    if (refusal) {
        fail(r->ctx, STATUS_CONFIG, "%s", refusal);
        fail_hint(r->ctx, "%s", virtual_hint);
        return rendering_fail(r, op);
    }
    if (!find_kept(r, &from, to, &kept))
        return rendering_fail(r, op);
    save(r, op, &from, &kept);
    drop(r, op, from.name);
    rendering_add(r, virtual_sql(r->ctx, to), op);
    restore(r, op, to, &kept);
    return true;
}

static bool drop_table(struct rendering *r, const struct op *op)
{
    struct virtual_table from;
    bool found;
    if (!find_table(r, op, &from, &found))
        return false;
    if (found)
        drop(r, op, from.name);
    return true;
}

static bool create(struct rendering *r, const struct op *op, const struct virtual_table *to)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q,
        op->u.object.if_not_exists ? "CREATE VIRTUAL TABLE IF NOT EXISTS %I %E"
                                   : "CREATE VIRTUAL TABLE %I %E",
        to->name, to->rest);
    add(r, op, &q);
    rebuild(r, op, to);
    return true;
}

/* ---- another name ------------------------------------------------------------------------------------ */

static bool is_word_of(struct rendering *r, const char *sql, const char *name)
{
    struct map words = MAP(r->ctx);
    words_of_sql(r->ctx, sql, &words, NULL);
    return map_get(&words, str_lower(&r->ctx->arena, name));
}

/* Views and triggers that name it, and what is on such views, in the order in which they were created. */
static bool find_naming(
    struct rendering *r, const char *name, struct shadow_rows *ret_views, struct shadow_rows *ret_triggers)
{
    struct shadow_rows views, triggers;
    *ret_views = *ret_triggers = (struct shadow_rows){0};
    if (!shadow_rows(
            r, "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid", NULL, &views))
        return false;
    vec_each(i, &views)
        if (is_word_of(r, views.v[i]->sql, name))
            vec_add(r->ctx, ret_views, views.v[i]);
    if (!shadow_rows(r, "SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid", NULL,
            &triggers))
        return false;
    vec_each(i, &triggers) {
        bool is_on = false;
        for (size_t k = 0; !is_on && k < ret_views->n; k++)
            is_on = str_eq_ci(triggers.v[i]->name, ret_views->v[k]->name);
        if (is_on || is_word_of(r, triggers.v[i]->sql, name))
            vec_add(r->ctx, ret_triggers, triggers.v[i]);
    }
    return true;
}

static void drop_naming(struct rendering *r, const struct op *op, const struct shadow_rows *views,
    const struct shadow_rows *triggers)
{
    vec_each(i, triggers) {
        size_t at, n;
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        if (!object_sql_name(OBJECT_TRIGGER, triggers->v[i]->sql, &at, &n))
            continue;
        sql_addf(&q, "DROP TRIGGER %E", arena_strndup(&r->ctx->arena, triggers->v[i]->sql + at, n));
        add(r, op, &q);
    }
    for (size_t i = views->n; i-- > 0;) {
        struct sql q = sql_begin(r->ctx, &sqlite_dialect);
        sql_addf(&q, "DROP VIEW %I", views->v[i]->name);
        add(r, op, &q);
    }
}

static void create_naming(struct rendering *r, const struct op *op, const struct shadow_rows *list,
    const char *from, const char *to)
{
    vec_each(i, list)
        rendering_add(r, sql_rename_all(r->ctx, &sqlite_dialect, list->v[i]->sql, from, to), op);
}

/*
 * Full-text tables have a column of the table's own name, which ALTER TABLE would not follow in views and triggers, and
 * then refuse. As in a rebuild it is told to leave them alone; they are created again with the new name.
 */
static bool rename_virtual(struct rendering *r, const struct op *op)
{
    struct shadow_rows views, triggers;
    struct virtual_table from;
    bool found;
    const char *to = op->u.object.new_name;
    if (!find_table(r, op, &from, &found) || !find_naming(r, from.name, &views, &triggers))
        return false;
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "ALTER TABLE %I RENAME TO %I", from.name, to);
    drop_naming(r, op, &views, &triggers);
    rendering_add(r, "PRAGMA legacy_alter_table = ON", op);
    add(r, op, &q);
    rendering_add(r, "PRAGMA legacy_alter_table = OFF", op);
    create_naming(r, op, &views, from.name, to);
    create_naming(r, op, &triggers, from.name, to);
    return true;
}

bool render_virtual_table(struct rendering *r, const struct op *op)
{
    const char *text = dtext_for(&op->u.object.object.sql, "sqlite");
    enum object_verb verb = op_object_verb(op->kind);
    struct virtual_table to = {0};
    bool names_only = verb == OBJECT_DROP || verb == OBJECT_RENAME;
    if (!names_only && !text)
        return true;
    if (!pending_flush(r))
        return false;
    if (names_only)
        return verb == OBJECT_DROP ? drop_table(r, op) : rename_virtual(r, op);
    if (!sqlite_check_op(r->ctx, NULL, op) || !virtual_parse(r->ctx, text, &to))
        return rendering_fail(r, op);
    return verb == OBJECT_CREATE ? create(r, op, &to) : replace(r, op, &to);
}
