/* Options as rows of one table, from which parsing, --help and shell completion follow. */
#pragma once

#include "cmig/base.h"

#include <sys/types.h>

enum option_kind {
    OPTION_FLAG,     /* bool: true when given */
    OPTION_NO,       /* bool: false when given */
    OPTION_ANSWER,   /* bool: true when given; answers by itself (--help): the words after it are ignored */
    OPTION_COUNT,    /* int: how often */
    OPTION_STRING,   /* const char * */
    OPTION_STRINGS,  /* struct strings: repeatable */
    OPTION_REST,     /* struct strings: the word, and all words after it; one "--" before them is skipped */
    OPTION_DURATION, /* uint64_t in milliseconds */
    OPTION_NUMBER,   /* int64_t, 1 or more */
    OPTION_CHOICE,   /* int: index into names */
};

/* A table of them is ended by a row without a name. */
struct option_spec {
    char letter;      /* 0: none */
    const char *name; /* "rev-id"; an underscore spelling is accepted as well, and a unique prefix */
    enum option_kind kind;
    size_t offset;            /* into the struct of the command, or of the global options */
    const char *argument;     /* "FILE", for --help */
    const char *doc;          /* one line */
    const char *const *names; /* CHOICE, NULL-ended */
    const char *complete;     /* what a shell offers: "file", "directory", "revision" or NULL */
};

/* The words without a dash. */
struct operand_spec {
    const char *name; /* "REVISION" */
    const char *doc;
    unsigned min, max;        /* how many; max 0: any number */
    const char *complete;     /* as above, or "command" */
    const char *const *names; /* what is known beforehand, NULL-ended; or NULL */
};

/* What help and completion know of a command. */
struct command_spec {
    const char *name;    /* "ensure-version"; the underscore spelling is accepted as well */
    const char *group;   /* of the program's help; commands of one stand together */
    const char *summary; /* one line */
    const char *help;    /* what it does, in paragraphs of at most 78 columns, each line ended */
    const char *examples;
    const struct option_spec *options;
    const struct operand_spec *operand; /* NULL: takes none */
};

/* A table and the struct that it fills. */
struct option_set {
    const struct option_spec *specs;
    void *values;
    const struct foreign_word *foreign; /* of the first set: options of other tools; or NULL */
};

/*
 * Parses the words after a command, up to NULL. Of the sets (ended by specs NULL) the first one that has an
 * option gets it. Negative numbers (`-1`, `-2:head`) are operands, as are words after `--`. Errors are
 * STATUS_USAGE, with a suggestion for a misspelt option. If an OPTION_ANSWER was given, missing operands are
 * not an error.
 */
bool options_parse(struct ctx *ctx, const struct option_set *sets, const struct operand_spec *operand,
    char *const *words, struct strings *ret_operands) ATTR_CHECKED;
/* The options before the first operand, which is the command; *ret_rest points to it. */
bool options_parse_leading(
    struct ctx *ctx, const struct option_set *sets, char *const *words, char *const **ret_rest) ATTR_CHECKED;

/* The lines of --help for a table of options. */
void options_help(struct str *out, const struct option_spec *specs);
/* The --help of a command. The global options are in the program's own. */
void command_help(struct str *out, const char *program, const struct command_spec *c);

/* A completion script for "bash", "zsh" or "fish" (completion_shells, NULL-ended). */
extern const char *const completion_shells[];
void completion_script(struct str *out, const char *shell, const char *program,
    const struct option_spec *globals, const struct command_spec *const *commands);

/* ---- talk -----------------------------------------------------------------------------------------------
 */

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
extern const char *const color_mode_names[];
/* Whether text on this descriptor is coloured: --color, then NO_COLOR, CLICOLOR_FORCE, TERM, then whether it is
 * a terminal. */
bool color_wanted(enum color_mode mode, int fd);

/* Whether the locale's characters are UTF-8. */
bool charset_is_utf8(void);

/* The rate of a progress; each label has its own. */
struct pace {
    char label[64]; /* its beginning */
    uint64_t began_us, done_before;
    uint64_t next_line_us, pause_us; /* where there is no live line */
};

/* Messages and progress on standard error: with a live line on a terminal, only whole lines elsewhere. */
struct talk {
    bool color, live;
    bool drawn;        /* a live line is shown */
    char line[512];    /* it */
    uint64_t drawn_at; /* microseconds */
    struct pace pace;
};
void talk_init(struct talk *t, enum color_mode color, bool quiet);
void talk_message(void *talk, enum log_level level, const char *text);
void talk_progress(void *talk, const char *label, uint64_t done, uint64_t total);
/* The chain of ctx->err after the program's name. */
void talk_error(struct talk *t, struct ctx *ctx, const char *program);
/* ", 5200/s, 1:05 left"; empty as long as there is too little to tell from. */
const char *pace_text(
    const struct pace *p, uint64_t now_us, uint64_t done, uint64_t total, char *buffer, size_t size);

/* ---- the pager -----------------------------------------------------------------------------------------
 */

/* Whether a long result would be shown by a pager: on a terminal that can do more than print, outside of CI. */
bool pager_is_possible(void);
/* Which one: CMIG_PAGER, the configured one, PAGER, or less. NULL: none. */
const char *pager_choose(const char *configured);
/* Puts it after standard output, and standard error if that is the terminal, too. False: it cannot be run, and all stays as
 * it was. */
bool pager_begin(struct ctx *ctx, const char *command, pid_t *ret_pid);
/* Closes the output and waits until the person has left it. */
void pager_end(pid_t pid);
