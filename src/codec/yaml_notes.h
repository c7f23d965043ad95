/* A tree that keeps what the meaning of a YAML file does not need: comments, empty lines, anchors. */
#pragma once

#include "cmig/codec.h"

struct notes VEC_OF(const char *); /* comments, each from its '#' on; NULL: an empty line */

enum noted_form {
    FORM_FREE,  /* a value that the printer writes as any other */
    FORM_PLAIN, /* unquoted, in one line: as it is */
    FORM_LITERAL,
    FORM_RAW,    /* several lines of a plain or quoted text: unchanged but for the indentation */
    FORM_FOLDED, /* the same of a folded block */
    FORM_ALIAS,
};

struct noted {
    struct node node; /* the first: a child is a struct noted, too */
    enum noted_form form;
    bool has_notes;           /* a comment is in it, or in a child */
    bool is_aligned;          /* of a block mapping: its values begin in one column */
    unsigned end;             /* of a key: the column after it */
    struct notes before;      /* of a key or an item: the lines above it */
    struct notes after;       /* of a collection: the lines after its last child */
    const char *line_end;     /* of a key or an item: blanks and the comment after it in its line; or NULL */
    const char *properties;   /* "&anchor !tag"; or NULL */
    const char *raw;          /* of FORM_PLAIN, RAW, FOLDED and ALIAS */
    const struct node *first; /* of a mapping: its first key in the file */
};

static inline struct noted *noted_of(const struct node *n)
{
    return (struct noted *)(uintptr_t)n;
}

/* Whether a value begins in the line of its key, as far as it alone decides. */
static inline bool noted_is_inline(const struct noted *n)
{
    const struct node *node = &n->node;

    if (node->kind != NODE_SCALAR)
        return !(node->block && node->n) && !n->has_notes;
    return n->form != FORM_LITERAL && n->form != FORM_RAW && n->form != FORM_FOLDED &&
           (node->n || node->quoted) && !(node->quoted && memchr(node->scalar, '\n', node->n));
}

struct noted_document {
    struct noted *root;       /* NULL: the document is empty */
    struct notes above, head; /* above the line "---", and above the document */
    bool has_marker;          /* the line "---" */
    bool has_anchors;
    struct strings comments; /* all of the file, sorted */
};
/* Reads a text that yaml_parse() accepts. */
bool yaml_noted(struct ctx *ctx, const char *file, const char *text, size_t size,
    struct noted_document *ret) ATTR_CHECKED;
void noted_print(struct str *out, const struct noted_document *d);
