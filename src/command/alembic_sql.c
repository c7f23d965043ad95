/*
 * Removes from a script the statements that are not part of the schema: those that begin or end a transaction, and
 * those for the version table. cmig writes both itself.
 */
#include "alembic.h"

/* ---- where a statement ends ---- */

/* Of whichever database. */
enum { GRAMMAR = SQL_POSTGRESQL | SQL_BACKTICKS | SQL_BRACKETS };

/* A statement that is being read. */
struct reading {
    size_t words;    /* so far */
    bool creates;    /* its first word is CREATE */
    bool has_body;   /* it creates a trigger or a routine, which may have semicolons in its body */
    unsigned nested; /* BEGIN and CASE without their END */
};

static void note_word(struct reading *r, const struct sql_piece *word)
{
    if (!r->words++)
        r->creates = sql_piece_is(word, "create");
    else if (r->creates && r->words <= 6 &&
             (sql_piece_is(word, "trigger") || sql_piece_is(word, "function") ||
                 sql_piece_is(word, "procedure")))
        r->has_body = true;
    else if (r->has_body && (sql_piece_is(word, "begin") || (r->nested && sql_piece_is(word, "case"))))
        r->nested++;
    else if (r->nested && sql_piece_is(word, "end"))
        r->nested--;
}

/* After the semicolon that ends the statement, or at the end of the text. A body, of a trigger in SQLite or of an SQL
 * function in PostgreSQL, is a part of it. */
static const char *statement_end(const char *s)
{
    struct reading r = {0};

    for (struct sql_piece p; (p = sql_piece(s, GRAMMAR)).kind != SQL_END;) {
        s += p.n;
        if (p.kind == SQL_WORD)
            note_word(&r, &p);
        else if (*p.s == ';' && !r.nested)
            break;
    }
    return s;
}

/* ---- whose it is ---- */

/* Its words in lower case, parted by one blank, without quotes: for comparing. */
static char *statement_words(struct arena *a, const char *s, const char *end)
{
    struct str out = {.arena = a};

    for (; s < end; s++) {
        bool blank = *s == ' ' || *s == '\n' || *s == '\r' || *s == '\t' || *s == '(' || *s == ';';

        if (blank && out.n && out.s[out.n - 1] != ' ')
            str_addc(&out, ' ');
        else if (!blank && *s != '"')
            str_addc(&out, *s);
    }
    return str_lower(a, str_get(&out));
}

/* Whether these are all words of a statement that begins or ends a transaction. */
static bool is_transaction(const char *words)
{
    static const char *const firsts[] = {"begin ", "commit ", "end ", "start transaction "};
    static const char *const others[] = {"transaction ", "work ", "immediate ", "deferred ", "exclusive ",
        "isolation ", "level ", "read ", "write ", "only ", "committed ", "serializable ", "repeatable "};
    size_t i = 0;

    while (i < COUNT_OF(firsts) && !str_starts(words, firsts[i]))
        i++;
    if (i == COUNT_OF(firsts))
        return false;
    for (words += strlen(firsts[i]); *words; words += strlen(others[i])) {
        for (i = 0; i < COUNT_OF(others) && !str_starts(words, others[i]); i++)
            ;
        if (i == COUNT_OF(others))
            return false;
    }
    return true;
}

static bool is_version_tables(struct ctx *ctx, const char *words, const char *version)
{
    static const char *const first[] = {"create table if not exists ", "create table ", "insert into ",
        "update ", "delete from ", "drop table ", "alter table only ", "alter table ", "copy "};

    for (size_t i = 0; version && i < COUNT_OF(first); i++) {
        if (!str_starts(words, first[i]))
            continue;
        words += strlen(first[i]);
        words += str_starts(words, "public.") ? strlen("public.") : 0;
        return str_starts(words, ctx_printf(ctx, "%s ", version));
    }
    return false;
}

char *alembic_sql(struct ctx *ctx, const char *text, const char *version)
{
    const char *table = version ? str_lower(&ctx->arena, version) : NULL;
    struct str out = STR(ctx);

    for (const char *end; *text; text = end) {
        const char *begin, *words;

        end = statement_end(text);
        begin = sql_skip_space(text, GRAMMAR);
        words = statement_words(&ctx->arena, begin, end);
        /* The comment before it stays: Alembic writes there which revision comes. */
        if (is_transaction(words) || is_version_tables(ctx, words, table))
            str_addn(&out, text, (size_t)(begin - text));
        else
            str_addn(&out, text, (size_t)(end - text));
    }
    return str_trim(&ctx->arena, str_get(&out));
}
