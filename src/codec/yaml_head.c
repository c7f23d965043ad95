/*
 * Parses the first keys of a file.
 *
 * Every command does this for perhaps a thousand revision files. Their heads are nearly always written in one way, a
 * key and a word on a line, and that form is read here directly; any other form goes to libyaml, whose set-up alone
 * takes longer than reading such a head. Both give the same tree (a test and the fuzzer compare them).
 */
#include "yaml.h"

enum { KEY_LIMIT = 1000 }; /* libyaml's is 1024 characters */

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* The graph keys of a revision file. */
static const char *const first_keys[] = {"revision", "down_revision", "depends_on", "branch_labels"};

/* ---- lines of the usual form ---- */

struct line_reader {
    struct arena *arena;
    const char *file;
    const char *at, *end; /* of the text */
    const char *line;     /* begin of the current one */
    unsigned number;
    struct VEC_OF(struct node *) pairs; /* keys and values in turn */
};

static struct node *new_node(struct line_reader *r, enum node_kind kind, const char *at)
{
    struct node *n = arena_new(r->arena, struct node);

    *n = (struct node){.kind = kind,
        .file = r->file,
        .line = r->number,
        .column = (unsigned)(at - r->line + 1) & 0x1fffffff};
    return n;
}

static struct node *new_text(struct line_reader *r, const char *at, const char *s, size_t n, bool quoted)
{
    struct node *node = new_node(r, NODE_SCALAR, at);

    node->scalar = arena_strndup(r->arena, s, n);
    node->n = (uint32_t)n;
    node->quoted = quoted;
    return node;
}

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && *s == ' ')
        s++;
    return s;
}

/* A value may be followed by a comment, after a blank. */
static bool only_comment(const char *s, const char *end)
{
    const char *p = skip_blanks(s, end);

    return p == end || (*p == '#' && p > s);
}

static bool is_word_char(char c)
{
    return c && strchr(WORD, c);
}

/* Plain text that begins with a letter or digit and has no ": " or " #" in it. */
static struct node *read_plain(struct line_reader *r, const char *s, const char *end)
{
    const char *last = s;

    if (*s != '~' && !is_word_char(*s))
        return NULL;
    for (const char *p = s; p < end; p++) {
        if (*p == '#' && p[-1] == ' ')
            break;
        if (*p == ':' && (p + 1 == end || p[1] == ' '))
            return NULL;
        if (*p != ' ')
            last = p;
    }
    return new_text(r, s, s, (size_t)(last - s) + 1, false);
}

/* In quotes, without an escape. */
static struct node *read_quoted(struct line_reader *r, const char *s, const char *end)
{
    const char *close = memchr(s + 1, *s, (size_t)(end - s - 1));

    if (!close || memchr(s, '\\', (size_t)(close - s)) || !only_comment(close + 1, end))
        return NULL;
    return new_text(r, s, s + 1, (size_t)(close - s) - 1, true);
}

/* [word, word] */
static struct node *read_list(struct line_reader *r, const char *s, const char *end)
{
    struct node *list = new_node(r, NODE_SEQUENCE, s);
    const char *word;

    for (s = skip_blanks(s + 1, end); s < end && is_word_char(*s); s = skip_blanks(s + 1, end)) {
        for (word = s; s < end && is_word_char(*s); s++)
            ;
        node_append(r->arena, list, new_text(r, word, word, (size_t)(s - word), false));
        s = skip_blanks(s, end);
        if (s == end || *s != ',')
            break;
    }
    return s < end && *s == ']' && only_comment(s + 1, end) ? list : NULL;
}

static struct node *read_value(struct line_reader *r, const char *s, const char *end)
{
    if (s == end || *s == '#') /* the value may be in the next lines */
        return NULL;
    if (*s == '[')
        return read_list(r, s, end);
    if (*s == '"' || *s == '\'')
        return read_quoted(r, s, end);
    return read_plain(r, s, end);
}

/* Printable ASCII only: columns are bytes then, and there is no other line's end. */
static bool is_plain_line(const char *s, const char *end)
{
    for (; s < end; s++)
        if (*s < 0x20 || *s > 0x7e)
            return false;
    return true;
}

static bool has_key(const struct line_reader *r, const char *key)
{
    for (size_t i = 0; i < r->pairs.n; i += 2)
        if (str_eq(r->pairs.v[i]->scalar, key))
            return true;
    return false;
}

enum line { LINE_OTHER, LINE_PAIR, LINE_STOP };

static enum line read_line(struct line_reader *r, const char *end, const char *stop)
{
    const char *key = r->line, *colon = key, *value;
    struct node *name, *n;

    while (colon < end && is_word_char(*colon))
        colon++;
    if (colon == key || colon - key > KEY_LIMIT || colon == end || *colon != ':' ||
        (colon + 1 < end && colon[1] != ' '))
        return LINE_OTHER;
    name = new_text(r, key, key, (size_t)(colon - key), false);
    if (str_eq(name->scalar, stop))
        return LINE_STOP;
    value = skip_blanks(colon + 1, end);
    n = has_key(r, name->scalar) ? NULL : read_value(r, value, end);
    if (!n)
        return LINE_OTHER;
    vec_push(r->arena, &r->pairs, name);
    vec_push(r->arena, &r->pairs, n);
    return LINE_PAIR;
}

/* False, without an error, when the text is written in some other way. */
static bool read_lines(struct line_reader *r, const char *stop, bool *ret_stopped)
{
    enum line kind = LINE_PAIR;

    while (r->at < r->end && kind == LINE_PAIR) {
        const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
        const char *end = newline ? newline : r->end;

        r->line = r->at;
        r->at = newline ? newline + 1 : r->end;
        r->number++;
        if (newline && end > r->line && end[-1] == '\r')
            end--;
        if (!is_plain_line(r->line, end))
            return false;
        if (skip_blanks(r->line, end) < end && *r->line != '#')
            kind = read_line(r, end, stop);
    }
    *ret_stopped = kind == LINE_STOP;
    return kind != LINE_OTHER;
}

/* The pairs as a mapping, which stands where its first key does. */
static struct node *lines_head(struct line_reader *r, bool stopped)
{
    struct node *head;

    if (!r->pairs.n && !stopped)
        return NULL;
    head = new_node(r, NODE_MAPPING, r->line);
    if (r->pairs.n) {
        head->line = r->pairs.v[0]->line;
        head->v = r->pairs.v;
        head->n = (uint32_t)(r->pairs.n / 2);
    }
    return head;
}

/* ---- any YAML ---- */

/* Pairs of the top level until its end or the stop key, in whose line *ret_line then is. */
static bool build_pairs(
    struct yaml_reader *r, struct yaml_builder *b, const char *stop, bool *ret_stopped, size_t *ret_line)
{
    yaml_event_t event;
    struct node *n;

    for (bool key = true;; key = !key) {
        if (!yaml_next(r, &event))
            return false;
        *ret_line = event.start_mark.line;
        *ret_stopped =
            key && event.type == YAML_SCALAR_EVENT && str_eq((const char *)event.data.scalar.value, stop);
        if (*ret_stopped || event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        if (!(key ? yaml_build_key(b, &event, &n) : yaml_build(b, &event, &n)))
            return false;
        yaml_builder_push(b, n);
    }
}

/* The event that begins the document's value, or the end of the stream. */
static bool first_event(struct yaml_reader *r, yaml_event_t *ret_event)
{
    bool before = true;

    while (before) {
        if (!yaml_next(r, ret_event))
            return false;
        before = ret_event->type == YAML_STREAM_START_EVENT || ret_event->type == YAML_DOCUMENT_START_EVENT;
        if (before)
            yaml_event_delete(ret_event);
    }
    return true;
}

/* By libyaml. *ret_from: where the stop key's line begins. */
static bool build_head(
    struct yaml_reader *r, const char *stop, struct node **ret_node, bool *ret_stopped, const char **ret_from)
{
    struct yaml_builder *b = yaml_builder_new(r);
    yaml_event_t event;
    yaml_mark_t mark;
    size_t line;
    const char *from = r->text;

    *ret_node = NULL;
    *ret_stopped = false;
    if (!first_event(r, &event))
        return false;
    if (event.type == YAML_STREAM_END_EVENT) {
        yaml_event_delete(&event);
        return true;
    }
    if (event.type != YAML_MAPPING_START_EVENT) /* the caller will say what it expected */
        return yaml_build(b, &event, ret_node);
    mark = event.start_mark;
    yaml_event_delete(&event);
    if (!build_pairs(r, b, stop, ret_stopped, &line) || !yaml_builder_mapping(b, mark, ret_node))
        return false;
    while (line-- && from) {
        from = memchr(from, '\n', (size_t)(r->text + r->size - from));
        from = from ? from + 1 : NULL;
    }
    *ret_from = from;
    return true;
}

/* ---- both ---- */

/* A graph key at the start of a line after the stop key. No parser is needed: nothing else can be there. */
static const char *find_late_key(const char *s, const char *end, size_t *ret_size)
{
    while ((s = memchr(s, '\n', (size_t)(end - s)))) {
        s++;
        for (size_t i = 0; i < COUNT_OF(first_keys); i++) {
            size_t n = strlen(first_keys[i]);

            if ((size_t)(end - s) > n && memcmp(s, first_keys[i], n) == 0 && s[n] == ':') {
                *ret_size = n;
                return s;
            }
        }
    }
    return NULL;
}

static bool check_rest(
    struct ctx *ctx, const char *file, const char *text, size_t size, const char *from, const char *stop)
{
    struct pos pos = {file, 1, 1};
    size_t n;
    const char *late = find_late_key(from, text + size, &n);

    if (!late)
        return true;
    for (const char *p = text; p < late; p++)
        pos.line += *p == '\n';
    fail_at(ctx, STATUS_CONFIG, pos, "key '%.*s' must come before '%s'", (int)n, late, stop);
    return fail_hint(ctx,
        "Put the keys that describe the graph first: cmig reads the graph without the rest of the file.");
}

static bool parse_any(struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size,
    const char *stop, struct node **ret_node, bool *ret_stopped)
{
    struct yaml_reader r CLEANUP(yaml_reader_close);
    const char *from = NULL;

    yaml_reader_open(&r, ctx, a, file, text, size);
    if (!build_head(&r, stop, ret_node, ret_stopped, &from))
        return false;
    return !*ret_stopped || !from || check_rest(ctx, file, text, size, from, stop);
}

bool yaml_head_lines(struct arena *a, const char *file, const char *text, size_t size, const char *stop,
    struct node **ret_node, bool *ret_stopped, const char **ret_from)
{
    struct line_reader r = {.arena = a, .file = file, .at = text, .line = text, .end = text + size};

    if (!read_lines(&r, stop, ret_stopped))
        return false;
    *ret_node = lines_head(&r, *ret_stopped);
    *ret_from = r.line;
    return true;
}

bool yaml_parse_head(struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size,
    const char *stop, struct node **ret_node, bool *ret_stopped)
{
    const char *from;

    yaml_skip_bom(&text, &size);
    if (!yaml_head_lines(a, file, text, size, stop, ret_node, ret_stopped, &from))
        return parse_any(ctx, a, file, text, size, stop, ret_node, ret_stopped);
    return !*ret_stopped || check_rest(ctx, file, text, size, from, stop);
}
