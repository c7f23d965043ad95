/* Reads the SQL files that models name. */
#include "schema/sql_file.h"

#include "schema/records.h"

/* ---- places ----------------------------------------------------------------------------------------------- */

struct pos sql_file_pos(
    const struct dtext *paths, const struct dtext *sql, const char *dialect, size_t at, struct pos otherwise)
{
    const char *path = dtext_for(paths, dialect), *text = dtext_for(sql, dialect);
    struct pos pos = {path, 1, 1};

    if (!path || !text)
        return otherwise;
    for (size_t i = 0; i < at && text[i]; i++) {
        pos.line += text[i] == '\n';
        pos.column = text[i] == '\n' ? 1 : pos.column + (((unsigned char)text[i] & 0xC0) != 0x80);
    }
    return pos;
}

/* ---- reading ---------------------------------------------------------------------------------------------- */

static const char *with_unix_lines(struct ctx *ctx, const char *text, size_t size)
{
    char *out = arena_alloc(&ctx->arena, size + 1);
    size_t n = 0;

    if (str_starts(text, "\xEF\xBB\xBF"))
        text += 3;
    for (const char *s = text; *s; s++)
        if (*s != '\r' || s[1] != '\n')
            out[n++] = *s;
    out[n] = '\0';
    return out;
}

/* `file` may be NULL: nothing for the dialect. */
static bool read_one(
    struct ctx *ctx, const struct sql_file *f, const char *file, const char **ret_text, const char **ret_path)
{
    char *text, *path;
    size_t size;

    *ret_text = *ret_path = NULL;
    if (!file)
        return true;
    path = fs_join(&ctx->arena, fs_dirname(&ctx->arena, f->pos.file), file);
    if (!fs_read(ctx, &ctx->arena, "SQL", path, FS_TEXT_LIMIT, &text, &size)) {
        fail_in(ctx, "%s%s", pos_text(&ctx->arena, f->pos), f->what);
        return fail_hint(
            ctx, "Set 'file' to the path of a file with SQL, relative to the model's directory.");
    }
    *ret_text = with_unix_lines(ctx, text, size);
    *ret_path = path;
    if (*sql_skip_space(*ret_text, SQL_ANY))
        return true;
    fail_at(ctx, STATUS_CONFIG, (struct pos){path, 1, 1}, "the file contains no SQL for %s", f->what);
    fail_detail(ctx, "%sthe file is named here", pos_text(&ctx->arena, f->pos));
    return fail_hint(ctx, "Write the SQL into it, or remove %s from the model.", f->what);
}

static size_t count(const struct dtext_by *by)
{
    size_t n = 0;

    while (by && by[n].dialect)
        n++;
    return n;
}

bool sql_file_read(struct ctx *ctx, const struct sql_file *f, struct dtext *ret_sql, struct dtext *ret_paths)
{
    size_t n = count(f->file.by);
    struct dtext sql = {0}, paths = {0};
    struct dtext_by *texts = arena_alloc(&ctx->arena, (n + 1) * sizeof(*texts)),
                    *files = arena_alloc(&ctx->arena, (n + 1) * sizeof(*files));

    if (!read_one(ctx, f, f->file.text, &sql.text, &paths.text))
        return false;
    for (size_t i = 0; i < n; i++) {
        texts[i].dialect = files[i].dialect = f->file.by[i].dialect;
        if (!read_one(ctx, f, f->file.by[i].text, &texts[i].text, &files[i].text))
            return false;
    }
    sql.by = n ? texts : NULL;
    paths.by = n ? files : NULL;
    *ret_sql = sql;
    *ret_paths = paths;
    return true;
}

/* ---- queries ---------------------------------------------------------------------------------------------- */

/* The start of any SQL after the first statement; NULL: there is none. */
static const char *find_more(const char *sql)
{
    struct sql_piece p;

    for (; (p = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql += p.n)
        if (*p.s == ';' && p.kind == SQL_OTHER) {
            const char *rest = sql_skip_space(sql + 1, SQL_ANY);

            if (*rest && *rest != ';')
                return rest;
        }
    return NULL;
}

static bool fail_query(struct ctx *ctx, const struct sql_file *f, const char *text, const char *path,
    const char *at, const char *problem)
{
    const struct dtext one = {.text = text}, one_path = {.text = path};

    fail_at(ctx, STATUS_CONFIG, sql_file_pos(&one_path, &one, "", (size_t)(at - text), f->pos), "%s: %s",
        f->what, problem);
    fail_detail(ctx, "%sits file is named here", pos_text(&ctx->arena, f->pos));
    return fail_hint(
        ctx, "Put only the query into the file, without the words before it and without other statements.");
}

static bool take_query(struct ctx *ctx, const struct sql_file *f, const char *path, const char **text)
{
    const char *start, *more;

    if (!*text)
        return true;
    start = sql_skip_space(*text, SQL_ANY);
    const struct sql_piece first = sql_piece(start, SQL_ANY);
    if (sql_piece_is(&first, "create"))
        return fail_query(ctx, f, *text, path, start, "its file begins with CREATE");
    if ((more = find_more(*text)))
        return fail_query(ctx, f, *text, path, more, "its query is followed by more SQL");
    return query_trim(&ctx->arena, text);
}

bool sql_file_read_query(
    struct ctx *ctx, const struct sql_file *f, struct dtext *ret_sql, struct dtext *ret_paths)
{
    struct dtext sql, paths;
    size_t n;

    if (!sql_file_read(ctx, f, &sql, &paths) || !take_query(ctx, f, paths.text, &sql.text))
        return false;
    n = count(sql.by);
    struct dtext_by *by = arena_alloc(&ctx->arena, (n + 1) * sizeof(*by));
    for (size_t i = 0; i < n; i++) {
        by[i] = sql.by[i];
        if (!take_query(ctx, f, paths.by[i].text, &by[i].text))
            return false;
    }
    sql.by = n ? by : NULL;
    *ret_sql = sql;
    *ret_paths = paths;
    return true;
}
