/* Runs cmig's statements in the words of the server. */
#include "dialect/mysql/wire/conn.h"
#include "dialect/mysql/wire/translate.h"

/* Whether a table has a part, "column x" or "index x". */
static bool ask(struct my *my, const char *table, const char *part, bool *ret)
{
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    struct strings row = {0};
    bool is_column = str_starts(part, "column ");
    sql_addf(&q,
        "SELECT 1 FROM information_schema.%E WHERE table_schema = DATABASE() AND table_name = %L AND %E = %L",
        is_column ? "columns" : "statistics", table, is_column ? "column_name" : "index_name",
        strchr(part, ' ') + 1);
    if (!my_query_row(&my->base, sql_end(&q), &row))
        return false;
    *ret = row.n > 0;
    return true;
}

static bool answer(struct my *my, const char *sql, struct my_translation *t)
{
    struct map answers = MAP(my->base.ctx);
    vec_each(i, &t->parts) {
        bool *is_there = ctx_new(my->base.ctx, bool);
        if (!ask(my, t->table, t->parts.v[i], is_there))
            return false;
        map_set(&answers, t->parts.v[i], is_there);
    }
    my_translate(my->base.ctx, sql, &answers, t);
    return true;
}

static bool spell_renames(struct my *my, const char **sql)
{
    struct ctx *ctx = my->base.ctx;
    const char *table = my->server->has_rename_column ? NULL : my_rename_table(ctx, *sql);
    struct sql q = sql_begin(ctx, &mysql_dialect);
    struct strings row = {0};
    if (!table)
        return true;
    sql_addf(&q, "SHOW CREATE TABLE %I", table);
    if (!my_query_row(&my->base, sql_end(&q), &row))
        return false;
    if (row.n > 1)
        *sql = my_change_for_rename(ctx, *sql, row.v[1]);
    return true;
}

/* Puts the session back, also after a failure or an interruption. */
static bool run_after(struct my *my, const struct strings *list, bool ok)
{
    struct ctx *ctx = my->base.ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct err err = ctx->err;
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    bool is_back = true;
    vec_each(i, list)
        is_back = my_query(my, list->v[i], NULL) && is_back;
    ctx->interrupt = interrupt;
    if (!ok)
        ctx->err = err;
    return ok && is_back;
}

bool my_run(struct my *my, const char *sql, struct my_answer *ret)
{
    struct my_translation t;
    bool ok = true;
    if (my->server->has_mariadb_words)
        return my_query(my, sql, ret);
    my_translate(my->base.ctx, sql, NULL, &t);
    if (t.parts.n && !answer(my, sql, &t))
        return false;
    for (size_t i = 0; ok && i < t.sent.n; i++)
        ok = spell_renames(my, &t.sent.v[i]) && my_query(my, t.sent.v[i], i + 1 == t.sent.n ? ret : NULL);
    return t.after.n ? run_after(my, &t.after, ok) : ok;
}
