/*
 * Gives a revision file other parents.
 *
 * Only the value of `down_revision` changes in the text, so that comments and the form of the file stay. What comes out is
 * read again: a form that is not understood here is an error, never a damaged file.
 */
#include "document.h"

#define BLANKS " \t"

/* The value of the key in a text. */
struct place {
    const char *begin, *end;
    bool is_missing; /* the key is to be inserted at `begin` */
};

static const char *line_end(const char *s)
{
    return s + strcspn(s, "\n");
}

static const char *next_line(const char *s)
{
    s = line_end(s);
    return s + (*s == '\n');
}

/* The text after "key:", if the line begins with it; an .sql file has it in a comment. */
static const char *after_key(const char *line, const char *key, bool is_sql)
{
    if (is_sql) {
        if (!str_starts(line, "--"))
            return NULL;
        line += 2 + strspn(line + 2, BLANKS);
    }
    if (!str_starts(line, key))
        return NULL;
    line += strlen(key) + strspn(line + strlen(key), BLANKS);
    return *line == ':' && strchr(" \t\r\n", line[1]) ? line + 1 : NULL;
}

static const char *find_key(const char *text, const char *key, bool is_sql)
{
    const char *found = NULL;

    for (const char *line = text; *line && !found; line = next_line(line))
        found = after_key(line, key, is_sql);
    return found;
}

static const char *quoted_end(const char *s)
{
    const char quote = *s++;

    while (*s && *s != quote)
        s += quote == '"' && *s == '\\' && s[1] ? 2 : 1;
    return s + (*s == quote);
}

static const char *list_end(const char *s)
{
    while (*s && *s != ']')
        s = *s == '"' || *s == '\'' ? quoted_end(s) : *s == '#' ? line_end(s) : s + 1;
    return s + (*s == ']');
}

/* Up to a comment or the end of the line. */
static const char *word_end(const char *s)
{
    const char *end = s;

    for (; *s && *s != '\n' && *s != '\r' && !(*s == '#' && end < s); s++)
        if (*s != ' ' && *s != '\t')
            end = s + 1;
    return end;
}

static bool is_item(const char *line)
{
    line += strspn(line, BLANKS);
    return *line == '-' && strchr(" \t\r\n", line[1]);
}

/* A list of lines; those between its items are comments. */
static const char *items_end(const char *line)
{
    const char *end = line;

    for (; *line; line = next_line(line)) {
        const char first = line[strspn(line, " \t\r")];

        if (is_item(line))
            end = next_line(line);
        else if (first != '#' && first != '\n')
            break;
    }
    return end;
}

static struct place find_value(const char *text, bool is_sql)
{
    const char *s = find_key(text, "down_revision", is_sql), *items;

    if (!s) {
        s = find_key(text, "revision", is_sql);
        s = s ? next_line(s) : text;
        return (struct place){s, s, true};
    }
    s += strspn(s, BLANKS);
    items = items_end(next_line(s));
    if (strchr("\r\n#", *s) && *s && items > next_line(s))
        return (struct place){s, items, false};
    return (struct place){s,
        *s == '['                 ? list_end(s)
        : *s == '"' || *s == '\'' ? quoted_end(s)
                                  : word_end(s),
        false};
}

/* "down_revision: [a, b]" as a line. */
static const char *key_line(struct ctx *ctx, const struct strings *parents)
{
    struct node *head = node_mapping(&ctx->arena);
    struct str out = STR(ctx);

    head->block = true;
    node_set(&ctx->arena, head, "down_revision", revision_names_node(&ctx->arena, parents));
    node_yaml(&out, head, 0);
    return str_trim(&ctx->arena, str_get(&out));
}

static const char *changed(struct ctx *ctx, const char *text, const struct strings *parents, bool is_sql)
{
    const struct place at = find_value(text, is_sql);
    const char *line = key_line(ctx, parents), *value = strchr(line, ':') + 2;
    const bool is_list = at.end > at.begin && at.end[-1] == '\n';
    struct str out = STR(ctx);

    str_addn(&out, text, (size_t)(at.begin - text));
    if (at.is_missing)
        str_addf(&out, "%s%s\n", is_sql ? "-- " : "", line);
    else
        str_addf(&out, "%s%s%s", at.begin[-1] == ':' ? " " : "", value, is_list ? "\n" : "");
    str_add(&out, at.end);
    return str_get(&out);
}

bool revision_reparent(
    struct ctx *ctx, const char *path, const char *text, const struct strings *parents, const char **ret)
{
    const char *result = changed(ctx, text, parents, str_ends(path, ".sql"));
    struct revision r = {0};

    if (revision_parse_head(ctx, path, result, strlen(result), &r) && strings_eq(&r.down, parents)) {
        *ret = result;
        return true;
    }
    err_clear(ctx);
    fail_at(ctx, STATUS_CONFIG, (struct pos){.file = path}, "cannot edit the key 'down_revision'");
    return fail_hint(ctx, "Write '%s' into the file.", key_line(ctx, parents));
}
