/*
 * Writes completion scripts for shells.
 *
 * The scripts contain all commands and options of their version; only revisions are queried from the program,
 * since they change.
 */
#include "cmig/cli.h"

const char *const completion_shells[] = {"bash", "fish", "zsh", NULL};

struct script {
    struct str *out;
    const char *program;
    const struct option_spec *globals;
    const struct command_spec *const *commands;
};

/* In single quotes, as all three shells read them. */
static void add_quoted(struct str *out, const char *text)
{
    str_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            str_add(out, "'\\''");
        else
            str_addc(out, *text);
    }
    str_addc(out, '\'');
}

static void add_names(struct str *out, const char *const *names)
{
    for (; *names; names++)
        str_addf(out, " %s", *names);
}

static bool has_value(const struct option_spec *o)
{
    return o->argument != NULL;
}

/* ---- bash ---- */

static void bash_words(struct script *s, const char *complete, const char *const *names)
{
    if (names) {
        str_add(s->out, "words='");
        add_names(s->out, names);
        str_add(s->out, "'");
    } else if (str_eq(complete, "revision")) {
        str_addf(s->out, "words=\"$(_%s_revisions)\"", s->program);
    } else if (str_eq(complete, "command")) {
        str_add(s->out, "words=\"$commands\"");
    } else {
        str_addf(s->out, "COMPREPLY=($(compgen -%c -- \"$cur\")); return",
            str_eq(complete, "directory") ? 'd' : 'f');
    }
}

/* A case for each option with a value. */
static void bash_values(struct script *s, const char *command, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        if (!has_value(o))
            continue;
        str_addf(s->out, "        %s:--%s", command, o->name);
        if (o->letter)
            str_addf(s->out, "|%s:-%c", command, o->letter);
        str_add(s->out, ") ");
        if (o->complete || o->names)
            bash_words(s, o->complete, o->names);
        else
            str_add(s->out, "return");
        str_add(s->out, " ;;\n");
    }
}

static void bash_options(struct str *out, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++)
        str_addf(out, " --%s", o->name);
}

static void bash_command(struct script *s, const struct command_spec *c)
{
    str_addf(s->out, "        %s)\n            options=\"$options", c->name);
    bash_options(s->out, c->options);
    str_add(s->out, "\"\n");
    if (c->operand && (c->operand->complete || c->operand->names)) {
        str_add(s->out, "            [[ $cur == -* ]] || { ");
        bash_words(s, c->operand->complete, c->operand->names);
        str_add(s->out, "; }\n");
    }
    str_add(s->out, "            ;;\n");
}

static void add_revisions(struct script *s)
{
    str_addf(s->out,
        "    %s --quiet history 2>/dev/null | sed -n 's/^.* -> \\([^ ,]*\\).*/\\1/p'\n"
        "    printf '%%s\\n' head heads base\n",
        s->program);
}

static void bash_script(struct script *s)
{
    struct str *out = s->out;

    str_addf(out, "# bash completion for %s\n_%s_revisions() {\n", s->program, s->program);
    add_revisions(s);
    str_addf(out, "}\n_%s() {\n", s->program);
    str_add(out,
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev= command= words= options commands i\n    commands='");
    for (const struct command_spec *const *c = s->commands; *c; c++)
        str_addf(out, " %s", (*c)->name);
    str_add(out, "'\n    options='");
    bash_options(out, s->globals);
    str_add(out, "'\n"
                 "    ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                 "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                 "        [[ \" $commands \" == *\" ${COMP_WORDS[i]//_/-} \"* ]] || continue\n"
                 "        command=${COMP_WORDS[i]//_/-}\n"
                 "        break\n"
                 "    done\n"
                 "    COMPREPLY=()\n"
                 "    case $command:$prev in\n");
    for (const struct command_spec *const *c = s->commands; *c; c++)
        bash_values(s, (*c)->name, (*c)->options);
    bash_values(s, "*", s->globals);
    str_add(out, "    esac\n"
                 "    [[ -z $words ]] && case $command in\n"
                 "        '') words=$commands ;;\n");
    for (const struct command_spec *const *c = s->commands; *c; c++)
        bash_command(s, *c);
    str_addf(out,
        "    esac\n"
        "    [[ $cur == -* ]] && words=$options\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "}\n"
        "complete -F _%s %s\n",
        s->program, s->program);
}

/* ---- zsh ---- */

/* What _arguments reads: brackets and colons mean something to it. */
static char *zsh_text(struct arena *a, const char *text)
{
    struct str out = {.arena = a};

    str_add(&out, "");
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            str_addc(&out, '\\');
        str_addc(&out, *text);
    }
    return arena_strdup(a, str_get(&out));
}

static void zsh_action(
    struct script *s, struct str *out, const char *label, const char *complete, const char *const *names)
{
    str_addf(out, ":%s:", zsh_text(out->arena, label));
    if (names) {
        str_add(out, "(");
        add_names(out, names);
        str_add(out, ")");
    } else if (str_eq(complete, "revision")) {
        str_addf(out, "_%s_revisions", s->program);
    } else if (str_eq(complete, "command")) {
        str_addf(out, "_%s_commands", s->program);
    } else if (str_eq(complete, "directory")) {
        str_add(out, "_files -/");
    } else if (str_eq(complete, "file")) {
        str_add(out, "_files");
    }
}

static void zsh_options(struct script *s, const struct option_spec *options)
{
    struct str text;

    for (const struct option_spec *o = options; o && o->name; o++) {
        text = (struct str){.arena = s->out->arena};
        str_addf(&text, "--%s%s[%s]", o->name, has_value(o) ? "=" : "", zsh_text(text.arena, o->doc));
        if (has_value(o))
            zsh_action(s, &text, o->argument, o->complete, o->names);
        str_add(s->out, " \\\n            ");
        add_quoted(s->out, text.s);
        if (!o->letter)
            continue;
        text.s[0] = '\0';
        text.n = 0;
        str_addf(&text, "-%c%s[%s]", o->letter, has_value(o) ? "+" : "", zsh_text(text.arena, o->doc));
        if (has_value(o))
            zsh_action(s, &text, o->argument, o->complete, o->names);
        str_add(s->out, " \\\n            ");
        add_quoted(s->out, text.s);
    }
}

static void zsh_command(struct script *s, const struct command_spec *c)
{
    struct str operand = {.arena = s->out->arena};

    str_addf(s->out, "        %s)\n            _arguments", c->name);
    zsh_options(s, c->options);
    zsh_options(s, s->globals);
    if (c->operand) {
        str_addc(&operand, '*');
        zsh_action(s, &operand, c->operand->name, c->operand->complete, c->operand->names);
        str_add(s->out, " \\\n            ");
        add_quoted(s->out, operand.s);
    }
    str_add(s->out, "\n            ;;\n");
}

static void zsh_script(struct script *s)
{
    struct str *out = s->out;

    str_addf(out, "#compdef %s\n_%s_revisions() {\n    local -a revisions\n    revisions=(${(f)\"$(\n",
        s->program, s->program);
    add_revisions(s);
    str_addf(out,
        "    )\"})\n    compadd -a revisions\n}\n_%s_commands() {\n    local -a commands\n    commands=(\n",
        s->program);
    for (const struct command_spec *const *c = s->commands; *c; c++) {
        str_add(out, "        ");
        add_quoted(out, arena_printf(out->arena, "%s:%s", (*c)->name, (*c)->summary));
        str_add(out, "\n");
    }
    str_addf(out,
        "    )\n    _describe command commands\n}\n"
        "_%s() {\n"
        "    local context state state_descr line\n"
        "    typeset -A opt_args\n"
        "    _arguments -C",
        s->program);
    zsh_options(s, s->globals);
    str_addf(out,
        " \\\n            '1:command:_%s_commands' '*::argument:->argument' && return\n"
        "    case ${line[1]//_/-} in\n",
        s->program);
    for (const struct command_spec *const *c = s->commands; *c; c++)
        zsh_command(s, *c);
    str_addf(out, "    esac\n}\n_%s \"$@\"\n", s->program);
}

/* ---- fish ---- */

static void fish_words(struct script *s, const char *complete, const char *const *names)
{
    if (names) {
        str_add(s->out, " -a '");
        add_names(s->out, names);
        str_add(s->out, "'");
    } else if (str_eq(complete, "revision")) {
        str_addf(s->out, " -a '(__%s_revisions)'", s->program);
    } else if (str_eq(complete, "command")) {
        str_add(s->out, " -a \"$commands\"");
    } else if (str_eq(complete, "directory")) {
        str_add(s->out, " -a '(__fish_complete_directories)'");
    } else if (str_eq(complete, "file")) {
        str_add(s->out, " -F");
    }
}

static void fish_options(struct script *s, const char *condition, const struct option_spec *options)
{
    for (const struct option_spec *o = options; o && o->name; o++) {
        str_addf(s->out, "complete -c %s%s -l %s", s->program, condition, o->name);
        if (o->letter)
            str_addf(s->out, " -s %c", o->letter);
        if (has_value(o)) {
            /* -x: and no files. */
            str_add(s->out, str_eq(o->complete, "file") ? " -r" : " -x");
            fish_words(s, o->complete, o->names);
        }
        str_add(s->out, " -d ");
        add_quoted(s->out, o->doc);
        str_add(s->out, "\n");
    }
}

static void fish_command(struct script *s, const struct command_spec *c)
{
    char *condition = arena_printf(s->out->arena, " -n '__fish_seen_subcommand_from %s'", c->name);

    str_addf(s->out, "complete -c %s -n \"not __fish_seen_subcommand_from $commands\" -a %s -d ", s->program,
        c->name);
    add_quoted(s->out, c->summary);
    str_add(s->out, "\n");
    fish_options(s, condition, c->options);
    if (c->operand && (c->operand->complete || c->operand->names)) {
        str_addf(s->out, "complete -c %s%s", s->program, condition);
        fish_words(s, c->operand->complete, c->operand->names);
        str_add(s->out, "\n");
    }
}

static void fish_script(struct script *s)
{
    str_addf(s->out, "# fish completion for %s\nfunction __%s_revisions\n", s->program, s->program);
    add_revisions(s);
    str_add(s->out, "end\nset -l commands");
    for (const struct command_spec *const *c = s->commands; *c; c++)
        str_addf(s->out, " %s", (*c)->name);
    str_addf(s->out, "\ncomplete -c %s -f\n", s->program);
    fish_options(s, "", s->globals);
    for (const struct command_spec *const *c = s->commands; *c; c++)
        fish_command(s, *c);
}

void completion_script(struct str *out, const char *shell, const char *program,
    const struct option_spec *globals, const struct command_spec *const *commands)
{
    struct script script = {.out = out, .program = program, .globals = globals, .commands = commands};

    if (str_eq(shell, "bash"))
        bash_script(&script);
    else if (str_eq(shell, "fish"))
        fish_script(&script);
    else if (str_eq(shell, "zsh"))
        zsh_script(&script);
}
