/*
 * Comments as HTML.
 *
 * The subset of Markdown that comments use: paragraphs, lists, code, emphasis, and links to http(s) and relative places.
 * Everything else, HTML above all, is text.
 */
#include "site.h"

/* ---- within a line ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* A scheme other than these could be a program. */
static bool is_safe_url(const char *url, size_t n)
{
    const char *colon = memchr(url, ':', n);

    if (!n || (n > 1 && url[0] == '/' && url[1] == '/'))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)url[i] <= ' ' || url[i] == '\\')
            return false;
    if (!colon)
        return true;
    return str_starts(url, "https://") || str_starts(url, "http://");
}

static void add_text(struct str *out, const char *s, size_t n)
{
    html_text(out, arena_strndup(out->arena, s, n));
}

static void add_spans(struct str *out, const char *s, const char *end, int depth);

static const char *find_run(const char *s, const char *end, char c, size_t n)
{
    for (; s < end; s++) {
        size_t run = 0;

        while (s + run < end && s[run] == c)
            run++;
        if (run == n)
            return s;
        s += run ? run - 1 : 0;
    }
    return NULL;
}

/* `code`; returns the end of it, or NULL. */
static const char *add_code(struct str *out, const char *s, const char *end)
{
    size_t n = 0;

    while (s + n < end && s[n] == '`')
        n++;
    const char *close = find_run(s + n, end, '`', n);
    if (!close)
        return NULL;
    str_add(out, "<code>");
    add_text(out, s + n, (size_t)(close - s - (ptrdiff_t)n));
    str_add(out, "</code>");
    return close + n;
}

/* *emphasis* and **strong emphasis*; the underscore only where no word is around it: names have some. */
static const char *add_emphasis(struct str *out, const char *begin, const char *s, const char *end, int depth)
{
    const size_t n = s + 1 < end && s[1] == *s ? 2 : 1;
    const char *open = s + n, *close;

    if (open >= end || *open == ' ' || *open == *s || (*s == '_' && s > begin && is_word(s[-1])))
        return NULL;
    for (close = open; (close = find_run(close, end, *s, n)); close += n)
        if (close[-1] != ' ' && !(*s == '_' && close + n < end && is_word(close[n])))
            break;
    if (!close)
        return NULL;
    str_add(out, n == 2 ? "<strong>" : "<em>");
    add_spans(out, open, close, depth + 1);
    str_add(out, n == 2 ? "</strong>" : "</em>");
    return close + n;
}

static const char *add_link(struct str *out, const char *s, const char *end, int depth)
{
    const char *middle = memchr(s, ']', (size_t)(end - s)), *close;

    if (!middle || middle + 1 >= end || middle[1] != '(')
        return NULL;
    close = memchr(middle, ')', (size_t)(end - middle));
    if (!close || !is_safe_url(middle + 2, (size_t)(close - middle - 2)))
        return NULL;
    str_add(out, "<a rel=\"noopener\" href=\"");
    add_text(out, middle + 2, (size_t)(close - middle - 2));
    str_add(out, "\">");
    add_spans(out, s + 1, middle, depth + 1);
    str_add(out, "</a>");
    return close + 1;
}

/* <https://…>, and the same without brackets */
static const char *add_address(struct str *out, const char *begin, const char *s, const char *end)
{
    const char *close = s;

    if ((!str_starts(s, "https://") && !str_starts(s, "http://")) || (s > begin && is_word(s[-1])))
        return NULL;
    while (close < end && (unsigned char)*close > ' ' && !strchr("<>\"'`()[]", *close))
        close++;
    while (close > s && strchr(".,;:!?*_", close[-1]))
        close--;
    str_add(out, "<a rel=\"noopener\" href=\"");
    add_text(out, s, (size_t)(close - s));
    str_add(out, "\">");
    add_text(out, s, (size_t)(close - s));
    str_add(out, "</a>");
    return close;
}

enum { SPANS = 8 }; /* in one another */

static void add_spans(struct str *out, const char *s, const char *end, int depth)
{
    const char *begin = s;

    while (s < end) {
        const char *next = NULL;

        if (*s == '\\' && s + 1 < end && strchr("\\`*_[]()<>#-", s[1])) {
            add_text(out, s + 1, 1);
            s += 2;
            continue;
        }
        if (*s == '`')
            next = add_code(out, s, end);
        else if ((*s == '*' || *s == '_') && depth < SPANS)
            next = add_emphasis(out, begin, s, end, depth);
        else if (*s == '[' && depth == 0)
            next = add_link(out, s, end, depth);
        else if (*s == 'h' && depth == 0)
            next = add_address(out, begin, s, end);
        if (!next) {
            next = s + 1;
            add_text(out, s, 1);
        }
        s = next;
    }
}

/* ---- lines ---- */

enum block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_BULLETS, BLOCK_NUMBERS, BLOCK_CODE };
static const struct {
    const char *begin, *end;
} tags[] = {
    [BLOCK_NONE] = {"", ""},
    [BLOCK_PARAGRAPH] = {"<p>", "</p>\n"},
    [BLOCK_BULLETS] = {"<ul>\n<li>", "</li>\n</ul>\n"},
    [BLOCK_NUMBERS] = {"<ol>\n<li>", "</li>\n</ol>\n"},
    [BLOCK_CODE] = {"<pre><code>", "</code></pre>\n"},
};

struct writer {
    struct str *out;
    enum block block;
    struct str text; /* of the paragraph or item so far */
};

static void flush(struct writer *w)
{
    if (w->text.n)
        add_spans(w->out, w->text.s, w->text.s + w->text.n, 0);
    w->text.n = 0;
}

static void enter(struct writer *w, enum block block)
{
    if (w->block == block && (block == BLOCK_BULLETS || block == BLOCK_NUMBERS)) {
        flush(w);
        str_add(w->out, "</li>\n<li>");
        return;
    }
    flush(w);
    str_add(w->out, tags[w->block].end);
    str_add(w->out, tags[block].begin);
    w->block = block;
}

/* The mark of a list's item, whose length is *ret_n. */
static enum block item_mark(const char *s, size_t *ret_n)
{
    const size_t digits = strspn(s, "0123456789");

    *ret_n = 2;
    if (strchr("-*+", *s) && *s && s[1] == ' ')
        return BLOCK_BULLETS;
    *ret_n = digits + 2;
    if (digits && digits < 4 && (s[digits] == '.' || s[digits] == ')') && s[digits + 1] == ' ')
        return BLOCK_NUMBERS;
    return BLOCK_NONE;
}

static void add_line(struct writer *w, const char *line)
{
    const char *s = line + strspn(line, " \t");
    size_t n;
    enum block mark = item_mark(s, &n);

    if (w->block == BLOCK_CODE) {
        if (str_starts(s, "```"))
            enter(w, BLOCK_NONE);
        else
            html_addf(w->out, "%s\n", line);
        return;
    }
    if (str_starts(s, "```")) {
        enter(w, BLOCK_CODE);
        return;
    }
    if (!*s) {
        enter(w, BLOCK_NONE);
        return;
    }
    if (mark != BLOCK_NONE) {
        enter(w, mark);
        s += n;
    } else if (w->block == BLOCK_NONE) {
        enter(w, BLOCK_PARAGRAPH);
    } else if (w->text.n) {
        str_addc(&w->text, '\n');
    }
    str_add(&w->text, s);
}

void html_markdown(struct str *out, const char *text)
{
    struct writer w = {.out = out, .text = {.arena = out->arena}};

    for (const char *end; *text; text = end + (*end == '\n')) {
        size_t n = strcspn(text, "\n");

        end = text + n;
        add_line(&w, arena_strndup(out->arena, text, n && end[-1] == '\r' ? n - 1 : n));
    }
    enter(&w, BLOCK_NONE);
}

/* The end of the text of a link that begins here, or NULL. */
static const char *link_text_end(const char *s)
{
    const char *end = *s == '[' ? strchr(s, ']') : NULL;

    return end && end[1] == '(' && strchr(end, ')') ? end : NULL;
}

const char *markdown_summary(struct arena *a, const char *text)
{
    const char *s = text ? text + strspn(text, " \t\r\n") : "";
    const char *line = arena_strndup(a, s, strcspn(s, "\r\n")), *link = NULL, *end;
    struct str out = {.arena = a};

    for (const char *c = line; *c; c++)
        if (c == link)
            c = strchr(c, ')');
        else if ((end = link_text_end(c)))
            link = end;
        else if (!strchr("`*", *c))
            str_addc(&out, *c);
    return str_get(&out);
}
