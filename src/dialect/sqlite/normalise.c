/* Creates tables and views in memory and reads back how SQLite spells them. */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/virtual.h"

/* Where in a statement the last error is; -1: SQLite does not say. */
static int error_offset(struct sqlite_conn *c)
{
#if SQLITE_VERSION_NUMBER >= 3038000
    return sqlite3_error_offset(c->db);
#else
    (void)c;
    return -1;
#endif
}

static bool covers(const char *sql, const struct expr *e, int offset)
{
    const char *said = dtext_for(&e->sql, "sqlite"), *text = said ? said : e->native;
    const char *at = text && *text ? strstr(sql, text) : NULL;
    return at && offset >= at - sql && offset <= at - sql + (int)strlen(text);
}

/* The part of a table whose text contains the error: the text that the user wrote. */
static struct pos place_in_table(const struct table *t, const char *sql, int offset)
{
    vec_each(i, &t->checks)
        if (covers(sql, &t->checks.v[i]->check, offset))
            return t->checks.v[i]->pos;
    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];
        if (covers(sql, &column->dflt.expr, offset) ||
            (column->generated && covers(sql, &column->generated->expr, offset)))
            return column->pos;
    }
    return t->pos;
}

static bool create(struct sqlite_conn *c, const struct table *t, struct pos pos, const char *what,
    const char *name, const char *sql)
{
    struct ctx *ctx = c->base.ctx;
    if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    if (t && error_offset(c) >= 0)
        pos = place_in_table(t, sql, error_offset(c));
    fail(ctx, STATUS_CONFIG, "sqlite %d: %s", sqlite3_extended_errcode(c->db), sqlite3_errmsg(c->db));
    return fail_in(ctx, "%sSQLite does not accept %s '%s'", pos_text(&ctx->arena, pos), what, name);
}

/* Missing objects may be in the database: other tables, functions of the application. */
static bool is_elsewhere(const char *message)
{
    return str_starts(message, "no such table") || str_starts(message, "no such function");
}

/* The names in a trigger are resolved only by an UPDATE that fires it. */
static bool check_on_update(struct sqlite_conn *c, const struct table *t, const struct column *column)
{
    struct ctx *ctx = c->base.ctx;
    struct sql update = sql_begin(ctx, &sqlite_dialect), drop = update;
    const char *separator = " SET ";
    STMT stmt = NULL;
    if (!create(c, NULL, column->pos, "on_update of column", column->name, on_update_sql(ctx, t, column)))
        return false;
    sql_addf(&update, "UPDATE %I", t->name.name);
    vec_each(i, &t->columns) {
        if (!on_update_is_firing(t->columns.v[i]))
            continue;
        sql_addf(&update, "%E%I = NULL", separator, t->columns.v[i]->name);
        separator = ", ";
    }
    if (sqlite3_prepare_v2(c->db, sql_end(&update), -1, &stmt, NULL) != SQLITE_OK &&
        !is_elsewhere(sqlite3_errmsg(c->db))) {
        fail(ctx, STATUS_CONFIG, "sqlite %d: %s", sqlite3_extended_errcode(c->db), sqlite3_errmsg(c->db));
        return fail_in(ctx, "%sSQLite does not accept on_update of column '%s'",
            pos_text(&ctx->arena, column->pos), column->name);
    }
    sql_addf(&drop, "DROP TRIGGER %I", on_update_name(ctx, &sqlite_dialect, t->name.name, column->name));
    return sqlite_run(c, sql_end(&drop));
}

static bool create_table(struct sqlite_conn *c, const struct table *wanted)
{
    struct ctx *ctx = c->base.ctx;
    struct table *t = table_copy(ctx, wanted);
    if (!table_complete(ctx, t))
        return false;
    if (!create(c, t, t->pos, "table", t->name.name, create_table_sql(ctx, t, t->name.name, false)))
        return false;
    vec_each(i, &t->indexes) {
        const struct index *index = t->indexes.v[i];
        if (!create(
                c, NULL, index->pos, "index", index->name, create_index_sql(ctx, t->name.name, index, false)))
            return false;
    }
    vec_each(i, &t->columns)
        if (t->columns.v[i]->on_update.kind != VALUE_NONE && !check_on_update(c, t, t->columns.v[i]))
            return false;
    return true;
}

static const enum object_kind object_kinds[] = {OBJECT_VIRTUAL_TABLE, OBJECT_TRIGGER};

static bool has_module(struct ctx *ctx, const struct object *o)
{
    struct virtual_table v;
    return !virtual_parse(ctx, o->native, &v) || virtual_check_module(ctx, o->pos, &v);
}

static bool create_all(struct sqlite_conn *c, const struct schema *wanted)
{
    vec_each(i, &wanted->tables)
        if (!create_table(c, wanted->tables.v[i]))
            return false;
    vec_each(i, &wanted->views) {
        const struct view *v = wanted->views.v[i];
        if (!create(c, NULL, v->pos, "view", v->name.name, create_view_sql(c->base.ctx, v)))
            return false;
    }
    for (size_t kind = 0; kind < COUNT_OF(object_kinds); kind++) {
        const struct objects *list = &wanted->objects[object_kinds[kind]];
        vec_each(i, list) {
            const struct object *o = list->v[i];
            if (!has_module(c->base.ctx, o) ||
                !create(c, NULL, o->pos, object_table[object_kinds[kind]].name, o->key, o->native))
                return false;
        }
    }
    return true;
}

static bool has_quotes(struct ctx *ctx, const struct schema *wanted)
{
    vec_each(i, &wanted->views)
        if (strchr(create_view_sql(ctx, wanted->views.v[i]), '"'))
            return true;
    vec_each(i, &wanted->objects[OBJECT_TRIGGER])
        if (strchr(wanted->objects[OBJECT_TRIGGER].v[i]->native, '"'))
            return true;
    return false;
}

/* Renaming any column rewrites each "x" of a view that is a string as 'x'. So it is done to the models' views, too; it
 * does nothing if SQLite cannot parse a view. SQLite expands each view with all the views that
 * it reads, which takes long where they form a chain. */
static void fix_quotes(struct sqlite_conn *c)
{
    sqlite3_exec(c->db,
        "CREATE TABLE _cmig_names (a); ALTER TABLE _cmig_names RENAME a TO b; DROP TABLE _cmig_names", NULL,
        NULL, NULL);
    sqlite3_exec(c->db, "DROP TABLE IF EXISTS _cmig_names", NULL, NULL, NULL);
}

static bool judge(struct ctx *ctx, const struct schema *wanted, struct schema *ret)
{
    struct sqlite_conn *memory = sqlite_open_memory(ctx);
    const struct scope everything = {0};
    if (!memory)
        return false;
    bool ok = sqlite_run(memory, "BEGIN") && create_all(memory, wanted);
    if (ok && has_quotes(ctx, wanted))
        fix_quotes(memory);
    ok = ok && sqlite_reflect(&memory->base, &everything, ret);
    sqlite_close(&memory->base);
    return ok;
}

/* ---- many tables ---------------------------------------------------------------------------------- */

/* SQLite walks all tables for each CREATE, so that the cost of one database grows with their square: 5,000 tables
 * take 19 s in one database and less than one in several. */
enum { TABLES_PER_DATABASE = 200 };

static bool judge_tables(struct ctx *ctx, const struct schema *wanted, struct schema *ret)
{
    for (size_t i = 0; i < wanted->tables.n; i += TABLES_PER_DATABASE) {
        size_t rest = wanted->tables.n - i;
        struct tables some = {
            .v = wanted->tables.v + i, .n = rest < TABLES_PER_DATABASE ? rest : TABLES_PER_DATABASE};
        struct schema part = {.tables = some}, said = {0};
        if (!judge(ctx, &part, &said))
            return false;
        vec_each(k, &said.tables)
            vec_add(ctx, &ret->tables, said.tables.v[k]);
    }
    return true;
}

/* Every word and quoted text: SQLite takes even a string for a name where a name must be. */
static void add_names(struct ctx *ctx, struct map *names, const char *sql)
{
    struct token t;
    while ((t = token_read(&sql)).kind != TOKEN_END)
        if (t.kind == TOKEN_WORD || t.kind == TOKEN_QUOTED || t.kind == TOKEN_STRING)
            map_set(names, str_lower(&ctx->arena, token_name(&ctx->arena, &t)), names);
}

/* Views and triggers with the tables that their texts may read. */
static bool judge_views(struct ctx *ctx, const struct schema *wanted, struct schema *ret)
{
    struct schema part = {.views = wanted->views}, said = {0};
    struct map names = MAP(ctx);
    vec_each(i, &wanted->views)
        add_names(ctx, &names, create_view_sql(ctx, wanted->views.v[i]));
    for (size_t kind = 0; kind < COUNT_OF(object_kinds); kind++) {
        const struct objects *list = &wanted->objects[object_kinds[kind]];
        part.objects[object_kinds[kind]] = *list;
        vec_each(i, list)
            add_names(ctx, &names, list->v[i]->native);
    }
    vec_each(i, &wanted->tables)
        if (map_get(&names, str_lower(&ctx->arena, wanted->tables.v[i]->name.name)))
            vec_add(ctx, &part.tables, wanted->tables.v[i]);
    if (!judge(ctx, &part, &said))
        return false;
    ret->views = said.views;
    for (size_t kind = 0; kind < COUNT_OF(object_kinds); kind++)
        ret->objects[object_kinds[kind]] = said.objects[object_kinds[kind]];
    return true;
}

bool sqlite_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked)
{
    struct ctx *ctx = conn->ctx;
    if (wanted->tables.n <= TABLES_PER_DATABASE)
        return *ret_asked = judge(ctx, wanted, ret);
    struct schema said = {0};
    bool only_tables = !wanted->views.n;
    for (size_t kind = 0; kind < COUNT_OF(object_kinds); kind++)
        only_tables = only_tables && !wanted->objects[object_kinds[kind]].n;
    *ret_asked = judge_tables(ctx, wanted, &said) && (only_tables || judge_views(ctx, wanted, &said));
    if (*ret_asked)
        *ret = said;
    return *ret_asked;
}
