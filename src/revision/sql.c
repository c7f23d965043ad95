/*
 * Splits an .sql revision file into its parts.
 *
 * A leading comment of `-- key: value` lines, which is a revision file's head in YAML; then the statements
 * below the lines `-- upgrade` and `-- downgrade`. Such a line begins at the first column, so that an indented
 * one in a function's body does not count.
 */
#include "document.h"

struct line {
    const char *text;
    size_t size; /* without its end */
    unsigned number;
    const char *next;
};

static bool next_line(struct line *l, const char *end)
{
    const char *newline;

    l->text = l->next;
    if (l->text >= end)
        return false;
    newline = memchr(l->text, '\n', (size_t)(end - l->text));
    l->next = newline ? newline + 1 : end;
    l->size = (size_t)((newline ? newline : end) - l->text);
    if (l->size && l->text[l->size - 1] == '\r')
        l->size--;
    l->number++;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool line_is_blank(const struct line *l)
{
    for (size_t i = 0; i < l->size; i++)
        if (!is_blank(l->text[i]))
            return false;
    return true;
}

static bool line_is_comment(const struct line *l)
{
    return l->size >= 2 && memcmp(l->text, "--", 2) == 0;
}

/* How many bytes stand before a comment's first word. */
static size_t comment_begin(const struct line *l)
{
    size_t i = 2;

    while (i < l->size && is_blank(l->text[i]))
        i++;
    return i;
}

static bool line_is_marker(const struct line *l, const char *word)
{
    size_t n = strlen(word), at;

    if (!line_is_comment(l))
        return false;
    at = comment_begin(l);
    if (l->size - at < n || memcmp(l->text + at, word, n) != 0)
        return false;
    for (at += n; at < l->size; at++)
        if (!is_blank(l->text[at]))
            return false;
    return true;
}

/* ---- the head ------------------------------------------------------------------------------------------- */

/* "key:" followed by the end or a blank; other comments are ignored. */
static bool is_pair(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && ((s[i] >= 'a' && s[i] <= 'z') || s[i] == '_'))
        i++;
    return i && i < n && s[i] == ':' && (i + 1 == n || is_blank(s[i + 1]));
}

struct indents VEC_OF(unsigned); /* by line number: what stood before the key */

/* Restores the columns that the nodes have after the dashes. */
static void shift_one(struct node *n, const struct indents *indents)
{
    /* YAML has other line ends than a line feed: they would change the numbers of lines. */
    if (n->line < indents->n)
        n->column += indents->v[n->line];
}

static void shift(struct node *n, const struct indents *indents)
{
    shift_one(n, indents);
    for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->n; i++)
        shift_one(n->v[i], indents);
}

static void shift_pairs(struct node *head, const struct indents *indents)
{
    for (size_t i = 0; head && head->kind == NODE_MAPPING && i < 2 * (size_t)head->n; i++)
        shift(head->v[i], indents);
}

static bool refuse_line(struct ctx *ctx, const char *file, const struct line *l)
{
    fail_at(ctx, STATUS_CONFIG, (struct pos){file, l->number, 1}, "statement before the line '-- upgrade'");
    return fail_hint(ctx, "The file begins with '-- revision: ID' and its other keys; the statements of each "
                          "direction follow below '-- upgrade' and '-- downgrade'.");
}

/* The YAML of the head, a line for a line. */
static bool collect_head(struct ctx *ctx, const char *file, const char *text, size_t size, struct str *yaml,
    struct indents *indents)
{
    struct line l = {.next = text};

    vec_push(yaml->arena, indents, 0);
    while (next_line(&l, text + size)) {
        size_t at = 0;

        if (line_is_marker(&l, "upgrade") || line_is_marker(&l, "downgrade"))
            return true;
        if (!line_is_blank(&l) && !line_is_comment(&l))
            return refuse_line(ctx, file, &l);
        if (line_is_comment(&l))
            at = comment_begin(&l);
        if (is_pair(l.text + at, l.size - at))
            str_addn(yaml, l.text + at, l.size - at);
        str_addc(yaml, '\n');
        vec_push(yaml->arena, indents, (unsigned)at);
    }
    fail_at(ctx, STATUS_CONFIG, (struct pos){.file = file}, "no line '-- upgrade'");
    return fail_hint(ctx,
        "Put the statements after a line '-- upgrade', and those that revert them after '-- downgrade'.");
}

bool sql_head(
    struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size, struct node **ret_node)
{
    struct str yaml = {.arena = a};
    struct indents indents = {0};
    bool stopped;

    if (!collect_head(ctx, file, text, size, &yaml, &indents) ||
        !yaml_parse_head(ctx, a, file, str_get(&yaml), yaml.n, "upgrade", ret_node, &stopped))
        return false;
    shift_pairs(*ret_node, &indents);
    return true;
}

/* ---- the statements ------------------------------------------------------------------------------------- */

static bool begin_section(
    struct ctx *ctx, const char *file, const struct line *l, struct sql_section *section)
{
    if (section->found)
        return fail_at(ctx, STATUS_CONFIG, (struct pos){file, l->number, 1}, "duplicate line '%.*s'",
            (int)l->size, l->text);
    *section = (struct sql_section){.found = true};
    return true;
}

/* Blank lines before the first statement are left out, so that places count from it. */
static void add_line(struct sql_section *section, const struct line *l)
{
    if (!section->text && line_is_blank(l))
        return;
    if (!section->text) {
        section->text = l->text;
        section->line = l->number;
    }
    if (!line_is_blank(l))
        section->size = (size_t)(l->text + l->size - section->text);
}

bool sql_split(struct ctx *ctx, const char *file, const char *text, size_t size, struct sql_sections *ret)
{
    struct sql_sections sections = {0};
    struct sql_section *current = NULL, *next;
    struct line l = {.next = text};

    while (next_line(&l, text + size)) {
        next = line_is_marker(&l, "upgrade")     ? &sections.upgrade
               : line_is_marker(&l, "downgrade") ? &sections.downgrade
                                                 : NULL;
        if (next && !begin_section(ctx, file, &l, next))
            return false;
        if (!next && current)
            add_line(current, &l);
        if (next)
            current = next;
    }
    *ret = sections;
    return true;
}
