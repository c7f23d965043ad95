/*
 * Builds a tree from libyaml's events, and rejects the parts of YAML that are not supported.
 *
 * An alias shares the value of its anchor. The size that this would have when written out is counted, since ten
 * lines can expand to ten billion values.
 */
#include "yaml.h"

enum {
    DEPTH_LIMIT = 64,
    ALIAS_LIMIT = 1000000, /* values that are in the text only by alias */
    TEXTS = 512,           /* recent short texts; a power of two */
    SHORT_TEXT = 24,
};

struct anchor {
    struct node *node; /* NULL: its value is still being read */
    size_t size;       /* values, aliases written out */
};

/* Which keys a mapping has, while it is checked. Slots of earlier mappings are recognised by their round. */
struct key_slot {
    struct node *key;
    unsigned round;
};

struct yaml_builder {
    struct yaml_reader *r;
    struct map anchors;
    struct VEC_OF(struct node *) pending; /* children of the collections that are open */
    unsigned depth;
    size_t values, aliased;
    struct key_slot *slots;
    size_t slots_size; /* a power of two */
    unsigned round;
    const char *line_start; /* of line `line` of the text, from 0, as far as places of texts were looked up */
    size_t line;
    const char *texts[TEXTS]; /* names, types and `true` repeat: kept once */
};

struct yaml_builder *yaml_builder_new(struct yaml_reader *r)
{
    struct yaml_builder *b = arena_new(&r->scratch, struct yaml_builder);

    b->r = r;
    b->anchors.arena = &r->scratch;
    return b;
}

void yaml_builder_push(struct yaml_builder *b, struct node *n)
{
    vec_push(&b->r->scratch, &b->pending, n);
}

static bool refuse(struct yaml_builder *b, const struct node *n, const char *fmt, ...) ATTR_FORMAT(3, 4);
static bool refuse(struct yaml_builder *b, const struct node *n, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(&b->r->ctx->arena, fmt, ap);
    va_end(ap);
    return fail_at(b->r->ctx, STATUS_CONFIG, node_pos(n), "%s", text);
}

static const char *keep_text(struct yaml_builder *b, const char *s, size_t n)
{
    const char **slot;

    if (n > SHORT_TEXT)
        return arena_strndup(b->r->arena, s, n);
    slot = &b->texts[hash_bytes(s, n) & (TEXTS - 1)];
    if (!*slot || strncmp(*slot, s, n) != 0 || (*slot)[n])
        *slot = arena_strndup(b->r->arena, s, n);
    return *slot;
}

static struct node *node_begin(struct yaml_builder *b, enum node_kind kind, yaml_mark_t mark)
{
    struct node *n = arena_new(b->r->arena, struct node);
    struct pos pos = yaml_pos(b->r, mark);

    *n = (struct node){.kind = kind, .line = pos.line, .column = pos.column & 0x1fffffff, .file = pos.file};
    b->values++;
    return n;
}

/* ---- anchors and tags ---- */

static struct anchor *anchor_begin(struct yaml_builder *b, const yaml_char_t *name)
{
    struct anchor *anchor;

    if (!name)
        return NULL;
    anchor = arena_new(&b->r->scratch, struct anchor);
    anchor->size = b->values + b->aliased - 1; /* the value itself is counted already */
    map_set(&b->anchors, arena_strdup(&b->r->scratch, (const char *)name), anchor);
    return anchor;
}

static void anchor_end(struct yaml_builder *b, struct anchor *anchor, struct node *n)
{
    if (!anchor)
        return;
    anchor->node = n;
    anchor->size = b->values + b->aliased - anchor->size;
}

static bool build_alias(struct yaml_builder *b, const yaml_event_t *event, struct node **ret_node)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct anchor *anchor = map_get(&b->anchors, name);
    struct pos pos = yaml_pos(b->r, event->start_mark);
    struct ctx *ctx = b->r->ctx;

    if (!anchor)
        return fail_at(ctx, STATUS_CONFIG, pos, "alias '*%s' has no anchor '&%s' before it", name, name);
    if (!anchor->node)
        return fail_at(ctx, STATUS_CONFIG, pos, "alias '*%s' is part of its own anchor", name);
    b->aliased += anchor->size;
    if (b->aliased > ALIAS_LIMIT)
        return fail_at(ctx, STATUS_CONFIG, pos, "aliases expand this file beyond %d values", ALIAS_LIMIT);
    *ret_node = anchor->node;
    return true;
}

/* Tags that say what the value shows anyway. */
static bool check_tag(struct yaml_builder *b, const struct node *n, const yaml_char_t *tag, bool *ret_string)
{
    static const char core[] = "tag:yaml.org,2002:";
    static const char *const known[] = {"str", "null", "bool", "int", "float", "map", "seq"};
    const char *name = (const char *)tag;

    *ret_string = tag && (str_eq(name, "!") || str_eq(name, "tag:yaml.org,2002:str"));
    if (!tag || *ret_string)
        return true;
    if (str_starts(name, core)) {
        name += strlen(core);
        for (size_t i = 0; i < COUNT_OF(known); i++)
            if (str_eq(name, known[i]))
                return true;
        return refuse(b, n, "unknown tag '!!%s'", name);
    }
    return refuse(b, n, "unknown tag '%s'", name);
}

/* ---- keys ---- */

static void keys_begin(struct yaml_builder *b, size_t n)
{
    if (b->slots_size < 2 * n) {
        b->slots_size = b->slots_size ? b->slots_size : 64;
        while (b->slots_size < 2 * n)
            b->slots_size *= 2;
        b->slots = arena_alloc(&b->r->scratch, b->slots_size * sizeof(*b->slots));
    }
    b->round++;
}

/* Notes a key. The one that was noted before under the same name is returned, or NULL. */
static struct node *keys_add(struct yaml_builder *b, struct node *key)
{
    size_t i = hash_bytes(key->scalar, key->n) & (b->slots_size - 1);
    struct key_slot *slot;

    for (;; i = (i + 1) & (b->slots_size - 1)) {
        slot = &b->slots[i];
        if (slot->round != b->round)
            break;
        if (slot->key->n == key->n && memcmp(slot->key->scalar, key->scalar, key->n) == 0)
            return slot->key;
    }
    *slot = (struct key_slot){key, b->round};
    return NULL;
}

static bool is_merge(const struct node *key)
{
    return !key->quoted && key->n == 2 && memcmp(key->scalar, "<<", 2) == 0;
}

static bool refuse_repeated(struct yaml_builder *b, const struct node *key, const struct node *first)
{
    struct ctx *ctx = b->r->ctx;

    refuse(b, key, "duplicate key '%s'; the first is in line %u, column %u", key->scalar, first->line,
        first->column);
    if (is_merge(key))
        fail_hint(ctx, "Merge several mappings as a list: \"<<: [*first, *second]\".");
    return false;
}

/* The pairs, two nodes each, have no key twice. *ret_merge: one of them is `<<`. */
static bool check_keys(struct yaml_builder *b, struct node **v, size_t n, bool *ret_merge)
{
    struct node *first;

    *ret_merge = false;
    keys_begin(b, n);
    for (size_t i = 0; i < n; i++) {
        first = keys_add(b, v[2 * i]);
        if (first)
            return refuse_repeated(b, v[2 * i], first);
        *ret_merge |= is_merge(v[2 * i]);
    }
    return true;
}

/* The mappings that `<<` names, as a list. */
static bool merge_sources(struct yaml_builder *b, struct node **value, struct node ***ret_v, size_t *ret_n)
{
    bool list = (*value)->kind == NODE_SEQUENCE;
    struct node **v = list ? (*value)->v : value;
    size_t n = list ? (*value)->n : 1;

    for (size_t i = 0; i < n; i++)
        if (v[i]->kind != NODE_MAPPING)
            return refuse(b, v[i], "'<<' merges a mapping or a list of mappings, not %s",
                node_describe(&b->r->ctx->arena, v[i]));
    *ret_v = v;
    *ret_n = n;
    return true;
}

/* Replaces `<<` by its pairs. The mapping's own keys override merged ones, and of several merged mappings the
 * first wins. */
static bool merge_pairs(struct yaml_builder *b, struct node **v, size_t n, struct node *mapping)
{
    struct node **sources = NULL;
    size_t most = n, count = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_merge(v[2 * i]))
            continue;
        if (!merge_sources(b, &v[2 * i + 1], &sources, &count))
            return false;
        for (size_t j = 0; j < count; j++)
            most += sources[j]->n;
    }
    mapping->v = arena_alloc(b->r->arena, 2 * most * sizeof(*mapping->v));
    keys_begin(b, most);
    for (size_t i = 0; i < n; i++)
        if (!is_merge(v[2 * i]))
            keys_add(b, v[2 * i]);
    for (size_t i = 0; i < n; i++) {
        if (!is_merge(v[2 * i])) {
            memcpy(&mapping->v[2 * mapping->n++], &v[2 * i], 2 * sizeof(*v));
            continue;
        }
        if (!merge_sources(b, &v[2 * i + 1], &sources, &count))
            return false;
        for (size_t j = 0; j < count; j++)
            for (size_t k = 0; k < sources[j]->n; k++)
                if (!keys_add(b, sources[j]->v[2 * k]))
                    memcpy(&mapping->v[2 * mapping->n++], &sources[j]->v[2 * k], 2 * sizeof(*v));
    }
    return true;
}

/* ---- where the text of a scalar is ---- */

static const char *find_line(struct yaml_builder *b, size_t line)
{
    const char *end = b->r->text + b->r->size, *s = b->line_start;

    if (!s || b->line > line) {
        s = b->r->text;
        b->line = 0;
    }
    for (; b->line < line && s < end; s++)
        b->line += *s == '\n';
    b->line_start = s;
    return b->line == line ? s : NULL;
}

/* The blanks before the first line of a literal block that is not empty, without those that are part of it. */
static uint16_t block_indent(struct yaml_builder *b, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value, *end = b->r->text + b->r->size;
    const size_t empty = strspn(text, "\n");
    const char *s = find_line(b, event->start_mark.line + 1 + empty);
    size_t blanks = 0, own = strspn(text + empty, " ");

    while (s && s + blanks < end && s[blanks] == ' ')
        blanks++;
    return blanks > own && blanks < UINT16_MAX ? (uint16_t)(blanks - own) : 0;
}

static uint8_t line_shift(struct yaml_builder *b, const yaml_event_t *event)
{
    const bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const size_t n = event->data.scalar.length;
    const char *end = b->r->text + b->r->size, *s = find_line(b, event->start_mark.line);

    for (size_t column = 0; s && s < end && column < event->start_mark.column; column++)
        for (s++; s < end && (*s & 0xc0) == 0x80;)
            s++;
    s += s && !is_plain;
    if (!s || (size_t)(end - s) < n || memcmp(s, event->data.scalar.value, n) != 0)
        return 0;
    return is_plain ? 1 : 2;
}

/* Only of texts that may be SQL: most scalars are words. */
static void note_place(struct yaml_builder *b, const yaml_event_t *event, struct node *n)
{
    if (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE)
        n->indent = block_indent(b, event);
    else if (memchr(n->scalar, ' ', n->n))
        n->shift = line_shift(b, event);
}

/* ---- values ---- */

static bool build_scalar(struct yaml_builder *b, const yaml_event_t *event, struct node **ret_node)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length;
    struct node *node = node_begin(b, NODE_SCALAR, event->start_mark);
    struct anchor *anchor = anchor_begin(b, event->data.scalar.anchor);
    bool string;

    if (!check_tag(b, node, event->data.scalar.tag, &string))
        return false;
    if (memchr(text, '\0', n))
        return refuse(b, node, "a string cannot contain a NUL character");
    node->quoted = string || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->n = (uint32_t)n;
    node->scalar = keep_text(b, text, n);
    note_place(b, event, node);
    anchor_end(b, anchor, node);
    *ret_node = node;
    return true;
}

static bool check_key(struct yaml_builder *b, const struct node *key)
{
    if (key->kind != NODE_SCALAR)
        return refuse(b, key, "a key must be a name, not %s", node_describe(&b->r->ctx->arena, key));
    if (key->n == 0 && !key->quoted)
        return refuse(b, key, "missing key before ':'");
    return true;
}

/* Reads values until the collection ends; they are left in b->pending. */
static bool build_children(struct yaml_builder *b, bool mapping)
{
    yaml_event_t event;
    struct node *child;

    for (size_t i = 0;; i++) {
        if (!yaml_next(b->r, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        if (!(mapping && i % 2 == 0 ? yaml_build_key(b, &event, &child) : yaml_build(b, &event, &child)))
            return false;
        yaml_builder_push(b, child);
    }
}

/* A bracket that the value opens must be closed by its end. */
static bool is_cut(const struct node *n)
{
    int open = 0;

    for (uint32_t i = 0; n->kind == NODE_SCALAR && !n->quoted && i < n->n; i++)
        open += (n->scalar[i] == '(') - (n->scalar[i] == ')');
    return open > 0;
}

/* In {price: numeric(10, 2)} the comma ends the value, and "2)" is a key that has none. */
static bool check_commas(struct yaml_builder *b, size_t start)
{
    for (size_t i = start + 1; i + 2 < b->pending.n; i += 2) {
        const struct node *value = b->pending.v[i], *key = b->pending.v[i + 1], *next = b->pending.v[i + 2];

        if (next->kind != NODE_SCALAR || next->n || next->quoted || !is_cut(value))
            continue;
        refuse(b, value, "within braces a ',' ends the value '%s'", value->scalar);
        return fail_hint(b->r->ctx, "Put it in quotes: \"%s,%s\".", value->scalar, key->scalar);
    }
    return true;
}

/* Takes what is pending from `start` on as the collection's content. */
static bool finish_collection(struct yaml_builder *b, struct node *node, size_t start)
{
    size_t count = b->pending.n - start;
    struct node **v;
    bool merge = false;

    if (count == 0)
        return true;
    v = b->pending.v + start;
    b->pending.n = start;
    if (node->kind == NODE_MAPPING && !check_keys(b, v, count / 2, &merge))
        return false;
    if (merge)
        return merge_pairs(b, v, count / 2, node);
    node->n = (uint32_t)(node->kind == NODE_MAPPING ? count / 2 : count);
    node->v = arena_alloc(b->r->arena, count * sizeof(*v));
    memcpy(node->v, v, count * sizeof(*v));
    return true;
}

static bool build_collection(struct yaml_builder *b, const yaml_event_t *event, struct node **ret_node)
{
    bool mapping = event->type == YAML_MAPPING_START_EVENT, string;
    struct node *node = node_begin(b, mapping ? NODE_MAPPING : NODE_SEQUENCE, event->start_mark);
    struct anchor *anchor =
        anchor_begin(b, mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor);
    size_t start = b->pending.n;

    if (!check_tag(
            b, node, mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag, &string))
        return false;
    if (++b->depth > DEPTH_LIMIT)
        return refuse(b, node, "nested deeper than %d levels", DEPTH_LIMIT);
    if (!build_children(b, mapping))
        return false;
    if (mapping && event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE && !check_commas(b, start))
        return false;
    if (!finish_collection(b, node, start))
        return false;
    b->depth--;
    anchor_end(b, anchor, node);
    *ret_node = node;
    return true;
}

bool yaml_build(struct yaml_builder *b, yaml_event_t *event, struct node **ret_node)
{
    bool ok;

    if (event->type == YAML_SCALAR_EVENT)
        ok = build_scalar(b, event, ret_node);
    else if (event->type == YAML_ALIAS_EVENT)
        ok = build_alias(b, event, ret_node);
    else
        ok = build_collection(b, event, ret_node);
    yaml_event_delete(event);
    return ok;
}

bool yaml_build_key(struct yaml_builder *b, yaml_event_t *event, struct node **ret_node)
{
    return yaml_build(b, event, ret_node) && check_key(b, *ret_node);
}

bool yaml_builder_mapping(struct yaml_builder *b, yaml_mark_t mark, struct node **ret_node)
{
    struct node *node = node_begin(b, NODE_MAPPING, mark);

    if (!finish_collection(b, node, 0))
        return false;
    *ret_node = node;
    return true;
}
