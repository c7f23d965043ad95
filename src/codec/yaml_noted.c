/*
 * Reads YAML into a tree that keeps comments and empty lines.
 *
 * libyaml's events have places, and all that is between two of them is punctuation and comments. A comment after a value
 * in its line belongs to it. One in a line of its own belongs to the next key or item, or, if it is indented like the
 * children of a collection that ends there, to that collection.
 */
#include "yaml_noted.h"

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
        noted_take_indented(b, column, &n->after);
    } else {
        noted_take_all(b, false,
            n->node.n     ? &n->after
            : place->slot ? &place->slot->before
                          : &b->document->head);
        noted_skip(b, noted_end(b, e));
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
        const bool is_missing = e->type == YAML_SCALAR_EVENT && noted_begin(b, e) == noted_end(b, e);

        if (!is_block_start(e) && !is_missing)
            noted_take_all(b, false, &in->slot->before);
        return build(b, e, in, ret);
    }
    struct notes before = {0};
    noted_take_all(b, true, &before);
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
        noted_read_until(b, noted_begin(b, &e));
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
    struct noted *n = noted_new(b, is_mapping ? NODE_MAPPING : NODE_SEQUENCE);
    size_t column = e->start_mark.column;

    noted_skip(b, noted_properties(b, e, n));
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
        *ret = noted_scalar(b, e);
    else if (e->type == YAML_ALIAS_EVENT)
        *ret = noted_alias(b, e);
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

    noted_read_until(b, noted_begin(b, e));
    if (e->data.document_start.version_directive ||
        e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
        return refuse_directive(b, e);
    d->has_marker = !e->data.document_start.implicit;
    if (d->has_marker) {
        noted_take_all(b, true, &d->above);
        noted_skip(b, noted_end(b, e));
    }
    return true;
}

static bool read_root(struct builder *b, yaml_event_t *e)
{
    struct noted_document *d = b->document;
    const struct place none = {0};
    const bool is_mapping = e->type == YAML_MAPPING_START_EVENT && !is_flow(e);

    noted_read_until(b, noted_begin(b, e));
    if (!is_mapping)
        noted_take_all(b, true, &d->head);
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
            noted_read_until(b, noted_begin(b, &e));
        }
        yaml_event_delete(&e);
        if (!ok)
            return false;
        if (type == YAML_STREAM_END_EVENT)
            break;
    } while (true);
    noted_read_until(b, b->r->size);
    while (b->waiting.n && !b->waiting.v[b->waiting.n - 1].text)
        b->waiting.n--;
    noted_take_all(b, true, b->document->root ? &b->document->root->after : &b->document->head);
    return true;
}

bool yaml_noted(struct ctx *ctx, const char *file, const char *text, size_t size, struct noted_document *ret)
{
    struct yaml_reader r CLEANUP(yaml_reader_close);
    struct builder b = {.r = &r, .arena = &ctx->arena, .document = ret};

    *ret = (struct noted_document){0};
    yaml_reader_open(&r, ctx, &ctx->arena, file, text, size);
    noted_count(&b);
    if (!read_events(&b))
        return false;
    strings_sort(&ret->comments);
    return true;
}
