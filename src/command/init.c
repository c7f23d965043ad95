/*
 * init: begin a project.
 */
#include "command.h"
#include "template.h"

struct values {
    const char *template;
};

static bool has_template(const char *name)
{
    for (const struct template_file *f = template_files; f->template; f++)
        if (str_eq(f->template, name))
            return true;
    return false;
}

/* What is there already is the user's. */
static bool write_one(
    struct call *c, const char *folder, const struct template_file *f, struct strings *written)
{
    struct arena *a = &c->ctx->arena;
    char *path = fs_join(a, folder, f->path);

    if (fs_exists(path)) {
        log_info(c->ctx, "'%s' is there already and was kept", path);
        return true;
    }
    if (!fs_mkdirs(c->ctx, fs_dirname(a, path)) || !fs_create(c->ctx, path, f->text, strlen(f->text)))
        return false;
    vec_add(c->ctx, written, path);
    return true;
}

static bool write_all(struct call *c, const char *folder, const char *template, struct strings *written)
{
    for (const struct template_file *f = template_files; f->template; f++)
        if (str_eq(f->template, template) && !str_eq(f->path, "DESCRIPTION") &&
            !write_one(c, folder, f, written))
            return false;
    return true;
}

static void report(struct call *c, const char *folder, const struct strings *written)
{
    bool here = str_eq(folder, ".");

    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "files", strings_node(c, written));
    else
        vec_each(i, written)
            print_line(c, "%s", written->v[i]);
    log_info(c->ctx, "next: %s%s%sdescribe your tables below %s, then run", here ? "" : "cd ",
        here ? "" : folder, here ? "" : ", ", "models/");
    log_info(c->ctx, "  cmig revision --autogenerate -m 'first tables'");
    log_info(c->ctx, "  cmig upgrade");
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    const char *template = v->template ? v->template : "generic";
    const char *folder = c->operands.n ? c->operands.v[0] : ".";
    struct strings written = {0};
    char *config = fs_join(&c->ctx->arena, folder, "cmig.yaml");

    if (!has_template(template)) {
        fail(c->ctx, STATUS_USAGE, "there is no template '%s'", template);
        return fail_hint(c->ctx, "'cmig list-templates' lists them.");
    }
    if (fs_exists(config)) {
        fail(c->ctx, STATUS_FAILED, "'%s' exists: there is a project already", config);
        return fail_hint(c->ctx, "Nothing was written.");
    }
    if (!write_all(c, folder, template, &written))
        return false;
    report(c, folder, &written);
    return true;
}

static const struct option_spec options[] = {
    {'t', "template", OPTION_STRING, offsetof(struct values, template), "NAME",
        "what it is made of; 'cmig list-templates' lists them", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {"FOLDER",
    "where the project goes, made when it is not there; the current folder when not said", 0, 1, "directory",
    NULL};

const struct command command_init = {
    .spec = {.name = "init",
        .group = "Begin",
        .summary = "Begin a project",
        .help = "Writes cmig.yaml, a first model and a folder for revisions. What is there\n"
                "already is kept. The paths of the new files are printed.\n",
        .examples = "  cmig init\n"
                    "  cmig init -t docker backend/db\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .answers = true,
    .run = run,
};
