/*
 * Reads the scalars of a tree with comments, as they are written.
 */
#include "yaml_noted.h"

struct noted *noted_new(struct builder *b, enum node_kind kind)
{
    struct noted *n = arena_new(b->arena, struct noted);

    n->node.kind = kind;
    return n;
}

/* A mapping begins where its first key does, also if that has an anchor. */
static bool has_properties(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor || e->data.mapping_start.tag;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor || e->data.sequence_start.tag;
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor || e->data.scalar.tag;
    default:
        return false;
    }
}

size_t noted_properties(struct builder *b, const yaml_event_t *e, struct noted *ret)
{
    size_t at = noted_begin(b, e);
    const char *text = b->r->text;
    struct strings found = {0};
    size_t end = at;

    if (!has_properties(e))
        return at;
    while (at < b->r->size && (text[at] == '&' || text[at] == '!') && !(found.n && *found.v[0] == text[at])) {
        const size_t begin = at;

        while (at < b->r->size && !strchr(" \t\r\n,]}", text[at]))
            at++;
        vec_push(b->arena, &found, noted_slice(b, begin, at));
        b->document->has_anchors |= text[begin] == '&';
        end = at;
        while (at < b->r->size && strchr(" \t\r\n", text[at]) && found.n < 2)
            at++;
    }
    if (found.n)
        ret->properties = strings_join(b->arena, &found, " ");
    return end;
}

static size_t count_char(const char *s, size_t n, char c)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++)
        found += s[i] == c;
    return found;
}

/* The comment after the "|" of a block; gives the end of that line. */
static size_t read_block_head(struct builder *b, size_t at)
{
    const char *text = b->r->text;

    while (at < b->r->size && text[at] != '\n' && text[at] != '#')
        at++;
    b->same_line = true;
    if (at < b->r->size && text[at] == '#')
        at = noted_comment(b, at);
    return at;
}

/* The lines of a folded block, without their common indentation; NULL: it has a form of its own. */
static const char *folded_lines(struct builder *b, size_t head, size_t from, size_t to, bool ends_line)
{
    const char *text = b->r->text;
    struct str out = {.arena = b->arena};
    size_t indent = 0;

    for (size_t i = head; i < from; i++) {
        if (text[i] == '#')
            break;
        if (text[i] == '+' || (text[i] >= '0' && text[i] <= '9'))
            return NULL;
    }
    str_add(&out, ends_line ? ">" : ">-");
    for (size_t i = from + 1; i < to;) {
        const char *newline = memchr(text + i, '\n', to - i);
        const size_t end = newline ? (size_t)(newline - text) : to;
        size_t blanks = 0;

        while (i + blanks < end && text[i + blanks] == ' ')
            blanks++;
        if (!indent && i + blanks < end)
            indent = blanks;
        str_addc(&out, '\n');
        if (indent ? end - i > indent : i + blanks < end)
            str_addn(&out, text + i + indent, end - i - indent);
        i = end + 1;
    }
    return str_get(&out);
}

/* The end of the last line that is not blank. */
static size_t last_line(const char *text, size_t from, size_t to)
{
    size_t end = to;

    for (size_t i = to; i > from; i--) {
        if (text[i - 1] == '\n')
            end = i - 1;
        else if (!is_blank(text[i - 1]))
            break;
    }
    return end;
}

/* A block ends with the last line that it has; those after it are empty lines like others. */
static void read_block(struct builder *b, const yaml_event_t *e, size_t at, struct noted *n)
{
    const char *text = b->r->text;
    const bool is_literal = e->data.scalar.style == YAML_LITERAL_SCALAR_STYLE;
    const size_t from = read_block_head(b, at), n_bytes = n->node.n;
    size_t end = from, last = noted_end(b, e);

    if (is_literal) {
        size_t lines = count_char(n->node.scalar, n_bytes, '\n');

        lines += n_bytes && n->node.scalar[n_bytes - 1] != '\n';
        for (; lines && end < last; lines--) {
            const char *newline = end + 1 < last ? memchr(text + end + 1, '\n', last - end - 1) : NULL;

            end = newline ? (size_t)(newline - text) : last;
        }
    } else {
        end = last_line(text, from, last);
    }
    n->node.block = true;
    n->raw = is_literal ? NULL : folded_lines(b, at, from, end, str_ends(n->node.scalar, "\n"));
    n->form = n->raw ? FORM_FOLDED : FORM_LITERAL;
    noted_skip(b, end);
    b->same_line = false;
}

static void read_flow_scalar(struct builder *b, const yaml_event_t *e, size_t at, struct noted *n)
{
    const size_t end = noted_end(b, e);
    const bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    n->raw = noted_slice(b, at, end);
    if (strchr(n->raw, '\n'))
        n->form = FORM_RAW;
    else if (is_plain && !n->properties)
        n->form = FORM_PLAIN;
    noted_skip(b, end);
}

struct noted *noted_scalar(struct builder *b, const yaml_event_t *e)
{
    struct noted *n = noted_new(b, NODE_SCALAR);
    const size_t begin = noted_begin(b, e), at = noted_properties(b, e, n);
    const yaml_scalar_style_t style = e->data.scalar.style;

    n->node.scalar = arena_strndup(b->arena, (const char *)e->data.scalar.value, e->data.scalar.length);
    n->node.n = (uint32_t)e->data.scalar.length;
    n->node.quoted = style != YAML_PLAIN_SCALAR_STYLE;
    n->node.column = (e->start_mark.column + 1) & 0x1fffffff;
    n->end = (unsigned)e->end_mark.column + 1;
    n->node.keeps_quotes = n->node.quoted && n->properties; /* a key may be a value elsewhere */
    n->node.line = (unsigned)e->start_mark.line + 1;
    if (begin == noted_end(b, e))
        n->form = FORM_FREE; /* a value that is missing */
    else if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
        read_block(b, e, strcspn(b->r->text + begin, "|>") + begin, n);
    else if (!n->node.n && !n->node.quoted)
        noted_skip(b, noted_end(b, e)); /* an anchor alone */
    else
        read_flow_scalar(b, e, n->properties ? at + strspn(b->r->text + at, " \t\r\n") : at, n);
    return n;
}

struct noted *noted_alias(struct builder *b, const yaml_event_t *e)
{
    struct noted *n = noted_new(b, NODE_SCALAR);

    n->node.line = (unsigned)e->start_mark.line + 1;
    n->node.column = (e->start_mark.column + 1) & 0x1fffffff;
    n->end = (unsigned)e->end_mark.column + 1;
    n->form = FORM_ALIAS;
    n->node.scalar = n->raw = noted_slice(b, noted_begin(b, e), noted_end(b, e));
    n->node.n = (uint32_t)strlen(n->raw);
    b->document->has_anchors = true;
    noted_skip(b, noted_end(b, e));
    return n;
}
