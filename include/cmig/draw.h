/*
 * Diagrams of a schema: its tables with columns and keys, and the references between them.
 *
 * No other program is needed, and the same schema gives the same bytes. Partitions are a part of their table.
 */
#pragma once

#include "cmig/op.h"

enum draw_format { DRAW_MERMAID, DRAW_DOT, DRAW_SVG, DRAW_HTML };
extern const char *const draw_format_names[]; /* ended by NULL */
enum draw_columns { DRAW_ALL_COLUMNS, DRAW_KEY_COLUMNS, DRAW_NO_COLUMNS };
extern const char *const draw_columns_names[]; /* ended by NULL */
enum draw_kind { DRAW_TABLE, DRAW_VIEW, DRAW_ENUM };

struct draw_source {
    const struct schema *schema; /* sorted, with all references resolved */
    const char *dialect;         /* for types that are given for a single dialect */
    const struct schema *before; /* what it is compared with; NULL: nothing is marked */
    const struct ops *ops;       /* from `before` to `schema`: renames, and altered columns; or NULL */
};

struct draw_options {
    const struct strings *tables; /* patterns of names; NULL or empty: all tables, views and enums */
    const char *around;           /* only this table, and its neighbours; or NULL */
    unsigned depth;               /* of references from there */
    bool only_changed;            /* only what differs from `before`, and its neighbours up to `depth` */
    enum draw_columns columns;
    const char *title;     /* of the document; or NULL */
    const char *id_prefix; /* of all ids; NULL: "cmig" */
    bool inside_page;      /* SVG: an element of an HTML page, without the XML declaration and the legend */
    /* The URL that the title of an object links to; returns NULL for none. May be NULL. */
    const char *(*link)(void *user, struct arena *a, enum draw_kind kind, const struct qname *name);
    void *user;
};

/* Adds the diagram to `out`. Fails if no table has a name that matches, with the nearest name. */
bool draw_schema(struct ctx *ctx, const struct draw_source *source, const struct draw_options *options,
    enum draw_format format, struct str *out) ATTR_CHECKED;

/* The id of the element of an object in SVG and HTML, without the prefix and a hyphen: "t-app.posts". Characters other than
 * letters, digits, dots and underscores are written as "-20-". */
const char *draw_id(struct arena *a, enum draw_kind kind, const struct qname *name);
