/*
 * Prints a tree as YAML that is easy to review.
 *
 * libyaml's emitter folds long lines, quotes by other rules and cannot choose per collection between one line and a
 * block. Reviewers look at the layout, so it is produced here.
 */
#include "yaml_print.h"

void yaml_add_indent(struct str *out, unsigned indent)
{
    static const char spaces[] = "                                ";

    for (; indent >= sizeof(spaces) - 1; indent -= sizeof(spaces) - 1)
        str_addn(out, spaces, sizeof(spaces) - 1);
    str_addn(out, spaces, indent);
}

void yaml_add_scalar(struct str *out, const struct node *n, enum plain_place place)
{
    if (!n->quoted && n->n == 0)
        str_add(out, "null");
    else if (n->keeps_quotes || (n->quoted && scalar_is_ambiguous(n->scalar)) ||
             !scalar_can_be_plain(n->scalar, n->n, place))
        scalar_quote(out, n->scalar, n->n);
    else
        str_addn(out, n->scalar, n->n);
}

bool yaml_is_literal(const struct node *n, bool *ret_indicator)
{
    return n->kind == NODE_SCALAR && (n->block || memchr(n->scalar, '\n', n->n)) &&
           scalar_can_be_literal(n->scalar, n->n, ret_indicator);
}

/* ---- in one line ---- */

/* Adds a value in flow style, unless something in it wants a block or the text grows beyond `limit` bytes of
 * the buffer: then false, and the buffer holds a piece that the caller cuts off. Without a limit all of it is added. */
static bool add_flow(struct str *out, const struct node *n, size_t limit)
{
    bool mapping = n->kind == NODE_MAPPING, indicator;

    if (n->kind == NODE_SCALAR) {
        if (limit != SIZE_MAX && (yaml_is_literal(n, &indicator) || n->n > YAML_WIDTH))
            return false;
        yaml_add_scalar(out, n, PLAIN_FLOW);
        return out->n <= limit;
    }
    if (limit != SIZE_MAX && n->block && n->n)
        return false;
    str_addc(out, mapping ? '{' : '[');
    for (size_t i = 0; i < n->n; i++) {
        if (i)
            str_add(out, ", ");
        if (mapping) {
            if (!add_flow(out, n->v[2 * i], limit))
                return false;
            str_add(out, ": ");
        }
        if (!add_flow(out, n->v[mapping ? 2 * i + 1 : i], limit))
            return false;
    }
    str_addc(out, mapping ? '}' : ']');
    return out->n <= limit;
}

size_t yaml_line_used(const struct str *out)
{
    size_t n = 0;

    while (n < out->n && out->s[out->n - n - 1] != '\n')
        n++;
    return n;
}

/* After "key:" or "-": whether the collection fits there in one line. */
static bool try_flow(struct str *out, const struct node *n)
{
    size_t before = out->n, used = yaml_line_used(out);

    str_addc(out, ' ');
    if (n->n == 0 || (used < YAML_WIDTH && add_flow(out, n, before + YAML_WIDTH - used))) {
        if (n->n == 0)
            str_add(out, n->kind == NODE_MAPPING ? "{}" : "[]");
        str_addc(out, '\n');
        return true;
    }
    out->n = before;
    out->s[before] = '\0';
    return false;
}

/* ---- in blocks ---- */

void yaml_add_literal_head(struct str *out, const struct node *n, bool indicator)
{
    const char *end = n->scalar + n->n;
    size_t newlines = 0;

    while (newlines < n->n && end[-1 - (ptrdiff_t)newlines] == '\n')
        newlines++;
    str_add(out, " |");
    if (indicator)
        str_addf(out, "%d", YAML_STEP);
    str_add(out, newlines == 0 ? "-" : newlines == 1 ? "" : "+");
}

void yaml_add_literal_lines(struct str *out, const struct node *n, unsigned indent)
{
    const char *s = n->scalar, *end = s + n->n, *newline;

    for (; s < end; s = newline + 1) {
        newline = memchr(s, '\n', (size_t)(end - s));
        if (!newline)
            newline = end;
        if (newline > s) /* an empty line gets no trailing blanks */
            yaml_add_indent(out, indent + YAML_STEP);
        str_addn(out, s, (size_t)(newline - s));
        str_addc(out, '\n');
    }
}

static void add_items(struct str *out, const struct node *n, unsigned indent, bool started);
static void add_pairs(struct str *out, const struct node *n, unsigned indent, bool started);

/* "- drop_table: users" needs no braces. */
static bool is_single(const struct node *n)
{
    return n->kind == NODE_MAPPING && n->n == 1;
}

/* A value after "key:" of a mapping, or "-" of a list, at `indent`. */
static void add_value(struct str *out, const struct node *n, unsigned indent, bool item)
{
    bool indicator;

    if (n->kind == NODE_SCALAR) {
        if (yaml_is_literal(n, &indicator)) {
            yaml_add_literal_head(out, n, indicator);
            str_addc(out, '\n');
            yaml_add_literal_lines(out, n, indent);
            return;
        }
        str_addc(out, ' ');
        yaml_add_scalar(out, n, PLAIN_BLOCK);
        str_addc(out, '\n');
        return;
    }
    if (!(item && is_single(n)) && try_flow(out, n))
        return;
    str_addc(out, item ? ' ' : '\n');
    if (n->kind == NODE_MAPPING)
        add_pairs(out, n, indent + YAML_STEP, item);
    else
        add_items(out, n, indent + YAML_STEP, item);
}

/* `started`: the first line's indentation is there already, as "- ". */
static void add_items(struct str *out, const struct node *n, unsigned indent, bool started)
{
    for (size_t i = 0; i < n->n; i++) {
        if (i || !started)
            yaml_add_indent(out, indent);
        str_addc(out, '-');
        add_value(out, n->v[i], indent, true);
    }
}

void yaml_end_key(struct str *out, size_t begin, unsigned indent)
{
    const char *key;

    if (out->n - begin <= YAML_KEY_LIMIT)
        return;
    key = arena_strndup(out->arena, out->s + begin, out->n - begin);
    out->n = begin;
    str_addf(out, "? %s\n", key);
    yaml_add_indent(out, indent);
}

static void add_pairs(struct str *out, const struct node *n, unsigned indent, bool started)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct node *key = n->v[2 * i];
        size_t before;

        if (i || !started)
            yaml_add_indent(out, indent);
        before = out->n;
        yaml_add_scalar(out, key, PLAIN_BLOCK);
        yaml_end_key(out, before, indent);
        str_addc(out, ':');
        add_value(out, n->v[2 * i + 1], indent, false);
    }
}

void node_yaml(struct str *out, const struct node *n, unsigned indent)
{
    if (n->n && n->kind == NODE_MAPPING) {
        add_pairs(out, n, indent, false);
    } else if (n->n && n->kind == NODE_SEQUENCE) {
        add_items(out, n, indent, false);
    } else {
        yaml_add_indent(out, indent);
        if (n->kind == NODE_SCALAR)
            yaml_add_scalar(out, n, PLAIN_BLOCK);
        else
            str_add(out, n->kind == NODE_MAPPING ? "{}" : "[]");
        str_addc(out, '\n');
    }
}

void node_flow(struct str *out, const struct node *n)
{
    add_flow(out, n, SIZE_MAX);
}
