/*
 * Reads models that are SQL: which statements of a file run, and which are skipped or rejected before any does.
 */
#include "cmig/dialect.h"

#include "dialect/transaction_words.h"

#include <ctype.h>

/* ---- which statements run ------------------------------------------------------------------------ */

enum treatment {
    RUNS,
    IS_SKIPPED,   /* concerns the session or the system's own tables only */
    IS_OWNERSHIP, /* owners and privileges, which models in SQL do not have */
    IS_ABOUT_ROWS,
    IS_REJECTED,
};

#define OTHERS "Remove the statement: a model describes the contents of one database."

/* By the first words; the first row that fits counts. */
static const struct {
    const char *words;
    enum treatment treatment;
    const char *hint;
} treatments[] = {
    {"CREATE TABLE SQLITE_SEQUENCE", IS_SKIPPED, NULL}, /* as sqlite3's .schema prints them */
    {"CREATE TABLE SQLITE_STAT1", IS_SKIPPED, NULL},
    {"CREATE TABLE SQLITE_STAT4", IS_SKIPPED, NULL},
    {"CREATE USER MAPPING", RUNS, NULL},
    {"CREATE DATABASE", IS_REJECTED, "Dump the schema without --create, or remove the statement."},
    {"CREATE ROLE", IS_REJECTED, OTHERS},
    {"CREATE USER", IS_REJECTED, OTHERS},
    {"CREATE GROUP", IS_REJECTED, OTHERS},
    {"CREATE TABLESPACE", IS_REJECTED, OTHERS},
    {"CREATE SUBSCRIPTION", IS_REJECTED, "Remove the statement: it would connect to the publisher."},
    {"CREATE", RUNS, NULL},
    {"ALTER USER MAPPING", RUNS, NULL},
    {"ALTER DEFAULT PRIVILEGES", IS_OWNERSHIP, NULL},
    {"ALTER DATABASE", IS_REJECTED, "Dump the schema without --create, or remove the statement."},
    {"ALTER ROLE", IS_REJECTED, OTHERS},
    {"ALTER USER", IS_REJECTED, OTHERS},
    {"ALTER GROUP", IS_REJECTED, OTHERS},
    {"ALTER TABLESPACE", IS_REJECTED, OTHERS},
    {"ALTER SYSTEM", IS_REJECTED, OTHERS},
    {"ALTER", RUNS, NULL},
    {"DROP DATABASE", IS_REJECTED, OTHERS},
    {"DROP ROLE", IS_REJECTED, OTHERS},
    {"DROP USER MAPPING", RUNS, NULL},
    {"DROP USER", IS_REJECTED, OTHERS},
    {"DROP GROUP", IS_REJECTED, OTHERS},
    {"DROP TABLESPACE", IS_REJECTED, OTHERS},
    {"DROP OWNED", IS_REJECTED, OTHERS},
    {"DROP", RUNS, NULL},
    {"COMMENT ON DATABASE", IS_REJECTED, OTHERS},
    {"COMMENT ON ROLE", IS_REJECTED, OTHERS},
    {"COMMENT ON TABLESPACE", IS_REJECTED, OTHERS},
    {"COMMENT", RUNS, NULL},
    {"GRANT", IS_OWNERSHIP, NULL},
    {"REVOKE", IS_OWNERSHIP, NULL},
    {"REASSIGN OWNED", IS_OWNERSHIP, NULL},
    {"SECURITY LABEL", IS_OWNERSHIP, NULL},
    {"SET ROLE", IS_SKIPPED, NULL},
    {"SET SESSION AUTHORIZATION", IS_SKIPPED, NULL},
    {"SET CLIENT_ENCODING", IS_SKIPPED, NULL}, /* files are UTF-8 */
    {"SET NAMES", IS_SKIPPED, NULL},
    {"SET STATEMENT_TIMEOUT", IS_SKIPPED, NULL}, /* an older server may lack some that pg_dump writes */
    {"SET LOCK_TIMEOUT", IS_SKIPPED, NULL},
    {"SET TRANSACTION_TIMEOUT", IS_SKIPPED, NULL},
    {"SET IDLE_IN_TRANSACTION_SESSION_TIMEOUT", IS_SKIPPED, NULL},
    {"SET", RUNS, NULL},
    {"RESET", RUNS, NULL},
    {"PRAGMA USER_VERSION", RUNS, NULL},
    {"PRAGMA APPLICATION_ID", RUNS, NULL},
    {"PRAGMA", IS_SKIPPED, NULL},
    {"SELECT", RUNS, NULL}, /* pg_catalog.set_config, functions of extensions that create objects */
    {"DO", RUNS, NULL},
    {"IMPORT FOREIGN SCHEMA", RUNS, NULL},
    {"INSERT", IS_ABOUT_ROWS, NULL},
    {"UPDATE", IS_ABOUT_ROWS, NULL},
    {"DELETE", IS_ABOUT_ROWS, NULL},
    {"REPLACE", IS_ABOUT_ROWS, NULL},
    {"MERGE", IS_ABOUT_ROWS, NULL},
    {"WITH", IS_ABOUT_ROWS, NULL},
    {"VALUES", IS_ABOUT_ROWS, NULL},
    {"TRUNCATE", IS_ABOUT_ROWS, NULL},
    {"REFRESH", IS_ABOUT_ROWS, NULL},
    {"ANALYZE", IS_ABOUT_ROWS, NULL},
    {"VACUUM", IS_ABOUT_ROWS, NULL},
    {"REINDEX", IS_ABOUT_ROWS, NULL},
    {"CLUSTER", IS_ABOUT_ROWS, NULL},
    {"CALL", IS_ABOUT_ROWS, NULL},
    {"COPY", IS_REJECTED, "Dump the schema without rows, as 'pg_dump --schema-only' does."},
    {"ATTACH", IS_REJECTED, OTHERS},
    {"DETACH", IS_REJECTED, OTHERS},
};

static bool begins_with(const char *words, const char *first)
{
    size_t n = strlen(first);
    return strncmp(words, first, n) == 0 && (words[n] == ' ' || !words[n]);
}

/* The first words of a statement, in capitals, with one space between them. */
static const char *first_words(struct ctx *ctx, const char *s, const char *end)
{
    enum { WORDS = 3 };
    struct str out = STR(ctx);
    for (int i = 0; i < WORDS && (s = sql_skip_space(s, SQL_POSTGRESQL)) < end; i++) {
        const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
        if (p.kind != SQL_WORD && p.kind != SQL_QUOTED)
            break;
        if (i)
            str_addc(&out, ' ');
        for (size_t k = 0; k < p.n; k++)
            str_addc(&out, (char)toupper((unsigned char)p.s[k]));
        s += p.n;
    }
    return str_get(&out);
}

/* ALTER ... OWNER TO somebody: these words and a name are its end. */
static bool is_owner_change(const char *words, const char *s, const char *end)
{
    enum { LAST = 4 };
    struct sql_piece last[LAST] = {0};
    if (!begins_with(words, "ALTER"))
        return false;
    while ((s = sql_skip_space(s, SQL_POSTGRESQL)) < end) {
        const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
        s += p.n;
        if (p.kind == SQL_OTHER && *p.s == ';')
            break;
        memmove(last, last + 1, (LAST - 1) * sizeof(*last));
        last[LAST - 1] = p;
    }
    /* RENAME COLUMN owner TO x */
    return last[0].s && sql_piece_is(&last[1], "owner") && sql_piece_is(&last[2], "to") &&
           !sql_piece_is(&last[0], "rename") && !sql_piece_is(&last[0], "column") &&
           !sql_piece_is(&last[0], "attribute") && !sql_piece_is(&last[0], "constraint");
}

/* ---- one file ------------------------------------------------------------------------------------ */

struct reading {
    struct ctx *ctx;
    struct pos first[IS_REJECTED]; /* by treatment: the place of the first such statement */
    size_t counts[IS_REJECTED];
};

static bool reject(struct reading *r, struct pos pos, const char *words, const char *hint)
{
    fail_at(r->ctx, STATUS_CONFIG, pos, "'%s' cannot be part of a model", words);
    return fail_hint(r->ctx, "%s", hint ? hint : "Remove the statement: it does not describe the schema.");
}

static bool treat(struct reading *r, const struct statement *part, enum treatment *ret)
{
    const char *from = part->text + part->from, *end = part->text + part->to;
    const char *words = first_words(r->ctx, from, end);
    for (size_t i = 0; i < COUNT_OF(treatments); i++) {
        if (!begins_with(words, treatments[i].words))
            continue;
        if (treatments[i].treatment == IS_REJECTED)
            return reject(r, statement_pos(part, from), treatments[i].words, treatments[i].hint);
        *ret = is_owner_change(words, from, end) ? IS_OWNERSHIP : treatments[i].treatment;
        if (!r->counts[*ret]++)
            r->first[*ret] = statement_pos(part, from);
        return true;
    }
    if (*words)
        return reject(r, statement_pos(part, from), words, NULL);
    return fail_at(r->ctx, STATUS_CONFIG, statement_pos(part, from), "not an SQL statement");
}

static void report_skipped(struct reading *r)
{
    struct ctx *ctx = r->ctx;
    if (r->counts[IS_ABOUT_ROWS])
        log_warn(ctx, "%s%s skipped: a model describes no rows",
            pos_text(&ctx->arena, r->first[IS_ABOUT_ROWS]),
            r->counts[IS_ABOUT_ROWS] == 1
                ? "a statement about rows was"
                : ctx_printf(ctx, "%zu statements about rows were", r->counts[IS_ABOUT_ROWS]));
    if (r->counts[IS_OWNERSHIP])
        log_info(ctx, "%s%s skipped: models in SQL have neither",
            pos_text(&ctx->arena, r->first[IS_OWNERSHIP]),
            r->counts[IS_OWNERSHIP] == 1
                ? "a statement about owners or privileges was"
                : ctx_printf(ctx, "%zu statements about owners or privileges were", r->counts[IS_OWNERSHIP]));
}

bool model_script(struct ctx *ctx, const struct dialect *dialect, const char *path, struct statements *ret)
{
    struct reading r = {.ctx = ctx};
    struct op *op = op_new(ctx, OP_EXECUTE);
    struct statements parts = {0};
    char *text;
    size_t size;
    if (!fs_read(ctx, &ctx->arena, "model", path, FS_TEXT_LIMIT, &text, &size))
        return false;
    op->u.execute.role = "cannot load the model";
    op->pos = op->u.execute.text_pos = (struct pos){path, 1, 1};
    struct statement *s = statement_add(ctx, ret, dialect->clean(ctx, text, true), op);
    s->flags = STATEMENT_SCRIPT | STATEMENT_CONFINED;
    if (!dialect->shell->check_text(ctx, s) || !dialect->split(ctx, s, true, &parts))
        return false;
    char *kept = ctx_strdup(ctx, s->text);
    vec_each(i, &parts) {
        enum treatment treatment;
        if (!treat(&r, parts.v[i], &treatment))
            return false;
        if (treatment != RUNS)
            script_blank(kept, parts.v[i]->from, parts.v[i]->to);
    }
    op->u.execute.sql.text = s->text = kept;
    report_skipped(&r);
    return true;
}
