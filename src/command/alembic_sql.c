/*
 * Removes from a script the statements that are not part of the schema: those that begin or end a transaction, and
 * those for the version table. cmig writes both itself.
 */
#include "alembic.h"

/* ---- where a statement ends ---- */

/* Where the database is not known. */
enum { ANY_GRAMMAR = SQL_POSTGRESQL | SQL_BACKTICKS | SQL_BRACKETS };

/* A script that is being read. */
struct script {
    unsigned grammar;
    const char *delimiter; /* that ends a statement; a line "DELIMITER //" changes it */
    size_t n;              /* its bytes */
};

/* A statement that is being read. */
struct reading {
    const struct script *script;
    size_t words;    /* so far */
    bool creates;    /* its first word is CREATE */
    bool has_body;   /* it creates a trigger or a routine, which may have semicolons in its body */
    unsigned nested; /* BEGIN and CASE without their END */
};

static bool creates_body(const struct sql_piece *word)
{
    static const char *const kinds[] = {"trigger", "function", "procedure", "event", "package"};

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (sql_piece_is(word, kinds[i]))
            return true;
    return false;
}

/* Whether `s`, after an END, names a block that is not counted: END IF and the like. */
static bool ends_other(const char *s, unsigned grammar)
{
    static const char *const others[] = {"if", "loop", "while", "repeat", "for"};
    const struct sql_piece next = sql_piece(sql_skip_space(s, grammar), grammar);

    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (sql_piece_is(&next, others[i]))
            return true;
    return false;
}

/* The position after the word, or after END CASE. */
static const char *note_word(struct reading *r, const struct sql_piece *word)
{
    const char *after = word->s + word->n;
    const struct sql_piece next = sql_piece(sql_skip_space(after, r->script->grammar), r->script->grammar);

    if (!r->words++)
        r->creates = sql_piece_is(word, "create");
    else if (r->creates && r->words <= 8 && creates_body(word))
        r->has_body = true;
    else if (r->has_body && (sql_piece_is(word, "begin") || (r->nested && sql_piece_is(word, "case"))))
        r->nested++;
    else if (r->nested && sql_piece_is(word, "end") && !ends_other(after, r->script->grammar)) {
        r->nested--;
        return sql_piece_is(&next, "case") ? next.s + next.n : after;
    }
    return after;
}

/* A line "DELIMITER //" is for the program that runs the script. NULL: no such line begins here. */
static const char *take_delimiter(struct script *script, const char *s)
{
    const struct sql_piece word = sql_piece(s, script->grammar);

    if (!sql_piece_is(&word, "delimiter"))
        return NULL;
    s += word.n;
    s += strspn(s, " \t");
    if (strcspn(s, " \t\r\n")) {
        script->delimiter = s;
        script->n = strcspn(s, " \t\r\n");
    }
    return s + strcspn(s, "\n");
}

/* After the delimiter that ends the statement, or at the end of the text. A body, of a trigger in SQLite or of an SQL
 * function in PostgreSQL, is a part of it. */
static const char *statement_end(struct script *script, const char *s)
{
    struct reading r = {.script = script};
    const char *line = take_delimiter(script, sql_skip_space(s, script->grammar));

    if (line)
        return line;
    for (struct sql_piece p; (p = sql_piece(s, script->grammar)).kind != SQL_END;) {
        bool is_quoted = p.kind == SQL_STRING || p.kind == SQL_QUOTED || p.kind == SQL_COMMENT;

        for (size_t i = 0; !is_quoted && !r.nested && i < p.n; i++)
            if (strncmp(p.s + i, script->delimiter, script->n) == 0)
                return p.s + i + script->n;
        s = p.kind == SQL_WORD && *script->delimiter == ';' ? note_word(&r, &p) : s + p.n;
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
        else if (!blank && *s != '"' && *s != '`')
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

char *alembic_sql(struct ctx *ctx, const struct dialect *dialect, const char *text, const char *version)
{
    struct script script = {.grammar = dialect ? dialect->grammar : ANY_GRAMMAR, .delimiter = ";", .n = 1};
    const char *table = version ? str_lower(&ctx->arena, version) : NULL;
    struct str out = STR(ctx);

    for (const char *end; *text; text = end) {
        const char *begin, *words;

        end = statement_end(&script, text);
        begin = sql_skip_space(text, script.grammar);
        words = statement_words(&ctx->arena, begin, end);
        /* The comment before it stays: Alembic writes there which revision comes. */
        if (is_transaction(words) || is_version_tables(ctx, words, table))
            str_addn(&out, text, (size_t)(begin - text));
        else
            str_addn(&out, text, (size_t)(end - text));
    }
    return str_trim(&ctx->arena, str_get(&out));
}
