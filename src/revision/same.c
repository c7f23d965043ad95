/*
 * Whether two texts of a revision do the same.
 *
 * Line ends, a byte order mark, comments and the end of the file make no difference: git, an editor or a colleague may
 * have changed them since the revision was applied.
 */
#include "cmig/codec.h"
#include "cmig/revision.h"

static const char *skip_mark(const char *text)
{
    return str_starts(text, "\xef\xbb\xbf") ? text + 3 : text;
}

/* ---- SQL ------------------------------------------------------------------------------------------------ */

/* A line with only a comment, unless it is one of the file's keys or begins one of its parts. */
static bool is_remark(const char *line, size_t n)
{
    size_t i = strspn(line, " \t");
    if (i + 1 >= n || line[i] != '-' || line[i + 1] != '-')
        return false;
    i += 2 + strspn(line + i + 2, " \t");
    size_t word = strspn(line + i, "abcdefghijklmnopqrstuvwxyz_");
    bool is_part = strncmp(line + i, "upgrade", 7) == 0 || strncmp(line + i, "downgrade", 9) == 0;
    return !is_part && !(word && line[i + word] == ':');
}

static const char *plain_sql(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    for (const char *s = skip_mark(text); *s;) {
        size_t n = strcspn(s, "\n"), size = n;
        while (size && (s[size - 1] == '\r' || s[size - 1] == ' ' || s[size - 1] == '\t'))
            size--;
        if (!is_remark(s, size)) {
            str_addn(&out, s, size);
            str_addc(&out, '\n');
        }
        s += n + (s[n] == '\n');
    }
    return str_trim(&ctx->arena, str_get(&out));
}

/* ---- YAML ----------------------------------------------------------------------------------------------- */

/* What the text says, as JSON; NULL: it cannot be read. */
static const char *meaning(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    struct node *n;
    text = skip_mark(text);
    if (!yaml_parse(ctx, &ctx->arena, "revision", text, strlen(text), &n)) {
        err_clear(ctx);
        return NULL;
    }
    node_json(&out, n, false);
    return str_get(&out);
}

bool revision_text_same(struct ctx *ctx, const char *path, const char *a, const char *b)
{
    if (str_ends(path, ".sql"))
        return str_eq(plain_sql(ctx, a), plain_sql(ctx, b));
    const char *one = meaning(ctx, a), *other = meaning(ctx, b);
    return one && other ? str_eq(one, other) : str_eq(a, b);
}
