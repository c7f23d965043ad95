/*
 * Parses YAML into a tree.
 *
 * It uses libyaml's events, not its documents, which would be a second tree and do not support merge keys.
 */
#include "yaml.h"

void yaml_skip_bom(const char **text, size_t *size)
{
    if (*size >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        *size -= 3;
    }
}

void yaml_reader_open(
    struct yaml_reader *r, struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size)
{
    yaml_skip_bom(&text, &size);
    *r = (struct yaml_reader){.ctx = ctx, .arena = a, .file = file, .text = text, .size = size};
    if (!yaml_parser_initialize(&r->parser))
        abort(); /* it fails for want of memory only */
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, size);
}

void yaml_reader_close(struct yaml_reader *r)
{
    yaml_parser_delete(&r->parser);
    arena_finish(&r->scratch);
}

struct pos yaml_pos(const struct yaml_reader *r, yaml_mark_t mark)
{
    return (struct pos){r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

bool yaml_next(struct yaml_reader *r, yaml_event_t *ret_event)
{
    return yaml_parser_parse(&r->parser, ret_event) ? true : yaml_refuse(r);
}

/* The event must be of the kind that libyaml promises at this place. */
static bool expect(struct yaml_reader *r, yaml_event_type_t type)
{
    yaml_event_t event;

    if (!yaml_next(r, &event))
        return false;
    assert(event.type == type && "libyaml's grammar of events");
    (void)type;
    yaml_event_delete(&event);
    return true;
}

/* After the document there may be only the end. */
static bool expect_end(struct yaml_reader *r)
{
    yaml_event_t event;
    yaml_event_type_t type;
    yaml_mark_t mark;

    if (!expect(r, YAML_DOCUMENT_END_EVENT) || !yaml_next(r, &event))
        return false;
    type = event.type;
    mark = event.start_mark;
    yaml_event_delete(&event);
    if (type == YAML_STREAM_END_EVENT)
        return true;
    return fail_at(
        r->ctx, STATUS_CONFIG, yaml_pos(r, mark), "a second document begins; a file can contain only one");
}

static bool parse_document(struct yaml_reader *r, struct node **ret_node)
{
    struct node *node = NULL;
    yaml_event_t event;

    if (!expect(r, YAML_STREAM_START_EVENT) || !yaml_next(r, &event))
        return false;
    if (event.type == YAML_DOCUMENT_START_EVENT) {
        yaml_event_delete(&event);
        if (!yaml_next(r, &event) || !yaml_build(yaml_builder_new(r), &event, &node) || !expect_end(r))
            return false;
        if (node->kind == NODE_SCALAR && node_is_null(node) && node->n == 0) /* nothing but "---" */
            node = NULL;
    } else {
        yaml_event_delete(&event);
    }
    *ret_node = node;
    return true;
}

bool yaml_parse(
    struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size, struct node **ret_node)
{
    struct yaml_reader r CLEANUP(yaml_reader_close);

    yaml_reader_open(&r, ctx, a, file, text, size);
    return parse_document(&r, ret_node);
}

bool yaml_read(struct ctx *ctx, struct arena *a, const char *what, const char *path, struct node **ret_node)
{
    char *text;
    size_t size;

    if (!fs_read(ctx, a, what, path, FS_TEXT_LIMIT, &text, &size))
        return false;
    return yaml_parse(ctx, a, ctx_strdup(ctx, path), text, size, ret_node);
}
