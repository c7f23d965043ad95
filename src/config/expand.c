/*
 * Expands ${…} in values.
 *
 * ${VAR} ${VAR:-default} ${VAR:?message} as in a shell, ${file:PATH} for secrets that are mounted as files,
 * ${x:key} for -x key=value. A default may hold ${…} itself. "$${" is a literal "${".
 */
#include "config.h"

/* A text that is being expanded. */
struct expansion {
    struct variables *v;
    const struct node *node;
    const char *text; /* the node's */
    bool only_x;      /* ${x:key}, and nothing else that looks alike */
};

static bool expand_text(struct expansion *e, const char *s, size_t n, struct str *out);

/* Exact in plain and quoted texts of one line; in others, the text's begin. */
static struct pos place_of(const struct expansion *e, const char *at)
{
    struct pos pos = node_pos(e->node);
    struct arena a = {0};

    if (memchr(e->text, '\n', e->node->n) || !pos.column)
        return pos;
    pos.column += e->node->quoted + (unsigned)str_width(arena_strndup(&a, e->text, (size_t)(at - e->text)));
    arena_finish(&a);
    return pos;
}

/* The } that closes the ${ at s, over others inside; NULL: none. */
static const char *find_close(const char *s, const char *end)
{
    size_t depth = 0;

    for (; s < end; s++) {
        if (s + 1 < end && s[0] == '$' && s[1] == '{')
            depth++;
        else if (*s == '}' && --depth == 0)
            return s;
    }
    return NULL;
}

static bool expand_file(struct expansion *e, const char *at, const char *s, size_t n, struct str *out)
{
    struct ctx *ctx = e->v->ctx;
    const char *path = fs_join(&ctx->arena, e->v->folder, arena_strndup(&ctx->arena, s, n));
    char *text;
    size_t size;

    if (!fs_read(ctx, &ctx->arena, "file", path, FS_TEXT_LIMIT, &text, &size)) {
        ctx->err.status = STATUS_CONFIG;
        return fail_in(
            ctx, "%scannot expand ${file:%.*s}", pos_text(&ctx->arena, place_of(e, at)), (int)n, s);
    }
    while (size && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    str_addn(out, text, size);
    return true;
}

/* The value of the last -x key=…, or NULL. */
static const char *x_value(const struct variables *v, const char *key)
{
    size_t n = strlen(key);
    const char *found = NULL;

    for (size_t i = 0; v->x && i < v->x->n; i++)
        if (strncmp(v->x->v[i], key, n) == 0 && v->x->v[i][n] == '=')
            found = v->x->v[i] + n + 1;
    return found;
}

static bool fail_unset(struct expansion *e, const char *at, bool x, const char *name)
{
    struct ctx *ctx = e->v->ctx;

    if (x) {
        fail_at(ctx, STATUS_CONFIG, place_of(e, at), "no '-x %s=...' was given", name);
        return fail_hint(ctx, "Give it, or a default: ${x:%s:-default}.", name);
    }
    fail_at(ctx, STATUS_CONFIG, place_of(e, at), "variable '%s' is not set", name);
    return fail_hint(ctx, "Set it, or give a default: ${%s:-default}.", name);
}

/* Shows the name only: what follows may be a default with a password in it. */
static bool fail_form(struct expansion *e, const char *at, size_t name)
{
    struct ctx *ctx = e->v->ctx;

    fail_at(ctx, STATUS_CONFIG, place_of(e, at), "unknown form '%.*s...}'", (int)name, at);
    return fail_hint(ctx, "Use ${VAR}, ${VAR:-default}, ${VAR:?message}, ${file:PATH} or ${x:key}; write a "
                          "literal '${' as '$${'.");
}

/* A variable's name; the key of an -x may hold dashes and dots, too. */
static size_t name_size(const char *s, const char *end, bool x)
{
    const char *p = s;

    while (p < end && (*p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                          ((x || p > s) && *p >= '0' && *p <= '9') || (x && (*p == '-' || *p == '.'))))
        p++;
    return (size_t)(p - s);
}

/* VAR, VAR:-default or VAR:?message, between `s` and `end`; the ${ is at `at`. */
static bool expand_variable(
    struct expansion *e, const char *at, const char *s, const char *end, bool x, struct str *out)
{
    struct ctx *ctx = e->v->ctx;
    size_t n = name_size(s, end, x);
    const char *name = arena_strndup(&ctx->arena, s, n), *rest = s + n, *value;
    char form = rest + 1 < end && rest[0] == ':' ? rest[1] : '\0';

    if (!n || (rest < end && form != '-' && form != '?'))
        return fail_form(e, at, (size_t)(rest - at));
    value = x ? x_value(e->v, name) : variable_get(e->v, name);
    if (value && (*value || !form)) {
        str_add(out, value);
        return true;
    }
    if (form == '-')
        return expand_text(e, rest + 2, (size_t)(end - rest - 2), out);
    if (form == '?' && end > rest + 2)
        return fail_at(ctx, STATUS_CONFIG, place_of(e, at), "%s '%s' is not set: %.*s",
            x ? "option -x" : "variable", name, (int)(end - rest - 2), rest + 2);
    return fail_unset(e, at, x, name);
}

/* The ${ is at `at`; *ret_end is after its }. */
static bool expand_one(
    struct expansion *e, const char *at, const char *end, struct str *out, const char **ret_end)
{
    const char *s = at + 2, *close = find_close(at, end);

    if (!close)
        return fail_at(e->v->ctx, STATUS_CONFIG, place_of(e, at), "'${' is never closed by '}'");
    *ret_end = close + 1;
    if (close - s > 5 && memcmp(s, "file:", 5) == 0)
        return expand_file(e, at, s + 5, (size_t)(close - s - 5), out);
    if (close - s > 2 && memcmp(s, "x:", 2) == 0)
        return expand_variable(e, at, s + 2, close, true, out);
    return expand_variable(e, at, s, close, false, out);
}

/* Whether s begins with the text that opens what is replaced. */
static bool opens(const struct expansion *e, const char *s, const char *end)
{
    const char *opening = e->only_x ? "${x:" : "${";
    size_t n = strlen(opening);

    return (size_t)(end - s) >= n && memcmp(s, opening, n) == 0;
}

static bool expand_text(struct expansion *e, const char *s, size_t n, struct str *out)
{
    const char *end = s + n;

    while (s < end) {
        if (*s == '$' && opens(e, s + 1, end)) {
            str_add(out, "${");
            s += 3;
        } else if (opens(e, s, end)) {
            if (!expand_one(e, s, end, out, &s))
                return false;
        } else {
            str_addc(out, *s++);
        }
    }
    return true;
}

static bool expand_scalar(struct variables *v, const struct node *n, struct node *copy)
{
    struct expansion e = {.v = v, .node = n, .text = n->scalar};
    struct str out = STR(v->ctx);

    if (!strstr(n->scalar, "${"))
        return true;
    if (!expand_text(&e, n->scalar, n->n, &out))
        return false;
    copy->scalar = ctx_strdup(v->ctx, str_get(&out));
    copy->n = (uint32_t)out.n;
    return true;
}

bool expand_tree(struct variables *v, const struct node *n, struct node **ret_node)
{
    struct node *copy = ctx_new(v->ctx, struct node);
    size_t step = n->kind == NODE_MAPPING ? 2 : 1; /* keys stay as they are */

    *copy = *n;
    *ret_node = copy;
    if (n->kind == NODE_SCALAR)
        return expand_scalar(v, n, copy);
    copy->grows = false;
    copy->v = arena_alloc(&v->ctx->arena, step * n->n * sizeof(*copy->v));
    for (size_t i = 0; i < n->n; i++) {
        copy->v[step * i] = n->v[step * i];
        if (!expand_tree(v, n->v[step * i + step - 1], &copy->v[step * i + step - 1]))
            return false;
    }
    return true;
}

const char *expansion_names(struct ctx *ctx, const char *text)
{
    struct strings names = {0};

    for (const char *at = text; (at = strstr(at, "${")); at += 2) {
        bool is_file = str_starts(at, "${file:");
        size_t n = is_file ? strcspn(at, "}") : 2 + strcspn(at + 2, ":}$");

        vec_add(ctx, &names, ctx_printf(ctx, "%.*s}", (int)n, at));
    }
    return names.n ? strings_join(&ctx->arena, &names, ", ") : NULL;
}

/* ---- texts of revisions ---- */

/* The place of a byte in a text of several lines. */
static struct node node_at(struct pos pos, const char *text, const char *at)
{
    for (const char *s = text; s < at; s++) {
        pos.line += *s == '\n';
        pos.column = *s == '\n' ? 1 : pos.column + 1;
    }
    return (struct node){
        .kind = NODE_SCALAR, .file = pos.file, .line = pos.line, .column = pos.column & 0x1fffffff};
}

bool config_expand_x(
    struct ctx *ctx, const struct config *c, struct pos pos, const char *text, const char **ret)
{
    struct variables v = {.ctx = ctx, .folder = c->folder, .env_file = MAP(ctx), .x = &c->x};
    struct expansion e = {.v = &v, .only_x = true};
    const char *s = text, *end = text + strlen(text), *found, *next;
    struct str out = STR(ctx);

    /* Expands one ${…} after the other, so that an error has the place of each. */
    for (; (found = strstr(s, "${x:")); s = next) {
        struct node n = node_at(pos, text, found);

        e.node = &n;
        if (found > s && found[-1] == '$') {
            str_addn(&out, s, (size_t)(found - 1 - s));
            str_add(&out, "${x:");
            next = found + 4;
            continue;
        }
        str_addn(&out, s, (size_t)(found - s));
        e.text = found;
        if (!expand_one(&e, found, end, &out, &next))
            return false;
    }
    str_add(&out, s);
    *ret = str_get(&out);
    return true;
}
