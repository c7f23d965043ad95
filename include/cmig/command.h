/* Runs commands: takes the words of a command line, returns a status. */
#pragma once

#include "cmig/cli.h"

/* Options that every command accepts. */
struct globals {
    const char *config, *environment, *url;
    struct strings variables; /* -x key=value */
    uint64_t wait_ms;
    int verbose;
    int color; /* enum color_mode */
    bool quiet, json, no_pager, no_env_file, all_environments, keep_going, help, version;
};

struct command;

/* A command line, taken apart. */
struct invocation {
    struct globals globals;
    const struct command *command; /* NULL: only global options */
    void *values;                  /* the command's own options */
    struct strings operands;
    pid_t pager;              /* shows the result; 0: none does */
    struct strings successor; /* the program that replaces this one after a success; empty: none */
};
/* Mounts the files that the running executable contains, if it is a bundle, and makes their configuration the one that is
 * used when none is named. The files last as long as the context. */
bool bundle_mount(struct ctx *ctx) ATTR_CHECKED;
/* `words` without the program's name, up to NULL. Errors are STATUS_USAGE; the global options that were read
 * until then are in ret nevertheless. */
bool invocation_parse(struct ctx *ctx, char *const *words, struct invocation *ret) ATTR_CHECKED;
/* With --json prints the document of a command line that cannot be run; the error is set. */
void invocation_refuse(struct ctx *ctx, char *const *words, const struct invocation *i);
/* Runs it; results go to standard output, and the caller checks whether they could be written. */
bool invocation_run(struct ctx *ctx, struct invocation *i) ATTR_CHECKED;
