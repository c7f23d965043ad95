/*
 * The table of commands, and the program's own help.
 */
#include "command.h"

extern const struct command command_init, command_import, command_list_templates, command_schema, command_revision,
    command_merge, command_rebase, command_squash, command_edit, command_fmt, command_upgrade, command_downgrade, command_switch, command_stamp, command_ensure_version,
    command_create_database, command_drop_database, command_bundle,
    command_current, command_status, command_history, command_heads, command_log, command_branches,
    command_show, command_lint, command_check, command_verify, command_test, command_blame, command_diff, command_draw,
    command_docs,
    command_inspect, command_completion, command_version, command_help_;

const struct command *const commands[] = {
    &command_init,
    &command_import,
    &command_list_templates,
    &command_inspect,
    &command_revision,
    &command_merge,
    &command_rebase,
    &command_squash,
    &command_edit,
    &command_fmt,
    &command_upgrade,
    &command_downgrade,
    &command_switch,
    &command_stamp,
    &command_ensure_version,
    &command_create_database,
    &command_drop_database,
    &command_bundle,
    &command_current,
    &command_status,
    &command_log,
    &command_check,
    &command_diff,
    &command_draw,
    &command_docs,
    &command_history,
    &command_heads,
    &command_branches,
    &command_show,
    &command_blame,
    &command_lint,
    &command_verify,
    &command_test,
    &command_schema,
    &command_completion,
    &command_version,
    &command_help_,
    NULL,
};

#define GLOBAL(member) offsetof(struct globals, member)
const struct option_spec global_options[] = {
    {'c', "config", OPTION_STRING, GLOBAL(config), "FILE",
        "configuration file (default: the nearest cmig.yaml)", NULL, "file"},
    {'n', "name", OPTION_STRING, GLOBAL(environment), "ENV",
        "use this environment; for a pattern such as 'eu_*', each that matches", NULL, NULL},
    {0, "all-environments", OPTION_FLAG, GLOBAL(all_environments), NULL, "same as -n '*'", NULL, NULL},
    {0, "keep-going", OPTION_FLAG, GLOBAL(keep_going), NULL,
        "with several environments: continue after a failure", NULL, NULL},
    {0, "url", OPTION_STRING, GLOBAL(url), "URL", "database, instead of the configured one", NULL, NULL},
    {'x', "variable", OPTION_STRINGS, GLOBAL(variables), "KEY=VALUE",
        "value of ${x:KEY} in the configuration and in the SQL of revisions", NULL, NULL},
    {0, "wait", OPTION_DURATION, GLOBAL(wait_ms), "TIME",
        "wait up to TIME, such as 60s, for a server that is starting", NULL, NULL},
    {0, "json", OPTION_FLAG, GLOBAL(json), NULL, "print the result as one JSON document", NULL, NULL},
    {'v', "verbose", OPTION_COUNT, GLOBAL(verbose), NULL, "print more messages", NULL, NULL},
    {'q', "quiet", OPTION_FLAG, GLOBAL(quiet), NULL, "print only results, warnings and errors", NULL, NULL},
    {0, "color", OPTION_CHOICE, GLOBAL(color), "WHEN", "auto, always or never", color_mode_names, NULL},
    {0, "no-pager", OPTION_FLAG, GLOBAL(no_pager), NULL, "do not show long results with a pager", NULL, NULL},
    {0, "no-env-file", OPTION_FLAG, GLOBAL(no_env_file), NULL, "do not read .env next to the configuration",
        NULL, NULL},
    {'h', "help", OPTION_ANSWER, GLOBAL(help), NULL, "show help for the command", NULL, NULL},
    {'V', "version", OPTION_ANSWER, GLOBAL(version), NULL, "print the version", NULL, NULL},
    {0},
};

/* The commands that only read come first, so that of two that are as near one of them is suggested. */
static size_t sort_names(const char **ret)
{
    size_t n = 0;

    for (size_t i = 0; commands[i]; i++)
        if (!commands[i]->changes)
            ret[n++] = commands[i]->spec.name;
    for (size_t i = 0; commands[i]; i++)
        if (commands[i]->changes)
            ret[n++] = commands[i]->spec.name;
    return n;
}

/* A command that begins with the word, or else the nearest one. */
static const char *suggest(const char *word)
{
    const char *names[COUNT_OF(commands)];
    size_t n = sort_names(names);

    for (size_t i = 0; *word && i < n; i++)
        if (str_starts(names[i], word))
            return names[i];
    return str_nearest(word, names, n);
}

bool command_find(struct ctx *ctx, const char *name, const struct command **ret)
{
    const char *names[COUNT_OF(commands)];
    char *dashed = ctx_strdup(ctx, name);
    const struct foreign_word *foreign;
    const char *nearest;
    size_t n = 0;

    for (char *s = dashed; *s; s++)
        if (*s == '_')
            *s = '-';
    for (; commands[n]; n++) {
        names[n] = commands[n]->spec.name;
        if (str_eq(names[n], dashed)) {
            *ret = commands[n];
            return true;
        }
    }
    fail(ctx, STATUS_USAGE, "unknown command '%s'", name);
    foreign = foreign_find(foreign_commands, dashed, names, n);
    if (foreign && foreign->hint)
        return fail_hint(ctx, "%s", foreign->hint);
    nearest = foreign ? foreign->ours : suggest(dashed);
    if (nearest)
        return fail_hint(ctx, "Did you mean '%s'?", nearest);
    return fail_hint(ctx, "Run 'cmig help' for the list of commands.");
}

static const char exit_statuses[] =
    "  0    done, or nothing to do\n"
    "  1    failed; the message says what was applied\n"
    "  2    a check found a problem: models and database differ, not at head,\n"
    "       more than one head, a possible rename that needs a decision\n"
    "  64   wrong usage\n"
    "  65   the database is at a revision that has no file\n"
    "  69   the database cannot be reached\n"
    "  75   a lock could not be acquired in time: try again\n"
    "  78   the configuration, a model or a revision file is invalid\n"
    "  126  --exec: the program cannot be executed; 127: it was not found\n"
    "  130  interrupted; 143: terminated. The running statement was rolled back\n";

static void add_commands(struct str *out)
{
    const char *group = NULL;

    str_add(out, "Usage: cmig [OPTION...] COMMAND [ARGUMENT...]\n\n"
                 "Keeps a database's schema in step with a description of it.\n");
    for (size_t i = 0; commands[i]; i++) {
        const struct command_spec *spec = &commands[i]->spec;

        if (!str_eq(group, spec->group))
            str_addf(out, "\n%s:\n", spec->group);
        group = spec->group;
        str_addf(out, "  %-16s%s\n", spec->name, spec->summary);
    }
}

void program_commands(struct str *out)
{
    add_commands(out);
    str_add(out, "\nRun 'cmig help' for the options, and 'cmig help COMMAND' for a command.\n");
}

void program_help(struct str *out)
{
    add_commands(out);
    str_add(out, "\nOptions, before or after the command:\n");
    options_help(out, global_options);
    str_addf(out, "\nExit statuses:\n%s", exit_statuses);
    str_add(out, "\nRun 'cmig help COMMAND' for more. A first project: cmig init, then cmig-tutorial(7).\n");
}
