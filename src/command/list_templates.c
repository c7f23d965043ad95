/*
 * list-templates: what can a new project be made of?
 */
#include "command.h"
#include "template.h"

static bool run(struct call *c)
{
    struct arena *a = &c->ctx->arena;
    struct node *list = node_sequence(a), *item;

    for (const struct template_file *f = template_files; f->template; f++) {
        if (!str_eq(f->path, "DESCRIPTION"))
            continue;
        if (!c->globals->json) {
            print_line(c, "%-10s%s", f->template, str_trim(a, f->text));
            continue;
        }
        item = node_mapping(a);
        node_set(a, item, "name", node_string(a, f->template));
        node_set(a, item, "description", node_string(a, str_trim(a, f->text)));
        node_append(a, list, item);
    }
    if (c->globals->json)
        node_set(a, document_begin(c), "templates", list);
    return true;
}

const struct command command_list_templates = {
    .spec = {.name = "list-templates",
        .group = "Begin",
        .summary = "List what 'cmig init' can make",
        .examples = "  cmig list-templates\n"},
    .answers = true,
    .run = run,
};
