/*
 * list-templates: list the templates for new projects and new revisions.
 */
#include "command.h"
#include "template.h"

static void add(struct call *c, struct node *list, const char *name, const char *key, const char *value)
{
    struct arena *a = &c->ctx->arena;
    struct node *item = node_mapping(a);

    if (!c->globals->json) {
        print_line(c, "%-14s%s", name, value);
        return;
    }
    node_set(a, item, "name", node_string(a, name));
    node_set(a, item, key, node_string(a, value));
    node_append(a, list, item);
}

static void list_built_in(struct call *c, struct node *list)
{
    for (const struct template_file *f = template_files; f->template; f++)
        if (str_eq(f->path, "DESCRIPTION"))
            add(c, list, f->template, "description", str_trim(&c->ctx->arena, f->text));
}

static void list_own(struct call *c, struct node *list)
{
    static const bool forms[] = {false, true};

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const char *path = revision_template_path(c, forms[i]);

        if (path)
            add(c, list, forms[i] ? "revision.sql" : "revision.yaml", "path", path);
    }
}

/* Outside of a project there are only the templates of init. */
static bool find_project(struct call *c)
{
    const struct globals *g = c->globals;
    struct config_request request = {
        .file = g->config,
        .environment = g->environment,
        .url = "sqlite://", /* none is needed, so the configured one need not be expandable */
        .no_env_file = g->no_env_file,
        .optional = true,
        .x = &g->variables,
    };

    return project_open(c->ctx, &request, &c->project);
}

static bool run(struct call *c)
{
    struct arena *a = &c->ctx->arena;
    struct node *projects = node_sequence(a), *revisions = node_sequence(a), *document;

    if (!find_project(c))
        return false;
    list_built_in(c, projects);
    list_own(c, revisions);
    if (c->globals->json) {
        document = document_begin(c);
        node_set(a, document, "templates", projects);
        node_set(a, document, "revisions", revisions);
    }
    return true;
}

const struct command command_list_templates = {
    .spec = {.name = "list-templates",
        .group = "Start",
        .summary = "List the templates of 'cmig init' and of the project",
        .help = "A project's own templates for new revision files are revision.yaml and\n"
                "revision.sql in the directory that 'templates' of cmig.yaml names, with {rev},\n"
                "{down_revision}, {message}, {slug}, {date}, {author}, {branch_labels},\n"
                "{depends_on}, {upgrade} and {downgrade}. They are listed, too.\n",
        .examples = "  cmig list-templates\n"},
    .answers = true,
    .run = run,
};
