/*
 * Keeps the planner's statistics of tables and indexes that are recreated or renamed.
 *
 * DROP TABLE and DROP INDEX delete the rows of what they drop, and renaming leaves them under the old name.
 * Without them the planner may choose other plans until the next ANALYZE.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"

#define STATISTICS "SELECT name, NULL FROM sqlite_schema WHERE name GLOB 'sqlite_stat[1-4]' ORDER BY name"

static bool add_tables(struct rendering *r, struct sqlite_conn *c, struct strings *ret)
{
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c, STATISTICS, &stmt))
        return false;
    while (sqlite_step(c, stmt, &row) && row) {
        const char *name = sqlite_text(c, stmt, 0);
        if (!strings_have(ret, name))
            vec_add(r->ctx, ret, name);
    }
    return r->ctx->err.status == STATUS_OK;
}

/* The tables that hold them: those of the database, and those that a script of the revision has created. A
 * script for another database cannot know whether they are there. */
static bool find_tables(struct rendering *r, struct strings *ret)
{
    struct sqlite_conn *c = rendering_rows(r);
    *ret = (struct strings){0};
    if (!c)
        return true;
    return add_tables(r, c, ret) && (!r->shadow || (shadow_sync(r) && add_tables(r, r->shadow, ret)));
}

static void add(struct rendering *r, const struct op *op, const char *table, const char *column,
    const char *to, const char *where)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "UPDATE %I SET %I = %E WHERE %E", table, column, to, where);
    rendering_add(r, sql_end(&q), op);
}

static const char *quote(struct rendering *r, const char *text)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_string(&q, text);
    return sql_end(&q);
}

static const char *is(struct rendering *r, const char *column, const char *name)
{
    return ctx_printf(r->ctx, "%s = %s COLLATE NOCASE", column, quote(r, name));
}

/* The indexes that SQLite makes for keys are numbered; the rowid needs none. */
static void add_keys(const struct change *ch, struct sql *q)
{
    const struct table *t = ch->before.table;
    bool all;
    size_t same = change_same_keys(ch, &all), n = 0;
    if (all)
        sql_addf(q, " OR %E", is(ch->r, "idx", t->name.name)); /* the key of a WITHOUT ROWID table */
    for (size_t i = 0; i < same; i++) {
        if (ch->before.keys.v[i] == t->primary_key && table_rowid_alias(t))
            continue;
        sql_addf(q, " OR %E",
            is(ch->r, "idx", ctx_printf(ch->r->ctx, "sqlite_autoindex_%s_%zu", t->name.name, ++n)));
    }
}

/* The rows of a table without those of indexes that do not exist afterwards. */
static const char *kept_rows(const struct change *ch, const struct shadow_rows *kept)
{
    struct rendering *r = ch->r;
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "%E AND (idx IS NULL", is(r, "tbl", ch->before.table->name.name));
    add_keys(ch, &q);
    vec_each(i, kept)
        sql_addf(&q, " OR %E", is(r, "idx", kept->v[i]->name));
    sql_add(&q, ")");
    return sql_end(&q);
}

bool statistics_save(struct change *ch, const struct shadow_rows *kept, const char *name)
{
    struct strings tables;
    if (!find_tables(ch->r, &tables))
        return false;
    vec_each(i, &tables)
        add(ch->r, ch->op, tables.v[i], "tbl", quote(ch->r, name), kept_rows(ch, kept));
    return true;
}

bool statistics_rename_table(struct rendering *r, const struct op *op, const char *from, const char *to)
{
    struct strings tables;
    if (!find_tables(r, &tables))
        return false;
    vec_each(i, &tables)
        add(r, op, tables.v[i], "tbl", quote(r, to), is(r, "tbl", from));
    return true;
}

/* The key of a WITHOUT ROWID table is listed under the table's name, and SQLite names the indexes of keys after it. */
bool statistics_rename_keys(struct rendering *r, const struct op *op, const char *from, const char *to)
{
    struct strings tables;
    const char *old = ctx_printf(r->ctx, "sqlite_autoindex_%s_", from);
    const char *new = ctx_printf(r->ctx, "sqlite_autoindex_%s_", to);
    if (!find_tables(r, &tables))
        return false;
    vec_each(i, &tables) {
        const char *of_table = is(r, "tbl", from);
        add(r, op, tables.v[i], "idx", quote(r, to),
            ctx_printf(r->ctx, "%s AND %s", of_table, is(r, "idx", from)));
        add(r, op, tables.v[i], "idx",
            ctx_printf(r->ctx, "%s || substr(idx, length(%s) + 1)", quote(r, new), quote(r, old)),
            ctx_printf(r->ctx, "%s AND substr(idx, 1, length(%s)) = %s COLLATE NOCASE", of_table,
                quote(r, old), quote(r, old)));
    }
    return true;
}

bool statistics_rename_index(struct rendering *r, const struct op *op, const char *from, const char *to)
{
    struct strings tables;
    if (!find_tables(r, &tables))
        return false;
    vec_each(i, &tables)
        add(r, op, tables.v[i], "idx", quote(r, to), is(r, "idx", from));
    return true;
}
