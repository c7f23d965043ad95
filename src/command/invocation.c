/*
 * From the words of a command line to a command that runs.
 */
#include "command.h"

#include <unistd.h>

static bool usage_hint(struct ctx *ctx, const struct command *command, size_t n_operands)
{
    const struct foreign_word *foreign = command && !command->spec.operand && n_operands
                                             ? foreign_find(foreign_arguments, command->spec.name, NULL, 0)
                                             : NULL;

    if (foreign)
        fail_hint(ctx, "%s", foreign->hint);
    if (command)
        return fail_hint(ctx, "Run 'cmig %s --help' for its options.", command->spec.name);
    return fail_hint(ctx, "Run 'cmig help' for the commands and options.");
}

static bool check_together(struct ctx *ctx, const struct invocation *i)
{
    if (i->globals.json && !i->command->answers)
        return fail(ctx, STATUS_USAGE, "'%s' cannot be combined with --json", i->command->spec.name);
    vec_each(n, &i->globals.variables)
        if (strcspn(i->globals.variables.v[n], "=") == 0 || !strchr(i->globals.variables.v[n], '='))
            return fail(
                ctx, STATUS_USAGE, "option '-x' must be KEY=VALUE, not '%s'", i->globals.variables.v[n]);
    return true;
}

bool invocation_parse(struct ctx *ctx, char *const *words, struct invocation *ret)
{
    struct option_set sets[3] = {{global_options, &ret->globals, foreign_options}};
    char *const *rest;

    if (!options_parse_leading(ctx, sets, words, &rest))
        return usage_hint(ctx, NULL, 0);
    if (!*rest || ret->globals.version || (ret->globals.help && **rest == '-'))
        return true;
    if (!command_find(ctx, *rest, &ret->command))
        return false;
    if (ret->globals.help)
        return true;
    ret->values = arena_alloc(&ctx->arena, ret->command->values_size + 1);
    sets[0] = (struct option_set){ret->command->spec.options, ret->values, foreign_options};
    sets[1] = (struct option_set){global_options, &ret->globals, foreign_options};
    if (!options_parse(
            ctx, sets[0].specs ? sets : sets + 1, ret->command->spec.operand, rest + 1, &ret->operands))
        return usage_hint(ctx, ret->command, ret->operands.n);
    return ret->globals.help || check_together(ctx, ret) || usage_hint(ctx, ret->command, 0);
}

struct config_request config_request_of(const struct globals *g)
{
    return (struct config_request){
        .file = g->config,
        .environment = g->environment,
        .url = g->url,
        .no_env_file = g->no_env_file,
        .optional = g->url != NULL,
        .x = &g->variables,
    };
}

/* Of a bundle, whose files cannot change. */
static bool check_files(struct call *c, const struct command *command)
{
    const char *path = c->project.config.path;

    if (!command->writes_revision || !path || !fs_is_mounted(c->ctx, path))
        return true;
    fail(c->ctx, STATUS_USAGE, "'%s' writes a revision, but those of this program are inside it",
        command->spec.name);
    return fail_hint(c->ctx, "Run cmig in the directory of the project, or name its cmig.yaml with -c.");
}

static bool open_project(struct call *c, const struct command *command)
{
    struct config_request request = config_request_of(c->globals);

    if (command->need == NEED_NOTHING || command->opens_itself)
        return true;
    if (!project_open(c->ctx, &request, &c->project) || !check_files(c, command))
        return false;
    return command->need != NEED_GRAPH || project_graph(&c->project);
}

/* A project of several databases has little at its top level. */
static void hint_environments(struct call *c)
{
    struct config_request request = config_request_of(c->globals);
    struct strings names;

    if (c->globals->environment || c->project.config.url || !c->project.config.path)
        return;
    if (config_environments(c->ctx, &request, &names) && names.n)
        fail_hint(c->ctx, "Use -n %s, or -n '*' for all environments of cmig.yaml.", names.v[0]);
}

static bool run_opened(struct call *c, const struct command *command)
{
    bool in_targets;

    if (!targets_wanted(c, command, &in_targets))
        return false;
    return in_targets ? run_in_targets(c, command) : command->run(c);
}

bool run_once(struct call *c, const struct command *command)
{
    bool ok;

    c->pages =
        command->pages && c->columns && !c->globals->no_pager && !c->globals->json && pager_is_possible();
    ok = open_project(c, command) && run_opened(c, command);

    if (!ok && c->ctx->err.status == STATUS_CONFIG)
        hint_environments(c);
    if (!ok)
        lost_explain(c);
    project_close(&c->project);
    return ok;
}

void document_add_error(struct call *c)
{
    struct arena *a = &c->ctx->arena;
    struct node *error = node_mapping(a);

    node_set(a, error, "status", node_number(a, (int64_t)c->ctx->err.status));
    node_set(a, error, "text", node_string(a, err_text(c->ctx)));
    node_set(a, c->document ? c->document : document_begin(c), "error", error);
}

/* Every answer in JSON is one document, also that of a failed command. */
static void print_document(struct call *c)
{
    struct str out = STR(c->ctx);

    if (c->is_streamed)
        return;
    if (c->ctx->err.status)
        document_add_error(c);
    if (!c->document)
        return;
    node_json(&out, c->document, true);
    print_line(c, "%s", str_get(&out));
}

static bool print_help(const struct invocation *i, struct call *c)
{
    struct str out = STR(c->ctx);

    if (i->command)
        command_help(&out, "cmig", &i->command->spec);
    else
        program_help(&out);
    print_text(c, str_get(&out));
    return true;
}

static bool fail_no_command(struct call *c)
{
    struct str out = STR(c->ctx);

    program_commands(&out);
    if (!c->globals->json)
        print_text(c, str_get(&out));
    return fail(c->ctx, STATUS_USAGE, "no command was given");
}

/* The words after the one that is wrong were not read, and --json may be among them. */
static bool wants_json(char *const *words)
{
    for (; *words && !str_eq(*words, "--"); words++)
        if (str_eq(*words, "--json"))
            return true;
    return false;
}

void invocation_refuse(struct ctx *ctx, char *const *words, const struct invocation *i)
{
    struct call c = {.ctx = ctx, .globals = &i->globals};

    if (i->globals.json || wants_json(words))
        print_document(&c);
}

bool invocation_run(struct ctx *ctx, struct invocation *i)
{
    const struct command *command = i->command;
    struct call c = {
        .ctx = ctx,
        .globals = &i->globals,
        .values = i->values,
        .operands = i->operands,
        .successor = &i->successor,
        .color = color_wanted((enum color_mode)i->globals.color, STDOUT_FILENO),
        .columns = term_is_tty(STDOUT_FILENO) ? term_columns(STDOUT_FILENO) : 0,
        .pager = &i->pager,
    };
    bool ok;

    if (i->globals.help)
        return print_help(i, &c);
    if (i->globals.version && !command_find(ctx, "version", &command))
        return false;
    if (!command)
        ok = fail_no_command(&c);
    else
        ok = environments_wanted(&i->globals, command) ? run_several(&c, command) : run_once(&c, command);
    if (i->globals.json)
        print_document(&c);
    return ok;
}
