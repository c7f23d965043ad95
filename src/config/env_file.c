/*
 * Reads `.env`.
 *
 * A line is KEY=VALUE, perhaps after `export`: the syntax that dotenv files and shells share. Nothing in it is run
 * or expanded.
 */
#include "config.h"

#include <stdlib.h>

struct env_reader {
    struct variables *v;
    const char *file;
    const char *at;
    unsigned line;
};

const char *variable_get(const struct variables *v, const char *name)
{
    const char *value = getenv(name);

    return value ? value : map_get(&v->env_file, name);
}

static bool fail_line(const struct env_reader *r, unsigned line, const char *what)
{
    fail_at(r->v->ctx, STATUS_CONFIG, (struct pos){r->file, line, 0}, "%s", what);
    return fail_hint(r->v->ctx, "Write KEY=VALUE on each line, or use --no-env-file to ignore the file.");
}

static bool is_name_char(char c, bool first)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && c >= '0' && c <= '9');
}

static void skip_blanks(struct env_reader *r)
{
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
}

static void skip_line(struct env_reader *r)
{
    r->at += strcspn(r->at, "\n");
    if (*r->at) {
        r->at++;
        r->line++;
    }
}

static bool read_name(struct env_reader *r, char **ret_name)
{
    size_t n = 0;

    if (strncmp(r->at, "export", 6) == 0 && (r->at[6] == ' ' || r->at[6] == '\t')) {
        r->at += 6;
        skip_blanks(r);
    }
    while (is_name_char(r->at[n], n == 0))
        n++;
    if (n == 0)
        return fail_line(r, r->line, "no variable name at the start of the line");
    *ret_name = arena_strndup(&r->v->ctx->arena, r->at, n);
    r->at += n;
    skip_blanks(r);
    if (*r->at != '=')
        return fail_line(r, r->line, ctx_printf(r->v->ctx, "no '=' after '%s'", *ret_name));
    r->at++;
    skip_blanks(r);
    return true;
}

static char unescape(char c)
{
    static const char names[] = "n\nr\rt\t";
    const char *name = c ? strchr(names, c) : NULL;

    return name && (name - names) % 2 == 0 ? name[1] : c;
}

/* In quotes, perhaps over several lines. Double ones know the escapes \n \r \t and \ before anything else. */
static bool read_quoted(struct env_reader *r, struct str *value)
{
    char quote = *r->at++;
    unsigned line = r->line;

    for (; *r->at && *r->at != quote; r->at++) {
        r->line += *r->at == '\n';
        if (quote == '"' && *r->at == '\\' && r->at[1]) {
            r->at++;
            str_addc(value, unescape(*r->at));
        } else if (*r->at != '\r' || r->at[1] != '\n') {
            str_addc(value, *r->at);
        }
    }
    if (!*r->at)
        return fail_line(r, line, "the quote is never closed");
    r->at++;
    skip_blanks(r);
    if (*r->at && !strchr("#\r\n", *r->at))
        return fail_line(r, r->line, "text after the closing quote");
    return true;
}

/* Until the end of the line or a comment; without the blanks at its end. */
static void read_plain(struct env_reader *r, struct str *value)
{
    const char *s = r->at;
    size_t n = 0;

    while (s[n] && s[n] != '\n' && !(s[n] == '#' && (n == 0 || s[n - 1] == ' ' || s[n - 1] == '\t')))
        n++;
    while (n && strchr(" \t\r", s[n - 1]))
        n--;
    str_addn(value, s, n);
}

static bool read_line(struct env_reader *r)
{
    struct str value = STR(r->v->ctx);
    char *name;

    skip_blanks(r);
    if (!*r->at || strchr("#\r\n", *r->at)) {
        skip_line(r);
        return true;
    }
    if (!read_name(r, &name))
        return false;
    if (*r->at == '"' || *r->at == '\'') {
        if (!read_quoted(r, &value))
            return false;
    } else {
        read_plain(r, &value);
    }
    skip_line(r);
    map_set(&r->v->env_file, name, ctx_strdup(r->v->ctx, str_get(&value)));
    if (str_starts(
            name, "PG")) /* for libpq, which reads the environment itself; never overrides what is set */
        setenv(name, str_get(&value), 0);
    return true;
}

bool env_file_read(struct variables *v)
{
    struct env_reader r = {.v = v, .file = fs_join(&v->ctx->arena, v->folder, ".env"), .line = 1};
    char *text;
    size_t size;

    if (!fs_exists(r.file) || fs_is_dir(r.file))
        return true;
    if (!fs_read(v->ctx, &v->ctx->arena, "environment file", r.file, FS_TEXT_LIMIT, &text, &size))
        return false;
    r.at = text;
    while (*r.at)
        if (!read_line(&r))
            return false;
    return true;
}
