/* Checks the options that models have for a dialect. */

#include "schema/prepare.h"

#include <limits.h>
#include <stdlib.h>

static bool row_is_for(const struct option_row *row, const char *on)
{
    return str_eq(row->on, "*") || str_eq(row->on, on);
}

static bool key_matches(const char *pattern, const char *key)
{
    size_t n = strlen(pattern);

    if (n && pattern[n - 1] == '*')
        return strncmp(pattern, key, n - 1) == 0;
    return str_eq(pattern, key);
}

static const struct option_row *option_row_for(const struct dialect *dialect, const char *on, const char *key)
{
    for (const struct option_row *row = dialect->options; row && row->on; row++)
        if (row_is_for(row, on) && key_matches(row->key, key))
            return row;
    return NULL;
}

/* "table" → "a table" */
static const char *on_text(struct ctx *ctx, const char *on)
{
    static const char *const titles[][2] = {
        {"index", "an index"},
        {"primary_key", "a primary key"},
        {"unique", "a unique constraint"},
        {"check", "a check constraint"},
        {"foreign_key", "a foreign key"},
        {"exclude", "an exclusion constraint"},
    };

    for (size_t i = 0; i < COUNT_OF(titles); i++)
        if (str_eq(titles[i][0], on))
            return titles[i][1];
    return ctx_printf(ctx, "a %s", on);
}

static bool fail_unknown(struct preparing *p, const char *on, const struct option *o)
{
    struct strings keys = {0};

    for (const struct option_row *row = p->dialect->options; row && row->on; row++)
        if (row_is_for(row, on))
            vec_add(p->ctx, &keys, row->key);
    return fail_nearest(p, o->pos, o->key, &keys, "%s has no option '%s' for %s",
        dialect_title(p->ctx, p->dialect), o->key, on_text(p->ctx, on));
}

static bool is_number(const char *text)
{
    size_t n;

    text += *text == '-' || *text == '+';
    n = strspn(text, "0123456789.");
    if (n && (text[n] == 'e' || text[n] == 'E'))
        return text[n + 1] && !text[n + 1 + strspn(text + n + 1, "+-0123456789")];
    return n && text[n] == '\0';
}

static bool is_int32(const char *text)
{
    const char *digits = text + (*text == '-');
    size_t n = strspn(digits, "0123456789");
    long long value = n && n < 12 && !digits[n] ? strtoll(text, NULL, 10) : LLONG_MAX;

    return value >= INT32_MIN && value <= INT32_MAX;
}

/* The choice of a list "a|b|c" that the value means, in the list's own spelling; NULL when it is none. */
static const char *choice_of(struct ctx *ctx, const char *list, const char *value)
{
    for (size_t n; *list; list += n + (list[n] == '|')) {
        const char *choice;

        n = strcspn(list, "|");
        choice = ctx_printf(ctx, "%.*s", (int)n, list);
        if (str_eq_ci(choice, value))
            return choice;
    }
    return NULL;
}

static const char *choices_text(struct ctx *ctx, const char *list)
{
    struct str b = STR(ctx);

    for (; *list; list++) {
        if (*list == '|')
            str_add(&b, ", ");
        else
            str_addc(&b, *list);
    }
    return str_get(&b);
}

static bool fail_value(struct preparing *p, const struct option *o, const char *expected)
{
    return fail_at(p->ctx, STATUS_CONFIG, o->pos, "option '%s' of %s takes %s, not '%s'", o->key,
        dialect_title(p->ctx, p->dialect), expected, o->value);
}

static bool value_check(struct preparing *p, const struct option_row *row, struct option *o)
{
    const char *choice;
    bool flag;

    if (str_eq(row->kind, "text") || str_eq(row->kind, "sql"))
        return true;
    if (str_eq(row->kind, "flag")) {
        if (!option_flag(o->value, &flag))
            return fail_value(p, o, "true or false");
        o->value = flag ? "true" : "false";
        return true;
    }
    if (str_eq(row->kind, "integer"))
        return is_int32(o->value) || fail_value(p, o, "an integer of 32 bits");
    if (str_eq(row->kind, "number"))
        return is_number(o->value) || fail_value(p, o, "a number");
    choice = choice_of(p->ctx, row->kind, o->value);
    if (!choice)
        return fail_value(p, o, ctx_printf(p->ctx, "one of %s", choices_text(p->ctx, row->kind)));
    o->value = choice;
    return true;
}

static bool option_check(struct preparing *p, const char *on, struct option *o)
{
    const struct option_row *row;

    if (!str_eq(o->dialect, p->dialect->name))
        return true;
    row = option_row_for(p->dialect, on, o->key);
    if (!row)
        return fail_unknown(p, on, o);
    return !o->value[0] || value_check(p, row, o);
}

/* An option given as null is none. */
bool options_check(struct preparing *p, const char *on, struct options *o)
{
    for (size_t i = 0; o && i < o->n; i++) {
        if (!option_check(p, on, &o->v[i]))
            return false;
        if (str_eq(o->v[i].dialect, p->dialect->name) && !o->v[i].value[0])
            vec_remove(o, i--);
    }
    return true;
}

bool options_known(struct ctx *ctx, const struct dialect *dialect, const char *on, const struct options *o)
{
    struct preparing p = {.ctx = ctx, .dialect = dialect};

    for (size_t i = 0; o && i < o->n; i++) {
        struct option copy = o->v[i];

        if (!option_check(&p, on, &copy))
            return false;
    }
    return true;
}
