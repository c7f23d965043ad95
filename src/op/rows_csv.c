/*
 * Reads rows from CSV.
 *
 * The first line names the columns. A value may be in double quotes, doubled inside; without them an empty one
 * is null. Empty lines are skipped.
 */
#include "op/rows.h"

struct cell {
    const char *text; /* NULL: null */
};
struct cells VEC_OF(struct cell);

/* From the opening quote on, past the closing one. */
static bool read_quoted(struct row_reader *r, struct str *out, unsigned line)
{
    for (int c; (c = rows_get(r)) != EOF;) {
        if (c == '"' && rows_peek(r) != '"')
            return true;
        if (c == '"')
            rows_get(r);
        str_addc(out, (char)c);
    }
    return rows_fail(r, line, "a quote opened here is never closed");
}

static bool read_field(struct row_reader *r, struct cell *ret)
{
    struct str text = {.arena = &r->scratch};
    unsigned line = r->line;
    bool quoted = rows_peek(r) == '"';

    if (quoted && (rows_get(r), !read_quoted(r, &text, line)))
        return false;
    for (int c; (c = rows_peek(r)) != EOF && c != ',' && c != '\n' && c != '\r';) {
        if (quoted || c == '"')
            return rows_fail(
                r, r->line, quoted ? "'%c' after the closing quote of a value" : "a quote inside a value", c);
        str_addc(&text, (char)rows_get(r));
    }
    *ret = (struct cell){0};
    return (!quoted && !text.n) || rows_text(r, line, &text, &ret->text);
}

/* ",": one more follows. */
static bool read_separator(struct row_reader *r, bool *ret_more)
{
    int c = rows_get(r);

    if (c == '\r' && rows_peek(r) == '\n')
        c = rows_get(r);
    *ret_more = c == ',';
    return true;
}

/* *ret_line 0: there are no more rows. */
static bool read_record(struct row_reader *r, struct cells *ret, unsigned *ret_line)
{
    struct cell f;
    bool more = true;

    *ret = (struct cells){0};
    while (rows_peek(r) == '\n' || rows_peek(r) == '\r')
        rows_get(r);
    *ret_line = rows_peek(r) == EOF ? 0 : r->line;
    while (more && *ret_line) {
        if (!read_field(r, &f) || !read_separator(r, &more))
            return false;
        vec_push(&r->scratch, ret, f);
    }
    return true;
}

bool csv_header(struct row_reader *r)
{
    struct cells names;
    unsigned line;

    if (!read_record(r, &names, &line))
        return false;
    if (!line)
        return rows_fail(r, 1, "the file is empty: its first line names the columns");
    vec_each(i, &names) {
        const char *name = names.v[i].text;

        if (!name || !*name)
            return rows_fail(r, line, "column %zu has no name", i + 1);
        if (strings_have(&r->columns, name))
            return rows_fail(r, line, "duplicate column '%s'", name);
        vec_add(r->ctx, &r->columns, ctx_strdup(r->ctx, name));
    }
    return true;
}

bool csv_row(struct row_reader *r, const struct row **ret, struct pos *ret_pos)
{
    struct cells fields;
    struct row *row;
    unsigned line;

    *ret = NULL;
    if (!read_record(r, &fields, &line))
        return false;
    if (!line)
        return true;
    if (fields.n != r->columns.n)
        return rows_fail(r, line, "%u values for %u columns", fields.n, r->columns.n);
    row = arena_new(&r->scratch, struct row);
    vec_each(i, &fields)
        rows_add(r, row, r->columns.v[i], fields.v[i].text ? VALUE_STRING : VALUE_NONE, fields.v[i].text);
    *ret_pos = (struct pos){r->path, line, 0};
    *ret = row;
    return true;
}
