/*
 * show: show a revision and its operations.
 */
#include "command.h"

static const char *only_text(struct call *c, const struct strings *only)
{
    return only->n ? ctx_printf(c->ctx, " (only %s)", strings_join(&c->ctx->arena, only, ", ")) : "";
}

/* What an operation with `online` does on a kind of database, as far as that is known without one. */
static void print_segments(struct call *c, const struct dialect *dialect, const struct op *op)
{
    struct state state = {.dialect = dialect};
    struct segments all = {0};

    if (!dialect->online(c->ctx, &state, op, &all)) {
        print_line(c, "        %s: %s", dialect->title, err_text(c->ctx));
        err_clear(c->ctx);
        return;
    }
    vec_each(i, &all) {
        const struct segment *s = &all.v[i];

        print_line(c, "        %s: %s%s%s", dialect->title, s->lock ? s->lock : "no lock", s->work ? "; " : "",
            s->work ? s->work : "");
    }
}

static void print_op(struct call *c, const struct op *op)
{
    print_line(c, "    %s%s%s", op_describe(&c->ctx->arena, op), op->online ? ", online" : "",
        only_text(c, &op->only));
    for (size_t i = 0; op->online && dialects[i]; i++) {
        const struct audience to = {.dialect = dialects[i]->name};

        if (dialects[i]->online && only_fits(&op->only, &to))
            print_segments(c, dialects[i], op);
    }
}

static void print_ops(struct call *c, const char *label, const struct ops *ops)
{
    print_line(c, "\n%s:", label);
    vec_each(i, ops)
        print_op(c, ops->v[i]);
    if (ops->n == 0)
        print_line(c, "    nothing");
}

static bool read_body(struct call *c, const struct revision *r, struct revision_body *ret)
{
    const struct audience everywhere = {.environments = c->project.config.environments};

    return revision_body(c->ctx, r, &everywhere, ret);
}

static bool print_body(struct call *c, const struct revision *r)
{
    struct revision_body body;

    if (!read_body(c, r, &body))
        return false;
    print_ops(c, ctx_printf(c->ctx, "Upgrade%s", only_text(c, &body.only)), &body.upgrade);
    if (body.has_downgrade)
        print_ops(c, ctx_printf(c->ctx, "Downgrade%s", only_text(c, &body.only)), &body.downgrade);
    else
        print_line(c, "\nIt cannot be downgraded.");
    return true;
}

static struct node *ops_node(struct call *c, const struct ops *ops)
{
    struct node *n = node_sequence(&c->ctx->arena);

    vec_each(i, ops)
        node_append(&c->ctx->arena, n, op_encode(&c->ctx->arena, ops->v[i]));
    return n;
}

static bool add_body(struct call *c, const struct revision *r, struct node *n)
{
    struct arena *a = &c->ctx->arena;
    struct revision_body body;

    if (!read_body(c, r, &body))
        return false;
    node_set(a, n, "only", strings_node(c, &body.only));
    node_set(a, n, "upgrade", ops_node(c, &body.upgrade));
    node_set(a, n, "downgrade", body.has_downgrade ? ops_node(c, &body.downgrade) : node_null(a));
    return true;
}

static bool show_json(struct call *c, const struct listing *l, const struct revisions *found)
{
    struct node *list = node_sequence(&c->ctx->arena);
    struct node *n;

    node_set(&c->ctx->arena, document_begin(c), "revisions", list);
    vec_each(i, found) {
        n = revision_node(c, l, found->v[i]);
        if (!add_body(c, found->v[i], n))
            return false;
        node_append(&c->ctx->arena, list, n);
    }
    return true;
}

static bool run(struct call *c)
{
    struct listing listing = {.graph = &c->project.graph};
    struct revisions found;

    if (!resolve_symbols(c, &c->operands, &found))
        return false;
    if (c->globals->json)
        return show_json(c, &listing, &found);
    vec_each(i, &found) {
        if (i)
            print_line(c, "%s", "");
        print_revision_block(c, &listing, found.v[i]);
        if (!print_body(c, found.v[i]))
            return false;
    }
    if (found.n == 0)
        log_info(c->ctx, "no revision matches '%s'", c->operands.v[0]);
    return true;
}

static const struct operand_spec operand = {"REVISION",
    "an id or its prefix, a label, head, heads, current, -1, head-2, label@head, FROM:TO", 1, 0, "revision",
    NULL};

const struct command command_show = {
    .spec = {.name = "show",
        .group = "Inspect revisions",
        .summary = "Show a revision and its operations",
        .help = "The database is queried only for targets relative to its revision (current,\n"
                "-1, +1).\n",
        .examples = "  cmig show head\n"
                    "  cmig show 1f3a 77ab\n",
        .operand = &operand},
    .need = NEED_GRAPH,
    .answers = true,
    .pages = true,
    .label = print_environment,
    .run = run,
};
