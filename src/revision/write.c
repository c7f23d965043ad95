/*
 * Writes a new revision file.
 *
 * All errors are found first: a file with an id or a label that is already used would make every later command
 * fail.
 */
#include "document.h"

#include <sys/random.h>

/* ---- its text ------------------------------------------------------------------------------------------- */

struct node *revision_names_node(struct arena *a, const struct strings *names)
{
    struct node *list;

    if (names->n < 2)
        return names->n ? node_string(a, names->v[0]) : node_null(a);
    list = node_sequence(a);
    vec_each(i, names)
        node_append(a, list, node_string(a, names->v[i]));
    return list;
}

static struct node *list_node(struct arena *a, const struct strings *names)
{
    struct node *list = node_sequence(a);

    vec_each(i, names)
        node_append(a, list, node_string(a, names->v[i]));
    return list;
}

/* A comment's key and value share a line. */
static const char *one_line(struct arena *a, const char *text)
{
    char *copy = arena_strdup(a, text);

    for (char *p = copy; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return copy;
}

struct node *revision_head_node(struct ctx *ctx, const struct revision_new *n, const char *created)
{
    struct arena *a = &ctx->arena;
    struct node *head = node_mapping(a);
    const char *message = n->message ? n->message : "";

    head->block = true;
    node_set(a, head, "revision", node_string(a, n->id));
    node_set(a, head, "down_revision", revision_names_node(a, &n->down));
    node_set(a, head, "message", node_string(a, n->sql ? one_line(a, message) : message));
    node_set(a, head, "created", node_scalar(a, created));
    if (n->author)
        node_set(a, head, "author", node_string(a, one_line(a, n->author)));
    if (!n->sql || n->labels.n)
        node_set(a, head, "branch_labels", list_node(a, &n->labels));
    if (!n->sql || n->depends_on.n)
        node_set(a, head, "depends_on", list_node(a, &n->depends_on));
    if (n->replaces.n)
        node_set(a, head, "replaces", list_node(a, &n->replaces));
    if (n->phase)
        node_set(a, head, "phase", node_string(a, phase_names[n->phase]));
    if (n->only.n)
        node_set(a, head, "only", list_node(a, &n->only));
    if (n->outside)
        node_set(a, head, "transaction", node_boolean(a, false));
    return head;
}

/* Each line of a text after a prefix. */
static void add_lines(struct str *out, const char *prefix, const char *text)
{
    size_t n;

    for (; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        str_add(out, prefix);
        str_addn(out, text, n);
        str_addc(out, '\n');
    }
}

static void add_operation(struct str *out, const struct op *op)
{
    struct arena scratch = {0};
    struct node *list = node_sequence(&scratch);

    list->block = true;
    node_append(&scratch, list, op_encode(&scratch, op));
    if (op->note)
        add_lines(out, "  # ", op->note);
    node_yaml(out, list, 2);
    arena_finish(&scratch);
}

void revision_add_operations(struct str *out, const char *key, const struct ops *ops)
{
    str_addf(out, ops && ops->n ? "%s:\n" : "%s: []\n", key);
    for (size_t i = 0; ops && i < ops->n; i++)
        add_operation(out, ops->v[i]);
}

static void add_section(struct str *out, const char *name, const char *sql)
{
    str_addf(out, "-- %s\n", name);
    str_add(out, sql);
    if (*sql && !str_ends(sql, "\n"))
        str_addc(out, '\n');
}

static const char *text_of(
    struct ctx *ctx, struct arena *a, const struct revision_new *n, const char *created)
{
    struct str out = {.arena = a}, head = STR(ctx);

    node_yaml(&head, revision_head_node(ctx, n, created), 0);
    if (n->sql) {
        add_lines(&out, "-- ", str_get(&head));
        if (n->note)
            add_lines(&out, "-- ", n->note);
        add_section(&out, "upgrade", n->sql_up ? n->sql_up : "");
        if (n->sql_down)
            add_section(&out, "downgrade", n->sql_down);
    } else {
        str_add(&out, str_get(&head));
        revision_add_operations(&out, "upgrade", n->upgrade);
        if (n->downgrade)
            revision_add_operations(&out, "downgrade", n->downgrade);
        if (n->note)
            add_lines(&out, "# ", n->note);
    }
    return str_get(&out);
}

const char *revision_text(struct ctx *ctx, const struct revision_new *n)
{
    return text_of(ctx, &ctx->arena, n, time_now_text(&ctx->arena));
}

/* ---- what is refused ------------------------------------------------------------------------------------ */

static bool refuse_taken(struct ctx *ctx, const char *what, const char *name, const struct revision *by)
{
    return fail(ctx, STATUS_USAGE, "%s '%s' is taken%s%s", what, name, by->path ? " by " : "",
        by->path ? by->path : "");
}

static bool check_id(struct ctx *ctx, const struct graph *g, const char *id)
{
    const char *problem = id_problem(id);
    const struct revision *other = map_get(&g->by_id, id);

    if (problem)
        return fail(ctx, STATUS_USAGE, "'%s' cannot be a revision's id: %s", id, problem);
    return !other || refuse_taken(ctx, "revision id", id, other);
}

static bool check_labels(struct ctx *ctx, const struct graph *g, const struct revision_new *n)
{
    vec_each(i, &n->labels) {
        const char *label = n->labels.v[i], *problem = id_problem(label);
        const struct revision *other = map_get(&g->by_id, label);

        if (problem)
            return fail(ctx, STATUS_USAGE, "'%s' cannot be a branch label: %s", label, problem);
        if (other)
            return refuse_taken(ctx, "branch label", label, other);
        if (str_eq(label, n->id))
            return fail(ctx, STATUS_USAGE, "branch label '%s' is the new revision's id", label);
        for (size_t k = 0; k < i; k++)
            if (str_eq(label, n->labels.v[k]))
                return fail(ctx, STATUS_USAGE, "branch label '%s' was given twice", label);
    }
    return true;
}

static bool check_parents(struct ctx *ctx, const struct graph *g, const struct revision_new *n)
{
    vec_each(i, &n->down) {
        const struct revision *parent = map_get(&g->by_id, n->down.v[i]);

        if (!parent || !str_eq(parent->id, n->down.v[i]))
            return fail(ctx, STATUS_FAILED, "unknown parent '%s'", n->down.v[i]);
        for (size_t k = 0; k < i; k++)
            if (str_eq(n->down.v[i], n->down.v[k]))
                return fail(ctx, STATUS_USAGE, "parent '%s' was given twice", n->down.v[i]);
    }
    vec_each(i, &n->depends_on)
        if (!map_get(&g->by_id, n->depends_on.v[i]))
            return fail(ctx, STATUS_FAILED, "unknown revision '%s' in the dependencies", n->depends_on.v[i]);
    return true;
}

/* ---- writing -------------------------------------------------------------------------------------------- */

bool revision_new_id(struct ctx *ctx, const struct graph *g, const char **ret_id)
{
    unsigned char bytes[6];
    struct str id;

    do {
        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
            return fail(ctx, STATUS_FAILED, "cannot get a random number for a revision id");
        id = STR(ctx);
        for (size_t i = 0; i < sizeof(bytes); i++)
            str_addf(&id, "%02x", bytes[i]);
    } while (map_get(&g->by_id, str_get(&id)));
    *ret_id = str_get(&id);
    return true;
}

bool revision_write(struct ctx *ctx, const struct graph *g, const struct revision_new *n,
    const char **ret_path, const char **ret_id)
{
    struct arena scratch CLEANUP(arena_finish) = {0}; /* the text of thousands of operations is large */
    struct revision_new full = *n;
    const char *created = time_now_text(&ctx->arena), *name, *path, *text;

    if (!full.id && !revision_new_id(ctx, g, &full.id))
        return false;
    if (!check_id(ctx, g, full.id) || !check_labels(ctx, g, &full) || !check_parents(ctx, g, &full) ||
        !template_expand(ctx, &full, created, &name))
        return false;
    path = fs_join(&ctx->arena, full.folder, ctx_printf(ctx, "%s.%s", name, full.sql ? "sql" : "yaml"));
    text = full.template_text ? NULL : text_of(ctx, &scratch, &full, created);
    if (!text && !template_fill(ctx, &full, created, path, &text))
        return false;
    if (!fs_mkdirs(ctx, fs_dirname(&ctx->arena, path)) || !fs_create(ctx, path, text, strlen(text)))
        return false;
    *ret_path = path;
    *ret_id = full.id;
    return true;
}
