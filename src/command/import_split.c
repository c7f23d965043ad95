/*
 * Divides a file of another tool into its upgrade and its downgrade, by the tool's own lines.
 *
 * Such a line is a comment of its own: the marker follows the dashes. Lines for the tool's program become empty, so that
 * every statement keeps its line.
 */
#include "import.h"

struct line {
    const char *text; /* without its end */
    size_t size;
    unsigned number;
};

struct splitting {
    struct import *m;
    struct migration *g;
    const char *path;
    const char *next;
    struct line line;
    struct str text;                /* of the current section */
    struct import_section *section; /* NULL: before the first */
    bool has_up;
};

static bool next_line(struct splitting *s)
{
    const char *newline = strchr(s->next, '\n');
    const char *end = newline ? newline : s->next + strlen(s->next);

    if (!*s->next)
        return false;
    s->line.text = s->next;
    s->line.size = (size_t)(end - s->next);
    s->line.number++;
    s->next = newline ? newline + 1 : end;
    return true;
}

/* The words after the dashes; NULL: the line is not such a comment. */
static const char *comment_of(struct splitting *s)
{
    const char *text =
        str_trim(&s->m->ctx->arena, arena_strndup(&s->m->ctx->arena, s->line.text, s->line.size));

    if (!str_starts(text, "--"))
        return NULL;
    text += strspn(text, "-");
    return text + strspn(text, " \t");
}

/* Whether a comment begins with these words, in any case; *ret_rest is what follows them. */
static bool is_marker(const char *comment, const char *marker, const char **ret_rest)
{
    size_t n = marker ? strlen(marker) : 0;

    if (!comment || !n || strlen(comment) < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((comment[i] | 0x20) != (marker[i] | 0x20))
            return false;
    if (comment[n] && comment[n] != ' ' && comment[n] != '\t')
        return false;
    *ret_rest = comment + n + strspn(comment + n, " \t");
    return true;
}

/* ---- sections ---- */

static void end_section(struct splitting *s)
{
    struct import_section *section = s->section;

    if (!section)
        return;
    section->text = str_trim(&s->m->ctx->arena, str_get(&s->text));
    s->text = STR(s->m->ctx);
}

static bool begin_section(struct splitting *s, struct import_section *section)
{
    end_section(s);
    if (section->text || section == s->section)
        return fail_at(s->m->ctx, STATUS_CONFIG, (struct pos){s->path, s->line.number, 1},
            "duplicate line '%.*s'", (int)s->line.size, s->line.text);
    *section = (struct import_section){.pos = {.file = s->path}};
    s->section = section;
    return true;
}

static bool is_blank(const struct line *l)
{
    for (size_t i = 0; i < l->size; i++)
        if (l->text[i] != ' ' && l->text[i] != '\t' && l->text[i] != '\r')
            return false;
    return true;
}

static void add_line(struct splitting *s)
{
    if (!s->section || (!s->section->pos.line && is_blank(&s->line)))
        return;
    if (!s->section->pos.line) {
        const char *first = s->line.text + strspn(s->line.text, " \t");

        s->section->pos.line = s->line.number;
        s->section->pos.column = (unsigned)(first - s->line.text) + 1;
    }
    str_addn(&s->text, s->line.text, s->line.size);
    str_addc(&s->text, '\n');
}

/* ---- lines ---- */

static bool refuse_marker(struct splitting *s)
{
    fail_at(s->m->ctx, STATUS_CONFIG, (struct pos){s->path, s->line.number, 1},
        "%s would change the text after this line", s->m->tool->title);
    return fail_hint(s->m->ctx, "Write the values into the file, or variables such as ${x:name}.");
}

/* *ret_taken: it is a line of the tool's. */
static bool take_line(struct splitting *s, bool *ret_taken)
{
    const struct import_markers *marks = &s->m->tool->markers;
    const char *comment = comment_of(s), *rest = "";
    struct import_section *next = NULL;

    *ret_taken = true;
    if (is_marker(comment, marks->refused, &rest))
        return refuse_marker(s);
    if (is_marker(comment, marks->outside_line, &rest)) {
        s->g->outside = true;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(marks->dropped); i++)
        if (is_marker(comment, marks->dropped[i], &rest)) {
            s->line.size = 0;
            *ret_taken = false;
            return true;
        }
    if (is_marker(comment, marks->up, &rest))
        next = &s->g->up;
    else if (is_marker(comment, marks->down, &rest))
        next = &s->g->down;
    *ret_taken = next != NULL;
    if (!next)
        return true;
    s->has_up = s->has_up || next == &s->g->up;
    if (marks->outside_option && strstr(rest, marks->outside_option))
        s->g->outside = true;
    return begin_section(s, next);
}

static bool check_found(struct splitting *s)
{
    const char *up = s->m->tool->markers.up;

    if (s->has_up || !up)
        return true;
    fail_at(s->m->ctx, STATUS_CONFIG, (struct pos){.file = s->path}, "no line '-- %s'", up);
    return fail_hint(
        s->m->ctx, "%s needs it before the statements. --from names another tool.", s->m->tool->title);
}

/* ---- variables ---- */

static bool is_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') ||
                s[i] == '_' || s[i] == '.' || s[i] == '-'))
            return false;
    return n > 0;
}

static struct pos place_of(const struct import_section *section, const char *at)
{
    struct pos pos = section->pos;

    for (const char *s = section->text; s < at; s++) {
        pos.column++;
        if (*s == '\n') {
            pos.line++;
            pos.column = 1;
        }
    }
    return pos;
}

/* A placeholder becomes a variable of -x, ${flyway:user} one that is called flyway.user. */
static bool add_placeholder(
    struct import *m, const struct import_section *section, const char *at, size_t n, struct str *out)
{
    char *name = str_trim(&m->ctx->arena, arena_strndup(&m->ctx->arena, at + 2, n - 2));
    char *colon = str_starts(name, "flyway:") ? strchr(name, ':') : NULL;

    if (colon)
        *colon = '.';
    if (m->tool->opening[0] != '$' || !is_name(name, strlen(name))) {
        fail_at(m->ctx, STATUS_CONFIG, place_of(section, at), "cannot import the placeholder '%.*s%s'",
            (int)n, at, m->tool->closing);
        return fail_hint(m->ctx, "Write its value into the file, or a variable such as ${x:name}.");
    }
    str_addf(out, "${x:%s}", name);
    if (!strings_have(&m->placeholders, name))
        vec_add(m->ctx, &m->placeholders, name);
    return true;
}

/* "${x:" would be a variable of cmig. */
static bool convert_text(struct import *m, const struct migration *g, struct import_section *section)
{
    static const char variable[] = "${x:";
    const char *opening = g->is_literal ? NULL : m->tool->opening;
    struct str out = STR(m->ctx);

    for (const char *s = section->text; *s;) {
        const char *end = opening && str_starts(s, opening) ? strstr(s, m->tool->closing) : NULL;

        if (end) {
            if (!add_placeholder(m, section, s, (size_t)(end - s), &out))
                return false;
            s = end + strlen(m->tool->closing);
        } else {
            if (str_starts(s, variable))
                str_addc(&out, '$');
            str_addc(&out, *s++);
        }
    }
    section->text = str_get(&out);
    return true;
}

bool import_split(struct import *m, struct migration *g, const char *path, const char *text, bool is_down)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct splitting s = {.m = m, .g = g, .path = path, .text = STR(m->ctx)};
    const bool has_marks = m->tool->markers.up && *m->tool->markers.up && !is_down;

    s.next = str_starts(text, bom) ? text + strlen(bom) : text;
    if (!has_marks && !begin_section(&s, is_down ? &g->down : &g->up))
        return false;
    s.has_up = !has_marks;
    while (next_line(&s)) {
        bool taken;

        if (!take_line(&s, &taken))
            return false;
        if (!taken)
            add_line(&s);
    }
    end_section(&s);
    if (!check_found(&s))
        return false;
    /* The other section may be of another file, and is converted already. */
    return (is_down || convert_text(m, g, &g->up)) &&
           (!g->down.text || g->down.pos.file != path || convert_text(m, g, &g->down));
}
