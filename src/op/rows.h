/* A file of rows that is being read: what its formats share. */
#pragma once

#include "cmig/op.h"

#include <stdio.h>

struct row_reader {
    struct ctx *ctx;
    const struct op_bulk_insert *op;
    size_t at; /* of the operation's own rows */
    FILE *file;
    const char *path;
    unsigned line;          /* that the next byte is on */
    struct arena scratch;   /* of the rows read lately */
    struct strings columns; /* CSV: of the header */
    bool (*read)(struct row_reader *r, const struct row **ret, struct pos *ret_pos);
    bool in_array, begun; /* JSON */
};

/* The next byte, EOF at the end. */
int rows_get(struct row_reader *r);
int rows_peek(struct row_reader *r);
bool rows_fail(struct row_reader *r, unsigned line, const char *fmt, ...) ATTR_FORMAT(3, 4);
#define rows_fail(...) fail_false(rows_fail(__VA_ARGS__))
void rows_add(
    struct row_reader *r, struct row *row, const char *column, enum value_kind kind, const char *text);
/* Ended by NUL, in the scratch arena; an error when it is no UTF-8 or too long. */
bool rows_text(struct row_reader *r, unsigned line, const struct str *s, const char **ret) ATTR_CHECKED;

bool csv_header(struct row_reader *r) ATTR_CHECKED;
bool csv_row(struct row_reader *r, const struct row **ret, struct pos *ret_pos);
bool json_row(struct row_reader *r, const struct row **ret, struct pos *ret_pos);
