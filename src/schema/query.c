/*
 * Takes the semicolon off the end of a view's query.
 *
 * With anything but comments after it the text is more than a query. Text is cut into literals, quoted names, comments
 * and the rest, as databases do it.
 */

#include "schema/records.h"

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static const char *skip_quoted(const char *s)
{
    char quote = *s++;

    for (; *s && (*s != quote || s[1] == quote); s++)
        s += *s == quote;
    return *s ? s + 1 : s;
}

static const char *skip_comment(const char *s)
{
    const char *end;

    if (*s == '-')
        return s + strcspn(s, "\n");
    end = strstr(s + 2, "*/");
    return end ? end + 2 : s + strlen(s);
}

/* $tag$ ... $tag$; a lone $ is a character. */
static const char *skip_dollar(const char *s)
{
    const char *tag = s + 1;
    size_t n;

    while (is_name_char(*tag))
        tag++;
    if (*tag != '$' || (s[1] >= '0' && s[1] <= '9'))
        return s + 1;
    n = (size_t)(tag + 1 - s);
    for (const char *p = tag + 1; *p; p++)
        if (strncmp(p, s, n) == 0)
            return p + n;
    return s + strlen(s);
}

static bool is_comment(const char *s)
{
    return (s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '*');
}

/* The first semicolon, or the end. */
static const char *find_end(const char *s)
{
    while (*s && *s != ';') {
        if (*s == '\'' || *s == '"' || *s == '`')
            s = skip_quoted(s);
        else if (is_comment(s))
            s = skip_comment(s);
        else if (*s == '$')
            s = skip_dollar(s);
        else if (is_name_char(*s))
            do
                s++;
            while (is_name_char(*s) || *s == '$');
        else
            s++;
    }
    return s;
}

bool query_trim(struct arena *a, const char **text)
{
    const char *end = find_end(*text), *rest = end;

    if (!*end)
        return true;
    while (*rest) {
        if (is_comment(rest))
            rest = skip_comment(rest);
        else if (!strchr("; \t\r\n\f", *rest))
            return false;
        else
            rest++;
    }
    *text = str_trim(a, arena_strndup(a, *text, (size_t)(end - *text)));
    return true;
}
