/*
 * Takes out of a script what is not the schema's: statements that begin or end a transaction, and those of the version
 * table. cmig writes both itself.
 */
#include "alembic.h"

/* ---- where a statement ends ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static const char *skip_string(const char *s, bool has_escapes)
{
    char quote = *s++;

    for (; *s && *s != quote; s++)
        if (has_escapes && *s == '\\' && s[1])
            s++;
    return *s ? s + 1 : s;
}

/* PostgreSQL's comments nest. */
static const char *skip_comment(const char *s)
{
    unsigned depth = 0;

    while (*s) {
        if (s[0] == '/' && s[1] == '*') {
            depth++;
            s += 2;
        } else if (s[0] == '*' && s[1] == '/') {
            s += 2;
            if (--depth == 0)
                return s;
        } else {
            s++;
        }
    }
    return s;
}

/* $tag$ … $tag$; NULL when none begins here. */
static const char *skip_dollar(const char *s)
{
    size_t n = 1 + strspn(s + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    const char *end = s + n + 1;

    if (s[n] != '$' || (s[1] >= '0' && s[1] <= '9'))
        return NULL;
    while (*end && strncmp(end, s, n + 1) != 0)
        end++;
    return *end ? end + n + 1 : end;
}

/* [a name], in which other quotes have no meaning; an array of SQL has some in it. */
static const char *skip_brackets(const char *s)
{
    size_t n = strcspn(s, "]'\"");

    return s[n] == ']' ? s + n + 1 : NULL;
}

/* After the end of a quoted thing or comment that begins here, or NULL when none does. */
static const char *skip_quoted(const char *s)
{
    if (*s == '\'' || *s == '"' || *s == '`')
        return skip_string(s, false);
    if (s[0] == '-' && s[1] == '-')
        return s + strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*')
        return skip_comment(s);
    if (*s == '[')
        return skip_brackets(s);
    return *s == '$' ? skip_dollar(s) : NULL;
}

/* A statement that is being read. */
struct reading {
    size_t words;    /* so far */
    bool creates;    /* its first word is CREATE */
    bool has_body;   /* it creates a trigger or a routine, which may have semicolons in its body */
    unsigned nested; /* BEGIN and CASE without their END */
};

static bool is(const char *word, size_t n, const char *wanted)
{
    char text[16] = "";

    if (n >= sizeof(text))
        return false;
    memcpy(text, word, n);
    return str_eq_ci(text, wanted);
}

static void note_word(struct reading *r, const char *word, size_t n)
{
    if (!r->words++)
        r->creates = is(word, n, "create");
    else if (r->creates && r->words <= 6 &&
             (is(word, n, "trigger") || is(word, n, "function") || is(word, n, "procedure")))
        r->has_body = true;
    else if (r->has_body && (is(word, n, "begin") || (r->nested && is(word, n, "case"))))
        r->nested++;
    else if (r->nested && is(word, n, "end"))
        r->nested--;
}

static const char *skip_word(struct reading *r, const char *s)
{
    size_t n = 0;

    while (is_word(s[n]))
        n++;
    note_word(r, s, n);
    if (s[n] == '\'' && (*s == 'E' || *s == 'e') && n == 1)
        return skip_string(s + n, true);
    return s + n;
}

/* After the semicolon that ends the statement, or at the end of the text. A body, of a trigger in SQLite or of an SQL
 * function in PostgreSQL, is a part of it. */
static const char *statement_end(const char *s)
{
    struct reading r = {0};

    while (*s) {
        const char *after = skip_quoted(s);

        if (after)
            s = after;
        else if (is_word(*s))
            s = skip_word(&r, s);
        else if (*s++ == ';' && !r.nested)
            break;
    }
    return s;
}

/* ---- whose it is ---- */

/* Where a statement's own words begin, after blanks and comments. */
static const char *statement_begin(const char *s, const char *end)
{
    while (s < end) {
        if (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
            s++;
        else if (s[0] == '-' && s[1] == '-')
            s += strcspn(s, "\n");
        else if (s[0] == '/' && s[1] == '*')
            s = skip_quoted(s);
        else
            break;
    }
    return s;
}

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
        begin = statement_begin(text, end);
        words = statement_words(&ctx->arena, begin, end);
        /* The comment before it stays: Alembic writes there which revision comes. */
        if (is_transaction(words) || is_version_tables(ctx, words, table))
            str_addn(&out, text, (size_t)(begin - text));
        else
            str_addn(&out, text, (size_t)(end - text));
    }
    return str_trim(&ctx->arena, str_get(&out));
}
