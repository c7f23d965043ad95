/*
 * Turns libyaml's errors into messages that help the author of the file.
 *
 * libyaml reports what its scanner found; a person needs to know what to change. Each row is an error that our
 * kinds of files provoke; any other is passed on unchanged.
 */
#include "yaml.h"

static const struct complaint {
    const char *context, *problem; /* NULL: any */
    bool at_context;               /* the place that matters is where the construct began */
    const char *text;
} complaints[] = {
    {"while scanning a quoted scalar", "found unexpected end of stream", true, "the quote is never closed"},
    {"while scanning a quoted scalar", "found unexpected document indicator", true,
        "the quote is never closed"},
    {"while parsing a quoted scalar", "found unknown escape character", false,
        "unknown escape in a double-quoted string; write a backslash as \\\\"},
    {NULL, "mapping values are not allowed in this context", false,
        "':' is not allowed here; check the indentation, or put the string in quotes"},
    {"while scanning a simple key", "could not find expected ':'", true, "a ':' is missing after this key"},
    {"while parsing a block mapping", "did not find expected key", false,
        "a key is expected here; check the indentation and the quotes"},
    {"while parsing a block collection", "did not find expected '-' indicator", false,
        "a list item, '- ', is expected here; check the indentation"},
    {NULL, "block sequence entries are not allowed in this context", false,
        "a list item is not allowed here; start it on a line of its own"},
    {"while parsing a flow node", NULL, false, "a value is expected here"},
    {"while parsing a block node", NULL, false, "a value is expected here"},
    {"while parsing a flow mapping", NULL, false, "a ',' or '}' is expected here"},
    {"while parsing a flow sequence", NULL, false, "a ',' or ']' is expected here"},
    {"while scanning a block scalar", "found a tab character where an indentation space is expected", false,
        "a tab is used for indentation; YAML allows only spaces"},
    {"while scanning a plain scalar", "found a tab character that violates indentation", false,
        "a tab is used for indentation; YAML allows only spaces"},
    {"while scanning an alias", NULL, true, "a string that begins with '*' must be in quotes"},
    {"while scanning an anchor", NULL, true, "a string that begins with '&' must be in quotes"},
    {NULL, "did not find expected <document start>", false,
        "the document should end here; check the indentation"},
    {NULL, "control characters are not allowed", false, "a control character is not allowed here"},
};

/* The place of a byte, for complaints of the reader, which knows nothing of lines. */
static struct pos pos_of_offset(const struct yaml_reader *r, size_t offset)
{
    struct pos pos = {r->file, 1, 1};

    if (offset > r->size)
        offset = r->size;
    for (const char *p = r->text; p < r->text + offset; p++) {
        if (*p == '\n') {
            pos.line++;
            pos.column = 1;
        } else if (((unsigned char)*p & 0xc0) != 0x80) {
            pos.column++;
        }
    }
    return pos;
}

/* The first byte of the character at a mark, whose index counts characters; '\0' at the end. */
static char char_at(const struct yaml_reader *r, yaml_mark_t mark)
{
    size_t index = 0;

    for (const char *p = r->text; p < r->text + r->size; p++)
        if (((unsigned char)*p & 0xc0) != 0x80 && index++ == mark.index)
            return *p;
    return '\0';
}

/* "found character that cannot start any token" */
static bool refuse_character(const struct yaml_reader *r, struct pos pos)
{
    char c = char_at(r, r->parser.problem_mark);

    if (c == '\t')
        return fail_at(r->ctx, STATUS_CONFIG, pos, "a tab is used for indentation; YAML allows only spaces");
    return fail_at(r->ctx, STATUS_CONFIG, pos, "a string that begins with '%c' must be in quotes", c);
}

/* True, with an error: the text at the place can tell more than the construct that it ended. */
static bool refuse_by_place(const struct yaml_reader *r, struct pos pos)
{
    const yaml_parser_t *p = &r->parser;
    char c = char_at(r, p->problem_mark);

    const char *text = NULL;

    if (c == '\t')
        text = "a tab is used for indentation; YAML allows only spaces";
    else if (!c && str_eq(p->context, "while parsing a flow mapping"))
        text = "the '{' is never closed";
    else if (!c && str_eq(p->context, "while parsing a flow sequence"))
        text = "the '[' is never closed";
    if (text)
        fail_at(r->ctx, STATUS_CONFIG, c ? pos : yaml_pos(r, p->context_mark), "%s", text);
    return text;
}

static const struct complaint *find_complaint(const char *context, const char *problem)
{
    for (const struct complaint *c = complaints; c < complaints + COUNT_OF(complaints); c++)
        if ((!c->context || str_eq(c->context, context)) && (!c->problem || str_eq(c->problem, problem)))
            return c;
    return NULL;
}

bool yaml_refuse(struct yaml_reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "not YAML";
    const struct complaint *c = find_complaint(p->context, problem);
    struct pos pos = yaml_pos(r, p->problem_mark);

    if (p->error == YAML_MEMORY_ERROR)
        abort();
    if (p->error == YAML_READER_ERROR)
        pos = pos_of_offset(r, p->problem_offset);
    else if (str_eq(problem, "found character that cannot start any token"))
        return refuse_character(r, pos);
    else if (refuse_by_place(r, pos))
        return false;
    if (!c)
        return p->context ? fail_at(r->ctx, STATUS_CONFIG, pos, "%s, %s", p->context, problem)
                          : fail_at(r->ctx, STATUS_CONFIG, pos, "%s", problem);
    if (c->at_context)
        pos = yaml_pos(r, p->context_mark);
    return fail_at(r->ctx, STATUS_CONFIG, pos, "%s", c->text);
}
