/*
 * blame: show the revisions that made an object what it is.
 */
#include "command.h"

struct values {
    const char *scratch_url;
};

/* What is looked for; its names change on the way back through renames. */
struct subject {
    const char *object, *part; /* part NULL: everything in the object */
};

/* ---- names --------------------------------------------------------------------------------------- */

static bool concerns_any(const struct traceds *all, const struct subject *s)
{
    vec_each(i, all)
        vec_each(k, &all->v[i]->changes)
            if (trace_concerns(all->v[i]->changes.v[k], s->object, s->part))
                return true;
    return false;
}

/* A function that is given without its arguments. */
static bool find_function(struct call *c, const struct traceds *all, const char *text, struct subject *ret)
{
    struct strings found = {0};

    trace_functions(c->ctx, all, text, &found);
    if (found.n > 1) {
        fail(c->ctx, STATUS_FAILED, "'%s' names several functions: %s", text,
            strings_join(&c->ctx->arena, &found, ", "));
        return fail_hint(c->ctx, "Name its arguments, as in 'cmig blame \"%s\"'.", found.v[0]);
    }
    if (found.n)
        ret->object = found.v[0];
    return found.n > 0;
}

/* "users", "app.users", "users.email": the changes decide which of them it is. A name may contain dots. */
static bool find_subject(struct call *c, const struct traceds *all, const char *text, struct subject *ret)
{
    *ret = (struct subject){.object = text};
    if (concerns_any(all, ret) || find_function(c, all, text, ret))
        return true;
    if (c->ctx->err.status != STATUS_OK)
        return false;
    for (const char *dot = text + strlen(text); dot-- > text;) {
        if (*dot != '.')
            continue;
        *ret = (struct subject){arena_strndup(&c->ctx->arena, text, (size_t)(dot - text)), dot + 1};
        if (concerns_any(all, ret))
            return true;
    }
    fail(c->ctx, STATUS_FAILED, "no revision creates or changes '%s'", text);
    return fail_hint(
        c->ctx, "Write TABLE, TABLE.COLUMN, or the name of another object, as 'cmig inspect' prints it.");
}

static bool is_renamed_table(struct ctx *ctx, const struct op *op, const struct subject *s)
{
    return op->kind == OP_RENAME_TABLE && str_eq(qname_text(&ctx->arena, &op->u.rename.new_name), s->object);
}

static bool is_renamed_column(struct ctx *ctx, const struct op *op, const struct subject *s)
{
    return op->kind == OP_RENAME_COLUMN && s->part && str_eq(op->u.rename_part.new_name, s->part) &&
           str_eq(qname_text(&ctx->arena, &op->u.rename_part.table), s->object);
}

/* The names before a revision; *ret_renamed: it changed one of them. */
static bool go_back(struct call *c, const struct revision *r, struct subject *s, bool *ret_renamed)
{
    struct project *p = &c->project;
    const struct audience to = project_audience(p, p->conn->dialect->name);
    struct revision_body body;

    *ret_renamed = false;
    if (!revision_body(c->ctx, r, &to, &body))
        return false;
    for (size_t i = body.upgrade.n; i-- > 0;) {
        const struct op *op = body.upgrade.v[i];

        if (is_renamed_table(c->ctx, op, s))
            s->object = qname_text(&c->ctx->arena, &op->u.rename.name);
        else if (is_renamed_column(c->ctx, op, s))
            s->part = op->u.rename_part.name;
        else
            continue;
        *ret_renamed = true;
    }
    return true;
}

/* ---- the report ---------------------------------------------------------------------------------- */

static void find_changes(
    struct call *c, const struct traced *t, const struct subject *s, struct strings *ret, bool *ret_created)
{
    *ret_created = false;
    vec_each(i, &t->changes) {
        const struct tree_change *change = t->changes.v[i];

        if (!trace_concerns(change, s->object, s->part))
            continue;
        vec_add(c->ctx, ret, change->text);
        *ret_created |= trace_creates(change, s->part);
    }
}

static void report(struct call *c, struct node *list, const struct revision *r, const struct strings *changes)
{
    struct arena *a = &c->ctx->arena;
    const struct listing listing = {.graph = &c->project.graph};
    struct node *n = node_mapping(a);
    struct str out = STR(c->ctx);

    if (c->globals->json) {
        node_set(a, n, "revision", node_string(a, r->id));
        node_set(a, n, "message", node_string(a, r->message));
        node_set(a, n, "author", node_string(a, r->author));
        node_set(a, n, "created", node_string(a, r->created));
        node_set(a, n, "path", node_string(a, r->path));
        node_set(a, n, "changes", strings_node(c, changes));
        node_append(a, list, n);
        return;
    }
    print_revision(c, &listing, r);
    if (r->author || r->created)
        add_indented(&out, ctx_printf(c->ctx, "%s%s%s", r->author ? r->author : "",
                               r->author && r->created ? ", " : "", r->created ? r->created : ""));
    vec_each(i, changes)
        add_indented(&out, changes->v[i]);
    print_text(c, str_get(&out));
}

/* Newest first, until the revision that created it. */
static bool go_through(struct call *c, const struct traceds *all, struct subject s, struct node *list)
{
    for (size_t i = all->n; i-- > 0;) {
        const struct traced *t = all->v[i];
        struct strings changes = {0};
        bool is_created, is_renamed;

        find_changes(c, t, &s, &changes, &is_created);
        if (!go_back(c, t->revision, &s, &is_renamed))
            return false;
        if (changes.n)
            report(c, list, t->revision, &changes);
        if (is_created && !is_renamed)
            return true;
    }
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct arena *a = &c->ctx->arena;
    struct node *list = node_sequence(a);
    struct revisions heads;
    struct traceds all;
    struct subject subject;
    bool found;

    graph_heads(c->ctx, &c->project.graph, &heads);
    if (!scratch_server(c, v->scratch_url, NULL, &found) || !connect_database(c, MISSING_IS_EMPTY) ||
        !migrate_trace(&c->project, &heads, &all) || !find_subject(c, &all, c->operands.v[0], &subject))
        return false;
    if (c->globals->json)
        node_set(a, document_begin(c), "revisions", list);
    return go_through(c, &all, subject, list);
}

static const struct option_spec options[] = {
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0},
};

static const struct operand_spec operand = {
    "OBJECT", "a table, TABLE.COLUMN, or another object", 1, 1, NULL, NULL};

const struct command command_blame = {
    .spec = {.name = "blame",
        .group = "Inspect revisions",
        .summary = "Show the revisions that made an object what it is",
        .help = "Lists the revisions that changed a table, a column or another object, newest\n"
                "first, down to the one that created it, and what each changed. Renames are\n"
                "followed. The revisions run in a scratch database that is dropped afterwards,\n"
                "so that SQL of any kind counts.\n",
        .examples = "  cmig blame users.email\n"
                    "  cmig blame users\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .pages = true,
    .label = print_environment,
    .run = run,
};
