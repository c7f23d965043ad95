/*
 * What of Alembic's offline script is the schema, and what is Alembic's own?
 *
 * The statements that begin and end transactions, and those of the version table, are cmig's to write.
 */
#include "alembic.h"

/* Behind the end of a quoted thing or comment that begins here, or NULL when none does. */
static const char *skip_quoted(const char *s)
{
    const char *end = NULL;
    size_t n;

    if (*s == '\'' || *s == '"') {
        end = strchr(s + 1, *s);
        return end ? end + 1 : s + strlen(s);
    }
    if (s[0] == '-' && s[1] == '-')
        return s + strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*') {
        end = strstr(s + 2, "*/");
        return end ? end + 2 : s + strlen(s);
    }
    if (*s != '$')
        return NULL;
    n = 1 + strspn(s + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (s[n] != '$')
        return NULL;
    for (end = s + n + 1; *end && strncmp(end, s, n + 1) != 0; end++)
        ;
    return *end ? end + n + 1 : end;
}

/* Behind the semicolon that ends the statement, or at the end of the text. */
static const char *statement_end(const char *s)
{
    while (*s) {
        const char *behind = skip_quoted(s);

        if (behind)
            s = behind;
        else if (*s++ == ';')
            break;
    }
    return s;
}

/* Where a statement's own words begin, behind blanks and comments. */
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

static bool is_alembics(struct ctx *ctx, const char *words, const char *version)
{
    static const char *const whole[] = {"begin ", "begin transaction ", "commit ", "end "};
    static const char *const first[] = {
        "create table", "create table if not exists", "insert into", "update", "delete from", "drop table"};

    for (size_t i = 0; i < COUNT_OF(whole); i++)
        if (str_eq(words, whole[i]))
            return true;
    for (size_t i = 0; i < COUNT_OF(first); i++)
        if (str_starts(words, ctx_printf(ctx, "%s %s ", first[i], version)))
            return true;
    return false;
}

char *alembic_sql(struct ctx *ctx, const char *text, const char *version)
{
    const char *wanted = str_lower(&ctx->arena, version);
    struct str out = STR(ctx);

    for (const char *end; *text; text = end) {
        const char *begin;

        end = statement_end(text);
        begin = statement_begin(text, end);
        /* What was said in front of it stays: Alembic writes there which revision comes. */
        if (is_alembics(ctx, statement_words(&ctx->arena, begin, end), wanted))
            str_addn(&out, text, (size_t)(begin - text));
        else
            str_addn(&out, text, (size_t)(end - text));
    }
    return str_trim(&ctx->arena, str_get(&out));
}
