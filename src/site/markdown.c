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

/* The marks whose end was searched in vain. Later ones have none either, and are not searched again: a long comment
 * would take quadratic time. */
struct unclosed {
    bool marks[2][2]; /* by "is an underscore", and "is double" */
};

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
static const char *add_emphasis(
    struct str *out, const char *begin, const char *s, const char *end, int depth, struct unclosed *unclosed)
{
    const size_t n = s + 1 < end && s[1] == *s ? 2 : 1;
    const char *open = s + n, *close;
    bool *is_unclosed = &unclosed->marks[*s == '_'][n - 1];

    if (*is_unclosed || open >= end || *open == ' ' || *open == *s ||
        (*s == '_' && s > begin && is_word(s[-1])))
        return NULL;
    for (close = open; (close = find_run(close, end, *s, n)); close += n)
        if (close[-1] != ' ' && !(*s == '_' && close + n < end && is_word(close[n])))
            break;
    *is_unclosed = !close;
    if (!close)
        return NULL;
    str_add(out, n == 2 ? "<strong>" : "<em>");
    add_spans(out, open, close, depth + 1);
    str_add(out, n == 2 ? "</strong>" : "</em>");
    return close + n;
}

enum { URL_SIZE = 2048 }; /* of the longest one that is a link */

/* The `](` of a link that begins here, or NULL. Its text contains no bracket, so that each byte is read once. */
static const char *find_link(const char *s, const char *end, const char **ret_close)
{
    const char *middle = s + 1;

    while (middle < end && *middle != '[' && *middle != ']')
        middle++;
    if (end - middle < 2 || middle[0] != ']' || middle[1] != '(')
        return NULL;
    *ret_close = memchr(middle, ')', end - middle < URL_SIZE ? (size_t)(end - middle) : URL_SIZE);
    return *ret_close ? middle : NULL;
}

static const char *add_link(struct str *out, const char *s, const char *end, int depth)
{
    const char *close, *middle = find_link(s, end, &close);

    if (!middle || !is_safe_url(middle + 2, (size_t)(close - middle - 2)))
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

/* The end of the span that begins here, which is added, or NULL: this is text. */
static const char *add_span(
    struct str *out, const char *begin, const char *s, const char *end, int depth, struct unclosed *unclosed)
{
    switch (*s) {
    case '`':
        return add_code(out, s, end);
    case '*':
    case '_':
        return depth < SPANS ? add_emphasis(out, begin, s, end, depth, unclosed) : NULL;
    case '[':
        return depth == 0 ? add_link(out, s, end, depth) : NULL;
    case 'h':
        return depth == 0 ? add_address(out, begin, s, end) : NULL;
    }
    return NULL;
}

/* Text is added in one piece: a character has several bytes. */
static void add_spans(struct str *out, const char *s, const char *end, int depth)
{
    const char *begin = s, *text = s;
    struct unclosed unclosed = {0};

    while (s < end) {
        struct str span = {.arena = out->arena};
        const char *next;

        if (*s == '\\' && s + 1 < end && strchr("\\`*_[]()<>#-", s[1])) {
            add_text(out, text, (size_t)(s - text));
            text = s + 1;
            s += 2;
            continue;
        }
        next = add_span(&span, begin, s, end, depth, &unclosed);
        if (next) {
            add_text(out, text, (size_t)(s - text));
            str_addn(out, str_get(&span), span.n);
            text = s = next;
        } else {
            s += *s == '`' ? strspn(s, "`") : 1;
        }
    }
    add_text(out, text, (size_t)(end - text));
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

const char *markdown_summary(struct arena *a, const char *text)
{
    const char *s = text ? text + strspn(text, " \t\r\n") : "";
    const char *line = arena_strndup(a, s, strcspn(s, "\r\n")), *link = NULL;
    const char *end = line + strlen(line), *close = end, *found;
    struct str out = {.arena = a};

    for (const char *c = line; c < end; c++)
        if (c == link)
            c = close;
        else if (*c == '[' && (found = find_link(c, end, &close)))
            link = found;
        else if (!strchr("`*", *c))
            str_addc(&out, *c);
    return str_get(&out);
}
