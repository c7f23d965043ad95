/*
 * Reads the assignments of an Alembic revision file.
 *
 * Statements that begin at the first column are read; strings and brackets are skipped as a whole. If one
 * assigns to one of four names, its literal is read; the rest of Python is ignored.
 */
#include "alembic.h"

struct python {
    struct arena *arena;
    const char *s;
};

/* ---- moving on ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Blanks and continued lines; in brackets also ends of lines and comments. */
static void skip_blanks(struct python *p, bool in_brackets)
{
    for (;;) {
        if (*p->s == ' ' || *p->s == '\t' || *p->s == '\r' || *p->s == '\f' || (in_brackets && *p->s == '\n'))
            p->s++;
        else if (p->s[0] == '\\' && p->s[1] == '\n')
            p->s += 2;
        else if (p->s[0] == '\\' && p->s[1] == '\r' && p->s[2] == '\n')
            p->s += 3;
        else if (in_brackets && *p->s == '#')
            p->s += strcspn(p->s, "\n");
        else
            return;
    }
}

/* How many quotes open the string here, its prefix aside; 0: none does. */
static size_t opening(const char *s, size_t *ret_prefix)
{
    size_t n = strspn(s, "rRbBuUfF");

    *ret_prefix = n;
    if (n > 2 || (s[n] != '"' && s[n] != '\''))
        return 0;
    return s[n + 1] == s[n] && s[n + 2] == s[n] ? 3 : 1;
}

static bool closes(const char *s, char quote, size_t quotes)
{
    return s[0] == quote && (quotes == 1 || (s[1] == quote && s[2] == quote));
}

static void add_code(struct str *out, unsigned code)
{
    if (code < 0x80) {
        str_addc(out, (char)code);
    } else if (code < 0x800) {
        str_addc(out, (char)(0xc0 | code >> 6));
        str_addc(out, (char)(0x80 | (code & 0x3f)));
    } else {
        str_addc(out, (char)(0xe0 | code >> 12));
        str_addc(out, (char)(0x80 | (code >> 6 & 0x3f)));
        str_addc(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* \xhh or \uhhhh with its letter at s; how many bytes it has, 0: it is something else. */
static size_t add_coded(struct str *out, const char *s)
{
    size_t digits = *s == 'x' ? 2 : *s == 'u' ? 4 : 0;
    unsigned code = 0;

    if (!digits || strspn(s + 1, "0123456789abcdefABCDEF") < digits)
        return 0;
    for (size_t i = 1; i <= digits; i++)
        code = code * 16 + (unsigned)(s[i] <= '9' ? s[i] - '0' : (s[i] | 0x20) - 'a' + 10);
    if (!code || (code >= 0xd800 && code < 0xe000))
        return 0;
    add_code(out, code);
    return digits + 1;
}

/* The escape after a backslash; an unknown one is kept with its backslash, as in Python. */
static const char *add_escape(struct str *out, const char *s)
{
    static const char letters[] = "\\'\"nrt", meanings[] = "\\'\"\n\r\t";
    const char *found = *s ? strchr(letters, *s) : NULL;
    size_t n;

    if (*s == '\n')
        return s + 1;
    if (found) {
        str_addc(out, meanings[found - letters]);
        return s + 1;
    }
    n = add_coded(out, s);
    if (n)
        return s + n;
    str_addc(out, '\\');
    return s;
}

/* Reads the string that begins here; false when none does, or it never ends, or it is an f-string, which is no
 * literal. Without `out` it is only skipped. */
static bool read_string(struct python *p, struct str *out)
{
    size_t prefix, quotes = opening(p->s, &prefix);
    bool raw = memchr(p->s, 'r', prefix) || memchr(p->s, 'R', prefix);
    bool formatted = memchr(p->s, 'f', prefix) || memchr(p->s, 'F', prefix);
    const char *s = p->s + prefix + quotes;
    char quote = p->s[prefix];

    if (!quotes || (out && formatted))
        return false;
    while (*s && !closes(s, quote, quotes)) {
        if (quotes == 1 && *s == '\n')
            return false;
        if (*s == '\\' && s[1] && (raw || !out)) {
            if (out)
                str_addn(out, s, 2);
            s += 2;
        } else if (*s == '\\') {
            s = add_escape(out, s + 1);
        } else {
            if (out && *s != '\r')
                str_addc(out, *s);
            s++;
        }
    }
    if (!*s)
        return false;
    p->s = s + quotes;
    return true;
}

/* The position after the end of the statement, past strings, brackets and continued lines. */
static void skip_statement(struct python *p)
{
    size_t depth = 0, prefix;

    while (*p->s && !(*p->s == '\n' && depth == 0)) {
        if (*p->s == '#') {
            p->s += strcspn(p->s, "\n");
        } else if (*p->s == '\\' && p->s[1]) {
            p->s += 2;
        } else if (opening(p->s, &prefix) && prefix == 0) {
            if (!read_string(p, NULL))
                p->s++;
        } else {
            depth += strchr("([{", *p->s) != NULL;
            depth -= depth && strchr(")]}", *p->s);
            p->s++;
        }
    }
    if (*p->s)
        p->s++;
}

/* ---- literals ---- */

/* Adjacent strings are concatenated. */
static bool read_joined(struct python *p, bool in_brackets, const char **ret)
{
    struct str out = {.arena = p->arena};
    size_t prefix;

    do {
        if (!read_string(p, &out))
            return false;
        skip_blanks(p, in_brackets);
    } while (opening(p->s, &prefix));
    *ret = str_get(&out);
    return true;
}

static bool read_none(struct python *p)
{
    static const char *const names[] = {"None", "null"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts(p->s, names[i]) && !is_word(p->s[4])) {
            p->s += 4;
            return true;
        }
    return false;
}

/* What brackets hold is one list, however deep: Alembic takes a tuple, a list or a set. */
static bool read_literal(struct python *p, struct strings *ret)
{
    size_t depth = 0, prefix;
    const char *text;

    do {
        skip_blanks(p, depth > 0);
        if (*p->s && strchr("([{", *p->s)) {
            depth++;
            p->s++;
        } else if (depth && *p->s && strchr(")]}", *p->s)) {
            depth--;
            p->s++;
        } else if (depth && *p->s == ',') {
            p->s++;
        } else if (opening(p->s, &prefix)) {
            if (!read_joined(p, depth > 0, &text))
                return false;
            vec_push(p->arena, ret, text);
        } else if (!read_none(p)) {
            return false;
        }
    } while (depth);
    skip_blanks(p, false);
    return !*p->s || strchr("\n#;", *p->s);
}

bool python_strings(struct arena *a, const char *text, struct strings *ret)
{
    struct python p = {.arena = a, .s = text};

    *ret = (struct strings){0};
    return read_literal(&p, ret);
}

/* ---- the file ---- */

struct module {
    struct ctx *ctx;
    const char *path, *text;
    struct python p;
    struct revision *r;
    struct strings id;
    bool has_id;
};

static struct pos pos_of(const struct module *m, const char *at)
{
    struct pos pos = {.file = m->path, .line = 1, .column = 1};

    for (const char *s = m->text; s < at; s++) {
        pos.column++;
        if (*s == '\n') {
            pos.line++;
            pos.column = 1;
        }
    }
    return pos;
}

/* After the `=` of an assignment to the name that was read, past its annotation. */
static bool find_value(struct python *p)
{
    size_t depth = 0;

    skip_blanks(p, false);
    if (*p->s == ':') {
        while (*p->s && !(depth == 0 && (*p->s == '=' || *p->s == '\n' || *p->s == '#'))) {
            if ((*p->s == '"' || *p->s == '\'') && read_string(p, NULL))
                continue;
            depth += strchr("([{", *p->s) != NULL;
            depth -= depth && strchr(")]}", *p->s);
            p->s++;
        }
    }
    if (p->s[0] != '=' || p->s[1] == '=')
        return false;
    p->s++;
    return true;
}

struct assigned {
    const char *name;
    size_t list; /* in struct revision; SIZE_MAX: the id */
    size_t pos;  /* likewise; SIZE_MAX: nobody asks */
};
static const struct assigned assigned[] = {
    {"revision", SIZE_MAX, offsetof(struct revision, pos)},
    {"down_revision", offsetof(struct revision, down), offsetof(struct revision, down_pos)},
    {"branch_labels", offsetof(struct revision, labels), SIZE_MAX},
    {"depends_on", offsetof(struct revision, depends_on), offsetof(struct revision, depends_pos)},
};

static struct strings *list_of(struct module *m, const struct assigned *a)
{
    return a->list == SIZE_MAX ? &m->id : (void *)((char *)m->r + a->list);
}

/* None to Alembic, which tests whether there is anything. */
static struct strings without_empty(struct module *m, const struct strings *list)
{
    struct strings kept = {0};

    vec_each(i, list)
        if (*list->v[i])
            vec_push(m->p.arena, &kept, list->v[i]);
    return kept;
}

static bool read_assigned(struct module *m, const bool *targets, const char *at)
{
    struct strings value = {0};
    bool ok = read_literal(&m->p, &value);

    for (size_t i = 0; i < COUNT_OF(assigned); i++) {
        const struct assigned *a = &assigned[i];

        if (!targets[i])
            continue;
        if (!ok || (a->list == SIZE_MAX && value.n != 1)) {
            fail_at(m->ctx, STATUS_CONFIG, pos_of(m, at), "cannot read the value of '%s'", a->name);
            return fail_hint(
                m->ctx, "Write a string, a tuple or list of strings, or None: cmig never runs Python.");
        }
        *list_of(m, a) = a->list == SIZE_MAX ? value : without_empty(m, &value);
        if (a->pos != SIZE_MAX)
            *(struct pos *)(void *)((char *)m->r + a->pos) = pos_of(m, at);
    }
    return true;
}

/* Moves past a name and the `=` after it; false when the statement is no such assignment. */
static bool read_target(struct python *p, bool *targets)
{
    const char *begin = p->s;
    size_t n = 0;

    while (is_word(begin[n]))
        n++;
    p->s += n;
    if (!n || !find_value(p)) {
        p->s = begin;
        return false;
    }
    skip_blanks(p, false);
    for (size_t i = 0; i < COUNT_OF(assigned); i++)
        if (strlen(assigned[i].name) == n && memcmp(assigned[i].name, begin, n) == 0)
            targets[i] = true;
    return true;
}

/* a = b = value gives both the value. */
static bool read_statement(struct module *m)
{
    const char *begin = m->p.s;
    bool targets[COUNT_OF(assigned)] = {0}, any = false;

    while (read_target(&m->p, targets))
        ;
    for (size_t i = 0; i < COUNT_OF(assigned); i++)
        any = any || targets[i];
    if (any && !read_assigned(m, targets, begin))
        return false;
    skip_statement(&m->p);
    return true;
}

/* Its first paragraph, which is what Alembic shows. */
static const char *first_paragraph(struct arena *a, const char *text)
{
    const char *trimmed = str_trim(a, text), *end = strstr(trimmed, "\n\n");

    return end ? str_trim(a, arena_strndup(a, trimmed, (size_t)(end - trimmed))) : trimmed;
}

/* A string that is the first statement. */
static void read_docstring(struct module *m)
{
    const char *text;

    skip_blanks(&m->p, true);
    m->r->message = "";
    if (read_joined(&m->p, false, &text))
        m->r->message = first_paragraph(m->p.arena, text);
    skip_statement(&m->p);
}

bool python_revision(struct ctx *ctx, const char *path, const char *text, struct revision *ret)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct module m = {.ctx = ctx, .path = path, .text = text, .r = ret};
    size_t prefix;

    m.p = (struct python){.arena = &ctx->arena, .s = str_starts(text, bom) ? text + 3 : text};
    *ret = (struct revision){.path = path, .message = "", .pos = {.file = path}};
    skip_blanks(&m.p, true);
    if (opening(m.p.s, &prefix))
        read_docstring(&m);
    while (*m.p.s)
        if (!read_statement(&m))
            return false;
    if (!m.id.n) {
        fail_at(ctx, STATUS_CONFIG, (struct pos){.file = path}, "no revision is assigned");
        return fail_hint(ctx,
            "Alembic reads every .py file in this directory as a revision, which needs 'revision = \"…\"'.");
    }
    ret->id = m.id.v[0];
    return true;
}
