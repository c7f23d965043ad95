/*
 * Scripts for psql that do the same as a run.
 *
 * Except for idempotent ones, nothing in a script is specific to psql: any program that sends statements one by one
 * can run it.
 */
#include "dialect/postgresql/wire/exec.h"
#include "dialect/postgresql/wire/script.h"

enum { LOCK_STEP_MS = 500 };

/* The same loop as in lock.c, which explains why pg_advisory_lock is not used. COMMIT releases the snapshot. */
static void add_lock(struct str *out, struct ctx *ctx, const struct script_manner *m)
{
    str_addf(out,
        "\n-- One at a time: waits until no other cmig is at work here, and keeps others out until the end.\n"
        "DO $cmig$BEGIN\n"
        "    FOR i IN 0..%llu LOOP\n"
        "        IF pg_catalog.pg_try_advisory_lock(%d, %s) THEN\n"
        "            RETURN;\n"
        "        END IF;\n"
        "        COMMIT;\n"
        "        PERFORM pg_catalog.pg_sleep(%d.%d);\n"
        "    END LOOP;\n"
        "    RAISE EXCEPTION 'another cmig holds the lock';\n"
        "END$cmig$;\n",
        (unsigned long long)(m->lock_timeout_ms / LOCK_STEP_MS), LOCK_CLASS, pg_lock_key(ctx, m->version),
        LOCK_STEP_MS / 1000, LOCK_STEP_MS / 100 % 10);
}

/* As in conn.c: what the user has set stays. An index that is built concurrently waits as long as it takes, for which the
 * value is remembered. */
#define REMEMBERED "cmig.lock_timeout"
static void add_lock_timeout(struct str *out, const struct script_manner *m)
{
    if (!m->table_timeout_ms)
        return;
    str_addf(out,
        "DO $cmig$BEGIN\n"
        "    PERFORM pg_catalog.set_config('lock_timeout', '%llu', false), "
        "pg_catalog.set_config('" REMEMBERED "', '%llu', false)\n"
        "    FROM pg_catalog.pg_settings WHERE name = 'lock_timeout' AND setting = '0' AND source NOT IN "
        "(" USER_SOURCES ");\n"
        "END$cmig$;\n",
        (unsigned long long)m->table_timeout_ms, (unsigned long long)m->table_timeout_ms);
}

static const char *without_timeout(struct ctx *ctx, const char *text)
{
    static const char form[] = "DO $cmig$BEGIN PERFORM pg_catalog.set_config('lock_timeout', %s, false) "
                               "WHERE pg_catalog.current_setting('" REMEMBERED "', true) <> ''; END$cmig$;";
    struct str out = STR(ctx);
    str_addf(&out, form, "'0'");
    str_addf(&out, "\n%s\n", text);
    str_addf(&out, form, "pg_catalog.current_setting('" REMEMBERED "')");
    return str_get(&out);
}

static const char *head(struct ctx *ctx, const struct script_manner *m)
{
    struct str out = STR(ctx);
    if (m->idempotent)
        str_add(&out, "\\set ON_ERROR_STOP on\n");
    str_add(&out, "SET client_encoding = 'UTF8';\n"
                  "SET client_min_messages = warning;\n"
                  "SET standard_conforming_strings = on;\n");
    add_lock_timeout(&out, m);
    add_lock(&out, ctx, m);
    if (m->has_user_sql)
        str_add(&out, pg_script_session(ctx, m->version));
    return str_get(&out);
}

static const char *tail(struct ctx *ctx, const struct script_manner *m)
{
    return ctx_printf(ctx, "DO $cmig$BEGIN PERFORM pg_catalog.pg_advisory_unlock(%d, %s); END$cmig$;",
        LOCK_CLASS, pg_lock_key(ctx, m->version));
}

static bool statement(struct ctx *ctx, const struct statement *s, bool in_transaction, const char **ret)
{
    struct script_parts parts;
    if (s->flags & STATEMENT_SCRIPT && !exec_split(ctx, s, in_transaction, &parts))
        return false;
    *ret = script_for_psql(ctx, str_trim(&ctx->arena, s->text));
    return true;
}

static bool check_text(struct ctx *ctx, const struct statement *s)
{
    struct script_parts parts;
    if (s->flags & STATEMENT_ROWS)
        return true;
    if (!(s->flags & STATEMENT_SCRIPT) && !exec_split(ctx, s, false, &parts))
        return false;
    if (script_is_closed(&ctx->arena, s->text))
        return true;
    fail(ctx, STATUS_CONFIG, "the SQL text contains a quote or comment that is never closed");
    return exec_fail_at(ctx, s);
}

static const char *expect(struct ctx *ctx, const struct statement *s, const char *words)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "DO $cmig$BEGIN\n    %E;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION USING MESSAGE = %L;\n    "
        "END IF;\nEND$cmig$;",
        s->text, words);
    return sql_end(&q);
}

static const char *check(struct ctx *ctx, const struct statement *s)
{
    const char *tag = pg_unused_tag(ctx, s->text);
    return ctx_printf(ctx,
        "DO %s#variable_conflict use_column\nDECLARE\n    found pg_catalog.text;\nBEGIN\n"
        "    SELECT pg_catalog.string_agg(broken.how, '; ') INTO found FROM (%s) AS broken (how);\n"
        "    IF found IS NOT NULL THEN\n        RAISE EXCEPTION USING MESSAGE = found;\n    END "
        "IF;\nEND%s;",
        tag, s->text, tag);
}

static const char *when(struct ctx *ctx, const char *condition, const char *text)
{
    return ctx_printf(ctx, "SELECT %s AS cmig_run \\gset\n\\if :cmig_run\n%s\\endif", condition, text);
}

const struct shell pg_shell = {
    .name = "psql",
    .begin = "BEGIN;",
    .commit = "COMMIT;",
    .head = head,
    .tail = tail,
    .statement = statement,
    .without_timeout = without_timeout,
    .check_text = check_text,
    .expect = expect,
    .check = check,
    .restore = pg_script_restore,
    .when = when,
};
