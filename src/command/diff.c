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

/* Each of several variants is printed with the options that choose it. */
static bool print_reading(struct call *c, const struct diff_reading *r)
{
    const struct values *v = c->values;
    const struct ops *ops = &r->found.diff.up;
    struct strings words = {0};
    const char *options, *script;

    vec_each(i, &r->options)
        vec_add(c->ctx, &words, str_shell(&c->ctx->arena, r->options.v[i]));
    options = strings_join(&c->ctx->arena, &words, " ");
    if (r->options.n && v->sql)
        print_line(c, "%s", sql_comment(c->ctx, ctx_printf(c->ctx, "with %s", options)));
    else if (r->options.n)
        print_line(c, "--- # with %s", options);
    if (v->sql) {
        if (!ops_script(c, ops, &script))
            return false;
        print_text(c, script);
    } else if (ops->n) {
        print_ops(c, ops);
    }
    return true;
}

/* r NULL: the result is unknown, since there are several readings. */
static bool add_operations(struct call *c, const struct diff_reading *r, struct node *n)
{
    const struct values *v = c->values;
    struct arena *a = &c->ctx->arena;
    const char *script = NULL;

    if (r && v->sql && !ops_script(c, &r->found.diff.up, &script))
        return false;
    node_set(a, n, "upgrade", r ? ops_node(c, &r->found.diff.up) : node_null(a));
    node_set(a, n, "downgrade", r ? ops_node(c, &r->found.diff.down) : node_null(a));
    if (v->sql)
        node_set(a, n, "sql", node_string(a, script));
    return true;
}

static bool report_json(struct call *c, const struct diff_readings *readings)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c), *list = node_sequence(a), *item;
    bool is_decided = readings->n == 1;

    if (!add_operations(c, is_decided ? readings->v[0] : NULL, document))
        return false;
    for (size_t i = 0; !is_decided && i < readings->n; i++) {
        item = node_mapping(a);
        node_set(a, item, "options", strings_node(c, &readings->v[i]->options));
        if (!add_operations(c, readings->v[i], item))
            return false;
        node_append(a, list, item);
    }
    node_set(a, document, "readings", list);
    node_set(a, document, "unmodelled", unmodelled_node(c, &readings->v[0]->found.unmodelled));
    return true;
}

static void print_label(struct call *c)
{
    const struct values *v = c->values;

    (v->sql ? print_environment_comment : print_environment)(c);
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct diff_readings readings;

    if (!migrate_models(&c->project) || !connect_database(c, MISSING_IS_EMPTY) ||
        !compare_readings(c, &v->renames, &readings))
        return false;
    if (c->globals->json)
        return report_json(c, &readings);
    vec_each(i, &readings)
        if (!print_reading(c, readings.v[i]))
            return false;
    if (readings.n == 1 && readings.v[0]->found.diff.up.n == 0)
        log_info(c->ctx, "models and database agree");
    note_unmodelled(c, &readings.v[0]->found.unmodelled);
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
                "form of a revision file, or as SQL. The database need not be at head. Exits\n"
                "with 0 even if there are any; 'cmig check' reports differences by its status.\n"
                "If something may have been renamed, it asks on a terminal, and elsewhere\n"
                "prints both readings, with the options that choose one.\n",
        .examples = "  cmig diff\n"
                    "  cmig diff --sql\n"
                    "  cmig diff --rename users=people\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .label = print_label,
    .run = run,
};
