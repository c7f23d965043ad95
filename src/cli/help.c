/*
 * Prints the --help of a command and its options.
 */
#include "cmig/cli.h"

enum {
    DOC_COLUMN_MAX = 30, /* what is longer pushes its explanation to the next line */
};

static char *option_label(struct arena *a, const struct option_spec *spec)
{
    struct str label = {.arena = a};

    if (spec->letter)
        str_addf(&label, "  -%c, ", spec->letter);
    else
        str_add(&label, "      ");
    str_addf(&label, "--%s", spec->name);
    if (spec->argument)
        str_addf(&label, " %s", spec->argument);
    return label.s;
}

static size_t doc_column(struct arena *a, const struct option_spec *specs)
{
    size_t column = 0, width;

    for (; specs->name; specs++) {
        width = str_width(option_label(a, specs)) + 2;
        if (width > column && width <= DOC_COLUMN_MAX)
            column = width;
    }
    return column ? column : DOC_COLUMN_MAX;
}

static void add_described(struct str *out, const char *label, size_t column, const char *doc)
{
    size_t width = str_width(label);

    if (width + 2 > column) {
        str_addf(out, "%s\n", label);
        width = 0;
        label = "";
    }
    str_addf(out, "%s%*s%s\n", label, (int)(column - width), "", doc);
}

void options_help(struct str *out, const struct option_spec *specs)
{
    size_t column = doc_column(out->arena, specs);

    for (; specs->name; specs++)
        add_described(out, option_label(out->arena, specs), column, specs->doc);
}

static void add_usage(struct str *out, const char *program, const struct command_spec *c)
{
    str_addf(out, "Usage: %s %s [OPTION...]", program, c->name);
    if (c->operand) {
        str_add(out, c->operand->min ? " " : " [");
        str_add(out, c->operand->name);
        str_add(out, c->operand->max == 1 ? "" : "...");
        str_add(out, c->operand->min ? "" : "]");
    }
    str_add(out, "\n");
}

void command_help(struct str *out, const char *program, const struct command_spec *c)
{
    add_usage(out, program, c);
    str_addf(out, "\n%s.\n", c->summary);
    if (c->help)
        str_addf(out, "\n%s", c->help);
    if (c->operand)
        str_addf(out, "\n  %s: %s\n", c->operand->name, c->operand->doc);
    if (c->options) {
        str_add(out, "\nOptions:\n");
        options_help(out, c->options);
    }
    if (c->examples)
        str_addf(out, "\nExamples:\n%s", c->examples);
    str_addf(out, "\nRun '%s help' for the global options.\n", program);
}
