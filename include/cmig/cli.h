/* Options as rows: what getopt_long parses, --help prints and shells complete come from one table. */
#pragma once

#include "cmig/base.h"

enum option_kind {
    OPTION_FLAG,     /* bool: true when given */
    OPTION_NO,       /* bool: false when given */
    OPTION_COUNT,    /* int: how often */
    OPTION_STRING,   /* const char * */
    OPTION_STRINGS,  /* struct strings: repeatable */
    OPTION_DURATION, /* uint64_t in milliseconds */
    OPTION_CHOICE,   /* int: index into names */
};

struct option_spec {
    char letter;      /* 0: none */
    const char *name; /* "autogenerate"; an underscore spelling is accepted as well */
    enum option_kind kind;
    size_t offset;            /* into the struct of the command, or of the global options */
    const char *argument;     /* "FILE", for --help */
    const char *doc;          /* one line */
    const char *const *names; /* CHOICE, NULL-ended */
    const char *complete; /* what a shell offers: "file", "directory", "revision", "environment" or NULL */
};

/* The words that stand without a dash. */
struct operand_spec {
    const char *name; /* "REVISION" */
    const char *doc;
    unsigned min, max; /* how many; max 0: any number */
    const char *complete;
};

/*
 * Parses the words behind the command. Global options are accepted on either side of it. Negative numbers
 * (`-1`, `-2:head`) are operands, as are words behind `--`. Errors are STATUS_USAGE, with a suggestion for a
 * misspelt option.
 */
bool options_parse(struct ctx *ctx, const struct option_spec *specs, void *values,
    const struct option_spec *globals, void *global_values, const struct operand_spec *operand, int argc,
    char **argv, struct strings *ret_operands) ATTR_CHECKED;
/* The lines of --help for a table of options. */
void options_help(struct str *out, const struct option_spec *specs);
