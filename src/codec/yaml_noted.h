/* The reader of trees with comments: where it is, and what waits. */
#pragma once

#include "yaml.h"
#include "yaml_notes.h"

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

void noted_count(struct builder *b);
/* Where an event begins and ends in the text. */
size_t noted_begin(const struct builder *b, const yaml_event_t *e);
size_t noted_end(const struct builder *b, const yaml_event_t *e);
const char *noted_slice(struct builder *b, size_t from, size_t to);

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* From '#' to the end of the line, which is returned. */
size_t noted_comment(struct builder *b, size_t from);
/* Reads the punctuation up to a place. */
void noted_read_until(struct builder *b, size_t to);
/* Continues after a value. */
void noted_skip(struct builder *b, size_t to);
/* What waits, without empty lines unless these are wanted. */
void noted_take_all(struct builder *b, bool with_empty, struct notes *ret);
/* Those that are indented at least like a collection which ends. */
void noted_take_indented(struct builder *b, size_t column, struct notes *ret);

struct noted *noted_new(struct builder *b, enum node_kind kind);
/* The anchor and the tag before a value; returns where they end. */
size_t noted_properties(struct builder *b, const yaml_event_t *e, struct noted *ret);
struct noted *noted_scalar(struct builder *b, const yaml_event_t *e);
struct noted *noted_alias(struct builder *b, const yaml_event_t *e);
