/*
 * Parses the command line.
 *
 * getopt_long is not used: it takes `-1` for an option, keeps its state in the process, prints its errors itself and
 * has no suggestions. This one loop replaces it.
 */
#include "cmig/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

struct parser {
    struct ctx *ctx;
    const struct option_set *sets;
    char *const *next;
    struct strings *operands; /* NULL: the first operand ends the parsing */
    bool answered;            /* by an OPTION_ANSWER */
};

/* An option that was found, and the struct that gets its value. */
struct match {
    const struct option_spec *spec;
    void *values;
};

static bool takes_value(const struct option_spec *spec)
{
    switch (spec->kind) {
    case OPTION_FLAG:
    case OPTION_NO:
    case OPTION_ANSWER:
    case OPTION_COUNT:
        return false;
    case OPTION_STRING:
    case OPTION_STRINGS:
    case OPTION_REST:
    case OPTION_DURATION:
    case OPTION_NUMBER:
    case OPTION_CHOICE:
        return true;
    }
    return false;
}

static bool set_choice(
    struct ctx *ctx, const struct option_spec *spec, const char *label, const char *value, int *ret)
{
    struct strings known = {0};

    for (int i = 0; spec->names[i]; i++) {
        if (str_eq(spec->names[i], value)) {
            *ret = i;
            return true;
        }
        vec_add(ctx, &known, spec->names[i]);
    }
    return fail(ctx, STATUS_USAGE, "option '%s' must be one of %s, not '%s'", label,
        strings_join(&ctx->arena, &known, ", "), value);
}

static bool set_number(struct ctx *ctx, const char *label, const char *value, int64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(value, &end, 10);
    return (isdigit((unsigned char)*value) && !*end && !errno && *ret > 0) ||
           fail(ctx, STATUS_USAGE, "option '%s' must be a number from 1 on, not '%s'", label, value);
}

/* `label` is the option as it was written; `value` is NULL for those that take none. */
static bool set_value(struct parser *p, struct match m, const char *label, const char *value)
{
    void *at = (char *)m.values + m.spec->offset;

    switch (m.spec->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case OPTION_NO:
        *(bool *)at = false;
        return true;
    case OPTION_ANSWER:
        *(bool *)at = true;
        p->answered = true;
        return true;
    case OPTION_COUNT:
        ++*(int *)at;
        return true;
    case OPTION_STRING:
        *(const char **)at = value;
        return true;
    case OPTION_STRINGS:
        vec_add(p->ctx, (struct strings *)at, value);
        return true;
    case OPTION_REST:
        vec_add(p->ctx, (struct strings *)at, value);
        while (*p->next)
            vec_add(p->ctx, (struct strings *)at, *p->next++);
        return true;
    case OPTION_DURATION:
        if (!time_parse_duration(value, at))
            return fail(p->ctx, STATUS_USAGE, "option '%s' must be a duration such as 60s or 5m, not '%s'",
                label, value);
        return true;
    case OPTION_NUMBER:
        return set_number(p->ctx, label, value, at);
    case OPTION_CHOICE:
        return set_choice(p->ctx, m.spec, label, value, at);
    }
    return true;
}

/* `attached` is the text after "=" or the letter, or NULL. */
static bool take(struct parser *p, struct match m, const char *label, const char *attached)
{
    if (!takes_value(m.spec)) {
        if (attached)
            return fail(p->ctx, STATUS_USAGE, "option '%s' takes no value", label);
        return set_value(p, m, label, NULL);
    }
    if (m.spec->kind == OPTION_REST && !attached && *p->next && str_eq(*p->next, "--"))
        p->next++;
    if (!attached && !*p->next)
        return fail(p->ctx, STATUS_USAGE, "option '%s' needs a value: %s", label, m.spec->argument);
    return set_value(p, m, label, attached ? attached : *p->next++);
}

static struct match find_letter(const struct parser *p, char letter)
{
    for (const struct option_set *set = p->sets; set->specs; set++)
        for (const struct option_spec *spec = set->specs; spec->name; spec++)
            if (spec->letter == letter)
                return (struct match){spec, set->values};
    return (struct match){0};
}

static struct match find_exactly(const struct parser *p, const char *name)
{
    for (const struct option_set *set = p->sets; set->specs; set++)
        for (const struct option_spec *spec = set->specs; spec->name; spec++)
            if (str_eq(spec->name, name))
                return (struct match){spec, set->values};
    return (struct match){0};
}

/* Whether an earlier set has an option of this name, so that it is out of sight. */
static bool is_hidden(const struct parser *p, const struct option_set *set, const struct option_spec *spec)
{
    return find_exactly(p, spec->name).values != set->values;
}

static struct strings names_beginning(const struct parser *p, const char *prefix)
{
    struct strings names = {0};

    for (const struct option_set *set = p->sets; set->specs; set++)
        for (const struct option_spec *spec = set->specs; spec->name; spec++)
            if (str_starts(spec->name, prefix) && !is_hidden(p, set, spec))
                vec_add(p->ctx, &names, spec->name);
    return names;
}

static const struct foreign_word *find_foreign(const struct parser *p, const char *name)
{
    struct strings known = names_beginning(p, "");

    return p->sets->foreign ? foreign_find(p->sets->foreign, name, known.v, known.n) : NULL;
}

/* The error is set. */
static bool hint_foreign(struct ctx *ctx, const struct foreign_word *foreign)
{
    if (foreign && foreign->hint)
        fail_hint(ctx, "%s", foreign->hint);
    else if (foreign)
        fail_hint(ctx, "Did you mean '--%s'?", foreign->ours);
    return false;
}

static bool fail_letter(const struct parser *p, const char *s)
{
    int size = (unsigned char)*s < 0x80 ? 1 : 4;

    fail(p->ctx, STATUS_USAGE, "unknown option '-%.*s'", size, s);
    return hint_foreign(p->ctx, find_foreign(p, ctx_printf(p->ctx, "%.*s", size, s)));
}

static bool fail_unknown(const struct parser *p, const char *name)
{
    const struct foreign_word *foreign = find_foreign(p, name);
    struct strings known = names_beginning(p, "");
    const char *nearest = str_nearest(name, known.v, known.n);

    fail(p->ctx, STATUS_USAGE, "unknown option '--%s'", name);
    if (foreign)
        return hint_foreign(p->ctx, foreign);
    if (nearest)
        fail_hint(p->ctx, "Did you mean '--%s'?", nearest);
    return false;
}

/* Letters may stand together; the first one that takes a value takes the rest. */
static bool parse_letters(struct parser *p, const char *letters)
{
    for (const char *s = letters; *s && !p->answered; s++) {
        char label[] = {'-', *s, '\0'};
        struct match m = find_letter(p, *s);

        if (!m.spec)
            return fail_letter(p, s);
        if (takes_value(m.spec)) {
            s++;
            /* argparse, which Alembic uses, takes -r=a:b as well. */
            return take(p, m, label, *s ? s + (*s == '=') : NULL);
        }
        if (!take(p, m, label, NULL))
            return false;
    }
    return true;
}

static bool find_name(const struct parser *p, const char *name, struct match *ret)
{
    const struct foreign_word *foreign;
    struct strings begin;

    *ret = find_exactly(p, name);
    if (ret->spec)
        return true;
    begin = names_beginning(p, name);
    foreign = find_foreign(p, name);
    /* A word with another meaning elsewhere is no abbreviation: --all is not --all-environments. */
    if (begin.n == 0 || !*name || (foreign && !foreign->ours))
        return fail_unknown(p, name);
    if (begin.n > 1)
        return fail(p->ctx, STATUS_USAGE, "ambiguous option '--%s': --%s", name,
            strings_join(&p->ctx->arena, &begin, " or --"));
    *ret = find_exactly(p, begin.v[0]);
    return true;
}

static bool parse_name(struct parser *p, const char *text)
{
    const char *value = strchr(text, '=');
    char *name =
        value ? arena_strndup(&p->ctx->arena, text, (size_t)(value - text)) : ctx_strdup(p->ctx, text);
    struct match m;

    for (char *s = name; *s; s++)
        if (*s == '_')
            *s = '-';
    return find_name(p, name, &m) &&
           take(p, m, ctx_printf(p->ctx, "--%s", m.spec->name), value ? value + 1 : NULL);
}

/* A dash alone is a word like any other, and what begins with a digit is a number of revisions. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]);
}

static bool parse_words(struct parser *p)
{
    bool only_operands = false;

    while (*p->next && !p->answered) {
        const char *word = *p->next;

        if (!only_operands && is_option(word)) {
            p->next++;
            if (str_eq(word, "--"))
                only_operands = true;
            else if (!(word[1] == '-' ? parse_name(p, word + 2) : parse_letters(p, word + 1)))
                return false;
            continue;
        }
        if (!p->operands)
            return true;
        vec_add(p->ctx, p->operands, word);
        p->next++;
    }
    return true;
}

static bool check_operands(struct ctx *ctx, const struct operand_spec *operand, const struct strings *given)
{
    unsigned max = operand ? operand->max : 0;

    if (operand && given->n < operand->min) {
        fail(ctx, STATUS_USAGE, "%s%s is missing", given->n ? "another " : "", operand->name);
        return fail_hint(ctx, "%s: %s", operand->name, operand->doc);
    }
    if ((!operand || max) && given->n > max)
        return fail(ctx, STATUS_USAGE, "unexpected argument '%s'", given->v[max]);
    return true;
}

bool options_parse(struct ctx *ctx, const struct option_set *sets, const struct operand_spec *operand,
    char *const *words, struct strings *ret_operands)
{
    struct parser p = {.ctx = ctx, .sets = sets, .next = words, .operands = ret_operands};

    *ret_operands = (struct strings){0};
    return parse_words(&p) && (p.answered || check_operands(ctx, operand, ret_operands));
}

bool options_parse_leading(
    struct ctx *ctx, const struct option_set *sets, char *const *words, char *const **ret_rest)
{
    struct parser p = {.ctx = ctx, .sets = sets, .next = words};

    if (!parse_words(&p))
        return false;
    *ret_rest = p.next;
    return true;
}
