/*
 * Reads YAML into a tree that keeps comments and empty lines.
 *
 * libyaml's events have places, and all that is between two of them is punctuation and comments. A comment after a value
 * in its line belongs to it. One in a line of its own belongs to the next key or item, or, if it is indented like the
 * children of a collection that ends there, to that collection.
 */
#include "yaml.h"
#include "yaml_notes.h"

#include <stdlib.h>

/* A comment that waits for what it belongs to. */
struct waiting {
    const char *text; /* NULL: an empty line */
    size_t column;
};

struct builder {
    struct yaml_reader *r;
    struct arena *arena;
    struct noted_document *document;
    uint32_t *offsets; /* of characters, in bytes */
    size_t at;         /* what is before it was read */
    size_t line_start;
    struct noted *slot; /* what a comment in the line of `at` belongs to */
    bool same_line;     /* nothing but punctuation between `at` and the last value */
    unsigned newlines;  /* since then, or since the last comment */
    struct VEC_OF(struct waiting) waiting;
};

/* libyaml counts characters. */
static void count_offsets(struct builder *b)
{
    const char *text = b->r->text;
    size_t n = 0;

    b->offsets = arena_alloc(b->arena, (b->r->size + 2) * sizeof(*b->offsets));
    for (size_t i = 0; i < b->r->size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            b->offsets[n++] = (uint32_t)i;
    b->offsets[n++] = (uint32_t)b->r->size;
    b->offsets[n] = (uint32_t)b->r->size;
}

static size_t begin_of(const struct builder *b, const yaml_event_t *e)
{
    return b->offsets[e->start_mark.index];
}

static size_t end_of(const struct builder *b, const yaml_event_t *e)
{
    return b->offsets[e->end_mark.index];
}

static const char *slice(struct builder *b, size_t from, size_t to)
{
    return arena_strndup(b->arena, b->r->text + from, to - from);
}

/* ---- comments ------------------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void add_empty_line(struct builder *b)
{
    if (b->newlines > 1)
        vec_push(b->arena, &b->waiting, ((struct waiting){0}));
    b->newlines = 0;
}

/* From '#' to the end of the line, which is returned. */
static size_t add_comment(struct builder *b, size_t from)
{
    const char *text = b->r->text;
    size_t end = from, blanks = from;

    while (end < b->r->size && text[end] != '\n' && text[end] != '\r')
        end++;
    size_t last = end;
    while (is_blank(text[last - 1]))
        last--;
    vec_push(b->arena, &b->document->comments, slice(b, from, last));
    while (blanks && is_blank(text[blanks - 1]))
        blanks--;
    if (b->same_line && b->slot && !b->slot->line_end) {
        const char *comment = slice(b, blanks, last);

        b->slot->line_end = *comment == '#' ? arena_printf(b->arena, " %s", comment) : comment;
    } else {
        add_empty_line(b);
        vec_push(b->arena, &b->waiting, ((struct waiting){slice(b, from, last), from - b->line_start}));
    }
    b->newlines = 0;
    return end;
}

/* Reads the punctuation up to a place. */
static void read_until(struct builder *b, size_t to)
{
    for (; b->at < to; b->at++) {
        const char c = b->r->text[b->at];

        if (c == '\n') {
            b->newlines++;
            b->same_line = false;
            b->line_start = b->at + 1;
        } else if (c == '#') {
            b->at = add_comment(b, b->at) - 1;
        } else if (!is_blank(c) && c != '\r') {
            add_empty_line(b);
        }
    }
    if (b->newlines > 1 && to < b->r->size) {
        add_empty_line(b);
        b->newlines = 1;
    }
}

/* Continues after a value. */
static void skip_to(struct builder *b, size_t to)
{
    for (; b->at < to; b->at++)
        if (b->r->text[b->at] == '\n')
            b->line_start = b->at + 1;
    b->same_line = true;
    b->newlines = 0;
}

/* The first `n` that wait, without empty lines unless these are wanted. */
static void take(struct builder *b, size_t n, bool with_empty, struct notes *ret)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = b->waiting.v[i].text;

        if (text || (with_empty && !(ret->n && !ret->v[ret->n - 1])))
            vec_push(b->arena, ret, text);
    }
    for (size_t i = n; i < b->waiting.n; i++)
        b->waiting.v[i - n] = b->waiting.v[i];
    b->waiting.n -= (uint32_t)n;
}

static void take_all(struct builder *b, bool with_empty, struct notes *ret)
{
    take(b, b->waiting.n, with_empty, ret);
}

/* Those that are indented at least like a collection which ends. */
static void take_indented(struct builder *b, size_t column, struct notes *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < b->waiting.n; i++) {
        if (b->waiting.v[i].text && b->waiting.v[i].column < column)
            break;
        if (b->waiting.v[i].text)
            n = i + 1;
    }
    take(b, n, true, ret);
}

/* ---- values -------------------------------------------------------------------------------------------- */

static struct noted *new_noted(struct builder *b, enum node_kind kind)
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

/* The anchor and the tag in front of a value; gives where they end. */
static size_t read_properties(struct builder *b, const yaml_event_t *e, struct noted *ret)
{
    size_t at = begin_of(b, e);
    const char *text = b->r->text;
    struct strings found = {0};
    size_t end = at;

    if (!has_properties(e))
        return at;
    while (at < b->r->size && (text[at] == '&' || text[at] == '!') && !(found.n && *found.v[0] == text[at])) {
        const size_t begin = at;

        while (at < b->r->size && !strchr(" \t\r\n,]}", text[at]))
            at++;
        vec_push(b->arena, &found, slice(b, begin, at));
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
        at = add_comment(b, at);
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
    size_t end = from, last = end_of(b, e);

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
    skip_to(b, end);
    b->same_line = false;
}

static void read_flow_scalar(struct builder *b, const yaml_event_t *e, size_t at, struct noted *n)
{
    const size_t end = end_of(b, e);
    const bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    n->raw = slice(b, at, end);
    if (strchr(n->raw, '\n'))
        n->form = FORM_RAW;
    else if (is_plain && !n->properties)
        n->form = FORM_PLAIN;
    skip_to(b, end);
}

static struct noted *build_scalar(struct builder *b, const yaml_event_t *e)
{
    struct noted *n = new_noted(b, NODE_SCALAR);
    const size_t begin = begin_of(b, e), at = read_properties(b, e, n);
    const yaml_scalar_style_t style = e->data.scalar.style;

    n->node.scalar = arena_strndup(b->arena, (const char *)e->data.scalar.value, e->data.scalar.length);
    n->node.n = (uint32_t)e->data.scalar.length;
    n->node.quoted = style != YAML_PLAIN_SCALAR_STYLE;
    n->node.column = (e->start_mark.column + 1) & 0x1fffffff;
    n->end = (unsigned)e->end_mark.column + 1;
    n->node.keeps_quotes = n->node.quoted && n->properties; /* a key may be a value elsewhere */
    n->node.line = (unsigned)e->start_mark.line + 1;
    if (begin == end_of(b, e))
        n->form = FORM_FREE; /* a value that is missing */
    else if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
        read_block(b, e, strcspn(b->r->text + begin, "|>") + begin, n);
    else if (!n->node.n && !n->node.quoted)
        skip_to(b, end_of(b, e)); /* an anchor alone */
    else
        read_flow_scalar(b, e, n->properties ? at + strspn(b->r->text + at, " \t\r\n") : at, n);
    return n;
}

static struct noted *build_alias(struct builder *b, const yaml_event_t *e)
{
    struct noted *n = new_noted(b, NODE_SCALAR);

    n->node.line = (unsigned)e->start_mark.line + 1;
    n->node.column = (e->start_mark.column + 1) & 0x1fffffff;
    n->end = (unsigned)e->end_mark.column + 1;
    n->form = FORM_ALIAS;
    n->node.scalar = n->raw = slice(b, begin_of(b, e), end_of(b, e));
    n->node.n = (uint32_t)strlen(n->raw);
    b->document->has_anchors = true;
    skip_to(b, end_of(b, e));
    return n;
}

/* ---- collections --------------------------------------------------------------------------------------- */

/* Where a child is. */
struct place {
    struct noted *slot; /* its key, or itself as an item */
    size_t column;      /* of the block mapping around it */
    bool is_item;
};

static bool build(struct builder *b, yaml_event_t *e, const struct place *place, struct noted **ret);

static bool is_end(const yaml_event_t *e)
{
    return e->type == YAML_SEQUENCE_END_EVENT || e->type == YAML_MAPPING_END_EVENT;
}

static bool is_flow(const yaml_event_t *e)
{
    return e->type == YAML_MAPPING_START_EVENT ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                                               : e->type == YAML_SEQUENCE_START_EVENT &&
                                                     e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
}

static bool is_block_start(const yaml_event_t *e)
{
    return (e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT) && !is_flow(e);
}

static bool has_comment(const struct notes *notes)
{
    vec_each(i, notes)
        if (notes->v[i])
            return true;
    return false;
}

static bool is_noted(const struct noted *n)
{
    return n->has_notes || n->line_end || has_comment(&n->before) || has_comment(&n->after);
}

/* Whether the values that follow their keys in the line begin in one column, with more than a blank before one of them. */
static bool is_aligned(const struct noted *n)
{
    unsigned column = 0, counted = 0;
    bool is_spaced = false;

    for (size_t i = 0; n->node.kind == NODE_MAPPING && i < n->node.n; i++) {
        const struct noted *key = noted_of(n->node.v[2 * i]), *value = noted_of(n->node.v[2 * i + 1]);

        if (!noted_is_inline(value) || value->node.line != key->node.line)
            continue;
        if (counted++ && value->node.column != column)
            return false;
        column = value->node.column;
        is_spaced |= column > key->end + 2;
    }
    return counted > 1 && is_spaced;
}

static void end_collection(struct builder *b, yaml_event_t *e, const struct place *place, bool is_block,
    size_t column, struct noted *n)
{
    if (is_block) {
        take_indented(b, column, &n->after);
    } else {
        take_all(b, false, n->node.n ? &n->after : place->slot ? &place->slot->before : &b->document->head);
        skip_to(b, end_of(b, e));
        if (place->slot)
            b->slot = place->slot;
    }
    for (size_t i = 0; i < (n->node.kind == NODE_MAPPING ? 2 : 1) * (size_t)n->node.n; i++)
        n->has_notes |= is_noted(noted_of(n->node.v[i]));
    n->has_notes |= has_comment(&n->after);
    n->is_aligned = is_block && is_aligned(n);
}

/* A key, a value or an item that an event begins. */
static bool build_child(
    struct builder *b, yaml_event_t *e, struct noted *parent, struct place *in, struct noted **ret)
{
    const bool is_mapping = parent->node.kind == NODE_MAPPING;

    if (in->slot && is_mapping) { /* a value */
        const bool is_missing = e->type == YAML_SCALAR_EVENT && begin_of(b, e) == end_of(b, e);

        if (!is_block_start(e) && !is_missing)
            take_all(b, false, &in->slot->before);
        return build(b, e, in, ret);
    }
    struct notes before = {0};
    take_all(b, true, &before);
    struct noted *slot = is_mapping ? NULL : arena_new(b->arena, struct noted);
    struct place place = {slot, in->column, !is_mapping};
    b->slot = slot;
    if (!build(b, e, &place, ret))
        return false;
    struct noted *n = *ret;
    n->before = before;
    if (slot) { /* what was noted of the item while it was read */
        vec_each(i, &slot->before)
            vec_push(b->arena, &n->before, slot->before.v[i]);
        n->line_end = slot->line_end;
        if (b->slot == slot)
            b->slot = n;
    }
    return true;
}

static bool read_children(
    struct builder *b, struct noted *n, bool is_block, size_t column, const struct place *place)
{
    const bool is_mapping = n->node.kind == NODE_MAPPING;
    struct VEC_OF(struct node *) children = {0};
    struct place in = {0};

    for (uint32_t i = 0;; i++) {
        yaml_event_t e;
        struct noted *child;

        if (!yaml_next(b->r, &e))
            return false;
        read_until(b, begin_of(b, &e));
        if (is_end(&e)) {
            n->node.v = children.v;
            n->node.n = is_mapping ? children.n / 2 : children.n;
            end_collection(b, &e, place, is_block, column, n);
            yaml_event_delete(&e);
            return true;
        }
        in.column = is_block ? column : place->column;
        if (is_mapping && i % 2 == 0)
            in.slot = NULL;
        if (!build_child(b, &e, n, &in, &child))
            return false;
        if (is_mapping && i % 2 == 0)
            in.slot = b->slot = child;
        vec_push(b->arena, &children, &child->node);
    }
}

static bool build_collection(
    struct builder *b, yaml_event_t *e, const struct place *place, struct noted **ret)
{
    const bool is_mapping = e->type == YAML_MAPPING_START_EVENT, is_block = !is_flow(e);
    struct noted *n = new_noted(b, is_mapping ? NODE_MAPPING : NODE_SEQUENCE);
    size_t column = e->start_mark.column;

    skip_to(b, read_properties(b, e, n));
    n->node.block = is_block;
    n->node.column = (e->start_mark.column + 1) & 0x1fffffff;
    n->node.line = (unsigned)e->start_mark.line + 1;
    if (n->properties || (!is_mapping && column <= place->column && place->slot && !place->is_item))
        column = place->column + 1;
    if (!read_children(b, n, is_block, column, place))
        return false;
    n->first = n->node.n ? n->node.v[0] : NULL;
    *ret = n;
    return true;
}

static bool build(struct builder *b, yaml_event_t *e, const struct place *place, struct noted **ret)
{
    bool ok = true;

    if (e->type == YAML_SCALAR_EVENT)
        *ret = build_scalar(b, e);
    else if (e->type == YAML_ALIAS_EVENT)
        *ret = build_alias(b, e);
    else
        ok = build_collection(b, e, place, ret);
    yaml_event_delete(e);
    return ok;
}

/* ---- documents ----------------------------------------------------------------------------------------- */

static bool is_for_programs(const char *comment)
{
    return strstr(comment, "yaml-language-server") || strstr(comment, "vim:") || strstr(comment, "-*-");
}

/* The lines above the first key are about the file up to the last empty one. */
static void split_head(struct builder *b, struct notes *before, struct notes *head)
{
    struct notes own = {0};
    size_t n = 0;

    vec_each(i, before)
        if (!before->v[i] || is_for_programs(before->v[i]))
            n = i + 1;
    vec_each(i, before)
        vec_push(b->arena, i < n ? head : &own, before->v[i]);
    *before = own;
}

static bool refuse_directive(struct builder *b, const yaml_event_t *e)
{
    return fail_at(b->r->ctx, STATUS_CONFIG, yaml_pos(b->r, e->start_mark),
        "a file with a '%%' directive cannot be formatted");
}

static bool begin_document(struct builder *b, yaml_event_t *e)
{
    struct noted_document *d = b->document;

    read_until(b, begin_of(b, e));
    if (e->data.document_start.version_directive ||
        e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
        return refuse_directive(b, e);
    d->has_marker = !e->data.document_start.implicit;
    if (d->has_marker) {
        take_all(b, true, &d->above);
        skip_to(b, end_of(b, e));
    }
    return true;
}

static bool read_root(struct builder *b, yaml_event_t *e)
{
    struct noted_document *d = b->document;
    const struct place none = {0};
    const bool is_mapping = e->type == YAML_MAPPING_START_EVENT && !is_flow(e);

    read_until(b, begin_of(b, e));
    if (!is_mapping)
        take_all(b, true, &d->head);
    if (!build(b, e, &none, &d->root))
        return false;
    if (is_mapping && d->root->node.n)
        split_head(b, &noted_of(d->root->node.v[0])->before, &d->head);
    return true;
}

static bool read_events(struct builder *b)
{
    yaml_event_t e;

    do {
        if (!yaml_next(b->r, &e))
            return false;
        const yaml_event_type_t type = e.type;
        bool ok = true;

        if (type == YAML_DOCUMENT_START_EVENT)
            ok = begin_document(b, &e);
        else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT) {
            if (!read_root(b, &e))
                return false;
            continue;
        } else {
            read_until(b, begin_of(b, &e));
        }
        yaml_event_delete(&e);
        if (!ok)
            return false;
        if (type == YAML_STREAM_END_EVENT)
            break;
    } while (true);
    read_until(b, b->r->size);
    while (b->waiting.n && !b->waiting.v[b->waiting.n - 1].text)
        b->waiting.n--;
    take_all(b, true, b->document->root ? &b->document->root->after : &b->document->head);
    return true;
}

bool yaml_noted(struct ctx *ctx, const char *file, const char *text, size_t size, struct noted_document *ret)
{
    struct yaml_reader r CLEANUP(yaml_reader_close);
    struct builder b = {.r = &r, .arena = &ctx->arena, .document = ret};

    *ret = (struct noted_document){0};
    yaml_reader_open(&r, ctx, &ctx->arena, file, text, size);
    count_offsets(&b);
    if (!read_events(&b))
        return false;
    strings_sort(&ret->comments);
    return true;
}
