/* Reads the rows of a bulk_insert, one after the other. */
#include "op/rows.h"

#include <errno.h>
#include <unistd.h>

enum {
    SCRATCH_LIMIT = 1 << 20, /* after this many bytes the memory of old rows is freed */
    FIELD_LIMIT = 64 << 20,
};

/* ---- reading ------------------------------------------------------------------------------------------- */

int rows_get(struct row_reader *r)
{
    int c = getc_unlocked(r->file);

    r->line += c == '\n';
    return c;
}

int rows_peek(struct row_reader *r)
{
    int c = getc_unlocked(r->file);

    if (c != EOF)
        ungetc(c, r->file);
    return c;
}

bool(rows_fail)(struct row_reader *r, unsigned line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const char *text = arena_vprintf(&r->ctx->arena, fmt, ap);
    va_end(ap);
    return fail_at(r->ctx, STATUS_CONFIG, (struct pos){r->path, line, 0}, "%s", text);
}

bool rows_text(struct row_reader *r, unsigned line, const struct str *s, const char **ret)
{
    size_t bad;

    if (s->n > FIELD_LIMIT)
        return rows_fail(r, line, "a value of more than %d MB", FIELD_LIMIT >> 20);
    if (s->n && memchr(s->s, '\0', s->n))
        return rows_fail(r, line, "a value with a NUL byte");
    if (s->n && !str_utf8(s->s, s->n, &bad))
        return rows_fail(r, line, "a value that is not UTF-8");
    *ret = str_get(s);
    return true;
}

void rows_add(
    struct row_reader *r, struct row *row, const char *column, enum value_kind kind, const char *text)
{
    struct row_value *v = arena_new(&r->scratch, struct row_value);

    v->column = column;
    v->value.kind = kind;
    v->value.expr.sql.text = text;
    vec_push(&r->scratch, row, v);
}

/* ---- the operation's own ------------------------------------------------------------------------------- */

static bool own_row(struct row_reader *r, const struct row **ret, ATTR_UNUSED struct pos *ret_pos)
{
    *ret = r->at < r->op->rows.n ? r->op->rows.v[r->at++] : NULL;
    return true;
}

/* ---- opening ------------------------------------------------------------------------------------------- */

static const struct {
    const char *ending;
    bool (*begin)(struct row_reader *r);
    bool (*read)(struct row_reader *r, const struct row **ret, struct pos *ret_pos);
} formats[] = {
    {".csv", csv_header, csv_row},
    {".json", NULL, json_row},
    {".jsonl", NULL, json_row},
    {".ndjson", NULL, json_row},
};

bool rows_know_format(struct ctx *ctx, const char *path)
{
    const char *lower = str_lower(&ctx->arena, path);

    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_ends(lower, formats[i].ending))
            return true;
    fail(ctx, STATUS_CONFIG, "unknown row file format '%s'", path);
    return fail_hint(ctx, "Use a .csv, .json, .jsonl or .ndjson file.");
}

static void skip_byte_order_mark(struct row_reader *r)
{
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    unsigned char begin[3];

    if (fread(begin, 1, 3, r->file) != 3 || memcmp(begin, mark, 3) != 0)
        rewind(r->file);
}

static bool open_file(struct row_reader *r)
{
    const char *lower = str_lower(&r->ctx->arena, r->path);
    size_t i = 0;
    int fd;

    if (!rows_know_format(r->ctx, r->path))
        return false;
    while (!str_ends(lower, formats[i].ending))
        i++;
    if (!fs_open(r->ctx, "rows", r->path, &fd))
        return false;
    r->file = fdopen(fd, "r");
    if (!r->file) {
        close(fd);
        return fail(r->ctx, STATUS_CONFIG, "cannot read rows '%s': %s", r->path, strerror(errno));
    }
    skip_byte_order_mark(r);
    r->read = formats[i].read;
    return !formats[i].begin || formats[i].begin(r);
}

bool rows_open(struct ctx *ctx, const struct op_bulk_insert *o, const char *path, struct row_reader **ret)
{
    struct row_reader *r = ctx_new(ctx, struct row_reader);

    *r = (struct row_reader){.ctx = ctx, .op = o, .path = path, .line = 1, .read = own_row};
    if (path && !open_file(r)) {
        rows_close(&r);
        return false;
    }
    *ret = r;
    return true;
}

bool rows_next(struct row_reader *r, const struct row **ret, struct pos *ret_pos)
{
    if (r->scratch.used > SCRATCH_LIMIT)
        arena_finish(&r->scratch);
    *ret_pos = (struct pos){0};
    if (!r->read(r, ret, ret_pos))
        return false;
    if (!*ret && r->file && ferror(r->file))
        return fail(r->ctx, STATUS_FAILED, "cannot read rows '%s': %s", r->path, strerror(errno));
    return true;
}

void rows_close(struct row_reader **r)
{
    if (!*r)
        return;
    if ((*r)->file)
        fclose((*r)->file);
    arena_finish(&(*r)->scratch);
    *r = NULL;
}
