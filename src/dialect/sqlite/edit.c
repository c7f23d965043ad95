/*
 * Changes a table without touching its rows, if that is possible.
 *
 * Section 7 of lang_altertable.html allows the stored CREATE TABLE to be edited when no byte on the disk depends on
 * the change: defaults, NOT NULL, checks, foreign keys, names of constraints; also types, as long as their affinity
 * stays. New conditions are first checked on the rows.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/types.h"

#include <stdlib.h>

/* Steps by which the schema's number is raised: more than statements that may have raised it before. */
enum { VERSION_STEP = 100000 };

/* ---- does it change what is on the disk? ------------------------------------------------------------- */

static const char *option(const struct options *o, const char *key)
{
    return o ? options_get(o, "sqlite", key) : NULL;
}

static bool same_generated(struct ctx *ctx, const struct generated *a, const struct generated *b)
{
    if (!a || !b)
        return a == b;
    return a->stored == b->stored &&
           expr_is_same(ctx, NULL, expr_sql(ctx, &a->expr), expr_sql(ctx, &b->expr));
}

static bool same_storage(const struct change *ch, const struct column *a, const struct column *b)
{
    bool strict = table_flag(ch->after, "strict");
    if (!str_eq(a->name, b->name) || type_affinity(a->native) != type_affinity(b->native))
        return false;
    if (strict && !str_eq(a->native, b->native))
        return false;
    if ((table_rowid_alias(ch->before.table) == a) != (table_rowid_alias(ch->after) == b))
        return false;
    return str_eq(a->collation, b->collation) && same_generated(ch->r->ctx, a->generated, b->generated) &&
           str_eq(option(a->options, "autoincrement"), option(b->options, "autoincrement"));
}

static bool same_key(const struct constraint *a, const struct constraint *b)
{
    bool same = a->kind == b->kind && a->columns.n == b->columns.n &&
                str_eq(option(a->options, "order"), option(b->options, "order")) &&
                str_eq(option(a->options, "collate"), option(b->options, "collate"));
    for (size_t i = 0; same && i < a->columns.n; i++)
        same = str_eq_ci(a->columns.v[i], b->columns.v[i]);
    return same;
}

/* Their order numbers the indexes that belong to them. */
size_t change_same_keys(const struct change *ch, bool *ret_all)
{
    struct parsed_table after;
    const char *problem;
    const struct constraints *old = &ch->before.keys;
    size_t n = 0;
    *ret_all = false;
    if (!parse_table(ch->r->ctx, ch->text, NULL, &after, &problem))
        return 0;
    while (n < old->n && n < after.keys.n && same_key(old->v[n], after.keys.v[n]))
        n++;
    *ret_all = n == old->n && n == after.keys.n;
    return n;
}

bool change_keeps_keys(const struct change *ch)
{
    bool all;
    change_same_keys(ch, &all);
    return all;
}

static bool has_same_storage(const struct change *ch)
{
    const struct table *a = ch->before.table, *b = ch->after;
    if (ch->fresh.n || ch->sources.n || a->columns.n != b->columns.n)
        return false;
    if (table_flag(a, "strict") != table_flag(b, "strict") ||
        table_flag(a, "without_rowid") != table_flag(b, "without_rowid"))
        return false;
    vec_each(i, &a->columns)
        if (!same_storage(ch, a->columns.v[i], b->columns.v[i]))
            return false;
    return change_keeps_keys(ch);
}

/* ---- rows that do not have the column ----------------------------------------------------------------- */

static const char *update_schema(struct ctx *ctx, const char *table, const char *text)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "UPDATE sqlite_schema SET sql = %L WHERE type = 'table' AND name = %L", text, table);
    return sql_end(&q);
}

static bool read_version(struct sqlite_conn *c, int64_t *ret)
{
    const char *text;
    if (!sqlite_query(c, "PRAGMA schema_version", &text))
        return false;
    *ret = strtoll(text, NULL, 10);
    return true;
}

/* A value that nobody stores. */
#define NOBODYS_VALUE "x'5a1c3b77e0f94d0296b8a4c1d2e3f506'"

/* The table's text with that value as the column's default. */
static const char *text_with_marker(struct ctx *ctx, const struct table *table, const char *column)
{
    struct table *t = table_copy(ctx, table);
    struct column *c = table_column(t, column);
    c->dflt = (struct value){.kind = VALUE_SQL, .expr.native = NOBODYS_VALUE};
    return create_table_sql(ctx, t, t->name.name, false);
}

/* Whether a row has the column's default because it was stored before ADD COLUMN. False if that is unknown. */
static bool look_for_marker(struct change *ch, const char *column, bool *ret_any)
{
    struct ctx *ctx = ch->r->ctx;
    struct sqlite_conn *c = rendering_rows(ch->r);
    const char *table = ch->before.table->name.name, *found = NULL;
    int64_t version;
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "SELECT 1 FROM %I NOT INDEXED WHERE %I IS %E LIMIT 1", table, column, NOBODYS_VALUE);
    bool ok =
        read_version(c, &version) && sqlite_run(c, "PRAGMA writable_schema = ON") &&
        sqlite_run(c, update_schema(ctx, table, text_with_marker(ctx, ch->before.table, column))) &&
        sqlite_run(c, ctx_printf(ctx, "PRAGMA schema_version = %lld", (long long)version + VERSION_STEP)) &&
        sqlite_query(c, sql_end(&q), &found);
    *ret_any = found != NULL;
    return ok;
}

/*
 * A row that was stored before ADD COLUMN ends early, and reading the column gives the default in the current
 * schema. With another default the row would change. Whether there are such rows can only be found by
 * temporarily setting a default that no row contains.
 */
static bool has_short_rows(struct change *ch, const char *column)
{
    struct ctx *ctx = ch->r->ctx;
    struct sqlite_conn *c = rendering_rows(ch->r);
    bool any = true;
    if (sqlite3_exec(c->db, "SAVEPOINT cmig_marker", NULL, NULL, NULL) != SQLITE_OK)
        return true;
    if (!look_for_marker(ch, column, &any)) {
        any = true;
        if (!ctx_interrupted(ctx))
            err_clear(ctx);
    }
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, NULL);
    sqlite3_exec(c->db, "ROLLBACK TO cmig_marker; RELEASE cmig_marker", NULL, NULL, NULL);
    return any;
}

static bool same_default(struct ctx *ctx, const struct column *a, const struct column *b)
{
    const char *x = a->dflt.kind == VALUE_NONE ? "NULL" : a->dflt.expr.native;
    const char *y = b->dflt.kind == VALUE_NONE ? "NULL" : b->dflt.expr.native;
    return expr_is_same(ctx, a, x, y);
}

/* The first column can never be added later. */
static bool keeps_rows(struct change *ch)
{
    const struct table *a = ch->before.table, *b = ch->after;
    for (size_t i = 1; i < a->columns.n; i++)
        if (!same_default(ch->r->ctx, a->columns.v[i], b->columns.v[i]) && !a->columns.v[i]->generated &&
            has_short_rows(ch, a->columns.v[i]->name))
            return false;
    return true;
}

/* ---- editing ----------------------------------------------------------------------------------------- */

/* One change of sqlite_schema. The check reads the schema again: a text that SQLite rejects fails here. */
static bool edit_schema(struct rendering *r, const struct op *op, const char *update, const char *check)
{
    int64_t version;
    if (!read_version(rendering_rows(r), &version))
        return false;
    version += VERSION_STEP * (int64_t)++r->edits;
    rendering_add(r, "PRAGMA writable_schema = ON", op);
    rendering_add(r, update, op)->expect = 1;
    rendering_add(r, ctx_printf(r->ctx, "PRAGMA schema_version = %lld", (long long)version), op);
    rendering_add(r, "PRAGMA writable_schema = OFF", op);
    rendering_add(r, check, op)->flags |= STATEMENT_CHECK;
    return true;
}

bool edit_text(struct rendering *r, const struct op *op, const char *table, const char *text)
{
    struct sql check = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&check, "SELECT 'unreadable' FROM %I WHERE 0", table);
    return edit_schema(r, op, update_schema(r->ctx, table, text), sql_end(&check));
}

bool edit_index(
    struct rendering *r, const struct op *op, const char *name, const char *new_name, const char *text)
{
    struct sql update = sql_begin(r->ctx, &sqlite_dialect), check = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&update,
        "UPDATE sqlite_schema SET name = %L, sql = %L WHERE type = 'index' AND name = %L COLLATE NOCASE",
        new_name, text, name);
    sql_addf(&check, "SELECT 'unreadable' WHERE NOT EXISTS (SELECT 1 FROM pragma_index_info(%L))", new_name);
    return edit_schema(r, op, sql_end(&update), sql_end(&check));
}

static bool write_edit(struct change *ch)
{
    const char *table = ch->before.table->name.name;
    if (!missing_check_edit(ch))
        return false;
    change_check_rows(ch);
    change_check_new_checks(ch);
    if (!edit_text(ch->r, ch->op, table, ch->text))
        return false;
    if (change_has_new_keys(ch))
        change_concern(ch, table);
    return change_create_indexes(ch);
}

/* In a printed script the table is rebuilt instead: there are no rows to check, and shells refuse to edit the
 * schema. */
bool edit_in_place(struct change *ch, bool *ret_done)
{
    *ret_done = false;
    if (!rendering_rows(ch->r) || !has_same_storage(ch) || !keeps_rows(ch))
        return ch->r->ctx->err.status == STATUS_OK;
    *ret_done = true;
    return write_edit(ch);
}
