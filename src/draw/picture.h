/* What a diagram shows: boxes with lines, and edges between them. Not for other directories. */
#pragma once

#include "cmig/draw.h"

#include <stdlib.h>

enum sign { SIGN_NONE, SIGN_ADDED, SIGN_CHANGED, SIGN_DROPPED, SIGNS };

/* A column, or another property, of an object. */
struct line {
    const char *name;
    const char *type;     /* "" where there is none */
    const char *old_type; /* if it changes; or NULL */
    bool is_primary, is_foreign, is_unique, is_nullable;
    bool is_note; /* of the whole object: "unique (a, b)" */
    enum sign sign;
    const char *comment; /* or NULL */
    const char *refers;  /* "→ users": the edge is not drawn; or NULL */
};
struct lines VEC_OF(struct line);

/* Pixels. */
struct place {
    int x, y;
};
struct places VEC_OF(struct place);

struct box {
    enum draw_kind kind;
    struct qname name;
    const char *key;  /* the qualified name */
    const char *word; /* "view", "enum", "materialized view"; NULL: a table */
    const char *note; /* "3 partitions"; or NULL */
    const char *comment;
    enum sign sign;
    struct lines lines;
    size_t at;    /* in the picture */
    size_t group; /* in the picture */
    struct place place;
    int width, height;
    struct slot *slot;  /* while boxes are laid out in layers */
    struct part *part;  /* of the first one of connected boxes */
    struct box *joined; /* while connected boxes are searched: another one of them, or itself */
};
struct boxes VEC_OF(struct box *);

enum edge_kind { EDGE_KEY, EDGE_INHERITS, EDGE_READS };

/* A reference from a table to another one, or from a view to what it reads. */
struct edge {
    enum edge_kind kind;
    struct box *from, *to;     /* `to` NULL: it is not a part of the picture */
    const char *to_name;       /* the qualified name */
    size_t from_line, to_line; /* the first column; NO_LINE: the title */
    const char *columns;       /* "a, b" */
    bool is_unique;            /* at most one row refers to a row */
    bool is_optional;          /* a row may refer to nothing */
    enum sign sign;
    bool is_apart;      /* not drawn as a line, since its ends are in different groups */
    struct places path; /* from `from` to `to` */
    int from_y, to_y;   /* while it is laid out: its ends */
};
struct edges VEC_OF(struct edge *);
enum { NO_LINE = -1 };

/* Tables that belong together, in a frame. */
struct group {
    const char *title; /* NULL: no frame */
    bool is_rest;      /* boxes that have nothing in common: edges are not drawn */
    struct boxes boxes;
    struct edges edges; /* among them */
    struct place place;
    int width, height;
};
struct groups VEC_OF(struct group *);

struct picture {
    struct ctx *ctx;
    const struct draw_source *source;
    const struct draw_options *options;
    struct boxes boxes; /* sorted by kind and name */
    struct edges edges;
    struct groups groups;
    struct map by_name; /* tables and views by qualified name */
    int width, height;
};

/* ---- contents ---- */

/* The boxes and edges of the whole schema. */
void picture_build(struct picture *p);
/* Removes what the options do not select. */
bool picture_select(struct picture *p) ATTR_CHECKED;
/* What the operations of a comparison rename and alter. */
struct changes;
struct changes *changes_read(struct picture *p);
/* The key that an object of `before` has now. */
const char *changes_new_key(const struct changes *c, const struct qname *name);
/* The name in `before` of a table or view, and of a column. */
struct qname changes_old_name(const struct changes *c, const struct qname *name);
const char *changes_old_column(const struct changes *c, const char *table, const char *column);
/* Whether an operation alters it; `column` NULL: the object itself. */
bool changes_alter(const struct changes *c, const char *table, const char *column);
/* Lines for keys, checks and indexes that are created, dropped or renamed. */
void changes_add_notes(const struct changes *c, const char *table, struct lines *ret);
/* The character of a sign, and its word as a class: "+" and "added". */
extern const char *const sign_texts[SIGNS], *const sign_words[SIGNS];

/* ---- layout ---- */

enum {
    TITLE_HEIGHT = 28,
    LINE_HEIGHT = 20,
    BOX_MARGIN = 10, /* left and right of texts in a box */
    FONT_SIZE = 12,
    TITLE_SIZE = 13,
    GROUP_TITLE_SIZE = 22,
    TEXT_LIMIT = 320, /* a longer text is cut */
};
/* The width of a text in a sans-serif font, rounded up. */
int text_width(const char *text, int size, bool is_bold);
/* The text, cut if it is wider. */
const char *text_fit(struct arena *a, const char *text, int size, bool is_bold, int limit);
/* Widths of the parts of a box's lines. */
struct columns_of_box {
    int sign, keys, name, type;
};
struct columns_of_box box_columns(const struct picture *p, const struct box *b);
void box_measure(const struct picture *p, struct box *b);
/* "PK", "FK", "U" and combinations. */
const char *line_keys(const struct line *l);
/* The text on the left of a line, and on its right. */
const char *line_name(struct arena *a, const struct line *l);
const char *line_type(struct arena *a, const struct line *l);

/* Divides the boxes into groups, if there are many of them, and names the targets of references that leave their group. */
void picture_group(struct picture *p, bool may_divide);
/* Sets the places of all boxes, and the paths of edges. */
void picture_lay_out(struct picture *p);
/* A rectangle to be placed without overlapping others. */
struct item {
    int width, height;
    struct place place;
};
struct items VEC_OF(struct item);
/* Places items in their order. The result is wider than high, and at least about `min_width` wide if that is needed. */
struct place items_pack(struct ctx *ctx, struct items *items, int gap, int min_width);
/* Places boxes that are connected by edges in layers, from (0, 0), and sets the paths of the edges among them. */
void layers_lay_out(
    struct picture *p, const struct boxes *boxes, const struct edges *edges, struct place *ret_size);

/* ---- output ---- */

void picture_svg(const struct picture *p, struct str *out);
void picture_html(const struct picture *p, struct str *out);
void picture_mermaid(const struct picture *p, struct str *out);
void picture_dot(const struct picture *p, struct str *out);
/* Text of XML and HTML; control characters are replaced. */
void add_xml(struct str *out, const char *text);
