/*
 * Scripts for sqlite3 that do the same as a run.
 *
 * The program has no conditions. So an idempotent script selects the text of a step, if the step must run, into a
 * file, and the file is read as a script. Release 3.40 has no other way to run a selected text except .selftest,
 * which cannot drop tables at the same time.
 */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

/* Whether nothing else but a comment stands on its line. */
static bool is_alone(const char *text, const struct token *t)
{
    const char *before = t->s, *after = t->s + t->n;
    while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
        before--;
    after += strspn(after, " \t\r");
    return (before == text || before[-1] == '\n') && (!*after || strchr("\n-/", *after));
}

/* To the program, "/" or "go" on a line of its own ends a statement, as others have it. */
static const char *hide_ends(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    const char *at = text, *from = text;
    struct token t;
    while ((t = token_read(&at)).kind != TOKEN_END) {
        bool slash = token_op(&t, "/");
        if ((!slash && !token_is(&t, "go")) || !is_alone(text, &t))
            continue;
        str_addn(&out, from, (size_t)(t.s - from));
        str_add(&out, slash ? "/ +" : "\"go\"");
        from = t.s + t.n;
    }
    str_add(&out, from);
    return str_get(&out);
}

static const char *head(struct ctx *ctx, const struct script_manner *m)
{
    if (!m->idempotent)
        return NULL;
    return ctx_printf(ctx,
        "-- For sqlite3 on a system with sh. Statements are read from a file in TMPDIR that only its owner "
        "can read.\n"
        ".bail on\n"
        ".timeout %llu\n"
        ".mode list\n"
        ".headers off\n",
        (unsigned long long)m->lock_timeout_ms);
}

static bool statement(
    struct ctx *ctx, const struct statement *s, ATTR_UNUSED bool in_transaction, const char **ret)
{
    const char *text = str_trim(&ctx->arena, s->text), *at = text;
    bool is_open = token_read(&at).kind != TOKEN_END && !sqlite3_complete(text);
    *ret = ctx_printf(ctx, "%s%s", hide_ends(ctx, text),
        !is_open                      ? ""
        : s->flags & STATEMENT_SCRIPT ? "\n;"
                                      : ";");
    return true;
}

static bool fail_text(
    struct ctx *ctx, const struct statement *s, const char *text, const char *at, const char *what)
{
    unsigned line = 1;
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    fail(ctx, STATUS_FAILED, "line %u of the SQL text contains %s", line, what);
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text + (at - text))),
        op_label(&ctx->arena, s->op));
}

/* At the beginning of a statement the program takes a line with "." or "#" for its own; SQL has no such statement. What
 * is never closed would take in what follows in the script. */
static bool check_text(struct ctx *ctx, const struct statement *s)
{
    bool begins = true, is_closed = false;
    struct token t;
    if (s->flags & STATEMENT_ROWS)
        return true;
    /* an open quote or comment includes the text after it */
    const char *text = ctx_printf(ctx, "%s\n;\\", s->text), *at = text, *end = text + strlen(text) - 1;
    while ((t = token_read(&at)).kind != TOKEN_END) {
        if (begins && (*t.s == '.' || *t.s == '#'))
            return fail_text(ctx, s, text, t.s, "a sqlite3 shell command, which SQLite does not know");
        begins = token_op(&t, ";");
        is_closed = t.s == end;
    }
    return is_closed || fail_text(ctx, s, text, text, "a quote or comment that is never closed");
}

/* No function of SQLite fails with a given message; this one includes its argument in the message if that is
 * not a path. */
#define FAILS "json_extract('{}', "

static const char *expect(struct ctx *ctx, const struct statement *s, const char *words)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "%E;\nSELECT " FAILS "%L) WHERE changes() <> 1;", s->text, words);
    return sql_end(&q);
}

static const char *check(struct ctx *ctx, const struct statement *s)
{
    return ctx_printf(
        ctx, "WITH broken (how) AS (\n  %s\n)\nSELECT " FAILS "how) FROM broken;", hide_ends(ctx, s->text));
}

/* The name has the program's process id, which is the parent of the sh that it starts. A file of another user
 * is neither written nor read; one that could not be written completely is removed again, and reading fails. */
#define TEXT_FILE "f=${TMPDIR:-/tmp}/cmig-$PPID.sql; "

static const char *when(struct ctx *ctx, const char *condition, const char *text)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q,
        ".once '|" TEXT_FILE "rm -f \"$f\"; umask 077; set -C; cat >\"$f\" || rm -f \"$f\"'\n"
        "SELECT %L WHERE %E;\n"
        ".read '|" TEXT_FILE "if [ -O \"$f\" ] && [ ! -L \"$f\" ]; then cat \"$f\"; else echo \"cannot write "
        "to $f;\"; fi; rm -f \"$f\"'",
        text, condition);
    return sql_end(&q);
}

const struct shell sqlite_shell = {
    .name = "sqlite3",
    .begin = "PRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;",
    .commit = "COMMIT;",
    .head = head,
    .statement = statement,
    .check_text = check_text,
    .expect = expect,
    .check = check,
    .restore = sqlite_script_restore,
    .lines = sql_double_returns,
    .when = when,
};
