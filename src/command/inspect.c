/*
 * inspect: what does the database contain, as models?
 */
#include "command.h"

static bool run(struct call *c)
{
    struct schema schema = {0};
    struct str out = STR(c->ctx);
    struct node *models, *document;

    if (!connect_database(c, MISSING_FAILS) || !migrate_inspect(&c->project, &schema))
        return false;
    models = schema_encode(c->ctx, c->project.url.dialect, &schema);
    note_unmodelled(c, &schema.unmodelled);
    note_unmanaged(c, &schema.unmanaged);
    if (c->globals->json) {
        document = document_begin(c);
        node_set(&c->ctx->arena, document, "models", models);
        node_set(&c->ctx->arena, document, "unmodelled", unmodelled_node(c, &schema.unmodelled));
        node_set(&c->ctx->arena, document, "unmanaged", strings_node(c, &schema.unmanaged));
        return true;
    }
    if (c->together.n) /* one document each */
        str_addf(&out, "--- # environment %s\n", c->globals->environment);
    node_yaml(&out, models, 0);
    print_text(c, str_get(&out));
    return true;
}

const struct command command_inspect = {
    .spec = {.name = "inspect",
        .group = "Begin",
        .summary = "Print what the database contains, as models",
        .help = "One YAML document, as it could stand below models/. What the database contains\n"
                "and cmig does not model is noted on standard error.\n",
        .examples = "  cmig --url sqlite:///old.db inspect > models/schema.yaml\n"},
    .need = NEED_CONFIG,
    .answers = true,
    .run = run,
};
