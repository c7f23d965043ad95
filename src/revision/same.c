/*
 * Whether two texts of a revision do the same.
 *
 * Line ends, a byte order mark, comments, the layout, the order of a record's keys and the end of the file make no
 * difference: git, an editor, `cmig fmt` or a colleague may have changed them since the revision was applied.
 */
#include "document.h"

#include "cmig/codec.h"

/* Keys before the operations that change what these do. */
static const char *const own_keys[] = {"transaction", "only"};

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
    if (n)
        record_arrange(&revision_record, n);
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

/* ---- operations alone ----------------------------------------------------------------------------------- */

static void add_key(struct str *out, const struct node *head, const char *key)
{
    const struct node *value = node_get(head, key);
    if (value)
        node_json(out, value, false);
    str_addc(out, '\n');
}

static const char *yaml_operations(struct ctx *ctx, const char *path, const char *text, bool with_downgrade)
{
    struct str out = STR(ctx);
    struct node *n;
    if (!yaml_parse(ctx, &ctx->arena, path, skip_mark(text), strlen(skip_mark(text)), &n) ||
        n->kind != NODE_MAPPING) {
        err_clear(ctx);
        return NULL;
    }
    record_arrange(&revision_record, n);
    for (size_t i = 0; i < COUNT_OF(own_keys); i++)
        add_key(&out, n, own_keys[i]);
    add_key(&out, n, "upgrade");
    if (with_downgrade)
        add_key(&out, n, "downgrade");
    return str_get(&out);
}

static void add_section(struct ctx *ctx, struct str *out, const struct sql_section *s)
{
    if (s->found)
        str_addf(out, "+%s", plain_sql(ctx, arena_strndup(&ctx->arena, s->text, s->size)));
    str_addc(out, '\n');
}

static const char *sql_operations(struct ctx *ctx, const char *path, const char *text, bool with_downgrade)
{
    struct str out = STR(ctx);
    struct sql_sections sections;
    struct node *head;
    if (!sql_head(ctx, &ctx->arena, path, text, strlen(text), &head) ||
        !sql_split(ctx, path, text, strlen(text), &sections)) {
        err_clear(ctx);
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(own_keys); i++)
        add_key(&out, head, own_keys[i]);
    add_section(ctx, &out, &sections.upgrade);
    if (with_downgrade)
        add_section(ctx, &out, &sections.downgrade);
    return str_get(&out);
}

static bool same_operations(struct ctx *ctx, const char *path_a, const char *a, const char *path_b,
    const char *b, bool with_downgrade)
{
    bool is_sql = str_ends(path_a, ".sql");
    const char *one, *other;
    if (is_sql != str_ends(path_b, ".sql"))
        return false;
    one = (is_sql ? sql_operations : yaml_operations)(ctx, path_a, a, with_downgrade);
    other = (is_sql ? sql_operations : yaml_operations)(ctx, path_b, b, with_downgrade);
    return one && other && str_eq(one, other);
}

bool revision_operations_same(
    struct ctx *ctx, const char *path_a, const char *a, const char *path_b, const char *b)
{
    return same_operations(ctx, path_a, a, path_b, b, true);
}

bool revision_upgrades_same(
    struct ctx *ctx, const char *path_a, const char *a, const char *path_b, const char *b)
{
    return same_operations(ctx, path_a, a, path_b, b, false);
}
