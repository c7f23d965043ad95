/* What the printers of YAML share: the layout of a scalar and of a line. */
#pragma once

#include "scalar.h"

enum {
    YAML_WIDTH = 100,      /* columns that a collection in one line may have */
    YAML_STEP = 2,         /* blanks of indentation by level */
    YAML_KEY_LIMIT = 1000, /* bytes; libyaml takes a key of up to 1024 characters without the "? " form */
};

void yaml_add_indent(struct str *out, unsigned indent);
/* Plain where the place allows it, else in quotes. */
void yaml_add_scalar(struct str *out, const struct node *n, enum plain_place place);
/* Text of several lines, or one that asks for it. */
bool yaml_is_literal(const struct node *n, bool *ret_indicator);
/* " |", without the end of the line; and the lines after it, of a value at `indent`. */
void yaml_add_literal_head(struct str *out, const struct node *n, bool indicator);
void yaml_add_literal_lines(struct str *out, const struct node *n, unsigned indent);
/* A key, written from `begin` on, may need the form "? key". */
void yaml_end_key(struct str *out, size_t begin, unsigned indent);
/* How much of the buffer's last line is written. */
size_t yaml_line_used(const struct str *out);
