/*
 * diff: show the operations that autogenerate would write.
 */
#include "command.h"

struct values {
    struct rename_options renames;
    bool sql;
};

static struct node *ops_node(struct call *c, const struct ops *ops)
{
    struct node *n = node_sequence(&c->ctx->arena);

    n->block = true;
    vec_each(i, ops)
        node_append(&c->ctx->arena, n, op_encode(&c->ctx->arena, ops->v[i]));
    return n;
}

static void print_ops(struct call *c, const struct ops *ops)
{
    struct str out = STR(c->ctx);

    node_yaml(&out, ops_node(c, ops), 0);
    print_text(c, str_get(&out));
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct comparison found;
    const char *script = NULL;
    struct node *document;

    if (!migrate_models(&c->project) || !connect_database(c, MISSING_IS_EMPTY) ||
        !compare_answered(c, &v->renames, &found) || (v->sql && !ops_script(c, &found.diff.up, &script)))
        return false;
    if (c->globals->json) {
        document = document_begin(c);
        node_set(&c->ctx->arena, document, "upgrade", ops_node(c, &found.diff.up));
        node_set(&c->ctx->arena, document, "downgrade", ops_node(c, &found.diff.down));
        if (v->sql)
            node_set(&c->ctx->arena, document, "sql", node_string(&c->ctx->arena, script));
        node_set(&c->ctx->arena, document, "unmodelled", unmodelled_node(c, &found.unmodelled));
        return true;
    }
    if (v->sql)
        print_text(c, script);
    else if (found.diff.up.n)
        print_ops(c, &found.diff.up);
    if (found.diff.up.n == 0)
        log_info(c->ctx, "models and database agree");
    note_unmodelled(c, &found.unmodelled);
    return true;
}

static const struct option_spec options[] = {
    {0, "sql", OPTION_FLAG, offsetof(struct values, sql), NULL, "print SQL statements", NULL, NULL},
    RENAME_OPTION_ROWS(struct values, renames),
    {0},
};

const struct command command_diff = {
    .spec = {.name = "diff",
        .group = "Inspect the database",
        .summary = "Show the operations from the database to the models",
        .help = "Prints the operations that 'cmig revision --autogenerate' would write, in the\n"
                "form of a revision file, or as SQL. The database need not be at head. Exits with\n"
                "0 even if there are any; 'cmig check' reports differences by its status.\n",
        .examples = "  cmig diff\n"
                    "  cmig diff --sql\n"
                    "  cmig diff --rename users=people\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .run = run,
};
