/*
 * Puts a session back to what it was when the connection began, after user SQL.
 *
 * RESET gives every setting the value that the startup packet, PGOPTIONS, ALTER ROLE or ALTER DATABASE gave it. What was
 * set since then, by cmig or by hand before a script, is noted at the start and set again afterwards. All of it but
 * DEALLOCATE is part of the transaction, and so is rolled back with it. The lock is checked in the same round trip.
 */
#include "dialect/postgresql/wire/exec.h"

/* What the online session does with the version table: compares its rows with the expected ones. */
static const char *rows_check(struct ctx *ctx, const struct version_table *v, const struct strings *rows)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_add(&q, "SELECT 1 / (ARRAY[");
    vec_each(i, rows)
        sql_addf(&q, i ? ", %L" : "%L", rows->v[i]);
    sql_addf(&q,
        "]::pg_catalog.text[] OPERATOR(pg_catalog.=) ARRAY(SELECT %I::pg_catalog.text FROM %Q "
        "ORDER BY %I::pg_catalog.text COLLATE pg_catalog.\"C\"))::pg_catalog.int4",
        v->column, &v->name, v->column);
    return sql_end(&q);
}

/* Whether this session has the lock, as SQL. */
static const char *holds_lock(struct ctx *ctx, const char *key)
{
    return ctx_printf(ctx,
        "EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE l.locktype = 'advisory' AND l.granted "
        "AND l.pid = pg_catalog.pg_backend_pid() AND l.objsubid = 2 AND l.classid = %u::pg_catalog.oid "
        "AND l.objid = ((%s)::pg_catalog.int8 & 4294967295)::pg_catalog.oid)",
        (unsigned)LOCK_CLASS, key);
}

void pg_restore(
    struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret)
{
    struct statement *s = statement_add(ctx, ret, rows ? rows_check(ctx, v, rows) : "", NULL);
    s->flags = STATEMENT_SESSION;
}

static bool add(struct pg *pg, const struct statement *s, const char *sql, const char *guarded)
{
    const struct sent sent = {.statement = s, .sql = sql, .guarded = guarded};
    return pipeline_add(pg, &sent);
}

const char pg_lock_is_lost[] = "the lock was released, and another cmig has taken it";

static bool add_lock_check(struct pg *pg, const struct statement *s)
{
    struct ctx *ctx = pg->base.ctx;
    const char *key = ctx_printf(ctx, "%d", (int32_t)pg->lock_key);
    return add(pg, s,
        ctx_printf(ctx,
            "SELECT 1 / CASE WHEN %s OR pg_catalog.pg_try_advisory_lock(%d, %s) THEN 1 ELSE 0 END",
            holds_lock(ctx, key), LOCK_CLASS, key),
        pg_lock_is_lost);
}

static const char *put_back(struct pg *pg)
{
    struct sql q = sql_begin(pg->base.ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT pg_catalog.set_config(s.key, s.value, false) FROM pg_catalog.json_each_text(%L) AS s",
        pg->settings);
    return sql_end(&q);
}

static bool restore_settings(struct pg *pg, const struct statement *s)
{
    static const char *const resets[] = {"CLOSE ALL", "RESET SESSION AUTHORIZATION", "RESET ROLE",
        "RESET ALL", "UNLISTEN *", "DEALLOCATE ALL", "DISCARD TEMP", "DISCARD SEQUENCES"};
    if (pg->borrowed)
        return add(pg, s, pg_put_back_all(pg), NULL);
    for (size_t i = 0; i < COUNT_OF(resets); i++)
        if (!add(pg, s, resets[i], NULL))
            return false;
    pg->prepared.n = 0;
    pg->prepares_nothing = false;
    return !pg->settings || add(pg, s, put_back(pg), NULL);
}

bool pg_restore_session(struct pg *pg, const struct statement *s)
{
    if (!restore_settings(pg, s))
        return false;
    if (pg->is_locked && !add_lock_check(pg, s))
        return false;
    return !*s->text || add(pg, s, s->text, "the rows of the version table have changed");
}

/* ---- in a script ------------------------------------------------------------------------------------- */

/* The user of the script may have changed settings by hand before. A script has no place for them but settings that nothing
 * else uses. */
const char *pg_script_session(struct ctx *ctx, const struct version_table *v)
{
    return ctx_printf(ctx,
        "\n-- The session's settings, to which each revision with SQL of its own returns.\n"
        "DO $cmig$BEGIN\n"
        "    PERFORM pg_catalog.set_config('cmig.lock', (%s)::pg_catalog.text, false);\n"
        "    PERFORM pg_catalog.set_config('cmig.session', " PG_SETTINGS ", false);\n"
        "END$cmig$;\n",
        pg_lock_key(ctx, v));
}

/* A revision that resets all settings loses the note. */
bool pg_script_restore(
    struct ctx *ctx, ATTR_UNUSED struct conn *conn, ATTR_UNUSED const struct statement *s, const char **ret)
{
    *ret = ctx_printf(ctx,
        "DO $cmig$DECLARE\n"
        "    session pg_catalog.json := nullif(pg_catalog.current_setting('cmig.session', true), '');\n"
        "    key pg_catalog.int4 := session->>'cmig.lock';\n"
        "BEGIN\n"
        "    EXECUTE 'CLOSE ALL';\n"
        "    RESET SESSION AUTHORIZATION;\n"
        "    RESET ROLE;\n"
        "    RESET ALL;\n"
        "    UNLISTEN *;\n"
        "    DEALLOCATE ALL;\n"
        "    DISCARD TEMP;\n"
        "    DISCARD SEQUENCES;\n"
        "    PERFORM pg_catalog.set_config(s.key, s.value, false) FROM pg_catalog.json_each_text(session) AS "
        "s;\n"
        "    PERFORM pg_catalog.set_config('cmig.session', session::pg_catalog.text, false);\n"
        "    IF NOT %s AND NOT pg_catalog.pg_try_advisory_lock(%d, key) THEN\n"
        "        RAISE EXCEPTION 'the lock was released, and another cmig has taken it';\n"
        "    END IF;\n"
        "END$cmig$;",
        holds_lock(ctx, "key"), LOCK_CLASS);
    return true;
}
