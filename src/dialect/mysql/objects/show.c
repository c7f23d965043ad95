/* Has the server print triggers, routines and events, and says under which settings their texts are read. */
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/spell/text.h"

#include <mysqld_error.h>

/* ---- settings ---------------------------------------------------------------------------------------- */

/* Modes that change nothing of what a routine does. */
static bool is_idle(const char *mode, size_t n)
{
    static const char *const modes[] = {"NO_AUTO_CREATE_USER", "NO_ENGINE_SUBSTITUTION"};
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (strlen(modes[i]) == n && strncmp(modes[i], mode, n) == 0)
            return true;
    return false;
}

static const char *without_idle(struct ctx *ctx, const char *modes)
{
    struct str out = STR(ctx);
    for (const char *s = modes; *s; s += strspn(s, ",")) {
        size_t n = strcspn(s, ",");
        if (!is_idle(s, n))
            str_addf(&out, "%s%.*s", out.n ? "," : "", (int)n, s);
        s += n;
    }
    return str_get(&out);
}

const char *my_settings_of(struct ctx *ctx, const char *sql_mode, const char *time_zone)
{
    struct str out = STR(ctx);
    if (sql_mode && !str_eq(without_idle(ctx, sql_mode), without_idle(ctx, MY_SQL_MODE)))
        str_addf(&out, "sql_mode = %s", my_literal(ctx, sql_mode));
    if (time_zone && !str_eq(time_zone, MY_TIME_ZONE))
        str_addf(&out, "%stime_zone = %s", out.n ? ", " : "", my_literal(ctx, time_zone));
    return out.n ? str_get(&out) : NULL;
}

/* ---- SHOW CREATE ------------------------------------------------------------------------------------- */

bool my_show_create(
    struct my *my, enum object_kind kind, const char *name, const char **ret, struct my_create *ret_parts)
{
    struct ctx *ctx = my->base.ctx;
    struct strings row = {0};
    struct sql q = sql_begin(ctx, &mysql_dialect);
    size_t text = kind == OBJECT_EVENT ? 3 : 2;
    sql_addf(&q, "SHOW CREATE %E %I", object_table[kind].name, name);
    *ret = NULL;
    if (!my_query_row(&my->base, sql_end(&q), &row)) {
        if (!my_failed_with(my, ER_SP_DOES_NOT_EXIST) && !my_failed_with(my, ER_EVENT_DOES_NOT_EXIST) &&
            !my_failed_with(my, ER_TRG_DOES_NOT_EXIST))
            return false;
        err_clear(ctx); /* another session dropped it */
        return true;
    }
    if (row.n <= text || !row.v[text] || !my_create_parse(ctx, kind, row.v[text], ret_parts))
        return true;
    ret_parts->settings = my_settings_of(ctx, row.v[1], kind == OBJECT_EVENT ? row.v[2] : NULL);
    if (kind == OBJECT_TRIGGER) /* its order is no part of the text */
        my_trigger_simplify(ctx, ret_parts);
    struct my_create plain = *ret_parts;
    plain.definer = NULL;
    *ret = my_create_sql(ctx, kind, &plain, name, false);
    return true;
}
