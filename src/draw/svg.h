/* Parts of diagrams in SVG. Not for other directories. */
#pragma once

#include "picture.h"

const char *picture_id(const struct picture *p);
const char *picture_title(const struct picture *p);
const char *box_id(const struct picture *p, const struct box *b);
void svg_style(const struct picture *p, struct str *out);
void svg_edge(const struct picture *p, struct str *out, const struct edge *e);
/* Marks at the end of a line. Each returns how far from the box the line itself begins; `d` is the direction away from the
 * box, 1 or -1. */
int svg_many(struct str *out, struct place at, int d);
int svg_one(struct str *out, struct place at, int d);
int svg_none_or_one(struct str *out, struct place at, int d);
/* The picture as an element of a page. */
void svg_element(const struct picture *p, struct str *out, bool with_legend);
