/*
 * Has the server print the expressions and views of models.
 *
 * Tables are created as temporary ones, which needs no other privilege and is visible to no other session. A view
 * cannot be temporary: it is created briefly under a name of cmig's own, if the connection has the privilege.
 */
#include "dialect/mysql/judge/judge.h"

#include "dialect/mysql/judge/printed.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

#include <mysqld_error.h>

#define SCRATCH MY_SCRATCH

/* ---- tables ------------------------------------------------------------------------------------------ */

/* How rows are stored does not matter, and a temporary table cannot have every format. */
static struct options *bare_options(struct ctx *ctx, const struct options *o)
{
    static const char *const keys[] = {"engine", "collation"};
    struct options *ret = ctx_new(ctx, struct options);
    for (size_t i = 0; o && i < COUNT_OF(keys); i++)
        if (options_get(o, mysql_dialect.name, keys[i]))
            options_set(ctx, ret, mysql_dialect.name, keys[i], options_get(o, mysql_dialect.name, keys[i]));
    return ret;
}

/* Only what has a text to print: no foreign keys, and no keys but that of an AUTO_INCREMENT column. Checks get
 * names, by which they are found again. */
static struct table *bare_table(struct ctx *ctx, const struct table *wanted)
{
    struct table *t = table_copy(ctx, wanted);
    t->name = (struct qname){NULL, SCRATCH};
    t->options = bare_options(ctx, t->options);
    t->primary_key = NULL;
    t->uniques.n = t->foreign_keys.n = t->indexes.n = 0;
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        c->autoincrement = my_is_numbered(wanted, wanted->columns.v[i]) ? TRI_TRUE : TRI_FALSE;
        c->identity = NULL;
        c->options = NULL; /* a temporary table has no versions */
        if (c->generated) {
            struct generated *g = ctx_new(ctx, struct generated);
            *g = *c->generated;
            c->generated = g;
        }
    }
    vec_each(i, &t->checks)
        t->checks.v[i]->name = ctx_printf(ctx, "cmig_check_%zu", i);
    return t;
}

static bool create(struct rendering *r, struct my *my, const struct table *t, const char *words)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "%E %Q (", words, &t->name);
    vec_each(i, &t->columns) {
        sql_addf(&q, i ? ", %I" : "%I", t->columns.v[i]->name);
        if (!my_column_definition(r, t, t->columns.v[i], &q))
            return false;
        if (t->columns.v[i]->autoincrement == TRI_TRUE) /* no stored column may be computed from it */
            sql_addf(&q, ", KEY (%I)", t->columns.v[i]->name);
    }
    vec_each(i, &t->checks) {
        sql_add(&q, ", ");
        my_add_constraint(&q, t->checks.v[i]);
    }
    if (t->primary_key)
        sql_addf(&q, ", PRIMARY KEY %C", &t->primary_key->columns);
    sql_add(&q, ")");
    my_add_table_options(&q, t->options);
    const struct my_partitioning p = my_partitioning_of(r->ctx, t->options);
    if (my_is_versioned(t->options) && !str_starts(words, "CREATE TEMPORARY"))
        sql_add(&q, " WITH SYSTEM VERSIONING");
    if (p.by && !str_starts(words, "CREATE TEMPORARY")) {
        sql_add(&q, " ");
        my_partitioning_add(r->ctx, &q, &p);
    }
    return my_query(my, sql_end(&q), NULL);
}

bool my_judge_create_table(struct my *my, const struct table *wanted)
{
    struct state state = {.dialect = &mysql_dialect, .conn = &my->base};
    struct rendering r = {.ctx = my->base.ctx, .state = &state};
    struct table *t = bare_table(my->base.ctx, wanted);
    t->name = wanted->name;
    t->checks.n = 0;
    return create(&r, my, t, "CREATE TABLE IF NOT EXISTS");
}

static bool fail_table(struct my *my, const struct table *wanted)
{
    struct ctx *ctx = my->base.ctx;
    if (ctx->err.status == STATUS_FAILED)
        ctx->err.status = STATUS_CONFIG;
    return fail_in(ctx, "%sthe database does not accept table '%s'", pos_text(&ctx->arena, wanted->pos),
        wanted->name.name);
}
#define fail_table(...) fail_false(fail_table(__VA_ARGS__))

/* The message names the part of the table, if it can be found. */
static bool fail_part(
    struct rendering *r, struct my *my, const struct table *tried, const struct table *wanted)
{
    struct ctx *ctx = my->base.ctx;
    const struct trial trial = {my, r, create};
    struct culprit culprit;
    my_find_culprit(&trial, tried, wanted, &culprit);
    if (culprit.what)
        fail_in(ctx, "%sthe database does not accept %s", pos_text(&ctx->arena, culprit.pos), culprit.what);
    return fail_table(my, wanted);
}

/* A temporary table has no partitions: a real one is created for a moment, under a name of cmig's own. The server may
 * refuse the keys of a partitioned table, but not a bare one. */
static bool judge_partitions(struct my *my, const struct table *wanted, struct table *t)
{
    struct ctx *ctx = my->base.ctx;
    struct state state = {.dialect = &mysql_dialect, .conn = &my->base};
    struct rendering r = {.ctx = ctx, .state = &state};
    struct table *real = bare_table(ctx, wanted);
    struct strings row = {0};
    real->name.name = ctx_printf(ctx, SCRATCH "_table_%lu", my->lib.mysql_thread_id(my->conn));
    real->checks.n = 0;
    real->primary_key = wanted->primary_key;
    real->options = t->options;
    vec_each(i, &real->columns)
        real->columns.v[i]->autoincrement = TRI_FALSE; /* it would need a key of its own */
    if (!my_query(my, ctx_printf(ctx, "DROP TABLE IF EXISTS %s", real->name.name), NULL))
        return false;
    if (!create(&r, my, real, "CREATE TABLE")) {
        if (!my_failed_with(my, ER_TABLEACCESS_DENIED_ERROR))
            return fail_table(my, wanted);
        err_clear(ctx);
        return true;
    }
    struct sql show = my_render_begin(&r), drop = show;
    sql_addf(&show, "SHOW CREATE TABLE %Q", &real->name);
    sql_addf(&drop, "DROP TABLE %Q", &real->name);
    bool ok = my_query_row(&my->base, sql_end(&show), &row);
    ok = my_query(my, sql_end(&drop), NULL) && ok;
    if (ok && row.n > 1) {
        const struct my_partitioning p = my_partitioning_printed(ctx, row.v[1]);
        my_partitioning_set(ctx, t->options, &p);
    }
    return ok;
}

/* MySQL prints the character set of each string, and quotes numbers. */
static void take_printed(struct my *my, const char *text, struct table *t)
{
    struct ctx *ctx = my->base.ctx;
    struct sql_piece p;
    bool is_plain = my->server->prints_sql;
    text = my_without_database(my, text);
    my_take_printed(ctx, is_plain ? text : my_without_charsets(ctx, text), t);
    for (size_t i = 0; !is_plain && i < t->columns.n; i++) {
        struct column *c = t->columns.v[i];
        const char *native = c->dflt.kind == VALUE_NONE ? NULL : c->dflt.expr.native;
        if (native && c->native && my_type_is_number(c->native) && my_only_piece(native, &p) &&
            p.kind == SQL_STRING)
            c->dflt.expr.native = my_string_value(&ctx->arena, &p);
    }
}

/* The printed texts are stored under the names that the model has. */
static bool judge_table(struct my *my, const struct table *wanted, struct schema *ret)
{
    struct ctx *ctx = my->base.ctx;
    struct state state = {.dialect = &mysql_dialect, .conn = &my->base};
    struct rendering r = {.ctx = ctx, .state = &state};
    struct table *t = bare_table(ctx, wanted);
    struct strings row = {0};
    if (!my_query(my, "DROP TEMPORARY TABLE IF EXISTS " SCRATCH, NULL))
        return false;
    if (!create(&r, my, t, "CREATE TEMPORARY TABLE")) {
        if (!my_failed_with(my, ER_NO_SUCH_TABLE))
            return fail_part(&r, my, t, wanted);
        err_clear(ctx); /* a default takes numbers from a sequence that is about to be created */
        return true;
    }
    if (!my_query_row(&my->base, "SHOW CREATE TABLE " SCRATCH, &row) ||
        !my_query(my, "DROP TEMPORARY TABLE " SCRATCH, NULL))
        return false;
    if (row.n > 1)
        take_printed(my, row.v[1], t);
    t->name = wanted->name;
    vec_each(i, &t->checks)
        t->checks.v[i]->name = wanted->checks.v[i]->name;
    t->options = table_copy(ctx, wanted)->options;
    vec_add(ctx, &ret->tables, t);
    return !my_partitioning_of(ctx, wanted->options).by || judge_partitions(my, wanted, t);
}

/* ---- views ------------------------------------------------------------------------------------------- */

/* A view may read objects that do not exist yet, or the privilege may be missing: then its text is compared as
 * written. */
static bool is_tolerable(struct my *my)
{
    static const unsigned codes[] = {ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR, ER_TABLEACCESS_DENIED_ERROR,
        ER_COLUMNACCESS_DENIED_ERROR, ER_SP_DOES_NOT_EXIST, ER_OPTION_PREVENTS_STATEMENT};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (my_failed_with(my, codes[i]))
            return true;
    return false;
}

static bool create_view(struct my *my, const struct view *v, const struct qname *name, bool *ret_created)
{
    struct ctx *ctx = my->base.ctx;
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "CREATE OR REPLACE VIEW %Q%E", name, v->columns.n ? " " : "");
    if (v->columns.n)
        sql_columns(&q, &v->columns);
    sql_addf(&q, " AS %E", my_render_expr(&v->body));
    *ret_created = my_query(my, sql_end(&q), NULL);
    if (*ret_created)
        return true;
    if (is_tolerable(my)) {
        err_clear(ctx);
        return true;
    }
    if (ctx->err.status == STATUS_FAILED)
        ctx->err.status = STATUS_CONFIG;
    return fail_in(
        ctx, "%sthe database does not accept view '%s'", pos_text(&ctx->arena, v->pos), v->name.name);
}

static bool judge_view(struct my *my, const struct view *wanted, struct schema *ret)
{
    struct ctx *ctx = my->base.ctx;
    const struct qname name = {NULL, ctx_printf(ctx, SCRATCH "_view_%lu", my->lib.mysql_thread_id(my->conn))};
    bool is_created;
    if (!create_view(my, wanted, &name, &is_created))
        return false;
    if (!is_created)
        return true;
    struct view *v = view_copy(ctx, wanted);
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "DROP VIEW %Q", &name);
    bool ok = my_reflect_view(&my->base, &name, v);
    ok = my_query(my, sql_end(&q), NULL) && ok;
    if (ok)
        vec_add(ctx, &ret->views, v);
    return ok;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

/* Views and objects, which cannot be temporary. */
static bool has_lasting(const struct schema *wanted)
{
    bool has = wanted->views.n > 0;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        has |= wanted->objects[kind].n > 0;
    return has;
}

bool my_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked)
{
    struct my *my = my_of(conn);
    struct schema printed = {0};
    vec_each(i, &wanted->tables)
        if (!judge_table(my, wanted->tables.v[i], &printed))
            return false;
    if (has_lasting(wanted) && !my_judge_begin(my))
        return false;
    vec_each(i, &wanted->views)
        if (!judge_view(my, wanted->views.v[i], &printed))
            return false;
    if (!my_judge_objects(my, wanted, &printed))
        return false;
    *ret_asked = true;
    *ret = printed;
    return true;
}
