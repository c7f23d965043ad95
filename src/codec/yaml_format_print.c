/*
 * Prints a tree with its comments, in the form of node_yaml().
 *
 * A collection that was in a block stays so. One in braces is put into one line if it fits and has no comments.
 */
#include "yaml_notes.h"
#include "yaml_print.h"

static void add_pairs(struct str *out, const struct noted *n, unsigned indent, bool started);
static void add_items(struct str *out, const struct noted *n, unsigned indent, bool started);

static void cut(struct str *out, size_t n)
{
    out->n = n;
    out->s[n] = '\0';
}

/* ---- comments ------------------------------------------------------------------------------------------ */

static void add_notes(struct str *out, const struct notes *notes, unsigned indent, bool is_first)
{
    vec_each(i, notes) {
        if (notes->v[i]) {
            yaml_add_indent(out, indent);
            str_add(out, notes->v[i]);
        } else if (is_first && i == 0) {
            continue;
        }
        str_addc(out, '\n');
    }
}

static void end_line(struct str *out, const struct noted *slot)
{
    if (slot && slot->line_end)
        str_add(out, slot->line_end);
    str_addc(out, '\n');
}

static void add_properties(struct str *out, const struct noted *n)
{
    if (n->properties)
        str_addf(out, "%s ", n->properties);
}

/* ---- scalars ------------------------------------------------------------------------------------------- */

static void add_inline(struct str *out, const struct noted *n, enum plain_place place)
{
    add_properties(out, n);
    if (n->form == FORM_PLAIN || n->form == FORM_ALIAS)
        str_add(out, n->raw);
    else
        yaml_add_scalar(out, &n->node, place);
}

/* Lines, each with a new indentation but the first one, which continues the current line. */
static void add_raw(struct str *out, const struct noted *n, unsigned indent)
{
    const bool is_folded = n->form == FORM_FOLDED;

    for (const char *s = n->raw, *end; *s; s = end + (*end == '\n')) {
        end = s + strcspn(s, "\n");
        const char *from = s == n->raw || is_folded ? s : s + strspn(s, " \t");
        if (from > end)
            from = end;
        if (s != n->raw) {
            str_addc(out, '\n');
            if (end > from)
                yaml_add_indent(out, indent + YAML_STEP);
        }
        str_addn(out, from, (size_t)(end - from));
    }
}

/* A literal block that begins with empty lines, or a tab, is none that node_yaml() writes. */
static bool needs_indicator(const struct node *n)
{
    const char *s = n->scalar + strspn(n->scalar, "\n");

    return *s == ' ' || *s == '\t';
}

static bool is_literal(const struct noted *n)
{
    bool indicator, can = yaml_is_literal(&n->node, &indicator);

    if (n->form == FORM_LITERAL)
        return can || (n->node.n && n->node.scalar[strspn(n->node.scalar, "\n")] != '\0');
    return can && n->node.quoted && n->form != FORM_FOLDED && memchr(n->node.scalar, '\n', n->node.n);
}

/* Several lines of a text without line ends become one if they fit, and if quotes, which may count, are not needed. */
static bool is_raw(const struct noted *n)
{
    const struct node *text = &n->node;

    if (n->form != FORM_RAW)
        return n->form == FORM_FOLDED;
    return text->n > YAML_WIDTH || memchr(text->scalar, '\n', text->n) ||
           (!text->quoted && !scalar_can_be_plain(text->scalar, text->n, PLAIN_FLOW));
}

static void add_scalar(struct str *out, const struct noted *n, const struct noted *slot, unsigned indent)
{
    if (is_literal(n)) {
        if (n->properties)
            str_addf(out, " %s", n->properties);
        yaml_add_literal_head(out, &n->node, needs_indicator(&n->node));
        end_line(out, slot);
        yaml_add_literal_lines(out, &n->node, indent);
        return;
    }
    if (n->form == FORM_FREE && !n->node.n && !n->node.quoted) { /* a value that is missing */
        if (n->properties)
            str_addf(out, " %s", n->properties);
        end_line(out, slot);
        return;
    }
    str_addc(out, ' ');
    if (!is_raw(n)) {
        add_inline(out, n, PLAIN_BLOCK);
        end_line(out, slot);
        return;
    }
    add_properties(out, n);
    if (n->form == FORM_FOLDED) {
        const char *newline = strchr(n->raw, '\n');
        struct noted lines = *n;

        str_addn(out, n->raw, newline ? (size_t)(newline - n->raw) : strlen(n->raw));
        if (slot->line_end)
            str_add(out, slot->line_end);
        lines.raw = newline ? newline : "";
        add_raw(out, &lines, indent);
        str_addc(out, '\n');
        return;
    }
    add_raw(out, n, indent);
    end_line(out, slot);
}

/* ---- in one line --------------------------------------------------------------------------------------- */

static bool add_flow(struct str *out, const struct noted *n, size_t limit)
{
    const bool is_mapping = n->node.kind == NODE_MAPPING;

    if (n->node.kind == NODE_SCALAR) {
        if (is_literal(n) || is_raw(n) || n->node.n > YAML_WIDTH)
            return false;
        add_inline(out, n, PLAIN_FLOW);
        return out->n <= limit;
    }
    if ((n->node.block && n->node.n) || n->has_notes)
        return false;
    add_properties(out, n);
    str_addc(out, is_mapping ? '{' : '[');
    for (size_t i = 0; i < n->node.n; i++) {
        if (i)
            str_add(out, ", ");
        if (is_mapping) {
            if (!add_flow(out, noted_of(n->node.v[2 * i]), limit))
                return false;
            str_add(out, ": ");
        }
        if (!add_flow(out, noted_of(n->node.v[is_mapping ? 2 * i + 1 : i]), limit))
            return false;
    }
    str_addc(out, is_mapping ? '}' : ']');
    return out->n <= limit;
}

static bool try_flow(struct str *out, const struct noted *n)
{
    const size_t before = out->n, used = yaml_line_used(out);

    str_addc(out, ' ');
    if (add_flow(out, n, n->node.n ? before + (used < YAML_WIDTH ? YAML_WIDTH - used : 0) : SIZE_MAX))
        return true;
    cut(out, before);
    return false;
}

/* ---- in blocks ----------------------------------------------------------------------------------------- */

/* "- drop_table: users" needs no braces. */
static bool is_single(const struct noted *n)
{
    return n->node.kind == NODE_MAPPING && n->node.n == 1;
}

static void add_block(struct str *out, const struct noted *n, unsigned indent, bool started)
{
    if (n->node.kind == NODE_MAPPING)
        add_pairs(out, n, indent, started);
    else
        add_items(out, n, indent, started);
}

/* The value of a key. */
static void add_value(struct str *out, const struct noted *n, const struct noted *key, unsigned indent)
{
    if (n->node.kind == NODE_SCALAR) {
        add_scalar(out, n, key, indent);
        return;
    }
    if (!try_flow(out, n)) {
        if (n->properties)
            str_addf(out, " %s", n->properties);
        end_line(out, key);
        add_block(out, n, indent + YAML_STEP, false);
        return;
    }
    end_line(out, key);
}

/* The first line of an item is that of its first child, whose comments come before it. */
static void add_notes_of_first(struct str *out, const struct noted *n, unsigned indent)
{
    for (; n->node.kind != NODE_SCALAR && n->node.n && !n->properties; n = noted_of(n->node.v[0])) {
        add_notes(out, &noted_of(n->node.v[0])->before, indent, true);
        if (n->node.kind == NODE_MAPPING)
            return;
    }
}

static void add_item(struct str *out, const struct noted *n, unsigned indent, bool started)
{
    const size_t before = out->n;

    if (!started)
        yaml_add_indent(out, indent);
    str_addc(out, '-');
    if (n->node.kind == NODE_SCALAR) {
        add_scalar(out, n, n, indent);
        return;
    }
    if (!(is_single(n) && !n->properties) && try_flow(out, n)) {
        end_line(out, n);
        return;
    }
    if (n->properties) {
        str_addf(out, " %s", n->properties);
        end_line(out, n);
        add_block(out, n, indent + YAML_STEP, false);
        return;
    }
    if (!started) {
        cut(out, before);
        if (n->line_end) {
            yaml_add_indent(out, indent);
            str_addf(out, "%s\n", n->line_end + strspn(n->line_end, " \t"));
        }
        add_notes_of_first(out, n, indent);
        yaml_add_indent(out, indent);
        str_addc(out, '-');
    }
    str_addc(out, ' ');
    add_block(out, n, indent + YAML_STEP, true);
}

/* `started`: the first line has its indentation, as in "- ", and its comments. */
static void add_items(struct str *out, const struct noted *n, unsigned indent, bool started)
{
    for (size_t i = 0; i < n->node.n; i++) {
        const struct noted *item = noted_of(n->node.v[i]);

        if (i || !started)
            add_notes(out, &item->before, indent, i == 0);
        add_item(out, item, indent, i == 0 && started);
    }
    add_notes(out, &n->after, indent, false);
}

static void add_key(struct str *out, const struct noted *key, unsigned indent)
{
    const size_t before = out->n;

    add_inline(out, key, PLAIN_BLOCK);
    yaml_end_key(out, before, indent);
    str_add(out, key->form == FORM_ALIAS ? " :" : ":");
}

static size_t key_width(struct str *out, const struct noted *key)
{
    const size_t before = out->n;

    add_key(out, key, 0);
    const size_t width = str_width(out->s + before);
    cut(out, before);
    return width;
}

/* The width of the longest key before an aligned value; 0: a value does not fit in its line there, or none is aligned. */
static size_t aligned_width(struct str *out, const struct noted *n, unsigned indent)
{
    const size_t before = out->n;
    size_t width = 0;
    bool fits = n->is_aligned;

    for (size_t i = 0; fits && i < n->node.n; i++) {
        const size_t one = key_width(out, noted_of(n->node.v[2 * i]));

        if (noted_is_inline(noted_of(n->node.v[2 * i + 1])) && one > width)
            width = one;
    }
    for (size_t i = 0; fits && i < n->node.n; i++) {
        const struct noted *value = noted_of(n->node.v[2 * i + 1]);

        if (value->node.kind == NODE_SCALAR || !noted_is_inline(value))
            continue;
        str_addc(out, '\n');
        yaml_add_indent(out, indent + (unsigned)width);
        fits = try_flow(out, value);
        cut(out, before);
    }
    return fits ? width : 0;
}

static void add_pairs(struct str *out, const struct noted *n, unsigned indent, bool started)
{
    const size_t width = aligned_width(out, n, indent);

    for (size_t i = 0; i < n->node.n; i++) {
        const struct noted *key = noted_of(n->node.v[2 * i]);
        const size_t own = width ? key_width(out, key) : 0;

        if (i || !started) {
            add_notes(out, &key->before, indent, i == 0);
            yaml_add_indent(out, indent);
        }
        add_key(out, key, indent);
        if (own < width && noted_is_inline(noted_of(n->node.v[2 * i + 1])))
            yaml_add_indent(out, (unsigned)(width - own));
        add_value(out, noted_of(n->node.v[2 * i + 1]), key, indent);
    }
    add_notes(out, &n->after, indent, false);
}

void noted_print(struct str *out, const struct noted_document *d)
{
    const struct noted *root = d->root;
    const bool has_properties = root && root->properties && root->node.kind != NODE_SCALAR && root->node.n;

    add_notes(out, &d->above, 0, true);
    if (d->has_marker)
        str_addf(out, "---%s%s\n", has_properties ? " " : "", has_properties ? root->properties : "");
    add_notes(out, &d->head, 0, true);
    if (!root)
        return;
    if (root->node.kind != NODE_SCALAR && root->node.n) {
        if (root->properties && !d->has_marker)
            str_addf(out, "%s\n", root->properties);
        add_block(out, root, 0, false);
        return;
    }
    if (root->node.kind == NODE_SCALAR)
        add_scalar(out, root, root, 0);
    else
        str_add(out, root->node.kind == NODE_MAPPING ? "{}\n" : "[]\n");
    add_notes(out, &root->after, 0, false);
}
