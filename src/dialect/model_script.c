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
#define ONE_DATABASE "Dump the schema of one database, without --databases, or remove the statement."

/* By the first words; the first row that fits counts. */
static const struct {
    const char *words;
    enum treatment treatment;
    const char *hint;
    unsigned grammar; /* only for dialects whose grammar has all of these; 0: for all */
} treatments[] = {
    {"CREATE TABLE SQLITE_SEQUENCE", IS_SKIPPED, NULL, 0}, /* as sqlite3's .schema prints them */
    {"CREATE TABLE SQLITE_STAT1", IS_SKIPPED, NULL, 0},
    {"CREATE TABLE SQLITE_STAT4", IS_SKIPPED, NULL, 0},
    {"CREATE USER MAPPING", RUNS, NULL, 0},
    {"CREATE DATABASE", IS_REJECTED, ONE_DATABASE, SQL_MYSQL},
    {"CREATE DATABASE", IS_REJECTED, "Dump the schema without --create, or remove the statement.", 0},
    {"CREATE SCHEMA", IS_REJECTED, ONE_DATABASE, SQL_MYSQL}, /* the same as CREATE DATABASE */
    {"CREATE SERVER", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"CREATE ROLE", IS_REJECTED, OTHERS, 0},
    {"CREATE USER", IS_REJECTED, OTHERS, 0},
    {"CREATE GROUP", IS_REJECTED, OTHERS, 0},
    {"CREATE TABLESPACE", IS_REJECTED, OTHERS, 0},
    {"CREATE SUBSCRIPTION", IS_REJECTED, "Remove the statement: it would connect to the publisher.", 0},
    {"CREATE", RUNS, NULL, 0},
    {"ALTER USER MAPPING", RUNS, NULL, 0},
    {"ALTER DEFAULT PRIVILEGES", IS_OWNERSHIP, NULL, 0},
    {"ALTER DATABASE", IS_SKIPPED, NULL, SQL_MYSQL}, /* around a routine that had another character set */
    {"ALTER SCHEMA", IS_SKIPPED, NULL, SQL_MYSQL},
    {"ALTER SERVER", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"ALTER EVENT", IS_REJECTED, "Write the event as it is afterwards, with CREATE EVENT.", SQL_MYSQL},
    {"ALTER DATABASE", IS_REJECTED, "Dump the schema without --create, or remove the statement.", 0},
    {"ALTER ROLE", IS_REJECTED, OTHERS, 0},
    {"ALTER USER", IS_REJECTED, OTHERS, 0},
    {"ALTER GROUP", IS_REJECTED, OTHERS, 0},
    {"ALTER TABLESPACE", IS_REJECTED, OTHERS, 0},
    {"ALTER SYSTEM", IS_REJECTED, OTHERS, 0},
    {"ALTER", RUNS, NULL, 0},
    {"DROP DATABASE", IS_REJECTED, OTHERS, 0},
    {"DROP SCHEMA", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"DROP SERVER", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"DROP ROLE", IS_REJECTED, OTHERS, 0},
    {"DROP USER MAPPING", RUNS, NULL, 0},
    {"DROP USER", IS_REJECTED, OTHERS, 0},
    {"DROP GROUP", IS_REJECTED, OTHERS, 0},
    {"DROP TABLESPACE", IS_REJECTED, OTHERS, 0},
    {"DROP OWNED", IS_REJECTED, OTHERS, 0},
    {"DROP", RUNS, NULL, 0},
    {"COMMENT ON DATABASE", IS_REJECTED, OTHERS, 0},
    {"COMMENT ON ROLE", IS_REJECTED, OTHERS, 0},
    {"COMMENT ON TABLESPACE", IS_REJECTED, OTHERS, 0},
    {"COMMENT", RUNS, NULL, 0},
    {"GRANT", IS_OWNERSHIP, NULL, 0},
    {"REVOKE", IS_OWNERSHIP, NULL, 0},
    {"REASSIGN OWNED", IS_OWNERSHIP, NULL, 0},
    {"SECURITY LABEL", IS_OWNERSHIP, NULL, 0},
    {"SET ROLE", IS_SKIPPED, NULL, 0},
    {"SET SESSION AUTHORIZATION", IS_SKIPPED, NULL, 0},
    {"SET CLIENT_ENCODING", IS_SKIPPED, NULL, 0}, /* files are UTF-8 */
    {"SET NAMES", IS_SKIPPED, NULL, 0},
    {"SET STATEMENT_TIMEOUT", IS_SKIPPED, NULL, 0}, /* an older server may lack some that pg_dump writes */
    {"SET LOCK_TIMEOUT", IS_SKIPPED, NULL, 0},
    {"SET TRANSACTION_TIMEOUT", IS_SKIPPED, NULL, 0},
    {"SET IDLE_IN_TRANSACTION_SESSION_TIMEOUT", IS_SKIPPED, NULL, 0},
    {"SET AUTOCOMMIT", IS_SKIPPED, NULL, SQL_MYSQL},
    {"SET SQL_LOG_BIN", IS_SKIPPED, NULL, SQL_MYSQL},
    {"SET SESSION SQL_LOG_BIN", IS_SKIPPED, NULL, SQL_MYSQL},
    {"SET GLOBAL GTID_PURGED", IS_SKIPPED, NULL, SQL_MYSQL},
    {"SET GLOBAL GTID_SLAVE_POS", IS_SKIPPED, NULL, SQL_MYSQL},
    {"SET GLOBAL", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"SET PERSIST", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"SET PERSIST_ONLY", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"SET PASSWORD", IS_OWNERSHIP, NULL, SQL_MYSQL},
    {"SET DEFAULT ROLE", IS_OWNERSHIP, NULL, SQL_MYSQL},
    {"SET", RUNS, NULL, 0},
    {"RESET", RUNS, NULL, 0},
    {"PRAGMA USER_VERSION", RUNS, NULL, 0},
    {"PRAGMA APPLICATION_ID", RUNS, NULL, 0},
    {"PRAGMA", IS_SKIPPED, NULL, 0},
    {"SELECT", IS_SKIPPED, NULL, SQL_MYSQL},
    {"DO", IS_SKIPPED, NULL, SQL_MYSQL},      /* of sequences, the last number */
    {"PREPARE", IS_SKIPPED, NULL, SQL_MYSQL}, /* mysqldump looks for the engine RocksDB */
    {"EXECUTE IMMEDIATE", IS_REJECTED, "Write the statement itself.", SQL_MYSQL},
    {"EXECUTE", IS_SKIPPED, NULL, SQL_MYSQL},
    {"DEALLOCATE", IS_SKIPPED, NULL, SQL_MYSQL},
    {"SELECT", RUNS, NULL, 0}, /* pg_catalog.set_config, functions of extensions that create objects */
    {"DO", RUNS, NULL, 0},
    {"IMPORT FOREIGN SCHEMA", RUNS, NULL, 0},
    {"INSERT", IS_ABOUT_ROWS, NULL, 0},
    {"UPDATE", IS_ABOUT_ROWS, NULL, 0},
    {"DELETE", IS_ABOUT_ROWS, NULL, 0},
    {"REPLACE", IS_ABOUT_ROWS, NULL, 0},
    {"MERGE", IS_ABOUT_ROWS, NULL, 0},
    {"WITH", IS_ABOUT_ROWS, NULL, 0},
    {"VALUES", IS_ABOUT_ROWS, NULL, 0},
    {"TRUNCATE", IS_ABOUT_ROWS, NULL, 0},
    {"REFRESH", IS_ABOUT_ROWS, NULL, 0},
    {"ANALYZE", IS_ABOUT_ROWS, NULL, 0},
    {"VACUUM", IS_ABOUT_ROWS, NULL, 0},
    {"REINDEX", IS_ABOUT_ROWS, NULL, 0},
    {"CLUSTER", IS_ABOUT_ROWS, NULL, 0},
    {"CALL", IS_ABOUT_ROWS, NULL, 0},
    {"LOAD", IS_ABOUT_ROWS, NULL, SQL_MYSQL},
    {"OPTIMIZE", IS_ABOUT_ROWS, NULL, SQL_MYSQL},
    {"CHECK", IS_ABOUT_ROWS, NULL, SQL_MYSQL},
    {"REPAIR", IS_ABOUT_ROWS, NULL, SQL_MYSQL},
    {"START TRANSACTION", IS_SKIPPED, NULL, SQL_MYSQL},
    {"BEGIN NOT", IS_REJECTED, "Write the statements of the block without it.", SQL_MYSQL},
    {"BEGIN", IS_SKIPPED, NULL, SQL_MYSQL},
    {"COMMIT", IS_SKIPPED, NULL, SQL_MYSQL},
    {"LOCK TABLES", IS_SKIPPED, NULL, SQL_MYSQL},
    {"LOCK TABLE", IS_SKIPPED, NULL, SQL_MYSQL},
    {"UNLOCK TABLES", IS_SKIPPED, NULL, SQL_MYSQL},
    {"UNLOCK TABLE", IS_SKIPPED, NULL, SQL_MYSQL},
    {"FLUSH", IS_SKIPPED, NULL, SQL_MYSQL},
    {"CHANGE MASTER", IS_SKIPPED, NULL, SQL_MYSQL},
    {"CHANGE REPLICATION", IS_SKIPPED, NULL, SQL_MYSQL},
    {"RENAME USER", IS_REJECTED, OTHERS, SQL_MYSQL},
    {"RENAME", RUNS, NULL, SQL_MYSQL},
    {"USE", IS_REJECTED, ONE_DATABASE, SQL_MYSQL},
    {"COPY", IS_REJECTED, "Dump the schema without rows, as 'pg_dump --schema-only' does.", 0},
    {"ATTACH", IS_REJECTED, OTHERS, 0},
    {"DETACH", IS_REJECTED, OTHERS, 0},
};

static bool begins_with(const char *words, const char *first)
{
    size_t n = strlen(first);
    return strncmp(words, first, n) == 0 && (words[n] == ' ' || !words[n]);
}

/* A file, and what its statements are found to be. */
struct reading {
    struct ctx *ctx;
    const struct dialect *dialect;
    unsigned grammar;
    const char *visible; /* the text with the SQL that is written in comments, byte for byte in its place */
    struct pos first[IS_REJECTED]; /* by treatment: the place of the first such statement */
    size_t counts[IS_REJECTED];
};

/* The next piece that is neither white space nor a comment; `s` moves to its end. */
static struct sql_piece next(const struct reading *r, const char **s)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*s, r->grammar), r->grammar);
    *s = p.s + p.n;
    return p;
}

/* CREATE OR REPLACE is CREATE; variables like @@global.x count as words. */
static bool is_left_out(const struct reading *r, const struct sql_piece *p)
{
    bool is_mark = p->kind == SQL_OTHER && (*p->s == '@' || *p->s == '.') && r->grammar & SQL_HASH;
    return is_mark || sql_piece_is(p, "or") || sql_piece_is(p, "replace");
}

/* The first words of a statement, in capitals, with one space between them. */
static const char *first_words(const struct reading *r, const char *s, const char *end)
{
    enum { WORDS = 3 };
    struct str out = STR(r->ctx);
    for (int i = 0; i < WORDS && sql_skip_space(s, r->grammar) < end;) {
        const struct sql_piece p = next(r, &s);
        if (i && is_left_out(r, &p))
            continue;
        if (p.kind != SQL_WORD && p.kind != SQL_QUOTED)
            break;
        if (i++)
            str_addc(&out, ' ');
        for (size_t k = 0; k < p.n; k++)
            str_addc(&out, (char)toupper((unsigned char)p.s[k]));
    }
    return str_get(&out);
}

/* ALTER ... OWNER TO somebody: these words and a name are its end. */
static bool is_owner_change(const struct reading *r, const char *words, const char *s, const char *end)
{
    enum { LAST = 4 };
    struct sql_piece last[LAST] = {0};
    if (!begins_with(words, "ALTER"))
        return false;
    while (sql_skip_space(s, r->grammar) < end) {
        const struct sql_piece p = next(r, &s);
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

/* DEFINER = user@host, before the name of what is created, is an owner; the clause is blanked. */
static void blank_definer(const struct reading *r, const char *from, const char *end, char *kept)
{
    const char *s = from, *stop;
    struct sql_piece p = next(r, &s);
    bool has_head = sql_piece_is(&p, "create") || sql_piece_is(&p, "alter");
    while (has_head && s < end) {
        p = next(r, &s);
        if (p.kind == SQL_OTHER && *p.s == '(')
            return;
        const char *definer = p.s;
        if (!sql_piece_is(&p, "definer"))
            continue;
        p = next(r, &s);
        if (p.kind != SQL_OTHER || *p.s != '=')
            return;
        p = next(r, &s);
        stop = s;
        const struct sql_piece mark = next(r, &s);
        if (mark.kind == SQL_OTHER && (*mark.s == '@' || *mark.s == '(')) /* user@host, current_user() */
            next(r, &s);
        else
            s = stop;
        script_blank(kept, (size_t)(definer - r->visible), (size_t)(s - r->visible));
        return;
    }
}

/* ---- one file ------------------------------------------------------------------------------------ */

static bool reject(struct reading *r, struct pos pos, const char *words, const char *hint)
{
    fail_at(r->ctx, STATUS_CONFIG, pos, "'%s' cannot be part of a model", words);
    return fail_hint(r->ctx, "%s", hint ? hint : "Remove the statement: it does not describe the schema.");
}

static bool treat(struct reading *r, const struct statement *part, enum treatment *ret)
{
    const char *from = r->visible + part->from, *end = r->visible + part->to;
    const char *words = first_words(r, from, end);
    const struct pos pos = statement_pos(part, part->text + part->from);
    for (size_t i = 0; i < COUNT_OF(treatments); i++) {
        if (!begins_with(words, treatments[i].words) ||
            (r->grammar & treatments[i].grammar) != treatments[i].grammar)
            continue;
        if (treatments[i].treatment == IS_REJECTED)
            return reject(r, pos, treatments[i].words, treatments[i].hint);
        *ret = is_owner_change(r, words, from, end) ? IS_OWNERSHIP : treatments[i].treatment;
        if (!r->counts[*ret]++)
            r->first[*ret] = pos;
        return true;
    }
    *ret = IS_SKIPPED;
    if (sql_skip_space(from, r->grammar) >= end) /* a comment that only a newer server runs */
        return true;
    if (*words)
        return reject(r, pos, words, NULL);
    return fail_at(r->ctx, STATUS_CONFIG, pos, "not an SQL statement");
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

/* Blanks in `kept` what does not run. */
static bool keep(struct reading *r, const struct statement *part, char *kept)
{
    enum treatment treatment;
    if (!treat(r, part, &treatment))
        return false;
    if (treatment != RUNS) {
        script_blank(kept, part->from, part->to);
        return true;
    }
    blank_definer(r, r->visible + part->from, r->visible + part->to, kept);
    return !r->dialect->check_model || r->dialect->check_model(r->ctx, part);
}

static bool read_text(struct ctx *ctx, const struct model_sql *model, const char **ret)
{
    char *text;
    size_t size;
    *ret = model->text;
    if (model->text)
        return true;
    if (!fs_read(ctx, &ctx->arena, "model", model->name, FS_TEXT_LIMIT, &text, &size))
        return false;
    *ret = text;
    return true;
}

bool model_script(
    struct ctx *ctx, const struct dialect *dialect, const struct model_sql *model, struct statements *ret)
{
    struct reading r = {.ctx = ctx, .dialect = dialect, .grammar = dialect->grammar};
    struct op *op = op_new(ctx, OP_EXECUTE);
    struct statements parts = {0};
    const char *text;
    if (!read_text(ctx, model, &text))
        return false;
    op->u.execute.role = "cannot load the model";
    op->pos = op->u.execute.text_pos = (struct pos){model->name, 1, 1};
    struct statement *s = statement_add(ctx, ret, dialect->clean(ctx, text, true), op);
    s->flags = STATEMENT_SCRIPT | STATEMENT_CONFINED | STATEMENT_MODEL;
    if (!dialect->shell->check_text(ctx, s) || !dialect->split(ctx, s, true, &parts))
        return false;
    char *kept = ctx_strdup(ctx, s->text);
    r.visible = dialect->visible ? dialect->visible(ctx, s->text) : s->text;
    vec_each(i, &parts)
        if (!keep(&r, parts.v[i], kept))
            return false;
    op->u.execute.sql.text = s->text = kept;
    report_skipped(&r);
    return true;
}
