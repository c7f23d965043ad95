/*
 * Fills a project's own template for a revision file.
 *
 * {rev} and the like are replaced by the values of the built-in form, spelt so that they fit after a key at the
 * first column; anything else in braces belongs to the template. The result is read as a revision file before
 * it is written: a template that lacks a key would yield a file with another meaning.
 */
#include "document.h"

struct filling {
    struct ctx *ctx;
    const struct revision_new *n;
    const char *created;
};

/* A value of YAML as written after its key. */
static const char *behind_key(struct filling *f, const char *text)
{
    char *value = ctx_strdup(f->ctx, strchr(text, ':') + 1);
    size_t n = strlen(value);

    while (n && value[n - 1] == '\n')
        value[--n] = '\0';
    return *value == ' ' ? value + 1 : value;
}

static const char *head_value(struct filling *f, const char *key)
{
    struct node *head = revision_head_node(f->ctx, f->n, f->created), *one = node_mapping(&f->ctx->arena);
    struct node *value = node_get(head, key);
    struct str out = STR(f->ctx);

    if (!value)
        return f->n->sql && !str_eq(key, "author") ? "[]" : "null";
    one->block = true;
    node_set(&f->ctx->arena, one, key, value);
    node_yaml(&out, one, 0);
    return behind_key(f, str_get(&out));
}

static const char *slug(struct filling *f, ATTR_UNUSED const char *key)
{
    return revision_slug(&f->ctx->arena, f->n->message, f->n->slug_length);
}

static const char *body(struct filling *f, const char *key)
{
    bool up = str_eq(key, "upgrade");
    const char *sql = up ? f->n->sql_up : f->n->sql_down;
    struct str out = STR(f->ctx);

    if (f->n->sql)
        return sql ? str_trim(&f->ctx->arena, sql) : "";
    revision_add_operations(&out, key, up ? f->n->upgrade : f->n->downgrade);
    return behind_key(f, str_get(&out));
}

static const struct placeholder {
    const char *name, *key;
    const char *(*value)(struct filling *f, const char *key);
} placeholders[] = {
    {"rev", "revision", head_value},
    {"down_revision", "down_revision", head_value},
    {"message", "message", head_value},
    {"slug", NULL, slug},
    {"date", "created", head_value},
    {"author", "author", head_value},
    {"branch_labels", "branch_labels", head_value},
    {"depends_on", "depends_on", head_value},
    {"only", "only", head_value},
    {"upgrade", "upgrade", body},
    {"downgrade", "downgrade", body},
};

/* The name in braces at s, or 0: then they are the template's own. */
static size_t name_size(const char *s)
{
    size_t n = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz_");

    return n && s[n + 1] == '}' ? n : 0;
}

static bool refuse(struct filling *f, const char *at, size_t n)
{
    struct pos pos = {.file = f->n->template_path, .line = 1, .column = 1};
    const char *names[COUNT_OF(placeholders)], *near;

    for (const char *s = f->n->template_text; s < at; s++) {
        pos.line += *s == '\n';
        pos.column = *s == '\n' ? 1 : pos.column + 1;
    }
    for (size_t i = 0; i < COUNT_OF(placeholders); i++)
        names[i] = placeholders[i].name;
    near = str_nearest(arena_strndup(&f->ctx->arena, at + 1, n), names, COUNT_OF(names));
    fail_at(f->ctx, STATUS_CONFIG, pos, "unknown placeholder '{%.*s}'", (int)n, at + 1);
    if (near)
        return fail_hint(f->ctx, "Did you mean '{%s}'?", near);
    return fail_hint(f->ctx,
        "Use {rev}, {down_revision}, {message}, {slug}, {date}, {author}, {branch_labels}, "
        "{depends_on}, {only}, {upgrade} and {downgrade}.");
}

static bool add_placeholder(struct filling *f, struct str *out, const char *at, size_t n)
{
    for (size_t i = 0; i < COUNT_OF(placeholders); i++) {
        const struct placeholder *p = &placeholders[i];
        const char *value;

        if (strlen(p->name) != n || memcmp(p->name, at + 1, n) != 0)
            continue;
        value = p->value(f, p->key);
        /* No blank is left after a key whose value begins in the next line. */
        while (*value == '\n' && out->n && out->s[out->n - 1] == ' ')
            out->s[--out->n] = '\0';
        str_add(out, value);
        return true;
    }
    return refuse(f, at, n);
}

static bool check_read(struct filling *f, const char *path, const char *text)
{
    struct revision r = {0};

    if (!revision_parse_head(f->ctx, path, text, strlen(text), &r))
        return fail_in(f->ctx, "template '%s' does not yield a revision file", f->n->template_path);
    if (f->n->only.n && !strstr(f->n->template_text, "{only}")) {
        fail_at(f->ctx, STATUS_CONFIG, (struct pos){.file = f->n->template_path},
            "the template has no '{only}', which this revision needs");
        return fail_hint(f->ctx, "Add a line 'only: {only}' to the template.");
    }
    /* For a first revision the error would be noticed only with the second one. */
    if (strstr(f->n->template_text, "{down_revision}") && str_eq(r.id, f->n->id) &&
        strings_eq(&r.down, &f->n->down) && strings_eq(&r.labels, &f->n->labels) &&
        strings_eq(&r.depends_on, &f->n->depends_on))
        return true;
    fail_at(f->ctx, STATUS_CONFIG, (struct pos){.file = f->n->template_path},
        "the template lacks the id, parents, labels or dependencies of the revision");
    return fail_hint(f->ctx, "Write the lines 'revision: {rev}', 'down_revision: {down_revision}', "
                             "'branch_labels: {branch_labels}' and 'depends_on: {depends_on}'.");
}

/* Templates have no place for the key, since few revisions have it: it follows the line of the parents. */
static const char *with_phase(struct filling *f, const char *text)
{
    const char *at = strstr(text, "down_revision");
    struct str out = STR(f->ctx);

    if (!f->n->phase || !at)
        return text;
    at += strcspn(at, "\n");
    str_addn(&out, text, (size_t)(at - text));
    str_addf(&out, "\n%sphase: %s%s", f->n->sql ? "-- " : "", phase_names[f->n->phase], at);
    return str_get(&out);
}

bool template_fill(struct ctx *ctx, const struct revision_new *n, const char *created, const char *path,
    const char **ret_text)
{
    struct filling f = {.ctx = ctx, .n = n, .created = created};
    const char *s = n->template_text, *open;
    struct str out = STR(ctx);

    for (; (open = strchr(s, '{'));) {
        size_t size = name_size(open);

        str_addn(&out, s, (size_t)(open - s) + !size);
        s = open + 1;
        if (size && !add_placeholder(&f, &out, open, size))
            return false;
        s += size ? size + 1 : 0;
    }
    str_add(&out, s);
    *ret_text = with_phase(&f, str_get(&out));
    return check_read(&f, path, *ret_text);
}
