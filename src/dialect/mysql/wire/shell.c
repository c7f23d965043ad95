/*
 * Scripts for MariaDB's own program, mariadb, that do the same as a run.
 *
 * The program stops at the first error, unless it is told --force. It has no conditions and no variables of its own, so
 * conditions are compound statements of the server, which need another delimiter than the semicolon. It also removes
 * comments from what it sends, and takes some words and backslashes for its own commands: a text with any of these is
 * sent as a string for EXECUTE IMMEDIATE, which runs it as it stands.
 */
#include "dialect/mysql/wire/exec.h"
#include "dialect/mysql/wire/script.h"

#include <inttypes.h>

/* Two slashes are no SQL. */
#define DELIMITER "//"
#define BLOCK_BEGIN "DELIMITER " DELIMITER "\nBEGIN NOT ATOMIC\n"
#define BLOCK_END "END\n" DELIMITER "\nDELIMITER ;"

/* ---- around the steps -------------------------------------------------------------------------------- */

/* The server waits here, other than in lock.c: a script is not asked to stop. */
static const char *lock_block(struct ctx *ctx, const struct version_table *v, uint64_t timeout_ms)
{
    const char *name = my_lock_sql(ctx, v);
    return ctx_printf(ctx,
        BLOCK_BEGIN "    IF NOT coalesce(is_used_lock(%s) = connection_id() OR get_lock(%s, %" PRIu64
                    "), false) THEN\n"
                    "        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'another cmig holds the lock';\n"
                    "    END IF;\n" BLOCK_END,
        name, name, (timeout_ms + 999) / 1000);
}

static const char *head(struct ctx *ctx, const struct script_manner *m)
{
    return ctx_printf(ctx,
        "-- For mariadb, without --force, on MariaDB 10.6.2 or later.\n"
        "SET NAMES utf8mb4;\n%s;\n"
        "-- One at a time: waits until no other cmig is at work here, and keeps others out until the "
        "end.\n%s",
        my_session_sql(ctx, m->table_timeout_ms), lock_block(ctx, m->version, m->lock_timeout_ms));
}

static const char *tail(struct ctx *ctx, const struct script_manner *m)
{
    return ctx_printf(ctx, "DO release_lock(%s);", my_lock_sql(ctx, m->version));
}

/* After user SQL. The timeouts stay: `settings` without them leaves those of the head. */
static bool restore(
    struct ctx *ctx, ATTR_UNUSED struct conn *conn, ATTR_UNUSED const struct statement *s, const char **ret)
{
    *ret = ctx_printf(ctx, "UNLOCK TABLES;\nSET NAMES utf8mb4;\n%s;", my_session_sql(ctx, 0));
    return true;
}

/* ---- statements -------------------------------------------------------------------------------------- */

/* Words that the program knows as commands at the beginning of a statement. */
static bool is_command(const struct sql_piece *p)
{
    static const char *const commands[] = {"charset", "clear", "connect", "edit", "ego", "exit", "go", "help",
        "nopager", "notee", "nowarning", "pager", "print", "prompt", "quit", "rehash", "sandbox", "source",
        "status", "system", "tee", "use", "warnings"};
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (sql_piece_is(p, commands[i]))
            return true;
    return false;
}

/* Whether the program sends it unchanged. */
static bool is_sent_unchanged(const char *text)
{
    bool is_first = true;
    for (struct sql_piece p; (p = sql_piece(text, SQL_MYSQL)).kind != SQL_END; text = p.s + p.n) {
        if (p.kind == SQL_COMMENT || sql_piece_is(&p, "delimiter") || (is_first && is_command(&p)))
            return false;
        if (p.kind == SQL_OTHER && (*p.s == '\\' || str_starts(p.s, DELIMITER)))
            return false;
        is_first &= p.kind == SQL_SPACE;
    }
    return true;
}

static bool is_empty(const char *text)
{
    return !*sql_skip_space(text, SQL_MYSQL);
}

/* What may be part of a compound statement; some others may, too. */
static bool may_be_in_block(const char *text)
{
    static const struct {
        const char *first, *second;
    } kinds[] = {{"alter", "table"}, {"create", "table"}, {"create", "index"}, {"create", "unique"},
        {"create", "view"}, {"drop", "table"}, {"drop", "index"}, {"drop", "view"}, {"rename", "table"},
        {"insert", "into"}, {"delete", "from"}, {"update", NULL}, {"set", "statement"}};
    const struct sql_piece first = sql_piece(sql_skip_space(text, SQL_MYSQL), SQL_MYSQL);
    const struct sql_piece second = sql_piece(sql_skip_space(first.s + first.n, SQL_MYSQL), SQL_MYSQL);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (sql_piece_is(&first, kinds[i].first) &&
            (!kinds[i].second || sql_piece_is(&second, kinds[i].second)))
            return true;
    return false;
}

static const char *as_string(struct ctx *ctx, const char *text)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "EXECUTE IMMEDIATE %L", text);
    return sql_end(&q);
}

/* A failure that says that the change is there already, where an earlier run may have been ended at this statement. */
static const char *handler(struct ctx *ctx, const char *again)
{
    struct str codes = STR(ctx);
    for (const unsigned *code = my_done_codes; again && *code; code++)
        str_addf(&codes, "%s%u", codes.n ? ", " : "", *code);
    return !again ? ""
                  : ctx_printf(ctx, "DECLARE EXIT HANDLER FOR %s IF NOT (%s) THEN RESIGNAL; END IF;\n",
                        str_get(&codes), again);
}

/* The statement does operations of which an earlier run has done a part. */
static const char *refusal(struct ctx *ctx, const struct statement *s)
{
    return !s->refusal ? ""
                       : ctx_printf(ctx,
                             "IF %s THEN\n    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a revision is half "
                             "applied in another way than this script does it: run cmig upgrade, or cmig "
                             "downgrade, to continue it';\nEND IF;\n",
                             s->refusal);
}

static const char *guarded(struct ctx *ctx, const struct statement *s, const char *text)
{
    if (!may_be_in_block(text) || !is_sent_unchanged(text))
        text = as_string(ctx, text);
    return ctx_printf(ctx, BLOCK_BEGIN "%s%sIF %s THEN\n%s;\nEND IF;\n" BLOCK_END, handler(ctx, s->again),
        refusal(ctx, s), s->guard, text);
}

static const char *one(struct ctx *ctx, const struct statement *s, const char *text)
{
    bool has_others = strchr(text, ';');
    if (is_empty(text))
        return text; /* a comment that marks the place of something */
    if (s->guard)
        return guarded(ctx, s, text);
    if (!is_sent_unchanged(text))
        return ctx_printf(ctx, "%s;", as_string(ctx, text));
    return has_others ? ctx_printf(ctx, "DELIMITER " DELIMITER "\n%s\n" DELIMITER "\nDELIMITER ;", text)
                      : ctx_printf(ctx, "%s;", text);
}

static bool statement(
    struct ctx *ctx, const struct statement *s, ATTR_UNUSED bool in_transaction, const char **ret)
{
    struct statements parts = {0};
    struct str out = STR(ctx);
    if (!(s->flags & STATEMENT_SCRIPT) || s->to) {
        *ret = one(ctx, s, s->to ? arena_strndup(&ctx->arena, s->text + s->from, s->to - s->from) : s->text);
        return true;
    }
    if (!my_split(ctx, s, false, &parts))
        return false;
    vec_each(i, &parts) {
        const struct statement *part = parts.v[i];
        str_addf(&out, "%s%s", i ? "\n" : "",
            one(ctx, s, arena_strndup(&ctx->arena, part->text + part->from, part->to - part->from)));
    }
    *ret = str_get(&out);
    return true;
}

/* By a comment after the text, which an open quote or comment takes in. */
static bool check_text(struct ctx *ctx, const struct statement *s)
{
    const char *mark = "\n;/*cmig*/x", *text = ctx_printf(ctx, "%s%s", s->text, mark), *at = text;
    struct sql_piece last = {0};
    if (s->flags & STATEMENT_ROWS)
        return true;
    for (struct sql_piece p; (p = sql_piece(at, SQL_MYSQL)).kind != SQL_END; at = p.s + p.n)
        last = p;
    if (sql_piece_is(&last, "x"))
        return true;
    fail(ctx, STATUS_CONFIG, "the SQL text contains a quote or comment that is never closed");
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_label(&ctx->arena, s->op));
}

/* ---- conditions -------------------------------------------------------------------------------------- */

/* As progress_read() does: the operations count as applied if their table is no longer as it was before them. */
static const char *settle_together(struct ctx *ctx)
{
    return ctx_printf(ctx,
        "SET @cmig_operation = if(coalesce(@cmig_state, '') NOT LIKE '" PROGRESS_TOGETHER "%%' OR "
        "substring_index(substring_index(@cmig_state, ' ', 4), ' ', -1) = %s,\n"
        "    @cmig_operation, @cmig_operation + substring_index(substring_index(@cmig_state, ' ', 2), ' ', "
        "-1));",
        my_fingerprint(ctx, "substring(@cmig_state, char_length(substring_index(@cmig_state, ' ', 4)) + 2)"));
}

/* Of the record of an earlier run, whether of a script or not; PROGRESS_DONE counts as the next operation. */
static const char *remember(struct ctx *ctx, const char *condition, const struct progress *at)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q,
        "SET @cmig_run = (%E), @cmig_operation = 0, @cmig_part = 0, @cmig_state = NULL;\n"
        "SELECT operation + (state <=> '" PROGRESS_DONE "'), if(state <=> '" PROGRESS_DONE
        "', 0, part), state\n"
        "INTO @cmig_operation, @cmig_part, @cmig_state FROM %Q WHERE revision = %L AND direction = %L;\n%E",
        condition, &at->version->progress, at->revision, at->direction, settle_together(ctx));
    return sql_end(&q);
}

static void guard(struct ctx *ctx, struct statement *s, const struct progress *at)
{
    s->guard = "@cmig_run";
    if (!at)
        return;
    const char *place = ctx_printf(ctx, "(%" PRId64 ", %" PRId64 ")", at->operation, at->part);
    s->guard = ctx_printf(ctx, "@cmig_run AND (@cmig_operation, @cmig_part) <= %s", place);
    if (s->together) {
        s->refusal =
            ctx_printf(ctx, "@cmig_run AND (@cmig_operation, @cmig_part) > %s AND @cmig_operation < %" PRId64,
                place, at->operation + (int64_t)s->together->n);
        return;
    }
    if (s->flags & STATEMENT_OUTSIDE)
        s->again = ctx_printf(
            ctx, "@cmig_state <=> '" PROGRESS_BEGUN "' AND (@cmig_operation, @cmig_part) = %s", place);
}

static const char *expect(struct ctx *ctx, const struct statement *s, const char *words)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q,
        BLOCK_BEGIN
        "IF %E THEN\n    %E;\n    IF row_count() <> 1 THEN\n"
        "        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = %L;\n    END IF;\nEND IF;\n" BLOCK_END,
        s->guard ? s->guard : "true", s->text, words);
    return sql_end(&q);
}

/* The text of an error has 512 characters at most. */
static const char *check(struct ctx *ctx, const struct statement *s)
{
    return ctx_printf(ctx,
        BLOCK_BEGIN "    DECLARE cmig_found text;\nIF %s THEN\n"
                    "    WITH broken (how) AS (%s)\n"
                    "    SELECT left(group_concat(how SEPARATOR '; '), 500) INTO cmig_found FROM broken;\n"
                    "    IF cmig_found IS NOT NULL THEN\n"
                    "        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = cmig_found;\n"
                    "    END IF;\nEND IF;\n" BLOCK_END,
        s->guard ? s->guard : "true", s->text);
}

const struct shell my_shell = {
    .name = "mariadb",
    .begin = "START TRANSACTION;",
    .commit = "COMMIT;",
    .head = head,
    .tail = tail,
    .statement = statement,
    .check_text = check_text,
    .expect = expect,
    .check = check,
    .restore = restore,
    .lines = sql_double_returns,
    .remember = remember,
    .guard = guard,
};
